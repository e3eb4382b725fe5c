"""Click to readable text on a page of 300 kB, with the real service on the same machine.

    PYTHONPATH=server python -m tests.browser.bench_click [RUNS]

Prints the median and the 90th percentile of the time from the toolbar click to the article on
screen, and beside it the part that passed between the reader's request and the service's answer.
Not a test: times depend on the machine.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any

from .chromium import Chromium
from .conftest import EXTENSION, Browser
from .news import STORIES, page
from .servers import Site, real_service

PAGE_BYTES = 300_000
WARM_UP = 2


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


def one_run(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds from click to text, and of the service."""
    live = browser.driver.open(url)
    before = browser.pages("reader.html")
    browser.driver.activate(live)
    clicked = float(browser.ask("Date.now()"))
    browser.driver.click_action(live)
    reader = browser.reader(before)
    times: dict[str, Any] = browser.ask(
        "({at: performance.timeOrigin + performance.getEntriesByName('readable')[0].startTime,"
        " service: performance.getEntriesByName('service')[0].duration})",
        reader,
    )
    browser.close_pages()
    return times["at"] - clicked, times["service"]


def main(runs: int) -> None:
    site = Site()
    url = site.add("/heavy", heavy_page())
    browser = Browser(Chromium(EXTENSION))
    try:
        with real_service() as base:
            browser.use_service(base)
            results = [one_run(browser, url) for _ in range(runs + WARM_UP)][WARM_UP:]
    finally:
        browser.driver.close()
        site.close()
    for name, values in (("click to text", [r[0] for r in results]), ("service", [r[1] for r in results])):
        tenth = statistics.quantiles(values, n=10)[-1]
        print(f"{name:14} median {statistics.median(values):6.0f} ms   p90 {tenth:6.0f} ms   of {len(values)} runs")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
