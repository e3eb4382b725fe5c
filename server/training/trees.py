"""Boosted trees, fitted and exported as the arrays that `bodycopy.judge.model` evaluates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from bodycopy.judge.model import Trees
from lightgbm import Booster, LGBMClassifier

FIRST = {"n_estimators": 150, "learning_rate": 0.12}
SECOND = {"n_estimators": 400, "learning_rate": 0.04}
PLAIN = {"n_estimators": 150, "learning_rate": 0.09}
SEEDS = (11, 7)
"""Of the rows and columns that each tree is drawn. An ensemble is the mean of one for each seed: what either learned of
the few pages alone counts for half."""
MAX_DIFFERENCE = 1e-3
"""Log odds that an exported ensemble may differ by from its library's own answer."""


def fit_trees(matrix: np.ndarray, labels: np.ndarray, weights: np.ndarray, settings: dict[str, Any]) -> Trees:
    """An ensemble fitted on rows (shape (rows, columns)) with a label and a weight each."""
    fitted = []
    for seed in SEEDS:
        model = LGBMClassifier(
            **settings, num_leaves=31, max_depth=8, n_jobs=1, random_state=seed, deterministic=True, force_row_wise=True,
            subsample=0.7, subsample_freq=1, colsample_bytree=0.3, min_child_samples=20, reg_lambda=5.0, max_bin=96, verbose=-1,
        )  # fmt: skip
        fitted.append(model.fit(matrix, labels, sample_weight=weights).booster_)
    exported = _exported(fitted)
    probe = matrix[:: max(1, len(matrix) // 500)]
    wanted = np.mean([booster.predict(probe, raw_score=True) for booster in fitted], axis=0)
    difference = np.abs(exported.log_odds(probe) - wanted).max()
    if difference > MAX_DIFFERENCE:
        raise RuntimeError(f"the exported trees differ from their library's by {difference}")
    return exported


def _exported(fitted: Sequence[Booster]) -> Trees:
    """The trees of several ensembles as one, whose answer is the mean of theirs."""
    feature: list[int] = []
    border: list[float] = []
    child: list[int] = []
    value: list[float] = []
    deepest = 0

    def add(node: dict[str, Any]) -> None:
        leaf = "threshold" not in node
        child.append(len(feature) if leaf else -1)
        feature.append(0 if leaf else node["split_feature"])
        border.append(np.inf if leaf else _below(node["threshold"]))
        value.append(node["leaf_value"] / len(fitted) if leaf else 0.0)

    trees = [tree["tree_structure"] for booster in fitted for tree in booster.dump_model()["tree_info"]]
    for root in trees:
        add(root)
    # Level by level over all trees: the two children of a node stand side by side.
    level = [(number, node) for number, node in enumerate(trees) if "threshold" in node]
    while level:
        deepest += 1
        below = []
        for number, node in level:
            child[number] = len(feature)
            for answer in (node["left_child"], node["right_child"]):
                if "threshold" in answer:
                    below.append((len(feature), answer))
                add(answer)
        level = below
    return Trees(
        np.array(feature), np.array(border, np.float32), np.array(child), np.array(value, np.float32),
        np.arange(len(trees)), np.array(deepest),
    )  # fmt: skip


def _below(threshold: float) -> np.float32:
    """The largest single-precision number that is not above a threshold: features are single precision."""
    single = np.float32(threshold)
    # NumPy would compare in single precision, where the two are always equal.
    return single if float(single) <= threshold else np.nextafter(single, np.float32(-np.inf))
