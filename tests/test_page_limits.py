"""The parts of reading a page, each by itself: declared names, what is cut, what is flattened, addresses."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pytest
from bodycopy import Label, clean
from bodycopy.addresses import absolute, domain
from bodycopy.blocks import read_blocks
from bodycopy.charsets import _declared, _unmarked_utf16, decode
from bodycopy.page import LIMITS, Limits, PageTooLarge, _bounded, _depth, _flatten, _mend, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

SECURITY = Path(__file__).resolve().parents[1] / "SECURITY.md"

# A label, the encoding that browsers read it as, and text that tells the two apart.
LABELS = [
    ("iso-8859-1", "cp1252", "“€”"), ("latin-1", "cp1252", "“€”"), ("latin1", "cp1252", "“€”"),
    ("ascii", "cp1252", "“€”"), ("us-ascii", "cp1252", "“€”"), ("iso-8859-9", "cp1254", "“ğ”"),
    ("tis-620", "cp874", "“ก”"), ("iso-8859-11", "cp874", "“ก”"), ("gb2312", "gb18030", "镕㐀"),
    ("gbk", "gb18030", "镕㐀"), ("x-gbk", "gb18030", "镕㐀"), ("shift_jis", "cp932", "①髙"),
    ("shift-jis", "cp932", "①髙"), ("sjis", "cp932", "①髙"), ("x-sjis", "cp932", "①髙"),
    ("windows-31j", "cp932", "①髙"), ("euc-kr", "cp949", "똠방"), ("ks_c_5601-1987", "cp949", "똠방"),
    ("big5", "big5hkscs", "嘅啲"), ("utf8", "utf-8", "é"), ("x-mac-roman", "mac-roman", "é∂"),
    ("x-mac-cyrillic", "mac-cyrillic", "Ђж"), ("windows-1252", "cp1252", "“€”"), ("koi8-r", "koi8-r", "ж"),
    ("iso8859-1", "cp1252", "“€”"), ("iso_8859-1", "cp1252", "“€”"), ("iso88591", "cp1252", "“€”"),
    ("l1", "cp1252", "“€”"), ("ibm819", "cp1252", "“€”"), ("ansi_x3.4-1968", "cp1252", "“€”"),
    ("latin_1", "cp1252", "“€”"), ("latin5", "cp1254", "“ğ”"), ("iso8859-9", "cp1254", "“ğ”"),
    ("dos-874", "cp874", "“ก”"), ("gb_2312-80", "gb18030", "镕㐀"), ("chinese", "gb18030", "镕㐀"),
    ("csgb2312", "gb18030", "镕㐀"), ("ms_kanji", "cp932", "①髙"), ("csshiftjis", "cp932", "①髙"),
    ("korean", "cp949", "똠방"), ("ks_c_5601-1989", "cp949", "똠방"), ("windows-949", "cp949", "똠방"),
    ("big5-hkscs", "big5hkscs", "嘅啲"), ("x-x-big5", "big5hkscs", "嘅啲"), ("x-euc-jp", "euc_jp", "ア橋"),
    ("unicode-1-1-utf-8", "utf-8", "é"), ("macintosh", "mac-roman", "é∂"), ("x-mac-ukrainian", "mac-cyrillic", "Ђж"),
    ("koi8-ru", "koi8-u", "жї"), ("koi", "koi8-r", "ж"), ("866", "cp866", "ж"), ("csisolatin9", "iso8859-15", "€"),
    ("logical", "iso8859-8", "ש"), ("iso-8859-8-i", "iso8859-8", "ש"), ("x-cp1251", "cp1251", "жї"),
    ("sun_eu_greek", "iso8859-7", "ώ"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "codec", "text"), LABELS)
@pytest.mark.parametrize("spelled", [str.lower, str.upper, " {} ".format])
def test_labels_are_read_as_browsers_read_them(label: str, codec: str, text: str, spelled) -> None:
    page = f"<p>{text * 3}</p>"
    text, _, warnings = decode(page.encode(codec), spelled(label))
    assert (text, warnings) == (page, [])


def test_a_page_says_its_label_as_the_standard_spells_it() -> None:
    page = b"<meta charset=iso8859-1><p>They don\x92t know, she said.</p>"
    assert clean(page).text == "They don’t know, she said."


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"])
def test_names_of_what_is_no_character_set_are_passed_over(name: str) -> None:
    for page in (b"<p>a-fsba</p>", b"<p>\\u00e9 \\xe9</p>", b"xn--mnchen-3ya", b"<p>+AOk-</p>"):
        assert decode(page, name) == (page.decode(), "utf-8", [])


def test_halves_are_replaced_in_every_encoding() -> None:
    assert decode(codecs.BOM_UTF16_LE + b"<\0p\0>\0\0\xd8a\0")[0] == "<p>\ufffda"
    words = "<p>" + "Words of a page. " * 3
    assert decode(words.encode("utf-16-le") + b"\0\xd8a\0")[0] == words + "\ufffda"
    assert decode("<p>Пример".encode("cp1251") + b"\x98" * 3)[0].count("\ufffd") in (0, 3)
    assert decode("éééé".encode())[1] == "utf-8"


def test_a_label_of_utf16_in_the_header_is_utf16_and_in_the_page_cannot_be_true() -> None:
    page = "<p>" + "Zwölf Boxkämpfer" * 3
    assert decode(page.encode("utf-16-le"), "utf-16")[0] == page
    assert decode("Zwölf Boxkämpfer".encode("utf-16-le"), "UTF-16")[0] == "Zwölf Boxkämpfer"
    assert _declared(b"<meta charset=utf-16>", None) == ["utf-8"]
    assert _declared(b"<meta charset=UTF-32LE>", None) == ["utf-8"]
    assert _declared(b"<meta charset=Unicode>", None) == ["utf-8"]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (b"<meta charset=koi8-r>", ["koi8-r"]),
        (b"<META CHARSET = ' koi8-r '>", ["koi8-r"]),
        (b'<meta http-equiv=Content-Type content="text/html; charset=big5">', ["big5"]),
        (b"<?xml version='1.0' encoding='euc-jp'?><meta charset=big5>", ["euc-jp", "big5"]),
        (b"\n <?xml version='1.0' encoding=\"euc-jp\"?>", ["euc-jp"]),
        (b"<p>encoding='x'</p>", []),
        (b"<meta name=x>", []),
        (b"<p>charset=koi8-r</p>", []),
        (b" " * 70_000 + b"<meta charset=big5>", []),
        (b"\xe9" * 70_000 + b"<meta charset=big5>", ["big5"]),
    ],
)
def test_declarations_of_the_page_are_found(page: bytes, names: list[str]) -> None:
    assert _declared(page, None) == names
    assert _declared(page, "latin1") == ["latin1", *names]


def test_each_reading_says_its_encoding_and_what_was_wrong() -> None:
    assert decode("\ufeff<p>x") == ("<p>x", "utf-8", [])
    assert decode(b"<p>x") == ("<p>x", "utf-8", [])
    assert decode("<p>é".encode("cp1252"), "cp1252") == ("<p>é", "cp1252", [])
    assert decode(b"<p>x", "KOI8-R") == ("<p>x", "utf-8", [])
    assert decode(codecs.BOM_UTF8 + b"<p>x") == ("<p>x", "utf-8", [])
    assert decode(codecs.BOM_UTF16_BE + "<p>x".encode("utf-16-be")) == ("<p>x", "utf-16-be", [])
    assert decode(codecs.BOM_UTF32_LE + "<p>x".encode("utf-32-le")) == ("<p>x", "utf-32-le", [])
    assert decode(codecs.BOM_UTF32_BE + "<p>x".encode("utf-32-be")) == ("<p>x", "utf-32-be", [])
    long = "<p>" + "schön " * 50
    assert decode(long.encode() + b"\xff") == (
        long + "\ufffd", "utf-8", ["Some bytes of the page are not valid utf-8 and were replaced."]
    )  # fmt: skip
    broken = "漢字" * 300
    assert decode(broken.encode("EUC-JP") + b"\xff", "EUC-JP") == (
        broken + "\ufffd", "euc-jp", ["Some bytes of the page are not valid EUC-JP and were replaced."]
    )  # fmt: skip
    text, encoding, warnings = decode("<p>Прекрасный день для длинной прогулки вдоль реки.".encode("cp1251") * 9)
    assert "Прекрасный" in text
    assert warnings == [f"The page does not say its character set rightly; read as {encoding}."]


def test_bytes_of_no_encoding_are_read_all_the_same() -> None:
    text, encoding, warnings = decode(bytes(range(0x80, 0x100)) * 4 + b"\x81\x8d\x8f\x90\x9d" * 9)
    assert text and warnings == [f"The page does not say its character set rightly; read as {encoding}."]


def test_utf8_that_can_be_nothing_else_goes_before_what_the_header_says() -> None:
    assert decode("ééé".encode(), "latin1")[0] == "Ã©Ã©Ã©"
    assert decode("éééééé".encode(), "latin1")[0] == "éééééé"


def test_one_bad_character_in_two_hundred_is_borne_and_more_is_not() -> None:
    assert decode(b"\xff" + "é".encode() * 201)[1] == "utf-8"
    assert decode(b"\xff" + "é".encode() * 199)[1] != "utf-8"
    assert decode(b"\xff" * 2 + "é".encode() * 300)[1] != "utf-8"


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known_by_its_tags(name: str) -> None:
    assert _unmarked_utf16("<p>Words of a page".encode(name)) == name
    assert _unmarked_utf16("Words of a page".encode(name)) is None
    assert _unmarked_utf16(b"<p>Words of a page") is None
    assert _unmarked_utf16(b"<\0p>Words of a page, with one zero") is None
    assert _unmarked_utf16("<漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字".encode(name)) is None


def test_sizes_are_told_in_their_unit() -> None:
    read(b"x" * 10, limits=Limits(bytes=10))
    with pytest.raises(PageTooLarge, match=r"^The page has 1,011 bytes; the limit is 1,010\.$"):
        read(b"x" * 1011, limits=Limits(bytes=1010))
    with pytest.raises(PageTooLarge, match=r"^The page has 1,011 characters;"):
        read("x" * 1011, limits=Limits(bytes=1010))


def test_limits_are_those_that_security_md_names() -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]*\| ([\d,]+) \|", SECURITY.read_text("utf-8"), re.M)
    assert {name: int(value.replace(",", "")) for name, value in rows} == vars(LIMITS)


# -- what parsers choke on ------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (b"a\x01b\x0b\x0ec\x1fd\x7fe\tf\ng\rh\x0ci\x08", b"abcde\tf\ng\rh\x0ci"),
        (b"&#1;&#x1F;&#31;&#127;&#x7f;", b""),
        (b"&#9;&#10;&#13;&#32;&#126;&#128;&#x80;", b"&#9;&#10;&#13;&#32;&#126;&#128;&#x80;"),
        (b"&#12;&#xc;", b"&#12;&#xc;"),
        (b"&#0;&#x0;&#00000;", "\ufffd\ufffd\ufffd".encode()),
        (b"&#55296;&#xDFFF;&#xfdd0;&#xFFFE;&#65535;", ("\ufffd" * 5).encode()),
        (b"&#55295;&#xE000;&#xFDCF;&#xFDF0;&#xFFFD;", b"&#55295;&#xE000;&#xFDCF;&#xFDF0;&#xFFFD;"),
        (b"&#1114111;&#1114112;&#x110000;", "&#1114111;\ufffd\ufffd".encode()),
        (b"&#x0001&#1", b""),
        (b"&#x;&#;&# 1;&#y", b"&#x;&#;&# 1;&#y"),
        ("\ufdd0\ufdef\ufffe\uffff\ufdcf\ufdf0".encode(), "\ufffd\ufffd\ufffd\ufffd\ufdcf\ufdf0".encode()),
        (b"&#146; &#x2019;", b"&#146; &#x2019;"),
        (b"&#1;&#0000000000065;&#x000000000041;", b"&#0000000000065;&#x000000000041;"),
        ("a\ufddfb".encode(), "a\ufffdb".encode()),
        ("a\ufffeb".encode(), "a\ufffdb".encode()),
        ("a\uffffb".encode(), "a\ufffdb".encode()),
    ],
)
def test_characters_that_no_text_may_hold_are_mended(written: bytes, read_as: bytes) -> None:
    assert _mend(written) == read_as


# -- what is cut ----------------------------------------------------------


def bounded(page: bytes, **limits: int) -> tuple[bytes, list[str]]:
    warnings: list[str] = []
    return _bounded(page, Limits(**limits), warnings), warnings


def test_tags_up_to_the_limit_stay() -> None:
    assert bounded(b"<p>a<p>b<p>c", tags=3) == (b"<p>a<p>b<p>c", [])
    assert bounded(b"x<p>a<p>b<p>cd", tags=2) == (
        b"x<p>a<p>b", ["The page has more than 2 tags; its last 5 bytes were left out."]
    )  # fmt: skip


ATTRIBUTES = ["A tag has more than 2 attributes; the others were left out."]


@pytest.mark.parametrize(
    ("page", "cut", "warnings"),
    [
        (b"words <p a b>x</p> words", b"words <p a b>x</p> words", []),
        (b"words <p a b c d>x</p> words", b"words <p a b>x</p> words", ATTRIBUTES),
        (b"words <p a='>' b=\"<\" c=1 d = 2>x", b"words <p a='>' b=\"<\">x", ATTRIBUTES),
        (b"<!-- <p a b c d> --><p a b c>x", b"<!-- <p a b c d> --><p a b>x", ATTRIBUTES),
        (b"<!-- <p a b c d e f g> -->", b"<!-- <p a b c d e f g> -->", []),
        (b"<script>'<p a b c d e>'</script>", b"<script>'<p a b c d e>'</script>", []),
        (b"<SCRIPT a b c>'<p a b c>'</SCRIPT><p a b c>", b"<SCRIPT a b>'<p a b c>'</SCRIPT><p a b>", ATTRIBUTES),
        (b"words <script a b c>'x'</script>y", b"words <script a b>'x'</script>y", ATTRIBUTES),
        (b"<textarea><p a b c d></textarea>", b"<textarea><p a b c d></textarea>", []),
        (b"<a><a b><a b c d><a>", b"<a><a b><a b c><a>", ATTRIBUTES),
        (b"<p/a/b/c/d>", b"<p/a/b>", ATTRIBUTES),
        (b"3 < 4 a b c d e f", b"3 < 4 a b c d e f", []),
    ],
)
def test_attributes_over_the_limit_are_cut_where_a_parser_sees_them(
    page: bytes, cut: bytes, warnings: list[str]
) -> None:
    assert bounded(page, attributes=2) == (cut, warnings)


# -- what is flattened ----------------------------------------------------


@pytest.mark.parametrize(
    ("page", "depth", "flat"),
    [
        (b"<div><div>a</div>b</div>c", 1, b"<div><hr>a<hr>b</div>c"),
        (b"<div><div>a</div>b</div>c", 2, b"<div><div>a</div>b</div>c"),
        (b"<div><b>a</b><i>b</i></div>", 1, b"<div>ab</div>"),
        (b"<div>a</div>", 0, b"<hr>a<hr>"),
        (b"<div><img src=x><br>a<input></div><p>b", 1, b"<div><img src=x><br>a<input></div><p>b"),
        (b"<div><script>1<2 '<b>'</script>a</div>", 0, b"<hr><script>1<2 '<b>'</script>a<hr>"),
        (b"<script>1", 0, b"<script>1</script>"),
        (b"<div><!-- <div> -->a</div>", 1, b"<div>a</div>"),
        (b"a<!-- never closed <p>b", 1, b"a"),
        (b"</div></div><p>a</p>", 1, b"</div></div><p>a</p>"),
        (b"<div title='<p>'><p title=\">\">a</p></div>", 1, b"<div title='<p>'><hr>a<hr></div>"),
        (b"<DIV><DIV>a</DIV></DIV><STRONG>b</STRONG>", 1, b"<DIV><hr>a<hr></DIV><STRONG>b</STRONG>"),
        (b"</script></title>a", 1, b"a"),
        (b"a < b <3", 0, b"a < b <3"),
    ],
)
def test_tags_below_a_depth_become_rules_and_inline_ones_nothing(page: bytes, depth: int, flat: bytes) -> None:
    assert _flatten(page, depth) == flat


VOID = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]


@pytest.mark.parametrize("tag", VOID)
def test_void_elements_do_not_count_as_depth(tag: str) -> None:
    assert _flatten(f"<{tag}><{tag}><p>a</p>".encode(), 1) == f"<{tag}><{tag}><p>a</p>".encode()


@pytest.mark.parametrize("tag", ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"])
def test_raw_text_is_not_read_as_tags(tag: str) -> None:
    page = f"<{tag}><p><p></{tag}><p>a</p>".encode()
    assert _flatten(page, 1) == page


@pytest.mark.parametrize(
    "tag", ["a", "abbr", "b", "big", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u"]
)
def test_inline_tags_below_the_depth_leave_no_rule(tag: str) -> None:
    assert _flatten(f"<{tag}>a</{tag}>".encode(), 0) == b"a"


def test_depth_is_that_of_the_deepest_element() -> None:
    assert _depth(etree.fromstring("<a><b><c/></b><b><c><d/></c></b><b/></a>")) == 4


def test_the_limit_on_depth_is_where_it_says() -> None:
    nests = "The page nests more than 240 elements; the text of deeper ones was kept without structure."
    assert read("<div>" * 200 + "a").warnings == ()
    assert read("<div>" * 400 + "a").warnings == (nests,)
    # Large pages are let deeper by libxml2: there the limit is our own.
    large = b"<p>" + b"x" * 9_000_001 + b"</p>"
    assert read(large + b"<div>" * 230 + b"a").warnings == ()
    assert read(large + b"<div>" * 300 + b"a").warnings == (nests,)


def test_a_comment_that_is_never_closed_is_told() -> None:
    told = ("A comment that is never closed hides the end of the page, as it does in a browser.",)
    assert read("<p>a<!-- b").warnings == told
    assert read("<!-- a --><p>b<!-- c").warnings == told
    assert read("<p>a<!-- b -->").warnings == ()
    assert read("<p>a").warnings == ()


def test_what_browsers_show_after_the_end_is_shown() -> None:
    page = read("<body><p>a</p></body >\n</HTML><p>b<wbr>c</wbr>d<wbr/>e</p>")
    assert "".join(page.tree.itertext()).split() == ["a", "bcde"]


# -- addresses ------------------------------------------------------------

BASE = "https://example.org/a/b?c#d"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/x", "https://example.org/x"),
        ("x\\y", "https://example.org/a/x/y"),
        ("https://example.net\\x", "https://example.net/x"),
        ("#e", "https://example.org/a/b?c#e"),
        ("?q=1", "https://example.org/a/b?q=1"),
        ("a'b\"c`d<e>f", "https://example.org/a/a%27b%22c%60d%3Ce%3Ef"),
        ("  x  ", "https://example.org/a/x"),
        ("x" * 4000, "https://example.org/a/" + "x" * 4000),
        ("x" * 4001, None),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("ftp://example.org/", None),
        ("http://[x", "http://[x"),
        ("//[x", None),
        (None, None),
    ],
)
def test_addresses_are_resolved_as_browsers_do(href: str | None, expected: str | None) -> None:
    assert absolute(href, BASE) == expected


def test_a_base_that_is_too_long_is_not_used() -> None:
    assert absolute("x", "https://example.org/" + "a" * 980) == "https://example.org/x"
    assert absolute("x", "https://example.org/" + "a" * 981) is None
    assert absolute("#x", None) is None
    assert absolute("x", None) is None


def test_the_first_base_with_an_address_counts() -> None:
    assert read("<base><base href=' '><base href=' /b/ '><base href=/c/>", BASE).base == "https://example.org/b/"
    assert read("<p>", BASE).base == BASE
    assert read("<base href=https://example.net/>").base == "https://example.net/"
    assert read("<p>").base is None
    assert read("<p>", BASE).url == BASE


@pytest.mark.parametrize(
    ("href", "url", "base"),
    [
        ("/", None, None),
        ("/", "example.org/story", None),
        ("", "example.org/story", None),
        ("", "file:///home/a/story.html", None),
        ("https://example.net/", "example.org/story", "https://example.net/"),
        ("//example.net/", None, None),
        ("data:,x", BASE, BASE),
        ("HTTPS://example.net/", BASE, "https://example.net/"),
    ],
)
def test_a_base_is_a_whole_address_or_none(href: str, url: str | None, base: str | None) -> None:
    assert read(f"<base href='{href}'><p>", url).base == base


@pytest.mark.parametrize(
    ("head", "url"), [("<base href='/'>", None), ("", "example.org/story"), ("", "file:///a.html")]
)
def test_links_of_a_page_of_unknown_address_are_links_to_the_judge(head: str, url: str | None) -> None:
    prose = f"<p>{'The ferry is running again after two days in port, its operator said on Monday. ' * 3}</p>" * 3
    link = "<p><a href='/news/1'>The harbour gets a new crane in spring</a></p>"
    article = clean(f"<html><head>{head}<title>The ferry</title></head><body><article>{prose}{link}{prose}", url)
    assert [(r.block.verdict.label, r.block.spans[0].href) for r in article.removed] == [(Label.RELATED, None)]


def test_domain_is_the_host() -> None:
    assert domain("https://www.example.org/") == "example.org"
    assert domain("https://a.www.example.org/") == "a.www.example.org"
    assert domain("") is domain("x") is domain("https://[x/") is None


@pytest.mark.parametrize("tag", ["template", "video", "audio", "canvas", "svg", "datalist"])
def test_what_is_not_shown_ends_where_it_ends_for_browsers(tag: str) -> None:
    inner = "g" if tag == "svg" else "div"
    inside = f"<{tag}><{inner}>no" * 2 + f"</{tag}>" * 2
    tree = read(f"<p>one</p>{inside}<p>two</p><{tag}>never closed</{tag}><p>three</p>").tree
    assert [e.text for e in tree.iter("p")] == ["one", "two", "three"]
    assert not [e for e in tree.iter("p") if any(a.tag in (tag, inner) for a in e.iterancestors())]


@pytest.mark.parametrize(
    "hides", ["<!-- <template> -->{}<!-- </template> -->", "<script>'<template>'</script>{}</template>"]
)
def test_a_tag_in_a_comment_or_a_script_is_none(hides: str) -> None:
    tree = read("<template><div></template>" + hides.format("<p>one</p>") + "<p>two</p>").tree
    assert [e.text for e in tree.iter("p")] == ["one", "two"]


# What parsers take for different tokens, and what stands in them.
PIECES = st.sampled_from([
    "<!--", "-->", "--!>", "<!-->", "<!--->", "<!x", "<?x", "</", "</ x", "</p", "<p", "<p ", "<a x=", "'", '"', ">", "<",
    "<script>", "</script>", "</scriptx", "<script", "<style>", "</style>", "<title>", "</title", "<textarea/>", "</textarea>",
    "<plaintext", "<svg>", "<xmp>", "</xmp ", "<iframe>", "</iframe>", "=", "/", " a b c d e f ", " a=1 b='2' c=\"3\" d = 4 ",
    "word ", "-", "!", "\n", "&lt;", "<template>", "</template>", "<![CDATA[", "]]>", "<b>", "</b>",
])  # fmt: skip
markup = st.lists(PIECES, max_size=30).map("".join)
many = settings(max_examples=1_500, suppress_health_check=list(HealthCheck), derandomize=True, deadline=None)


@many
@given(markup)
def test_whatever_a_page_is_made_of_no_tag_has_more_attributes_than_the_limit(page: str) -> None:
    tree = read(page, limits=Limits(attributes=3)).tree
    assert max(len(e.attrib) for e in tree.iter()) <= 3


@many
@given(markup)
def test_whatever_a_page_is_made_of_no_word_is_lost_where_it_is_flattened(page: str) -> None:
    def words(data: bytes) -> list[str]:
        tree = read(data).tree
        for e in tree.iter("script", "style", "iframe", "noembed", "noframes", "xmp", "title", "textarea"):
            e.text = None
        return re.findall("word", "".join(tree.itertext()))

    data = page.encode()
    assert len(words(_flatten(data, 0))) >= len(words(data))


def test_neither_comments_nor_instructions_are_in_the_tree() -> None:
    tree = read("<p>a<!-- b -->c<?php d ?>e</p>").tree
    assert all(isinstance(e.tag, str) for e in tree.iter())
    assert "".join(tree.itertext()) == "ace"


def test_the_shortest_tag_over_the_limit_is_cut() -> None:
    assert bounded(b"<p a b c d e f g h i j k>", attributes=10)[0] == b"<p a b c d e f g h i j>"


@pytest.mark.parametrize(
    "tag",
    [
        "b",
        "big",
        "blockquote",
        "center",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "i",
        "li",
        "listing",
        "menu",
        "nobr",
        "ol",
        "p",
        "pre",
        "ruby",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tt",
        "u",
        "ul",
        "var",
        "text",
        "foreignobject",
    ],
)
def test_what_ends_a_drawing_or_is_shown_in_it_is_read(tag: str) -> None:
    """The names of WHATWG HTML 13.2.6.5, before which an `<svg>` that is left open ends, and what shows text inside."""
    html = f"<p>Before the drawing.</p><svg><path d='M0 0'/><{tag}>Behind the drawing.</{tag}></svg><p>After it.</p>"
    words = " ".join(b.text for b in read_blocks(read(html)))
    assert "Behind the drawing." in words and "After it." in words
