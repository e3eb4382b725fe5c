"""Links of invented sites, in languages of which the corpus has few pages or none.

The words of a page's links tell a publisher of news from a company or a blog, whose calls to subscribe or to book are
part of their text. Where none of those words is known, the calls of a newspaper stayed as well: "Последвайте ни във
Facebook" on a Bulgarian page, though a phrase was found in it.
"""

from __future__ import annotations

import pathlib
from typing import NamedTuple

import numpy as np
from bodycopy.judge.features import menu_keys
from bodycopy.judge.words import Words

from .data import by_hands

MENUS = pathlib.Path(__file__).parent / "menus"


class Site(NamedTuple):
    lang: str
    news: bool
    """Whether it is a publisher's."""
    links: tuple[str, ...]
    """The words of each of its links."""

    def keys(self) -> np.ndarray:
        """Hashed words of the links, each once, as those of a page's."""
        return np.unique(menu_keys(Words(self.links), np.ones(len(self.links))))


def sites() -> list[Site]:
    """All of them."""
    return [
        Site(lang, site["news"], tuple(site["links"])) for _, lang, read in by_hands(MENUS) for site in read["site"]
    ]
