"""A small set of pages that stop parsers and payloads that run, for machines without ../shared/hardening."""

from __future__ import annotations

from collections.abc import Callable

PROSE = "The council met on Tuesday and agreed on the new bridge, which will open to traffic next year. "


def around(inside: str) -> bytes:
    """A page with an ordinary article around what is tested."""
    prose = f"<p>{PROSE * 3}</p>" * 4
    head = '<!doctype html><html lang="en"><head><title>The bridge</title></head><body><article>'
    return f"{head}<h1>The bridge</h1>{prose}{inside}{prose}</article></body></html>".encode("utf-8", "surrogatepass")


def ordinary(size: int) -> bytes:
    """A page of `size` bytes as news sites write them: paragraphs among menus, cards of other stories and scripts."""
    story = (
        "".join(f'<p class="text">{PROSE * 2}<a href="/story/{n}">The plan</a> of {n} was read.</p>' for n in range(6))
        + '<aside class="card"><a href="/other"><img src="/a.jpg" alt="A bridge"><span>Another story</span></a></aside>'
        + "<script>" + "window.items = [1, 2, 3]; " * 20 + "</script>"
        + "<ul>" + '<li><a href="/news">News</a></li>' * 5 + "</ul>"
    )  # fmt: skip
    return around(story * max(1, size // len(story)))


def _times(text: str, count: int) -> Callable[[float], bytes]:
    return lambda scale: around(text * max(1, int(count * scale)))


CASES: dict[str, Callable[[float], bytes]] = {
    "own_ordinary": lambda scale: around(""),
    "own_attributes": lambda scale: around("<p " + " ".join(f"a{n}=x" for n in range(int(100_000 * scale))) + ">x</p>"),
    "own_open_tags": _times("<a", 90_000),
    "own_open_quotes": _times("<a x='", 90_000),
    "own_open_comments": _times("<!-- ", 90_000),
    "own_nested_divs": _times("<div>", 90_000),
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
