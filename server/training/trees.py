"""Boosted trees, fitted and exported as the arrays that `bodycopy.judge.model` evaluates."""

from __future__ import annotations

import json
import pathlib
import tempfile
from typing import Any

import numpy as np
from bodycopy.judge.model import LeafwiseTrees, ObliviousTrees
from catboost import CatBoostClassifier, Pool
from lightgbm import LGBMClassifier

FIRST = {"iterations": 350, "depth": 6, "learning_rate": 0.12, "l2_leaf_reg": 6.0}
SECOND = {"iterations": 300, "depth": 6, "learning_rate": 0.08, "l2_leaf_reg": 8.0}
SECOND_LEAFWISE = {"n_estimators": 300, "num_leaves": 31, "max_depth": 8, "learning_rate": 0.05}
PLAIN = {"iterations": 200, "depth": 6, "learning_rate": 0.12, "l2_leaf_reg": 6.0}
MAX_DIFFERENCE = 1e-2
"""Log odds that an exported ensemble may differ by from its library's own answer."""


def oblivious(
    matrix: np.ndarray, labels: np.ndarray, weights: np.ndarray, settings: dict[str, float], seed: int
) -> ObliviousTrees:
    """An ensemble fitted on rows (shape (rows, columns)) with a label and a weight each."""
    model = CatBoostClassifier(
        **settings, random_seed=seed, verbose=False, thread_count=1, allow_writing_files=False,
        bootstrap_type="Bernoulli", subsample=0.7, border_count=96, boosting_type="Plain", rsm=0.5,
    )  # fmt: skip
    model.fit(Pool(matrix, labels, weight=weights))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        data = json.loads(path.read_text())
    depth = int(settings["depth"])
    columns = [f["flat_feature_index"] for f in data["features_info"]["float_features"]]
    feature = np.zeros((len(data["oblivious_trees"]), depth), np.int64)
    border = np.full(feature.shape, np.inf, np.float32)
    leaves = np.zeros((len(feature), 1 << depth), np.float32)
    for t, tree in enumerate(data["oblivious_trees"]):
        for d, split in enumerate(tree["splits"]):
            feature[t, d] = columns[split["float_feature_index"]]
            border[t, d] = split["border"]
        leaves[t, : len(tree["leaf_values"])] = tree["leaf_values"]
    scale, bias = data["scale_and_bias"]
    trees = ObliviousTrees(feature, border, leaves * np.float32(scale), np.float32(np.ravel(bias)[0]))
    probe = matrix[:: max(1, len(matrix) // 500)]
    _compare(trees.log_odds(probe), model.predict(probe, prediction_type="RawFormulaVal"))
    return trees


def leafwise(
    matrix: np.ndarray, labels: np.ndarray, weights: np.ndarray, settings: dict[str, Any], seed: int
) -> LeafwiseTrees:
    """As `oblivious`, with trees grown leaf by leaf."""
    model = LGBMClassifier(
        **settings, n_jobs=1, random_state=seed, deterministic=True, force_row_wise=True, subsample=0.7, subsample_freq=1,
        colsample_bytree=0.3, min_child_samples=20, reg_lambda=5.0, max_bin=96, verbose=-1,
    )  # fmt: skip
    model.fit(matrix, labels, sample_weight=weights)
    feature: list[int] = []
    border: list[float] = []
    child: list[tuple[int, int]] = []
    value: list[float] = []
    roots: list[int] = []
    deepest = 0

    def add(node: dict[str, Any], depth: int) -> int:
        nonlocal deepest
        deepest = max(deepest, depth)
        number = len(feature)
        feature.append(node.get("split_feature", 0))
        border.append(_below(node["threshold"]) if "threshold" in node else np.inf)
        value.append(0.0 if "threshold" in node else node["leaf_value"])
        child.append((number, number))
        if "threshold" in node:
            child[number] = (add(node["left_child"], depth + 1), add(node["right_child"], depth + 1))
        return number

    for tree in model.booster_.dump_model()["tree_info"]:
        roots.append(add(tree["tree_structure"], 0))
    trees = LeafwiseTrees(
        np.array(feature), np.array(border, np.float32), np.array(child).ravel(), np.array(value, np.float32),
        np.array(roots), np.array(deepest),
    )  # fmt: skip
    probe = matrix[:: max(1, len(matrix) // 500)]
    _compare(trees.log_odds(probe), model.booster_.predict(probe, raw_score=True))
    return trees


def _below(threshold: float) -> np.float32:
    """The largest single-precision number that is not above a threshold: features are single precision."""
    single = np.float32(threshold)
    return single if single <= threshold else np.nextafter(single, np.float32(-np.inf))


def _compare(mine: np.ndarray, theirs: np.ndarray) -> None:
    difference = np.abs(mine - theirs).max()
    if difference > MAX_DIFFERENCE:
        raise RuntimeError(f"the exported trees differ from their library's by {difference}")
