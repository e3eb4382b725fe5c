"""The description of the API, OpenAPI 3.1, put together by apispec from the models of schemas.py."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from apispec import APISpec
from pydantic.json_schema import models_json_schema

from .. import __version__
from ..addresses import MAX_URL_CHARS
from ..article import BOILERPLATE_LABELS
from ..formats import FORMATS
from .errors import KINDS, MEDIA_TYPE
from .schemas import MODELS

_REFERENCE = "#/components/schemas/{model}"
_COMMON = ("unauthorized", "host-not-allowed", "rate-limited", "headers-too-large", "internal", "not-implemented")
_WITH_MORE = {"no-article": "NoArticleAnswer", "too-large": "TooLargeAnswer"}
"""Problems that carry further members. No other has their status."""
_PAGE = (
    "invalid-json",
    "too-large",
    "unsupported-media-type",
    "no-article",
    "busy",
    "too-slow",
)
_KIND = f"^ *({'|'.join(sorted(BOILERPLATE_LABELS))})? *$"
_ABOUT = """Send a page or a text and get the article without what does not belong to it, and all that was taken out,
each with its reason. Errors are RFC 9457 problems; a person who reads only `detail` knows what to do."""


def _reference(model: str) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model)}


def _problems(*names: str) -> dict[str, Any]:
    """Responses for problems, those of one status together."""
    out: dict[str, Any] = {}
    for name, kind in KINDS.items():
        if name not in names:
            continue
        status = str(kind.status)
        if status in out:
            out[status]["description"] += f" or {name}"
            continue
        schema = _reference(_WITH_MORE.get(name, "ProblemAnswer"))
        out[status] = {"description": name, "content": {MEDIA_TYPE: {"schema": schema}}}
        if kind.status in (429, 503):
            out[status]["headers"] = {
                "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
            }
    return out


def _query(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


# Without types: whatever a field of a form holds arrives as text.
_FORM = {
    "type": "object",
    "properties": {
        "html": {},
        "file": {"description": "A file, or its content."},
        "text": {},
        "url": {"maxLength": MAX_URL_CHARS},
        "format": {},
        "keep": {"description": "Kinds with commas."},
    },
}


def _clean_operation(name: str) -> dict[str, Any]:
    string = {"schema": {"type": "string"}}
    return {
        "operationId": name,
        "summary": "Clean one page",
        "description": "The format is taken from `?format=`, then the member `format`, then `Accept`, else JSON. "
        "Bodies may be compressed with gzip. Any `application/…+json` is read as `application/json`.",
        "parameters": [
            _query("url", "The page's address.", {"type": "string", "maxLength": MAX_URL_CHARS}),
            _query("format", "What to answer with.", {"type": "string", "examples": list(FORMATS)}),
            {
                **_query(
                    "keep",
                    "Kinds of boilerplate to leave in: " + ", ".join(sorted(BOILERPLATE_LABELS)) + ".",
                    {"type": "array", "items": {"type": "string", "pattern": _KIND}},
                ),
                "style": "form",
                "explode": False,
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _reference("PageRequest"),
                    "example": {"html": "<article><p>…</p></article>", "url": "https://news.example.org/story"},
                },
                # Any bytes are a page.
                "text/html": {"schema": {}},
                "application/xhtml+xml": {"schema": {}},
                "text/plain": {"schema": {}},
                "multipart/form-data": {"schema": _FORM},
                "application/x-www-form-urlencoded": {"schema": _FORM},
            },
        },
        "responses": {
            "200": {
                "description": "The article.",
                "content": {
                    media_type: {"schema": _reference("CleanAnswer")} if name == "json" else string
                    for name, media_type in FORMATS.items()
                },
            },
            **_problems(*_COMMON, *_PAGE, "invalid-request", "invalid-encoding", "missing-html", "origin-not-allowed"),
        },
        "security": [{}, {"token": []}],
    }


def _batch_operation() -> dict[str, Any]:
    return {
        "operationId": "cleanBatch",
        "summary": "Clean many pages",
        "description": "A JSON array of pages, or one JSON object a line; the answers are streamed, one line of JSON "
        "each, in the order of the pages. A page that fails has a problem in its line and spoils no other.",
        "requestBody": {
            "required": True,
            "content": {
                # Each item should be a PageRequest; what is not gets a problem in its own line, not a refusal of all.
                "application/json": {
                    "schema": {"type": "array", "items": {"description": "A `PageRequest`."}},
                    "example": [{"html": "<p>One page.</p>"}, {"text": "Another, as plain text."}],
                },
                "application/x-ndjson": {"schema": {}},
                "application/ndjson": {"schema": {}},
                "application/jsonl": {"schema": {}},
            },
        },
        "responses": {
            "200": {
                "description": "Lines of JSON: `BatchLine`, or `ProblemAnswer` with `index`.",
                "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
            },
            **_problems(
                *_COMMON,
                "invalid-json",
                "invalid-request",
                "invalid-encoding",
                "missing-html",
                "origin-not-allowed",
                "too-large",
                "unsupported-media-type",
                "busy",
            ),
        },
        "security": [{}, {"token": []}],
    }


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole description."""
    spec = APISpec(
        title="Bodycopy",
        version=__version__,
        openapi_version="3.1.0",
        info={"description": _ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    _, schemas = models_json_schema([(model, "validation") for model in MODELS], ref_template=_REFERENCE)
    for name, schema in schemas["$defs"].items():
        spec.components.schema(name, schema)
    spec.path("/v1/clean", operations={"post": _clean_operation("clean")})
    spec.path("/clean", operations={"post": {**_clean_operation("cleanAlias"), "summary": "The same as /v1/clean"}})
    spec.path("/v1/clean/batch", operations={"post": _batch_operation()})
    answer = {"description": "The service is up.", "content": {"application/json": {"schema": _reference("Health")}}}
    health = {
        "operationId": "health",
        "summary": "Is the service up, and what does it ask for",
        "responses": {"200": answer, **_problems("host-not-allowed", "headers-too-large", "internal", "busy")},
    }
    spec.path("/healthz", operations={"get": health})
    out: dict[str, Any] = spec.to_dict()
    return out
