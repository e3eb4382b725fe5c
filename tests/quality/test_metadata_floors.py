"""Floors under titles, authors and dates on the corpus. `python tests/quality/metadata.py` prints the figures."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("metadata_measure", Path(__file__).with_name("metadata.py"))
assert _SPEC is not None and _SPEC.loader is not None
measure = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = measure
_SPEC.loader.exec_module(measure)

MIN_SHOWN, MIN_RIGHT = 0.8, 0.9
"""Of the standfirsts of news pages."""
FLOORS = {
    "news": {"title": 0.74, "authors": 0.85, "authors_any": 0.86, "date": 0.965},
    "article": {"title": 0.87, "authors": 0.73, "authors_any": 0.77, "date": 0.845},
}


@pytest.mark.skipif(not measure.CORPUS.exists(), reason="the corpus is not beside the repository")
def test_titles_authors_and_dates_stay_above_their_floors() -> None:
    results = measure.measure(measure.entries(), with_peer=False)
    below = {
        (kind, field): value
        for kind, floors in FLOORS.items()
        for field, floor in floors.items()
        if (value := measure.share(results, kind, "bodycopy", field)) < floor
    }
    assert not below, f"Below the floor: {below}. See: python tests/quality/metadata.py --failures <field>"


@pytest.mark.skipif(not measure.CORPUS.exists(), reason="the corpus is not beside the repository")
def test_standfirsts_of_news_pages_are_shown_and_nothing_else_is_called_one() -> None:
    shown, right = measure.standfirsts(measure.entries(("news",)))
    assert shown >= MIN_SHOWN
    assert right >= MIN_RIGHT
