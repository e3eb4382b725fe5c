"""A sample of the payloads in headless Chromium; `payloads_in_chromium.py` runs all of them."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
sys.path.insert(0, str(Path(__file__).resolve().parent))

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed at /usr/bin/chromium")


def test_nothing_runs_or_loads_and_what_would_is_seen() -> None:
    pytest.importorskip("playwright", reason="the package playwright is not installed")
    pytest.importorskip("markdown_it", reason="the package markdown-it-py is not installed")
    import payloads_in_chromium as run

    live = "<img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a><iframe src='https://example.org/'></iframe>"
    pieces = [*run.answers(40), ("html", "live", live), ("reader of a hostile service", "live", live)]
    # In a thread of its own: the browser tests of the same session keep Playwright's loop running in the main one.
    with ThreadPoolExecutor(1) as thread:
        bad = thread.submit(run.judge, pieces, str(CHROMIUM)).result()
    assert [name for name, _ in bad] == ["html live"]
    assert {"attribute onerror", "element iframe", "address javascript:alert(1)"} <= set(bad[0][1])
    assert any(fault.startswith("violation ") for fault in bad[0][1])
