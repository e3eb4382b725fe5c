"""What is measured: functions from a page to its article's text."""

from __future__ import annotations

import logging
from collections.abc import Callable

import corpus
from corpus import Page

Extractor = Callable[[Page, bytes | str], str]


def bodycopy(page: Page, html: bytes | str) -> str:
    """The installed package with the weights it ships."""
    from bodycopy import clean

    return clean(html, url=page["url"]).text


def trafilatura(page: Page, html: bytes | str) -> str:
    """trafilatura without the comments below an article, which its default would count as text."""
    import trafilatura as peer

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    return peer.extract(html, url=page["url"], include_comments=False) or ""


EXTRACTORS: dict[str, Extractor] = {"bodycopy": bodycopy, "trafilatura": trafilatura}


def _text(task: tuple[str, Page, bool]) -> tuple[str, str]:
    name, page, declared = task
    html = corpus.html(page)
    return page["id"], EXTRACTORS[name](page, html if declared else corpus.undeclared(html))


def predict(name: str, pages: list[Page], processes: int = 2, declared: bool = True) -> dict[str, str]:
    """Page names to texts of one extractor; of the pages without what they declare themselves to be, if not `declared`."""
    return dict(corpus.in_processes(_text, [(name, page, declared) for page in pages], processes))
