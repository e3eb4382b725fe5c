"""Each word of an odd page that Chromium shows is in a block: a small part of `words_in_chromium.py`."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
PAGES = 150
sys.path.insert(0, str(Path(__file__).resolve().parent))

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed at /usr/bin/chromium")


def test_no_word_that_chromium_shows_is_lost() -> None:
    pytest.importorskip("playwright", reason="the package playwright is not installed")
    import words_in_chromium as run

    pages = [run.page(number) for number in range(PAGES)]
    # In a thread of its own: the browser tests of the same session keep Playwright's loop running in the main one.
    with ThreadPoolExecutor(1) as thread:
        shown = thread.submit(run.words_shown, pages, str(CHROMIUM)).result()
    assert sum(map(len, shown)) > PAGES
    assert [html for html, words in zip(pages, shown, strict=True) if run.lost(html, words)] == []
    assert run.lost(pages[0], [*shown[0], "W0000000x"]) == ["W0000000x"], "one that is not there is seen as lost"
