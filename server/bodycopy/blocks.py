"""A page's tree to its blocks, in reading order: one walk, nothing left out.

A block is the text between two block-level boundaries (jusText's and boilerpipe's
unit), with the facts of where it stood. `<br>` ends a block too: many sites write
paragraphs with it, and a promotional line often hangs below a true one; the block
after it is marked `continues`, so that it is printed in the same paragraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import Any

from lxml import etree

from .addresses import absolute
from .article import Block, Container, Image, Kind, Notice, Span
from .elements import HIDING, INLINE, INVISIBLE, count_item, counter_of, hides, is_shown
from .notices import notice
from .page import LIMITS, Limits, Page, check_size, mend
from .pictures import read_picture
from .spans import UNKNOWN_BASE, Piece, are_apart, end_of, tidy
from .tables import Columns, is_data_row

_MARKS = {
    "b": "strong", "strong": "strong", "em": "em", "i": "em", "cite": "em", "dfn": "em", "code": "code",
    "kbd": "code", "samp": "code", "tt": "code", "var": "em", "sub": "sub", "sup": "sup", "del": "del",
    "s": "del", "strike": "del", "mark": "mark",
}  # fmt: skip
_CODE = Kind.CODE
"""Looked up once: there is a question for it at every piece of text."""
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_SHAPES = frozenset(
    (*_HEADINGS, "li", "dd", "dt", "ul", "ol", "dl", "menu", "blockquote", "pre", "figcaption", "figure", "table", "tr")
)
"""Elements that give what is in them a kind, level, order or group."""
_MAX_INLINE_NAMES = 100
_FACTS = frozenset(("class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label"))
# Shown as nothing, and in the middle of words: soft hyphen, zero width space, word joiner, byte order mark.
_ZERO_WIDTH = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")
_HAS_ZERO_WIDTH = re.compile("[\u00ad\u200b\u2060\ufeff]")
_PICTURES = frozenset(("img", "amp-img", "amp-anim"))
_QUOTATION_MARKS = frozenset("\"'“”„«»‘’‚‹›「『")
_LAYOUT_TAGS = frozenset(("noscript", "frameset", "noframes", "dialog", "object"))


_SPACE: Piece = (" ", (), None)
_BREAK: Piece = ("\n", (), None)


@dataclass(slots=True)
class _Style:
    """What an element passes on to those inside it. Never changed once it is the walk's."""

    kind: Kind
    level: int
    ordinal: int | None
    counter: list[int] | None
    """The next number of the `<ol>` that this is inside, and the step; one for the whole list."""
    group: int
    hidden: bool
    lists: int

    def copy(self, hidden: bool) -> _Style:
        return _Style(self.kind, self.level, self.ordinal, self.counter, self.group, hidden, self.lists)


def read_blocks(page: Page) -> list[Block]:
    """Every block of the page, in reading order, unjudged.

    On a page without an address of its own, relative links lead to UNKNOWN_BASE: see `spans.without_unknown_links`.
    """
    return _Walk(page).run()


def text_blocks(text: str, limits: Limits = LIMITS) -> tuple[list[Block], tuple[Notice, ...]]:
    """Plain text to blocks, one a line that is not blank, and warnings. Raises PageTooLarge over `limits.bytes`.

    The lines after the `limits.tags`-th are one block.
    """
    check_size(text, limits)
    lines = [folded for line in mend(text).splitlines() if (folded := " ".join(line.translate(_ZERO_WIDTH).split()))]
    warnings: tuple[Notice, ...] = ()
    if len(lines) > limits.tags:
        rest = lines[limits.tags - 1 :]
        lines[limits.tags - 1 :] = [" ".join(rest)]
        warnings = (notice("many_lines", limits.tags, len(rest)),)
    return [Block(Kind.PARAGRAPH, line, (Span(line),)) for line in lines], warnings


class _Walk:
    """The walk's state: what is open, and the text collected since the last boundary."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.link_base = page.base or UNKNOWN_BASE
        self.blocks: list[Block] = []
        self.containers = 1
        self.groups = 0
        self.container = Container(None, "html", "", 0)
        self.style = _Style(Kind.PARAGRAPH, 0, None, None, 0, False, 0)
        self.spans: list[Piece] = []
        self.images: list[Image] = []
        self.names: list[str] = []
        self.marks: tuple[str, ...] = ()
        # What ends each `<q>` that is open.
        self.quotations: list[str] = []
        self.href: str | None = None
        self.continues = False
        self.row: list[list[Piece]] | None = None
        self.row_header = False
        self.columns = Columns()
        self.addresses: set[str] = set()
        # Hidden inline text, and a drawing's, inside a shown block: kept apart from it.
        self.concealed: list[Piece] | None = None
        self.drawing = False
        self.asides: list[list[Piece]] = []

    def run(self) -> list[Block]:
        # The elements that are open, the innermost apart, with their tags and the state that ends with each: empty
        # where the element is not shown, None inside of one that is not.
        opened: list[tuple[Any, str, tuple[Any, ...] | None]] = []
        inner: Any = None
        tag = ""
        before: tuple[Any, ...] | None = (None,)
        # Of lxml's ways through a tree, this takes two thirds of the time of events for starts and ends.
        for element in chain(self.page.tree.iter("*"), (None,)):
            parent = None if element is None else element.getparent()
            while inner is not parent:
                if before:
                    self._close(tag, before)
                if before is not None and (tail := inner.tail):
                    self._text(tail)
                inner, tag, before = opened.pop()
            if element is None:
                break
            opened.append((inner, tag, before))
            inner, tag = element, element.tag
            if not before:
                before = None
            elif tag in INVISIBLE and not is_shown(element, tag):
                before = ()
            else:
                if tag in INLINE:
                    before = (self.marks, self.href, self.concealed is not None)
                    self._open_inline(element, tag)
                else:
                    before = (self.container, self.style, self.concealed is not None)
                    self._open_block(element, tag)
                if text := element.text:
                    self._text(text)
        self._flush()
        return self.blocks

    # -- elements ---------------------------------------------------------

    def _open_inline(self, element: etree._Element, tag: str) -> None:
        if tag == "a":
            self.href = None
        elif tag == "br":
            self._line_break()
        elif tag in _PICTURES:
            self._image(element)
        elif tag == "q":
            # Browsers draw the marks; some pages write their own and let the style draw none.
            self.quotations.append("" if (element.text or "").lstrip()[:1] in _QUOTATION_MARKS else "”")
            if self.quotations[-1]:
                self._text("“")
        elif tag == "rt":
            self._text("(")
        elif tag == "svg":
            # The labels of a drawing are no part of the sentence that it may stand in.
            self._set_apart(drawing=True)
        elif tag == "text":
            self._text(" ")
        elif (mark := _MARKS.get(tag)) and mark not in self.marks:
            self.marks = (*self.marks, mark)
        for key, value in element.items():
            if key == "class" or key == "id":
                if value and len(self.names) < _MAX_INLINE_NAMES:
                    self.names.append(value)
            elif key == "href" and tag == "a":
                self.href = absolute(value, self.link_base)
            if key in HIDING and hides(key, value):
                self._set_apart()

    def _set_apart(self, drawing: bool = False) -> None:
        """What follows in this inline element, or part of a table's row, is a hidden block of its own."""
        if self.concealed is None and not self.style.hidden:
            self.concealed = []
            self.drawing = drawing
            self.asides.append(self.concealed)

    def _open_block(self, element: etree._Element, tag: str) -> None:
        style = self.style
        # Blocks inside of hidden inline text are hidden too; those inside of a drawing are shown.
        hidden = style.hidden or (self.concealed is not None and not self.drawing)
        names = ""
        if attributes := element.items():
            found = []
            for key, value in attributes:
                if key in _FACTS:
                    found.append(value)
                if key in HIDING and hides(key, value):
                    hidden = True
            names = " ".join(found)
        if tag in _LAYOUT_TAGS and (
            # An object is shown only where the browser cannot show what it is for.
            element.get("open") is None if tag == "dialog" else tag != "object" or element.get("data")
        ):
            hidden = True
        container = Container(self.container, tag, names, self.containers)
        self.containers += 1
        if self.row is not None:
            self.container = container
            if hidden and not style.hidden and self.concealed is None:
                # A column for machines, or what a table is sorted by.
                self._set_apart()
            elif tag in ("td", "th"):
                self.columns.add(self.row, element)
                self.row_header = self.row_header and tag == "th"
            else:
                self._row_space()
            return
        if style.kind is _CODE:
            self.container = container
            self._code_line()
        else:
            if self.spans or self.images or self.names or self.asides:
                self._flush()
            self.container = container
            self.continues = False
            self.concealed = None
            if tag in _SHAPES:
                self.style = style.copy(hidden)
                self._shape(self.style, element, tag)
                return
        if hidden is not style.hidden:
            self.style = style.copy(hidden)

    def _shape(self, style: _Style, element: etree._Element, tag: str) -> None:
        """Give `style` the kind, level, order, group and depth of lists that the element has of its own."""
        if tag in _HEADINGS:
            style.kind, style.level, style.group = Kind.HEADING, _HEADINGS[tag], 0
        elif tag == "li" or tag == "dd" or tag == "dt":
            style.kind, style.level = Kind.LIST_ITEM, max(1, style.lists)
            if tag == "li" and style.counter is not None:
                style.ordinal = count_item(style.counter, element)
        elif tag in ("ul", "ol", "dl", "menu"):
            style.lists += 1
            style.ordinal, style.counter = None, counter_of(element) if tag == "ol" else None
            if style.lists == 1:
                self.groups += 1
                style.group = self.groups
        elif tag == "blockquote":
            self.groups += 1
            style.kind, style.group = Kind.QUOTE, self.groups
        elif tag == "pre":
            style.kind, style.level, style.group = Kind.CODE, 0, 0
        elif tag == "figcaption":
            style.kind, style.level = Kind.FIGURE, 0
        elif tag == "figure" or tag == "table":
            self.groups += 1
            style.group = self.groups
        elif tag == "tr":
            self.columns.begin(element)
            if is_data_row(element):
                self.row = []
                self.row_header = True
            else:
                self.columns.end([])

    def _close(self, tag: str, before: tuple[Any, ...]) -> None:
        if tag in INLINE:
            if tag == "rt":
                self._text(")")
            elif tag == "q" and (mark := self.quotations.pop()):
                self._text(mark)
            self.marks, self.href, concealed = before
            if not concealed:
                self.concealed = None
            return
        container, style, concealed = before
        if self.row is not None:
            if not concealed:
                self.concealed = None
            if tag == "tr":
                self._end_row()
            elif tag not in ("td", "th"):
                self._row_space()
        elif style.kind is _CODE:
            self._code_line()
        else:
            if self.spans or self.images or self.names or self.asides:
                self._flush()
            self.continues = False
        self.container, self.style = container, style
        if concealed:
            # This block has ended the aside that was open.
            self._set_apart(self.drawing)

    # -- text -------------------------------------------------------------

    def _text(self, text: str) -> None:
        if not text.isascii() and _HAS_ZERO_WIDTH.search(text):
            text = text.translate(_ZERO_WIDTH)
            if not text:
                return
        spans = self.spans
        if self.concealed is not None:
            spans = self.concealed
        elif self.row is not None:
            if not self.row:
                self.row.append([])
            spans = self.row[-1]
        # A hidden block is text, whatever it stands in: a blank line would end its paragraph where it is printed.
        if self.style.kind is not _CODE or self.concealed is not None:
            if text.isspace():
                if spans and spans[-1][0][-1] != " ":
                    spans.append((" ", self.marks, self.href))
                return
            folded = " ".join(text.split())
            if len(folded) < len(text):
                if text[0].isspace():
                    folded = " " + folded
                if text[-1].isspace():
                    folded += " "
            text = folded
            if spans and text[0] != " " and are_apart(end_of(spans), (text, self.marks, self.href)):
                spans.append(_SPACE)
        elif "\r" in text:
            # `&#13;`: in what is printed of it, it would be read as the end of a line.
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        spans.append((text, self.marks, self.href))

    def _code_line(self) -> None:
        """A block inside of code begins on a line of its own."""
        if self.concealed is not None:
            self.concealed.append(_SPACE)
        elif self.spans and self.spans[-1][0][-1] != "\n":
            self.spans.append(_BREAK)

    def _row_space(self) -> None:
        if self.concealed is not None:
            self.concealed.append(_SPACE)
        elif self.row:
            self.row[-1].append(_SPACE)

    def _line_break(self) -> None:
        if self.row is not None:
            self._row_space()
        elif self.style.kind is _CODE:
            if self.concealed is None:
                self.spans.append(_BREAK)
            else:
                self.concealed.append(_SPACE)
        elif self.spans or self.continues:
            had = bool(self.spans)
            self._flush()
            # A second break in a row starts a new paragraph.
            self.continues = had

    def _flush(self) -> None:
        """End the block that is open, if it holds text."""
        if pieces := self.spans:
            self.spans = []
            style = self.style
            if spans := tidy(pieces, style.kind is _CODE):
                text = spans[0][0] if len(spans) == 1 else "".join([s[0] for s in spans])
                self.blocks.append(
                    Block(
                        style.kind, text, tuple(spans), self.container, " ".join(self.names), style.level,
                        style.ordinal, style.group, self.continues, (), False, None, style.hidden,
                    )
                )  # fmt: skip
        if self.names:
            self.names = []
        if self.asides:
            asides, self.asides = self.asides, []
            # The line after it goes on with the same paragraph, if the one before it does.
            continues = self.continues or bool(pieces)
            for aside in asides:
                if spans := tidy(aside):
                    text = "".join([s.text for s in spans])
                    self.blocks.append(
                        Block(Kind.PARAGRAPH, text, tuple(spans), self.container, continues=continues, hidden=True)
                    )
            if self.concealed is not None:
                self.concealed = []
                self.asides.append(self.concealed)
        if self.images:
            images, self.images = self.images, []
            for image in images:
                self._figure(image)

    def _end_row(self) -> None:
        row, self.row = self.row or [], None
        self.columns.end(row)
        cells = tuple(tuple(tidy(cell)) for cell in row)
        text = " | ".join("".join(s.text for s in cell) for cell in cells if cell)
        if text:
            style = self.style
            self.blocks.append(
                Block(
                    Kind.TABLE, text, (), self.container, " ".join(self.names), group=style.group,
                    cells=cells, header=self.row_header, hidden=style.hidden,
                )
            )  # fmt: skip
        self.names = []

    # -- pictures ---------------------------------------------------------

    def _image(self, element: etree._Element) -> None:
        image = read_picture(element, self.page.base)
        if isinstance(image, str):
            self._text(image)
            return
        if image is None:
            return
        if self.style.hidden and image.src in self.addresses:
            # The copy for browsers without scripts.
            return
        self.addresses.add(image.src)
        if self.spans or self.row is not None:
            self.images.append(image)
        else:
            self._figure(image)

    def _figure(self, image: Image) -> None:
        style = self.style
        self.blocks.append(
            Block(Kind.FIGURE, "", (), self.container, group=style.group, image=image, hidden=style.hidden)
        )
