"""A worker's memory: bounded for the largest page, and no greater after 1,000 pages than after 50."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVER = HERE.parents[1] / "server"
MIXED = """
import json, resource, sys
sys.path[:0] = sys.argv[1:]
import own_cases
from test_payloads import payloads, placed
from bodycopy import clean
from bodycopy.work import run

def pages():
    payload = [placed(p, "block").encode("utf-8", "replace") for p in payloads()]
    killers = [build(0.004) for build in own_cases.CASES.values()]
    ordinary = [own_cases.ordinary(size) for size in (2_000, 20_000, 60_000)]
    for number in range(1000):
        kind = (payload, killers, ordinary)[number % 3]
        yield kind[number // 3 % len(kind)]

def memory():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 1e6

order = {"kind": "html", "charset": None, "url": None, "keep": [], "drop_texts": [], "format": "json"}
after = {}
for number, page in enumerate(pages(), 1):
    run(order, page)
    if number in (50, 1000):
        after[number] = memory()
print(json.dumps(after))
"""
LARGE = """
import resource, sys
sys.path[:0] = sys.argv[1:]
import own_cases
from bodycopy.work import run
order = {"kind": "html", "charset": None, "url": None, "keep": [], "drop_texts": [], "format": "json"}
facts, body = run(order, own_cases.ordinary(9_900_000))
assert facts.get("words"), facts
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def run(code: str) -> str:
    command = [sys.executable, "-c", code, str(SERVER), str(HERE)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout


def test_memory_after_a_thousand_mixed_pages_is_that_after_fifty() -> None:
    after = json.loads(run(MIXED))
    assert after["1000"] <= 1.2 * after["50"], after


def test_the_largest_ordinary_page_takes_less_than_a_gigabyte() -> None:
    assert float(run(LARGE)) < 1000
