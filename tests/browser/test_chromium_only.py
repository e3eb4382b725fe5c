"""Chromium's own menus, dialogs and side panel, which need a screen (Firefox's are reached without one); its incognito windows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .chromium import Chromium
from .conftest import EXTENSION, Browser
from .news import STORIES, answer, page
from .screen import ScreenChromium
from .servers import Prepared, Site
from .test_settings import refuse_the_service
from .test_ways import link_to_another_site, refuse_the_link

STORY = STORIES["en"]
# Places from the end of Chromium's own menus: above "Inspect", and above "View page source" for a page.
IN_MENU, IN_PAGE_MENU = 2, 3


@pytest.fixture
def screen(site: Site, prepared: Prepared) -> Iterator[Browser]:
    browser = Browser(ScreenChromium(EXTENSION))
    prepared.answer = lambda request: answer(STORIES["de"] if "/zwei" in request["url"] else STORY)
    browser.use_service(prepared.base)
    yield browser
    browser.driver.close()


def test_context_menu_reads_page_selection_and_link(screen: Browser, site: Site, prepared: Prepared) -> None:
    site.add("/zwei", page(STORIES["de"]))
    link = '<p><a id="link" href="/zwei">A link to follow</a></p>'
    live = screen.driver.open(site.add("/menu", page(STORY, middle=link)))
    before = screen.pages("reader.html")
    screen.driver.context_menu(live, ".article-body p", IN_PAGE_MENU)
    assert STORY.title in screen.text(screen.reader(before))
    assert STORY.paragraphs[4] in prepared.requests[-1]["html"]
    before = screen.pages("reader.html")
    screen.driver.context_menu(live, "#link", IN_MENU)
    assert STORIES["de"].title in screen.text(screen.reader(before))
    assert prepared.requests[-1]["url"] == f"{site.base}/zwei"
    screen.ask("(getSelection().selectAllChildren(document.querySelector('.article-body p')), 1)", live)
    before = screen.pages("reader.html")
    screen.driver.context_menu(live, ".article-body p", IN_MENU)
    screen.reader(before)
    html = prepared.requests[-1]["html"]
    assert STORY.paragraphs[0] in html and STORY.paragraphs[1] not in html


def test_link_to_another_site_is_read_once_that_is_allowed(screen: Browser, site: Site, prepared: Prepared) -> None:
    site.add("/zwei", page(STORIES["de"]))
    other = site.base.replace("127.0.0.1", "localhost") + "/zwei"
    live = screen.driver.open(site.add("/away", page(STORY, middle=f'<p><a id="link" href="{other}">Away</a></p>')))
    before = screen.pages("reader.html")
    screen.driver.accept_permission(lambda: screen.driver.context_menu(live, "#link", IN_MENU))
    assert STORIES["de"].title in screen.text(screen.reader(before))
    assert prepared.requests[-1]["url"] == other


def test_refused_permissions_are_told_with_their_fixes(screen: Browser, site: Site, prepared: Prepared) -> None:
    refuse_the_service(screen)
    live = link_to_another_site(screen, site, prepared)
    refuse_the_link(screen, prepared, lambda: screen.driver.context_menu(live, "#link", IN_MENU))


def test_all_tabs_of_the_window_become_one_book(screen: Browser, site: Site) -> None:
    screen.driver.open(site.add("/one", page(STORY)))
    screen.driver.open(site.add("/zwei", page(STORIES["de"])))
    tabs = screen.driver.open(f"{screen.base}/tabs.html")
    screen.until(tabs, "document.body.dataset.state === 'ready'")
    screen.driver.accept_permission(lambda: screen.driver.tap(tabs, "#start"))
    screen.until(tabs, "document.body.dataset.state === 'done'")
    listed = screen.ask("document.getElementById('list').innerText", tabs)
    assert STORY.title in listed and STORIES["de"].title in listed
    _, data = screen.driver.download(tabs, "#epub")
    book = zipfile.ZipFile(io.BytesIO(data))
    assert "book/chapter-2.xhtml" in book.namelist()


def test_button_opens_the_side_panel_once_it_is_chosen(site: Site, prepared: Prepared, tmp_path: Path) -> None:
    """With no more than the click's own leave to read the page; and a second click shows another page there."""
    prepared.answer = lambda request: answer(STORIES["de"] if "/zwei" in request["url"] else STORY)
    browser = Browser(ScreenChromium(EXTENSION, profile=tmp_path))
    try:
        options = browser.driver.open(f"{browser.base}/options.html")
        browser.until(options, "document.body.dataset.state === 'ready'")
        browser.ask("(document.querySelector('[name=open_in]').focus(), 1)", options)
        browser.driver.accept_permission(lambda: browser.driver.screen.do("key", "Down"))
        browser.until(options, "document.getElementById('reader-settings').innerText.includes('next start')")
    finally:
        browser.driver.close()
    browser = Browser(ScreenChromium(EXTENSION, profile=tmp_path))
    try:
        browser.use_service(prepared.base)
        browser.until(browser.driver.ext, "chrome.storage.session.get('panel_ready').then(s => s.panel_ready)")
        text = "document.body.dataset.state === 'article' && document.getElementById('article').innerText"
        driver = browser.driver
        for path, story in (("/panel", STORY), ("/zwei", STORIES["de"])):
            driver.click_action(driver.open(site.add(path, page(story))))
            driver.screen.until(lambda: story.title in (driver.side_panel(text) or ""), "the article in the panel")  # noqa: B023
            assert story.paragraphs[0] in prepared.requests[-1]["html"]
        assert browser.pages("reader.html?id") == []
    finally:
        browser.driver.close()


def test_article_of_an_incognito_window_opens_there(site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORY)
    browser = Browser(driver := Chromium(EXTENSION))
    try:
        driver.allow_incognito()
        browser.use_service(prepared.base)
        url = site.add("/incognito", page(STORY))
        browser.ask(f"chrome.windows.create({{incognito: true, url: '{url}'}}).then(() => 1)")
        browser.wait(lambda: {t["type"] for t in driver.targets(url)} == {"page", "tab"}, "the page")
        live = next(target for target in driver.targets(url) if target["type"] == "tab")
        ready = "document.readyState === 'complete'"
        shown = next(target["targetId"] for target in driver.targets(url) if target["type"] == "page")
        browser.wait(lambda: driver.evaluate_target(shown, ready), "the page to be loaded")
        driver.cdp.send("Extensions.triggerAction", {"id": driver.id, "targetId": live["targetId"]})
        browser.wait(lambda: driver.targets("reader.html"), "the reader")
        reader = next(target for target in driver.targets("reader.html") if target["type"] == "page")
        assert reader["browserContextId"] == live["browserContextId"]
        text = "document.body.dataset.state === 'article' && document.getElementById('article').innerText"
        browser.wait(lambda: STORY.title in (driver.evaluate_target(reader["targetId"], text) or ""), "the article")
        menus = "Promise.all(['clean-page', 'all-tabs'].map(id => chrome.contextMenus.update(id, {}))).then(() => true)"
        assert driver.evaluate_target(reader["targetId"], menus) is True
    finally:
        driver.close()
