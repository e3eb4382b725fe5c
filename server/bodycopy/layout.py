"""What is printed of an article, and what of it belongs together: paragraphs, lists, tables, pictures with their captions.

The same for every format: none of them looks at the blocks' order by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from .addresses import MAX_URL_CHARS, URL_UNSAFE
from .article import Article, Block, Container, Image, Kind, Label

MAX_LIST_DEPTH = 10
"""Deeper items are set at this depth: nesting costs the sanitiser, and no real page goes beyond 7."""

SAFE_LINK = re.compile(f"(?!.{{{MAX_URL_CHARS + 1}}})(?:https?://|mailto:)[^{URL_UNSAFE}]+", re.I)
SAFE_IMAGE = re.compile(f"(?!.{{{MAX_URL_CHARS + 1}}})https?://[^{URL_UNSAFE}]+", re.I)
"""Addresses that are printed: of links, and of pictures. None that is too long: what is resolved may be twice as long as
what a page may write, and a part of it leads elsewhere."""


class Line(NamedTuple):
    """A block to print, and whether it is a further line of the paragraph before it."""

    block: Block
    attached: bool


class Run(NamedTuple):
    """Blocks that are printed in one list, table or quotation, or one after another."""

    form: str
    """`paragraph`, `heading`, `list`, `quote`, `code`, `table` or `figure`."""
    lines: list[Line]


def kept_lines(article: Article) -> Iterator[Line]:
    """The kept blocks. A line stays attached over removed lines of the same paragraph."""
    shown = article.shown
    open_paragraph = False
    for block in article.blocks:
        if not block.continues:
            open_paragraph = False
        if block.verdict.label in shown:
            yield Line(block, block.continues and open_paragraph)
            open_paragraph = True


class Joint(NamedTuple):
    """What joins a block to its neighbours, for programs that put removed ones back: all that `runs` goes by."""

    group: int | None
    """Equal for blocks that are one list, table, quotation or figure."""
    level: int
    """1 to 6 for a heading, depth from 1 for a list item, else 0."""
    ordinal: int | None
    """The number before a list item."""
    item: int | None
    """Equal for blocks of one list item."""
    paragraph: int
    """Number of the block that its paragraph begins with: lines between single breaks have it in common."""


def joints(blocks: Iterable[Block]) -> Iterator[Joint]:
    paragraph = 0
    for number, block in enumerate(blocks):
        if not block.continues:
            paragraph = number
        item = _list_item(block.container) if block.kind is Kind.LIST_ITEM else None
        yield Joint(block.group or None, block.level, block.ordinal, None if item is None else item.index, paragraph)


def is_caption(block: Block) -> bool:
    return block.verdict.label is Label.CAPTION


def form(block: Block) -> tuple[str, int]:
    """What the block is printed in, and a number that is equal for blocks printed in the same one."""
    kind, label = block.kind, block.verdict.label
    if block.image is not None or label is Label.CAPTION:
        return "figure", 0
    if kind is Kind.PARAGRAPH and label is not Label.HEADING:
        return "paragraph", 0
    if kind is Kind.TABLE:
        return "table", block.group
    if kind is Kind.CODE:
        return "code", 0
    if kind is Kind.LIST_ITEM and label is not Label.HEADING:
        return "list", block.group
    if kind is Kind.HEADING or label is Label.HEADING:
        return "heading", 0
    if kind is Kind.QUOTE:
        return "quote", block.group
    return "paragraph", 0


def runs(lines: Iterable[Line]) -> Iterator[Run]:
    for (is_in, _), run in groupby(lines, lambda line: form(line.block)):
        yield Run(is_in, list(run))


def paragraphs(run: list[Line]) -> Iterator[list[Block]]:
    """The blocks of each paragraph of a run."""
    paragraph: list[Block] = []
    for line in run:
        if paragraph and not line.attached:
            yield paragraph
            paragraph = []
        paragraph.append(line.block)
    yield paragraph


def _list_item(container: Container | None) -> Container | None:
    """The `<li>` that a block stands in, if it is near."""
    for _ in range(6):
        if container is None or container.tag in ("li", "dd", "dt"):
            return container
        container = container.parent
    return None


def list_items(run: list[Line], bullet: str) -> Iterator[tuple[str, int, Line]]:
    """Each block of a list with its marker, empty for a further paragraph of the item before, and its depth from 0."""
    # Level and last item of each open list: a paragraph may follow the list inside its item.
    levels: list[int] = []
    last: list[Container | None] = []
    for line in run:
        block = line.block
        if levels and line.attached:
            yield "", len(levels) - 1, line
            continue
        item = _list_item(block.container)
        level = min(max(block.level, 1), MAX_LIST_DEPTH)
        while levels and levels[-1] > level:
            levels.pop()
            last.pop()
        if not levels or levels[-1] < level:
            levels.append(level)
            last.append(item)
        elif item is not None and item is last[-1]:
            yield "", len(levels) - 1, line
            continue
        else:
            last[-1] = item
        yield bullet + " " if block.ordinal is None else f"{block.ordinal}. ", len(levels) - 1, line


def figures(run: list[Line]) -> Iterator[tuple[Image | None, list[Block], bool]]:
    """Each picture with the captions that belong to it, and whether these came first."""
    image: Image | None = None
    captions: list[Block] = []
    caption_first = False
    group = 0
    for block, _ in run:
        if block.image is not None:
            same = image is None and captions and group and block.group == group
            if not same and (image is not None or captions):
                yield image, captions, caption_first
                captions = []
            image, group, caption_first = block.image, block.group, bool(same)
        else:
            if block.group != group and (image is not None or captions) and (group or block.group):
                yield image, captions, caption_first
                image, captions, caption_first = None, [], False
            captions.append(block)
            group = block.group
    yield image, captions, caption_first
