"""What callgrind counts: stages of cleaning a few invented pages, with a call of `getppid` after each as the mark."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "server"))

SENTENCES = {
    "en": "The council of Millbrook voted on Tuesday to rebuild the old harbour wall, {n} years after the last repair.",
    "de": "Der Gemeinderat von Lindenfeld beschloss am Dienstag, die alte Mauer nach {n} Jahren neu zu bauen.",
    "ja": "市議会は火曜日、最後の修理から{n}年が過ぎた古い防波堤を建て直すことを決めた。",
}
STAGES = ("bare", "clean", "print")


def pages() -> list[bytes]:
    """Three invented news pages: short, middling and long, each with what stands around an article."""
    out = []
    for (lang, sentence), size in zip(SENTENCES.items(), (12, 25, 50), strict=True):
        links = "".join(f'<li><a href="/story/{n}">Another story, number {n}</a></li>' for n in range(size))
        body = "".join(
            f"<p>{' '.join(sentence.format(n=n * 4 + k) for k in range(4))} <a href='/plan/{n}'>{n}</a></p>"
            + (f"<h2>Part {n}</h2>" if n % 8 == 7 else "")
            for n in range(size)
        )
        out.append(
            f"<html lang={lang}><head><title>Harbour wall</title></head>"
            "<body><header><nav class=menu><ul>"
            f"{links}</ul></nav></header><main><article class='story body'><h1>Harbour wall</h1>"
            f"<div class=byline>By Ada Example, 3 March 2026</div>{body}"
            "<p>👉 <a href='/letters'>Sign up for the newsletter</a></p></article>"
            f"<aside class=related><ul>{links}</ul></aside></main><footer><p>© Example</p></footer></body></html>"
        )
    return [page.encode() for page in out]


def bare(html: bytes) -> None:
    """A parse and a walk: the yardstick."""
    from lxml import etree

    tree = etree.fromstring(html, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    for _, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag and element.text:
            element.text.split()


def main() -> None:
    from bodycopy import clean

    given = pages()
    for html in given:
        bare(html)
        clean(html).to_dict()
    gc.collect()
    gc.disable()
    os.getppid()
    for html in given:
        bare(html)
    os.getppid()
    articles = [clean(html) for html in given]
    os.getppid()
    for article in articles:
        article.to_dict()
    os.getppid()


if __name__ == "__main__":
    main()
