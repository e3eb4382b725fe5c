"""The parts of the benchmark besides the peers: stages, growth, start-up and memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lxml import etree
from lxml import html as lxml_html

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "server")}
MAX_TAGS = 90_000


STEPS = {
    "bodycopy": ("read", "read_blocks", "read_metadata", "judge"),
    "bodycopy.judge": ("compute", "decide"),
    "bodycopy.judge.phrases": ("find_all",),
}
"""Functions timed where the pipeline looks them up; the judge's own are part of `judge`."""


def stages(pages: list[bytes]) -> dict[str, float]:
    """Mean CPU milliseconds a page of each stage, and on how many pages of 100 another extractor was asked."""
    import bodycopy

    spent: dict[str, float] = {}
    asked = [0]

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def lap(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time_ns()
            try:
                return work(*args, **kwargs)
            finally:
                spent[name] = spent.get(name, 0.0) + (time.process_time_ns() - start) / 1e6

        return lap

    def counted(page: Any, of: Callable[..., Any]) -> Callable[[], Any]:
        ask = of(page)

        def opinion() -> Any:
            asked[0] += 1
            return ask()

        return opinion

    bodycopy.clean(pages[0])
    with ExitStack() as patches:
        for module, names in STEPS.items():
            short = module.removeprefix("bodycopy").lstrip(".").replace(".", " ")
            for name in names:
                work = timed(f"{short} {name}".strip(), getattr(sys.modules[module], name))
                patches.enter_context(patch.object(sys.modules[module], name, work))
        of = bodycopy.second_opinion
        patches.enter_context(patch.object(bodycopy, "second_opinion", lambda page: counted(page, of)))
        for html in pages:
            article = timed("clean, all of the above", bodycopy.clean)(html)
            for name in ("text", "markdown", "html"):
                timed(name, getattr)(article, name)
            timed("rest of to_dict", article.to_dict)()
    out = {name: ms / len(pages) for name, ms in spent.items()}
    return out | {"asked another extractor, of 100": 100 * asked[0] / len(pages)}


def lengthened(html: bytes, times: int) -> bytes:
    """The page with all that is in its body so many times in a row."""
    tree = lxml_html.document_fromstring(html)
    body = tree.find("body")
    children = b"".join(etree.tostring(child, method="html", encoding="utf-8") for child in body)
    head = tree.find("head")
    front = etree.tostring(head, method="html", encoding="utf-8") if head is not None else b""
    return b"<html>" + front + b"<body>" + children * times + b"</body></html>"


def fit_to_grow(pages: list[bytes], times: int = 100) -> list[bytes]:
    """The two longest of the pages that stay under the limits of a page when they are so many times as long."""
    from bodycopy.page import MAX_PAGE_BYTES

    fit = [p for p in pages if len(p) * times < MAX_PAGE_BYTES * 0.8 and p.count(b"<") * times < MAX_TAGS]
    return sorted(fit, key=len)[-2:]


def growth(pages: list[bytes], factors: tuple[int, ...] = (1, 10, 100)) -> list[dict[str, float]]:
    """CPU time a byte of pages ten and a hundred times as long, as a multiple of the page's own."""
    from bodycopy import clean

    out = []
    for html in pages:
        per_byte = {}
        for factor in factors:
            longer = lengthened(html, factor)
            start, runs = time.process_time_ns(), max(1, 5 // factor)
            for _ in range(runs):
                clean(longer).to_dict()
            per_byte[factor] = (time.process_time_ns() - start) / runs / len(longer)
        out.append({f"x{f}": per_byte[f] / per_byte[1] for f in factors[1:]} | {"kB": len(html) / 1000})
    return out


def start_up(pages: list[bytes], runs: int = 5) -> dict[str, float]:
    """Seconds, the best of some, until `import bodycopy` is done and until the command line has answered.

    It is asked for an invented page of a few lines, and for each of the pages given, of which the mean is told.
    """
    invented = b"<html><body><article>" + b"<p>A paragraph of an invented page, long enough to count.</p>" * 8
    importing = [sys.executable, "-c", "import bodycopy"]
    cleaning = [sys.executable, "-c", "import sys; from bodycopy.cli import main; sys.exit(main())", "clean", "-"]
    out = {
        "import bodycopy": _seconds(importing, b"", runs),
        "bodycopy clean, a few lines": _seconds(cleaning, invented, runs),
        "bodycopy clean, a page of the corpus": statistics.mean(_seconds(cleaning, page, runs) for page in pages),
    }
    return {name: seconds for name, seconds in out.items() if seconds < float("inf")}


def _seconds(command: list[str], given: bytes, runs: int) -> float:
    """Wall seconds of a command, the best of some; infinite where it fails."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        done = subprocess.run(command, input=given, capture_output=True, check=False, env=ENVIRONMENT)
        best = min(best, time.perf_counter() - start) if done.returncode == 0 else best
    return best


_WORKER = """
import gzip, itertools, sys
from bodycopy import clean
count, paths = int(sys.argv[1]), sys.argv[2:]
for number, path in enumerate(itertools.islice(itertools.cycle(paths), count)):
    clean(gzip.open(path).read()).to_dict()
for line in open("/proc/self/status"):
    if line.startswith(("VmRSS", "VmHWM")):
        print(line.split()[0].strip(":"), int(line.split()[1]) / 1000)
"""


def memory(paths: list[Path], count: int) -> dict[str, float]:
    """Resident megabytes of a worker after `count` pages, now and at its highest. Linux only."""
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, str(count), *map(str, paths)],
        capture_output=True, text=True, check=True, env=ENVIRONMENT,
    )  # fmt: skip
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}
