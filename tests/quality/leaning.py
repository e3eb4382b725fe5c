#!/usr/bin/env python3
"""What the judge leans on: figures of news and articles without one kind of signal of the page at a time.

python tests/quality/leaning.py [--every 1]   some four minutes on two cores

Each page is judged by the weights of training/folds/ that have not seen its site. A page may lack any of these: names
of elements made by a build tool, a body of `<div>`s alone, no metadata. A figure that falls far tells of a signal
that the judge trusts too much.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable

import corpus

_NAME = re.compile(
    rb"""\s(?:class|id|role|itemprop|data-testid|data-component|aria-label)\s*=\s*(?:"[^"]*"|'[^']*')""", re.I
)
_PART = re.compile(rb"<(/?)(?:nav|header|footer|aside|article|main|section)\b", re.I)
_META = re.compile(rb"<meta\b(?![^>]*charset)[^>]*>", re.I)


def _without_names(html: bytes) -> bytes:
    return _NAME.sub(b"", html)


def _without_parts(html: bytes) -> bytes:
    return _PART.sub(rb"<\1div", html)


LACKING: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda html: html,
    "declarations": corpus.undeclared,
    "all metadata": lambda html: _META.sub(b"", corpus.undeclared(html)),
    "names": _without_names,
    "parts": _without_parts,
    "names and parts": lambda html: _without_parts(_without_names(html)),
}
"""From a page to the page without it."""


def _text(task: tuple[corpus.Page, str]) -> tuple[str, str]:
    from training.evaluate import clean_unseen

    page, lacking = task
    return page["id"], clean_unseen(page, LACKING[lacking](corpus.html(page))).text


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--every", type=int, default=1, help="take every so-manyth page of each kind")
    cli.add_argument("--processes", type=int, default=2)
    args = cli.parse_args()
    if reason := corpus.missing():
        print(f"Nothing measured: {reason}.", file=sys.stderr)
        return 2
    print(f"{'':<9}{'without':<17}" + "".join(f"{key:>8}" for key in corpus.MAIN_FIGURES))
    for kind in corpus.MAIN_KINDS:
        pages = [page for page in corpus.pages() if page["kind"] == kind][:: args.every]
        for lacking in LACKING:
            texts = dict(corpus.in_processes(_text, [(page, lacking) for page in pages], args.processes))
            row = corpus.figures(pages, texts)[kind]
            print(f"{kind:<9}{lacking:<17}" + "".join(f"{row[key]:>8.3f}" for key in corpus.MAIN_FIGURES), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
