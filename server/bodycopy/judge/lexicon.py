"""What words and names say: hashed words of a block, class and id words of its containers, words of link targets.

Each is a linear model over hashed keys (Weinberger et al., Feature Hashing, 2009).
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..article import Block, Container
from .words import WORD_BITS, Remembered, Table, Words

__all__ = [
    "NAME_BITS",
    "WORD_BITS",
    "Lexicon",
    "link_tokens",
    "name_key",
    "name_keys",
    "name_tokens",
    "name_words",
    "word_keys",
]

NAME_BITS = 15
MAX_ADDRESSES = 3
"""Of a block, whose words are read."""
_CACHE_ENTRIES = 200_000

_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
_NAME_MASK = (1 << NAME_BITS) - 1
_END = "."
"""Stands after each address's words."""
_CAPITAL_END = " A "
"""Stands for `_END` while all other letters are small."""
_OF_SMALL = "".join(chr(code) if chr(code).islower() else _END if chr(code) == "A" else " " for code in range(128))
"""What each sign of a text in ASCII whose letters are small becomes when it is split into words."""
_TAG_CHARS, _NAMES_CHARS = 20, 300
_NAMES_OF_PAGES = 2_000
"""Names whose words are kept: after the lexicon, what names a removed block asks for a page's again."""


def word_keys(text: str) -> list[int]:
    """Hashed words, word pairs and stems of a text, in [0, 2**WORD_BITS)."""
    keys: list[int] = Words([text]).keys[0].tolist()
    return keys


def name_tokens(container: Container) -> list[str]:
    """Words of a container's class, id and role, split at case and punctuation, and its tag."""
    return _name_tokens(container.tag, container.names)


def _name_tokens(tag: str, names: str) -> list[str]:
    tag, names = name_key(tag, names)
    return ["<" + tag, *sorted(_name_words(names))]


def name_key(tag: str, names: str) -> tuple[str, str]:
    """What is read of an element's tag and names, to remember it by: a class may have a million characters."""
    return tag[:_TAG_CHARS], names[:_NAMES_CHARS]


def name_words(names: str) -> frozenset[str]:
    """Words of a class, id and role, split at case and punctuation."""
    return _name_words(names[:_NAMES_CHARS])


@lru_cache(_NAMES_OF_PAGES)
def _name_words(names: str) -> frozenset[str]:
    return frozenset(filter(_is_telling, _small(names).translate(_OF_SMALL).split()))


def name_keys(tokens: Sequence[str], place: str) -> list[int]:
    """Hashed names in [0, 2**NAME_BITS).

    `place` is `0` for the block's own container, `1`, `2`, `a` for all above, `h` for the words of link targets.
    """
    start = zlib.crc32(f"{place}|".encode())
    return [zlib.crc32(t.encode(), start) & _NAME_MASK for t in tokens]


def link_tokens(block: Block) -> list[str]:
    """Words of the addresses that a block links to: `whatsapp`, `newsletter`, `author`. At most three links are read."""
    addresses = [href for _, _, href in block.spans if href is not None]
    return [word for word in dict.fromkeys(_address_words(addresses[:MAX_ADDRESSES])) if _is_telling(word)]


def _address_words(addresses: Iterable[str]) -> list[str]:
    """Words of addresses, of whatever length, with `_END` after each one's."""
    spaced = [_small(address[8:200].partition("?")[0]) for address in addresses]
    return _CAPITAL_END.join([*spaced, ""]).translate(_OF_SMALL).split()


def _small(text: str) -> str:
    """A text whose words are the runs of small letters in it: the one given, or its words split at case."""
    return text if text.isascii() and text.islower() else " ".join(_NAME.findall(text)).lower()


def _is_telling(word: str) -> bool:
    return 2 < len(word) < 20


class Lexicon:
    """Linear models over a block's words and over its containers' names.

    Of words there are four, of shape (4, 2**WORD_BITS): the first was fitted on all blocks, the second on those in and
    around articles only, where a line of promotion has to be told from a line of the text, the third on those of news
    and the training lines, since companies' and blogs' calls are part of their text, the fourth on the words of whole
    pages' links, to tell publishers of news from companies and blogs.
    """

    OF_BLOCKS = 3
    """The first so many tell of blocks, the last one of pages."""

    def __init__(self, words: NDArray[np.int8], steps: NDArray[np.float32], names: NDArray[np.float32]) -> None:
        """`words` are multiples of each model's own step (`steps`, shape (4,)): the four of a word are one number to look up."""
        self._of_words = np.ascontiguousarray(words.T).view(np.int32).ravel()
        self.steps = steps
        self.names = names
        self._of_names = Table(self._name_score, 4, np.float64)
        self._of_links = Table(self._link_score, 1, np.float64)
        self._of_tokens = Remembered(self._token_score, _CACHE_ENTRIES)

    @classmethod
    def rounded(cls, words: NDArray[np.float32], names: NDArray[np.float32]) -> Lexicon:
        """A lexicon of models as they were fitted, rounded to what is stored."""
        steps = np.maximum(np.abs(words).max(axis=1), 1e-9) / 127
        return cls(np.rint(words / steps[:, None]).astype(np.int8), steps.astype(np.float32), names)

    @property
    def words(self) -> NDArray[np.int8]:
        """The models over words as multiples of `steps`, shape (4, 2**WORD_BITS)."""
        return self._of_keys(slice(None)).T

    def _of_keys(self, keys: NDArray[np.intp] | slice) -> NDArray[np.int8]:
        """What the four models say of each key, as multiples of `steps`, shape (keys, 4)."""
        return self._of_words[keys].view(np.int8).reshape(-1, 4)

    def word_scores(self, words: Words) -> NDArray[np.float64]:
        """Log odds that each text is of an article, by its words; 0 for one without words. Shape (3, texts)."""
        keys, rows = words.keys
        count = len(words.counts)
        told = self._of_keys(keys)
        sums = np.array([np.bincount(rows, told[:, n], count) * self.steps[n] for n in range(self.OF_BLOCKS)])
        return sums / np.sqrt(np.maximum(1, np.bincount(rows, minlength=count)))

    def site_score(self, keys: NDArray[np.intp]) -> float:
        """Log odds that a page is of a publisher of news, by the keys of its links' words, each once; 0 for none."""
        keys = np.unique(keys)
        told = self._of_keys(keys)[:, self.OF_BLOCKS]
        return float(told.sum(dtype=np.int64) * self.steps[self.OF_BLOCKS]) / math.sqrt(max(1, len(keys)))

    def link_scores(self, addresses: Sequence[str], rows: NDArray[np.intp], count: int) -> NDArray[np.float64]:
        """Log odds by the words of the addresses that each of `count` blocks links to.

        `rows` is the number of the block that each address is of, in order; at most three of each are read.
        """
        if self._of_links.is_over(_CACHE_ENTRIES):
            self._of_links = Table(self._link_score, 1, np.float64)
        known = self._of_links
        rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
        read = np.flatnonzero(rank < MAX_ADDRESSES)
        ids = known.numbers(_address_words([addresses[n] for n in read.tolist()]))
        ends = ids == known[_END]
        row = rows[read[(np.cumsum(ends) - ends)[~ends]]] if len(read) else ids
        # Each word counts once a block.
        codes = np.sort(row << 32 | ids[~ends])
        codes = codes[np.diff(codes, prepend=-1) != 0]
        values: NDArray[np.float64] = known.facts[0, codes & 0xFFFFFFFF]
        return np.asarray(np.bincount(codes >> 32, values, count), np.float64)

    def _link_score(self, word: str) -> tuple[float]:
        return (float(self.names[name_keys([word], "h")[0]]) if _is_telling(word) else 0.0,)

    def name_scores(self, tags: Sequence[str], names: Sequence[str]) -> NDArray[np.float64]:
        """Log odds by the names of each container where it is the block's own, its parent, its grandparent, or above.

        Shape (containers, 4).
        """
        if self._of_names.is_over(_CACHE_ENTRIES):
            self._of_names = Table(self._name_score, 4, np.float64)
        known = self._of_names
        numbers = known.numbers([name_key(tag, of) for tag, of in zip(tags, names, strict=True)])
        found: NDArray[np.float64] = known.facts[:, numbers].T
        return found

    def _name_score(self, of: tuple[str, str]) -> tuple[float, float, float, float]:
        own = parent = grand = above = 0.0
        for token in _name_tokens(*of):
            four = self._of_tokens[token]
            own += four[0]
            parent += four[1]
            grand += four[2]
            above += four[3]
        return own, parent, grand, above

    def _token_score(self, token: str) -> tuple[float, ...]:
        return tuple(float(self.names[name_keys([token], place)[0]]) for place in "012a")
