"""The learned judge's weights, and their evaluation for all blocks of a page at once.

`weights.npz` holds arrays only (loaded without pickle): two linear models over hashed
words and names, and two ensembles of oblivious decision trees (Prokhorenkova et al.,
CatBoost, 2018; every node of one level asks the same question, so that a tree is a
table of 2**depth values), the second of which sees the first one's scores of the
neighbours. `server/training/fit.py` writes it.
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

from .features import Features, Lexicon, Matrix, second_pass


class Trees(NamedTuple):
    """An ensemble of T oblivious trees of depth D."""

    feature: NDArray[np.int64]
    """Column asked at each level, shape (T, D)."""
    border: NDArray[np.float32]
    """The answer is yes above it, shape (T, D)."""
    leaves: NDArray[np.float32]
    """Log odds, shape (T, 2**D); level 0 is the lowest bit of the leaf's number."""
    bias: float

    def log_odds(self, matrix: Matrix) -> NDArray[np.float32]:
        """Log odds of each row, shape (rows,)."""
        trees, depth = self.feature.shape
        # Each question of the ensemble once: 400 trees ask some 1,500 different ones.
        out = np.empty(len(matrix), np.float32)
        offsets = np.arange(trees) * (1 << depth)
        flat = self.leaves.ravel()
        bits = (1 << np.arange(depth)).astype(np.int16)
        for start in range(0, len(matrix), 256):
            rows = matrix[start : start + 256]
            leaf = np.zeros((len(rows), trees), np.int16)
            for level in range(depth):
                leaf += (rows[:, self.feature[:, level]] > self.border[:, level]) * bits[level]
            out[start : start + 256] = flat[leaf + offsets].sum(axis=1)
        return out + np.float32(self.bias)


class Model(NamedTuple):
    """All that was learned."""

    lexicon: Lexicon
    first: Trees
    second: Trees
    about: dict[str, Any]
    """Seed, corpus hash, training command, cross-validated scores."""

    def first_chance(self, features: Features) -> NDArray[np.float32]:
        """Probability, by the first pass, that each block is of the article."""
        return sigmoid(self.first.log_odds(features.matrix))

    def chance(self, features: Features) -> NDArray[np.float32]:
        """Probability that each block is of the article, shape (blocks,)."""
        return sigmoid(self.second.log_odds(second_pass(features, self.first_chance(features))))


def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), dtype=np.float32)


def save(path: Any, model: Model) -> None:
    """Write weights: half precision for the linear models, single for the trees."""
    arrays: dict[str, Any] = {
        f"{name}_{part}": value
        for name, trees in (("first", model.first), ("second", model.second))
        for part, value in (
            ("feature", trees.feature.astype(np.int16)),
            ("border", trees.border),
            ("leaves", trees.leaves),
            ("bias", np.float32(trees.bias)),
        )
    }
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
        trees = [
            Trees(
                data[f"{n}_feature"].astype(np.int64),
                data[f"{n}_border"],
                data[f"{n}_leaves"],
                float(data[f"{n}_bias"]),
            )
            for n in ("first", "second")
        ]
        lexicon = Lexicon(data["words"].astype(np.float32), data["names"].astype(np.float32))
        return Model(lexicon, trees[0], trees[1], json.loads(data["about"].tobytes()))


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
