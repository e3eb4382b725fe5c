"""Where blocks stood: their containers, the names of these, their share of the page's prose, and the place in it.

Every step is linear in the number of blocks and containers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..article import Block, Container, Kind
from .lexicon import Lexicon

_NUMBER = re.compile(r"[0-9]+")
_TAGS = ("article", "main", "aside", "nav", "header", "footer", "form", "table", "ul", "ol", "figure", "blockquote",
         "section", "button", "dl", "details")  # fmt: skip
PLACE = (
    "depth", *(f"under_{t}" for t in _TAGS), "word_score", "near_word_score", "name_score", "own_name_score", "inline_names",
    "parent_prose", "parent_links", "parent_blocks", "grand_prose", "grand_links", "grand_blocks",
    "great_prose", "great_links", "in_main", "above_main", "branch_prose", "branch_links", "branch_blocks",
    "branch_name_score", "like_blocks", "like_words", "like_links", "like_prose", "position", "chars_before",
    "prose_before", "prose_after", "prose_blocks_before", "prose_blocks_after", "since_prose", "until_prose",
    "since_heading", "until_heading", "section_links", "section_prose", "section_blocks", "since_title",
    "page_blocks", "page_prose", "page_links", "plain_text", "place_in_parent", "figure_before", "figure_after", "main_before",
    "main_after", "main_prose_before", "main_prose_after",
)  # fmt: skip
_OF_CONTAINER = (
    "depth", *(f"under_{t}" for t in _TAGS), "name_score", "own_name_score", "parent_prose", "parent_links",
    "parent_blocks", "grand_prose", "grand_links", "grand_blocks", "great_prose", "great_links", "in_main", "above_main",
    "branch_prose", "branch_links", "branch_blocks", "branch_name_score", "parent_first", "parent_length",
)  # fmt: skip
NEEDS = ("link_share", "log_words", "title_share")
"""What `places` must be told of the blocks by themselves."""
LOG = [float(np.log1p(n)) for n in range(1000)]
"""log(1 + n) of small n."""


class _Stats:
    __slots__ = ("blocks", "chars", "first", "last", "links", "prose", "prose_blocks")

    def __init__(self) -> None:
        self.prose = self.chars = self.links = self.blocks = self.prose_blocks = 0
        self.first = 1 << 30
        self.last = -1


def places(
    blocks: Sequence[Block], facts: Mapping[str, NDArray[np.float32]], prose: NDArray[np.bool_], lexicon: Lexicon
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.float32]]:
    """Features of where the blocks stood: groups, membership of the main container, matrix (blocks, len(PLACE)).

    `facts` gives the columns named in `NEEDS` of what the blocks are by themselves; `prose` is whether each is prose.
    """
    count = len(blocks)
    root = Container(None, "body", "", -1)
    sizes = [len(b.text) for b in blocks]
    link_share = facts["link_share"].tolist()
    is_prose = prose.tolist()
    linked = [s * r for s, r in zip(sizes, link_share, strict=True)]
    stats: dict[int, _Stats] = {}
    known: dict[int, Container] = {}
    for number, block in enumerate(blocks):
        container = block.container or root
        found = stats.get(container.index)
        if found is None:
            found = stats[container.index] = _Stats()
            up: Container | None = container
            while up is not None and up.index not in known:
                known[up.index] = up
                up = up.parent
        found.chars += sizes[number]
        found.links += int(linked[number])
        found.blocks += 1
        if is_prose[number]:
            found.prose += sizes[number]
            found.prose_blocks += 1
        if number < found.first:
            found.first = number
        found.last = number
    # A parent's index is below its children's, so one pass from the end adds up whole subtrees.
    children: dict[int, list[int]] = {}
    for index in sorted(known, reverse=True):
        own = stats.get(index)
        if own is None:
            own = stats[index] = _Stats()
        parent = known[index].parent
        if parent is not None:
            above = stats.get(parent.index)
            if above is None:
                above = stats[parent.index] = _Stats()
            above.chars += own.chars
            above.links += own.links
            above.blocks += own.blocks
            above.prose += own.prose
            above.prose_blocks += own.prose_blocks
            above.first = min(above.first, own.first)
            above.last = max(above.last, own.last)
            children.setdefault(parent.index, []).append(index)
    top = min(known)
    total = max(1, stats[top].prose)
    main = top
    while main in children:
        best = max(children[main], key=lambda i: stats[i].prose)
        if stats[best].prose < 0.6 * stats[main].prose or stats[best].prose_blocks < 2:
            break
        main = best
    # Per container, from the root down: tags above, names above, the branch of the main container it stands in.
    tags_above: dict[int, tuple[float, ...]] = {}
    names_above: dict[int, float] = {}
    branch: dict[int, int] = {}
    for index in sorted(known):
        container = known[index]
        parent = container.parent
        inherited = tags_above[parent.index] if parent is not None else (0.0,) * len(_TAGS)
        if container.tag in _TAG_INDEX:
            at = _TAG_INDEX[container.tag]
            inherited = (*inherited[:at], 1.0, *inherited[at + 1 :])
        tags_above[index] = inherited
        names_above[index] = (names_above[parent.index] if parent is not None else 0.0) + lexicon.name_scores(
            container
        )[3]
        if parent is None:
            branch[index] = -1
        elif parent.index == main:
            branch[index] = index
        else:
            branch[index] = branch[parent.index] if parent.index != main else index
    in_main = {main}
    for index in sorted(known):
        parent = known[index].parent
        if parent is not None and parent.index in in_main:
            in_main.add(index)
    # Blocks that look alike: same tag, same names, same parent's names, whatever numbers are in them.
    looks: dict[tuple[str, str, str], int] = {}
    look_of = []
    parent_of = []
    for block in blocks:
        container = block.container or root
        parent = container.parent
        look = (
            container.tag + block.kind,
            _NUMBER.sub("", container.names),
            _NUMBER.sub("", parent.names) if parent is not None else "",
        )
        look_of.append(looks.setdefault(look, len(looks)))
        parent_of.append(parent.index if parent is not None else container.index)
    look_index = np.array(look_of)
    look_count = np.bincount(look_index)
    like_words = np.bincount(look_index, facts["log_words"]) / look_count
    like_links = np.bincount(look_index, link_share) / look_count
    like_prose = np.bincount(look_index, prose) / look_count

    sizes_array = np.array(sizes, dtype=np.float64)
    prose_chars = sizes_array * prose
    before = np.cumsum(sizes_array) - sizes_array
    prose_before = np.cumsum(prose_chars) - prose_chars
    prose_count = np.cumsum(prose)
    headings = np.array([b.kind is Kind.HEADING for b in blocks])
    section = np.cumsum(headings)
    section_blocks = np.bincount(section)
    section_chars = np.maximum(1, np.bincount(section, sizes_array))
    section_links = np.bincount(section, linked) / section_chars
    section_prose = np.bincount(section, prose_chars) / section_chars
    title_share = facts["title_share"]
    titles = (title_share > 0.6) & (facts["log_words"] > 1.3)
    figures = np.array([b.image is not None for b in blocks])
    since_prose, until_prose = _distances(prose)
    since_heading, until_heading = _distances(headings)
    since_title, _ = _distances(titles)
    since_figure, until_figure = _distances(figures)
    total_chars = max(1.0, float(sizes_array.sum()))
    total_links = float(sum(linked)) / total_chars
    main_depth = known[main].depth
    plain = blocks[0].container is None

    word_score, near_word_score = lexicon.word_scores([b.text for b in blocks])
    main_blocks = np.array([(b.container or root).index in in_main for b in blocks])
    main_index = np.flatnonzero(main_blocks)
    main_first, main_last = (int(main_index[0]), int(main_index[-1])) if len(main_index) else (0, count - 1)
    main_prose = np.cumsum(prose & main_blocks)

    # What depends on the container alone, once for each.
    of_container: dict[int, int] = {}
    container_rows: list[tuple[float, ...]] = []
    for block in blocks:
        container = block.container or root
        index = container.index
        if index in of_container:
            continue
        of_container[index] = len(container_rows)
        parent = container.parent
        grand = parent.parent if parent is not None else None
        great = grand.parent if grand is not None else None
        own_names = lexicon.name_scores(container)[0]
        names = own_names
        outer = 0.0
        if parent is not None:
            names += lexicon.name_scores(parent)[1]
        if grand is not None:
            names += lexicon.name_scores(grand)[2]
            if great is not None:
                outer = names_above[great.index]
        p = stats[parent.index] if parent is not None else stats[index]
        g = stats[grand.index] if grand is not None else p
        gg = stats[great.index] if great is not None else g
        at = branch[index]
        br = stats[at] if at >= 0 else stats[index]
        in_it = index in in_main
        container_rows.append((
            container.depth, *tags_above[index], names + outer, own_names, p.prose / total, p.links / max(1, p.chars),
            _log(p.blocks), g.prose / total, g.links / max(1, g.chars), _log(g.blocks), gg.prose / total,
            gg.links / max(1, gg.chars), in_it, container.depth - main_depth if in_it else -1, br.prose / total,
            br.links / max(1, br.chars), _log(br.blocks), lexicon.name_scores(known[at])[0] if at >= 0 else 0.0,
            p.first, max(1, p.last - p.first),
        ))  # fmt: skip
    at_container = np.array([of_container[(b.container or root).index] for b in blocks])
    by_container = np.array(container_rows, dtype=np.float64)[at_container]
    index_array = np.arange(count)
    ones = np.ones(count)
    place = dict(zip(_OF_CONTAINER, by_container.T, strict=True))
    place.update(
        word_score=word_score, near_word_score=near_word_score,
        inline_names=np.array([len(b.names) for b in blocks]),
        like_blocks=np.log1p(look_count)[look_index], like_words=like_words[look_index],
        like_links=like_links[look_index], like_prose=like_prose[look_index], position=index_array / count,
        chars_before=before / total_chars, prose_before=prose_before / total,
        prose_after=(total - prose_before - prose_chars) / total, prose_blocks_before=np.log1p(prose_count - prose),
        prose_blocks_after=np.log1p(prose_count[-1] - prose_count), since_prose=since_prose, until_prose=until_prose,
        since_heading=since_heading, until_heading=until_heading, section_links=section_links[section],
        section_prose=section_prose[section], section_blocks=np.log1p(section_blocks)[section],
        since_title=since_title, page_blocks=ones * _log(count), page_prose=ones * _log(total),
        page_links=ones * total_links, plain_text=ones * plain,
        place_in_parent=(index_array - place.pop("parent_first")) / place.pop("parent_length"),
        figure_before=since_figure, figure_after=until_figure,
        main_before=np.clip(index_array - main_first, -10, 60), main_after=np.clip(main_last - index_array, -10, 60),
        main_prose_before=np.minimum(main_prose - (prose & main_blocks), 60),
        main_prose_after=np.minimum(main_prose[-1] - main_prose, 60),
    )  # fmt: skip
    matrix = np.stack([place[name] for name in PLACE], axis=1).astype(np.float32)
    groups = np.stack(
        [_dense(parent_of), _dense([branch[(b.container or root).index] for b in blocks]), look_index, section], axis=1
    ).astype(np.int32)
    return groups, main_blocks, matrix


_TAG_INDEX = {t: i for i, t in enumerate(_TAGS)}


def _log(value: int) -> float:
    return LOG[value] if 0 <= value < 1000 else float(np.log1p(max(0, value)))


def _dense(ids: list[int]) -> NDArray[np.int64]:
    return np.unique(np.array(ids), return_inverse=True)[1]


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
