"""A child process that cleans pages one by one and can be killed: nothing a page does reaches the parent.

One pipe each way and no lock shared between children, so that a child which dies at
any moment, by our hand or another's, spoils nothing but the page it had in hand.
When the parent dies, the child's input ends, and so does the child.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from .inputs import Input

MAX_MEMORY_BYTES = 2_000_000_000
"""Of a child. The costliest page within the byte limit took 0.7 GB."""

_START = "import sys; sys.path.append(sys.argv[1]); from bodycopy.cleaner import serve_pipe; serve_pipe()"


class PageFailed(Exception):
    """The page could not be cleaned; the message says why, for the person who sent it."""


class Cleaner:
    """Cleans pages in a child process of its own, started when needed. For one thread at a time."""

    def __init__(self, keep: Iterable[str] = (), seconds: float = 30.0) -> None:
        self.keep = tuple(keep)
        self.seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    def clean(self, page: Input) -> bytes:
        """One line of JSON: the page's source and id, then the service's answer for it. Raises PageFailed."""
        child = self._start()
        assert child.stdin is not None and child.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self.seconds, stop)
        timer.start()
        try:
            pickle.dump((tuple(page), self.keep, self.seconds), child.stdin, pickle.HIGHEST_PROTOCOL)
            child.stdin.flush()
            line, problem = pickle.load(child.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            code = self._end()
            if late.is_set():
                raise PageFailed(f"The page took longer than {self.seconds:g} seconds.") from error
            raise PageFailed(f"The process died on the page (exit status {code}), perhaps out of memory.") from error
        finally:
            timer.cancel()
        if problem is not None:
            raise PageFailed(problem)
        return bytes(line)

    def close(self) -> None:
        """Kill the child. May be called from another thread; no page can be cleaned afterwards."""
        self._closed = True
        if (child := self._child) is not None:
            child.kill()
            self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise PageFailed("Stopped.")
        if self._child is None or self._child.poll() is not None:
            self._end()
            root = str(Path(__file__).resolve().parents[1])
            # A session of its own: Ctrl-C in the terminal is for the parent alone.
            self._child = subprocess.Popen(
                [sys.executable, "-c", _START, root],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        return self._child

    def _end(self) -> int | None:
        child, self._child = self._child, None
        if child is None:
            return None
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        return child.wait()


def serve_pipe() -> None:
    """The child's side: pages from standard input, lines of JSON to standard output, until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints must not get between the answers.
    _limit_memory()
    pages: IO[bytes] = sys.stdin.buffer
    while True:
        try:
            fields, keep, seconds = pickle.load(pages)
        except EOFError:
            return
        _alarm(seconds)
        pickle.dump(_answer(Input(*fields), keep), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
        _alarm(0)


def _answer(page: Input, keep: tuple[str, ...]) -> tuple[bytes, str | None]:
    from . import PageTooLarge, clean, clean_text

    try:
        if page.html is not None:
            article = clean(page.html, page.url, keep, page.charset)
        else:
            article = clean_text(page.text or "", page.url, keep)
        answer: dict[str, Any] = {"source": page.source, "id": page.id or page.source, **article.to_dict()}
        return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n", None
    except PageTooLarge as error:
        return b"", str(error)
    except MemoryError:
        return b"", f"The page needs more than {MAX_MEMORY_BYTES:,} bytes of memory."
    except Exception as error:
        # Only its kind: an error's message may quote the page.
        return b"", f"The page could not be cleaned ({type(error).__name__})."


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = MAX_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MAX_MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _alarm(seconds: float) -> None:
    """End this process when a page hangs and the parent, which would kill it, is gone."""
    import signal

    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds and seconds + 5)
