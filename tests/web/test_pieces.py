"""The blocks of an answer as one piece of HTML, each with an element of its own."""

from __future__ import annotations

import re

from bodycopy.article import Article, Kind, Label, Metadata, Verdict
from bodycopy.blocks import read_blocks
from bodycopy.page import read
from bodycopy.web.pieces import fragment, rows_of


def answer(html: str) -> dict[str, object]:
    """The answer for a page of which only what says that it is promotion, and pictures without a caption, go."""
    labels = {Kind.HEADING: Label.HEADING, Kind.FIGURE: Label.CAPTION}
    blocks = read_blocks(read(html, "https://example.org/"))
    verdicts = [
        Verdict(Label.PROMOTION if "promo" in (b.text or b.image.src) else labels.get(b.kind, Label.CONTENT), 'A "reason".', 1, "model")
        for b in blocks
    ]  # fmt: skip
    return Article(Metadata(), tuple(b._replace(verdict=v) for b, v in zip(blocks, verdicts, strict=True))).to_dict()


def joined(html: str) -> str:
    """The fragment, with names for what all blocks and what removed ones have."""
    out = re.sub(
        r' id="block-\d+" class="block( gone)?" data-line="[^"]*"', r" own\1", str(fragment(rows_of(answer(html))))
    )
    return out.replace(' class="joined"', "").replace(
        '<span class="chip" title="A &#34;reason&#34;.">promotion</span>', "…"
    )


def test_items_stand_in_their_lists_and_a_removed_one_does_not_take_those_inside_along() -> None:
    assert joined("<ol start=3><li>a<p>more</p><li>promo<ul><li>deep</ul><li>b</ol><ul><li>c</ul>") == (
        '<ol><li value="3"><span own>a</span><span own>more</span></li><li value="4"><span own gone>…promo</span>'
        '<ul><li><span own>deep</span></li></ul></li><li value="5"><span own>b</span></li></ol>\n'
        "<ul><li><span own>c</span></li></ul>"
    )


def test_a_paragraph_after_the_list_inside_its_item_stays_in_it() -> None:
    assert joined("<ol><li>mixed<ul><li>cold only</ul><p>rests</p><li>baked</ol>") == (
        '<ol><li value="1"><span own>mixed</span><ul><li><span own>cold only</span></li></ul><span own>rests</span></li>'
        '<li value="2"><span own>baked</span></li></ol>'
    )


def test_rows_stand_in_their_tables_and_lines_in_their_paragraphs() -> None:
    assert joined("<table><tr><th>a<tr><td>promo<tr><td>b</table><p>c<br>promo<p>d<blockquote>e<br>f</blockquote>") == (
        '<div class="scroll joined" role="group" aria-label="Table" tabindex="0"><table><thead><tr own><th>a</th></tr></thead>'
        "<tbody><tr own gone><td>…promo</td></tr><tr own><td>b</td></tr></tbody></table></div>\n"
        "<p><span own>c</span><span own gone>…promo</span></p>\n<p own>d</p>\n"
        "<blockquote><p><span own>e</span><span own>f</span></p></blockquote>"
    )


def test_each_block_has_its_line_of_the_text() -> None:
    html = (
        '<p>&lt;b> "a"<ol><li>b<li>promo<li>c</ol><pre>d\ne</pre><figure><img src=/x.png alt=f><figcaption>g</figcaption>'
        "</figure><img src=/promo.png alt=h><h2>i</h2>"
    )
    rows = rows_of(answer(html))
    assert [row["line"] for row in rows] == ['<b> "a"', "1. b", "2. promo", "3. c", "d\ne", "", "", "", "i"]
    assert "\n".join(row["line"] for row in rows if row["line"] and not row.get("removed")) == answer(html)["text"]
    assert 'data-line="&lt;b&gt; &#34;a&#34;"' in fragment(rows)
