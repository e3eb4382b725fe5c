"""A bounded minute of the fuzzer, from its small seeds; `fuzz_clean.py` runs for as long as one likes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 60
TARGET = Path(__file__).resolve().parent / "fuzz_clean.py"


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="the package atheris is not installed: it has wheels for Linux on x86-64 and Python 3.11 to 3.13",
)
def test_a_minute_of_fuzzing_breaks_no_promise(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    command = [sys.executable, str(TARGET), "-seed=6", f"-max_total_time={SECONDS}"]
    write = f"import sys, pathlib; sys.path[:0] = [{str(TARGET.parent)!r}]; import fuzz_clean as f; f.seeds(pathlib.Path('corpus'))"
    subprocess.run([sys.executable, "-c", write], cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run(
        [*command, "corpus"], cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False
    )
    assert done.returncode == 0, done.stderr[-6000:]
    runs = int(done.stderr.rpartition("Done ")[2].split()[0])
    assert runs > 200, "the fuzzer hardly ran"
