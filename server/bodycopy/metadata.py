"""What a page says of itself: title, byline, dates, site, language, lead image.

One filtered pass over the tree collects the cheap signals; only where they say nothing of
the authors, the date or the standfirst is a second pass made, over class names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from lxml import etree

from .addresses import absolute, domain
from .article import Declared, Metadata
from .metadata_dates import MAX_DATE_CHARS, in_address, iso
from .metadata_jsonld import MAX_SCRIPT_CHARS, MAX_VALUE_CHARS, JsonLd, Node, moment, plain, text
from .metadata_names import bare_title, fold, names
from .metadata_visible import Marked, date_anywhere, date_near, dek, headline_of, shown_text, signed, signed_anywhere
from .page import Page

MAX_SIGNALS = 3000
"""Elements looked at in the first pass. Of 1,180 real pages the most have 900."""
MAX_URL_CHARS = 2000
MAX_TITLE_CHARS = 500

_SIGNALS = ("meta", "link", "script", "title", "h1", "time")
_AUTHOR_KEYS = (
    "author", "article:author", "citation_author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
    "cxenseparse:author", "og:article:author", "byl", "dc.contributor", "author_name",
)  # fmt: skip
_DATE_KEYS = (
    "article:published_time", "datepublished", "og:article:published_time", "parsely-pub-date",
    "citation_publication_date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "dc.date.issued", "dcterms.issued", "sailthru.date",
    "publish-date", "publication_date", "pubdate", "publishdate", "article.published", "date.created", "date",
    "dc.date", "dcterms.date", "dc.date.created", "dcterms.created", "citation_date", "datecreated",
    "og:published_time",
    "article:published", "published_time", "article_date_original", "rnews:datepublished",
)  # fmt: skip
_MODIFIED_KEYS = (
    "article:modified_time", "datemodified", "og:article:modified_time", "og:updated_time", "dcterms.modified",
    "last-modified", "lastmod", "article:modified", "dc.date.modified",
)  # fmt: skip
_SITE_KEYS = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "cre",
    "dc.publisher",
    "citation_journal_title",
)
_IMAGE_KEYS = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "image")
_EXCERPT_KEYS = ("og:description", "description", "twitter:description", "dc.description")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}$")
_RIGHT_TO_LEFT = frozenset(
    ("ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi", "ji", "pnb", "prs")
)


class _Signals:
    """What one pass over the tree found."""

    def __init__(self, page: Page) -> None:
        self.metas: dict[str, list[str]] = {}
        self.scripts: list[str] = []
        self.headings: list[tuple[str, etree._Element]] = []
        self.times: list[tuple[str, etree._Element]] = []
        self.title: str | None = None
        self.canonical: str | None = None
        for count, element in enumerate(page.tree.iter(*_SIGNALS)):
            if count > MAX_SIGNALS:
                break
            self._add(element, element.tag)

    def _add(self, element: etree._Element, tag: str) -> None:
        if tag == "meta":
            value = element.get("content")
            if value:
                for name in ("property", "name", "itemprop", "http-equiv"):
                    if key := element.get(name):
                        values = self.metas.setdefault(key[:60].strip().lower(), [])
                        if len(values) < 20:
                            values.append(value[:MAX_VALUE_CHARS])
        elif tag == "script":
            if "ld+json" in (element.get("type") or "")[:60].lower():
                script = element.text or ""
                if len(script) <= MAX_SCRIPT_CHARS and len(self.scripts) < 50:
                    self.scripts.append(script)
        elif tag == "link":
            if self.canonical is None and (element.get("rel") or "")[:30].strip().lower() == "canonical":
                self.canonical = element.get("href")
        elif tag == "title":
            parent = element.getparent()
            if self.title is None and (parent is None or parent.tag not in ("svg", "symbol", "g")):
                self.title = plain(element.text or "") or None
        elif tag == "h1":
            if len(self.headings) < 10 and (value := shown_text(element, MAX_TITLE_CHARS)):
                self.headings.append((value, element))
        elif len(self.times) < 50 and (value := element.get("datetime") or shown_text(element, MAX_DATE_CHARS)):
            self.times.append((value, element))

    @property
    def heading_elements(self) -> list[etree._Element]:
        return [element for _, element in self.headings]

    def first(self, *keys: str) -> str | None:
        """The first value that is not blank of the first of `keys` that has one, as plain text."""
        for key in keys:
            for value in self.metas.get(key, ()):
                if found := plain(value):
                    return found
        return None

    def all(self, *keys: str) -> list[str]:
        """All values of the first of `keys` that has any."""
        return next((self.metas[key] for key in keys if self.metas.get(key)), [])


def read_metadata(page: Page) -> tuple[Metadata, Declared]:
    """Metadata of a page, its unknown values None; and what else it declares of its article, for the judge.

    Never raises, whatever the page.
    """
    signals = _Signals(page)
    linked = JsonLd(signals.scripts)
    canonical = _canonical(page, signals)
    shown = [h for h, _ in signals.headings]
    article = linked.article([page.url or "", canonical or "", *shown, signals.first("og:title") or ""])
    marked = Marked(page.tree)
    host = domain(page.url or canonical)
    site = _site_name(signals, linked, article)
    title = _title(page, signals, article, site, host)
    authors = _authors(page, signals, linked, article, marked)
    language = _language(page, signals, article)
    metadata = Metadata(
        url=page.url,
        canonical_url=canonical,
        domain=host,
        site_name=site,
        title=title,
        byline=", ".join(authors) or None,
        authors=tuple(authors),
        dek=dek(signals.heading_elements, title),
        date=_date(page, signals, article, linked, marked, language),
        date_modified=_first_date(
            [moment(article.get("dateModified")), *signals.all(*_MODIFIED_KEYS)], _is_month_first(language)
        ),
        language=language,
        direction=_direction(page, language, title),
        lead_image=_lead_image(page, signals, linked, article),
        excerpt=signals.first(*_EXCERPT_KEYS) or text(article.get("description")),
    )
    og_type = signals.first("og:type") or ""
    return metadata, Declared(linked.body(), linked.is_news(), linked.is_article(), og_type.lower() == "article")


# -- what stands in the head ---------------------------------------------------


def _canonical(page: Page, signals: _Signals) -> str | None:
    for value in (signals.canonical, signals.first("og:url")):
        if value and len(value) <= MAX_URL_CHARS:
            found = absolute(value, page.base)
            if found and found.startswith("http") and domain(found):
                return found
    return None


def _site_name(signals: _Signals, linked: JsonLd, article: Node) -> str | None:
    found = signals.first(_SITE_KEYS[0])
    if not found:
        publisher = linked.names(article.get("publisher"))
        found = (plain(publisher[0]) if publisher else "") or linked.site_name or signals.first(*_SITE_KEYS[1:])
    return found if found and len(found) <= 100 and "://" not in found else None


def _title(page: Page, signals: _Signals, article: Node, site: str | None, host: str | None) -> str | None:
    headline = text(article.get("headline")) or signals.first("headline")
    social = signals.first("og:title", "twitter:title", "dc.title", "citation_title", "parsely-title")
    sites = [site or "", host or "", (host or "").split(".")[0]]
    headings = [
        h
        for h, _ in signals.headings
        if len(h) > 2 and fold(h).replace(" ", "") not in {fold(s).replace(" ", "") for s in sites}
    ]
    others = [t for t in (headline, social, signals.title) if t]
    # The page's own heading, where another source confirms it; else the source that is most often exact.
    whole = [f" {fold(other)} " for other in others]
    bare = [f" {fold(bare_title(other, sites, headings))} " for other in others]
    keys = {heading: f" {fold(heading)} " for heading in headings if fold(heading)}
    # A section's "Berlin" is the start of "Berlin meets the giants", but that is the page's other heading.
    for heading, key in keys.items():
        if key in whole or key in bare:
            return heading
    # In whole words: a section's "Tech" does not begin "Technology giants meet in Berlin".
    for heading, key in keys.items():
        if any(other.startswith(key) or other.endswith(key) for other in whole):
            return heading
    if len(headings) == 1 and len(headings[0]) >= 15:
        return headings[0]
    for candidate in (headline, social, signals.title):
        if candidate:
            if not signals.headings and (shown := headline_of(page.tree, candidate)):
                headings = [shown]
            return bare_title(candidate, sites, headings)[:MAX_TITLE_CHARS] or None
    return headings[0] if headings else None


def _language(page: Page, signals: _Signals, article: Node) -> str | None:
    tree = page.tree
    declared = [
        tree.get("lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang"), tree.get("xml:lang"),
        signals.first("content-language", "language", "dc.language", "inlanguage"), signals.first("og:locale"),
        text(article.get("inLanguage")),
    ]  # fmt: skip
    for value in declared:
        value = (value or "")[:60].split(",")[0].strip()
        if _LANGUAGE.match(value):
            return _bcp47(value)
    return None


def _bcp47(value: str) -> str:
    """A language tag with the usual case: `zh-Hant-TW`."""
    first, *rest = value.replace("_", "-").split("-")
    return "-".join([first.lower(), *(p.title() if len(p) == 4 else p.upper() if len(p) == 2 else p for p in rest)])


def _direction(page: Page, language: str | None, title: str | None) -> str | None:
    for element in (page.tree, page.tree.find("body")):
        declared = (element.get("dir") or "")[:10].strip().lower() if element is not None else ""
        if declared in ("ltr", "rtl"):
            return declared
    if language:
        parts = language.split("-")
        if "Arab" in parts or "Hebr" in parts:
            return "rtl"
        return "rtl" if parts[0] in _RIGHT_TO_LEFT and "Latn" not in parts else "ltr"
    for character in title or "":
        strong = unicodedata.bidirectional(character)
        if strong in ("L", "R", "AL"):
            return "ltr" if strong == "L" else "rtl"
    return None


def _lead_image(page: Page, signals: _Signals, linked: JsonLd, article: Node) -> str | None:
    candidates = [v for key in _IMAGE_KEYS for v in signals.metas.get(key, ())]
    candidates.append(linked.image(article.get("image")) or linked.image(article.get("thumbnailUrl")) or "")
    for value in candidates:
        if value.strip() and len(value) <= MAX_URL_CHARS:
            found = absolute(value, page.base)
            if found and found.startswith("http") and domain(found):
                return found
    return None


# -- what may have to be looked for on the page --------------------------------


def _authors(page: Page, signals: _Signals, linked: JsonLd, article: Node, marked: Marked) -> list[str]:
    found = names(linked.names(article.get("author") or article.get("creator")))
    found = found or names(signals.all(*_AUTHOR_KEYS)) or marked.authors() or signed(signals.heading_elements)
    return found or ([] if signals.headings else signed_anywhere(page.tree))


def _date(
    page: Page, signals: _Signals, article: Node, linked: JsonLd, marked: Marked, language: str | None
) -> str | None:
    month_first = _is_month_first(language)
    declared = [moment(article.get("datePublished")), *(v for key in _DATE_KEYS for v in signals.all(key))]
    return (
        _first_date([*declared, *(value for value, _ in signals.times)], month_first)
        or in_address(page.url)
        or marked.date(month_first)
        or date_near(signals.heading_elements, month_first)
        or iso(moment(linked.page().get("datePublished")), month_first)
        or date_anywhere(page.tree, month_first)
    )


def _is_month_first(language: str | None) -> bool:
    return language in (None, "en", "en-US")


def _first_date(values: Iterable[object], month_first: bool) -> str | None:
    return next((found for value in values if (found := iso(value, month_first))), None)
