"""Words as numbers, characters by class, containers and what is in them."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise

import numpy as np
import pytest
from bodycopy.article import Block, Container, Kind, Metadata
from bodycopy.judge.characters import ARROW, CAPITAL, COMMA, DIGIT, EMOJI, Characters
from bodycopy.judge.features import COLUMN, compute
from bodycopy.judge.lexicon import NAME_BITS, WORD_BITS, Lexicon, word_keys
from bodycopy.judge.words import Words
from hypothesis import given
from hypothesis import strategies as st

MASK = (1 << WORD_BITS) - 1
BLANK = Lexicon.rounded(np.zeros((4, 1 << WORD_BITS), np.float32), np.zeros(1 << NAME_BITS, np.float32))


def crc(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace")) & MASK


def keys_by_definition(text: str) -> list[int]:
    """Keys of a text of at most 48 tokens in a script with spaces."""
    return keys_of_tokens(tokens_of(text))


def tokens_of(text: str) -> list[str]:
    return [t if not t.isdigit() else "0" for t in re.findall(r"\w+|[^\w\s]", text.lower())]


def keys_of_tokens(tokens: list[str]) -> list[int]:
    if not tokens:
        return []
    keys = [crc(t) for t in tokens] + [crc(f"{a} {b}") for a, b in pairwise(tokens)]
    keys += [crc("#" + t[:4]) for t in tokens[:32] if len(t) > 4 and t.isalpha()]
    keys += [crc("<" + t) for t in tokens[:6]] + [crc(">" + t) for t in tokens[-6:]]
    return sorted([*keys, crc("^" + tokens[0]), crc(" ".join(["^" + tokens[0], *tokens[1:2]])), crc(tokens[-1] + "$")])


@given(st.text(st.sampled_from("abcdE éÜж ß1٣_.,-“🙂\n"), max_size=48))
def test_words_pairs_stems_and_ends_of_a_text_are_hashed_with_crc_32(text: str) -> None:
    assert sorted(word_keys(text)) == keys_by_definition(text)


@pytest.mark.parametrize("length", [62, 63, 64, 127, 400])
def test_a_word_of_any_length_is_hashed_in_a_pair(length: int) -> None:
    text = "a " + "b" * length
    assert sorted(word_keys(text[:400])) == keys_by_definition(text[:400])


def test_of_a_long_text_the_first_words_and_the_last_are_hashed() -> None:
    tokens = [f"w{n}x" for n in range(60)]
    assert len(word_keys(" ".join(tokens))) == 48 + 47 + 3 + 6 + 6
    long = " ".join(f"w{n}" for n in range(200))
    assert {crc("w31"), crc("w199"), crc("w31 w184")} <= set(word_keys(long))
    assert crc("w32") not in word_keys(long)


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"word{n}x" for n in range(90)),
        "The ferry, which is old. " * 40,
        "longer" * 30 + " words " + "still-longer" * 30 + " at the end",
        "a " * 15 + "b" * 600 + " and so it ends",
        "x" * 900,
        "wordy " * 66 + "over" * 9,
        "wordy " * 66 + "ends",
        " ".join(["four"] * 47),
        " ".join(["four"] * 48),
        " ".join(["four"] * 49),
        "fifth letters " * 16 + "sixth",
        "half \ud800 and h\ud800lf of a character",
    ],
)
def test_of_any_text_the_same_words_are_hashed_alone_and_on_a_page(text: str) -> None:
    tokens = tokens_of(text)
    if len(text) > 400:
        tokens = tokens_of(text[:400])[:32] + tokens_of(text[-140:])[-16:]
    elif len(tokens) > 48:
        tokens = tokens[:32] + tokens[-16:]
    assert sorted(word_keys(text)) == keys_of_tokens(tokens)
    keys, rows = Words(["One before.", text, "", text, "And after."]).keys
    assert sorted(keys[rows == 1]) == sorted(keys[rows == 3]) == keys_of_tokens(tokens)


def test_words_of_texts_are_found_counted_and_told_apart() -> None:
    words = Words(["Ferry, ferry and BOAT", "", "a boat\na ferry", "!", ""])
    assert words.counts.tolist() == [4, 0, 4, 0, 0]
    assert words.hold("ferry").tolist() == [True, False, True, False, False]
    assert words.hold("ferry,").tolist() == [True, False, False, False, False]
    assert not words.hold("ship").any()
    ids, rows = words.distinct()
    ferry, boat = words.ids_of(["ferry", "boat"])
    assert sorted(rows[ids == ferry]) == sorted(rows[ids == boat]) == [0, 2]
    assert len(ids) == 6
    assert words.are_among(words.ids_of(["boat", "ship"]), words.ids).tolist() == [False] * 3 + [
        True,
        False,
        True,
        False,
        False,
    ]


def test_scripts_without_spaces_are_hashed_by_pairs_of_signs() -> None:
    assert {crc("防波"), crc("波堤"), crc("防波 波堤")} <= set(word_keys("防波堤"))


def test_each_text_of_a_page_has_its_own_keys() -> None:
    texts = ["one two", "", "防波堤 three", "four " * 120, "!"]
    keys, rows = Words(texts).keys
    for number, text in enumerate(texts):
        assert sorted(keys[rows == number]) == sorted(word_keys(text))


@given(st.lists(st.text(st.sampled_from("Aa1É٣ ,、»→🙂\n/|"), max_size=9), min_size=1, max_size=5))
def test_characters_are_counted_text_by_text(texts: list[str]) -> None:
    signs = Characters(texts)
    assert signs.count(CAPITAL).tolist() == [sum(map(str.isupper, t)) for t in texts]
    assert signs.count(DIGIT).tolist() == [sum(map(str.isdigit, t)) for t in texts]
    assert signs.count(COMMA).tolist() == [t.count(",") + t.count("、") for t in texts]
    assert signs.count(EMOJI).tolist() == [t.count("🙂") + t.count("→") for t in texts]
    assert signs.count(ARROW).tolist() == [t.count("»") + t.count("→") for t in texts]
    assert signs.slashes().tolist() == [len(re.findall("(?<= )/(?= )", t)) for t in texts]


def test_what_stands_between_quotation_marks_is_measured() -> None:
    assert Characters(["a “bcd” e", "“", "no “x” and “yz”", ""]).quoted().tolist() == [4, 0, 5, 0]


def test_containers_know_what_is_in_them_whatever_their_order() -> None:
    body = Container(None, "body", "", 0)
    main, nav = Container(body, "main", "", 1), Container(body, "nav", "", 2)
    # Numbered after `nav`, as a container put in later would be.
    late = Container(main, "p", "", 3)
    prose = "A sentence of a dozen words says what happened at the harbour on Tuesday."
    blocks = [
        Block(Kind.PARAGRAPH, prose, container=Container(main, "p", "", 4)),
        Block(Kind.PARAGRAPH, prose + " Twice.", container=late),
        Block(Kind.PARAGRAPH, "Home", container=nav),
    ]
    features = compute(blocks, BLANK, [0.0] * 3, Metadata())
    column = {name: features.matrix[:, number].tolist() for name, number in COLUMN.items()}
    assert features.main.tolist() == [True, True, False]
    assert column["under_main"] == [1, 1, 0] and column["under_nav"] == [0, 0, 1]
    assert column["parent_prose"] == [1, 1, 1] and column["place_in_parent"] == [0, 1, 1]
    assert np.allclose(column["parent_blocks"], np.log1p([2, 2, 3]))


def test_a_page_of_many_texts_is_read_in_parts() -> None:
    texts = [f"Sentence number {n} says something." for n in range(4500)]
    many = compute([Block(Kind.PARAGRAPH, t) for t in texts], BLANK, [0.0] * 4500, Metadata(title="Number something"))
    shares = many.matrix[:, COLUMN["title_share"]]
    assert np.allclose(shares, 2 / 5)
