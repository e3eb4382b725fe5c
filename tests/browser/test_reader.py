"""What makes the reader pleasant: how it looks, what it says of the article, the keyboard."""

from __future__ import annotations

import json
import re

import pytest

from .conftest import EXTENSION, Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site
from .test_accessibility import THEMES, set_theme
from .test_ways import illustrated

STORY = STORIES["en"]
TIMES = 12


def long_answer() -> dict[str, object]:
    """The story's paragraphs several times over."""
    blocks = [
        {"id": 100 + number, "kind": "paragraph", "label": "content", "html": f"<p>{text}</p>", "text": text}
        for number, text in enumerate(STORY.paragraphs * TIMES)
    ]
    return answer(STORY, blocks=blocks)


@pytest.fixture
def ready(browser: Browser, prepared: Prepared) -> Browser:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    return browser


def test_length_is_said_in_words_and_a_range_of_minutes(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = long_answer()
    reader = ready.read(site.add("/length", page(STORY)))
    words = sum(len(re.findall(r"\w+(?:[’']\w+)?", text)) for text in STORY.paragraphs) * TIMES
    said = ready.ask("document.querySelector('.length').textContent", reader)
    found = re.fullmatch(r"([\d,]+) words, (\d+)–(\d+) min", said)
    assert found, said
    assert abs(int(found[1].replace(",", "")) - words) <= words * 0.02
    # 240 to 200 words a minute, give or take: what a study of reading speed found for English.
    assert words / 280 < int(found[2]) < int(found[3]) < words / 150


def test_progress_follows_the_page(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = long_answer()
    reader = ready.read(site.add("/progress", page(STORY)))
    shown = "document.getElementById('progress').getBoundingClientRect().width / document.documentElement.clientWidth"
    assert ready.ask(shown, reader) == 0
    for scroll, low, high in (("scrollHeight / 2", 0.3, 0.7), ("scrollHeight", 0.99, 1.01), ("0", 0, 0.01)):
        target = scroll.replace("scrollHeight", "document.documentElement.scrollHeight")
        ready.ask(f"(scrollTo({{top: {target}, behavior: 'instant'}}), 1)", reader)
        ready.until(reader, f"(now => now >= {low} && now <= {high})({shown})")


def test_typography_is_as_it_was_set(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/type", page(STORY)))
    look = """(() => { const p = document.querySelector('#content p'), s = getComputedStyle(p);
      return {line: Math.round(parseFloat(s.lineHeight) / parseFloat(s.fontSize) * 10) / 10, width: p.getBoundingClientRect().width,
        size: s.fontSize, font: s.fontFamily} })()"""

    def looks(**settings: object) -> dict[str, object]:
        ready.ask(f"chrome.storage.sync.set({{reader: {json.dumps(settings)}}}).then(() => 1)")
        size = settings.get("size", 20)
        ready.until(
            reader,
            f"getComputedStyle(document.querySelector('#content p')).fontSize === '{size}px'"
            f" && document.documentElement.style.getPropertyValue('--width') === '{settings.get('width', 64)}ch'",
        )
        found: dict[str, object] = ready.ask(look, reader)
        return found

    narrow = looks(width=40, line=1.3, size=16)
    wide = looks(width=60, line=2.1, size=17, font="sans")
    assert (narrow["line"], wide["line"]) == (1.3, 2.1)
    assert narrow["width"] < wide["width"]  # type: ignore[operator]
    assert narrow["font"] != wide["font"] and "sans-serif" in str(wide["font"])


def test_themes_differ_and_auto_follows_the_system(chromium: Browser, site: Site, prepared: Prepared) -> None:
    chromium.reset()
    prepared.answer = answer(STORY)
    chromium.use_service(prepared.base)
    reader = chromium.read(site.add("/auto", page(STORY)))
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    grounds = {}
    for theme in THEMES:
        set_theme(chromium, reader, theme)
        grounds[theme] = chromium.ask(ground, reader)
    assert len(set(grounds.values())) == len(THEMES)
    set_theme(chromium, reader, "auto")
    for scheme in ("dark", "light"):
        reader.emulate_media(color_scheme=scheme)
        assert chromium.ask(ground, reader) == grounds[scheme]
    chromium.close_pages()


def test_wide_tables_code_and_words_stay_inside_a_narrow_window(ready: Browser, site: Site, prepared: Prepared) -> None:
    cells = "".join(f"<td>column{number}</td>" for number in range(30))
    wide = [
        {"id": 1, "kind": "table", "html": f"<table><tbody><tr>{cells}</tr></tbody></table>"},
        {"id": 2, "kind": "code", "html": f"<pre><code>{'long line ' * 60}</code></pre>"},
        {"id": 3, "kind": "paragraph", "html": f"<p>https://example.org/{'a' * 300}</p>"},
        {"id": 4, "kind": "heading", "html": f"<h2>{'Donaudampfschiff' * 12}</h2>"},
    ]
    blocks = [{"label": "content", "text": "Words", **block} for block in wide]
    prepared.answer = answer(STORY, blocks=blocks, title="Rindfleischetikettierung" * 6)
    reader = ready.read(site.add("/wide", page(STORY)))
    ready.driver.resize(reader, 360, 700)
    ready.until(reader, "innerWidth === 360")
    assert ready.ask("document.documentElement.scrollWidth <= innerWidth", reader)
    for frame in (".scroll", "#content pre"):
        assert ready.ask(f"(f => f.scrollWidth > f.clientWidth && f.tabIndex === 0)({json.dumps(frame)} && document.querySelector('{frame}'))", reader)  # fmt: skip
    ready.driver.resize(reader, 1280, 800)


def test_styles_name_no_side_of_the_page() -> None:
    """Beginning and end instead of left and right: so that they hold for each direction of writing."""
    sides = r"(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b|^\s*(?:left|right|top|bottom|(?:min-|max-)?(?:width|height))\s*:|text-align:\s*(?:left|right)"
    for name in ("reader", "theme", "options"):
        css = (EXTENSION / f"{name}.css").read_text(encoding="utf-8")
        assert re.findall(sides, css, re.MULTILINE) == [], name


def test_focus_is_seen_in_each_theme(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/focus", page(STORY)))
    ready.driver.activate(reader)
    look = "(e => [e.id, getComputedStyle(e).outlineStyle, parseFloat(getComputedStyle(e).outlineWidth) >= 2])(document.activeElement)"
    for theme in THEMES:
        set_theme(ready, reader, theme)
        ready.ask("(document.querySelector('.skip').focus(), 1)", reader)
        for name in ("original", "look", "speak", "copy", "save"):
            ready.driver.key(reader, "Tab")
            assert ready.ask(look, reader) == [name, "solid", True], theme


def test_letters_open_the_drawer_read_aloud_and_escape_closes(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/letters", page(STORY)))
    ready.driver.activate(reader)
    quiet = """(() => { window.said = []; window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
      Object.defineProperty(window, 'speechSynthesis', {configurable: true, value: {cancel() {}, speak(u) { said.push([u.text.trim(), u.voice?.name]); },
        getVoices: () => [{name: 'Anna', voiceURI: 'anna', lang: 'en'}, {name: 'Bert', voiceURI: 'bert', lang: 'en'}]}}); return 1 })()"""
    ready.ask(quiet, reader)
    # The size shows when the reader has heard of both.
    ready.ask("chrome.storage.sync.set({reader: {voice: 'bert', size: 27}}).then(() => 1)")
    ready.until(reader, "getComputedStyle(document.getElementById('article')).fontSize === '27px'")
    ready.driver.key(reader, "l")
    ready.until(reader, "window.said.length === 1")
    assert ready.ask("window.said[0]", reader) == [STORY.title, "Bert"]
    ready.driver.key(reader, "l")
    ready.until(reader, "document.body.dataset.speaking === 'false'")
    ready.click(reader, "#look")
    ready.until(reader, "!document.getElementById('look-panel').hidden")
    ready.driver.key(reader, "Escape")
    ready.until(reader, "document.getElementById('look-panel').hidden && document.activeElement.id === 'look'")


def test_letters_do_nothing_once_they_are_switched_off(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/no-letters", page(STORY)))
    form = ready.driver.open(f"{ready.base}/options.html")
    ready.until(form, "document.body.dataset.state === 'ready'")
    assert ready.ask("document.querySelector('[name=letter_keys]').checked", form)
    ready.click(form, "[name=letter_keys]")
    ready.until(form, "chrome.storage.sync.get('reader').then(({reader}) => reader?.letter_keys === false)")
    ready.driver.activate(reader)
    ready.driver.key(reader, "r")
    ready.driver.key(reader, "j")
    marks = "[document.getElementById('drawer').hidden, document.querySelectorAll('.current').length]"
    assert ready.ask(marks, reader) == [True, 0]
    ready.ask("chrome.storage.sync.set({reader: {letter_keys: true, size: 27}}).then(() => 1)")
    ready.until(reader, "getComputedStyle(document.getElementById('article')).fontSize === '27px'")
    ready.driver.key(reader, "r")
    ready.driver.key(reader, "j")
    assert ready.ask(marks, reader) == [False, 1]


def test_escape_closes_the_picture_and_leaves_the_drawer(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = illustrated(site)
    reader = ready.read(site.add("/over", page(STORY)))
    ready.driver.activate(reader)
    ready.click(reader, "#count")
    ready.ask("(document.querySelector('#content img').focus(), 1)", reader)
    ready.driver.key(reader, "Enter")
    ready.until(reader, "lightbox.open")
    ready.driver.key(reader, "Escape")
    ready.until(reader, "!lightbox.open")
    assert ready.ask("drawer.hidden", reader) is False
    ready.driver.key(reader, "Escape")
    ready.until(reader, "drawer.hidden")


def test_page_without_a_site_is_taught_nothing(ready: Browser) -> None:
    facts = {"html": "<p>x</p>", "url": "file:///tmp/a.html", "title": "a", "type": "text/html", "language": "en"}
    kept = json.dumps({"capture:disk": {"snapshot": facts, "at": 1}})
    ready.ask(f"chrome.storage.session.set({kept}).then(() => 1)")
    reader = ready.driver.open(f"{ready.base}/reader.html?id=disk")
    ready.until(reader, "document.body.dataset.state === 'article'")
    for key in ("j", "x", "r"):
        ready.driver.key(reader, key)
    ready.until(reader, "!drawer.hidden")
    assert ready.ask("document.querySelectorAll('#content [data-entry]').length", reader) == len(STORY.paragraphs)
    assert ready.ask("chrome.storage.local.get('rules')") == {}


def test_offer_for_a_selection_keeps_its_shape_in_a_narrow_window(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/offer", page(STORY)))
    box = "(b => [b.left >= 0 && b.right <= innerWidth, Math.round(b.height)])(teach.getBoundingClientRect())"
    select = """(() => { const text = document.querySelector('#content p').firstChild; const range = document.createRange();
      const places = [...text.data.matchAll(/\\S+/g)].map(word => { range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length); return [range.getBoundingClientRect().left, range.cloneRange()]; });
      getSelection().removeAllRanges(); getSelection().addRange(places.sort(([a], [b]) => b - a)[0][1]); return 1 })()"""
    try:
        ready.driver.resize(reader, 1000, 760)
        ready.ask(select, reader)
        ready.until(reader, "!teach.hidden")
        _, height = ready.ask(box, reader)
        ready.driver.resize(reader, 360, 760)
        ready.until(reader, "innerWidth === 360 && teach.getBoundingClientRect().right <= innerWidth")
        ready.ask(select, reader)
        ready.until(reader, f"({box})[1] < {2 * height}")
        assert ready.ask(box, reader)[0]
    finally:
        ready.driver.resize(reader, 1280, 720)


def test_all_tabs_are_a_command_of_the_keyboard(firefox: Browser, site: Site) -> None:
    """It has no keys until the person gives it some, which a page can do in Firefox only."""
    firefox.reset()
    firefox.ask("browser.commands.update({name: 'all-tabs', shortcut: 'Alt+Shift+U'}).then(() => 1)")
    live = firefox.driver.open(site.add("/command", page(STORY)))
    before = firefox.pages("tabs.html")
    firefox.driver.press(live, "U")
    tabs = firefox.opened("tabs.html?window=", before)
    firefox.until(tabs, "document.body.dataset.state === 'ready'")
    firefox.ask("browser.commands.reset('all-tabs').then(() => 1)")
    firefox.close_pages()
