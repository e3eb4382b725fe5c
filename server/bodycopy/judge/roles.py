"""What a removed block above or among the article's is: headline, standfirst, byline, a picture's caption.

The model says what is text; these say what the rest is to it, from where it stands and what the page says of itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..article import Block, Kind, Label
from . import phrases
from .features import COLUMN, Features
from .kinds import Named
from .places import Facts
from .words import split

MAX_BYLINE_WORDS, MAX_BYLINES = 10, 2
MAX_BLOCKS_TO_STANDFIRST = 10
MIN_STANDFIRST_CHARS = 30
# A headline's part of the page is its `<header>`; some call its standfirst the teaser.
_LABELS_OF_HEADERS = (Label.NAVIGATION, Label.RELATED)
_STANDFIRST_FACTS = [
    COLUMN[name]
    for name in (
        "link_share", "title_share", "same_text", "by_author", "excerpt_share", "ends_sentence", "near_word_score"
    )
]  # fmt: skip


def bylines(
    kinds: Sequence[Kind], sizes: NDArray[np.intp], matrix: NDArray[np.float32], keep: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Short lines with a date or an author's name, and no sentence, above the second paragraph that is kept.

    The first may be the standfirst. Many such lines are a list of things with dates, and stay.
    """
    prose = np.flatnonzero(keep & (matrix[:, COLUMN["is_prose"]] > 0))
    above = np.arange(len(matrix)) < (prose[:2].max() if len(prose) else 0)
    # "Chairman since May 2022" is no date line: one that is says the day too, which takes five digits.
    digits = matrix[:, COLUMN["digits"]] * sizes
    dated = (matrix[:, COLUMN["date"]] > 0) & (digits > 4.5)
    named = dated | (matrix[:, COLUMN["by_author"]] > 0)
    open_ended = (matrix[:, COLUMN["ends_sentence"]] == 0) & (matrix[:, COLUMN["ends_colon"]] == 0)
    short = matrix[:, COLUMN["log_words"]] < np.log1p(MAX_BYLINE_WORDS + 0.5)
    lines: NDArray[np.bool_] = above & named & open_ended & short & np.array([k is Kind.PARAGRAPH for k in kinds])
    return lines if (lines & keep).sum() <= MAX_BYLINES else np.zeros_like(lines)


def fold(text: str | None) -> str:
    return " ".join(split(text)) if text else ""


def headline(blocks: Sequence[Block], title: str | None, keep: NDArray[np.bool_]) -> int:
    """Number of the block that is the headline, and takes no part in the text; -1 if there is none."""
    wanted = fold(title)
    if not wanted:
        return -1
    best = -1
    start = wanted.partition(" ")[0]
    for n, block in enumerate(blocks):
        text = block.text
        if text and len(text) <= 2 * len(title or "") and start in text.lower() and fold(text) == wanted:
            if block.kind is Kind.HEADING and block.level == 1:
                best = n
                break
            if best < 0 or (block.kind is Kind.HEADING and blocks[best].kind is not Kind.HEADING):
                best = n
    if best >= 0:
        keep[best] = False
    return best


def standfirst(
    blocks: Sequence[Block],
    title: int,
    first: int,
    hits: Sequence[phrases.Hit | None],
    named: Sequence[Named | None],
    features: Features,
) -> int | None:
    """Number of the removed block between the headline and the article's first that is the standfirst, if one is.

    It says what the page's description says, or is a sentence right below the headline in the words of articles.
    """
    if title < 0:
        return None
    facts = features.matrix[title + 1 : min(first, title + 1 + MAX_BLOCKS_TO_STANDFIRST), _STANDFIRST_FACTS].tolist()
    for n, (links, title_share, copies, by_author, excerpt, ends, words) in enumerate(facts, title + 1):
        block, name = blocks[n], named[n]
        if (
            block.kind in (Kind.PARAGRAPH, Kind.HEADING)
            and len(block.text) >= MIN_STANDFIRST_CHARS
            and not block.hidden
            and hits[n] is None
            and (name is None or name.label in _LABELS_OF_HEADERS)
            and links < 0.2
            and title_share < 0.7
            and copies <= 2
            and not by_author
            and (excerpt >= 0.8 or (n <= title + 3 and block.kind is Kind.PARAGRAPH and ends and words > 0))
        ):
            return n
    return None


def captions(facts: Facts, keep: NDArray[np.bool_], main: NDArray[np.bool_]) -> set[int]:
    """Pictures, and the captions in their figures, that stand among the kept blocks or right before the first.

    Pictures that follow one of these with nothing but captions between them are one gallery with it. A caption that is
    nothing but a link is another story's headline, and ends it.
    """
    kept = np.flatnonzero(keep)
    if not len(kept):
        return set()
    first, last = int(kept[0]), int(kept[-1])
    group_of = facts["group"]
    out: set[int] = set()
    groups: set[int] = set()
    in_gallery = False
    looks = zip(facts["kind"], facts["hidden"], facts["image"], facts["spans"], strict=True)
    for n, (kind, hidden, image, spans) in enumerate(looks):
        if kind is not Kind.FIGURE:
            in_gallery = False
        elif hidden:
            continue
        elif image is None:
            in_gallery = in_gallery and not all(span.href for span in spans)
        else:
            is_near = first - 6 <= n <= last + 1 and keep[max(0, n - 4) : n + 5].any()
            in_gallery = bool(main[n]) and (in_gallery or bool(is_near))
            if in_gallery:
                out.add(n)
                if group_of[n]:
                    groups.add(group_of[n])
    if groups:
        for n, (kind, text, group) in enumerate(zip(facts["kind"], facts["text"], group_of, strict=True)):
            if kind is Kind.FIGURE and text and group in groups:
                out.add(n)
    return out
