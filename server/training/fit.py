"""Fit the judge's weights: `python -m training.fit [--folds 5] [--seed 7]`, from `server/`.

Writes bodycopy/judge/weights.npz, and training/folds/ (the model of each fold, which
`training.evaluate` scores on the sites it has not seen); prints log losses.

Folds are split by site. Three layers are stacked, each fitted on out-of-fold scores
of the one below: linear models over hashed words and names; trees over features;
trees over features and the first trees' scores of the neighbours. A page's
out-of-fold probability comes from models of which none was fitted on its site.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import pathlib
import random
import tempfile
import time
import zlib
from collections.abc import Sequence

import numpy as np
from bodycopy.judge.features import (
    NAME_BITS,
    WORD_BITS,
    Features,
    Lexicon,
    compute,
    link_tokens,
    name_keys,
    name_tokens,
    second_pass,
    word_keys,
)
from bodycopy.judge.model import Model, Trees, save, sigmoid
from bodycopy.judge.phrases import find_all, shares
from catboost import CatBoostClassifier, Pool
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from .data import PLANTED_WEIGHT, TARGET, TrainingPage, corpus_hash, load_all, plain, plant, planted_lines

HERE = pathlib.Path(__file__).resolve().parent
WEIGHTS = HERE.parent / "bodycopy" / "judge" / "weights.npz"
FOLDS = HERE / "folds"
FIRST = {"iterations": 350, "depth": 6, "learning_rate": 0.12, "l2_leaf_reg": 6.0}
SECOND = {"iterations": 300, "depth": 6, "learning_rate": 0.08, "l2_leaf_reg": 8.0}


def fold_of(site: str, folds: int) -> int:
    return zlib.crc32(site.encode()) % folds


def row_weights(page: TrainingPage) -> np.ndarray:
    """Weights of a page's blocks: pages of few blocks count as much as long ones, up to a point."""
    scale = 1.0 if page.kind in TARGET else 0.5
    return page.weight * scale * (100 / max(40, len(page.blocks))) ** 0.5


def linear(
    rows: Sequence[list[int]], bits: int, labels: np.ndarray, weights: np.ndarray, normalise: bool, c: float
) -> np.ndarray:
    """Weights of a logistic regression over hashed keys, shape (2**bits,)."""
    sizes = [len(r) for r in rows]
    indices = np.fromiter((k for r in rows for k in r), np.int32, sum(sizes))
    values = np.repeat([1 / max(1, s) ** 0.5 if normalise else 1.0 for s in sizes], sizes).astype(np.float32)
    matrix = csr_matrix((values, indices, np.concatenate([[0], np.cumsum(sizes)])), shape=(len(rows), 1 << bits))
    matrix.sum_duplicates()
    model = LogisticRegression(C=c, solver="liblinear", fit_intercept=False, max_iter=60, tol=1e-2)
    model.fit(matrix, labels, sample_weight=weights)
    return model.coef_[0].astype(np.float32)


def features_of(page: TrainingPage, lexicon: Lexicon) -> Features:
    return compute(page.blocks, lexicon, shares(find_all([b.text for b in page.blocks])), page.title, page.body)


def lexicon_of(pages: Sequence[TrainingPage]) -> Lexicon:
    words: list[list[int]] = []
    names: list[list[int]] = []
    labels: list[bool] = []
    weights: list[float] = []
    tokens: dict[tuple[str, str], list[str]] = {}
    for page in pages:
        is_planted = page.weight == PLANTED_WEIGHT
        for block, share, weight, planted in zip(page.blocks, page.share, row_weights(page), is_planted, strict=True):
            if weight == 0 or (page.copy and not planted):
                continue
            words.append(word_keys(block.text))
            keys: list[int] = []
            container = block.container
            level = 0
            while container is not None:
                found = tokens.setdefault((container.tag, container.names), [])
                if not found:
                    found += name_tokens(container)
                keys += name_keys(found, "012a"[min(level, 3)])
                container = container.parent
                level += 1
            keys += name_keys(link_tokens(block), "h")
            names.append(keys)
            labels.append(share >= 0.6)
            weights.append(weight)
    y, w = np.array(labels), np.array(weights)
    return Lexicon(linear(words, WORD_BITS, y, w, True, 0.6), linear(names, NAME_BITS, y, w, False, 0.05))


def trees_of(
    matrix: np.ndarray, labels: np.ndarray, weights: np.ndarray, settings: dict[str, float], seed: int
) -> Trees:
    used = weights > 0
    model = CatBoostClassifier(
        **settings, random_seed=seed, verbose=False, thread_count=2, allow_writing_files=False,
        bootstrap_type="Bernoulli", subsample=0.7, border_count=96, boosting_type="Plain", rsm=0.5,
    )  # fmt: skip
    model.fit(Pool(matrix[used], labels[used], weight=weights[used]))
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
    trees = Trees(feature, border, leaves * np.float32(scale), float(np.ravel(bias)[0]))
    probe = matrix[:: max(1, len(matrix) // 500)]
    difference = np.abs(trees.log_odds(probe) - model.predict(probe, prediction_type="RawFormulaVal")).max()
    if difference > 1e-2:
        raise RuntimeError(f"the exported trees differ from CatBoost's by {difference}")
    return trees


def _fold_features(
    job: tuple[list[TrainingPage], list[tuple[int, TrainingPage]]],
) -> tuple[Lexicon, list[tuple[int, Features]]]:
    """A fold's lexicon, and the features that it gives the pages held out."""
    fit, hold = job
    lexicon = lexicon_of(fit)
    return lexicon, [(n, features_of(p, lexicon)) for n, p in hold]


class Layer:
    """Rows of all training pages stacked, with the page each belongs to."""

    def __init__(self, pages: Sequence[TrainingPage]) -> None:
        self.labels = np.concatenate([p.share >= 0.6 for p in pages])
        self.weights = np.concatenate([row_weights(p) for p in pages])
        sizes = [len(p.blocks) for p in pages]
        self.starts = np.concatenate([[0], np.cumsum(sizes)])

    def rows(self, numbers: Sequence[int]) -> np.ndarray:
        return np.concatenate([np.arange(self.starts[n], self.starts[n + 1]) for n in numbers])


def log_loss(chance: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    p = np.clip(chance, 1e-6, 1 - 1e-6)
    return float(-(weights * np.where(labels, np.log(p), np.log(1 - p))).sum() / weights.sum())


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--folds", type=int, default=5)
    cli.add_argument("--seed", type=int, default=7)
    args = cli.parse_args()
    started = time.time()

    def say(text: str) -> None:
        print(f"[{time.time() - started:6.0f} s] {text}", flush=True)

    pages = load_all()
    lines = planted_lines()
    # Each page once as it is (scored), once with planted lines (fitted on only), so that lines are learned, not pages.
    rng = random.Random(args.seed)
    copies = [plant(p, lines, rng) for p in pages]
    pasted = [plant(t, lines, rng) for p in pages if (t := plain(p, rng)) is not None]
    everything = [*pages, *(c for c, p in zip(copies, pages, strict=True) if c is not p), *pasted]
    folds = [fold_of(p.site, args.folds) for p in everything]
    say(
        f"{len(pages)} pages and {len(everything) - len(pages)} with planted lines, {sum(len(p.blocks) for p in everything)} blocks"
    )

    def split(fold: int) -> tuple[list[int], list[int]]:
        return [n for n, f in enumerate(folds) if f != fold], [n for n, f in enumerate(folds) if f == fold]

    features: list[Features | None] = [None] * len(everything)
    lexicons = []
    with multiprocessing.Pool(2) as pool:
        jobs = [
            ([everything[n] for n in split(k)[0]], [(n, everything[n]) for n in split(k)[1]]) for k in range(args.folds)
        ]
        for lexicon, found in pool.imap(_fold_features, jobs):
            lexicons.append(lexicon)
            for n, f in found:
                features[n] = f
            say(f"lexicon {len(lexicons) - 1}")
    layer = Layer(everything)
    matrix = np.concatenate([f.matrix for f in features if f is not None])
    first = np.zeros(len(matrix), np.float32)
    first_trees, second_trees = [], []
    for fold in range(args.folds):
        fit, hold = split(fold)
        rows, out = layer.rows(fit), layer.rows(hold)
        trees = trees_of(matrix[rows], layer.labels[rows], layer.weights[rows], FIRST, args.seed)
        first_trees.append(trees)
        first[out] = sigmoid(trees.log_odds(matrix[out]))
        say(f"first {fold}: log loss {log_loss(first[out], layer.labels[out], layer.weights[out]):.4f}")
    parts = []
    for n, f in enumerate(features):
        assert f is not None
        parts.append(second_pass(f, first[layer.starts[n] : layer.starts[n + 1]]))
    wide = np.concatenate(parts)
    second = np.zeros(len(wide), np.float32)
    for fold in range(args.folds):
        fit, hold = split(fold)
        rows, out = layer.rows(fit), layer.rows(hold)
        trees = trees_of(wide[rows], layer.labels[rows], layer.weights[rows], SECOND, args.seed)
        second_trees.append(trees)
        second[out] = sigmoid(trees.log_odds(wide[out]))
        say(f"second {fold}: log loss {log_loss(second[out], layer.labels[out], layer.weights[out]):.4f}")
    FOLDS.mkdir(exist_ok=True)
    for fold in range(args.folds):
        about = {"seed": args.seed, "fold": fold, "folds": args.folds, "corpus_sha256": corpus_hash()}
        save(FOLDS / f"{fold}.npz", Model(lexicons[fold], first_trees[fold], second_trees[fold], about))
    say("models of the folds written")
    model = Model(
        lexicon_of(everything),
        trees_of(matrix, layer.labels, layer.weights, FIRST, args.seed),
        trees_of(wide, layer.labels, layer.weights, SECOND, args.seed),
        {
            "command": f"python -m training.fit --folds {args.folds} --seed {args.seed}",
            "seed": args.seed,
            "folds": args.folds,
            "corpus_sha256": corpus_hash(),
            "log_loss": {
                "first": round(log_loss(first, layer.labels, layer.weights), 4),
                "second": round(log_loss(second, layer.labels, layer.weights), 4),
            },
        },
    )
    save(WEIGHTS, model)
    say(f"{WEIGHTS.name} written, {WEIGHTS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
