"""Firefox for extension tests: WebDriver BiDi straight to stock Firefox, and the real toolbar click."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from .servers import MAX_WAIT_SECONDS

BINARY = "firefox-esr"
UUID = "11111111-2222-4333-8444-555555555555"
_PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#none",
    "browser.topsites.contile.enabled": False,
    "xpinstall.signatures.required": False,
    "browser.download.useDownloadDir": True,
    "browser.download.folderList": 2,
    "browser.download.alwaysOpenPanel": False,
}
_KEYS = {"Escape": "\ue00c", "Enter": "\ue007", "Tab": "\ue004"}


def _manifest(extension: Path) -> bytes:
    if extension.is_dir():
        return (extension / "manifest.json").read_bytes()
    return zipfile.ZipFile(extension).read("manifest.json")


class Firefox:
    """One browser with the extension loaded. Pages are browsing context ids."""

    name = "firefox"

    def __init__(
        self, folder: Path, profile: Path | None = None, permanent: bool = False, install: bool = True
    ) -> None:
        manifest = json.loads(_manifest(folder))
        gecko_id = manifest["browser_specific_settings"]["gecko"]["id"]
        self.base = f"moz-extension://{UUID}"
        self.own_profile = profile is None
        self.profile = profile or Path(tempfile.mkdtemp(prefix="bodycopy-firefox-"))
        self.downloads = self.profile / "downloads"
        self.downloads.mkdir(exist_ok=True)
        preferences = {
            **_PREFERENCES,
            "browser.download.dir": str(self.downloads),
            "extensions.webextensions.uuids": json.dumps({gecko_id: UUID}),
        }
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in preferences.items()]
        (self.profile / "user.js").write_text("".join(lines))
        log = self.profile / "stderr.log"
        command = [BINARY, "--headless", "--no-remote", "--profile", str(self.profile), "--remote-debugging-port=0"]
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [*command, "--remote-allow-system-access"],
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, "MOZ_CRASHREPORTER_DISABLE": "1"},
            )
        self.stack = contextlib.ExitStack()
        self.number = 0
        try:
            pattern = r"WebDriver BiDi listening on (ws://\S+)"
            found = self.wait(lambda: re.search(pattern, log.read_text(errors="replace")), 120, "Firefox to start")
            self.socket = self.stack.enter_context(connect(found[1] + "/session", max_size=None, origin=None))
            self.send("session.new", {"capabilities": {}})
            self.chrome = self.send("browsingContext.getTree", {"moz:scope": "chrome"})["contexts"][0]["context"]
            if install:
                kind = "path" if folder.is_dir() else "archivePath"
                data = {"extensionData": {"type": kind, "path": str(folder)}, "moz:permanent": permanent}
                self.send("webExtension.install", data)
            self.widget = re.sub(r"[^a-z0-9_-]", "_", gecko_id.lower()) + "-browser-action"
            self.evaluate(self.chrome, f"(CustomizableUI.addWidgetToArea('{self.widget}', 'nav-bar'), 1)")
            self.ext = self.send("browsingContext.create", {"type": "tab", "background": True})["context"]
            self.wait(lambda: self._navigated(f"{self.base}/privacy.html"), what="the extension")
        except BaseException:
            self.close()
            raise

    def _navigated(self, url: str) -> bool:
        self.goto(self.ext, url)
        return bool(self.evaluate(self.ext, "typeof chrome.storage === 'object'"))

    def send(self, method: str, params: dict[str, Any] | None = None, timeout: float = 120) -> Any:
        self.number += 1
        me = self.number
        self.socket.send(json.dumps({"id": me, "method": method, "params": params or {}}))
        end = time.monotonic() + timeout
        while True:
            message = json.loads(self.socket.recv(timeout=max(0.05, end - time.monotonic())))
            if message.get("id") == me:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]

    def evaluate(self, page: str, expression: str) -> Any:
        wrapped = f"(async()=>JSON.stringify(await ({expression})))()"
        params = {"expression": wrapped, "target": {"context": page}, "awaitPromise": True, "userActivation": True}
        answer = self.send("script.evaluate", params)
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    def wait(self, ready: Callable[[], Any], seconds: float = MAX_WAIT_SECONDS, what: str = "condition") -> Any:
        end = time.monotonic() + seconds
        last: Exception | None = None
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError("Firefox ended")
            try:
                if value := ready():
                    return value
            except RuntimeError as error:
                last = error
            time.sleep(0.05)
        raise TimeoutError(f"waited for {what}: {last}")

    def open(self, url: str, whole: bool = True) -> str:
        """A new tab in front, loaded; one that is not `whole` may go on loading."""
        page: str = self.send("browsingContext.create", {"type": "tab"})["context"]
        wait = "complete" if whole else "none"
        self.send("browsingContext.navigate", {"context": page, "url": url, "wait": wait})
        self.activate(page)
        return page

    def activate(self, page: str) -> None:
        self.send("browsingContext.activate", {"context": page})

    def click_action(self, page: str) -> None:
        """The toolbar button, clicked in the browser's own window."""
        self.activate(page)
        button = f"CustomizableUI.getWidget('{self.widget}').forWindow(window).node"
        self.evaluate(self.chrome, f"({button}.querySelector('.unified-extensions-item-action-button').click(), 1)")

    def press(self, page: str, letter: str, modifiers: tuple[str, ...] = ("Alt", "Shift")) -> None:
        """A shortcut of the extension, as key events of the browser's window."""
        self.activate(page)
        known = {"Alt": ["Alt", "AltLeft", 18], "Shift": ["Shift", "ShiftLeft", 16]}
        keys = json.dumps([known[m] for m in modifiers] + [[letter, f"Key{letter}", ord(letter)]])
        self.evaluate(
            self.chrome,
            f"""(() => {{ const tip = Cc['@mozilla.org/text-input-processor;1'].createInstance(Ci.nsITextInputProcessor);
            window.focus(); gBrowser.selectedBrowser.focus();
            if (!tip.beginInputTransactionForTests(window)) throw new Error('no input');
            const keys = {keys}.map(([key, code, keyCode]) => new KeyboardEvent('', {{key, code, keyCode}}));
            keys.forEach(k => tip.keydown(k)); keys.reverse().forEach(k => tip.keyup(k)); return 1 }})()""",
        )

    def context_menu(self, page: str, label: str, x: int = 200, y: int = 200) -> None:
        self.activate(page)
        actions = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 2},
            {"type": "pointerUp", "button": 2},
        ]
        pointer = {"type": "pointer", "id": "mouse", "actions": actions}
        press = {"context": page, "actions": [pointer]}
        self._choose("contentAreaContextMenu", lambda: self.send("input.performActions", press), label)

    def button_menu(self, label: str) -> None:
        """An entry of the menu that the toolbar button has."""
        button = f"CustomizableUI.getWidget('{self.widget}').forWindow(window).node"
        press = f"""(() => {{ const b = {button}.querySelector('.unified-extensions-item-action-button');
            const {{left, top, width, height}} = b.getBoundingClientRect();
            b.dispatchEvent(new MouseEvent('contextmenu', {{bubbles: true, cancelable: true, view: window, button: 2,
              clientX: left + width / 2, clientY: top + height / 2}})); return 1 }})()"""
        self._choose("toolbar-context-menu", lambda: self.evaluate(self.chrome, press), label)

    def _choose(self, menu_id: str, ask: Callable[[], object], label: str) -> None:
        """Does what opens a menu, and takes one of its entries."""
        menu = f"document.getElementById('{menu_id}')"
        self._insist(ask, f"{menu}.state === 'open'", menu_id)
        find = f"[...{menu}.querySelectorAll('menuitem')].find(e => e.label === {json.dumps(label)} && !e.hidden)"
        self.evaluate(self.chrome, f"({menu}.activateItem({find}), 1)")

    def tap(self, page: str, selector: str) -> None:
        """A click of the mouse, which counts as the person's own."""
        self.activate(page)
        box = f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
        x, y = self.evaluate(page, box + " return [Math.round(b.x + b.width / 2), Math.round(b.y + b.height / 2)] })()")
        actions = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {"type": "pointer", "id": "mouse", "actions": actions}
        self.send("input.performActions", {"context": page, "actions": [pointer]})

    def _insist(self, act: Callable[[], object], is_so: str, what: str) -> None:
        """Acts until something is so in the browser's window: it may lose a click while it is busy with a page's beginning."""
        for attempt in range(3):
            act()
            try:
                self.wait(lambda: self.evaluate(self.chrome, is_so), 30, what)
                return
            except TimeoutError:
                if attempt == 2:
                    raise

    def accept_permission(self, ask: Callable[[], object], button: str = "button") -> None:
        """Does what makes the browser ask for a permission, and answers with a button of the prompt."""
        prompt = "document.getElementById('addon-webext-permissions-notification')"
        is_open = f"Boolean({prompt} && !{prompt}.hidden && PopupNotifications.isPanelOpen)"
        self._insist(ask, is_open, "permission prompt")

        def is_answered() -> bool:
            # In its first half second the prompt takes no answer, lest one be given by mistake.
            self.evaluate(self.chrome, f"({prompt} && !{prompt}.hidden && {prompt}.{button}.click(), 1)")
            return not self.evaluate(self.chrome, is_open)

        self.wait(is_answered, what="the prompt to close")

    def refuse_permission(self, ask: Callable[[], object]) -> None:
        self.accept_permission(ask, "secondaryButton")

    def page_urls(self) -> list[tuple[str, str]]:
        contexts = self.send("browsingContext.getTree", {"maxDepth": 0})["contexts"]
        return [(context["context"], context["url"]) for context in contexts]

    def goto(self, page: str, url: str) -> None:
        self.send("browsingContext.navigate", {"context": page, "url": url, "wait": "complete"})

    def reload(self, page: str) -> None:
        self.send("browsingContext.reload", {"context": page, "wait": "complete"})

    @contextlib.contextmanager
    def reloaded_sharing(self, page: str, can: bool) -> Iterator[None]:
        """A page loaded anew in a browser that can share, or cannot, while it shows itself."""
        preference = "'dom.webshare.enabled'"
        self.evaluate(self.chrome, f"(Services.prefs.setBoolPref({preference}, {json.dumps(can)}), 1)")
        try:
            self.reload(page)
            yield
        finally:
            self.evaluate(self.chrome, f"(Services.prefs.clearUserPref({preference}), 1)")

    def key(self, page: str, key: str) -> None:
        value = _KEYS.get(key, key)
        actions = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        keys = {"type": "key", "id": "keys", "actions": actions}
        self.send("input.performActions", {"context": page, "actions": [keys]})

    def resize(self, page: str, width: int, height: int) -> None:
        self.send("browsingContext.setViewport", {"context": page, "viewport": {"width": width, "height": height}})

    def shot(self, page: str, path: Path) -> None:
        data = self.send("browsingContext.captureScreenshot", {"context": page})["data"]
        path.write_bytes(base64.b64decode(data))

    def download(self, page: str, selector: str) -> tuple[str, bytes]:
        """What a click saves: the file's name and its bytes."""
        before = set(self.downloads.iterdir())
        self.evaluate(page, f"(document.querySelector({json.dumps(selector)}).click(), 1)")

        def saved() -> list[Path]:
            new = set(self.downloads.iterdir()) - before
            done = not any(path.suffix == ".part" for path in new) and all(path.stat().st_size for path in new)
            return list(new) if done else []

        path = self.wait(saved, what="a download")[0]
        data = path.read_bytes()
        # A second one of the name would be numbered.
        path.unlink()
        return path.name, data

    def clipboard(self, page: str) -> str:
        return str(self.evaluate(self.chrome, "navigator.clipboard.readText()"))

    def stop_background(self, page: str) -> None:
        """As the browser does when it needs the memory."""
        policy = f"WebExtensionPolicy.getByHostname('{UUID}')"
        self.evaluate(self.chrome, f"{policy}.extension.terminateBackground().then(() => 1)")

    def close_page(self, page: str) -> None:
        self.send("browsingContext.close", {"context": page})

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.send("browser.close", timeout=30)
        with contextlib.suppress(Exception):
            self.stack.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.own_profile:
            shutil.rmtree(self.profile, ignore_errors=True)
