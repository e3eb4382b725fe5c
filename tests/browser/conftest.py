"""Both browsers with the extension, a news site and services to talk to."""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("playwright", reason="the browser tests need the `test` extra")
pytest.importorskip("websockets", reason="the browser tests need the `test` extra")

from .chromium import BINARY as CHROMIUM
from .chromium import Chromium
from .firefox import BINARY as FIREFOX
from .firefox import Firefox
from .servers import MAX_WAIT_SECONDS, Prepared, Site, real_service

EXTENSION = Path(__file__).parent.parent.parent / "extension"


def _tool(name: str) -> ModuleType:
    """One of the extension's own command-line tools, as a module."""
    spec = importlib.util.spec_from_file_location(f"extension_{name}", EXTENSION / "tools" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


package = _tool("package")


class Browser:
    """What the tests do, the same in both browsers."""

    def __init__(self, driver: Chromium | Firefox) -> None:
        self.driver: Any = driver
        self.name = driver.name
        self.base = driver.base

    def ask(self, expression: str, page: Any = None) -> Any:
        """The value of an expression in a page; in a page of the extension where none is given."""
        return self.driver.evaluate(self.driver.ext if page is None else page, expression)

    def until(self, page: Any, expression: str, seconds: float = MAX_WAIT_SECONDS) -> Any:
        """Waits until an expression is true in a page."""
        end = time.monotonic() + seconds
        last: object = None
        while True:
            try:
                if value := self.ask(f"Boolean(await ({expression}))", page):
                    return value
            except Exception as error:
                last = error
            if time.monotonic() > end:
                state = "document.body.dataset.state + ' ' + document.body.innerText.slice(0, 600)"
                raise TimeoutError(f"{expression}\n{last}\n{self.ask(state, page)}")
            self.driver.sleep(0.05)

    def wait(self, ready: Callable[[], object], what: str, seconds: float = MAX_WAIT_SECONDS) -> None:
        """Waits until something outside of the browser's pages is so."""
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                raise TimeoutError(f"waited for {what}")
            self.driver.sleep(0.05)

    def pages(self, part: str) -> list[Any]:
        return [page for page, url in self.driver.page_urls() if part in url and page != self.driver.ext]

    def opened(self, part: str, before: list[Any], seconds: float = MAX_WAIT_SECONDS) -> Any:
        """The page with `part` in its address that was not there before."""
        new: list[Any] = []

        def is_there() -> bool:
            new.extend(page for page in self.pages(part) if page not in before)
            return bool(new)

        self.wait(is_there, f"a page {part} beside {self.driver.page_urls()}", seconds)
        return new[0]

    def read(self, url: str, state: str = "article") -> Any:
        """Opens a page, clicks the toolbar button; the reader, once it is in `state`."""
        page = self.driver.open(url)
        before = self.pages("reader.html")
        self.driver.click_action(page)
        return self.reader(before, state)

    def reader(self, before: list[Any], state: str = "article") -> Any:
        reader = self.opened("reader.html", before)
        self.until(reader, f"document.body.dataset.state === {json.dumps(state)}")
        return reader

    def text(self, reader: Any) -> str:
        """The article's text as a person sees it."""
        return str(self.ask("document.getElementById('article').innerText", reader))

    def click(self, page: Any, selector: str) -> None:
        self.ask(f"(document.querySelector({json.dumps(selector)}).click(), 1)", page)

    def use_service(self, address: str, token: str = "") -> None:
        server = {"address": address, "token": token, "headers": {}}
        self.ask(f"chrome.storage.local.set({{server: {json.dumps(server)}}}).then(() => 1)")

    def reset(self) -> None:
        self.ask("Promise.all([chrome.storage.local.clear(), chrome.storage.sync.clear()]).then(() => 1)")

    def close_pages(self) -> None:
        for page, url in self.driver.page_urls():
            if page != self.driver.ext and url != "about:blank":
                self.driver.close_page(page)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    driver = Chromium(EXTENSION)
    yield Browser(driver)
    driver.close()


@pytest.fixture(scope="session")
def firefox() -> Iterator[Browser]:
    if not Path("/usr/bin", FIREFOX).exists():
        pytest.skip(f"{FIREFOX} is not installed")
    driver = Firefox(EXTENSION)
    yield Browser(driver)
    driver.close()


@pytest.fixture(params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Each browser in turn, with nothing set and only the driver's page open."""
    one: Browser = request.getfixturevalue(request.param)
    one.reset()
    yield one
    one.close_pages()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    server = Site()
    yield server
    server.close()


@pytest.fixture(scope="session")
def prepared_service() -> Iterator[Prepared]:
    server = Prepared()
    yield server
    server.close()


@pytest.fixture
def prepared(prepared_service: Prepared) -> Prepared:
    """The service with prepared answers, as new."""
    prepared_service.reset()
    return prepared_service


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The real service."""
    with real_service() as base:
        yield base
