"""What was removed: shown with its reason and place, put back, taught, and remembered."""

from __future__ import annotations

import json
import re

import pytest
from bodycopy.article import BOILERPLATE_LABELS

from .conftest import EXTENSION, Browser
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
    places = browser.ask("[...document.querySelectorAll('.where')].map(p => p.textContent)", reader)
    assert any(re.match(f"After “\\W?{STORY.paragraphs[1][:30]}", place) for place in places)
    assert "After the end" in places
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


def order(browser: Browser, reader: object, numbers: list[int]) -> None:
    """Waits until these entries, and no others, are shown in this order."""
    shown = "[...document.querySelectorAll('#content [data-entry]')].map(e => Number(e.dataset.entry))"
    browser.until(reader, f"JSON.stringify({shown}) === JSON.stringify({numbers})")


def rules(browser: Browser) -> list[dict[str, str]]:
    kept: list[dict[str, str]] = browser.ask("chrome.storage.local.get('rules').then(r => r.rules ?? [])")
    return [{name: value for name, value in rule.items() if name != "id"} for rule in kept]


ALL = [10, 11, 12, 13, 14]


def test_removed_pictures_are_one_folded_group_and_come_back(browser: Browser, site: Site, prepared: Prepared) -> None:
    def picture(number: int, alt: str) -> dict[str, object]:
        html = f'<figure><img src="{site.base}/picture/{number}.png?wide" alt="{alt}"></figure>'
        facts = {"id": number, "label": "related", "reason": "Links to another story.", "source": "model"}
        return {**facts, "kind": "figure", "confidence": 0.9, "text": alt, "html": html, "position": 2}

    story = answer(STORY)
    removed: list[dict[str, object]] = story["removed"]  # type: ignore[assignment]
    removed[2:2] = [picture(3, "The mill"), picture(4, "")]
    prepared.answer = story
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/gallery", page(STORY)))
    browser.click(reader, "#count")
    groups = "[...document.querySelectorAll('#removed details')].map(d => [d.dataset.label, d.open])"
    assert ["pictures", False] in browser.ask(groups, reader)
    browser.click(reader, "[data-label=pictures] summary")
    browser.until(reader, "document.querySelectorAll('[data-label=pictures] .gone').length === 2")
    said = "[...document.querySelectorAll('[data-label=pictures] .gone')].map(p => p.textContent)"
    assert browser.ask(said, reader) == ["The mill", "4.png"]
    browser.click(reader, '[data-removed="3"] button')
    order(browser, reader, [10, 11, 3, 12, 13, 14])
    assert browser.ask("document.querySelector('[data-entry=\"3\"] img').alt", reader) == "The mill"


def test_removed_is_put_back_in_its_place_and_undone(browser: Browser, reader: object) -> None:
    browser.click(reader, "#count")
    browser.click(reader, '[data-removed="2"] button')
    order(browser, reader, [10, 11, 2, 12, 13, 14])
    browser.click(reader, "#toast button")
    order(browser, reader, ALL)


def test_round_trip_with_the_service(browser: Browser, site: Site, service: str) -> None:
    """Removed, put back, taught, removed by rule on reload, put back for good."""
    browser.use_service(service)
    reader = browser.read(site.add("/round", page(STORY)))
    assert STORY.promotion not in browser.text(reader)
    browser.click(reader, "#count")
    browser.ask("(document.querySelectorAll('#removed details').forEach(d => d.open = true), 1)", reader)
    line = f"[...document.querySelectorAll('.removed > li')].find(li => li.innerText.includes({STORY.promotion!r}))"
    browser.until(reader, line)
    browser.ask(f"({line}.querySelector('button').click(), 1)", reader)
    browser.until(reader, f"document.getElementById('article').innerText.includes({STORY.promotion!r})")
    number = browser.ask(
        f"Number([...document.querySelectorAll('[data-entry]')].find(e => e.textContent.includes({STORY.paragraphs[3][:40]!r})).dataset.entry)",
        reader,
    )
    select_block(browser, reader, number)
    browser.click(reader, "#never")
    browser.until(reader, f"!document.querySelector('[data-entry=\"{number}\"]')")
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'article'")
    text = browser.text(reader)
    assert STORY.paragraphs[3] not in text and STORY.paragraphs[4] in text
    browser.click(reader, "#count")
    taught = "document.querySelector('[data-label=taught]')"
    browser.until(reader, f"{taught}.innerText.includes('You asked never to see this')")
    assert STORY.paragraphs[3][:40] in browser.ask(f"{taught}.innerText", reader)
    browser.click(reader, "[data-label=taught] li button")
    browser.until(reader, f"document.getElementById('article').innerText.includes({STORY.paragraphs[3][:40]!r})")
    assert rules(browser) == []
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'article'")
    assert STORY.paragraphs[3] in browser.text(reader)


def test_taught_text_goes_with_the_next_request(browser: Browser, reader: object, prepared: Prepared) -> None:
    select_block(browser, reader, 13)
    browser.click(reader, "#never")
    order(browser, reader, [10, 11, 12, 14])
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'article'")
    order(browser, reader, [10, 11, 12, 14])
    assert prepared.requests[-1]["options"]["drop_texts"] == [STORY.paragraphs[3]]


def test_taught_text_is_left_in_on_other_sites(
    browser: Browser, reader: object, site: Site, prepared: Prepared
) -> None:
    select_block(browser, reader, 13)
    browser.click(reader, "#never")
    order(browser, reader, [10, 11, 12, 14])
    elsewhere = browser.read(site.add("/elsewhere", page(STORY)).replace("127.0.0.1", "localhost"))
    order(browser, elsewhere, ALL)
    assert prepared.requests[-1]["options"]["drop_texts"] == []


def test_always_keep_this_kind_holds_on_reload(browser: Browser, reader: object, prepared: Prepared) -> None:
    browser.click(reader, "#count")
    browser.click(reader, '[data-label="newsletter"] .group-body > button')
    order(browser, reader, [*ALL, 90])
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'article'")
    order(browser, reader, [*ALL, 90])
    assert prepared.requests[-1]["options"]["keep_labels"] == ["newsletter"]


def test_always_keep_this_kind_is_undone(browser: Browser, reader: object) -> None:
    browser.click(reader, "#count")
    browser.click(reader, '[data-label="newsletter"] .group-body > button')
    order(browser, reader, [*ALL, 90])
    assert rules(browser) == [{"type": "keep", "label": "newsletter"}]
    browser.click(reader, "#toast button")
    order(browser, reader, ALL)
    assert rules(browser) == []


def test_undo_of_a_taught_text_forgets_the_rule(browser: Browser, reader: object) -> None:
    select_block(browser, reader, 12)
    browser.click(reader, "#never")
    order(browser, reader, [10, 11, 13, 14])
    assert rules(browser) == [{"type": "drop", "site": "127.0.0.1", "text": STORY.paragraphs[2]}]
    browser.click(reader, "#toast button")
    order(browser, reader, ALL)
    assert rules(browser) == []


def test_threefold_click_teaches_one_paragraph_only(browser: Browser, reader: object) -> None:
    """Browsers let such a selection end at the very beginning of the next paragraph."""
    browser.ask(
        "(() => { const [a, b] = [12, 13].map(n => document.querySelector(`[data-entry='${n}']`));"
        " getSelection().setBaseAndExtent(a.firstChild, 0, b, 0); return 1 })()",
        reader,
    )
    browser.until(reader, "!document.getElementById('teach').hidden")
    browser.click(reader, "#never")
    order(browser, reader, [10, 11, 13, 14])


def test_each_step_is_undone_with_the_keyboard(browser: Browser, reader: object) -> None:
    browser.driver.activate(reader)
    for key in ("j", "j", "x"):
        browser.driver.key(reader, key)
    order(browser, reader, [10, 12, 13, 14])
    browser.click(reader, "#count")
    browser.click(reader, '[data-removed="90"] button')
    order(browser, reader, [10, 12, 13, 14, 90])
    browser.driver.key(reader, "u")
    order(browser, reader, [10, 12, 13, 14])
    browser.driver.key(reader, "u")
    order(browser, reader, ALL)
    browser.until(reader, "chrome.storage.local.get('rules').then(r => r.rules.length === 0)")


def test_paragraph_is_taught_by_keyboard_alone(browser: Browser, reader: object) -> None:
    browser.driver.activate(reader)
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
    name, data = browser.driver.download(options, "#export")
    exported = data.decode()
    assert name.startswith("bodycopy-rules") and name.endswith(".json") and STORY.paragraphs[2] in exported
    words = "document.querySelector('#rule-list textarea')"
    browser.ask(f"({words}.value = ' Other  words ', {words}.dispatchEvent(new Event('change')), 1)", options)
    browser.until(options, "chrome.storage.local.get('rules').then(r => r.rules[0].text === 'Other words')")
    browser.until(options, f"{words}?.value === 'Other words'")
    browser.click(options, "#rule-list button")
    browser.until(options, "!document.querySelector('#rule-list [data-rule]')")
    browser.until(options, "document.activeElement === document.querySelector('#rules-said button')")
    browser.click(options, "#rules-said button")
    browser.until(options, "document.activeElement?.closest('#rule-list [data-rule]')")
    browser.click(options, "#rule-list button")
    browser.until(options, "!document.querySelector('#rule-list [data-rule]')")
    load = (
        "(() => { const data = new DataTransfer(); data.items.add(new File([%s], 'rules.json'));"
        " const input = document.getElementById('import'); input.files = data.files;"
        " input.dispatchEvent(new Event('change')); return 1 })()"
    )

    browser.ask(load % json.dumps(exported), options)
    browser.until(options, "document.querySelectorAll('#rule-list [data-rule]').length === 1")
    unknown = {"format": "bodycopy-rules/1", "rules": [{"type": "keep", "label": "sponsored"}]}
    browser.ask(load % json.dumps(json.dumps(unknown)), options)
    browser.until(options, "/added: 0.*version: 1/.test(document.getElementById('rules-said').textContent)")
    assert len(rules(browser)) == 1
    browser.ask(load % json.dumps('{"format": "else"}'), options)
    browser.until(options, "document.getElementById('rules-said').textContent.includes('no rules')")


FOCUS = "((f) => f.closest('[data-removed]')?.dataset.removed ?? f.closest('details')?.dataset.label ?? f.id)(document.activeElement)"


def keyed(browser: Browser, reader: object, selector: str) -> None:
    """Presses a button with the keyboard."""
    browser.ask(f"(document.querySelector({json.dumps(selector)}).focus(), 1)", reader)
    browser.driver.key(reader, "Enter")


@pytest.fixture
def crowded(browser: Browser, site: Site, prepared: Prepared) -> object:
    """Two kinds with several lines each, between the paragraphs and long after each other."""

    def line(number: int, label: str, position: int) -> dict[str, object]:
        facts = {"id": number, "label": label, "reason": "A reason.", "source": "model", "confidence": 0.9}
        return {**facts, "text": f"Line {number}", "html": f"<p>Line {number}</p>", "position": position}

    order = [(1, "newsletter", 0), (2, "related", 1), (3, "newsletter", 2), (4, "related", 3), (5, "copyright", 5)]
    prepared.answer = answer(STORY, removed=[line(*one) for one in order])
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/crowded", page(STORY)))
    browser.driver.activate(reader)
    browser.click(reader, "#count")
    return reader


def test_keyboard_goes_on_with_the_next_removal_after_each_action(browser: Browser, crowded: object) -> None:
    keyed(browser, crowded, '[data-removed="2"] button')
    order(browser, crowded, [10, 2, 11, 12, 13, 14])
    browser.until(crowded, f"{FOCUS} === '4'")
    # The place that the next one would take is not pointed at: the article shows what was put back.
    assert browser.ask("document.getElementById('place')", crowded) is None
    browser.driver.key(crowded, "Enter")
    order(browser, crowded, [10, 2, 11, 12, 4, 13, 14])
    browser.until(crowded, f"{FOCUS} === 'newsletter'")
    keyed(browser, crowded, '[data-label="newsletter"] .group-body > button')
    order(browser, crowded, [1, 10, 2, 11, 3, 12, 4, 13, 14])
    browser.until(crowded, f"{FOCUS} === 'copyright'")
    browser.driver.key(crowded, "Enter")
    browser.until(crowded, "document.querySelector('[data-removed=\"5\"]')")
    keyed(browser, crowded, '[data-removed="5"] button')
    order(browser, crowded, [1, 10, 2, 11, 3, 12, 4, 13, 14, 5])
    browser.until(crowded, f"{FOCUS} === 'drawer-close'")


def test_undo_gives_the_keyboard_back(browser: Browser, crowded: object) -> None:
    keyed(browser, crowded, '[data-removed="2"] button')
    browser.until(crowded, f"{FOCUS} === '4'")
    keyed(browser, crowded, "#toast button")
    order(browser, crowded, ALL)
    browser.until(crowded, "document.getElementById('toast').textContent === 'Undone'")
    assert browser.ask(FOCUS, crowded) == "4"
    browser.click(crowded, "#drawer-close")
    for key in ("j", "x"):
        browser.driver.key(crowded, key)
    order(browser, crowded, ALL[1:])
    keyed(browser, crowded, "#toast button")
    order(browser, crowded, ALL)
    browser.until(crowded, "document.activeElement.id === 'count' || document.activeElement.id === 'article'")


def test_groups_keep_their_order_and_stay_as_they_were_left(browser: Browser, crowded: object) -> None:
    kinds = "[...document.querySelectorAll('#removed details')].map(d => [d.dataset.label, d.open])"
    assert browser.ask(kinds, crowded) == [["related", True], ["newsletter", True], ["copyright", False]]
    browser.click(crowded, '[data-label="copyright"] summary')
    browser.click(crowded, '[data-label="newsletter"] summary')
    browser.until(crowded, "document.querySelector('[data-removed=\"5\"]')")
    left = [["related", True], ["newsletter", False], ["copyright", True]]
    for number in (5, 2, 4):
        browser.click(crowded, f'[data-removed="{number}"] button')
        browser.until(crowded, f"document.querySelector('[data-entry=\"{number}\"]')")
        browser.click(crowded, "#toast button")
        browser.until(crowded, f"document.querySelector('[data-removed=\"{number}\"]')")
        assert browser.ask(kinds, crowded) == left


def test_rows_that_were_asked_for_stay_and_take_the_keyboard(browser: Browser, site: Site, prepared: Prepared) -> None:
    first = answer(STORY)["removed"][1]  # type: ignore[index]
    prepared.answer = answer(STORY, removed=[{**first, "id": 100 + number} for number in range(90)])
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/rows", page(STORY)))
    browser.click(reader, "#count")
    browser.click(reader, ".more button")
    assert browser.ask(FOCUS, reader) == "140"
    keyed(browser, reader, '[data-removed="150"] button')
    browser.until(reader, "document.querySelector('[data-entry=\"150\"]')")
    browser.until(reader, f"{FOCUS} === '151'")


MARKED = "document.querySelector('#content .current')?.dataset.entry ?? null"


def test_steps_go_on_where_they_were_after_a_change(browser: Browser, reader: object) -> None:
    browser.driver.activate(reader)

    def press(*keys: str) -> str | None:
        for key in keys:
            browser.driver.key(reader, key)
        marked: str | None = browser.ask(MARKED, reader)
        return marked

    assert press("j", "j", "j") == "12"
    browser.click(reader, "#count")
    browser.click(reader, '[data-removed="2"] button')
    order(browser, reader, [10, 11, 2, 12, 13, 14])
    assert press() == "12"
    assert press("k") == "2"
    press("j", "x")
    order(browser, reader, [10, 11, 2, 13, 14])
    assert press("j") == "13"
    press("x")
    order(browser, reader, [10, 11, 2, 14])
    assert press("k") == "2"
    press("u")
    order(browser, reader, [10, 11, 2, 13, 14])
    assert press() == "2"


def test_steps_begin_with_what_is_in_view(browser: Browser, site: Site, prepared: Prepared) -> None:
    first = answer(STORY)["blocks"][0]  # type: ignore[index]
    prepared.answer = answer(STORY, blocks=[{**first, "id": 100 + number} for number in range(60)], removed=[])
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/far", page(STORY)))
    browser.driver.activate(reader)
    browser.ask("(document.querySelector('[data-entry=\"130\"]').scrollIntoView({block: 'center'}), 1)", reader)
    browser.driver.key(reader, "j")
    assert 120 < int(browser.ask(MARKED, reader)) <= 130


def test_labels_that_can_be_kept_are_the_services() -> None:
    source = (EXTENSION / "rules.js").read_text(encoding="utf-8").split("LABELS = new Set(")[1].split(".split")[0]
    assert set(" ".join(re.findall(r'"([^"]*)"', source)).split()) == set(BOILERPLATE_LABELS)


def test_rule_for_an_unknown_label_spoils_no_page(browser: Browser, site: Site, prepared: Prepared) -> None:
    """The browser may hold one of a later version; and the service may be older than the extension."""
    stored = [{"id": label, "type": "keep", "label": label} for label in ("sponsored", "newsletter")]
    browser.ask(f"chrome.storage.local.set({{rules: {json.dumps(stored)}}}).then(() => 1)")

    def old(request: dict[str, dict[str, object]]) -> dict[str, object]:
        prepared.status = 400 if request["options"].get("keep_labels") else 200
        return answer(STORY)

    prepared.answer = old
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/unknown", page(STORY)))
    order(browser, reader, [*ALL, 90])
    assert [request["options"].get("keep_labels") for request in prepared.requests] == [["newsletter"], None]


def test_very_long_block_is_not_shown_again(browser: Browser, site: Site, prepared: Prepared) -> None:
    text = STORY.paragraphs[2] + " And on it went, by barge and mill." * 200
    blocks: list[dict[str, object]] = list(answer(STORY)["blocks"])  # type: ignore[call-overload]
    blocks[2] = {**blocks[2], "text": text, "html": f"<p>{text}</p>"}
    prepared.answer = answer(STORY, blocks=blocks)
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/long", page(STORY)))
    select_block(browser, reader, 12)
    browser.click(reader, "#never")
    order(browser, reader, [10, 11, 13, 14])
    browser.driver.reload(reader)
    browser.until(reader, "document.body.dataset.state === 'article'")
    order(browser, reader, [10, 11, 13, 14])
