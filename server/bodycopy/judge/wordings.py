"""Which kind of boilerplate a line's words are of, where neither a phrase nor the page itself tells.

Linear models over hashed words, one for each kind, fitted on the training lines alone. A kind is named only with the
words that tell it: `columbia` is one of none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..article import Label
from .words import Words, tokens_and_keys

KEY_BITS = 15
MIN_SCORE = -0.75
"""Log odds of the likeliest kind from which it is named."""
MIN_TOLD = 2.0
"""Log odds of a word by itself from which it tells a kind: `inbox` has 10 for newsletters, `columbia` 0.9 for menus."""
MAX_TOLD = 2
"""Words that are named as the reason."""
_MIN_LETTERS = 3
_MASK = (1 << KEY_BITS) - 1


class Wording(NamedTuple):
    """The kind that a line's words are of, and those that say so most, in small letters."""

    label: Label
    words: tuple[str, ...]


class Wordings(NamedTuple):
    """The models of all kinds."""

    labels: tuple[Label, ...]
    """The kinds, K of them."""
    weights: NDArray[np.int8]
    """Of each key for each kind, as multiples of `step`, shape (2**KEY_BITS, K)."""
    bias: NDArray[np.float32]
    """Log odds of each kind without any words, shape (K,)."""
    step: float

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Log odds of each kind for each text, shape (texts, K)."""
        keys, rows = Words(texts).keys
        order = np.argsort(rows, kind="stable")
        counts = np.bincount(rows, minlength=len(texts))
        out = np.tile(self.bias.astype(np.float64), (len(texts), 1))
        worded = np.flatnonzero(counts)
        if len(worded):
            starts = (np.cumsum(counts) - counts)[worded]
            told = self.weights[keys[order] & _MASK].astype(np.int32)
            out[worded] += np.add.reduceat(told, starts, axis=0) * self.step / np.sqrt(counts[worded])[:, None]
        return out

    def of(self, texts: Sequence[str]) -> list[Wording | None]:
        """The kind that each text is of by its words, None where they do not say."""
        if not texts:
            return []
        scores = self.scores(texts)
        best = scores.argmax(axis=1)
        found: list[Wording | None] = [None] * len(texts)
        for number in np.flatnonzero(scores[np.arange(len(texts)), best] > MIN_SCORE).tolist():
            if words := self._telling(texts[number], int(best[number])):
                found[number] = Wording(self.labels[best[number]], words)
        return found

    def _telling(self, text: str, kind: int) -> tuple[str, ...]:
        """The words of a text that tell a kind, those that do most first."""
        told: dict[str, int] = {}
        for word, keys in tokens_and_keys(text):
            if word.isalpha() and (len(word) >= _MIN_LETTERS or not word.isascii()):
                told[word] = int(self.weights[np.array(keys) & _MASK, kind].sum(dtype=np.int64))
        most = sorted((w for w, weight in told.items() if weight * self.step >= MIN_TOLD), key=lambda w: -told[w])
        return tuple(most[:MAX_TOLD])


def blank() -> Wordings:
    """Models that name no kind."""
    return Wordings((Label.PROMOTION,), np.zeros((1 << KEY_BITS, 1), np.int8), np.full(1, -9, np.float32), 1.0)


def to_arrays(wordings: Wordings) -> dict[str, NDArray[Any]]:
    """What `from_arrays` makes the models of: arrays without pickled objects."""
    return {
        "labels": np.array([label.value for label in wordings.labels]),
        "weights": wordings.weights,
        "bias": wordings.bias,
        "step": np.array(wordings.step),
    }


def from_arrays(arrays: dict[str, NDArray[Any]]) -> Wordings:
    labels = tuple(Label(str(value)) for value in arrays["labels"])
    return Wordings(labels, arrays["weights"], arrays["bias"], float(arrays["step"]))
