"""The blocks of a page beyond the number that is judged: none is lost, and none costs more than a look at its place."""

from __future__ import annotations

from collections.abc import Sequence

from .article import ARTICLE_LABELS, Block, Kind, Label, Verdict

_KEPT = "The page has more pieces of text than are judged; this one stands among paragraphs of the article."
_REMOVED = "The page has more pieces of text than are judged; this one does not stand among the article's."
_SOURCE = "guard:not_judged"


def by_place(rest: Sequence[Block], judged: Sequence[Block]) -> tuple[Block, ...]:
    """`rest` with verdicts: kept where it stands in an element that holds kept blocks of `judged`, else removed."""
    places = {_place(b) for b in judged if b.text and b.verdict.label in ARTICLE_LABELS}
    out = []
    for block in rest:
        if block.hidden or _place(block) not in places:
            verdict = Verdict(Label.INTERFACE, _REMOVED, 0.5, _SOURCE)
        elif block.kind is Kind.FIGURE:
            verdict = Verdict(Label.CAPTION, _KEPT, 0.5, _SOURCE)
        else:
            verdict = Verdict(Label.HEADING if block.kind is Kind.HEADING else Label.CONTENT, _KEPT, 0.5, _SOURCE)
        out.append(block._replace(verdict=verdict))
    return tuple(out)


def _place(block: Block) -> int | None:
    """The element around the block's own; None in plain text."""
    container = block.container
    return None if container is None else (container.parent or container).index
