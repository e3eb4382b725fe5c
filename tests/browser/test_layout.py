"""How the reader lies on paper, in narrow and low windows, in each direction of writing, and with pictures that fail."""

from __future__ import annotations

import contextlib
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


REACHED = """(() => { const seen = [...document.querySelectorAll('#bar a, #tools > button, #tools > span > button')].filter(e => e.checkVisibility());
  const cut = seen.filter(e => (b => b.left < 0 || b.right > innerWidth + 0.5)(e.getBoundingClientRect())).map(e => e.id);
  return {wide: document.documentElement.scrollWidth > innerWidth, cut, rows: new Set(seen.map(e => Math.round((b => b.top + b.bottom)(e.getBoundingClientRect()) / 8))).size,
    inner: seen.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.id)} })()"""
FITS = {"wide": False, "cut": [], "rows": 1, "inner": []}


@pytest.mark.parametrize("local", [False, True])
def test_toolbar_stays_inside_a_narrow_window(ready: Browser, site: Site, prepared: Prepared, local: bool) -> None:
    many = [
        {**answer(STORY)["removed"][0], "id": 1000 + number}  # type: ignore[index]
        for number in range(250)
    ]
    prepared.answer = {"title": "No article"} if local else answer(STORY, removed=many)
    prepared.status = 422 if local else 200
    reader = ready.read(site.add("/narrow", page(STORY)), "failure" if local else "article")
    if local:
        ready.click(reader, "#local")
    with ready.driver.reloaded_sharing(reader, can=True) if not local else contextlib.nullcontext():
        ready.until(reader, "document.body.dataset.state === 'article'")
        said = "Removed: unknown" if local else "Removed: 250"
        for width in (250, 290, 320, 360, 400, 480, 620):
            ready.driver.resize(reader, width, 700)
            ready.until(reader, f"innerWidth === {width}")
            assert ready.ask(REACHED, reader) == FITS, width
            assert said in ready.ask("document.getElementById('count').textContent", reader)
            for panel in ("look", "copy", "save", "speak"):
                ready.click(reader, f"#{panel}")
                box = f"(p => [p.scrollWidth <= p.clientWidth, (b => b.left >= 0 && b.right <= innerWidth)(p.getBoundingClientRect())])(document.getElementById('{panel}-panel'))"
                assert ready.ask(box, reader) == [True, True], (width, panel)
                ready.click(reader, f"#{panel}")
    ready.driver.resize(reader, 1280, 800)


def test_print_is_reached_at_any_width_in_one_place(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/print-at", page(STORY)))
    ready.ask("(window.print = () => { window.printed = true; }, 1)", reader)
    shown = "['print', 'menu-print'].filter(id => document.getElementById(id).checkVisibility())"
    for width, place in ((250, "menu-print"), (360, "print")):
        ready.driver.resize(reader, width, 700)
        ready.until(reader, f"innerWidth === {width}")
        ready.click(reader, "#save")
        assert ready.ask(shown, reader) == [place]
        ready.ask(f"(window.printed = false, document.getElementById('{place}').click(), 1)", reader)
        assert ready.ask("window.printed", reader)
        ready.ask("(document.body.click(), 1)", reader)
    ready.driver.resize(reader, 1280, 800)


def test_transparent_pictures_stand_on_white(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORY, blocks=[block(1, f'<figure><img src="{site.base}/picture/a.png" alt="A"></figure>')])
    reader = ready.read(site.add("/drawing", page(STORY)))
    ready.click(reader, "#content img")
    for theme in THEMES:
        set_theme(ready, reader, theme)
        grounds = "['content', 'lightbox'].map(id => getComputedStyle(document.querySelector(`#${id} img`)).backgroundColor)"
        assert ready.ask(grounds, reader) == ["rgb(255, 255, 255)"] * 2, theme


def test_picture_that_fails_leaves_words_and_a_link(ready: Browser, site: Site, prepared: Prepared) -> None:
    gone = f"{site.base}/gone.png"
    caption = "<figcaption>A caption that stays.</figcaption>"
    blocks = [
        block(1, f'<figure><img src="{gone}" alt="The mill by night" width="1482" height="900">{caption}</figure>'),
        block(2, f'<figure><img src="{gone}?2" alt="" width="1482" height="900"></figure>'),
        block(3, f'<p><a href="https://example.org/"><img src="{gone}?3" alt="In a link"></a></p>'),
    ]
    prepared.answer = answer(STORY, blocks=blocks)
    reader = ready.read(site.add("/fails", page(STORY)))
    ready.driver.resize(reader, 360, 700)
    # Those that are not near are not asked for.
    ready.until(reader, "(document.querySelector('#content img')?.scrollIntoView(), !document.querySelector('#content img'))")
    assert ready.ask("document.documentElement.scrollWidth <= innerWidth", reader)
    links = "[...document.querySelectorAll('#content a')].map(a => [a.getAttribute('href'), a.textContent])"
    assert ready.ask(links, reader) == [
        [gone, "The mill by night"],
        [f"{gone}?2", "Picture could not be loaded"],
        ["https://example.org/", "In a link"],
    ]
    assert "A caption that stays." in ready.text(reader)
    ready.driver.resize(reader, 1280, 800)
