"""Click to readable text on a page of 300 kB, with the real service on the same machine.

    PYTHONPATH=server python -m tests.browser.bench_click [RUNS]

Prints, as medians and 90th percentiles in milliseconds after the toolbar click, when each step
was reached, up to the frame with the article's text in it; and beside it the service's own time:
the same snapshot sent by a plain client with no browser in between.
Not a test: times depend on the machine.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import urllib.request
from typing import Any

from .chromium import Chromium
from .conftest import EXTENSION, Browser
from .news import STORIES, page
from .servers import Site, real_service

PAGE_BYTES = 300_000
WARM_UP = 2
STEPS = {
    "captured": "snapshot taken",
    "asked": "question sent",
    "skeleton": "skeleton on screen",
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


def one_run(browser: Browser, url: str) -> dict[str, float]:
    """Milliseconds after the click, by step."""
    live = browser.driver.open(url)
    before = browser.pages("reader.html")
    clicked = browser.driver.click_action(live)
    reader = browser.reader(before)
    browser.until(reader, "['readable', 'first-contentful-paint'].every(n => performance.getEntriesByName(n).length)")
    times: dict[str, Any] = browser.ask(
        "(mark => ({...mark.detail, readable: performance.timeOrigin + mark.startTime,"
        " skeleton: performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime}))"
        "(performance.getEntriesByName('readable')[0])",
        reader,
    )
    browser.driver.close_page(reader)
    browser.driver.close_page(live)
    return {name: at - clicked for name, at in times.items()}


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
    browser = Browser(Chromium(EXTENSION))
    try:
        with real_service() as base:
            browser.use_service(base)
            results = [one_run(browser, url) for _ in range(runs + WARM_UP)][WARM_UP:]
            sent = browser.ask(SENT)
            alone = [ask_service(base, sent) for _ in range(runs + WARM_UP)][WARM_UP:]
    finally:
        browser.driver.close()
        site.close()
    print(f"{runs} clicks on a page of {PAGE_BYTES:,} bytes, whose snapshot has {len(sent['html']):,}")
    for step, words in STEPS.items():
        report(words, [run[step] for run in results])
    report("service alone", alone)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
