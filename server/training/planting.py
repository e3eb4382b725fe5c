"""Copies of training pages: with lines of `planted/` among their paragraphs, without what they declare, as plain text.

The lines are promotional ones, and true ones that look like them. All that one hand wrote in a language belong to a
fold, and are planted in pages of that fold only: so the linear models whose scores the trees are fitted on have seen
neither the page nor a line by whoever wrote this one, as on a page that they are used on.
"""

from __future__ import annotations

import pathlib
import random
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from bodycopy.article import UNDECLARED, Block, Container, Declared, Kind, Metadata, Span

from .data import TrainingPage, by_hands

PLANTED = pathlib.Path(__file__).parent / "planted"
PLANTED_WEIGHT = 1.0
NEAR_WEIGHT = 0.25
"""Of the blocks beside a planted line: the rest of the copy was learned from the page itself."""
NEAR = 3
OWN_LANGUAGE = 0.65
"""Share of lines that are in the page's language; the others let each line be planted, whatever the corpus's languages."""
AT_THE_END = 0.4
UNDECLARED_SHARE = 0.4
"""Of pages that are no news, as many have a copy that declares nothing; of news pages each has."""
OG_SHARE = 0.7
"""Of such copies, as many still have an og:type: it is older, and on more sites, than JSON-LD."""
NAMELESS_SHARE = 0.5
"""Of such copies, as many have no names of elements either: build tools make up names that tell nothing."""
_MACRO = {"nb": "no", "nn": "no"}
_LINK = re.compile(r"<a\b[^>]*?>(.*?)</a>", re.S)
_TAG = re.compile(r"<[^>]+>")


class Line(NamedTuple):
    """A line to plant. `label` is `content` for a true one."""

    lang: str
    label: str
    html: str
    hand: str = ""
    """Who wrote it."""


def planted_lines() -> list[Line]:
    """All training lines."""
    return [
        Line(lang, line["label"], line["html"], hand) for hand, lang, read in by_hands(PLANTED) for line in read["line"]
    ]


def in_folds(lines: Sequence[Line], folds: int) -> list[list[Line]]:
    """The lines of each fold: of each language the hands that wrote most first, to the fold that has fewest of it."""
    of_hand: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        of_hand.setdefault(line.lang, {}).setdefault(line.hand, []).append(line)
    out: list[list[Line]] = [[] for _ in range(folds)]
    for hands in of_hand.values():
        sizes = [0] * folds
        for written in sorted(hands.values(), key=len, reverse=True):
            fold = min(range(folds), key=lambda n: (sizes[n], len(out[n])))
            sizes[fold] += len(written)
            out[fold] += written
    return out


def planted_text(line: Line) -> str:
    """A line's text as a block of a page would have it."""
    return " ".join("".join(s.text for s in spans_of(line.html)).split())


class Deck:
    """The lines of one fold, dealt so that each is used about as often as the others."""

    def __init__(self, lines: Sequence[Line], rng: random.Random) -> None:
        self._rng = rng
        self._all = list(lines)
        self._of_language: dict[str, list[Line]] = {}
        for line in lines:
            self._of_language.setdefault(line.lang, []).append(line)
        self._left: dict[str, list[Line]] = {}

    def deal(self, lang: str | None) -> Line:
        lang = _MACRO.get(lang or "en", lang or "en")
        if lang not in self._of_language or self._rng.random() > OWN_LANGUAGE:
            lang = ""
        left = self._left.setdefault(lang, [])
        if not left:
            left += self._of_language[lang] if lang else self._all
            self._rng.shuffle(left)
        return left.pop()


def decks(folds: int, rng: random.Random) -> list[Deck]:
    """A deck for each fold."""
    return [Deck(lines, rng) for lines in in_folds(planted_lines(), folds)]


def _target(label: str, site: str, rng: random.Random) -> str:
    """An address that a planted line of this kind could link to."""
    inside = f"https://www.{site}"
    if label == "content":
        return rng.choice(
            (f"{inside}/2025/budget-plan", "https://www.city.example/budget", "https://data.example/report.pdf")
        )
    common = {
        "newsletter": (f"{inside}/newsletter", f"{inside}/newsletters/sign-up", "https://lists.example/subscribe"),
        "social": (
            "https://whatsapp.com/channel/x",
            "https://t.me/x",
            "https://www.facebook.com/x",
            "https://twitter.com/x",
        ),
        "app": ("https://play.google.com/store/apps/x", f"{inside}/app"),
        "donation": (f"{inside}/donate", f"{inside}/support"),
        "subscription": (f"{inside}/subscribe", f"{inside}/abo"),
        "related": (f"{inside}/2025/11/another-story", f"{inside}/news/another-story"),
    }
    return rng.choice((*common.get(label, (f"{inside}/news",)), f"{inside}/"))


def spans_of(html: str, href: str = "https://news.example/") -> tuple[Span, ...]:
    """A planted line's small markup as spans."""
    spans = []
    at = 0
    for match in _LINK.finditer(html):
        spans.append(Span(_TAG.sub("", html[at : match.start()])))
        spans.append(Span(_TAG.sub("", match[1]), (), href))
        at = match.end()
    spans.append(Span(_TAG.sub("", html[at:])))
    spans = [s._replace(text=s.text.replace("&amp;", "&")) for s in spans if s.text]
    return tuple(spans)


def plant(page: TrainingPage, deck: Deck, rng: random.Random) -> TrainingPage:
    """A copy of `page` with some lines set as paragraphs after true ones, in the middle and at the end."""
    solid = [
        n for n, b in enumerate(page.blocks) if page.share[n] > 0.9 and b.kind is Kind.PARAGRAPH and len(b.text) > 60
    ]
    if len(solid) < 3:
        return page
    chosen: dict[int, list[Line]] = {}
    for _ in range(min(6, max(1, len(solid) // 3))):
        place = solid[-1] if solid[-1] not in chosen and rng.random() < AT_THE_END else rng.choice(solid)
        chosen.setdefault(place, []).append(deck.deal(page.lang))
    index = max((b.container.index for b in page.blocks if b.container is not None), default=0) + 1
    blocks: list[Block] = []
    share: list[float] = []
    weight: list[float] = []
    planted: list[bool] = []
    for n, block in enumerate(page.blocks):
        blocks.append(block)
        share.append(page.share[n])
        weight.append(page.weight[n])
        planted.append(False)
        for line in chosen.get(n, ()):
            own = block.container
            container = None
            spans = spans_of(line.html, _target(line.label, page.site, rng))
            if own is None:
                spans = (Span("".join(s.text for s in spans)),)
            else:
                container = Container(own.parent, own.tag, own.names if rng.random() < 0.8 else "", index)
                index += 1
            if own is not None and rng.random() < 0.12:
                spans = tuple(s._replace(marks=("strong",)) for s in spans)
            text = " ".join("".join(s.text for s in spans).split())
            blocks.append(Block(Kind.PARAGRAPH, text, spans, container))
            share.append(1.0 if line.label == "content" else 0.0)
            weight.append(PLANTED_WEIGHT)
            planted.append(True)
    flags = np.array(planted)
    weights = np.array(weight)
    if not page.copy:
        weights = _near_planted(weights, flags)
    return page._replace(blocks=blocks, share=np.array(share), weight=weights, planted=flags, copy=True)


def _near_planted(weight: np.ndarray, planted: np.ndarray) -> np.ndarray:
    """Only planted lines, and a little their neighbours, count in a copy."""
    near = np.zeros(len(weight), bool)
    for n in np.flatnonzero(planted):
        near[max(0, n - NEAR) : n + NEAR + 1] = True
    return np.where(planted, weight, np.where(near, NEAR_WEIGHT * weight, 0.0))


def undeclared(page: TrainingPage, rng: random.Random) -> TrainingPage | None:
    """A copy of a page that does not tell machines what it is, as half of the web does not; of some pages none.

    Without it, what a page declares counts for too much: news that declare nothing were cleaned like a company's pages.
    """
    if page.kind != "news" and rng.random() > UNDECLARED_SHARE:
        return None
    og_article = page.declared.og_article and rng.random() < OG_SHARE
    out = page._replace(declared=Declared(og_article=og_article), copy=True)
    return _nameless(out) if rng.random() < NAMELESS_SHARE else out


def _nameless(page: TrainingPage) -> TrainingPage:
    """A page whose elements have no names, as where a build tool makes them up."""
    made: dict[int, Container] = {}

    def of(container: Container | None) -> Container | None:
        if container is None:
            return None
        if container.index not in made:
            made[container.index] = Container(of(container.parent), container.tag, "", container.index)
        return made[container.index]

    return page._replace(blocks=[b._replace(container=of(b.container)) for b in page.blocks])


def plain(page: TrainingPage, rng: random.Random) -> TrainingPage | None:
    """A page as somebody pastes it: its text from about the first to about the last true block, a line a block."""
    positive = np.flatnonzero((page.share >= 0.75) & (page.weight > 0))
    if len(positive) < 3:
        return None
    low = max(0, int(positive[0]) - rng.choice((0, 0, 1, 3, 8)))
    high = min(len(page.blocks), int(positive[-1]) + 1 + rng.choice((0, 0, 1, 3, 8)))
    chosen = [n for n in range(low, high) if page.blocks[n].text]
    blocks = [Block(Kind.PARAGRAPH, t, (Span(t),)) for n in chosen for t in (" ".join(page.blocks[n].text.split()),)]
    return page._replace(
        blocks=blocks, share=page.share[chosen], weight=page.weight[chosen], declared=UNDECLARED,
        metadata=Metadata(), planted=page.planted[chosen], copy=True,
    )  # fmt: skip
