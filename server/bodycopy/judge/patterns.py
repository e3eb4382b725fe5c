"""What a text must have for a phrase's pattern to match: how it may begin, and which words it must hold.

A page has thousands of pairs of a block and a phrase one of whose words it has, and some sixteen of them match: what
is read of the patterns here, once, tells without trying them that most cannot. All of it is cautious: what a pattern's
reader is unsure of may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from .characters import MARKS

STEM_LETTERS = 5
"""A word of a pattern that is so long stands for all that begin as it does."""
OPENING_CHARACTERS = 4
"""With two, a third more is tried; with eight hardly less, and it is read in twice the time."""
MAX_OTHERS = 2
"""Sets of words that are asked for besides the marked ones: few patterns need more."""
MARKED = re.compile(r"~([^\s()|\[\]?*+\\.{}^$…~]+)(\??)")
"""A marked word, and whether its last letter is optional."""

_MAX_OPENINGS = 1_000
_QUANTIFIER = re.compile(r"(?:([?*+])|\{(\d*)(,?)(\d*)\})[?+]?")
_LOOKS = re.compile(r"\?(?:<?[!=]|:)")
_CLASS = re.compile(r"\[(\^?\]?(?:[^\]\\]|\\.)*)\]")
_MANY = 1_000
_PUNCTUATION = re.compile(r"[\W_]+")
WITHOUT_SPACES = re.compile("[\u0590-\u10ff\u3040-\ud7af]")
"""Of scripts that do not set words apart, or that put particles before them."""


class Needs(NamedTuple):
    """What a text must have for a pattern to match."""

    words: list[str]
    """One of these, the marked ones; of a longer word its first `STEM_LETTERS` letters."""
    within: list[str]
    """Or one of these anywhere: marked ones of scripts that do not set words apart."""
    others: list[list[str]]
    """And one of each of these, at most `MAX_OTHERS`."""
    openings: list[str]
    """And it begins with one of these."""


def needs(pattern: str, marked: Iterable[tuple[str, str]], opens: bool) -> Needs:
    """What is told of a phrase's pattern, folded and without its marks, and of its marked words (groups of `MARKED`).

    `opens` says that a match begins where a sentence does. Raises ValueError for what no phrase has.
    """
    parsed = parse(pattern)
    words: dict[str, None] = {}
    within: dict[str, None] = {}
    for word, optional in marked:
        for form in (word, word[:-1]) if optional else (word,):
            if WITHOUT_SPACES.search(form):
                within[form] = None
            else:
                # Of a compound its longest part.
                words[max(_PUNCTUATION.split(form), key=len)[:STEM_LETTERS]] = None
    told = words.keys() | within.keys()
    others = [sorted(some) for some in needed(parsed, opens) if not some >= told][:MAX_OTHERS]
    return Needs(list(words), list(within), others, sorted(openings(parsed)) if opens else [""])


class _Any(NamedTuple):
    """Any number of characters, none too."""


class _Edge(NamedTuple):
    """Of a word: what is here is no letter on one side."""


class _End(NamedTuple):
    """Of the block."""


class _OneOf(NamedTuple):
    characters: frozenset[str]


class _Choice(NamedTuple):
    ways: tuple[tuple[_Node, ...], ...]


class _Repeat(NamedTuple):
    of: _Node
    least: int
    most: int


_Node: TypeAlias = "str | _Any | _Edge | _End | _OneOf | _Choice | _Repeat"
Pattern = tuple[_Node, ...]


def parse(pattern: str) -> Pattern:
    """A phrase's pattern, folded and without its marks, as nodes. A character is itself, what looks around is nothing.

    Raises ValueError for what no phrase has, such as a bracket that is not closed.
    """
    reader = _Reader(pattern)
    ways = reader.ways()
    if reader.at < len(pattern):
        raise ValueError(f"a bracket too many at {reader.at} in {pattern}")
    return (_Choice(ways),) if len(ways) > 1 else ways[0]


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.at = 0

    def ways(self) -> tuple[Pattern, ...]:
        """What stands between here and the end or a closing bracket, split at its bars."""
        ways = [self._sequence()]
        while self._pattern.startswith("|", self.at):
            self.at += 1
            ways.append(self._sequence())
        return tuple(ways)

    def _sequence(self) -> Pattern:
        nodes: list[_Node] = []
        while self.at < len(self._pattern) and self._pattern[self.at] not in "|)":
            found = self._atom()
            if quantifier := _QUANTIFIER.match(self._pattern, self.at):
                self.at = quantifier.end()
                sign, least, comma, most = quantifier.groups()
                if sign:
                    bounds = (int(sign == "+"), 1 if sign == "?" else _MANY)
                else:
                    bounds = (int(least or 0), int(most or _MANY) if comma else int(least))
                found = [_Repeat(node, *bounds) for node in found]
            nodes += found
        return tuple(nodes)

    def _atom(self) -> list[_Node]:
        pattern = self._pattern
        if pattern.startswith(" … ", self.at):
            self.at += 3
            return [_Any(), _Edge()]
        sign = pattern[self.at]
        self.at += 1
        if sign == "(":
            return self._group()
        if sign == "[":
            return [self._class()]
        if sign == "\\":
            escaped = pattern[self.at]
            self.at += 1
            return [_Edge() if escaped == "b" else _Any() if escaped.isalnum() else escaped]
        if sign == "^":
            return []
        return [_End() if sign == "$" else _Any() if sign in ".…" else sign]

    def _group(self) -> list[_Node]:
        looks = _LOOKS.match(self._pattern, self.at)
        if looks:
            self.at = looks.end()
        ways = self.ways()
        if not self._pattern.startswith(")", self.at):
            raise ValueError(f"a bracket is not closed at {self.at} in {self._pattern}")
        self.at += 1
        return [] if looks and looks[0] != "?:" else [_Choice(ways)]

    def _class(self) -> _Node:
        found = _CLASS.match(self._pattern, self.at - 1)
        if found is None:
            raise ValueError(f"a bracket is not closed at {self.at} in {self._pattern}")
        self.at = found.end()
        inside = found[1]
        if inside.startswith("^") or "\\" in inside or "-" in inside[1:-1]:
            return _Any()
        return _OneOf(frozenset(inside))


# -- how a match begins ---------------------------------------------------


def openings(pattern: Pattern, characters: int = OPENING_CHARACTERS) -> frozenset[str]:
    """How all matches of a pattern begin: each with one of these, of at most so many characters; one may be empty."""
    for most in range(characters, 0, -1):
        found = _extended({"": True}, pattern, most)
        if len(found) <= _MAX_OPENINGS:
            return frozenset(found)
    return frozenset({""})


_Open = dict[str, bool]
"""Beginnings, and whether it is known what comes after each."""


def _extended(found: _Open, nodes: Iterable[_Node], most: int) -> _Open:
    for node in nodes:
        growing = {text: True for text, is_open in found.items() if is_open and len(text) < most}
        if not growing or len(found) > _MAX_OPENINGS:
            break
        found = _merged(
            {text: is_open for text, is_open in found.items() if text not in growing}, _step(growing, node, most)
        )
    return found


def _merged(one: _Open, other: _Open) -> _Open:
    """All of both. What may be followed by anything is so, though it may be followed by what is known too."""
    for text, is_open in other.items():
        one[text] = one.get(text, True) and is_open
    return one


def _step(growing: _Open, node: _Node, most: int) -> _Open:
    if isinstance(node, str):
        return {(text + node)[:most]: True for text in growing}
    if isinstance(node, _OneOf):
        return {(text + sign)[:most]: True for text in growing for sign in node.characters}
    if isinstance(node, _Choice):
        found: _Open = {}
        for way in node.ways:
            _merged(found, _extended(growing, way, most))
        return found
    if isinstance(node, _Repeat):
        found = {} if node.least else dict(growing)
        turn = growing
        for number in range(1, min(node.most, most + 1) + 1):
            turn = _extended(turn, (node.of,), most)
            whole = {text: is_open for text, is_open in turn.items() if not is_open or len(text) == most}
            # What has not grown by so many turns may stay so until the least of them, as in `(a?){9}`.
            _merged(found, turn if number >= min(node.least, most + 1) else whole)
            turn = dict.fromkeys(turn.keys() - whole.keys(), True)
            if not turn:
                break
        return found
    return growing if isinstance(node, _Edge) else dict.fromkeys(growing, False)


# -- the words of a match -------------------------------------------------

Words = frozenset[str]


def needed(pattern: Pattern, opens: bool) -> list[Words]:
    """Sets of words, of each of which a text must have one; of a longer word its first `STEM_LETTERS` letters.

    `opens` says that a match begins where a sentence does: elsewhere it may begin within a word.
    Those sets come first that tell most, as far as can be told of words: long words, and few.
    """
    found, _ = _needed(pattern, opens, False)
    return sorted(dict.fromkeys(found), key=_worth, reverse=True)


def _worth(words: Words) -> tuple[int, int]:
    return min(map(len, words)), -len(words)


def _needed(nodes: Sequence[_Node], fresh: bool, apart: bool) -> tuple[list[Words], bool]:
    """The sets of words that nodes need, and whether a word may begin after them and none go on.

    `fresh` is whether that is so before them, `apart` whether no word goes on after them.
    """
    found: list[Words] = []
    # The letters of the word that is being read; None in one whose beginning is not known.
    word: str | None = "" if fresh else None

    def end(whole: bool) -> None:
        if word and (whole or len(word) >= STEM_LETTERS):
            found.append(frozenset({word[:STEM_LETTERS]}))

    for number, node in enumerate(nodes):
        if isinstance(node, str) and _is_of_word(node):
            word = None if word is None or WITHOUT_SPACES.match(node) else word + node
        elif _is_gap(node):
            end(whole=True)
            word = ""
        else:
            end(whole=False)
            after = nodes[number + 1] if number + 1 < len(nodes) else None
            word = _through(node, word == "", apart if after is None else _is_gap(after), found)
    end(whole=apart)
    return found, word == ""


def _through(node: _Node, fresh: bool, apart: bool, found: list[Words]) -> str | None:
    """Add what a node needs that is neither a letter nor a gap; the word that begins after it, or None."""
    if isinstance(node, _Choice):
        ways = [_needed(way, fresh, apart) for way in node.ways]
        if all(sets for sets, _ in ways):
            found.append(frozenset().union(*(max(sets, key=_worth) for sets, _ in ways)))
        return "" if all(ends_fresh for _, ends_fresh in ways) else None
    if isinstance(node, _Repeat):
        # Of several times the first is looked at, which another may follow.
        sets, ends_fresh = _needed((node.of,), fresh, apart and node.most == 1)
        if node.least:
            found += sets
        return "" if ends_fresh and (node.least or fresh) else None
    return None


def _is_gap(node: _Node) -> bool:
    """Whether no word goes on through a node."""
    if isinstance(node, str):
        return not _is_of_word(node)
    return isinstance(node, _Edge | _End) or (isinstance(node, _OneOf) and not any(map(_is_of_word, node.characters)))


def _is_of_word(sign: str) -> bool:
    """Whether a character is within what `phrases` splits a text into."""
    return sign.isalnum() or sign in MARKS
