"""Bytes to a tree: whatever the wrapping, the same text; over a limit, a cut with a warning."""

from __future__ import annotations

import time

import pytest
from bodycopy import clean, clean_text
from bodycopy.addresses import absolute, domain
from bodycopy.charsets import decode, decode_text
from bodycopy.formats import FORMATS, printed
from bodycopy.page import _HIDING, Limits, PageTooLarge, mend, read

STORY = "Die Brücke über den Fluß wurde gestern für den Verkehr geöffnet, sagte die Bürgermeisterin."


def text_of(html: bytes | str, charset: str | None = None, limits: Limits | None = None) -> str:
    page = read(html, "https://example.org/a", charset, limits or Limits())
    return " ".join("".join(page.tree.itertext()).split())


SENTENCES = {
    "utf-8": STORY, "utf-16-le": STORY, "utf-16-be": STORY, "utf-32-le": STORY, "windows-1252": STORY,
    "iso-8859-1": STORY, "iso-8859-15": STORY, "macintosh": STORY, "cp850": STORY,
    "iso-8859-2": "Żółta łódź płynęła cicho przez jezioro o świcie, mówi świadek zdarzenia.",
    "windows-1250": "Żluťoučký kůň běžel přes most, řekl svědek události v pondělí večer.",
    "iso-8859-5": "Мост через реку открыли вчера вечером, сообщила мэр города.",
    "windows-1251": "Мост через реку открыли вчера вечером, сообщила мэр города.",
    "koi8-r": "Мост через реку открыли вчера вечером, сообщила мэр города.",
    "koi8-u": "Міст через річку відкрили вчора ввечері, повідомила мерка міста.",
    "cp866": "Мост через реку открыли вчера вечером, сообщила мэр города.",
    "windows-1253": "Η γέφυρα άνοιξε χθες το βράδυ, είπε η δήμαρχος της πόλης.",
    "iso-8859-7": "Η γέφυρα άνοιξε χθες το βράδυ, είπε η δήμαρχος της πόλης.",
    "windows-1254": "Köprü dün akşam açıldı, dedi şehrin belediye başkanı ığdır.",
    "iso-8859-9": "Köprü dün akşam açıldı, dedi şehrin belediye başkanı ığdır.",
    "windows-1255": "הגשר נפתח אתמול בערב, אמרה ראשת העיר.",
    "windows-1256": "فتح الجسر مساء أمس، قالت رئيسة البلدية.",
    "windows-1257": "Tiltas buvo atidarytas vakar vakare, sakė miesto merė šąžinė.",
    "windows-1258": "Cây cầu đã mở", "tis-620": "สะพานเปิดเมื่อวานนี้ตอนเย็น",
    "shift_jis": "橋は昨日の夕方に開通したと市長が述べた。", "euc-jp": "橋は昨日の夕方に開通したと市長が述べた。",
    "iso-2022-jp": "橋は昨日の夕方に開通したと市長が述べた。",
    "gb18030": "大桥昨天傍晚开通，市长说。", "gbk": "大桥昨天傍晚开通，市长说。", "big5": "大橋昨天傍晚開通，市長說。",
    "euc-kr": "다리는 어제 저녁에 개통되었다고 시장이 말했다.",
}  # fmt: skip


def encoded(name: str) -> bytes:
    sentence = SENTENCES[name]
    if name == "windows-1258":
        sentence = "Cầu đã mở hôm qua".encode("cp1258", "ignore").decode("cp1258")
        SENTENCES[name] = sentence
    return f"<!doctype html><html><body><p>{sentence}</p></body></html>".encode(name)


@pytest.mark.parametrize("name", SENTENCES)
def test_every_encoding_named_by_the_transport_is_read(name: str) -> None:
    data = encoded(name)
    assert text_of(data, name) == SENTENCES[name]


@pytest.mark.parametrize("name", [n for n in SENTENCES if not n.startswith("utf-")])
def test_every_encoding_named_by_the_page_is_read_even_late(name: str) -> None:
    body = encoded(name)
    for padding in (b"", b"<!-- " + b"x" * 3000 + b" -->", b"<!-- " + b"x" * 90_000 + b" -->"):
        head = padding + b'<meta http-equiv="Content-Type" content="text/html; charset=' + name.encode() + b'">'
        if name.startswith("iso-2022") and len(padding) > 65_536:
            continue
        assert text_of(head + body) == SENTENCES[name]


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "shift_jis", "gbk", "utf-16", "no-such-set"])
def test_utf8_declared_as_something_else_is_still_read_as_utf8(declared: str) -> None:
    page = f'<meta charset="{declared}"><p>{STORY}</p>'.encode()
    assert text_of(page) == STORY
    if declared != "utf-16":
        assert text_of(page, declared) == STORY


def test_windows_1252_declared_as_utf8_is_still_read() -> None:
    page = f'<meta charset="utf-8"><p>{STORY} {STORY} {STORY}</p>'.encode("cp1252")
    assert STORY in text_of(page)


UNDECLARED = {
    ("pt", "windows-1252"): "A estação está fechada, disse João Falcão: não há pão às sete da manhã.",
    ("it", "windows-1252"): "Il caffè è chiuso da lunedì, così ha detto Niccolò: non si può entrare.",
    ("fr", "windows-1252"): "Le café est fermé, a dit André Lefèvre : où aller à présent ?",
    ("sv", "windows-1252"): "Kaféet på stationen är stängt sedan måndag, meddelade ägaren Åke Öberg.",
    ("is", "windows-1252"): "Kaffihúsið á stöðinni er lokað síðan á mánudag, sagði Þórður Ævarsson.",
    ("es", "windows-1252"): "El café está cerrado, según su dueño, Ramón Núñez.",
    ("ca", "windows-1252"): "L’alcaldessa va dir que el col·legi de la plaça és tancat, però això ningú no ho creu.",
    ("et", "windows-1252"): "Õhtul jõudis laev sadamasse, ütles Žanna Šmidt, ja kõik läksid koju.",
    ("pl", "windows-1250"): "Żółta łódź płynęła cicho przez jezioro o świcie, mówi świadek zdarzenia.",
    ("pl", "iso-8859-2"): "Żółta łódź płynęła cicho przez jezioro o świcie, mówi świadek zdarzenia.",
    ("cs", "windows-1250"): "Žluťoučký kůň běžel přes most, řekl svědek události v pondělí večer.",
    ("hu", "windows-1250"): "A hírlevelet előfizetők számára küldjük, csütörtökön elérhető és ingyenes.",
    ("ro", "windows-1250"): "Consiliul a hotărât marţi să închidă podul, a spus primăriţa după şedinţă.",
    ("tr", "windows-1254"): "Köprü dün akşam açıldı, dedi şehrin belediye başkanı Ayşe Yıldız, üç yıl sonra.",
    ("lt", "windows-1257"): "Tiltas buvo atidarytas vakar vakare, sakė miesto merė, sąžinė rami.",
    ("lv", "windows-1257"): "Tilts tika atvērts vakar vakarā, ziņoja mērs, un ļaudis gāja pāri upei ķēdē.",
    ("de", "macintosh"): "Die Brücke über den Fluß wurde für den Verkehr geöffnet, die Bürgermeisterin wählte.",
}  # fmt: skip


@pytest.mark.parametrize(("lang", "name"), UNDECLARED)
def test_latin_letters_without_a_right_declaration_are_read_as_their_language_has_them(lang: str, name: str) -> None:
    sentence = UNDECLARED[lang, name]
    for head in ("<html>", f'<!doctype html><html class=a lang="{lang}">', '<html><meta charset="utf-8">'):
        assert text_of(f"{head}<body><p>{sentence}</p>".encode(name)) == sentence
    assert decode_text(sentence.encode(name)) == sentence


def test_language_decides_where_the_letters_do_not() -> None:
    for lang, name, word in (("sl", "cp1250", "članek"), ("sr-Latn-RS", "cp1250", "priča"), ("lv", "cp1257", "mūsu")):
        page = f"<body><p>{word}</p>".encode(name)
        assert text_of(f"<html lang='{lang}'>".encode() + page) == word
        assert text_of(b"<html>" + page) == word.encode(name).decode("cp1252")
    for lang, name, text in (
        ("el", "cp1253", "Δείτε τι μας λέει"), ("ja", "cp932", "停戦を実施"), ("zh-Hant-TW", "big5", "大橋昨天開通"),
        ("sr", "cp1251", "Мост је"),
    ):  # fmt: skip
        assert text_of(f"<html lang={lang}><body><p>{text}</p>".encode(name)) == text


def test_letters_go_before_a_language_that_only_the_template_names() -> None:
    sentence = "Zastupitelstvo v úterý rozhodlo, že se starý most přes řeku uzavře."
    assert text_of(f"<html lang=en><body><p>{sentence}</p>".encode("cp1250")) == sentence
    menu = "<p>Español</p><p>Français</p><p>Português</p><p>Kreyòl</p><p>Español</p>"
    assert "Kreyòl" in text_of(f"<html lang=en><body>{menu}".encode("cp1252"))


def test_few_quotes_of_a_long_page_in_windows_1252_declared_as_utf8_are_read() -> None:
    page = f'<html><meta charset="utf-8"><body><p>{"All plain words of a page. " * 100}It’s — done.</p>'.encode(
        "cp1252"
    )
    text, encoding, warnings = decode(page)
    assert "It’s — done." in text
    assert encoding == "cp1252"
    assert len(warnings) == 1


def test_no_guess_makes_other_tags_of_the_bytes() -> None:
    for data in (b"\xe9" * 3000, b"a" * 3000 + b"\xe9", b"\x8b" * 500, b"\x81\x8d\xff" * 50):
        assert "<p>x</p>" in decode(b"<p>x</p>" + data)[0]


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_mark_wins_over_every_declaration(name: str) -> None:
    page = f'<meta charset="iso-8859-1"><p>{STORY}</p>'.encode(name)
    assert text_of(page, "koi8-r") == STORY


def test_utf16_without_mark_or_declaration_is_read() -> None:
    for name in ("utf-16-le", "utf-16-be"):
        assert text_of(f"<html><body><p>{STORY}</p></body></html>".encode(name)) == STORY


def test_what_was_encoded_twice_is_read_as_what_it_was() -> None:
    story = "“Don’t,” she said – in a café… 日本 𝄞"
    page = f'<meta charset="utf-8"><p>{story}</p>'
    twice = page.encode().decode("latin-1")
    assert text_of(twice.encode()) == text_of(twice) == text_of(page) == story
    assert text_of("<p>EspaÃ±ol, Â£5</p>") == "EspaÃ±ol, Â£5"
    partly = "»Spaß« â\x80\x99 â\x80\x99 â\x80\x99 日本"
    assert text_of(f"<p>{partly}</p>") == partly


def test_one_bad_byte_costs_one_character_and_warns() -> None:
    page = f'<meta charset="utf-8"><p>{STORY * 10}</p>'.encode().replace(b"Fl", b"F\xffl", 1)
    text, encoding, warnings = decode(page)
    assert encoding == "utf-8"
    assert text.count("\ufffd") == 1
    assert len(warnings) == 1


@pytest.mark.parametrize("name", ["unicode_escape", "utf-7", "base64", "rot13", "idna", "x" * 500, "", "\udc80"])
def test_codecs_that_are_no_character_sets_are_not_used(name: str) -> None:
    assert text_of(b"<p>+ADw-b+AD4- \\u003cscript\\u003e</p>", name) == "+ADw-b+AD4- \\u003cscript\\u003e"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one &#x1; two</p>", "one two"),
        ("<p>one &#xFFFF; two</p>", "one \ufffd two"),
        ("<p>one &#xD800; two</p>", "one \ufffd two"),
        ("<p>one &#99999999999999999999; two</p>", "one \ufffd two"),
        ("<p>one &#" + "9" * 6000 + "; two</p>", "one \ufffd two"),
        ("<p>one&#146;s &#x1F600;</p>", "one’s 😀"),
        ("<p>w\x00o\x01rd</p>", "word"),
        ("<p>one \ud800 two</p>", "one \ufffd two"),
        ("<p>one \ufffe\ufdd0 two</p>", "one \ufffd\ufffd two"),
        ("<p>one</p></body></html><p>two</p>", "onetwo"),
        ("<p>one</p></BODY ></html>\n<!-- served by --> two", "one two"),
        ("<p>a\r\nb\rc</p>", "a b c"),
        ('<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body><p>x<br/>y</p></body></html>',
         "xy"),
        ("<html amp><body><amp-story>x</amp-story></body></html>", "x"),
        ("<p>one<template shadowrootmode=closed>two</template>", "onetwo"),
    ],
)  # fmt: skip
def test_nothing_is_lost_in_silence(html: str, text: str) -> None:
    assert text_of(html) == text
    if not any("\ud800" <= c <= "\udfff" for c in html):
        assert text_of(html.encode()) == text


@pytest.mark.parametrize("depth", [250, 300, 1000, 2047, 2050, 5000, 60_000])
@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul><li"])
def test_text_at_any_depth_stays(depth: int, tag: str) -> None:
    name = tag.split(">")[0]
    repeats = min(depth, 40_000)
    page = read(f"<p>first</p>{f'<{tag}>' * repeats}<p>deep</p><p>down</p>{f'</{name}>' * repeats}<p>last</p>")
    text = "".join(page.tree.itertext())
    assert text == "firstdeepdownlast" or "100,000 tags" in page.warnings[0]
    assert "deep" in text
    if depth > 260:
        assert "nests" in " ".join(page.warnings)


def test_flattened_blocks_stay_apart() -> None:
    page = read("<div>" * 3000 + "<p>one</p><div>two</div>three" + "</div>" * 3000)
    assert [e.tag for e in page.tree.iter("hr")]


def test_scripts_stay_scripts_when_a_page_is_flattened() -> None:
    page = read("<div>" * 3000 + "<script>if (a<b) '</div><p>no'</script><!-- <p>no -->yes" + "</div>" * 3000)
    for script in page.tree.iter("script"):
        script.text = None
    assert "".join(page.tree.itertext()) == "yes"


@pytest.mark.parametrize("tag", ["<a", "<script ", "<!--", "<a x='", '<a x="', "<p a=<", "</a", "&#", "<meta charset="])
def test_unfinished_markup_takes_linear_time(tag: str) -> None:
    html = tag * 90_000
    read(html, limits=Limits(attributes=50))
    read("<div>" * 3000 + html)


def test_a_tag_in_a_script_or_comment_does_not_hide_the_attributes_of_another() -> None:
    attributes = " ".join(f'a{n}=">"' for n in range(3000))
    for before in ("<script>1<a x='</script>", "<!-- <a x='-->", "<style><a x='</style>"):
        page = read(f"{before}<p {attributes}>one</p>'>")
        assert max(len(e.attrib) for e in page.tree.iter()) <= 512


def test_too_many_bytes_are_refused_with_the_name_of_the_limit() -> None:
    with pytest.raises(PageTooLarge, match="1,000") as caught:
        read("x" * 1001, limits=Limits(bytes=1000))
    assert (caught.value.limit, caught.value.value) == ("max_bytes", 1000)


def test_a_text_over_ten_megabytes_is_whole_where_the_limit_allows_it() -> None:
    size = 10_500_000
    page = read(b"<p>" + b"x" * size + b"</p><p>last</p>", limits=Limits(bytes=20_000_000))
    assert sum(map(len, page.tree.itertext())) == size + 4


def test_too_many_tags_are_cut_with_a_warning() -> None:
    page = read("<p>one</p><p>two</p><p>three</p>", limits=Limits(tags=4))
    assert "".join(page.tree.itertext()) == "onetwo"
    assert "more than 4 tags" in page.warnings[0]


@pytest.mark.parametrize("attribute", ["a{}", "a{}=1", 'a{}=">"', "a{}='<'", 'a{} = "x"'])
def test_too_many_attributes_are_cut_and_the_text_stays(attribute: str) -> None:
    attributes = " ".join(attribute.format(n) for n in range(3000))
    page = read(f"<p {attributes}>one</p><p class=x>two</p>")
    assert "".join(page.tree.itertext()) == "onetwo"
    assert max(len(e.attrib) for e in page.tree.iter()) <= 512
    assert "attributes" in page.warnings[0]


@pytest.mark.parametrize(
    "html", ["", " ", "\x00", b"", b"\xff\xfe", b"\x00" * 50, "<", "<!--", "<svg>", "<math>", "<?x?>"]
)
def test_any_input_gives_a_tree(html: str | bytes) -> None:
    assert read(html).tree.tag == "html" or html in ("<svg>", "<math>")


def test_a_frameset_says_so() -> None:
    assert "frameset" in read("<frameset><frame src=a></frameset>").warnings[0]


def test_base_of_the_page_is_used_and_a_broken_one_is_not() -> None:
    assert read("<base href='/b/'>", "https://example.org/a").base == "https://example.org/b/"
    assert read("<base href='http://[x'>", "https://example.org/a").base == "https://example.org/a"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("b c.html", "https://example.org/b%20c.html"),
        ("\n/x\ty", "https://example.org/xy"),
        ("#top", "https://example.org/a#top"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("HTTPS://example.org/B", "https://example.org/B"),
        ("//example.net/x", "https://example.net/x"),
        ("java\nscript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        (" data:text/html,x", None),
        ("vbscript:x", None),
        ("Mailto:a@example.org", "mailto:a@example.org"),
        ("HTTP://Example.org/B", "http://Example.org/B"),
        ("DATA:text/html,x", None),
        ("tel:1", None),
        ("http://[bad", "http://[bad"),
        ("x" * 5000, None),
        ("", None),
    ],
)
def test_addresses_are_absolute_and_of_a_safe_scheme(href: str, expected: str | None) -> None:
    assert absolute(href, "https://example.org/a") == expected


@pytest.mark.parametrize("base", [None, "http://example.net/a", "HTTPS://example.net/a#b"])
def test_schemes_are_the_same_in_any_case(base: str | None) -> None:
    assert absolute("HTTPS://Example.org/B?c", base) == "https://Example.org/B?c"
    assert absolute("MAILTO:a@Example.org", base) == "mailto:a@Example.org"
    assert absolute("HTTP:x", None) is absolute("JavaScript:x", base) is absolute("Data:,x", base) is None
    for href in ("#c", "/c", "c"):
        assert base is None or absolute(href, base) == absolute(href, base[:5].lower() + base[5:])


def test_domain_has_no_www() -> None:
    assert domain("https://www.example.org:8080/x") == "example.org"
    assert domain("http://[bad") is None
    assert domain(None) is None


@pytest.mark.parametrize("form", FORMATS)
def test_answer_for_an_address_with_half_a_character_can_be_encoded(form: str) -> None:
    url = "https://example.org/\udcff/"
    words = "The council met again on Monday evening and spoke of the bridge for hours."
    linked = clean(f'<article><p>{words} <a href="a">More</a> was said later.</p><img src="b.png"></article>', url)
    for article in (linked, clean_text(words, url)):
        printed(article, form).encode()
        assert article.metadata.url == "https://example.org/\ufffd/"


def test_mended_text_can_be_encoded() -> None:
    assert mend("a\x00b\x7f\ud800\uffff\n\tc") == "ab\ufffd\ufffd\n\tc"


@pytest.mark.parametrize("name", sorted(_HIDING))
def test_what_is_never_closed_and_hides_the_rest_is_told(name: str) -> None:
    rest = "words " * 3000
    told = f"A <{name}> that is never closed hides the end of the page, as it does in a browser."
    for end in ("words", rest):
        assert told in read(f"<p>Words.<{name}>{end}".encode()).warnings
        assert told not in read(f"<p>Words.<{name}></{name}>{end}".encode()).warnings


@pytest.mark.parametrize(
    ("html", "hiding"),
    [
        ("<p>Words.<!-- more words", "A comment"),
        ("<p>Words.<!-- more words --><p>More.", None),
        ("<script>var open = '<!--'</script><p>Words.", None),
        ('<p>Words. <a href="/x>more words', "A quotation mark in a tag"),
        ('<p>Words. <a href="/x">more</a> words="', None),
        ("<p>She said: 'Words=\"", None),
    ],
)
def test_what_is_open_at_the_end_is_told(html: str, hiding: str | None) -> None:
    wanted = (f"{hiding} that is never closed hides the end of the page, as it does in a browser.",) if hiding else ()
    assert read(html.encode()).warnings == wanted


def test_unfinished_markup_in_a_frame_takes_linear_time() -> None:
    start = time.process_time()
    for text in ("&lt;" * 100_000, "&lt;style" * 50_000, "&lt;a " * 9):
        read(f'<p>x</p><iframe srcdoc="{text}"></iframe>')
    assert time.process_time() - start < 2


@pytest.mark.parametrize(("words", "warned"), [(9, False), (10, True)])
def test_a_frame_with_ten_words_of_its_own_is_told(words: int, warned: bool) -> None:
    frame = "".join(f"<b>w{n}</b>" for n in range(words))
    page = read(f'<p>Words.</p><iframe srcdoc="{frame}"></iframe>'.encode())
    assert (page.warnings == ("A frame of the page holds a text of its own, which is not read.",)) is warned


def test_a_frame_that_the_extension_marks_as_unread_is_told() -> None:
    page = read(b"<p>Words.</p><iframe data-unread></iframe>")
    assert page.warnings == ("A frame of the page holds a text of its own, which is not read.",)
