"""Spans of a block's text: made of the pieces that a walk collects, and without links that lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from .article import Block, Kind, Span

Piece = tuple[str, tuple[str, ...], str | None]
"""What will be a `Span`, or a part of one: there are many more of them, and they are made in a seventh of the time."""


UNKNOWN_BASE = "http://page.invalid/"
"""Stands for the address of a page that has none: that a word is a link tells the judge something wherever it leads."""
_LETTERS_SEEN = 3
_RAISED = frozenset(("sup", "sub"))


def are_apart(one: Piece, other: Piece) -> bool:
    """Whether a piece that touches the one before is another word: a page may set them apart by style alone.

    Two links are, and a capitalised word after a small letter, as in `<b>Cook time</b><span>Two hours</span>`: on 11 of
    946 pages the reference has two words there, on two it has one. `<i>i</i>Phone` has no letter before the small one,
    `lnc<i>RNA</i>` and `lac<b>Z</b>` no small one after the capital, and in code parts of a name may have their colours.
    So are a word and a number, as in `<b>Cook time</b><span>20</span>`, right on five pages and wrong on none, but a
    note's: `word<sup>20</sup>`.
    """
    before, marks, href = one
    after, its_marks, its_href = other
    if not (before[-1].isalnum() and after[0].isalnum()):
        return False
    if href and its_href and href != its_href:
        return True
    raised = _RAISED.intersection(marks) or _RAISED.intersection(its_marks)
    if before[-1].isdigit():
        apart = not raised and after[0].isupper() and after[1:2].islower()
    elif after[0].isdigit():
        apart = not raised and len(word := before[-3:]) == 3 and word.isalpha() and word[1:].islower()
    else:
        apart = before[-1].islower() and before[-2:-1].isalpha() and after[0].isupper() and after[1:2].islower()
    return apart and "code" not in marks and "code" not in its_marks


def end_of(pieces: Sequence[Piece]) -> Piece:
    """The last piece, with so much of those before it that it will be one with as `are_apart` looks at."""
    text, marks, href = pieces[-1]
    at = len(pieces) - 2
    while len(text) < _LETTERS_SEEN and at >= 0 and pieces[at][1:] == (marks, href):
        text = pieces[at][0] + text
        at -= 1
    return text, marks, href


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
    if len(block.spans) == 1 and not block.cells:
        # As most of a page's links are: there is nothing that it could be joined with.
        text, marks, _ = block.spans[0]
        return block._replace(spans=(Span(text, marks),))

    def mend(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(tidy([s._replace(href=None) if _is_unknown(s) else s for s in spans], block.kind is Kind.CODE))

    return block._replace(spans=mend(block.spans), cells=tuple(mend(cell) for cell in block.cells))


def _is_unknown(span: Span) -> bool:
    return span.href is not None and span.href.startswith(UNKNOWN_BASE)
