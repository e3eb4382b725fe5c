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

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, reduce
from hashlib import blake2b
from operator import or_
from pathlib import Path
from typing import NamedTuple

from ..article import Label
from .characters import STOPS, foreign_signs
from .patterns import MARKED, MAX_OTHERS, OPENING_CHARACTERS, STEM_LETTERS, WITHOUT_SPACES, Needs, needs
from .words import Remembered

PHRASES = Path(__file__).with_name("phrases")
NEEDS = PHRASES / "needs.json"
"""To read all patterns takes a second, which the first page would wait for."""

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

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern as a regular expression without unbounded repetition of anything that repeats."""
        source = self.plain.replace(" … ", _GAP + r"\b").replace("…", _GAP)
        return re.compile(_BLOCK_ENDS.sub(r"\\W{0,8}\\Z", source))

    def needs(self) -> Needs:
        """What a folded text must have for the pattern to match."""
        folded = _fold_letters(self.match)
        return needs(self.plain, MARKED.findall(folded), self.opens_sentence)

    @property
    def key(self) -> str:
        """Under which it is in `NEEDS`: changes with the pattern."""
        return blake2b(self.match.encode(), digest_size=8).hexdigest()

    @property
    def plain(self) -> str:
        return _fold_letters(self.match).replace("~", "").removeprefix("^")


class _Index:
    """Phrases by what a block must have for them. A set of phrases is a whole number with a bit for each."""

    def __init__(self, phrases: Sequence[Phrase], needs: Mapping[str, Needs]) -> None:
        self.phrases = phrases
        size = len(phrases)
        self.all = (1 << size) - 1
        self.opening = sum(1 << n for n, phrase in enumerate(phrases) if phrase.opens_sentence)
        """Those that open a sentence."""
        self.closing = sum(1 << n for n, phrase in enumerate(phrases) if phrase.closes_block)
        """Those that close a block."""
        # Sets one after the other in one number say which phrases have one of their marked words, and one of each of the
        # other sets of words that they need. `free` is what they have without any.
        self.free = self.all * sum(1 << size * clause for clause in range(1, MAX_OTHERS + 1))
        self.substrings: dict[str, dict[str, int]] = {}
        """By the first character, the words of scripts that do not set words apart, and what they are one of."""
        stems: dict[str, int] = {}
        beginnings: dict[str, int] = {}
        for number, phrase in enumerate(phrases):
            one = 1 << number
            # A phrase that was written a moment ago is not in the file.
            need = needs.get(phrase.key) or phrase.needs()
            _add(stems, need.words, one)
            for word in need.within:
                _add(self.substrings.setdefault(word[0], {}), (word,), one)
            for clause, words in enumerate(need.others, 1):
                self.free &= ~(one << size * clause)
                _add(stems, words, one << size * clause)
            _add(beginnings, need.openings, one)

        def of_word(word: str) -> int:
            return stems.get(word[:STEM_LETTERS], 0)

        def of_beginning(text: str) -> int:
            return reduce(or_, [beginnings.get(text[:size], 0) for size in range(len(text) + 1)])

        self.words = Remembered(of_word, _MAX_WORDS)
        """What a word, or the first letters of a longer one, is one of; mostly of nothing."""
        self.openings = Remembered(of_beginning, _MAX_WORDS)
        """Phrases that may open a sentence that begins so."""

    def ready(self, found: int) -> int:
        """The phrases that have all that they need."""
        for _ in range(MAX_OTHERS):
            found &= found >> len(self.phrases)
        return found & self.all

    def members(self, phrases: int) -> Iterator[Phrase]:
        """Each of a set of phrases."""
        while phrases:
            one = phrases & -phrases
            phrases ^= one
            yield self.phrases[one.bit_length() - 1]


def _add(sets: dict[str, int], keys: Iterable[str], phrases: int) -> None:
    for key in keys:
        sets[key] = sets.get(key, 0) | phrases


_MAX_WORDS = 50_000
_BLOCK_END = "\x1e"
_STOPS = f"{STOPS}！？؟"
_GAP = rf"(?:[^.!?\n{_STOPS}]|\.(?=\w)){{0,60}}?"
_BLOCK_ENDS = re.compile(r"\$(?=[|)]|\Z)")
_ENTRY = re.compile(r"""^\[\[phrase]]\nlabel = "(\w+)"\nmatch = (?:'''(.+)'''|'(.+)')$""", re.M)
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
    index = _index()
    hits = {
        distinct[number]: _best(index, phrases, blocks[number], len(distinct[number]))
        for number, phrases in _candidates(index, page, blocks).items()
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


def _candidates(index: _Index, page: str, blocks: Sequence[str]) -> dict[int, int]:
    """By block number, the phrases of whose words the block has what they need."""
    of_word, free = index.words.__getitem__, index.free
    found = [reduce(or_, map(of_word, words), free) for words in map(str.split, _spaced(page).split(_BLOCK_END))]
    for number, block in enumerate(blocks if WITHOUT_SPACES.search(page) else ()):
        if not block.isascii():
            for first in index.substrings.keys() & set(block):
                for word, phrases in index.substrings[first].items():
                    if word in block:
                        found[number] |= phrases
    return {number: ready for number, of in enumerate(found) if of != free and (ready := index.ready(of))}


def _spaced(text: str) -> str:
    """A text with spaces for all signs that are of no word."""
    if not text.isascii():
        # As in `👉Read`, which would be no word that any phrase has.
        text = foreign_signs().sub(" ", text)
    return text.encode(errors="replace").translate(_SPACED).decode()


def _best(index: _Index, phrases: int, text: str, characters: int) -> Hit | None:
    """The phrase that covers most of a folded text; among equals the first by name."""
    best: tuple[int, str, Phrase] | None = None
    last = len(text) - MIN_SHARE * characters if len(text) == characters else len(text)
    starts = _sentence_starts(text, int(last))
    for phrase, found in _matches(index, phrases, text, starts):
        end = _SENTENCE_END.search(text, found.end())
        start = max((s for s in starts if s <= found.start()), default=found.start())
        of = (start - (end.end() if end else len(text)), phrase.source, phrase)
        if best is None or of < best:
            best = of
    if best is None or -best[0] < MIN_SHARE * characters:
        return None
    phrase = best[2]
    return Hit(phrase.label, f"phrase:{phrase.source}", REASONS[phrase.label], min(1.0, -best[0] / characters))


def _matches(index: _Index, phrases: int, text: str, starts: Sequence[int]) -> Iterator[tuple[Phrase, re.Match[str]]]:
    """Those of the phrases that stand in a folded text whose sentences begin at `starts`, and where."""
    if len(text) > 2 * MAX_CLOSING_CHARACTERS:
        phrases &= ~index.closing
    for phrase in index.members(phrases & ~index.opening):
        outside = (m for m in phrase.pattern.finditer(text) if not _is_quoted(text, m.start()))
        if found := next(outside, None):
            yield phrase, found
    phrases &= index.opening
    matched: set[Phrase] = set()
    late = len(text) - MAX_CLOSING_CHARACTERS
    for start in starts:
        here = phrases & index.openings[text[start : start + OPENING_CHARACTERS]]
        for phrase in index.members(here if start >= late else here & ~index.closing):
            if phrase not in matched and (found := phrase.pattern.match(text, start)):
                matched.add(phrase)
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
    """All languages' phrases."""
    return _Index([phrase for path in sorted(PHRASES.glob("*.toml")) for phrase in load(path)], recorded_needs())


def recorded_needs() -> dict[str, Needs]:
    """What was read of the patterns of phrases, by `Phrase.key`."""
    return {
        key: Needs(words.split(), within.split(), [some.split() for some in others], openings.split("\n"))
        for key, (words, within, others, openings) in json.loads(NEEDS.read_text(encoding="utf-8")).items()
    }
