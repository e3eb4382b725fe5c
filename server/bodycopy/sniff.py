"""What was given, told by its content: HTML, plain text, or neither."""

# ruff: noqa: SIM905
from __future__ import annotations

import codecs
import re

from .charsets import is_marked

_NAMES = frozenset(
    "a abbr acronym address applet area article aside audio b base bdi bdo big blink blockquote body br button canvas "
    "caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset "
    "figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input "
    "ins kbd label legend li link main map mark marquee menu meta meter nav nobr noembed noframes noscript object ol "
    "optgroup option output p param picture plaintext pre progress q rp rt ruby s samp script search section select "
    "slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead "
    "time title tr track tt u ul var video wbr xmp".split()
)
# What stands after the name is attributes only if one has a value: `a <b and c> d` is none of HTML.
_TAG = re.compile(r"<(?:/?([a-zA-Z][a-zA-Z0-9]*+)(?:[\s/][^<>=]*+=[^<>]*+|\s*+/?)>|!doctype\s[^<>]*+>)", re.I)

_SIGNATURES = {
    b"%PDF-": "a PDF",
    b"{\\rtf": "an RTF document",
    b"PK\x03\x04": "a ZIP archive, as Word documents and e-books are",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office document",
    b"\x1f\x8b\x08": "compressed with gzip",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
}
_SAMPLE_BYTES = 4_096
# ISO-2022 has the escape character. Zero bytes are counted apart, since UTF-16 has them.
_CONTROL = bytes(sorted({*range(1, 9), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F}))
_MIN_CONTROL = 16
_CONTROL_SHARE = 20
"""One byte in so many. Of compressed data it is one in nine, of pages none."""


def refusal(data: bytes) -> str | None:
    """Why bytes are neither a page nor plain text, and what to give; None where they may be one."""
    sample = data[:_SAMPLE_BYTES].removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    what = next((name for signature, name in _SIGNATURES.items() if sample.startswith(signature)), None)
    # UTF-16 has its zeros at even places or at odd ones.
    zeros = min(sample[::2].count(0), sample[1::2].count(0))
    control = len(sample) - len(sample.translate(None, _CONTROL)) + zeros
    if control >= max(_MIN_CONTROL, len(sample) / _CONTROL_SHARE) and not is_marked(data):
        what = what or ("binary data" if not is_html(sample.decode("latin-1")) else None)
    return f"This is {what}, and neither a page nor plain text. Give the HTML of a page, or its text." if what else None


def is_html(text: str) -> bool:
    """Whether a text is HTML: it has a whole tag of a known name, a whole comment or a doctype. Else it is plain text.

    Read as HTML, plain text would lose what follows a `<` with a letter after it.
    """
    if any(tag[1] is None or tag[1].lower() in _NAMES for tag in _TAG.finditer(text)):
        return True
    comment = text.find("<!--")
    return comment >= 0 and text.find("-->", comment) >= 0
