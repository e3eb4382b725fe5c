"""Builds odd pages at random, and looks in Chromium for words that we lose: each that it shows must be in a block.

    python tests/hardening/words_in_chromium.py [--pages 2000] [--first 0] [--chromium /usr/bin/chromium]

A page is a run of tags of a few kinds, opened, closed, crossed and left open, comments and what looks like one, and
words that occur once. Prints each page with a word that is neither in a block nor told as missing, and exits with 1 if
there is one.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "server"), str(HERE)]

# `select` and `plaintext` are left out: browsers do not agree on what may stand in the one, and the other hides all.
TAGS = (
    "a abbr address applet area article aside audio b base bdi bdo big blockquote body br button canvas caption center cite "
    "code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer "
    "form frame frameset h1 h2 h3 h6 head header hgroup hr html i iframe img input ins kbd label legend li link listing main "
    "map mark marquee menu meta meter nav nobr noembed noframes noscript object ol optgroup option output p param picture pre "
    "progress q rb rp rt ruby s samp script search section slot small source span strike strong style sub summary sup table "
    "tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr xmp svg g path text tspan "
    "foreignObject desc defs math mi mtext mrow annotation-xml x-y o:p"
).split()
ODD = (
    "<!-->", "<!--->", "<!-- c -->", "<!--c--!>", "<!doctype html>", "</>", "</ x>", "<?x?>", "<!x>", "<![CDATA[x]]>", "<",
    "&lt;", "&", "\0", "</p>", "</br>", "</body>", "</html>", "<p/>", "<div/>", "<svg/>", "<path/>", "<p x'>", "\x01",
)  # fmt: skip
WORD = re.compile(r"W\d{7}x")
ADDRESS = "http://page.test/"


def page(number: int) -> str:
    """The page of a number."""
    chance = random.Random(number)
    kinds = chance.sample(TAGS, chance.randint(2, 7))
    out, opened = [], []
    for _ in range(chance.randint(3, 14)):
        what = chance.random()
        if what < 0.35:
            opened.append(chance.choice(kinds))
            out.append(f"<{opened[-1]}>")
        elif what < 0.6 and opened:
            out.append(f"</{opened.pop(chance.randrange(len(opened)) if chance.random() < 0.4 else -1)}>")
        elif what < 0.68:
            out.append(chance.choice(ODD))
        else:
            out.append(_word(chance))
        if chance.random() < 0.3:
            out.append(_word(chance))
    out.append(_word(chance))
    if chance.random() < 0.6:
        out += [*(f"</{tag}>" for tag in reversed(opened)), _word(chance)]
    return "<!doctype html><body><p>Start</p>" + "".join(out)


def _word(chance: random.Random) -> str:
    return f" W{chance.randrange(10**7):07d}x "


def words_shown(pages: Iterable[str], chromium: str) -> list[list[str]]:
    """The words of each page that Chromium shows."""
    from playwright.sync_api import Route, sync_playwright

    shown = []
    html = ""

    def serve(route: Route) -> None:
        if route.request.url == ADDRESS:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        tab = browser.new_page()
        tab.route("**/*", serve)
        for html in pages:  # noqa: B007  read by `serve`
            tab.goto(ADDRESS, wait_until="domcontentloaded")
            shown.append(WORD.findall(tab.evaluate("document.documentElement.innerText")))
        browser.close()
    return shown


def lost(html: str, shown: list[str]) -> list[str]:
    """Those of the words that are in no block, unless the answer says that the end of the page is hidden."""
    from bodycopy import clean

    article = clean(html, ADDRESS)
    if any("hides the end of the page" in warning for warning in article.warnings):
        return []
    there = set(WORD.findall(" ".join(block.text for block in article.blocks)))
    return [word for word in shown if word not in there]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="number of the first page")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    pages = [page(options.first + n) for n in range(options.pages)]
    shown = words_shown(pages, options.chromium)
    bad = [(html, words) for html, found in zip(pages, shown, strict=True) if (words := lost(html, found))]
    for html, words in bad:
        print(words, ascii(html))
    print(f"{len(pages):,} pages, {sum(map(len, shown)):,} words that Chromium shows: {len(bad)} pages lose one.")
    return 1 if bad or not any(shown) else 0


if __name__ == "__main__":
    sys.exit(main())
