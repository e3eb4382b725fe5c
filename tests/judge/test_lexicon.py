"""What words and names say: which of them are read, and that each block is told its own."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest
from bodycopy import clean
from bodycopy.article import Block, Container, Kind, Span
from bodycopy.judge import kinds, lexicon, model, phrases, words
from bodycopy.judge.lexicon import NAME_BITS, WORD_BITS, Lexicon, link_tokens, name_keys, name_tokens, word_keys
from bodycopy.judge.words import Words

SITE = "https://"
NAMES = np.cos(np.arange(1 << NAME_BITS)).astype(np.float32)
MULTIPLES = (np.arange(4 << WORD_BITS) % 251 - 125).astype(np.int8).reshape(4, -1)
STEPS = np.array([0.5, 0.25, 0.125, 2], np.float32)
WORDS = MULTIPLES * STEPS[:, None]
LEXICON = Lexicon(MULTIPLES, STEPS, NAMES)


def container(names: str, tag: str = "div") -> Container:
    return Container(None, tag, names, 0)


def linking(*addresses: str | None) -> Block:
    return Block(Kind.PARAGRAPH, "x", tuple(Span("x", (), a) for a in addresses))


def name(token: str, place: str) -> float:
    """What the lexicon says of a name, by the definition of its key."""
    return float(NAMES[zlib.crc32(f"{place}|{token}".encode()) & ((1 << NAME_BITS) - 1)])


@pytest.mark.parametrize(
    ("names", "tokens"),
    [
        ("", []),
        ("story-body", ["body", "story"]),
        ("StoryBody storyBODY", ["body", "story"]),
        ("share_share share2", ["share"]),
        ("ad ads", ["ads"]),
        ("b" * 19, ["b" * 19]),
        ("b" * 20, []),
        ("x" * 30 + " " * 267 + "end", ["end"]),
        ("x" * 30 + " " * 268 + "end", []),
        ("größe", []),
    ],
)
def test_names_are_split_at_case_and_punctuation(names: str, tokens: list[str]) -> None:
    assert name_tokens(container(names)) == ["<div", *tokens]


def test_a_tag_is_a_name_of_twenty_letters_at_most() -> None:
    assert name_tokens(container("", "my-" + "x" * 30)) == ["<my-" + "x" * 17]


def test_names_are_hashed_with_their_place() -> None:
    assert name_keys(["share", "body"], "1") == [zlib.crc32(t) & 0x7FFF for t in (b"1|share", b"1|body")]
    assert name_keys(["share"], "1") != name_keys(["share"], "2")


@pytest.mark.parametrize(
    ("address", "tokens"),
    [
        (SITE + "example.org/newsletter/sign-up", ["example", "org", "newsletter", "sign"]),
        (SITE + "example.org/a?utm=share", ["example", "org"]),
        (SITE + "Example.ORG/shareThis", ["example", "org", "share", "this"]),
        (SITE + "example.org/shareThis/straße", ["example", "org", "share", "this", "stra"]),
        (SITE + "example.org/straße", ["example", "org", "stra"]),
        (SITE + "e.fr/" + "b" * 19 + "/" + "c" * 20, ["b" * 19]),
        (SITE + "e.fr/" + "1" * 183 + "/ends", ["end"]),
        (SITE + "e.fr/" + "1" * 184 + "/ends", []),
    ],
)
def test_words_of_an_address_are_read(address: str, tokens: list[str]) -> None:
    assert link_tokens(linking(None, address)) == tokens


def test_of_a_block_three_addresses_are_read_and_each_word_once() -> None:
    block = linking(SITE + "one.fr", None, SITE + "two.fr/one", SITE + "three.fr", SITE + "four.fr")
    assert link_tokens(block) == ["one", "two", "three"]


def test_each_block_is_told_what_the_addresses_that_it_links_to_say() -> None:
    blocks = [
        linking(SITE + "news.fr/share", SITE + "news.fr/mail"),
        linking(),
        linking(*[SITE + f"page{'abcde'[n]}.fr" for n in range(5)]),
        linking(SITE + "1.fr"),
        linking(SITE + "news.fr/share"),
    ]
    addresses = [(s.href, n) for n, b in enumerate(blocks) for s in b.spans if s.href]
    found = Lexicon(MULTIPLES, STEPS, NAMES).link_scores(
        [a for a, _ in addresses], np.array([n for _, n in addresses]), 5
    )
    assert found == pytest.approx([sum(name(t, "h") for t in link_tokens(b)) for b in blocks])
    assert found[1] == found[3] == 0 and found[2] == pytest.approx(sum(name("page" + c, "h") for c in "abc"))
    assert Lexicon(MULTIPLES, STEPS, NAMES).link_scores([], np.zeros(0, np.intp), 2).tolist() == [0, 0]


def test_containers_are_told_what_their_names_say_at_each_place() -> None:
    tags, names = ["div", "p", "div", "div"], ["story body", "", "share", "story body"]
    scores = Lexicon(MULTIPLES, STEPS, NAMES).name_scores(tags, names)
    expected = [
        [sum(name(t, place) for t in name_tokens(container(of, tag))) for place in "012a"]
        for tag, of in zip(tags, names, strict=True)
    ]
    assert scores.shape == (4, 4) and scores == pytest.approx(np.array(expected))


def test_a_text_is_told_what_its_words_say_however_many_they_are() -> None:
    texts = ["Sign up for our newsletter", "", "Ferry", "The ferry is back. " * 30, ""]
    scores = LEXICON.word_scores(Words(texts))
    assert scores.shape == (3, 5)
    for text, found in zip(texts, scores.T, strict=True):
        keys = word_keys(text)
        expected = WORDS[:3, keys].sum(axis=1, dtype=np.float64) / max(1, len(keys)) ** 0.5
        assert found == pytest.approx(expected, abs=1e-5)


def test_a_page_is_told_what_its_menus_say_of_its_publisher() -> None:
    keys = np.unique(word_keys("Politics Sport Weather"))
    assert LEXICON.site_score(keys) == pytest.approx(WORDS[3, keys].sum() / len(keys) ** 0.5, abs=1e-5)
    assert LEXICON.site_score(keys[:0]) == 0


def test_models_over_words_are_rounded_by_no_more_than_half_a_step() -> None:
    fitted = np.sin(np.arange(4 << WORD_BITS)).astype(np.float32).reshape(4, -1) * np.array(
        [[0.1], [1], [7], [0]], np.float32
    )
    rounded = Lexicon.rounded(fitted, NAMES)
    off = np.abs(rounded.words * rounded.steps[:, None] - fitted).max(axis=1)
    assert (off <= np.abs(fitted).max(axis=1) / 127 * 0.501).all()
    again = Lexicon(rounded.words, rounded.steps, NAMES)
    assert (again.words == rounded.words).all()


def test_what_is_known_of_names_is_forgotten_when_it_is_much_and_the_answers_stay(monkeypatch) -> None:
    monkeypatch.setattr(lexicon, "_CACHE_ENTRIES", 1)
    small = Lexicon(MULTIPLES, STEPS, NAMES)
    for n in range(300):
        word = "word" + chr(97 + n % 26) * (n // 26 + 1)
        whole = Lexicon(MULTIPLES, STEPS, NAMES)
        assert (small.name_scores(["p"], [word]) == whole.name_scores(["p"], [word])).all()
        address, row = [SITE + word], np.array([0])
        assert small.link_scores(address, row, 1) == whole.link_scores(address, row, 1)


HUGE = 50_000


def huge(number: int) -> str:
    """A page whose class, tag, words, links and JSON-LD no other has, each as long as hardly one is."""
    mark = f"{chr(97 + number)}x"
    words = " ".join(f"{'long' * 149}{mark}{n}" for n in range(100))
    linked = json.dumps({"@type": "NewsArticle", "articleBody": f"{mark * HUGE} {mark}"})
    return (
        f'<script type="application/ld+json">{linked}</script><article><div class="{mark * HUGE} body{mark}">'
        f"<{mark * HUGE}><p>The council met again on Monday evening.</p></{mark * HUGE}>"
        f'<p>{mark * HUGE}</p><p>{words}</p><p><a href="/{mark * HUGE}">More of it</a> was said.</p></div></article>'
    )


def test_what_is_kept_of_a_page_is_short(monkeypatch) -> None:
    asked, read = [], lexicon._name_words
    monkeypatch.setattr(lexicon, "_name_words", lambda names: asked.append(names) or read(names))
    for number in range(5):
        clean(huge(number))
    known = model.shipped().lexicon
    kept = [known._of_names, known._of_links, known._of_tokens, kinds._own_kinds, words._vocabulary]
    kept += [phrases._index().words, phrases._index().openings]
    assert max(sum(map(len, key)) for some in kept for key in some) <= 2 * words.MAX_HEAD_CHARS + 1
    assert max(sum(map(len, key)) for some in kept if some is not words._vocabulary for key in some) <= 320
    assert max(map(len, asked)) == 300


def test_words_are_forgotten_when_they_are_long_and_the_keys_stay(monkeypatch) -> None:
    monkeypatch.setattr(words, "_MAX_VOCABULARY", 1_000)
    for number in range(9):
        some = [f"{'long' * 100}{number}x{n}" for n in range(100)]
        with monkeypatch.context() as patch:
            patch.setattr(words, "_vocabulary", words.Vocabulary())
            alone = Words(some).keys[0].tolist()
        assert Words(some).keys[0].tolist() == alone
        assert sum(map(len, words._vocabulary)) < 1_000 * words.MAX_MEAN_CHARS + 50_000


def test_more_names_than_there_was_room_for_are_all_known() -> None:
    many = [f"name{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(600)]
    whole = Lexicon(MULTIPLES, STEPS, NAMES).name_scores(["p"] * 600, many)
    assert whole[[0, 255, 256, 599], 0] == pytest.approx(
        [name("<p", "0") + name(many[n], "0") for n in (0, 255, 256, 599)]
    )
