"""Score the judge on sites it was not fitted on: `python -m training.evaluate`, from `server/`.

Takes the models of the folds that `training.fit` left in training/folds/, cleans each
page with the one that was not fitted on its site, and prints the figures of
../shared/score.py and of the planted lines of tests/quality; those of articles once more
without what they declare themselves to be, as older pages do not. With --write they go to
training/report.json, which tests/quality holds to its floors.

The report gives two halves of the sites, `tune` and `test`, and all. The thresholds in use were
chosen on `tune`, but the figures of all were known by then: neither half is untouched.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import zlib
from functools import cache
from multiprocessing import Pool
from typing import Any, NamedTuple

from bodycopy import Article, clean
from bodycopy.judge.model import Model, use
from bodycopy.judge.model import read as read_model

from .data import fold_of
from .fit import FOLDS, WEIGHTS

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "quality"))

import corpus
import extractors
import planted


@cache
def _fold_model(fold: int) -> Model:
    return read_model(FOLDS / f"{fold}.npz")


@cache
def _folds() -> int:
    return int(read_model(WEIGHTS).about["folds"])


def fold_model(site: str) -> Model:
    """The model that was fitted without a site."""
    return _fold_model(fold_of(site, _folds()))


def clean_unseen(page: dict[str, Any], html: bytes | str) -> Article:
    """`clean` with the model of the fold that the annotated page's site was held out of."""
    with use(fold_model(page["site"])):
        return clean(html, page["url"])


def _text(page: dict[str, Any], html: bytes | str) -> str:
    return clean_unseen(page, html).text


class _Result(NamedTuple):
    page: str
    text: str
    undeclared: str | None
    """Text of the page without what it declares itself to be, for kinds that are articles."""
    guards: set[str]


def _predict(page: dict[str, Any]) -> _Result:
    html = corpus.html(page)
    article = clean_unseen(page, html)
    guards = {b.verdict.source for b in article.blocks if b.verdict.source.startswith("guard:")}
    is_main = page["kind"] in corpus.MAIN_KINDS
    return _Result(page["id"], article.text, _text(page, corpus.undeclared(html)) if is_main else None, guards)


def half(site: str) -> str:
    """`tune` or `test`: which half of the sites a site is in."""
    return "tune" if zlib.crc32(b"half:" + site.encode()) % 2 else "test"


def show(name: str, rows: dict[str, dict[str, float]]) -> None:
    for kind, row in rows.items():
        print(f"{name:<12}{kind:<19}" + "  ".join(f"{k} {v:.3f}" for k, v in row.items() if isinstance(v, float)))


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--predictions", type=pathlib.Path, help="write the texts there, for ../shared/score.py")
    cli.add_argument("--write", action="store_true", help="write training/report.json")
    cli.add_argument("--peer", action="store_true", help="measure trafilatura in the same run")
    args = cli.parse_args()
    pages = list(corpus.pages())
    with Pool(2) as pool:
        results = pool.map(_predict, pages, chunksize=8)
    texts = {r.page: r.text for r in results}
    if args.predictions:
        lines = (json.dumps({"id": name, "text": text}, ensure_ascii=False) for name, text in texts.items())
        args.predictions.write_text("\n".join(lines) + "\n", encoding="utf-8")
    figures = corpus.figures(pages, texts)
    halves = {part: corpus.figures([p for p in pages if half(p["site"]) == part], texts) for part in ("tune", "test")}
    show("unseen", figures)
    articles = [p for p in pages if p["kind"] in corpus.MAIN_KINDS]
    undeclared = corpus.figures(articles, {r.page: r.undeclared for r in results if r.undeclared is not None})
    show("undeclared", undeclared)
    for part, rows in halves.items():
        show(part, rows)
    lines_found = {name: planted.measure(_text, of=name) for name in planted.SETS}
    show("lines", lines_found)
    guarded: dict[str, int] = {}
    for result in results:
        for source in result.guards:
            guarded[source] = guarded.get(source, 0) + 1
    print(f"pages with a block kept by a guard, of {len(pages)}: {guarded}")
    about = read_model(WEIGHTS).about
    report: dict[str, Any] = {
        "corpus_sha256": corpus.corpus_sha256(),
        "weights_sha256": corpus.weights_sha256(),
        "seed": about["seed"],
        "folds": about["folds"],
        "figures": figures,
        "undeclared": undeclared,
        "halves": halves,
        **lines_found,
        "guarded_pages": guarded,
    }
    if args.peer:
        peer = corpus.figures(pages, extractors.predict("trafilatura", pages))
        show("trafilatura", peer)
        report["trafilatura"] = peer
        peer = corpus.figures(articles, extractors.predict("trafilatura", articles, declared=False))
        show("undeclared", peer)
        report["trafilatura_undeclared"] = peer
    elif corpus.REPORT.exists():
        before = json.loads(corpus.REPORT.read_text(encoding="utf-8"))
        report |= {key: before[key] for key in ("trafilatura", "trafilatura_undeclared") if key in before}
    if args.write:
        corpus.REPORT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
