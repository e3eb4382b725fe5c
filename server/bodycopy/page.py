"""Bytes to a decoded tree: character set, limits, base address.

libxml2 takes time quadratic in the attributes of one tag and drops, in silence, what
stands too deep. So pages are bounded before they are parsed, and a page that is too
deep is flattened and parsed again: its text stays, and a warning says so.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from string import ascii_letters
from urllib.parse import urljoin

from lxml import etree

from .article import Notice
from .charsets import decode, encoded_once
from .notices import notice

MAX_PAGE_BYTES = 10_000_000
"""Of 1,569 real pages the largest has 2.2 MB."""


@dataclass(frozen=True)
class Limits:
    """What a page may cost. No real page of 1,569 comes near any of them."""

    bytes: int = MAX_PAGE_BYTES
    """More is refused with PageTooLarge. Characters, where the page is a str."""
    tags: int = 100_000
    """Counted as `<`. What follows is cut, with a warning. Real pages: at most 9,770."""
    attributes: int = 512
    """Of one tag. Further ones are dropped. Real pages: at most 73."""
    depth: int = 240
    """Elements inside each other. Deeper ones lose their tags and keep their text. Real pages: at most 56."""
    blocks: int = 20_000
    """Pieces of text that are judged, 0.05 ms each. Further ones are kept or removed by their place. Real pages: at
    most 3,334."""


LIMITS = Limits()

# Code points that no text may hold: lxml and trafilatura refuse or drop them, nh3 crashes on surrogates.
_CONTROL = bytes(sorted({*range(9), 0x0B, *range(0x0E, 0x20), 0x7F}))
_UNSAFE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_NONCHARACTER = re.compile(rb"\xef(?:\xb7[\x90-\xaf]|\xbf[\xbe\xbf])")
_REPLACEMENT = "\ufffd".encode()
# A tag's name with such a character in it is no name that hides what follows; without the character it might be.
_HOLED = re.compile(rb"(<[^\s<>%s]{0,40}+)[%s]" % (2 * (re.escape(_CONTROL),)))
# The same, written as references: `&#x1;` anywhere makes trafilatura return nothing.
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]++)|([0-9]++));?")
_SUSPECT = re.compile(
    rb"&#(?:[xX]0*+(?:[0-9a-fA-F]?|1[0-9a-fA-F]|7[fF]|[dDfF][0-9a-fA-F]{3}|[0-9a-fA-F]{5,})(?![0-9a-fA-F])"
    rb"|0*+(?:[0-9]?|[12][0-9]|3[01]|127|[0-9]{5,})(?![0-9]))"
)

# Tokens as parsers read them (WHATWG HTML, 13.2.5). What is taken for a comment and is none hides the tags inside it.
# The form that most have comes first: it takes the least time.
_ATTRIBUTE = rb"""(?:[\s/]*+[^\s/>][^\s/>=]*+(?:="[^"]*+"|\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)"""
_COMMENT = rb"!--(?:-?+>|(?:[^-]++|-(?!-!?>))*+(?:--!?>)?+)|(?:[!?]|/(?![a-zA-Z]))[^>]*+>?+"
_RAW_NAMES = (b"iframe", b"noembed", b"noframes", b"style", b"textarea", b"title", b"xmp")
# libxml2 takes them for empty where the tag ends in `/>`.
_RAW = rb"(?:/*+\s++)*+(?:/++>|>(?:[^<]++|<(?!/%b[\s/>]))*+)?+"
# After `<!--` in a script, a `<script>` must end before the script itself can.
_SCRIPT = (
    rb"(?:/*+\s++)*+(?:/++>|>(?:[^<]++|<(?!/script[\s/>]|!--)|<!(?:[^<-]++|-(?!->)|<(?!/?script[\s/>])"
    rb"|<script[\s/>](?:[^<-]++|-(?!->)|<(?!/script[\s/>]))*+(?:</script)?+)*+(?:-->)?+)*+)?+"
)
_TAG = re.compile(
    rb"<(?:" + _COMMENT + rb"|(script)(?=[\s/>])" + _ATTRIBUTE + rb"*+" + _SCRIPT
    + rb"|(" + b"|".join(_RAW_NAMES) + rb")(?=[\s/>])" + _ATTRIBUTE + rb"*+" + _RAW % rb"\2"
    + rb"|(/?)([a-z][^\s/>]*+)" + _ATTRIBUTE + rb"*+[\s/]*+>?+)",
    re.I,
)  # fmt: skip
_RAW_TEXT = frozenset((b"script", *_RAW_NAMES))
_BEGINS_NO_RAW = bytes(set(ascii_letters.encode()).difference(*((n[0], n.upper()[0]) for n in _RAW_TEXT)))
# libxml2 drops the text after the end of the body, which browsers show, and nests `<wbr>` and `<embed>`, which are void.
_DROPPED = re.compile(rb"</(?:body|html)\s*+>|</?wbr\s*+/?>|</?embed(?=[\s/>])[^<>]*+>", re.I)
_TAIL_BYTES = 10_000
_BEGUN = re.compile(rb"&[#\w]{0,40}\Z")
# What these hold is not shown. To libxml2 their end tag does not end them where a `<div>` inside is left open.
_UNSHOWN = ("template", "video", "audio", "canvas", "svg", "datalist")
IN_SVG = (
    "text", "foreignobject", "b", "big", "blockquote", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed",
    "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "listing", "menu", "nobr", "ol", "p", "pre", "ruby",
    "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tt", "u", "ul", "var",
)  # fmt: skip
"""What browsers show of an `<svg>`: its labels, pages inside it, and the elements that end it where its end tag is
missing. Of 590 pages one has its text in such pages, and two a label."""
_SHOWN_IN_SVG = re.compile(b"<(?:%s)[\\s/>]" % "|".join(IN_SVG).encode(), re.I)
_VOID = frozenset(
    (b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"param", b"source",
     b"track", b"wbr")
)  # fmt: skip
_FLAT = frozenset(
    (b"a", b"abbr", b"b", b"big", b"em", b"font", b"i", b"small", b"span", b"strong", b"sub", b"sup", b"u")
)
_HIDING = frozenset(
    ("script", "style", "title", "iframe", "noembed", "video", "audio", "canvas", "template", "datalist")
)
_MARKUP = re.compile(r"<(?:style[^<]*+|[^<>]*+>)", re.I)
_MISMATCH = etree.ErrorTypes.ERR_TAG_NAME_MISMATCH
_HUGE_BYTES = 9_000_000
"""libxml2 drops text nodes of over 10 MB unless told that the page is huge."""


class PageTooLarge(ValueError):
    """The page is over a limit. `limit` is its name in the settings, `value` its value."""

    def __init__(self, message: str, limit: str, value: int) -> None:
        super().__init__(message)
        self.limit = limit
        self.value = value


@dataclass(frozen=True)
class Page:
    """A parsed page."""

    tree: etree._Element
    """The root element."""
    url: str | None
    base: str | None
    """Address that relative ones are resolved against, of http or https; None where it is not known."""
    encoding: str
    warnings: tuple[Notice, ...] = field(default=())


def read(html: bytes | str, url: str | None = None, charset: str | None = None, limits: Limits = LIMITS) -> Page:
    """Parse a page.

    `charset` is what the transport said (a Content-Type header). Order: byte order
    mark, bytes that can only be UTF-8, `charset`, XML declaration, meta, detection.
    Raises PageTooLarge over `limits.bytes`; over the other limits the page is cut, with a warning.
    """
    check_size(html, limits)
    url = mended_url(url)
    text, encoding, warnings = decode(html, charset)
    if encoding == "utf-8" and isinstance(html, bytes) and not warnings:
        data = html.removeprefix(codecs.BOM_UTF8)
    else:
        data = _utf8(text)
    data = _bounded(_DROPPED.sub(_gap, _mend(encoded_once(data))), limits, warnings)
    tree = _parse(data, limits, warnings)
    if (hiding := _never_closed(data, tree)) is not None:
        warnings.append(hiding)
    if tree.find("frameset") is not None:
        warnings.append(notice("frameset"))
    if any(map(_is_unread, tree.iter("iframe"))):
        warnings.append(notice("frame"))
    return Page(tree, url, _base(tree, url), encoding, tuple(warnings))


def _is_unread(frame: etree._Element) -> bool:
    """Whether a frame holds a text: of more than nine words, or one that the extension was not let into and so marked."""
    return "data-unread" in frame.attrib or len(_MARKUP.sub(" ", frame.get("srcdoc", "")).split()) > 9


def _never_closed(data: bytes, tree: etree._Element) -> Notice | None:
    """What is open at the end of the page and hides all that follows, if anything does."""
    comment = data.rfind(b"<!--")
    if comment >= 0 and data.find(b"-->", comment) < 0:
        for token in _TAG.finditer(data):
            if token.end() == len(data) and token[0].startswith(b"<!--") and not token[0].endswith(b"--!>"):
                return notice("open_comment")
    for mark in (b'"', b"'"):
        at = data.rfind(mark)
        # The last one there is, and it begins a value.
        if at > 0 and data[max(0, at - 9) : at].rstrip().endswith(b"="):
            for token in _TAG.finditer(data):
                if token[4] is not None and token.start() < at < token.end():
                    return notice("open_quote")
    last = tree
    while len(last) and not (last[-1].tail or "").strip():
        last = last[-1]
        if last.tag in _HIDING:
            begins, ends = b"<" + last.tag.encode(), b"</" + last.tag.encode()
            # Most pages end in a script: the last bytes say whether it ends.
            lower = data[-_TAIL_BYTES:].lower()
            if begins not in lower and ends not in lower:
                lower = data.lower()
            if lower.rfind(begins) > lower.rfind(ends):
                return notice("open_element", last.tag)
    return None


def _base(tree: etree._Element, url: str | None) -> str | None:
    """The page's base, or else its address, if it is a whole one: `<base href="/">` says nothing on a page without."""
    found = [url or ""]
    for element in tree.iter("base"):
        if href := (element.get("href") or "").strip():
            with suppress(ValueError):
                found.insert(0, urljoin(url or "", href))
            break
    return next((base for base in found if base[:8].lower().startswith(("https://", "http://"))), None)


def check_size(page: bytes | str, limits: Limits) -> None:
    """Raises PageTooLarge over `limits.bytes`."""
    if len(page) > limits.bytes:
        unit = "bytes" if isinstance(page, bytes) else "characters"
        raise PageTooLarge(
            f"The page has {len(page):,} {unit}; the limit is {limits.bytes:,}.", "max_bytes", limits.bytes
        )


# -- what parsers choke on ------------------------------------------------


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _HALF.sub("\ufffd", text).encode()


def mend(text: str) -> str:
    """`text` without control characters; surrogates and noncharacters replaced by U+FFFD."""
    return _UNSAFE.sub(lambda match: "" if match[0] <= "\x7f" else "\ufffd", text)


def mended_url(url: str | None) -> str | None:
    """The same for a page's own address: a command line has bytes that are no UTF-8 as surrogates."""
    return url and mend(url)


def _mend(data: bytes) -> bytes:
    """The same for a page in UTF-8, and for references to such characters."""
    if len(data.translate(None, _CONTROL)) != len(data):
        data = _HOLED.sub(rb"\1 ", data).translate(None, _CONTROL)
    # The search for a single byte is the quickest.
    if b"\xef" in data:
        data = _NONCHARACTER.sub(_REPLACEMENT, data)
    if any(_is_unsafe(data, suspect.start()) for suspect in _SUSPECT.finditer(data)):
        data = _REFERENCE.sub(_mended, data)
    return data


def _gap(match: re.Match[bytes]) -> bytes:
    """What a dropped tag leaves: nothing, but where it may stand in a tag or reference, which it must end as it did."""
    data, start = match.string, match.start()
    if data.rfind(b"<", 0, start) <= data.rfind(b">", 0, start) and not _BEGUN.search(data[max(0, start - 42) : start]):
        return b""
    return match[0] if b"wbr" in match[0].lower() else b"</x>"


def _is_unsafe(data: bytes, at: int) -> bool:
    """Whether the reference there is to a character that no text may hold."""
    match = _REFERENCE.match(data, at)
    return match is not None and _mended(match) != match[0]


def _mended(match: re.Match[bytes]) -> bytes:
    digits = (match[1] or match[2]).lstrip(b"0")[:9]
    code = int(digits or b"0", 16 if match[1] else 10)
    if 0 < code < 0x80:
        return b"" if code in _CONTROL else match[0]
    return _REPLACEMENT if not 0 < code < 0x110000 or _UNSAFE.match(chr(code)) else match[0]


# -- limits and parsing ---------------------------------------------------


def _bounded(data: bytes, limits: Limits, warnings: list[Notice]) -> bytes:
    """The page without what is over the limits on tags and attributes."""
    if data.count(b"<") > limits.tags:
        rest = len(data.split(b"<", limits.tags + 1)[-1]) + 1
        data = data[:-rest]
        warnings.append(notice("many_tags", limits.tags, rest))
    if len(data) > 2 * limits.attributes:
        within, tags = _tags(limits.attributes)
        if (match := within.match(data)) is None or match.end() < len(data):
            data = tags.sub(_without_surplus, data)
            warnings.append(notice("many_attributes", limits.attributes))
    return data


@cache
def _tags(attributes: int) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What matches a page up to the first tag over the limit, and what matches each tag and comment.

    A group of the second holds the attributes over the limit. One match of the page takes half the time of one for
    each tag.
    """
    allowed = _ATTRIBUTE + b"{0,%d}+" % attributes
    within = rb"(?:[^<]++|" + _token(allowed + b"(?!" + _ATTRIBUTE + b")") + rb"|<(?![a-zA-Z/!?]))*+"
    return re.compile(within), re.compile(_token(allowed + b"(" + _ATTRIBUTE + b"++)?+"))


def _token(attributes: bytes) -> bytes:
    """Pattern of comments and tags, those of raw text with the text, as a parser reads them: each byte once."""
    name_end = rb"[^\s/>]*+(?:>|" + attributes + b")"
    raw = b"|".join(name + rb"(?=[\s/>])" + attributes + _RAW % name for name in _RAW_NAMES)
    return (
        rb"<(?:[" + _BEGINS_NO_RAW + b"]" + name_end + b"|/[a-zA-Z]" + name_end + b"|" + _COMMENT
        + rb"|(?i:script(?=[\s/>])" + attributes + _SCRIPT + b"|" + raw + b")|[a-zA-Z]" + name_end + b")"
    )  # fmt: skip


def _without_surplus(match: re.Match[bytes]) -> bytes:
    if match.lastindex is None:
        return match[0]
    start, end = match.span(match.lastindex)
    return match[0][: start - match.start()] + match[0][end - match.start() :]


def _parse(data: bytes, limits: Limits, warnings: list[Notice]) -> etree._Element:
    tree, is_whole, open_ended = _tree(data, limits)
    for name in open_ended:
        data = _without(name, data)
    if open_ended:
        tree, is_whole, _ = _tree(data, limits)
    if not is_whole:
        warnings.append(notice("deep", limits.depth))
        for depth in (limits.depth // 2, 0):
            tree, is_whole, _ = _tree(_flatten(data, depth), limits)
            if is_whole:
                break
        else:
            warnings.append(notice("unreadable_part"))
    return tree


def _without(name: str, data: bytes) -> bytes:
    """The page without the elements of a name, from each tag to its end tag; those that are shown stay."""
    out, at = [], 0
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for match in _TAG.finditer(data):
        if match[4] is None or match[4].lower() != name.encode():
            continue
        if not match[3]:
            opened.append(-1 if b"shadowrootmode" in match[0].lower() else match.start())
        elif (
            opened
            and (start := opened.pop()) >= 0
            and not (name == "svg" and _SHOWN_IN_SVG.search(data, start, match.end()))
        ):
            found.append((start, match.end()))
    for start, end in sorted(found):
        if start >= at:
            out.append(data[at:start])
            at = end
    out.append(data[at:])
    return b"".join(out)


def _tree(data: bytes, limits: Limits) -> tuple[etree._Element, bool, list[str]]:
    """The tree of a page, whether all of the page is in it, and which of `_UNSHOWN` did not end where they should."""
    huge = len(data) > _HUGE_BYTES
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=huge, remove_pis=True, remove_comments=True, collect_ids=False
    )
    tree = etree.fromstring(data, parser) if data.strip() else None
    if tree is None or not isinstance(tree.tag, str):
        return etree.fromstring(b"<html><body></body></html>", parser), True, []
    last = parser.error_log.last_error
    cut = last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT
    open_ended = []
    if last is not None:
        messages = {e.message.rpartition(" and ")[0] for e in parser.error_log if e.type == _MISMATCH}
        open_ended = [name for name in _UNSHOWN if f"Opening and ending tag mismatch: {name}" in messages]
    return tree, not cut and not (huge and _depth(tree) > limits.depth), open_ended


def _depth(tree: etree._Element) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(depth, deepest)
    return deepest


def _flatten(data: bytes, depth: int) -> bytes:
    """The page without the tags below `depth`; a rule stands for each that is not inline."""
    out = []
    at = level = 0
    for match in _TAG.finditer(data):
        start, end = match.span()
        out.append(data[at:start])
        if data[start - 1 : start] == b"<" or _BEGUN.search(data[max(at, start - 42) : start]):
            # No tag or reference, but with what follows it might be one.
            out.append(b" ")
        at = end
        if raw := match[1] or match[2]:
            out.append(match[0] + b"</" + raw + b">")
            continue
        if match[4] is None:
            continue
        name = match[4].lower()
        if name in _VOID:
            out.append(match[0])
        elif name not in _RAW_TEXT:
            level += -1 if match[3] else 1
            if level + bool(match[3]) <= depth:
                out.append(match[0])
            elif name not in _FLAT:
                out.append(b"<hr>")
            level = max(level, 0)
    out.append(data[at:])
    return b"".join(out)
