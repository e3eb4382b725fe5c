"""The page for people in a real browser."""

from __future__ import annotations

import pytest
from browser.chromium import BINARY, _playwright

from .conftest import PAGE, SENTENCE


@pytest.fixture(scope="module")
def chromium():
    browser = _playwright().chromium.launch(executable_path=BINARY, chromium_sandbox=False)
    yield browser
    browser.close()


@pytest.fixture
def page(service, chromium):
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce")
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if "Content Security" in line.text else None)
    page.goto(service.url)
    yield page
    context.close()
    assert wrong == []


STRUCTURED = PAGE.replace(
    "</article>",
    "<table><tr><th>Day<th>Boats<th>Donaudampfschifffahrt<tr><td>Mon<td>3<td>Donaudampfschifffahrtsgesellschaft"
    "</table><ol><li>Close the lane that leads over the bridge.<ul><li>Lift the plates with both of the cranes.</ul>"
    "<li>Rest until the morning, when the boats come.</ol><p>Roses are red, and the bridge is long,<br>violets are blue, "
    "and the riveters strong.</p></article>",
)


def clean(page, html):
    page.fill("#page", html)
    page.click("text=Clean")
    page.wait_for_selector(".article")


def copied(page):
    page.click("text=Copy text")
    page.wait_for_selector("text=Copied")
    return page.evaluate("navigator.clipboard.readText()")


def test_pasted_page_is_cleaned_without_a_reload_and_a_removal_is_put_back(page):
    page.evaluate("window.sameDocument = true")
    page.fill("#page", PAGE)
    page.click("text=Clean")
    page.wait_for_selector(".article")
    assert page.evaluate("window.sameDocument") is True
    before = copied(page)
    assert SENTENCE in before and "All rights reserved" not in before

    page.click("summary:has-text('copyright')")
    item = page.locator("li", has_text="All rights reserved")
    item.locator("button").click()
    assert page.locator(".article", has_text="All rights reserved").is_visible()
    assert page.locator("text=Copy Markdown").is_disabled()
    page.wait_for_selector("text=Copy text")
    assert "All rights reserved" in copied(page)

    item.locator("text=Remove again").click()
    page.wait_for_selector("text=Copy text")
    assert copied(page) == before


def test_tables_lists_and_lines_are_copied_as_they_were_when_something_is_put_back(page):
    clean(page, STRUCTURED)
    before = copied(page)
    assert "Day | Boats" in before and "- Lift the plates" in before
    page.click("summary:has-text('copyright')")
    page.locator("li", has_text="All rights reserved").locator("button").click()
    page.wait_for_selector("text=Copy text")
    assert copied(page) == before + "\nCopyright 2026 The Harbour Post. All rights reserved."


def test_rows_items_and_lines_are_joined_and_a_wide_table_is_scrolled_in_its_frame(page):
    page.set_viewport_size({"width": 320, "height": 700})
    clean(page, STRUCTURED)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate("(f => f.scrollWidth > f.clientWidth)(document.querySelector('.body .scroll'))")
    counted = {
        css: page.locator(f".body {css}").count() for css in ("table", "table tr", "ol > li > ul > li", "p .block")
    }
    assert counted == {"table": 1, "table tr": 2, "ol > li > ul > li": 1, "p .block": 2}


def test_focus_moves_from_the_button_to_the_answer(page):
    page.fill("#page", PAGE)
    page.focus("text=Clean")
    page.keyboard.press("Enter")
    page.wait_for_selector(".article")
    page.wait_for_selector("body:not(.waiting)")
    assert page.evaluate("document.activeElement.id") == "result"
    assert page.get_attribute(".primary", "aria-disabled") == "false"


def test_example_fills_the_field_and_is_cleaned(page):
    page.click("text=Try an example")
    page.wait_for_selector(".article")
    assert page.input_value("#page").startswith("<!doctype html>")
    page.check("#in-place")
    assert page.locator(".gone", has_text="weekly letter").is_visible()


def test_dropped_file_is_cleaned(page):
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], "page.html", { type: "text/html" }));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        PAGE,
    )
    page.wait_for_selector(".article")
    assert SENTENCE in page.inner_text(".article")


def test_form_works_with_scripts_off(service, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(service.url)
    page.fill("#page", PAGE)
    page.click("text=Clean")
    page.wait_for_selector(".article")
    assert page.url.endswith("/#result")
    assert SENTENCE in page.inner_text(".article")
    context.close()


@pytest.mark.parametrize("path", ["/", "/docs"])
@pytest.mark.parametrize("width", [360, 1280])
def test_page_is_no_wider_than_its_window(page, path, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(page.url.split("#")[0].rstrip("/") + path)
    assert page.evaluate("document.documentElement.scrollWidth") == width
