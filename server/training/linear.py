"""Linear models over hashed keys, fitted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression


def key_matrix(rows: Sequence[np.ndarray], bits: int, normalise: bool) -> csr_matrix:
    """Counts of the keys of each row, shape (rows, 2**bits), over the root of their number if `normalise`."""
    sizes = np.array([len(r) for r in rows])
    values = np.repeat(1 / np.sqrt(np.maximum(1, sizes)) if normalise else np.ones(len(rows)), sizes)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    matrix = csr_matrix((values.astype(np.float32), np.concatenate(rows), ends), shape=(len(rows), 1 << bits))
    matrix.sum_duplicates()
    return matrix


def linear(
    rows: Sequence[np.ndarray], bits: int, labels: np.ndarray, weights: np.ndarray, normalise: bool, c: float
) -> np.ndarray:
    """Weights of a logistic regression over hashed keys, shape (2**bits,)."""
    matrix = key_matrix(rows, bits, normalise)
    model = LogisticRegression(C=c, solver="liblinear", fit_intercept=False, max_iter=60, tol=1e-2)
    model.fit(matrix, labels, sample_weight=weights)
    return model.coef_[0].astype(np.float32)
