"""What keeps text in the article although the judge would remove it. Each guard is named in the verdict.

A guard never removes. It holds where words alone speak against a block that stands
among the article's paragraphs, and where an unusual share of the page would go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..article import Block, Kind
from .words import split

_MAY_BE_WIDE = re.compile("[^\0-\u0dff]")
_OPEN, _CLOSE = "\"“„«»「『‘'", "\"”“»«」』’'"
MIN_SOLID_WORDS = 40
"""Prose of this length between two paragraphs of the article is seldom promotion."""
MIN_PROSE_CHANCE = 0.4
MIN_ITEM_CHANCE = 0.1
MIN_HEADING_CHANCE = 0.2
MIN_CODE_CHANCE = 0.2
MIN_TABLE_CHANCE = 0.35
MIN_OPINION_SHARE = 0.5
"""Below this share of the second opinion's words the judge is not trusted alone."""
MIN_ARTICLE_WORDS = 25


class Guard(NamedTuple):
    """A named reason to keep a block, as the reader is told it."""

    name: str
    reason: str


QUOTATION = Guard("quotation", "Quoted speech between the article's paragraphs, so it stays whatever it asks for.")
SOLID_PROSE = Guard("solid_prose", "A full paragraph between the article's paragraphs, so it stays when in doubt.")
LIST_ITEM = Guard("list_item", "An item of a list most of which is the article's.")
TABLE = Guard("table", "Part of a table among the article's paragraphs.")
CODE = Guard("code", "Code between the article's paragraphs.")
HEADING = Guard("heading", "A heading between two pieces of the article.")
SECOND_OPINION = Guard("second_opinion", "Too little would be left; a second extractor takes this for the article.")
NO_ARTICLE = Guard("no_article", "The page holds no clear article, so its running text is kept.")


def words_of(block: Block) -> int:
    """Words of a block; two characters count as a word in scripts without spaces."""
    spaced = block.text.count(" ") + 1 if block.text else 0
    return spaced if block.text.isascii() else max(spaced, _wide(block.text) // 2)


def _wide(text: str) -> int:
    return sum(map(str.isalpha, _MAY_BE_WIDE.findall(text[:2000])))


def is_quotation(text: str) -> bool:
    """Whether a text is, from its first character, somebody's words, or ends with them: `"…," she said.`"""
    text = text.strip()
    if len(text) < 12 or text[0] not in _OPEN:
        return False
    return any(c in _CLOSE for c in text[2:])


def protect(
    blocks: Sequence[Block],
    chance: NDArray[np.float32],
    keep: NDArray[np.bool_],
    in_main: NDArray[np.bool_],
    link_share: NDArray[np.float32],
    told: Sequence[bool],
) -> dict[int, Guard]:
    """Blocks to keep after all, by number.

    `keep` is the judge's decision, `in_main` whether a block stands in the
    container of the article, `told` whether a phrase names most of the block as
    boilerplate (such a block is not protected as prose).
    """  # fmt: skip
    kept = np.flatnonzero(keep)
    out: dict[int, Guard] = {}
    if len(kept) < 2:
        return out
    first, last = int(kept[0]), int(kept[-1])
    doubtful = ~keep & in_main & (link_share <= 0.3) & (chance >= 0.1)
    for n in (np.flatnonzero(doubtful[first:last]) + first).tolist():
        block = blocks[n]
        if block.hidden or block.kind is Kind.FIGURE:
            continue
        if is_quotation(block.text) and block.text.rstrip()[-1:] not in ":":
            out[n] = QUOTATION
        elif (
            chance[n] > MIN_PROSE_CHANCE
            and not told[n]
            and words_of(block) >= MIN_SOLID_WORDS
            and block.text.rstrip()[-1:] in ".!?…。"
        ):
            out[n] = SOLID_PROSE
        elif block.kind is Kind.CODE and chance[n] > MIN_CODE_CHANCE and any(map(str.isalpha, block.text)):
            # Without letters it is a column of line numbers.
            out[n] = CODE
    for n in np.flatnonzero(~keep & in_main & (chance > MIN_HEADING_CHANCE)).tolist():
        if blocks[n].kind is Kind.HEADING and not blocks[n].hidden and keep[n - 1 : n + 2].sum() == 2:
            out[n] = HEADING
    may_stay = (link_share < 0.5) & (chance > MIN_ITEM_CHANCE)
    for items in _together(blocks, may_stay & ~keep, _list_of):
        if 2 * int(keep[items].sum()) >= len(items):
            out |= {n: LIST_ITEM for n in items if not keep[n] and may_stay[n]}
    for rows in _together(blocks, doubtful, _table_of):
        # A table is data as a whole, or none of it is: its rows are unlike all paragraphs around it.
        among = first < rows[0] and rows[-1] < last and len(rows) > 1
        if 2 * int(keep[rows].sum()) >= len(rows) or (among and chance[rows].mean() > MIN_TABLE_CHANCE):
            out |= {n: TABLE for n in rows if doubtful[n]}
    return out


def _together(
    blocks: Sequence[Block], in_doubt: NDArray[np.bool_], whole_of: Callable[[Block], int | None]
) -> list[list[int]]:
    """Numbers of the blocks of each list, or table; none where no block of any is in doubt, as on most pages."""
    wholes: dict[int, list[int]] = {}
    if any(whole_of(blocks[n]) is not None for n in np.flatnonzero(in_doubt).tolist()):
        for n, block in enumerate(blocks):
            if (number := whole_of(block)) is not None:
                wholes.setdefault(number, []).append(n)
    return list(wholes.values())


def _table_of(block: Block) -> int | None:
    """Number of the table that a row is of, None for all other blocks."""
    return block.group if block.kind is Kind.TABLE and block.text and not block.hidden else None


def _list_of(block: Block) -> int | None:
    """Number of the element that a list's item stands in, None for all other blocks."""
    if block.kind is not Kind.LIST_ITEM or not block.text or block.container is None or block.hidden:
        return None
    parent = block.container.parent
    return parent.index if parent is not None else -1


def ask_second_opinion(
    blocks: Sequence[Block], keep: NDArray[np.bool_], opinion: Callable[[], str | None]
) -> dict[int, Guard]:
    """Blocks that a second extractor keeps, where the judge kept less than half of its words; else nothing."""
    text = opinion()
    if not text:
        return {}
    words = split(text)
    mine = sum(words_of(b) for b, k in zip(blocks, keep, strict=True) if k)
    if len(words) < MIN_ARTICLE_WORDS or mine >= MIN_OPINION_SHARE * len(words):
        return {}
    known = {" ".join(words[i : i + 3]) for i in range(len(words) - 2)}
    out = {}
    for n, block in enumerate(blocks):
        own = split(block.text)
        if keep[n] or len(own) < 4:
            continue
        shared = sum(" ".join(own[i : i + 3]) in known for i in range(len(own) - 2))
        if shared >= 0.8 * (len(own) - 2):
            out[n] = SECOND_OPINION
    return out


def running_text(
    blocks: Sequence[Block], in_main: NDArray[np.bool_], link_share: NDArray[np.float32]
) -> dict[int, Guard]:
    """What to show of a page without a clear article: its running text, or failing that whatever is not a link."""
    sizes = [words_of(b) if b.text else 0 for b in blocks]
    # From the strictest to the loosest: words at least, links at most, only in the main container, hidden ones too.
    steps = ((8, 0.5, True, False), (5, 0.5, False, False), (1, 0.5, False, False), (1, 2.0, False, True))
    for least, most_links, main_only, with_hidden in steps:
        found = {
            n: NO_ARTICLE
            for n, b in enumerate(blocks)
            if sizes[n] >= least
            and link_share[n] < most_links
            and (in_main[n] or not main_only)
            and (with_hidden or not b.hidden)
        }
        if found:
            return found
    return {}
