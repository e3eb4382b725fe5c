"""The whole way in real browsers: a click on a news page gives the clean article, from the real service."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Browser
from .news import DESIGNS, STORIES, page
from .servers import Site

BORN_FROM = Path(__file__).parent.parent / "pages" / "whatsapp-russia.html"
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
