"""Click to readable text on a page of 300 kB, with the real service on the same machine.

    PYTHONPATH=server python -m tests.browser.bench_click [RUNS]

Prints, as medians and 90th percentiles in milliseconds after the toolbar click, when each step
was reached, up to the frame with the article's text in it; beside it the service's own time: the
same snapshot sent by a plain client with no browser in between; and the browser's: an extension
that does nothing but open a page with one letter on it, clicked for on the same page.
Not a test: times depend on the machine.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from .chromium import Chromium
from .conftest import EXTENSION, Browser
from .news import STORIES, page
from .servers import Site, real_service

PAGE_BYTES = 300_000
WARM_UP = 2
STEPS = {
    "skeleton": "SKELETON ON SCREEN",
    "captured": "snapshot taken",
    "asked": "question sent",
    "answered": "answer read",
    "drawn": "article built",
    "readable": "CLICK TO READABLE TEXT",
}
SENT = """chrome.storage.session.get().then(all => Object.entries(all).filter(([key]) => key.startsWith('capture:'))
    .map(([, value]) => value.snapshot).map(s => ({html: s.html, url: s.url})).at(-1))"""


def heavy_page() -> str:
    """An article in the usual surroundings: menus, links, styles and scripts up to PAGE_BYTES."""
    links = "".join(
        f'<li class="teaser item-{n}"><a href="/story/{n}">Another story number {n} of the day</a></li>'
        for n in range(900)
    )
    story = STORIES["en"]
    body = "".join(f"<p>{text}</p>" for text in story.paragraphs * 6)
    html = page(story, middle=body).replace("</aside>", f"<ul>{links}</ul></aside>")
    filler = "/* styles and scripts of a news page */\n"
    return html.replace("</head>", "<style>" + filler * ((PAGE_BYTES - len(html)) // len(filler)) + "</style></head>")


def bare_extension(folder: Path) -> Path:
    """The least that a click can open: no words to look up, no style, no script."""
    manifest = json.loads((EXTENSION / "manifest.json").read_text(encoding="utf-8"))
    kept = ("manifest_version", "version", "key", "action", "background", "permissions", "icons")
    bare = {"name": "Bare", **{name: manifest[name] for name in kept}}
    bare["action"].pop("default_title")
    (folder / "manifest.json").write_text(json.dumps(bare), encoding="utf-8")
    (folder / "background.js").write_text(
        "chrome.action.onClicked.addListener(tab => chrome.tabs.create({url: 'reader.html', index: tab.index + 1}))"
    )
    for name in ("reader", "privacy"):
        (folder / f"{name}.html").write_text("<!doctype html><p>x")
    shutil.copytree(EXTENSION / "icons", folder / "icons")
    return folder


def one_run(browser: Browser, url: str, ready: str, times: str) -> dict[str, float]:
    """Milliseconds after the click, by step: `times` of the reader once it is `ready`."""
    live = browser.driver.open(url)
    before = browser.pages("reader.html")
    clicked = browser.driver.click_action(live)
    reader = browser.opened("reader.html", before)
    browser.until(reader, ready)
    reached: dict[str, float] = browser.ask(f"(({{timeOrigin}}) => ({times}))(performance)", reader)
    browser.driver.close_page(reader)
    browser.driver.close_page(live)
    return {name: at - clicked for name, at in reached.items()}


def bare_run(browser: Browser, url: str) -> float:
    paint = "performance.getEntriesByName('first-contentful-paint')[0]"
    return one_run(browser, url, paint, f"{{shown: timeOrigin + {paint}.startTime}}")["shown"]


def whole_run(browser: Browser, url: str) -> dict[str, float]:
    """The skeleton is there when a frame was painted and the frame that the reader waited for is over."""

    def mark(name: str) -> str:
        return f"performance.getEntriesByName('{name}')[0]"

    skeleton = f"Math.max({mark('first-paint')}.startTime, {mark('begun')}.startTime)"
    return one_run(
        browser,
        url,
        f"{mark('readable')} && {mark('first-paint')}",
        f"{{...{mark('readable')}.detail, readable: timeOrigin + {mark('readable')}.startTime, skeleton: timeOrigin + {skeleton}}}",
    )


def ask_service(base: str, page: dict[str, str]) -> float:
    """Milliseconds until a plain client has the answer to a snapshot."""
    body = json.dumps(page).encode()
    request = urllib.request.Request(f"{base}/v1/clean", body, {"Content-Type": "application/json"})
    started = time.perf_counter()
    json.loads(urllib.request.urlopen(request, timeout=60).read())
    return (time.perf_counter() - started) * 1000


def report(name: str, values: list[float]) -> None:
    tenth = statistics.quantiles(values, n=10)[-1]
    print(f"{name:24} median {statistics.median(values):6.0f} ms   p90 {tenth:6.0f} ms")


def main(runs: int) -> None:
    site = Site()
    url = site.add("/heavy", heavy_page())
    with tempfile.TemporaryDirectory() as folder:
        bare = Browser(Chromium(bare_extension(Path(folder))))
        shown = [bare_run(bare, url) for _ in range(runs + WARM_UP)][WARM_UP:]
        bare.driver.close()
    browser = Browser(Chromium(EXTENSION))
    try:
        with real_service() as base:
            browser.use_service(base)
            results = [whole_run(browser, url) for _ in range(runs + WARM_UP)][WARM_UP:]
            sent = browser.ask(SENT)
            alone = [ask_service(base, sent) for _ in range(runs + WARM_UP)][WARM_UP:]
    finally:
        browser.driver.close()
        site.close()
    print(f"{runs} clicks on a page of {PAGE_BYTES:,} bytes, whose snapshot has {len(sent['html']):,}")
    for step, words in STEPS.items():
        report(words, [run[step] for run in results])
    report("service alone", alone)
    report("browser alone", shown)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
