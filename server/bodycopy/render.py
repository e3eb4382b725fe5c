"""An Article to text, Markdown, HTML and the service's JSON. All of it is built from blocks.

HTML is escaped as it is built and then cleaned by nh3, which has the last word:
nothing edits the string after it. Markdown is inert when rendered with raw HTML on:
no `<` outside of code, no link target but http, https and mailto.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

import nh3

from .article import Article, Block, Container, Image, Kind, Label, Span

MAX_LIST_DEPTH = 10
"""Deeper items are set at this depth: nesting costs the sanitiser, and no real page goes beyond 7."""
MAX_AMPERSANDS_PER_TEXT = 500
"""nh3 takes time quadratic in the `&` of one text node: 47 s for 2 million of them."""
MAX_ATTRIBUTE_CHARS = 4000

_SAFE_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`\\\x00-\x20\x7f]+", re.I)
_SAFE_IMAGE = re.compile(r"https?://[^\s<>\"'`\\\x00-\x20\x7f]+", re.I)
# Between the pieces that go through the sanitiser together. No piece holds it: text is
# escaped, attributes hold no line break.
_SEPARATOR = "\n<hr>\n"

_CLEANER = nh3.Cleaner(
    tags={
        "a", "blockquote", "br", "code", "del", "em", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "hr",
        "img", "li", "mark", "ol", "p", "pre", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr",
        "ul", "wbr",
    },
    attributes={"a": {"href"}, "img": {"src", "alt", "width", "height"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer",
)  # fmt: skip


class _Line(NamedTuple):
    """A block to print, and whether it is a further line of the paragraph before it."""

    block: Block
    attached: bool


# -- text -----------------------------------------------------------------


def to_text(article: Article) -> str:
    """Plain text, one block a line; list items with `- `, or their number where a list is numbered; no captions."""
    lines = []
    for key, run in _runs(_lines(article)):
        if key[0] == "list":
            items = list(_items(run, "-"))
            # One item alone is seldom numbered for its reader: pages draw a letter or a large figure for it.
            is_numbered = sum(bool(marker) and line.block.ordered for marker, _, line in items) > 1
            lines += [(marker if marker and is_numbered else "- ") + line.block.text for marker, _, line in items]
        else:
            lines += [line.block.text for line in run if line.block.text and not _is_caption(line.block)]
    return "\n".join(lines)


# Characters of scripts that put no space between words: Thai, Lao, Myanmar, Khmer, Japanese, Chinese.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff]"
)
# What joins the parts of a word, and ASCII that is not of one; what else is not.
_JOINTS = b"'.-"
_SPACED = bytes(b if b > 127 or b == ord("_") or chr(b).isalnum() else 32 for b in range(256))
_SIGNS = re.compile(r"[^\w\x00-\x7f]+")


def count_words(text: str) -> int:
    """Words of a text; a character of a script without spaces counts as half a word."""
    unspaced = 0
    if not text.isascii():
        unspaced = len(_UNSPACED.findall(text))
        if unspaced:
            text = _UNSPACED.sub(" ", text)
        text = _SIGNS.sub(" ", text.replace("’", ""))
    words = text.encode("utf-8", "replace").translate(_SPACED, _JOINTS).split()
    return len(words) + (unspaced + 1) // 2


# -- what belongs together ------------------------------------------------


def _lines(article: Article) -> Iterator[_Line]:
    """The kept blocks. A line stays attached over removed lines of the same paragraph."""
    shown = article.shown
    open_paragraph = False
    for block in article.blocks:
        if not block.continues:
            open_paragraph = False
        if block.verdict.label in shown:
            yield _Line(block, block.continues and open_paragraph)
            open_paragraph = True


def _is_caption(block: Block) -> bool:
    return block.verdict.label is Label.CAPTION


def _form(line: _Line) -> tuple[str, int]:
    """What the block is printed in, and a number that is equal for blocks printed in the same one."""
    block = line.block
    if block.kind is Kind.PARAGRAPH and block.verdict.label is Label.CONTENT and block.image is None:
        return "paragraph", 0
    if block.image is not None or _is_caption(block):
        return "figure", 0
    if block.kind is Kind.TABLE:
        return "table", block.group
    if block.kind is Kind.CODE:
        return "code", 0
    if block.kind is Kind.LIST_ITEM and block.verdict.label is not Label.HEADING:
        return "list", block.group
    if block.kind is Kind.HEADING or block.verdict.label is Label.HEADING:
        return "heading", 0
    if block.kind is Kind.QUOTE:
        return "quote", block.group
    return "paragraph", 0


def _runs(lines: Iterable[_Line]) -> Iterator[tuple[tuple[str, int], list[_Line]]]:
    for key, run in groupby(lines, _form):
        yield key, list(run)


def _paragraphs(run: list[_Line]) -> Iterator[list[Block]]:
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


def _items(run: list[_Line], bullet: str) -> Iterator[tuple[str, int, _Line]]:
    """Each block of a list with its marker, empty for a further paragraph of the item before, and its depth from 0."""
    levels: list[int] = []
    counts: list[int] = []
    last: Container | None = None
    for line in run:
        block = line.block
        item = _list_item(block.container)
        level = min(max(block.level, 1), MAX_LIST_DEPTH)
        if levels and (line.attached or (item is not None and item is last and level == levels[-1])):
            yield "", len(levels) - 1, line
            continue
        last = item
        while levels and levels[-1] > level:
            levels.pop()
            counts.pop()
        if not levels or levels[-1] < level:
            levels.append(level)
            counts.append(0)
        counts[-1] += 1
        yield f"{counts[-1]}. " if block.ordered else bullet + " ", len(levels) - 1, line


def _figures(run: list[_Line]) -> Iterator[tuple[Image | None, list[Block], bool]]:
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


# -- HTML -----------------------------------------------------------------


def to_html(article: Article) -> str:
    """HTML fragment of the kept blocks, built from them and sanitised."""
    return _CLEANER.clean("\n".join(_fragments(_lines(article))))


def _pieces(blocks: Iterable[Block]) -> list[str]:
    """HTML of each block on its own, sanitised in one go."""
    raw = [_piece(block) for block in blocks]
    # A page says many things twice.
    distinct = dict.fromkeys(raw)
    clean = _CLEANER.clean(_SEPARATOR.join(distinct)).split(_SEPARATOR) if raw else []
    of_raw = dict(zip(distinct, clean, strict=True))
    return [of_raw[piece] for piece in raw]


def _piece(block: Block) -> str:
    """HTML of a block on its own."""
    if block.image is None and block.verdict.label not in (Label.CAPTION, Label.HEADING):
        if block.kind is Kind.PARAGRAPH:
            return f"<p>{_inline(block.spans)}</p>"
        if block.kind is Kind.LIST_ITEM:
            tag = "ol" if block.ordered else "ul"
            return f"<{tag}><li>{_inline(block.spans)}</li></{tag}>"
    return "".join(_fragments([_Line(block, False)]))


def _fragments(lines: Iterable[_Line]) -> Iterator[str]:
    for (form, _), run in _runs(lines):
        if form == "paragraph":
            yield from (f"<p>{_joined(p)}</p>" for p in _paragraphs(run))
        elif form == "heading":
            for block, _ in run:
                level = min(max(block.level, 2), 6)
                yield f"<h{level}>{_inline(block.spans)}</h{level}>"
        elif form == "list":
            yield _list_html(run)
        elif form == "quote":
            yield "<blockquote>" + "".join(f"<p>{_joined(p)}</p>" for p in _paragraphs(run)) + "</blockquote>"
        elif form == "code":
            yield from (f"<pre><code>{_escape(block.text)}</code></pre>" for block, _ in run)
        elif form == "table":
            yield _table_html([block for block, _ in run])
        else:
            yield from _figures_html(run)


def _joined(paragraph: list[Block]) -> str:
    return "<br>".join([_inline(block.spans) for block in paragraph])


def _list_html(run: list[_Line]) -> str:
    out: list[str] = []
    open_lists: list[str] = []
    for marker, depth, line in _items(run, "-"):
        inner = _inline(line.block.spans)
        if not marker:
            out.append("<br>" + inner if line.attached else f"<p>{inner}</p>")
            continue
        tag = "ol" if line.block.ordered else "ul"
        while len(open_lists) > depth + 1:
            out.append(f"</li></{open_lists.pop()}>")
        if len(open_lists) == depth + 1:
            if open_lists[-1] == tag:
                out.append("</li>")
            else:
                out.append(f"</li></{open_lists[-1]}><{tag}>")
                open_lists[-1] = tag
        else:
            open_lists.append(tag)
            out.append(f"<{tag}>")
        out.append("<li>" + inner)
    while open_lists:
        out.append(f"</li></{open_lists.pop()}>")
    return "".join(out)


def _table_html(rows: list[Block]) -> str:
    out = ["<table>"]
    head = 0
    while head < len(rows) and rows[head].header:
        head += 1
    for part, tag, inside in (("thead", "th", rows[:head]), ("tbody", "td", rows[head:])):
        if inside:
            out.append(f"<{part}>")
            for row in inside:
                cell_tag = "th" if row.header else tag
                cells = [f"<{cell_tag}>{_inline(cell)}</{cell_tag}>" for cell in row.cells]
                out.append("<tr>" + "".join(cells) + "</tr>")
            out.append(f"</{part}>")
    out.append("</table>")
    return "".join(out)


def _figures_html(run: list[_Line]) -> Iterator[str]:
    for image, captions, caption_first in _figures(run):
        picture = _image_html(image)
        text = "<br>".join([_inline(block.spans) for block in captions])
        caption = f"<figcaption>{text}</figcaption>" if text else ""
        if picture or caption:
            yield "<figure>" + (caption + picture if caption_first else picture + caption) + "</figure>"


def _image_html(image: Image | None) -> str:
    if image is None or not _SAFE_IMAGE.fullmatch(image.src):
        return ""
    size = "".join(f' {name}="{value}"' for name, value in (("width", image.width), ("height", image.height)) if value)
    return f'<img src="{_escape_attribute(image.src)}" alt="{_escape_attribute(image.alt)}"{size}>'


def _inline(spans: tuple[Span, ...]) -> str:
    """Spans as HTML; neighbours with the same address are one link."""
    if len(spans) == 1 and not spans[0].marks and not spans[0].href:
        return _escape(spans[0].text)
    out: list[str] = []
    link: str | None = None
    for text, marks, href in spans:
        if href is not None and not _SAFE_LINK.fullmatch(href):
            href = None
        if href != link:
            if link is not None:
                out.append("</a>")
            if href is not None:
                # A safe link holds nothing else that would have to be escaped.
                out.append(f'<a href="{href[:MAX_ATTRIBUTE_CHARS].replace("&", "&amp;")}">')
            link = href
        piece = _escape(text)
        for mark in reversed(marks):
            piece = f"<{mark}>{piece}</{mark}>"
        out.append(piece)
    if link is not None:
        out.append("</a>")
    return "".join(out)


def _escape(text: str) -> str:
    if "&" in text:
        if text.count("&") > MAX_AMPERSANDS_PER_TEXT:
            size = MAX_AMPERSANDS_PER_TEXT
            return "<wbr>".join([_escape(text[at : at + size]) for at in range(0, len(text), size)])
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    return text.replace(">", "&gt;") if ">" in text else text


def _escape_attribute(text: str) -> str:
    text = " ".join(text[:MAX_ATTRIBUTE_CHARS].split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


# -- Markdown -------------------------------------------------------------


def to_markdown(article: Article) -> str:
    """CommonMark with GFM tables: the title as first heading, then the kept blocks."""
    out = []
    if article.title:
        out.append("# " + _line_start(_plain(" ".join(article.title.split()))))
    bullet = "-"
    was_list = False
    for (form, _), run in _runs(_lines(article)):
        if form == "list":
            # Two lists in a row would be read as one.
            bullet = "*" if was_list and bullet == "-" else "-"
            out.append(_list_markdown(run, bullet))
        elif form == "paragraph":
            out += [_broken(p, "") for p in _paragraphs(run)]
        elif form == "heading":
            for block, _ in run:
                out.append("#" * min(max(block.level, 2), 6) + " " + _closing_hash(_line_start(_runs_of(block.spans))))
        elif form == "quote":
            out.append("\n>\n".join(["> " + _broken(p, "> ") for p in _paragraphs(run)]))
        elif form == "code":
            out += [_fenced(block.text) for block, _ in run]
        elif form == "table":
            out.append(_table_markdown([block for block, _ in run]))
        else:
            out += _figures_markdown(run)
        was_list = form == "list"
    return "\n\n".join(out) + "\n" if out else ""


def _broken(paragraph: list[Block], indent: str) -> str:
    """The lines of a paragraph with hard breaks between them."""
    return f"  \n{indent}".join([_line_start(_runs_of(block.spans)) for block in paragraph])


def _list_markdown(run: list[_Line], bullet: str) -> str:
    out: list[str] = []
    indents = [0]
    depth = 0
    for marker, depth, line in _items(run, bullet):
        text = _line_start(_runs_of(line.block.spans))
        if marker:
            if bullet == "*" and line.block.ordered:
                marker = marker.replace(".", ")")
            del indents[depth + 1 :]
            out.append("\n" + " " * indents[depth] + marker + text)
            indents.append(indents[depth] + len(marker))
        else:
            out.append(("  \n" if line.attached else "\n\n") + " " * indents[-1] + text)
    return "".join(out).lstrip("\n")


def _table_markdown(rows: list[Block]) -> str:
    width = max(len(row.cells) for row in rows)
    lines = [[""] * width] if not rows[0].header else []
    for row in rows:
        cells = [_runs_of(cell) for cell in row.cells]
        lines.append(cells + [""] * (width - len(cells) if not lines else 0))
    lines.insert(1, ["---"] * width)
    return "\n".join(["| " + " | ".join(line) + " |" for line in lines])


def _figures_markdown(run: list[_Line]) -> Iterator[str]:
    for image, captions, caption_first in _figures(run):
        parts = []
        if image is not None and _SAFE_IMAGE.fullmatch(image.src):
            parts.append(f"![{_plain(image.alt)}]({_target(image.src)})")
        text = " ".join([block.text for block in captions])
        if text:
            parts.append(f"*{_plain(text)}*")
        yield from reversed(parts) if caption_first else parts


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"


_MARKDOWN_MARKS = {"strong": "**", "em": "*", "del": "~~"}
_SPECIAL = re.compile(r"[\\`*_\[\]~|]|!(?=\[|$)|&(?=#?\w+;)|<")
_MAY_BE_SPECIAL = re.compile(r"[\\`*_\[\]~|!&<]")
_LINE_START = re.compile(r"(?:[#+>=-]|:(?=-)|\d{1,9}(?=[.)]))")


def _plain(text: str) -> str:
    """Text with everything escaped that Markdown or HTML would read as markup."""
    return _SPECIAL.sub(_escaped, text) if _MAY_BE_SPECIAL.search(text) else text


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return "&amp;" if character == "&" else "&lt;" if character == "<" else "\\" + character


def _line_start(text: str) -> str:
    """A line that does not begin a list, heading, quotation or rule."""
    match = _LINE_START.match(text)
    if not match:
        return text
    start = match[0]
    return (start + "\\" if start[0].isdigit() else "\\" + start) + text[match.end() :]


def _closing_hash(text: str) -> str:
    """A heading whose last `#` is part of it."""
    return text[:-1] + "\\#" if text.endswith("#") and not text.endswith("\\#") else text


def _target(address: str) -> str:
    """A link target that ends where it should."""
    for character, code in (("(", "%28"), (")", "%29"), ("|", "%7C"), ("[", "%5B"), ("]", "%5D"), ("*", "%2A")):
        address = address.replace(character, code)
    return re.sub(r"&(?=#?\w+;)", "&amp;", address)


def _runs_of(spans: tuple[Span, ...]) -> str:
    """Spans as Markdown; neighbours with the same address are one link."""
    if len(spans) == 1 and not spans[0].marks and not spans[0].href:
        return _plain(spans[0].text)
    parts: list[str] = []
    for href, group in groupby(spans, lambda span: span.href):
        linked = href is not None and _SAFE_LINK.fullmatch(href) is not None
        last = "[" if linked else parts[-1][-1:] if parts else ""
        text = _marked(list(group), last)
        core = text.strip()
        if linked and href is not None and core:
            at = text.index(core)
            text = f"{text[:at]}[{core}]({_target(href)}){text[at + len(core) :]}"
        parts.append(text)
    return "".join(parts)


def _marked(spans: list[Span], last: str) -> str:
    """Spans of one link or none, with their emphasis where Markdown would read it as such."""
    parts: list[str] = []
    for number, (text, marks, _) in enumerate(spans):
        core = text.strip()
        if not core or not marks:
            piece = _plain(text)
        else:
            before = text[: len(text) - len(text.lstrip())]
            after = text[len(text.rstrip()) :]
            # A code span right after a backtick is read in more than one way.
            piece = _code(core) if "code" in marks and (before[-1:] or last) != "`" else _plain(core)
            following = after or (spans[number + 1].text if number + 1 < len(spans) else "")
            delimiters = [_MARKDOWN_MARKS[mark] for mark in marks if mark in _MARKDOWN_MARKS]
            if delimiters and _flanks(before[-1:] or last, piece, following[:1]):
                piece = "".join(delimiters) + piece + "".join(reversed(delimiters))
            piece = before + piece + after
        if piece:
            last = piece[-1]
            parts.append(piece)
    return "".join(parts)


def _flanks(before: str, inside: str, after: str) -> bool:
    """Whether delimiters around `inside` open and close emphasis (CommonMark 6.2)."""
    if before and before in "*~_":
        return False
    opens = inside[0].isalnum() or not before.isalnum()
    closes = inside[-1].isalnum() or not after.isalnum()
    return opens and closes


def _code(text: str) -> str:
    """Text as a code span; one with a bar as plain text, since a table would end its cell there."""
    if "|" in text:
        return _plain(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return fence + space + text + space + fence


# -- JSON -----------------------------------------------------------------


def to_dict(article: Article) -> dict[str, Any]:
    """The JSON answer of the service: every key present, null where unknown.

    `blocks` holds the kept blocks in order; a removed block's `position` is an index into it.
    """
    from . import __version__

    shown = article.shown
    kept = [(number, block) for number, block in enumerate(article.blocks) if block.verdict.label in shown]
    removed = article.removed
    html = _pieces([block for _, block in kept] + [r.block for r in removed])
    metadata = article.metadata
    return {
        "url": metadata.url,
        "canonical_url": metadata.canonical_url,
        "domain": metadata.domain,
        "site_name": metadata.site_name,
        "title": metadata.title,
        "byline": metadata.byline,
        "authors": list(metadata.authors),
        "dek": metadata.dek,
        "date": metadata.date,
        "date_modified": metadata.date_modified,
        "language": metadata.language,
        "direction": metadata.direction,
        "lead_image": metadata.lead_image,
        "excerpt": metadata.excerpt,
        "text": article.text,
        "markdown": article.markdown,
        "html": article.html,
        "word_count": article.word_count,
        "reading_time_minutes": article.reading_time_minutes,
        "blocks": [
            {
                "id": number,
                "kind": block.kind._value_,
                "label": block.verdict.label._value_,
                "html": piece,
                "text": block.text,
            }
            for (number, block), piece in zip(kept, html, strict=False)
        ],
        "removed": [
            {
                "id": number,
                "label": block.verdict.label._value_,
                "reason": block.verdict.reason,
                "source": block.verdict.source,
                "confidence": round(block.verdict.confidence, 4),
                "text": block.text,
                "html": piece,
                "position": position,
            }
            for (number, position, block), piece in zip(removed, html[len(kept) :], strict=True)
        ],
        "warnings": list(article.warnings),
        "version": __version__,
    }
