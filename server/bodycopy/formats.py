"""The formats that an article is printed in: the one table of them, and the printing."""

from __future__ import annotations

import json

from .article import Article

FORMATS = {"json": "application/json", "text": "text/plain", "markdown": "text/markdown", "html": "text/html"}
"""Names, of which each but `json` is a property of Article, and their media types."""


def printed(article: Article, form: str, indent: int | None = None) -> str:
    """An article in a format of the table; JSON may be indented."""
    if form == "json":
        return json.dumps(article.to_dict(), ensure_ascii=False, indent=indent)
    return str(getattr(article, form))
