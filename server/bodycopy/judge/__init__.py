"""Which blocks are the article: one entry, `judge`.

A learned model, to which the phrases are one of the signals, gives every block the
probability that it is of the article; guards keep what words alone would remove;
then each removed block is told what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..article import UNDECLARED, Block, Declared, Kind, Label, Metadata, Verdict
from . import guards, phrases
from .features import COLUMN, Features, compute
from .kinds import SENTENCES, Named, is_certain, kind_of, named_kinds
from .model import current, logit, sigmoid
from .places import Facts


class Thresholds(NamedTuple):
    """What the decision asks of a block's probability; `training.thresholds` tries others on half of the sites."""

    news: float
    """Probability from which a block of a page is kept that declares itself news, or of a text without a page."""
    other: float
    """The same on all other pages. Their own calls to readers are often part of the text, and a lost line is worse."""
    named_log_odds: float
    """What a telling name of its container (comments, author-bio) takes off a block's log odds."""


THRESHOLDS = Thresholds(news=0.5, other=0.35, named_log_odds=1.5)
BYLINE_LOG_ODDS = 3.0
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
_WORD = re.compile(r"\w+")


class Judged(NamedTuple):
    """The blocks given, in order, each with its verdict; and what the reader should know."""

    blocks: tuple[Block, ...]
    warnings: tuple[str, ...]
    dek: str | None = None
    """The article's standfirst: the metadata's, else the one found among the blocks."""


def judge(
    blocks: Sequence[Block],
    metadata: Metadata,
    declared: Declared = UNDECLARED,
    opinion: Callable[[], str | None] = lambda: None,
) -> Judged:
    """Give every block a verdict.

    `declared` is what the page tells machines of its article; `opinion` gives another
    extractor's text of the page, and is asked only where too little is left.
    """
    if not blocks:
        return Judged((), ("The page holds no text.",), metadata.dek)
    model = current()
    hits = phrases.find_all([b.text for b in blocks])
    features = compute(blocks, model.lexicon, phrases.shares(hits), metadata, declared)
    return decide(blocks, metadata, features, model.chance(features), hits, opinion)


def decide(
    blocks: Sequence[Block],
    metadata: Metadata,
    features: Features,
    chance: NDArray[np.float32],
    hits: Sequence[phrases.Hit | None],
    opinion: Callable[[], str | None] = lambda: None,
    thresholds: Thresholds = THRESHOLDS,
) -> Judged:
    """Verdicts from the model's probabilities (`chance`, shape (blocks,)) and the phrases found in each block."""
    link_share = features.matrix[:, COLUMN["link_share"]]
    facts = dict(zip(Block._fields, zip(*blocks, strict=True), strict=True))
    sizes = np.fromiter(map(len, facts["text"]), np.intp, len(blocks))
    worded = (sizes > 0) & np.array([kind is not Kind.FIGURE for kind in facts["kind"]])
    named = named_kinds(facts["container"])
    plain = blocks[0].container is None
    is_news = plain or bool(features.matrix[0, COLUMN["says_news"]])
    odds = logit(chance) - logit(thresholds.news if is_news else thresholds.other)
    odds -= thresholds.named_log_odds * np.array([is_certain(n) for n in named])
    bylines = _bylines(facts["kind"], features.matrix, odds > 0)
    odds -= BYLINE_LOG_ODDS * bylines
    # From here on the threshold is a half, whatever the page.
    chance = sigmoid(odds)
    keep = (chance > 0.5) & worded
    _drop_hidden(np.array(facts["hidden"]), sizes, keep)
    warnings: list[str] = []
    told = [hit is not None and hit.share > 0.5 for hit in hits]
    saved = guards.protect(blocks, chance, keep, features.main, link_share, told)
    prose = features.main & (features.matrix[:, COLUMN["is_prose"]] > 0)
    if not plain and sizes[keep].sum() < 0.5 * sizes[prose & worded].sum():
        second = guards.ask_second_opinion(blocks, keep, opinion)
        if second:
            saved.update(second)
            warnings.append("The page is unusual: some text was kept on a second extractor's word.")
    for number in saved:
        keep[number] = True
    kept_words = 0
    for number in np.flatnonzero(keep).tolist():
        kept_words += guards.words_of(blocks[number])
        if kept_words >= guards.MIN_ARTICLE_WORDS:
            break
    else:
        rest = guards.running_text(blocks, features.main, link_share)
        if sum(guards.words_of(blocks[n]) for n in rest) > kept_words:
            warnings.append("No clear article was found on this page; its running text is shown.")
            for number in rest:
                if not keep[number]:
                    saved[number] = rest[number]
                    keep[number] = True
    captions = _captions(facts, keep, features.main)
    title = _title(blocks, metadata.title, keep)
    kept = np.flatnonzero(keep)
    first, last = (int(kept[0]), int(kept[-1])) if len(kept) else (len(blocks), -1)
    dek = metadata.dek
    if dek is None and (found := _standfirst(blocks, title, first, hits, named, features)) is not None:
        dek = blocks[found].text
    folded_dek = _fold(dek)
    dek_start = folded_dek.partition(" ")[0]
    signals = zip(
        link_share.tolist(),
        features.matrix[:, COLUMN["near_word_score"]].tolist(),
        features.matrix[:, COLUMN["same_text"]].astype(int).tolist(),
        features.main.tolist(),
        strict=True,
    )
    verdicts = []
    judged = zip(blocks, hits, named, keep.tolist(), _confidences(chance, keep).tolist(), signals, strict=True)
    for n, (block, hit, name, stays, confidence, seen) in enumerate(judged):
        source = "model"
        if n in saved and stays:
            label = Label.HEADING if block.kind is Kind.HEADING else Label.CONTENT
            reason, confidence, source = saved[n].reason, 0.5, f"guard:{saved[n].name}"
        elif stays:
            if block.kind is Kind.HEADING:
                label, reason = Label.HEADING, "A heading among the article's paragraphs."
            else:
                label, reason = Label.CONTENT, "Reads and stands like the article's text."
        elif n == title:
            label, reason, confidence = Label.TITLE, "The headline, shown as the title.", 0.95
        elif n in captions:
            label, reason, confidence = Label.CAPTION, "Belongs to a picture of the article.", 0.8
        elif folded_dek and n < first and dek_start in block.text.lower() and _fold(block.text) == folded_dek:
            label, reason, confidence = Label.DEK, "The standfirst, shown below the title.", 0.9
        elif hit is not None and hit.share > 0.25:
            label, reason, source = hit.label, hit.reason, hit.source
        elif bylines[n]:
            label, reason = Label.BYLINE, f"{SENTENCES[Label.BYLINE]}: a short line at the head of the article's text."
        else:
            position = "before" if n < first else "after" if n > last else "inside"
            label, reason = kind_of(block, name, seen, position)
            if label is Label.CAPTION:
                label = Label.INTERFACE if not block.text else Label.RELATED
        verdicts.append(Verdict(label, reason, confidence, source))
    facts["verdict"] = tuple(verdicts)
    if not len(kept):
        warnings.append("No article was found on this page.")
    return Judged(tuple(map(Block._make, zip(*facts.values(), strict=True))), tuple(warnings), dek)


def _bylines(kinds: Sequence[Kind], matrix: NDArray[np.float32], keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Short lines with a date or an author's name, and no sentence, above the second paragraph that is kept.

    The first may be the standfirst. Many such lines are a list of things with dates, and stay.
    """
    prose = np.flatnonzero(keep & (matrix[:, COLUMN["is_prose"]] > 0))
    above = np.arange(len(matrix)) < (prose[:2].max() if len(prose) else 0)
    # "Chairman since May 2022" is no date line: one that is says the day too, which takes five digits.
    digits = matrix[:, COLUMN["digits"]] * np.expm1(matrix[:, COLUMN["log_chars"]])
    dated = (matrix[:, COLUMN["date"]] > 0) & (digits > 4.5)
    named = dated | (matrix[:, COLUMN["by_author"]] > 0)
    open_ended = (matrix[:, COLUMN["ends_sentence"]] == 0) & (matrix[:, COLUMN["ends_colon"]] == 0)
    short = matrix[:, COLUMN["log_words"]] < np.log1p(MAX_BYLINE_WORDS + 0.5)
    lines: NDArray[np.bool_] = above & named & open_ended & short & np.array([k is Kind.PARAGRAPH for k in kinds])
    return lines if (lines & keep).sum() <= MAX_BYLINES else np.zeros_like(lines)


def _confidences(chance: NDArray[np.float32], keep: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Probability that keeping or removing each block is right, with three digits."""
    sure = np.maximum(0.5, np.where(keep, chance, 1 - chance.astype(np.float64)))
    # What `round` gives, without a call for each: single precision comes near no half without being one.
    rounded: NDArray[np.float64] = np.rint(sure * 1000) / 1000
    return rounded


def _drop_hidden(hidden: NDArray[np.bool_], sizes: NDArray[np.intp], keep: NDArray[np.bool_]) -> None:
    """Let what the page does not show go, unless the article itself is hidden, until a script of the page shows it."""
    if sizes[keep & hidden].sum() < sizes[keep & ~hidden].sum():
        keep &= ~hidden


def _fold(text: str | None) -> str:
    return " ".join(_WORD.findall(text.lower())) if text else ""


def _title(blocks: Sequence[Block], title: str | None, keep: NDArray[np.bool_]) -> int:
    """Number of the block that is the headline, and takes no part in the text; -1 if there is none."""
    wanted = _fold(title)
    if not wanted:
        return -1
    best = -1
    start = wanted.partition(" ")[0]
    for n, block in enumerate(blocks):
        text = block.text
        if text and len(text) <= 2 * len(title or "") and start in text.lower() and _fold(text) == wanted:
            if block.kind is Kind.HEADING and block.level == 1:
                best = n
                break
            if best < 0 or (block.kind is Kind.HEADING and blocks[best].kind is not Kind.HEADING):
                best = n
    if best >= 0:
        keep[best] = False
    return best


def _standfirst(
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


def _captions(facts: Facts, keep: NDArray[np.bool_], main: NDArray[np.bool_]) -> set[int]:
    """Pictures, and the captions in their figures, that stand among the kept blocks or right before the first."""
    kept = np.flatnonzero(keep)
    if not len(kept):
        return set()
    first, last = int(kept[0]), int(kept[-1])
    hidden, group_of = facts["hidden"], facts["group"]
    out: set[int] = set()
    groups: set[int] = set()
    for n, image in enumerate(facts["image"]):
        if image is not None and first - 6 <= n <= last + 1 and main[n] and not hidden[n]:
            neighbour = keep[max(0, n - 4) : n + 5]
            if neighbour.any():
                out.add(n)
                if group_of[n]:
                    groups.add(group_of[n])
    if groups:
        for n, (kind, text, group) in enumerate(zip(facts["kind"], facts["text"], group_of, strict=True)):
            if kind is Kind.FIGURE and text and group in groups:
                out.add(n)
    return out
