"""The whole way in real browsers: a click on a news page gives the clean article, from the real service."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from .conftest import Browser
from .news import DESIGNS, STORIES, page
from .servers import Site, real_service

BORN_FROM = Path(__file__).parent.parent / "pages" / "whatsapp-russia.html"
DEFAULT_PORT = 8347
CUT = """[...document.querySelectorAll('#article h1, #article p, #article span')].filter(e => {
  const box = e.getBoundingClientRect(), page = document.scrollingElement;
  const out = box.left + scrollX < 0 || box.top + scrollY < 0 || box.right + scrollX > page.scrollWidth + 1
    || box.bottom + scrollY > page.scrollHeight + 1;
  const upright = getComputedStyle(e).writingMode === 'horizontal-tb';
  const over = upright ? e.scrollWidth - e.clientWidth : e.scrollHeight - e.clientHeight;
  return box.width && (out || over > 1 && e.localName !== 'span');
}).map(e => e.textContent)"""
"""What a person cannot reach by scrolling, or what runs along its line out of its own box."""
FORMS = [(language, list(DESIGNS)[number % len(DESIGNS)]) for number, language in enumerate(STORIES)]


@pytest.mark.parametrize(("language", "design"), FORMS)
def test_click_gives_the_article_without_its_promotional_line(
    browser: Browser, site: Site, service: str, language: str, design: str
) -> None:
    story = STORIES[language]
    browser.use_service(service)
    reader = browser.read(site.add(f"/{language}/{design}", page(story, design)))
    text = browser.text(reader)
    for paragraph in story.paragraphs:
        assert paragraph in text
    assert story.title in text
    assert story.promotion not in text
    place = browser.ask(
        "[document.getElementById('article').lang, getComputedStyle(document.getElementById('article')).direction]",
        reader,
    )
    assert place == [language, "rtl" if language == "ar" else "ltr"]


def test_first_run_needs_no_settings_beside_the_service_at_its_own_address(browser: Browser, site: Site) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", DEFAULT_PORT))
        except OSError as error:
            pytest.skip(f"the service's own port {DEFAULT_PORT} is taken on this computer: {error}")
    story = STORIES["en"]
    with real_service(DEFAULT_PORT):
        reader = browser.read(site.add("/first", page(story)))
    text = browser.text(reader)
    assert story.paragraphs[0] in text and story.promotion not in text
    assert browser.ask("Promise.all([chrome.storage.local.get(), chrome.storage.sync.get()])") == [{}, {}]


def test_page_in_vertical_writing_is_read_and_nothing_of_it_is_cut(browser: Browser, site: Site, service: str) -> None:
    story = STORIES["ja"]
    style = "<style>html { writing-mode: vertical-rl } body { block-size: 3000px }</style></head>"
    browser.use_service(service)
    reader = browser.read(site.add("/vertical", page(story).replace("</head>", style)))
    assert all(paragraph in browser.text(reader) for paragraph in story.paragraphs)
    assert browser.ask("getComputedStyle(document.getElementById('article')).writingMode", reader) == "horizontal-tb"
    for width in (1280, 360):
        browser.driver.resize(reader, width, 800)
        browser.until(reader, f"innerWidth === {width}")
        for mode in ("horizontal-tb", "vertical-rl"):
            browser.ask(f"(document.getElementById('article').style.writingMode = '{mode}', 1)", reader)
            assert browser.ask(CUT, reader) == [], (width, mode)
    browser.driver.resize(reader, 1280, 800)


def test_page_this_project_was_born_from_ends_with_its_last_paragraph(
    browser: Browser, site: Site, service: str
) -> None:
    html = BORN_FROM.read_text(encoding="utf-8")
    browser.use_service(service)
    reader = browser.read(site.add("/whatsapp", html))
    text = browser.text(reader)
    for heading in (
        "Push for State-Backed Messaging Platform",
        "Kremlin Response and Regulatory Conditions",
        "Regulatory Actions Against Foreign Platforms",
    ):
        assert heading in text
    assert "For more breaking news updates" not in text
    shown = browser.ask("document.querySelectorAll('#content > p').length", reader)
    assert shown == 10
    browser.click(reader, "#count")
    assert "For more breaking news updates" in browser.ask("document.getElementById('removed').textContent", reader)
