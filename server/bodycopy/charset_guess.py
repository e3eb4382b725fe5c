"""Which character set bytes are in that do not say, or say it wrongly: by their language, and by the letters they give."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from unicodedata import category

from charset_normalizer import from_bytes

_HEAD_BYTES = 1024
_GUESSED_BYTES = 50_000
_MAX_WORDS = 3000
_LONG_RUN = 3
_LAST_LATIN = "\u024f"
_LANG = re.compile(
    rb"""<html\b[^<>]{0,900}?[\s"'](?:xml:)?lang\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4}){0,2})\b""",
    re.I,
)
_WORD = re.compile(rb"(?<![A-Za-z])[A-Za-z]{0,20}[\x80-\xff][A-Za-z\x80-\xff]{0,40}")
_TAG = b"<p>"
_HIGH = re.compile(rb"[\x80-\xff]+")

_DEFAULTS = {
    **dict.fromkeys(("cs", "hr", "bs", "hu", "pl", "ro", "sk", "sl", "sr-latn"), "cp1250"),
    **dict.fromkeys(("ba", "be", "bg", "kk", "ky", "mk", "ru", "sah", "sr", "tg", "tt", "uk"), "cp1251"),
    **dict.fromkeys(("az", "ku", "tr"), "cp1254"), **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"), **dict.fromkeys(("he", "iw", "yi"), "cp1255"),
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo", "zh-hant"), "big5hkscs"),
    "el": "cp1253", "vi": "cp1258", "th": "cp874", "ja": "cp932", "ko": "cp949", "zh": "gb18030",
}  # fmt: skip
"""What browsers take a page of a language for that says nothing, as the WHATWG's encoding standard has it; else cp1252."""

_WESTERN: tuple[Iterable[str], ...] = (
    "àâæçéèêëîïôœùûüÿ", (*"áâãàçéêíóôúü", "õe"), "áéíóúüñ", "àèéìíîòóùú", "äöüßé", "áéèêëíïóöúü", "åäöéàü", "æøåéèêóòôäö",
    "áðéíóúýþæö", "àçéèíïóòúü", (*"äõöüšž", "õe"), "áéíóúàèìòù", "âêîôûŵŷëïöáé",
)  # fmt: skip
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")
_LETTERS: dict[str, tuple[Iterable[str], ...]] = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1254": ("çğıi\u0307öşüâîû",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", (*"äõöüšž", "õe")),
    "cp1258": ("ăâđêôơưàáèéíóùú\u0300\u0301\u0303\u0309\u0323",),
    "iso8859-15": _WESTERN,
    "mac-roman": _WESTERN,
    "cp850": _WESTERN,
}
"""Letters beyond ASCII of the languages that are written in a charset; the order decides where two fit alike.

Portuguese has õ before e only: else it would pass for the Hungarian ő.
"""
_MARKED = frozenset("aeiouyAEIOUYăâêôơưĂÂÊÔƠƯ")
"""What Vietnamese sets its tones on: those of windows-1258 stand in words of other languages after any letter."""

_SUPERSETS = {
    "shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "big5": "big5hkscs", "ptcp154": "cp1251",
}  # fmt: skip
"""What browsers read in the place of what may be guessed."""

_SCRIPTS = {
    "cp1251": "Ѐ-ӿ", "cp1253": "Ͱ-Ͽ", "cp1255": "֐-׿", "cp1256": "؀-ۿ", "cp874": "฀-๿",
    "cp932": "぀-ヿ一-鿿", "cp949": "가-힣", "gb18030": "一-鿿", "big5hkscs": "一-鿿",
}  # fmt: skip
_OF_SCRIPT = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}
_LETTER_OF_ITS_OWN = re.compile(r"[^\W\d_A-Za-z]")
_MIN_SCRIPT_SHARE = 0.8
_MAX_MISSED_SHARE = 0.25
_JOINS = frozenset("’‘´·…“”„«»•\xad\xa0")
"""May stand between two letters, beside dashes: an apostrophe, a quotation without a space."""


def guess(data: bytes) -> str:
    """The name of the encoding that `data` is most likely in."""
    words = [match[0] for match in islice(_WORD.finditer(data), _MAX_WORDS)]
    expected = _of_language(data)
    runs = [len(run) for word in words for run in _HIGH.findall(word)]
    if expected in _SCRIPTS or 3 * sum(run for run in runs if run >= _LONG_RUN) >= 2 * sum(runs):
        name = _statistical(data)
        if expected in _SCRIPTS and not _is_of_script(data, name, expected) and _is_of_script(data, expected, expected):
            return expected
        return name
    # Words in Latin letters: of these a statistical guess takes Portuguese for Romanian, and Italian for Vietnamese.
    by_letters, missed = _by_letters(words, expected)
    if missed > _MAX_MISSED_SHARE * len(words) and not _is_latin(words, name := _statistical(data)):
        return name
    return by_letters


def _of_language(data: bytes) -> str:
    """What a page in the language that its first tag names is in by default."""
    match = _LANG.search(data[:_HEAD_BYTES])
    if match is None:
        return "cp1252"
    tag = match[1].decode("ascii").lower().replace("_", "-")
    while tag not in _DEFAULTS and "-" in tag:
        tag = tag.rpartition("-")[0]
    return _DEFAULTS.get(tag, "cp1252")


def _statistical(data: bytes) -> str:
    first = _HIGH.search(data)
    start = max(0, first.start() - _GUESSED_BYTES // 2) if first is not None else 0
    best = from_bytes(data[start : start + _GUESSED_BYTES]).best()
    name = best.encoding if best is not None else "cp1252"
    # An encoding of old main frames would make other tags of the bytes than browsers see.
    return _SUPERSETS.get(name, name) if _TAG.decode(name, "replace").encode() == _TAG else "cp1252"


def _is_of_script(data: bytes, name: str, expected: str) -> bool:
    """Whether `data` read as `name` is in the script of the language whose default is `expected`."""
    text = data.decode(name, "replace")
    letters = len(_LETTER_OF_ITS_OWN.findall(text)) + text.count("\ufffd")
    return len(_OF_SCRIPT[expected].findall(text)) >= _MIN_SCRIPT_SHARE * letters


def _is_latin(words: Iterable[bytes], name: str) -> bool:
    letters = [c for word in words for c in word.decode(name, "replace") if c > "\x7f"]
    return 2 * sum(c <= _LAST_LATIN for c in letters) > len(letters)


def _by_letters(words: Iterable[bytes], expected: str) -> tuple[str, int]:
    """The charset in whose languages the words have the fewest letters that are strange there, and how many.

    `expected` stays where another is hardly better: English names Español, Français, Português and Kreyòl side by side.
    """
    counted = Counter(words)
    missed = {name: _missed(counted, name) for name in dict.fromkeys((expected, *_LETTERS)) if name in _LETTERS}
    best = min(missed, key=missed.__getitem__)
    if expected in missed and 2 * missed[best] >= missed[expected]:
        best = expected
    return best, missed[best]


def _missed(words: Counter[bytes], name: str) -> int:
    """How many characters of the words, read as `name`, fit none of its languages: in the one that they fit best."""
    letters: Counter[str] = Counter()
    misplaced = 0
    for word, times in words.items():
        text = word.decode(name, "replace")
        for before, character, after in zip(" " + text, text, text[1:] + " ", strict=False):
            if character.isascii():
                continue
            if character.isalpha() or category(character) == "Mn":
                if (character.isupper() and before.islower()) or (
                    category(character) == "Mn" and before not in _MARKED
                ):
                    misplaced += times
                else:
                    letters.update(dict.fromkeys(_letters(character, after), times))
            elif _is_out_of_place(before, character, after):
                misplaced += times
    total = letters.total()
    return misplaced + min(total - sum(letters[c] for c in known) for known in _LETTERS[name])


def _letters(character: str, after: str) -> Iterable[str]:
    return ("õe",) if character == "õ" and after == "e" else character.lower()


def _is_out_of_place(before: str, character: str, after: str) -> bool:
    kind = category(character)
    if kind in ("Cc", "Cn", "Co") or character == "\ufffd":
        return True
    return before.isalpha() and after.isalpha() and kind != "Pd" and character not in _JOINS
