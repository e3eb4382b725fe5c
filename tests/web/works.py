"""Work for the pool with faults at a word in the page; run in worker processes."""

from __future__ import annotations

import logging
import os
import time
import warnings
from typing import Any

from bodycopy import work


def run(order: dict[str, Any], page: bytes) -> tuple[dict[str, Any], bytes]:
    """What the service does, but for pages that ask for a fault."""
    if b"please hang" in page:
        while True:
            pass
    if b"please sleep" in page:
        time.sleep(1)
    if b"please wait" in page:
        _wait_for(_mark(page))
    if b"please crash" in page:
        os._exit(1)
    if b"please fail" in page:
        raise RuntimeError("a message with " + page.decode())
    if b"please answer at length" in page:
        facts, _ = work.run(order, page)
        return facts, b"x" * 12_000_000
    if b"please eat" in page:
        bytearray(3_000_000_000)
    return work.run(order, page)


def plain(order: dict[str, Any], page: bytes) -> tuple[dict[str, Any], bytes]:
    """The page itself, and the worker's process id."""
    if page == b"hang":
        while True:
            pass
    if page == b"crash":
        os._exit(1)
    if page.startswith(b"wait ["):
        _wait_for(_mark(page))
    if page.startswith(b"hang once") and not os.path.exists(mark := _mark(page)):
        open(mark, "w").close()
        while True:
            pass
    if page.startswith(b"hang once, then sleep"):
        time.sleep(2.5)
    return {"pid": os.getpid(), "environment": dict(os.environ)}, page


def _mark(page: bytes) -> str:
    """The path that a page names in brackets."""
    return page.split(b"[")[1].split(b"]")[0].decode()


def _wait_for(path: str) -> None:
    while not os.path.exists(path):
        time.sleep(0.02)


def talkative(order: dict[str, Any], page: bytes) -> tuple[dict[str, Any], bytes]:
    """The page itself, after a library has spoken of it in every way there is."""
    print("printed", page)
    os.write(1, b"printed past Python\n")
    logging.getLogger("library").error("logged %s", page)
    warnings.warn(f"logged {page!r}", stacklevel=1)
    return {}, page
