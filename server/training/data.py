"""The corpus as training pages: blocks, labels, weights; and the folds that its sites are split into."""

from __future__ import annotations

import gzip
import hashlib
import json
import pathlib
import re
import tomllib
import zlib
from collections.abc import Iterator
from multiprocessing import Pool
from typing import Any, NamedTuple

import numpy as np
from bodycopy.article import Block, Declared, Kind, Metadata
from bodycopy.blocks import read_blocks
from bodycopy.metadata import read_metadata
from bodycopy.page import read

from .align import align

CORPUS = pathlib.Path(__file__).resolve().parents[3] / "shared" / "corpus"
POSITIVE = 0.6
"""A block is the article's where at least this share of its words is aligned."""
TARGET = ("news", "article")


def by_hands(folder: pathlib.Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What authors wrote: hand, language and content of each file of a folder that has a folder for each hand."""
    for path in sorted(folder.glob("*/*.toml")):
        with path.open("rb") as file:
            yield path.parent.name, path.stem, tomllib.load(file)


class TrainingPage(NamedTuple):
    id: str
    kind: str
    site: str
    lang: str | None
    metadata: Metadata
    declared: Declared
    blocks: list[Block]
    share: np.ndarray
    """Aligned share of each block's words, shape (blocks,)."""
    weight: np.ndarray
    """0 where the label is unknown, shape (blocks,)."""
    planted: np.ndarray
    """Whether a block is a planted line, shape (blocks,)."""
    copy: bool = False
    """Made from another training page, by planting lines or by pasting its text."""


def fold_of(site: str, folds: int) -> int:
    """The fold that a site, or a training line, is held out of."""
    return zlib.crc32(site.encode()) % folds


def corpus_hash() -> str:
    return hashlib.sha256((CORPUS / "pages.jsonl.gz").read_bytes()).hexdigest()


def entries() -> list[dict[str, Any]]:
    with gzip.open(CORPUS / "pages.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load(entry: dict[str, Any]) -> TrainingPage:
    """One page of the corpus, read as the service reads it, with its labels."""
    html = gzip.decompress((CORPUS / "html" / f"{entry['id']}.html.gz").read_bytes())
    page = read(html, entry["url"])
    blocks = read_blocks(page)
    metadata, declared = read_metadata(page)
    texts = [b.text for b in blocks]
    share = align(texts, entry["dek"] + entry["paragraphs"])
    weight = np.ones(len(blocks))
    dek = {" ".join(re.findall(r"\w+", d)) for d in entry["dek"]}
    positive = share >= 0.75
    first, last = (
        (int(np.argmax(positive)), len(positive) - 1 - int(np.argmax(positive[::-1]))) if positive.any() else (0, 0)
    )
    for n, block in enumerate(blocks):
        if not block.text or block.kind is Kind.FIGURE or " ".join(re.findall(r"\w+", block.text)) in dek:
            weight[n] = 0.0
        elif 0.4 < share[n] < 0.75:
            weight[n] = 0.2
        elif (
            entry["source"] == "fundus"
            and share[n] < 0.4
            and first < n < last
            and block.kind in (Kind.LIST_ITEM, Kind.TABLE)
        ):
            # Some publishers' rules of this source leave out lists and tables of the article.
            weight[n] = 0.1
    return TrainingPage(
        entry["id"],
        entry["kind"],
        entry["site"],
        entry["lang"],
        metadata,
        declared,
        blocks,
        share,
        weight,
        np.zeros(len(blocks), bool),
    )


def load_all(processes: int = 2) -> list[TrainingPage]:
    with Pool(processes) as pool:
        return pool.map(load, entries(), chunksize=8)
