"""No text is lost in silence: what a browser would show is in a block, or a warning says what is missing."""

from __future__ import annotations

import gzip
import random
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from bodycopy import Limits, clean
from bodycopy.blocks import read_blocks
from bodycopy.charsets import decode
from bodycopy.page import read

FIRST, INSIDE, LAST = "Anfangswort", "Mittelwort", "Schlusswort"
MISSING = ("bytes were left out", "hides the end of the page", "is missing", "which is not read", "is in other pages")
"""Of the warnings those that say that text is missing."""
LARGE = Limits(bytes=40_000_000)
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "html"
PAGES = 60


def around(trap: str) -> str:
    return f"<body><p>{FIRST} steht vor der Falle.</p>{trap}<p>{LAST} steht hinter der Falle.</p></body>"


def lost(page: str | bytes, words: tuple[str, ...] = (FIRST, INSIDE, LAST), limits: Limits | None = None) -> list[str]:
    """Those of `words` that are neither in a block nor, as the answer says, missing."""
    article = clean(page, "https://example.org/a", limits=limits or Limits())
    there = " ".join(block.text for block in article.blocks)
    is_told = any(said in warning for warning in article.warnings for said in MISSING)
    return [] if is_told else [word for word in words if word not in there]


CODES = (*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF,
         0x110000, 0xFFFFFFFF, 10**12, 10**40)  # fmt: skip


@pytest.mark.parametrize("form", ["&#{};", "&#{}", "&#x{:x};", "&#x{:X} ", "&#0000{};"])
def test_no_character_reference_costs_a_word(form: str) -> None:
    for code in CODES:
        assert lost(around(f"<p>Das {INSIDE} {form.format(code)} bleibt.</p>")) == [], code


def test_no_character_costs_a_word() -> None:
    for code in (*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0xFFFD, 0x202E, 0xE0001):
        assert lost(around(f"<p>Das {INSIDE} {chr(code)} bleibt.</p>")) == [], code
        if not 0xD800 <= code < 0xE000:
            assert lost(around(f"<p>Das {INSIDE} {chr(code)} bleibt.</p>").encode()) == [], code


@pytest.mark.parametrize("depth", [240, 252, 253, 254, 255, 256, 257, 500, 1000, 2000, 2047, 2048])
@pytest.mark.parametrize(
    "tag", ["div", "section", "b", "span", "font", "blockquote", "li", "ul><li", "table><tr><td", "x-y"]
)
@pytest.mark.parametrize("closed", [True, False])
def test_no_depth_costs_a_word(depth: int, tag: str, closed: bool) -> None:
    end = f"</{tag.split('>')[0]}>" * depth if closed else ""
    assert lost(around(f"<{tag}>" * depth + f"Das {INSIDE} bleibt." + end)) == []


@pytest.mark.parametrize("depth", [253, 300, 2000])
def test_words_beside_each_level_stay(depth: int) -> None:
    words = tuple(f"Wort{n}x" for n in range(depth))
    assert lost(around("".join(f"<div>{w} steht hier. " for w in words)), (FIRST, *words, LAST)) == []


@pytest.mark.parametrize(
    "trap",
    [
        "<p>{} INSIDE</p>", "<!-- {} --><p>INSIDE</p>", "<p title='{}'>INSIDE</p>", "<p class={}>INSIDE</p>",
        "<script>{}</script><p>INSIDE</p>", "<style>{}</style><p>INSIDE</p>", "<textarea>{}</textarea><p>INSIDE</p>",
        "<a href='/{}'>INSIDE</a>", "<img src='data:image/png;base64,{}'><p>INSIDE</p>", "<pre>{}</pre>INSIDE",
        "<svg><path d='{}'/></svg><p>INSIDE</p>",
    ],
)  # fmt: skip
def test_no_node_of_over_ten_megabytes_costs_a_word(trap: str) -> None:
    page = around(trap.replace("INSIDE", INSIDE).format("a" * 10_500_000))
    assert lost(page, limits=LARGE) == []


@pytest.mark.parametrize(
    "trap",
    [
        "<p>INSIDE</p></body></html>", "</p></div></body>INSIDE", "<p>INSIDE</html>", "<title>x</title>INSIDE",
        "<plaintext>INSIDE", "<p>INSIDE <", "<p>INSIDE <!", "<p>INSIDE <?php echo '>' ?>", "<p>INSIDE &#", "<p>INSIDE </",
        "<select><option>INSIDE</option></select>", "<textarea>INSIDE</textarea>", "<button>INSIDE</button>",
        "<table>INSIDE<tr><td>x</table>", "<table><tr>INSIDE<td>x</td></tr></table>", "<ul>INSIDE<li>x</ul>",
        "<dl>INSIDE<dt>x</dl>", "<p><table><caption>INSIDE</caption></table>", "<fieldset><legend>INSIDE</legend></fieldset>",
        "<details><summary>INSIDE</summary></details>", "<marquee>INSIDE</marquee>", "<nobr>INSIDE</nobr>",
        "<center>INSIDE</center>", "<wbr>INSIDE</wbr>", "<p>INS<wbr>IDE</p>", "<ruby>INSIDE<rt>x</rt></ruby>",
        "<math><mtext>INSIDE</mtext></math>", "<frameset>INSIDE</frameset>", "<noscript>INSIDE</noscript>",
        "<p hidden>INSIDE</p>", "<div><template shadowrootmode=open>INSIDE</template></div>", "<o:p>INSIDE</o:p>",
        "<a><a>INSIDE</a></a>", "<form><form>INSIDE</form></form>", "<p>INSIDE<p/>", "<br/>INSIDE<br/>",
        "<image>INSIDE", "<isindex>INSIDE", "<h1><h2>INSIDE</h2></h1>", "<head><p>INSIDE</head>", "<![CDATA[x]]>INSIDE",
        "<dir><li>INSIDE</dir>", "<xmp>INSIDE</xmp>", "<listing>INSIDE</listing>", "<label>INSIDE</label>",
        "<legend>INSIDE", "<optgroup label=x>INSIDE", "<tr><td>INSIDE", "<td>INSIDE", "<col>INSIDE", "<caption>INSIDE",
        "<script></script>INSIDE", "<script>a</script >INSIDE", "<style></style x>INSIDE", "<meta>INSIDE", "<link>INSIDE",
        "<base>INSIDE", "<svg></svg>INSIDE", "<svg/>INSIDE", "<iframe></iframe>INSIDE", "<video></video>INSIDE",
        "<svg><p>INSIDE</p></svg>", "<svg><path d='M0'/><p>INSIDE</p>", "<svg><text>INSIDE</text></svg>",
        "<svg><foreignObject><div>INSIDE</div></foreignObject></svg>", "<svg><text>a<tspan>INSIDE</tspan></text></svg>",
        "<object>INSIDE</object>", "<object data=x><p>INSIDE</p></object>", "<object><object>INSIDE</object></object>",
        "<applet>INSIDE</applet>", "<map name=x>INSIDE</map>", "<table><colgroup>INSIDE</table>", "<rp>INSIDE</rp>",
        "<annotation-xml>INSIDE</annotation-xml>", "<!-->INSIDE<!-- x -->", "<!--->INSIDE<!-- x -->", "<!--x--!>INSIDE",
        "<!----!>INSIDE", "<script><!--<script></script>--></script>INSIDE", "<script><!--</script>INSIDE",
        "<script><!--><script></script>INSIDE", "<p x'>INSIDE<p y'>z", "<!x <b>INSIDE", "<</body>script>INSIDE",
        "<!x</body>INSIDE", "<p x=</body>INSIDE", "<p </html >INSIDE", "<!x<wbr>INSIDE", "<p x=<wbr>INSIDE", "&l<wbr>t;INSIDE",
        "1 < 2 <embed src=x>INSIDE", "<script/>INSIDE", "<style/>INSIDE</style>",
        "<scr<wbr>ipt>INSIDE", "<\x01script>INSIDE", "<scr\x01ipt>INSIDE", "<\0script>INSIDE", "<!\x01-- x >INSIDE",
        "<\x01a x='INSIDE'>", "&</body>lt;INSIDE", "<iframe srcdoc='<p>One two three four five six seven eight INSIDE.'>",
        '<p title="x>INSIDE', "<a href = '/x>INSIDE", "x='INSIDE", '<b>a="INSIDE</b>',
        "<noscript>INSIDE", "<iframe>INSIDE", "<style>INSIDE", "<script>INSIDE", "<textarea>INSIDE", "<title>INSIDE",
        "<video>INSIDE", "<canvas><p>INSIDE", "<!-- INSIDE", "<template>INSIDE", "<svg>INSIDE", "<noembed>INSIDE",
        "<area>INSIDE", "<param>INSIDE", "<source>INSIDE", "<track>INSIDE", "<input>INSIDE", "<keygen>INSIDE",
    ],
)  # fmt: skip
def test_no_odd_markup_costs_a_word(trap: str) -> None:
    trap = trap.replace("INSIDE", INSIDE).replace("INS<wbr>IDE", INSIDE)
    assert lost(around(trap)) == []
    assert lost(around("<div>" * 300 + trap)) == [], "where the page is flattened"


@pytest.mark.parametrize(
    "trap",
    [
        "<template><div></template>INSIDE", "<video><div></video>INSIDE", "<audio><table></audio>INSIDE",
        "<svg><div></svg>INSIDE", "<object><div></object>INSIDE", "<map><div></map>INSIDE", "<embed src=x>INSIDE",
        "<template><div><template></template></template>INSIDE", "<datalist><div></datalist>INSIDE",
    ],
)  # fmt: skip
def test_an_open_element_in_what_is_not_shown_costs_no_word(trap: str) -> None:
    assert lost(around(trap.replace("INSIDE", INSIDE))) == []


def test_a_page_with_a_part_that_is_never_closed_is_not_told_that_another_is() -> None:
    for end in (
        "<script>var s = '<!--';</script>",
        "<p>a='",
        "<script>a='</script>",
        "<!-- a --!>",
        "<script>1",
        "<video></video>",
        "<style>p {}</style>",
    ):
        warnings = clean(around("<p>x</p>") + end).warnings
        assert any("A <script> that" in w for w in warnings) is (end == "<script>1")
        assert not any("A comment that" in w or "A <video> that" in w or "A quotation" in w for w in warnings)


# -- real pages, beside another parser ------------------------------------


class _Shown(HTMLParser):
    """The text of a page, as the standard library's parser finds it."""

    NOT_TEXT = frozenset(
        ["script", "style", "svg", "title", "iframe", "object", "embed", "applet", "video", "audio", "canvas", "datalist", "frame", "noembed", "map", "rp", "annotation", "annotation-xml", "template"]
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.NOT_TEXT and not (tag == "template" and "shadowrootmode" in dict(attrs)):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.open:
            self.found.append(data)


def letters(text: str) -> Counter[str]:
    return Counter(re.sub(r"[^\w]|[\u00ad\u200b\u2060\ufeff]", "", text))


def corpus() -> Iterator[Path]:
    files = sorted(CORPUS.glob("*.gz"))
    yield from random.Random(9).sample(files, min(PAGES, len(files)))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus (../shared/corpus) is not on this machine")
def test_another_parser_finds_no_letter_of_real_pages_that_the_blocks_do_not_hold() -> None:
    for path in corpus():
        data = gzip.decompress(path.read_bytes())
        page = read(data)
        if page.warnings:
            continue
        shown = _Shown()
        shown.feed(decode(data)[0])
        shown.close()
        missing = letters("".join(shown.found)) - letters("".join(b.text for b in read_blocks(page)))
        assert sum(missing.values()) <= 100, (path.name, missing.most_common(9))
