"""Waitress, tuned: bodies of strangers are not kept, its own errors are problems too, and a stop drains."""

from __future__ import annotations

import contextlib
import errno
import gc
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from .. import __version__
from . import log
from .app import create_app
from .connection import MAX_HEADER_BYTES, Room, channel_class
from .service import MAX_BATCHES, WORK, Service
from .settings import Settings, from_environment

_SPARE_THREADS = 8
_MAX_CONNECTIONS = 1_000
_MAX_DISCARDED_BYTES = 100_000_000
"""A body that will be refused is still read so far, since a client that is cut off never sees the answer."""
_NEVER_TO_DISK = 1 << 40
_MIN_BYTES_PER_SECOND = 1_000
"""Of a body, beyond the time that a silent connection has."""
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
    log.begin(settings.log_format)
    app = create_app(settings, work)
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
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=_MAX_DISCARDED_BYTES,
            recv_bytes=65_536,
            inbuf_overflow=_NEVER_TO_DISK,
            outbuf_overflow=_NEVER_TO_DISK,
            clear_untrusted_proxy_headers=not settings.proxies,
            log_socket_errors=False,
            asyncore_use_poll=True,
        )
        self.listeners = [s for s in self._map.values() if isinstance(s, BaseWSGIServer)]
        self._room = Room(settings)
        channel = channel_class(service, self._room, self._stopping)
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
