"""An `<img>` to the picture that the page would show: loaded late, from a set, or a small one that stands for a character."""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

from .addresses import absolute
from .article import Image

_ICON_PIXELS = 48
_LAZY_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-url", "data-hi-res-src")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_PLACEHOLDERS = ("data:", "placeholder", "blank", "spacer", "transparent", "lazy", "loading", "1x1", "pixel.")
_PLACEHOLDER = re.compile("^" + "|".join(map(re.escape, _PLACEHOLDERS)), re.I)
# As in the HTML standard: an address goes on to white space, and a comma at its very end ends the candidate.
_CANDIDATE = re.compile(r"([^\s,]\S*+)(?:(?<=,)|([^,]*+))")
_SIZE = re.compile(r"\s*+(?:([0-9.]{1,9})[wx](?:\s++[0-9]{1,9}h)?)?+\s*+")
MAX_IMAGE_PIXELS = 2000
"""The widest picture taken from a set: wider ones are for print."""
_MAX_SET_CHARS = 4000
_MAX_ALT_CHARS = 2000
_MAX_SOURCES = 8


def read_picture(element: etree._Element, base: str | None) -> Image | str | None:
    """The picture of an `<img>`; its words where it stands for a character; None where it is an icon or has no address.

    `base` is what relative addresses are relative to.
    """
    source = _source(element)
    width, height = _pixels(element.get("width")), _pixels(element.get("height"))
    alt = " ".join((element.get("alt") or "")[:_MAX_ALT_CHARS].split())
    small = 0 < width <= _ICON_PIXELS or 0 < height <= _ICON_PIXELS
    if alt and len(alt) <= 3 and not alt.isalnum() and (small or "emoji" in (element.get("class") or "")):
        return alt
    address = absolute(source, base)
    if small or address is None or address.startswith("mailto:"):
        return None
    return Image(address, alt, width, height)


def _source(image: etree._Element) -> str:
    """Address of a picture as the page would show it, whether loaded late or from a set."""
    source: str = image.get("src") or ""
    if source and not _is_placeholder(source[:500]):
        return source
    for name in _LAZY_SOURCES:
        if lazy := image.get(name):
            return str(lazy)
    sets = [image.get(name) for name in _LAZY_SETS]
    # To libxml2 a picture's sources are not void: each holds what follows it.
    for above in islice(image.iterancestors("source", "picture"), _MAX_SOURCES):
        if above.tag == "picture":
            break
        sets += [above.get(name) for name in _LAZY_SETS]
    for text in sets:
        if text and (found := _largest(text)):
            return found
    return source


def _is_placeholder(start: str) -> bool:
    """Whether an address that starts so is of a picture that only holds a place."""
    if start.isascii():
        # Most have none of the words, which is found out in a tenth of the expression's time.
        lower = start.lower()
        if not any(word in lower for word in _PLACEHOLDERS):
            return False
    return _PLACEHOLDER.search(start) is not None


def _largest(source_set: str) -> str:
    """The widest picture of a `srcset` that is not wider than a screen, or the first."""
    best, best_size = "", -1.0
    for address, descriptors in _CANDIDATE.findall(source_set[:_MAX_SET_CHARS]):
        described = _SIZE.fullmatch(descriptors)
        if address.startswith("data:") or described is None:
            continue
        try:
            size = float(described[1] or 1)
        except ValueError:
            size = 0.0
        if not best or best_size < size <= MAX_IMAGE_PIXELS:
            best, best_size = address.rstrip(","), size
    return best


def _pixels(value: str | None) -> int:
    """A width or height attribute as a number of pixels, 0 if it is none."""
    digits = (value or "")[:8].strip().removesuffix("px").split(".")[0]
    return int(digits) if digits.isascii() and digits.isdigit() else 0
