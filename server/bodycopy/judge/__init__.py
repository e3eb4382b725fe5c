"""Which blocks are the article: one entry, `judge`.

A learned model, to which the phrases are one of the signals, gives every block the
probability that it is of the article; guards keep what words alone would remove;
then each removed block is told what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..article import UNDECLARED, Block, Container, Declared, Evidence, Kind, Label, Metadata, Notice, Verdict
from ..notices import notice
from . import guards, phrases, roles
from .features import COLUMN, Features, compute
from .joint import joint_odds
from .kinds import Named, is_certain, kind_of, named_kinds, reason_of
from .model import current, logit, sigmoid
from .places import Facts
from .wordings import Wording, Wordings, blank


class Thresholds(NamedTuple):
    """What the decision asks of a block's probability; `training.thresholds` tries others on half of the sites."""

    keep: float
    """Probability from which a block is kept: less than a half, since a lost line is worse than one too many."""
    named_log_odds: float
    """What a telling name of its container (comments, author-bio) takes off a block's log odds."""
    phrase_log_odds: float
    """What a phrase that is all of a block takes off. The trees know phrases mostly from the calls of companies, which are
    text; in languages whose words the lexicon hardly knows a phrase is often all that is told."""
    plain_phrase_log_odds: float
    """What one of PLAIN takes off that is most of a block."""


THRESHOLDS = Thresholds(keep=0.3, named_log_odds=2.5, phrase_log_odds=0.6, plain_phrase_log_odds=1.2)
WHOLE_SHARE = 0.9
"""Of a block, for a phrase in it to be all of it."""
MOST_SHARE = 0.5
PLAIN = frozenset(
    {
        Label.NEWSLETTER, Label.ADVERTISEMENT, Label.APP, Label.SOCIAL, Label.CONSENT, Label.COMMENTS, Label.DONATION,
        Label.PAYWALL, Label.COPYRIGHT,
    }
)  # fmt: skip
"""Kinds whose phrases are hardly ever text, even on pages of companies: of 4,200 in articles and news of the corpus 15
are in the reference; of 3,200 of the other kinds, controls aside, 168."""
BYLINE_LOG_ODDS = 3.0
NO_WORDINGS = blank()
MIN_TOLD_SHARE = 0.25
"""Of a removed block, for a phrase in it to say what it is."""
MAX_WORDED = 400
"""Blocks of a page whose words are asked of which kind they are: where there are more, they are a list."""


class Judged(NamedTuple):
    """The blocks given, in order, each with its verdict; and what the reader should know."""

    blocks: tuple[Block, ...]
    warnings: tuple[Notice, ...]
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
        return Judged((), (notice("no_text"),), metadata.dek)
    model = current()
    hits = phrases.find_all([b.text for b in blocks])
    features = compute(blocks, model.lexicon, phrases.shares(hits), metadata, declared)
    return decide(blocks, metadata, features, model.chance(features), hits, opinion, wordings=model.wordings)


def decide(
    blocks: Sequence[Block],
    metadata: Metadata,
    features: Features,
    chance: NDArray[np.float32],
    hits: Sequence[phrases.Hit | None],
    opinion: Callable[[], str | None] = lambda: None,
    thresholds: Thresholds = THRESHOLDS,
    wordings: Wordings = NO_WORDINGS,
) -> Judged:
    """Verdicts from the model's probabilities (`chance`, shape (blocks,)) and the phrases found in each block.

    `wordings` tell the kinds of what is removed.
    """
    facts = dict(zip(Block._fields, zip(*blocks, strict=True), strict=True))
    named = named_kinds(facts["container"])
    choice = _choose(blocks, facts, named, features, chance, hits, opinion, thresholds)
    keep = choice.keep
    captions = roles.captions(facts, keep, features.main)
    title = roles.headline(blocks, metadata.title, keep)
    if _drop_noscript(blocks, keep) and not keep.any():
        captions = set()
    dek = metadata.dek
    if dek is None:
        kept = np.flatnonzero(keep)
        first = int(kept[0]) if len(kept) else len(blocks)
        found = roles.standfirst(blocks, title, first, hits, named, features)
        dek = None if found is None else blocks[found].text
    telling = [hit if hit is not None and hit.share > MIN_TOLD_SHARE else None for hit in hits]
    kinds = _kinds_by_words(blocks, keep, features.main, telling, named, wordings)
    facts["verdict"] = tuple(_verdicts(blocks, choice, _Roles(title, dek, captions), features, telling, named, kinds))
    # What was said of the text that was kept is not true of none.
    warnings = choice.warnings if keep.any() else [notice("no_article")]
    return Judged(tuple(map(Block._make, zip(*facts.values(), strict=True))), tuple(warnings), dek)


class _Choice(NamedTuple):
    """Which blocks stay, shape (blocks,), and what decided."""

    keep: NDArray[np.bool_]
    chance: NDArray[np.float32]
    """Of each block to be the article's, where a half is the threshold."""
    bylines: NDArray[np.bool_]
    saved: dict[int, guards.Guard]
    """Guards that keep what would be removed, by the number of the block."""
    warnings: list[Notice]


class _Roles(NamedTuple):
    title: int
    """Number of the block that is the headline, -1 for none."""
    dek: str | None
    captions: set[int]


def _choose(
    blocks: Sequence[Block],
    facts: Facts,
    named: Sequence[Named | None],
    features: Features,
    chance: NDArray[np.float32],
    hits: Sequence[phrases.Hit | None],
    opinion: Callable[[], str | None],
    thresholds: Thresholds,
) -> _Choice:
    """Model, names and bylines first; then what is hidden goes, and guards keep. The headline is still among the text."""
    link_share = features.matrix[:, COLUMN["link_share"]]
    sizes = np.fromiter(map(len, facts["text"]), np.intp, len(blocks))
    worded = (sizes > 0) & np.array([kind is not Kind.FIGURE for kind in facts["kind"]])
    plain = blocks[0].container is None
    odds = logit(chance) - logit(thresholds.keep)
    odds -= _told_odds(hits, features.matrix[:, COLUMN["phrase"]], thresholds)
    if not plain:
        odds = joint_odds(facts, features.groups, odds)
    odds -= thresholds.named_log_odds * np.array([is_certain(n) for n in named])
    bylines = roles.bylines(facts["kind"], sizes, features.matrix, odds > 0)
    odds -= BYLINE_LOG_ODDS * bylines
    # From here on the threshold is a half.
    chance = sigmoid(odds)
    keep = (chance > 0.5) & worded
    _drop_hidden(np.array(facts["hidden"]), sizes, keep)
    warnings: list[Notice] = []
    told = [hit is not None and hit.share > MOST_SHARE for hit in hits]
    saved = guards.protect(blocks, chance, keep, features.main, link_share, told)
    prose = features.main & (features.matrix[:, COLUMN["is_prose"]] > 0)
    if not plain and sizes[keep].sum() < 0.5 * sizes[prose & worded].sum():
        second = guards.ask_second_opinion(blocks, keep, opinion)
        if second:
            saved.update(second)
            warnings.append(notice("second_opinion"))
    keep[list(saved)] = True
    kept_words = 0
    for number in np.flatnonzero(keep).tolist():
        kept_words += guards.words_of(blocks[number])
        if kept_words >= guards.MIN_ARTICLE_WORDS:
            break
    else:
        rest = guards.running_text(blocks, features.main, link_share)
        if sum(guards.words_of(blocks[n]) for n in rest) > kept_words:
            warnings.append(notice("running_text"))
            for number in rest:
                if not keep[number]:
                    saved[number] = rest[number]
                    keep[number] = True
    return _Choice(keep, chance, bylines, saved, warnings)


def _told_odds(
    hits: Sequence[phrases.Hit | None], shares: NDArray[np.float32], thresholds: Thresholds
) -> NDArray[np.floating]:
    """What phrases take off each block's log odds, shape (blocks,)."""
    off = thresholds.phrase_log_odds * (shares >= WHOLE_SHARE)
    for n in np.flatnonzero(shares > MOST_SHARE).tolist():
        hit = hits[n]
        if hit is not None and hit.label in PLAIN:
            off[n] = thresholds.plain_phrase_log_odds
    return off


def _verdicts(
    blocks: Sequence[Block],
    choice: _Choice,
    found: _Roles,
    features: Features,
    hits: Sequence[phrases.Hit | None],
    named: Sequence[Named | None],
    kinds: Mapping[int, Wording],
) -> Iterator[Verdict]:
    """What each block is, how sure that is, and who says so, in words for the reader."""
    keep, saved = choice.keep, choice.saved
    kept = np.flatnonzero(keep)
    first, last = (int(kept[0]), int(kept[-1])) if len(kept) else (len(blocks), -1)
    dek = roles.fold(found.dek)
    dek_start = dek.partition(" ")[0]
    signals = zip(
        features.matrix[:, COLUMN["link_share"]].tolist(),
        features.matrix[:, COLUMN["near_word_score"]].tolist(),
        features.matrix[:, COLUMN["same_text"]].astype(int).tolist(),
        features.main.tolist(),
        strict=True,
    )
    confidences = _confidences(choice.chance, keep).tolist()
    judged = zip(blocks, hits, named, keep.tolist(), confidences, signals, strict=True)
    for n, (block, hit, name, stays, confidence, seen) in enumerate(judged):
        source, evidence = "model", None
        if n in saved and stays:
            label = Label.HEADING if block.kind is Kind.HEADING else Label.CONTENT
            reason, confidence, source = saved[n].reason, 0.5, f"guard:{saved[n].name}"
        elif stays:
            if block.kind is Kind.HEADING:
                label, reason = Label.HEADING, "A heading among the article's paragraphs."
            else:
                label, reason = Label.CONTENT, "Reads and stands like the article's text."
        elif n == found.title:
            label, reason, confidence = Label.TITLE, "The headline, shown as the title.", 0.95
        elif n in found.captions:
            label, reason, confidence = Label.CAPTION, "Belongs to a picture of the article.", 0.8
        elif dek and n < first and dek_start in block.text.lower() and roles.fold(block.text) == dek:
            label, reason, confidence = Label.DEK, "The standfirst, shown below the title.", 0.9
        elif hit is not None:
            label, reason, source = hit.label, hit.reason, hit.source
        else:
            position = "before" if n < first else "after" if n > last else "inside"
            if choice.bylines[n]:
                label, evidence = Label.BYLINE, Evidence("byline")
            else:
                label, evidence = kind_of(block, name, seen, position, kinds.get(n))
            reason = reason_of(label, evidence)
        yield Verdict(label, reason, confidence, source, evidence)


def _kinds_by_words(
    blocks: Sequence[Block],
    keep: NDArray[np.bool_],
    main: NDArray[np.bool_],
    hits: Sequence[phrases.Hit | None],
    named: Sequence[Named | None],
    wordings: Wordings,
) -> dict[int, Wording]:
    """The kinds that removed blocks are of by their words, of those that stand among the text or in its container.

    Further out are menus, whose words tell of the stories that they lead to. At most `MAX_WORDED` are asked.
    """
    kept = np.flatnonzero(keep)
    near = main.copy()
    if len(kept):
        near[kept[0] : kept[-1]] = True
    removed = np.flatnonzero(near & ~keep).tolist()
    asked = [n for n in removed if blocks[n].text and named[n] is None and hits[n] is None][:MAX_WORDED]
    found = wordings.of([blocks[n].text for n in asked])
    return {n: wording for n, wording in zip(asked, found, strict=True) if wording is not None}


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


def _drop_noscript(blocks: Sequence[Block], keep: NDArray[np.bool_]) -> bool:
    """Let a few words for browsers without scripts go where nothing that is shown is left; whether any went.

    The page is the shell of a program then: "You need to enable JavaScript to run this app." is no article of it.
    """
    kept = np.flatnonzero(keep).tolist()
    if not all(blocks[n].hidden for n in kept):
        return False
    if sum(guards.words_of(blocks[n]) for n in kept) >= guards.MIN_ARTICLE_WORDS:
        return False
    going = [n for n in kept if _is_in_noscript(blocks[n].container)]
    keep[going] = False
    return bool(going)


def _is_in_noscript(container: Container | None) -> bool:
    while container is not None and container.tag != "noscript":
        container = container.parent
    return container is not None
