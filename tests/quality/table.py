#!/usr/bin/env python3
"""Quality by kind of page, ours beside trafilatura's, in one run.

python tests/quality/table.py                         the weights that ship (fitted on these very pages)
python tests/quality/table.py --predictions OOF.jsonl  out-of-fold predictions of `python -m training.evaluate`
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

import corpus
from corpus import MAIN_FIGURES
from extractors import predict

MUST = {
    "news": {"f1": 0.970, "exact": 0.40, "clean": 0.50, "whole": 0.60},
    "article": {"f1": 0.945, "exact": 0.22, "clean": 0.32, "whole": 0.42},
    "other": {"f1": 0.713},
}
AIM = {
    "news": {"f1": 0.980, "exact": 0.55, "clean": 0.65, "whole": 0.75},
    "article": {"f1": 0.960, "exact": 0.30, "clean": 0.45, "whole": 0.55},
    "other": {"f1": 0.82},
}
SHIPPED = "shipped weights, which were fitted on these very pages: better than on pages never seen"

Figures = dict[str, dict[str, float]]


def table(ours: Figures, peer: Figures | None, peer_name: str) -> str:
    """A Markdown table, one row a kind; `exact`, `clean` and `whole` only for the kinds that are articles."""
    rows = [
        "| kind | pages | figure | bodycopy |" + (f" {peer_name} |" if peer else "") + " must | aim |",
        "| --- | ---: | --- | ---: |" + (" ---: |" if peer else "") + " ---: | ---: |",
    ]
    for name, row in ours.items():
        for key in MAIN_FIGURES if name in corpus.MAIN_KINDS else ("f1",):
            beside = f" {peer[name][key]:.3f} |" if peer else ""
            met = "" if row[key] >= MUST[name][key] else " (missed)"
            rows.append(
                f"| {name} | {row['pages']} | {key} | {row[key]:.3f} |{beside}"
                f" {MUST[name][key]:.3f}{met} | {AIM[name][key]:.3f} |"
            )
    return "\n".join(rows)


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--predictions", type=Path, help="out-of-fold predictions; without, the shipped weights run")
    cli.add_argument("--peer-predictions", type=Path, help="trafilatura's, of `predict.py --extractor trafilatura`")
    cli.add_argument("--no-peer", action="store_true", help="ours only")
    cli.add_argument("--sample", type=int, help="so many pages of each row only, the same each time")
    cli.add_argument("--json", type=Path, help="write the figures there too")
    cli.add_argument("--processes", type=int, default=2)
    args = cli.parse_args()
    if reason := corpus.missing():
        print(f"No table: {reason}.", file=sys.stderr)
        return 2
    pages = list(corpus.pages())
    if args.sample:
        rows = [[p for p in pages if corpus.group(p) == name] for name in (*corpus.MAIN_KINDS, "other")]
        pages = [page for row in rows for page in corpus.sample(row, args.sample)]
    if args.predictions:
        texts = corpus.read_predictions(args.predictions)
        label = f"out-of-fold predictions from {args.predictions.name}: no page judged by weights that saw its site"
        if lacking := sum(page["id"] not in texts for page in pages):
            print(f"{lacking} pages have no prediction and count as empty.", file=sys.stderr)
    else:
        texts = predict("bodycopy", pages, args.processes)
        label = SHIPPED
    ours = corpus.figures(pages, texts)
    peer = None
    if not args.no_peer:
        peer_texts = (
            corpus.read_predictions(args.peer_predictions)
            if args.peer_predictions
            else predict("trafilatura", pages, args.processes)
        )
        peer = corpus.figures(pages, peer_texts)
    print(f"bodycopy: {label}.")
    print(f"Corpus {corpus.corpus_sha256()[:12]}, {len(pages)} pages.\n")
    print(table(ours, peer, f"trafilatura {version('trafilatura')}"))
    if args.json:
        out = {"of": label, "corpus_sha256": corpus.corpus_sha256(), "figures": ours, "trafilatura": peer}
        args.json.write_text(json.dumps(out, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
