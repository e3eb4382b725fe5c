"""Trafilatura's text of a page, asked where the judge would leave too little.

Trafilatura's own time grows faster than the page on hostile markup, so it is only
given trees of bounded size.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import deepcopy
from itertools import islice

from .page import Page

MAX_ELEMENTS = 6_000
"""The largest of 1,569 real pages has 5,105 elements."""


def second_opinion(page: Page) -> Callable[[], str | None]:
    """A function that gives trafilatura's text of the page, or None where it finds none or the page is too large."""

    def ask() -> str | None:
        if next(islice(page.tree.iter(), MAX_ELEMENTS, None), None) is not None:
            return None
        import trafilatura

        logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
        try:
            return trafilatura.extract(deepcopy(page.tree), include_comments=False, fast=True)
        except Exception:  # its failures are many, and an opinion is not worth one of ours
            return None

    return ask
