"""Rewrites `_locales/<code>/messages.json` from a plain list, one `key|words` a line, read from standard input.

`$1`, `$2` are what the extension fills in. English is the measure: every other
language must have its keys (tests/browser/test_locales.py).

    python extension/tools/locales.py de < de.txt      python extension/tools/locales.py --print de > de.txt
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

LOCALES = Path(__file__).parent.parent / "_locales"


def write(code: str, lines: str) -> None:
    """Writes one language's messages."""
    messages = {}
    for line in lines.splitlines():
        key, _, words = line.partition("|")
        if words:
            messages[key.strip()] = {"message": words.strip()}
    path = LOCALES / code / "messages.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(messages, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def lines(code: str) -> str:
    """One language's messages as a plain list."""
    messages = json.loads((LOCALES / code / "messages.json").read_text(encoding="utf-8"))
    return "".join(f"{key}|{entry['message']}\n" for key, entry in messages.items())


if __name__ == "__main__":
    if sys.argv[1] == "--print":
        sys.stdout.write(lines(sys.argv[2]))
    else:
        write(sys.argv[1], sys.stdin.read())
