"""The page as the browser shows it is what the service gets, and the live page stays as it was."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site

STORY = STORIES["en"]
RICH = """
<script>window.secret = "not for the service"</script><style>.x { color: red }</style>
<p hidden>hidden by attribute</p><p style="display:none">hidden by style</p>
<div style="visibility:hidden"><p>hidden but for <b style="visibility:visible">this word</b></p></div>
<p style="visibility:hidden;opacity:0">fades in later</p>
<input type="hidden" value="form-secret"><textarea>draft-secret</textarea>
<p onclick="steal()" class="named">clickable words</p>
<div id="host"></div><script>document.getElementById("host").attachShadow({mode: "open"}).innerHTML = "<p>inside the shadow</p>";</script>
<iframe src="/frame/inner.html"></iframe>
<figure><img id="lazy" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="/picture/late.png" alt="late"></figure>
<img src="/picture/wide.png" srcset="/picture/wide2.png 2x" alt="wide" width="300" height="200">
<details><summary>More</summary><p>folded away</p></details>
<p id="written"></p><script>document.getElementById("written").textContent = "written by a script";</script>
"""


def sent(browser: Browser, site: Site, prepared: Prepared, html: str, **headers: str) -> dict[str, Any]:
    site.add("/frame/inner.html", '<p>inside the frame</p><a href="deep">a link in the frame</a>')
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    browser.read(site.add("/rich", html, **headers))
    return prepared.requests[-1]


def test_snapshot_is_what_a_person_sees(browser: Browser, site: Site, prepared: Prepared) -> None:
    html = str(sent(browser, site, prepared, page(STORY, middle=RICH))["html"])
    for seen in (
        "inside the shadow", "inside the frame", "written by a script", "folded away", 'class="named"', "this word",
        "fades in later", f'href="{site.base}/frame/deep"',
    ):  # fmt: skip
        assert seen in html
    for unseen in ("not for the service", "hidden by", "color: red", "form-secret", "draft-secret", "steal()"):
        assert unseen not in html
    assert f'src="{site.base}/picture/late.png"' in html
    assert f'src="{site.base}/picture/wide.png"' in html


def test_what_is_folded_away_is_sent_but_for_what_is_hidden_in_it(
    browser: Browser, site: Site, prepared: Prepared
) -> None:
    hidden = """<div style="display:none">secret <b>secret</b></div><p hidden>secret</p><p style="visibility:hidden">secret</p>
      <div style="content-visibility:hidden">secret <i>secret</i></div>"""
    folded = f"""<details><summary>More</summary><p>folded <a href="/x">plainly</a></p>{hidden}
        <details><summary>Yet more</summary><p>folded twice</p></details></details>
      <div id="slots"><p>folded by a slot</p>{hidden}<p slot="none">secret</p></div>
      <details><summary>Also</summary><div id="deep"></div></details><script>
      document.getElementById("slots").attachShadow({{mode: "open"}}).innerHTML =
        "<details><summary>S</summary><slot></slot><slot name=none style='display:none'></slot></details>";
      document.getElementById("deep").attachShadow({{mode: "open"}}).innerHTML = `<section><p>folded in a shadow</p></section>{hidden}`;
      </script>"""
    html = str(sent(browser, site, prepared, page(STORY, middle=folded))["html"])
    for words in ("plainly", "folded twice", "folded by a slot", "folded in a shadow"):
        assert f"{words}<" in html
    assert "secret" not in html


def test_closed_shadow_is_sent_too(browser: Browser, site: Site, prepared: Prepared) -> None:
    closed = """<news-box><b>slotted words</b></news-box><div id="host"></div><script>
      document.querySelector("news-box").attachShadow({mode: "closed"}).innerHTML = "<p>in the closed box: <slot></slot></p>";
      document.getElementById("host").attachShadow({mode: "closed"}).innerHTML = "<p>in the closed part</p><p hidden>hidden there</p>";
      </script><details open><summary>Open</summary>unfolded</details>"""
    html = str(sent(browser, site, prepared, page(STORY, middle=closed))["html"])
    assert "<news-box><p>in the closed box: <b>slotted words</b></p></news-box>" in html
    assert "<p>in the closed part</p></div>" in html and "hidden there" not in html
    assert '<details open=""><summary>Open</summary>unfolded</details>' in html


def test_names_that_a_page_gives_its_elements_do_not_mislead(browser: Browser, site: Site, prepared: Prepared) -> None:
    fields = ("childNodes", "localName", "nodeType", "shadowRoot", "checkVisibility", "getAttributeNames", "attributes")
    inputs = "".join(f"<input name={name}>" for name in fields)
    names = "".join(f"<img name={name}>" for name in ("body", "head", "title", "documentElement", "contentType"))
    trap = f'{names}<form class="trap">{inputs}<p>words in a form</p></form>'
    html = str(sent(browser, site, prepared, page(STORY, middle=trap))["html"])
    assert '<form class="trap"><p>words in a form</p></form>' in html
    assert f"<title>{STORY.title} | Post</title>" in html and STORY.paragraphs[4] in html


def test_scripts_of_the_page_cannot_hinder(browser: Browser, site: Site, prepared: Prepared) -> None:
    """They may spoil what every script of theirs uses; ours runs in a world of its own."""
    spoil = """<script>for (const one of [Array, String, RegExp, Set, Element, Node, Document, HTMLElement])
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(one.prototype)))
        if (typeof value === 'function') one.prototype[name] = () => { throw new Error('spoilt'); };
      window.getSelection = window.getComputedStyle = null;</script>"""
    html = str(sent(browser, site, prepared, page(STORY).replace("</body>", spoil + "</body>"))["html"])
    assert all(paragraph in html for paragraph in STORY.paragraphs)


def test_file_of_plain_text_is_sent_as_paragraphs(browser: Browser, site: Site, prepared: Prepared) -> None:
    text = f"{STORY.paragraphs[0]}\n<b>not</b> bold\n\n{STORY.paragraphs[1]}\n"
    html = str(sent(browser, site, prepared, text, Content_Type="text/plain; charset=utf-8")["html"])
    assert f"<p>{STORY.paragraphs[0]}\n&lt;b&gt;not&lt;/b&gt; bold</p><p>{STORY.paragraphs[1]}" in html


def test_selection_holds_what_is_selected_and_seen(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    middle = '<p id="mid">seen <span hidden>unseen</span><img src="/picture/in.png" width="30" height="30"> words</p>'
    live = browser.driver.open(site.add("/part", page(STORY, middle=middle)))
    browser.ask(
        "(() => { const all = document.querySelectorAll('.article-body p');"
        " getSelection().setBaseAndExtent(all[1].firstChild, 10, all[3].firstChild, 10); return 1 })()",
        live,
    )
    opened = browser.pages("reader.html")
    browser.driver.press(live, "K")
    browser.reader(opened)
    html = prepared.requests[-1]["html"]
    body = html[html.index("<article>") : html.index("</article>")]
    assert body.startswith(f"<article><p>{STORY.paragraphs[1][10:]}</p>")
    assert f'<p id="mid">seen <img src="{site.base}/picture/in.png" width="30" height="30"> words</p>' in body
    assert body.endswith(f"<p>{STORY.paragraphs[2][:10]}</p>")


def test_line_breaks_that_the_page_shows_are_sent(browser: Browser, site: Site, prepared: Prepared) -> None:
    middle = """<div style="white-space:pre-line">One &lt;1&gt;.\n\nTwo <b>bold</b>\nthree.</div><p style="white-space:pre-wrap">Four\nfive <code>a\nb</code></p>
      <p>folded\nline</p><p style="white-space:nowrap">folded\ntoo</p><pre><i>code\nlines</i></pre><div id="slotting">slotted\nline</div><script>
      document.getElementById("slotting").attachShadow({mode: "open"}).innerHTML = "<p style='white-space:pre-line'>shadow\\nline <slot></slot></p>";</script>"""
    html = str(sent(browser, site, prepared, page(STORY, middle=middle))["html"])
    assert ">One &lt;1&gt;.<br><br>Two <b>bold</b><br>three.</div>" in html
    assert "<p>Four<br>five <code>a\nb</code></p>" in html
    assert "<p>shadow<br>line slotted<br>line</p>" in html
    assert "<p>folded\nline</p><p>folded\ntoo</p><pre><i>code\nlines</i></pre>" in html


@pytest.mark.parametrize(
    ("middle", "chosen"),
    [
        ("<pre id=it>line one\nline two</pre>", "<pre>ne one\nline two</pre>"),
        ("<pre><code id=it>line one\nline two</code></pre>", "<pre>ne one\nline two</pre>"),
        ("<div id=it style='white-space:pre-line'>line one\n\nline two</div>", "<p>ne one<br><br>line two</p>"),
        ("<p id=it>line one\nline two</p>", "<p>ne one\nline two</p>"),
    ],
)
def test_selection_keeps_the_line_breaks_that_are_shown(
    browser: Browser, site: Site, prepared: Prepared, middle: str, chosen: str
) -> None:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    live = browser.driver.open(site.add("/lines", page(STORY, middle=middle)))
    browser.ask("(t => (getSelection().setBaseAndExtent(t, 2, t, t.length), 1))(it.firstChild)", live)
    opened = browser.pages("reader.html")
    browser.driver.press(live, "K")
    browser.reader(opened)
    assert f"<article>{chosen}</article>" in prepared.requests[-1]["html"]


def test_selection_inside_a_frame_is_found(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    site.add("/frame/inner.html", '<p>chosen in the frame, see <a href="deep">more</a></p><p>not chosen</p>')
    live = browser.driver.open(site.add("/framed", page(STORY, middle='<iframe src="/frame/inner.html"></iframe>')))
    inner = "document.querySelector('iframe').contentWindow"
    browser.ask(f"({inner}.getSelection().selectAllChildren({inner}.document.querySelector('p')), 1)", live)
    opened = browser.pages("reader.html")
    browser.driver.press(live, "K")
    browser.reader(opened)
    html = prepared.requests[-1]["html"]
    assert f'chosen in the frame, see <a href="{site.base}/frame/deep">more</a>' in html
    assert "not chosen" not in html and STORY.paragraphs[0] not in html


def test_large_frame_of_another_origin_is_told_where_the_page_has_no_text(
    browser: Browser, site: Site, prepared: Prepared
) -> None:
    other = site.base.replace("127.0.0.1", "localhost")
    frame = f'<iframe src="{other}/frame/inner.html" style="width:100%;height:2000px"></iframe>'
    menu = "<ul>" + "<li><a href=/>A part of the site</a></li>" * 60 + "</ul>"
    for html, told in (
        (menu + frame, True),
        (page(STORY, middle=frame), False),
        (menu + frame.replace("2000px", "90px"), False),
        (menu + frame.replace("style", "allow=fullscreen style"), False),
        (menu + frame.replace('style="', 'style="visibility:hidden;'), False),
        (menu + frame.replace(other, site.base), False),
    ):
        assert ("<iframe data-unread></iframe>" in sent(browser, site, prepared, html)["html"]) is told, html


def test_picture_not_loaded_yet_is_not_as_small_as_its_words(browser: Browser, site: Site, prepared: Prepared) -> None:
    pictures = """<img data-srcset="/picture/a.png 2x" alt="a mill"><img src="/nothing.png" alt="a barge">
      <img data-src="/picture/b.png" alt="a quay" width="640" height="360" style="width:auto;height:auto">
      <img src="/picture/c.png" alt="a gate" width="64" height="36">"""
    html = str(sent(browser, site, prepared, page(STORY, middle=pictures))["html"])
    for words, size in (("mill", None), ("barge", None), ("quay", ("640", "360")), ("gate", ("64", "36"))):
        tag = re.search(rf'<img alt="a {words}"[^>]*>', html)
        assert tag
        found = re.search(r'width="(\d+)" height="(\d+)"', tag[0])
        assert (found.groups() if found else None) == size, words


GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
FETCHED = "/picture/fetch/w_{0},c_limit,f_auto/https%3A%2F%2Fx.example%2Fa.png"


@pytest.mark.parametrize(
    ("shown", "sent_as"),
    [
        ('<img class="lazyload" src="/picture/lqip.png" data-src="/picture/real.png">', "/picture/real.png"),
        ('<img src="/picture/placeholder.png" data-srcset="/picture/real.png 800w">', "/picture/real.png"),
        ('<img src="/picture/small.png" data-lazy-src="/picture/real.png" width="1400">', "/picture/real.png"),
        ('<img class="lazyload" src="/picture/lqip.png" data-src="/picture/{width}.png">', "/picture/lqip.png"),
        ('<img class="lazyloaded" src="/picture/real.png" data-src="/picture/other.png">', "/picture/real.png"),
        ('<img class="lazyload" src="/picture/real.png" data-url="/share">', "/picture/real.png"),
        ('<picture><source srcset="/picture/real.png"><img loading="lazy"></picture>', "/picture/real.png"),
        (f'<picture><source media="print" data-srcset="/picture/print.png"><source data-srcset="/picture/s.png 400w, /picture/real.png 900w, /picture/xl.png 3000w"><img src="{GIF}"></picture>', "/picture/real.png"),
        (f'<img src="{GIF}" data-srcset="{FETCHED.format(424)} 424w, {FETCHED.format(848)} 848w">', FETCHED.format(848)),
        ('<img loading="lazy" src="/picture/real.png" data-srcset="">', "/picture/real.png"),
    ],
)  # fmt: skip
def test_picture_is_sent_as_the_page_will_show_it(
    browser: Browser, site: Site, prepared: Prepared, shown: str, sent_as: str
) -> None:
    """Below what is seen so far, where pictures are loaded late."""
    middle = f'<div style="height:20000px"></div><figure id="late">{shown}</figure>'
    html = str(sent(browser, site, prepared, page(STORY, middle=middle))["html"])
    assert re.findall(r' src="([^"]*)"', html) == [site.base + sent_as]
    assert "data-src" not in html


def linked(browser: Browser, site: Site, prepared: Prepared, target: str, **headers: str) -> dict[str, Any]:
    """What a page's own site gives for a link of it, fetched with the leave that a click on the page has given."""
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    live = site.add("/linking", page(STORY), **headers)
    browser.read(live)
    found: dict[str, Any] = browser.ask(
        f"""Promise.all([import(chrome.runtime.getURL('capture.js')), chrome.tabs.query({{}})])
        .then(([{{ captureLink }}, tabs]) => captureLink(tabs.find(tab => tab.url === '{live}').id, '{target}'))"""
    )
    return found


RUSSIAN = "Бумажная фабрика снова открыта"


@pytest.mark.parametrize(
    ("kind", "meta", "data"),
    [
        ("text/html; charset=windows-1251", "utf-8", "cp1251"),
        ("text/html", "windows-1251", "cp1251"),
        ("text/html; charset=no-such", "koi8-r", "koi8-r"),
        ("text/html", "utf-16", "utf-8"),
        ("text/html; charset=koi8-r", "koi8-r", "utf-8-sig"),
        ("text/html", "", "utf-8"),
    ],
)
def test_linked_page_is_read_in_its_character_set(
    browser: Browser, site: Site, prepared: Prepared, kind: str, meta: str, data: str
) -> None:
    html = f'<!doctype html><meta charset="{meta}"><title>x</title><p>{RUSSIAN}</p>'.encode(data)
    capture = linked(browser, site, prepared, site.add("/linked", html, Content_Type=kind))
    assert f"<p>{RUSSIAN}</p>" in capture["snapshot"]["html"]


def test_linked_page_is_sent_without_scripts_and_fields(browser: Browser, site: Site, prepared: Prepared) -> None:
    rest = """<img name="documentElement"><img name="querySelector"><script>let a = "script-secret"</script>
      <script type="application/ld+json">{"@type": "NewsArticle"}</script><!-- comment-secret -->
      <form><input type="hidden" name="getAttributeNames" value="form-secret"><textarea>draft-secret</textarea></form>
      <template><input type="hidden" value="template-secret"></template><p onclick="steal()" class="kept">words</p>"""
    target = site.add("/linked", page(STORY, middle=rest))
    policy = "default-src 'none'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types none"
    html = linked(browser, site, prepared, target, Content_Security_Policy=policy)["snapshot"]["html"]
    assert '<script type="application/ld+json">{"@type": "NewsArticle"}</script>' in html
    assert '<p class="kept">words</p>' in html and all(f"<p>{words}</p>" in html for words in STORY.paragraphs)
    assert "secret" not in html and "steal" not in html


def test_linked_page_in_xml_is_read_as_such_where_it_is(browser: Browser, site: Site, prepared: Prepared) -> None:
    start = '<html xmlns="http://www.w3.org/1999/xhtml"><head>'
    for rest in (
        '<script src="x"/></head><body><p>words</p></body></html>',
        "<script>s</script></head><p>words</p> & more",
    ):
        target = site.add("/linked", start + rest, Content_Type="application/xhtml+xml")
        html = linked(browser, site, prepared, target)["snapshot"]["html"]
        assert "<p>words</p>" in html and "<script" not in html


def test_linked_page_that_is_too_large_is_refused_as_such(browser: Browser, site: Site, prepared: Prepared) -> None:
    target = site.add("/linked", page(STORY, middle="<p>" + "words " * 1_700_000))
    assert linked(browser, site, prepared, target) == {"failure": "too_large", "url": target}


def test_live_page_is_not_changed(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    live = browser.driver.open(site.add("/live", page(STORY, middle=RICH)))
    before = browser.ask("document.documentElement.outerHTML", live)
    opened = browser.pages("reader.html")
    browser.driver.click_action(live)
    browser.reader(opened)
    assert browser.ask("document.documentElement.outerHTML", live) == before


def test_strict_policy_of_the_page_does_not_hinder(browser: Browser, site: Site, prepared: Prepared) -> None:
    policy = "default-src 'none'; sandbox; require-trusted-types-for 'script'"
    request = sent(browser, site, prepared, page(STORY), Content_Security_Policy=policy)
    assert STORY.paragraphs[0] in request["html"]


def test_large_page_is_sent_compressed(browser: Browser, site: Site, prepared: Prepared) -> None:
    filler = "".join(
        f"<p>Paragraph number {number} of a very long page about barges and mills.</p>" for number in range(30_000)
    )
    request = sent(browser, site, prepared, page(STORY, middle=filler))
    assert request["headers"]["Content-Encoding"] == "gzip"
    assert "Paragraph number 29999" in request["html"]


def test_hostile_answer_runs_nothing_and_loads_nothing_but_pictures(
    browser: Browser, site: Site, prepared: Prepared
) -> None:
    evil = (
        '<p onclick="window.ran=1">words<img src=x onerror="window.ran=1"><script>window.ran=1</script><a href="javascript:window.ran=1">go</a>'
        '<iframe src="/frame"></iframe><form id="article" action="/steal"><input name="body"></form><svg onload="window.ran=1"></svg>'
        '<style>body{display:none}</style><math><mtext><table><mglyph><style><img src=x onerror="window.ran=1"></style></mglyph></table></mtext></math></p>'
    )
    hostile = answer(STORY)
    hostile["blocks"][0]["html"] = evil  # type: ignore[index]
    hostile["title"] = "<img src=x onerror='window.ran=1'>Title"
    prepared.answer = hostile
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/hostile", page(STORY)))
    found = browser.ask(
        """(() => { const all = [...document.querySelectorAll('#article *')];
        return {ran: window.ran ?? 0, tags: all.map(e => e.localName).filter(n => /script|style|iframe|form|input|svg|math/.test(n)),
          handlers: all.flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on')),
          links: all.filter(e => e.localName === 'a').map(e => e.getAttribute('href')), title: document.querySelector('#article h1').textContent} })()""",
        reader,
    )
    assert found == {"ran": 0, "tags": [], "handlers": [], "links": [None], "title": hostile["title"]}
