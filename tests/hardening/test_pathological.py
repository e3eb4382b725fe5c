"""Pages that stop parsers are answered. Bounded: a fiftieth of the size; `pathological_table.py` runs them whole."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import own_cases
import pathological_table
from bodycopy import clean

SCALE = 0.02


@pytest.mark.parametrize("name", sorted(own_cases.CASES))
def test_the_text_around_a_killer_is_all_there_or_a_warning_says_what_was_cut(name: str) -> None:
    page = own_cases.CASES[name](SCALE)
    article = clean(page, "https://example.org/a")
    there = sum(block.text.count(own_cases.PROSE.strip()) for block in article.blocks)
    assert there == page.decode().count(own_cases.PROSE) or article.warnings


@pytest.mark.skipif(not pathological_table.SHARED.is_dir(), reason="../shared/hardening is not on this machine")
def test_every_shared_case_has_an_answer() -> None:
    from pathological import cases

    for name, _ in cases()[::4]:
        clean(pathological_table.page(name, SCALE / 2), "https://example.org/a").to_dict()
