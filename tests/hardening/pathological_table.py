"""Runs `clean` and its answer on every pathological page, each in a process of its own, and prints a table.

    python tests/hardening/pathological_table.py [--scale 1] [--seconds 11] [--markdown] [NAME ...]

Case, size, CPU seconds, peak memory and outcome: `article`, `cut` (an article with a
warning), `empty` (no text, no error), the name of a limit (the service's 413), `killed`
(too slow, or over the memory limit). Exits with 1 if a case was killed or failed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared" / "hardening"
MEMORY_BYTES = 2_000_000_000
sys.path[:0] = [str(ROOT / "server"), str(HERE), str(SHARED)]


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

    if name in own_cases.CASES:
        return own_cases.CASES[name](scale)
    from pathological import get

    data: bytes = get(name, scale)
    return data


def run_one(name: str, scale: float, seconds: float) -> dict[str, object]:
    """Cleans one page in this process and says what it cost; the system ends it after `seconds` of CPU time."""
    from bodycopy import PageTooLarge, clean

    data = page(name, scale)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    clean(b"<p>warm</p>").to_dict()
    before = time.process_time()
    most = int(before + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    try:
        answer = clean(data, "https://example.org/a").to_dict()
        outcome = "cut" if answer["warnings"] else "article" if answer["text"] else "empty"
    except PageTooLarge as error:
        outcome = error.limit
    except Exception as error:
        outcome = "failed: " + type(error).__name__
    seconds = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"case": name, "mb": len(data) / 1e6, "seconds": seconds, "memory": memory, "outcome": outcome}


def run(name: str, scale: float, seconds: float) -> dict[str, object]:
    """The same in a process of its own, ended when it is too slow."""
    command = [sys.executable, __file__, "--one", name, "--scale", str(scale), "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        megabytes = len(page(name, scale)) / 1e6
        outcome = f"killed: exit {done.returncode}"
        return {"case": name, "mb": megabytes, "seconds": seconds, "memory": 0, "outcome": outcome}
    row: dict[str, object] = json.loads(done.stdout)
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=11.0)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--one", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_one(options.one, options.scale, options.seconds)))
        return 0
    bad = 0
    row = "| {case} | {mb:.2f} | {seconds:.2f} | {memory:.0f} | {outcome} |" if options.markdown else (
        "{case:34} {mb:8.2f} MB {seconds:7.2f} s {memory:6.0f} MB  {outcome}"
    )  # fmt: skip
    if options.markdown:
        print("| case | MB | CPU s | peak MB | outcome |\n| --- | --- | --- | --- | --- |")
    for name in options.names or names():
        result = run(name, options.scale, options.seconds)
        bad += str(result["outcome"]).startswith(("killed", "failed"))
        print(row.format(**result), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
