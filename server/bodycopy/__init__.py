"""Bodycopy: just the article of a page, and everything that was removed from it, with reasons.

>>> from bodycopy import clean
>>> article = clean(html, url="https://example.org/story")
>>> article.text, article.removed
"""

from __future__ import annotations

from collections.abc import Iterable

from .article import Article, Block, Image, Kind, Label, Metadata, Removed, Span, Verdict, labels
from .blocks import read_blocks, text_blocks
from .judge import judge as judge_blocks
from .metadata import read_metadata
from .page import LIMITS, Limits, PageTooLarge, read
from .second_opinion import second_opinion

__version__ = "0.1.0"

__all__ = [
    "Article", "Block", "Image", "Kind", "Label", "Limits", "Metadata", "PageTooLarge", "Removed", "Span", "Verdict",
    "__version__", "clean", "clean_text",
]  # fmt: skip


def clean(
    html: bytes | str,
    url: str | None = None,
    keep: Iterable[str] = (),
    charset: str | None = None,
    limits: Limits = LIMITS,
) -> Article:
    """The article of a page.

    `html` is the page as served or as rendered; `url` its address, used to resolve
    links; `keep` names labels of boilerplate to leave in (`{"author_bio"}`);
    `charset` is what a Content-Type header said; `limits` is what a page may cost. Any input gives an Article, at
    worst one without text and with a warning. Raises PageTooLarge over a limit
    and ValueError for an unknown label.
    """
    kept = labels(keep)
    page = read(html, url, charset, limits)
    blocks = read_blocks(page)
    metadata, body = read_metadata(page)
    judged = judge_blocks(blocks, metadata, body, second_opinion(page))
    return Article(metadata, judged.blocks, kept, page.warnings + judged.warnings)


def clean_text(text: str, url: str | None = None, keep: Iterable[str] = ()) -> Article:
    """The article in plain text, one block a line, as people paste it. Arguments and errors as for `clean`."""
    kept = labels(keep)
    judged = judge_blocks(text_blocks(text), Metadata(url=url))
    return Article(Metadata(url=url), judged.blocks, kept, judged.warnings)
