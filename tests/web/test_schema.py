"""The running service keeps what its description promises (schemathesis)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("BODYCOPY_TEST_EXAMPLES", "25")
"""Cases for each operation and phase; 3200 make some ten thousand. `pytest -rP` shows how many there were."""


def test_schemathesis_finds_no_violation(service, tmp_path):
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG),
        "run", service.url + "/openapi.json",
        "--max-examples", EXAMPLES, "--seed", "1", "--phases", "examples,coverage,fuzzing",
        # A valid description of a page is not yet a page with an article in it.
        "--exclude-checks", "positive_data_acceptance",
        "--suppress-health-check", "all", "--no-color",
    ]  # fmt: skip
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=3_600, env=environment)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    print(next(line for line in done.stdout.splitlines() if "generated" in line))
    assert service.is_healthy()
