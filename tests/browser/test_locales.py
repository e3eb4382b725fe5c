"""Every language has every word, with the same things filled in, and every word is used."""

from __future__ import annotations

import json
import re

import pytest

from .conftest import EXTENSION

LOCALES = sorted(path.parent.name for path in EXTENSION.glob("_locales/*/messages.json"))
# Words whose keys are put together: `fail_` and a problem, `label_` and a kind, and so on.
BUILT = ("fail_", "label_", "theme_", "font_", "set_", "check_", "open_in_", "save_")


def messages(code: str) -> dict[str, str]:
    read = json.loads((EXTENSION / "_locales" / code / "messages.json").read_text(encoding="utf-8"))
    return {key: entry["message"] for key, entry in read.items()}


ENGLISH = messages("en")


def test_there_are_ten_languages() -> None:
    assert len(LOCALES) >= 10


@pytest.mark.parametrize("code", LOCALES)
def test_language_is_complete(code: str) -> None:
    words = messages(code)
    assert set(words) == set(ENGLISH)
    for key, text in words.items():
        assert text.strip(), key
        assert sorted(re.findall(r"\$\d", text)) == sorted(re.findall(r"\$\d", ENGLISH[key])), key
    assert len(words["extension_name"]) <= 75 and len(words["extension_description"]) <= 132


def test_every_word_is_used_and_every_used_word_exists() -> None:
    sources = [
        *EXTENSION.glob("*.js"),
        *EXTENSION.glob("reader/*.js"),
        *EXTENSION.glob("exports/*.js"),
        *EXTENSION.glob("*.html"),
        EXTENSION / "manifest.json",
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r'\bt\(\s*"(\w+)"', text)) | set(re.findall(r'data-t(?:-label)?="(\w+)"', text))
    used |= set(re.findall(r"__MSG_(\w+)__", text)) | set(re.findall(r'message: "(\w+)"', text))
    quoted = set(re.findall(r'"(\w+)"', text))
    assert used <= set(ENGLISH)
    assert not {key for key in ENGLISH if key not in used | quoted and not key.startswith(BUILT)}


def test_every_label_of_the_judge_has_a_name() -> None:
    from bodycopy.article import BOILERPLATE_LABELS

    assert {f"label_{label}" for label in BOILERPLATE_LABELS} <= set(ENGLISH)
