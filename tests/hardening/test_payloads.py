"""Payloads from the wild come out inert, in HTML and in Markdown, wherever they stood on the page."""

from __future__ import annotations

import html as html_module
import json
import re
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import own_cases  # noqa: E402
from bodycopy.article import Article, Block, Label, Metadata, Verdict  # noqa: E402
from bodycopy.blocks import read_blocks  # noqa: E402
from bodycopy.page import read  # noqa: E402
from promises import check_inert, faults, without_code  # noqa: E402

XSS = HERE.parents[2] / "shared" / "hardening" / "xss.jsonl"
PLACES = ("block", "inline", "escaped", "hidden in code", "metadata")


def payloads() -> list[str]:
    """Those of ../shared/hardening, where it is, and our own."""
    found = list(own_cases.PAYLOADS)
    if XSS.is_file():
        found += [json.loads(line)["payload"] for line in XSS.read_text("utf-8").splitlines()]
    return found


def placed(payload: str, place: str) -> str:
    """A page with the payload in it."""
    if place in ("escaped", "hidden in code"):
        payload = html_module.escape(payload)
    body = f"<p>Some words before {payload} and some after.</p>"
    if place == "block":
        body = f"<p>Before.</p>{payload}<p>After.</p>"
    elif place == "hidden in code":
        body = f"<pre><code>Words.<span hidden>Words.\n\n{payload}\n\n# Words.</span></code></pre>"
    head = ""
    if place == "metadata":
        value = html_module.escape(payload)
        head = (
            f'<title>{value}</title><meta name="author" content="{value}"><meta name="description" content="{value}">'
            f'<meta property="og:title" content="{value}"><meta property="og:image" content="{value}">'
        )
        body = "<p>Some words of an article.</p>"
    return f"<html><head>{head}</head><body><article>{body}</article></body></html>"


def everything_kept(page: str) -> Article:
    """An article of all blocks: what the judge would remove must be inert too, since a reader can put it back."""
    tree = read(page, "https://example.org/a")
    blocks: list[Block] = [b._replace(verdict=Verdict(Label.CONTENT, "", 0.9, "test")) for b in read_blocks(tree)]
    title = tree.tree.findtext(".//title")
    return Article(Metadata(title=title), tuple(blocks))


@pytest.mark.parametrize("place", PLACES)
def test_html_of_every_payload_is_inert_and_a_fixed_point(place: str) -> None:
    for payload in payloads():
        html = everything_kept(placed(payload, place)).html
        check_inert(html)


@pytest.mark.parametrize("place", PLACES)
def test_markdown_of_every_payload_holds_no_tag_outside_of_code(place: str) -> None:
    for payload in payloads():
        markdown = everything_kept(placed(payload, place)).markdown
        assert "<" not in without_code(markdown), payload


@pytest.mark.parametrize("place", PLACES)
def test_markdown_rendered_with_raw_html_on_is_inert(place: str) -> None:
    markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    renderer = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    renderer.validateLink = lambda link: True
    more = {"h1", "s", "hr"}
    for payload in payloads():
        html = renderer.render(everything_kept(placed(payload, place)).markdown)
        bad = [f for f in faults(html) if f not in more and not re.fullmatch(r"(ol start|code class|t[dh] style)", f)]
        assert bad == [], payload
