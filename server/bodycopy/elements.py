"""What an HTML element by itself says of the text inside: whether it is shown, ends a block, is data, has a number."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from lxml import etree

from .page import IN_SVG

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark math nobr q rb rp rt rtc ruby s "
    "samp small span strike strong sub sup time tt u var wbr picture source img amp-img amp-anim br svg track map area meter "
    "progress output mi mn mo ms mtext mrow msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd "
    "semantics mspace mpadded mphantom mstyle merror menclose mfenced slot svg g text tspan textpath desc "
    "defs symbol metadata clippath mask pattern marker path rect circle ellipse line polyline polygon use switch".split()
)
# Their text is not shown, but for what `is_shown` knows. `video`, `audio` and `canvas` hold words for browsers that
# cannot play them.
INVISIBLE = frozenset(
    "script style svg title meta link iframe object embed video audio canvas datalist frame noembed param area template "
    "rp annotation annotation-xml".split()
)
_SOMETIMES_SHOWN = frozenset(("svg", "object", "template", "annotation", "annotation-xml", "rp"))
# Not `backface-visibility: hidden`, of what turns or glides.
_NOT_SHOWN = re.compile(r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden)")
# The classes that Bootstrap, Tailwind, WordPress, Drupal and design systems after them give what only screen readers say:
# "(opens in a new tab)" in the middle of a sentence. Not `not-sr-only`, nor `md:sr-only`, which holds on some screens.
_SPOKEN = re.compile(
    r"(?<!\S)(?:[\w-]*[_-])?(?<!not-)(?:sr-only|visually-?hidden|screen-?reader(?:-(?:text|only))?)(?!\S)",
    re.IGNORECASE,
)
_NATURAL = re.compile(r"\s{0,9}\+?(\d{1,9})(?!\d)", re.ASCII)
_MAX_ORDINAL = 999_999_999


HIDING = frozenset(("hidden", "style", "class"))
"""The attributes that `hides` knows."""


def hides(attribute: str, value: str) -> bool:
    """Whether an attribute hides its element, or a class says that it is for screen readers only."""
    if attribute == "class":
        return _class_hides(value)
    return attribute == "hidden" or (attribute == "style" and _style_hides(value))


def _style_hides(style: str) -> bool:
    style = style[:300].lower()
    return ("none" in style or "hidden" in style) and _NOT_SHOWN.search(style) is not None


def _class_hides(names: str) -> bool:
    # Most have none of these, and are asked in a seventh of the time.
    if not ("idden" in names or "-only" in names or "eader" in names):
        return False
    return _SPOKEN.search(names[:300]) is not None


def counter_of(element: etree._Element) -> list[int]:
    """The number of an `<ol>`'s first item, and what each further one adds (HTML, 4.4.5)."""
    start = natural(element.get("start"))
    if element.get("reversed") is None:
        return [1 if start is None else start, 1]
    return [sum(child.tag == "li" for child in element) if start is None else start, -1]


def count_item(counter: list[int], item: etree._Element) -> int:
    """An item's number. Negative ones and those over nine digits are none in Markdown: the nearest that is."""
    value = natural(item.get("value"))
    ordinal = min(max(counter[0] if value is None else value, 0), _MAX_ORDINAL)
    counter[0] = ordinal + counter[1]
    return ordinal


def natural(value: str | None) -> int | None:
    """The number that an attribute's value begins with, or None (HTML, 2.3.4.2)."""
    match = _NATURAL.match(value) if value else None
    return int(match[1]) if match else None


def is_shown(element: etree._Element, tag: str) -> bool:
    """Whether browsers show the text of an element that seldom has any that they show."""
    if tag not in _SOMETIMES_SHOWN:
        return False
    if tag == "svg":
        return next(element.iter(*IN_SVG), None) is not None
    if tag == "object":
        # Of those inside each other one is looked through: each would take quadratic time.
        return next(element.iterancestors(tag), None) is not None or any(map(str.strip, element.itertext()))
    if tag == "template":
        return bool(element.get("shadowrootmode"))
    return next(element.iterancestors("ruby" if tag == "rp" else "math"), None) is None
