"""What a worker of the pool does, and the messages between the two: JSON and raw bytes, never a pickle."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import logging
import os
import signal
import struct
import sys
import warnings
from collections.abc import Callable
from typing import IO, Any

_SIZES = struct.Struct(">IQ")
"""Bytes of a message's JSON and of what follows it."""
_OBJECTS_BETWEEN_COLLECTIONS = 50_000

Work = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]


def send(pipe: IO[bytes], facts: dict[str, Any], body: bytes) -> None:
    """Write a message. OSError if nobody reads it."""
    head = json.dumps(facts).encode()
    pipe.write(_SIZES.pack(len(head), len(body)) + head)
    pipe.write(body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """The next message. EOFError if the other side ends before or in it."""
    head, body = _SIZES.unpack(_exactly(pipe, _SIZES.size))
    return json.loads(_exactly(pipe, head)), _exactly(pipe, body)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve(work: str, seconds: str, megabytes: str) -> None:
    """A worker's life: a page from standard input, its answer to standard output, until the input ends."""
    # A stop goes to every process of a unit or container: the service decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pages, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints must not get between the answers.
    module, _, name = work.partition(":")
    function: Work = getattr(importlib.import_module(module), name)
    # A page is many small objects and hardly a cycle: looking for some as often as Python does takes a third of the
    # time of a page of many blocks.
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 10, 10)
    # Libraries quote the page in what they log.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if int(megabytes):
        _limit_memory(int(megabytes))
    with contextlib.suppress(EOFError, OSError):
        send(answers, {}, b"")
        while True:
            order, page = receive(pages)
            _alarm(float(seconds) + 5)
            facts, body = _outcome(function, order, page)
            page = b""
            _alarm(0)
            send(answers, facts, body)
            body = b""


def _outcome(function: Work, order: dict[str, Any], page: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        return function(order, page)
    except MemoryError:
        return {"error": "memory"}, b""
    except Exception as error:
        return {"error": "exception", "where": place(error)}, b""


def _alarm(seconds: float) -> None:
    """End this process, even inside a C library, if a page hangs and the parent that would kill it is gone."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:
        return
    try:
        with open("/proc/self/statm") as statm:
            taken = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return  # Only Linux tells, and keeps to the limit.
    limit = taken + megabytes * 1_000_000
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def place(error: BaseException) -> str:
    """Type and place of an error, without its message, which may carry the page."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = f" at {os.path.basename(step.tb_frame.f_code.co_filename)}:{step.tb_lineno}" if step else ""
    return type(error).__name__ + where
