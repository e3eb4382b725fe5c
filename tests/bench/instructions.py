#!/usr/bin/env python3
"""Instructions that cleaning a fixed set of pages takes, counted by valgrind: load on the machine does not matter.

python tests/bench/instructions.py          counted beside recorded
python tests/bench/instructions.py --write  record what is counted

Kept as multiples of a bare parse and walk of the same pages in the same run, so that
another build of Python or libxml2 moves both sides.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workload import STAGES

RECORD = Path(__file__).with_name("instructions.json")
WORKLOAD = Path(__file__).with_name("workload.py")
MARGIN = 0.10


def missing() -> str | None:
    """Why nothing can be counted, or None."""
    if shutil.which("valgrind") is None:
        return "valgrind is not installed (apt-get install valgrind)"
    return None


def made_with() -> dict[str, str]:
    """Versions that a count depends on, beside our own code."""
    return {"python": platform.python_version(), "lxml": version("lxml"), "numpy": version("numpy")}


def other_versions() -> str | None:
    """With which versions the record was made, if not with these."""
    record = _record()
    if record is None:
        return "nothing recorded: run python tests/bench/instructions.py --write"
    before = record["made_with"]
    return None if before == made_with() else f"recorded with {before}, and this is {made_with()}"


def count() -> dict[str, int]:
    """Instructions of each stage, all pages together. Takes some 15 seconds."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "out"
        subprocess.run(
            [
                "valgrind", "--quiet", "--tool=callgrind", "--dump-before=getppid", f"--callgrind-out-file={out}",
                sys.executable, str(WORKLOAD),
            ],
            check=True, capture_output=True, timeout=300,
            env=os.environ | {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        # One file for each mark, numbered from 1; the first ends where the stages begin.
        return {name: _total(Path(f"{out}.{number}")) for number, name in enumerate(STAGES, 2)}


def _total(path: Path) -> int:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("totals:"):
            return int(line.split()[1])
    raise ValueError(f"callgrind wrote no total to {path.name}")


def multiples(counted: dict[str, int]) -> dict[str, float]:
    """Each stage as a multiple of the bare parse and walk."""
    return {name: round(counted[name] / counted["bare"], 3) for name in STAGES if name != "bare"}


def slips(found: dict[str, float], recorded: dict[str, float]) -> list[str]:
    """One line for each stage that takes more than the recorded multiple and the margin."""
    return [
        f"{name}: {found[name]:.2f} × a bare parse and walk, recorded {was:.2f}: make it faster, or record it with"
        " python tests/bench/instructions.py --write and say why"
        for name, was in recorded.items()
        if found[name] > was * (1 + MARGIN)
    ]


def recorded() -> dict[str, float] | None:
    """The recorded multiples, or None."""
    record = _record()
    return record and record["multiples"]


def _record() -> dict[str, Any] | None:
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else None


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--write", action="store_true")
    args = cli.parse_args()
    if reason := missing():
        print(f"Nothing counted: {reason}.", file=sys.stderr)
        return 2
    counted = count()
    found, before = multiples(counted), recorded() or {}
    for name, value in found.items():
        print(f"{name:<6} {counted[name]:>13,} instructions, {value:.3f} × bare, recorded {before.get(name, '-')}")
    if args.write:
        record = {"multiples": found, "instructions": counted, "made_with": made_with()}
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
