"""What the judge learns from: labels of blocks, and copies of pages."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from bodycopy.article import UNDECLARED, Block, Container, Declared, Kind, Metadata, Span
from training.align import align
from training.data import TrainingPage
from training.menus import Site, sites
from training.planting import Deck, Line, decks, in_folds, plain, plant, planted_lines, planted_text, undeclared

PARAGRAPHS = [
    "The ferry to the island has stopped running until further notice.",
    "Its engine failed on Monday, and a spare part must come from Norway.",
    "Islanders say that they were told nothing until the afternoon.",
]


def page(declared: Declared = UNDECLARED, kind: str = "news", texts: list[str] | None = None) -> TrainingPage:
    texts = ["Home News Sport", *(texts or PARAGRAPHS), "Read more: all about ferries"]
    body = Container(None, "div", "story", 1)
    share = np.array([0.0] + [1.0] * (len(texts) - 2) + [0.0])
    return TrainingPage(
        "a", kind, "a.example", "en", Metadata(), declared,
        [Block(Kind.PARAGRAPH, text, (Span(text),), body) for text in texts],
        share, np.ones(len(texts)), np.zeros(len(texts), bool),
    )  # fmt: skip


def test_blocks_are_labelled_by_the_words_of_the_reference() -> None:
    blocks = ["Home News", PARAGRAPHS[0], "Advertisement", PARAGRAPHS[1] + " Read more about it", "Related"]
    share = align(blocks, PARAGRAPHS[:2])
    assert share[1] == 1
    assert 0.7 < share[3] < 0.85
    assert (share[[0, 2, 4]] == 0).all()


def test_a_heading_is_the_block_of_its_words_and_not_spread_over_those_before_it() -> None:
    blocks = ["What is open", "What to see", PARAGRAPHS[0], "What to see and what is open", PARAGRAPHS[1]]
    reference = [PARAGRAPHS[0], "What to see and what is open", PARAGRAPHS[1]]
    assert align(blocks, reference).tolist() == [0, 0, 1, 1, 1]


def test_a_line_that_stands_twice_is_the_one_in_the_run_of_the_article() -> None:
    blocks = ["Tides", "Weather", PARAGRAPHS[0], "Tides", PARAGRAPHS[1]]
    assert align(blocks, [PARAGRAPHS[0], "Tides", PARAGRAPHS[1]]).tolist() == [0, 0, 1, 1, 1]


def test_a_reference_may_number_the_items_of_a_list() -> None:
    assert align(["First the engine", "Then the crew"], ["1 First the engine", "2 Then the crew"]).tolist() == [1, 1]


def test_nothing_is_the_reference_of_nothing() -> None:
    assert align([], PARAGRAPHS).tolist() == []
    assert align(["", "Words"], []).tolist() == [0, 0]


def test_planted_lines_stand_after_true_paragraphs_and_only_they_and_their_neighbours_count() -> None:
    source = page(texts=PARAGRAPHS * 3)
    lines = [
        Line("en", "newsletter", 'Sign up for <a href="/n">our newsletter</a>'),
        Line("en", "content", "It rained."),
    ]
    copy = plant(source, Deck(lines, random.Random(1)), random.Random(2))
    assert [b.text for b, new in zip(copy.blocks, copy.planted, strict=True) if not new] == [
        b.text for b in source.blocks
    ]
    labels = {"Sign up for our newsletter": 0.0, "It rained.": 1.0}
    for number in np.flatnonzero(copy.planted):
        assert copy.share[number] == labels[copy.blocks[number].text]
        before = max(n for n in range(number) if not copy.planted[n])
        assert copy.share[before] == 1 and copy.weight[before] < copy.weight[number]
    assert copy.planted.any() and copy.copy
    assert copy.blocks[0].text == "Home News Sport" and copy.weight[-1] < 1


def test_what_one_hand_wrote_in_a_language_is_in_one_fold() -> None:
    sizes = {("en", "a"): 4, ("en", "b"): 3, ("en", "c"): 2, ("en", "d"): 1, ("de", "a"): 2, ("de", "b"): 1}
    lines = [Line(lang, "social", f"{n}", hand) for (lang, hand), size in sizes.items() for n in range(size)]
    first, second = in_folds(lines, 2)
    assert sorted(first + second) == sorted(lines)
    assert not {(x.lang, x.hand) for x in first} & {(x.lang, x.hand) for x in second}
    assert len([x for x in first if x.lang == "en"]) == len([x for x in second if x.lang == "en"]) == 5


def test_a_line_is_planted_in_pages_of_its_fold_alone() -> None:
    dealt = [{deck.deal("en") for _ in range(3000)} for deck in decks(3, random.Random(1))]
    assert not dealt[0] & dealt[1] and not dealt[1] & dealt[2] and not dealt[0] & dealt[2]


def test_no_training_line_has_two_labels() -> None:
    labels: dict[str, set[bool]] = {}
    for line in planted_lines():
        labels.setdefault(planted_text(line), set()).add(line.label == "content")
    assert [text for text, found in labels.items() if len(found) > 1] == []


def test_pasted_text_has_the_article_and_nothing_that_the_page_said() -> None:
    source = page(Declared("body", True, True, True))
    pasted = plain(source, random.Random(1))
    assert pasted is not None
    texts = [b.text for b in pasted.blocks]
    assert "\n".join(PARAGRAPHS) in "\n".join(texts)
    assert pasted.declared == UNDECLARED and all(b.container is None for b in pasted.blocks)
    assert plain(page(texts=PARAGRAPHS[:2]), random.Random(1)) is None


@pytest.mark.parametrize(("kind", "least", "most"), [("news", 1.0, 1.0), ("article", 0.2, 0.6)])
def test_copies_of_pages_declare_nothing_to_machines_but_their_og_type(kind: str, least: float, most: float) -> None:
    source = page(Declared("body", True, True, True), kind)
    copies = [undeclared(source, random.Random(seed)) for seed in range(200)]
    made = [c for c in copies if c is not None]
    assert least <= len(made) / 200 <= most
    assert {c.declared for c in made} == {Declared(og_article=True), UNDECLARED}
    assert all([b.text for b in c.blocks] == [b.text for b in source.blocks] and c.share is source.share for c in made)
    silent = undeclared(page(), random.Random(1))
    assert silent is not None and silent.declared == UNDECLARED


def test_some_copies_that_declare_nothing_have_elements_without_names() -> None:
    source = page(Declared("body", True, True, True), "news")
    copies = [c for seed in range(200) if (c := undeclared(source, random.Random(seed))) is not None]
    names = [{_names(b.container) for b in c.blocks} for c in copies]
    whole = {_names(b.container) for b in source.blocks}
    assert any("".join(n) for n in whole)
    blank = [n for n in names if n != whole]
    assert 0.3 < len(blank) / len(copies) < 0.7
    assert all(not "".join(n) for some in blank for n in some)
    shapes = [[_tags(b.container) for b in c.blocks] for c in (source, *copies)]
    assert all(shape == shapes[0] for shape in shapes)


def _above(container: Container | None) -> Iterator[Container]:
    while container is not None:
        yield container
        container = container.parent


def _names(container: Container | None) -> tuple[str, ...]:
    return tuple(c.names for c in _above(container))


def _tags(container: Container | None) -> tuple[str, ...]:
    return tuple(c.tag for c in _above(container))


def test_each_language_has_invented_sites_of_both_kinds() -> None:
    kinds: dict[str, set[bool]] = {}
    for site in sites():
        kinds.setdefault(site.lang, set()).add(site.news)
        assert len(site.links) > 9, site
    assert all(both == {False, True} for both in kinds.values()), kinds


def test_an_invented_site_is_its_words_each_once() -> None:
    once = Site("en", True, ("Sport", "Weather")).keys()
    assert Site("en", True, ("Sport", "Weather", "Sport")).keys().tolist() == once.tolist()
    assert len(once) > 0
