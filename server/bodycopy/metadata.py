"""What a page says of itself: title, byline, dates, site, language, lead image."""

from __future__ import annotations

from .article import Metadata
from .page import Page, domain


def read_metadata(page: Page) -> Metadata:
    """Metadata of a page; unknown values are None."""
    title = page.tree.findtext(".//title")
    return Metadata(url=page.url, domain=domain(page.url), title=" ".join(title.split()) if title else None)
