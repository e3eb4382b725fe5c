"""An Article to CommonMark with GFM tables, inert when rendered with raw HTML on.

No `<` outside of code, no link target but http, https and mailto.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from .article import Article, Block, Span
from .layout import SAFE_IMAGE, SAFE_LINK, Line, figures, list_items, paragraphs


def to_markdown(article: Article) -> str:
    """CommonMark with GFM tables: the title as first heading, then the kept blocks."""
    out = []
    if article.title:
        out.append("# " + _line_start(_plain(" ".join(article.title.split()))))
    bullet = "-"
    was_list = False
    for form, run in article.runs:
        if form == "list":
            # Two lists in a row would be read as one.
            bullet = "*" if was_list and bullet == "-" else "-"
            out.append(_list_markdown(run, bullet))
        elif form == "paragraph":
            out += [_broken(p, "") for p in paragraphs(run)]
        elif form == "heading":
            for block, _ in run:
                out.append("#" * min(max(block.level, 2), 6) + " " + _closing_hash(_line_start(_runs_of(block.spans))))
        elif form == "quote":
            out.append("\n>\n".join(["> " + _broken(p, "> ") for p in paragraphs(run)]))
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


def _list_markdown(run: list[Line], bullet: str) -> str:
    out: list[str] = []
    indents = [0]
    for marker, depth, line in list_items(run, bullet):
        text = _line_start(_runs_of(line.block.spans))
        if marker:
            if bullet == "*" and line.block.ordinal is not None:
                marker = marker.replace(".", ")")
            # Within an item, what begins with any number but 1 would go on with the paragraph (CommonMark 5.3).
            opens = depth + 1 == len(indents)
            apart = "\n\n" if opens and line.block.ordinal not in (None, 1) else "\n"
            del indents[depth + 1 :]
            out.append(apart + " " * indents[depth] + marker + text)
            indents.append(indents[depth] + len(marker))
        else:
            del indents[depth + 2 :]
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


def _figures_markdown(run: list[Line]) -> Iterator[str]:
    for image, captions, caption_first in figures(run):
        parts = []
        if image is not None and SAFE_IMAGE.fullmatch(image.src):
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
_REFERENCE = re.compile(r"&(?=#?\w+;)")
_MAY_BE_SPECIAL = re.compile(r"[\\`*_\[\]~|!&<]")
_LINE_START = re.compile(r"(?:[#+>=-]|:(?=-)|\d{1,9}(?=[.)]))")


def _plain(text: str) -> str:
    """Text with everything escaped that Markdown or HTML would read as markup, in one line."""
    if "\n" in text:
        text = text.replace("\n", " ")
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
    return _REFERENCE.sub("&amp;", address)


def _runs_of(spans: tuple[Span, ...]) -> str:
    """Spans as Markdown; neighbours with the same address are one link."""
    if len(spans) == 1 and not spans[0].marks and not spans[0].href:
        return _plain(spans[0].text)
    parts: list[str] = []
    for href, group in groupby(spans, lambda span: span.href):
        linked = href is not None and SAFE_LINK.fullmatch(href) is not None
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
    """Text as a code span; as plain text what would end it early: a bar in a table's cell, a blank line."""
    if "|" in text or "\n" in text:
        return _plain(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return fence + space + text + space + fence
