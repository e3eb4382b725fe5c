"""A screen without a monitor: Chromium's own menus and dialogs are reached with its mouse and keyboard only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .chromium import Chromium
from .servers import MAX_WAIT_SECONDS

WIDTH, HEIGHT = 1280, 900
STILL_SECONDS = 0.3
DIALOG_DEAF_SECONDS = 0.7
"""A dialog grants nothing in its first half second, nor within one of a hasty answer: lest it be a mistake."""
HEED_SECONDS = 5
"""A key that was heeded shows within this, on a machine that is busy with much else as well."""


class Screen:
    """An X server with nothing but what a test starts on it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bodycopy-screen-"))
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
        command += ["-fbdir", str(self.folder)]
        self.process = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = f":{pipe.readline().strip()}"
        if self.display == ":":
            raise RuntimeError("Xvfb did not start")

    def do(self, *words: str | int, check: bool = True) -> str:
        """What a command of xdotool prints."""
        environment = {**os.environ, "DISPLAY": self.display}
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(
            command, env=environment, check=check, timeout=MAX_WAIT_SECONDS, capture_output=True, text=True
        )
        return done.stdout

    def windows(self) -> set[str]:
        """What is open: a menu is a window of its own."""
        return set(self.do("search", "--onlyvisible", "--name", "", check=False).split())

    def picture(self) -> bytes:
        """All that is to be seen."""
        return (self.folder / "Xvfb_screen0").read_bytes()

    def is_still(self) -> bool:
        """Whether nothing moves for a moment."""
        seen = self.picture()
        return not self.holds(lambda: self.picture() != seen, STILL_SECONDS)

    def is_dimmed(self) -> bool:
        """Whether a dialog of the browser darkens the page, which has to be a light one."""
        data = self.picture()
        return max(data[len(data) - 4 * (WIDTH * 20 + WIDTH // 2) :][:3]) < 150

    def holds(self, ready: Callable[[], object], seconds: float) -> bool:
        """Waits until something is so; false where it does not come to be."""
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def until(self, ready: Callable[[], object], what: str) -> None:
        if not self.holds(ready, MAX_WAIT_SECONDS):
            raise TimeoutError(f"waited for {what} on the screen")

    def key(self, name: str) -> None:
        """Presses a key until something changes: what just opened takes none for a while."""

        def heeded() -> bool:
            self.until(self.is_still, "the screen to be still")
            seen = self.picture()
            self.do("key", name)
            return self.holds(lambda: self.picture() != seen, HEED_SECONDS)

        self.until(heeded, f"{name} to be heeded")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)


class ScreenChromium(Chromium):
    """Chromium on a screen of its own, with its menus and dialogs."""

    def __init__(self, folder: Path, profile: Path | None = None) -> None:
        self.screen = Screen()
        size = f"--window-size={WIDTH},{HEIGHT}"
        args = ("--ozone-platform=x11", "--window-position=0,0", size)
        env: dict[str, Any] = {**os.environ, "DISPLAY": self.screen.display}
        super().__init__(folder, profile, headless=False, args=args, env=env, no_viewport=True)
        self.screen.do("search", "--sync", "--onlyvisible", "--class", "chromium", "windowfocus")

    def _point(self, page: Any, selector: str) -> tuple[int, int]:
        """The middle of an element on the screen."""
        x, y = page.evaluate(
            """selector => { const box = document.querySelector(selector).getBoundingClientRect();
            return [screenX + (outerWidth - innerWidth) / 2 + box.x + box.width / 2, screenY + outerHeight - innerHeight + box.y + box.height / 2] }""",
            selector,
        )
        return round(x), round(y)

    def context_menu(self, page: Any, selector: str, up: int) -> None:
        """The entry `up` places from the end of the menu of an element."""
        self.activate(page)
        before = self.screen.windows()
        self.screen.do("mousemove", *self._point(page, selector), "click", 3)
        self.screen.until(lambda: self.screen.windows() - before, "a menu")
        for _ in range(up):
            self.screen.key("Up")
        self.screen.key("Return")

    def _asked(self, ask: Callable[[], object]) -> None:
        ask()
        self.screen.until(self.screen.is_dimmed, "a dialog")

    def accept_permission(self, ask: Callable[[], object]) -> None:
        """Does what makes the browser ask for a permission, and grants it."""
        self._asked(ask)
        # From the refusal to the grant.
        time.sleep(DIALOG_DEAF_SECONDS)
        self.screen.key("Tab")

        def granted() -> bool:
            time.sleep(DIALOG_DEAF_SECONDS)
            self.screen.do("key", "Return")
            return self.screen.holds(lambda: not self.screen.is_dimmed(), HEED_SECONDS)

        self.screen.until(granted, "the dialog to close")

    def refuse_permission(self, ask: Callable[[], object]) -> None:
        """Does what makes the browser ask for a permission, and refuses it."""
        self._asked(ask)
        self.screen.key("Escape")
        self.screen.until(lambda: not self.screen.is_dimmed(), "the dialog to close")

    def tap(self, page: Any, selector: str) -> None:
        """A click of the mouse."""
        self.activate(page)
        self.screen.do("mousemove", *self._point(page, selector), "click", 1)

    def side_panel(self, expression: str) -> Any:
        """The value of an expression in the side panel, which is no page to Playwright; None where none is open."""
        target = next((t["targetId"] for t in self.targets("panel=1") if t["type"] != "tab"), None)
        return None if target is None else self.evaluate_target(target, expression)

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.screen.close()
