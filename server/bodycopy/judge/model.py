"""The learned judge's weights, and their evaluation for all blocks of a page at once.

`weights.npz` holds arrays only (loaded without pickle): linear models over hashed words
and names, and two passes of boosted trees grown leaf by leaf (Ke et al., LightGBM, 2017),
of which the second sees the first one's scores of the neighbours. `server/training/fit.py`
writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .features import COLUMN, Features, Matrix, second_pass
from .lexicon import Lexicon

MIN_FIRST_CHANCE = 0.01
"""Blocks below it after the first pass, half of a page's, are not looked at again: 1 in 200 of them is the article's."""
BOUNDS = {
    "page_prose": 10.4, "prose_blocks_before": 4.4, "prose_blocks_after": 4.4, "parent_blocks": 4.8, "grand_blocks": 5.2,
}  # fmt: skip
"""Logarithms beyond which all lengths count alike. Few of the corpus's pages are longer, and those are seldom articles:
without bounds two thirds of an article of 640 paragraphs were taken for something else."""
_ROWS_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Trees:
    """An ensemble of T trees, all their N nodes in one list."""

    feature: NDArray[np.int64]
    """Column asked at each node, shape (N,)."""
    border: NDArray[np.float32]
    """The answer is yes above it; infinity at a leaf, shape (N,)."""
    child: NDArray[np.int64]
    """The next node for no, of which the one for yes is the next; at a leaf the leaf itself, shape (N,)."""
    value: NDArray[np.float32]
    """Log odds of a leaf, 0 of other nodes, shape (N,)."""
    roots: NDArray[np.int64]
    """The first node of each tree, shape (T,)."""
    depth: NDArray[np.int64]
    """Questions asked at most, shape ()."""

    def log_odds(self, matrix: Matrix) -> NDArray[np.float32]:
        """Log odds of each row, shape (rows,)."""
        questions, asked, values = self._levels
        out = np.empty(len(matrix), np.float32)
        trees = np.arange(len(self.roots), dtype=np.int32)[:, None]
        for start in range(0, len(matrix), _ROWS_AT_ONCE):
            columns = np.ascontiguousarray(matrix[start : start + _ROWS_AT_ONCE].T)
            count = columns.shape[1]
            # Many nodes ask the same: each question is put to all rows once.
            answers = (columns[self.feature[questions]] > self.border[questions, None]).ravel().view(np.int8)
            row = np.arange(count, dtype=np.int32)
            place = np.repeat(trees, count, axis=1)
            # Their bounds need not be checked (`clip`): all numbers are the ensemble's own.
            for level in asked:
                at = (level * np.int32(count)).take(place, mode="clip")
                at += row
                place <<= 1
                place += answers.take(at, mode="clip")
            out[start : start + _ROWS_AT_ONCE] = values.take(place, mode="clip").sum(axis=0)
        return out

    @cached_property
    def _levels(self) -> tuple[NDArray[np.intp], list[NDArray[np.int32]], NDArray[np.float32]]:
        """All trees as if they were of full depth, so that a node's children need not be looked up.

        A node for each question that is asked; for each level the question of each place, trees one after another; and
        the values of the places below the last. Below a leaf the answer is always no.
        """
        pairs = self.feature << 32 | self.border.view(np.uint32)
        _, questions, question = np.unique(pairs, return_index=True, return_inverse=True)
        asked = []
        nodes = self.roots
        for _ in range(int(self.depth)):
            asked.append(question[nodes].astype(np.int32))
            below = self.child[nodes]
            nodes = np.stack([below, np.where(below == nodes, nodes, below + 1)], axis=1).ravel()
        return questions, asked, self.value[nodes]


class Model(NamedTuple):
    """All that was learned."""

    lexicon: Lexicon
    first: Trees
    second: Trees
    plain: Trees
    """For plain text, where there is nothing to go by but the words and their order."""
    about: dict[str, Any]
    """Seed, corpus hash, training command, cross-validated scores."""

    def chance(self, features: Features) -> NDArray[np.float32]:
        """Probability that each block is of the article, shape (blocks,)."""
        features = features._replace(matrix=_bounded(features.matrix))
        if len(features.matrix) and features.matrix[0, COLUMN["plain_text"]]:
            return sigmoid(self.plain.log_odds(features.matrix))
        out = sigmoid(self.first.log_odds(features.matrix))
        again = out > MIN_FIRST_CHANCE
        if again.any():
            out[again] = sigmoid(self.second.log_odds(second_pass(features, out)[again]))
        return out


def _bounded(matrix: Matrix) -> Matrix:
    """A matrix of features without the lengths that nothing was learned of."""
    out = matrix.copy(order="K")
    for name, most in BOUNDS.items():
        np.minimum(out[:, COLUMN[name]], most, out=out[:, COLUMN[name]])
    return out


def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), dtype=np.float32)


def logit(chance: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Log odds of a probability: what `sigmoid` was given, as far as single precision tells."""
    p = np.asarray(chance, np.float32)
    odds: NDArray[np.float32] = np.log(np.clip(p, 1e-6, 1) / np.clip(1 - p, 1e-6, 1))
    return odds


_ENSEMBLES = ("first", "second", "plain")
_PARTS = tuple(part.name for part in fields(Trees))


def save(path: Any, model: Model) -> None:
    """Write weights: half precision for the linear models, single for the trees, node numbers as small as they are."""
    arrays: dict[str, Any] = {}
    for name in _ENSEMBLES:
        for part in _PARTS:
            small = value = getattr(getattr(model, name), part)
            if value.dtype.kind == "i":
                small = value.astype(np.min_scalar_type(-int(value.max(initial=1)) - 1))
            arrays[f"{name}/{part}"] = small
    np.savez_compressed(
        path,
        words=model.lexicon.words.astype(np.float16),
        names=model.lexicon.names.astype(np.float16),
        about=np.frombuffer(json.dumps(model.about, indent=1).encode(), np.uint8),
        **arrays,
    )


def read(file: Any) -> Model:
    """Weights from a file or path. Raises ValueError for pickled content, KeyError for a missing array."""
    with np.load(file, allow_pickle=False) as data:

        def array(name: str) -> NDArray[Any]:
            value: NDArray[Any] = data[name]
            return value.astype(np.int64 if value.dtype.kind == "i" else np.float32)

        trees: dict[str, Any] = {name: Trees(*(array(f"{name}/{part}") for part in _PARTS)) for name in _ENSEMBLES}
        return Model(Lexicon(array("words"), array("names")), **trees, about=json.loads(data["about"].tobytes()))


_in_use: ContextVar[Model | None] = ContextVar("model", default=None)


def current() -> Model:
    """The model to judge with: the shipped one, or what `use` has set."""
    return _in_use.get() or shipped()


@contextmanager
def use(model: Model) -> Iterator[None]:
    """Judge with another model for a while: how a model is measured on sites it was not fitted on."""
    token = _in_use.set(model)
    try:
        yield
    finally:
        _in_use.reset(token)


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The weights that come with the package."""
    with files("bodycopy.judge").joinpath("weights.npz").open("rb") as file:
        return read(file)
