"""Waitress's connections and requests, with our limits: what will be refused is not kept, and errors are problems."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from . import log
from .errors import Problem
from .intake import too_large
from .metrics import Metrics
from .service import RETRY_SECONDS, Service
from .settings import Settings

MAX_HEADER_BYTES = 65_536
_NO_ROOM = (
    "The bodies and answers of other requests take all the memory that they may have. Try again in a moment, or raise "
    "BODYCOPY_TRAFFIC_MEGABYTES."
)


class Room:
    """The memory that bodies and answers on their way share."""

    def __init__(self, settings: Settings) -> None:
        self.has_refused = False
        self._bytes = settings.traffic_megabytes * 1_000_000
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> bool:
        """Whether there is room for so many bytes more of a body; they count until they are given back, in any case."""
        self.add(count)
        has_room = self._taken <= self._bytes
        self.has_refused |= not has_room
        return has_room

    def add(self, count: int) -> None:
        """So many bytes more, or less, are on their way."""
        with self._lock:
            self._taken += count


def channel_class(service: Service, room: Room, stopping: threading.Event) -> type[HTTPChannel]:
    """Waitress's connection, with a parser that knows the service and the room."""
    limit = service.settings.body_limit

    class Parser(_Parser):
        def refuses(self) -> bool:
            headers = {name.lower().replace("_", "-"): value for name, value in self.headers.items()}
            try:
                service.door.check(self.command, self.path, headers)
            except Problem:
                return True
            return bool(self.content_length > limit)

    Parser.limit = limit
    Parser.room = room
    Parser.metrics = service.metrics

    class Task(WSGITask):  # type: ignore[misc]
        def build_response_header(self) -> Any:
            # A client that is told so sends its next request elsewhere, and not into a connection that is closed.
            if stopping.is_set() and len(self.channel.requests) == 1:
                self.request.headers["CONNECTION"] = "close"
            return super().build_response_header()

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = Parser
        task_class = Task
        owing_since = 0.0
        """When its answer was first seen to wait for the client; 0 for no such answer."""
        _owing = 0

        @property
        def total_outbufs_len(self) -> int:
            """Bytes of answers that the client has not taken yet, as Waitress counts them; they take room."""
            return self._owing

        @total_outbufs_len.setter
        def total_outbufs_len(self, count: int) -> None:
            room.add(count - self._owing)
            self._owing = count

        def handle_close(self) -> None:
            super().handle_close()
            if self.request is not None:
                self.request.drop()

    return Channel


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Asks the door as soon as the headers are there: what will be refused anyway is read, but not kept."""

    limit = 0
    """Bytes of a body."""
    room: Room
    metrics: Metrics
    error: Any = None
    _asked = False
    kept = 0
    """Bytes of the body that take room."""
    _is_dropped = False

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self.began = time.monotonic()

    def refuses(self) -> bool:
        """The application will refuse this request whatever its body is."""
        raise NotImplementedError

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if self.error is not None and not isinstance(self.error, _Answer):
            self.error = self._answer(self._problem(self.error.code))
            self.expect_continue = False
        if self.body_rcv is not None and not self._asked and self.error is None:
            self._asked = True
            if self.refuses():
                self.drop()
        if self.chunked and self.error is None and self.body_bytes_received > self.limit:
            self._refuse(self._problem(413))
        if self.chunked and len(self.body_rcv.control_line) + len(self.body_rcv.trailer) > MAX_HEADER_BYTES:
            # Waitress would read on for its end, and copy all of it each time.
            self._refuse(self._problem(400))
            self.completed = True
        if self.body_rcv is not None and not self._is_dropped:
            new, self.kept = self.body_bytes_received - self.kept, self.body_bytes_received
            if not self.room.take(new):
                self.make_room()
        return consumed

    def make_room(self) -> None:
        """Keep nothing of a body; once it is through, the client is told why."""
        if self.kept:
            self._refuse(Problem("busy", _NO_ROOM, retry_after=RETRY_SECONDS))

    def drop(self) -> None:
        """Keep nothing of the body."""
        self._is_dropped = True
        if self.body_rcv is not None:
            self.body_rcv.buf = _Nothing()
        self._give_back()

    def close(self) -> None:
        super().close()
        self._give_back()

    def _refuse(self, problem: Problem) -> None:
        self.drop()
        self.error = self._answer(problem)

    def _answer(self, problem: Problem) -> _Answer:
        def count() -> None:
            # Under the route of what has none: nobody knows yet whether the address is one that is served.
            self.metrics.request("-", problem.status, time.monotonic() - self.began)

        return _Answer(problem, count)

    def _give_back(self) -> None:
        kept, self.kept = self.kept, 0
        self.room.add(-kept)

    def _problem(self, code: int) -> Problem:
        if code == 413:
            return too_large(self.limit, "The request")
        if code == 431:
            limit = f"The request line and headers are over {MAX_HEADER_BYTES:,} bytes. Send fewer or shorter ones."
            return Problem("headers-too-large", limit)
        if code == 501:
            return Problem("not-implemented", "Of the transfer encodings, only chunked is read here.")
        return Problem("invalid-request", "The request cannot be read as HTTP/1.1.")


class _Nothing:
    """Where a refused body goes."""

    def append(self, data: bytes) -> None:
        pass

    def getfile(self) -> Any:
        from io import BytesIO

        return BytesIO()

    def getbuf(self) -> _Nothing:
        return self

    def close(self) -> None:
        pass

    def __len__(self) -> int:
        return 0


class _Answer:
    """A problem in the place of Waitress's own plain-text error."""

    def __init__(self, problem: Problem, count: Callable[[], None]) -> None:
        self._problem = problem
        self._count = count
        self.code = problem.status

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        request_id = secrets.token_hex(8)
        document = self._problem.document(request_id)
        log.write("refused", logging.INFO, id=request_id, status=self.code)
        self._count()
        headers = [*self._problem.headers(), ("X-Request-Id", request_id), ("Cache-Control", "no-store")]
        return f"{self.code} {document['title']}", headers, self._problem.body(request_id)
