"""A page's tree to its blocks, in reading order: one walk, nothing left out.

A block is the text between two block-level boundaries (jusText's and boilerpipe's
unit), with the facts of where it stood. `<br>` ends a block too: many sites write
paragraphs with it, and a promotional line often hangs below a true one; the block
after it is marked `continues`, so that it is printed in the same paragraph.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

from .article import Block, Container, Image, Kind, Span
from .page import Page, absolute

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark math nobr q rb rp rt rtc ruby s "
    "samp small span strike strong sub sup time tt u var wbr picture source img br svg track map area".split()
)
# Their text is never shown. `object`, `video`, `audio` and `canvas` hold words for browsers that cannot play them.
INVISIBLE = frozenset(
    "script style svg head title meta link iframe object embed applet video audio canvas datalist colgroup frameset "
    "noframes noembed param area map template".split()
)
_MARKS = {
    "b": "strong", "strong": "strong", "em": "em", "i": "em", "cite": "em", "dfn": "em", "code": "code",
    "kbd": "code", "samp": "code", "tt": "code", "var": "em", "sub": "sub", "sup": "sup", "del": "del",
    "s": "del", "strike": "del", "mark": "mark",
}  # fmt: skip
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CELL_BREAKERS = ("table", "h1", "h2", "h3", "ul", "ol", "form", "article", "section", "figure", "img")
MAX_CELL_CHARS = 400
"""A longer cell is layout: its text is read as blocks. Of 46,000 data cells of the corpus 99 % are shorter."""
_ICON_PIXELS = 48
_LAZY_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-url", "data-hi-res-src")


class _State(NamedTuple):
    """What an element passes on to those inside it."""

    container: Container
    kind: Kind
    level: int
    ordered: bool
    group: int
    hidden: bool
    lists: int


def read_blocks(page: Page) -> list[Block]:
    """Every block of the page, in reading order, unjudged."""
    return _Walk(page).run()


def text_blocks(text: str) -> list[Block]:
    """Plain text to blocks, one a line that is not blank."""
    blocks = []
    for line in text.splitlines():
        line = " ".join(line.split())
        if line:
            blocks.append(Block(Kind.PARAGRAPH, line, (Span(line),)))
    return blocks


class _Walk:
    """The walk's state: what is open, and the text collected since the last boundary."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.blocks: list[Block] = []
        self.containers = 1
        self.groups = 0
        root = Container(None, "html", "", 0)
        self.state = _State(root, Kind.PARAGRAPH, 0, False, 0, False, 0)
        self.spans: list[Span] = []
        self.images: list[Image] = []
        self.names: list[str] = []
        self.marks: tuple[str, ...] = ()
        self.href: str | None = None
        self.continues = False
        self.broken = False
        self.row: list[list[Span]] | None = None
        self.row_header = False

    def run(self) -> list[Block]:
        stack: list[tuple[etree._Element, object]] = []
        walk = etree.iterwalk(self.page.tree, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if tag in INVISIBLE:
                    if tag == "template" and element.get("shadowrootmode") == "open":
                        pass
                    else:
                        walk.skip_subtree()
                        continue
                if tag in INLINE:
                    stack.append((element, self._open_inline(element, tag)))
                else:
                    stack.append((element, self._open_block(element, tag)))
                if text := element.text:
                    self._text(text)
            else:
                if stack and stack[-1][0] is element:
                    self._close(tag, stack.pop()[1])
                if tail := element.tail:
                    self._text(tail)
        self._flush()
        return self.blocks

    # -- elements ---------------------------------------------------------

    def _open_inline(self, element: etree._Element, tag: str) -> object:
        before = (self.marks, self.href)
        if tag == "br":
            self._line_break()
        elif tag == "img":
            self._image(element)
        elif tag == "a":
            self.href = absolute(element.get("href"), self.page.base)
        elif mark := _MARKS.get(tag):
            if mark not in self.marks:
                self.marks = (*self.marks, mark)
        if (name := element.get("class")) or (name := element.get("id")):
            self.names.append(name)
        return before

    def _open_block(self, element: etree._Element, tag: str) -> object:
        before = self.state
        state = before
        names = ""
        hidden = state.hidden
        attributes = element.items()
        if attributes:
            found = []
            for key, value in attributes:
                if key in ("class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label"):
                    found.append(value)
                elif key == "hidden" or (key == "style" and _NOT_SHOWN.search(value[:300])):
                    hidden = True
            names = " ".join(found)
        if tag == "noscript":
            hidden = True
        container = Container(state.container, tag, names, self.containers)
        self.containers += 1
        kind, level, ordered, group, lists = state.kind, state.level, state.ordered, state.group, state.lists
        if self.row is not None:
            if tag in ("td", "th"):
                self.row.append([])
                self.row_header = self.row_header and tag == "th"
            else:
                self._row_space()
            self.state = _State(container, kind, level, ordered, group, hidden, lists)
            return before
        self._flush()
        self.continues = False
        if tag in _HEADINGS:
            kind, level, group = Kind.HEADING, _HEADINGS[tag], 0
        elif tag == "li" or tag == "dd" or tag == "dt":
            kind, level = Kind.LIST_ITEM, max(1, lists)
        elif tag in ("ul", "ol", "dl", "menu"):
            lists += 1
            ordered = tag == "ol"
            if lists == 1:
                self.groups += 1
                group = self.groups
        elif tag == "blockquote":
            self.groups += 1
            kind, group = Kind.QUOTE, self.groups
        elif tag == "pre":
            kind, level, group = Kind.CODE, 0, 0
        elif tag == "figure":
            self.groups += 1
            group = self.groups
        elif tag == "figcaption":
            kind, level = Kind.FIGURE, 0
        elif tag == "table":
            self.groups += 1
            group = self.groups
        elif tag == "tr" and _is_data_row(element):
            self.row = []
            self.row_header = True
        self.state = _State(container, kind, level, ordered, group, hidden, lists)
        return before

    def _close(self, tag: str, before: object) -> None:
        if tag in INLINE:
            self.marks, self.href = before  # type: ignore[misc]
            return
        if self.row is not None:
            if tag == "tr":
                self._end_row()
            elif tag not in ("td", "th"):
                self._row_space()
        else:
            self._flush()
            self.continues = False
        self.state = before  # type: ignore[assignment]

    # -- text -------------------------------------------------------------

    def _text(self, text: str) -> None:
        if self.state.kind is not Kind.CODE:
            folded = " ".join(text.split())
            if not folded:
                if self.spans and self.spans[-1].text[-1] != " " and self.row is None:
                    self.spans.append(Span(" ", self.marks, self.href))
                elif self.row:
                    self.row[-1].append(Span(" "))
                return
            if text[0].isspace():
                folded = " " + folded
            if text[-1].isspace():
                folded += " "
            text = folded
        span = Span(text, self.marks, self.href)
        if self.row is not None:
            if not self.row:
                self.row.append([])
            self.row[-1].append(span)
        else:
            self.spans.append(span)

    def _row_space(self) -> None:
        if self.row:
            self.row[-1].append(Span(" "))

    def _line_break(self) -> None:
        if self.row is not None:
            self._row_space()
        elif self.state.kind is Kind.CODE:
            self.spans.append(Span("\n"))
        elif self.spans or self.continues:
            had = bool(self.spans)
            self._flush()
            # A second break in a row starts a new paragraph.
            self.continues = had

    def _flush(self) -> None:
        """End the block that is open, if it holds text."""
        spans = self.spans
        if spans:
            self.spans = []
            state = self.state
            spans = tidy(spans, code=state.kind is Kind.CODE)
            if spans:
                text = spans[0].text if len(spans) == 1 else "".join([s.text for s in spans])
                self.blocks.append(
                    Block(
                        state.kind, text, tuple(spans), state.container, " ".join(self.names), state.level,
                        state.ordered, state.group, self.continues, (), False, None, state.hidden,
                    )
                )  # fmt: skip
        if self.names:
            self.names = []
        if self.images:
            images, self.images = self.images, []
            for image in images:
                self._figure(image)

    def _end_row(self) -> None:
        row, self.row = self.row or [], None
        cells = tuple(tuple(tidy(cell)) for cell in row)
        text = " | ".join("".join(s.text for s in cell) for cell in cells if cell)
        if text:
            state = self.state
            self.blocks.append(
                Block(
                    Kind.TABLE, text, (), state.container, " ".join(self.names), group=state.group,
                    cells=cells, header=self.row_header, hidden=state.hidden,
                )
            )  # fmt: skip
        self.names = []

    # -- pictures ---------------------------------------------------------

    def _image(self, element: etree._Element) -> None:
        source = element.get("src") or ""
        if not source or source.startswith("data:"):
            for name in _LAZY_SOURCES:
                if lazy := element.get(name):
                    source = lazy
                    break
            else:
                source_set = element.get("srcset") or element.get("data-srcset") or ""
                source = source_set.split(",")[0].split(" ")[0] or source
        width, height = _pixels(element.get("width")), _pixels(element.get("height"))
        alt = " ".join((element.get("alt") or "").split())
        small = 0 < width <= _ICON_PIXELS or 0 < height <= _ICON_PIXELS
        if alt and len(alt) <= 3 and not alt.isalnum() and (small or "emoji" in (element.get("class") or "")):
            self._text(alt)
            return
        address = absolute(source, self.page.base)
        if small or address is None or address.startswith("mailto:"):
            return
        image = Image(address, alt, width, height)
        if self.spans or self.row is not None:
            self.images.append(image)
        else:
            self._figure(image)

    def _figure(self, image: Image) -> None:
        state = self.state
        self.blocks.append(
            Block(Kind.FIGURE, "", (), state.container, group=state.group, image=image, hidden=state.hidden)
        )


def _is_data_row(row: etree._Element) -> bool:
    """Whether a table row holds data, one short run of text a cell, rather than the page's layout."""
    for _ in row.iter(*_CELL_BREAKERS):
        return False
    for cell in row:
        size = 0
        paragraphs = 0
        for text in cell.itertext():
            size += len(text)
            if size > MAX_CELL_CHARS * 2:
                break
        if size > MAX_CELL_CHARS:
            return False
        for _ in cell.iter("p", "br"):
            paragraphs += 1
            if paragraphs > 3:
                return False
    return True


def tidy(spans: list[Span], code: bool = False) -> list[Span]:
    """Spans with white space folded across them, none empty, equal neighbours joined."""
    if len(spans) == 1 and not code:
        text = spans[0].text.strip()
        return [spans[0]._replace(text=text)] if text else []
    out: list[Span] = []
    for span in spans:
        text = span.text
        if not code and text[0] == " " and (not out or out[-1].text[-1] == " "):
            text = text[1:]
        if not text:
            continue
        if out and out[-1].marks == span.marks and out[-1].href == span.href:
            out[-1] = out[-1]._replace(text=out[-1].text + text)
        elif out and text == " ":
            out[-1] = out[-1]._replace(text=out[-1].text + " ")
        else:
            out.append(Span(text, span.marks, span.href))
    while out and not (text := out[-1].text.rstrip() if not code else out[-1].text.rstrip("\n ")):
        out.pop()
    if out:
        out[-1] = out[-1]._replace(text=text)
        if code:
            out[0] = out[0]._replace(text=out[0].text.lstrip("\n"))
    return [s for s in out if s.text]


def _pixels(value: str | None) -> int:
    """A width or height attribute as a number of pixels, 0 if it is none."""
    digits = (value or "")[:8].strip().removesuffix("px").split(".")[0]
    return int(digits) if digits.isascii() and digits.isdigit() else 0
