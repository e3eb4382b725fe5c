"""Blocks to numbers: what the learned judge looks at. One row a block, the same code for fitting and serving.

Three groups: the block itself (words, links, punctuation), where it stood (its
containers, their names, their share of the page's prose) and what stands beside it.
Every step is linear in the number of blocks and containers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..article import UNDECLARED, Block, Declared, Kind, Metadata
from .characters import (
    ALNUM,
    ARROW,
    BAR,
    CAPITAL,
    COLON,
    COMMA,
    DIGIT,
    EMOJI,
    END,
    LOWER,
    QUESTION,
    Characters,
    edges,
)
from .lexicon import Lexicon
from .places import NEEDS, PLACE, Facts, places
from .words import MAX_HEAD_CHARS, Words, split

Matrix = NDArray[np.float32]
Columns = dict[str, NDArray[Any]]

_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_MIN_DATE_DIGITS = 3
_CLOSERS = "\"'”’»)]」』›“"
_OWN_TAGS = ("p", "div", "li", "td", "span", "section", "button", "label", "a", "dd", "article")
_TEXTS_AT_ONCE = 2_000
"""More than almost any page has: what is kept of words while a page is read is bounded."""
MENU_LINK_SHARE = 0.5
"""A block with more is one of the page's menus, or a list of what else it has."""
_MAX_HOST_END = 100
"""Of an address: a longer host is compared by its start."""
_KIND_NUMBERS = {kind: number for number, kind in enumerate(Kind)}
_OWN_TAG_NUMBERS = {tag: number for number, tag in enumerate(_OWN_TAGS)}


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
    *(f"kind_{k}" for k in Kind), *(f"own_{t}" for t in _OWN_TAGS),
)  # fmt: skip
# News and what companies and blogs publish end in different ways: a call to act is boilerplate in the one, often text in
# the others. What a page declares itself to be tells them apart, and where it declares nothing, what its menus offer.
_PAGE = ("says_news", "says_article", "says_og_article", "has_author", "has_date", "site_score")
_SHIFTED = ("log_chars", "link_share", "ends_sentence", "word_score", "near_word_score", "name_score", "level", "is_prose", "in_main",
            "kind_list_item", "strong_share")  # fmt: skip
SHIFTS = (-3, -2, -1, 1, 2, 3)
NAMES: tuple[str, ...] = (*_BLOCK, *PLACE, *_PAGE, *(f"{n}{s:+d}" for s in SHIFTS for n in _SHIFTED))
COLUMN = {n: i for i, n in enumerate(NAMES)}
"""Number of each feature's column."""
_KINDS = slice(COLUMN[f"kind_{next(iter(Kind))}"], COLUMN[f"kind_{next(iter(Kind))}"] + len(Kind))
_TAGS = slice(COLUMN[f"own_{_OWN_TAGS[0]}"], COLUMN[f"own_{_OWN_TAGS[0]}"] + len(_OWN_TAGS))


def compute(
    blocks: Sequence[Block],
    lexicon: Lexicon,
    told: Sequence[float],
    metadata: Metadata,
    declared: Declared = UNDECLARED,
) -> Features:
    """Features of a page's blocks.

    `told` is the share of each block that a boilerplate phrase covers, `metadata` what
    the page says of itself, `declared` what it tells machines of its article.
    """
    count = len(blocks)
    columns = np.empty((len(NAMES), count), np.float32)
    if not count:
        return Features(columns.T, np.zeros((0, 4), np.int32), np.zeros(0, bool))
    facts = dict(zip(Block._fields, zip(*blocks, strict=True), strict=True))
    texts = facts["text"]
    own = _forms(facts)
    own |= _links(facts, own["chars"], lexicon)
    ends, many = own["ends_sentence"], own["words"]
    own["is_prose"] = ((many >= 12) & (own["link_share"] < 0.35) & (ends | (many >= 25))) | (
        (many >= 8) & ends & (own["link_share"] < 0.2)
    )
    own["phrase"] = np.array(told)
    scores = np.empty((lexicon.OF_BLOCKS, count))
    menus = [np.zeros(0, np.intp)]
    for start in range(0, count, _TEXTS_AT_ONCE):
        some = slice(start, start + _TEXTS_AT_ONCE)
        words = Words(texts[some])
        scores[:, some] = lexicon.word_scores(words)
        menus.append(menu_keys(words, own["link_share"][some]))
        for name, column in _likenesses(words, own["chars"][some], metadata, declared.body).items():
            columns[COLUMN[name], some] = column
    for name in own.keys() & COLUMN.keys():
        columns[COLUMN[name]] = own[name]
    columns[_KINDS] = own["kind"] == np.arange(len(Kind))[:, None]
    columns[_TAGS] = own["tag"] == np.arange(len(_OWN_TAGS))[:, None]
    groups, main, place = places(facts, {name: columns[COLUMN[name]] for name in NEEDS}, own["kind"], scores, lexicon)
    for name in PLACE:
        columns[COLUMN[name]] = place[name]
    site = lexicon.site_score(np.concatenate(menus))
    about = (declared.news, declared.article, declared.og_article, bool(metadata.authors), bool(metadata.date), site)
    columns[[COLUMN[name] for name in _PAGE]] = np.array(about)[:, None]
    shifted = columns[[COLUMN[n] for n in _SHIFTED]]
    for by in SHIFTS:
        start = COLUMN[f"{_SHIFTED[0]}{by:+d}"]
        shift(shifted, by, columns[start : start + len(_SHIFTED)])
    return Features(columns.T, groups, main)


def menu_keys(words: Words, link_share: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    """Keys of the words that stand in blocks which are mostly links, as often as they do."""
    keys, rows = words.keys
    return keys[link_share[rows] > MENU_LINK_SHARE]


def shift(values: NDArray[np.float32], by: int, out: NDArray[np.float32] | None = None) -> Matrix:
    """`values`, whose last axis is the blocks, of the block `by` places further on; -1 beyond the ends."""
    if out is None:
        out = np.empty_like(values)
    if by > 0:
        out[..., :-by] = values[..., by:]
        out[..., -by:] = -1
    else:
        out[..., -by:] = values[..., :by]
        out[..., :-by] = -1
    return out


def _forms(facts: Facts) -> Columns:
    """What the blocks' characters and kinds say."""
    texts = facts["text"]
    count = len(texts)
    heads = [text[:MAX_HEAD_CHARS] for text in texts]
    signs = Characters(heads)
    chars = np.fromiter(map(len, texts), np.intp, count)
    head_size = np.maximum(1, signs.sizes)
    many = np.where(chars > 0, np.fromiter([text.count(" ") for text in texts], np.intp, count) + 1, 0)
    many = np.where(signs.is_wide(within=60), np.maximum(many, chars // 2), many)
    last_signs = [text[-1:] for text in texts]
    end_signs = [
        text.rstrip(_CLOSERS)[-1:] if sign in _CLOSERS else sign for text, sign in zip(texts, last_signs, strict=True)
    ]
    first, last, end = edges([text[:1] for text in texts] + last_signs + end_signs).reshape(3, count)
    ends = (end & END) != 0
    colon = ((last & COLON) != 0) | (chars == 0)
    digits = signs.count(DIGIT)
    dates = np.zeros(count, bool)
    for number in np.flatnonzero(digits >= _MIN_DATE_DIGITS).tolist():
        dates[number] = _DATE.search(heads[number][:200]) is not None
    same = Counter(texts)
    numbers = np.fromiter(
        chain(
            facts["level"], facts["continues"], facts["hidden"], [ordinal is not None for ordinal in facts["ordinal"]]
        ),
        np.float32,
        4 * count,
    )
    level, continues, hidden, ordered = numbers.reshape(4, count)
    tags = [container.tag if container is not None else "p" for container in facts["container"]]
    return {
        "chars": chars, "words": many, "log_chars": np.log1p(chars), "log_words": np.log1p(np.minimum(many, 999)),
        "word_length": chars / np.maximum(1, many), "ends_sentence": ends, "ends_colon": colon,
        "ends_other": (chars > 0) & ~ends & ~colon & ((last & ALNUM) == 0), "starts_lower": (first & LOWER) != 0,
        "starts_other": (chars > 0) & ((first & ALNUM) == 0), "capitals": signs.count(CAPITAL) / head_size,
        "digits": digits / head_size, "commas": np.minimum(signs.count(COMMA), 20),
        "stops": np.minimum(signs.sentences(), 10), "emoji": signs.count(EMOJI) > 0, "date": dates,
        "quote_share": signs.quoted() / head_size, "arrow": signs.count(ARROW) > 0,
        "bar": (signs.count(BAR) + signs.slashes()) > 0, "question": (end & QUESTION) != 0,
        "level": level, "continues": continues, "hidden": hidden, "ordered": ordered,
        "same_text": np.minimum(np.fromiter(map(same.__getitem__, texts), np.intp, count), 10),
        "kind": np.fromiter(map(_KIND_NUMBERS.__getitem__, facts["kind"]), np.intp, count),
        "tag": np.fromiter([_OWN_TAG_NUMBERS.get(tag, -1) for tag in tags], np.intp, count),
    }  # fmt: skip


def _links(facts: Facts, chars: NDArray[np.intp], lexicon: Lexicon) -> Columns:
    """What the blocks' links and marks say."""
    count = len(chars)
    spans_of = facts["spans"]
    if any(facts["cells"]):
        spans_of = [
            tuple(chain.from_iterable(cells)) if cells else spans
            for spans, cells in zip(spans_of, facts["cells"], strict=True)
        ]
    counts = np.fromiter(map(len, spans_of), np.intp, count)
    spans = list(chain.from_iterable(spans_of))
    rows = np.repeat(np.arange(count), counts)
    texts, marks, hrefs = zip(*spans, strict=True) if spans else ((), (), ())
    sizes = np.fromiter(map(len, texts), np.intp, len(spans))
    styles = {mark: ("strong" in mark) + 2 * ("em" in mark) for mark in set(marks)}
    style = np.fromiter(map(styles.__getitem__, marks), np.intp, len(spans))
    linked = np.fromiter([href is not None for href in hrefs], bool, len(spans))
    at = rows[linked]
    links = np.bincount(at, minlength=count)
    ends = np.cumsum(counts)
    holds = counts > 0
    first, last = np.zeros((2, count), bool)
    first[holds], last[holds] = linked[(ends - counts)[holds]], linked[ends[holds] - 1]
    addresses = [href for href in hrefs if href is not None]
    # Links in a table's cells lead where its data do: neither their words nor their hosts say much of the page.
    in_text = ~np.fromiter(map(bool, facts["cells"]), bool, count)[at]
    outside_tables = [address for address, counts in zip(addresses, in_text.tolist(), strict=True) if counts]
    inside, home = _own_host(addresses, outside_tables)
    size = np.maximum(1, chars)
    share = np.bincount(at, sizes[linked], count) / size
    return {
        "link_share": np.minimum(1.0, share), "links": np.minimum(links, 20),
        "strong_share": np.minimum(1.0, np.bincount(rows, sizes * (style & 1), count) / size),
        "emphasis_share": np.minimum(1.0, np.bincount(rows, sizes * (style >> 1), count) / size),
        "links_home": np.bincount(at[home], minlength=count) > 0,
        "links_inside": np.where(links > 0, np.bincount(at[inside], minlength=count) / np.maximum(1, links), -1),
        "link_score": lexicon.link_scores(outside_tables, at[in_text], count), "first_link": first, "last_link": last,
        "whole_link": share > 0.95,
    }  # fmt: skip


def _own_host(addresses: Sequence[str], outside_tables: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each address is of the host that most of those outside of tables are of; and whether of its first page."""
    parts = {address: address.split("/", 3) for address in dict.fromkeys(addresses)}
    hosts = {
        address: part[2][: max(0, _MAX_HOST_END - len(part[0]) - len(part[1]) - 2)]
        for address, part in parts.items()
        if len(part) > 2 and len(part[0]) + len(part[1]) + 2 <= _MAX_HOST_END
    }
    links = Counter([hosts[address] for address in outside_tables if address in hosts])
    own = max(links, key=links.__getitem__, default="")
    inside = {address for address, part in parts.items() if len(part) > 2 and part[2] == own}
    home = {address for address in inside if len(parts[address]) == 3 or not parts[address][3]}
    size = len(addresses)
    return np.fromiter([a in inside for a in addresses], bool, size), np.fromiter(
        [a in home for a in addresses], bool, size
    )


def _likenesses(words: Words, chars: NDArray[np.intp], metadata: Metadata, body: str | None) -> Columns:
    """What the blocks share with what the page says of itself; -1 where there is nothing to compare."""
    count = len(chars)
    worded = words.counts > 0
    title_share, excerpt_share, body_share = np.full((3, count), -1.0)
    if metadata.title and (title := set(split(metadata.title))):
        shared = np.bincount(words.rows[words.are_among(words.ids_of(title), words.ids)], minlength=count)
        title_share = np.where(worded & (chars < 400), shared / np.maximum(words.counts, len(title)), -1.0)
    if metadata.excerpt and (excerpt := set(split(metadata.excerpt))):
        ids, rows = words.distinct()
        shared = np.bincount(rows[words.are_among(words.ids_of(excerpt), ids)], minlength=count)
        least = np.maximum(np.bincount(rows, minlength=count), min(len(excerpt), 30))
        excerpt_share = np.where(worded & (chars < 600), shared / least, -1.0)
    if body:
        shared = np.bincount(_rows_within(words, body), minlength=count)
        whole = np.where(words.counts >= 3, shared / np.maximum(1, words.counts - 2), -0.5)
        body_share = np.where(worded, whole, -1.0)
    by_author, by_site = np.zeros((2, count), np.intp)
    for author in metadata.authors[:8]:
        name = split(author)
        if len(" ".join(name)) >= 5:
            for number in np.flatnonzero(words.hold(name[0])).tolist():
                by_author[number] += " ".join(name) in " ".join(split(words.lows[number]))
    for site in _site_names(metadata):
        by_site += words.hold(site)
    return {
        "title_share": title_share, "excerpt_share": excerpt_share, "body_share": body_share, "by_author": by_author,
        "by_site": by_site * worded,
    }  # fmt: skip


def _rows_within(words: Words, body: str) -> NDArray[np.intp]:
    """Numbers of the blocks, as often as three words in a row of theirs stand in `body`."""
    ids, rows = words.ids, words.rows
    known = words.ids_of(split(body[:200_000]))
    whole = np.flatnonzero(rows[2:] == rows[:-2]) if len(ids) > 2 else np.zeros(0, np.intp)
    found: NDArray[np.intp] = rows[whole[np.isin(_triples(ids)[whole], _triples(known))]]
    return found


def _triples(ids: NDArray[np.intp]) -> NDArray[np.intp]:
    """Each three ids in a row as one number."""
    return ids[:-2] << 42 | ids[1:-1] << 21 | ids[2:] if len(ids) > 2 else np.zeros(0, np.intp)


def _site_names(metadata: Metadata) -> list[str]:
    """The names that a site calls itself by in its own promotion: its name, its host, the host's first word."""
    names = {(metadata.site_name or "").lower(), (metadata.domain or "").lower().removeprefix("www.")}
    names |= {name.split(".")[0] for name in names if "." in name}
    return sorted(n for n in names if len(n) >= 4)


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
    columns = np.empty((len(SECOND_NAMES), count), np.float32)
    columns[: len(NAMES)] = matrix.T
    own: list[NDArray[Any]] = [chance]
    own += [shift(chance, s) for s in (-4, -3, -2, -1, 1, 2, 3, 4)]
    own += [_window(chance, weight, radius) for radius in (3, 10)]
    mass = chance * weight
    for group in features.groups.T:
        mean = np.bincount(group, mass) / np.maximum(1e-9, np.bincount(group, weight))
        own.append(mean[group])
    total = max(1.0, float(mass.sum()))
    before = np.cumsum(mass) - mass
    sure = chance > 0.5
    index = np.arange(count)
    first = int(np.argmax(sure)) if sure.any() else 0
    last = count - 1 - int(np.argmax(sure[::-1])) if sure.any() else count - 1
    ones = np.ones(count)
    own += [
        before / total, 1 - (before + mass) / total, np.clip(index - first, -40, 40), np.clip(last - index, -40, 40),
        ones * np.log1p(total), ones * float((np.abs(chance - 0.5) * 2 * weight).sum() / weight.sum()),
        np.maximum.accumulate(chance), np.maximum.accumulate(chance[::-1])[::-1],
    ]  # fmt: skip
    for number, column in enumerate(own, len(NAMES)):
        columns[number] = column
    return columns.T


def _window(values: NDArray[np.float32], weight: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """Mean of the neighbours' values within `radius`, the block itself left out, weighted."""
    count = len(values)
    sums = np.concatenate([[0.0], np.cumsum(values * weight)])
    weights = np.concatenate([[0.0], np.cumsum(weight)])
    index = np.arange(count)
    low, high = np.maximum(0, index - radius), np.minimum(count, index + radius + 1)
    mass = sums[high] - sums[low] - values * weight
    return np.asarray(mass / np.maximum(1e-9, weights[high] - weights[low] - weight))
