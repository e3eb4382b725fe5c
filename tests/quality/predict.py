#!/usr/bin/env python3
"""Predictions of the installed package on the corpus, in the form that ../shared/score.py reads.

python tests/quality/predict.py -o OUT.jsonl [--extractor trafilatura] [--kind news,article] [--sample 100]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import corpus
from extractors import EXTRACTORS, predict


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("-o", "--output", type=Path, required=True)
    cli.add_argument("--extractor", choices=sorted(EXTRACTORS), default="bodycopy")
    cli.add_argument("--kind", help="kinds of pages, by commas; all by default")
    cli.add_argument("--sample", type=int, help="so many pages only, the same each time")
    cli.add_argument("--processes", type=int, default=2)
    args = cli.parse_args()
    if reason := corpus.missing():
        print(f"No predictions: {reason}.", file=sys.stderr)
        return 2
    kinds = set(args.kind.split(",")) if args.kind else None
    pages = [page for page in corpus.pages() if kinds is None or page["kind"] in kinds]
    if args.sample:
        pages = corpus.sample(pages, args.sample)
    texts = predict(args.extractor, pages, args.processes)
    with args.output.open("w", encoding="utf-8") as out:
        for page_id, text in texts.items():
            out.write(json.dumps({"id": page_id, "text": text}, ensure_ascii=False) + "\n")
    print(f"{len(texts)} pages written to {args.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
