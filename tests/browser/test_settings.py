"""Settings: the connection test tells what to mend, and what is set stays set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .chromium import Chromium
from .conftest import EXTENSION, Browser, package
from .firefox import Firefox
from .news import STORIES, answer, page
from .servers import Prepared, Site, free_port

RESULTS = (
    "Object.fromEntries([...document.querySelectorAll('#checks li')].map(l => [l.dataset.check, l.dataset.result]))"
)


def options(browser: Browser) -> Any:
    opened = browser.driver.open(f"{browser.base}/options.html")
    browser.until(opened, "document.body.dataset.state === 'ready'")
    return opened


def checked(browser: Browser, address: str, token: str = "") -> tuple[dict[str, str], str]:
    """What the checklist says to an address and a token."""
    form = options(browser)
    for name, value in (("address", address), ("token", token)):
        browser.ask(f"(document.querySelector('[name={name}]').value = {json.dumps(value)}, 1)", form)
    browser.click(form, "#test")
    browser.until(
        form,
        "[...document.querySelectorAll('#checks li')].every(l => l.dataset.result) && document.querySelector('#checks li')",
    )
    return browser.ask(RESULTS, form), browser.ask("document.getElementById('checks').innerText", form)


def test_first_run_needs_no_settings(browser: Browser) -> None:
    form = options(browser)
    assert browser.ask("document.querySelector('[name=address]').value", form) == "http://127.0.0.1:8347"


def test_good_connection_passes_every_line(browser: Browser, prepared: Prepared) -> None:
    prepared.token, prepared.answer = "plum", answer(STORIES["en"])
    results, words = checked(browser, prepared.base + "/", "plum")
    assert results == {"address": "good", "permission": "good", "service": "good", "token": "good"}
    assert "0.1.0" in words


def test_each_failing_line_says_what_mends_it(browser: Browser, prepared: Prepared) -> None:
    results, words = checked(browser, "not an address at all")
    assert results["address"] == "bad" and results["service"] == "skipped" and "http://127.0.0.1:8347" in words
    results, words = checked(browser, f"127.0.0.1:{free_port()}")
    assert results["service"] == "bad" and "bodycopy serve" in words
    prepared.token = "plum"
    results, words = checked(browser, prepared.base, "wrong")
    assert results["token"] == "bad" and "BODYCOPY_TOKEN" in words


def test_address_without_its_scheme_is_taken_as_typed(browser: Browser) -> None:
    form = options(browser)
    typed = ["127.0.0.1:8347", "nas:8347", "nas.local/clean/", "reader.example.org", "http://reader.example.org"]
    tidy = f"import('{browser.base}/settings.js').then(s => {json.dumps(typed)}.map(s.tidyAddress))"
    assert browser.ask(tidy, form) == [
        "http://127.0.0.1:8347",
        "http://nas:8347",
        "http://nas.local/clean",
        "https://reader.example.org",
        "http://reader.example.org",
    ]


def test_only_save_saves_and_says_so(browser: Browser, prepared: Prepared) -> None:
    prepared.answer = answer(STORIES["en"])
    address = prepared.base.removeprefix("http://")
    checked(browser, address)
    assert browser.ask("chrome.storage.local.get('server')") == {}
    form = options(browser)
    browser.ask(f"(document.querySelector('[name=address]').value = '{address}', 1)", form)
    browser.click(form, "#save")
    browser.until(form, "document.getElementById('server-said').textContent === 'Saved'")
    assert browser.ask("chrome.storage.local.get('server').then(s => s.server.address)") == prepared.base


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [("headers", "X-Good: one\nX-Household plum", "X-Household plum"), ("token", "梅", "token")],
)
def test_what_cannot_be_sent_is_named_and_not_saved(browser: Browser, name: str, typed: str, said: str) -> None:
    form = options(browser)
    browser.ask(f"(document.querySelector('[name={name}]').value = {json.dumps(typed)}, 1)", form)
    browser.click(form, "#save")
    browser.until(form, f"document.getElementById('server-said').textContent.includes({json.dumps(said)})")
    assert browser.ask("document.activeElement.name", form) == name
    assert browser.ask("chrome.storage.local.get('server')") == {}


def test_refused_permission_is_told_with_its_fix(firefox: Browser) -> None:
    firefox.reset()
    refuse_the_service(firefox)
    firefox.close_pages()


def refuse_the_service(browser: Browser) -> None:
    """A service elsewhere, whose address the person then does not allow: what is said, and that nothing is asked of it."""
    form = options(browser)
    browser.ask("(document.querySelector('[name=address]').value = 'http://bodycopy.invalid:8347', 1)", form)
    browser.driver.refuse_permission(lambda: browser.driver.tap(form, "#test"))
    browser.until(form, f"({RESULTS}).token")
    assert browser.ask(RESULTS, form) == {
        "address": "good",
        "permission": "bad",
        "service": "skipped",
        "token": "skipped",
    }
    assert "allow access" in browser.ask("document.getElementById('checks').innerText", form)


def test_extra_headers_go_with_each_request(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORIES["en"])
    form = options(browser)
    browser.ask(f"(document.querySelector('[name=address]').value = '{prepared.base}', 1)", form)
    browser.ask("(document.querySelector('[name=headers]').value = 'X-Household: plum tree', 1)", form)
    browser.click(form, "#save")
    browser.until(form, "document.querySelector('#checks li:last-child')?.dataset.result")
    browser.read(site.add("/headers", page(STORIES["en"])))
    assert prepared.requests[-1]["headers"]["X-Household"] == "plum tree"


def test_extra_headers_may_have_any_name_of_http(browser: Browser) -> None:
    form = options(browser)
    browser.ask("(document.querySelector('[name=headers]').value = 'X_Api_Key: abc', 1)", form)
    browser.click(form, "#save")
    browser.until(form, "document.getElementById('server-said').textContent === 'Saved'")
    assert browser.ask("chrome.storage.local.get('server').then(s => s.server.headers)") == {"X_Api_Key": "abc"}


def test_extra_headers_pass_the_services_door(browser: Browser, service: str) -> None:
    form = options(browser)
    browser.ask(f"(document.querySelector('[name=address]').value = '{service}', 1)", form)
    browser.ask("(document.querySelector('[name=headers]').value = 'X-Household: plum tree', 1)", form)
    browser.click(form, "#save")
    browser.until(form, "document.querySelector('#checks li:last-child')?.dataset.result")
    assert set(browser.ask(RESULTS, form).values()) == {"good"}


def test_looks_are_changed_in_the_reader_and_remembered(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORIES["en"])
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/looks", page(STORIES["en"])))
    for name, value in (("theme", "sepia"), ("font", "sans"), ("size", "26")):
        field = f"document.querySelector('#look-panel [name={name}]')"
        change = "(f => (f.value = %s, f.dispatchEvent(new Event('input', {bubbles: true})), f.dispatchEvent(new Event('change', {bubbles: true})), 1))(%s)"
        browser.ask(change % (json.dumps(value), field), reader)
    browser.until(reader, "getComputedStyle(document.getElementById('article')).fontSize === '26px'")
    browser.until(reader, "chrome.storage.sync.get('reader').then(s => s.reader?.size === 26)")
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'article'")
    state = "[document.documentElement.dataset.theme, document.documentElement.dataset.font, getComputedStyle(document.getElementById('article')).fontSize]"
    assert browser.ask(state, reader) == ["sepia", "sans", "26px"]


def test_slider_is_written_once_and_a_refused_write_loses_nothing(
    browser: Browser, site: Site, prepared: Prepared
) -> None:
    prepared.answer = answer(STORIES["en"])
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/slider", page(STORIES["en"])))
    refuse_first = """(() => { const area = chrome.storage.sync, set = area.set.bind(area); window.writes = 0;
      area.set = (items) => window.writes++ ? set(items) : Promise.reject(new Error("too many")); return 1 })()"""
    browser.ask(refuse_first, reader)
    slide = """(() => { const field = document.querySelector('#look-panel [name=size]');
      for (let size = 14; size <= 30; size++) { field.value = size; field.dispatchEvent(new Event('input')); } return 1 })()"""
    browser.ask(slide, reader)
    browser.until(reader, "document.getElementById('toast').textContent.includes('could not save')")
    assert browser.ask("window.writes", reader) == 1
    field = "document.querySelector('#look-panel [name=theme]')"
    browser.ask(f"({field}.value = 'sepia', {field}.dispatchEvent(new Event('change')), 1)", reader)
    saved = "chrome.storage.sync.get('reader').then(s => s.reader?.size === 30 && s.reader.theme === 'sepia')"
    browser.until(reader, saved)


def test_looks_changed_just_before_the_page_goes_are_kept(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORIES["en"])
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/leaving", page(STORIES["en"])))
    field = "document.querySelector('#look-panel [name=size]')"
    read = "chrome.storage.sync.get('reader')"
    browser.ask(f"({field}.value = 29, {field}.dispatchEvent(new Event('input')), {read}.then(() => 1))", reader)
    browser.driver.reload(reader)
    browser.until(reader, "getComputedStyle(document.getElementById('article')).fontSize === '29px'")


def test_article_is_shown_where_the_looks_cannot_be_read(chromium: Browser, site: Site, prepared: Prepared) -> None:
    chromium.reset()
    prepared.answer = answer(STORIES["en"])
    chromium.use_service(prepared.base)
    reader = chromium.read(site.add("/blind", page(STORIES["en"])))
    reader.add_init_script("chrome.storage.sync.get = () => Promise.reject(new Error('no'))")
    chromium.driver.reload(reader)
    chromium.until(reader, "document.body.dataset.state === 'article'")
    chromium.close_pages()


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_settings_outlive_a_restart_of_the_browser(name: str, tmp_path: Path) -> None:
    archive = package.build(tmp_path / "dist")["firefox"]

    def start(first: bool) -> Browser:
        if name == "chromium":
            return Browser(Chromium(EXTENSION, profile=tmp_path))
        return Browser(Firefox(archive, profile=tmp_path, permanent=True, install=first))

    browser = start(True)
    rules = "[{id: 'a', type: 'keep', label: 'author_bio'}]"
    try:
        browser.ask(
            f"Promise.all([chrome.storage.sync.set({{reader: {{theme: 'dark'}}}}), chrome.storage.local.set({{rules: {rules}}})]).then(() => 1)"
        )
    finally:
        browser.driver.close()
    browser = start(False)
    try:
        assert browser.ask("chrome.storage.sync.get('reader').then(s => s.reader.theme)") == "dark"
        assert browser.ask("chrome.storage.local.get('rules').then(s => s.rules[0].label)") == "author_bio"
    finally:
        browser.driver.close()


def test_reading_defaults_of_the_options_reach_open_readers(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORIES["en"])
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/defaults", page(STORIES["en"])))
    form = options(browser)
    field = "document.querySelector('#reader-settings [name=theme]')"
    browser.ask(f"({field}.value = 'sepia', {field}.dispatchEvent(new Event('change')), 1)", form)
    for opened in (form, reader):
        browser.until(opened, "document.documentElement.dataset.theme === 'sepia'")
    browser.until(reader, "document.querySelector('#look-panel [name=theme]').value === 'sepia'")


def test_privacy_page_names_where_pages_are_sent(browser: Browser) -> None:
    browser.use_service("http://reading.example:9000")
    opened = browser.driver.open(f"{browser.base}/privacy.html")
    browser.until(opened, "document.body.dataset.state === 'ready'")
    words = browser.ask("document.body.innerText", opened)
    for part in ("http://reading.example:9000", "What is sent", "What is kept", "no tracking"):
        assert part in words
