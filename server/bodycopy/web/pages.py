"""The pages for people: try the service in a browser, and read how to call it."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from .. import __version__
from ..article import BOILERPLATE_LABELS
from ..sniff import is_html
from . import openapi, pieces
from .errors import KINDS, Problem
from .intake import FORM_TYPES, address, content_type, make_job, page_of_form, parse_form, read_body
from .service import current

blueprint = Blueprint("pages", __name__, static_folder="static", static_url_path="/static")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: http: data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_TITLES = {"missing-html": "There is no page yet", "unsupported-media-type": "This is no page"}
"""Of problems, in the words of the form."""
_FURNITURE = frozenset({"navigation", "interface", "social", "copyright", "byline", "consent", "pictures"})
"""Removed from nearly every page, so not what a reader looks for first."""
_WORD = re.compile(r"\w+")


def _page(name: str, status: int = 200, **values: Any) -> Response:
    auth_required = bool(current().settings.token)
    labels = sorted(BOILERPLATE_LABELS)
    body = render_template(name, version=__version__, auth_required=auth_required, labels=labels, **values)
    response = Response(body, status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    # Under `no-referrer` browsers send a plain form's origin as null, which the door refuses.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@blueprint.get("/")
def index() -> Response:
    """A page to paste into and try."""
    return _page("index.html", form={}, address=_own_address())


@blueprint.post("/")
def tried() -> Response:
    """The same page with the answer, for browsers without JavaScript, and for the script to take it from."""
    service = current()
    kind, parameters = content_type(request.headers.get("Content-Type", ""))
    if kind not in FORM_TYPES:
        raise Problem("unsupported-media-type", "This address takes the page's own form; programs use /v1/clean.")
    form, files = read_body(request, service.settings, service.turns, lambda data: parse_form(data, kind, parameters))
    given = {name: part.text for name, part in form.items() if name != "page"}
    shown = {"text": form["page"].data.decode("utf-8", "replace") if "page" in form else ""}
    shown |= {"url": given.get("url", ""), "keep": given.get("keep", "")}
    if given.get("example"):
        shown["text"], files = render_template("example.html"), {}
    values: dict[str, Any] = {"form": shown, "address": _own_address()}
    try:
        token = given.get("token", "")
        authorization = request.headers.get("Authorization", f"Bearer {token}" if token else "")
        service.door.check_token(authorization)
        page, is_text, charset = page_of_form({}, files)
        if not page:
            page, is_text, charset = shown["text"].encode("utf-8", "replace"), not is_html(shown["text"]), "utf-8"
        if not page.strip():
            raise Problem("missing-html", "Paste a page or choose a file.")
        keep = [shown["keep"]] if shown["keep"] else []
        fields = {"url": address(shown["url"]), "format": "json", "keep": keep}
        job = make_job(page, is_text, charset, fields, service.settings)
        article = json.loads(service.clean(job, g.request_id).body)
    except Problem as problem:
        title = _TITLES.get(problem.name, KINDS[problem.name].title)
        return _page("index.html", problem.status, problem={"title": title, "detail": problem.detail}, **values)
    values |= {"body": pieces.fragment(pieces.rows_of(article)), "repeats_dek": _repeats_dek(article)}
    values |= {"groups": _groups(article), "furniture": _FURNITURE, "is_text": is_text}
    return _page("index.html", article=article, **values)


def _groups(article: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Removed blocks by label, in the order of the page, and last what stands around every article."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for block in article["removed"]:
        groups.setdefault("pictures" if pieces.is_picture(block) else block["label"], []).append(block)
    return sorted(groups.items(), key=lambda group: group[0] in _FURNITURE)


def _repeats_dek(article: dict[str, Any]) -> bool:
    """Whether the article's text begins with its standfirst, which need not stand above it then."""
    first = next((block["text"] for block in article["blocks"] if block["text"]), "")
    return bool(article["dek"]) and _WORD.findall(first.lower()) == _WORD.findall(article["dek"].lower())


def _own_address() -> str:
    return request.host_url.rstrip("/")


@blueprint.get("/docs")
def docs() -> Response:
    """The API's description for people; needs nothing from elsewhere."""
    return _page("docs.html", api=openapi.document(), problems=KINDS, address=_own_address(), resolve=_resolve)


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema a reference names, or the schema itself."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    out: dict[str, Any] = openapi.document()["components"]["schemas"][reference.rpartition("/")[2]]
    return out
