"""What characters a page's blocks are made of, counted for all blocks at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

WIDE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no space between words, and Korean."""

MARKS = "".join(chr(code) for code in range(0x300, 0x1D00) if unicodedata.category(chr(code)).startswith("M"))
r"""Vowel signs of Indian scripts and accents: of the letter before them, though `\w` is without them, and `समाचार` was
four words. Beyond U+1D00 are those of music, of emoji and of a few small scripts."""
STOPS = "。।۔።။។։"
"""Full stops of other scripts, which need no space after them."""

Flags = NDArray[np.bool_]


@cache
def foreign_signs() -> re.Pattern[str]:
    """What is of no word, ASCII aside. Made when first asked for: pages in ASCII never do."""
    return re.compile(rf"[^\w\x00-\x7f{MARKS}]+")


(CAPITAL, DIGIT, COMMA, FULL_STOP, QUOTE, EMOJI, ARROW, BAR, SLASH, END, IS_WIDE, COLON, QUESTION, ALNUM, LOWER, WORD,
 SPACE, _KNOWN) = (1 << n for n in range(18))  # fmt: skip
_COUNTED = COLON - 1
"""The classes that are counted in whole texts: those before COLON."""
_SIGNS = (
    (COMMA, ",、，،"), (FULL_STOP, STOPS), (QUOTE, '"“”„«»「」'), (ARROW, "›»→>▶►"), (BAR, "|•"), (SLASH, "/"),
    (END, f".!?…！？؟{STOPS}"), (COLON, ":："), (QUESTION, "?？؟"),
)  # fmt: skip
_EMOJI = ((0x2190, 0x21FF), (0x2300, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
_BREAK = "\n"
"""Set after each text; of no class."""
_CLASSES = np.zeros(0x110000, np.uint32)
"""Classes of each character, as they were met: 0 for one that was not."""


def _class_of(code: int) -> int:
    """Classes of a character as bits."""
    sign = chr(code)
    found = _KNOWN
    if "A" <= sign <= "Z" or (code > 127 and sign.isupper()):
        found |= CAPITAL
    if "0" <= sign <= "9" or (code > 127 and sign.isdigit()):
        found |= DIGIT
    if any(first <= code <= last for first, last in _EMOJI):
        found |= EMOJI
    for bit, signs in _SIGNS:
        if sign in signs:
            found |= bit
    if sign.isalnum():
        found |= ALNUM
    if sign.isalnum() or sign == "_" or sign in MARKS:
        found |= WORD
    if sign.isspace():
        found |= SPACE
    if sign.islower():
        found |= LOWER
    if WIDE.match(sign):
        found |= IS_WIDE
    return found


def codes(text: str) -> NDArray[np.integer]:
    """Code points of a text."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def classes(points: NDArray[np.integer]) -> NDArray[np.uint32]:
    """Classes of each code point, as bits."""
    found: NDArray[np.uint32] = _CLASSES[points]
    if not found.all():
        for code in set(points[found == 0].tolist()):
            _CLASSES[code] = _class_of(code)
        found = _CLASSES[points]
    return found


def edges(signs: Sequence[str]) -> NDArray[np.uint32]:
    """Classes of a character of each text, given as a string of one character or none, which is of no class."""
    return classes(codes("".join([sign or _BREAK for sign in signs])))


class Characters:
    """Characters of a page's texts, which are at least one."""

    def __init__(self, texts: Sequence[str]) -> None:
        points = codes(_BREAK.join(texts) + _BREAK)
        found = classes(points)
        self.sizes = np.fromiter(map(len, texts), np.intp, len(texts))
        self._starts = np.cumsum(self.sizes + 1) - self.sizes - 1
        # Most characters are small letters and spaces, of which none is counted.
        self._at = np.flatnonzero(found & _COUNTED)
        self._classes = found[self._at]
        self._rows = np.repeat(np.arange(len(texts)), self.sizes + 1)[self._at]
        # A break follows the last character.
        self._dots = (points[self._at] == ord(".")) & (points[self._at + 1] == ord(" "))
        self._lone = (points[self._at - 1] == ord(" ")) & (points[self._at + 1] == ord(" "))

    def _counts(self, flags: Flags) -> NDArray[np.intp]:
        return np.bincount(self._rows[flags], minlength=len(self.sizes))

    def count(self, bit: int) -> NDArray[np.intp]:
        """Characters of a class in each text."""
        return self._counts((self._classes & bit) != 0)

    def sentences(self) -> NDArray[np.intp]:
        """Full stops in each text that a space follows or that need none."""
        return self._counts(((self._classes & FULL_STOP) != 0) | self._dots)

    def slashes(self) -> NDArray[np.intp]:
        """Slashes between spaces in each text."""
        return self._counts(((self._classes & SLASH) != 0) & self._lone)

    def is_wide(self, within: int) -> Flags:
        """Whether each text has a sign of a script without spaces among its first `within` characters."""
        wide = (self._classes & IS_WIDE) != 0
        row = self._rows[wide]
        out = np.zeros(len(self.sizes), bool)
        out[row[self._at[wide] - self._starts[row] < within]] = True
        return out

    def quoted(self) -> NDArray[np.intp]:
        """Characters of each text that stand between quotation marks, roughly."""
        quotes = (self._classes & QUOTE) != 0
        marks, row = self._at[quotes], self._rows[quotes]
        closing = np.flatnonzero((np.arange(len(marks)) - np.searchsorted(row, row)) & 1)
        widths = np.bincount(row[closing], marks[closing] - marks[closing - 1], len(self.sizes))
        return widths.astype(np.intp)
