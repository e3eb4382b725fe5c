"""The WSGI application: the door, the routes, errors as problems, headers, and a line in the log for each request."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from flask import Flask, Response, g, request
from flask_cors import CORS
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from . import api, log, pages, rate
from .errors import Problem, fault
from .intake import too_large
from .service import WORK, Service, current
from .settings import Settings, from_environment

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def create_app(settings: Settings | None = None, work: str = WORK) -> Flask:
    """The service as a WSGI application. `work` is what the workers run; ValueError for unsafe settings."""
    settings = settings or from_environment()
    settings.check()
    app = Flask("bodycopy.web")
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    app.url_map.strict_slashes = False
    service = Service(settings, work)
    app.extensions["bodycopy"] = service

    app.before_request(_begin)
    app.before_request(_check)
    rate.limit(app, settings)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(pages.blueprint)
    app.after_request(_finish)
    CORS(
        app,
        origins=service.door.origins,
        supports_credentials=False,
        # A proxy in front may ask for headers that only the person knows; who may come in, the origin decides.
        allow_headers="*",
        expose_headers=["Retry-After", "X-Request-Id"],
        methods=["GET", "POST"],
        max_age=600,
        vary_header=True,
    )
    app.register_error_handler(Exception, _failed)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return app


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.started = time.perf_counter()


def _check() -> None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    service = current()
    service.door.check(request.method, request.path, headers)
    service.check_open()
    # Said by the header, so that nothing of the body has to be read.
    if (request.content_length or 0) > service.settings.body_limit:
        raise too_large(service.settings.body_limit, "The request")


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["X-Request-Id"] = g.get("request_id", "")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("Content-Security-Policy", _POLICY)
    # An extension that may not call the service learns that it is there: no more, and a page could tell so by the time.
    is_open = request.path == "/healthz"
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin")
    headers.add("Vary", "Accept")
    route = request.url_rule.rule if request.url_rule else "-"
    method, status, started = request.method, response.status_code, g.get("started", time.perf_counter())
    request_id, client, size = g.get("request_id", ""), request.remote_addr or "-", request.content_length or 0
    words, metrics = g.get("words"), current().metrics

    def done() -> None:
        seconds = time.perf_counter() - started
        metrics.request(route, status, seconds)
        fields: dict[str, Any] = {} if words is None else {"words": words}
        log.write(
            "request", id=request_id, client=client, method=method if method in _METHODS else "-", route=route,
            status=status, ms=round(seconds * 1000, 1), bytes_in=size, **fields,
        )  # fmt: skip

    response.call_on_close(done)
    return response


_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


def _failed(error: Exception) -> Response:
    """Any error as a problem."""
    problem = _problem(error)
    response = Response(problem.body(g.get("request_id")), status=problem.status)
    for name, value in problem.headers():
        response.headers[name] = value
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, RateLimitExceeded):
        return rate.problem(error)
    if isinstance(error, NotFound):
        return Problem("not-found", "There is nothing at this address. /docs lists what there is.")
    if isinstance(error, MethodNotAllowed):
        return Problem("method-not-allowed", "This address is served, but not for this method; see the header Allow.")
    if isinstance(error, RequestEntityTooLarge):
        return too_large(current().settings.body_limit, "The request")
    if isinstance(error, HTTPException) and 400 <= (error.code or 500) < 500:
        return Problem("invalid-request", "The request cannot be read as HTTP. /docs describes what is.")
    return fault(error, g.get("request_id", ""))
