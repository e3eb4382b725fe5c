"""Wordings that give a block away, in every language at once.

`phrases/<language>.toml` holds one `[[phrase]]` per wording: `label` (what a block with it is), `match`
(the pattern), `hit` and `miss` (its examples, which are its tests). A pattern is a regular expression over
folded text (see `_fold`: lower case, straight quotes, `ı` as `i`) with four signs of its own:

    ~word   the block must have one of the words so marked before the pattern is tried at all
    ^       at the start, and only there: a sentence must begin here, after decoration such as an emoji or a bracket
    $       at the end: the block ends here, give or take punctuation
    …       anything within a sentence, up to 60 characters; with spaces around it, up to the start of a word

A marked word of five letters or more also stands for all that begin as it does. In scripts that do not set words
apart, or that put particles before them, it stands for the characters anywhere. Nothing matches inside quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from ..article import Label
from .characters import STOPS
from .words import Remembered

PHRASES = Path(__file__).with_name("phrases")

MAX_EXAMINED_CHARACTERS = 800
"""Of a longer block, the first half and the last half of this many: promotion opens or closes a block."""

MIN_SHARE = 0.5
"""Of a block, for a phrase to count: a promotional sentence does not make a paragraph of prose promotional."""

MAX_CLOSING_CHARACTERS = 240
"""Of a phrase that is all of a block from its sentence's start to the end: labels and links, never prose."""

REASONS = {
    Label.NAVIGATION: "Leads to other parts of the site.",
    Label.RELATED: "Points to another article.",
    Label.NEWSLETTER: "Asks you to sign up for a newsletter.",
    Label.SUBSCRIPTION: "Asks you to subscribe or become a member.",
    Label.PROMOTION: "Promotes the site's other coverage.",
    Label.SOCIAL: "Asks you to follow or share.",
    Label.DONATION: "Asks you to support the publisher with money.",
    Label.APP: "Promotes the publisher's app.",
    Label.ADVERTISEMENT: "Marks an advertisement.",
    Label.AFFILIATE: "Says that the publisher earns from links.",
    Label.AUTHOR_BIO: "Introduces the author.",
    Label.BYLINE: "Says who made the article or its pictures, or when.",
    Label.COPYRIGHT: "States who owns the text or how it may be used.",
    Label.COMMENTS: "Belongs to the readers' comments.",
    Label.PAYWALL: "Says that the rest is for subscribers.",
    Label.CONSENT: "Asks for consent to cookies or tracking.",
    Label.INTERFACE: "Is a control of the page or its label.",
}


class Hit(NamedTuple):
    """A phrase found in a block."""

    label: Label
    source: str
    """`phrase:<language>/<label>/<number among the file's phrases of that label>`."""
    reason: str
    """One sentence, for the reader of the article."""
    share: float
    """Share of the block's characters in the sentences that the phrase is in; `MIN_SHARE` to 1."""


class Phrase:
    """One pattern, compiled when first tried."""

    def __init__(self, source: str, label: Label, match: str) -> None:
        self.source = source
        self.label = label
        self.match = match
        self.opens_sentence = match.startswith("^")
        self.closes_block = match.endswith(("$", "$)"))

    def __repr__(self) -> str:
        return f"<Phrase {self.source} {self.match}>"

    def words(self) -> Iterator[str]:
        """The marked words, folded: of a compound the longest part; both forms where the last letter is optional."""
        for word, optional in _MARKED.findall(_fold_letters(self.match)):
            for form in (word, word[:-1]) if optional else (word,):
                yield form if _WITHOUT_SPACES.search(form) else max(_PUNCTUATION.split(form), key=len)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern as a regular expression without unbounded repetition of anything that repeats."""
        source = self._plain.replace(" … ", _GAP + r"\b").replace("…", _GAP)
        return re.compile(_BLOCK_ENDS.sub(r"\\W{0,8}\\Z", source))

    @cached_property
    def initials(self) -> frozenset[str] | None:
        """The characters that a match can begin with, or None for any: most sentences need not be tried at all."""
        return _Initials(self._plain).of_alternatives()[0]

    @property
    def _plain(self) -> str:
        return _fold_letters(self.match).replace("~", "").removeprefix("^")


class _Initials:
    """Reads which characters a pattern can begin with: as far as that takes, and cautiously."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def of_alternatives(self) -> tuple[frozenset[str] | None, bool]:
        """Of what stands up to the end or a closing bracket; and whether it can be empty."""
        known: set[str] | None = set()
        can_be_empty = False
        while True:
            first, is_empty = self._of_sequence()
            known = None if known is None or first is None else known | first
            can_be_empty |= is_empty
            if not self._pattern.startswith("|", self._at):
                return (None if known is None or can_be_empty else frozenset(known)), can_be_empty
            self._at += 1

    def _of_sequence(self) -> tuple[set[str] | None, bool]:
        known: set[str] | None = set()
        is_empty = True
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            first, can_be_empty = self._of_atom()
            if quantifier := _QUANTIFIER.match(self._pattern, self._at):
                self._at = quantifier.end()
                can_be_empty |= quantifier[0][0] in "?*" or quantifier[0].startswith(("{0", "{,"))
            if is_empty:
                known = None if known is None or first is None else known | first
            is_empty &= can_be_empty
        return known, is_empty

    def _of_atom(self) -> tuple[set[str] | None, bool]:
        """A character, a class or a group."""
        sign = self._pattern[self._at]
        self._at += 1
        if sign == "(":
            looks_around = self._pattern.startswith(("?!", "?=", "?<"), self._at)
            first, can_be_empty = self.of_alternatives()
            self._at += 1
            return (set(), True) if looks_around else (None if first is None else set(first), can_be_empty)
        if sign == "[":
            self._at = _CLASS_END.match(self._pattern, self._at).end()  # type: ignore[union-attr]
            return None, False
        if sign == "\\":
            self._at += 1
            escaped = self._pattern[self._at - 1]
            return (set(), True) if escaped == "b" else (None if escaped.isalnum() else {escaped}, False)
        return (set(), True) if sign == "$" else (None if sign in ".… " else {sign}, False)


class _Index(NamedTuple):
    """Phrases by what a block must have for them."""

    words: Remembered[str, tuple[Phrase, ...]]
    """By a word, or the first letters of a longer one; most have none."""
    substrings: dict[str, list[tuple[str, tuple[Phrase, ...]]]]
    """By the first character, the words of scripts that do not set words apart, and their phrases."""


STEM_LETTERS = 5
_MAX_WORDS = 50_000
_BLOCK_END = "\x1e"
_STOPS = f"{STOPS}！？؟"
_GAP = rf"(?:[^.!?\n{_STOPS}]|\.(?=\w)){{0,60}}?"
_MARKED = re.compile(r"~([^\s()|\[\]?*+\\.{}^$…~]+)(\??)")
_PUNCTUATION = re.compile(r"[\W_]+")
_QUANTIFIER = re.compile(r"(?:[?*+]|\{[\d,]+\})\??")
_CLASS_END = re.compile(r"\^?\]?(?:[^\]\\]|\\.)*\]")
_BLOCK_ENDS = re.compile(r"\$(?=[|)]|\Z)")
_ENTRY = re.compile(r"""^\[\[phrase]]\nlabel = "(\w+)"\nmatch = (?:'''(.+)'''|'(.+)')$""", re.M)
_WITHOUT_SPACES = re.compile("[\u0590-\u10ff\u3040-\ud7af]")
_DECORATION = re.compile(r"""[^\w"']{0,8}""")
_SENTENCE_START = re.compile(rf"""(?:[.!?|·•>)\]"]\s|[\n{_STOPS}])[^\w"']{{0,8}}""")
_SENTENCE_END = re.compile(rf"[.!?](?=\s|\Z)|[\n{_STOPS}]|\Z")
_LETTERS = (("ı", "i"), ("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ى", "ي"), ("ی", "ي"), ("ک", "ك"), ("ـ", ""))
_SIGNS = (
    *((quote, '"') for quote in "“”„«「」『』"),
    *((quote, "'") for quote in "‘’‚ʼ`´"),
    *((space, " ") for space in "\xa0\u2009\u202f\u3000"),
    *((mark, "") for mark in "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xad"),
    ("» ", "> "),
    ("»", '"'),
    ("–", "-"),
    ("—", "-"),
    ("…", "."),
    ("：", ":"),
    ("i\u0307", "i"),
)
_SPACED = bytes(b if b > 127 or b == ord(_BLOCK_END) or chr(b).isalnum() else 32 for b in range(256))


def find(text: str) -> Hit | None:
    """The phrase that covers most of a block's text, or None."""
    return find_all((text,))[0]


def find_all(texts: Sequence[str]) -> list[Hit | None]:
    """For each block of a page, the phrase that covers most of its text, or None."""
    if not texts:
        return []
    distinct = list(dict.fromkeys(texts))
    page = _fold(_BLOCK_END.join([_cut(text) for text in distinct]))
    blocks = page.split(_BLOCK_END)
    hits = {
        distinct[number]: _best(phrases, blocks[number], len(distinct[number]))
        for number, phrases in _candidates(page, blocks).items()
    }
    return [hits.get(text) for text in texts]


def shares(hits: Sequence[Hit | None]) -> list[float]:
    """The part of each block that its phrase covers, 0 where none was found."""
    return [hit.share if hit is not None else 0.0 for hit in hits]


def _cut(text: str) -> str:
    """A block's text without what could be mistaken for a block's end, and short enough to examine."""
    if len(text) > MAX_EXAMINED_CHARACTERS:
        half = MAX_EXAMINED_CHARACTERS // 2
        text = text[:half] + "\n" + text[-half:]
    return text.replace(_BLOCK_END, " ") if _BLOCK_END in text else text


def _fold(text: str) -> str:
    """Lower case, with one sign where writers use several. ASCII text is through at once."""
    text = text.lower()
    if text.isascii():
        return text
    for sign, plain in _SIGNS:
        text = text.replace(sign, plain)
    return _fold_letters(text)


def _fold_letters(text: str) -> str:
    """Letters that are written one way or the other, as one; for texts and patterns alike."""
    if not text.isascii():
        for letter, plain in _LETTERS:
            text = text.replace(letter, plain)
    return text


def _candidates(page: str, blocks: Sequence[str]) -> dict[int, set[Phrase]]:
    """By block number, the phrases one of whose words the block has."""
    index = _index()
    spaced = page.encode(errors="replace").translate(_SPACED).decode()
    of_word = index.words
    out: dict[int, set[Phrase]] = {}
    for number, words in enumerate(spaced.split(_BLOCK_END)):
        found = [phrases for word in words.split() if (phrases := of_word[word])]
        if found:
            out[number] = set(found[0]) if len(found) == 1 else set().union(*found)
    for number, block in enumerate(blocks if _WITHOUT_SPACES.search(page) else ()):
        if not block.isascii():
            for first in index.substrings.keys() & set(block):
                for word, phrases in index.substrings[first]:
                    if word in block:
                        out.setdefault(number, set()).update(phrases)
    return out


def _best(phrases: Iterable[Phrase], text: str, characters: int) -> Hit | None:
    """The phrase that covers most of a folded text; among equals the first by name."""
    best: tuple[int, str, Phrase] | None = None
    last = len(text) - MIN_SHARE * characters if len(text) == characters else len(text)
    starts = _sentence_starts(text, int(last))
    for phrase, found in _matches(phrases, text, starts):
        end = _SENTENCE_END.search(text, found.end())
        start = max((s for s in starts if s <= found.start()), default=found.start())
        of = (start - (end.end() if end else len(text)), phrase.source, phrase)
        if best is None or of < best:
            best = of
    if best is None or -best[0] < MIN_SHARE * characters:
        return None
    phrase = best[2]
    return Hit(phrase.label, f"phrase:{phrase.source}", REASONS[phrase.label], min(1.0, -best[0] / characters))


def _matches(phrases: Iterable[Phrase], text: str, starts: Sequence[int]) -> Iterator[tuple[Phrase, re.Match[str]]]:
    """Those of the phrases that stand in a folded text whose sentences begin at `starts`, and where."""
    late = [start for start in starts if start >= len(text) - MAX_CLOSING_CHARACTERS]
    is_long = len(text) > 2 * MAX_CLOSING_CHARACTERS
    for phrase in phrases:
        if phrase.closes_block and is_long:
            continue
        if phrase.opens_sentence:
            match, initials = phrase.pattern.match, phrase.initials
            for start in late if phrase.closes_block else starts:
                if initials is not None and text[start : start + 1] not in initials:
                    continue
                if found := match(text, start):
                    yield phrase, found
                    break
        else:
            outside = (m for m in phrase.pattern.finditer(text) if not _is_quoted(text, m.start()))
            if found := next(outside, None):
                yield phrase, found


def _sentence_starts(text: str, last: int) -> list[int]:
    """Where sentences begin, behind decoration and outside quotation marks, none after `last`; the block's own is first."""
    opening = _DECORATION.match(text)
    starts = [opening.end() if opening else 0, *[m.end() for m in _SENTENCE_START.finditer(text, 0, last + 1)]]
    if '"' in text:
        starts[1:] = [start for start in starts[1:] if not _is_quoted(text, start)]
    return [start for start in starts if start <= last]


def _is_quoted(text: str, at: int) -> bool:
    return '"' in text and text.count('"', 0, at) % 2 == 1


def load(path: Path) -> list[Phrase]:
    """The phrases of one language's file, without its examples, which only the tests read."""
    counts: dict[str, int] = {}
    out: list[Phrase] = []
    for label, quoted, plain in _ENTRY.findall(path.read_text(encoding="utf-8")):
        counts[label] = counts.get(label, 0) + 1
        out.append(Phrase(f"{path.stem}/{label}/{counts[label]}", Label(label), quoted or plain))
    return out


@cache
def _index() -> _Index:
    """All languages' phrases, read once."""
    stems: dict[str, list[Phrase]] = {}
    substrings: dict[str, list[Phrase]] = {}
    for path in sorted(PHRASES.glob("*.toml")):
        for phrase in load(path):
            for word in phrase.words():
                if _WITHOUT_SPACES.search(word):
                    substrings.setdefault(word, []).append(phrase)
                else:
                    stems.setdefault(word[:STEM_LETTERS], []).append(phrase)
    by_first: dict[str, list[tuple[str, tuple[Phrase, ...]]]] = {}
    for word, found in substrings.items():
        by_first.setdefault(word[0], []).append((word, tuple(found)))
    of_stem = {stem: tuple(dict.fromkeys(found)) for stem, found in stems.items()}
    return _Index(Remembered(lambda word: of_stem.get(word[:STEM_LETTERS], ()), _MAX_WORDS), by_first)
