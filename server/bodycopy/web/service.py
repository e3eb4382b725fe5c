"""What the routes share: settings, door, pool, metrics, and cleaning one page through the pool."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple

from flask import current_app

from .. import pool as pools
from . import log
from .door import Door
from .errors import Problem
from .intake import Job
from .metrics import Metrics, Prometheus
from .settings import Settings

WORK = "bodycopy.work:run"
MAX_BATCHES = 4
"""Batches at once; each holds a thread of the server for as long as it lasts."""
RETRY_SECONDS = 2
_LARGE_AT_ONCE = 2
"""Each takes up to a hundred megabytes meanwhile."""
_STOPPING = "The service is stopping"
_NO_WORKER = "No worker can be started for want of memory or processes"
_FULL = "All workers are busy and the queue is full"


class Turns:
    """Taken to decompress and parse a large body: few at once, and few more may wait. Raises Problem.

    `check_open` raises one where none may be taken any more.
    """

    def __init__(self, waiting: int, check_open: Callable[[], None]) -> None:
        self._check_open = check_open
        self._turns = threading.Semaphore(_LARGE_AT_ONCE)
        self._places = threading.Semaphore(_LARGE_AT_ONCE + waiting)

    def __enter__(self) -> None:
        if not self._places.acquire(blocking=False):
            raise _busy("Other large bodies are being read")
        self._turns.acquire()
        try:
            self._check_open()
        except Problem:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        self._turns.release()
        self._places.release()


class Cleaned(NamedTuple):
    """A finished answer."""

    body: bytes
    words: int


class Service:
    """One running service."""

    def __init__(self, settings: Settings, work: str = WORK) -> None:
        self.settings = settings
        self.is_reading = True
        """Bodies are read. While a stop lasts long, others need the time more."""
        self.door = Door(settings)
        self.pool = pools.Pool(
            work,
            pools.Limits(
                workers=settings.worker_count,
                queue=settings.queue_length,
                seconds=settings.page_seconds,
                megabytes=settings.worker_megabytes,
                pages=settings.worker_pages,
            ),
        )
        self.metrics: Metrics = Prometheus(self.pool) if settings.metrics else Metrics()
        self.batches = threading.Semaphore(MAX_BATCHES)
        self.turns = Turns(settings.queue_length, self.check_open)

    def check_open(self) -> None:
        """Raise Problem if a page that nobody has begun to read would not be cleaned any more."""
        if self.pool.is_closed or not self.is_reading:
            raise _busy(_STOPPING)

    def check_free(self) -> None:
        """Raise Problem if a page would find the queue full: its body need not be parsed for that."""
        if self.pool.is_full:
            raise _busy(_FULL)

    def clean(self, job: Job, request_id: str, patient: bool = False) -> Cleaned:
        """Clean a page in a worker; a patient caller waits outside the queue. Raises Problem."""
        try:
            cleaned = self._clean(job, request_id, patient)
        except Problem as problem:
            self.metrics.page(problem.name, {})
            raise
        return cleaned

    def _clean(self, job: Job, request_id: str, patient: bool) -> Cleaned:
        settings = self.settings
        try:
            facts, body = self.pool.run(job.order, job.page, patient)
        except pools.NoWorker as error:
            log.write("page-failed", logging.ERROR, id=request_id, where=str(error))
            raise _busy(_NO_WORKER) from None
        except pools.Busy:
            raise _busy(_STOPPING if self.pool.is_closed else _FULL) from None
        except pools.TooSlow:
            raise Problem(
                "too-slow",
                f"The page took more than {settings.page_seconds:g} seconds and was given up. Send only the part of it "
                "that holds the article, or raise BODYCOPY_PAGE_SECONDS.",
            ) from None
        except pools.TooMuchMemory:
            raise Problem(
                "too-large",
                f"The page needs more than {settings.worker_megabytes:,} MB of memory. Send only the part of it that "
                "holds the article, or raise BODYCOPY_WORKER_MEGABYTES.",
                limit=settings.worker_megabytes,
                setting="BODYCOPY_WORKER_MEGABYTES",
            ) from None
        except pools.PoolError as error:
            log.write("page-failed", logging.ERROR, id=request_id, where=str(error) or type(error).__name__)
            raise Problem("internal", "The page could not be cleaned. The log has the place under this id.") from None
        if facts.get("error") == "too-large":
            setting = f"BODYCOPY_{facts['limit'].upper()}"
            raise Problem("too-large", facts["detail"], limit=facts["value"], setting=setting)
        if "error" in facts:
            raise Problem(facts["error"], facts["detail"])
        if facts["is_empty"]:
            raise Problem(
                "no-article",
                "The page was read, but there is no article in it. If it is shown only after scripts have run, send "
                "the page as the browser shows it, or use the extension.",
                page_title=facts["title"],
                url=facts["url"],
                warnings=facts["warnings"],
                warning_codes=facts["warning_codes"],
            )
        self.metrics.page("ok", facts["removed"])
        return Cleaned(body, facts["words"])


def _busy(reason: str) -> Problem:
    return Problem("busy", f"{reason}. Try again in a moment.", retry_after=RETRY_SECONDS)


def current() -> Service:
    """The service of the request in hand."""
    service: Service = current_app.extensions["bodycopy"]
    return service
