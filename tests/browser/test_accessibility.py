"""axe-core finds nothing on any page of the extension, in any theme."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import EXTENSION, Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site, free_port
from .test_ways import illustrated

AXE = EXTENSION / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark", "sepia", "contrast")

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run `npm ci` in extension/")


def violations(browser: Browser, opened: Any) -> list[str]:
    source = Path(AXE).read_text(encoding="utf-8")
    browser.ask(f"((() => {{ {source} }}).call(window), 1)", opened)
    run = "axe.run(document).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ' ' + n.target.join(' ') + ' ' + n.failureSummary)))"
    return list(browser.ask(run, opened))


def set_theme(browser: Browser, opened: Any, theme: str) -> None:
    browser.ask(f"(document.documentElement.dataset.theme = '{theme}', 1)", opened)


def test_reader_and_drawer_have_no_violations(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = {**illustrated(site), "removed": answer(STORIES["en"])["removed"]}
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/axe", page(STORIES["en"])))
    browser.click(reader, "#count")
    browser.ask("(document.querySelectorAll('#removed details').forEach(d => d.open = true), 1)", reader)
    for theme in THEMES:
        set_theme(browser, reader, theme)
        assert violations(browser, reader) == [], theme
    for panel in ("look", "speak", "copy", "save"):
        browser.click(reader, f"#{panel}")
        assert violations(browser, reader) == [], panel


@pytest.mark.parametrize("name", ["options", "privacy", "tabs"])
def test_other_pages_have_no_violations(browser: Browser, name: str) -> None:
    browser.ask(
        "chrome.storage.local.set({rules: [{id: 'a', type: 'drop', site: 'example.org', text: 'Words'}]}).then(() => 1)"
    )
    opened = browser.driver.open(f"{browser.base}/{name}.html")
    browser.until(opened, "document.body.dataset.state === 'ready'")
    for theme in THEMES:
        set_theme(browser, opened, theme)
        assert violations(browser, opened) == [], theme


def test_failure_state_has_no_violations(browser: Browser, site: Site) -> None:
    browser.use_service(f"http://127.0.0.1:{free_port()}")
    reader = browser.read(site.add("/axe-fail", page(STORIES["en"])), "failure")
    for theme in THEMES:
        set_theme(browser, reader, theme)
        assert violations(browser, reader) == [], theme


def test_print_shows_the_article_and_its_address_only(chromium: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORIES["en"])
    chromium.reset()
    chromium.use_service(prepared.base)
    url = site.add("/print", page(STORIES["en"]))
    reader = chromium.read(url)
    chromium.click(reader, "#count")
    reader.emulate_media(media="print")
    shown = "['bar', 'drawer', 'progress', 'toast'].filter(id => document.getElementById(id).checkVisibility())"
    assert chromium.ask(shown, reader) == []
    assert chromium.ask("getComputedStyle(document.documentElement).backgroundColor", reader) == "rgb(255, 255, 255)"
    text = chromium.text(reader)
    assert STORIES["en"].paragraphs[4] in text and url in text
    chromium.close_pages()


def test_reduced_motion_and_forced_colours_are_heeded(chromium: Browser, site: Site) -> None:
    chromium.reset()
    chromium.use_service(f"http://127.0.0.1:{free_port()}")
    reader = chromium.read(site.add("/motion", page(STORIES["en"])), "failure")
    animated = "getComputedStyle(document.querySelector('#skeleton div')).animationName"
    assert chromium.ask(animated, reader) == "breathe"
    reader.emulate_media(reduced_motion="reduce", forced_colors="active")
    assert chromium.ask(animated, reader) == "none"
    button = "getComputedStyle(document.querySelector('#failure .button')).borderTopColor"
    icon = "getComputedStyle(document.querySelector('#look .icon')).stroke"
    assert chromium.ask(f"[{button}, {icon}]", reader) == ["rgb(0, 0, 0)", "rgb(0, 0, 0)"]
    chromium.close_pages()
