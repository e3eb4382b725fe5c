"""Where blocks stood: their containers, the names of these, their share of the page's prose, and the place in it.

Every step is linear in the number of blocks and containers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..article import Container, Kind
from .lexicon import Lexicon

_DIGITS = b"0123456789"
_TAGS = ("article", "main", "aside", "nav", "header", "footer", "form", "table", "ul", "ol", "figure", "blockquote",
         "section", "button", "dl", "details")  # fmt: skip
PLACE = (
    "depth", *(f"under_{t}" for t in _TAGS), "word_score", "near_word_score", "news_word_score", "name_score", "own_name_score",
    "inline_names",
    "parent_prose", "parent_links", "parent_blocks", "grand_prose", "grand_links", "grand_blocks",
    "great_prose", "great_links", "in_main", "above_main", "branch_prose", "branch_links", "branch_blocks",
    "branch_name_score", "like_blocks", "like_words", "like_links", "like_prose", "position", "chars_before",
    "prose_before", "prose_after", "prose_blocks_before", "prose_blocks_after", "since_prose", "until_prose",
    "since_heading", "until_heading", "section_links", "section_prose", "section_blocks", "since_title",
    "page_blocks", "page_prose", "page_links", "plain_text", "place_in_parent", "figure_before", "figure_after", "main_before",
    "main_after", "main_prose_before", "main_prose_after",
)  # fmt: skip
PARENT, BRANCH = 0, 1
"""Columns of the groups that `places` gives, those that are asked for by themselves."""
NEEDS = ("link_share", "log_words", "title_share", "is_prose")
"""What `places` must be told of the blocks by themselves."""

Columns = dict[str, NDArray[Any]]
Facts = Mapping[str, Sequence[Any]]
"""Each of a block's fields by name, those of all blocks in a row."""


def places(
    facts: Facts,
    signals: Mapping[str, NDArray[np.float32]],
    kinds: NDArray[np.intp],
    word_scores: NDArray[np.float64],
    lexicon: Lexicon,
) -> tuple[NDArray[np.int32], NDArray[np.bool_], Columns]:
    """Features of where the blocks stood: groups, membership of the main container, a column for each of `PLACE`.

    `signals` gives the columns named in `NEEDS` of what the blocks are by themselves, `kinds` the number of each
    block's kind; `word_scores`, shape (3, blocks), is what the lexicon says of their words.
    """
    count = len(kinds)
    above = _Containers(facts["container"], lexicon)
    at = above.of_block
    prose = signals["is_prose"] > 0
    link_share = signals["link_share"].astype(np.float64)
    sizes = np.fromiter(map(len, facts["text"]), np.float64, count)
    linked = sizes * link_share
    prose_chars = sizes * prose
    total_chars = max(1.0, float(sizes.sum()))
    below = above.sums([sizes, np.trunc(linked), np.ones(count), prose_chars, prose])
    chars, links, members, prose_of, prose_blocks = below
    first, last = above.spans()
    total = max(1.0, prose_of[0])
    main = above.main(prose_of, prose_blocks)
    in_main, branch = above.within(main)

    # What depends on the container alone.
    parent = above.parent_or_self
    grand, great = parent[parent], parent[parent[parent]]
    share = links / np.maximum(1, chars)
    log_members = np.log1p(members)
    part = np.where(branch >= 0, branch, np.arange(len(branch)))
    own, by_parent, by_grand, by_others = above.names.T
    depth = above.depth
    # Each level's names count as such, and nothing where there is no such level.
    names = own + np.where(depth > 0, by_parent[parent], 0) + np.where(depth > 1, by_grand[grand], 0)
    names += np.where(depth > 2, above.sum_above(by_others)[great], 0)
    of_container = {
        "depth": depth, **dict(zip([f"under_{t}" for t in _TAGS], above.under(), strict=True)), "name_score": names,
        "own_name_score": own, "parent_prose": prose_of[parent] / total, "parent_links": share[parent],
        "parent_blocks": log_members[parent], "grand_prose": prose_of[grand] / total, "grand_links": share[grand],
        "grand_blocks": log_members[grand], "great_prose": prose_of[great] / total, "great_links": share[great],
        "in_main": in_main, "above_main": np.where(in_main, depth - depth[main], -1),
        "branch_prose": prose_of[part] / total, "branch_links": share[part], "branch_blocks": log_members[part],
        "branch_name_score": np.where(branch >= 0, own[branch], 0), "parent_first": first[parent],
        "parent_length": np.maximum(1, last[parent] - first[parent]),
    }  # fmt: skip
    place = {name: values[at] for name, values in of_container.items()}

    look = above.looks(kinds)
    look_count = np.maximum(1, np.bincount(look))
    before = np.cumsum(sizes) - sizes
    prose_before = np.cumsum(prose_chars) - prose_chars
    prose_count = np.cumsum(prose)
    headings = kinds == tuple(Kind).index(Kind.HEADING)
    section = np.cumsum(headings)
    section_chars = np.maximum(1, np.bincount(section, sizes))
    titles = (signals["title_share"] > 0.6) & (signals["log_words"] > 1.3)
    since_prose, until_prose = _distances(prose)
    since_heading, until_heading = _distances(headings)
    since_title, _ = _distances(titles)
    since_figure, until_figure = _distances(np.fromiter([image is not None for image in facts["image"]], bool, count))
    main_blocks = in_main[at]
    main_index = np.flatnonzero(main_blocks)
    main_first, main_last = (int(main_index[0]), int(main_index[-1])) if len(main_index) else (0, count - 1)
    main_prose = np.cumsum(prose & main_blocks)
    index = np.arange(count)
    place |= {
        "word_score": word_scores[0], "near_word_score": word_scores[1],
        "news_word_score": word_scores[2],
        "inline_names": np.fromiter(map(len, facts["names"]), np.intp, count), "like_blocks": np.log1p(look_count)[look],
        "like_words": (np.bincount(look, signals["log_words"]) / look_count)[look],
        "like_links": (np.bincount(look, link_share) / look_count)[look],
        "like_prose": (np.bincount(look, prose) / look_count)[look], "position": index / count,
        "chars_before": before / total_chars, "prose_before": prose_before / total,
        "prose_after": (total - prose_before - prose_chars) / total,
        "prose_blocks_before": np.log1p(prose_count - prose),
        "prose_blocks_after": np.log1p(prose_count[-1] - prose_count), "since_prose": since_prose,
        "until_prose": until_prose, "since_heading": since_heading, "until_heading": until_heading,
        "section_links": (np.bincount(section, linked) / section_chars)[section],
        "section_prose": (np.bincount(section, prose_chars) / section_chars)[section],
        "section_blocks": np.log1p(np.bincount(section))[section], "since_title": since_title,
        "page_blocks": np.full(count, np.log1p(count)), "page_prose": np.full(count, np.log1p(total)),
        "page_links": np.full(count, linked.sum() / total_chars),
        "plain_text": np.full(count, facts["container"][0] is None),
        "place_in_parent": (index - place.pop("parent_first")) / place.pop("parent_length"),
        "figure_before": since_figure, "figure_after": until_figure,
        "main_before": np.clip(index - main_first, -10, 60), "main_after": np.clip(main_last - index, -10, 60),
        "main_prose_before": np.minimum(main_prose - (prose & main_blocks), 60),
        "main_prose_after": np.minimum(main_prose[-1] - main_prose, 60),
    }  # fmt: skip
    groups = np.stack([parent[at], branch[at] + 1, look, section], axis=1).astype(np.int32)
    return groups, main_blocks, place


class _Containers:
    """The containers that hold a page's blocks, and all above them, each before those inside it."""

    def __init__(self, containers: Sequence[Container | None], lexicon: Lexicon) -> None:
        root = Container(None, "body", "", -1)
        of_blocks = [container or root for container in containers]
        known: dict[int, Container] = {}
        for container in dict.fromkeys(of_blocks):
            up: Container | None = container
            while up is not None and up.index not in known:
                known[up.index] = up
                up = up.parent
        # A parent's index is below its children's.
        order = sorted(known)
        self._all = [known[index] for index in order]
        count = len(order)
        number = {index: n for n, index in enumerate(order)}
        self._parents = [number[c.parent.index] if c.parent is not None else -1 for c in self._all]
        self.of_block = np.fromiter([number[container.index] for container in of_blocks], np.intp, len(of_blocks))
        """Number of each block's container."""
        self.parent = np.fromiter(self._parents, np.intp, count)
        """Number of each container's parent, -1 for none."""
        self.parent_or_self = np.where(self.parent >= 0, self.parent, np.arange(count))
        self.depth = np.fromiter([c.depth for c in self._all], np.intp, count)
        """How many containers are above each."""
        self._tags = [c.tag for c in self._all]
        self._names = [c.names for c in self._all]
        self.names = lexicon.name_scores(self._tags, self._names)
        """What the lexicon says of each container's names, shape (containers, 4)."""
        # In the order of the page a container and all inside it stand in a row.
        sizes = [1] * count
        for n in range(count - 1, 0, -1):
            if (parent := self._parents[n]) >= 0:
                sizes[parent] += sizes[n]
        starts = []
        free: list[int] = []
        outside = 0
        for parent, size in zip(self._parents, sizes, strict=True):
            if parent >= 0:
                start = free[parent]
                free[parent] = start + size
            else:
                start = outside
                outside += size
            starts.append(start)
            free.append(start + 1)
        self._start = np.fromiter(starts, np.intp, count)
        self._end = self._start + np.fromiter(sizes, np.intp, count)

    def sum_above(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each container the sum of its value and of those of all above it."""
        size = len(values) + 1
        steps = np.bincount(self._start, values, size) - np.bincount(self._end, values, size)
        found: NDArray[np.float64] = np.cumsum(steps)[self._start]
        return found

    def sums(self, values: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
        """Sums over the blocks in each container, at any depth, of each of `values`, a row for each."""
        place = self._start[self.of_block]
        sums = np.zeros((len(values), len(self._all) + 1))
        for row, of_blocks in zip(sums, values, strict=True):
            row[1:] = np.bincount(place, of_blocks, len(self._all))
        sums = np.cumsum(sums, axis=1)
        return sums[:, self._end] - sums[:, self._start]

    def spans(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Numbers of the first and the last block in each container, at any depth."""
        place = self._start[self.of_block]
        blocks = np.arange(len(place))
        first, last = np.full(len(self._all) + 1, 1 << 30), np.full(len(self._all) + 1, -1)
        first[place[::-1]] = blocks[::-1]
        last[place] = blocks
        pairs = np.stack([self._start, self._end], axis=1).ravel()
        return np.minimum.reduceat(first, pairs)[::2], np.maximum.reduceat(last, pairs)[::2]

    def main(self, prose: NDArray[np.float64], prose_blocks: NDArray[np.float64]) -> int:
        """Number of the innermost container with most of the page's prose."""
        main = 0
        most = (self.parent >= 0) & (prose >= 0.6 * prose[self.parent]) & (prose_blocks >= 2)
        for number in np.flatnonzero(most).tolist():
            if self._parents[number] == main:
                main = number
        return main

    def within(self, main: int) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        """Whether each container is `main` or in it, and which of the containers right inside of it it is in, or -1."""
        inside = (self._start >= self._start[main]) & (self._start < self._end[main])
        branches = np.flatnonzero(self.parent == main)
        branches = branches[np.argsort(self._start[branches])]
        branch = np.full(len(self._all), -1)
        if len(branches):
            below = inside.copy()
            below[main] = False
            branch[below] = branches[np.searchsorted(self._start[branches], self._start[below], "right") - 1]
        return inside, branch

    def under(self) -> NDArray[np.bool_]:
        """Whether each container is, or is in, an element of each of the `_TAGS`, shape (tags, containers)."""
        size = len(self._all) + 1
        tags = np.fromiter([_TAG_NUMBERS.get(tag, -1) for tag in self._tags], np.intp, len(self._all))
        named = np.flatnonzero(tags >= 0)
        rows = tags[named] * size
        opened = np.bincount(rows + self._start[named], minlength=len(_TAGS) * size)
        closed = np.bincount(rows + self._end[named], minlength=len(_TAGS) * size)
        inside = np.cumsum((opened - closed).reshape(-1, size), axis=1) > 0
        found: NDArray[np.bool_] = inside[:, self._start]
        return found

    def looks(self, kinds: NDArray[np.intp]) -> NDArray[np.intp]:
        """A number for each block, the same for those that look alike: `kinds` are the blocks'.

        Same kind, tag, names and parent's names, whatever numbers are in these.
        """
        # A string's own `translate` takes ten times as long.
        data = "\0".join(self._names).encode("utf-8", "surrogatepass").translate(None, _DIGITS)
        names = data.decode("utf-8", "surrogatepass").split("\0")
        names.append("")
        tags, parents = self._tags, self._parents
        known: dict[tuple[str, str, str], int] = {}
        look = np.empty(len(tags), np.intp)
        for n in set(self.of_block.tolist()):
            look[n] = known.setdefault((tags[n], names[n], names[parents[n]]), len(known))
        return look[self.of_block] * len(Kind) + kinds


_TAG_NUMBERS = {tag: number for number, tag in enumerate(_TAGS)}


def _distances(flags: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Blocks since the last flagged one before, and until the next one after; at most 30."""
    count = len(flags)
    index = np.arange(count)
    last = np.maximum.accumulate(np.where(flags, index, -(10**6)))
    last = np.concatenate([[-(10**6)], last[:-1]])
    following = np.minimum.accumulate(np.where(flags, index, 10**6)[::-1])[::-1]
    following = np.concatenate([following[1:], [10**6]])
    return (
        np.minimum(index - last, 30).astype(np.float32),
        np.minimum(following - index, 30).astype(np.float32),
    )
