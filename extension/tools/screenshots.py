"""Takes every screenshot of the extension: `python extension/tools/screenshots.py [FOLDER]` (default: extension/store/).

Runs the real extension in headless Chromium against an answer prepared from invented
articles, so that the pictures are the same whatever the judge says today.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser.chromium import Chromium  # noqa: E402
from browser.conftest import Browser  # noqa: E402
from browser.news import STORIES, answer, page  # noqa: E402
from browser.servers import Prepared, Site, free_port  # noqa: E402

SITES = {"ar": "صحيفة المرفأ", "ja": "山里新聞", "de": "Lindenberger Bote"}
AUTHORS = {"ar": "سلمى الهادي", "ja": "高瀬みどり", "de": "Hanna Brückner"}
WIDE, PHONE = (1280, 800), (390, 844)


class Camera:
    """A browser to photograph."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.browser = Browser(Chromium(ROOT / "extension", viewport={"width": WIDE[0], "height": WIDE[1]}))
        self.site, self.service = Site(), Prepared()
        self.browser.use_service(self.service.base)

    def look(self, **settings: Any) -> None:
        self.browser.ask(f"chrome.storage.sync.set({{reader: {json.dumps(settings)}}}).then(() => 1)")

    def reader(self, language: str, state: str = "article") -> Any:
        story = STORIES[language]
        self.service.answer = answer(
            story, site_name=SITES.get(language, "The Bay Post"), byline=AUTHORS.get(language, "Ada Penn")
        )
        return self.browser.read(self.site.add(f"/{language}", page(story)), state)

    def shoot(self, opened: Any, name: str, size: tuple[int, int] = WIDE, whole: bool = False) -> None:
        self.browser.driver.resize(opened, *size)
        self.browser.ask("(document.activeElement?.blur(), 1)", opened)
        self.browser.driver.sleep(0.4)
        opened.screenshot(path=self.folder / f"{name}.png", full_page=whole)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(folder)
    browser = camera.browser
    for theme in ("light", "dark", "sepia", "contrast"):
        camera.look(theme=theme)
        reader = camera.reader("en")
        browser.click(reader, "#count")
        camera.shoot(reader, f"reader-{theme}")
    camera.look(theme="light", font="sans")
    camera.shoot(camera.reader("de"), "reader-sans")
    camera.look(theme="light")
    camera.shoot(camera.reader("ar"), "reader-arabic")
    camera.shoot(camera.reader("ja"), "reader-japanese")
    reader = camera.reader("en")
    camera.shoot(reader, "reader-phone", PHONE)
    browser.click(reader, "#count")
    camera.shoot(reader, "drawer-phone", PHONE)
    reader = camera.reader("en")
    browser.click(reader, "#look")
    camera.shoot(reader, "appearance")
    browser.ask(
        "chrome.storage.local.set({rules: [{id: 'a', type: 'keep', label: 'author_bio'}, {id: 'b', type: 'drop', site: 'bay-post.example', text: 'Read our guide to the harbour festival.'}]}).then(() => 1)"
    )
    options = browser.driver.open(f"{browser.base}/options.html")
    browser.until(options, "document.body.dataset.state === 'ready'")
    browser.click(options, "#test")
    browser.until(options, "document.querySelector('#checks li:last-child')?.dataset.result")
    camera.shoot(options, "options", whole=True)
    privacy = browser.driver.open(f"{browser.base}/privacy.html")
    camera.shoot(privacy, "privacy")
    camera.service.status, camera.service.answer = 422, {"detail": "The page holds no article."}
    camera.shoot(browser.read(camera.site.add("/front", page(STORIES["en"])), "failure"), "failure-no-article")
    camera.service.token = "asked-for"
    camera.shoot(browser.read(camera.site.add("/token", page(STORIES["en"])), "failure"), "failure-token", PHONE)
    camera.shoot(browser.read("chrome://version/", "failure"), "failure-unreadable")
    browser.use_service(f"http://127.0.0.1:{free_port()}")
    camera.shoot(browser.read(camera.site.add("/down", page(STORIES["en"])), "failure"), "failure-offline")
    browser.click(browser.driver.context.pages[-1], "#local")
    local = browser.driver.context.pages[-1]
    browser.until(local, "document.body.dataset.state === 'article'")
    camera.shoot(local, "reader-local")
    browser.driver.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "extension" / "store")
