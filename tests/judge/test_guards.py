"""Guards keep what words alone would remove."""

from __future__ import annotations

import numpy as np
import pytest
from bodycopy.article import Block, Container, Kind, Span
from bodycopy.judge import guards

ROOT = Container(None, "body", "", 0)
PLAIN = "The council voted on Tuesday to keep the old bridge open for another year while it looks for money to mend it."


def block(text: str, kind: Kind = Kind.PARAGRAPH, hidden: bool = False) -> Block:
    return Block(kind, text, (Span(text),), Container(ROOT, "p", "", 1), hidden=hidden)


def protect(texts: list[str], chances: list[float], told: list[bool] | None = None, links: list[float] | None = None):
    blocks = [block(t) for t in texts]
    chance = np.array(chances, np.float32)
    return guards.protect(
        blocks,
        chance,
        chance > 0.5,
        np.ones(len(texts), bool),
        np.array(links or [0.0] * len(texts), np.float32),
        told or [False] * len(texts),
    )


def test_a_quotation_between_paragraphs_stays_whatever_it_asks_for():
    kept = protect([PLAIN, "“Sign up if you must,” she joked.", PLAIN], [0.9, 0.2, 0.9], told=[False, True, False])
    assert kept == {1: guards.QUOTATION}


def test_a_quotation_below_the_article_is_not_protected():
    assert protect([PLAIN, PLAIN, "“Sign up if you must,” she joked."], [0.9, 0.9, 0.2]) == {}


def test_solid_prose_between_paragraphs_stays_when_in_doubt():
    prose = PLAIN + " Nobody in the hall spoke against it, and the mayor said that she was glad."
    assert protect([PLAIN, prose, PLAIN], [0.9, 0.4, 0.9]) == {1: guards.SOLID_PROSE}


@pytest.mark.parametrize("changed", ["told", "short", "sure", "linked"])
def test_prose_is_not_protected_where_more_than_words_speaks_against_it(changed):
    prose = PLAIN + " Nobody in the hall spoke against it, and the mayor said that she was glad."
    text = "Read more below." if changed == "short" else prose
    chance = 0.05 if changed == "sure" else 0.4
    links = [0.0, 0.9 if changed == "linked" else 0.0, 0.0]
    assert protect([PLAIN, text, PLAIN], [0.9, chance, 0.9], [False, changed == "told", False], links) == {}


def test_second_opinion_is_followed_only_where_too_little_is_left():
    blocks = [block(f"{PLAIN} Part number {n} of the long report follows here.") for n in range(6)]
    text = "\n".join(b.text for b in blocks)
    little = np.array([True, False, False, False, False, False])
    most = np.array([True, True, True, True, True, False])
    assert set(guards.ask_second_opinion(blocks, little, lambda: text)) == {1, 2, 3, 4, 5}
    assert guards.ask_second_opinion(blocks, most, lambda: text) == {}
    assert guards.ask_second_opinion(blocks, little, lambda: None) == {}


def test_a_page_without_an_article_still_gives_its_text():
    blocks = [
        block("Home"),
        block("Three lamps, sold out"),
        block("A lamp for the desk that folds flat and fits a drawer."),
    ]
    kept = guards.running_text(blocks, np.ones(3, bool), np.array([1.0, 0.0, 0.0], np.float32))
    assert 2 in kept and 0 not in kept
    only_links = [block("Home"), block("News")]
    assert set(guards.running_text(only_links, np.ones(2, bool), np.ones(2, np.float32))) == {0, 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We stay,” he said.", True),
        ("« Nous restons », a-t-il dit.", True),
        ("「残ります」と話した。ほかの人も同じだった。", True),
        ("He said that they would stay.", False),
        ("“", False),
    ],
)
def test_quotations_are_known_by_their_marks(text, expected):
    assert guards.is_quotation(text) is expected
