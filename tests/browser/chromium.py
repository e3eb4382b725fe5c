"""Chromium for extension tests: Playwright with Debian's browser, headless, and the real toolbar click."""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import shutil
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, Playwright, sync_playwright

from .servers import MAX_WAIT_SECONDS

BINARY = "/usr/bin/chromium"
_BIT = {"Alt": 1, "Ctrl": 2, "Meta": 4, "Shift": 8}


def extension_id(folder: Path) -> str:
    """The id that Chromium derives from the manifest's key."""
    key = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["key"]
    digest = hashlib.sha256(b64decode(key)).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)


@functools.cache
def _playwright() -> Playwright:
    """One for the whole run: a second cannot be started beside it."""
    playwright = sync_playwright().start()
    atexit.register(playwright.stop)
    return playwright


class Chromium:
    """One browser with the extension loaded. Pages are Playwright's."""

    name = "chromium"

    def __init__(
        self,
        folder: Path,
        profile: Path | None = None,
        headless: bool = True,
        args: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        self.id = extension_id(folder)
        self.base = f"chrome-extension://{self.id}"
        self.own_profile = profile is None
        self.profile = profile or Path(tempfile.mkdtemp(prefix="bodycopy-chromium-"))
        self.tabs: dict[Page, int] = {}
        self.context = _playwright().chromium.launch_persistent_context(
            self.profile,
            executable_path=BINARY,
            headless=headless,
            chromium_sandbox=False,
            ignore_default_args=["--disable-extensions"],
            args=[f"--load-extension={folder}", "--disable-dev-shm-usage", "--disable-gpu", *args],
            timeout=MAX_WAIT_SECONDS * 1000,
            **options,
        )
        self.context.set_default_timeout(MAX_WAIT_SECONDS * 1000)
        browser = self.context.browser
        assert browser is not None
        self.cdp = browser.new_browser_cdp_session()
        self.ext = self.context.new_page()
        self._retry(lambda: self.ext.goto(f"{self.base}/privacy.html"))
        self.ext.evaluate("navigator.serviceWorker.ready.then(r => r.active.state)")

    def _retry(self, run: Any, seconds: float = MAX_WAIT_SECONDS) -> Any:
        end = time.monotonic() + seconds
        while True:
            try:
                return run()
            except Error:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def open(self, url: str, whole: bool = True) -> Page:
        """A new tab in front, loaded; one that is not `whole` may go on loading."""
        with self.context.expect_page() as info:
            tab = self.ext.evaluate("url => chrome.tabs.create({url, active: true}).then(t => t.id)", url)
        page = info.value
        if not whole:
            page.wait_for_url(url, wait_until="commit")
            return page
        self.tabs[page] = tab
        page.wait_for_url(url, wait_until="load")
        self.activate(page)
        return page

    def activate(self, page: Page) -> None:
        if page not in self.tabs:
            page.bring_to_front()
            return
        self.ext.evaluate(
            """async ([id, milliseconds]) => { await chrome.tabs.update(id, {active: true});
            for (const end = Date.now() + milliseconds; Date.now() < end;) { const t = await chrome.tabs.get(id);
              if (t.active && t.status === 'complete') return; await new Promise(r => setTimeout(r, 25)); }
            throw new Error('tab not active'); }""",
            [self.tabs[page], MAX_WAIT_SECONDS * 1000],
        )

    def click_action(self, page: Page) -> float:
        """The toolbar button, with the grant of access that comes with it; when, in milliseconds since 1970."""
        self.activate(page)
        targets = self.cdp.send("Target.getTargets", {"filter": [{}]})["targetInfos"]
        target = next(t for t in targets if t["type"] == "tab" and t["url"] == page.url)
        clicked = time.time() * 1000
        self.cdp.send("Extensions.triggerAction", {"id": self.id, "targetId": target["targetId"]})
        return clicked

    def press(self, page: Page, letter: str, modifiers: tuple[str, ...] = ("Alt", "Shift")) -> None:
        """A shortcut of the extension."""
        self.activate(page)
        session = self.context.new_cdp_session(page)
        for kind in ("rawKeyDown", "keyUp"):
            session.send(
                "Input.dispatchKeyEvent",
                {
                    "type": kind,
                    "modifiers": sum(_BIT[m] for m in modifiers),
                    "key": letter,
                    "code": f"Key{letter}",
                    "windowsVirtualKeyCode": ord(letter),
                    "nativeVirtualKeyCode": ord(letter),
                },
            )
        session.detach()

    def page_urls(self) -> list[tuple[Page, str]]:
        return [(page, page.url) for page in self.context.pages]

    def goto(self, page: Page, url: str) -> None:
        page.goto(url)

    def reload(self, page: Page) -> None:
        page.reload()

    @contextlib.contextmanager
    def reloaded_sharing(self, page: Page, can: bool) -> Iterator[None]:
        """A page loaded anew in a browser that can share, or cannot, while it shows itself."""
        page.add_init_script(
            "Navigator.prototype.share ??= async () => {}" if can else "delete Navigator.prototype.share"
        )
        page.reload()
        yield

    def evaluate(self, page: Page, expression: str) -> Any:
        return page.evaluate(f"async () => await ({expression})")

    def key(self, page: Page, key: str) -> None:
        page.keyboard.press(key)

    def resize(self, page: Page, width: int, height: int) -> None:
        page.set_viewport_size({"width": width, "height": height})

    def shot(self, page: Page, path: Path) -> None:
        page.screenshot(path=path)

    def download(self, page: Page, selector: str) -> tuple[str, bytes]:
        """What a click saves: the file's name and its bytes."""
        with page.expect_download() as info:
            page.evaluate("selector => document.querySelector(selector).click()", selector)
        return info.value.suggested_filename, info.value.path().read_bytes()

    def clipboard(self, page: Page) -> str:
        """What is pasted elsewhere."""
        other = self.context.new_page()
        other.set_content("<textarea></textarea>")
        other.focus("textarea")
        other.keyboard.press("Control+V")
        end = time.monotonic() + MAX_WAIT_SECONDS
        while not (pasted := other.input_value("textarea")) and time.monotonic() < end:
            self.sleep(0.05)
        other.close()
        page.bring_to_front()
        return pasted

    def stop_background(self, page: Page) -> None:
        """As the browser does when it needs the memory."""
        session = self.context.new_cdp_session(page)
        session.send("ServiceWorker.enable")
        session.send("ServiceWorker.stopAllWorkers")
        session.detach()

    def targets(self, part: str) -> list[dict[str, Any]]:
        """What the browser shows with `part` in its address, be it a page to Playwright or not."""
        found: list[dict[str, Any]] = self.cdp.send("Target.getTargets", {"filter": [{}]})["targetInfos"]
        return [target for target in found if part in target["url"]]

    def evaluate_target(self, target: str, expression: str) -> Any:
        """The value of an expression in one of them."""
        session = self.cdp.send("Target.attachToTarget", {"targetId": target, "flatten": False})["sessionId"]
        answers: list[Any] = []
        self.cdp.on("Target.receivedMessageFromTarget", lambda event: answers.append(json.loads(event["message"])))
        params = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        message = json.dumps({"id": 1, "method": "Runtime.evaluate", "params": params})
        self.cdp.send("Target.sendMessageToTarget", {"sessionId": session, "message": message})
        end = time.monotonic() + 20
        while not answers and time.monotonic() < end:
            self.sleep(0.05)
        self.cdp.send("Target.detachFromTarget", {"sessionId": session})
        return answers[0]["result"]["result"].get("value") if answers else None

    def allow_incognito(self) -> None:
        """As the person may on the browser's page of extensions; the extension begins anew."""
        page = self.context.new_page()
        page.goto("chrome://extensions")
        page.evaluate("chrome.developerPrivate.updateProfileConfiguration({inDeveloperMode: true})")
        allowed = {"extensionId": self.id, "incognitoAccess": True}
        page.evaluate("allowed => chrome.developerPrivate.updateExtensionConfiguration(allowed)", allowed)
        self.ext = page
        self._retry(lambda: self.ext.goto(f"{self.base}/privacy.html"))

    def close_page(self, page: Page) -> None:
        page.close()

    def sleep(self, seconds: float) -> None:
        self.ext.wait_for_timeout(seconds * 1000)

    def close(self) -> None:
        self.context.close()
        if self.own_profile:
            shutil.rmtree(self.profile, ignore_errors=True)
