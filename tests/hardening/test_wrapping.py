"""The same article, however the page is wrapped: encoding, line endings, dialect, and what readers do not see."""

from __future__ import annotations

from pathlib import Path

import pytest
from bodycopy import Article, clean

PARAGRAPHS = (
    "Die Brücke über den Fluß wurde am Montag für den Verkehr geöffnet, neun Jahre nach den ersten Plänen der Stadt.",
    "Bürgermeisterin Schäfer sagte, die letzten Seile seien am Freitag gespannt worden, und dankte allen Beteiligten.",
    "Geschäfte am nördlichen Ufer hatten die Brücke gefordert, seit die Fähre vor vier Jahren eingestellt worden war.",
    "Im Frühling werden auf beiden Seiten Bänke aufgestellt, die Kosten dafür übernimmt ein Verein aus der Nachbarschaft.",
)
TEXT = "\n".join(PARAGRAPHS)
STORY = "\n".join(f"<p>{p}</p>" for p in PARAGRAPHS)
BODY = f"<article>\n<h1>Brücke geöffnet</h1>\n{STORY}\n</article>"
TITLE = "<title>Brücke geöffnet</title>"
PAGE = f'<!doctype html>\n<html lang="de">\n<head>{TITLE}</head>\n<body>\n{BODY}\n</body>\n</html>'

FAR = {
    "shift_jis": "橋は月曜日の朝に開通し、昼までに数百人が渡ったと市長が記者会見で述べた。工事は九年かかった。",
    "euc-jp": "橋は月曜日の朝に開通し、昼までに数百人が渡ったと市長が記者会見で述べた。工事は九年かかった。",
    "iso-2022-jp": "橋は月曜日の朝に開通し、昼までに数百人が渡ったと市長が記者会見で述べた。工事は九年かかった。",
    "gb18030": "大桥于周一上午开通，市长在新闻发布会上说，中午之前已有数百人步行通过。工程历时九年。",
    "gb2312": "大桥于周一上午开通，市长在新闻发布会上说，中午之前已有数百人步行通过。工程历时九年。",
    "big5": "大橋於週一上午開通，市長在記者會上說，中午之前已有數百人步行通過。工程歷時九年。",
    "euc-kr": "다리는 월요일 아침에 개통되었고 정오까지 수백 명이 걸어서 건넜다고 시장이 기자회견에서 말했다.",
    "windows-1251": "Мост открыли в понедельник утром, и до полудня по нему прошли сотни человек, сообщила мэр города.",
    "koi8-r": "Мост открыли в понедельник утром, и до полудня по нему прошли сотни человек, сообщила мэр города.",
    "windows-1255": "הגשר נפתח ביום שני בבוקר, ועד הצהריים חצו אותו מאות אנשים, אמרה ראשת העיר בפני העיתונאים.",
    "windows-1256": "افتتح الجسر صباح يوم الاثنين، وعبره مئات الأشخاص قبل الظهر، حسبما قالت رئيسة البلدية للصحفيين.",
}


def text_of(page: bytes | str, charset: str | None = None) -> str:
    return clean(page, "https://example.org/a", charset=charset).text


def meta(name: str, page: str = PAGE) -> str:
    return page.replace("<head>", f'<head><meta charset="{name}">')


def test_the_plain_page_is_read_whole() -> None:
    article = clean(PAGE, "https://example.org/a")
    assert article.text == TEXT
    assert article.title == "Brücke geöffnet"
    assert article.warnings == ()


# -- character sets -------------------------------------------------------

ENCODED = {
    "as text": (PAGE, None),
    "text with a mark": ("\ufeff" + PAGE, None),
    "utf-8": (meta("utf-8").encode(), None),
    "utf-8, not declared": (PAGE.encode(), None),
    "utf-8 with a mark": (PAGE.encode("utf-8-sig"), None),
    "utf-8 with a mark, declared as latin1": (meta("iso-8859-1").encode("utf-8-sig"), "iso-8859-1"),
    "utf-8, declared as latin1": (meta("iso-8859-1").encode(), None),
    "utf-8, sent as latin1": (PAGE.encode(), "iso-8859-1"),
    "utf-8, declared as utf-16": (meta("utf-16").encode(), None),
    "utf-8, declared late": (PAGE.replace("<title>", "<!--" + "x" * 70_000 + "--><meta charset=utf-8><title>").encode(), None),
    "utf-8, a name that is none": (meta("no-such-set").encode(), "x" * 300),
    "utf-16 with a mark": (PAGE.encode("utf-16"), None),
    "utf-16, big end first, with a mark": (b"\xfe\xff" + PAGE.encode("utf-16-be"), None),
    "utf-16 without a mark": (PAGE.encode("utf-16-le"), None),
    "utf-16 that says utf-8": (meta("utf-8").encode("utf-16"), "utf-8"),
    "utf-32 with a mark": (PAGE.encode("utf-32"), None),
    "windows-1252": (meta("windows-1252").encode("cp1252"), None),
    "windows-1252, declared as latin1": (meta("iso-8859-1").encode("cp1252"), None),
    "windows-1252, sent so": (PAGE.encode("cp1252"), "windows-1252"),
    "windows-1252, sent rightly, declared wrongly": (meta("utf-8").encode("cp1252"), "windows-1252"),
    "iso-8859-15": (meta("iso-8859-15").encode("iso-8859-15"), None),
}  # fmt: skip
# Read rightly, but not without a word of warning: the page does not say how.
GUESSED = {
    "windows-1252, not declared": (PAGE.encode("cp1252"), None),
    "windows-1252, declared as utf-8": (meta("utf-8").encode("cp1252"), None),
}


@pytest.mark.parametrize("name", ENCODED)
def test_the_encoding_makes_no_difference(name: str) -> None:
    page, charset = ENCODED[name]
    article = clean(page, "https://example.org/a", charset=charset)
    assert (article.text, article.warnings) == (TEXT, ())


@pytest.mark.parametrize("name", GUESSED)
def test_an_encoding_that_is_not_declared_is_guessed_with_a_warning(name: str) -> None:
    page, charset = GUESSED[name]
    article = clean(page, "https://example.org/a", charset=charset)
    assert article.text == TEXT
    assert "character set" in article.warnings[0]


@pytest.mark.parametrize("name", FAR)
@pytest.mark.parametrize("way", ["declared", "sent", "late", "xml"])
def test_every_script_is_read_from_its_own_encoding(name: str, way: str) -> None:
    sentence = FAR[name]
    body = f"<body><article><p>{sentence}</p><p>{sentence[::-1]}</p></article></body></html>"
    declaration = f'<meta http-equiv="Content-Type" content="text/html; charset={name}">'
    head = {
        "declared": f"<html><head>{declaration}</head>",
        "sent": "<html>",
        "late": f"<html><head><!--{'x' * 5000}-->{declaration}</head>",
        "xml": f'<?xml version="1.0" encoding="{name}"?><html xmlns="http://www.w3.org/1999/xhtml">',
    }[way]
    article = clean((head + body).encode(name), charset=name if way == "sent" else None)
    assert [b.text for b in article.blocks][:2] == [sentence, sentence[::-1]]


def test_nul_bytes_and_control_characters_are_dropped_and_halves_replaced() -> None:
    assert text_of(PAGE.replace("Brücke", "Br\0ü\x01cke\x7f")) == TEXT
    assert text_of(PAGE.replace("Brücke", "Br&#0;ü&#x1;cke&#x7f;")) == TEXT.replace("Br", "Br\ufffd")
    assert text_of(PAGE.replace("Brücke", "Br\ud800ücke")) == TEXT.replace("Br", "Br\ufffd").replace(
        "\ufffdü", "\ufffdü"
    )
    assert text_of(b"\0\0" + PAGE.encode()) == TEXT


# -- dialects of markup ---------------------------------------------------

AMP = (
    "<!doctype html><html ⚡ lang=de><head>"
    + TITLE
    + "<style amp-boilerplate>body{visibility:hidden}</style><noscript><style amp-boilerplate>body{visibility:visible}"
    + "</style></noscript><script async src=https://cdn.example.org/v0.js></script></head><body>"
    + BODY.replace(
        "</h1>", "</h1><amp-img src=/a.jpg width=600 height=400><noscript><img src=/a.jpg></noscript></amp-img>"
    )
    + "<amp-analytics><script type=application/json>{}</script></amp-analytics></body></html>"
)
WRAPPED = {
    "carriage returns": PAGE.replace("\n", "\r"),
    "both line endings": PAGE.replace("\n", "\r\n"),
    "one line": PAGE.replace("\n", ""),
    "form feeds and tabs": PAGE.replace("\n", "\f\t"),
    "lines broken inside of sentences": PAGE.replace(" ", "\n", 400).replace("<html\n", "<html ").replace("<!doctype\n", "<!doctype "),
    "capital tags": PAGE.replace("<p>", "<P>").replace("</p>", "</P>").replace("article>", "ARTICLE>"),
    "no end tags": PAGE.replace("</p>", "").replace("</body>", "").replace("</html>", ""),
    "no head, no body": TITLE + BODY,
    "two bodies": PAGE.replace("<article>", "</body><body><article>"),
    "after the end": PAGE.replace(BODY, "").replace("</html>", "</html>" + BODY),
    "xhtml": '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="de">'
    f"<head>{TITLE}<meta charset='utf-8' /></head><body>{BODY.replace('</h1>', '</h1><br /><hr />')}</body></html>",
    "quirks": PAGE.replace("<!doctype html>", "").replace("<body>", "<body bgcolor=#ffffff><center>"),
    "comments between": PAGE.replace("</p>", "<!-- a > b --></p><!--[if IE]><p>Alt</p><![endif]--><?php echo 1 ?>"),
    "amp": AMP,
    "an inline frame beside it": PAGE.replace("</article>", "<iframe src=/x><p>Kein Rahmen.</p></iframe></article>"),
    "a template beside it": PAGE.replace("</article>", "</article><template><p>Vorlage, die niemand sieht.</p></template>"),
    "scripts and styles": PAGE.replace("</p>", "</p><script>var a = '<p>x</p>';</script><style>p{color:red}</style>"),
    "svg and mathematics": PAGE.replace("</article>", "<svg><title>x</title><text>y</text></svg></article>"),
    "in a shadow root": PAGE.replace("<article>", "<my-story><template shadowrootmode=open><article>").replace(
        "</article>", "</article></template></my-story>"),
    "in a closed shadow root": PAGE.replace("<article>", "<div><template shadowrootmode=closed><article>").replace(
        "</article>", "</article></template></div>"),
    "in a custom element": PAGE.replace("article>", "news-story>"),
    "soft hyphens and zero width spaces": PAGE.replace("Verkehr", "Ver\u00adkehr").replace("Freitag", "Frei\u200btag"),
    "references for letters": PAGE.replace("ü", "&uuml;").replace("ß", "&#223;").replace("ä", "&#xE4;"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize("as_bytes", [True, False])
def test_the_dialect_makes_no_difference(name: str, as_bytes: bool) -> None:
    page = WRAPPED[name]
    assert text_of(page.encode() if as_bytes else page) == TEXT


# -- what is not shown ----------------------------------------------------

HIDDEN = {
    "hidden": "<p hidden>{}</p>",
    "display: none": '<div style="display: none"><p>{}</p></div>',
    "visibility: hidden": '<p style="color: red; VISIBILITY:hidden">{}</p>',
    "a closed dialog": "<dialog><p>{}</p></dialog>",
    "for browsers without scripts": "<noscript><p>{}</p></noscript>",
    "a hidden word": '<p>Gut.</p><span hidden>{}</span>',
}  # fmt: skip
UNSEEN = "Diese Zeile soll niemand sehen, denn die Seite zeigt sie nicht, und sie ist trotzdem recht lang geraten."


def with_unseen(name: str) -> Article:
    page = PAGE.replace(f"<p>{PARAGRAPHS[2]}", HIDDEN[name].format(UNSEEN) + f"<p>{PARAGRAPHS[2]}")
    return clean(page, "https://example.org/a")


@pytest.mark.parametrize("name", HIDDEN)
def test_what_the_page_hides_is_told_from_what_it_shows_and_is_not_lost(name: str) -> None:
    found = {b.text: b.hidden for b in with_unseen(name).blocks}
    assert found[UNSEEN]
    assert not any(found[p] for p in PARAGRAPHS)


@pytest.mark.parametrize("name", HIDDEN)
def test_what_the_page_hides_is_not_in_the_text(name: str) -> None:
    assert UNSEEN not in with_unseen(name).text


def everything(article: Article) -> str:
    return " ".join(b.text for b in article.blocks)


@pytest.mark.parametrize("wrapped", ["<noscript>{}</noscript>", "<div hidden>{}</div>", "<noframes>{}</noframes>"])
def test_an_article_that_is_hidden_as_a_whole_is_not_lost(wrapped: str) -> None:
    article = clean(f"<html><head>{TITLE}</head><body>{wrapped.format(BODY)}</body></html>")
    assert all(p in everything(article) for p in PARAGRAPHS)


def test_a_frameset_says_that_its_text_is_elsewhere_and_keeps_what_it_has() -> None:
    page = f"<html><head>{TITLE}</head><frameset cols=*><frame src=/a><noframes><body>{BODY}</body></noframes></frameset></html>"
    article = clean(page)
    assert all(p in everything(article) for p in PARAGRAPHS)
    assert any("frameset" in w for w in article.warnings)


def test_open_details_and_unknown_elements_are_shown() -> None:
    page = PAGE.replace(f"<p>{PARAGRAPHS[3]}</p>", f"<details open><summary></summary><p>{PARAGRAPHS[3]}</p></details>")
    assert text_of(page) == TEXT


# -- entities -------------------------------------------------------------


@pytest.mark.parametrize("declared", ['SYSTEM "file://{}"', 'PUBLIC "x" "file://{}"', '"{}"'])
@pytest.mark.parametrize("kind", ["", "% "])
def test_entities_that_a_page_declares_are_not_read(declared: str, kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of this machine")
    doctype = f"<!DOCTYPE html [<!ENTITY {kind}x {declared.format(secret)}>{'%x;' if kind else ''}]>"
    article = clean(
        '<?xml version="1.0"?>' + PAGE.replace("<!doctype html>", doctype).replace("Brücke", "&x;Brücke", 2)
    )
    assert "secret of this machine" not in str(article.to_dict())
    assert all(p.split("Brücke")[-1] in everything(article) for p in PARAGRAPHS)


def test_entities_inside_each_other_do_not_unfold() -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    article = clean(PAGE.replace("<!doctype html>", f'<!DOCTYPE html [<!ENTITY l0 "lol">{lines}]>') + "<p>&l9;</p>")
    assert all(p in everything(article) for p in PARAGRAPHS)
    assert "lollol" not in everything(article)
