"""The extension in a browser whose own language is another."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .chromium import Chromium
from .conftest import EXTENSION, Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site
from .test_accessibility import violations

STORY = STORIES["ar"]
WORDS = {
    key: entry["message"]
    for key, entry in json.loads((EXTENSION / "_locales/ar/messages.json").read_text(encoding="utf-8")).items()
}


# What such a browser says of itself. Debian's Chromium has no language but English without another package.
PRETEND = """{ const { getMessage } = chrome.i18n;
  chrome.i18n.getUILanguage = () => "ar";
  chrome.i18n.getMessage = (key, ...more) => (key === "@@bidi_dir" ? "rtl" : getMessage(key, ...more)); }
"""


def pretending(folder: Path, language: str) -> Chromium:
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "store"))
    own = folder / "_locales" / language / "messages.json"
    if own.exists():
        shutil.copy(own, folder / "_locales/en/messages.json")
    look = folder / "look.js"
    look.write_text(PRETEND.replace('"ar"', f'"{language}"') + look.read_text(encoding="utf-8"), encoding="utf-8")
    return Chromium(folder)


@pytest.fixture
def arabic(tmp_path: Path) -> Iterator[Browser]:
    driver = pretending(tmp_path / "extension", "ar")
    yield Browser(driver)
    driver.close()


@pytest.fixture
def hebrew(tmp_path: Path) -> Iterator[Browser]:
    driver = pretending(tmp_path / "extension", "he")
    yield Browser(driver)
    driver.close()


def test_everything_is_said_in_arabic_and_from_right_to_left(arabic: Browser, site: Site, prepared: Prepared) -> None:
    removed: list[dict[str, object]] = [*answer(STORY)["removed"]]  # type: ignore[misc]
    told = "Points to other stories: the page calls this part “teaser”."
    removed[2] = {**removed[2], "evidence": {"code": "made_up_later", "values": []}, "reason": "A letter: it says so."}
    removed[1] = {**removed[1], "reason": told, "evidence": {"code": "named", "values": ["teaser"]}}
    warnings = ["The page has more than 20,000 tags; its last 7 bytes were left out.", "Made up later."]
    codes = [{"code": "many_tags", "values": [20000, 7]}, {"code": "made_up_later", "values": []}]
    prepared.answer = answer(STORY, removed=removed, warnings=warnings, warning_codes=codes)
    arabic.use_service(prepared.base)
    reader = arabic.read(site.add("/arabic", page(STORY)))
    arabic.click(reader, "#count")
    assert arabic.ask("[document.documentElement.dir, document.documentElement.lang]", reader) == ["rtl", "ar"]
    drawer = arabic.ask("document.getElementById('drawer').innerText", reader)
    for key in (
        "drawer_title",
        "label_newsletter",
        "why_newsletter",
        "drawer_put_back",
        "drawer_keep_kind",
        "place_end",
    ):
        assert WORDS[key] in drawer, key
    # Neither the kind nor what told it is said in English, but for what the extension does not know yet.
    assert "A letter" not in drawer and "it says so." in drawer
    assert "Points to" not in drawer and "the page calls" not in drawer
    assert WORDS["told_named"].replace("$1", "\u2068teaser\u2069") in drawer
    notice = arabic.ask("document.getElementById('notice').innerText", reader)
    limit, rest = arabic.ask("[20000, 7].map(n => `\u2068${n.toLocaleString('ar')}\u2069`)", reader)
    assert notice.strip() == f"{WORDS['notice_many_tags'].replace('$1', limit).replace('$2', rest)} Made up later."
    boxes = arabic.ask(
        "['original', 'tools', 'drawer', 'page'].map(id => document.getElementById(id).getBoundingClientRect().x)",
        reader,
    )
    assert boxes[0] > boxes[1] and boxes[2] < boxes[3]
    assert violations(arabic, reader) == []


def test_english_that_stands_in_for_another_language_is_marked_as_english(
    hebrew: Browser, site: Site, prepared: Prepared
) -> None:
    """And the words of an article as what they are."""
    prepared.answer = answer(STORY)
    hebrew.use_service(prepared.base)
    reader = hebrew.read(site.add("/hebrew", page(STORY)))
    hebrew.click(reader, "#count")
    assert hebrew.ask("[document.documentElement.lang, document.documentElement.dir]", reader) == ["en", "ltr"]
    assert "March" in hebrew.ask("document.querySelector('#article time').textContent", reader)
    gone = "[...document.querySelectorAll('#removed .gone')].map(p => [p.lang, p.dir].join())"
    assert set(hebrew.ask(gone, reader)) == {"ar,rtl"}
