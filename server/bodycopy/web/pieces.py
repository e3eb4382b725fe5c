"""The blocks of a JSON answer as one HTML fragment: kept and removed in their places, each with an element of its own.

Made of the blocks' own sanitised HTML, which is cut and put together, but never written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from ..layout import MAX_LIST_DEPTH

_Row = dict[str, Any]
"""A block of the answer; a removed one has `removed`."""

_FORMS = (
    ("list", re.compile(r"<(?:ul|ol(?: start=\"\d+\")?)><li>(.*)</li></[uo]l>", re.S)),
    ("table", re.compile(r"<table><t(?:head|body)><tr>(.*)</tr></t(?:head|body)></table>", re.S)),
    ("quote", re.compile(r"<blockquote><p>(.*)</p></blockquote>", re.S)),
    ("paragraph", re.compile(r"<p>(.*)</p>", re.S)),
)
_FIRST_CELL = re.compile(r"<t[dh]>")
# Hidden by the style sheet while nothing in it is shown.
_JOINED = 'class="joined"'


def is_picture(block: _Row) -> bool:
    """Whether a block is a picture, whose text is what stands in its place."""
    return str(block["html"]).startswith("<figure><img")


def rows_of(article: dict[str, Any]) -> list[_Row]:
    """Kept and removed blocks in the order of the page; `line` is what each adds to the text, empty for nothing."""
    lines = iter(article["text"].split("\n"))
    rows = []
    for block in article["blocks"]:
        is_said = block["text"] and block["label"] != "caption"
        line = "\n".join([next(lines, "") for _ in range(block["text"].count("\n") + 1)]) if is_said else ""
        rows.append({**block, "line": line})
    for block in article["removed"]:
        marker = "" if block["kind"] != "list_item" else "- " if block["ordinal"] is None else f"{block['ordinal']}. "
        line = "" if is_picture(block) else marker + block["text"]
        rows.append({**block, "line": line, "removed": True})
    return sorted(rows, key=lambda row: row["id"])


def fragment(rows: Sequence[_Row]) -> Markup:
    """HTML of the rows; those that are one paragraph, list, table or quotation are joined."""
    out = []
    for (form, _), run in groupby(rows, _joined_by):
        lines = list(run)
        if form == "paragraph":
            out += [_paragraph(list(p)) for _, p in groupby(lines, lambda row: row["paragraph"])]
        elif form == "quote":
            inside = "".join([_paragraph(list(p)) for _, p in groupby(lines, lambda row: row["paragraph"])])
            out.append(f"<blockquote {_JOINED}>{inside}</blockquote>")
        elif form == "list":
            out.append("".join(_list(lines)))
        elif form == "table":
            out.append(_table(lines))
        else:
            out += [f"<div {_own(row)}>{_chip(row)}{row['html']}</div>" for row in lines]
    # Every piece is the service's own sanitised HTML or escaped.
    return Markup("\n".join(out))


def _inner(row: _Row) -> tuple[str, str]:
    """What the block is printed in, and what is inside of that."""
    for form, pattern in _FORMS:
        if match := pattern.fullmatch(row["html"]):
            return form, match[1]
    return "other", row["html"]


def _joined_by(row: _Row) -> tuple[str, int | None]:
    form, _ = _inner(row)
    return form, row["group"] if form in ("list", "table", "quote") else None


def _own(row: _Row) -> str:
    name = "block gone" if row.get("removed") else "block"
    return f'id="block-{row["id"]:d}" class="{name}" data-line="{escape(row["line"])}"'


def _chip(row: _Row) -> str:
    if not row.get("removed"):
        return ""
    return f'<span class="chip" title="{escape(row["reason"])}">{escape(row["label"].replace("_", " "))}</span>'


def _line(row: _Row) -> str:
    return f"<span {_own(row)}>{_chip(row)}{_inner(row)[1]}</span>"


def _paragraph(lines: list[_Row]) -> str:
    if len(lines) == 1:
        return f"<p {_own(lines[0])}>{_chip(lines[0])}{_inner(lines[0])[1]}</p>"
    return f"<p {_JOINED}>" + "".join(map(_line, lines)) + "</p>"


def _list(rows: list[_Row]) -> Iterator[str]:
    """As `layout.list_items` finds items and their depth, which an answer tells by `item`, `paragraph` and `level`."""
    # Level, tag and last item of each open list.
    opened: list[tuple[int, str, int | None]] = []
    before: _Row | None = None
    for row in rows:
        level, item = min(max(row["level"], 1), MAX_LIST_DEPTH), row["item"]
        tag = "ul" if row["ordinal"] is None else "ol"
        attached = before is not None and row["paragraph"] == before["paragraph"]
        before = row
        if attached:
            yield _line(row)
            continue
        while opened and opened[-1][0] > level:
            yield f"</li></{opened.pop()[1]}>"
        if opened and opened[-1][0] == level and item is not None and item == opened[-1][2]:
            yield _line(row)
            continue
        if opened and opened[-1][0] == level and opened[-1][1] != tag:
            yield f"</li></{opened.pop()[1]}>"
        if opened and opened[-1][0] == level:
            yield "</li>"
            opened.pop()
        else:
            yield f"<{tag} {_JOINED}>"
        opened.append((level, tag, item))
        number = "" if row["ordinal"] is None else f' value="{row["ordinal"]:d}"'
        yield f"<li {_JOINED}{number}>{_line(row)}"
    while opened:
        yield f"</li></{opened.pop()[1]}>"


def _table(rows: list[_Row]) -> str:
    """In a frame of its own, which is scrolled where the table is wider than the page."""
    parts: dict[str, list[str]] = {}
    for row in rows:
        is_head = "<thead>" in row["html"][:20] and "tbody" not in parts
        cells = _FIRST_CELL.sub(lambda cell, row=row: cell[0] + _chip(row), _inner(row)[1], count=1)  # type: ignore[misc]
        parts.setdefault("thead" if is_head else "tbody", []).append(f"<tr {_own(row)}>{cells}</tr>")
    inside = "".join([f"<{part}>{''.join(lines)}</{part}>" for part, lines in parts.items()])
    return f'<div class="scroll joined" role="group" aria-label="Table" tabindex="0"><table>{inside}</table></div>'
