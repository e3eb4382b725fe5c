"""Coverage-guided fuzzing of `clean` with atheris.

    python tests/fuzz/fuzz_clean.py -max_total_time=60 [CORPUS_DIRECTORY]

Every input must have an answer whose HTML is a fixed point of the sanitiser, and
every block must be in exactly one place of it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "server"), str(HERE.parent / "hardening")]

with atheris.instrument_imports(include=["bodycopy"]):
    from bodycopy import PageTooLarge, clean
    from bodycopy.article import METADATA_LABELS
    from bodycopy.render import _CLEANER


def try_one(data: bytes) -> None:
    """One input: its first byte says whether it comes as bytes or as text."""
    html: bytes | str = data[1:]
    if data[:1] and data[0] % 2:
        html = data[1:].decode("utf-8", "surrogateescape")
    try:
        article = clean(html, "https://example.org/a")
    except PageTooLarge:
        return
    answer = article.to_dict()
    assert _CLEANER.clean(answer["html"]) == answer["html"]
    fields = sum(b.verdict.label in METADATA_LABELS for b in article.blocks)
    empty = sum(not b.text and b.verdict.label not in article.shown for b in article.blocks)
    assert len(answer["blocks"]) + len(answer["removed"]) + fields >= len(article.blocks) - empty


def seeds(directory: Path) -> None:
    """Small pages to start from."""
    import own_cases

    for number, payload in enumerate(own_cases.PAYLOADS):
        (directory / f"payload{number}").write_bytes(b"\0" + payload.encode("utf-8", "replace"))
    for name, build in own_cases.CASES.items():
        (directory / name).write_bytes(b"\0" + build(0.0001))


def main() -> None:
    arguments = sys.argv
    if not any(Path(a).is_dir() for a in arguments[1:]):
        directory = Path(tempfile.mkdtemp(prefix="bodycopy-fuzz-"))
        seeds(directory)
        arguments = [*arguments, str(directory)]
    atheris.Setup(arguments, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
