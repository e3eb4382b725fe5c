"""What words and names say: hashed words of a block, class and id words of its containers, words of link targets.

Each is a linear model over hashed keys (Weinberger et al., Feature Hashing, 2009).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..article import Block, Container

WORD_BITS = 18
NAME_BITS = 15
MAX_TOKENS = 48
"""Words of a block that are looked at: the first 32 and the last 16. Promotion shows at the ends."""
_CACHE_ENTRIES = 200_000

_TOKEN = re.compile(r"\w+|[^\w\s]")
WIDE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no space between words, and Korean."""
_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")

_CARET = zlib.crc32(b"^")
_WORD_MASK, _NAME_MASK = (1 << WORD_BITS) - 1, (1 << NAME_BITS) - 1
_token_codes: dict[str, tuple[int, bytes, bytes, int]] = {}
_NO_STEM = -1
STEM_LETTERS = 4
"""A longer word also counts by its first letters: languages that inflect have a dozen forms of `subscribe`."""


def _code(token: str) -> tuple[int, bytes, bytes, int]:
    """CRC-32 of a token, its bytes, its bytes after a space (a pair's CRC continues the first word's), its stem's key."""
    data = b"0" if token.isdigit() else token.encode("utf-8", "replace")
    stem = _NO_STEM
    if len(token) > STEM_LETTERS and token.isalpha():
        stem = zlib.crc32(b"#" + token[:STEM_LETTERS].encode("utf-8", "replace")) & _WORD_MASK
    if len(_token_codes) > _CACHE_ENTRIES:
        _token_codes.clear()
    found = _token_codes[token] = (zlib.crc32(data), data, b" " + data, stem)
    return found


def word_keys(text: str) -> list[int]:
    """Hashed words, word pairs and stems of a text, in [0, 2**WORD_BITS)."""
    tokens = _TOKEN.findall(text[:400].lower())
    if len(text) > 400:
        tokens = tokens[:32] + _TOKEN.findall(text[-140:].lower())[-16:]
    elif len(tokens) > MAX_TOKENS:
        tokens = tokens[:32] + tokens[-16:]
    if not text.isascii() and WIDE.search(text):
        tokens = [
            p for t in tokens for p in ([t[i : i + 2] for i in range(max(1, len(t) - 1))] if WIDE.match(t) else [t])
        ]
    if not tokens:
        return []
    known = _token_codes
    codes = [known.get(t) or _code(t) for t in tokens]
    crc32 = zlib.crc32
    keys = [c[0] & _WORD_MASK for c in codes]
    keys += [crc32(b[2], a[0]) & _WORD_MASK for a, b in pairwise(codes)]
    keys += [c[3] for c in codes[:32] if c[3] != _NO_STEM]
    start = crc32(codes[0][1], _CARET)
    keys.append(start & _WORD_MASK)
    keys.append((crc32(codes[1][2], start) if len(codes) > 1 else start) & _WORD_MASK)
    keys.append(crc32(b"$", codes[-1][0]) & _WORD_MASK)
    return keys


def name_tokens(container: Container) -> list[str]:
    """Words of a container's class, id and role, split at case and punctuation, and its tag."""
    words = {w.lower() for w in _NAME.findall(container.names[:300]) if 2 < len(w) < 20}
    return ["<" + container.tag[:20], *sorted(words)]


def name_keys(tokens: Sequence[str], place: str) -> list[int]:
    """Hashed names in [0, 2**NAME_BITS).

    `place` is `0` for the block's own container, `1`, `2`, `a` for all above, `h` for the words of link targets.
    """
    start = zlib.crc32(f"{place}|".encode())
    return [zlib.crc32(t.encode(), start) & _NAME_MASK for t in tokens]


def link_tokens(block: Block) -> list[str]:
    """Words of the addresses that a block links to: `whatsapp`, `newsletter`, `author`. At most three links are read."""
    tokens: set[str] = set()
    found = 0
    for span in block.spans:
        if span.href is not None:
            tokens.update(w.lower() for w in _NAME.findall(span.href[8:200].partition("?")[0]) if 2 < len(w) < 20)
            found += 1
            if found == 3:
                break
    return sorted(tokens)


class Lexicon:
    """Linear models over a block's words and over its containers' names.

    `words` has two rows, each of shape (2**WORD_BITS,): the first was fitted on all blocks, the second on those in and
    around articles only, where a line of promotion has to be told from a line of the text.
    """

    def __init__(self, words: NDArray[np.float32], names: NDArray[np.float32]) -> None:
        self.words = words
        self.names = names
        self._of_names: dict[tuple[str, str], tuple[float, float, float, float]] = {}
        self._of_links: dict[str, float] = {}
        self._of_tokens: dict[str, tuple[float, ...]] = {}

    def word_scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Log odds that each text is of an article, by its words; 0 for one without words. Shape (2, texts)."""
        out = np.zeros((len(self.words), len(texts)), np.float32)
        keys: list[int] = []
        starts: list[int] = []
        rows: list[int] = []
        for row, text in enumerate(texts):
            if text:
                found = word_keys(text)
                if found:
                    starts.append(len(keys))
                    rows.append(row)
                    keys += found
        if rows:
            sums = np.add.reduceat(self.words[:, keys], starts, axis=1)
            out[:, rows] = sums / np.sqrt(np.diff([*starts, len(keys)]))
        return out

    def link_score(self, block: Block) -> float:
        """Log odds by the words of the addresses that a block links to."""
        tokens = link_tokens(block)
        total = 0.0
        for token in tokens:
            value = self._of_links.get(token)
            if value is None:
                if len(self._of_links) > _CACHE_ENTRIES:
                    self._of_links.clear()
                value = self._of_links[token] = float(self.names[name_keys([token], "h")[0]])
            total += value
        return total

    def name_scores(self, container: Container) -> tuple[float, float, float, float]:
        """Log odds by a container's names where it is the block's own, its parent, its grandparent, or above."""
        key = (container.tag, container.names)
        found = self._of_names.get(key)
        if found is None:
            tokens = name_tokens(container)
            own = parent = grand = above = 0.0
            for token in tokens:
                four = self._of_tokens.get(token)
                if four is None:
                    if len(self._of_tokens) > _CACHE_ENTRIES:
                        self._of_tokens.clear()
                    four = tuple(float(self.names[name_keys([token], place)[0]]) for place in "012a")
                    self._of_tokens[token] = four
                own += four[0]
                parent += four[1]
                grand += four[2]
                above += four[3]
            found = (own, parent, grand, above)
            if len(self._of_names) > _CACHE_ENTRIES:
                self._of_names.clear()
            self._of_names[key] = found
        return found
