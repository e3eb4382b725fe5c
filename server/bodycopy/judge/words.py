"""A page's words as numbers: split once for all that looks at words, and hashed for all blocks at once.

A token's number is its place in a vocabulary that grows with what is read. CRC-32 hashes it; a pair's CRC
follows from those of its two words, since CRC-32 is linear.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Sequence, Sized
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .characters import MARKS, SPACE, WIDE, WORD, classes, codes

WORD_BITS = 20
"""With 18, what collides costs a hundredth of the area under the curve of news, by sites held out."""
MAX_TOKENS = 48
"""Words of a block that are hashed: the first 32 and the last 16. Promotion shows at the ends."""
STEM_LETTERS = 4
"""A longer word also counts by its first letters: languages that inflect have a dozen forms of `subscribe`."""
EDGE_TOKENS = 6
"""As many at each end of a block also count by where they stand: promotion shows there, in all its word orders."""
MAX_HEAD_CHARS = 600
"""Of a block, whose words are compared with what the page says of itself."""

MAX_KEY_CHARS = 100
"""Of what is remembered of a page."""
MAX_MEAN_CHARS = 80
"""Of all that a table has, one with the other, when it is full. Of 150 real pages' words it is 7, of their names 57."""

_HASHED_CHARS, _HASHED_END = 400, 140
_FIRST_TOKENS = 32
_TOKEN = re.compile(rf"[\w{MARKS}]+|[^\w\s{MARKS}]")
_FIRST = re.compile(rf"(?:\s*+(?:[\w{MARKS}]++|[^\w\s{MARKS}])){{{_FIRST_TOKENS}}}+")
_WORD = re.compile(rf"[\w{MARKS}]+")
_MARK = re.compile(f"[{MARKS}]")
_BREAK = "\n"
"""Set after each text; of no token."""
_MASK = (1 << WORD_BITS) - 1
_CARET, _EARLY, _LATE = zlib.crc32(b"^"), zlib.crc32(b"<"), zlib.crc32(b">")
_NO_STEM = -1
_MAX_VOCABULARY = 200_000
_LOCK = Lock()
"""Of all tables: one of its own could not be sent to another process with them, as fitting does."""

K = TypeVar("K", bound=Sized)
Key = TypeVar("Key", str, tuple[str, str])
V = TypeVar("V")
Numbers = NDArray[np.intp]
Facts = NDArray[np.int64]


class Remembered(dict[K, V]):
    """What `read` says of keys; one that is looked up is added, and all are forgotten where they are over `most`.

    A long one is not kept: a page can have others on each visit.
    """

    def __init__(self, read: Callable[[K], V], most: int) -> None:
        super().__init__()
        self._read, self._most = read, most

    def __missing__(self, key: K) -> V:
        if len(key) > MAX_KEY_CHARS:
            return self._read(key)
        if len(self) > self._most:
            self.clear()
        found = self[key] = self._read(key)
        return found


class Table(dict[Key, int]):
    """Keys by number. A key that is looked up is added, and what `look_up` says of it is a column of `facts`."""

    def __init__(self, look_up: Callable[[Key], Sequence[float]], height: int, dtype: type[np.generic]) -> None:
        super().__init__()
        self._look_up: Callable[[Key], Sequence[float]] = look_up
        self._chars = 0
        self.facts: NDArray[Any] = np.zeros((height, 256), dtype)

    def __missing__(self, key: Key) -> int:
        facts = self._look_up(key)
        with _LOCK:
            number = len(self)
            if number == self.facts.shape[1]:
                self.facts = np.concatenate([self.facts, np.zeros_like(self.facts)], axis=1)
            self.facts[:, number] = facts
            self._chars += sum(map(len, key))
            return self.setdefault(key, number)

    def is_over(self, most: int) -> bool:
        """Whether there are more keys than so many, or fewer that are as long together as so many are hardly ever."""
        return len(self) > most or self._chars > most * MAX_MEAN_CHARS

    def numbers(self, keys: Sequence[Key]) -> Numbers:
        """The number of each key; of each character, if `keys` is a string."""
        return np.fromiter(map(self.__getitem__, keys), np.intp, len(keys))


class Vocabulary(Table[str]):
    """Tokens by number."""

    CRC, SIZE, SPACED, OPENING, CLOSING, STEM, EARLY, LATE = range(8)
    """Rows of `facts`: CRC-32 of the token; of it after a space, and the bytes of that; after the sign that stands
    for a block's start, and before the one for its end; keys of its first letters, and of it near either end."""

    def __init__(self) -> None:
        super().__init__(_facts_of, 8, np.int64)


def _facts_of(token: str) -> tuple[int, ...]:
    data = b"0" if token.isdigit() else token.encode("utf-8", "replace")
    crc = zlib.crc32(data)
    stem = _NO_STEM
    if len(token) > STEM_LETTERS and is_spelled(token):
        stem = zlib.crc32(b"#" + token[:STEM_LETTERS].encode("utf-8", "replace")) & _MASK
    return (
        crc, len(data) + 1, zlib.crc32(b" " + data), zlib.crc32(data, _CARET), zlib.crc32(b"$", crc) & _MASK, stem,
        zlib.crc32(data, _EARLY) & _MASK, zlib.crc32(data, _LATE) & _MASK,
    )  # fmt: skip


def is_spelled(token: str) -> bool:
    """Whether a token is of letters alone, and their marks."""
    return token.isalpha() or (not token.isascii() and _MARK.sub("", token).isalpha())


def split(text: str) -> list[str]:
    """The words of a text in lower case, as a page's are split."""
    return _WORD.findall(text.lower())


_vocabulary = Vocabulary()


def _current() -> Vocabulary:
    """The vocabulary to read a page with: a new one when the last has become large."""
    global _vocabulary
    if _vocabulary.is_over(_MAX_VOCABULARY):
        _vocabulary = Vocabulary()
    return _vocabulary


class Words:
    """The tokens of a page's blocks, each text's in a row."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._vocabulary = _current()
        self.lows = [text[:MAX_HEAD_CHARS].lower() for text in texts]
        """The texts' beginnings in lower case."""
        sizes = np.fromiter(map(len, self.lows), np.intp, len(texts))
        self._page = _BREAK.join(self.lows) + _BREAK
        self._starts = np.cumsum(sizes + 1) - sizes - 1
        points = codes(self._page)
        found = classes(points)
        in_word = (found & WORD) != 0
        # A token begins at each sign that is neither of a word nor a space, and where a word does.
        begins = (found & SPACE) == 0
        begins[1:] &= ~(in_word[1:] & in_word[:-1])
        at = np.flatnonzero(begins)
        is_word = in_word[at]
        self._tokens = np.empty(len(at), np.intp)
        self._tokens[is_word] = self._vocabulary.numbers(_words(points, in_word))
        self._tokens[~is_word] = self._vocabulary.numbers(_text(points[at[~is_word]]))
        rows = np.repeat(np.arange(len(texts)), sizes + 1)[at]
        self._sizes = np.bincount(rows, minlength=len(texts))
        self.ids = self._tokens[is_word]
        """Numbers of the words, all texts' one after the other."""
        self.rows = rows[is_word]
        """Number of the text that each word stands in."""
        self.counts = np.bincount(self.rows, minlength=len(texts))
        """Words of each text."""

    def hold(self, wanted: str) -> NDArray[np.bool_]:
        """Whether each of `lows` holds `wanted`, which is not empty and has no line break."""
        found = np.zeros(len(self.lows), bool)
        at = self._page.find(wanted)
        while at >= 0:
            row = int(np.searchsorted(self._starts, at, "right")) - 1
            found[row] = True
            at = self._page.find(wanted, int(self._starts[row]) + len(self.lows[row]))
        return found

    def ids_of(self, words: Iterable[str]) -> Numbers:
        """Numbers of other words, to compare `ids` with."""
        # No word of a block is as long, though letters become two where they are set in lower case. What JSON-LD says is
        # the article's text can be a single word of 200,000.
        return self._vocabulary.numbers([word[: 2 * MAX_HEAD_CHARS + 1] for word in words])

    def are_among(self, wanted: Numbers, ids: Numbers) -> NDArray[np.bool_]:
        """Whether each of `ids` is one of `wanted`."""
        marks = np.zeros(len(self._vocabulary) + 1, bool)
        marks[wanted] = True
        found: NDArray[np.bool_] = marks[ids]
        return found

    def distinct(self) -> tuple[Numbers, Numbers]:
        """`ids` and `rows` with each word once a text."""
        codes = np.sort(self.rows << 32 | self.ids)
        codes = codes[np.diff(codes, prepend=-1) != 0]
        return codes & 0xFFFFFFFF, codes >> 32

    @cached_property
    def keys(self) -> tuple[Numbers, Numbers]:
        """Hashed words, word pairs and stems in [0, 2**WORD_BITS), and the number of the text that each is of.

        Also a text's first word as such, its first two, its last, and those near either end.
        """
        ids, sizes, texts = self._hashed()
        facts = self._vocabulary.facts
        if not len(ids):
            return ids, ids
        ends = np.cumsum(sizes)
        starts = ends - sizes
        rows = np.repeat(texts, sizes)
        rank = np.arange(len(ids)) - np.repeat(starts, sizes)
        crc, size, spaced, stems = (
            facts[row][ids] for row in (Vocabulary.CRC, Vocabulary.SIZE, Vocabulary.SPACED, Vocabulary.STEM)
        )
        second = np.flatnonzero(rank > 0)
        pairs = _followed(crc[second - 1], size[second], spaced[second])
        stemmed = np.flatnonzero((stems != _NO_STEM) & (rank < _FIRST_TOKENS))
        early = np.flatnonzero(rank < EDGE_TOKENS)
        late = np.flatnonzero(np.repeat(sizes, sizes) - rank <= EDGE_TOKENS)
        opening = facts[Vocabulary.OPENING][ids[starts]]
        both = opening.copy()
        longer = np.flatnonzero(sizes > 1)
        after = starts[longer] + 1
        both[longer] = _followed(opening[longer], size[after], spaced[after])
        keys = np.concatenate([
            crc & _MASK, pairs & _MASK, stems[stemmed], opening & _MASK, both & _MASK,
            facts[Vocabulary.CLOSING][ids[ends - 1]], facts[Vocabulary.EARLY][ids[early]], facts[Vocabulary.LATE][ids[late]],
        ])  # fmt: skip
        return keys, np.concatenate([rows, rows[second], rows[stemmed], texts, texts, texts, rows[early], rows[late]])

    def _hashed(self) -> tuple[Numbers, Numbers, Numbers]:
        """Tokens that are hashed, those of a text together; how many of each text that has any; its number."""
        others: list[Numbers] = []
        other_sizes: dict[int, int] = {}
        starts = np.cumsum(self._sizes) - self._sizes
        for number, text in enumerate(self._texts):
            is_wide = not text.isascii() and WIDE.search(text) is not None
            if not is_wide and len(text) <= _HASHED_CHARS:
                continue
            if not is_wide and (first := _FIRST.match(self.lows[number])) and first.end() < _HASHED_CHARS:
                start = int(starts[number])
                found = [self._tokens[start : start + _FIRST_TOKENS], self._vocabulary.numbers(_last_tokens(text))]
            else:
                found = [self._vocabulary.numbers(_tokens_of(text))]
            others += found
            other_sizes[number] = sum(map(len, found))
        sizes = self._sizes.copy()
        rank = np.arange(len(self._tokens)) - np.repeat(starts, sizes)
        sizes[list(other_sizes)] = 0
        left = np.repeat(sizes, self._sizes)
        # Those of the first 32 and the last 16, of texts that are not among the others.
        taken = (rank < _FIRST_TOKENS) | (rank >= left - (MAX_TOKENS - _FIRST_TOKENS))
        ids = np.concatenate([self._tokens[taken & (left > 0)], *others])
        sizes = np.concatenate([np.minimum(sizes, MAX_TOKENS), np.fromiter(other_sizes.values(), np.intp)])
        texts = np.concatenate([np.arange(len(self._texts)), np.fromiter(other_sizes, np.intp)])
        return ids, sizes[sizes > 0], texts[sizes > 0]


def _words(points: NDArray[np.integer[Any]], in_word: NDArray[np.bool_]) -> list[str]:
    """The words of a text of these code points, `in_word` saying which are of words."""
    return _text(np.where(in_word, points, points.dtype.type(ord(" ")))).split()


def _text(points: NDArray[np.integer[Any]]) -> str:
    return points.tobytes().decode("ascii" if points.itemsize == 1 else "utf-32-le", "surrogatepass")


def _tokens_of(text: str) -> list[str]:
    """Tokens that are hashed of a text that is long, or in a script that puts no space between words."""
    tokens = _TOKEN.findall(text[:_HASHED_CHARS].lower())
    if len(text) > _HASHED_CHARS:
        tokens = tokens[:_FIRST_TOKENS] + _last_tokens(text)
    elif len(tokens) > MAX_TOKENS:
        tokens = tokens[:_FIRST_TOKENS] + tokens[_FIRST_TOKENS - MAX_TOKENS :]
    if not text.isascii() and WIDE.search(text):
        tokens = [
            p for t in tokens for p in ([t[i : i + 2] for i in range(max(1, len(t) - 1))] if WIDE.match(t) else [t])
        ]
    return tokens


def tokens_and_keys(text: str) -> list[tuple[str, list[int]]]:
    """The tokens of a text that are hashed, each with the keys that it has by itself: its own and its first letters'."""
    vocabulary = _current()
    tokens = _tokens_of(text)
    numbers = vocabulary.numbers(tokens).tolist()
    facts = vocabulary.facts
    of_facts = ((int(facts[Vocabulary.CRC, n]) & _MASK, int(facts[Vocabulary.STEM, n])) for n in numbers)
    return [(t, [own] if stem == _NO_STEM else [own, stem]) for t, (own, stem) in zip(tokens, of_facts, strict=True)]


def _last_tokens(text: str) -> list[str]:
    return _TOKEN.findall(text[-_HASHED_END:].lower())[_FIRST_TOKENS - MAX_TOKENS :]


def _shifts(sizes: int) -> NDArray[np.uint32]:
    """What each of a CRC's four bytes, lowest first, becomes by so many zero bytes after it: shape (sizes, 4, 256)."""
    of_byte = np.array([zlib.crc32(bytes([b]), 0xFFFFFFFF) ^ 0xFFFFFFFF for b in range(256)], np.uint32)
    out = np.empty((sizes, 4, 256), np.uint32)
    out[0] = np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32)[:, None])
    for size in range(1, sizes):
        out[size] = (out[size - 1] >> 8) ^ of_byte[out[size - 1] & 255]
    return out


_LONGEST_SHIFT = 63
_SHIFTS = _shifts(_LONGEST_SHIFT + 1).ravel()


def _followed(crc: Facts, size: Facts, spaced: Facts) -> Facts:
    """CRC-32 of texts with CRC `crc`, each followed by a space and the token with these `facts`."""
    while len(size) and size.max() > _LONGEST_SHIFT:
        step = np.minimum(size, _LONGEST_SHIFT)
        crc = _shifted(crc, step)
        size = size - step
    return _shifted(crc, size) ^ spaced


def _shifted(crc: Facts, size: Facts) -> Facts:
    at = size << 10
    out = _SHIFTS[at + (crc & 255)]
    for byte in (1, 2, 3):
        out ^= _SHIFTS[at + (byte << 8) + (crc >> (8 * byte) & 255)]
    return out.astype(np.int64)
