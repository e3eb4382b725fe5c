"""Bylines to names, and titles without their site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .metadata_byline_words import AFTER, CREDIT, PREFIX
from .metadata_jsonld import plain
from .metadata_months import MONTHS

MAX_AUTHORS = 20
MAX_NAME_CHARS = 80
_MAX_BYLINE_CHARS = 500

_SEPARATOR = re.compile(
    r"\s*(?:[;|•·]|\s/\s|\n|、|，|\s[–—-]\s|\.\s+(?=(?i:photo|pictures|images|illustrat|video|words|story|text|edit|translat)\w*\s+by\s))\s*"
)
_AND = re.compile(r",?\s+(?:and|&|und|et|og|och|en|y|e|i|with|mit|ja|ve)\s+")
_COMMA = re.compile(r"\s*,\s*")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")
_ADDRESS = re.compile(r"(?i)https?:|www\.|//|^@\w|\.html?\b|^/")
_BRACKETS = re.compile(r"\s*[(\[（][^()\[\]（）]{0,100}[)\]）]")
_CLOCK_OR_DAY = re.compile(
    r"(?i)\b\d{1,2}:\d{2}|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d\d|\b(?:19|20)\d\d\b|"
    r"\b\d{1,3} ?(?:min|mins|minutes?|hours?|days?|weeks?|months?|years?)\b|"
    r"\b(?:published|updated|posted|last modified|reading time|on|am|le|el|il)\b[: ]"
    r"(?=.{0,20}\d)"
)
_WORD = re.compile(r"[^\W\d_]{3,12}")
_ROLE = re.compile(
    r"(?i)\b(?:editors?|editor-in-chief|"
    r"reporters?|correspondents?|(?:staff |senior |contributing |freelance )?writers?|"
    r"columnist|journalists?|producer|ceo|cto|cfo|coo|founder|co-founder|director|manager|president|analyst|professor|"
    r"lecturer|specialist|strategist|consultant|contributor|blogger|partner|officer|engineer|attorney|dietitian|"
    r"redakteur(?:in)?|reporterin|korrespondent(?:in)?|volontär(?:in)?|chefredakteur(?:in)?|autor(?:in)?|"
    r"journaliste?|rédact(?:eur|rice)|correspondante?|redattore|giornalista|redactor[a]?|periodista|corresponsal|"
    r"redacteur|verslaggever|redaktor(?:ka)?|md|m\.d\.|phd|ph\.d\.?|rd|rdn|mba|ms|msc|ma|cpa|cfp|dds|esq|jr\.?|sr\.?|"
    r"lcsw|lmft|cscs|dvm|rn|bsc|mph|edd|jd)\b"
)
_NOBODY = frozenset((
    "admin", "administrator", "author", "autor", "auteur", "unknown", "anonymous", "null", "none", "undefined",
    "user", "guest", "false", "true", "webmaster", "editor", "root", "nobody", "by", "wordpress", "superuser",
    "share", "follow", "more", "read", "home", "blog", "news", "subscribe", "n/a", "advertisement", "website", "name",
))  # fmt: skip
_TITLE_SEPARATOR = re.compile(r"\s*(?:\s[|–—·•»«:>/-]\s|\s?\|\s?|\s::\s|\s[|–—·•»]|\s\|\|\s)\s*")
_LOOSE = re.compile(r"[\W_]+")
MIN_TITLE_CHARS = 8


def names(values: Iterable[str], visible: bool = False) -> list[str]:
    """Authors' names in `values`, each once, without prefixes, dates, roles and addresses.

    `visible` is for text as readers see it: what follows a date or a time is no name.
    """
    out: list[str] = []
    seen = set()
    bylines = list(values)
    # Who took the pictures is no author, but for a page that names nobody else.
    for value in [value for value in bylines if not CREDIT.match(value.lstrip())] or bylines:
        for name in _split(plain(value[:_MAX_BYLINE_CHARS]), visible):
            key = fold(name)
            if key and key not in seen and key not in _NOBODY:
                seen.add(key)
                out.append(name)
                if len(out) >= MAX_AUTHORS:
                    return out
    return out


def _split(text: str, visible: bool) -> list[str]:
    text = _EMAIL.sub(" ", text).strip()
    if not text or _ADDRESS.search(text):
        return []
    match = PREFIX.match(text)
    if match:
        text = text[match.end() :]
    if visible:
        text = _before_date(text)
    text = _BRACKETS.sub("", text)
    out: list[str] = []
    parts = _SEPARATOR.split(text)
    for part in [part for part in parts if not CREDIT.match(part)] or parts:
        pieces = _COMMA.split(part)
        if len(pieces) == 2 and all(" " not in p.replace(". ", ".") and _is_name(p) for p in pieces) and not visible:
            # A library's order, "Doe, Jane".
            pieces = [f"{pieces[1]} {pieces[0]}"]
        for number, piece in enumerate(pieces):
            for name in _people(piece, several=len(pieces) > 1):
                name = name.strip(" .,:;-–—|/'\"«»“”")
                if number and (_ROLE.search(name) or name[:1].islower()):
                    continue
                match = PREFIX.match(name)
                if match:
                    name = name[match.end() :]
                name = _without_what_follows(name)
                if _is_name(name):
                    out.append(name)
    return out


def _without_what_follows(name: str) -> str:
    match = AFTER.search(name)
    # "Anna Lee Share", but not "Anna Follow".
    return name[: match.start()] if match and (" " in name[: match.start()] or not name.isascii()) else name


def _people(piece: str, several: bool) -> list[str]:
    """ "Jane Doe and John Roe" as two, "Rod and Reel" as one."""
    piece = re.sub(r"^(?:and|&|und|et|y|og|och)\s+", "", piece)
    people = _AND.split(piece)
    if len(people) > 1 and not several and not all(" " in p.strip() for p in people):
        return [piece]
    return people


def _before_date(text: str) -> str:
    """`text` up to where a date, a time or a duration begins."""
    end = len(text)
    if match := _CLOCK_OR_DAY.search(text):
        end = match.start()
    for word in _WORD.finditer(text[:end]):
        if word[0].lower() in MONTHS and word[0][0].isupper():
            around = text[max(0, word.start() - 5) : word.end() + 4]
            if any(c.isdigit() for c in around):
                end = word.start()
                break
    return text[:end].rstrip(" 0123456789.,|-–—•·") if end < len(text) else text


def _is_name(text: str) -> bool:
    if not 2 <= len(text) <= MAX_NAME_CHARS or len(text.split()) > 7:
        return False
    letters = sum(c.isalpha() for c in text)
    return letters >= 2 and letters * 2 > len(text)


def fold(text: str) -> str:
    """`text` in lower case with punctuation and white space folded, to compare by."""
    return _LOOSE.sub(" ", text[:1000].casefold()).strip()


def bare_title(title: str, site_names: Iterable[str], known: Iterable[str] = ()) -> str:
    """`title` without its site's name, at either end.

    `site_names` are what the site may be called; `known` are other titles of the page, which
    say where this one ends.
    """
    parts = list(_TITLE_SEPARATOR.finditer(title[:500]))
    if not parts:
        return title
    known_folds = {fold(k) for k in known if k}
    for match in reversed(parts):
        head = title[: match.start()].strip()
        if fold(head) in known_folds:
            return head
    sites = {fold(s).replace(" ", "") for s in site_names if s}
    sites.discard("")
    for _ in range(3):
        parts = list(_TITLE_SEPARATOR.finditer(title[:500]))
        if not parts:
            break
        head, tail = title[: parts[-1].start()].strip(), title[parts[-1].end() :].strip()
        first, rest = title[: parts[0].start()].strip(), title[parts[0].end() :].strip()
        if _is_site(tail, sites) and len(head) >= MIN_TITLE_CHARS:
            title = head
        elif _is_site(first, sites) and len(rest) >= MIN_TITLE_CHARS and len(parts) == 1:
            title = rest
        else:
            break
    return title


def _is_site(text: str, sites: set[str]) -> bool:
    key = fold(text).replace(" ", "")
    if not key or len(text) > 60:
        return False
    return any(key == s or (len(key) >= 4 and len(s) >= 4 and (s.startswith(key) or key.startswith(s))) for s in sites)
