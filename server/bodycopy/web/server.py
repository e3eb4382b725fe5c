"""Waitress, tuned: bodies of strangers are not kept, its own errors are problems too, and a stop drains."""

from __future__ import annotations

import contextlib
import logging
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server

from .. import __version__
from . import log
from .app import create_app
from .door import Door
from .errors import Problem
from .intake import too_large
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
_SETTLE_SECONDS = 0.3
"""After a stop, for what has been sent and not yet read; one turn of the loop takes one connection."""
_HALF_SENT_SECONDS = 3.0
"""After a stop, for a request that has not arrived whole."""


def serve(settings: Settings | None = None, work: str = WORK) -> int:
    """Run the service until SIGTERM or SIGINT, then finish what is in hand. Raises ValueError for unsafe settings."""
    settings = settings or from_environment()
    app = create_app(settings, work)
    log.configure(settings.log_format)
    service: Service = app.extensions["bodycopy"]
    service.pool.start()
    try:
        server = _Server(app, service)
    except OSError as error:
        service.pool.close()
        raise ValueError(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror or error}. Is another one running?"
            " Choose another with --port."
        ) from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    address = f"http://{server.address}"
    log.write("started", address=address, version=__version__, workers=settings.worker_count)
    if sys.stderr.isatty():
        print(f"Open {address} in a browser to try it, {address}/docs for the API. Ctrl-C stops it.", file=sys.stderr)
    server.run()
    service.pool.close()
    log.write("stopped")
    return 0


class _Server:
    """The listening sockets and the loop that serves them."""

    def __init__(self, app: Flask, service: Service) -> None:
        settings = service.settings
        self._settings = settings
        self._running = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
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
        self._room = _Room(settings, self._unread)
        channel = _channel(service.door, settings.body_limit, self._room)
        for listener in self.listeners:
            listener.channel_class = channel
        first = self.listeners[0]
        host = first.effective_host
        self.address = f"[{host}]:{first.effective_port}" if ":" in host else f"{host}:{first.effective_port}"

    def stop(self) -> None:
        """Take no more requests, and end when those in hand are answered."""
        self._stopping.set()
        for listener in self.listeners:
            listener.pull_trigger()

    def run(self) -> None:
        checked = 0.0
        while not self._stopping.is_set():
            self._turn(1.0)
            if (now := time.monotonic()) - checked > 1:
                checked = now
                self._close_slow(now)
        log.write("stopping", in_hand=self._running)
        # Connections that the system has taken for us, and what was sent on them, are in hand as well.
        settled = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < settled:
            self._turn(0.01)
        started = time.monotonic()
        for listener in self.listeners:
            listener.accepting = False
            listener.del_channel(self._map)
            listener.socket.close()
        while not self._is_drained(time.monotonic() - started):
            self._turn(0.05)
        self.listeners[0].task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map)

    def _channels(self) -> list[Any]:
        return [channel for listener in self.listeners for channel in list(listener.active_channels.values())]

    def _unread(self) -> int:
        """Bytes of answers that their clients have not taken yet."""
        return sum(channel.total_outbufs_len for channel in self._channels())

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

    def _is_drained(self, elapsed: float) -> bool:
        if elapsed > self._settings.stop_seconds:
            return True
        busy = self._running > 0
        for channel in self._channels():
            half_sent = channel.request is not None and elapsed < _HALF_SENT_SECONDS
            if channel.requests or channel.total_outbufs_len or half_sent:
                busy = True
            else:
                channel.will_close = True
        return not busy

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

    def __init__(self, settings: Settings, unread: Callable[[], int]) -> None:
        self.has_refused = False
        self._bytes = settings.traffic_megabytes * 1_000_000
        self._unread = unread
        self._kept = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> bool:
        """Whether there is room for so many bytes more of a body; they count until they are given back, in any case."""
        with self._lock:
            self._kept += count
        has_room = self._kept + self._unread() <= self._bytes
        self.has_refused |= not has_room
        return has_room

    def give_back(self, count: int) -> None:
        with self._lock:
            self._kept -= count


def _channel(door: Door, limit: int, room: _Room) -> type[HTTPChannel]:
    """Waitress's connection, with a parser that knows the door and the room."""

    class Parser(_Parser):
        def refuses(self) -> bool:
            headers = {name.lower().replace("_", "-"): value for name, value in self.headers.items()}
            try:
                door.check(self.command, self.path, headers)
            except Problem:
                return True
            return bool(self.content_length > limit)

    Parser.limit = limit
    Parser.room = room

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = Parser
        owing_since = 0.0
        """When its answer was first seen to wait for the client; 0 for no such answer."""

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
            self.error = _Answer(self._problem(self.error.code))
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
        self.error = _Answer(problem)

    def _give_back(self) -> None:
        kept, self.kept = self.kept, 0
        self.room.give_back(kept)

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

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.code = problem.status

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        request_id = secrets.token_hex(8)
        document = self._problem.document(request_id)
        log.write("refused", logging.INFO, id=request_id, status=self.code)
        headers = [*self._problem.headers(), ("X-Request-Id", request_id), ("Cache-Control", "no-store")]
        return f"{self.code} {document['title']}", headers, self._problem.body(request_id)
