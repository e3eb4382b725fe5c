"""Nothing of a page vanishes: what it shows is in a block, once, in order; each block is somewhere in the answer."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bodycopy import clean
from bodycopy.article import METADATA_LABELS, Article, Block, Kind, Label, Metadata, Verdict
from bodycopy.blocks import read_blocks
from bodycopy.page import Page, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "html"
PAGES_READ = 120
PAGES_CLEANED = 25
# What browsers never show as text. Written down again here, so that a slip in the walk is seen.
UNSEEN = frozenset(
    [
        "script",
        "style",
        "svg",
        "title",
        "meta",
        "link",
        "iframe",
        "object",
        "embed",
        "applet",
        "video",
        "audio",
        "canvas",
        "datalist",
        "colgroup",
        "frame",
        "noembed",
        "param",
        "area",
        "map",
        "rp",
        "annotation",
        "annotation-xml",
    ]
)
WORD = re.compile(r"\w+")
NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


def squeezed(text: str) -> str:
    """Text without white space, what is invisible, and the marks that the walk adds between cells and around ruby."""
    return re.sub(r"[\s|()\u00ad\u200b\u2060\ufeff]", "", text)


def visible(element: etree._Element) -> Iterator[str]:
    """All text of a tree that can be shown, hidden or not, in order."""
    if element.tag == "template" and not element.get("shadowrootmode"):
        return
    if element.tag in UNSEEN:
        return
    if element.tag == "img" and (alt := element.get("alt")):
        yield alt if is_emoji(element) else ""
    yield element.text or ""
    for child in element:
        yield from visible(child)
        yield child.tail or ""


def is_emoji(image: etree._Element) -> bool:
    alt = " ".join(image.get("alt", "").split())
    small = any(
        0 < int(digits) <= 48
        for name in ("width", "height")
        if (digits := image.get(name, "")[:8].strip().removesuffix("px").split(".")[0]).isascii() and digits.isdigit()
    )
    return len(alt) <= 3 and not alt.isalnum() and (small or "emoji" in image.get("class", ""))


def has_inline_hiding(page: Page) -> bool:
    """Whether the walk sets words apart that the page hides inside a paragraph, which changes the order of text."""
    return any(
        e.get("hidden") is not None or NOT_SHOWN.search(e.get("style", "")[:300])
        for e in page.tree.iter()
    )  # fmt: skip


def check_blocks(page: Page) -> list[Block]:
    """Asserts that the blocks hold the text of the page, in order, once."""
    blocks = read_blocks(page)
    shown = squeezed("".join(visible(page.tree)))
    walked = squeezed("".join(b.text for b in blocks))
    if has_inline_hiding(page):
        assert sorted(walked) == sorted(shown)
    else:
        assert walked == shown
    return blocks


def check_article(article: Article) -> None:
    """Asserts that each block is in exactly one place of the answer, in order."""
    answer = article.to_dict()
    fields = [n for n, b in enumerate(article.blocks) if b.verdict.label in METADATA_LABELS]
    kept = [b["id"] for b in answer["blocks"]]
    removed = [r["id"] for r in answer["removed"]]
    empty = [n for n, b in enumerate(article.blocks) if not b.text and n not in set(kept)]
    assert sorted([*fields, *kept, *removed, *empty]) == list(range(len(article.blocks)))
    assert kept == sorted(kept)
    assert removed == sorted(removed)
    for piece in answer["blocks"] + answer["removed"]:
        assert piece["text"] == article.blocks[piece["id"]].text
    for piece in answer["removed"]:
        assert piece["position"] == sum(number < piece["id"] for number in kept)
    lines = [b.text for b in article.kept if b.text and b.verdict.label is not Label.CAPTION]
    printed = re.sub(r"(?m)^(?:- |\d+\. )", "", article.text)
    bare = re.sub(r"(?m)^(?:- |\d+\. )", "", "\n".join(lines))
    assert printed == bare


def kept_as_it_is(blocks: list[Block]) -> Article:
    """An article of all blocks."""
    out = []
    for block in blocks:
        label = Label.CONTENT
        if block.kind is Kind.FIGURE:
            label = Label.CAPTION
        elif block.kind is Kind.HEADING:
            label = Label.HEADING
        out.append(block._replace(verdict=Verdict(label, "", 0.9, "model"), hidden=False))
    return Article(Metadata(), tuple(out))


def check_idempotence(blocks: list[Block]) -> None:
    """Asserts that our own HTML is read as the same text."""
    article = kept_as_it_is(blocks)
    again = kept_as_it_is(read_blocks(read(article.html, "https://example.org/")))
    assert [b.text for b in again.blocks if b.text] == [b.text for b in article.blocks if b.text]
    assert again.text == article.text


# -- generated pages ------------------------------------------------------

words = st.text(alphabet="abcdefg", min_size=1, max_size=6)
odd = st.sampled_from(
    ["&amp;", "&lt;b>", "é", "漢字", "שלום", "&#1;", "&#x1F600;", "\u00a0", "\u200b", "x&", "a*b_", "- x"]
)
sentence = st.lists(st.one_of(words, odd), min_size=1, max_size=8).map(" ".join)
INLINE_TAGS = ("b", "i", "em", "span", "a href='/x'", "code", "sup", "ruby", "label", "small", "mark", "q", "math")
BLOCK_TAGS = (
    "p", "div", "section", "h2", "h4", "blockquote", "ul", "ol", "li", "table", "tr", "td", "th", "figure",
    "figcaption", "pre", "dl", "dt", "dd", "details", "summary", "button", "nav", "my-widget", "form", "main",
    "template shadowrootmode=open", "script", "style", "noscript", "div hidden", "select", "option", "caption",
)  # fmt: skip
VOID = st.sampled_from(
    ["<br>", "<hr>", "<img src=/a.png>", "<img src=/b.png alt='☺' class=emoji>", "<input>", "<wbr>", "<!-- c -->"]
)


def wrapped(tags: tuple[str, ...], inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, text, space, closed: f"<{tag}>{text}" + (f"</{tag.split()[0]}>" if closed else "") + space,
        st.sampled_from(tags), inside, st.sampled_from(["", " ", "\n"]), st.booleans().map(lambda b: b or True),
    )  # fmt: skip


inline = st.recursive(
    st.one_of(sentence, VOID),
    lambda inner: wrapped(INLINE_TAGS, st.lists(inner, max_size=3).map("".join)),
    max_leaves=6,
)
markup = st.recursive(
    inline,
    lambda inner: wrapped(BLOCK_TAGS, st.lists(st.one_of(inner, inline), max_size=4).map("".join)),
    max_leaves=25,
)
pages = st.lists(markup, max_size=6).map(lambda parts: "<html><body>" + " ".join(parts) + "</body></html>")
quick = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@quick
@given(pages)
def test_blocks_hold_the_words_of_any_page_once_and_in_order(html: str) -> None:
    check_blocks(read(html, "https://example.org/"))


@quick
@given(pages)
def test_our_own_html_is_read_as_the_same_text(html: str) -> None:
    check_idempotence([b for b in read_blocks(read(html, "https://example.org/")) if not b.hidden])


@settings(quick, max_examples=80)
@given(pages)
def test_every_block_of_any_page_is_kept_removed_or_a_field(html: str) -> None:
    check_article(clean(html, "https://example.org/a"))


@settings(quick, max_examples=150)
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_any_input_has_an_answer(html: str | bytes) -> None:
    check_article(clean(html))


# -- real pages -----------------------------------------------------------


def corpus(count: int) -> list[Path]:
    files = sorted(CORPUS.glob("*.gz"))
    return random.Random(6).sample(files, min(count, len(files)))


needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus (../shared/corpus) is not on this machine")


@needs_corpus
def test_blocks_hold_the_words_of_real_pages_and_our_html_of_them_reads_the_same() -> None:
    for path in corpus(PAGES_READ):
        page = read(gzip.decompress(path.read_bytes()), "https://example.org/a")
        try:
            check_idempotence([b for b in check_blocks(page) if not b.hidden])
        except AssertionError as error:
            raise AssertionError(path.name) from error


@needs_corpus
def test_every_block_of_real_pages_is_kept_removed_or_a_field() -> None:
    for path in corpus(PAGES_CLEANED):
        check_article(clean(gzip.decompress(path.read_bytes()), "https://example.org/a"))


def test_words_of_a_plain_page_are_the_words_of_the_answer() -> None:
    html = "<nav><a href=/>Home</a> <a href=/n>News</a></nav><h1>Head</h1><p>One <b>two</b> three.</p><footer>Foot"
    article = clean(f"<title>Head</title>{html}", "https://example.org/a")
    everything = " ".join(b.text for b in article.blocks)
    assert WORD.findall(everything) == ["Home", "News", "Head", "One", "two", "three", "Foot"]
