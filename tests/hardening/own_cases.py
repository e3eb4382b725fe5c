"""A small set of pages that stop parsers and payloads that run, for machines without ../shared/hardening."""

from __future__ import annotations

from collections.abc import Callable

PROSE = "The council met on Tuesday and agreed on the new bridge, which will open to traffic next year. "


def around(inside: str) -> bytes:
    """A page with an ordinary article around what is tested."""
    prose = f"<p>{PROSE * 3}</p>" * 4
    head = '<!doctype html><html lang="en"><head><title>The bridge</title></head><body><article>'
    return f"{head}<h1>The bridge</h1>{prose}{inside}{prose}</article></body></html>".encode("utf-8", "surrogatepass")


_WHO = (
    "The council", "A spokesman for the harbour", "The mayor's office", "Engineers from the port", "Many shopkeepers",
    "The ferry company", "Two members of the board", "Residents of the northern bank", "The transport committee",
    "An independent report", "The contractor", "Nobody at the hearing",
)  # fmt: skip
_DID = (
    "agreed to", "had long asked for", "spoke against", "was not told about", "will look again at", "welcomed",
    "put off", "paid for", "described in some detail", "did not expect", "voted on", "warned of the cost of",
)  # fmt: skip
_WHAT = (
    "the new bridge across the river", "a second crossing for cyclists", "the repairs to the old pier",
    "the timetable that was printed in spring", "the plan to widen the road", "the inspection of the cables",
    "a toll for heavy lorries", "the sale of the warehouse", "the tunnel that was drawn up ten years ago",
    "the closing of two lanes in summer", "the loan from the state bank",
)  # fmt: skip
_WHEN = (
    "on Tuesday evening", "after a debate of five hours", "before the end of the year", "for the third time this month",
    "despite the weather", "without giving a reason", "when the figures were read out",
)  # fmt: skip


def _sentence(number: int) -> str:
    """One of several thousand, and for numbers near each other never the same."""
    who, did = _WHO[number % 12], _DID[number // 5 % 12]
    return f"{who} {did} {_WHAT[number * 3 % 11]} {_WHEN[number * 2 % 7]}."


def _paragraph(number: int) -> str:
    text = " ".join(_sentence(number * 6 + n) for n in range(3 + number % 4))
    link = f' The paper of {number % 28 + 1} May <a href="/story/{number}">has more on this</a>.' if number % 2 else ""
    return f'<p class="text">{text}{link}</p>'


def _links(number: int) -> str:
    items = "".join(f'<li><a href="/news/{number + n}">{_sentence(number + n)[:-1]}</a></li>' for n in range(6))
    return f'<section class="more"><h2>More from this section</h2><ul>{items}</ul></section>'


def _part(number: int) -> str:
    """A run of paragraphs with a picture, and what stands between such runs."""
    paragraphs = [_paragraph(number * 9 + n) for n in range(9)]
    picture = (
        f'<figure><img src="/{number}.jpg" alt="The bridge"><figcaption>{_sentence(number + 7)}</figcaption></figure>'
    )
    card = f'<aside class="card"><a href="/other/{number}"><img src="/a.jpg" alt=""><span>{_sentence(number)}</span></a></aside>'
    script = f"<script>window.items = [{number}]; " + "window.items.push(1, 2, 3); " * 150 + "</script>"
    return "".join([*paragraphs[:5], picture, *paragraphs[5:], card, script])


def ordinary(size: int) -> bytes:
    """A page of some `size` bytes, at least ten thousand: one long article, and lists of other stories below it."""
    parts, lists, length = [], [], 1_600
    for number in range(size):
        parts.append(_part(number))
        lists.append(_links(number * 6))
        length += len(parts[-1]) + len(lists[-1])
        if length >= size:
            break
    head = '<!doctype html><html lang="en"><head><title>The bridge</title></head><body><ul class="menu">'
    menu = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in ("News", "Sport", "Culture", "Weather"))
    article = f"</ul><main><article><h1>The bridge</h1>{''.join(parts)}</article></main>"
    foot = "<footer><p>Copyright 2026 The Harbour Post. All rights reserved.</p></footer></body></html>"
    return (head + menu + article + "".join(lists) + foot).encode()


def _times(text: str, count: int) -> Callable[[float], bytes]:
    return lambda scale: around(text * max(1, int(count * scale)))


def _attributes(scale: float) -> str:
    return "<p " + " ".join(f"a{n}=x" for n in range(int(100_000 * scale))) + ">x</p>"


CASES: dict[str, Callable[[float], bytes]] = {
    "own_ordinary": lambda scale: around(""),
    "own_attributes": lambda scale: around(_attributes(scale)),
    "own_attributes_after_a_comment": lambda scale: around(f"<!-->{_attributes(scale)}<!-- -->"),
    "own_attributes_after_a_declaration": lambda scale: around(f"<!x <a y='>{_attributes(scale)}'>"),
    "own_attributes_after_a_script": lambda scale: around(
        f"<script><!--<script></script><a y='</script>{_attributes(scale)}'>"
    ),
    "own_open_tags": _times("<a", 90_000),
    "own_open_quotes": _times("<a x='", 90_000),
    "own_open_comments": _times("<!-- ", 90_000),
    "own_nested_divs": _times("<div>", 90_000),
    "own_nested_svg": lambda scale: around("<svg>" * 230 + "<path/>" * int(90_000 * scale) + "<text>x"),
    "own_nested_objects": lambda scale: around("<object>" * 230 + "<param>" * int(90_000 * scale) + "x"),
    "own_nested_lists": _times("<ul><li>", 45_000),
    "own_paragraphs": _times("<p>x", 90_000),
    "own_breaks": _times("x<br>", 90_000),
    "own_links": _times("<a href=x>x</a>", 45_000),
    "own_cells": lambda scale: around("<table><tr>" + "<td>x" * int(90_000 * scale) + "</table>"),
    "own_ampersands": _times("&amp;", 1_000_000),
    "own_less_than": _times("&lt;", 1_000_000),
    "own_references": _times("&#1;", 500_000),
    "own_spaces": lambda scale: around("<p>" + " " * int(5_000_000 * scale) + "x</p>"),
    "own_pieces": _times("x<b></b>", 45_000),
    "own_base": lambda scale: around(
        f"<base href='https://example.org/{'a' * int(500_000 * scale)}'>" + "<a href=x>x</a>" * int(40_000 * scale)
    ),
    "own_author": lambda scale: around(f'<meta name="author" content="{"a " * int(25_000 * scale)}">'),
}  # fmt: skip

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
    "<p style='background:url(https://example.net/x)' id=document class=x>x</p>",
    "<template><script>alert(1)</script></template>",
    "<img src='https://example.org/a.png' alt='\"><script>alert(1)</script>'>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<p>[x](javascript:alert(1)) ![x](javascript:alert(1)) <b>`</b>&lt;img src=x onerror=alert(1)&gt;`</p>",
    "<pre>```\n&lt;script&gt;alert(1)&lt;/script&gt;\n```</pre>",
    "<table><tr><td>`|&lt;img src=x onerror=alert(1)&gt;`|</table>",
    "<code>`</code><code>&lt;img src=x onerror=alert(1)&gt;</code>",
    "<a href='https://example.org/&quot;onmouseover=alert(1)//'>x</a>",
    "<a href='https://example.org/)<img src=x onerror=alert(1)>'>x</a>",
    "<textarea></textarea><xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "\ud800<b>x</b>&#xD800;&#0;",
)
