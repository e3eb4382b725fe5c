#!/usr/bin/env python3
"""Lines planted one at a time in real articles: promotional ones should go, true ones that look like it should stay.

python tests/quality/planted.py [--set planted_other_hand] [--peer] [--json OUT]

Four sets: planted.toml, and planted_other_hand.toml, planted_third_hand.toml and planted_fourth_hand.toml by authors who
knew nothing of the judge, its phrases and its training lines. Each line stands once after a paragraph in the middle and once after
the last paragraph of an article of the corpus, in its own language where there are
such pages. Other code measures its own extractor with `measure(extract)`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import corpus
import extractors
from corpus import Page
from extractors import Extractor
from lxml import etree
from lxml import html as lxml_html

SETS = {
    name: Path(__file__).with_name(f"{name}.toml")
    for name in ("planted", "planted_other_hand", "planted_third_hand", "planted_fourth_hand")
}
SEED = 20261124
MIN_PARAGRAPHS = 6
MIN_SHARE = 0.8
"""Of an article's paragraphs that must be `<p>` of one parent: so that its body is found, and the line is judged."""
MAX_PAGES_PER_LANGUAGE = 40
POSITIONS = ("middle", "end")


class Planting(NamedTuple):
    kind: str
    """`promotional` or `true`."""
    lang: str
    line: str
    """HTML of the line."""
    page: str
    position: str


class Outcome(NamedTuple):
    planting: Planting
    right: bool
    unchanged: bool
    """The rest of the text is what it is without the line."""
    anchored: bool
    """The paragraph before the line is in the text of the page without the line."""


def _tree(page: Page) -> lxml_html.HtmlElement:
    from bodycopy.charsets import decode

    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    return lxml_html.document_fromstring(decode(corpus.html(page))[0].encode("utf-8", "replace"), parser=parser)


def _anchors(page: Page, tree: lxml_html.HtmlElement) -> dict[str, lxml_html.HtmlElement] | None:
    """The true paragraphs in the middle and at the end of an article's body, or None where it has no one clear body."""
    words = corpus.score().words
    true = [tuple(words(paragraph)) for paragraph in page["paragraphs"]]
    places = {paragraph: number for number, paragraph in enumerate(true)}
    bodies: dict[lxml_html.HtmlElement, list[tuple[int, lxml_html.HtmlElement]]] = {}
    for element in tree.iter("p"):
        number = places.get(tuple(words(element.text_content())))
        if number is not None and element.getparent() is not None:
            bodies.setdefault(element.getparent(), []).append((number, element))
    if not bodies:
        return None
    body = max(bodies.values(), key=len)
    if len(body) < max(MIN_PARAGRAPHS, MIN_SHARE * len(true)) or body[-1][0] != len(true) - 1:
        return None
    return {"middle": body[len(body) // 2 - 1][1], "end": body[-1][1]}


@cache
def _pages_of(lang: str | None) -> tuple[str, ...]:
    """Names of articles in a language that lines can be planted in, in seeded order; None is any language."""
    found = [p for p in corpus.pages() if p["kind"] in corpus.MAIN_KINDS and (lang is None or p["lang"] == lang)]
    random.Random(f"{SEED} {lang}").shuffle(found)
    fit: list[str] = []
    for page in found:
        if len(fit) == MAX_PAGES_PER_LANGUAGE:
            break
        if _anchors(page, _tree(page)) is not None:
            fit.append(page["id"])
    return tuple(fit)


def plantings(of: str = "planted") -> list[Planting]:
    """Every line of a set at both positions, each in a page chosen by the seed."""
    lines = tomllib.loads(SETS[of].read_text(encoding="utf-8"))
    choose = random.Random(SEED)
    return [
        Planting(kind, entry["lang"], entry["html"], choose.choice(pages), position)
        for kind in ("promotional", "true")
        for entry in lines[kind]
        for pages in (_pages_of(entry["lang"]) or _pages_of(None),)
        for position in POSITIONS
    ]


def plant(page: Page, line: str, position: str) -> tuple[str, str]:
    """The page with the line in it, and the text of the paragraph before it."""
    tree = _tree(page)
    anchors = _anchors(page, tree)
    assert anchors is not None
    anchor = anchors[position]
    paragraph = lxml_html.fragment_fromstring(line, create_parent="p")
    for name in ("class", "dir"):
        if anchor.get(name):
            paragraph.set(name, anchor.get(name))
    paragraph.tail = anchor.tail
    anchor.tail = "\n"
    anchor.addnext(paragraph)
    return etree.tostring(tree, encoding="unicode", method="html"), anchor.text_content()


def _outcomes(page: Page, planted: list[Planting], extract: Extractor) -> list[Outcome]:
    score = corpus.score()
    before = extract(page, etree.tostring(_tree(page), encoding="unicode", method="html"))
    before_words = score.words(before)
    out = []
    for planting in planted:
        page_html, anchor = plant(page, planting.line, planting.position)
        after_words = score.words(extract(page, page_html))
        line = score.words(lxml_html.fragment_fromstring(planting.line, create_parent="p").text_content())
        rest = _without(after_words, line)
        if planting.kind == "true":
            right = rest is not None
        else:
            wanted = score.shingles(line)
            left = wanted & (score.shingles(after_words) - score.shingles(before_words))
            right = rest is None and sum(left.values()) * 2 < sum(wanted.values())
        unchanged = (after_words if rest is None else rest) == before_words
        out.append(Outcome(planting, right, unchanged, score.flat(anchor) in score.flat(before)))
    return out


def _without(words: list[str], line: list[str]) -> list[str] | None:
    """`words` without the run `line`, or None where it is not in them."""
    for at in range(len(words) - len(line) + 1):
        if words[at] == line[0] and words[at : at + len(line)] == line:
            return words[:at] + words[at + len(line) :]
    return None


_extract: Extractor = extractors.bodycopy


def _work(task: tuple[Page, list[Planting]]) -> list[Outcome]:
    return _outcomes(*task, _extract)


def outcomes(extract: Extractor = extractors.bodycopy, processes: int = 2, of: str = "planted") -> list[Outcome]:
    """What became of every line of a set, in its order."""
    global _extract
    _extract = extract
    by_name = {page["id"]: page for page in corpus.pages()}
    everything = plantings(of)
    tasks: dict[str, list[Planting]] = {}
    for planting in everything:
        tasks.setdefault(planting.page, []).append(planting)
    work = [(by_name[name], planted) for name, planted in tasks.items()]
    found = {o.planting: o for some in corpus.in_processes(_work, work, processes) for o in some}
    return [found[planting] for planting in everything]


def figures(found: list[Outcome]) -> dict[str, float]:
    """`removed`: promotional lines gone; `kept`: true lines there; `unchanged`: the rest as it was.

    `removed_in_body` and `kept_in_body` count only lines whose paragraph before them
    is in the text without the line: elsewhere the page was lost, not the line.
    """
    out: dict[str, float] = {"plantings": len(found)}
    for name, kind in (("removed", "promotional"), ("kept", "true")):
        of = [o for o in found if o.planting.kind == kind]
        out[name] = sum(o.right for o in of) / len(of)
        anchored = [o for o in of if o.anchored]
        out[f"{name}_in_body"] = sum(o.right for o in anchored) / max(1, len(anchored))
    out["unchanged"] = sum(o.unchanged for o in found) / len(found)
    return out


def measure(extract: Extractor = extractors.bodycopy, processes: int = 2, of: str = "planted") -> dict[str, float]:
    """The figures of an extractor, a function of an annotated page and of its HTML, on a set."""
    return figures(outcomes(extract, processes, of))


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--set", choices=SETS, default="planted", help="which lines")
    cli.add_argument("--peer", action="store_true", help="trafilatura too")
    cli.add_argument("--json", type=Path, help="write the figures there too")
    cli.add_argument("--processes", type=int, default=2)
    args = cli.parse_args()
    if reason := corpus.missing():
        print(f"Nothing planted: {reason}.", file=sys.stderr)
        return 2
    result = {}
    for name in ("trafilatura", "bodycopy") if args.peer else ("bodycopy",):
        found = outcomes(extractors.EXTRACTORS[name], args.processes, args.set)
        result[name] = figures(found)
        print(f"{name:<12}" + "  ".join(f"{key} {value:.3f}" for key, value in result[name].items()))
    failing = [o for o in found if not o.right or not o.unchanged]
    print(f"\nbodycopy, {len(failing)} plantings that are not as they should be:")
    for o in failing:
        wrong = "" if o.right else "STAYED" if o.planting.kind == "promotional" else "LOST"
        wrong += "" if o.unchanged else " rest changed"
        wrong += "" if o.anchored else " (page's paragraph lost too)"
        p = o.planting
        print(f"  {p.kind:<11} {p.lang} {p.position:<6} {wrong.strip()}: {p.line[:110]}  [{p.page}]")
    by_language = Counter((o.planting.kind, o.planting.lang) for o in found if not o.right)
    print("\nwrong by language: " + ", ".join(f"{k} {lang} {n}" for (k, lang), n in sorted(by_language.items())))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
