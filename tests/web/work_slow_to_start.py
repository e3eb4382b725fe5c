"""Work whose process takes as long to start as the file that SLOW_START names says, in seconds."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

_SECONDS = Path(os.environ["SLOW_START"])
with _SECONDS.with_name("starts").open("a") as starts:
    starts.write("x")
time.sleep(float(_SECONDS.read_text()))


def run(order: dict[str, Any], page: bytes) -> tuple[dict[str, Any], bytes]:
    """The page itself."""
    return {}, page
