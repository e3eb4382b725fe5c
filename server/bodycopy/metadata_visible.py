"""Authors, date and standfirst as the page shows them, for pages that declare none.

Class names, `rel` and `itemprop` say which element holds what. One pass finds the
candidates, and only when authors or date are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from lxml import etree

from .metadata_dates import MAX_DATE_CHARS, find, iso
from .metadata_names import fold, names

MAX_MARKED = 2000
"""Candidates looked at. Of 1,180 real pages the most have 1,500."""
MAX_ELEMENTS = 20_000
"""Elements looked at. Of 1,569 real pages the largest has 5,105."""
MAX_NAMES_CHARS = 300
MAX_BYLINE_CHARS = 200
MIN_DEK_CHARS, MAX_DEK_CHARS = 30, 700
MIN_HEADLINE_CHARS, MAX_HEADLINE_CHARS = 10, 300
_NEAR_HEADING = 80
"""Elements after the headline among which a standfirst, and an unmarked byline or date, are looked for."""

_AUTHOR = re.compile(
    r"(?i)(?:^|[\s_-])(?:by-?line|authors?|author-?name|autor)(?:[_-]{0,2}(?:names?|links?|list|text|value))?(?:$|\s)"
)
_NOT_AUTHOR = re.compile(
    r"(?i)comment|related|bio|avatar|image|img|photo|social|footer|quote|review|sidebar|widget|reply|date|box|testimonial"
)
_DATE = re.compile(
    r"(?i)(?:^|[\s_-])(?:date|dates|published|publish|posted|posted-on|pubdate|datetime|timestamp)(?:$|[\s_-])|date(?:$|\s)"
)
_NOT_DATE = re.compile(r"(?i)comment|related|updat|modif|event|copyright|footer|sidebar|reply|candidate")
_DEK = re.compile(r"(?i)(?:^|[\s_-])(?:standfirst|dek|deck|lede|chapo|sub-?title|sub-?headline)(?:$|[\s_-])")
_SIGNED = re.compile(r"(?:(?:[Ww]ritten |[Pp]osted )?[Bb]y|BY|Von|Par|Por|Door)\s{1,3}(?=[^\W\d_])")
_SIGNED_LINE = re.compile(
    r"(?:[Bb]y|BY)\s{1,3}[^\W\d_a-z][\w.’'-]{0,30}(?:\s[^\W\d_a-z][\w.’'-]{0,30}){1,3}(?:,\s.{3,40})?"
)
_ELSEWHERE = frozenset(("aside", "footer", "nav"))
_ELSEWHERE_NAMES = re.compile(
    r"(?i)comments?(?![\w-]*(?:open|closed|on\b|off))|related|footer|sidebar(?!-)|recommend|testimonial|read-?more"
)
_SILENT = frozenset(("script", "style", "svg", "aside", "footer", "nav"))
_A_YEAR = re.compile(r"\d{4}")
_UPDATED = re.compile(r"(?i)updat|modif|aktualisiert|mis à jour|actualizad|aggiornat|bijgewerkt")


class _Found(NamedTuple):
    element: etree._Element
    names: str
    """Class and id words."""
    itemprop: str


def _is_marked(classes: str) -> bool:
    return (
        "uthor" in classes or "yline" in classes or "date" in classes or "Date" in classes
        or "ublish" in classes or "osted" in classes
    )  # fmt: skip


class Marked:
    """The elements of a page that are marked as byline or date."""

    def __init__(self, tree: etree._Element) -> None:
        self._tree = tree

    @cached_property
    def _found(self) -> list[_Found]:
        out = []
        for element in islice(self._tree.iter(), MAX_ELEMENTS):
            classes = element.get("class")
            if (
                (classes and _is_marked(classes[:MAX_NAMES_CHARS]))
                or element.get("itemprop")
                or element.get("rel") == "author"
            ):
                itemprop = (element.get("itemprop") or "")[:60].lower()
                out.append(_Found(element, (classes or "")[:MAX_NAMES_CHARS], itemprop))
                if len(out) >= MAX_MARKED:
                    break
        return out

    def authors(self) -> list[str]:
        """Names in the page's byline."""
        ranked: list[tuple[int, int, _Found]] = []
        for number, found in enumerate(self._found):
            rank = self._author_rank(found)
            if rank:
                ranked.append((-rank, number, found))
        ranked.sort(key=lambda r: r[:2])
        for rank, _, found in ranked[:20]:
            if _is_elsewhere(found.element):
                continue
            byline = _names_in(found.element)
            if not byline:
                continue
            # More authors stand beside the first, in elements of the same look.
            parent = found.element.getparent()
            for other_rank, _, other in ranked[:20]:
                if other_rank == rank and other is not found and other.names == found.names and parent is not None:
                    beside = other.element.getparent()
                    if beside is parent or (beside is not None and beside.getparent() is parent.getparent()):
                        byline += _names_in(other.element)
            return names(byline)
        return []

    def _author_rank(self, found: _Found) -> int:
        if found.itemprop == "author":
            return 4
        if found.element.get("rel") == "author":
            return 3
        if "uthor" in found.names or "yline" in found.names:
            if _NOT_AUTHOR.search(found.names):
                return 0
            return 2 if _AUTHOR.search(found.names) else 1
        return 0

    def date(self, month_first: bool) -> str | None:
        """The date in the first element that is marked as one."""
        marked = [f for f in self._found if f.itemprop == "datepublished"]
        marked += [f for f in self._found if _DATE.search(f.names) and not _NOT_DATE.search(f.names)]
        for found in marked[:40]:
            element = found.element
            value = (
                element.get("content")
                or element.get("datetime")
                or element.get("title")
                or shown_text(element, MAX_DATE_CHARS)
            )
            date = (iso(value, month_first) or find(value, month_first)) if value else None
            if date and not _is_elsewhere(element):
                return date
        return None


def signed(headings: Sequence[etree._Element]) -> list[str]:
    """Names of a line "By …" that follows a headline, for pages that mark nothing."""
    for heading in headings[:2]:
        for element in _near(heading):
            if (line := shown_text(element, MAX_DATE_CHARS)) and _SIGNED.match(line):
                return names([line], visible=True)
    return []


def signed_anywhere(tree: etree._Element) -> list[str]:
    """Names of the first line that is "By", two to four capitalized words and at most what they are: without an `h1`."""
    for line, element in _lines(tree):
        if len(line) <= MAX_DATE_CHARS and _SIGNED_LINE.fullmatch(line) and not _is_elsewhere(element):
            return names([line], visible=True)
    return []


def headline_of(tree: etree._Element, title: str) -> str | None:
    """The line that `title` begins with, for pages whose headline is no `h1`: a site's name follows it in the title."""
    for line, element in _lines(tree):
        if (
            MIN_HEADLINE_CHARS <= len(line) < len(title)
            and " " in line
            and title.startswith(line)
            and not any(e.tag == "a" for e in (element, *islice(element.iterancestors(), 3)))
        ):
            return line
    return None


def _lines(tree: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Text that stands before, or after, an element of the body, and that or its parent."""
    for element in islice(tree.iter(), MAX_ELEMENTS):
        if element.tag in _SILENT or element.tag in ("title", "option"):
            continue
        parent = element.getparent()
        for line, place in ((element.text, element), (element.tail, element if parent is None else parent)):
            if line and len(line) <= MAX_HEADLINE_CHARS and (folded := " ".join(line.split())):
                yield folded, place


def date_near(headings: Sequence[etree._Element], month_first: bool) -> str | None:
    """The first date written beside a headline; one of an update only where there is no other."""
    updated = None
    for heading in headings[:3]:
        for element in _near(heading):
            for line in (element.text, element.tail):
                if line and len(line) <= MAX_DATE_CHARS and any(map(str.isdigit, line)):
                    date = find(line, month_first) or iso(line, month_first)
                    if date and _UPDATED.search(line + (element.get("class") or "")[:MAX_NAMES_CHARS]):
                        updated = updated or date
                    elif date:
                        return date
    return updated


def date_anywhere(tree: etree._Element, month_first: bool) -> str | None:
    """The first date that stands alone in a short text, for pages whose headline is no `h1`."""
    for element in islice(tree.iter(), MAX_ELEMENTS):
        if element.tag in _SILENT or element.tag in ("option", "time", "title"):
            continue
        for line in (element.text, element.tail):
            if line and 6 < len(line) <= 60 and _A_YEAR.search(line) and (date := find(line, month_first)):
                return date
    return None


def dek(headings: Sequence[etree._Element], title: str | None) -> str | None:
    """The standfirst: an element after a headline that is marked as one."""
    for heading in headings[:3]:
        for element in _near(heading):
            classes = (element.get("class") or "")[:MAX_NAMES_CHARS]
            if classes and _DEK.search(classes) and not _ELSEWHERE_NAMES.search(classes):
                shown = shown_text(element, MAX_DEK_CHARS)
                if len(shown) >= MIN_DEK_CHARS and fold(shown) != fold(title or ""):
                    return shown
    return None


def _near(heading: etree._Element) -> Iterator[etree._Element]:
    """The elements that follow `heading`, then those of a few before it."""
    around = [heading, *(e for e in islice(heading.iterancestors(), 4) if e.tag not in ("body", "html"))]
    for before, siblings, depth, total in ((False, 8, 50, _NEAR_HEADING), (True, 3, 12, 30)):
        beside = (s for e in around for s in islice(e.itersiblings(preceding=before), siblings))
        inner = (i for s in beside if s.tag not in _SILENT for i in islice(s.iter(), depth) if i.tag not in _SILENT)
        yield from islice(inner, total)


def shown_text(element: etree._Element, limit: int) -> str:
    """Text inside `element`, white space folded; empty where it is longer than `limit`."""
    parts: list[str] = []
    size = 0
    for count, part in enumerate(element.itertext()):
        size += len(part)
        if size > limit * 3 or count > 200:
            return ""
        parts.append(part)
    folded = " ".join("".join(parts).split())
    return folded if len(folded) <= limit else ""


def _names_in(element: etree._Element) -> list[str]:
    """Names in a byline: those of the links in it, where it has any, else all of its text."""
    if value := element.get("content"):
        return names([value])
    for inner in islice(element.iter(), 40):
        if inner is not element and (inner.get("itemprop") or "")[:60] == "name":
            value = inner.get("content") or shown_text(inner, MAX_BYLINE_CHARS)
            if found := names([value], visible=True):
                return found
    linked = [shown_text(a, 80) for a in islice(element.iter("a"), 6) if "/" in (a.get("href") or "")]
    if element.tag != "a" and (found := names([n for n in linked if n], visible=True)):
        return found
    return names([shown_text(element, MAX_BYLINE_CHARS)], visible=True)


def _is_elsewhere(element: etree._Element) -> bool:
    """Whether the element stands in a part of the page that is not the article's head."""
    for ancestor in islice(element.iterancestors(), 12):
        if ancestor.tag in _ELSEWHERE:
            return True
        if ancestor.tag not in ("body", "html") and _ELSEWHERE_NAMES.search(
            (ancestor.get("class") or "")[:300] + " " + (ancestor.get("id") or "")[:60]
        ):
            return True
    return False
