"""Nothing of a page vanishes: what it shows is in a block, once, in order; each block is somewhere in the answer."""

from __future__ import annotations

import gzip
import random
import re
import sys
from pathlib import Path

import pytest
from bodycopy import clean
from bodycopy.blocks import read_blocks
from bodycopy.page import read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent / "hardening"))

from promises import check_article, check_blocks, check_idempotence, kept_as_it_is

GOLDEN = Path(__file__).resolve().parent / "pages"
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "html"
PAGES_READ = 120
PAGES_CLEANED = 25
WORD = re.compile(r"\w+")


# -- generated pages ------------------------------------------------------

words = st.text(alphabet="abcdefg", min_size=1, max_size=6)
odd = st.sampled_from(
    ["&amp;", "&lt;b>", "é", "漢字", "שלום", "&#1;", "&#x1F600;", "\u00a0", "\u200b", "x&", "a*b_", "- x"]
)
sentence = st.lists(st.one_of(words, odd), min_size=1, max_size=8).map(" ".join)
INLINE_TAGS = ("b", "i", "em", "span", "a href='/x'", "code", "sup", "ruby", "label", "small", "mark", "q", "math", "i hidden",
               "svg", "text", "span class=sr-only")  # fmt: skip
BLOCK_TAGS = (
    "p", "div", "section", "h2", "h4", "blockquote", "ul", "ol", "li", "table", "tr", "td", "th", "figure",
    "figcaption", "pre", "dl", "dt", "dd", "details", "summary", "button", "nav", "my-widget", "form", "main",
    "h3 class=visually-hidden", "template shadowrootmode=open", "script", "style", "noscript", "div hidden", "select", "option", "caption",
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
quick = settings(max_examples=250, suppress_health_check=list(HealthCheck), derandomize=True)


@quick
@given(pages)
def test_blocks_hold_the_words_of_any_page_once_and_in_order(html: str) -> None:
    check_blocks(read(html, "https://example.org/"))


item = st.lists(
    st.one_of(words, st.sampled_from(["<p>para</p>", "<h3>head</h3>", "<blockquote>said</blockquote>", "<br>"])),
    min_size=1, max_size=3,
).map("".join)  # fmt: skip
lists = st.recursive(
    item,
    lambda inner: st.builds(
        lambda opening, items: opening + "".join(items) + f"</{opening[1:3]}>",
        st.sampled_from(["<ul>", "<ol>", "<ol start=0>", "<ol start=7>", "<ol reversed>", "<ol start=999999999>"]),
        st.lists(
            st.builds(lambda tag, text: tag + text, st.sampled_from(["<li>", "<li>", "<li value=2>"]), inner),
            min_size=1, max_size=4,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@quick
@given(st.lists(lists, min_size=1, max_size=3).map("".join))
def test_numbers_of_lists_survive_our_own_html(html: str) -> None:
    check_idempotence(read_blocks(read(html, "https://example.org/")))


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


def check_answer_again(html: str | bytes) -> None:
    """Asserts that our own answer is read as its text, and that cleaning it once more adds and moves nothing.

    What the judge makes of the answer may be less: headings that led into removed parts, say, or a last line.
    """
    article = clean(html, "https://example.org/a")
    read_again = kept_as_it_is(read_blocks(read(article.html, "https://example.org/a")))
    assert read_again.text == article.text
    lines = iter(article.text.split("\n"))
    for line in filter(None, clean(article.html, "https://example.org/a").text.split("\n")):
        assert line in lines


@settings(quick, max_examples=80)
@given(pages)
def test_the_answer_for_any_page_is_read_as_its_text(html: str) -> None:
    article = clean(html, "https://example.org/a")
    assert kept_as_it_is(read_blocks(read(article.html, "https://example.org/a"))).text == article.text


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.html")), ids=lambda p: p.stem)
def test_the_answer_for_a_golden_page_is_read_as_its_text_and_cleaned_again_adds_nothing(path: Path) -> None:
    check_answer_again(path.read_bytes())


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


@needs_corpus
def test_the_answer_for_real_pages_is_read_as_its_text_and_cleaned_again_adds_nothing() -> None:
    for path in corpus(PAGES_CLEANED):
        try:
            check_answer_again(gzip.decompress(path.read_bytes()))
        except AssertionError as error:
            raise AssertionError(path.name) from error


def test_words_of_a_plain_page_are_the_words_of_the_answer() -> None:
    html = "<nav><a href=/>Home</a> <a href=/n>News</a></nav><h1>Head</h1><p>One <b>two</b> three.</p><footer>Foot"
    article = clean(f"<title>Head</title>{html}", "https://example.org/a")
    everything = " ".join(b.text for b in article.blocks)
    assert WORD.findall(everything) == ["Home", "News", "Head", "One", "two", "three", "Foot"]
