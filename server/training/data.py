"""The corpus as training pages: blocks, labels, weights, planted lines."""

from __future__ import annotations

import gzip
import hashlib
import json
import pathlib
import random
import re
import tomllib
from multiprocessing import Pool
from typing import Any, NamedTuple

import numpy as np
from bodycopy.article import Block, Container, Kind, Span
from bodycopy.blocks import read_blocks
from bodycopy.metadata import read_metadata
from bodycopy.page import read

from .align import align

CORPUS = pathlib.Path(__file__).resolve().parents[3] / "shared" / "corpus"
PLANTED = pathlib.Path(__file__).parent / "planted"
PLANTED_WEIGHT = 3.0
NEAR = 4
TARGET = ("news", "article")


class TrainingPage(NamedTuple):
    id: str
    kind: str
    site: str
    lang: str | None
    title: str | None
    body: str | None
    blocks: list[Block]
    share: np.ndarray
    """Aligned share of each block's words, shape (blocks,)."""
    weight: np.ndarray
    """0 where the label is unknown, shape (blocks,)."""
    copy: bool = False
    """Made from another training page, by planting lines or by pasting its text."""


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
    metadata, body = read_metadata(page)
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
        entry["id"], entry["kind"], entry["site"], entry["lang"], metadata.title, body, blocks, share, weight
    )


def load_all(processes: int = 2) -> list[TrainingPage]:
    with Pool(processes) as pool:
        return pool.map(load, entries(), chunksize=8)


def planted_lines() -> dict[str, list[dict[str, str]]]:
    """Training lines by language: promotional ones and true look-alikes (label `content`)."""
    out = {}
    for path in sorted(PLANTED.glob("*.toml")):
        with path.open("rb") as file:
            out[path.stem] = tomllib.load(file)["line"]
    return out


_LINK = re.compile(r"<a\b[^>]*?>(.*?)</a>", re.S)
_TAG = re.compile(r"<[^>]+>")


def _target(label: str, site: str, rng: random.Random) -> str:
    """An address that a planted line of this kind could link to."""
    inside = f"https://www.{site}"
    if label == "content":
        return rng.choice(
            (f"{inside}/2025/budget-plan", "https://www.city.example/budget", "https://data.example/report.pdf")
        )
    common = {
        "newsletter": (f"{inside}/newsletter", f"{inside}/newsletters/sign-up", "https://lists.example/subscribe"),
        "social": (
            "https://whatsapp.com/channel/x",
            "https://t.me/x",
            "https://www.facebook.com/x",
            "https://twitter.com/x",
        ),
        "app": ("https://play.google.com/store/apps/x", f"{inside}/app"),
        "donation": (f"{inside}/donate", f"{inside}/support"),
        "subscription": (f"{inside}/subscribe", f"{inside}/abo"),
        "related": (f"{inside}/2025/11/another-story", f"{inside}/news/another-story"),
    }
    return rng.choice((*common.get(label, (f"{inside}/news",)), f"{inside}/"))


def spans_of(html: str, href: str = "https://news.example/") -> tuple[Span, ...]:
    """A planted line's small markup as spans."""
    spans = []
    at = 0
    for match in _LINK.finditer(html):
        spans.append(Span(_TAG.sub("", html[at : match.start()])))
        spans.append(Span(_TAG.sub("", match[1]), (), href))
        at = match.end()
    spans.append(Span(_TAG.sub("", html[at:])))
    spans = [s._replace(text=s.text.replace("&amp;", "&")) for s in spans if s.text]
    return tuple(spans)


def plant(page: TrainingPage, lines: dict[str, list[dict[str, str]]], rng: random.Random) -> TrainingPage:
    """A copy of `page` with a few lines set as paragraphs after true ones, in the middle or at the end."""
    solid = [
        n for n, b in enumerate(page.blocks) if page.share[n] > 0.9 and b.kind is Kind.PARAGRAPH and len(b.text) > 60
    ]
    if len(solid) < 3 or not lines:
        return page
    pool = lines.get(page.lang or "en") or lines.get("en") or []
    if rng.random() < 0.35:
        pool = lines[rng.choice(sorted(lines))]
    promotional = [x for x in pool if x["label"] != "content"]
    true = [x for x in pool if x["label"] == "content"]
    chosen: dict[int, list[dict[str, str]]] = {}
    for _ in range(rng.choice((1, 2, 3))):
        line = rng.choice(true) if true and rng.random() < 0.45 else rng.choice(promotional)
        place = solid[-1] if rng.random() < 0.45 else rng.choice(solid)
        chosen.setdefault(place, []).append(line)
    index = max((b.container.index for b in page.blocks if b.container is not None), default=0) + 1
    blocks: list[Block] = []
    share: list[float] = []
    weight: list[float] = []
    for n, block in enumerate(page.blocks):
        blocks.append(block)
        share.append(page.share[n])
        weight.append(page.weight[n])
        for line in chosen.get(n, ()):
            own = block.container
            container = None
            spans = spans_of(line["html"], _target(line["label"], page.site, rng))
            if own is None:
                spans = (Span("".join(s.text for s in spans)),)
            else:
                container = Container(own.parent, own.tag, own.names if rng.random() < 0.7 else "", index)
                index += 1
            if own is not None and rng.random() < 0.15:
                spans = tuple(s._replace(marks=("strong",)) for s in spans)
            text = " ".join("".join(s.text for s in spans).split())
            blocks.append(Block(Kind.PARAGRAPH, text, spans, container))
            share.append(1.0 if line["label"] == "content" else 0.0)
            weight.append(PLANTED_WEIGHT)
    return page._replace(blocks=blocks, share=np.array(share), weight=_near_planted(np.array(weight)), copy=True)


def _near_planted(weight: np.ndarray) -> np.ndarray:
    """Only planted lines and their neighbours count in a copy: the rest was learned from the page itself."""
    planted = np.flatnonzero(weight == PLANTED_WEIGHT)
    near = np.zeros(len(weight), bool)
    for n in planted:
        near[max(0, n - NEAR) : n + NEAR + 1] = True
    return np.where(near, weight, 0.0)


def plain(page: TrainingPage, rng: random.Random) -> TrainingPage | None:
    """A page as somebody pastes it: its text from about the first to about the last true block, a line a block."""
    positive = np.flatnonzero((page.share >= 0.75) & (page.weight > 0))
    if len(positive) < 3:
        return None
    low = max(0, int(positive[0]) - rng.choice((0, 0, 1, 3, 8)))
    high = min(len(page.blocks), int(positive[-1]) + 1 + rng.choice((0, 0, 1, 3, 8)))
    chosen = [n for n in range(low, high) if page.blocks[n].text]
    blocks = [Block(Kind.PARAGRAPH, t, (Span(t),)) for n in chosen for t in (" ".join(page.blocks[n].text.split()),)]
    weight = np.array([0.5 * page.weight[n] for n in chosen])
    return page._replace(blocks=blocks, share=page.share[chosen], weight=weight, body=None, title=None, copy=True)
