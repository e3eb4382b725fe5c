"""Blocks to text, Markdown, HTML and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import nh3
import pytest
from bodycopy import clean
from bodycopy.article import Article, Block, Image, Kind, Label, Metadata, Span, Verdict
from bodycopy.blocks import read_blocks
from bodycopy.page import read
from bodycopy.render import count_words
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt


def judged(block: Block) -> Block:
    label = Label.CONTENT
    if block.kind is Kind.FIGURE:
        label = Label.CAPTION
    elif block.kind is Kind.HEADING:
        label = Label.HEADING
    elif "promo" in block.text:
        label = Label.PROMOTION
    return block._replace(verdict=Verdict(label, "A reason.", 0.9, "model"))


def article(html: str, title: str | None = None) -> Article:
    blocks = read_blocks(read(html, "https://example.org/a"))
    return Article(Metadata(title=title), tuple(judged(b) for b in blocks))


def spans_article(*spans: Span, **facts: object) -> Article:
    block = Block(Kind.PARAGRAPH, "".join(s.text for s in spans), spans)._replace(**facts)
    return Article(Metadata(), (judged(block),))


def test_item_that_is_alone_in_its_list_has_no_number_in_text() -> None:
    assert article("<ol><li>one alone</ol><p>text</p><ol><li>first<li>second</ol>").text == (
        "- one alone\ntext\n1. first\n2. second"
    )


def test_lists_that_go_on_after_something_else_keep_their_numbers() -> None:
    parted = article("<ol><li>first</ol><p>text</p><ol start=2><li>second</ol><ol start=7><li>seventh</ol>")
    assert article("<ol reversed><li>c<li>b<li>a</ol><p>text</p><ol><li>d</ol>").text == "3. c\n2. b\n1. a\ntext\n- d"
    assert parted.text == "1. first\ntext\n2. second\n7. seventh"
    assert parted.markdown == "1. first\n\ntext\n\n2. second\n\n7) seventh\n"
    assert parted.html == (
        '<ol><li>first</li></ol>\n<p>text</p>\n<ol start="2"><li>second</li></ol>\n<ol start="7"><li>seventh</li></ol>'
    )


def test_an_item_that_was_removed_leaves_the_others_their_numbers() -> None:
    shortened = article("<ol><li>first<li>promo<li>third<ul><li>deep</ul><li>fourth</ol>")
    assert shortened.text == "1. first\n3. third\n- deep\n4. fourth"
    assert shortened.html == ('<ol><li>first</li><li value="3">third<ul><li>deep</li></ul></li><li>fourth</li></ol>')


def test_each_item_alone_says_its_number() -> None:
    pieces = [entry["html"] for entry in article("<ol start=0><li>a<li>b<li>c</ol>").to_dict()["blocks"]]
    assert pieces == ['<ol start="0"><li>a</li></ol>', "<ol><li>b</li></ol>", '<ol start="2"><li>c</li></ol>']


def test_text_is_one_block_a_line_without_captions() -> None:
    html = (
        "<h2>Head</h2><p>one<br>two</p><ul><li>a<ol><li>b<li>c</ol></ul><pre>x\n  y</pre>"
        "<table><tr><th>h<th>i<tr><td>1<td>2</table><figure><img src=/a.png><figcaption>cap</figcaption></figure>"
    )
    assert article(html).text == "Head\none\ntwo\n- a\n1. b\n2. c\nx\n  y\nh | i\n1 | 2"


def test_html_has_one_element_for_what_belongs_together() -> None:
    html = (
        "<h1>T</h1><p>a<br>b</p><ul><li>c<ol><li>d</ol><li>e</ul><ul><li>f</ul>"
        "<blockquote><p>g<p>h</blockquote><pre>i &lt; j</pre>"
        "<table><tr><th>k<tr><td>l</table><figure><img src=/m.png alt=n><figcaption>o</figcaption></figure>"
    )
    assert article(html).html == (
        "<h2>T</h2>\n<p>a<br>b</p>\n<ul><li>c<ol><li>d</li></ol></li><li>e</li></ul>\n<ul><li>f</li></ul>\n"
        "<blockquote><p>g</p><p>h</p></blockquote>\n<pre><code>i &lt; j</code></pre>\n"
        "<table><thead><tr><th>k</th></tr></thead><tbody><tr><td>l</td></tr></tbody></table>\n"
        '<figure><img src="https://example.org/m.png" alt="n"><figcaption>o</figcaption></figure>'
    )


def test_a_line_after_a_removed_one_stays_in_its_paragraph_and_not_in_another() -> None:
    assert article("<p>a<br>promo<br>b</p>").html == "<p>a<br>b</p>"
    assert article("<p>a</p><p>promo<br>b</p>").html == "<p>a</p>\n<p>b</p>"


def test_further_paragraphs_of_an_item_stay_in_it() -> None:
    a = article("<ul><li><p>a</p><p>b</p></li><li>c</ul>")
    assert a.html == "<ul><li>a<p>b</p></li><li>c</li></ul>"
    assert a.markdown == "- a\n\n  b\n- c\n"


def test_a_paragraph_after_an_inner_list_stays_in_the_item_around_it() -> None:
    inner = "<ul><li>Use cold water only</li></ul><p>Let it rest.</p><ol><li>Overnight</li></ol><p>Then fold.</p>"
    shown = article(f"<ol><li>Mix.{inner}</li><li>Bake.</li></ol>")
    assert shown.html == (
        "<ol><li>Mix.<ul><li>Use cold water only</li></ul><p>Let it rest.</p><ol><li>Overnight</li></ol>"
        "<p>Then fold.</p></li><li>Bake.</li></ol>"
    )
    assert shown.markdown == (
        "1. Mix.\n   - Use cold water only\n\n   Let it rest.\n   1. Overnight\n\n   Then fold.\n2. Bake.\n"
    )
    assert shown.text.splitlines() == [
        "1. Mix.", "- Use cold water only", "- Let it rest.", "- Overnight", "- Then fold.", "2. Bake.",
    ]  # fmt: skip


def test_headings_are_at_least_of_level_two() -> None:
    assert article("<h1>a</h1><h4>b</h4>").html == "<h2>a</h2>\n<h4>b</h4>"
    bold = Block(Kind.PARAGRAPH, "x", (Span("x"),), verdict=Verdict(Label.HEADING, "", 0.9, "model"))
    assert Article(Metadata(), (bold,)).html == "<h2>x</h2>"


def test_captions_find_their_picture() -> None:
    assert article("<figure><figcaption>a</figcaption><img src=/b.png></figure><p>c</p>").html.startswith(
        '<figure><figcaption>a</figcaption><img src="https://example.org/b.png" alt=""></figure>'
    )
    two = article("<img src=/a.png><figure><img src=/b.png><figcaption>b</figcaption></figure>").html
    assert two.count("<figure>") == 2
    assert two.index("a.png") < two.index("b.png") < two.index("<figcaption>")


@pytest.mark.parametrize(
    ("spans", "html"),
    [
        ((Span("<b>&amp;", ()),), "<p>&lt;b&gt;&amp;amp;</p>"),
        ((Span("x", (), "javascript:alert(1)"),), "<p>x</p>"),
        ((Span("x", (), 'https://example.org/"onclick=x'),), "<p>x</p>"),
        (
            (Span("a ", (), "https://example.org/"), Span("b", ("strong", "em"), "https://example.org/")),
            '<p><a href="https://example.org/" rel="noopener noreferrer">a <strong><em>b</em></strong></a></p>',
        ),
    ],
)
def test_spans_become_escaped_html(spans: tuple[Span, ...], html: str) -> None:
    assert spans_article(*spans).html == html


def test_pictures_are_loaded_from_the_web_only() -> None:
    for source in ("data:image/svg+xml,x", "file:///x", "javascript:x", "/relative"):
        assert "<img" not in spans_article(image=Image(source), kind=Kind.FIGURE).html
        assert "](" not in spans_article(image=Image(source), kind=Kind.FIGURE).markdown


@pytest.mark.parametrize("mark", [(), ("strong",)])
def test_an_address_is_printed_whole_or_not_at_all(mark: tuple[str, ...]) -> None:
    for size, printed in ((4000, True), (4001, False)):
        address = "https://example.org/".ljust(size, "&")
        linked = spans_article(Span("See "), Span("the list", mark, address), Span(" of names."))
        assert ("</a>" in linked.html, "](" in linked.markdown) == (printed, printed)
        assert (address.replace("&", "&amp;") in linked.html, address in linked.markdown) == (printed, printed)
        assert "the list" in linked.html and "the list" in linked.markdown
        shown = spans_article(image=Image(address, "A boat"), kind=Kind.FIGURE)
        assert (address.replace("&", "&amp;") in shown.html, address in shown.markdown) == (printed, printed)
        assert ("<img" in shown.html, "](" in shown.markdown) == (printed, printed)
    long = clean(f"<p>See <a href='{'x' * 4000}'>the list</a> of names.</p>", "https://example.org/")
    assert "</a>" not in long.html and "](" not in long.markdown and "the list" in long.markdown


def test_many_ampersands_take_linear_time_and_stay() -> None:
    text = "&" * 200_000
    html = spans_article(Span(text)).html
    assert html.replace("<wbr>", "") == "<p>" + "&amp;" * 200_000 + "</p>"


def test_deep_lists_are_bounded_and_keep_their_text() -> None:
    a = article("".join(f"<ul><li>item{n}" for n in range(100)))
    assert a.html.count("<ul>") <= 10
    assert [f"item{n}" in a.html for n in range(100)] == [True] * 100


@pytest.mark.parametrize(
    ("spans", "markdown"),
    [
        ((Span("*a* _b_ [c](d) `e` ~f~ g\\h"),), r"\*a\* \_b\_ \[c\](d) \`e\` \~f\~ g\\h"),
        ((Span("# no"),), r"\# no"),
        ((Span("- no"),), r"\- no"),
        ((Span("+ no"),), r"\+ no"),
        ((Span("1. no"),), r"1\. no"),
        ((Span("2023) no"),), r"2023\) no"),
        ((Span("> no"),), r"\> no"),
        ((Span("=== no"),), r"\=== no"),
        ((Span("<script>alert(1)</script>"),), "&lt;script>alert(1)&lt;/script>"),
        ((Span("&lt;b> AT&T"),), "&amp;lt;b> AT&T"),
        ((Span("Wow!"), Span("x", (), "https://example.org/")), r"Wow\![x](https://example.org/)"),
        ((Span("x", (), "https://example.org/a_(b)"),), "[x](https://example.org/a_%28b%29)"),
        ((Span("x", (), "javascript:alert(1)"),), "x"),
        ((Span("so "), Span("bold ", ("strong",)), Span("it is")), "so **bold** it is"),
        ((Span("a"), Span("“b”", ("strong",)), Span("c")), "a“b”c"),
        ((Span("a`"), Span("<b>", ("code",)), Span("<i>", ("code", "sub"))), r"a\`&lt;b>`<i>`"),
        ((Span("<b>", ("code",)), Span("<i>", ("code", "sub"))), "`<b>`&lt;i>"),
        ((Span("a|b", ("code",)), Span(" `c`", ("code",))), "a\\|b `` `c` ``"),
    ],
)
def test_spans_become_markdown_that_reads_as_the_same_text(spans: tuple[Span, ...], markdown: str) -> None:
    assert spans_article(*spans).markdown == markdown + "\n"


def test_markdown_opens_with_the_title() -> None:
    assert article("<p>x</p>", "A *title*\nof <b>").markdown == "# A \\*title\\* of &lt;b>\n\nx\n"


def test_markdown_of_lists_tables_quotes_and_code() -> None:
    html = (
        "<ol><li>a<ul><li>b</ul></ol><ul><li>c</ul><ul><li>d</ul><table><tr><td>x|y<td>z</table>"
        "<blockquote><p>e<br>f<p>g</blockquote><pre>```\nh</pre>"
        "<figure><img src=/i.png alt='j]'><figcaption>k*</figcaption></figure>"
    )
    assert article(html).markdown == (
        "1. a\n   - b\n\n* c\n\n- d\n\n|  |  |\n| --- | --- |\n| x\\|y | z |\n\n"
        "> e  \n> f\n>\n> g\n\n````\n```\nh\n````\n\n![j\\]](https://example.org/i.png)\n\n*k\\**\n"
    )


KEYS = [
    "url", "canonical_url", "domain", "site_name", "title", "byline", "authors", "dek", "date", "date_modified",
    "language", "direction", "lead_image", "excerpt", "text", "markdown", "html", "word_count",
    "reading_time_minutes", "removed", "warnings", "version",
]  # fmt: skip


def test_an_inner_list_that_does_not_begin_with_one_is_a_list_in_markdown() -> None:
    inner = "<ol><li>promo</li><li>Second paper</li><li>Third paper</li></ol>"
    shown = article(f"<ul><li>Bring to the board{inner}</li><li>Go home</li></ul>")
    assert shown.markdown == "- Bring to the board\n\n  2. Second paper\n  3. Third paper\n- Go home\n"
    assert structure(MarkdownIt().render(shown.markdown)) == structure(shown.html)


def structure(html: str) -> list[str]:
    """Lists, items and words of HTML."""
    return re.findall(r"</?[uo]l(?: start=\"\d+\")?|</?li|\b\w+ words\b", html)


@st.composite
def lists(draw: st.DrawFn, depth: int = 0) -> str:
    items = ""
    for _ in range(draw(st.integers(1, 3))):
        items += f"<li>{draw(st.sampled_from(['some', 'other', 'promo']))} words"
        items += draw(st.sampled_from(["", "", "<br>more words", "<p>further words</p>"]))
        if depth < 3:
            items += "".join(draw(st.lists(lists(depth + 1), max_size=2)))
        items += draw(st.sampled_from(["", "", "<p>last words</p>"])) + "</li>"
    start = draw(st.sampled_from([None, 1, 2, 9, 10, 123]))
    return f"<ul>{items}</ul>" if start is None else f'<ol start="{start}">{items}</ol>'


@settings(max_examples=300)
@given(lists())
def test_lists_are_the_same_in_markdown_as_in_html(html: str) -> None:
    shown = article(html)
    assert structure(MarkdownIt().render(shown.markdown)) == structure(shown.html)


def test_json_has_every_key_even_for_an_empty_article() -> None:
    answer = Article(Metadata(), ()).to_dict()
    assert set(KEYS) <= set(answer)
    assert answer["title"] is None
    assert (answer["text"], answer["html"], answer["markdown"], answer["word_count"]) == ("", "", "", 0)
    json.dumps(answer)


def test_removed_blocks_can_be_put_back_at_their_position() -> None:
    answer = article("<p>promo a</p><p>one</p><h2>Head</h2><p>promo <b>b</b></p><p>two</p><p>promo c</p>").to_dict()
    assert [(r["position"], r["html"]) for r in answer["removed"]] == [
        (0, "<p>promo a</p>"), (2, "<p>promo <strong>b</strong></p>"), (3, "<p>promo c</p>"),
    ]  # fmt: skip
    joints = {"kind", "group", "level", "ordinal", "item", "paragraph"}
    assert set(answer["removed"][0]) == {
        "id", "label", "reason", "evidence", "source", "confidence", "text", "html", "position", *joints,
    }  # fmt: skip
    assert set(answer["blocks"][0]) == {"id", "label", "text", "html", *joints}
    assert [b["html"] for b in answer["blocks"]] == ["<p>one</p>", "<h2>Head</h2>", "<p>two</p>"]
    everything = sorted(answer["blocks"] + answer["removed"], key=lambda b: b["id"])
    assert [b["text"] for b in everything] == ["promo a", "one", "Head", "promo b", "two", "promo c"]


def test_removed_pictures_say_their_words_and_can_be_put_back() -> None:
    page = article("<p>one</p><figure><img src=/a.png alt='A mill'></figure><p>two</p>")
    gone = page.blocks[1]._replace(verdict=Verdict(Label.RELATED, "A reason.", 0.9, "model"))
    (removed,) = Article(Metadata(), (page.blocks[0], gone, page.blocks[2])).to_dict()["removed"]
    picture = '<figure><img src="https://example.org/a.png" alt="A mill"></figure>'
    assert (removed["text"], removed["html"], removed["position"], removed["kind"]) == ("A mill", picture, 1, "figure")


def test_each_block_tells_what_it_is_printed_in_one_piece_with() -> None:
    answer = article(
        "<p>one<br>promo<br>two</p><ol start=3><li>a<p>more</p><ul><li>promo deep</ul><li>b</ol>"
        "<table><tr><td>x</table><table><tr><td>y</table><blockquote><p>q</p></blockquote><h3>Head</h3>"
    ).to_dict()
    blocks = {b["text"]: b for b in answer["blocks"] + answer["removed"]}
    assert {blocks[text]["paragraph"] for text in ("one", "promo", "two")} == {blocks["one"]["id"]}
    assert blocks["a"]["item"] == blocks["more"]["item"]
    assert len({None, *(blocks[text]["item"] for text in ("a", "promo deep", "b"))}) == 4
    assert [blocks[text]["level"] for text in ("one", "a", "promo deep", "b", "x", "Head")] == [0, 1, 2, 1, 0, 3]
    assert [blocks[text]["ordinal"] for text in ("one", "a", "more", "promo deep", "b")] == [None, 3, 3, None, 4]
    assert blocks["a"]["group"] == blocks["promo deep"]["group"] == blocks["b"]["group"]
    assert len({blocks[text]["group"] for text in ("a", "x", "y", "q")}) == 4
    assert blocks["one"]["group"] is blocks["Head"]["group"] is None
    assert [blocks[text]["kind"] for text in ("promo", "promo deep", "q")] == ["paragraph", "list_item", "quote"]


def test_pieces_stay_apart_whatever_they_hold() -> None:
    a = article("<p>\n&lt;hr>\n</p><img src=/a.png alt='\n<hr>\n'><pre>x\n&lt;hr>\ny</pre><p>z</p>")
    pieces = [b["html"] for b in a.to_dict()["blocks"]]
    assert len(pieces) == 4
    assert pieces[-1] == "<p>z</p>"


@pytest.mark.parametrize("pick", [lambda a: [a.html], lambda a: [b["html"] for b in a.to_dict()["blocks"]]])
def test_html_is_a_fixed_point_of_the_sanitiser(pick: Callable[[Article], list[str]]) -> None:
    from bodycopy.render import _CLEANER

    a = article(
        "<p>a &amp; <a href='/x?a=1&copy=2'>b</a><br>c</p><ul><li>d<p>e</p></ul>"
        "<pre>\n\n f</pre><table><tr><td>g</table>"
        "<img src='/h.png?a&b' alt='&quot;&lt;'>"
    )
    for html in pick(a):
        assert _CLEANER.clean(html) == html
        assert nh3.clean(html, tags=nh3.ALLOWED_TAGS | {"figure", "figcaption", "mark"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0), ("Hello, world!", 2), ("It's state-of-the-art.", 2), ("— … !", 0), ("Über Straßen", 2),
        ("大桥昨天开通", 3), ("สะพาน", 3), ("WHO 表示 3 月", 4), ("다리는 어제 개통", 3),
        ("सर्दियों में पुल बंद है।", 5), ("সেতুটি বন্ধ", 2), ("கோயில் திறந்தது", 2), ("Cafe\u0301 déjà", 2),
    ],
)  # fmt: skip
def test_words_are_counted_in_scripts_with_and_without_spaces(text: str, words: int) -> None:
    assert count_words(text) == words
