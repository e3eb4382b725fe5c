"""Bodycopy: just the article of a page, and everything that was removed from it, with reasons.

>>> from bodycopy import clean
>>> article = clean(html, url="https://example.org/story")
>>> article.text, article.removed
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from .article import Article, Block, Image, Kind, Label, Metadata, Removed, Span, Verdict, labels
from .blocks import read_blocks, text_blocks
from .judge import Judged
from .judge import judge as judge_blocks
from .metadata import read_metadata
from .notices import notice
from .page import LIMITS, Limits, PageTooLarge, mended_url, read
from .second_opinion import second_opinion
from .spans import without_unknown_links
from .unjudged import by_place

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
    links; `keep` names labels of boilerplate to leave in (`{"author_bio"}`, or `"author_bio"`);
    `charset` is what a Content-Type header said; `limits` is what a page may cost. Any input gives an Article, at
    worst one without text and with a warning. Raises PageTooLarge over a limit
    and ValueError for an unknown label.
    """
    kept = labels(keep)
    page = read(html, url, charset, limits)
    blocks = read_blocks(page)
    metadata, declared = read_metadata(page)
    judged = _judged(blocks, limits, lambda some: judge_blocks(some, metadata, declared, second_opinion(page)))
    shown = judged.blocks if page.base else without_unknown_links(judged.blocks)
    return Article(replace(metadata, dek=judged.dek), shown, kept, page.warnings + judged.warnings)


def clean_text(text: str, url: str | None = None, keep: Iterable[str] = (), limits: Limits = LIMITS) -> Article:
    """The article in plain text, one block a line, as people paste it. Arguments and errors as for `clean`."""
    kept = labels(keep)
    blocks, warnings = text_blocks(text, limits)
    metadata = Metadata(url=mended_url(url))
    judged = _judged(blocks, limits, lambda some: judge_blocks(some, metadata))
    return Article(metadata, judged.blocks, kept, warnings + judged.warnings)


def _judged(blocks: Sequence[Block], limits: Limits, judge: Callable[[Sequence[Block]], Judged]) -> Judged:
    """Every block with a verdict, those over the limit by where they stand."""
    judged = judge(blocks[: limits.blocks])
    if len(blocks) <= limits.blocks:
        return judged
    rest = by_place(blocks[limits.blocks :], judged.blocks)
    warning = notice("many_blocks", limits.blocks, len(rest))
    return judged._replace(blocks=judged.blocks + rest, warnings=(*judged.warnings, warning))
