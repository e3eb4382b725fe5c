"""Score the judge on pages of sites it was not fitted on: `python -m training.evaluate`, from `server/`.

Takes the models of the folds that `training.fit` left in training/folds/, cleans each
page with the one that was not fitted on its site, and scores the texts with
../shared/score.py. Writes the texts (--predictions) and training/report.json, whose
figures tests/quality holds to.

Half of the sites (--tune) is what thresholds were set on; the other half is what
a change is judged by. The report gives both, and all.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import pathlib
import zlib
from functools import cache
from multiprocessing import Pool
from typing import Any

from bodycopy import Article, clean
from bodycopy.judge.model import Model, use
from bodycopy.judge.model import read as read_model

from .data import CORPUS, TARGET, corpus_hash, entries
from .fit import FOLDS, HERE, WEIGHTS, fold_of

REPORT = HERE / "report.json"
FIGURES = ("f1", "precision", "recall", "exact", "clean", "whole", "extra", "lost")


def scorer() -> Any:
    """The corpus's own scorer, as a module."""
    spec = importlib.util.spec_from_file_location("score", CORPUS.parent / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _fold_model(fold: int) -> Model:
    return read_model(FOLDS / f"{fold}.npz")


def clean_unseen(html: bytes, url: str | None, site: str, folds: int) -> Article:
    """`clean` with the model of the fold that `site` was held out of."""
    with use(_fold_model(fold_of(site, folds))):
        return clean(html, url)


def _predict(job: tuple[dict[str, Any], int]) -> tuple[str, str, list[str]]:
    entry, folds = job
    html = gzip.decompress((CORPUS / "html" / f"{entry['id']}.html.gz").read_bytes())
    article = clean_unseen(html, entry["url"], entry["site"], folds)
    guarded = [b.verdict.source for b in article.blocks if b.verdict.source.startswith("guard:")]
    return entry["id"], article.text, guarded


def half(site: str) -> str:
    """`tune` or `test`: which half of the sites a site is in."""
    return "tune" if zlib.crc32(b"half:" + site.encode()) % 2 else "test"


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--predictions", type=pathlib.Path, help="write the texts there, for ../shared/score.py")
    cli.add_argument("--write", action="store_true", help="write training/report.json")
    args = cli.parse_args()
    score = scorer()
    about = read_model(WEIGHTS).about
    by_id = {e["id"]: e for e in entries()}
    ids = list(by_id)
    jobs = [(e, about["folds"]) for e in by_id.values()]
    with Pool(2) as pool:
        results = pool.map(_predict, jobs, chunksize=8)
    texts = {i: text for i, text, _ in results}
    if args.predictions:
        with args.predictions.open("w", encoding="utf-8") as file:
            for i, text in texts.items():
                file.write(json.dumps({"id": i, "text": text}, ensure_ascii=False) + "\n")
    judged = {i: score.judge(by_id[i], t) for i, t in texts.items()}
    groups = {
        kind: [i for i in ids if (by_id[i]["kind"] if by_id[i]["kind"] in TARGET else "other") == kind]
        for kind in (*TARGET, "other")
    }
    figures: dict[str, dict[str, float]] = {}
    for kind, members in groups.items():
        for part in ("", "tune", "test"):
            chosen = [judged[i] for i in members if not part or half(by_id[i]["site"]) == part]
            found = score.figures(chosen)
            name = kind + (f"/{part}" if part else "")
            figures[name] = {f: round(found[f], 4) for f in FIGURES}
            print(f"{name:<14} {len(chosen):>5} " + "  ".join(f"{f} {found[f]:.3f}" for f in FIGURES))
    guards: dict[str, int] = {}
    for _, _, sources in results:
        for source in sources:
            guards[source] = guards.get(source, 0) + 1
    opinions = sum(any("second_opinion" in s for s in sources) for _, _, sources in results)
    print(f"guards: {guards}; second opinion used on {opinions} of {len(results)} pages")
    if args.write:
        report = {
            "corpus_sha256": corpus_hash(),
            "weights_sha256": hashlib.sha256(WEIGHTS.read_bytes()).hexdigest(),
            "seed": about["seed"],
            "folds": about["folds"],
            "figures": figures,
        }
        if REPORT.exists():
            report = json.loads(REPORT.read_text()) | report
        REPORT.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
