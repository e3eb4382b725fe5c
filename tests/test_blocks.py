"""The walk: what is a block, what form it has, and what belongs together."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from bodycopy import clean
from bodycopy.article import Block, Kind
from bodycopy.blocks import read_blocks, text_blocks
from bodycopy.page import Limits, PageTooLarge, read
from bodycopy.tables import MAX_CELL_CHARS, MAX_COLUMNS

BASE = "https://example.org/news/a"
PROSE = "The ferry is running again after a broken winch kept it in port for two days, its operator said."


def blocks_of(html: str) -> list[Block]:
    return read_blocks(read(html, BASE))


def texts(html: str) -> list[str]:
    return [b.text for b in blocks_of(html) if b.text]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a <b>b</b>c</p>d", ["a bc", "d"]),
        ("<div>a<div>b</div>c</div>", ["a", "b", "c"]),
        ("<dl><dt>term</dt><dd>meaning</dd></dl>", ["term", "meaning"]),
        ("<details><summary>more</summary>text</details>", ["more", "text"]),
        ("<p>pick <select><option>one<option>two</select></p>", ["pick", "one", "two"]),
        ("<textarea>draft</textarea><input value=no><button>Send</button><button>Stop</button>",
         ["draft", "Send", "Stop"]),
        ("<p>infor\u00admation and zero\u200bwidth</p>", ["information and zerowidth"]),
        ("<p>x<sup>2</sup> and H<sub>2</sub>O</p>", ["x2 and H2O"]),
        ("<p>so <math><mi>x</mi><mo>=</mo><mn>2</mn><annotation>x=2</annotation></math> it is</p>", ["so x=2 it is"]),
        ("<p>a <svg><title>no</title><path/></svg>b</p>", ["a b"]),
        ("<p>a <svg><g><text>one</text><text>t<tspan>wo</tspan></text></g></svg>b</p>", ["a b", "one two"]),
        ("<p>a <svg><foreignObject><p>page</p></foreignObject></svg>b</p>", ["a", "page", "b"]),
        ("<p>a <svg><path/><p>never closed</p><p>b</p>", ["a", "never closed", "b"]),
        ("<div>a<svg><text>x<div>b</div>c</text>d</svg>e</div>", ["a", "x", "b", "e", "cd"]),
        ("<div>a<b hidden>x<i>y<div>b</div>z</i>d</b>e</div>", ["a", "xy", "b", "e", "zd"]),
        ("<p>a <object data=x><param name=y></object>b <map name=z><area></map>c</p>", ["a b c"]),
        ("<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字</p>", ["漢(かん)字"]),
        ("<script>no</script><style>no</style><template>no</template><p>yes<!-- no -->.</p>", ["yes."]),
        ("<host><template shadowrootmode=open><p>shadow</p></template></host>", ["shadow"]),
        ("<video>no<p>no</p></video><object data=x>shown where x is not</object><iframe>no</iframe>yes", ["shown where x is not", "yes"]),
        ("<title>no</title><nav>menu</nav><p>yes</p>", ["menu", "yes"]),
        ("<my-story>a</my-story><my-story>b</my-story>", ["a", "b"]),
        ("<blockquote class='twitter-tweet'><p>post</p>&mdash; A. Person</blockquote>", ["post", "— A. Person"]),
    ],
)  # fmt: skip
def test_text_is_split_where_a_reader_sees_it_split(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


def test_touching_links_are_words_of_their_own_and_a_split_link_is_not() -> None:
    assert texts("<nav><a href=/a>Home</a><a href=/b>News</a></nav>") == ["Home News"]
    assert texts("<p><a href=/a>play</a><a href=/a>ing</a> and <a href=/b>run</a>s</p>") == ["playing and runs"]


def test_words_that_a_page_sets_apart_by_style_alone_are_two() -> None:
    assert texts("<p><b>Cook time</b><span>Two hours</span></p>") == ["Cook time Two hours"]
    assert texts("<table><tr><td><b>Cook time</b><span>Two hours</span><td>x</table>") == ["Cook time Two hours | x"]
    assert texts("<p><i>i</i>Phone, half<em>way</em>, <b>N</b>ATO, <b>T</b>he end</p>") == [
        "iPhone, halfway, NATO, The end"
    ]
    assert texts("<pre>get<b>Name</b></pre>") == ["getName"]
    # What stands before is one word, in how many pieces it ever came.
    assert texts("<p>coo<b></b>k<b>Time</b>, x<wbr>x<b>Two</b>") == ["cook Time, xx Two"]
    assert texts("<p><b>Prep time</b><span>20</span><i>Minutes</i></p>") == ["Prep time 20 Minutes"]
    assert texts("<p>So it is<sup>12</sup>, H<sub>2</sub>O, mp<b>3</b>, 4<b>K</b>, the 3<b>rd</b></p>") == [
        "So it is12, H2O, mp3, 4K, the 3rd"
    ]


def test_hidden_words_inside_a_paragraph_do_not_become_part_of_it() -> None:
    html = "<p>One <span style='display: none'>secret <b>words</b></span>two <i hidden>more</i>three.</p><p>Four.</p>"
    blocks = blocks_of(html)
    assert [(b.text, b.hidden) for b in blocks] == [
        ("One two three.", False), ("secret words", True), ("more", True), ("Four.", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "names",
    ["sr-only", "visually-hidden", "visuallyhidden focusable", "screen-reader-text", "link__visually-hidden",
     "icon u-visuallyHidden", "wt-screen-reader-only", "sr-only sr-only-focusable"],
)  # fmt: skip
def test_words_for_screen_readers_alone_do_not_become_part_of_a_sentence(names: str) -> None:
    html = f"<p>The <a href=/plan>plan<span class='{names}'> (opens in a new tab)</span></a>, on view.</p>"
    blocks = blocks_of(html + f"<h2 class='{names}'>Article content</h2>")
    assert [(b.text, b.hidden) for b in blocks] == [
        ("The plan, on view.", False), ("(opens in a new tab)", True), ("Article content", True),
    ]  # fmt: skip


@pytest.mark.parametrize("names", ["not-sr-only", "md:sr-only", "sr-only-text", "hidden-gem", "readers-only", "reader"])
def test_names_that_look_like_those_for_screen_readers_hide_nothing(names: str) -> None:
    blocks = blocks_of(f"<p>The <span class='{names}'>plan</span>, on view.</p><p class='{names}'>Four.</p>")
    assert [(b.text, b.hidden) for b in blocks] == [("The plan, on view.", False), ("Four.", False)]


def test_a_line_goes_on_with_its_paragraph_over_hidden_words() -> None:
    html = "<p>See <a href=/a>here<span class=sr-only>(opens in a new tab)</span></a>,<br>and there.</p><p>b</p>"
    assert [(b.text, b.hidden, b.continues) for b in blocks_of(html)] == [
        ("See here,", False, False), ("(opens in a new tab)", True, True), ("and there.", False, True),
        ("b", False, False),
    ]  # fmt: skip


def test_hidden_words_in_code_are_text() -> None:
    blocks = blocks_of("<pre>one\n two<span hidden>a\n\n<br>b<div>c\n\nd</div>e</span>three\nfour</pre>")
    assert [(b.kind, b.text, b.hidden) for b in blocks] == [
        (Kind.CODE, "one\n twothree\nfour", False), (Kind.PARAGRAPH, "a b c d e", True),
    ]  # fmt: skip


def test_what_a_row_hides_is_not_printed_in_it() -> None:
    html = (
        "<table><tr><td><b style='display: none'>Sort<div>key</div></b>Town<td>7 roads<i class=sr-only>seven</i>"
        "<td hidden>id 1<tr><td>a<td><div hidden>b<p>c</p></div>d</table><p>e</p>"
    )
    assert [(b.kind, b.text, b.hidden) for b in blocks_of(html)] == [
        (Kind.TABLE, "Town | 7 roads", False), (Kind.PARAGRAPH, "Sort key", True), (Kind.PARAGRAPH, "seven", True),
        (Kind.PARAGRAPH, "id 1", True), (Kind.TABLE, "a | d", False), (Kind.PARAGRAPH, "b c", True),
        (Kind.PARAGRAPH, "e", False),
    ]  # fmt: skip
    assert [(b.text, b.hidden) for b in blocks_of("<table><tr hidden><td>a<td>b</table>")] == [("a | b", True)]


@pytest.mark.parametrize(
    "style", ["-webkit-backface-visibility: hidden", "backface-visibility:hidden;color:red", "--display: none"]
)
def test_styles_that_hide_nothing(style: str) -> None:
    assert [(b.text, b.hidden) for b in blocks_of(f"<p style='{style}'>x</p>")] == [("x", False)]


def test_quotations_have_the_marks_that_a_browser_draws() -> None:
    html = (
        "<p>She said <q>we <b>will</b> not pay</q>, and <q>\u201cno\u201d</q>.</p><table><tr><td><q>a</q><td>b</table>"
    )
    assert texts(html) == ["She said “we will not pay”, and “no”.", "“a” | b"]


def test_blocks_inside_hidden_words_are_hidden_and_so_are_the_words_after_them() -> None:
    html = "<div>a<b hidden>x<div>b<p>c</p></div>z</b>e<div>f</div></div>"
    blocks = blocks_of(html)
    assert [b.text for b in blocks if b.hidden] == ["x", "b", "c", "z"]
    assert [b.text for b in blocks if not b.hidden] == ["a", "e", "f"]
    drawing = blocks_of("<svg><text>x</text><foreignobject><div>b</div></foreignobject></svg>")
    assert [(b.text, b.hidden) for b in drawing] == [("x", True), ("b", False)]


@pytest.mark.parametrize(
    "html",
    ["<div hidden>x</div>", "<div style='DISPLAY:none'>x</div>", "<noscript>x</noscript>", "<dialog>x</dialog>",
     "<div hidden><p>x</p></div>", "<frameset><frame src=a><noframes>x</noframes></frameset>"],
)  # fmt: skip
def test_blocks_that_are_not_shown_say_so(html: str) -> None:
    assert [(b.text, b.hidden) for b in blocks_of(html)] == [("x", True)]


def test_a_line_break_ends_a_block_and_two_end_the_paragraph() -> None:
    got = [(b.text, b.continues) for b in blocks_of("<p>a<br>b<br><br>c<br></p><p>d</p>")]
    assert got == [("a", False), ("b", True), ("c", False), ("d", False)]


def test_list_items_know_their_depth_order_and_list() -> None:
    blocks = blocks_of("<ul><li>a<ol><li><p>b</p><p>c</p></li></ol></li><li>d</ul><ul><li>e</ul>")
    assert [(b.text, b.level, b.ordinal) for b in blocks] == [
        ("a", 1, None), ("b", 2, 1), ("c", 2, 1), ("d", 1, None), ("e", 1, None),
    ]  # fmt: skip
    assert len({b.group for b in blocks[:4]}) == 1
    assert blocks[4].group != blocks[3].group
    assert {b.kind for b in blocks} == {Kind.LIST_ITEM}


@pytest.mark.parametrize(
    ("html", "numbers"),
    [
        ("<ol><li>a<li>b</ol><ol><li>c</ol>", [1, 2, 1]),
        ("<ol start=4><li>a<li>b</ol>", [4, 5]),
        ("<ol><li>a<li value=7>b<li>c</ol>", [1, 7, 8]),
        ("<ol reversed><li>a<li>b</ol>", [2, 1]),
        ("<ol reversed start=9><li>a<li>b</ol>", [9, 8]),
        ("<ol><li>a<ol start=6><li>b</ol><li>c</ol>", [1, 6, 2]),
        ("<ol><li>a<ul><li>b</ul><p>c</p><li>d</ol>", [1, None, 1, 2]),
        ("<ol start=-3><li>a</ol><ol start=x><li>b</ol><ol start=><li>c</ol>", [1, 1, 1]),
        ("<ol start=99999999999><li>a</ol><ol start=999999999><li>b<li>c</ol>", [1, 999_999_999, 999_999_999]),
        ("<ol reversed start=1><li>a<li>b<li>c</ol>", [1, 0, 0]),
        ("<ol>a<li>b</ol><p>c", [None, 1, None]),
    ],
)
def test_items_of_a_numbered_list_have_the_numbers_that_a_browser_shows(html: str, numbers: list[int | None]) -> None:
    assert [b.ordinal for b in blocks_of(html)] == numbers


def test_a_quotation_with_a_list_stays_in_order() -> None:
    blocks = blocks_of("<blockquote><p>a</p><ul><li>b</li></ul><p>c</p></blockquote>")
    assert [(b.kind, b.text) for b in blocks] == [(Kind.QUOTE, "a"), (Kind.LIST_ITEM, "b"), (Kind.QUOTE, "c")]
    assert blocks[0].group == blocks[2].group


@pytest.mark.parametrize("end", ["&#13;", "&#xD;&#xA;", "\r\n", "\r"])
def test_every_end_of_a_line_of_code_is_one(end: str) -> None:
    assert texts(f"<pre>one{end}two</pre>") == ["one\ntwo"]


def test_code_is_one_block_with_its_lines() -> None:
    html = "<pre><code>\ndef f():\n    <b>return</b> 1 &lt; 2\n</code></pre>"
    assert [(b.kind, b.text) for b in blocks_of(html)] == [(Kind.CODE, "def f():\n    return 1 < 2")]
    html = "<pre><div>a</div><div>  b<br>c</div><ol><li>d</ol></pre>e"
    assert [(b.kind, b.text) for b in blocks_of(html)] == [(Kind.CODE, "a\n  b\nc\nd"), (Kind.PARAGRAPH, "e")]


def test_data_rows_are_tables_and_layout_is_not() -> None:
    data = blocks_of("<figure><table><tr><th>a<th>b<tr><td>1<td><p>2</p></table></figure>")
    assert [(b.kind, b.text, b.header) for b in data] == [(Kind.TABLE, "a | b", True), (Kind.TABLE, "1 | 2", False)]
    layout = blocks_of(f"<table><tr><td><h2>t</h2><td>{'word ' * 100}</table>")
    assert Kind.TABLE not in {b.kind for b in layout}
    for loose in (
        f"{'word ' * 100}<td>x",
        f"word<p>{'word ' * 79}a</p><td>x",
        f"<td>x</td>{'word ' * 100}",
        "word " * 100,
    ):
        blocks = blocks_of(f"<tr>{loose}")
        assert Kind.TABLE not in {b.kind for b in blocks}, "text that stands in no cell is measured as one"
    # A cell is as long as it is printed: in our own HTML it is read again, without its paragraphs.
    for size, is_data in ((MAX_CELL_CHARS - 2, True), (MAX_CELL_CHARS - 1, False), (MAX_CELL_CHARS, False)):
        blocks = blocks_of(f"<table><tr><td>a<td>x<p>{'y' * (size - 2)}</p><p>z</p></table>")
        assert (Kind.TABLE in {b.kind for b in blocks}) is is_data, size


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        ("<tr><td rowspan=2>Ness<td>Herring<td>412<tr><td>Cod<td>398<tr><td>Uist<td>Eel<td>1",
         ["Ness Herring 412", "- Cod 398", "Uist Eel 1"]),
        ("<tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e", ["a - b", "c d e"]),
        ("<tr><td rowspan=2 colspan=2>a<td>b<tr><td>c<tr><td>d<td>e<td>f", ["a - b", "- - c", "d e f"]),
        ("<tr><td>a<td>b<td rowspan=2>c<tr><td>d<tr><td>e<td>f<td>g", ["a b c", "d - -", "e f g"]),
        ("<tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d<tbody><tr><td>e<td>f", ["a b", "- c", "- d", "e f"]),
        ("<tr><td rowspan=3>a<td>b<tr><td><h2>c</h2><tr><td>d", ["a b", "- d"]),
        ("<tr><td rowspan=2>a<tr hidden></tr><tr><td>b", ["a", "b"]),
        ("<tr><td colspan=-1 rowspan=x>a<td colspan=''>b<tr><td>c<td>d", ["a b", "c d"]),
    ],
)  # fmt: skip
def test_cells_stand_in_their_column(rows: str, cells: list[str]) -> None:
    found = [b for b in blocks_of(f"<table>{rows}</table>") if b.kind is Kind.TABLE]
    assert [" ".join("".join(s.text for s in cell) or "-" for cell in b.cells) for b in found] == cells
    assert blocks_of("<table><tr><td rowspan=2>a<td>b</table><table><tr><td>c<td>d</table>")[1].text == "c | d"


def test_a_cell_reaches_over_so_many_columns_at_most() -> None:
    rows = "<tr><td colspan=1000 rowspan=65534>a" + "<tr><td>b" * 3
    assert [len(b.cells) for b in blocks_of(f"<table>{rows}</table>")] == [MAX_COLUMNS, *[MAX_COLUMNS + 1] * 3]


def test_a_picture_and_its_caption_share_a_group() -> None:
    picture, caption = blocks_of("<figure><img src=/a.jpg alt=' A\n b '><figcaption>Cap</figcaption></figure>")
    assert picture.image is not None
    assert (picture.image.src, picture.image.alt) == ("https://example.org/a.jpg", "A b")
    assert caption.kind is Kind.FIGURE
    assert caption.group == picture.group != 0


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ("<img src=/a.jpg srcset='/b.jpg 800w'>", "a.jpg"),
        (
            "<amp-img src=/a.jpg width=900 height=600 layout=responsive><noscript><img src=/a.jpg></noscript></amp-img>",
            "a.jpg",
        ),
        ("<img src='data:image/gif;base64,R0' data-src=/a.jpg>", "a.jpg"),
        ("<img src=/placeholder.png data-lazy-src=/a.jpg>", "a.jpg"),
        ("<img srcset='/s.jpg 320w, /m,1.jpg 1200w, /l.jpg 4000w'>", "m,1.jpg"),
        ("<img srcset='/s.jpg, /m.jpg 2x'>", "m.jpg"),
        ("<picture><source srcset='/a.webp 900w'><img></picture>", "a.webp"),
        ("<picture><source srcset='/a.webp'><img src=/b.jpg></picture>", "b.jpg"),
        ("<picture><source srcset='/o.webp'><picture><img srcset='/i.webp'></picture></picture>", "i.webp"),
        ("<picture><source srcset='/o.webp'><picture><img src=/blank.gif></picture></picture>", "blank.gif"),
        ("<img srcset='data:image/gif;base64,R0 1w, /a.jpg 300w'>", "a.jpg"),
        ("<img srcset='/s.jpg 320w, /m.jpg 2000w, /l.jpg 2001w'>", "m.jpg"),
        ("<img srcset='/a.jpg 300w, /b.jpg 300w'>", "a.jpg"),
        ("<img srcset=' , /s.jpg 320w,/f/w_900,c_limit/m.jpg 900w 600h ,'>", "f/w_900,c_limit/m.jpg"),
        ("<img srcset='/a.jpg,/b.jpg'>", "a.jpg,/b.jpg"),
        ("<img srcset='/a.jpg,, /b.jpg 1.5x'>", "b.jpg"),
        ("<img srcset='/no sizes.jpg 2x, /b.jpg 1x'>", "b.jpg"),
    ],
)
def test_the_picture_that_a_reader_would_see_is_taken(html: str, source: str) -> None:
    images = [b.image for b in blocks_of(html) if b.image]
    assert [i.src for i in images] == ["https://example.org/" + source]


def test_sets_without_a_candidate_take_linear_time() -> None:
    start = time.process_time()
    for text in ("a" * 3990 + " b c", "a" * 3990 + " 1x" * 3, "," * 4000, " " * 4000, "a 1" + " " * 3990 + "b"):
        assert blocks_of(f'<img srcset="{text}">' * 20) == []
    assert time.process_time() - start < 1


def test_the_copy_of_a_lazy_picture_for_browsers_without_scripts_is_not_taken_twice() -> None:
    html = "<img data-src=/a.jpg><noscript><img src=/a.jpg></noscript>"
    assert len([b for b in blocks_of(html) if b.image]) == 1


@pytest.mark.parametrize(
    ("size", "is_picture"),
    [
        ("width=48", False),
        ("height=48px", False),
        ("width=600 height=48", False),
        ("width=49 height=49", True),
        ("width=0 height=0", True),
        ("width=100%", True),
    ],
)
def test_a_picture_of_48_pixels_is_an_icon(size: str, is_picture: bool) -> None:
    assert any(b.image for b in blocks_of(f"<img src=/a.jpg {size}>")) is is_picture


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("<img alt='👍🏽!' width=20 src=/t.png>", "Fine 👍🏽!"),
        ("<img alt='👍👍👍👍' width=20 src=/t.png>", "Fine"),
        ("<img alt='ok' width=20 src=/t.png>", "Fine"),
        ("<img alt='👍' width=200 src=/t.png>", "Fine"),
    ],
)
def test_a_small_picture_of_up_to_three_signs_is_text(image: str, text: str) -> None:
    assert texts(f"<p>Fine {image}</p>")[0] == text


def test_icons_are_no_pictures_and_emoji_are_text() -> None:
    assert [b.image for b in blocks_of("<p>a<img src=/i.png width=16 height=16></p>")] == [None]
    assert texts("<p>Fine <img class=emoji alt='👍' src=/t.png></p>") == ["Fine 👍"]


def test_only_safe_addresses_become_links() -> None:
    (block,) = blocks_of("<p><a href='javascript:x()'>a</a> <a href='/b'>b</a> <a href='data:text/html,x'>c</a></p>")
    assert [s.href for s in block.spans if s.href] == ["https://example.org/b"]
    assert block.text == "a b c"


def test_marks_are_the_styles_of_the_text() -> None:
    (block,) = blocks_of("<p><b>a <i>b</i></b> <code>c</code><s>d</s></p>")
    assert [(s.text.strip(), s.marks) for s in block.spans if s.text.strip()] == [
        ("a", ("strong",)), ("b", ("strong", "em")), ("c", ("code",)), ("d", ("del",)),
    ]  # fmt: skip


def test_plain_text_is_one_block_a_line_and_free_of_control_characters() -> None:
    assert [b.text for b in text_blocks("  One\tline \n\n\x00Two\ud800\r\n")[0]] == ["One line", "Two\ufffd"]


def test_lines_over_the_limit_on_tags_are_one_block_and_a_warning_says_so() -> None:
    blocks, warnings = text_blocks("One\nTwo\n\nThree\nFour", Limits(tags=3))
    assert [b.text for b in blocks] == ["One", "Two", "Three Four"]
    assert warnings == ("The text has more than 3 lines; its last 2 are one paragraph.",)
    assert text_blocks("One\nTwo\nThree", Limits(tags=3))[1] == ()


def test_text_over_the_limit_on_bytes_is_refused() -> None:
    with pytest.raises(PageTooLarge, match="11 characters"):
        text_blocks("x" * 11, Limits(bytes=10))


def test_relative_links_of_a_page_without_an_address_count_as_links_and_lead_nowhere():
    article = clean("<article>" + f"<p>{PROSE}</p>" * 4 + "<p><a href='/a'>Another</a> story</p></article>")
    assert all(span.href is None for block in article.blocks for span in block.spans)
    assert "page.invalid" not in article.html + article.markdown
    assert [s.text for b in article.blocks for s in b.spans if "Another" in s.text] == ["Another story"]


@pytest.mark.parametrize("url", [None, "https://courier.example/ferry"])
def test_an_article_is_the_same_whether_its_address_is_known(url):
    page = Path(__file__).with_name("pages") / "very-short-article.html"
    assert clean(page.read_bytes(), url).text.startswith("The island ferry")
    assert "Harbour dredging" not in clean(page.read_bytes(), url).text
