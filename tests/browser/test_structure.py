"""What the reader and its files join again is what the service prints: lines, lists, tables, quotations, figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bodycopy import Article, clean
from bodycopy.article import Kind, Label, Metadata, Verdict
from bodycopy.blocks import read_blocks
from bodycopy.page import read

from .conftest import Browser

PAGES = sorted((Path(__file__).parent.parent / "pages").glob("*.html"))
JOINED = """
<p>first<br>second<br>third <b>bold</b></p><p>one<br>promo between<br>two</p>
<table><tr><th>a<th>b</tr><tr><td>c|d<td>e</table><table><tr><td>f<tr><th>g<tr><td>h<td>i</table>
<ol start=3><li>item<p>further</p><ul><li>deep<ol><li>deeper<li value=7>seventh</ol><li>deep again</ul><li>next<br>line</ol>
<ol><li>mixed<ul><li>cold only</ul><p>rests</p><li>baked<ol start=3><li>third<li>fourth</ol></ol>
<ul><li>another list<ul><li>promo deep</ul></ul><ol><li>and one</ol><ol><li>numbered</ol>
<blockquote><p>said<br>so<p>twice</blockquote><blockquote>said by another</blockquote>
<figure><img src=/a.png alt="a [b]"><figcaption>under <i>it</i></figcaption></figure>
<figure><figcaption>above</figcaption><img src=/b.png><figcaption>more</figcaption></figure><img src=/c.png>
<pre>echo `date`
```</pre><h2>Head #</h2><h3>1. Sub</h3>
<p>echo <code>`date`</code> and <code>a|b</code> 2*3 ~x~ a_b ![x] &amp;amp; <a href="/x_(y)?a&b">li<b>nk</b></a></p><p># no<p>1. no<p>- no
"""
PRINTED = """(async () => {
  const {fromAnswer} = await import('/article.js'), {toFragment} = await import('/dom.js');
  const {exportBody, pictureAddresses, toMarkdown, toText} = await import('/exports/formats.js');
  const answer = ANSWER, article = fromAnswer(answer, {url: '', title: '', html: '', language: ''});
  const flat = (fragment) => { fragment.normalize(); for (const image of fragment.querySelectorAll('img'))
      for (const name of ['loading', 'decoding', 'referrerpolicy']) image.removeAttribute(name);
    return [...fragment.children].map((node) => node.outerHTML); };
  const same = new Map(pictureAddresses(article).map((address) => [address, address]));
  return {markdown: toMarkdown(article, {source: false}), text: toText(article, {source: false}),
    html: flat(exportBody(article, same)), wanted: flat(toFragment(answer.html, {images: true}))};
})()"""


def judged(html: str) -> Article:
    """All of a page as an article, but for what says that it is promotion."""
    kinds = {Kind.FIGURE: Label.CAPTION, Kind.HEADING: Label.HEADING}
    blocks = [
        block._replace(
            verdict=Verdict(
                Label.PROMOTION if "promo" in block.text else kinds.get(block.kind, Label.CONTENT), "", 0.9, "model"
            )
        )
        for block in read_blocks(read(html, "https://example.org/a"))
    ]
    return Article(Metadata(title="1. What *is* it"), tuple(blocks))


def printed(browser: Browser, answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = browser.ask(PRINTED.replace("ANSWER", json.dumps(answer)))
    return found


@pytest.mark.parametrize("path", [None, *PAGES], ids=lambda path: path.stem if path else "joined")
def test_files_are_what_the_service_prints(browser: Browser, path: Path | None) -> None:
    article = judged(JOINED) if path is None else clean(path.read_bytes(), f"https://example.org/{path.stem}")
    answer = {**article.to_dict(), "dek": None}
    found = printed(browser, answer)
    assert found["html"] == found["wanted"]
    assert found["markdown"] == answer["markdown"]
    lines = [line for line in found["text"].splitlines() if line]
    assert lines == [line for line in [answer["title"], *answer["text"].splitlines()] if line]


DRAWN = """(async () => {
  const {fromAnswer, shownEntries} = await import('/article.js'), {toMarkdown} = await import('/exports/formats.js');
  const {renderEntries} = await import('/reader/view.js');
  const article = fromAnswer(ANSWER, {url: '', title: '', html: '', language: ''});
  for (const item of article.entries) if (!item.shown) Object.assign(item, {shown: true, by: 'put_back'});
  const drawn = renderEntries(article, {images: true});
  const words = (text) => text.replace(/[|\\s]/g, '');
  const own = (id) => [...drawn.querySelectorAll(`[data-entry="${id}"]`)];
  return {markdown: toMarkdown(article, {source: false}), entries: shownEntries(article).map(({id, text, by}) => ({
    text: words(text), own: own(id).map((node) => words(node.textContent)), nested: own(id).some((node) => node.querySelector('[data-entry]')),
    told: own(id).every((node) => node.dataset.by === (by || undefined)) }))};
})()"""


def test_what_is_put_back_takes_its_place_and_each_entry_has_elements_of_its_own(browser: Browser) -> None:
    article = judged(JOINED)
    found = browser.ask(DRAWN.replace("ANSWER", json.dumps(article.to_dict())))
    whole = Article(article.metadata, article.blocks, keep=frozenset({Label.PROMOTION}))
    assert found["markdown"] == whole.markdown
    for entry in found["entries"]:
        assert entry == {"text": entry["text"], "own": [entry["text"]], "nested": False, "told": True}


def test_answers_of_older_services_join_neighbours_of_one_form(browser: Browser) -> None:
    answer = judged(
        "<ul><li>a<li>b</ul><p>one<br>two</p><table><tr><th>h<tr><td>c</table><blockquote><p>q<p>r"
    ).to_dict()
    for block in answer["blocks"]:
        for name in ("group", "level", "ordinal", "item", "paragraph"):
            del block[name]
    found = printed(browser, {**answer, "dek": None})
    assert [part.replace("<tbody>", "").replace("</tbody>", "") for part in found["html"]] == [
        "<ul><li>a</li><li>b</li></ul>", "<p>one</p>", "<p>two</p>",
        "<table><thead><tr><th>h</th></tr></thead><tr><td>c</td></tr></table>", "<blockquote><p>q</p><p>r</p></blockquote>",
    ]  # fmt: skip


def test_a_standfirst_that_the_text_begins_with_is_shown_once(browser: Browser) -> None:
    answer = judged("<p>Nine years after it closed.</p><p>Then text.</p>").to_dict()
    for dek, times in (("Nine years  after it closed.", 1), ("Another.", 2)):
        found = printed(browser, {**answer, "dek": dek})
        assert len(found["text"].split("\n\n")) == 2 + times
