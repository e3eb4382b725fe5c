"""What was given, told by its content: whether it is HTML."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

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


def is_html(text: str) -> bool:
    """Whether a text is HTML: it has a whole tag of a known name, a whole comment or a doctype. Else it is plain text.

    Read as HTML, plain text would lose what follows a `<` with a letter after it.
    """
    if any(tag[1] is None or tag[1].lower() in _NAMES for tag in _TAG.finditer(text)):
        return True
    comment = text.find("<!--")
    return comment >= 0 and text.find("-->", comment) >= 0
