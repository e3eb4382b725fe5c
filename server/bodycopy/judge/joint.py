"""What is decided together: a part of the main container, and a heading with its text.

The trees judge each block by itself, as likely as it is the article's. An article is lost or spoilt by the one block
that is judged unlike those it belongs to, so these have a say in it. What the words of a single line among paragraphs
say is left alone: look-alikes have no say, or promotion would be drawn in by the paragraphs it stands between.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..article import Kind
from .places import BRANCH, PARENT, Facts

PART_SHARE = 0.15
"""What a part of the main container has of the say about a block in it, where it speaks against the block."""
MAX_PART_LOG_ODDS = 3.0
"""What a block counts for at most in its part."""
HEADED = 2
"""Blocks below a heading that say whether it is the article's: a caption or an advertisement may come first."""
MAX_HEADED_LOG_ODDS = 2.0
"""What they count for at most, of which a heading takes the half."""


def joint_odds(facts: Facts, groups: NDArray[np.int32], odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log odds over the threshold, shape (blocks,), from those of each block by itself and its `groups` (see Features).

    Of a page: plain text has neither parts nor headings.
    """
    return _with_headings(facts, groups[:, PARENT], _with_parts(groups[:, BRANCH], odds))


def _with_parts(parts: NDArray[np.int32], odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each block drawn towards the mean of its part of the main container, where that is lower.

    What stands outside of it, part 0, is as it is: on forums and pages of products that is much of the text.
    """
    bounded = np.clip(odds, -MAX_PART_LOG_ODDS, MAX_PART_LOG_ODDS)
    means = np.bincount(parts, bounded) / np.maximum(1, np.bincount(parts))
    above = np.maximum(0, bounded - means[parts]) * (parts > 0)
    return np.asarray(odds - PART_SHARE * above, np.float32)


def _with_headings(facts: Facts, parents: NDArray[np.int32], odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log odds over the threshold, those of each heading drawn to those of the shown text below it, up to the next heading.

    Down to the best of that text wherever it stands; up to the first of it only inside the same container: right below
    `Share this` the article begins.
    """
    kinds, texts, hidden = facts["kind"], facts["text"], facts["hidden"]
    if Kind.HEADING not in kinds:
        return odds
    out = odds.tolist()
    section: list[int] = []
    below: list[int] = []
    for n in reversed(range(len(out))):
        if not texts[n] or hidden[n]:
            continue
        if kinds[n] is not Kind.HEADING:
            section = [n, *section[: HEADED - 1]]
            continue
        # A heading right above another one heads what that one does.
        below = section or below
        section = []
        if not below:
            continue
        best, first = max(out[b] for b in below), out[below[0]]
        if best < out[n]:
            out[n] = min(out[n], (out[n] + max(best, -MAX_HEADED_LOG_ODDS)) / 2)
        elif parents[below[0]] == parents[n]:
            out[n] = max(out[n], (out[n] + min(first, MAX_HEADED_LOG_ODDS)) / 2)
    return np.array(out, np.float32)
