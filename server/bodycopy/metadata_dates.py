"""Dates in the forms that pages write them, to ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

MAX_DATE_CHARS = 100
_EARLIEST = 1990

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]{1,2}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?"
    r"(?:\s?(Z|UTC|GMT|[+-]\d{2}:?\d{0,2}))?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?Z?$")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?$")
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d{2})\s?[./年-]\s?(\d{1,2})\s?[./月-]\s?(\d{1,2})(?!\d)")
_KOREAN = re.compile(r"(?<!\d)((?:19|20)\d{2})년\s?(\d{1,2})월\s?(\d{1,2})일")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?((?:19|20)\d{2})(?!\d)")
_IN_ADDRESS = re.compile(
    r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)|[/-]((?:19|20)\d{2})(\d{2})(\d{2})(?:[/.-]|$)"
)

_MONTHS = {
    1: "january jan januar jänner janvier enero ene gennaio gen janeiro januari stycznia styczeń ledna leden ocak "
       "января січня ianuarie január tammikuuta ιανουαρίου",
    2: "february feb februar février févr febrero febbraio fevereiro fev februari lutego luty února únor şubat "
       "февраля лютого februarie február helmikuuta φεβρουαρίου",
    3: "march mar märz mrz mars marzo março maart mrt marca marzec března březen mart марта березня martie marts "
       "március maaliskuuta μαρτίου",
    4: "april apr avril avr abril abr aprile kwietnia kwiecień dubna duben nisan апреля квітня aprilie április "
       "huhtikuuta απριλίου",
    5: "may mai mayo maggio mag maio mei maja maj května květen mayıs мая травня május toukokuuta μαΐου μαϊου",
    6: "june jun juni juin junio giugno giu junho czerwca czerwiec června červen haziran июня червня iunie június "
       "kesäkuuta ιουνίου",
    7: "july jul juli juillet juil julio luglio lug julho lipca lipiec července červenec temmuz июля липня iulie "
       "július heinäkuuta ιουλίου",
    8: "august aug août agosto ago augustus sierpnia sierpień srpna srpen ağustos августа серпня augusti augusztus "
       "elokuuta αυγούστου",
    9: "september sep sept septembre septiembre settembre set setembro września wrzesień září eylül сентября вересня "
       "septembrie szeptember syyskuuta σεπτεμβρίου",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out października październik října říjen ekim "
        "октября жовтня octombrie október lokakuuta οκτωβρίου",
    11: "november nov novembre noviembre novembro listopada listopad listopadu kasım ноября листопада noiembrie "
        "marraskuuta νοεμβρίου",
    12: "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia grudzień prosince prosinec "
        "aralık декабря грудня decembrie joulukuuta δεκεμβρίου",
}  # fmt: skip
MONTHS = {name: number for number, names in _MONTHS.items() for name in names.split()}
# A word between two numbers is looked up, which is quicker than naming each month in the expression.
_DAY_MONTH_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s{0,3}(?:de\s|of\s|-)?\s?([^\W\d_]{3,12})\.?,?\s{0,3}(?:de\s|-)?,?\s?"
    r"((?:19|20)\d{2})(?!\d)"
)
_MONTH_DAY_YEAR = re.compile(r"\b([^\W\d_]{3,12})\.?\s{1,3}(\d{1,2})(?:st|nd|rd|th)?,?\s{1,3}((?:19|20)\d{2})(?!\d)")

_YEAR_MONTH_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})\.?\s{1,3}([^\W\d_]{3,12})\.?\s{1,3}(\d{1,2})(?!\d)")


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
    """The first date written out in `text`, as ISO 8601."""
    text = text[:500]
    try:
        for pattern in (_DAY_MONTH_YEAR, _MONTH_DAY_YEAR):
            for match in pattern.finditer(text):
                day, name = (match[1], match[2]) if pattern is _DAY_MONTH_YEAR else (match[2], match[1])
                if month := MONTHS.get(name.lower()):
                    return _day(int(match[3]), month, int(day))
        for match in _YEAR_MONTH_DAY.finditer(text):
            if month := MONTHS.get(match[2].lower()):
                return _day(int(match[1]), month, int(match[3]))
        if year_first := _YEAR_FIRST.search(text) or _KOREAN.search(text):
            return _day(int(year_first[1]), int(year_first[2]), int(year_first[3]))
        if day_first := _DAY_FIRST.search(text):
            day_number, month_number = int(day_first[1]), int(day_first[3])
            if month_number > 12 or (month_first and day_first[2] == "/" and day_number <= 12):
                day_number, month_number = month_number, day_number
            return _day(int(day_first[4]), month_number, day_number)
    except ValueError:
        pass
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


def _moment(value: datetime) -> str | None:
    return value.replace(microsecond=0).isoformat() if _is_plausible(value.date()) else None


def _is_plausible(value: date) -> bool:
    return value.year >= _EARLIEST and value <= date.today() + timedelta(days=366)
