"""How many requests each client may make, counted here or, for several machines, in Redis."""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter, RateLimitExceeded
from limits import parse_many
from limits.errors import ConfigurationError

from . import log
from .errors import Problem
from .settings import Settings

_UNLIMITED = frozenset({"/", "/docs", "/openapi.json", "/healthz", "/metrics"})
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")
_STORAGE_SECONDS = 1.0
"""To reach Redis, and for its answer. A request waits for it."""
_LOST = (
    "BODYCOPY_RATE_STORAGE is out of reach or refuses the password. Until it is back, this process counts requests for "
    "itself."
)


def limit(app: Flask, settings: Settings) -> None:
    """Make `app` refuse requests over the rate, with RateLimitExceeded. ValueError for settings it cannot use."""
    if not settings.rate_limit:
        return
    is_shared = settings.rate_storage != "memory://"
    try:
        parse_many(settings.rate_limit)
    except ValueError:
        raise ValueError(
            f"BODYCOPY_RATE_LIMIT must be a rate such as `600/minute`, or empty, not {settings.rate_limit!r}."
        ) from None
    options = _storage_options(settings.rate_storage)
    try:
        limiter = Limiter(
            _client,
            application_limits=[settings.rate_limit],
            storage_uri=settings.rate_storage,
            storage_options=options,
            # A machine that cannot reach the common count goes on with its own.
            in_memory_fallback_enabled=is_shared,
            in_memory_fallback=[settings.rate_limit] if is_shared else [],
            strategy="fixed-window",
            headers_enabled=False,
            key_prefix="bodycopy",
        )
        limiter.request_filter(lambda: request.method == "OPTIONS" or _is_unlimited())
        limiter.init_app(app)
    except (ValueError, ImportError, ConfigurationError):
        # Their own words may hold the password.
        raise ValueError(
            "BODYCOPY_RATE_STORAGE cannot be used. Write `redis://HOST:6379/0`, or `redis://:PASSWORD@HOST:6379/0` with "
            "%2F for a / in the password."
        ) from None
    if is_shared:
        app.after_request(_watch(limiter))
    # It quotes addresses of requests.
    logging.getLogger("flask-limiter").setLevel(logging.CRITICAL + 1)


def _storage_options(address: str) -> dict[str, Any]:
    """How long to wait for Redis. Raises ValueError if its package is not installed."""
    if not address.startswith(("redis:", "rediss:", "redis+unix:")):
        return {}
    if importlib.util.find_spec("redis") is None:
        raise ValueError("BODYCOPY_RATE_STORAGE needs a package: pip install 'bodycopy[redis]'.")
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # Once more, since the connection may be an old one that was cut.
    again = Retry(NoBackoff(), 1)
    return {"socket_connect_timeout": _STORAGE_SECONDS, "socket_timeout": _STORAGE_SECONDS, "retry": again}


def _watch(limiter: Limiter) -> Callable[[Response], Response]:
    """Says in the log when the common count is lost and when it is back, once each."""
    lock = threading.Lock()
    was_lost = False

    def watch(response: Response) -> Response:
        nonlocal was_lost
        with lock:
            is_lost = limiter.limiter.storage is not limiter.storage
            has_changed, was_lost = is_lost != was_lost, is_lost
        if has_changed and is_lost:
            log.write("rate-storage-lost", logging.WARNING, detail=_LOST)
        elif has_changed:
            log.write("rate-storage-back")
        return response

    return watch


def problem(error: RateLimitExceeded) -> Problem:
    """What the client is told: the rate, and when it may come back."""
    reset = time.time() + 60
    with contextlib.suppress(Exception):
        (limiter,) = current_app.extensions["limiter"]
        reset = limiter.current_limit.reset_at
    return Problem(
        "rate-limited",
        f"More than {error.limit.limit} from one client. Wait, or raise BODYCOPY_RATE_LIMIT.",
        # Windows end on whole seconds, so the last may seem a second longer than it is.
        retry_after=min(max(1, round(reset - time.time())), error.limit.limit.get_expiry()),
    )


def _client() -> str:
    """The client's address; of IPv6 the network, of which each client has a whole one."""
    given = request.remote_addr or ""
    # Some proxies tell the port as well, which is another for each connection.
    with_port = _WITH_PORT.fullmatch(given)
    try:
        address = ipaddress.ip_address(with_port[1] or with_port[2] if with_port else given)
    except ValueError:
        return given
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    # All of IPv4 is in one such network, as those see it who listen for both.
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def _is_unlimited() -> bool:
    return request.method in ("GET", "HEAD") and (request.path in _UNLIMITED or request.path.startswith("/static/"))
