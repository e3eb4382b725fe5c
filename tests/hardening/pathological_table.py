"""Runs `clean` and its answer on every pathological page, each in a process of its own, and prints a table.

    python tests/hardening/pathological_table.py [--scale 1] [--seconds 11] [--markdown] [NAME ...]
    python tests/hardening/pathological_table.py --service [http://127.0.0.1:8347] [--scale 1] [NAME ...]

Case, size, CPU seconds, how many times an ordinary page of that size (`growth`), peak
memory and outcome: `article`; `cut` (an answer, with a warning that a limit cut the page);
`empty` (no text, no error; the service's 422); the name of a limit (the service's 413);
`killed` (too slow, or over the memory limit). Exits with 1 if a case was killed or failed.

With `--service` and an address, each page is posted to a service that runs: status and seconds by the clock.
Exits with 1 if an answer is not 200, 400, 413 or 422. Without an address, to one that is started for it and gives a page
a minute; then the worker's CPU seconds count, which other work on the machine does not change, and 11 of them are too many.
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared" / "hardening"
MEMORY_BYTES = 2_000_000_000
ORDINARY_BYTES = (10_000, 100_000, 1_000_000, 4_000_000, 9_900_000)
MIN_ORDINARY_SECONDS = 0.01
"""Less than this is not measured well enough to divide by."""
sys.path[:0] = [str(ROOT / "server"), str(HERE), str(HERE.parent / "bench"), str(SHARED)]


def names() -> list[str]:
    """Every case: those of ../shared/hardening, where it is, and our own."""
    import own_cases

    found = list(own_cases.CASES)
    if SHARED.is_dir():
        from pathological import cases

        found = [name for name, _ in cases()] + found
    return found


def page(name: str, scale: float) -> bytes:
    """The page of a case."""
    import own_cases

    if name.startswith("ordinary_"):
        return own_cases.ordinary(int(name.removeprefix("ordinary_")))
    if name in own_cases.CASES:
        return own_cases.CASES[name](scale)
    from pathological import get

    data: bytes = get(name, scale)
    return data


def run_one(name: str, scale: float, seconds: float) -> dict[str, Any]:
    """Cleans one page in this process and says what it cost; the system ends it after `seconds` of CPU time."""
    import trafilatura
    from bodycopy import PageTooLarge, clean
    from bodycopy.page import read

    data = page(name, scale)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    trafilatura.extract("<p>warm</p>")
    clean(b"<p>warm</p>").to_dict()
    before = time.process_time()
    most = int(before + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    try:
        answer = clean(data, "https://example.org/a").to_dict()
        outcome = "article" if answer["text"] else "empty"
    except PageTooLarge as error:
        outcome = error.limit
    except Exception as error:
        outcome = "failed: " + type(error).__name__
    seconds = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if outcome == "article" and (read(data).warnings or any("not judged" in w for w in answer["warnings"])):
        outcome = "cut"
    return {"case": name, "mb": len(data) / 1e6, "seconds": seconds, "memory": memory, "outcome": outcome}


def run(name: str, scale: float, seconds: float) -> dict[str, Any]:
    """The same in a process of its own, ended when it is too slow."""
    command = [sys.executable, __file__, "--one", name, "--scale", str(scale), "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        megabytes = len(page(name, scale)) / 1e6
        outcome = f"killed: exit {done.returncode}"
        return {"case": name, "mb": megabytes, "seconds": seconds, "memory": 0, "outcome": outcome}
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=11.0)
    parser.add_argument("--service", metavar="URL", nargs="?", const="")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--one", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.service:
        return through_service(options.service, options.names or names(), options.scale)
    if options.service is not None:
        from service import Service

        with Service(workers=1, page_seconds=60) as service:
            address = f"http://127.0.0.1:{service.port}"
            wanted = options.names or names()
            return through_service(address, wanted, options.scale, lambda: cpu_seconds(service.family()))
    if options.one:
        print(json.dumps(run_one(options.one, options.scale, options.seconds)))
        return 0
    ordinary = [(size, seconds_of(size)) for size in ORDINARY_BYTES]
    results = []
    row = "| {case} | {mb:.2f} | {seconds:.2f} | {growth:.1f} | {memory:.0f} | {outcome} |" if options.markdown else (
        "{case:34} {mb:8.2f} MB {seconds:7.2f} s {growth:6.1f} x {memory:6.0f} MB  {outcome}"
    )  # fmt: skip
    if options.markdown:
        print("| case | MB | CPU s | growth | peak MB | outcome |\n| --- | --- | --- | --- | --- | --- |")
    for name in options.names or names():
        result = run(name, options.scale, options.seconds)
        result["growth"] = result["seconds"] / expected(result["mb"] * 1e6, ordinary)
        results.append(result)
        print(row.format(**result), flush=True)
    print("\n" + summary(results))
    return 1 if any(is_bad(r) for r in results) else 0


def cpu_seconds(processes: Iterable[int]) -> float:
    """That processes have used so far."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in processes]
    return sum(int(ticks) for stat in stats for ticks in stat[11:13]) / os.sysconf("SC_CLK_TCK")


def through_service(address: str, wanted: list[str], scale: float, clock: Callable[[], float] = time.monotonic) -> int:
    """Posts every page to a service and prints status and time; 1 if one is not answered as documented, or too late."""
    counts: Counter[int] = Counter()
    slowest = (0.0, "")
    for name in wanted:
        data = page(name, scale)
        began = clock()
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        connection.request("POST", "/v1/clean", data, {"Content-Type": "text/html"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        seconds = clock() - began
        counts[answer.status] += 1
        slowest = max(slowest, (seconds, name))
        if answer.status != 200:
            print(f"{name:34} {seconds:7.2f} s  {answer.status}", flush=True)
    told = ", ".join(f"{count} of {status}" for status, count in sorted(counts.items()))
    print(f"{len(wanted)} cases answered: {told}; slowest {slowest[1]} {slowest[0]:.2f} s.")
    return 0 if counts.keys() <= {200, 400, 413, 422} and slowest[0] < 11 else 1


def seconds_of(size: int) -> float:
    """CPU seconds of an ordinary page of `size` bytes."""
    return float(run(f"ordinary_{size}", 1.0, 60.0)["seconds"])


def expected(size: float, ordinary: list[tuple[int, float]]) -> float:
    """CPU seconds of an ordinary page of `size` bytes, from those of the sizes measured."""
    (low, fast), (high, slow) = next((pair for pair in pairwise(ordinary) if size <= pair[1][0]), ordinary[-2:])
    share = min(1.0, math.log(max(size, low) / low) / math.log(high / low))
    return max(MIN_ORDINARY_SECONDS, fast ** (1 - share) * slow**share)


def is_bad(result: dict[str, Any]) -> bool:
    return str(result["outcome"]).startswith(("killed", "failed"))


def summary(results: list[dict[str, Any]]) -> str:
    """One line on all cases: the worst of each figure, with its name."""
    slowest, slowest_small, growth, memory = (
        max(rows, key=lambda r: float(r[key])) if rows else {"case": "none", key: 0.0}
        for rows, key in (
            (results, "seconds"), ([r for r in results if r["mb"] <= 1], "seconds"), (results, "growth"),
            (results, "memory"),
        )
    )  # fmt: skip
    return (
        f"{len(results)} cases, {sum(map(is_bad, results))} killed or failed; slowest {slowest['case']} "
        f"{slowest['seconds']:.2f} s, of those up to 1 MB {slowest_small['case']} {slowest_small['seconds']:.2f} s; "
        f"growth at most {growth['growth']:.1f} ({growth['case']}); memory at most {memory['memory']:.0f} MB "
        f"({memory['case']})."
    )


if __name__ == "__main__":
    sys.exit(main())
