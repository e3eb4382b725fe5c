"""From probabilities and phrases to verdicts: each rule of `decide` by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bodycopy.article import Block, Container, Image, Kind, Label, Metadata, Span
from bodycopy.judge import NO_WORDINGS, Thresholds, _confidences, decide, judge, phrases, places
from bodycopy.judge.features import COLUMN, NAMES, Features
from bodycopy.judge.wordings import Wording

BODY = Container(None, "body", "", 0)
PARENT = Container(BODY, "div", "", 1)
PROSE = "The council voted on Tuesday to keep the old bridge open for another year while it looks for money."
NO_OPINION = "The page is unusual: some text was kept on a second extractor's word."
NO_ARTICLE = "No clear article was found on this page; its running text is shown."


def block(text: str = PROSE, kind: Kind = Kind.PARAGRAPH, names: str = "", **values: Any) -> Block:
    container = Container(PARENT, "div", names, 2) if names else PARENT
    return Block(kind, text, (Span(text),), container, **values)


def decided(
    blocks: list[Block],
    chances: list[float],
    main: list[bool] | None = None,
    metadata: Metadata | None = None,
    hits: list[phrases.Hit | None] | None = None,
    opinion: str | None = None,
    wordings: Any = NO_WORDINGS,
    parts: list[int] | None = None,
    parents: list[int] | None = None,
    **columns: list[float],
):
    """The verdicts on blocks with these probabilities; `columns` are features by name, 0 where not given."""
    matrix = np.zeros((len(blocks), len(NAMES)), np.float32)
    matrix[:, COLUMN["same_text"]] = 1
    for name, values in columns.items():
        matrix[:, COLUMN[name]] = values
    inside = np.array([True] * len(blocks) if main is None else main)
    groups = np.zeros((len(blocks), 4), np.int32)
    # Each block is a part by itself.
    groups[:, places.BRANCH] = np.arange(len(blocks)) if parts is None else parts
    if parents is not None:
        groups[:, places.PARENT] = parents
    features = Features(matrix, groups, inside)
    chance = np.array(chances, np.float32)
    found = hits or [None] * len(blocks)
    return decide(
        blocks,
        metadata or Metadata(),
        features,
        chance,
        found,
        lambda: opinion,
        Thresholds(keep=0.5, named_log_odds=1.5, phrase_log_odds=1.0, plain_phrase_log_odds=2.0),
        wordings,
    )


def labels(judged) -> list[str]:
    return [str(b.verdict.label) for b in judged.blocks]


def test_a_page_without_text_says_so():
    assert judge([], Metadata()) == ((), ("The page holds no text.",), None)


def test_every_block_gets_a_verdict_of_the_model():
    page = [block(f"{PROSE} Part {n} of the report follows.") for n in range(5)]
    judged = judge(page, Metadata())
    assert [b.text for b in judged.blocks] == [b.text for b in page]
    assert {b.verdict.source for b in judged.blocks} == {"model"}


def test_confidences_are_rounded_as_python_rounds():
    halves = np.arange(0, 1, 1 / 2000, dtype=np.float32)
    near = [np.nextafter(halves, np.float32(to)) for to in (-1, 2)]
    chance = np.concatenate([halves, *near, np.logspace(-13, 0, 4000, dtype=np.float32)])
    for keep in (True, False):
        wanted = [round(max(0.5, p if keep else 1 - p), 3) for p in chance.tolist()]
        assert _confidences(chance, np.full(len(chance), keep)).tolist() == wanted


def test_a_block_is_kept_from_the_threshold_on_whatever_the_page_says_of_itself():
    lone = [block("A line."), block(), block("A line."), block(), block("A line.")]
    texts = [b._replace(container=None) for b in lone]
    for chance, label in ((0.51, "content"), (0.49, "interface")):
        chances = [0.2, 0.9, chance, 0.9, 0.2]
        assert labels(decided(lone, chances))[2] == label
        assert labels(decided(lone, chances, says_news=[1.0] * 5, site_score=[1.0] * 5))[2] == label
        assert labels(decided(texts, chances))[2] == label
    assert labels(decided(lone, [0.49, 0.9, 0.9, 0.9, 0.51])) == ["byline", "content", "content", "content", "content"]


def test_a_part_that_the_page_itself_names_is_kept_only_where_the_model_is_sure():
    for names, chance, label in (
        ("comments", 0.81, "comments"), ("comments", 0.83, "content"), ("dateline", 0.51, "content")
    ):  # fmt: skip
        assert labels(decided([block(), block(), block(names=names)], [0.9, 0.9, chance]))[2] == label


@pytest.mark.parametrize(
    ("label", "share", "chance", "stays"),
    [
        (Label.NEWSLETTER, 0.6, 0.87, False),
        (Label.NEWSLETTER, 0.6, 0.89, True),
        (Label.NEWSLETTER, 0.4, 0.55, True),
        (Label.RELATED, 0.6, 0.55, True),
    ],
)
def test_a_plain_phrase_that_is_most_of_a_block_counts_for_more(label, share, chance, stays):
    hit = phrases.Hit(label, "phrase:en/x/1", "Asks you to sign up.", share)
    judged = decided(
        [block(), block("A call."), block()], [0.9, chance, 0.9], hits=[None, hit, None], phrase=[0, share, 0]
    )
    assert (labels(judged)[1] == "content") is stays


@pytest.mark.parametrize(("share", "chance", "stays"), [(0.95, 0.72, False), (0.95, 0.75, True), (0.85, 0.55, True)])
def test_a_phrase_that_is_all_of_a_block_counts_beyond_the_model(share, chance, stays):
    judged = decided([block(), block("A call."), block()], [0.9, chance, 0.9], phrase=[0, share, 0])
    assert (labels(judged)[1] == "content") is stays


@pytest.mark.parametrize(
    ("chance", "rest", "stays"),
    [
        (0.55, [0.02] * 5, False),
        (0.8, [0.02] * 5, True),
        (0.55, [0.9] * 5, True),
        (0.45, [0.99] * 5, False),
        (0.55, [0.2], True),
    ],
)
def test_what_is_only_just_kept_goes_with_its_part_of_the_main_container(chance, rest, stays):
    page = [block(), block(), block("The line in doubt"), *[block()] * len(rest)]
    judged = decided(page, [0.99, 0.99, chance, *rest], parts=[0, 0, *[1] * (1 + len(rest))], main=[False] * len(page))
    assert (labels(judged)[2] == "content") is stays


def test_plain_text_and_what_stands_outside_of_the_main_container_have_no_parts():
    page = [block(), block(), block("The line in doubt"), block(), block()]
    chances, parts = [0.99, 0.99, 0.55, 0.02, 0.02], [0, 0, 1, 1, 1]
    assert labels(decided(page, chances, main=[False] * 5, parts=parts))[2] != "content"
    outside = decided(page, chances, main=[False] * 5, parts=[1, 1, 0, 0, 0])
    assert labels(outside)[2] == "content"
    pasted = [b._replace(container=None) for b in page]
    assert labels(decided(pasted, chances, main=[False] * 5, parts=parts))[2] == "content"


OTHER = Container(BODY, "aside", "", 3)


def _heading(chance: float, *rest: tuple[Block, float], parent: Container = PARENT) -> str:
    """What becomes of a heading with this probability between a paragraph and the `rest`."""
    heading = Block(Kind.HEADING, "What comes next", (Span("What comes next"),), parent, level=2)
    page = [block(), block(), heading, *(b for b, _ in rest)]
    chances = [0.99, 0.99, chance, *(c for _, c in rest)]
    parents = [b.container.index if b.container else 0 for b in page]
    return labels(decided(page, chances, main=[False] * len(page), parents=parents))[2]


@pytest.mark.parametrize(
    ("chance", "below", "stays"),
    [
        (0.7, (0.02,), False),
        (0.7, (0.02, 0.9), True),
        (0.7, (0.02, 0.02, 0.9), False),
        (0.95, (0.02,), True),
        (0.3, (0.95,), True),
        (0.3, (0.02, 0.95), False),
        (0.1, (0.95,), False),
        (0.7, (), True),
    ],
)
def test_a_doubtful_heading_goes_with_the_text_below_it(chance, below, stays):
    label = _heading(chance, *((block(), odds) for odds in below))
    assert (label == "heading") is stays


def test_only_text_in_its_own_container_keeps_a_heading():
    below = (Block(Kind.PARAGRAPH, PROSE, (Span(PROSE),), OTHER), 0.95)
    assert _heading(0.3, below) != "heading"
    assert _heading(0.3, below, parent=OTHER) == "heading"


@pytest.mark.parametrize("last", [0.02, 0.9])
def test_a_heading_right_above_another_heads_what_that_one_does(last):
    lower = block("The second of two", Kind.HEADING, level=3)
    assert (_heading(0.7, (lower, 0.9), (block(), last)) == "heading") is (last > 0.5)


def test_a_heading_ends_the_text_that_the_one_above_it_heads():
    lower = block("Another part", Kind.HEADING, level=2)
    assert _heading(0.7, (block(), 0.02), (lower, 0.9), (block(), 0.99)) != "heading"


def test_what_is_hidden_or_only_a_picture_is_no_text_below_a_heading():
    picture = block("", Kind.FIGURE, image=Image("https://example.org/a.jpg", "", 600, 400))
    assert _heading(0.7, (block(hidden=True), 0.02), (picture, 0.02), (block(), 0.9)) == "heading"
    assert _heading(0.7, (block(hidden=True), 0.99), (block(), 0.02)) != "heading"


def test_what_has_no_text_is_never_kept():
    assert labels(decided([block(), block(""), block()], [0.9, 0.9, 0.9]))[1] != "content"
    assert labels(decided([block(), block("Words", Kind.FIGURE), block()], [0.9, 0.9, 0.9]))[1] != "content"


def test_hidden_text_goes_unless_it_is_most_of_the_article():
    both = [block(), block(hidden=True), block()]
    assert labels(decided(both, [0.9] * 3)) == ["content", "interface", "content"]
    mostly_hidden = [block(), block(hidden=True), block(PROSE + "!", hidden=True)]
    assert labels(decided(mostly_hidden, [0.9] * 3)) == ["content"] * 3
    assert labels(decided([block(), block(hidden=True)], [0.9] * 2)) == ["content", "content"]


@pytest.mark.parametrize(("prose", "is_asked"), [([1, 1, 1, 1], True), ([1, 0, 0, 0], False), ([1, 1, 0, 0], False)])
def test_a_second_extractor_is_asked_where_most_prose_would_go(prose, is_asked):
    page = [block(f"{PROSE} It was read out {n} times, and then once more.") for n in range(4)]
    judged = decided(page, [0.9, 0.05, 0.05, 0.05], opinion="\n".join(b.text for b in page), is_prose=prose)
    assert (NO_OPINION in judged.warnings) is is_asked
    assert (labels(judged) == ["content"] * 4) is is_asked
    assert (judged.blocks[1].verdict.source == "guard:second_opinion") is is_asked


def test_plain_text_has_no_second_extractor():
    rest = [Block(Kind.PARAGRAPH, f"{PROSE} Part {n} of a long report follows.", (), None) for n in range(4)]
    judged = decided(rest, [0.9, 0.05, 0.05, 0.05], opinion="\n".join(b.text for b in rest), is_prose=[1] * 4)
    assert judged.warnings == ()


def test_a_page_without_an_article_shows_its_running_text_and_says_so():
    lamps = [block("Three lamps that fold flat, sold out until the end of May"), block("Home")]
    judged = decided(lamps, [0.1, 0.1])
    assert labels(judged)[0] == "content" != labels(judged)[1]
    assert judged.blocks[0].verdict.source == "guard:no_article"
    assert judged.blocks[0].verdict.confidence == 0.5
    assert judged.warnings == (NO_ARTICLE,)
    assert decided([block("x", hidden=True)], [0.1]).warnings == (NO_ARTICLE,)
    assert decided([block("")], [0.1]).warnings == ("No article was found on this page.",)


def test_a_short_article_that_is_all_the_text_there_is_is_no_unclear_one():
    judged = decided([block("The bridge is closed."), block("Home")], [0.9, 0.1], link_share=[0, 1])
    assert judged.warnings == () and labels(judged) == ["content", "related"]


TITLED = Metadata(title="Bridge stays open")


NOSCRIPT = Container(BODY, "noscript", "", 3)
PLEA = "You need to enable JavaScript to run this app."


@pytest.mark.parametrize("chance", [0.1, 0.9])
@pytest.mark.parametrize("container", [NOSCRIPT, Container(NOSCRIPT, "p", "", 4)])
def test_a_few_words_for_browsers_without_scripts_are_no_article(chance, container):
    judged = decided([block(PLEA, hidden=True)._replace(container=container)], [chance])
    assert (labels(judged), judged.warnings) == (["interface"], ("No article was found on this page.",))


def test_neither_headline_nor_picture_makes_an_article_of_words_for_browsers_without_scripts():
    page = [
        block("", Kind.FIGURE, image=Image("https://a.example/a.png")),
        block("App", Kind.HEADING, level=1),
        block(PLEA, hidden=True)._replace(container=NOSCRIPT),
    ]
    found = labels(decided(page, [0.1, 0.9, 0.9], metadata=Metadata(title="App")))
    assert found[0] not in ("content", "caption")
    assert found[1:] == ["title", "interface"]


def test_text_that_scripts_may_show_stays_without_the_words_for_browsers_without_them():
    plea = block(PLEA, hidden=True)._replace(container=NOSCRIPT)
    judged = decided([block("The ferry is running again.", hidden=True), plea], [0.9, 0.9])
    assert labels(judged) == ["content", "interface"]


@pytest.mark.parametrize(
    "page",
    [
        # A whole article for browsers without scripts.
        [block(f"{PROSE} Part {n} follows.", hidden=True)._replace(container=NOSCRIPT) for n in range(3)],
        [block("The ferry is running.", hidden=True), block("It is late.", hidden=True)],
        [block("The ferry is running."), block("It is late.")],
    ],
)
def test_other_short_or_hidden_articles_stay(page):
    assert labels(decided(page, [0.9] * len(page))) == ["content"] * len(page)


def test_the_headline_is_the_title_and_no_text():
    def first(*blocks: Block) -> list[str]:
        return labels(decided([*blocks, block(), block()], [0.9] * (len(blocks) + 2), metadata=TITLED))

    heading = block("Bridge stays open!", Kind.HEADING, level=1)
    lower = block("Bridge stays open", Kind.HEADING, level=2)
    assert first(heading) == ["title", "content", "content"]
    assert first(block("BRIDGE stays open"), lower, heading)[:3] == ["content", "heading", "title"]
    assert first(block("Bridge stays open"), lower)[:2] == ["content", "title"]
    assert first(lower, lower)[:2] == ["title", "heading"]
    assert first(block("Bridge stays open"), block("Bridge stays open"))[:2] == ["title", "content"]
    assert first(block("Bridge stays open for another year")) == ["content"] * 3
    assert labels(decided([heading, block()], [0.9, 0.9]))[0] == "heading"
    verdict = decided([heading, block()], [0.9, 0.9], metadata=TITLED).blocks[0].verdict
    assert verdict[1:] == ("The headline, shown as the title.", 0.95, "model", None)


def test_the_standfirst_is_told_only_above_the_text():
    standfirst = Metadata(dek="A year more, says the council")
    blocks = [block("A year more — says the council."), block(), block("A year more, says the council")]
    judged = decided(blocks, [0.1, 0.9, 0.1], metadata=standfirst)
    assert labels(judged) == ["dek", "content", "promotion"]
    assert judged.blocks[0].verdict[1:] == ("The standfirst, shown below the title.", 0.9, "model", None)


@pytest.mark.parametrize("fact", ["date", "by_author"])
def test_a_short_line_above_the_text_with_a_date_or_an_author_is_a_byline(fact: str):
    line = block("By Ada Brook, 12 March 2026")

    def first(chance: float = 0.9, line: Block = line, **facts: float) -> str:
        values = {fact: 1.0, "log_words": 1.8, "digits": 6 / len(line.text), **facts}
        rows = {name: [value, 0.0, 0.0] for name, value in values.items()}
        judged = decided([line, block(), block()], [chance, 0.9, 0.9], is_prose=[0.0, 1.0, 1.0], **rows)
        return labels(judged)[0]

    assert first() == "byline"
    assert first(0.99) == "content"
    assert first(ends_sentence=1) == "content"
    assert first(ends_colon=1) == "content"
    assert first(log_words=float(np.log1p(10))) == "byline"
    assert first(log_words=float(np.log1p(11))) == "content"
    assert first(line=line._replace(kind=Kind.LIST_ITEM)) == "content"
    assert first(**{fact: 0.0}) == "content"
    assert first(digits=4 / len(line.text)) == ("content" if fact == "date" else "byline")


def test_a_date_below_the_second_paragraph_stays():
    def date_below(paragraphs: int) -> str:
        page = [block()] * paragraphs + [block("12 March 2026"), block(), block()]
        prose = [1.0] * paragraphs + [0.0, 1.0, 1.0]
        dates = [1 - p for p in prose]
        facts = {
            "is_prose": prose,
            "date": dates,
            "digits": dates,
            "log_words": [3 * p for p in prose],
        }
        return labels(decided(page, [0.9] * len(page), **facts))[paragraphs]

    assert [date_below(n) for n in range(4)] == ["byline", "byline", "content", "content"]


@pytest.mark.parametrize(("count", "label"), [(2, "byline"), (3, "content")])
def test_many_short_lines_with_dates_are_a_list_of_things(count: int, label: str):
    page = [block(f"12 March 202{n}") for n in range(count)] + [block(), block()]
    prose = [0.0] * count + [1.0] * 2
    dates = [1 - p for p in prose]
    facts = {"is_prose": prose, "date": dates, "digits": dates, "log_words": [3 * p for p in prose]}
    assert labels(decided(page, [0.9] * len(page), **facts)) == [label] * count + ["content"] * 2


SUMMARY = "A year more is what the ferrymen have asked for, and it is what they get."


def standfirst(between: list[Block], hits: list[phrases.Hit | None] | None = None, **facts: float) -> str | None:
    """The dek found among blocks that go between headline and text; the facts are of the last of them."""
    page = [block("Bridge stays open", Kind.HEADING, level=1), *between, block(), block()]
    found = [None, *(hits or [None] * len(between)), None, None]
    columns = {"ends_sentence": 1.0, "near_word_score": 1.0, "same_text": 1.0, **facts}
    rows = {name: [0.0] * len(between) + [value, 0.0, 0.0] for name, value in columns.items()}
    judged = decided(page, [0.9, *[0.1] * len(between), 0.9, 0.9], metadata=TITLED, hits=found, **rows)
    if judged.dek is not None:
        assert [b.text for b in judged.blocks if b.verdict.label is Label.DEK] == [judged.dek]
    return judged.dek


def test_a_sentence_right_below_the_headline_is_the_standfirst():
    other = block("12 March")
    assert standfirst([block(SUMMARY)]) == SUMMARY
    assert standfirst([other, other, block(SUMMARY)]) == SUMMARY
    assert standfirst([other, other, other, block(SUMMARY)]) is None


@pytest.mark.parametrize(
    "facts",
    [
        {"ends_sentence": 0}, {"near_word_score": -0.5}, {"link_share": 0.5}, {"title_share": 0.9}, {"same_text": 3},
        {"by_author": 1},
    ],
)  # fmt: skip
def test_what_reads_unlike_a_standfirst_is_none(facts: dict[str, float]):
    assert standfirst([block(SUMMARY)], **facts) is None


def test_how_much_like_a_standfirst_it_must_be():
    assert standfirst([block("A year more is what they want.")]) is not None, "of thirty characters"
    assert standfirst([block("A year more is what they get.")]) is None
    assert standfirst([block(SUMMARY)], same_text=2) == SUMMARY
    for share, found in ((0.19, SUMMARY), (0.21, None)):
        assert standfirst([block(SUMMARY)], link_share=share) == found
    assert standfirst([block(SUMMARY)], near_word_score=0) is None
    for share, found in ((0.81, SUMMARY), (0.79, None)):
        assert standfirst([block(SUMMARY)], near_word_score=0, excerpt_share=share) == found


def test_the_headline_is_no_line_of_twice_its_length():
    for marks, label in ((17, "title"), (18, "content")):
        page = [block("Bridge stays open" + "!" * marks), block(), block()]
        assert labels(decided(page, [0.9] * 3, metadata=TITLED))[0] == label


def test_what_is_marked_as_something_else_is_no_standfirst():
    hit = phrases.Hit(Label.AFFILIATE, "phrase:en/affiliate/1", "Says that the site earns from links.", 0.2)
    assert standfirst([block(SUMMARY)], hits=[hit]) is None
    assert standfirst([block(SUMMARY, hidden=True)]) is None
    assert standfirst([block(SUMMARY, names="photo-caption")]) is None
    assert standfirst([block(SUMMARY, Kind.HEADING, level=2)]) is None
    assert standfirst([block("A year more it is.")]) is None


def test_what_the_page_describes_itself_with_is_the_standfirst_wherever_it_stands_above_the_text():
    other = block("12 March")
    below = [other] * 8 + [block(SUMMARY, Kind.HEADING, level=2)]
    assert standfirst(below, excerpt_share=1.0, ends_sentence=0, near_word_score=-1) == SUMMARY
    assert standfirst([other] * 2 + below, excerpt_share=1.0) is None


def test_a_standfirst_is_looked_for_only_where_the_page_names_none():
    page = [block("Bridge stays open", Kind.HEADING, level=1), block(SUMMARY), block(), block()]
    named = Metadata(title="Bridge stays open", dek="The vote was close")
    judged = decided(
        page, [0.9, 0.1, 0.9, 0.9], metadata=named, ends_sentence=[0, 1, 0, 0], near_word_score=[0, 1, 0, 0]
    )
    assert judged.dek == named.dek
    assert labels(judged) == ["title", "navigation", "content", "content"]


@pytest.mark.parametrize(("share", "label"), [(0.26, "newsletter"), (0.25, "promotion")])
def test_a_phrase_names_what_it_covers_a_quarter_of(share, label):
    hit = phrases.Hit(Label.NEWSLETTER, "phrase:en/newsletter/1", "Asks you to sign up for a newsletter.", share)
    page = [block(), block(), block("Sign up, and read more of all this")]
    judged = decided(page, [0.9, 0.9, 0.3], hits=[None, None, hit])
    assert labels(judged) == ["content", "content", label]
    if label == "newsletter":
        assert judged.blocks[2].verdict[1:] == (hit.reason, 0.7, hit.source, None)


def test_prose_that_a_phrase_covers_most_of_is_not_protected():
    hit = phrases.Hit(Label.NEWSLETTER, "phrase:en/newsletter/1", "Asks you to sign up for a newsletter.", 0.6)
    long = block("word " * 40 + "word.")
    for given, label in ((hit, "newsletter"), (hit._replace(share=0.5), "content")):
        assert labels(decided([block(), long, block()], [0.9, 0.45, 0.9], hits=[None, given, None]))[1] == label


def test_confidence_is_that_in_the_verdict_and_at_least_a_half():
    judged = decided([block(), block("Come and see us on Saturday"), block(), block("Come")], [0.9, 0.55, 0.7, 0.2])
    assert [b.verdict.confidence for b in judged.blocks] == [0.9, 0.55, 0.7, 0.8]
    unseen = decided([block(), block(hidden=True), block()], [0.9] * 3)
    assert unseen.blocks[1].verdict.confidence == 0.5
    assert judged.blocks[0].verdict.reason == "Reads and stands like the article's text."


def figure(text: str = "", **values: Any) -> Block:
    return block(text, Kind.FIGURE, image=Image("https://example.org/a.jpg", "") if not text else None, **values)


def test_pictures_among_the_paragraphs_stay_with_their_captions():
    page = [
        figure(group=1),
        figure("The bridge in May", group=1),
        block(),
        figure("No picture's caption", group=2),
        block(),
    ]
    judged = decided(page, [0.1, 0.1, 0.9, 0.1, 0.9])
    assert labels(judged) == ["caption", "caption", "content", "interface", "content"]
    assert judged.blocks[0].verdict[1:] == ("Belongs to a picture of the article.", 0.8, "model", None)


def gallery(pictures: int, href: str | None = None) -> list[Block]:
    caption = figure("A bridge")._replace(spans=(Span("A bridge", (), href),))
    return [b for n in range(1, pictures + 1) for b in (figure(group=n), caption._replace(group=n))]


@pytest.mark.parametrize("after", [0, 2])
def test_a_gallery_stays_whole_however_long(after):
    page = [block(), *gallery(8), *[block()] * after]
    assert labels(decided(page, [0.9, *[0.1] * 16, *[0.9] * after])) == [
        "content",
        *["caption"] * 16,
        *["content"] * after,
    ]


def test_pictures_of_other_stories_are_no_gallery_that_the_article_ends_in():
    linked = gallery(3, "https://example.org/bridge")
    teasers = [b for _ in range(3) for b in (figure(), block("Other story"))]
    for rest, stay in ((linked, 2), (teasers, 1), ([block("Share"), *gallery(3)], 0)):
        judged = decided([block(), *rest], [0.9] + [0.1] * len(rest))
        assert [b.verdict.label == "caption" for b in judged.blocks[1:]] == [n < stay for n in range(len(rest))]
    hidden = [block(), figure(), figure(hidden=True), figure()]
    assert labels(decided(hidden, [0.9, 0.1, 0.1, 0.1])) == ["content", "caption", "interface", "caption"]
    aside = decided([block(), *gallery(2)], [0.9] + [0.1] * 4, main=[True, True, True, False, False])
    assert [label == "caption" for label in labels(aside)[1:4]] == [True, True, False]


@pytest.mark.parametrize(
    ("before", "after", "main", "hidden", "stays"),
    [
        (0, 4, True, False, True),
        (0, 1, False, False, False),
        (0, 1, True, True, False),
        (0, 5, True, False, False),
        (1, 0, True, False, True),
        (2, 0, True, False, False),
    ],
)
def test_pictures_far_from_the_paragraphs_go(before, after, main, hidden, stays):
    """`before` is how many blocks behind the last paragraph, or `after` how many ahead of the first, it stands."""
    away = [block("Home", names="menu")] * 5
    ahead, behind = (away[: after - 1], []) if after else ([], away[: before - 1])
    picture = figure(hidden=hidden)
    page = [picture, *ahead, block(), block()] if after else [block(), block(), *behind, picture]
    at = 0 if after else len(page) - 1
    chances = [0.9 if b.text == PROSE else 0.1 for b in page]
    judged = decided(page, chances, main=[main if n == at else True for n in range(len(page))])
    assert (labels(judged)[at] == "caption") is stays


def test_the_words_of_a_long_list_are_not_all_read():
    asked = []

    class ByWords:
        def of(self, texts):
            asked.extend(texts)
            return [None] * len(texts)

    decided([block(f"Line {n}") for n in range(5000)] + [block()], [0.1] * 5000 + [0.9], wordings=ByWords())
    assert 0 < len(asked) < 1000


def test_words_tell_what_a_removed_line_among_the_text_is_where_neither_phrase_nor_page_does():
    class ByWords:
        """Takes all lines for newsletters."""

        def of(self, texts):
            return [Wording(Label.NEWSLETTER, ("letter",)) for _ in texts]

    line = "Our letter comes at six"
    page = [block(), block(line), block(), block(line), block(line)]
    chances = [0.9, 0.1, 0.9, 0.1, 0.1]
    hit = phrases.Hit(Label.APP, "phrase:en/app/1", "An app.", 1.0)
    named = Container(None, "div", "donate", 0)
    among = decided(page, chances, wordings=ByWords())
    assert labels(among) == ["content", "newsletter", "content", "newsletter", "newsletter"]
    assert "“letter”" in among.blocks[1].verdict.reason
    apart = decided(page, chances, [True, False, True, False, True], wordings=ByWords())
    assert labels(apart) == ["content", "newsletter", "content", "related", "newsletter"]
    told = decided(page, chances, hits=[None, hit, None, None, None], wordings=ByWords())
    assert labels(told)[1] == "app"
    page[1] = page[1]._replace(container=named)
    assert labels(decided(page, chances, wordings=ByWords()))[1] == "donation"


def test_the_headline_is_no_part_of_the_text_that_others_stand_before_or_in():
    heading = block("Bridge stays open", Kind.HEADING, level=1)
    page = [heading, block("All of our stories on bridges"), block(), block()]
    links = [0.0, 1.0, 0.0, 0.0]
    judged = decided(page, [0.9, 0.1, 0.9, 0.9], metadata=TITLED, link_share=links)
    assert labels(judged) == ["title", "navigation", "content", "content"]
    judged = decided(page, [0.9, 0.1, 0.9, 0.9], link_share=links)
    assert labels(judged) == ["heading", "related", "content", "content"]
    assert judged.blocks[0].verdict.reason == "A heading among the article's paragraphs."
