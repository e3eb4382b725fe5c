"""The promises of SECURITY.md as checks that any page can be put to: by the property tests, and by the fuzzer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from bodycopy.article import METADATA_LABELS, Article, Block, Kind, Label, Metadata, Verdict
from bodycopy.blocks import read_blocks
from bodycopy.page import Page, read
from bodycopy.render import _CLEANER
from lxml import etree

# What browsers never show as text. Written down again here, so that a slip in the walk is seen.
UNSEEN = frozenset(
    {
        "script", "style", "title", "meta", "link", "iframe", "embed", "video", "audio", "canvas", "datalist", "frame",
        "noembed", "param", "area",
    }
)  # fmt: skip
# Of an `<svg>` browsers show labels and the pages inside it; elements of HTML end one that is not closed.
SHOWN_IN_SVG = re.compile("text|foreignobject|(?:b|big|blockquote|br|center|code|d[dtl]|div|em|embed|font|h[1-6r]|i|img|li"
                          "|listing|menu|nobr|ol|p|pre|ruby|s|small|span|strike|strong|su[bp]|table|tt|ul?|var)")  # fmt: skip
BULLET, NUMBER = re.compile("- "), re.compile(r"- |\d+\. ")
"""What an item begins with in text: of a list that is numbered, a number, unless it is alone."""
FOR_SCREEN_READERS = re.compile("sr-only|visually-?hidden|screen-?reader", re.I)
NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)

TAGS = frozenset(
    {
        "a", "blockquote", "br", "code", "del", "em", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "img", "li",
        "mark", "ol", "p", "pre", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "wbr",
    }
)  # fmt: skip
ATTRIBUTES = {"a": {"href", "rel"}, "img": {"src", "alt", "width", "height"}, "ol": {"start"}, "li": {"value"}}


def squeezed(text: str) -> str:
    """Text without white space, what is invisible, and the marks that the walk adds: of cells, ruby and quotations."""
    return re.sub(r"[\s|()“”\u00ad\u200b\u2060\ufeff]", "", text)


def visible(element: etree._Element) -> Iterator[str]:
    """All text of a tree that can be shown, hidden or not, in order."""
    if element.tag == "template" and not element.get("shadowrootmode"):
        return
    if element.tag in UNSEEN:
        return
    if element.tag == "svg" and not any(SHOWN_IN_SVG.fullmatch(e.tag) for e in element.iter()):
        return
    outer = {"annotation": "math", "annotation-xml": "math", "rp": "ruby"}.get(element.tag)
    if any(e.tag == outer for e in element.iterancestors()):
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
    """Whether the walk sets words apart that the page hides inside a paragraph, or draws, which changes their order."""
    return any(
        e.tag == "svg"
        or e.get("hidden") is not None
        or NOT_SHOWN.search(e.get("style", "")[:300])
        or FOR_SCREEN_READERS.search(e.get("class", ""))
        for e in page.tree.iter()
    )  # fmt: skip


def check_blocks(page: Page) -> list[Block]:
    """Asserts that the blocks hold the text of the page, in order, once; and no line breaks but in code."""
    blocks = read_blocks(page)
    assert [b for b in blocks if "\n" in b.text and b.kind is not Kind.CODE] == []
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
    assert sorted([*fields, *kept, *removed]) == list(range(len(article.blocks)))
    assert kept == sorted(kept)
    assert removed == sorted(removed)
    for piece in answer["blocks"]:
        assert piece["text"] == article.blocks[piece["id"]].text
    for piece in answer["removed"]:
        block = article.blocks[piece["id"]]
        assert piece["text"] == (block.image.alt if block.image else block.text)
        assert piece["html"]
        assert piece["position"] == sum(number < piece["id"] for number in kept)
    printed = article.text
    for block in article.kept:
        if not block.text or block.verdict.label is Label.CAPTION:
            continue
        if block.kind is Kind.LIST_ITEM and block.verdict.label is not Label.HEADING:
            marker = (NUMBER if block.ordinal is not None else BULLET).match(printed)
            assert marker
            printed = printed[marker.end() :]
        assert (printed + "\n").startswith(block.text + "\n")
        printed = printed[len(block.text) + 1 :]
    assert not printed


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


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


def faults(html: str) -> Iterator[str]:
    """What in a fragment is not on the list of harmless things."""
    parser = _Elements()
    parser.feed(html)
    for tag, attributes in parser.found:
        if tag not in TAGS:
            yield tag
        for name, value in attributes:
            if name not in ATTRIBUTES.get(tag, ()):
                yield f"{tag} {name}"
            schemes = ("https://", "http://", "mailto:") if name == "href" else ("https://", "http://")
            if name in ("href", "src") and not (value or "").lower().startswith(schemes):
                yield f"{name}={value}"
            if name in ("start", "value") and not (value or "").isdecimal():
                yield f"{name}={value}"


def without_code(markdown: str) -> str:
    """Markdown without its code blocks and spans."""
    bare = re.sub(r"(?ms)^(`{3,})\n.*?\n\1$", "", markdown)
    return re.sub(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)", "", bare)


def check_inert(html: str) -> None:
    """Asserts that a fragment holds nothing but harmless things and is a fixed point of the sanitiser."""
    assert list(faults(html)) == []
    assert _CLEANER.clean(html) == html
