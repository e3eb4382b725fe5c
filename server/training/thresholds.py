"""Choose the judge's thresholds: `python -m training.thresholds`, from `server/`.

Takes the models of the folds, and tries combinations on the `tune` half of the sites only (`half` in evaluate.py).
Prints the best by the sum of exact, clean and whole over news and articles, and what the best does on the other half.
"""

from __future__ import annotations

import itertools
from functools import partial
from multiprocessing import Pool
from typing import Any

from bodycopy import Article
from bodycopy.blocks import read_blocks
from bodycopy.judge import Thresholds, decide, phrases
from bodycopy.judge.features import compute
from bodycopy.metadata import read_metadata
from bodycopy.page import read

from .evaluate import corpus, fold_model, half

KEEP = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55)
NAMED_LOG_ODDS = (1.5, 2.0, 2.5, 3.0)
PHRASE_LOG_ODDS = (0.0, 0.6, 1.0)
PLAIN_PHRASE_LOG_ODDS = (0.6, 1.2, 2.0)
SHOWN = 20


def _figures(page: dict[str, Any], candidates: list[Thresholds]) -> list[tuple[float, float, float]]:
    """Exact, clean and whole of a page under each candidate."""
    model = fold_model(page["site"])
    read_page = read(corpus.html(page), page["url"])
    blocks = read_blocks(read_page)
    if not blocks:
        return [(0.0, 0.0, 0.0)] * len(candidates)
    metadata, declared = read_metadata(read_page)
    hits = phrases.find_all([b.text for b in blocks])
    features = compute(blocks, model.lexicon, phrases.shares(hits), metadata, declared)
    chance = model.chance(features)
    known: dict[str, tuple[float, float, float]] = {}
    out = []
    for candidate in candidates:
        judged = decide(blocks, metadata, features, chance, hits, thresholds=candidate)
        text = Article(metadata, judged.blocks).text
        if text not in known:
            row = corpus.score().judge(page, text)
            known[text] = (float(row["exact"]), float(row["clean"]), float(row["whole"]))
        out.append(known[text])
    return out


def _means(
    pages: list[dict[str, Any]], rows: list[list[tuple[float, float, float]]], candidate: int
) -> dict[str, float]:
    out = {}
    for kind in corpus.MAIN_KINDS:
        mine = [row[candidate] for page, row in zip(pages, rows, strict=True) if page["kind"] == kind]
        for name, values in zip(("exact", "clean", "whole"), zip(*mine, strict=True), strict=True):
            out[f"{kind} {name}"] = sum(values) / len(values)
    return out


def main() -> None:
    tried = itertools.product(KEEP, NAMED_LOG_ODDS, PHRASE_LOG_ODDS, PLAIN_PHRASE_LOG_ODDS)
    candidates = [Thresholds(*values) for values in tried]
    chosen = [page for page in corpus.pages() if page["kind"] in corpus.MAIN_KINDS]
    with Pool(2) as pool:
        rows = pool.map(partial(_figures, candidates=candidates), chosen, chunksize=8)
    parts = {}
    for part in ("tune", "test"):
        mine = [(page, row) for page, row in zip(chosen, rows, strict=True) if half(page["site"]) == part]
        parts[part] = ([page for page, _ in mine], [row for _, row in mine])
    means = [_means(*parts["tune"], candidate=n) for n in range(len(candidates))]
    order = sorted(range(len(candidates)), key=lambda n: -sum(means[n].values()))
    for n in order[:SHOWN]:
        print(f"{sum(means[n].values()):.3f}", candidates[n], {k: round(v, 3) for k, v in means[n].items()})
    print("test", candidates[order[0]], {k: round(v, 3) for k, v in _means(*parts["test"], candidate=order[0]).items()})


if __name__ == "__main__":
    main()
