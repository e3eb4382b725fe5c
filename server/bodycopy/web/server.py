"""Waitress, tuned: bodies of strangers are not kept, its own errors are problems too, and a stop drains."""

from __future__ import annotations

import contextlib
import errno
import gc
import logging
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.task import WSGITask

from .. import __version__
from . import log
from .app import create_app
from .errors import Problem
from .intake import too_large
from .metrics import Metrics
from .service import MAX_BATCHES, RETRY_SECONDS, WORK, Service
from .settings import Settings, from_environment

_SPARE_THREADS = 8
_MAX_CONNECTIONS = 1_000
_MAX_HEADER_BYTES = 65_536
_MAX_DISCARDED_BYTES = 100_000_000
"""A body that will be refused is still read so far, since a client that is cut off never sees the answer."""
_NEVER_TO_DISK = 1 << 40
_MIN_BYTES_PER_SECOND = 1_000
"""Of a body, beyond the time that a silent connection has."""
_NO_ROOM = (
    "The bodies and answers of other requests take all the memory that they may have. Try again in a moment, or raise "
    "BODYCOPY_TRAFFIC_MEGABYTES."
)
_ARRIVAL_SECONDS = 0.3
"""After a stop, for what is on its way already."""
_SILENT_SECONDS = 3.0
"""After a stop, a request that has not arrived whole and of which nothing came for so long is not waited for."""
# Of the time for a stop: until then it takes in what the system holds for it; from then on bodies that nobody has begun
# to read are refused, and then pages in hand; then no answer is waited for; and then the system ends the process. Of 15
# seconds that leaves two and a half to write answers and have them read, and one and a half to exit, where all takes
# ten times as long as on an idle machine.
_ARRIVED_SHARE = 0.2
_READ_SHARE = 0.4
_REFUSED_SHARE = 0.7
_OVER_SHARE = 0.87
_KILLED_SHARE = 0.97


def serve(settings: Settings | None = None, work: str = WORK) -> int:
    """Run the service until SIGTERM or SIGINT, then finish what is in hand. Raises ValueError for unsafe settings."""
    settings = settings or from_environment()
    app = create_app(settings, work)
    log.configure(settings.log_format)
    service: Service = app.extensions["bodycopy"]
    service.pool.start()
    try:
        server = _Server(app, service)
    except (OSError, ValueError) as error:
        service.pool.close()
        raise ValueError(_why_not(settings, error)) from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    address = f"http://{server.address}"
    log.write("started", address=address, version=__version__, workers=settings.worker_count)
    if sys.stderr.isatty():
        print(f"Open {address} in a browser to try it, {address}/docs for the API. Ctrl-C stops it.", file=sys.stderr)
    unanswered = server.run()
    service.pool.close(server.left(_OVER_SHARE))
    log.write("stopped", unanswered=unanswered)
    # To look for cycles in all that will be gone anyway took two seconds on a busy machine.
    gc.freeze()
    return 0


def _why_not(settings: Settings, error: OSError | ValueError) -> str:
    """Why the service cannot listen there, and what to do. Of a name without an address Waitress makes a ValueError."""
    where = f"Cannot listen on {settings.host} port {settings.port}: "
    number = error.errno if isinstance(error, OSError) else errno.EADDRNOTAVAIL
    if number == errno.EADDRNOTAVAIL:
        where += "this machine has no such address. Give one of its own with --host, or 0.0.0.0 for all of them."
    elif number == errno.EACCES:
        where += "that port is not allowed here. Choose one above 1023 with --port."
    elif number == errno.EADDRINUSE:
        where += "it is in use. Is another one running? Choose another with --port."
    else:
        where += f"{getattr(error, 'strerror', None) or error}. Choose another place with --host and --port."
    return where


class _Server:
    """The listening sockets and the loop that serves them."""

    def __init__(self, app: Flask, service: Service) -> None:
        settings = service.settings
        self._settings = settings
        self._service = service
        self._running = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._stop_began = 0.0
        self._map: dict[int, Any] = {}
        self._main = create_server(
            self._counted(app),
            map=self._map,
            host=settings.host,
            port=settings.port,
            ident=None,
            threads=settings.worker_count + settings.queue_length + MAX_BATCHES + _SPARE_THREADS,
            connection_limit=_MAX_CONNECTIONS,
            channel_timeout=settings.idle_seconds,
            cleanup_interval=2,
            max_request_header_size=_MAX_HEADER_BYTES,
            max_request_body_size=_MAX_DISCARDED_BYTES,
            recv_bytes=65_536,
            inbuf_overflow=_NEVER_TO_DISK,
            outbuf_overflow=_NEVER_TO_DISK,
            clear_untrusted_proxy_headers=not settings.proxies,
            log_socket_errors=False,
            asyncore_use_poll=True,
        )
        self.listeners = [s for s in self._map.values() if isinstance(s, BaseWSGIServer)]
        self._room = _Room(settings)
        channel = _channel(service, self._room, self._stopping)
        for listener in self.listeners:
            listener.channel_class = channel
        first = self.listeners[0]
        host = first.effective_host
        self.address = f"[{host}]:{first.effective_port}" if ":" in host else f"{host}:{first.effective_port}"

    def stop(self) -> None:
        """Take no more requests, and end when those in hand are answered; a second call changes nothing."""
        if self._stopping.is_set():
            return
        self._stop_began = time.monotonic()
        if hasattr(signal, "setitimer"):
            # Bodies of 20 MB that are parsed can keep the loop waiting for seconds, and a log that nobody reads for ever.
            signal.setitimer(signal.ITIMER_REAL, self.left(_KILLED_SHARE))
        self._stopping.set()
        for listener in self.listeners:
            listener.pull_trigger()

    def left(self, share: float) -> float:
        """Seconds until this share of the time for a stop is over; less than nothing if it is."""
        return self._stop_began + share * self._settings.stop_seconds - time.monotonic()

    def run(self) -> int:
        """Serve until `stop`; how many connections did not have their answers when its time was over."""
        checked = 0.0
        while not self._stopping.is_set():
            self._turn(1.0)
            if (now := time.monotonic()) - checked > 1:
                checked = now
                self._close_slow(now)
        log.write("stopping", in_hand=self._running)
        self._take_in()
        for listener in self.listeners:
            listener.accepting = False
            listener.del_channel(self._map)
            listener.socket.close()
        while (waiting := self._let_go()) and self.left(_OVER_SHARE) > 0:
            self._service.is_reading = self.left(_READ_SHARE) > 0
            if self.left(_REFUSED_SHARE) <= 0 and not self._service.pool.is_closed:
                self._service.pool.close(0)
            self._turn(0.05)
        self.listeners[0].task_dispatcher.shutdown(timeout=0)
        wasyncore.close_all(self._map)
        return waiting

    def _take_in(self) -> None:
        """Take the connections that the system has accepted for us, and what was sent on them: they are in hand as well."""
        at_least = time.monotonic() + _ARRIVAL_SECONDS
        while self.left(_ARRIVED_SHARE) > 0:
            readable = [channel for channel in self._channels() if channel.readable()]
            if not _unread([*self.listeners, *readable]) and time.monotonic() > at_least:
                return
            self._turn(0.01)

    def _let_go(self) -> int:
        """Close the connections that wait for nothing, and count the others."""
        channels = self._channels()
        idle = [channel for channel in channels if not self._is_waiting(channel)]
        unread = _unread(idle) if self.left(_REFUSED_SHARE) > 0 else set()
        for channel in idle:
            channel.will_close = channel.will_close or channel.socket not in unread
        return len(channels) - len(idle) + len(unread)

    def _is_waiting(self, channel: Any) -> bool:
        """Its client waits for an answer, or still sends a request that may be answered."""
        if channel.requests or channel.total_outbufs_len:
            return True
        comes = channel.request is not None and time.time() - channel.last_activity < _SILENT_SECONDS
        return comes and self.left(_REFUSED_SHARE) > 0

    def _channels(self) -> list[Any]:
        return [channel for listener in self.listeners for channel in list(listener.active_channels.values())]

    def _close_slow(self, now: float) -> None:
        """Close connections whose request comes in drops: never silent for long, and never whole.

        While there is no room for others, also those that have taken long to read an answer, and keep no body that has
        taken long to come.
        """
        idle, is_crowded = self._settings.idle_seconds, self._room.has_refused
        self._room.has_refused = False
        for channel in self._channels():
            channel.owing_since = channel.owing_since or now if channel.total_outbufs_len else 0.0
            if channel.owing_since:
                channel.will_close |= is_crowded and now - channel.owing_since > idle
            if (request := channel.request) is not None:
                if is_crowded and now - request.began > idle:
                    request.make_room()
                allowed = idle + request.body_bytes_received / _MIN_BYTES_PER_SECOND
                channel.will_close |= now - request.began > allowed
            if channel.will_close and channel.total_outbufs_len:
                # Waitress would wait until its client can take more of the answer, which may be never.
                channel.handle_close()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._map, use_poll=True, count=1)

    def _counted(self, app: Flask) -> Callable[..., Any]:
        """The application, counting the requests in it."""

        def counted(environ: dict[str, Any], start_response: Any) -> Any:
            with self._lock:
                self._running += 1
            try:
                return _Closing(app(environ, start_response), self._finished)
            except BaseException:
                self._finished()
                raise

        return counted

    def _finished(self) -> None:
        with self._lock:
            self._running -= 1


def _unread(connections: Iterable[Any]) -> set[Any]:
    """The sockets of those for which the system holds something that has not been read."""
    return set(wait([connection.socket for connection in connections], 0))


class _Closing:
    """An answer's chunks, and a call when they are through."""

    def __init__(self, chunks: Any, done: Callable[[], None]) -> None:
        self._chunks = chunks
        self._done = done

    def __iter__(self) -> Any:
        return iter(self._chunks)

    def close(self) -> None:
        try:
            with contextlib.suppress(AttributeError):
                self._chunks.close()
        finally:
            self._done()


class _Room:
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


def _channel(service: Service, room: _Room, stopping: threading.Event) -> type[HTTPChannel]:
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
    room: _Room
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
        if self.chunked and len(self.body_rcv.control_line) + len(self.body_rcv.trailer) > _MAX_HEADER_BYTES:
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
            limit = f"The request line and headers are over {_MAX_HEADER_BYTES:,} bytes. Send fewer or shorter ones."
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
