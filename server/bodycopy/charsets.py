"""Bytes of a page or a plain text to characters: which character set they are in."""

from __future__ import annotations

import codecs
import re

from .article import Notice
from .charset_guess import guess
from .charset_labels import CODECS, SUPERSETS
from .notices import notice

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_:.-]{2,40})""", re.I)
_XML_CHARSET = re.compile(rb"""^\s{0,99}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9_:.-]{2,40})""", re.I)
_HEAD_BYTES = 65_536
_SURE_UTF8_BYTES = 6
"""So many bytes of valid multi-byte UTF-8 do not come about by chance in another encoding."""
_BAD_SHARE = 200
"""An encoding fits that leaves at most one in so many characters undecodable: a cut comment, an advertisement."""

_TWICE = "â\x80".encode()
"""How dashes and curly quotes begin in UTF-8 that was encoded twice."""
_MIN_TWICE = 3

# Not character sets of pages, or able to turn harmless bytes into markup.
_REFUSED_CODECS = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined", "mbcs", "oem")
_REFUSED = frozenset(name.replace("_", "-") for name in _REFUSED_CODECS)


def decode(html: bytes | str, charset: str | None = None) -> tuple[str, str, list[Notice]]:
    """Text of a page, the encoding it was read as, and warnings. `charset` is what the transport said."""
    if isinstance(html, str):
        return html.removeprefix("\ufeff"), "utf-8", []
    if marked := _marked(html):
        return *marked, []
    utf8 = _try(html, "utf-8")
    if utf8 is not None and len(html) - len(utf8) >= _SURE_UTF8_BYTES:
        return utf8, "utf-8", []
    names = _declared(html, charset)
    for name in names:
        if (text := _try(html, name)) is not None:
            return (text, "utf-8", []) if text == utf8 else (text, name.lower(), [])
    if utf8 is not None:
        return utf8, "utf-8", []
    for name in [*names, "utf-8"]:
        text = _try(html, name, "replace") or ""
        if text and text.count("\ufffd") * _BAD_SHARE < len(text) and not _is_falsely_utf8(text, name):
            return text, name.lower(), [notice("bad_bytes", name)]
    name = guess(html)
    return html.decode(name, "replace"), name, [notice("guessed_charset", name)]


def encoded_once(data: bytes) -> bytes:
    """UTF-8 that was encoded twice as what it was, as where a script took UTF-8 for Latin-1; all of the page, or nothing."""
    if data.count(_TWICE) < _MIN_TWICE:
        return data
    try:
        once = data.decode().encode("latin-1")
        once.decode()
    except UnicodeError:
        return data
    return once


def decode_text(data: bytes, charset: str | None = None) -> str:
    """Plain text, which names no encoding itself: what its mark or else `charset` says, UTF-8, or a guess."""
    if marked := _marked(data):
        return marked[0]
    for name in (charset, "utf-8"):
        if name and (text := _try(data, name)) is not None:
            return text
    return data.decode(guess(data), "replace")


def is_marked(data: bytes) -> bool:
    """Whether bytes begin with a byte order mark."""
    return any(data.startswith(mark) for mark, _ in _BOMS)


def _marked(data: bytes) -> tuple[str, str] | None:
    """Text and encoding of what shows by a byte order mark, or the zero bytes of its tags, what it is."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace"), name
    unmarked = _unmarked_utf16(data)
    return (data.decode(unmarked, "replace"), unmarked) if unmarked else None


def _is_falsely_utf8(text: str, name: str) -> bool:
    """Whether more of UTF-8's characters are broken than are whole: the few quotes of an English page in Windows-1252."""
    broken = text.count("\ufffd")
    return name.lower() in ("utf-8", "utf8") and sum(c > "\x7f" for c in text) < 2 * broken


def _declared(html: bytes, charset: str | None) -> list[str]:
    """Encodings that the transport and the page name, in order."""
    names = [charset] if charset else []
    xml = _XML_CHARSET.search(html[:_HEAD_BYTES])
    meta = _META_CHARSET.search(html[:_HEAD_BYTES]) or (None if html.isascii() else _META_CHARSET.search(html))
    for match in (xml, meta):
        if match is not None:
            name = match[1].decode("ascii")
            # It could not be read if it were true.
            codec = CODECS.get(name.lower(), name.lower())
            names.append("utf-8" if codec.startswith(("utf-16", "utf-32")) else name)
    return names


def _unmarked_utf16(html: bytes) -> str | None:
    """UTF-16 without a mark shows by the zero bytes of its tags."""
    head = html[:2000]
    if b"\0" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd * 10 > len(head) and odd > 20 * even and b"<\0" in head:
        return "utf-16-le"
    if even * 10 > len(head) and even > 20 * odd and b"\0<" in head:
        return "utf-16-be"
    return None


def _try(html: bytes, name: str, errors: str = "strict") -> str | None:
    """`html` as `name` if it is a text encoding that fits, else None."""
    try:
        codec = _codec(name)
        if not getattr(codec, "_is_text_encoding", True) or codec.name.replace("_", "-") in _REFUSED:
            return None
        return codec.decode(html, errors)[0]
    except (LookupError, ValueError):
        return None


def _codec(name: str) -> codecs.CodecInfo:
    """What a label stands for. Raises LookupError or ValueError for one that stands for nothing."""
    label = name.strip().lower()
    codec = codecs.lookup(CODECS.get(label, label))
    wider = SUPERSETS.get(codec.name)
    return codecs.lookup(wider) if wider else codec
