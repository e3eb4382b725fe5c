"""What is read of a phrase's pattern must never rule out a text that the pattern matches."""

from __future__ import annotations

import json
import os
import re
import tomllib
from functools import cache

import pytest
from bodycopy.article import Label
from bodycopy.judge import patterns, phrases
from bodycopy.judge.patterns import Needs, needed, openings, parse
from bodycopy.judge.phrases import NEEDS, PHRASES, Phrase

LANGUAGES = sorted(path.stem for path in PHRASES.glob("*.toml"))


@pytest.mark.parametrize(
    ("pattern", "begins"),
    [
        ("read more", {"read"}), ("(see|read) also", {"see ", "read"}), ("(click here to )?read", {"clic", "read"}),
        ("e-?paper", {"e-pa", "epap"}), ("[er]x", {"ex", "rx"}), (r"\d+ shares", {""}), (r"go\b … here", {"go"}),
        ("(?!go)see", {"see"}), ("a{2,3}b", {"aab", "aaab"}), ("(ab)+", {"abab", "ab"}), ("no$", {"no"}),
        (r"\(ad\)", {"(ad)"}), ("x|yz", {"x", "yz"}), ("(?:one|two)s", {"ones", "twos"}), ("a*b", {"b", "ab", "aab", "aaab", "aaaa"}),
        (r"by .{0,9}more", {"by "}), ("[^a]bc", {""}), ("[a-c]x", {""}), ("", {""}), ("(a?){9}b", {"b", "ab", "aab", "aaab", "aaaa"}),
    ],
)  # fmt: skip
def test_how_matches_begin(pattern: str, begins: set[str]) -> None:
    assert openings(parse(pattern)) == begins


def test_too_many_ways_to_begin_are_told_by_fewer_characters() -> None:
    many = "".join(f"({'|'.join('abcdefghij')})" for _ in range(4))
    found = openings(parse(many))
    assert {len(text) for text in found} == {3}
    assert len(found) == 1000


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("read more about", [{"about"}, {"read"}, {"more"}]), ("(read|see) also ", [{"also"}, {"see", "read"}]),
        ("newsletters?", [{"newsl"}]), ("apps?", []), ("app", []), (r"app\b", [{"app"}]), ("our app$", [{"our"}, {"app"}]),
        ("(please )?subscribe", [{"subsc"}]), (r"\w+subscribe", []), (r"\w+ subscribe", [{"subsc"}]),
        ("e-?paper ", []), ("sign up|log in", [{"sign", "log"}]), ("sign|log in", []), ("(sign up|log in) ", [{"sign", "log"}]), ("[a-z]+ now ", [{"now"}]),
        ("read … here ", [{"here"}]), ("(?!not )this ", [{"this"}]), ("(a |b )+c ", [{"c"}, {"a", "b"}]),
        ("購読する", []), ("اشترك في ", []), ("für den ", [{"für"}, {"den"}]),
    ],
)  # fmt: skip
def test_words_that_matches_hold(pattern: str, words: list[set[str]]) -> None:
    assert sorted(map(sorted, needed(parse(pattern), opens=True))) == sorted(map(sorted, words))


def test_a_match_that_opens_no_sentence_may_begin_within_a_word() -> None:
    assert needed(parse("letters from us "), opens=False) == [{"from"}, {"us"}]
    assert needed(parse(r"\bletters from us "), opens=False) == [{"lette"}, {"from"}, {"us"}]


@pytest.mark.parametrize("pattern", ["(read", "read)", "[read"])
def test_a_bracket_that_is_not_closed_is_an_error(pattern: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        parse(pattern)


@cache
def _examples(language: str) -> list[str]:
    entries = tomllib.loads((PHRASES / f"{language}.toml").read_text(encoding="utf-8"))["phrase"]
    return [phrases._fold(text) for entry in entries for text in (*entry["hit"], *entry["miss"])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_pattern_matches_begins_as_told_and_has_the_words(language: str) -> None:
    matched = 0
    for phrase in phrases.load(PHRASES / f"{language}.toml"):
        pattern = parse(phrase.plain)
        begins, clauses = openings(pattern), needed(pattern, phrase.opens_sentence)
        for text in _examples(language):
            for found in _all_of(phrase, text):
                matched += 1
                assert found.group().startswith(tuple(begins)), (phrase, found)
                words = set(phrases._spaced(text).split())
                held = {word[: patterns.STEM_LETTERS] for word in words}
                for clause in clauses:
                    assert clause & held, (phrase, text, clause)
    assert matched >= len(phrases.load(PHRASES / f"{language}.toml"))


def _all_of(phrase: Phrase, text: str) -> list[re.Match[str]]:
    if not phrase.opens_sentence:
        return list(phrase.pattern.finditer(text))
    starts = phrases._sentence_starts(text, len(text))
    return [found for start in starts if (found := phrase.pattern.match(text, start))]


def test_what_is_recorded_of_the_phrases_is_what_is_read_of_them() -> None:
    every = [phrase for language in LANGUAGES for phrase in phrases.load(PHRASES / f"{language}.toml")]
    read = {phrase.key: phrase.needs() for phrase in every}
    assert len(read) == len({phrase.match for phrase in every})
    if os.environ.get("BODYCOPY_WRITE"):
        NEEDS.write_text("{\n" + ",\n".join(map(_line, sorted(read.items()))) + "\n}\n", encoding="utf-8")
    assert phrases.recorded_needs() == read, (
        "phrases have changed: BODYCOPY_WRITE=1 pytest tests/judge/test_patterns.py"
    )


def _line(recorded: tuple[str, Needs]) -> str:
    key, need = recorded
    others = [" ".join(words) for words in need.others]
    told = [" ".join(need.words), " ".join(need.within), others, "\n".join(need.openings)]
    return f'"{key}": {json.dumps(told, ensure_ascii=False)}'


def test_a_phrase_that_is_not_recorded_is_found_too() -> None:
    phrase = Phrase("xx/related/1", Label.RELATED, "^~discover the ~zweitens of ~もっと")
    index = phrases._Index([phrase], {})
    for text, found in (("discover the zweitens of もっと", {phrase}), ("discover the zweitens of", set())):
        ready = phrases._candidates(index, text, [text]).get(0, 0)
        assert {p for p, _ in phrases._matches(index, ready, text, [0])} == found
