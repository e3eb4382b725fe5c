"""Which kind of boilerplate a line's words are of, where neither a phrase nor the page itself tells.

Linear models over hashed words, one for each kind, fitted on the training lines alone. A kind is named only where
a word tells it: `columbia` tells none. Words that tell it by themselves are cited to the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..article import Label
from .words import Words, is_spelled, tokens_and_keys

KEY_BITS = 15
MIN_SCORE = -0.75
"""Log odds of the likeliest kind from which it is named."""
MIN_TOLD = 2.0
"""Log odds of a word by itself from which it tells a kind: `inbox` has 10 for newsletters, `columbia` 0.9 for menus."""
MIN_CITED = 4.0
"""Log odds from which a word is cited as the reason: below are `was` and `how`, of which a kind's lines merely have more."""
MAX_CITED = 2
_MIN_LETTERS = 3
_MASK = (1 << KEY_BITS) - 1


class Wording(NamedTuple):
    """The kind that a line's words are of, and those that say so by themselves, in small letters; there may be none."""

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
            told = self._told(texts[number], int(best[number]))
            if any(odds >= MIN_TOLD for odds in told.values()):
                cited = sorted((w for w, odds in told.items() if odds >= MIN_CITED), key=lambda w: -told[w])
                found[number] = Wording(self.labels[best[number]], tuple(cited[:MAX_CITED]))
        return found

    def _told(self, text: str, kind: int) -> dict[str, float]:
        """The words of a text that can be cited, each with its log odds of a kind by itself."""
        return {
            word: self.step * int(self.weights[np.array(keys) & _MASK, kind].sum(dtype=np.int64))
            for word, keys in tokens_and_keys(text)
            if is_spelled(word) and (len(word) >= _MIN_LETTERS or not word.isascii())
        }


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
