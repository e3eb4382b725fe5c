"""The labelled corpus beside the repository: its pages, its hash, and the scoring program that goes with it."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"
CORPUS = SHARED / "corpus"
WEIGHTS = REPOSITORY / "server" / "bodycopy" / "judge"
REPORT = REPOSITORY / "server" / "training" / "report.json"

MAIN_KINDS = ("news", "article")
MAIN_FIGURES = ("f1", "exact", "clean", "whole")

_DECLARATION = re.compile(rb"<script\b[^>]*\bld\+json[^>]*>.*?</script>|<meta\b[^>]*\bog:type\b[^>]*>", re.S | re.I)

Page = dict[str, Any]
T = TypeVar("T")
R = TypeVar("R")

sys.path.insert(0, str(REPOSITORY / "server"))


def missing() -> str | None:
    """Why the corpus cannot be used, or None."""
    for path in (CORPUS / "pages.jsonl.gz", CORPUS / "html", SHARED / "score.py"):
        if not path.exists():
            return f"the labelled corpus is not there: {path.relative_to(REPOSITORY.parent)} beside the repository"
    return None


@cache
def score() -> ModuleType:
    """The corpus's own scoring program, as a module (`judge`, `figures`, `words`, `flat`)."""
    spec = importlib.util.spec_from_file_location("bodycopy_score", SHARED / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def pages() -> tuple[Page, ...]:
    """Every page of the corpus with its annotations, in the corpus's order, without its HTML."""
    with gzip.open(CORPUS / "pages.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(map(json.loads, lines))


def html(page: Page) -> bytes:
    """The page as it was served."""
    return gzip.decompress((CORPUS / "html" / f"{page['id']}.html.gz").read_bytes())


def undeclared(page_html: bytes) -> bytes:
    """A page without JSON-LD and og:type, as older ones are: it does not tell machines what it is."""
    return _DECLARATION.sub(b"", page_html)


@cache
def corpus_sha256() -> str:
    """Hash of the annotations and of every page's file, in the order of their names."""
    digest = hashlib.sha256((CORPUS / "pages.jsonl.gz").read_bytes())
    for path in sorted((CORPUS / "html").iterdir()):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def weights_sha256() -> str | None:
    """Hash of the judge's shipped weights: its `weights*` files in the order of their names; None without any."""
    paths = sorted(WEIGHTS.glob("weights*"))
    if not paths:
        return None
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sample(of: Iterable[Page], size: int) -> list[Page]:
    """The same `size` pages each time, chosen by the hash of their names; all of them if there are fewer."""
    return sorted(of, key=lambda page: hashlib.sha256(page["id"].encode()).digest())[:size]


def group(page: Page) -> str:
    """The row of the table that a page belongs to: its kind, or `other`."""
    return page["kind"] if page["kind"] in MAIN_KINDS else "other"


def figures(pages: Iterable[Page], texts: dict[str, str]) -> dict[str, dict[str, float]]:
    """Figures by group. A page without a text counts as an empty text, as in the scoring program."""
    judged: dict[str, list[dict[str, Any]]] = {}
    for page in pages:
        judged.setdefault(group(page), []).append(score().judge(page, texts.get(page["id"], "")))
    return {name: score().figures(judged[name]) for name in (*MAIN_KINDS, "other") if name in judged}


def read_predictions(path: Path) -> dict[str, str]:
    """Page names to texts, from a file of `{"id", "text"}` lines."""
    with path.open(encoding="utf-8") as lines:
        return {row["id"]: row["text"] for row in map(json.loads, lines)}


def in_processes(work: Callable[[T], R], items: Iterable[T], processes: int) -> Iterator[R]:
    """`work` of each item, in order, shared among processes."""
    if processes < 2:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        yield from pool.map(work, items, chunksize=4)
