"""What the reader says when there is no article, and that each way on works."""

from __future__ import annotations

import json
import threading

import pytest
from bodycopy.addresses import MAX_URL_CHARS

from .conftest import Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site, free_port, real_service

STORY = STORIES["en"]
PROBLEM = "document.getElementById('failure').dataset.problem"
WORDS = "document.getElementById('failure').innerText"


def test_service_not_running_names_the_command_and_offers_a_local_reading(browser: Browser, site: Site) -> None:
    browser.use_service(f"http://127.0.0.1:{free_port()}")
    reader = browser.read(site.add("/down", page(STORY)), "failure")
    assert browser.ask(PROBLEM, reader) == "offline"
    assert "bodycopy serve" in browser.ask(WORDS, reader)
    browser.click(reader, "#local")
    browser.until(reader, "document.body.dataset.state === 'article'")
    assert STORY.paragraphs[4] in browser.text(reader)
    assert "less clean" in browser.ask("document.getElementById('notice').innerText", reader)


def test_local_reading_prints_lists_once(browser: Browser, site: Site) -> None:
    browser.use_service(f"http://127.0.0.1:{free_port()}")
    items = "<ol start=3><li><p>First the rollers were oiled.</p><p>Then they were turned.</p></li><li>Outer point"
    middle = f"{items}<ul><li>Inner point</li></ul></li></ol>"
    reader = browser.read(site.add("/lists", page(STORY, middle=middle)), "failure")
    browser.click(reader, "#local")
    browser.until(reader, "document.body.dataset.state === 'article'")
    text = browser.text(reader)
    for words in ("First the rollers were oiled.", "Then they were turned.", "Outer point", "Inner point"):
        assert text.count(words) == 1, words
    _, data = browser.driver.download(reader, "#save-txt")
    assert "4. Outer point Inner point" in data.decode()


def test_local_reading_shows_all_that_was_found(browser: Browser, site: Site) -> None:
    """Also what stands in no paragraph: descriptions, addresses, folded parts, bare text."""
    browser.use_service(f"http://127.0.0.1:{free_port()}")
    middle = """<dl><dt>What changed at the mill this year?</dt><dd>The rollers were replaced, said the <b>manager</b>, and a
      boiler was put in place of the old one.</dd></dl>
      <section>Bare section text which stands in no paragraph, but is a long sentence, and has <i>commas</i>, too. <p>A
      paragraph of it.</p> And an end of it, with a comma.</section>
      <address>Address words stand here, Quay 5, Marlow Bay</address>
      <details><summary>Summary words</summary><div>Folded words, a sentence of its own, with commas.</div></details>
      <div>Loose words one, with a comma. <ul><li>An item<dl><dt>Term</dt><dd>Meaning</dd></dl>of it</li></ul> Loose words two, with a comma.</div>"""
    reader = browser.read(site.add("/loose", page(STORY, middle=middle)), "failure")
    watch = """import('./vendor/readability.js').then(({Readability}) => { const {parse} = Readability.prototype;
      Readability.prototype.parse = function () { const found = parse.call(this); window.found = found.content.textContent;
        return found; }; return 1 })"""
    browser.ask(watch, reader)
    browser.click(reader, "#local")
    browser.until(reader, "document.body.dataset.state === 'article'")
    found, shown = browser.ask("[window.found, document.getElementById('content').innerText]", reader)
    assert "Term" in found and "Address words" in found
    assert "".join(shown.split()) == "".join(found.split())
    lines = [" ".join(line.split()) for line in shown.split("\n")]
    for words in ("What changed at the mill this year?", "Summary words", "Loose words two, with a comma."):
        assert words in lines
    assert "An item Term Meaning of it" in " ".join(lines)


def test_try_again_works_once_the_service_runs(browser: Browser, site: Site, prepared: Prepared) -> None:
    browser.use_service(f"http://127.0.0.1:{free_port()}")
    reader = browser.read(site.add("/again", page(STORY)), "failure")
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    browser.click(reader, "#again")
    browser.until(reader, "document.body.dataset.state === 'article'")


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (403, "forbidden"),
        (404, "not_ours"),
        (413, "too_large"),
        (422, "no_article"),
        (429, "busy"),
        (500, "broken"),
        (504, "too_slow"),
    ],
)
def test_error_of_the_service_is_explained(
    browser: Browser, site: Site, prepared: Prepared, status: int, problem: str
) -> None:
    prepared.status = status
    prepared.answer = {"status": status, "title": "Problem", "detail": "What the service says about it."}
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/error", page(STORY)), "failure")
    assert browser.ask(PROBLEM, reader) == problem
    assert "What the service says about it." in browser.ask(WORDS, reader)


def test_what_the_service_warned_of_is_said_with_the_problem(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.status = 422
    warnings = ["The page is a frameset: its text is in other pages.", "No article was found on this page."]
    codes: list[dict[str, object]] = [{"code": "frameset", "values": []}, {"code": "no_article", "values": []}]
    prepared.answer = {"status": 422, "detail": "No article.", "warnings": warnings, "warning_codes": codes}
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/frameset", page(STORY)), "failure")
    said = browser.ask("[...document.querySelectorAll('#failure .warning')].map((p) => p.innerText.trim())", reader)
    assert said == warnings[:1]


def test_missing_token_is_named_and_settings_are_one_click_away(
    browser: Browser, site: Site, prepared: Prepared
) -> None:
    prepared.token = "pear-tree"
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/token", page(STORY)), "failure")
    assert browser.ask(PROBLEM, reader) == "unauthorized"
    assert browser.ask("!!document.querySelector('#failure a[href=\"options.html\"]')", reader)
    browser.use_service(prepared.base, "pear-tree")
    browser.click(reader, "#again")
    browser.until(reader, "document.body.dataset.state === 'article'")


def test_busy_service_is_asked_again_by_itself(browser: Browser, site: Site, prepared: Prepared) -> None:
    """And says when; the buttons and the focus stay where they are meanwhile."""
    prepared.status, prepared.headers = 503, {"Retry-After": "1"}
    prepared.answer = {"detail": "Too many pages at once."}
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/busy", page(STORY)), "failure")
    assert browser.ask(PROBLEM, reader) == "busy"
    browser.ask("(window.again = document.getElementById('again'), window.again.focus(), 1)", reader)
    browser.until(reader, "/^Next attempt in [12] s$/.test(document.getElementById('next').textContent)")
    browser.wait(lambda: len(prepared.requests) > 1, "another attempt")
    browser.until(reader, "/^Next attempt in [12] s$/.test(document.getElementById('next').textContent)")
    assert browser.ask("document.activeElement === window.again && window.again.checkVisibility()", reader)
    prepared.status, prepared.answer = 200, answer(STORY)
    browser.until(reader, "document.body.dataset.state === 'article'")
    assert browser.ask("document.activeElement.id", reader) == "article"


def test_service_that_is_busy_for_long_is_left_to_the_person(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.status, prepared.headers, prepared.answer = 429, {"Retry-After": "3600"}, {}
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/busy", page(STORY)), "failure")
    browser.until(reader, "document.getElementById('next').textContent.includes('later')")


def test_focus_goes_to_what_comes_after_a_failure(browser: Browser, site: Site, prepared: Prepared) -> None:
    browser.use_service(f"http://127.0.0.1:{free_port()}")
    reader = browser.read(site.add("/focus", page(STORY)), "failure")
    browser.ask("(document.getElementById('again').focus(), document.getElementById('again').click(), 1)", reader)
    browser.until(reader, "document.body.dataset.state === 'failure' && document.activeElement?.id === 'again'")
    browser.ask("(document.getElementById('local').focus(), document.getElementById('local').click(), 1)", reader)
    browser.until(reader, "document.body.dataset.state === 'article' && document.activeElement.id === 'article'")


def test_something_else_at_the_address_is_not_taken_for_the_service(
    browser: Browser, site: Site, prepared: Prepared
) -> None:
    prepared.answer = b"<h1>It works!</h1>"
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/else", page(STORY)), "failure")
    assert browser.ask(PROBLEM, reader) == "not_ours"


@pytest.mark.parametrize("setting", ["refuses", "breaks_off"])
def test_answer_that_cannot_be_read_is_told_from_none(
    browser: Browser, site: Site, prepared: Prepared, setting: str
) -> None:
    """A service that lets no extension in answers, but not so that a browser hands it on."""
    setattr(prepared, setting, True)
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/unread", page(STORY)), "failure")
    assert browser.ask(PROBLEM, reader) == {"refuses": "forbidden", "breaks_off": "offline"}[setting]


def test_a_service_that_lets_no_extension_in_is_said_to_be_there(
    browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BODYCOPY_EXTENSION_ORIGINS", "off")
    with real_service() as base:
        browser.use_service(base)
        reader = browser.read(site.add("/closed", page(STORY)), "failure")
        assert browser.ask(PROBLEM, reader) == "forbidden"


@pytest.mark.parametrize(
    ("rest", "sent"), [("?a=1#b", "?a=1#b"), ("?a=1#{}", "?a=1"), ("?a={}#b", ""), ("{}?a=1", None)]
)
def test_as_much_of_a_long_address_is_sent_as_the_service_takes(
    browser: Browser, site: Site, rest: str, sent: str | None
) -> None:
    address = f"{site.base}/long"
    given = address + rest.replace("{}", "x" * MAX_URL_CHARS)
    wanted = "" if sent is None else address + sent
    sendable = f"import('./api.js').then(api => api.sendableUrl({json.dumps(given)}))"
    assert browser.ask(sendable) == wanted


def test_page_with_a_long_address_is_read(browser: Browser, site: Site, service: str) -> None:
    browser.use_service(service)
    reader = browser.read(site.add("/long", page(STORY)) + "?a=" + "x" * MAX_URL_CHARS)
    assert STORY.paragraphs[0] in browser.text(reader)


def test_redirect_is_told_and_not_followed(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.status, prepared.headers, prepared.answer = 301, {"Location": "https://reader.example/v1/clean"}, {}
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/moved", page(STORY)), "failure")
    assert browser.ask(PROBLEM, reader) == "redirected"
    assert prepared.base in browser.ask(WORDS, reader)


def test_token_that_cannot_be_sent_is_named(browser: Browser, site: Site, prepared: Prepared) -> None:
    browser.use_service(prepared.base, "梅")
    reader = browser.read(site.add("/unsent", page(STORY)), "failure")
    assert browser.ask(PROBLEM, reader) == "unsendable"


def test_panel_leaves_nothing_of_the_article_before(browser: Browser, site: Site, prepared: Prepared) -> None:
    """Neither while the next one is awaited nor where there is none."""
    release = threading.Event()
    prepared.answer = lambda asked: (asked["url"].endswith("/second") and release.wait(60), answer(STORY))[1]
    browser.use_service(prepared.base)

    def begin(name: str, capture: dict[str, object]) -> None:
        kept = json.dumps({f"capture:{name}": {**capture, "at": 1}})
        browser.ask(
            f"(async () => {{ const {{id: windowId}} = await chrome.windows.getCurrent(); await chrome.storage.session.set({kept});"
            f" await chrome.storage.session.set({{panel: {{id: '{name}', windowId}}}}); return 1 }})()"
        )

    def snapshot(name: str) -> dict[str, object]:
        facts = {"html": "<p>x</p>", "title": name, "type": "text/html", "language": "en"}
        return {"snapshot": {**facts, "url": f"{site.base}/{name}"}}

    begin("first", snapshot("first"))
    panel = browser.driver.open(f"{browser.base}/reader.html?panel=1")
    try:
        browser.until(panel, "document.body.dataset.state === 'article'")
        browser.click(panel, "#count")
        begin("second", snapshot("second"))
        browser.until(panel, "document.body.dataset.state === 'loading' && original.href.endsWith('/second')")
        assert browser.text(panel) == ""
        seen = "['drawer', 'skeleton'].map(id => document.getElementById(id).checkVisibility())"
        assert browser.ask(seen, panel) == [False, True]
    finally:
        release.set()
    browser.until(panel, "document.body.dataset.state === 'article'")
    begin("third", {"failure": "unreadable", "url": "about:license"})
    browser.until(panel, "document.body.dataset.state === 'failure'")
    assert browser.ask("[original.checkVisibility(), document.getElementById('local')]", panel) == [False, None]


def test_page_of_the_browser_itself_cannot_be_read(browser: Browser, prepared: Prepared) -> None:
    browser.use_service(prepared.base)
    reader = browser.read("chrome://version/" if browser.name == "chromium" else "about:license", "failure")
    assert browser.ask(PROBLEM, reader) == "unreadable"
    assert prepared.requests == []


def test_script_that_never_comes_does_not_hinder(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    site.release.clear()
    waiting = page(STORY).replace("</article>", '</article><script src="/hang.js"></script>')
    try:
        live = browser.driver.open(site.add("/waiting", waiting), whole=False)
        browser.until(live, f"document.body.innerText.includes({json.dumps(STORY.paragraphs[4])})")
        before = browser.pages("reader.html")
        browser.driver.click_action(live)
        browser.reader(before)
        assert STORY.paragraphs[4] in prepared.requests[-1]["html"]
    finally:
        site.release.set()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_page_that_goes_on_to_another_is_read_there_or_said_to(
    chromium: Browser, site: Site, prepared: Prepared, host: str
) -> None:
    """The click gives no access to another site. Firefox ends the loading of the page before, which is read then."""
    chromium.reset()
    prepared.answer = answer(STORY)
    chromium.use_service(prepared.base)
    site.release.clear()
    end = site.add("/end", page(STORY)).replace("127.0.0.1", host)
    grow = "<script>setInterval(() => document.body.append('.'), 100)</script>"
    try:
        start = site.add("/start", f"<body><p>One moment</p>{grow}<script src='/hang.js'></script></body>")
        live = chromium.driver.open(start, whole=False)
        chromium.until(live, "document.body?.innerText.includes('....')")
        before = chromium.pages("reader.html")
        chromium.driver.click_action(live)
        reader = chromium.opened("reader.html", before)
        chromium.ask(f"(setTimeout(() => (location = '{end}'), 500), 1)", live)
        chromium.until(reader, "document.body.dataset.state !== 'loading'")
    finally:
        site.release.set()
    if host == "localhost":
        assert chromium.ask(PROBLEM, reader) == "moved_on"
        assert prepared.requests == []
    else:
        assert STORY.paragraphs[0] in prepared.requests[-1]["html"]
        assert [prepared.requests[-1]["url"], chromium.ask("original.href", reader)] == [end, end]
    chromium.close_pages()


def test_page_that_does_not_respond_is_told(chromium: Browser, site: Site, prepared: Prepared) -> None:
    """Firefox goes on with other scripts while a page waits for an answer in this old way."""
    chromium.reset()
    chromium.use_service(prepared.base)
    site.release.clear()
    wait = "(() => { const r = new XMLHttpRequest(); r.open('GET', '/hang', false); r.send(); })"
    try:
        live = chromium.driver.open(site.add("/stuck", page(STORY)))
        chromium.ask(f"(setTimeout({wait}), 1)", live)
        before = chromium.pages("reader.html")
        chromium.driver.click_action(live)
        reader = chromium.reader(before, "failure")
        assert chromium.ask(PROBLEM, reader) == "unresponsive"
        assert prepared.requests == []
    finally:
        site.release.set()
    chromium.close_pages()


def test_forgotten_page_is_said_to_be_forgotten(browser: Browser, site: Site) -> None:
    address = f"{browser.base}/reader.html?id=gone&url={site.base}/old"
    reader = browser.driver.open(address)
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'failure'")
    assert browser.ask(PROBLEM, reader) == "expired"
    assert browser.ask("document.querySelector('#failure a').href", reader) == f"{site.base}/old"


def test_nothing_selected_is_said(browser: Browser, site: Site, prepared: Prepared) -> None:
    browser.use_service(prepared.base)
    live = browser.driver.open(site.add("/nothing", page(STORY)))
    before = browser.pages("reader.html")
    browser.driver.press(live, "K")
    reader = browser.reader(before, "failure")
    assert browser.ask(PROBLEM, reader) == "no_selection"
    assert prepared.requests == []


def test_skeleton_stands_while_the_service_works(browser: Browser, site: Site, prepared: Prepared) -> None:
    release = threading.Event()
    prepared.answer = lambda _: (release.wait(60), answer(STORY))[1]
    browser.use_service(prepared.base)
    try:
        reader = browser.read(site.add("/slow", page(STORY)), "loading")
        browser.until(reader, "document.getElementById('skeleton').checkVisibility()")
        browser.until(reader, "document.getElementById('original').href.endsWith('/slow')")
        assert browser.text(reader) == ""
    finally:
        release.set()
    browser.until(reader, "document.body.dataset.state === 'article'")
    assert not browser.ask("document.getElementById('skeleton').checkVisibility()", reader)


def test_long_wait_is_told_and_can_be_cut_short(browser: Browser, site: Site, prepared: Prepared) -> None:
    release = threading.Event()
    prepared.answer = lambda _: (release.wait(60), answer(STORY))[1]
    browser.use_service(prepared.base)
    try:
        reader = browser.read(site.add("/slow", page(STORY)), "loading")
        browser.until(reader, "document.querySelector('#waiting p')")
        said = browser.ask("document.getElementById('waiting').innerText", reader)
        assert STORY.title in said and "being prepared" in said
        assert STORY.title in browser.ask("document.title", reader)
        browser.until(reader, "document.getElementById('local-now')")
        browser.click(reader, "#local-now")
        browser.until(reader, "document.body.dataset.state === 'article'")
    finally:
        release.set()
    assert browser.ask("document.getElementById('waiting').innerText", reader) == ""
    assert "less clean" in browser.ask("document.getElementById('notice').innerText", reader)


def test_reader_asks_itself_when_the_background_is_ended(browser: Browser, site: Site, prepared: Prepared) -> None:
    release = threading.Event()
    prepared.answer = lambda _: (release.wait(60), answer(STORY))[1]
    browser.use_service(prepared.base)
    try:
        reader = browser.read(site.add("/ended", page(STORY)), "loading")
        browser.until(reader, "document.getElementById('original').href.endsWith('/ended')")
        kept = "chrome.storage.session.get('capture:' + new URLSearchParams(location.search).get('id'))"
        browser.until(reader, f"{kept}.then(found => Object.keys(found).length)")
        browser.wait(lambda: len(prepared.requests) == 1, "the background's question")
        browser.driver.stop_background(reader)
        browser.wait(lambda: len(prepared.requests) == 2, "the reader's own question")
    finally:
        release.set()
    browser.until(reader, "document.body.dataset.state === 'article'")
    assert STORY.paragraphs[0] in browser.text(reader)
    assert len(prepared.requests) == 2
