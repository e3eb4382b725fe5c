"""The service in this process, and real ones on free ports of this machine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from bodycopy.web.app import create_app
from bodycopy.web.settings import Settings

HERE = Path(__file__).parent
SERVER = HERE.parents[1] / "server"

PAGE = """<!doctype html><html lang="en"><head><title>Bridge opens after nine years</title></head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Bridge opens after nine years</h1>
<p>The new footbridge across the harbour opened on Monday morning, nine years after the first plans were drawn, and
hundreds of people walked over it before noon.</p>
<p>City engineers said that the last of the cables had been tightened on Friday, and that the bridge would be inspected
each spring from now on.</p>
<p>Shops on the northern bank had asked for the crossing since the ferry was stopped, because the way around the harbour
takes almost an hour on foot.</p>
<p>The mayor thanked the riveters, who had worked through two winters, and promised benches on both banks by May.</p>
</article><footer><p>Copyright 2026 The Harbour Post. All rights reserved.</p></footer></body></html>"""
SENTENCE = "The mayor thanked the riveters"
HTML = {"Content-Type": "text/html; charset=utf-8"}
PATIENCE = 90.0
"""Seconds for what happens at once where nothing else runs: the machine may have ten times the work that it can do."""


@pytest.fixture(scope="session")
def make_app() -> Iterator[Callable[..., Any]]:
    """Applications with given settings; their workers end with the tests."""
    made = []

    def make(work: str = "bodycopy.work:run", **values: Any) -> Any:
        app = create_app(Settings(**{"workers": 1, "rate_limit": "", **values}), work)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["bodycopy"].pool.close()


@pytest.fixture(scope="session")
def app(make_app: Callable[..., Any]) -> Any:
    return make_app(metrics=True)


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


class Running:
    """A service in a process of its own."""

    def __init__(self, work: str, settings: dict[str, Any]) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BODYCOPY_")}
        environment |= {"BODYCOPY_" + name.upper(): str(value) for name, value in settings.items()}
        environment["PYTHONPATH"] = os.pathsep.join([str(SERVER), str(HERE.parent)])
        code = f"import sys; from bodycopy.web.server import serve; sys.exit(serve(work={work!r}))"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        self.lines: list[str] = []
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if "http://" in line:
                break
        else:
            self.process.wait(30)
            self.process.stderr.close()
            raise AssertionError("The service did not start: " + "".join(self.lines))
        self.url = re.search(r"http://[^ \"]+", line)[0]
        self.port = int(self.url.rpartition(":")[2])
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with contextlib.suppress(ValueError):
            self.lines.extend(self.process.stderr)

    @property
    def log(self) -> str:
        return "".join(self.lines)

    def is_healthy(self) -> bool:
        with urlopen(self.url + "/healthz", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)

    def in_hand(self) -> tuple[int, int]:
        """Workers that have a page, and pages that wait for one."""
        with urlopen(self.url + "/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode()
        busy, waiting = (re.search(rf"^bodycopy_{name} (\d+)", text, re.M) for name in ("workers_busy", "queue"))
        return int(busy[1]), int(waiting[1])

    def begin_to_stop(self) -> None:
        """SIGTERM, and wait until the service has seen it."""
        self.process.send_signal(signal.SIGTERM)
        assert eventually(lambda: "event=stopping" in self.log)

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._reader.join(PATIENCE)
        if self.process.stderr:
            self.process.stderr.close()
        return status


class Held:
    """Pages that stay in their workers until they are let go."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.page = PAGE + f"<p>please wait [{path}]</p>"

    def let_go(self) -> None:
        self._path.touch()


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path / "go")


SETTINGS = {"port": 0, "workers": 2, "rate_limit": "", "metrics": "on", "page_seconds": 60, "stop_seconds": 60}
"""Of the services that are started. Where a test is about time, it says how much."""


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Starts services; all are stopped at the end."""
    running = []

    def begin(work: str = "bodycopy.work:run", **settings: Any) -> Running:
        service = Running(work, SETTINGS | settings)
        running.append(service)
        return service

    yield begin
    for service in running:
        service.stop()


@pytest.fixture(scope="session")
def service() -> Iterator[Running]:
    running = Running("bodycopy.work:run", SETTINGS)
    yield running
    running.stop()


def eventually(is_true: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until it is true, or give up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_true():
            return True
        time.sleep(0.05)
    return is_true()
