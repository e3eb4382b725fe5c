"""Labels for blocks: which of them are the reference's text, by sequence alignment.

Words of all blocks, in page order, are aligned with the words of the reference by
longest common subsequence, so that a phrase standing twice (a headline among the
related links) is given to one place only: the one in the run of the article.
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


def align(texts: Sequence[str], reference: Sequence[str]) -> np.ndarray:
    """Share of each block's words that is aligned with the reference, shape (blocks,), float in 0 to 1."""
    owner: list[int] = []
    words: list[str] = []
    for number, text in enumerate(texts):
        found = WORD.findall(text)
        words += found
        owner += [number] * len(found)
    target = WORD.findall("\n".join(reference))
    share = np.zeros(len(texts))
    if not words or not target:
        return share
    codes: dict[str, int] = {}
    a = [codes.setdefault(w, len(codes)) for w in words[:MAX_WORDS]]
    b = [codes.setdefault(w, len(codes)) for w in target[:MAX_WORDS]]
    hits = np.zeros(len(texts))
    for tag, i1, i2, _, _ in LCSseq.opcodes(a, b):
        if tag == "equal":
            for i in range(i1, i2):
                hits[owner[i]] += 1
    sizes = np.bincount(np.array(owner), minlength=len(texts))
    share = np.divide(hits, sizes, out=share, where=sizes > 0)
    _move_strays(texts, share)
    return share


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
