"""Everything that can go wrong, as RFC 9457 problems: a table, an exception, and the answer made of it."""

from __future__ import annotations

import json
import logging
from typing import Any, NamedTuple

from ..worker import place
from . import log

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """A row of the table: what a client may rely on."""

    status: int
    title: str


KINDS = {
    "invalid-json": Kind(400, "The body is not valid JSON"),
    "invalid-request": Kind(400, "The request is not as described"),
    "invalid-encoding": Kind(400, "The compressed body cannot be read"),
    "missing-html": Kind(400, "There is no page in the request"),
    "unauthorized": Kind(401, "A token is needed"),
    "origin-not-allowed": Kind(403, "This web page may not call the service"),
    "host-not-allowed": Kind(403, "The service does not go by this name"),
    "not-found": Kind(404, "Nothing is here"),
    "method-not-allowed": Kind(405, "This method is not served here"),
    "too-large": Kind(413, "The page is too large"),
    "unsupported-media-type": Kind(415, "The body is of a type that is not read here"),
    "no-article": Kind(422, "No article was found"),
    "rate-limited": Kind(429, "Too many requests"),
    "headers-too-large": Kind(431, "The request's headers are too large"),
    "internal": Kind(500, "Something went wrong here"),
    "not-implemented": Kind(501, "The request asks for what is not spoken here"),
    "busy": Kind(503, "The service is busy"),
    "too-slow": Kind(504, "The page took too long"),
}


class Problem(Exception):
    """An answer that is not a page. `detail` tells its reader what to do; `extra` are further members."""

    def __init__(self, name: str, detail: str, retry_after: int | None = None, **extra: Any) -> None:
        super().__init__(name)
        self.name = name
        self.detail = detail
        self.retry_after = retry_after
        self.extra = extra

    @property
    def status(self) -> int:
        return KINDS[self.name].status

    def document(self, request_id: str | None) -> dict[str, Any]:
        """The problem as RFC 9457 has it; `type` is the place in /docs that explains it."""
        kind = KINDS[self.name]
        return {
            "type": f"/docs#{self.name}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
            "request_id": request_id,
            **self.extra,
        }

    def body(self, request_id: str | None) -> bytes:
        return json.dumps(self.document(request_id), ensure_ascii=False).encode()

    def headers(self) -> list[tuple[str, str]]:
        out = [("Content-Type", MEDIA_TYPE)]
        if self.retry_after is not None:
            out.append(("Retry-After", str(self.retry_after)))
        if self.status == 401:
            out.append(("WWW-Authenticate", 'Bearer realm="bodycopy"'))
        return out


def fault(error: Exception, request_id: str) -> Problem:
    """The problem for an error that nobody expected. Its place goes to the log."""
    log.write("failed", logging.ERROR, id=request_id, where=place(error))
    return Problem("internal", "The service made a mistake. Its log has the place under this request's id.")
