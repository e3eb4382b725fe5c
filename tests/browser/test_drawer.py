"""What was removed: shown with its reason and place, put back, taught, and remembered."""

from __future__ import annotations

import json

import pytest

from .conftest import Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site

STORY = STORIES["en"]


@pytest.fixture
def reader(browser: Browser, site: Site, prepared: Prepared) -> object:
    prepared.answer = answer(STORY)
    browser.use_service(prepared.base)
    return browser.read(site.add("/drawer", page(STORY)))


def select_block(browser: Browser, reader: object, number: int) -> None:
    browser.ask(f"(getSelection().selectAllChildren(document.querySelector('[data-entry=\"{number}\"]')), 1)", reader)
    browser.until(reader, "!document.getElementById('teach').hidden")


def test_drawer_lists_each_removal_with_reason_and_place(browser: Browser, reader: object) -> None:
    assert "4" in browser.ask("document.getElementById('count').textContent", reader)
    browser.click(reader, "#count")
    words = browser.ask("document.getElementById('removed').innerText", reader)
    assert STORY.promotion in words
    assert "Asks to sign up for a newsletter." in words
    assert browser.ask("[...document.querySelectorAll('#removed details')].map(d => d.dataset.label)", reader) == [
        "related",
        "newsletter",
        "navigation",
        "copyright",
    ]


def test_hover_marks_the_place(browser: Browser, reader: object) -> None:
    browser.click(reader, "#count")
    browser.ask(
        "(document.querySelector('[data-removed=\"2\"]').dispatchEvent(new MouseEvent('mouseenter')), 1)", reader
    )
    assert browser.ask("document.getElementById('place').previousElementSibling.dataset.entry", reader) == "11"
    browser.ask(
        "(document.querySelector('[data-removed=\"2\"]').dispatchEvent(new MouseEvent('mouseleave')), 1)", reader
    )
    assert browser.ask("document.getElementById('place')", reader) is None


def test_removed_is_put_back_in_its_place_and_undone(browser: Browser, reader: object) -> None:
    browser.click(reader, "#count")
    browser.click(reader, '[data-removed="2"] button')
    order = "[...document.querySelectorAll('#content [data-entry]')].map(e => e.dataset.entry)"
    assert browser.ask(order, reader) == ["10", "11", "2", "12", "13", "14"]
    browser.click(reader, "#toast button")
    assert browser.ask(order, reader) == ["10", "11", "12", "13", "14"]


def test_round_trip_put_back_then_taught_then_removed_by_rule_on_reload(
    browser: Browser, reader: object, prepared: Prepared
) -> None:
    browser.click(reader, "#count")
    browser.click(reader, '[data-removed="90"] button')
    assert STORY.promotion in browser.text(reader)
    select_block(browser, reader, 13)
    browser.click(reader, "#never")
    browser.until(reader, f"!document.getElementById('article').innerText.includes({STORY.paragraphs[3][:40]!r})")
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'article'")
    text = browser.text(reader)
    assert STORY.paragraphs[3] not in text
    assert STORY.paragraphs[4] in text
    assert STORY.paragraphs[3] in prepared.requests[-1]["options"]["drop_texts"]
    browser.click(reader, "#count")
    assert "You asked never to see this" in browser.ask("document.getElementById('removed').innerText", reader)


def test_always_keep_this_kind_holds_on_reload_and_can_be_undone(
    browser: Browser, reader: object, prepared: Prepared
) -> None:
    browser.click(reader, "#count")
    browser.click(reader, '[data-label="newsletter"] .group-body > button')
    browser.until(reader, f"document.getElementById('article').innerText.includes({STORY.promotion!r})")
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'article'")
    assert STORY.promotion in browser.text(reader)
    assert prepared.requests[-1]["options"]["keep_labels"] == ["newsletter"]


def test_undo_of_a_taught_text_forgets_the_rule(browser: Browser, reader: object) -> None:
    select_block(browser, reader, 12)
    browser.click(reader, "#never")
    browser.until(reader, "document.querySelector('#toast button') && !document.querySelector('[data-entry=\"12\"]')")
    browser.click(reader, "#toast button")
    browser.until(reader, "document.querySelector('[data-entry=\"12\"]')")
    assert browser.ask("chrome.storage.local.get('rules').then(r => r.rules)") == []


def test_paragraph_is_taught_by_keyboard_alone(browser: Browser, reader: object) -> None:
    browser.driver.activate(reader) if browser.name == "firefox" else None
    for key in ("j", "j", "x"):
        browser.driver.key(reader, key)
    browser.until(reader, "!document.querySelector('[data-entry=\"11\"]')")
    browser.driver.key(reader, "r")
    browser.until(reader, "!document.getElementById('drawer').hidden")
    browser.driver.key(reader, "Escape")
    browser.until(reader, "document.getElementById('drawer').hidden")


def test_rules_page_edits_exports_and_imports(browser: Browser, reader: object) -> None:
    select_block(browser, reader, 12)
    browser.click(reader, "#never")
    browser.until(reader, "!document.querySelector('[data-entry=\"12\"]')")
    options = browser.driver.open(f"{browser.base}/options.html")
    browser.until(options, "document.querySelectorAll('#rule-list [data-rule]').length === 1")
    exported = browser.ask("import('./rules.js').then(async m => m.exportRules(await m.readRules()))", options)
    assert STORY.paragraphs[2] in exported
    browser.click(options, "#rule-list button")
    browser.until(options, "!document.querySelector('#rule-list [data-rule]')")
    browser.click(options, "#rules-said button")
    browser.until(options, "document.querySelector('#rule-list [data-rule]')")
    browser.click(options, "#rule-list button")
    browser.until(options, "!document.querySelector('#rule-list [data-rule]')")
    load = (
        "(() => { const data = new DataTransfer(); data.items.add(new File([%s], 'rules.json'));"
        " const input = document.getElementById('import'); input.files = data.files;"
        " input.dispatchEvent(new Event('change')); return 1 })()"
    )

    browser.ask(load % json.dumps(exported), options)
    browser.until(options, "document.querySelectorAll('#rule-list [data-rule]').length === 1")
    browser.ask(load % json.dumps('{"format": "else"}'), options)
    browser.until(options, "document.getElementById('rules-said').textContent.includes('no rules')")
