"""Every language has every word, with the same things filled in, and every word is used."""

from __future__ import annotations

import json
import re

import pytest

from .conftest import EXTENSION, package

LOCALES = sorted(path.parent.name for path in EXTENSION.glob("_locales/*/messages.json"))


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


def source(*names: str) -> str:
    return "\n".join((EXTENSION / name).read_text(encoding="utf-8") for name in names)


def built_keys() -> set[str]:
    """Keys that the sources put together from a beginning and the members of a list."""
    from bodycopy.article import BOILERPLATE_LABELS
    from bodycopy.judge.kinds import EVIDENCE
    from bodycopy.notices import NOTICES

    settings = source("settings.js")
    problems = set(re.findall(r'"(\w+)"', re.findall(r"@typedef \{([^}]*)\} Problem", source("api.js"))[0]))
    problems |= set(re.findall(r'"(\w+)"', re.findall(r"failure: ([^,]*), url", source("capture.js"))[0]))
    problems |= set(re.findall(r'problem: "(\w+)"', source("reader.js")))
    themes = re.findall(r'"(\w+)"', re.findall(r"THEMES = .*?\[([^\]]*)", settings)[0])
    fields = set(re.findall(r"@property \{[^}]*\} (\w+)", settings.split("ReaderSettings\n")[1].split("*/")[0]))
    checks = re.findall(r'"(\w+)"', re.findall(r"const names = .*?\[([^\]]*)", source("options.js"))[0])
    forms = re.findall(r'"(\w+)"', re.findall(r"const forms = .*?\[([^\]]*)", source("reader/tools.js"))[0])
    return {
        *(f"fail_{problem}{part}" for problem in problems for part in ("", "_text")),
        *(f"label_{label}" for label in {*BOILERPLATE_LABELS, "taught", "pictures"}),
        *(f"why_{label}" for label in BOILERPLATE_LABELS),
        *(f"told_{code}" for code in EVIDENCE),
        *(f"notice_{code}" for code in NOTICES),
        *(f"theme_{theme}" for theme in themes),
        *(f"set_{field}" for field in fields),
        *(f"check_{check}" for check in checks),
        *(f"save_{form}" for form in forms),
        *("font_serif", "font_sans", "open_in_tab", "open_in_panel"),
    }


def test_what_told_a_kind_has_a_place_for_each_thing_it_names() -> None:
    from bodycopy.judge.kinds import EVIDENCE

    for code, words in EVIDENCE.items():
        assert re.findall(r"\$\d", ENGLISH[f"told_{code}"]) == [f"${n + 1}" for n in range(words.count("{}"))], code


def test_warnings_read_as_the_service_says_them_with_a_place_for_each_value() -> None:
    from bodycopy.notices import NOTICES

    for code, sentence in NOTICES.items():
        numbered = re.sub(r"\{(\d)(:,)?\}", lambda found: f"${int(found[1]) + 1}", sentence)
        assert ENGLISH[f"notice_{code}"] == numbered


def test_every_word_is_used_and_every_used_word_exists() -> None:
    names = [path.relative_to(EXTENSION).as_posix() for path in package.files() if path.suffix in (".js", ".html")]
    text = source("manifest.json", *(name for name in names if not name.startswith("vendor/")))
    used = set(re.findall(r'\bt\(\s*"(\w+)"', text)) | set(re.findall(r'data-t(?:-label)?="(\w+)"', text))
    used |= set(re.findall(r"__MSG_(\w+)__", text)) | set(re.findall(r'message: "(\w+)"', text)) | built_keys()
    # Keys chosen by a condition stand in the source as they are.
    quoted = set(re.findall(r'"([a-z]+_[a-z_]+)"', text))
    assert used <= set(ENGLISH)
    assert not set(ENGLISH) - used - quoted
