"""Every phrase is proven by its own examples, and by those of all other languages."""

from __future__ import annotations

import re
import signal
import tomllib
from functools import cache
from typing import Any

import pytest
from bodycopy.article import BOILERPLATE_LABELS
from bodycopy.judge import phrases
from bodycopy.judge.phrases import PHRASES, REASONS, find, find_all

LANGUAGES = sorted(path.stem for path in PHRASES.glob("*.toml"))


@cache
def entries(language: str) -> list[dict[str, Any]]:
    return tomllib.loads((PHRASES / f"{language}.toml").read_text(encoding="utf-8"))["phrase"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_quick_reader_reads_what_toml_says(language: str) -> None:
    quick = [(str(p.label), p.match) for p in phrases.load(PHRASES / f"{language}.toml")]
    assert quick == [(e["label"], e["match"]) for e in entries(language)], (
        "write an entry as [[phrase]], then label = \"…\", then match = '…' or '''…''', a line each"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_has_examples_and_a_word_to_be_found_by(language: str) -> None:
    for entry, phrase in zip(entries(language), phrases.load(PHRASES / f"{language}.toml"), strict=True):
        assert set(entry) == {"label", "match", "hit", "miss"}, entry
        assert entry["hit"] and entry["miss"], phrase
        need = phrase.needs()
        assert need.words or need.within, f"{phrase}: mark a word with ~"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hit_matches_its_own_phrase(language: str) -> None:
    for entry, phrase in zip(entries(language), phrases.load(PHRASES / f"{language}.toml"), strict=True):
        for text in entry["hit"]:
            own = {p.source for p in _matching(text)}
            assert phrase.source in own, f"{phrase} does not match {text!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hit_is_found_with_its_label(language: str) -> None:
    for entry in entries(language):
        for text in entry["hit"]:
            hit = find(text)
            assert hit is not None, text
            assert hit.label == entry["label"], (text, hit)
            assert phrases.MIN_SHARE <= hit.share <= 1
            assert hit.reason == REASONS[hit.label]
            assert re.fullmatch(r"phrase:\w+/\w+/\d+", hit.source)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_miss_matches_any_phrase_of_any_language(language: str) -> None:
    for entry in entries(language):
        for text, hit in zip(entry["miss"], find_all(entry["miss"]), strict=True):
            assert hit is None, (text, hit)


def _matching(text: str) -> list[phrases.Phrase]:
    folded = phrases._fold(text)
    starts = phrases._sentence_starts(folded, len(folded))
    index = phrases._index()
    candidates = phrases._candidates(index, folded, [folded])
    return [p for p, _ in phrases._matches(index, candidates.get(0, 0), folded, starts)]


def _give_up(*_: object) -> None:
    raise AssertionError("a phrase hangs: something in it that repeats can match the same text in many ways")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_hangs_where_its_words_come_again_and_again(language: str) -> None:
    folded = phrases._fold_letters(" ".join(e["match"] for e in entries(language)))
    words = sorted(set(re.findall(r"[^\W\d_][\w'-]+", folded)))
    # Not longer than a block that a phrase may be all of.
    room = phrases.MAX_CLOSING_CHARACTERS - 10
    texts = [(w + between) * (room // len(w + between)) + "§x§" for w in words for between in (" ", " | ", ", ")]
    before = signal.signal(signal.SIGALRM, _give_up)
    # Fifty times as long as it takes.
    signal.alarm(60)
    try:
        found = find_all(texts)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert len(found) == len(texts)


def test_every_kind_of_boilerplate_has_a_reason() -> None:
    assert set(REASONS) == set(BOILERPLATE_LABELS)
    assert all(reason.endswith(".") for reason in REASONS.values())


def test_a_page_is_judged_block_by_block() -> None:
    texts = ["The council met on Monday.", "Sign up for our newsletter", "", "It adjourned at ten.\x1e"]
    labels = [hit and hit.label for hit in find_all(texts)]
    assert labels == [None, "newsletter", None, None]
    assert find_all([]) == []


def test_a_quoted_call_to_subscribe_stays() -> None:
    assert find("“Subscribe to our newsletter,” she joked.") is None
    assert find("“I was tired. Sign up for our newsletter, I said,” she recalled.") is None


def test_case_decoration_and_typography_do_not_matter() -> None:
    for text in ("SIGN UP FOR OUR NEWSLETTER", "👉 Sign up for our newsletter!", "[ Sign up\xa0for our newsletter ]"):
        hit = find(text)
        assert hit is not None and hit.label == "newsletter", text


@pytest.mark.parametrize("text", ["Menu↓", "👉Home", "•Skip to content", "©Copyright Harbour Weekly Ltd"])
def test_a_sign_that_touches_a_word_is_no_part_of_it(text: str) -> None:
    assert find(text) is not None


def test_the_share_says_how_much_of_the_block_is_the_phrase() -> None:
    alone = find("Sign up for our newsletter to get the week's stories.")
    among = find("The bridge is closed. Sign up for our newsletter.")
    assert alone is not None and alone.share == 1
    assert among is not None and 0.5 <= among.share < 0.7


def test_a_phrase_in_a_paragraph_of_prose_does_not_count() -> None:
    prose = "The bridge will stay closed until the spring. " * 6
    assert find(prose + "Sign up for our newsletter.") is None
    assert find("Sign up for our newsletter. " + prose) is None


@pytest.mark.parametrize("unit", ["a", " ", "sign up for ", "newsletter ", "read more: ", ". ", '"', "関連記事", "()"])
def test_a_huge_block_is_examined_in_part(unit: str) -> None:
    find_all([unit * (1_000_000 // len(unit))])
    find_all([unit * (800 // len(unit))] * 50)


def test_hostile_characters_do_no_harm() -> None:
    assert find_all(["\ud800 bridge", "\x00", "\x1e\x1e", "İ" * 900]) == [None] * 4


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("“A” „B“ «C» 「D」『E』", "\"a\" \"b\" \"c> \"d\"\"e\""), ("‘a’ ‚b‘ cʼs `d´", "'a' 'b' c's 'd'"),
        ("a\xa0b\u2009c\u202fd\u3000e", "a b c d e"), ("a\u200bb\u200cc\u200dd\u200ee\u200ff\u2060g\ufeffh\xadi", "abcdefghi"),
        ("a» b»", 'a> b"'), ("a–b—c", "a-b-c"), ("a…", "a."), ("a：b", "a:b"), ("ABONE OLIN ıİ", "abone olin ii"),
        ("أخبار إلى آخر ىـ", "اخبار الي اخر ي"), ("Plain", "plain"),
    ],
)  # fmt: skip
def test_signs_and_letters_that_writers_use_alike_are_one(written: str, folded: str) -> None:
    assert phrases._fold(written) == folded


def test_a_sign_for_the_end_of_a_block_in_a_text_does_not_shift_the_verdicts() -> None:
    hits = find_all(["The council\x1emet on Monday.", "Sign up for our newsletter", "It adjourned\x1e at ten."])
    assert [hit and str(hit.label) for hit in hits] == [None, "newsletter", None]


def test_what_a_phrase_covers_is_a_number_for_every_block() -> None:
    hits = find_all(["The council met on Monday.", "Sign up for our newsletter"])
    assert phrases.shares(hits) == [0.0, 1.0]
    assert phrases.shares([]) == []


def test_beginning_and_end_of_a_block_are_examined_and_do_not_touch() -> None:
    half = phrases.MAX_EXAMINED_CHARACTERS // 2
    assert phrases._cut("a" * 2 * half) == "a" * 2 * half
    assert phrases._cut("a" * half + "b" * 9 + "c" * half) == "a" * half + "\n" + "c" * half


def test_sentences_begin_where_they_do_in_the_whole_text_however_far_is_looked():
    texts = [text for language in LANGUAGES for entry in entries(language) for text in entry["hit"]]
    for text in ["  • One. (Two) “Three.” Four!  … 5. six\nSeven。八", *texts]:
        folded = phrases._fold(text)
        starts = phrases._sentence_starts(folded, len(folded))
        for last in range(len(folded)):
            assert phrases._sentence_starts(folded, last) == [start for start in starts if start <= last]
