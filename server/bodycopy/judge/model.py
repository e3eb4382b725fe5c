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
from .wordings import Wordings, blank, from_arrays, to_arrays

MIN_FIRST_CHANCE = 0.01
"""Blocks below it after the first pass, half of a page's, are not looked at again: 1 in 200 of them is the article's."""
BOUNDS = {
    "page_prose": 10.4, "prose_blocks_before": 4.4, "prose_blocks_after": 4.4, "parent_blocks": 4.8, "grand_blocks": 5.2,
}  # fmt: skip
"""Logarithms beyond which all lengths count alike. Few of the corpus's pages are longer, and those are seldom articles:
without bounds two thirds of an article of 640 paragraphs were taken for something else."""
_ROWS_AT_ONCE = 512
_ANSWERS_AT_ONCE = 64_000
"""So many numbers stay in the processor's cache, and the memory for them is used again."""


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
        out = np.empty(len(matrix), np.float32)
        for start in range(0, len(matrix), _ROWS_AT_ONCE):
            some = matrix[start : start + _ROWS_AT_ONCE]
            count = len(some)
            # A bit will stand for a row, and 64 of them are one number.
            columns = np.zeros((some.shape[1], -(-count // 64) * 64), np.float32)
            columns[:, :count] = some.T
            # Their bounds need not be checked (`clip`): all numbers are the ensemble's own.
            values = self._plan.values.take(self._leaves(columns)[:, :count], mode="clip")
            out[start : start + _ROWS_AT_ONCE] = values.sum(axis=0)
        return out

    def _leaves(self, columns: NDArray[np.float32]) -> NDArray[np.int32]:
        """For each tree and row the number of its leaf's value, shape (T, rows)."""
        plan = self._plan
        trees, rows = len(self.roots), columns.shape[1]
        yes = np.empty((len(plan.columns), rows // 64), np.uint64)
        step = _ANSWERS_AT_ONCE // rows
        for first in range(0, len(yes), step):
            asked = slice(first, first + step)
            answers = columns.take(plan.columns[asked], axis=0, mode="clip") > plan.borders[asked]
            yes[asked] = np.packbits(answers.reshape(-1)).view(np.uint64).reshape(-1, rows // 64)
        place = np.zeros((trees, rows), plan.place_type)
        reached = np.full((trees, rows // 64), ~np.uint64(0))
        for level in plan.levels:
            here = reached.take(level.here, axis=0, mode="clip")
            ways = np.empty((2, *here.shape), np.uint64)
            np.bitwise_and(here, yes.take(level.question, axis=0, mode="clip"), out=ways[1])
            np.bitwise_xor(here, ways[1], out=ways[0])
            turned = np.zeros((level.sizes[0] + 1, rows // 64), np.uint64)
            start = 0
            for size in level.sizes:
                some = turned[:size]
                np.bitwise_or(some, ways[1, start : start + size], out=some)
                start += size
            place += place
            bits = turned.take(level.turned, axis=0, mode="clip").view(np.uint8)
            place |= np.unpackbits(bits.reshape(-1)).reshape(place.shape)
            reached = ways.reshape(-1, rows // 64)
        return place + plan.starts

    @cached_property
    def _plan(self) -> _Plan:
        """How to go down all trees at once."""
        is_inner = self.child != np.arange(len(self.child))
        inner = np.flatnonzero(is_inner)
        # Many nodes ask the same: each question is put to all rows once.
        pairs = self.feature[inner] << 32 | self.border[inner].view(np.uint32)
        _, first, number = np.unique(pairs, return_index=True, return_inverse=True)
        question = np.zeros(len(self.child), np.intp)
        question[inner] = number
        levels: list[_Level] = []
        leaves = []
        nodes, trees, places = self.roots, np.arange(len(self.roots)), np.zeros(len(self.roots), np.intp)
        for _ in range(int(self.depth) + 1):
            stays = is_inner[nodes]
            leaves.append((nodes[~stays], trees[~stays], places[~stays]))
            if not stays.any():
                break
            here = np.flatnonzero(stays)
            here = here[np.argsort(trees[here], kind="stable")]
            counts = np.bincount(trees[here], minlength=len(self.roots))
            rank = np.arange(len(here)) - np.repeat(np.cumsum(counts) - counts, counts)
            row = np.empty_like(counts)
            row[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
            here = here[np.lexsort([row[trees[here]], rank])]
            sizes = np.bincount(rank).tolist()
            levels.append(_Level(here, question[nodes[here]], sizes, np.minimum(row, sizes[0])))
            nodes, trees, places = nodes[here], np.tile(trees[here], 2), 2 * places[here]
            nodes = np.concatenate([self.child[nodes], self.child[nodes] + 1])
            places = np.concatenate([places, places + 1])
        depth = len(levels)
        values = np.zeros((len(self.roots), 1 << depth), np.float32)
        for level, (leaf, tree, place) in enumerate(leaves):
            values[tree, place << (depth - level)] = self.value[leaf]
        asked = inner[first]
        return _Plan(
            self.feature[asked],
            self.border[asked, None],
            levels,
            values.ravel(),
            (np.arange(len(self.roots), dtype=np.int32) << depth)[:, None],
            np.min_scalar_type((1 << depth) - 1),
        )


class _Level(NamedTuple):
    """The nodes of all trees that are so many questions from the root, and are no leaves.

    One of each tree, those with most nodes first; then a second one of each tree that has one, and so on: the nodes of
    all trees are brought together by as many operations as one tree has nodes.
    """

    here: NDArray[np.intp]
    """Each node's number among those for no, then those for yes, of the level above."""
    question: NDArray[np.intp]
    """Number of each node's question."""
    sizes: list[int]
    """How many trees have a first node, a second one, and so on."""
    turned: NDArray[np.intp]
    """Place of each tree among those with most nodes first, and the place after the last for one without any."""


class _Plan(NamedTuple):
    """What `Trees` work out once."""

    columns: NDArray[np.intp]
    """What each question is about."""
    borders: NDArray[np.float32]
    """The answer is yes above it, as a column."""
    levels: list[_Level]
    values: NDArray[np.float32]
    """Of each tree in a row, for each way down: its bits are the answers, no after a leaf."""
    starts: NDArray[np.int32]
    """Number of each tree's first value, as a column."""
    place_type: np.dtype[Any]
    """Holds the number of a way down."""


class Model(NamedTuple):
    """All that was learned."""

    lexicon: Lexicon
    first: Trees
    second: Trees
    plain: Trees
    """For plain text, where there is nothing to go by but the words and their order."""
    about: dict[str, Any]
    """Seed, corpus hash, training command, cross-validated scores."""
    wordings: Wordings = blank()
    """For what is removed: which kind of boilerplate it is."""

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
    """Write weights: a byte or half precision for the linear models, single for the trees, node numbers as small as they are."""
    arrays: dict[str, Any] = {}
    for name in _ENSEMBLES:
        for part in _PARTS:
            small = value = getattr(getattr(model, name), part)
            if value.dtype.kind == "i":
                small = value.astype(np.min_scalar_type(-int(value.max(initial=1)) - 1))
            arrays[f"{name}/{part}"] = small
    arrays |= {f"wordings/{name}": array for name, array in to_arrays(model.wordings).items()}
    np.savez_compressed(
        path,
        words=model.lexicon.words,
        steps=model.lexicon.steps,
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
        lexicon = Lexicon(data["words"], data["steps"], array("names"))
        wordings = {name.partition("/")[2]: data[name] for name in data.files if name.startswith("wordings/")}
        about = json.loads(data["about"].tobytes())
        return Model(lexicon, **trees, about=about, wordings=from_arrays(wordings))


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
