"""Labels for blocks: which of them are the reference's text, by sequence alignment.

Words of all blocks, in page order, are aligned with the words of the reference by
longest common subsequence, so that a phrase standing twice (a headline among the
related links) is given to one place only: the one in the run of the article.
Blocks that are whole paragraphs of the reference are aligned first, and words only
between them: by words alone a heading is as well spread over the blocks before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import LCSseq

WORD = re.compile(r"\w+")
MAX_WORDS = 60_000
# A block is the reference's where this share of its words is aligned.
POSITIVE = 0.75
# A block, its paragraph, and the chain of those before them.
_Chain = tuple[int, int, "_Chain | None"]


def align(texts: Sequence[str], reference: Sequence[str]) -> np.ndarray:
    """Share of each block's words that is aligned with the reference, shape (blocks,), float in 0 to 1."""
    blocks = _capped([WORD.findall(text) for text in texts])
    target = _capped([WORD.findall(text) for text in reference])
    share = np.zeros(len(blocks))
    last_block = last_paragraph = -1
    for block, paragraph in [*_anchors(blocks, target), (len(blocks), len(target))]:
        _align_words(blocks, target, share, range(last_block + 1, block), range(last_paragraph + 1, paragraph))
        if block < len(blocks):
            share[block] = 1.0
        last_block, last_paragraph = block, paragraph
    _move_strays(texts, share)
    return share


def _capped(texts: list[list[str]]) -> list[list[str]]:
    left = MAX_WORDS
    out = []
    for words in texts:
        out.append(words[:left])
        left -= len(out[-1])
    return out


def _anchors(blocks: Sequence[list[str]], target: Sequence[list[str]]) -> list[tuple[int, int]]:
    """Pairs of a block and a paragraph of the same words, in order in both, with the most words in all."""
    of_words: dict[tuple[str, ...], list[int]] = {}
    for number, words in enumerate(target):
        if words:
            of_words.setdefault(tuple(words), []).append(number)
        if len(words) > 1 and words[0].isdecimal():
            # A reference may write the number of a list's item, which no block holds.
            of_words.setdefault(tuple(words[1:]), []).append(number)
    # best[p] is the best chain that ends at a paragraph up to p: its words, and its last pair.
    best: list[tuple[int, _Chain | None]] = [(0, None)] * len(target)
    for number, words in enumerate(blocks):
        places = of_words.get(tuple(words), ())
        # From the last: a block takes one of its places only.
        for place in reversed(places):
            before = best[place - 1] if place else (0, None)
            mine = (before[0] + len(words), (number, place, before[1]))
            at = place
            while at < len(best) and best[at][0] < mine[0]:
                best[at] = mine
                at += 1
    chain = best[-1][1] if best else None
    out = []
    while chain is not None:
        out.append(chain[:2])
        chain = chain[2]
    return out[::-1]


def _align_words(
    blocks: Sequence[list[str]], target: Sequence[list[str]], share: np.ndarray, some: range, paragraphs: range
) -> None:
    """Set the shares of some blocks, from the words of some paragraphs."""
    words = [(word, number) for number in some for word in blocks[number]]
    wanted = [word for paragraph in paragraphs for word in target[paragraph]]
    if not words or not wanted:
        return
    codes: dict[str, int] = {}
    a = [codes.setdefault(word, len(codes)) for word, _ in words]
    b = [codes.setdefault(word, len(codes)) for word in wanted]
    for tag, i1, i2, _, _ in LCSseq.opcodes(a, b):
        if tag == "equal":
            for _, number in words[i1:i2]:
                share[number] += 1 / len(blocks[number])


def _move_strays(texts: Sequence[str], share: np.ndarray) -> None:
    """Give a short text that stands alone in a list to its twin within the run (a heading and its entry in the contents)."""
    twins: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        if text and len(text) < 200:
            twins.setdefault(text, []).append(number)
    full = share >= POSITIVE
    count = len(texts)

    def neighbours(i: int) -> int:
        return int(full[max(0, i - 1)] and i > 0) + int(i + 1 < count and full[i + 1])

    for places in twins.values():
        if len(places) < 2 or not full[places].any() or full[places].all():
            continue
        taken = [p for p in places if full[p]]
        free = [p for p in places if not full[p]]
        for place in taken:
            best = max(free, key=neighbours, default=None)
            if best is not None and neighbours(best) > neighbours(place):
                share[best], share[place] = share[place], 0.0
                full[best], full[place] = True, False
                free.remove(best)
