"""What characters a page's blocks are made of, counted for all blocks at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .words import WIDE

Flags = NDArray[np.bool_]

CAPITAL, DIGIT, COMMA, FULL_STOP, QUOTE, EMOJI, ARROW, BAR, END, COLON, QUESTION, ALNUM, LOWER, IS_WIDE, _KNOWN = (
    1 << n for n in range(15)
)
_SIGNS = (
    (COMMA, ",、，"), (FULL_STOP, "。"), (QUOTE, '"“”„«»「」'), (ARROW, "›»→>▶►"), (BAR, "|•"),
    (END, ".!?…。！？।؟۔"), (COLON, ":："), (QUESTION, "?？؟"),
)  # fmt: skip
_EMOJI = ((0x2190, 0x21FF), (0x2300, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
_BREAK = "\n"
"""Set after each text; of no class."""
_CLASSES = np.zeros(0x110000, np.uint16)
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


def classes(points: NDArray[np.integer]) -> NDArray[np.uint16]:
    """Classes of each code point, as bits."""
    found: NDArray[np.uint16] = _CLASSES[points]
    if not found.all():
        for code in set(points[found == 0].tolist()):
            _CLASSES[code] = _class_of(code)
        found = _CLASSES[points]
    return found


def edges(signs: Sequence[str]) -> NDArray[np.uint16]:
    """Classes of a character of each text, given as a string of one character or none, which is of no class."""
    return classes(codes("".join([sign or _BREAK for sign in signs])))


class Characters:
    """Characters of a page's texts, which are at least one."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._points = codes(_BREAK.join(texts) + _BREAK)
        self._classes = classes(self._points)
        self.sizes = np.fromiter(map(len, texts), np.intp, len(texts))
        self._starts = np.cumsum(self.sizes + 1) - self.sizes - 1

    def _counts(self, flags: Flags) -> NDArray[np.intp]:
        return np.add.reduceat(flags, self._starts, dtype=np.intp)

    def count(self, bit: int) -> NDArray[np.intp]:
        """Characters of a class in each text."""
        return self._counts((self._classes & bit) != 0)

    def sentences(self) -> NDArray[np.intp]:
        """Full stops in each text that a space follows or that need none."""
        flags = (self._classes & FULL_STOP) != 0
        flags[:-1] |= (self._points[:-1] == ord(".")) & (self._points[1:] == ord(" "))
        return self._counts(flags)

    def slashes(self) -> NDArray[np.intp]:
        """Slashes between spaces in each text."""
        flags = self._points == ord("/")
        space = self._points == ord(" ")
        flags[0] = False
        flags[1:] &= space[:-1]
        flags[:-1] &= space[1:]
        return self._counts(flags)

    def is_wide(self, within: int) -> Flags:
        """Whether each text has a sign of a script without spaces among its first `within` characters."""
        wide = np.flatnonzero(self._classes & IS_WIDE)
        out = np.zeros(len(self.sizes), bool)
        row = np.searchsorted(self._starts, wide, "right") - 1
        out[row[wide - self._starts[row] < within]] = True
        return out

    def quoted(self) -> NDArray[np.intp]:
        """Characters of each text that stand between quotation marks, roughly."""
        marks = np.flatnonzero(self._classes & QUOTE)
        row = np.searchsorted(self._starts, marks, "right") - 1
        closing = np.flatnonzero((np.arange(len(marks)) - np.searchsorted(row, row)) & 1)
        widths = np.bincount(row[closing], marks[closing] - marks[closing - 1], len(self.sizes))
        return widths.astype(np.intp)
