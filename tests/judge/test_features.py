"""The features of the invented pages are those that the weights were fitted on.

The weights are worth nothing with other features than their own, and few single verdicts show it. So each column is
summed over all blocks of tests/pages, once as it is and once weighted by where the block stands, with a lexicon that is
no learned one. Features that are changed on purpose need new weights; `BODYCOPY_WRITE=1 pytest tests/judge/test_features.py`
writes the sums.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from bodycopy.article import Declared, Kind, Metadata
from bodycopy.blocks import read_blocks, text_blocks
from bodycopy.judge.features import COLUMN, NAMES, SECOND_NAMES, compute, second_pass
from bodycopy.judge.lexicon import NAME_BITS, WORD_BITS, Lexicon, word_keys
from bodycopy.page import LIMITS, read

HERE = Path(__file__).resolve().parent
RARE = """<!doctype html><html><body><article>Words right in the article.<span>Words in a span.</span>
<section>Words in a section, by <a href="/authors/keller">Maria Keller</a></section><h1>Rare parts of a page</h1>
<p>By Maria Keller</p><p>The Harbour Post</p><figure><img src="/a.jpg" alt="A boat"><figcaption>A boat</figcaption></figure>
<p hidden>This is not shown to anybody.</p><details><summary>More</summary><p>Folded away until it is asked for.</p></details>
<dl><dt>Harbour</dt><dd>A place where ships are safe.</dd></dl><label>Your name</label><a href="/x"><div>A block in a link</div></a>
<p>First paragraph of the article, which is not long.</p></article></body></html>"""
PAGES = [RARE.encode(), *(path.read_bytes() for path in sorted((HERE.parent / "pages").glob("*.html")))]
ADDRESS = "https://www.harbour-post.example/news/bridge"
SUMS = HERE / "features.json"
LEXICON = Lexicon.rounded(
    np.sin(np.arange(4 << WORD_BITS, dtype=np.float64)).astype(np.float32).reshape(4, -1),
    np.cos(np.arange(1 << NAME_BITS, dtype=np.float64)).astype(np.float32),
)


def sums() -> dict[str, list[float]]:
    """By column: its sum over all blocks, and the sum weighted by the block's number in its page."""
    out = {name: np.zeros(2) for name in (*NAMES, *SECOND_NAMES, "main")}
    plain, _ = text_blocks("The bridge opens\n\nIt was opened on Monday, the mayor said.\nRead more: ferries", LIMITS)
    for blocks in (plain, *(read_blocks(read(page, ADDRESS)) for page in PAGES)):
        headings = [b.text for b in blocks if b.kind is Kind.HEADING]
        paragraphs = [b.text for b in blocks if b.kind is Kind.PARAGRAPH]
        metadata = Metadata(
            url=ADDRESS,
            domain="harbour-post.example",
            site_name="The Harbour Post",
            title=headings[0] if headings else None,
            authors=("Maria Keller",),
            dek=paragraphs[0] if paragraphs else None,
            date="2026-11-24" if headings else None,
        )
        declared = Declared(" ".join(paragraphs[1:4]), len(blocks) % 2 == 0, len(blocks) % 3 == 0, len(blocks) % 5 == 0)
        told = [n % 4 / 4 for n in range(len(blocks))]
        features = compute(blocks, LEXICON, told, metadata, declared)
        chance = np.array([(n * 7 % 10) / 10 for n in range(len(blocks))], np.float32)
        places = 1 + np.arange(len(blocks))
        for names, matrix in ((NAMES, features.matrix), (SECOND_NAMES, second_pass(features, chance))):
            for name, column in zip(names, np.asarray(matrix, np.float64).T, strict=True):
                out[name] += column.sum(), (column * places).sum()
        out["main"] += features.main.sum(), (features.main * places).sum()
    return {name: [round(float(value), 3) for value in both] for name, both in out.items()}


def test_features_are_those_that_the_weights_were_fitted_on() -> None:
    now = sums()
    if os.environ.get("BODYCOPY_WRITE"):
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(both)}" for name, both in now.items())
        SUMS.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    then = json.loads(SUMS.read_text("utf-8"))
    assert list(now) == list(then)
    changed = {n: (then[n], now[n]) for n in now if now[n] != pytest.approx(then[n], rel=1e-4, abs=0.01)}
    assert not changed, "features have changed: fit the weights anew, or mend it"


def test_every_feature_tells_something_of_the_pages() -> None:
    assert len(set(NAMES)) == len(NAMES) and len(set(SECOND_NAMES)) == len(SECOND_NAMES)
    silent = {name for name, both in json.loads(SUMS.read_text("utf-8")).items() if both == [0, 0]}
    assert silent <= {"own_span", "own_label", "own_a"}, "which are inline, and so hold no block of their own"


def test_a_page_is_scored_by_the_words_of_its_menus_each_once() -> None:
    def score(html: str) -> float:
        blocks = read_blocks(read(html.encode()))
        return float(compute(blocks, LEXICON, [0.0] * len(blocks), Metadata()).matrix[0, COLUMN["site_score"]])

    menu = "<ul><li><a href=/1>Politics</a><li><a href=/2>Sport</a></ul>"
    text = "<p>A paragraph that links to <a href=/3>politics</a> and says a little more.</p>"
    keys = sorted({*word_keys("Politics"), *word_keys("Sport")})
    assert score(menu) == pytest.approx(
        LEXICON.words[3, keys].sum(dtype=int) * LEXICON.steps[3] / len(keys) ** 0.5, abs=1e-5
    )
    assert score(menu + text + menu) == score(menu)
    assert score(text) == 0
