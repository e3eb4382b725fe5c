"""A request's body to an order for the worker and the page's bytes, whatever form it came in."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Request
from pydantic import ValidationError
from werkzeug.datastructures import Accept
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from ..addresses import MAX_URL_CHARS
from ..article import labels
from ..formats import FORMATS
from .errors import Problem
from .schemas import PageRequest, explain
from .settings import BODY_ROOM, Settings

_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
FORM_TYPES = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
_JSON_TYPES = frozenset({"application/json"})
_MISTAKEN_FOR_FORMS = {
    b"<": ("HTML", "Content-Type: text/html"),
    b"{": ("JSON", "Content-Type: application/json"),
}
"""By their first byte: curl calls a form what it is not told the type of."""
READ_TYPES = (
    "application/json, text/html, application/xhtml+xml, text/plain, multipart/form-data and "
    "application/x-www-form-urlencoded"
)
_ADDRESS = re.compile(rb"\s*(?:https?://|www\.)\S+\s*", re.I)
_SURROGATES = re.compile("[\ud800-\udfff]")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_JSON_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[,\[{]', re.S)
_MAX_JSON_TOKENS = 1_000_000
"""Texts, commas and opening brackets. Each may be an object here, of fifty times the bytes that it has there."""
_MAX_FORM_PARTS = 50
_PIECE_BYTES = 65_536
_FIRST_SLICE_BYTES = 64
"""Of each member of a gzip body, and twice as many each time. What is fed beyond the member's end is copied: of 160,000
empty members in 3 MB, the whole rest at each took 43 s."""
_ZEROS = re.compile(rb"\0*+")
_LARGE_BODY_BYTES = 1_000_000

T = TypeVar("T")


class Job(NamedTuple):
    """A page and what to do with it."""

    order: dict[str, Any]
    page: bytes


def read_body(
    request: Request, settings: Settings, turns: AbstractContextManager[Any], parse: Callable[[bytes], T]
) -> T:
    """What `parse` makes of the body, decompressed if it came as gzip. A large one takes one of `turns`. Raises Problem."""
    limit = settings.body_limit
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise too_large(limit, "The request") from None
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    is_plain = encoding in ("", "identity")
    if not is_plain and encoding not in ("gzip", "x-gzip"):
        raise Problem("unsupported-media-type", "The body may be compressed with gzip, or not at all.")
    with nullcontext() if is_plain and len(data) < _LARGE_BODY_BYTES else turns:
        return parse(data if is_plain else _gunzip(data, limit))


def content_type(header: str) -> tuple[str, dict[str, str]]:
    """A Content-Type header as its media type in lower case, empty if there is none, and the parameters."""
    kind, parameters = parse_options_header(header)
    return kind.strip().lower(), parameters


def _gunzip(data: bytes, limit: int) -> bytes:
    out = bytearray()
    view, at = memoryview(data), 0
    while at < len(data):
        stream = zlib.decompressobj(wbits=31)
        size = _FIRST_SLICE_BYTES
        while not stream.eof:
            piece = view[at : at + size]
            if not piece:
                raise Problem("invalid-encoding", "The gzip body ends in the middle.")
            try:
                out += stream.decompress(piece, limit + 1 - len(out))
            except zlib.error:
                raise Problem("invalid-encoding", "The body says that it is gzip, and is not.") from None
            if len(out) > limit:
                raise too_large(limit, "The decompressed request")
            at += len(piece)
            size = min(2 * size, _PIECE_BYTES)
        # Zeros may pad the end.
        padding = _ZEROS.match(data, at - len(stream.unused_data))
        assert padding is not None
        at = padding.end()
    return bytes(out)


def too_large(limit: int, what: str) -> Problem:
    """A request's body is over its limit, which follows from that of a page (`Settings.body_limit`)."""
    of_page = (limit - BODY_ROOM) // 2
    why = (
        f"twice the {of_page:,} bytes that a page may have, and {BODY_ROOM:,} more, since a page may take twice its bytes "
        "in JSON. The setting is BODYCOPY_MAX_BYTES, the limit of a page."
    )
    return _over(limit, f"{what} is over the limit of {limit:,} bytes: {why}")


def _over(limit: int, detail: str) -> Problem:
    return Problem("too-large", detail, limit=limit, setting="BODYCOPY_MAX_BYTES")


def read_job(request: Request, data: bytes, settings: Settings) -> Job:
    """The page of a request whose body is `data`. Raises Problem."""
    kind, parameters = content_type(request.headers.get("Content-Type", ""))
    args = request.args
    if kind in _JSON_TYPES or (kind.startswith("application/") and kind.endswith("+json")):
        return json_job(parse_json(data), settings, _accepted(request), args)
    form: Mapping[str, Part] = {}
    if kind in FORM_TYPES:
        if looks_like := _MISTAKEN_FOR_FORMS.get(data.lstrip()[:1]):
            what, header = looks_like
            raise Problem(
                "missing-html", f"The body looks like {what}, but is sent as a form. Add the header {header}."
            )
        form, files = parse_form(data, kind, parameters)
        page, is_text, charset = page_of_form(form, files)
    elif kind in _HTML_TYPES or kind == "text/plain":
        page, is_text, charset = data, kind == "text/plain", parameters.get("charset")
    else:
        raise Problem("unsupported-media-type", f"Send one of {READ_TYPES}.")
    fields = {
        "url": address(args.get("url"), _text(form, "url")),
        "format": _text(form, "format"),
        "keep": _split([_text(form, "keep")]),
    }
    return make_job(page, is_text, charset, fields, settings, _accepted(request), args)


def json_job(document: Any, settings: Settings, accepted: str = "json", args: Any = None) -> Job:
    """The page of a JSON object. Raises Problem."""
    if not isinstance(document, dict):
        raise Problem("invalid-request", 'Send a JSON object, such as {"html": "<p>…", "url": "https://…"}.')
    try:
        wanted = PageRequest.model_validate(document)
    except ValidationError as error:
        raise Problem("invalid-request", explain(error.errors(include_url=False, include_input=False))) from None
    is_text = not wanted.html
    page = (wanted.text if is_text else wanted.html) or ""
    options = wanted.options
    fields = {
        "url": address((args or {}).get("url"), wanted.url),
        "format": wanted.format,
        "keep": [*(wanted.keep or []), *(options.keep_labels if options else [])],
        "drop_texts": [_whole(text) for text in options.drop_texts] if options else [],
    }
    return make_job(_whole(page).encode(), is_text, "utf-8", fields, settings, accepted, args)


def make_job(
    page: bytes,
    is_text: bool,
    charset: str | None,
    fields: Mapping[str, Any],
    settings: Settings,
    accepted: str = "json",
    args: Any = None,
) -> Job:
    """A job from the parts of a request; `args` are those of its address. Raises Problem."""
    if not page:
        raise Problem(
            "missing-html", 'Send the page as the body, as {"html": …} or {"text": …} in JSON, or as a form field html.'
        )
    if len(page) > settings.max_bytes:
        limit = settings.max_bytes
        raise _over(limit, f"The page is over the limit of {limit:,} bytes. The setting is BODYCOPY_MAX_BYTES.")
    if len(page) <= MAX_URL_CHARS and _ADDRESS.fullmatch(page):
        raise Problem(
            "missing-html",
            "This is the address of a page, and Bodycopy fetches none. Open the page in a browser and give its source "
            "or its text; its address belongs beside it, as `url`.",
        )
    url = fields["url"]
    given = (args or {}).get("format")
    form = _format(given if given is not None else fields["format"], accepted)
    keep = [*fields["keep"], *_split(args.getlist("keep") if args else [])]
    try:
        keep = sorted(labels(keep))
    except ValueError as error:
        raise Problem("invalid-request", f"keep: {_whole(str(error))}") from None
    order = {
        "kind": "text" if is_text else "html",
        "url": _whole(url) if url else None,
        "charset": charset,
        "keep": keep,
        "drop_texts": fields.get("drop_texts", []),
        "format": form,
    }
    return Job(order, page)


def address(*given: str | None) -> str | None:
    """The first address that is given; none of them may be too long. Raises Problem."""
    if any(url and len(url) > MAX_URL_CHARS for url in given):
        raise Problem("invalid-request", f"url: it may have at most {MAX_URL_CHARS:,} characters.")
    return next(filter(None, given), None)


def parse_json(data: bytes) -> Any:
    """The JSON document in `data`. Raises Problem."""

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    try:
        encoding = json.detect_encoding(data)
        if not encoding.startswith("utf-8"):
            data = data.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
        if _has_too_many_values(data):
            raise Problem("invalid-request", f"The JSON has over {_MAX_JSON_TOKENS:,} values and commas. Send fewer.")
        document = json.loads(data, parse_constant=refuse)
        return _mended(document) if _HALF.search(data) else document
    except RecursionError:
        raise Problem("invalid-json", "The JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        detail = f"The JSON cannot be read at line {error.lineno}, column {error.colno}: {error.msg}."
        raise Problem("invalid-json", detail) from None
    except ValueError:
        raise Problem("invalid-json", "The JSON is not UTF-8, or has a number that JSON does not know.") from None


def _has_too_many_values(data: bytes) -> bool:
    if sum(map(data.count, (b",", b"[", b"{"))) <= _MAX_JSON_TOKENS // 4:
        return False  # A text has a comma or a bracket before it, or a colon, or is all there is.
    return next(islice(_JSON_TOKENS.finditer(data), _MAX_JSON_TOKENS, None), None) is not None


def _mended(document: Any) -> Any:
    """`document` with every text in it made whole."""
    if isinstance(document, str):
        return _whole(document)
    if isinstance(document, list):
        return [_mended(item) for item in document]
    if isinstance(document, dict):
        return {_whole(name): _mended(value) for name, value in document.items()}
    return document


def _whole(text: str) -> str:
    """`text` without the halves of characters that JSON can carry and UTF-8 cannot."""
    return _SURROGATES.sub("\ufffd", text)


class Part(NamedTuple):
    """A field of a form, or a file if it has a name, as it was sent."""

    data: bytes
    kind: str = ""
    charset: str | None = None
    filename: str = ""

    @property
    def text(self) -> str:
        """A short value; bytes that are no UTF-8 are escaped, as addresses have them."""
        return self.data.decode("utf-8", "werkzeug.url_quote")


def parse_form(data: bytes, kind: str, parameters: dict[str, str]) -> tuple[Mapping[str, Part], Mapping[str, Part]]:
    """Fields and files of a form, of those with one name the first. Raises Problem."""
    if kind == "application/x-www-form-urlencoded":
        return _parse_pairs(data, parameters.get("charset")), {}
    try:
        return _parse_parts(data, parameters.get("boundary", "").encode("ascii"))
    except (RequestEntityTooLarge, ValueError):
        raise Problem("invalid-request", "The form cannot be read: its parts do not fit its header.") from None


def _parse_parts(data: bytes, boundary: bytes) -> tuple[Mapping[str, Part], Mapping[str, Part]]:
    """The same of a multipart form. Werkzeug's own reader decodes fields before anyone knows how."""
    if not boundary:
        raise ValueError("Missing boundary")
    decoder = MultipartDecoder(boundary, max_form_memory_size=len(data) + 1, max_parts=_MAX_FORM_PARTS)
    fields: dict[str, Part] = {}
    files: dict[str, Part] = {}
    part: Field | File | None = None
    content = bytearray()
    for begin in range(0, len(data) + _PIECE_BYTES, _PIECE_BYTES):
        decoder.receive_data(data[begin : begin + _PIECE_BYTES] or None)
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            if isinstance(event, Field | File):
                part, content = event, bytearray()
            elif isinstance(event, Data) and part is not None:
                content += event.data
                if not event.more_data:
                    kind, parameters = content_type(part.headers.get("content-type", ""))
                    filename = part.filename if isinstance(part, File) else ""
                    sent = Part(bytes(content), kind, parameters.get("charset"), filename)
                    (files if isinstance(part, File) else fields).setdefault(part.name, sent)
    return fields, files


def _parse_pairs(data: bytes, charset: str | None) -> Mapping[str, Part]:
    """The fields of a form whose characters are escaped. Raises Problem."""
    if data.count(b"&") >= _MAX_FORM_PARTS:
        raise Problem("invalid-request", f"The form has more than {_MAX_FORM_PARTS} fields.")
    form: dict[str, Part] = {}
    for pair in data.split(b"&"):
        name, _, value = pair.partition(b"=")
        form.setdefault(_unescaped(name).decode("utf-8", "replace"), Part(_unescaped(value), charset=charset))
    return form


def _unescaped(data: bytes) -> bytes:
    """A name or value of such a form. In pieces: where each character is escaped, each would be an object."""
    out = bytearray()
    begin = 0
    while begin < len(data):
        end = begin + _PIECE_BYTES
        # Not in the middle of an escape.
        end = next((cut for cut in (end - 1, end - 2) if data[cut : cut + 1] == b"%"), end)
        out += unquote_to_bytes(data[begin:end].replace(b"+", b" "))
        begin = end
    return bytes(out)


def page_of_form(form: Mapping[str, Part], files: Mapping[str, Part]) -> tuple[bytes, bool, str | None]:
    """The page of a form, whether it is plain text, and its character set."""
    for name in ("html", "file"):
        if name in files and files[name].filename:
            file = files[name]
            return file.data, file.kind == "text/plain", file.charset
    for name in ("html", "file", "text"):
        if name in form and form[name].data:
            field = form[name]
            return field.data, name == "text", field.charset or _utf8(field.data)
    return b"", False, None


def _text(form: Mapping[str, Part], name: str) -> str:
    return form[name].text if name in form else ""


def _utf8(data: bytes) -> str | None:
    """`utf-8` for bytes that are nothing else: browsers and libraries write fields in it whatever a page in them says."""
    try:
        return None if data.isascii() or not data.decode() else "utf-8"
    except UnicodeDecodeError:
        return None


def _split(values: Iterable[str]) -> list[str]:
    return [name.strip(" ") for value in values for name in value.split(",") if name.strip(" ")]


def _accepted(request: Request) -> str:
    accept: Accept = request.accept_mimetypes
    best = accept.best_match(list(FORMATS.values()))
    return next((name for name, media_type in FORMATS.items() if media_type == best), "json")


def _format(named: str | None, accepted: str) -> str:
    if named is None or named == "":
        return accepted
    named = {"md": "markdown", "txt": "text"}.get(named.lower(), named.lower())
    return named if named in FORMATS else "json"
