"""How many requests each client may make, counted here or, for several machines, in Redis."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import time

from flask import Flask, current_app, request
from flask_limiter import Limiter, RateLimitExceeded
from limits import parse_many
from limits.errors import ConfigurationError

from .errors import Problem
from .settings import Settings

_UNLIMITED = frozenset({"/", "/docs", "/openapi.json", "/healthz", "/metrics"})


def limit(app: Flask, settings: Settings) -> None:
    """Make `app` refuse requests over the rate, with RateLimitExceeded. ValueError for settings it cannot use."""
    if not settings.rate_limit:
        return
    is_shared = settings.rate_storage != "memory://"
    try:
        parse_many(settings.rate_limit)
        limiter = Limiter(
            _client,
            application_limits=[settings.rate_limit],
            storage_uri=settings.rate_storage,
            # A machine that cannot reach the common count goes on with its own.
            in_memory_fallback_enabled=is_shared,
            in_memory_fallback=[settings.rate_limit] if is_shared else [],
            strategy="fixed-window",
            headers_enabled=False,
            key_prefix="bodycopy",
        )
        limiter.request_filter(lambda: request.method == "OPTIONS" or _is_unlimited())
        limiter.init_app(app)
    except (ValueError, ImportError, ConfigurationError) as error:
        raise ValueError(f"BODYCOPY_RATE_LIMIT or BODYCOPY_RATE_STORAGE cannot be used: {error}") from None
    # It quotes addresses of requests.
    logging.getLogger("flask-limiter").setLevel(logging.CRITICAL + 1)


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
    address = request.remote_addr or ""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(address).version == 6:
            return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return address


def _is_unlimited() -> bool:
    return request.method in ("GET", "HEAD") and (request.path in _UNLIMITED or request.path.startswith("/static/"))
