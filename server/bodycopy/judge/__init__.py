"""Which blocks are the article: one entry, `judge`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..article import Block, Kind, Label, Metadata, Verdict
from ..page import Page


class Judged(NamedTuple):
    """The blocks given, in order, each with its verdict; and what the reader should know."""

    blocks: tuple[Block, ...]
    warnings: tuple[str, ...]


def judge(blocks: Sequence[Block], metadata: Metadata, page: Page | None = None) -> Judged:
    """Give every block a verdict. `page` is None for plain text."""
    out = []
    for block in blocks:
        names = (block.container.tag if block.container else "p") + " " + block.names
        linked = sum(len(s.text) for s in block.spans if s.href)
        if page is not None and (linked * 2 > len(block.text) or len(block.text) < 40 or "nav" in names):
            verdict = Verdict(Label.NAVIGATION, "Mostly links, or a few words among them.", 0.6, "model")
        elif block.kind is Kind.FIGURE:
            verdict = Verdict(Label.CAPTION, "Belongs to a picture.", 0.6, "model")
        else:
            verdict = Verdict(Label.CONTENT, "A paragraph of running text.", 0.6, "model")
        out.append(block._replace(verdict=verdict))
    return Judged(tuple(out), ())
