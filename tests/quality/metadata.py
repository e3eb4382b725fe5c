"""Title, authors and date against the corpus's annotations, beside trafilatura.

    python tests/quality/metadata.py [--every N] [--half a|b] [--failures title|authors|date] [--no-peer]

Prints, for news and article pages, the share of annotated pages on which each field is right:
title equal after folding; authors as a set, and any author in common; date on the same day. Of the standfirsts it
prints how many are shown, as `dek` or in the text, and how many of the `dek`s on annotated pages are standfirsts.
`--half` takes the pages of one half of the sites, so that failures are looked at in one half
and the other shows whether a change generalises.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
FIELDS = ("title", "authors", "authors_any", "date")


class Reading(NamedTuple):
    """One extractor's answer for one page."""

    title: str | None
    authors: tuple[str, ...]
    date: str | None
    seconds: float


def entries(
    kinds: Iterable[str] = ("news", "article"), every: int = 1, half: str | None = None
) -> Iterator[dict[str, Any]]:
    """The corpus's pages of `kinds`, each `every`th of them, of one half of the sites if asked for."""
    wanted = set(kinds)
    with gzip.open(CORPUS / "pages.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [row for line in lines if (row := json.loads(line))["kind"] in wanted]
    for number, row in enumerate(rows):
        side = "ab"[hashlib.sha256(row["site"].encode()).digest()[0] % 2]
        if number % every == 0 and half in (None, side):
            yield row


def html_of(row: dict[str, Any]) -> bytes:
    return gzip.decompress((CORPUS / "html" / f"{row['id']}.html.gz").read_bytes())


def ours(html: bytes, url: str | None) -> Reading:
    from bodycopy.metadata import read_metadata
    from bodycopy.page import read

    page = read(html, url)
    start = time.process_time()
    found, _ = read_metadata(page)
    return Reading(found.title, found.authors, found.date, time.process_time() - start)


def peer(html: bytes, url: str | None) -> Reading:
    """trafilatura's metadata of the page, parsed beforehand so that times compare."""
    from trafilatura.metadata import extract_metadata
    from trafilatura.utils import load_html

    tree = load_html(html)
    start = time.process_time()
    if tree is None:
        return Reading(None, (), None, 0.0)
    found = extract_metadata(tree, default_url=url)
    return Reading(found.title, tuple((found.author or "").split("; ")), found.date, time.process_time() - start)


def fold(text: str | None) -> str:
    return re.sub(r"[\W_]+", " ", (text or "").casefold()).strip()


def people(names: Iterable[str]) -> set[str]:
    """Names folded; those that are joined in one string are taken apart, on both sides alike."""
    parts = (part for name in names for part in re.split(r"[,;|]|\s(?:and|&|und|et)\s", name))
    return {folded for part in parts if (folded := fold(re.sub(r"^\s*(?:and|by|von|par)\s", "", part.casefold())))}


def scores(row: dict[str, Any], read: Reading) -> dict[str, bool]:
    """For each field that is annotated, whether the reading is right."""
    out = {}
    if row["title"]:
        out["title"] = fold(row["title"]) == fold(read.title)
    if expected := people(row["authors"]):
        out["authors"] = expected == people(read.authors)
        out["authors_any"] = bool(expected & people(read.authors))
    if row["date"]:
        out["date"] = (read.date or "")[:10] == row["date"][:10]
    return out


def standfirsts(rows: Iterable[dict[str, Any]]) -> tuple[float, float]:
    """Of the annotated standfirsts, the share shown; of the deks on pages that have one annotated, the share right."""
    from bodycopy import clean

    shown, right = [], []
    for row in rows:
        if expected := fold(" ".join(row["dek"])):
            article = clean(html_of(row), row["url"])
            dek = fold(article.metadata.dek)
            shown.append(expected in f"{dek} {fold(article.text)}")
            if dek:
                right.append(dek in expected or expected in dek)
    return sum(shown) / len(shown), sum(right) / len(right)


def measure(
    rows: Iterable[dict[str, Any]], with_peer: bool
) -> list[tuple[dict[str, Any], str, Reading, dict[str, bool]]]:
    """Each page with each extractor's name, answer and scores."""
    out = []
    for row in rows:
        html = html_of(row)
        for name, extract in (("bodycopy", ours), ("trafilatura", peer))[: 2 if with_peer else 1]:
            read = extract(html, row["url"])
            out.append((row, name, read, scores(row, read)))
    return out


def share(
    results: list[tuple[dict[str, Any], str, Reading, dict[str, bool]]], kind: str, name: str, field: str
) -> float:
    right = [s[field] for row, who, _, s in results if row["kind"] == kind and who == name and field in s]
    return sum(right) / len(right) if right else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure titles, authors and dates on the corpus.")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--half", choices=("a", "b"))
    parser.add_argument("--failures", choices=FIELDS)
    parser.add_argument("--no-peer", action="store_true")
    args = parser.parse_args()
    if not CORPUS.exists():
        sys.exit(f"The corpus is not there: {CORPUS}")
    results = measure(entries(every=args.every, half=args.half), not args.no_peer)
    if args.failures:
        field = args.failures.removesuffix("_any")
        for row, name, read, right in results:
            if name == "bodycopy" and right.get(args.failures) is False:
                print(f"{row['id']}\n   annotated {row[field]!r}\n   read      {getattr(read, field)!r}")
    print(f"{'kind':9}{'extractor':13}" + "".join(f"{f:>13}" for f in FIELDS) + f"{'ms a page':>13}{'slowest':>10}")
    for kind in ("news", "article"):
        for name in dict.fromkeys(who for _, who, _, _ in results):
            times = [r.seconds * 1000 for row, who, r, _ in results if row["kind"] == kind and who == name]
            if times:
                cells = "".join(f"{share(results, kind, name, f):13.3f}" for f in FIELDS)
                print(f"{kind:9}{name:13}{cells}{sum(times) / len(times):13.2f}{max(times):10.1f}")
    print(
        "standfirsts on news pages: shown {:.3f}, right {:.3f}".format(*standfirsts(entries(("news",), half=args.half)))
    )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "server"))
    main()
