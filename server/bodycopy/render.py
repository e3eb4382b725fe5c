"""An Article to text, HTML and the service's JSON. All of it is built from blocks.

HTML is escaped as it is built and then cleaned by nh3, which has the last word:
nothing edits the string after it. Markdown is in `markdown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import nh3

from .article import Article, Block, Evidence, Image, Notice, Span
from .judge.characters import foreign_signs
from .layout import SAFE_IMAGE, SAFE_LINK, Joint, Line, Run, figures, form, is_caption, joints, list_items, paragraphs

MAX_AMPERSANDS_PER_TEXT = 500
"""nh3 takes time quadratic in the `&` of one text node: 47 s for 2 million of them."""
MAX_ALT_CHARS = 4000

# Between the pieces that go through the sanitiser together. No piece holds it: text is
# escaped, attributes hold no line break.
_SEPARATOR = "<hr>\n"

_CLEANER = nh3.Cleaner(
    tags={
        "a", "blockquote", "br", "code", "del", "em", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "hr",
        "img", "li", "mark", "ol", "p", "pre", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr",
        "ul", "wbr",
    },
    attributes={"a": {"href"}, "img": {"src", "alt", "width", "height"}, "ol": {"start"}, "li": {"value"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer",
)  # fmt: skip


# -- text -----------------------------------------------------------------


def to_text(article: Article) -> str:
    """Plain text, one block a line; list items with `- `, or their number where a list is numbered; no captions."""
    out: list[str] = []
    lone: dict[int, int] = {}
    for is_in, run in article.runs:
        if is_in == "list":
            _print_items(run, out, lone)
        else:
            out += [line.block.text for line in run if line.block.text and not is_caption(line.block)]
    return "\n".join(out)


def _print_items(run: list[Line], out: list[str], lone: dict[int, int]) -> None:
    """Append a list's lines to `out`. `lone` holds, by depth, where in `out` a 1 stands that may yet get a 2.

    A 1 with no further number is printed without: it is seldom shown, since pages draw a letter or a large figure for
    it. The 2 may stand in a list of its own.
    """
    before: dict[int, int] = {}
    """The number before, in the list that is open at each depth."""
    for marker, depth, line in list_items(run, "-"):
        ordinal = line.block.ordinal if marker else None
        if marker:
            before = {d: number for d, number in before.items() if d < depth + (ordinal is not None)}
        if ordinal is not None:
            first = lone.pop(depth, None)
            if first is not None and ordinal > 1:
                out[first] = "1. " + out[first].removeprefix("- ")
            if ordinal == 1 and before.get(depth, 1) == 1:
                lone[depth] = len(out)
                marker = "- "
            before[depth] = ordinal
        out.append((marker or "- ") + line.block.text)


# Characters of scripts that put no space between words: Thai, Lao, Myanmar, Khmer, Japanese, Chinese.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff]"
)
# What joins the parts of a word, and ASCII that is not of one.
_JOINTS = b"'.-"
_SPACED = bytes(b if b > 127 or b == ord("_") or chr(b).isalnum() else 32 for b in range(256))


def count_words(text: str) -> int:
    """Words of a text; a character of a script without spaces counts as half a word."""
    unspaced = 0
    if not text.isascii():
        unspaced = len(_UNSPACED.findall(text))
        if unspaced:
            text = _UNSPACED.sub(" ", text)
        text = foreign_signs().sub(" ", text.replace("’", ""))
    words = text.encode("utf-8", "replace").translate(_SPACED, _JOINTS).split()
    return len(words) + (unspaced + 1) // 2


# -- HTML -----------------------------------------------------------------


def to_html(article: Article) -> str:
    """HTML fragment of the kept blocks, built from them and sanitised."""
    return _CLEANER.clean("\n".join(_fragments(article.runs)))


def _pieces(blocks: Iterable[Block]) -> list[str]:
    """HTML of each block on its own, sanitised in one go."""
    raw = [_piece(block) for block in blocks]
    # A page says many things twice.
    distinct = dict.fromkeys(raw)
    clean = _CLEANER.clean(_SEPARATOR.join(distinct)).split(_SEPARATOR) if raw else []
    of_raw = dict(zip(distinct, clean, strict=True))
    return [of_raw[piece] for piece in raw]


def _piece(block: Block) -> str:
    """HTML of a block on its own; the forms that most blocks have are printed without a list of them."""
    is_in, _ = form(block)
    if is_in == "paragraph":
        return f"<p>{_inline(block.spans)}</p>"
    if is_in == "heading":
        return _heading_html(block)
    if is_in == "list":
        inner = _inline(block.spans)
        if block.ordinal is None:
            return f"<ul><li>{inner}</li></ul>"
        return f"<ol{_start(block.ordinal)}><li>{inner}</li></ol>"
    return "".join(_fragments([Run(is_in, [Line(block, False)])]))


def _fragments(runs: Iterable[Run]) -> Iterator[str]:
    for is_in, run in runs:
        if is_in == "paragraph":
            yield from (f"<p>{_joined(p)}</p>" for p in paragraphs(run))
        elif is_in == "heading":
            yield from (_heading_html(block) for block, _ in run)
        elif is_in == "list":
            yield _list_html(run)
        elif is_in == "quote":
            yield "<blockquote>" + "".join(f"<p>{_joined(p)}</p>" for p in paragraphs(run)) + "</blockquote>"
        elif is_in == "code":
            yield from (f"<pre><code>{_escape(block.text)}</code></pre>" for block, _ in run)
        elif is_in == "table":
            yield _table_html([block for block, _ in run])
        else:
            yield from _figures_html(run)


def _heading_html(block: Block) -> str:
    level = min(max(block.level, 2), 6)
    return f"<h{level}>{_inline(block.spans)}</h{level}>"


def _joined(paragraph: list[Block]) -> str:
    return "<br>".join([_inline(block.spans) for block in paragraph])


def _start(ordinal: int) -> str:
    return f' start="{ordinal}"' if ordinal != 1 else ""


def _list_html(run: list[Line]) -> str:
    out: list[str] = []
    # Tag of each open list, and the number that a browser gives its next item.
    opened: list[tuple[str, int]] = []
    for marker, depth, line in list_items(run, "-"):
        inner = _inline(line.block.spans)
        if not marker:
            while len(opened) > depth + 1:
                out.append(f"</li></{opened.pop()[0]}>")
            out.append("<br>" + inner if line.attached else f"<p>{inner}</p>")
            continue
        ordinal = line.block.ordinal
        tag = "ul" if ordinal is None else "ol"
        while len(opened) > depth + 1 or (len(opened) == depth + 1 and opened[-1][0] != tag):
            out.append(f"</li></{opened.pop()[0]}>")
        if len(opened) == depth + 1:
            _, following = opened.pop()
            out.append("</li><li>" if ordinal is None or ordinal == following else f'</li><li value="{ordinal}">')
        else:
            out.append("<ul><li>" if ordinal is None else f"<ol{_start(ordinal)}><li>")
        opened.append((tag, 0 if ordinal is None else ordinal + 1))
        out.append(inner)
    while opened:
        out.append(f"</li></{opened.pop()[0]}>")
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


def _figures_html(run: list[Line]) -> Iterator[str]:
    for image, captions, caption_first in figures(run):
        picture = _image_html(image)
        text = "<br>".join([_inline(block.spans) for block in captions])
        caption = f"<figcaption>{text}</figcaption>" if text else ""
        if picture or caption:
            yield "<figure>" + (caption + picture if caption_first else picture + caption) + "</figure>"


def _image_html(image: Image | None) -> str:
    if image is None or not SAFE_IMAGE.fullmatch(image.src):
        return ""
    size = "".join(f' {name}="{value}"' for name, value in (("width", image.width), ("height", image.height)) if value)
    source = image.src.replace("&", "&amp;")
    return f'<img src="{source}" alt="{_escape_attribute(image.alt[:MAX_ALT_CHARS])}"{size}>'


def _inline(spans: tuple[Span, ...]) -> str:
    """Spans as HTML; neighbours with the same address are one link."""
    if len(spans) == 1 and not spans[0].marks and not spans[0].href:
        return _escape(spans[0].text)
    out: list[str] = []
    link: str | None = None
    for text, marks, href in spans:
        if href is not None and not SAFE_LINK.fullmatch(href):
            href = None
        if href != link:
            if link is not None:
                out.append("</a>")
            if href is not None:
                # A safe link holds nothing else that would have to be escaped.
                out.append(f'<a href="{href.replace("&", "&amp;")}">')
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
    text = " ".join(text.split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


# -- JSON -----------------------------------------------------------------


def to_dict(article: Article) -> dict[str, Any]:
    """The JSON answer of the service: every key present, null where unknown.

    `blocks` holds the kept blocks in order; a removed block's `position` is an index into it. Each block of either
    tells what it is printed in one piece with (`layout.Joint`).
    """
    from . import __version__

    shown = article.shown
    kept = [(number, block) for number, block in enumerate(article.blocks) if block.verdict.label in shown]
    removed = article.removed
    joint_of = list(joints(article.blocks))
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
                "label": block.verdict.label._value_,
                "html": piece,
                "text": block.text,
                **_place(block, joint_of[number]),
            }
            for (number, block), piece in zip(kept, html, strict=False)
        ],
        "removed": [
            {
                "id": number,
                "label": label._value_,
                "reason": reason,
                "evidence": None if evidence is None else coded(evidence),
                "source": source,
                "confidence": round(confidence, 4),
                "text": block.image.alt if block.image is not None else block.text,
                "html": piece,
                "position": position,
                **_place(block, joint_of[number]),
            }
            for (number, position, block), piece in zip(removed, html[len(kept) :], strict=True)
            for label, reason, confidence, source, evidence in (block.verdict,)
        ],
        "warnings": list(map(str, article.warnings)),
        "warning_codes": [coded(warning) for warning in article.warnings],
        "version": __version__,
    }


def coded(said: Evidence | Notice) -> dict[str, Any]:
    """What is to be said in any language."""
    return {"code": said.code, "values": list(said.values)}


def _place(block: Block, joint: Joint) -> dict[str, Any]:
    group, level, ordinal, item, paragraph = joint
    return {
        "kind": block.kind._value_,
        "group": group,
        "level": level,
        "ordinal": ordinal,
        "item": item,
        "paragraph": paragraph,
    }
