"""All tabs of a window at once."""

from __future__ import annotations

import io
import zipfile

from .conftest import Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site
from .test_ways import MESSAGES

STORY = STORIES["en"]


def test_all_tabs_of_the_window_become_one_book(firefox: Browser, site: Site, prepared: Prepared) -> None:
    """One that the browser has unloaded meanwhile is named."""
    firefox.reset()
    prepared.answer = lambda request: answer(STORIES["de"] if "/zwei" in request["url"] else STORY)
    firefox.use_service(prepared.base)
    firefox.driver.open(site.add("/one", page(STORY)))
    firefox.driver.open(site.add("/zwei", page(STORIES["de"])))
    tabs = firefox.driver.open(f"{firefox.base}/tabs.html")
    firefox.until(tabs, "document.body.dataset.state === 'ready'")
    firefox.driver.accept_permission(lambda: firefox.driver.tap(tabs, "#start"))
    firefox.until(tabs, "document.body.dataset.state === 'done'")
    listed = firefox.ask("document.getElementById('list').innerText", tabs)
    assert STORY.title in listed and STORIES["de"].title in listed
    _, data = firefox.driver.download(tabs, "#epub")
    book = zipfile.ZipFile(io.BytesIO(data))
    assert "book/chapter-2.xhtml" in book.namelist()
    # What the browser has no room for any more is not offered.
    links = "document.querySelectorAll('#list a').length"
    assert firefox.ask(links, tabs) == 2
    oldest = "'capture:' + document.querySelector('#list a').dataset.capture"
    firefox.ask(f"chrome.storage.session.remove({oldest}).then(() => 1)", tabs)
    firefox.until(tabs, f"{links} === 1")
    first = f"chrome.tabs.query({{}}).then(all => all.find(tab => tab.url === '{site.base}/one'))"
    firefox.ask(f"{first}.then(tab => chrome.tabs.discard(tab.id)).then(() => 1)", tabs)
    firefox.until(tabs, f"{first}.then(tab => tab.discarded)")
    prepared.requests.clear()
    firefox.ask("(document.body.dataset.state = 'again', 1)", tabs)
    firefox.driver.tap(tabs, "#start")
    firefox.until(tabs, "document.body.dataset.state === 'done'")
    assert [request["url"] for request in prepared.requests] == [f"{site.base}/zwei"]
    # The other tests' browser is this one: they are to be asked.
    firefox.ask("chrome.permissions.getAll().then(({origins}) => chrome.permissions.remove({origins}))")
    assert MESSAGES["tabs_asleep"]["message"] in firefox.ask("document.getElementById('list').innerText", tabs)
    firefox.close_pages()


def test_many_tabs_fit_into_the_sessions_memory(browser: Browser) -> None:
    """All of it is 10 MB: 25 pages of half a million characters each, of words that are not one like the other."""
    left = browser.ask(
        """(async () => { const {storeCapture} = await import('./capture.js'); await chrome.storage.session.clear();
        const words = Array.from({length: 9000}, (_, n) => (n * 7919 % 9973).toString(36) + (n % 13 ? '' : '</p><p class="text">'));
        for (let page = 0; page < 25; page++) {
          let html = '';
          for (let n = page; html.length < 500_000; n++) html += words[(n * n + page) % words.length] + ' ';
          await storeCapture('many' + page, {snapshot: {html, url: '', title: '', type: 'text/html', language: ''}});
        }
        const kept = Object.keys(await chrome.storage.session.get()).filter(name => name.startsWith('capture:many'));
        await chrome.storage.session.clear(); return kept.length })()"""
    )
    assert left == 25


def test_menu_of_the_button_lists_the_tabs_of_its_window(firefox: Browser, site: Site) -> None:
    firefox.reset()
    firefox.driver.open(site.add("/one", page(STORY)))
    before = firefox.pages("tabs.html")
    firefox.driver.button_menu(MESSAGES["menu_tabs"]["message"])
    tabs = firefox.opened("tabs.html?window=", before)
    firefox.until(tabs, "document.body.dataset.state === 'ready'")
    own = "chrome.windows.getCurrent().then(w => w.id === Number(new URLSearchParams(location.search).get('window')))"
    assert firefox.ask(own, tabs)
    firefox.close_pages()
