"""What Chromium's own means are needed for: the side panel and leave to read all tabs."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from .chromium import Chromium
from .conftest import EXTENSION, Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site
from .test_ways import CAUGHT

STORY = STORIES["en"]


@pytest.fixture(scope="module")
def granted(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium with the optional permissions granted: its dialog cannot be reached without a screen."""
    folder: Path = tmp_path_factory.mktemp("granted") / "extension"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "store"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["permissions"] += manifest.pop("optional_permissions")
    manifest["host_permissions"] = manifest.pop("optional_host_permissions")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    driver = Chromium(folder)
    yield Browser(driver)
    driver.close()


def test_all_tabs_of_the_window_become_one_book(granted: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = lambda request: answer(STORIES["de"] if "/zwei" in request["url"] else STORY)
    granted.use_service(prepared.base)
    granted.driver.open(site.add("/one", page(STORY)))
    granted.driver.open(site.add("/zwei", page(STORIES["de"])))
    tabs = granted.driver.open(f"{granted.base}/tabs.html")
    granted.ask(CAUGHT, tabs)
    granted.until(tabs, "document.body.dataset.state === 'ready'")
    granted.click(tabs, "#start")
    granted.until(tabs, "document.body.dataset.state === 'done'")
    listed = granted.ask("document.getElementById('list').innerText", tabs)
    assert STORY.title in listed and STORIES["de"].title in listed
    granted.click(tabs, "#epub")
    granted.until(tabs, "window.caught.length > 0")
    book = zipfile.ZipFile(io.BytesIO(b64decode(granted.ask("window.caught[0][1]", tabs))))
    assert "book/chapter-2.xhtml" in book.namelist()
    granted.close_pages()


def test_button_opens_the_side_panel_when_it_is_chosen(granted: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORY)
    granted.use_service(prepared.base)
    granted.ask("chrome.storage.sync.set({reader: {open_in: 'panel'}}).then(() => 1)")
    granted.until(granted.driver.ext, "chrome.sidePanel.getPanelBehavior().then(b => b.openPanelOnActionClick)")
    live = granted.driver.open(site.add("/panel", page(STORY)))
    granted.driver.click_action(live)
    read = "chrome.runtime.getContexts({contextTypes: ['SIDE_PANEL']}).then(all => all.length === 1)"
    granted.until(granted.driver.ext, read)
    granted.until(
        granted.driver.ext,
        "chrome.storage.session.get().then(all => Object.keys(all).some(k => k.startsWith('capture:')))",
    )
    granted.driver.sleep(0.5)
    assert STORY.paragraphs[0] in prepared.requests[-1]["html"]
    granted.close_pages()
