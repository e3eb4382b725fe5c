"""Dates in the forms that pages write them, to ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from unicodedata import normalize

from .metadata_months import MONTHS, PERSIAN_MONTHS

MAX_DATE_CHARS = 100
_EARLIEST = 1990
_THAI_YEARS = 543
_PERSIAN_YEARS = range(1369, 1450)
_PERSIAN_START = date(1990, 3, 21)

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]{1,2}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?"
    r"(?:\s?(Z|UTC|GMT|[+-]\d{2}:?\d{0,2}))?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?Z?$")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?$")
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d{2})\s?[./年-]\s?(\d{1,2})\s?[./月-]\s?(\d{1,2})(?!\d)")
_KOREAN = re.compile(r"(?<!\d)((?:19|20)\d{2})년\s?(\d{1,2})월\s?(\d{1,2})일")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s(?:[Tt]háng|thg)\s(\d{1,2})(?:,|\snăm)?\s((?:19|20)\d{2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?((?:19|20)\d{2})(?!\d)")
_IN_ADDRESS = re.compile(
    r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)|[/-]((?:19|20)\d{2})(\d{2})(\d{2})(?:[/.-]|$)"
)
_PERSIAN = re.compile(r"(?<!\d)(1[34]\d{2})/(\d{1,2})/(\d{1,2})(?!\d)")
# What stands for a month between numbers is looked up, which is quicker than naming each month in the expression. After
# the first letter anything but signs: vowel signs are no letters to `re`. Thai shortens with two full stops, and months
# of the Levant are two words.
_MONTH = (
    r"((?<![^\W\d_])(?:(?:تشرين|كانون)\sال(?:[أا]ول|ثاني)|เ?[ก-ฮ][\u0e31-\u0e3a]?\.[ก-ฮ](?=\.)"
    r"|[^\W\d_][^\s\d.,،;:!?()\[\]<>/|\\\-–—_\"'“”„‘’«»*#@=+&…·•]{1,15}))"
)
_YEAR = r"((?:19|20|25|1[34])\d{2})(?!\d)"
"""Of the common era, or as the Thai count, from 543 before it, or the Persians, from 621 after."""
_DAY_MONTH_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|[.,-])?\s{0,3}(?:de\s|of\s|-|d[’'])?\s?" + _MONTH
    + r"\.?(?:\s?/\s?[^\W\d_]{2,16}(?:\s[^\W\d_]{2,16})?)?,?\s{0,3}(?:del?\s|-|[คพ]\.ศ\.\s?)?[,،]?\s?" + _YEAR
)  # fmt: skip
_MONTH_DAY_YEAR = re.compile(rf"{_MONTH}\.?\s{{1,3}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}{_YEAR}")
# Latvian, Lithuanian, Armenian and Kazakh write a word for "year" after it.
_THE_YEAR = r"(?<!\d)((?:19|20)\d{2})(?:\.|\.?\sgada|\sm\.|\sթ\.|\sж\.)"
_YEAR_MONTH_DAY = re.compile(rf"{_THE_YEAR}?\s{{1,3}}{_MONTH}\.?\s{{1,3}}(\d{{1,2}})(?!\d)")
_YEAR_DAY_MONTH = re.compile(rf"{_THE_YEAR}\s{{1,3}}(\d{{1,2}})\.?\s{{1,3}}{_MONTH}")
_DIGIT = re.compile(r"\d")
_JOINERS = str.maketrans("", "", "\u200c\u200d\u200e\u200f")


def iso(value: object, month_first: bool = False) -> str | None:
    """A date as ISO 8601, as exact as given; None for what is none, or lies before 1990 or more than a year ahead.

    `month_first` reads 3/4/2024 as the Americans do.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(int(value)) if 0 <= value < 1e14 else ""
    if not isinstance(value, str):
        return None
    text = value[:MAX_DATE_CHARS].strip().strip("\"'")
    if not any(c.isdigit() for c in text):
        return None
    try:
        return _read(text, month_first)
    except (ValueError, OverflowError, TypeError):
        return None


def _read(text: str, month_first: bool) -> str | None:
    if _EPOCH.match(text):
        return _moment(datetime.fromtimestamp(int(text[:10]), UTC))
    if match := _ISO.match(text):
        year, month, day, hour, minute, second, zone = match.groups()
        if hour is None:
            return _day(int(year), int(month), int(day))
        stamp = datetime(int(year), int(month), int(day), int(hour) % 24, int(minute), int(second or 0))
        return _moment(stamp.replace(tzinfo=_zone(zone)) if zone else stamp)
    if match := _COMPACT.match(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if text[:1].isalpha() and text[3:4] in ",":
        try:
            return _moment(parsedate_to_datetime(text))
        except (ValueError, IndexError):
            pass
    return find(text, month_first)


def find(text: str, month_first: bool = False) -> str | None:
    """The first date written out in `text`, as ISO 8601: in numbers or words of some 60 languages, in any digits, and in
    the years of the Persians, and of the Thai where they name the month."""
    text = text[:500]
    if not text.isascii():
        text = normalize("NFC", _DIGIT.sub(lambda digit: str(int(digit[0])), text)).translate(_JOINERS)
    try:
        for pattern, day, month, year in (
            (_DAY_MONTH_YEAR, 1, 2, 3), (_MONTH_DAY_YEAR, 2, 1, 3), (_YEAR_MONTH_DAY, 3, 2, 1), (_YEAR_DAY_MONTH, 2, 3, 1),
        ):  # fmt: skip
            for match in pattern.finditer(text):
                if found := _named(int(match[year]), match[month].lower(), int(match[day]), match[0]):
                    return found
        if year_first := _YEAR_FIRST.search(text) or _KOREAN.search(text):
            return _day(int(year_first[1]), int(year_first[2]), int(year_first[3]))
        if vietnamese := _VIETNAMESE.search(text):
            return _day(int(vietnamese[3]), int(vietnamese[2]), int(vietnamese[1]))
        if day_first := _DAY_FIRST.search(text):
            day_number, month_number = int(day_first[1]), int(day_first[3])
            if month_number > 12 or (month_first and day_first[2] == "/" and day_number <= 12):
                day_number, month_number = month_number, day_number
            return _day(int(day_first[4]), month_number, day_number)
        if persian := _PERSIAN.search(text):
            return _persian(int(persian[1]), int(persian[2]), int(persian[3]))
    except ValueError:
        pass
    return None


def _named(year: int, name: str, day: int, written: str) -> str | None:
    """A date whose month has a name; None if it has none, or there is no such day."""
    name = " ".join(name.split()).rstrip("׳'")
    try:
        if name in PERSIAN_MONTHS:
            return _persian(year, PERSIAN_MONTHS[name], day)
        # Hebrew writes "in" as a letter before the month.
        month = MONTHS.get(name) or MONTHS[name.removeprefix("ב")]
        if name == "listopada" and "." in written:
            # October in Croatian, which sets a full stop after the day, and November in Polish, which sets none.
            month = 10
        if name == "mac" and not written[0].isdigit():
            # A computer; Malay writes the day first.
            return None
        return _day(year - _THAI_YEARS if "ก" <= name[0] <= "๛" and year > 2500 else year, month, day)
    except (KeyError, ValueError):
        return None


def in_address(url: str | None) -> str | None:
    """The date that an address carries, as ISO 8601."""
    match = _IN_ADDRESS.search((url or "")[:2000])
    if match is None:
        return None
    try:
        year, month, day = (int(g) for g in match.groups() if g)
        return _day(year, month, day)
    except ValueError:
        return None


def _zone(name: str) -> timezone:
    if name[0] not in "+-":
        return UTC
    digits = name[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if name[0] == "-" else offset)


def _day(year: int, month: int, day: int) -> str | None:
    value = date(year, month, day)
    return value.isoformat() if _is_plausible(value) else None


def _persian(year: int, month: int, day: int) -> str | None:
    """A day of the solar Hijri calendar, of which eight years in 33 are leap years (Birashk, right from 1244 to 1472)."""
    if not (year in _PERSIAN_YEARS and 1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        return None
    before = year - _PERSIAN_YEARS.start
    leaps = (8 * year + 21) // 33 - (8 * _PERSIAN_YEARS.start + 21) // 33
    in_year = 31 * (month - 1) - max(0, month - 7) + day - 1
    value = _PERSIAN_START + timedelta(days=365 * before + leaps + in_year)
    return _day(value.year, value.month, value.day)


def _moment(value: datetime) -> str | None:
    return value.replace(microsecond=0).isoformat() if _is_plausible(value.date()) else None


def _is_plausible(value: date) -> bool:
    return value.year >= _EARLIEST and value <= date.today() + timedelta(days=366)
