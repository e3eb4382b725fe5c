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
    prepared.answer = answer(
        STORY, blocks=[block(1, f'<figure><img src="{site.base}/picture/a.png" alt="A"></figure>')]
    )
    reader = ready.read(site.add("/drawing", page(STORY)))
    ready.click(reader, "#content img")
    for theme in THEMES:
        set_theme(ready, reader, theme)
        grounds = (
            "['content', 'lightbox'].map(id => getComputedStyle(document.querySelector(`#${id} img`)).backgroundColor)"
        )
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
    ready.until(
        reader, "(document.querySelector('#content img')?.scrollIntoView(), !document.querySelector('#content img'))"
    )
    assert ready.ask("document.documentElement.scrollWidth <= innerWidth", reader)
    links = "[...document.querySelectorAll('#content a')].map(a => [a.getAttribute('href'), a.textContent])"
    assert ready.ask(links, reader) == [
        [gone, "The mill by night"],
        [f"{gone}?2", "Picture could not be loaded"],
        ["https://example.org/", "In a link"],
    ]
    assert "A caption that stays." in ready.text(reader)
    ready.driver.resize(reader, 1280, 800)


def test_marked_places_are_seen_above_the_drawer_of_a_small_screen(
    ready: Browser, site: Site, prepared: Prepared
) -> None:
    first, gone = answer(STORY)["blocks"][0], answer(STORY)["removed"][2]  # type: ignore[index]
    blocks = [{**first, "id": 100 + number} for number in range(20)]
    removed = [{**gone, "id": 200 + number, "position": number} for number in (7, 20)]
    prepared.answer = answer(STORY, blocks=blocks, removed=removed)
    reader = ready.read(site.add("/small", page(STORY)))
    ready.driver.resize(reader, 390, 780)
    ready.until(reader, "innerWidth === 390")
    ready.click(reader, "#count")
    seen = "(b => b.top > bar.getBoundingClientRect().bottom - 1 && b.bottom <= drawer.getBoundingClientRect().top + 1)"
    for number in (220, 207):
        row = f"document.querySelector('[data-removed=\"{number}\"]')"
        ready.ask(f"({row}.dispatchEvent(new MouseEvent('mouseenter')), 1)", reader)
        ready.until(reader, f"{seen}(document.getElementById('place').getBoundingClientRect())")
        ready.ask(f"({row}.dispatchEvent(new MouseEvent('mouseleave')), 1)", reader)
    # A mark that the drawer covers is not taken for one in view.
    ready.ask(
        "(scrollBy(0, document.querySelector('[data-entry=\"107\"]').getBoundingClientRect().top - 600), 1)", reader
    )
    ready.ask(
        "(document.querySelector('[data-removed=\"207\"]').dispatchEvent(new MouseEvent('mouseenter')), 1)", reader
    )
    ready.until(reader, f"{seen}(document.getElementById('place').getBoundingClientRect())")
    ready.driver.resize(reader, 1280, 800)


def test_print_cuts_nothing(paper: Browser, site: Site, prepared: Prepared) -> None:
    cells = "".join(f"<td>1,234,5{number}0.00 crowns</td>" for number in range(16))
    blocks = [
        block(1, f"<table><tbody><tr>{cells}</tr></tbody></table>"),
        block(2, f"<pre><code>x = {'coefficient_1 + ' * 30}{'a' * 200}</code></pre>"),
        block(3, f'<figure><img src="{site.base}/picture/tall.png" alt="" width="600" height="4000"></figure>'),
    ]
    prepared.answer = answer(STORY, blocks=blocks)
    reader = paper.read(site.add("/cut", page(STORY)))
    paper.driver.resize(reader, 680, 960)
    reader.emulate_media(media="print")
    inside = "[...document.querySelectorAll('#content td, #content pre code, #content img')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
    assert paper.ask(inside, reader) == 0
    assert paper.ask("document.querySelector('#content pre').scrollWidth <= innerWidth", reader)
    assert paper.ask("document.querySelector('#content img').getBoundingClientRect().height <= 960 * 0.6 + 1", reader)
    paper.driver.resize(reader, 1280, 800)


def test_menus_are_reached_whole_in_low_windows_and_close_when_left(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/low", page(STORY)))
    ready.driver.activate(reader)
    for width, height in ((640, 260), (683, 320)):
        ready.driver.resize(reader, width, height)
        ready.until(reader, f"innerHeight === {height}")
        ready.click(reader, "#look")
        last = "(e => (e.focus(), e.getBoundingClientRect().bottom <= innerHeight))(document.querySelector('#look-panel > a'))"
        assert ready.ask(last, reader)
        assert ready.ask("document.getElementById('look-panel').getBoundingClientRect().bottom <= innerHeight", reader)
        ready.driver.key(reader, "Tab")
        ready.until(reader, "document.getElementById('look-panel').hidden && document.activeElement.id === 'speak'")
        assert ready.ask("document.getElementById('look').getAttribute('aria-expanded')", reader) == "false"
    ready.driver.resize(reader, 1280, 800)


@pytest.mark.parametrize("code", ["en", "ar"])
def test_put_back_is_marked_beside_its_beginning(ready: Browser, site: Site, prepared: Prepared, code: str) -> None:
    """By a border, which forced colours leave in place."""
    prepared.answer = answer(STORIES[code])
    reader = ready.read(site.add(f"/mark-{code}", page(STORIES[code])))
    ready.click(reader, "#count")
    ready.click(reader, '[data-removed="90"] button')
    ready.until(reader, "document.querySelector('[data-by]')")
    border = "(s => [s.borderLeftWidth, s.borderRightWidth, s.borderLeftStyle])(getComputedStyle(document.querySelector('[data-by]')))"
    assert ready.ask(border, reader)[:2] == (["0px", "3px"] if code == "ar" else ["3px", "0px"])
    # The words do not move.
    edge = "left" if code == "en" else "right"
    start = (
        f"(e => (r => (r.selectNodeContents(e), Math.round(r.getBoundingClientRect().{edge})))(document.createRange()))"
    )
    assert ready.ask(f"{start}(document.querySelector('[data-by]')) === {start}(document.querySelector('#content > p'))", reader)  # fmt: skip


def test_no_tool_stands_alone_while_the_article_is_awaited(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/awaited", page(STORY)))
    shown = "[...document.querySelectorAll('#tools button')].filter(e => e.checkVisibility({visibilityProperty: true})).map(e => e.id)"
    assert "print" in ready.ask(shown, reader)
    place = "document.getElementById('look').getBoundingClientRect().x"
    stood = ready.ask(place, reader)
    ready.ask("(document.body.dataset.state = 'loading', 1)", reader)
    assert ready.ask(shown, reader) == []
    assert ready.ask(place, reader) == stood
    ready.ask("(document.body.dataset.state = 'failure', 1)", reader)
    assert ready.ask(shown, reader) == ["look"]
