"""Each way in and each way out."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from .conftest import EXTENSION, Browser
from .news import STORIES, answer, page
from .servers import PNG, Prepared, Site

STORY = STORIES["en"]
MESSAGES = json.loads((EXTENSION / "_locales/en/messages.json").read_text(encoding="utf-8"))


@pytest.fixture
def ready(browser: Browser, prepared: Prepared) -> Browser:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    return browser


def illustrated(site: Site) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = list(answer(STORY)["blocks"])  # type: ignore[call-overload]
    picture = f'<figure><img src="{site.base}/picture/mill.png" alt="The mill"></figure>'
    blocks.insert(1, {"id": 5, "kind": "figure", "label": "caption", "html": picture, "text": ""})
    caption = "<figure><figcaption>The mill in March.</figcaption></figure>"
    blocks.insert(2, {"id": 6, "kind": "figure", "label": "caption", "html": caption, "text": "The mill in March."})
    blocks.append(
        {
            "id": 20,
            "kind": "list_item",
            "label": "content",
            "html": "<ul><li>One <strong>bold</strong> point</li></ul>",
            "text": "One bold point",
        }
    )
    blocks.append(
        {"id": 21, "kind": "list_item", "label": "content", "html": "<ul><li>Another</li></ul>", "text": "Another"}
    )
    table = "<table><thead><tr><th>Year</th><th>Tons</th></tr></thead></table>"
    blocks.append({"id": 22, "kind": "table", "label": "content", "html": table, "text": "Year Tons"})
    row = "<table><tbody><tr><td>2025</td><td>40</td></tr></tbody></table>"
    blocks.append({"id": 23, "kind": "table", "label": "content", "html": row, "text": "2025 40"})
    return answer(STORY, blocks=blocks, removed=[])


# -- in -------------------------------------------------------------------


def test_shortcuts_are_assigned(browser: Browser) -> None:
    keys = browser.ask("chrome.commands.getAll().then(all => all.map(c => c.shortcut))")
    assert {"Alt+Shift+Y", "Alt+Shift+K"} <= set(keys)


def test_shortcut_opens_the_reader(ready: Browser, site: Site) -> None:
    live = ready.driver.open(site.add("/key", page(STORY)))
    before = ready.pages("reader.html")
    ready.driver.press(live, "Y")
    assert STORY.title in ready.text(ready.reader(before))


def test_only_the_selection_is_sent(ready: Browser, site: Site, prepared: Prepared) -> None:
    live = ready.driver.open(site.add("/selection", page(STORY)))
    ready.ask("(getSelection().selectAllChildren(document.querySelectorAll('.article-body p')[1]), 1)", live)
    before = ready.pages("reader.html")
    ready.driver.press(live, "K")
    ready.reader(before)
    html = prepared.requests[-1]["html"]
    assert STORY.paragraphs[1] in html
    assert STORY.paragraphs[0] not in html


def test_context_menu_reads_page_selection_and_link(firefox: Browser, site: Site, prepared: Prepared) -> None:
    firefox.reset()
    prepared.answer = answer(STORY)
    firefox.use_service(prepared.base)
    target = site.add("/target", page(STORY))
    live = firefox.driver.open(
        site.add(
            "/front", f'<a href="{target}" style="position:fixed;inset:0;font-size:90px">A long link to follow</a>'
        )
    )
    before = firefox.pages("reader.html")
    firefox.driver.context_menu(live, "Read the linked article", 60, 60)
    firefox.reader(before)
    assert prepared.requests[-1]["url"] == target
    live = firefox.driver.open(target)
    before = firefox.pages("reader.html")
    firefox.driver.context_menu(live, "Read the article", 500, 500)
    firefox.reader(before)
    firefox.ask("(getSelection().selectAllChildren(document.querySelector('.article-body p')), 1)", live)
    x, y = firefox.ask(
        "(b => [Math.round(b.x + 20), Math.round(b.y + 8)])(document.querySelector('.article-body p').getBoundingClientRect())",
        live,
    )
    before = firefox.pages("reader.html")
    firefox.driver.context_menu(live, "Read only the selection", x, y)
    firefox.reader(before)
    html = prepared.requests[-1]["html"]
    assert STORY.paragraphs[0] in html and STORY.paragraphs[1] not in html
    firefox.close_pages()


def link_to_another_site(browser: Browser, site: Site, prepared: Prepared) -> Any:
    """An open page that is one large link."""
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    site.add("/abroad", page(STORY))
    other = site.base.replace("127.0.0.1", "localhost") + "/abroad"
    html = f'<a id="link" href="{other}" style="position:fixed;inset:0;font-size:90px">Away</a>'
    return browser.driver.open(site.add("/home", html))


def refuse_the_link(browser: Browser, prepared: Prepared, ask: Callable[[], object]) -> None:
    """What is said where the person does not allow the link's site."""
    before = browser.pages("reader.html")
    browser.driver.refuse_permission(ask)
    reader = browser.reader(before, "failure")
    assert browser.ask("document.getElementById('failure').dataset.problem", reader) == "link_refused"
    assert prepared.requests == []


def test_link_to_another_site_is_read_once_that_is_allowed(firefox: Browser, site: Site, prepared: Prepared) -> None:
    firefox.reset()
    live = link_to_another_site(firefox, site, prepared)
    menu = partial(firefox.driver.context_menu, live, "Read the linked article", 60, 60)
    refuse_the_link(firefox, prepared, menu)
    before = firefox.pages("reader.html")
    firefox.driver.accept_permission(menu)
    firefox.reader(before)
    assert prepared.requests[-1]["url"].endswith("/abroad")
    assert STORY.paragraphs[0] in prepared.requests[-1]["html"]
    assert "https://localhost/*" in firefox.ask("chrome.permissions.getAll().then(all => all.origins)")
    firefox.close_pages()
    # One that leads back to a site that nothing was asked for.
    live = link_to_another_site(firefox, site, prepared)
    site.add("/abroad", "", Location=site.add("/back", page(STORY)))
    prepared.requests.clear()
    before = firefox.pages("reader.html")
    firefox.driver.context_menu(live, "Read the linked article", 60, 60)
    reader = firefox.reader(before, "failure")
    assert firefox.ask("document.getElementById('failure').dataset.problem", reader) == "link_refused"
    firefox.close_pages()


def test_access_for_a_link_holds_where_its_site_sends_on(browser: Browser) -> None:
    patterns = "import('./settings.js').then(({linkPatterns}) => ['http://www.news.example:8/a', 'https://127.0.0.1/b'].map(linkPatterns))"
    named, numbered = browser.ask(patterns)
    hosts = ["www.news.example", "news.example"]
    assert named == [f"{scheme}://{host}/*" for host in hosts for scheme in ("http", "https")]
    assert numbered == ["http://127.0.0.1/*", "https://127.0.0.1/*"]


def test_sidebar_of_firefox_shows_the_article(firefox: Browser, site: Site, prepared: Prepared) -> None:
    firefox.reset()
    prepared.answer = answer(STORY)
    firefox.use_service(prepared.base)
    firefox.ask("chrome.storage.sync.set({reader: {open_in: 'panel'}}).then(() => 1)")
    background = "chrome.runtime.getBackgroundPage().then(w => w.localStorage.getItem('open_in') === 'panel')"
    firefox.until(firefox.driver.ext, background)
    firefox.driver.click_action(firefox.driver.open(site.add("/side", page(STORY))))
    view = "chrome.extension.getViews({type: 'sidebar'})[0]?.document"
    firefox.until(firefox.driver.ext, f"{view}?.body?.dataset.state === 'article'")
    assert STORY.title in firefox.ask(f"{view}.getElementById('article').innerText")
    firefox.ask("chrome.storage.sync.clear().then(() => 1)")
    firefox.driver.evaluate(firefox.driver.chrome, "(SidebarController.hide(), 1)")
    firefox.close_pages()


# -- out ------------------------------------------------------------------


def test_copies_as_text_and_markdown_with_and_without_source(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = illustrated(site)
    url = site.add("/copy", page(STORY))
    reader = ready.read(url)
    said = "document.getElementById('toast').textContent.includes('Copied')"
    ready.driver.activate(reader)
    ready.click(reader, "#copy-text")
    ready.until(reader, said)
    text = ready.driver.clipboard(reader)
    assert text.startswith(STORY.title + "\n\n" + STORY.paragraphs[0])
    assert "The mill in March." not in text
    assert text.rstrip().endswith(url)
    ready.click(reader, "[name=source_line]")
    ready.ask("(document.getElementById('toast').replaceChildren(), 1)", reader)
    ready.click(reader, "#copy-markdown")
    ready.until(reader, said)
    markdown = ready.driver.clipboard(reader)
    assert markdown.startswith(f"# {STORY.title}\n\n")
    assert f"![The mill]({site.base}/picture/mill.png)\n\n*The mill in March.*" in markdown
    assert "- One **bold** point\n- Another" in markdown
    assert "| Year | Tons |\n| --- | --- |\n| 2025 | 40 |" in markdown
    assert url not in markdown


def test_a_refused_copy_is_told(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = illustrated(site)
    reader = ready.read(site.add("/copy-refused", page(STORY)))
    ready.ask("(Clipboard.prototype.writeText = () => Promise.reject(new Error('refused')), 1)", reader)
    ready.click(reader, "#copy-text")
    ready.until(reader, "document.getElementById('toast').textContent.includes('did not allow copying')")


def test_files_hold_the_article_as_it_stands(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = {**illustrated(site), "dek": "Nine years *after* it closed."}
    reader = ready.read(site.add("/save", page(STORY)))
    name, data = ready.driver.download(reader, "#save-txt")
    assert name == f"{STORY.title}.txt"
    assert data.decode().startswith(f"{STORY.title}\n\nNine years *after* it closed.\n\n")
    assert STORY.paragraphs[4] in data.decode()
    name, data = ready.driver.download(reader, "#save-md")
    assert name.endswith(".md") and data.decode().startswith(
        f"# {STORY.title}\n\nNine years \\*after\\* it closed.\n\n"
    )
    name, data = ready.driver.download(reader, "#save-html")
    html = data.decode()
    assert "<script" not in html and "data:image/png;base64," in html and f"{site.base}/picture" not in html
    assert f"<h1>{STORY.title}</h1>" in html and "<p>Nine years *after* it closed.</p>" in html


TOAST = "(toast => [toast.querySelector('span')?.textContent ?? null, toast.querySelector('button')?.textContent ?? null])(document.getElementById('toast'))"


def test_pictures_left_out_are_told_apart(ready: Browser, site: Site, prepared: Prepared) -> None:
    """Only those of a site that must be allowed first are offered to be allowed; and all are said to be fetched."""
    ready.ask("chrome.permissions.getAll().then(({origins}) => chrome.permissions.remove({origins})).then(() => 1)")
    other = site.base.replace("127.0.0.1", "localhost")
    kept = site.add("/kept.png", PNG, Content_Type="image/png").replace("127.0.0.1", "localhost")
    pictures = [
        {"id": number, "kind": "figure", "label": "content", "text": "", "html": f'<figure><img src="{src}" alt=""></figure>'}
        for number, src in enumerate([f"{other}/gone.png", kept])
    ]  # fmt: skip
    prepared.answer = answer(STORY, blocks=[*answer(STORY)["blocks"], *pictures])  # type: ignore[misc]
    reader = ready.read(site.add("/left-out", page(STORY)))
    ready.ask(
        "(own => { window.go = null; const hold = new Promise(done => { window.go = done; });"
        " window.fetch = (...all) => hold.then(() => own(...all)); return 1 })(window.fetch.bind(window))",
        reader,
    )
    ready.click(reader, "#save-html")
    ready.until(reader, f"{TOAST}[0] === 'Fetching pictures…'")
    ready.ask("(window.go(), 1)", reader)
    told = ["Pictures left out: 1. Their site must be allowed first. Pictures that could not be loaded: 1."]
    ready.until(reader, f"{TOAST}[0] !== 'Fetching pictures…'")
    assert ready.ask(TOAST, reader) == [*told, "Allow and try again"]
    prepared.answer = answer(STORY, blocks=[*answer(STORY)["blocks"], pictures[0]])  # type: ignore[misc]
    reader = ready.read(site.add("/gone-out", page(STORY)))
    ready.driver.download(reader, "#save-html")
    ready.until(reader, f"{TOAST}[0] === 'Pictures that could not be loaded: 1.'")
    assert ready.ask(TOAST, reader)[1] is None


def test_files_in_arabic_keep_dates_code_and_addresses_from_left_to_right(
    ready: Browser, site: Site, prepared: Prepared
) -> None:
    story = STORIES["ar"]
    code = {"id": 5, "kind": "code", "label": "content", "text": "a = 1", "html": "<pre><code>a = 1</code></pre>"}
    prepared.answer = answer(story, blocks=[*answer(story)["blocks"], code], byline="سلمى")  # type: ignore[misc]
    reader = ready.read(site.add("/arabic-files", page(story)))
    _, data = ready.driver.download(reader, "#save-html")
    html = data.decode()
    _, data = ready.driver.download(reader, "#save-epub")
    book = zipfile.ZipFile(io.BytesIO(data))
    for file in (html, book.read("book/chapter-1.xhtml").decode()):
        assert '<bdi>سلمى</bdi> · <bdi dir="ltr">2026-03-02</bdi>' in file
        assert '<pre dir="ltr"><code dir="ltr">a = 1</code></pre>' in file
        assert re.search(r'<a [^>]*dir="ltr"[^>]*>http', file)
    styles = html + book.read("book/style.css").decode()
    assert not re.search(r"(?:margin|padding|border)-(?:left|right)", styles)
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html


def test_standfirst_that_opens_the_text_is_printed_once(ready: Browser, site: Site, prepared: Prepared) -> None:
    opening = STORY.paragraphs[0]
    picture = {"id": 5, "kind": "figure", "label": "content", "text": "The mill", "html": f'<figure><img src="{site.base}/picture/m.png" alt="The mill"></figure>'}  # fmt: skip
    blocks: list[Any] = [picture, *answer(STORY)["blocks"]]  # type: ignore[misc]
    prepared.answer = answer(STORY, blocks=blocks, removed=[], dek=opening.replace(" ", "\u00a0 ", 3))
    reader = ready.read(site.add("/twice", page(STORY)))

    def times(text: str) -> int:
        return " ".join(text.split()).count(opening)

    assert times(ready.text(reader)) == 1
    for form in ("txt", "md", "html"):
        _, data = ready.driver.download(reader, f"#save-{form}")
        assert times(data.decode().replace("&nbsp;", " ")) == 1, form
    _, data = ready.driver.download(reader, "#save-epub")
    assert times(zipfile.ZipFile(io.BytesIO(data)).read("book/chapter-1.xhtml").decode()) == 1


def test_text_numbers_lists_as_the_services_does(ready: Browser, site: Site, prepared: Prepared) -> None:
    def item(number: int, tag: str, text: str) -> dict[str, Any]:
        html = f"<{tag}><li>{text}</li></{tag[:2]}>"
        return {"id": number, "kind": "list_item", "label": "content", "html": html, "text": text}

    blocks: list[dict[str, Any]] = list(answer(STORY)["blocks"])  # type: ignore[call-overload]
    lists = [
        item(40, "ol", "Weigh it"),
        item(41, 'ol start="2"', "Rinse it"),
        item(42, "ul", "Loose"),
        item(43, "ol", "Alone"),
    ]
    lists += [item(44, "ol", "Dry it"), item(45, 'ol start="3"', "Bag it")]
    prepared.answer = answer(STORY, blocks=[*blocks, *lists], removed=[])
    reader = ready.read(site.add("/numbered", page(STORY)))
    _, data = ready.driver.download(reader, "#save-txt")
    assert "1. Weigh it\n\n2. Rinse it\n\n- Loose\n\n- Alone\n\n1. Dry it\n\n3. Bag it" in data.decode()
    _, data = ready.driver.download(reader, "#save-md")
    assert "1. Weigh it\n2. Rinse it\n\n- Loose\n\n1. Alone\n1. Dry it\n3. Bag it" in data.decode()
    # Only a number that a browser would not give by itself is set.
    shown = "[...document.querySelectorAll('#article ol > li')].map((item) => item.value)"
    assert ready.ask(f"JSON.stringify({shown})", reader) == "[0,0,0,1,3]"


def test_reading_aloud_marks_the_sentence_and_uses_the_speed(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/aloud", page(STORY)))
    spoken = """(() => { window.said = []; window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
      Object.defineProperty(window, 'speechSynthesis', {value: {cancel() {}, getVoices: () => [], speak(u) {
        window.said.push([u.text.trim(), u.rate, [...(CSS.highlights.get('spoken') ?? [])].map(String).join('').trim()]);
        if (window.said.length < 3) setTimeout(() => u.onend(), 5); }}, configurable: true}); return 1 })()"""
    ready.ask(spoken, reader)
    ready.ask(
        "(document.querySelector('[name=rate]').value = 1.5, document.querySelector('[name=rate]').dispatchEvent(new Event('change')), 1)",
        reader,
    )
    ready.click(reader, "#speak-play")
    ready.until(reader, "window.said.length === 3")
    said = ready.ask("window.said", reader)
    assert said[0][0] == STORY.title
    assert all(text == marked and rate == 1.5 for text, rate, marked in said)
    ready.click(reader, "#speak-stop")
    assert ready.ask("CSS.highlights.has('spoken')", reader) is False


def test_reading_aloud_without_a_voice_says_so(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/mute", page(STORY)))
    mute = """(() => { window.asked = 0; window.SpeechSynthesisUtterance = class {};
      Object.defineProperty(window, 'speechSynthesis', {value: {cancel() {}, getVoices: () => [], speak(u) {
        window.asked++; setTimeout(() => u.onerror(), 5); }}, configurable: true}); return 1 })()"""
    ready.ask(mute, reader)
    ready.click(reader, "#speak-play")
    ready.until(reader, "document.getElementById('toast').textContent.includes('no voice')")
    assert ready.ask("[window.asked, CSS.highlights.has('spoken')]", reader) == [1, False]


def test_share_hands_over_title_and_address(ready: Browser, site: Site) -> None:
    url = site.add("/share", page(STORY))
    reader = ready.read(url)
    with ready.driver.reloaded_sharing(reader, can=True):
        ready.until(reader, "document.body.dataset.state === 'article'")
    ready.ask("(Object.defineProperty(navigator, 'share', {value: async d => { window.shared = d; }}), 1)", reader)
    ready.click(reader, "#share")
    assert ready.ask("window.shared", reader) == {"title": STORY.title, "text": STORY.title, "url": url}


def test_share_that_the_person_calls_off_is_no_failure(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/unshared", page(STORY)))
    with ready.driver.reloaded_sharing(reader, can=True):
        ready.until(reader, "document.body.dataset.state === 'article'")
    off = """(() => { window.asked = 0; window.failed = [];
      addEventListener('unhandledrejection', event => window.failed.push(String(event.reason)));
      Object.defineProperty(navigator, 'share', {value: async () => { window.asked += 1; throw new DOMException('', 'AbortError'); }});
      return 1 })()"""
    ready.ask(off, reader)
    ready.click(reader, "#share")
    assert ready.ask("new Promise(done => setTimeout(done)).then(() => [window.asked, window.failed])", reader) == [
        1,
        [],
    ]


def test_no_share_button_where_the_browser_cannot(ready: Browser, site: Site) -> None:
    reader = ready.read(site.add("/cannot", page(STORY)))
    with ready.driver.reloaded_sharing(reader, can=False):
        ready.until(reader, "document.body.dataset.state === 'article'")
    assert ready.ask("['share', 'print'].map(id => document.getElementById(id)?.id ?? null)", reader) == [None, "print"]


def test_picture_is_enlarged_by_keyboard_and_closed(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = illustrated(site)
    reader = ready.read(site.add("/box", page(STORY)))
    ready.ask(
        "(document.querySelector('#content img').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})), 1)",
        reader,
    )
    assert ready.ask("[lightbox.open, lightbox.innerText.trim()]", reader) == [True, "The mill in March."]
    ready.click(reader, "#lightbox button")
    assert ready.ask("lightbox.open", reader) is False


def test_pictures_can_be_switched_off(ready: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = illustrated(site)
    ready.ask("chrome.storage.sync.set({reader: {images: false}}).then(() => 1)")
    reader = ready.read(site.add("/quiet", page(STORY)))
    assert ready.ask(
        "[document.querySelectorAll('#article img').length, document.querySelector('.alt').textContent]", reader
    ) == [0, "The mill"]
    assert (
        json.loads(
            ready.ask(
                "JSON.stringify(performance.getEntriesByType('resource').filter(e => e.name.includes('/picture')))",
                reader,
            )
        )
        == []
    )
