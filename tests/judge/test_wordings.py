"""Which kind of boilerplate a line is by its words: by models that are set by hand, and by those shipped."""

from __future__ import annotations

import numpy as np
import pytest
from bodycopy import clean
from bodycopy.article import Label
from bodycopy.judge.kinds import SENTENCES
from bodycopy.judge.lexicon import word_keys
from bodycopy.judge.model import shipped
from bodycopy.judge.wordings import KEY_BITS, Wording, Wordings, blank, from_arrays, to_arrays
from bodycopy.judge.words import tokens_and_keys

MASK = (1 << KEY_BITS) - 1


def by_hand(**weights: tuple[int, int]) -> Wordings:
    """Models of an app and a donation, by the weights of some words for each."""
    table = np.zeros((1 << KEY_BITS, 2), np.int8)
    for word, (app, donation) in weights.items():
        # A word's own key is that of the word among others, where it neither opens nor closes the text.
        table[tokens_and_keys(word)[0][1][0] & MASK] = app, donation
    return Wordings((Label.APP, Label.DONATION), table, np.array([-1, -1], np.float32), 0.1)


def test_a_line_is_of_the_kind_that_its_words_speak_for_most() -> None:
    wordings = by_hand(phone=(90, 0), tablet=(40, 0), coins=(0, 90), jar=(10, 60))
    texts = ["our phone and tablet pages", "", "a few coins in the jar", "the weather"]
    assert wordings.of(texts) == [
        Wording(Label.APP, ("phone", "tablet")),
        None,
        Wording(Label.DONATION, ("coins", "jar")),
        None,
    ]
    assert wordings.of([]) == []


def test_scores_are_the_sums_of_the_weights_of_all_keys() -> None:
    table = (np.arange(2 << KEY_BITS) % 11 - 5).astype(np.int8).reshape(-1, 2)
    wordings = Wordings((Label.APP, Label.DONATION), table, np.array([0.5, -0.5], np.float32), 0.25)
    texts = ["Sign up for our newsletter", "", "The ferry is back. " * 30]
    for text, found in zip(texts, wordings.scores(texts), strict=True):
        keys = np.array(word_keys(text), int) & MASK
        told = table[keys].sum(axis=0, dtype=int) * 0.25 / max(1, len(keys)) ** 0.5
        assert found == pytest.approx([told[0] + 0.5, told[1] - 0.5])


def test_the_words_that_are_told_are_few_and_speak_for_the_kind() -> None:
    wordings = by_hand(phone=(80, 0), tablet=(90, 0), watch=(70, 0), coins=(-50, 0))
    (found,) = wordings.of(["phone coins watch tablet 7 !"])
    assert found == Wording(Label.APP, ("tablet", "phone"))


def test_a_word_that_tells_a_kind_only_among_others_is_not_cited() -> None:
    wordings = by_hand(phone=(90, 0), how=(39, 0), tablet=(40, 0))
    assert wordings.of(["the how of a phone"]) == [Wording(Label.APP, ("phone",))]
    assert wordings.of(["the how of it"]) == [Wording(Label.APP, ())]
    assert wordings.of(["the how of a tablet"]) == [Wording(Label.APP, ("tablet",))]


def test_a_kind_is_not_named_without_a_word_that_tells_it() -> None:
    weak = {f"word{chr(97 + n)}": (19, 0) for n in range(20)}
    assert by_hand(**weak).of([" ".join(weak)]) == [None]
    assert by_hand(phone=(90, 0)).of(["a phone"]) == [Wording(Label.APP, ("phone",))]


def test_models_are_the_same_after_they_were_stored() -> None:
    wordings = by_hand(phone=(90, 0))
    again = from_arrays(to_arrays(wordings))
    assert again.labels == wordings.labels and (again.weights == wordings.weights).all()
    assert (again.bias == wordings.bias).all() and again.step == wordings.step


def test_blank_models_name_nothing() -> None:
    assert blank().of(["Sign up for our newsletter"]) == [None]


PARAGRAPHS = [
    "The harbour board voted on Tuesday to rebuild the western breakwater, which two storms had broken in the autumn.",
    "Work will start in March, the board said, and the ferry will leave from the old quay until the summer.",
    "Fishermen had asked for the wall to be raised by a metre, but the board found no money for it this year.",
    "“We will be back with the same request,” said Ada Penn, who has kept a boat in the harbour for thirty years.",
]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Our evening letter lands in your inbox at six, five days a week, and costs nothing.", Label.NEWSLETTER),
        ("Chip in five pounds a month and keep a reporter on the harbour beat.", Label.DONATION),
        ("Our whole paper fits in your pocket: look for us in the App Store or on Google Play.", Label.APP),
        ("Ada Penn is a staff reporter who writes about the coast. Reach her at ada@gull.example.", Label.AUTHOR_BIO),
    ],
)
def test_the_words_of_a_line_tell_its_kind(line: str, label: Label) -> None:
    (found,) = shipped().wordings.of([line])
    assert found is not None and found.label is label


def test_a_line_without_a_phrase_or_a_telling_name_is_told_by_its_words() -> None:
    line = "Our evening letter lands in your inbox at six, five days a week, and costs nothing."
    body = "".join(f"<p>{p}</p>" for p in [*PARAGRAPHS, line])
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Breakwater to be rebuilt"}</script>'
    )
    article = clean(f"<html><head>{head}</head><body><div><h1>Breakwater to be rebuilt</h1>{body}</div></body></html>")
    (found,) = [r for r in article.removed if r.block.text == line]
    assert found.block.verdict.label is Label.NEWSLETTER
    assert found.block.verdict.source == "model"
    assert found.block.verdict.reason.startswith(SENTENCES[Label.NEWSLETTER])


def test_shipped_models_know_every_kind_that_lines_are_of() -> None:
    assert set(shipped().wordings.labels) == set(SENTENCES)
