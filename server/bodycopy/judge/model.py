"""The learned judge's weights, and their evaluation for all blocks of a page at once.

`weights.npz` holds arrays only (loaded without pickle): linear models over hashed words
and names, and two passes of boosted trees. The first is an ensemble of oblivious trees
(Prokhorenkova et al., CatBoost, 2018; every node of one level asks the same question,
so that a tree is a table of 2**depth values). The second sees the first one's scores of
the neighbours, and is the mean of such an ensemble and one of trees grown leaf by leaf
(Ke et al., LightGBM, 2017): they err in different places, and the mean was never far
below the better of them. `server/training/fit.py` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .features import COLUMN, Features, Matrix, second_pass
from .lexicon import Lexicon

MIN_FIRST_CHANCE = 0.01
"""Blocks below it after the first pass, half of a page's, are not looked at again: 1 in 200 of them is the article's."""
_ROWS_AT_ONCE = 256


class ObliviousTrees(NamedTuple):
    """An ensemble of T oblivious trees of depth D."""

    feature: NDArray[np.int64]
    """Column asked at each level, shape (T, D)."""
    border: NDArray[np.float32]
    """The answer is yes above it, shape (T, D)."""
    leaves: NDArray[np.float32]
    """Log odds, shape (T, 2**D); level 0 is the lowest bit of the leaf's number."""
    bias: NDArray[np.float32]
    """Shape ()."""

    def log_odds(self, matrix: Matrix) -> NDArray[np.float32]:
        """Log odds of each row, shape (rows,)."""
        trees, depth = self.feature.shape
        out = np.empty(len(matrix), np.float32)
        offsets = (np.arange(trees) << depth)[:, None]
        flat = self.leaves.ravel()
        columns = matrix.T
        for start in range(0, len(matrix), _ROWS_AT_ONCE):
            some = np.ascontiguousarray(columns[:, start : start + _ROWS_AT_ONCE])
            leaf = np.zeros((trees, some.shape[1]), np.uint16)
            for level in range(depth):
                yes = some[self.feature[:, level]] > self.border[:, level, None]
                leaf += yes.view(np.uint8) * np.uint16(1 << level)
            values = flat[leaf + offsets]
            # Added up row by row.
            out[start : start + _ROWS_AT_ONCE] = np.ascontiguousarray(values.T).sum(axis=1)
        return out + self.bias


class LeafwiseTrees(NamedTuple):
    """An ensemble of T trees, all their N nodes in one list; a leaf is a node that leads to itself."""

    feature: NDArray[np.int64]
    """Column asked at each node, shape (N,)."""
    border: NDArray[np.float32]
    """The answer is yes above it, shape (N,)."""
    child: NDArray[np.int64]
    """The next node for no and for yes, shape (2 * N,): node n's are at 2 * n and 2 * n + 1."""
    value: NDArray[np.float32]
    """Log odds of a leaf, 0 of other nodes, shape (N,)."""
    roots: NDArray[np.int64]
    """The first node of each tree, shape (T,)."""
    depth: NDArray[np.int64]
    """Questions asked at most, shape ()."""

    def log_odds(self, matrix: Matrix) -> NDArray[np.float32]:
        """Log odds of each row, shape (rows,)."""
        out = np.empty(len(matrix), np.float32)
        width = matrix.shape[1]
        # By place in `child`: node n's at 2 * n, and at 2 * n + 1 when the answer was yes.
        feature, border, child = np.repeat(self.feature, 2), np.repeat(self.border, 2), 2 * self.child
        for start in range(0, len(matrix), _ROWS_AT_ONCE):
            rows = matrix[start : start + _ROWS_AT_ONCE]
            flat = np.ascontiguousarray(rows).ravel()
            at = np.arange(len(rows))[:, None] * width
            place = np.repeat(2 * self.roots[None], len(rows), axis=0)
            # Nothing is out of range; with `clip` numpy need not make sure of it first.
            for _ in range(int(self.depth)):
                asked = np.take(feature, place, mode="clip") + at
                place += np.take(flat, asked, mode="clip") > np.take(border, place, mode="clip")
                place = np.take(child, place, mode="clip")
            out[start : start + _ROWS_AT_ONCE] = self.value[place >> 1].sum(axis=1)
        return out


class Model(NamedTuple):
    """All that was learned."""

    lexicon: Lexicon
    first: ObliviousTrees
    second: ObliviousTrees
    second_leafwise: LeafwiseTrees
    plain: ObliviousTrees
    """For plain text, where there is nothing to go by but the words and their order."""
    about: dict[str, Any]
    """Seed, corpus hash, training command, cross-validated scores."""

    def chance(self, features: Features) -> NDArray[np.float32]:
        """Probability that each block is of the article, shape (blocks,)."""
        if len(features.matrix) and features.matrix[0, COLUMN["plain_text"]]:
            return sigmoid(self.plain.log_odds(features.matrix))
        out = sigmoid(self.first.log_odds(features.matrix))
        again = out > MIN_FIRST_CHANCE
        if again.any():
            matrix = second_pass(features, out)[again]
            odds = (self.second.log_odds(matrix) + self.second_leafwise.log_odds(matrix)) * np.float32(0.5)
            out[again] = sigmoid(odds)
        return out


def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), dtype=np.float32)


_TREES: dict[str, type[ObliviousTrees] | type[LeafwiseTrees]] = {
    "first": ObliviousTrees,
    "second": ObliviousTrees,
    "second_leafwise": LeafwiseTrees,
    "plain": ObliviousTrees,
}


def save(path: Any, model: Model) -> None:
    """Write weights: half precision for the linear models, single for the trees, node numbers as small as they are."""
    arrays: dict[str, Any] = {}
    for name in _TREES:
        for part, value in getattr(model, name)._asdict().items():
            small = value
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

        trees: dict[str, Any] = {
            name: kind(*(array(f"{name}/{part}") for part in kind._fields)) for name, kind in _TREES.items()
        }
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
