"""What the benchmark times: extractors in this process, and Readability in a Node process."""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

NODE = Path(__file__).with_name("node")
Timer = Callable[[bytes], float]


def in_process(work: Callable[[bytes], object]) -> Timer:
    """A timer of CPU milliseconds of this process, all threads."""

    def timer(html: bytes) -> float:
        start = time.process_time_ns()
        work(html)
        return (time.process_time_ns() - start) / 1e6

    return timer


def everything(html: bytes) -> object:
    """Ours with all it has: metadata, text, Markdown, HTML and removals."""
    from bodycopy import clean

    return clean(html).to_dict()


def text_only(html: bytes) -> object:
    from bodycopy import clean

    return clean(html).text


def parse(html: bytes) -> etree._Element:
    return etree.fromstring(html, etree.HTMLParser(encoding="utf-8", huge_tree=True))


def parse_and_walk(html: bytes) -> object:
    """The least that any extractor in Python does: a parse and one look at every element."""
    size = 0
    for _, element in etree.iterwalk(parse(html), events=("start", "end")):
        if element.tag and element.text:
            size += len(element.text)
        if element.tail:
            size += len(element.tail)
    return size


class _Readability:
    """Mozilla's Readability on linkedom in one Node process, fed a page a line."""

    def __init__(self) -> None:
        self.node = subprocess.Popen(
            ["node", "readability.cjs"], cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __call__(self, html: bytes) -> float:
        assert self.node.stdin is not None and self.node.stdout is not None
        self.node.stdin.write(json.dumps(html.decode("utf-8", "replace")).encode() + b"\n")
        self.node.stdin.flush()
        return float(json.loads(self.node.stdout.readline())["ms"])


def timers() -> tuple[dict[str, Timer], list[str]]:
    """Every extractor that is installed, and a line for each that is not."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "readability"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    found: dict[str, Timer] = {
        "lxml parse": in_process(parse),
        "parse and walk": in_process(parse_and_walk),
        "bodycopy, everything": in_process(everything),
        "bodycopy, text": in_process(text_only),
        "trafilatura": in_process(trafilatura.extract),
        "trafilatura with metadata": in_process(lambda h: trafilatura.bare_extraction(h, with_metadata=True)),
    }
    missing = []
    if importlib.util.find_spec("resiliparse"):
        from resiliparse.extract.html2text import extract_plain_text

        found["Resiliparse, text"] = in_process(
            lambda h: extract_plain_text(h.decode("utf-8", "replace"), main_content=True)
        )
    else:
        missing.append("Resiliparse: pip install 'bodycopy[bench]'")
    if importlib.util.find_spec("readability"):
        from readability import Document

        found["readability-lxml"] = in_process(lambda h: Document(h).summary())
    else:
        missing.append("readability-lxml: pip install 'bodycopy[bench]'")
    if shutil.which("node") and (NODE / "node_modules").is_dir():
        found["Readability.js, linkedom"] = _Readability()
    else:
        missing.append("Readability.js: npm install --prefix tests/bench/node")
    return found, missing
