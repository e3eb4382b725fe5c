"""Processes that can be killed: a page that takes too long or too much memory ends nothing but its own worker.

Each worker has a pipe each way and shares no lock with another, so that one which
dies at any moment, by our hand or another's, takes nothing with it. Through the
pipes go JSON and raw bytes, never a pickle. Workers are started afresh, not forked
from a process with threads; when the parent is gone their input ends, and so do they.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from .worker import receive, send

_START_SECONDS = 60.0
"""For a process to start; one that takes longer is killed."""
_PATIENT_SECONDS = 10.0
"""A page waits at least so long for its worker to start, however little time it has for itself."""
_EXIT_SECONDS = 2.0
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from bodycopy.worker import serve; serve(*sys.argv[2:])"
)
_PIPE_BYTES = 1 << 18
"""An ordinary page goes over in one piece; the system's default is a quarter of it."""


class PoolError(Exception):
    """A page that was not done. The message has the place of an error in `work`, and nothing of the page."""


class Busy(PoolError):
    """All workers are at work or starting and the queue is full, or the pool is closed."""


class NoWorker(Busy):
    """No worker could be started: there is no process, thread or memory for it. The message has the error's type."""


class TooSlow(PoolError):
    """The page took longer than it may, all tries together; its worker was killed."""


class TooMuchMemory(PoolError):
    """The page needs more memory than it may have."""


class Crashed(PoolError):
    """The page ended two workers in a row."""


class Answer(NamedTuple):
    """What `work` made of a page."""

    facts: dict[str, Any]
    body: bytes


class Limits(NamedTuple):
    """What the pool may use."""

    workers: int
    queue: int
    """Pages that may wait for a worker."""
    seconds: float
    """For the work on one page, and at most as long again for a worker to be free and started."""
    megabytes: int = 0
    """Memory a worker may take beyond what it starts with; 0 for no limit."""
    pages: int = 1_000
    """A worker is replaced after so many."""


class Pool:
    """Runs `work`, named `"module:function"`, from (order, page) to (facts, body), in processes of its own."""

    def __init__(self, work: str, limits: Limits) -> None:
        self.work = work
        self.limits = limits
        self.kills = 0
        """Workers killed for their time."""
        self.crashes = 0
        """Workers that died of themselves."""
        self._changed = threading.Condition()
        self._workers = [_Worker(work, limits) for _ in range(limits.workers)]
        self._idle = deque(self._workers)
        self._waiting: deque[object] = deque()
        self._patient = 0
        self._closed = False

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """Pages that wait for a worker."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """Workers that have a page in hand."""
        return len(self._workers) - len(self._idle)

    @property
    def is_closed(self) -> bool:
        """Every page is told Busy from now on."""
        return self._closed

    @property
    def is_full(self) -> bool:
        """The queue has no place for a page that came now."""
        must_wait = len(self._idle) <= len(self._waiting)
        return must_wait and len(self._waiting) - self._patient >= self.limits.queue

    def start(self) -> None:
        """Start every worker now; without it each is started by the first page that needs it."""
        for worker in self._workers:
            worker.start()

    def run(self, order: dict[str, Any], page: bytes, patient: bool = False) -> Answer:
        """What `work` makes of `order` and `page`; a worker that dies of itself gets it once more. Raises PoolError.

        A patient caller waits outside the queue for as long as it takes.
        """
        began = time.monotonic()
        worked = 0.0
        worker = self._take(patient)
        try:
            for _ in range(2):
                waited = time.monotonic() - began - worked
                worker.wait(2 * _START_SECONDS if patient else max(self.limits.seconds, _PATIENT_SECONDS) - waited)
                handed = time.monotonic()
                try:
                    return worker.run(order, page, max(self.limits.seconds - worked, 0))
                except (EOFError, OSError):
                    if self._closed:
                        raise Busy from None
                    worked += time.monotonic() - handed
                    with self._changed:
                        self.crashes += 1
                    worker.renew()
            raise Crashed
        except TooSlow:
            with self._changed:
                self.kills += 1
            raise
        finally:
            self._give_back(worker)

    def close(self, seconds: float = _EXIT_SECONDS) -> None:
        """End the workers for good; pages in hand are lost, and their callers told Busy.

        Workers without a page have `seconds`, all together, to go by themselves.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            idle = list(self._idle)
        for worker in self._workers:
            worker.close()
        give_up = time.monotonic() + seconds
        for worker in idle:
            worker.end(give_up - time.monotonic())

    def _take(self, patient: bool) -> _Worker:
        """An idle worker; callers are served in the order they came."""
        ticket = object()
        give_up = time.monotonic() + (float("inf") if patient else self.limits.seconds)
        with self._changed:
            if self._closed or (not patient and self.is_full):
                raise Busy
            self._waiting.append(ticket)
            self._patient += patient
            try:
                while not (self._idle and self._waiting[0] is ticket):
                    left = give_up - time.monotonic()
                    if self._closed or left <= 0:
                        raise Busy
                    self._changed.wait(min(left, 3600))
                return self._idle.pop()
            finally:
                self._waiting.remove(ticket)
                self._patient -= patient
                self._changed.notify_all()

    def _give_back(self, worker: _Worker) -> None:
        if worker.is_spent:
            worker.renew()
        with self._changed:
            if self._closed:
                worker.end()
            # Those that are still starting are taken last.
            (self._idle.append if worker.pages else self._idle.appendleft)(worker)
            self._changed.notify_all()


class _Worker:
    """A process and the pipes to it; for one caller at a time, but for `close`."""

    def __init__(self, work: str, limits: Limits) -> None:
        self.pages = 0
        """Done by the process that runs now."""
        self._work = work
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = threading.Event()
        self._is_in_step = True
        self._is_closed = False

    @property
    def is_spent(self) -> bool:
        """The process has done its pages, or may hold an answer that nobody has read."""
        return self.pages >= self._limits.pages or not self._is_in_step

    def wait(self, seconds: float) -> None:
        """Wait until the process has started, or has ended. Busy if it takes longer; it goes on starting then."""
        self.start()
        if not self._ready.wait(max(seconds, 0)):
            raise Busy

    def run(self, order: dict[str, Any], page: bytes, seconds: float) -> Answer:
        """Hand one page over and wait for its answer. PoolError; EOFError or OSError if the process ends meanwhile."""
        with self._lock:
            process = self._start()
            # From here on `close` kills it: the page must not keep a caller who could be told Busy.
            self._is_in_step = False
        assert process.stdin is not None and process.stdout is not None
        with _within(seconds, process):
            send(process.stdin, order, page)
            facts, body = receive(process.stdout)
        if facts.get("error") == "memory":
            raise TooMuchMemory
        self._is_in_step = True
        self.pages += 1
        if facts.get("error") == "exception":
            raise PoolError(facts["where"])
        return Answer(facts, body)

    def start(self) -> None:
        """Start the process, if there is none. Busy if the worker is closed, or it cannot be started."""
        with self._lock:
            self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        """The same, and the process, for who has the lock."""
        if self._is_closed:
            raise Busy
        if self._process is None:
            limits = [str(self._limits.seconds), str(self._limits.megabytes)]
            # A session of its own: Ctrl-C in a terminal is for the parent alone.
            try:
                process = subprocess.Popen(
                    [sys.executable, "-c", _START, json.dumps(sys.path), self._work, *limits],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=_environment(),
                    start_new_session=True,
                )
            except OSError as error:
                raise NoWorker(type(error).__name__) from error
            for pipe in (process.stdin, process.stdout):
                _widen(pipe)
            self._ready = threading.Event()
            try:
                _begin(threading.Thread(target=_greet, args=(process, self._ready)))
            except NoWorker:
                with process:
                    process.kill()
                raise
            self._process = process
        return self._process

    def renew(self) -> None:
        """Put a fresh process in the place of this one, without waiting until it is ready."""
        self.end()
        # What hinders it, the next page meets and tells.
        with contextlib.suppress(Busy):
            self.start()

    def close(self) -> None:
        """Start no other process; kill this one if it has a page or is not ready, or else let it go.

        Who waits for it calls `end`, without waiting here: so the workers of a pool end together.
        """
        with self._lock:
            self._is_closed = True
            if self._process is None:
                return
            if not (self._is_in_step and self._ready.is_set()):
                self._process.kill()
            elif self._process.stdin is not None:
                with contextlib.suppress(OSError):
                    self._process.stdin.close()

    def end(self, seconds: float = _EXIT_SECONDS) -> None:
        """End the process, if there is one; kill it unless it goes by itself in so many seconds."""
        with self._lock:
            process, self._process = self._process, None
            is_idle, self._is_in_step = self._is_in_step and self._ready.is_set(), True
            self.pages = 0
        if process is None:
            return
        if not is_idle:
            process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    """Of a worker: one thread of numpy, since several workers share the cores, and no secret for a page to find."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BODYCOPY_")}
    return {"OPENBLAS_NUM_THREADS": "1", **ours}


def _begin(thread: threading.Thread) -> None:
    """Start a thread that does not keep this process from ending. NoWorker if the system has none left."""
    thread.daemon = True
    try:
        thread.start()
    except RuntimeError as error:
        raise NoWorker(type(error).__name__) from error


@contextlib.contextmanager
def _within(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kill the process if the block takes longer. Raises TooSlow then."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    _begin(timer)
    try:
        yield
    except (EOFError, OSError):
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TooSlow


def _greet(process: subprocess.Popen[bytes], ready: threading.Event) -> None:
    """Read the first word of a process and set `ready`; or set it when there will be none, which the next page meets."""
    assert process.stdout is not None
    try:
        with contextlib.suppress(EOFError, OSError, ValueError, TooSlow), _within(_START_SECONDS, process):
            receive(process.stdout)
    except NoWorker:
        # Its first word, not read, would be taken for the answer for its first page.
        process.kill()
        process.wait()
    finally:
        ready.set()


def _widen(pipe: IO[bytes] | None) -> None:
    try:
        import fcntl

        if pipe is not None:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        return  # Not this system, or not so much of it: the default does as well.
