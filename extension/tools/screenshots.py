"""Takes every screenshot of the extension: `python extension/tools/screenshots.py [FOLDER]` (default: dist/screenshots/).

Those that store/listing.md names are copied there.

Runs the real extension in headless Chromium against an answer prepared from invented
articles, so that the pictures are the same whatever the judge says today.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
STORE = ROOT / "extension" / "store"
sys.path.insert(0, str(ROOT / "tests"))

from browser.chromium import Chromium  # noqa: E402
from browser.conftest import Browser  # noqa: E402
from browser.news import STORIES, answer, page  # noqa: E402
from browser.servers import Prepared, Site, free_port  # noqa: E402

SITES = {"ar": "صحيفة المرفأ", "ja": "山里新聞", "de": "Lindenberger Bote"}
AUTHORS = {"ar": "سلمى الهادي", "ja": "高瀬みどり", "de": "Hanna Brückner"}
WIDE, PHONE, PANEL = (1280, 800), (390, 844), (360, 800)
THEMES = ("light", "dark", "sepia", "contrast")
RULES = [
    {"id": "a", "type": "keep", "label": "author_bio"},
    {"id": "b", "type": "drop", "site": "bay-post.example", "text": "Read our guide to the harbour festival."},
]
STILL = """document.fonts.status === 'loaded' && [...document.images].every(i => i.complete)
    && document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().iterations === Infinity)
    && new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""


def illustrated(base: str) -> dict[str, Any]:
    """An article with a picture, a subheading, a quotation, a list, a table and code."""
    blocks: list[Any] = list(answer(STORIES["en"])["blocks"])  # type: ignore[call-overload]

    def add(at: int, kind: str, html: str, label: str = "content") -> None:
        facts = {"id": 40 + len(blocks), "kind": kind, "label": label, "html": html, "text": "Words"}
        blocks.insert(at, facts)

    add(
        1,
        "figure",
        f'<figure><img src="{base}/picture/quay.png" alt="The mill seen from the quay"></figure>',
        "caption",
    )
    add(
        2,
        "figure",
        "<figure><figcaption>The mill seen from the eastern quay in March.</figcaption></figure>",
        "caption",
    )
    add(4, "heading", "<h2>What the machines need</h2>")
    add(
        5,
        "quote",
        "<blockquote><p>The river gives us the water, and we give it back cleaner than it came.</p></blockquote>",
    )
    add(6, "table", "<table><thead><tr><th>Year</th><th>Rolls</th><th>Workers</th></tr></thead></table>")
    add(7, "table", "<table><tbody><tr><td>2016</td><td>18,400</td><td>112</td></tr></tbody></table>")
    add(8, "table", "<table><tbody><tr><td>2026</td><td>6,000</td><td>40</td></tr></tbody></table>")
    add(9, "list_item", "<ul><li>Brown wrapping paper, by barge from Thursday</li></ul>")
    add(10, "list_item", "<ul><li>Kraft board, from the autumn on</li></ul>")
    add(11, "code", "<pre><code>rolls = tons * 1000 / weight_of_a_roll  # as the quay master counts them</code></pre>")
    return answer(
        STORIES["en"],
        blocks=blocks,
        dek="Forty people are back at work where nobody thought that the gate would open again.",
    )


class Camera:
    """A browser to photograph, with a news site and a service."""

    def __init__(self, folder: Path, driver: Chromium) -> None:
        self.folder = folder
        self.browser = Browser(driver)
        self.site, self.service = Site(), Prepared()
        self.browser.use_service(self.service.base)

    def look(self, **settings: Any) -> None:
        self.browser.ask(f"chrome.storage.sync.set({{reader: {json.dumps(settings)}}}).then(() => 1)")

    def reader(self, code: str, state: str = "article", **changes: Any) -> Any:
        story = STORIES[code]
        facts = {
            "site_name": SITES.get(code, "The Bay Post"),
            "byline": AUTHORS.get(code, "Ada Penn"),
            **changes,
        }
        self.service.answer = {**answer(story), **facts}
        return self.browser.read(self.site.add(f"/{code}", page(story)), state)

    def page(self, name: str) -> Any:
        opened = self.browser.driver.open(f"{self.browser.base}/{name}.html")
        self.browser.until(opened, "document.body.dataset.state === 'ready'")
        return opened

    def shoot(self, opened: Any, name: str, size: tuple[int, int] = WIDE, whole: bool = False) -> None:
        self.browser.driver.resize(opened, *size)
        self.browser.ask("(document.activeElement?.blur(), 1)", opened)
        self.browser.until(opened, STILL)
        opened.screenshot(path=self.folder / f"{name}.png", full_page=whole)

    def close(self) -> None:
        self.browser.driver.close()
        self.site.close()
        self.service.close()


def readers(camera: Camera) -> None:
    """The article in each theme, script and width, with and without the drawer."""
    browser = camera.browser
    for theme in THEMES:
        camera.look(theme=theme)
        reader = camera.reader("en")
        browser.click(reader, "#count")
        camera.shoot(reader, f"reader-{theme}")
        camera.shoot(reader, f"drawer-phone-{theme}", PHONE)
    for theme in ("light", "dark"):
        camera.look(theme=theme)
        for language, name in (("ar", "arabic"), ("ja", "japanese")):
            reader = camera.reader(language)
            camera.shoot(reader, f"reader-{name}-{theme}")
            camera.shoot(reader, f"reader-{name}-phone-{theme}", PHONE)
            browser.click(reader, "#count")
            camera.shoot(reader, f"drawer-{name}-{theme}")
        reader = camera.reader("en", **illustrated(camera.site.base))
        camera.shoot(reader, f"reader-whole-{theme}", whole=True)
        camera.shoot(reader, f"reader-phone-{theme}", PHONE)
        browser.click(reader, "#look")
        camera.shoot(reader, f"appearance-{theme}")
        camera.shoot(reader, f"appearance-phone-{theme}", PHONE)
        browser.click(reader, "#speak")
        camera.shoot(reader, f"aloud-{theme}")
        browser.click(reader, "#speak")
        browser.click(reader, "#content img")
        camera.shoot(reader, f"lightbox-{theme}")
    camera.look(theme="light", font="sans")
    reader = camera.reader("de")
    camera.shoot(reader, "reader-sans")
    browser.ask("(getSelection().selectAllChildren(document.querySelector('[data-entry]')), 1)", reader)
    browser.until(reader, "!document.getElementById('teach').hidden")
    camera.shoot(reader, "teach")


def pages(camera: Camera) -> None:
    """Options with the rules, privacy, all tabs."""
    browser = camera.browser
    browser.ask(f"chrome.storage.local.set({{rules: {json.dumps(RULES)}}}).then(() => 1)")
    for theme in ("light", "dark"):
        camera.look(theme=theme)
        options = camera.page("options")
        browser.click(options, "#test")
        browser.until(options, "document.querySelector('#checks li:last-child')?.dataset.result")
        camera.shoot(options, f"options-{theme}", whole=True)
        camera.shoot(options, f"options-phone-{theme}", PHONE, whole=True)
        camera.shoot(camera.page("privacy"), f"privacy-{theme}")
        camera.shoot(camera.page("tabs"), f"tabs-{theme}")


def failures(camera: Camera) -> None:
    """What is said when there is no article."""
    browser, service, site = camera.browser, camera.service, camera.site
    story = page(STORIES["en"])
    for theme in ("light", "dark"):
        camera.look(theme=theme)
        service.status, service.answer, service.token = 422, {"detail": "The page holds no article."}, ""
        camera.shoot(browser.read(site.add("/front", story), "failure"), f"failure-no-article-{theme}")
        camera.shoot(browser.read("chrome://version/", "failure"), f"failure-unreadable-{theme}")
        service.token = "asked-for"
        camera.shoot(browser.read(site.add("/token", story), "failure"), f"failure-token-phone-{theme}", PHONE)
        browser.use_service(f"http://127.0.0.1:{free_port()}")
        reader = browser.read(site.add("/down", story), "failure")
        camera.shoot(reader, f"failure-offline-{theme}")
        camera.shoot(reader, f"failure-offline-phone-{theme}", PHONE)
        browser.click(reader, "#local")
        browser.until(reader, "document.body.dataset.state === 'article'")
        camera.shoot(reader, f"reader-local-{theme}")
        browser.use_service(service.base)
    service.reset()


def panel(camera: Camera) -> None:
    """What the side panel holds, in a tab of its width."""
    camera.look(theme="light")
    camera.reader("en")
    opened = camera.browser.driver.open(f"{camera.browser.base}/reader.html?panel=1")
    camera.shoot(opened, "panel-empty", PANEL)
    capture = """chrome.storage.session.get().then(all => Object.keys(all).find(key => key.startsWith('capture:')).slice(8))
        .then(async id => chrome.storage.session.set({panel: {id, windowId: (await chrome.windows.getCurrent()).id}})).then(() => 1)"""
    camera.browser.ask(capture)
    camera.browser.driver.reload(opened)
    camera.browser.until(opened, "document.body.dataset.state === 'article'")
    camera.shoot(opened, "panel", PANEL)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(folder, Chromium(ROOT / "extension", viewport={"width": WIDE[0], "height": WIDE[1]}))
    try:
        for take in (readers, pages, failures, panel):
            take(camera)
    finally:
        camera.close()
    for name in re.findall(r"[\w-]+\.png", (STORE / "listing.md").read_text(encoding="utf-8")):
        shutil.copy(folder / name, STORE)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "screenshots")
