"""The routes for programs: clean a page, clean many, and how the service is."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, request

from .. import __version__
from ..formats import FORMATS
from . import openapi
from .errors import Problem, fault
from .intake import content_type, json_job, parse_json, read_body, read_job
from .service import Service, current

blueprint = Blueprint("api", __name__)

NDJSON = "application/x-ndjson"
_HOW = f"Send a JSON array of pages as Content-Type: application/json, or one JSON object a line as {NDJSON} (NDJSON)"
_BATCH_TYPES = frozenset({"application/json", NDJSON, "application/ndjson", "application/jsonl", ""})


@blueprint.post("/v1/clean")
@blueprint.post("/clean")
def clean() -> Response:
    """The article of one page."""
    service = current()
    service.check_free()
    job = read_body(request, service.settings, service.turns, lambda data: read_job(request, data, service.settings))
    cleaned = service.clean(job, g.request_id)
    g.words = cleaned.words
    # Adds the character set to the types that have one.
    return Response(cleaned.body, mimetype=FORMATS[job.order["format"]])


@blueprint.post("/v1/clean/batch")
def clean_batch() -> Response:
    """The articles of many pages, one line each, in their order, as they get done."""
    service = current()
    kind = content_type(request.headers.get("Content-Type", ""))[0]
    if kind not in _BATCH_TYPES:
        raise Problem("unsupported-media-type", f"{_HOW}.")
    items = read_body(request, service.settings, service.turns, partial(_items, is_lines=kind != "application/json"))
    if len(items) > service.settings.max_batch:
        raise Problem(
            "too-large",
            f"A batch may have {service.settings.max_batch:,} pages; this one has {len(items):,}. Send it in parts, or "
            "raise BODYCOPY_MAX_BATCH.",
            limit=service.settings.max_batch,
            setting="BODYCOPY_MAX_BATCH",
        )
    if not service.batches.acquire(blocking=False):
        raise Problem("busy", "Other batches are being done. Try again in a moment.", retry_after=10)
    response = Response(_lines(service, items, g.request_id), content_type=NDJSON)
    response.call_on_close(service.batches.release)
    return response


def _items(data: bytes, is_lines: bool) -> list[bytes | Any]:
    """The pages of a batch: parsed ones of an array, or lines still to be parsed."""
    if not data.strip():
        raise Problem("missing-html", f"{_HOW}.")
    if not is_lines or data.lstrip().startswith(b"["):
        try:
            document = parse_json(data)
        except Problem as problem:
            if data.lstrip().startswith(b"{"):
                raise Problem(problem.name, f"The body is no JSON array. {_HOW}.") from None
            raise
        if not isinstance(document, list):
            raise Problem("invalid-request", f"The body is no JSON array. {_HOW}.")
        return document
    return [line for line in data.split(b"\n") if line.strip()]


def _lines(service: Service, items: Iterable[Any], request_id: str) -> Iterator[bytes]:
    """One line for each item, in order, with as many in work as there are workers."""
    ahead = service.settings.worker_count
    pending: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(ahead, thread_name_prefix="bodycopy-batch") as threads:
        try:
            for index, item in enumerate(items):
                if len(pending) > ahead:
                    yield pending.popleft().result()
                pending.append(threads.submit(_line, service, index, item, request_id))
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _line(service: Service, index: int, item: Any, request_id: str) -> bytes:
    try:
        document = parse_json(item) if isinstance(item, bytes) else item
        job = json_job(document, service.settings)
        job.order["format"] = "json"
        body = service.clean(job, request_id, patient=True).body
        return b'{"index": %d, ' % index + body[1:] + b"\n"
    except Exception as error:
        # One that is raised here ends the answer, in the middle of its lines.
        problem = error if isinstance(error, Problem) else fault(error, request_id)
        return json.dumps({"index": index, **problem.document(request_id)}, ensure_ascii=False).encode() + b"\n"


@blueprint.get("/healthz")
def health() -> dict[str, Any]:
    """How the service is, and what a client must know of it."""
    settings = current().settings
    return {
        "status": "ok",
        "version": __version__,
        "auth_required": bool(settings.token),
        "fetch_enabled": False,
        "max_bytes": settings.max_bytes,
        "formats": list(FORMATS),
    }


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus metrics, if the setting is on."""
    service = current()
    if not service.settings.metrics:
        raise Problem("not-found", "Metrics are off. Set BODYCOPY_METRICS=on to serve them.")
    body, media_type = service.metrics.text()
    return Response(body, content_type=media_type)


@blueprint.get("/openapi.json")
def description() -> dict[str, Any]:
    """The API's description, OpenAPI 3.1."""
    return openapi.document()
