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
    prose = f"{PLAIN} {PLAIN}"
    assert protect([PLAIN, prose, PLAIN], [0.9, 0.45, 0.9]) == {1: guards.SOLID_PROSE}


@pytest.mark.parametrize("changed", ["told", "short", "sure", "linked"])
def test_prose_is_not_protected_where_more_than_words_speaks_against_it(changed):
    prose = f"{PLAIN} {PLAIN}"
    text = "Read more below." if changed == "short" else prose
    chance = 0.35 if changed == "sure" else 0.45
    links = [0.0, 0.9 if changed == "linked" else 0.0, 0.0]
    assert protect([PLAIN, text, PLAIN], [0.9, chance, 0.9], [False, changed == "told", False], links) == {}


@pytest.mark.parametrize(
    ("chances", "kind", "stays"),
    [
        ([0.9, 0.3, 0.9], Kind.HEADING, True),
        ([0.9, 0.1, 0.9], Kind.HEADING, False),
        ([0.9, 0.3, 0.1], Kind.HEADING, False),
        ([0.2, 0.3, 0.9], Kind.HEADING, False),
        ([0.9, 0.25, 0.9], Kind.PARAGRAPH, False),
    ],
)
def test_a_heading_between_two_kept_blocks_stays(chances, kind, stays):
    blocks = [block(PLAIN), block("Settings", kind), block(PLAIN)]
    chance = np.array(chances, np.float32)
    kept = guards.protect(blocks, chance, chance > 0.5, np.ones(3, bool), np.zeros(3, np.float32), [False] * 3)
    assert kept == ({1: guards.HEADING} if stays else {})


@pytest.mark.parametrize(
    ("chances", "links", "stays"),
    [
        ([0.9, 0.9, 0.2, 0.2], 0.0, {4: guards.LIST_ITEM, 5: guards.LIST_ITEM}),
        ([0.9, 0.9, 0.05, 0.2], 0.0, {5: guards.LIST_ITEM}),
        ([0.9, 0.9, 0.2, 0.2], 0.9, {}),
        ([0.9, 0.2, 0.2, 0.2], 0.0, {}),
    ],
)
def test_the_rest_of_a_list_stays_where_half_of_it_does(chances, links, stays):
    """Whichever other list stands beside it."""
    lists = [Container(ROOT, "ul", "", n) for n in (1, 2)]
    items = [
        block(f"Item {n}", Kind.LIST_ITEM)._replace(container=Container(lists[0], "li", "", 3 + n)) for n in range(4)
    ]
    other = block("Item 9", Kind.LIST_ITEM)._replace(container=Container(lists[1], "li", "", 9))
    blocks = [block(PLAIN), block(PLAIN), *items, other]
    chance = np.array([0.9, 0.9, *chances, 0.2], np.float32)
    link_share = np.array([0, 0, *[links] * 4, 0], np.float32)
    assert guards.protect(blocks, chance, chance > 0.5, np.ones(7, bool), link_share, [False] * 7) == stays


@pytest.mark.parametrize(
    ("text", "chance", "links", "stays"),
    [
        ("for f in *.jpeg; do\n  echo $f\ndone", 0.3, 0.0, True),
        ("for f in *.jpeg; do\n  echo $f\ndone", 0.1, 0.0, False),
        ("for f in *.jpeg; do\n  echo $f\ndone", 0.3, 0.9, False),
        ("1\n2\n3\n4", 0.3, 0.0, False),
    ],
)
def test_code_between_paragraphs_stays_when_in_doubt_and_its_line_numbers_do_not(text, chance, links, stays):
    blocks = [block(PLAIN), block(text, Kind.CODE), block(PLAIN)]
    chances, link_share = np.array([0.9, chance, 0.9], np.float32), np.array([0, links, 0], np.float32)
    kept = guards.protect(blocks, chances, chances > 0.5, np.ones(3, bool), link_share, [False] * 3)
    assert kept == ({1: guards.CODE} if stays else {})


@pytest.mark.parametrize(
    ("chances", "after", "stays"),
    [
        ([0.9, 0.9, 0.2], 0.9, {3}),
        ([0.4, 0.4, 0.4], 0.9, {1, 2, 3}),
        ([0.4, 0.4, 0.4], 0.1, set()),
        ([0.3, 0.3, 0.3], 0.9, set()),
        ([0.4], 0.9, set()),
    ],
)
def test_a_table_between_paragraphs_stays_or_goes_as_a_whole(chances, after, stays):
    rows = [block(f"Carrots | {n} | {n + 1}", Kind.TABLE)._replace(group=1) for n in range(len(chances))]
    other = block("Price | Check it", Kind.TABLE)._replace(group=2)
    blocks = [block(PLAIN), *rows, block(PLAIN), other]
    chance = np.array([0.9, *chances, after, 0.15], np.float32)
    count = len(blocks)
    kept = guards.protect(
        blocks, chance, chance > 0.5, np.ones(count, bool), np.zeros(count, np.float32), [False] * count
    )
    assert kept == dict.fromkeys(stays, guards.TABLE)


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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0), ("word", 1), ("one two three", 3), ("naïve café", 2),
        ("大桥昨天傍晚开通市长说了", 6), ("大桥 昨天 傍晚 开通", 4), ("สะพานเปิดเมื่อวานนี้", 7),
    ],
)  # fmt: skip
def test_words_are_counted_in_every_script(text, words):
    assert guards.words_of(block(text)) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We are not for sale,” she said.", True), ('"Abcdefghij"', True), ('"Abcdefghi"', False),
        ("  « Nous ne vendons pas », dit-elle.", True), ("„Wir verkaufen nicht“, sagte sie.", True),
        ("「橋は閉まりません」と市長が述べた。", True), ("She said: “We are not for sale.”", False),
        ("“We are not for sale, she said.", False), ("““ We are not for sale", False), ("x“We are not for sale,”", False),
    ],
)  # fmt: skip
def test_a_quotation_begins_with_its_mark_and_ends_somewhere(text, expected):
    assert guards.is_quotation(text) is expected


QUOTE = "“Sign up if you must,” she joked."


@pytest.mark.parametrize(
    ("middle", "chance", "links", "main", "kept"),
    [
        (block(QUOTE), 0.1, 0.3, True, True),
        (block(QUOTE), 0.09, 0.0, True, False),
        (block(QUOTE), 0.4, 0.31, True, False),
        (block(QUOTE), 0.4, 0.0, False, False),
        (block(QUOTE, hidden=True), 0.4, 0.0, True, False),
        (block(QUOTE, Kind.FIGURE), 0.4, 0.0, True, False),
        (block("“Most read” this week:"), 0.4, 0.0, True, False),
        (block("word " * 39 + "word."), 0.41, 0.0, True, True),
        (block("word " * 38 + "word."), 0.45, 0.0, True, False),
        (block("word " * 39 + "word."), 0.4, 0.0, True, False),
        (block("word " * 39 + "word"), 0.45, 0.0, True, False),
        (block("word " * 39 + "word?\n"), 0.45, 0.0, True, True),
    ],
)
def test_what_is_protected_between_paragraphs(middle, chance, links, main, kept):
    out = guards.protect(
        [block(PLAIN), middle, block(PLAIN)],
        np.array([0.9, chance, 0.9], np.float64),
        np.array([True, False, True]),
        np.array([True, main, True]),
        np.array([0.0, links, 0.0], np.float64),
        [False] * 3,
    )
    assert set(out) == ({1} if kept else set())


def test_nothing_stands_between_fewer_than_two_paragraphs():
    assert protect([QUOTE, PLAIN, QUOTE], [0.2, 0.9, 0.2]) == {}
    assert protect([QUOTE, QUOTE], [0.2, 0.2]) == {}
    assert protect([QUOTE, PLAIN, QUOTE, PLAIN, QUOTE], [0.2, 0.9, 0.2, 0.9, 0.2]) == {2: guards.QUOTATION}


NOTHING = np.array([False, False])


def test_second_opinion_needs_a_text_of_some_length_and_shares_most_of_a_block():
    article = " ".join(f"word{n}" for n in range(25))
    both = [block(article), block("something else that stands below")]
    assert guards.ask_second_opinion(both, NOTHING, lambda: article) == {0: guards.SECOND_OPINION}
    assert guards.ask_second_opinion(both, NOTHING, lambda: article.upper()) == {0: guards.SECOND_OPINION}
    assert guards.ask_second_opinion(both, NOTHING, lambda: article.rpartition(" ")[0]) == {}
    assert guards.ask_second_opinion(both, NOTHING, lambda: None) == {}
    # Four fifths of a block's runs of three words, and four words at least.
    mostly = block(" ".join(f"word{n}" for n in range(10)) + " and more")
    half = block(" ".join(f"word{n}" for n in range(8)) + " and more to it")
    assert guards.ask_second_opinion([mostly, half], NOTHING, lambda: article) == {0: guards.SECOND_OPINION}
    assert guards.ask_second_opinion(
        [block("word0 word1 word2 word3"), block("word0 word1 word2")], NOTHING, lambda: article
    ) == {0: guards.SECOND_OPINION}


def test_half_of_the_second_opinions_words_are_enough():
    article = " ".join(f"word{n}" for n in range(40))
    rest = block(" ".join(f"word{n}" for n in range(20, 40)))
    keep = np.array([True, False])
    assert guards.ask_second_opinion([block("x " * 19 + "x"), rest], keep, lambda: article) == {}
    assert set(guards.ask_second_opinion([block("x " * 18 + "x"), rest], keep, lambda: article)) == {1}


@pytest.mark.parametrize(
    ("blocks", "main", "links", "kept"),
    [
        # Eight words in the container of the article; else five anywhere, else one, else what is hidden or linked.
        ([block("one " * 8), block("one " * 8)], [True, False], [0.0, 0.0], {0}),
        (
            [block("one two three four five six seven eight"), block("one two three four five")],
            [True, True],
            [0.4, 0.0],
            {0},
        ),
        ([block("one two three four five six seven"), block("one two three four")], [True, True], [0.0, 0.0], {0}),
        ([block("one two three four five"), block("one two three four")], [False, False], [0.0, 0.0], {0}),
        ([block("one two three four five six seven eight"), block("word")], [True, True], [0.5, 0.0], {1}),
        ([block("word", hidden=True), block("word")], [False, False], [0.0, 0.0], {1}),
        ([block("word", hidden=True), block("")], [False, False], [0.0, 0.0], {0}),
        ([block("word"), block("word", hidden=True)], [False, False], [1.0, 1.0], {0, 1}),
        ([block("one two three four five six seven eight", hidden=True), block("word")], [True, True], [0.0, 0.0], {1}),
        ([block(""), block("")], [True, True], [0.0, 0.0], set()),
    ],
)
def test_running_text_of_a_page_without_an_article(blocks, main, links, kept):
    found = guards.running_text(blocks, np.array(main), np.array(links))
    assert found == dict.fromkeys(kept, guards.NO_ARTICLE)


def test_guards_give_readers_a_reason():
    for guard in (guards.QUOTATION, guards.SOLID_PROSE, guards.SECOND_OPINION, guards.NO_ARTICLE):
        assert guard.reason.endswith(".")
        assert guard.name.isidentifier()


def test_a_hidden_block_or_a_picture_stays_away_and_the_quotation_after_it_does_not():
    quoted = block("“Nobody in the hall spoke against it,” she said.")
    for other in (block(quoted.text, hidden=True), block(quoted.text, Kind.FIGURE)):
        blocks = [block(PLAIN), other, quoted, block(PLAIN)]
        chance = np.array([0.9, 0.2, 0.2, 0.9], np.float32)
        kept = guards.protect(blocks, chance, chance > 0.5, np.ones(4, bool), np.zeros(4, np.float32), [False] * 4)
        assert kept == {2: guards.QUOTATION}


def test_a_heading_outside_of_the_article_or_beside_one_paragraph_goes():
    blocks = [block(PLAIN), block("Settings", Kind.HEADING), block(PLAIN), block("More", Kind.HEADING), block(PLAIN)]
    chance = np.array([0.9, 0.3, 0.9, 0.3, 0.1], np.float32)
    for inside, kept in (([True] * 5, {1: guards.HEADING}), ([True, False, True, True, True], {})):
        args = (blocks, chance, chance > 0.5, np.array(inside), np.zeros(5, np.float32), [False] * 5)
        assert guards.protect(*args) == kept


def test_a_second_opinion_is_of_runs_of_three_words():
    blocks = [block("The bridge is closed."), block("One two three four five."), block("One three five two four.")]
    opinion = " ".join(b.text for b in blocks[:2]) + " word" * 60
    keep = np.array([True, False, False])
    assert guards.ask_second_opinion(blocks, keep, lambda: opinion) == {1: guards.SECOND_OPINION}
    assert guards.ask_second_opinion(blocks, keep, lambda: None) == {}
