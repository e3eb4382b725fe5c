"""Spans of a block's text: made of the pieces that a walk collects, and without links that lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from .article import Block, Kind, Span

Piece = tuple[str, tuple[str, ...], str | None]
"""What will be a `Span`, or a part of one: there are many more of them, and they are made in a seventh of the time."""


UNKNOWN_BASE = "http://page.invalid/"
"""Stands for the address of a page that has none: that a word is a link tells the judge something wherever it leads."""


def tidy(spans: Sequence[Piece], code: bool = False) -> list[Span]:
    """Spans with white space folded across them, none empty, equal neighbours joined."""
    if len(spans) == 1 and not code:
        text, marks, href = spans[0]
        text = text.strip()
        return [Span(text, marks, href)] if text else []
    # Pieces of each run are joined once: a paragraph may have 100,000 of them.
    runs: list[tuple[list[str], tuple[str, ...], str | None]] = []
    run: list[str] = []
    marks, href = (), None
    end = " "
    for text, its_marks, its_href in spans:
        if not code and end == " " and text[0] == " ":
            text = text[1:]
        if not text:
            continue
        end = text[-1]
        if run and ((its_marks == marks and its_href == href) or text == " "):
            run.append(text)
        else:
            run, marks, href = [text], its_marks, its_href
            runs.append((run, marks, href))
    out = [Span("".join(run), marks, href) for run, marks, href in runs]
    while out and not (text := out[-1].text.rstrip() if not code else out[-1].text.rstrip("\n ")):
        out.pop()
    if out and len(text) < len(out[-1].text):
        out[-1] = Span(text, *out[-1][1:])
    if out and code:
        out[0] = out[0]._replace(text=out[0].text.lstrip("\n"))
        return [s for s in out if s.text]
    return out


def without_unknown_links(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Blocks whose relative links lead nowhere, as those of a page of unknown address do."""
    return tuple([_without_unknown_links(b) if b.cells or any(map(_is_unknown, b.spans)) else b for b in blocks])


def _without_unknown_links(block: Block) -> Block:
    def mend(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(tidy([s._replace(href=None) if _is_unknown(s) else s for s in spans], block.kind is Kind.CODE))

    return block._replace(spans=mend(block.spans), cells=tuple(mend(cell) for cell in block.cells))


def _is_unknown(span: Span) -> bool:
    return span.href is not None and span.href.startswith(UNKNOWN_BASE)
