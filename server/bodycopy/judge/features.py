"""Blocks to numbers: what the learned judge looks at. One row a block, the same code for fitting and serving.

Three groups: the block itself (words, links, punctuation), where it stood (its
containers, their names, their share of the page's prose) and what stands beside it.
Every step is linear in the number of blocks and containers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..article import Block, Kind, Metadata
from .lexicon import WIDE, Lexicon
from .places import LOG, NEEDS, PLACE, places

Matrix = NDArray[np.float32]

_WORD = re.compile(r"\w+")
_EMOJI = re.compile("[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_CLOSERS = "\"'”’»)]」』›“"
_ENDS = frozenset(".!?…。！？।؟۔")
_OWN_TAGS = ("p", "div", "li", "td", "span", "section", "button", "label", "a", "dd", "article")
_KINDS = tuple(Kind)


class Features(NamedTuple):
    """What `compute` gives: the matrix, and the groups of blocks that the second pass averages over."""

    matrix: Matrix
    """Shape (blocks, len(NAMES))."""
    groups: NDArray[np.int32]
    """Shape (blocks, 4): ids of parent container, branch of the main container, look-alikes, section."""
    main: NDArray[np.bool_]
    """Whether the block stands in the container that holds most of the page's prose."""


_BLOCK = (
    "log_chars", "log_words", "link_share", "links", "word_length", "ends_sentence", "ends_colon", "ends_other",
    "starts_lower", "starts_other", "capitals", "digits", "commas", "stops", "emoji", "date", "strong_share",
    "emphasis_share", "quote_share", "arrow", "bar", "level", "continues", "hidden", "ordered", "same_text",
    "title_share", "excerpt_share", "body_share", "by_author", "by_site", "phrase", "links_home", "links_inside", "link_score", "question", "first_link", "last_link", "whole_link", "is_prose",
    *(f"kind_{k}" for k in _KINDS), *(f"own_{t}" for t in _OWN_TAGS),
)  # fmt: skip
_SHIFTED = ("log_chars", "link_share", "ends_sentence", "word_score", "near_word_score", "name_score", "level", "is_prose", "in_main",
            "kind_list_item", "strong_share")  # fmt: skip
SHIFTS = (-3, -2, -1, 1, 2, 3)
NAMES: tuple[str, ...] = (*_BLOCK, *PLACE, *(f"{n}{s:+d}" for s in SHIFTS for n in _SHIFTED))
COLUMN = {n: i for i, n in enumerate(NAMES)}
"""Number of each feature's column."""


def compute(
    blocks: Sequence[Block],
    lexicon: Lexicon,
    told: Sequence[float],
    metadata: Metadata,
    body: str | None = None,
) -> Features:
    """Features of a page's blocks.

    `told` is the share of each block that a boilerplate phrase covers, `metadata` what
    the page says of itself, `body` the articleBody that its JSON-LD gives.
    """
    count = len(blocks)
    base = np.zeros((count, len(_BLOCK) + len(PLACE)), dtype=np.float32)
    if not count:
        return Features(np.zeros((0, len(NAMES)), np.float32), np.zeros((0, 4), np.int32), np.zeros(0, bool))
    said = _Said(metadata, body)
    same: dict[str, int] = {}
    for block in blocks:
        same[block.text] = same.get(block.text, 0) + 1
    host = _own_host(blocks)
    rows = [_own(b, same, said, t, host, lexicon) for b, t in zip(blocks, told, strict=True)]
    base[:, : len(_BLOCK)] = rows
    prose = base[:, COLUMN["is_prose"]] > 0
    groups, main, place = places(blocks, {n: base[:, COLUMN[n]] for n in NEEDS}, prose, lexicon)
    base[:, len(_BLOCK) :] = place
    shifted = base[:, [COLUMN[n] for n in _SHIFTED]]
    parts = [base, *(shift(shifted, s) for s in SHIFTS)]
    return Features(np.concatenate(parts, axis=1), groups, main)


def shift(values: NDArray[np.float32], by: int) -> Matrix:
    """`values` of the block `by` places further on; -1 beyond the ends."""
    out = np.full_like(values, -1)
    if by > 0:
        out[:-by] = values[by:]
    else:
        out[-by:] = values[:by]
    return out


class _Said:
    """What the page says of itself, in the form that blocks are compared with."""

    def __init__(self, metadata: Metadata, body: str | None) -> None:
        self.title = set(_WORD.findall(metadata.title.lower())) if metadata.title else set()
        self.excerpt = set(_WORD.findall(metadata.excerpt.lower())) if metadata.excerpt else set()
        self.authors = [name for a in metadata.authors[:8] if len(name := " ".join(_WORD.findall(a.lower()))) >= 5]
        self.site = _site_names(metadata)
        self.body = _shingles(body) if body else None


def _site_names(metadata: Metadata) -> list[str]:
    """The names that a site calls itself by in its own promotion: its name, its host, the host's first word."""
    names = {(metadata.site_name or "").lower(), (metadata.domain or "").lower().removeprefix("www.")}
    names |= {name.split(".")[0] for name in names if "." in name}
    return sorted(n for n in names if len(n) >= 4)


def _shingles(text: str) -> set[str]:
    words = _WORD.findall(text[:200_000].lower())
    return {" ".join(words[i : i + 3]) for i in range(len(words) - 2)}


def _own_host(blocks: Sequence[Block]) -> str:
    """The host most of the page's links lead to, which is its own."""
    hosts: dict[str, int] = {}
    for block in blocks:
        for span in block.spans:
            if span.href is not None:
                host = span.href[:100].split("/", 3)[2:3]
                if host:
                    hosts[host[0]] = hosts.get(host[0], 0) + 1
    return max(hosts, key=lambda h: hosts[h], default="")


def _own(
    block: Block,
    same: dict[str, int],
    said: _Said,
    told: float,
    host: str,
    lexicon: Lexicon,
) -> list[float]:
    """Features of a block by itself."""
    text = block.text
    chars = len(text)
    spans = block.spans
    if block.cells:
        spans = tuple(s for cell in block.cells for s in cell)
    linked = links = strong = emphasis = home = inside = 0
    for s in spans:
        if s.href is not None:
            linked += len(s.text)
            links += 1
            parts = s.href.split("/", 3)
            if len(parts) > 2 and parts[2] == host:
                inside += 1
                home += len(parts) == 3 or not parts[3]
        if s.marks:
            if "strong" in s.marks:
                strong += len(s.text)
            if "em" in s.marks:
                emphasis += len(s.text)
    head = text[:600]
    ascii_only = head.isascii()
    wide = not ascii_only and bool(WIDE.search(head[:60]))
    words = text.count(" ") + 1 if text else 0
    if wide:
        words = max(words, chars // 2)
    size = max(1, chars)
    end = text.rstrip(_CLOSERS)[-1:] if text else ""
    last = text[-1:]
    first = text[:1]
    data = head.encode("ascii", "ignore")
    capitals = len(data) - len(data.translate(None, _CAPITALS))
    digits = len(data) - len(data.translate(None, _DIGIT_BYTES))
    if not ascii_only:
        others = "".join(_NOT_ASCII.findall(head))
        capitals += sum(map(str.isupper, others))
        digits += sum(map(str.isdigit, others))
    ends = end in _ENDS
    link_share = min(1.0, linked / size)
    is_prose = (words >= 12 and link_share < 0.35 and (ends or words >= 25)) or (
        words >= 8 and ends and link_share < 0.2
    )
    title_share = excerpt_share = body_share = -1.0
    by_author = by_site = 0
    if text:
        low = head.lower()
        own = _WORD.findall(low)
        if own:
            distinct = set(own)
            if said.title and chars < 400:
                title_share = sum(w in said.title for w in own) / max(len(own), len(said.title))
            if said.excerpt and chars < 600:
                excerpt_share = len(distinct & said.excerpt) / max(len(distinct), min(len(said.excerpt), 30))
            if said.body is not None:
                body_share = -0.5
                if len(own) >= 3:
                    body_share = sum(" ".join(own[i : i + 3]) in said.body for i in range(len(own) - 2)) / (
                        len(own) - 2
                    )
            if said.authors:
                joined = " ".join(own)
                by_author = sum(name in joined for name in said.authors)
            by_site = sum(name in low for name in said.site)
    kind = block.kind
    tag = block.container.tag if block.container is not None else "p"
    return [
        float(np.log1p(chars)) if chars > 999 else LOG[chars], LOG[min(words, 999)], link_share, min(links, 20),
        chars / max(1, words), ends, last in ":：", bool(last) and not ends and last not in ":：" and not last.isalnum(),
        first.islower(), bool(first) and not first.isalnum(), capitals / max(1, len(head)),
        digits / max(1, len(head)), min(head.count(",") + head.count("、") + head.count("，"), 20),
        min(head.count(". ") + head.count("。"), 10), not ascii_only and _EMOJI.search(head) is not None,
        digits > 0 and _DATE.search(head[:200]) is not None,
        min(1.0, strong / size), min(1.0, emphasis / size), _quoted(head), _ARROW.search(head) is not None,
        "|" in head or "•" in head or " / " in head, block.level, block.continues, block.hidden, block.ordered,
        min(same[text], 10), title_share, excerpt_share, body_share, by_author, by_site, told, home > 0, inside / links if links else -1,
        lexicon.link_score(block) if links else 0.0, end in "?？؟" and bool(end), bool(spans) and spans[0].href is not None,
        bool(spans) and spans[-1].href is not None, link_share > 0.95, is_prose,
        *[kind is k for k in _KINDS], *[tag == t for t in _OWN_TAGS],
    ]  # fmt: skip


_CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGIT_BYTES = b"0123456789"
_NOT_ASCII = re.compile("[^\\x00-\\x7f]+")
_ARROW = re.compile("[›»→>▶►]")
_QUOTE = re.compile('["“”„«»「」]')


def _quoted(text: str) -> float:
    """Share of a text that stands between quotation marks, roughly."""
    marks = [m.start() for m in _QUOTE.finditer(text)]
    inside = sum(marks[i + 1] - marks[i] for i in range(0, len(marks) - 1, 2))
    return inside / max(1, len(text))


SECOND_NAMES: tuple[str, ...] = (
    *NAMES, "p", *(f"p{s:+d}" for s in (-4, -3, -2, -1, 1, 2, 3, 4)), "p_near", "p_far", "p_parent", "p_branch",
    "p_like", "p_section", "p_before", "p_after", "from_first", "to_last", "p_kept_words", "p_sure", "p_max_before",
    "p_max_after",
)  # fmt: skip


def second_pass(features: Features, chance: NDArray[np.float32]) -> Matrix:
    """Features of the second pass: the first pass's, and its scores (`chance`, shape (blocks,)) of block and neighbours."""
    count = len(chance)
    if not count:
        return np.zeros((0, len(SECOND_NAMES)), np.float32)
    matrix = features.matrix
    weight = np.expm1(matrix[:, COLUMN["log_chars"]]).astype(np.float64) + 1
    columns: list[NDArray[Any]] = [matrix, chance[:, None]]
    columns += [shift(chance, s)[:, None] for s in (-4, -3, -2, -1, 1, 2, 3, 4)]
    for radius in (3, 10):
        columns.append(_window(chance, weight, radius)[:, None])
    for k in range(4):
        group = features.groups[:, k]
        mean = np.bincount(group, chance * weight) / np.maximum(1e-9, np.bincount(group, weight))
        columns.append(mean[group][:, None])
    mass = chance * weight
    total = max(1.0, float(mass.sum()))
    before = np.cumsum(mass) - mass
    sure = chance > 0.5
    index = np.arange(count)
    first = int(np.argmax(sure)) if sure.any() else 0
    last = count - 1 - int(np.argmax(sure[::-1])) if sure.any() else count - 1
    highest_before = np.maximum.accumulate(chance)
    highest_after = np.maximum.accumulate(chance[::-1])[::-1]
    ones = np.ones(count)
    columns += [
        c[:, None]
        for c in (
            before / total, 1 - (before + mass) / total, np.clip(index - first, -40, 40), np.clip(last - index, -40, 40),
            ones * np.log1p(total), ones * float((np.abs(chance - 0.5) * 2 * weight).sum() / weight.sum()),
            highest_before, highest_after,
        )
    ]  # fmt: skip
    return np.concatenate(columns, axis=1).astype(np.float32)


def _window(values: NDArray[np.float32], weight: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """Mean of the neighbours' values within `radius`, the block itself left out, weighted."""
    count = len(values)
    sums = np.concatenate([[0.0], np.cumsum(values * weight)])
    weights = np.concatenate([[0.0], np.cumsum(weight)])
    index = np.arange(count)
    low, high = np.maximum(0, index - radius), np.minimum(count, index + radius + 1)
    mass = sums[high] - sums[low] - values * weight
    return np.asarray(mass / np.maximum(1e-9, weights[high] - weights[low] - weight))
