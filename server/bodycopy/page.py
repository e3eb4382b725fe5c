"""Bytes to a decoded tree: character set, limits, base address."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from charset_normalizer import from_bytes
from lxml import etree

MAX_PAGE_BYTES = 10_000_000
"""Of 1,569 real pages the largest has 2.2 MB."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_:.-]{2,40})""", re.I)
_XML_CHARSET = re.compile(rb"""^\s{0,99}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9_:.-]{2,40})""", re.I)
_HEAD_BYTES = 4096

# Code points that no text may hold: lxml refuses or drops them, nh3 crashes on surrogates.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# The same, written as references: `&#x1;` anywhere makes trafilatura return nothing.
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));?")

# WHATWG reads these labels as their supersets.
_ALIASES = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "iso-8859-9": "cp1254", "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs", "utf-16": "utf-16-le", "utf8": "utf-8", "x-gbk": "gb18030",
}  # fmt: skip


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
    """Address that relative ones are resolved against."""
    encoding: str
    warnings: tuple[str, ...] = field(default=())


def read(html: bytes | str, url: str | None = None, charset: str | None = None) -> Page:
    """Parse a page.

    `charset` is what the transport said (a Content-Type header). Order: it, byte
    order mark, meta, detection. Raises PageTooLarge over MAX_PAGE_BYTES.
    """
    text, encoding, warnings = decode(html, charset)
    text = _mend(text)
    tree = _parse(text)
    base_of = tree.find(".//base[@href]")
    base = url
    if base_of is not None:
        try:
            base = urljoin(url or "", base_of.get("href", "").strip()) or url
        except ValueError:
            base = url
    return Page(tree, url, base, encoding, tuple(warnings))


def decode(html: bytes | str, charset: str | None = None) -> tuple[str, str, list[str]]:
    """Text of a page, the encoding it was read as, and warnings."""
    if len(html) > MAX_PAGE_BYTES:
        raise PageTooLarge(
            f"The page has {len(html):,} bytes; the limit is {MAX_PAGE_BYTES:,}.", "max_bytes", MAX_PAGE_BYTES
        )
    if isinstance(html, str):
        return html.removeprefix("\ufeff"), "utf-8", []
    for mark, name in _BOMS:
        if html.startswith(mark):
            return html[len(mark) :].decode(name, "replace"), name, []
    head = html[:_HEAD_BYTES]
    # Text in another character set is hardly ever valid UTF-8 by chance; declarations are often stale.
    if not html.isascii() and (text := _try(html, "utf-8")) is not None:
        return _undo_double_encoding(text), "utf-8", []
    for match in (None, _XML_CHARSET.search(head), _META_CHARSET.search(html[: _HEAD_BYTES * 16])):
        name = charset if match is None else match[1].decode("ascii")
        if name and (text := _try(html, name)) is not None:
            return text, name.lower(), []
    if (text := _try(html, "utf-8")) is not None:
        return text, "utf-8", []
    # A single bad byte (a cut comment, an advertisement) in a page of valid UTF-8.
    text = html.decode("utf-8", "replace")
    if text.count("\ufffd") * 200 < len(text):
        return text, "utf-8", ["Some bytes of the page are not valid UTF-8 and were replaced."]
    best = from_bytes(html[:50_000]).best()
    name = best.encoding if best is not None else "cp1252"
    return html.decode(name, "replace"), name, [f"The page does not say its character set; read as {name}."]


# UTF-8 that was read as Latin-1 and written as UTF-8 again: `â` and two C1 controls where an apostrophe was.
_DOUBLE = re.compile("[\xc2-\xf4][\x80-\xbf]{1,3}")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")


def _undo_double_encoding(text: str) -> str:
    """`text` with doubly encoded characters restored; C1 controls, which no page means, give it away."""
    if _C1.search(text) is None:
        return text

    def restore(match: re.Match[str]) -> str:
        try:
            return match[0].encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return match[0]

    return _DOUBLE.sub(restore, text)


def _try(html: bytes, name: str) -> str | None:
    """`html` as `name` if it is a text encoding that fits, else None."""
    try:
        codec = codecs.lookup(_ALIASES.get(name.lower(), name))
        if not getattr(codec, "_is_text_encoding", True) or codec.name in ("idna", "punycode", "unicode_escape"):
            return None
        return codec.decode(html, "strict")[0]
    except (LookupError, ValueError):
        return None


def _mend(text: str) -> str:
    """`text` without code points and references that parsers choke on."""
    if _UNSAFE.search(text):
        text = _UNSAFE.sub("\ufffd", text)
    if "&#" in text:
        text = _REFERENCE.sub(_mend_reference, text)
    return text


def _mend_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    if code > 0x10FFFF:
        return "\ufffd"
    if 0x80 <= code <= 0x9F or code in (9, 10, 12, 13):
        return match[0]
    return "\ufffd" if _UNSAFE.match(chr(code)) else match[0]


def _parse(text: str) -> etree._Element:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True, remove_comments=True)
    data = text.encode("utf-8", "replace")
    tree = etree.fromstring(data, parser) if data.strip() else None
    if tree is None or not isinstance(tree.tag, str):
        tree = etree.fromstring(b"<html><body></body></html>", parser)
    return tree


def absolute(href: str | None, base: str | None) -> str | None:
    """`href` as an absolute http, https or mailto address, or None."""
    if not href:
        return None
    href = href.strip()
    if href.startswith(("https://", "http://")):
        out = href
    elif href.startswith("#") and base:
        out = base.split("#", 1)[0] + href
    else:
        try:
            out = urljoin(base or "", href)
        except ValueError:
            return None
        if not out.startswith(("https://", "http://", "mailto:")):
            return None
    return None if _BAD_URL.search(out) else out


_BAD_URL = re.compile(r"[\s<>\"'`\\\x00-\x20\x7f]")


def domain(url: str | None) -> str | None:
    """Host of `url` without `www.`, or None."""
    if not url:
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
