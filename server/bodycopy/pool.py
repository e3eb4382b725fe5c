"""Worker processes that can be killed: each has a pipe of its own, so that one that dies takes nothing with it.

Libraries for this share one pipe and its locks between the workers; a worker that the
system kills while it holds one stops them all. Here a page's thread talks to its
worker alone, and a watchdog kills the worker when its time is up.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

_WATCH_SECONDS = 0.05
_EXIT_SECONDS = 2.0
_START_SECONDS = 60.0


class PoolError(Exception):
    """A page that was not done."""


class Busy(PoolError):
    """All workers are at work and the queue is full, or the pool is closed."""


class TooSlow(PoolError):
    """The page took longer than it may; its worker was killed."""


class TooMuchMemory(PoolError):
    """The page needs more memory than it may have."""


class Crashed(PoolError):
    """The page ended two workers in a row."""


class Limits(NamedTuple):
    """What the pool may use."""

    workers: int
    queue: int
    """Pages that may wait for a worker."""
    seconds: float
    """For one page, and at most as long again in the queue."""
    megabytes: int = 0
    """Memory a worker may take beyond what it starts with; 0 for no limit."""
    pages: int = 500
    """A worker is replaced after so many."""


class Pool:
    """Runs `work` (`"module:function"`, from (order, bytes) to (facts, bytes)) in worker processes."""

    def __init__(self, work: str, limits: Limits) -> None:
        self.work = work
        self.limits = limits
        self.kills = 0
        """Workers killed for their time."""
        self.crashes = 0
        """Workers that died of themselves."""
        self._changed = threading.Condition()
        self._idle: deque[_Worker] = deque()
        self._busy: set[_Worker] = set()
        self._waiting: deque[object] = deque()
        self._started = False
        self._closed = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def busy(self) -> int:
        return len(self._busy)

    def start(self) -> None:
        """Start the workers; the first page does it if nobody else did."""
        with self._changed:
            if self._started:
                return
            self._started = True
            # One thread for each worker: several of them share the cores.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            methods = multiprocessing.get_all_start_methods()
            context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
            if "forkserver" in methods:
                context.set_forkserver_preload([self.work.partition(":")[0]])
            for _ in range(self.limits.workers):
                self._idle.append(_Worker(context, self.work, self.limits))
        threading.Thread(target=self._watch, name="bodycopy-watch", daemon=True).start()

    def run(self, order: dict[str, Any], payload: bytes, patient: bool = False) -> tuple[dict[str, Any], bytes]:
        """What `work` makes of `order` and `payload`. Raises PoolError.

        A patient caller waits outside the queue for as long as it takes.
        """
        self.start()
        worker = self._take(patient)
        try:
            for _ in range(2):
                try:
                    return worker.run(order, payload)
                except (EOFError, OSError):
                    was_killed = worker.is_overdue
                    worker.stop()
                    if was_killed:
                        self.kills += 1
                        raise TooSlow from None
                    self.crashes += 1
            raise Crashed
        finally:
            self._give_back(worker)

    def close(self) -> None:
        """End the workers; pages in hand are lost."""
        with self._changed:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
            self._changed.notify_all()
        for worker in workers:
            worker.stop()

    def _take(self, patient: bool) -> _Worker:
        """An idle worker; callers are served in the order they came."""
        ticket = object()
        give_up = time.monotonic() + (float("inf") if patient else self.limits.seconds)
        with self._changed:
            free = len(self._idle) - len(self._waiting)
            if self._closed or (not patient and free <= 0 and len(self._waiting) >= self.limits.queue):
                raise Busy
            self._waiting.append(ticket)
            try:
                while not (self._idle and self._waiting[0] is ticket):
                    left = give_up - time.monotonic()
                    if self._closed or left <= 0:
                        raise Busy
                    self._changed.wait(min(left, 3600))
                worker = self._idle.popleft()
                self._busy.add(worker)
                return worker
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _give_back(self, worker: _Worker) -> None:
        with self._changed:
            self._busy.discard(worker)
            if self._closed:
                return
            self._idle.append(worker)
            self._changed.notify_all()

    def _watch(self) -> None:
        while not self._closed:
            time.sleep(_WATCH_SECONDS)
            now = time.monotonic()
            for worker in list(self._busy):
                worker.kill_if_overdue(now)


class _Worker:
    """A process and the pipe to it. Started when first needed, and again after each end."""

    def __init__(self, context: Any, work: str, limits: Limits) -> None:
        self._context = context
        self._work = work
        self._limits = limits
        self._lock = threading.Lock()
        self._pages = 0
        self._deadline = float("inf")
        self._is_ready = False
        self.is_overdue = False
        self._process: Any = None
        self._pipe: Connection | None = None
        self._start()

    def run(self, order: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        """Hand one page over and wait for its answer. EOFError or OSError if the process ends meanwhile."""
        if self._process is None or self._pages >= self._limits.pages:
            self.stop()
            self._start()
        pipe = self._pipe
        assert pipe is not None
        try:
            if not self._is_ready:
                self._deadline = time.monotonic() + _START_SECONDS
                pipe.recv_bytes()
                self._is_ready = True
            self._deadline = time.monotonic() + self._limits.seconds
            pipe.send_bytes(json.dumps(order).encode())
            pipe.send_bytes(payload)
            facts = json.loads(pipe.recv_bytes())
            body = pipe.recv_bytes()
        finally:
            with self._lock:
                self._deadline = float("inf")
        self._pages += 1
        if facts.get("error") == "memory":
            self.stop()
            raise TooMuchMemory
        if facts.get("error") == "exception":
            raise PoolError(facts["where"])
        return facts, body

    def kill_if_overdue(self, now: float) -> None:
        with self._lock:
            if now >= self._deadline and self._process is not None:
                self.is_overdue = True
                self._deadline = float("inf")
                with contextlib.suppress(OSError, ValueError):
                    self._process.kill()

    def stop(self) -> None:
        """End the process, at once if it does not go by itself."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            pipe.close()
        if process is not None:
            if self.is_overdue or self._deadline < float("inf"):
                process.kill()
            process.join(_EXIT_SECONDS)
            if process.exitcode is None:
                process.kill()
                process.join(_EXIT_SECONDS)
            with contextlib.suppress(ValueError):
                process.close()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_serve,
            args=(theirs, self._work, self._limits.seconds, self._limits.megabytes),
            name="bodycopy-worker",
            daemon=True,
        )
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._pages = 0
        self._is_ready = False
        self.is_overdue = False
        self._process, self._pipe = process, ours


def _serve(pipe: Connection, work: str, seconds: float, megabytes: int) -> None:
    """A worker's life: read an order and a page, answer, until the other end is closed."""
    # A terminal's Ctrl-C and systemd's stop go to every process of the group: the service decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    module, _, name = work.partition(":")
    function = getattr(importlib.import_module(module), name)
    if megabytes:
        _limit_memory(megabytes)
    # The time of a page does not count what it takes to start.
    try:
        pipe.send_bytes(b"ready")
    except OSError:
        return
    while True:
        try:
            order = json.loads(pipe.recv_bytes())
            payload = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        if hasattr(signal, "setitimer"):
            # Ends the process even inside a C library, should the service itself be gone.
            signal.setitimer(signal.ITIMER_REAL, seconds + 5)
        try:
            facts, body = function(order, payload)
        except MemoryError:
            facts, body = {"error": "memory"}, b""
        except Exception as error:
            facts, body = {"error": "exception", "where": place(error)}, b""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        payload = b""
        try:
            pipe.send_bytes(json.dumps(facts).encode())
            pipe.send_bytes(body)
        except OSError:
            return


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:
        return
    limit = _address_space() + megabytes * 1_000_000
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _address_space() -> int:
    """Bytes of address space this process has now, where the system tells."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def place(error: BaseException) -> str:
    """Type and place of an error, without its message, which may carry the page."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = f" at {os.path.basename(step.tb_frame.f_code.co_filename)}:{step.tb_lineno}" if step else ""
    return type(error).__name__ + where
