"""What a page says of itself, in the forms that pages say it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from babel.dates import format_date
from bodycopy.article import Metadata
from bodycopy.metadata import read_metadata
from bodycopy.metadata_dates import find, in_address, iso
from bodycopy.metadata_jsonld import JsonLd, parse
from bodycopy.metadata_names import bare_title, names
from bodycopy.page import read
from hypothesis import given, settings
from hypothesis import strategies as st

URL = "https://www.example.org/2024/stories/harbour"


def metadata(head: str = "", body: str = "", url: str | None = URL, attributes: str = "") -> Metadata:
    return read_metadata(read(f"<html {attributes}><head>{head}</head><body>{body}</body></html>", url))[0]


def linked(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def test_half_a_character_in_json_ld_is_mended_and_a_whole_one_stays() -> None:
    script = (
        r'{"@type": "NewsArticle", "headline": "A \ud83d\ude00 and \ud83d\ud83d\ude00 and \ude00 at C:\\ud800", '
        r'"author": "Jo \ud800 Li", "publisher": {"name": "\udfffTimes"}, "image": "/a\ud800.png"}'
    )
    found = metadata(f'<script type="application/ld+json">{script}</script>')
    assert found.title == "A 😀 and \ufffd😀 and \ufffd at C:\\ud800"
    assert (found.byline, found.site_name) == ("Jo \ufffd Li", "\ufffdTimes")
    assert found.lead_image == "https://www.example.org/a\ufffd.png"


ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Harbour reopens after storm",
    "author": {"@type": "Person", "name": "Ada Brook"},
    "datePublished": "2024-03-05T10:00:00+01:00",
    "dateModified": "2024-03-06",
    "publisher": {"@type": "Organization", "name": "Example Times"},
    "image": [{"@type": "ImageObject", "url": "/harbour.jpg"}],
    "description": "Boats went out again.",
    "inLanguage": "en_gb",
}


def test_json_ld_fills_every_field() -> None:
    found = metadata(linked({"@context": "https://schema.org", **ARTICLE}))
    assert found == Metadata(
        url=URL,
        domain="example.org",
        site_name="Example Times",
        title="Harbour reopens after storm",
        byline="Ada Brook",
        authors=("Ada Brook",),
        date="2024-03-05T10:00:00+01:00",
        date_modified="2024-03-06",
        language="en-GB",
        direction="ltr",
        lead_image="https://www.example.org/harbour.jpg",
        excerpt="Boats went out again.",
    )


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ada Brook", ("Ada Brook",)),
        (["Ada Brook", "Bo Lind"], ("Ada Brook", "Bo Lind")),
        ([{"name": "Ada Brook"}, {"name": "ada brook"}], ("Ada Brook",)),
        ({"@type": "Person", "name": ["Ada Brook", "Bo Lind"]}, ("Ada Brook", "Bo Lind")),
        ({"@type": "Organization", "name": "Example Wire"}, ("Example Wire",)),
        ({"givenName": "Ada", "familyName": "Brook"}, ("Ada Brook",)),
        ({"name": {"@value": "Ada Brook"}}, ("Ada Brook",)),
        ([[["Ada Brook"]]], ("Ada Brook",)),
        ("By Ada Brook and Bo Lind", ("Ada Brook", "Bo Lind")),
        ("Ada Brook, Political Editor", ("Ada Brook",)),
        ("https://example.org/people/ada", ()),
        ({"name": None}, ()),
        (7, ()),
    ],
)
def test_authors_are_read_in_each_shape(author: Any, expected: tuple[str, ...]) -> None:
    assert metadata(linked({**ARTICLE, "author": author})).authors == expected


def test_author_of_a_graph_is_found_by_reference() -> None:
    graph = {
        "@graph": [{**ARTICLE, "author": {"@id": "#ada"}}, {"@id": "#ada", "@type": "Person", "name": "Ada Brook"}]
    }
    assert metadata(linked(graph)).authors == ("Ada Brook",)


def test_related_articles_do_not_speak_for_the_page() -> None:
    other = {**ARTICLE, "headline": "Another story", "url": "https://example.org/other", "author": "Cy Moor"}
    mine = {**ARTICLE, "url": URL}
    assert metadata(linked([other, mine])).authors == ("Ada Brook",)


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"headline": "Harbour reopens"} -->',
        '//<![CDATA[\n{"headline": "Harbour reopens"}\n//]]>',
        '{"headline": "Harbour reopens",}',
        '{"headline": "Harbour reopens"};',
        '{"headline": "Harbour reopens", "description": "two\nlines"}',
        '{"headline": "Harbour reopens", "description": "a "bad" quote"}',
    ],
)
def test_broken_json_is_read(script: str) -> None:
    assert next(iter(parse(script)))["headline"] == "Harbour reopens"


@pytest.mark.parametrize(
    "script", ["", "[" * 100_000, '{"a":' * 50_000, "9" * 10_000, '{"headline":"' + "\\" * 150_000]
)
def test_hopeless_json_says_nothing(script: str) -> None:
    assert JsonLd([script]).article() == {}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["@type", "@id", "@graph", *ARTICLE, "name", "url", "articleBody", "mainEntity"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150)
@given(_JSON)
def test_any_json_ld_gives_metadata(value: Any) -> None:
    typed = {"@type": "NewsArticle", "author": value, "image": value, "datePublished": value, "publisher": value}
    assert metadata(linked([value, typed])).url == URL


@settings(max_examples=100)
@given(st.text(max_size=60), st.sampled_from(["author", "date", "og:url", "og:image", "og:title", "og:locale"]))
def test_any_meta_value_gives_metadata(value: str, name: str) -> None:
    value = value.replace('"', "")
    assert metadata(f'<meta name="{name}" content="{value}"><link rel=canonical href="{value}">').url == URL


def test_article_body_is_the_longest_without_tags() -> None:
    page = read(
        linked([{**ARTICLE, "articleBody": "<p>One  two.</p><p>Three &amp; four.</p>"}, {**ARTICLE, "text": "x"}])
    )
    assert read_metadata(page)[1].body == "One two. Three & four."
    assert read_metadata(read(linked({"@type": "Product", "text": "No article."})))[1].body is None


@pytest.mark.parametrize(
    ("html", "declared"),
    [
        (linked({"@type": "NewsArticle", "headline": "x"}), (True, True, False)),
        (linked({"@graph": [{"@type": "WebPage"}, {"@type": ["Thing", "ReportageNewsArticle"]}]}), (True, True, False)),
        (linked({"@type": "BlogPosting", "headline": "x"}), (False, True, False)),
        (linked({"@type": "NewsMediaOrganization", "name": "x"}), (False, False, False)),
        ('<meta property="og:type" content="Article"><p>x', (False, False, True)),
        ('<meta property="og:type" content="website"><p>x', (False, False, False)),
    ],
)
def test_what_a_page_declares_itself_to_be(html: str, declared: tuple[bool, bool, bool]) -> None:
    found = read_metadata(read(html))[1]
    assert (found.news, found.article, found.og_article) == declared


def test_meta_tags_serve_where_there_is_no_json_ld() -> None:
    found = metadata(
        '<meta property="og:title" content="Harbour reopens | Example Times"><meta name="author" content="Ada Brook">'
        '<meta property="og:site_name" content="Example Times"><meta property="og:locale" content="de_AT">'
        '<meta property="article:published_time" content="2024-03-05T10:00:00Z">'
        '<link rel="canonical" href="/harbour"><meta property="og:image" content="//img.example.org/a.jpg">'
    )
    assert (found.title, found.authors, found.date) == ("Harbour reopens", ("Ada Brook",), "2024-03-05T10:00:00+00:00")
    assert (found.canonical_url, found.language) == ("https://www.example.org/harbour", "de-AT")
    assert found.lead_image == "https://img.example.org/a.jpg"


@pytest.mark.parametrize(
    "byline",
    [
        '<a rel="author" href="/ada">Ada Brook</a>',
        '<span itemprop="author"><span itemprop="name">Ada Brook</span></span>',
        '<p class="byline">By Ada Brook | 5 March 2024, 10:00</p>',
        '<div class="author-name">Ada Brook</div>',
        "<p>By Ada Brook</p>",
    ],
)
def test_byline_on_the_page_is_read(byline: str) -> None:
    found = metadata(body=f"<article><h1>Harbour reopens after storm</h1>{byline}<p>Text.</p></article>")
    assert found.authors == ("Ada Brook",)


def test_commenters_are_no_authors() -> None:
    body = '<h1>Harbour reopens after storm</h1><div class="comments"><b class="author">Troll</b></div>'
    assert metadata(body=body).authors == ()


@pytest.mark.parametrize(
    "shown",
    [
        '<time datetime="2024-03-05">Tuesday</time>',
        '<span class="post-date">March 5, 2024</span>',
        '<meta itemprop="datePublished" content="2024-03-05">',
        "<p>Published on 5. März 2024</p>",
        "<div>2024年3月5日</div>",
    ],
)
def test_date_on_the_page_is_read(shown: str) -> None:
    found = metadata(body=f"<article><h1>Harbour reopens after storm</h1>{shown}<p>Text.</p></article>")
    assert found.date == "2024-03-05"


@pytest.mark.parametrize(
    ("given_as", "expected"),
    [
        ("2024-03-05T10:00:00.123Z", "2024-03-05T10:00:00+00:00"),
        ("2024-03-05 10:00:00 +0200", "2024-03-05T10:00:00+02:00"),
        ("2024-3-5", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("Tue, 05 Mar 2024 10:00:00 GMT", "2024-03-05T10:00:00+00:00"),
        ("5 de marzo de 2024", "2024-03-05"),
        ("05.03.2024", "2024-03-05"),
        ("Example Journal. 2024 Mar 5;12", "2024-03-05"),
        (1709632800, "2024-03-05T10:00:00+00:00"),
        ("2024-13-45", None),
        ("0001-01-01", None),
        ("soon", None),
        ("9" * 5000, None),
        (None, None),
    ],
)
def test_dates_become_iso_8601(given_as: object, expected: str | None) -> None:
    assert iso(given_as) == expected


LOCALES = (
    "af ar ar_DZ ar_LB az be bg bn ca cs da de el en es et fa fi fil fr gl gu ha he hi hr hu hy id is it ja ka kk km kn ko "
    "lb lt lv mk ml mr ms my nb ne nl pa pl pt ro ru sk sl so sq sr sr_Latn sv sw ta te th tr uk ur uz vi zh"
)


@pytest.mark.parametrize("locale", LOCALES.split())
def test_dates_are_read_as_each_language_writes_them(locale: str) -> None:
    days = [date(2025, month, 17) for month in range(1, 13)]
    for form in ("long", "full"):
        written = [format_date(day, form, locale) for day in days]
        assert [find(text) for text in written] == [day.isoformat() for day in days], written


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("٥ مارس ٢٠٢٤", "2024-03-05"),
        ("5 مارس/آذار 2024", "2024-03-05"),
        ("৫ মার্চ ২০২৪, ১০:৩০", "2024-03-05"),
        ("5 มี.ค. 2567", "2024-03-05"),
        ("5 มีนาคม พ.ศ. 2567", "2024-03-05"),
        ("۱۵ اسفند ۱۴۰۲", "2024-03-05"),
        ("1402/12/15 - 10:30", "2024-03-05"),
        ("12 เม.ย. 2567", "2024-04-12"),
        ("5 במרץ 2024", "2024-03-05"),
        ("17 בינו׳ 2025", "2025-01-17"),
        ("Ngày 5 Tháng 3, 2024", "2024-03-05"),
        ("17 تشرين\u00a0الأول 2025", "2025-10-17"),
        ("[March 5, 2024]", "2024-03-05"),
        ("Published·“March 5, 2024”", "2024-03-05"),
        ("Tel. 1300-10-20 · 05/03/2024", "2024-03-05"),
        ("31 June 2024, again 5 March 2024", "2024-03-05"),
        ("The Battle of Kosovo, 15 June 1389", None),
        ("On 5 March, 1400 people and 2560 horses", None),
        ("On March 5, 2560 people", None),
        ("iPad Pro 11 2024", None),
        ("10 des 2000 salariés", None),
        ("Zagreb, 5. listopada 2024.", "2024-10-05"),
        ("Warszawa, 5 listopada 2024", "2024-11-05"),
        ("Ngày 5 tháng 3 năm 2024", "2024-03-05"),
        ("2025 rows of 17 boxes", None),
        ("31 سنبله 1402", None),
    ],
)
def test_dates_in_other_digits_and_other_years_are_read(written: str, expected: str | None) -> None:
    assert find(written) == expected


@pytest.mark.parametrize(
    ("new_year", "expected"),
    [(1371, "1992-03-21"), (1375, "1996-03-20"), (1376, "1997-03-21"), (1403, "2024-03-20"), (1404, "2025-03-21")],
)
def test_persian_years_begin_at_the_equinox(new_year: int, expected: str) -> None:
    assert find(f"1 فروردین {new_year}") == expected


def test_month_and_day_follow_the_language() -> None:
    assert (iso("3/4/2024", month_first=True), iso("3/4/2024")) == ("2024-03-04", "2024-04-03")


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "2024-03-04"), ("en-GB", "2024-04-03"), ("fr", "2024-04-03")]
)
def test_both_dates_of_a_page_are_read_alike(language: str, expected: str) -> None:
    kinds = ("published", "modified")
    metas = "".join(f'<meta property="article:{kind}_time" content="3/4/2024">' for kind in kinds)
    dates = {"datePublished": "3/4/2024", "dateModified": "3/4/2024"}
    article, page = ({"@type": kind, "headline": "Harbour reopens", **dates} for kind in ("NewsArticle", "WebPage"))
    for head in (metas, linked(article), linked(page)):
        found = metadata(head, attributes=f'lang="{language}"')
        assert (found.date, found.date_modified) == (expected, expected)


@pytest.mark.parametrize("written", [1700000000, 1700000000000, 1700000000.5, "1700000000", {"@value": 1700000000}])
def test_dates_of_json_ld_may_be_numbers(written: Any) -> None:
    found = metadata(linked({**ARTICLE, "datePublished": written, "dateModified": [written]}))
    assert (found.date, found.date_modified) == ("2023-11-14T22:13:20+00:00",) * 2


def test_address_carries_the_date() -> None:
    assert in_address("https://example.org/2024/03/05/harbour") == "2024-03-05"
    assert in_address("https://example.org/2024/99/05/harbour") is None


def test_standfirst_beside_the_headline_is_the_dek() -> None:
    line = "Boats went out again on Tuesday after three weeks of repairs."
    body = f'<h1>Harbour reopens after storm</h1><p class="standfirst">{line}</p><p>Text.</p>'
    assert metadata(body=body).dek == line
    assert metadata(body="<h1>Harbour reopens after storm</h1><p>Text.</p>").dek is None


@pytest.mark.parametrize(
    ("attributes", "language", "direction"),
    [('lang="ar-EG"', "ar-EG", "rtl"), ('lang="zh-hant-tw"', "zh-Hant-TW", "ltr"), ('lang="x" dir="RTL"', None, "rtl")],
)
def test_language_and_direction(attributes: str, language: str | None, direction: str) -> None:
    found = metadata(attributes=attributes)
    assert (found.language, found.direction) == (language, direction)


def test_direction_of_an_undeclared_language_is_that_of_the_title() -> None:
    assert metadata("<title>שלום עולם</title>").direction == "rtl"
    assert metadata().direction is None


def test_only_web_addresses_are_kept() -> None:
    found = metadata('<link rel="canonical" href="javascript:alert(1)"><meta property="og:image" content="data:,x">')
    assert (found.canonical_url, found.lead_image) == (None, None)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Harbour reopens | Example Times", "Harbour reopens"),
        ("Harbour reopens - News - Example Times", "Harbour reopens - News"),
        ("Example Times: a history", "Example Times: a history"),
        ("Storm – what we know", "Storm – what we know"),
    ],
)
def test_only_the_sites_name_leaves_the_title(title: str, expected: str) -> None:
    assert bare_title(title, ["Example Times"]) == expected


@pytest.mark.parametrize(
    ("first", "second", "title", "expected"),
    [
        ("Tech", "Technology giants meet in Berlin", "Technology giants meet in Berlin", 1),
        ("Tech", "Technology giants meet in Berlin", "Technology giants meet in Berlin - Example Times", 1),
        ("Berlin", "Berlin meets the giants", "Berlin meets the giants", 1),
        ("Giants", "Berlin meets the giants", "Berlin meets the giants | Example Times", 1),
        ("Berlin meets the giants", "More from Berlin", "Berlin meets the giants of our time", 0),
        ("Berlin meets the giants", "And nobody watched", "Example Times: Berlin meets the giants", 0),
        ("Berlin meets the giants", "And nobody watched", "Berlin meets the giants - Example Times", 0),
    ],
)
def test_the_title_is_the_heading_that_another_source_confirms(
    first: str, second: str, title: str, expected: int
) -> None:
    found = metadata(f"<title>{title}</title>", f"<h1>{first}</h1><article><h1>{second}</h1></article>").title
    assert found == (first, second)[expected]


def test_a_second_heading_that_one_source_names_is_not_the_title() -> None:
    head = '<title>Berlin meets giants - Example Times</title><meta name="headline" content="And nobody watched">'
    assert metadata(head, "<h1>Berlin meets giants</h1><h1>And nobody watched</h1>").title == "Berlin meets giants"


def test_names_end_where_a_date_begins() -> None:
    assert names(["Von Ada Brook 5. März 2024"], visible=True) == ["Ada Brook"]


def test_hostile_sizes_are_bounded() -> None:
    spaces = "A" + " " * 300_000 + "B"
    head = (
        f'<meta name="author" content="{spaces}"><title>{spaces}|{spaces}</title>'
        + "<meta name=author content=x>" * 9000
    )
    found = metadata(head, body=f'<h1>{spaces}</h1><p class="byline">{spaces}</p>')
    assert found.url == URL
    assert found.title is None or len(found.title) <= 500


@pytest.mark.parametrize(
    ("byline", "name"),
    [
        ("بقلم: سلمى الحداد", "سلمى الحداد"), ("كتب: أحمد علي", "أحمد علي"), ("به قلم علی رضایی", "علی رضایی"),
        ("作者：王小明", "王小明"), ("记者：王小明", "王小明"), ("文/王小明", "王小明"), ("來源：海港報 作者：王小明", "王小明"),
        ("取材・文＝山田太郎", "山田太郎"), ("山田太郎 記者", "山田太郎"), ("글: 홍길동", "홍길동"), ("홍길동 기자", "홍길동"),
        ("מאת: דנה כהן", "דנה כהן"), ("מאת דנה כהן", "דנה כהן"), ("लेखक: अनीता शर्मा", "अनीता शर्मा"),
        ("লেখক: রহিম উদ্দিন", "রহিম উদ্দিন"), ("เขียนโดย สมชาย ใจดี", "สมชาย ใจดี"), ("Yazan: Ayşe Yılmaz", "Ayşe Yılmaz"),
        ("Propos recueillis par Anne Le Goff", "Anne Le Goff"), ("A cura di Marco Rossi", "Marco Rossi"),
        ("Skrevet av Kari Nordmann", "Kari Nordmann"), ("Teksti: Matti Meri", "Matti Meri"), ("Írta: Nagy Anna", "Nagy Anna"),
        ("Συντάκτης: Μαρία Παπά", "Μαρία Παπά"), ("Tác giả: Nguyễn Văn An", "Nguyễn Văn An"),
        ("Oleh Budi Santoso", "Budi Santoso"), ("Autorius: Jonas Jonaitis", "Jonas Jonaitis"),
        ("Anna Lee Share", "Anna Lee"), ("Anna Follow", "Anna Follow"),
    ],
)  # fmt: skip
def test_word_for_by_or_author_is_no_part_of_a_name(byline: str, name: str) -> None:
    assert names([byline]) == names([byline], visible=True) == [name]


def test_who_took_the_pictures_or_edited_is_no_author_beside_one() -> None:
    assert names(["Anna Lee. Photos by Bob Ray"]) == ["Anna Lee"]
    assert names(["Photos by Bob Ray. Words by Anna Lee"]) == ["Anna Lee"]
    assert names(["Reporting by Anna Lee", "editing by Bob Ray"]) == ["Anna Lee"]
    assert names(["Reporting by Anna Lee and Cy Low; editing by Bob Ray"]) == ["Anna Lee", "Cy Low"]
    assert names(["Dr. Anna Lee"]) == ["Dr. Anna Lee"]


@pytest.mark.parametrize(
    "name", ["Dan Brown", "Davy Jones", "Nina Mali", "Ni Kuang", "Perry Mason", "Textor Ann", "Otto Bahn"]
)
def test_name_that_begins_like_a_word_for_by_stays_whole(name: str) -> None:
    assert names([name]) == [name]


def test_headline_and_byline_of_a_page_of_line_breaks_are_found() -> None:
    body = (
        "<table><tr><td><a href=/n>News</a></td><td><font size=5><b>Old Mill Burns</b></font><br>"
        "<font size=2>By Harold Pym, Staff Writer<br>Published: March 12, 2003</font><br><br>"
        "The old mill burned to the ground.<br>By Wednesday Morning nothing of it stood, said the chief of the firemen.</td></tr></table>"
    )
    found = metadata("<title>Old Mill Burns - The Daily Pebble</title>", body)
    assert (found.title, found.byline) == ("Old Mill Burns", "Harold Pym")
    found = metadata(
        "<title>Local News - The Daily Pebble</title>", "<a href=/n>Local News</a><br>By the Old Mill<br>x"
    )
    assert (found.title, found.byline) == ("Local News - The Daily Pebble", None)
