"""How the reader lies on paper, in narrow and low windows, in each direction of writing, and with pictures that fail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site
from .test_accessibility import THEMES, set_theme

STORY = STORIES["en"]
COLOURS = "['#article h1', '#content p', '#content a', '.facts', '#content pre'].map(s => getComputedStyle(document.querySelector(s)).color)"


def block(number: int, html: str, **facts: object) -> dict[str, object]:
    return {"id": number, "kind": "paragraph", "label": "content", "html": html, "text": "Words", **facts}


@pytest.fixture
def ready(browser: Browser, prepared: Prepared) -> Browser:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    return browser


@pytest.fixture
def paper(chromium: Browser, prepared: Prepared) -> Any:
    """Chromium, which can be told to lay out for print."""
    chromium.reset()
    prepared.answer = answer(STORY)
    chromium.use_service(prepared.base)
    yield chromium
    chromium.close_pages()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_dark_on_white_in_each_theme(paper: Browser, site: Site, prepared: Prepared, scheme: str) -> None:
    odd = [block(1, '<p>See <a href="https://example.org/">there</a></p>'), block(2, "<pre><code>a</code></pre>")]
    prepared.answer = answer(STORY, blocks=odd)
    reader = paper.read(site.add("/paper", page(STORY)))
    reader.emulate_media(media="print", color_scheme=scheme)
    for theme in ("auto", *THEMES):
        set_theme(paper, reader, theme)
        for colour in paper.ask(COLOURS, reader):
            assert max(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) < 160, (theme, colour)
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        assert paper.ask(ground, reader) == "rgb(255, 255, 255)", theme
