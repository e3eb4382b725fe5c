"""The types: what is kept, what is removed, and how to put it back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from bodycopy.article import (
    ARTICLE_LABELS,
    BOILERPLATE_LABELS,
    METADATA_LABELS,
    Article,
    Block,
    Kind,
    Label,
    Metadata,
    Span,
    Verdict,
    labels,
)
from hypothesis import given
from hypothesis import strategies as st


def block(text: str, label: Label = Label.CONTENT, kind: Kind = Kind.PARAGRAPH) -> Block:
    spans = (Span(text),) if text else ()
    return Block(kind, text, spans, verdict=Verdict(label, "For the test.", 0.9, "model"))


def article(blocks: Sequence[Block], keep: frozenset[Label] = frozenset()) -> Article:
    return Article(Metadata(title="Harbour reopens"), tuple(blocks), keep)


def put_back(found: Article) -> list[Block]:
    """The page's blocks, rebuilt as a client does it: each removal before the kept block at its position."""
    out = list(found.kept)
    for removed in reversed(found.removed):
        out.insert(removed.position, removed.block)
    return out


_LABELLED = st.lists(st.sampled_from([*ARTICLE_LABELS, *BOILERPLATE_LABELS]), max_size=30)


def test_every_label_is_of_one_sort() -> None:
    assert set(Label) == ARTICLE_LABELS | METADATA_LABELS | BOILERPLATE_LABELS
    assert not ARTICLE_LABELS & METADATA_LABELS


@given(_LABELLED, st.frozensets(st.sampled_from(sorted(BOILERPLATE_LABELS))))
def test_putting_removals_back_restores_the_page(given_labels: list[Label], keep: frozenset[Label]) -> None:
    blocks = [block(f"Block {n}", label) for n, label in enumerate(given_labels)]
    assert put_back(article(blocks, keep)) == blocks


@given(_LABELLED)
def test_a_single_removal_goes_back_to_its_place(given_labels: list[Label]) -> None:
    blocks = [block(f"Block {n}", label) for n, label in enumerate(given_labels)]
    found = article(blocks)
    for removed in found.removed:
        rebuilt = list(found.kept)
        rebuilt.insert(removed.position, removed.block)
        assert [b.text for b in rebuilt] == sorted((b.text for b in rebuilt), key=lambda t: int(t.split()[1]))
        assert found.blocks[removed.id] is removed.block


@given(_LABELLED)
def test_a_block_with_text_is_kept_or_removed_never_both(given_labels: list[Label]) -> None:
    found = article([block(f"Block {n}", label) for n, label in enumerate(given_labels)])
    kept, removed = {b.text for b in found.kept}, {r.block.text for r in found.removed}
    assert not kept & removed
    assert kept | removed == {b.text for b in found.blocks}


def test_headline_and_dek_are_fields_not_removals() -> None:
    found = article([block("Harbour reopens", Label.TITLE), block("Boats go out.", Label.DEK), block("Text.")])
    assert [b.text for b in found.kept] == ["Text."]
    assert found.removed == ()


def test_a_picture_that_is_not_in_the_article_is_a_removal() -> None:
    found = article([block("Text."), block("", Label.ADVERTISEMENT, Kind.FIGURE)])
    assert [(r.id, r.position) for r in found.removed] == [(1, 1)]


def test_keep_brings_a_label_into_the_article() -> None:
    blocks = [block("Text."), block("Ada Brook writes on ports.", Label.AUTHOR_BIO), block("Share", Label.SOCIAL)]
    found = article(blocks, labels(["author_bio"]))
    assert [b.text for b in found.kept] == ["Text.", "Ada Brook writes on ports."]
    assert [(r.position, r.block.text) for r in found.removed] == [(2, "Share")]


@pytest.mark.parametrize("name", ["content", "title", "AUTHOR_BIO", "", "nonsense"])
def test_a_label_that_cannot_be_kept_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ValueError, match="newsletter"):
        labels([name])


@pytest.mark.parametrize("name", ["author_bio", Label.AUTHOR_BIO])
def test_a_single_label_needs_no_set_around_it(name: str) -> None:
    assert labels(name) == labels({name}) == {Label.AUTHOR_BIO}


def test_reading_time_is_at_least_a_minute_where_there_is_text() -> None:
    assert article([block("Three short words.")]).reading_time_minutes == 1
    assert article([]).reading_time_minutes == 0
    assert article([block("word " * 690)]).reading_time_minutes == 3
