"""What words and names say: hashed words of a block, class and id words of its containers, words of link targets.

Each is a linear model over hashed keys (Weinberger et al., Feature Hashing, 2009).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ..article import Block, Container
from .words import WORD_BITS, Words

__all__ = ["NAME_BITS", "WORD_BITS", "Lexicon", "link_tokens", "name_keys", "name_tokens", "word_keys"]

NAME_BITS = 15
_CACHE_ENTRIES = 200_000

_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
_NAME_MASK = (1 << NAME_BITS) - 1


def word_keys(text: str) -> list[int]:
    """Hashed words, word pairs and stems of a text, in [0, 2**WORD_BITS)."""
    keys: list[int] = Words([text]).keys()[0].tolist()
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
    for _, _, href in block.spans:
        if href is not None:
            address = href[8:200].partition("?")[0]
            words = _NAME.findall(address)
            tokens.update(words if address.islower() else map(str.lower, words))
            found += 1
            if found == 3:
                break
    return [token for token in tokens if 2 < len(token) < 20]


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

    def word_scores(self, words: Words) -> NDArray[np.float64]:
        """Log odds that each text is of an article, by its words; 0 for one without words. Shape (2, texts)."""
        keys, rows = words.keys()
        count = len(words.counts)
        sums = np.array([np.bincount(rows, weights[keys], count) for weights in self.words])
        return sums / np.sqrt(np.maximum(1, np.bincount(rows, minlength=count)))

    def link_score(self, block: Block) -> float:
        """Log odds by the words of the addresses that a block links to."""
        total = 0.0
        for token in link_tokens(block):
            value = self._of_links.get(token)
            if value is None:
                if len(self._of_links) > _CACHE_ENTRIES:
                    self._of_links.clear()
                value = self._of_links[token] = float(self.names[name_keys([token], "h")[0]])
            total += value
        return total

    def name_scores(self, containers: Sequence[Container]) -> NDArray[np.float64]:
        """Log odds by each container's names where it is the block's own, its parent, its grandparent, or above.

        Shape (containers, 4).
        """
        known = self._of_names
        if len(known) > _CACHE_ENTRIES:
            known.clear()
        rows = [known.get((c.tag, c.names)) or self._name_score(c) for c in containers]
        return np.fromiter(chain.from_iterable(rows), np.float64, 4 * len(rows)).reshape(-1, 4)

    def _name_score(self, container: Container) -> tuple[float, float, float, float]:
        own = parent = grand = above = 0.0
        for token in name_tokens(container):
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
        found = self._of_names[container.tag, container.names] = (own, parent, grand, above)
        return found
