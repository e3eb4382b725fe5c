"""The models that tell what kind of boilerplate a line is, fitted on the training lines.

`python -m training.wordings`, from `server/`, prints how many lines are named, and how often that is right, by models
that were fitted on lines by other hands.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bodycopy.article import Label
from bodycopy.judge.lexicon import word_keys
from bodycopy.judge.wordings import KEY_BITS, Wordings
from sklearn.linear_model import LogisticRegression

from .linear import key_matrix
from .planting import Line, in_folds, planted_lines, planted_text

LEAST_WEIGHT = 0.2
"""Smaller ones are left out: they are half of all, and change the kind of one line in two hundred."""


def fit_wordings(lines: Sequence[Line]) -> Wordings:
    """A logistic regression for each label but the true lines' against all others."""
    some = [line for line in lines if line.label != "content"]
    keys = [np.array(word_keys(planted_text(line)), np.int32) & ((1 << KEY_BITS) - 1) for line in some]
    matrix = key_matrix(keys, KEY_BITS, normalise=True)
    names = np.array([line.label for line in some])
    labels = sorted(set(names.tolist()))
    weights, bias = [], []
    for label in labels:
        model = LogisticRegression(C=3.0, solver="liblinear", max_iter=40, tol=1e-2, random_state=1)
        model.fit(matrix, names == label)
        weights.append(np.where(np.abs(model.coef_[0]) < LEAST_WEIGHT, 0, model.coef_[0]))
        bias.append(model.intercept_[0])
    step = float(np.abs(weights).max()) / 127
    return Wordings(
        tuple(Label(label) for label in labels),
        np.ascontiguousarray(np.rint(np.array(weights) / step).astype(np.int8).T),
        np.array(bias, np.float32),
        step,
    )


def main() -> None:
    folds = in_folds([line for line in planted_lines() if line.label != "content"], 5)
    named = right = 0
    for number, held_out in enumerate(folds):
        wordings = fit_wordings([line for n, fold in enumerate(folds) if n != number for line in fold])
        for line, found in zip(held_out, wordings.of([planted_text(line) for line in held_out]), strict=True):
            named += found is not None
            right += found is not None and found.label.value == line.label
    count = sum(map(len, folds))
    print(f"{count} lines, {named / count:.3f} of them named, {right / named:.3f} of these rightly")


if __name__ == "__main__":
    main()
