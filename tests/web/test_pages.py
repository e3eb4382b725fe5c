"""The pages for people, and the description of the API."""

from __future__ import annotations

import json
import re
from html import unescape
from io import BytesIO

import pytest
from bodycopy.web.errors import KINDS
from openapi_spec_validator import OpenAPIV31SpecValidator

from .conftest import PAGE, SENTENCE


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_page_loads_only_what_is_packaged(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert "<script>" not in answer.text and " style=" not in answer.text and " onclick" not in answer.text
    for address in re.findall(r'(?:src|href)="(/[^"#]*)"', answer.text):
        assert client.get(address, buffered=True).status_code == 200, address
    assert not re.search(r'(?:src|href)="(https?:)?//', answer.text)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_page_calls_the_service_by_https_where_a_proxy_says_so(make_app, path):
    for proxies, expected in ((0, "http://localhost"), (1, "https://localhost")):
        answer = make_app(proxies=proxies).test_client().get(path, headers={"X-Forwarded-Proto": "https"})
        assert f"{expected}/v1/clean" in answer.text


@pytest.mark.parametrize("field", ["page", "file"])
def test_form_works_without_javascript(client, field):
    data = {"page": "", "url": "https://harbour.example.org/a", "keep": ""}
    data[field] = PAGE if field == "page" else (BytesIO(PAGE.encode()), "a.html", "text/html")
    answer = client.post("/", data=data)
    assert answer.status_code == 200
    article, _, removed = answer.text.partition('aria-label="Removed"')
    assert SENTENCE in article
    assert "All rights reserved" in removed
    assert "/v1/clean?url=https%3A//harbour.example.org/a&amp;format=text" in answer.text


def test_pasted_text_is_read_as_text(client):
    answer = client.post(
        "/", data={"page": "If 3 < 4, then the first paragraph of this text has been read whole.\nSo."}
    )
    assert "3 &lt; 4, then the first" in answer.text


@pytest.mark.parametrize("name", ["Jane Mole <jane@example.org>", "the case that x <y", "a <b and c> d"])
def test_less_than_sign_in_pasted_text_takes_nothing_away(client, name):
    text = (
        f"Questions about {name} are answered at the harbour office on each day of the week until noon.\nSo they say."
    )
    shown = client.post("/", data={"page": text}).text.partition('class="body"')[2]
    assert f"{name} are answered at the harbour office" in unescape(shown)


def test_example_shows_an_article_and_what_was_among_its_paragraphs(client):
    answer = client.post("/", data={"page": "typed before", "example": "1"})
    assert answer.status_code == 200
    article, _, removed = answer.text.partition('aria-label="Removed"')
    assert "in their slippers" in article and "weekly letter" in removed
    assert "typed before" not in answer.text


def test_what_is_removed_stands_by_its_kind_and_what_every_page_has_comes_last(client):
    text = client.post("/", data={"page": "", "example": "1"}).text
    groups = re.findall(r'<details( open)?>\s*<summary><span class="chip">(.*?)<', text)
    names = [name for _, name in groups]
    assert len(names) == len(set(names)) > 2
    assert [bool(is_open) for is_open, _ in groups] == sorted([bool(is_open) for is_open, _ in groups], reverse=True)
    assert groups[0][0] and not groups[-1][0]


def test_the_standfirst_is_shown_once_and_dates_run_from_left_to_right(client):
    dek = "Nine years after the first plans were drawn, hundreds of people walked across the harbour on Monday."
    meta = f'<meta name="description" content="{dek}"><meta property="article:published_time" content="2026-03-02">'
    page = PAGE.replace("</title>", f"</title>{meta}").replace(
        "<p>The new", f'<p class="standfirst">{dek}</p><p>The new'
    )
    answer = client.post("/v1/clean", json={"html": page}).json
    assert answer["dek"] == answer["blocks"][0]["text"] == dek
    article = client.post("/", data={"page": page}).text.partition("</header>\n  <div")
    assert [part.count(f">{dek}<") for part in article[::2]] == [0, 1]
    assert '<time datetime="2026-03-02" dir="ltr">' in article[0]


def test_form_says_what_is_wrong(client):
    for data in ({"page": ""}, {"page": "<title>x</title>"}, {"page": PAGE, "keep": "nonsense"}):
        answer = client.post("/", data=data)
        assert answer.status_code in (400, 422)
        assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"page": ""}, 400, "Paste a page or choose a file."),
        ({"page": " \r\n"}, 400, "Paste a page or choose a file."),
        ({"page": "https://harbour.example.org/a\r\n"}, 400, "give its source or its text"),
        ({"page": "%PDF-1.7\n%\ufffd"}, 415, "This is a PDF"),
        ({"page": "", "file": (BytesIO(b"\x89PNG\r\n\x1a\n"), "a.png", "image/png")}, 415, "This is a picture"),
    ],
)
def test_form_says_what_to_do_in_its_own_words(client, data, status, words):
    answer = client.post("/", data=data)
    assert answer.status_code == status
    card = answer.text.partition('role="alert"')[2].partition("</section>")[0]
    assert words in card
    assert not any(word in card for word in ("body", "JSON", "request", "field"))


def test_page_puts_nothing_of_the_request_in_unescaped(client):
    answer = client.post("/", data={"page": "", "url": '"><script>alert(1)</script>', "keep": "'><script>"})
    assert "<script>alert" not in answer.text and "'><script>" not in answer.text


def test_description_is_valid_openapi_3_1(client):
    document = client.get("/openapi.json").json
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")


def test_every_route_is_described(app, client):
    described = set(client.get("/openapi.json").json["paths"])
    served = {rule.rule for rule in app.url_map.iter_rules()}
    assert served - described == {"/", "/docs", "/openapi.json", "/metrics", "/static/<path:filename>"}


def described(document, path, status):
    """The schema of the answer with this status, put together."""
    (content,) = document["paths"][path]["post"]["responses"][str(status)]["content"].values()
    return document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]


@pytest.mark.parametrize("path", ["/v1/clean", "/clean"])
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("<title>Only a title</title>", {}, 422),
        ("<p>x" * 1_000, {}, 413),
        ("<p>x", {"Content-Type": "application/pdf"}, 415),
        ("{", {"Content-Type": "application/json"}, 400),
    ],
)
def test_every_member_of_a_problem_is_described(make_app, path, body, headers, status):
    client = make_app(max_bytes=2_000).test_client()
    answer = client.post(path, data=body, headers={"Content-Type": "text/html", **headers})
    schema = described(client.get("/openapi.json").json, path, status)
    assert answer.status_code == status
    assert set(answer.json) == set(schema["required"]) == set(schema["properties"])


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/clean", PAGE), ("/clean", PAGE), ("/v1/clean/batch", json.dumps({"html": PAGE}))]
)
def test_every_media_type_that_is_read_is_described_and_no_other(client, path, body):
    types = set(client.get("/openapi.json").json["paths"][path]["post"]["requestBody"]["content"])
    others = {"text/html", "application/xhtml+xml", "text/plain", "application/x-ndjson", "application/ndjson",
              "application/jsonl", "application/json", "application/x-www-form-urlencoded", "multipart/form-data",
              "text/xml", "application/pdf"}  # fmt: skip
    answers = {kind: client.post(path, data=body, headers={"Content-Type": kind}, buffered=True) for kind in others}
    assert {kind for kind, answer in answers.items() if answer.status_code != 415} == types


def test_docs_explain_every_error(client):
    text = client.get("/docs").text
    assert all(f'id="{name}"' in text for name in KINDS)


def test_metrics_count_requests_pages_and_removals(client):
    client.post("/v1/clean", data=PAGE, headers={"Content-Type": "text/html"}, buffered=True)
    text = client.get("/metrics").text
    assert re.search(r'bodycopy_requests_total\{route="/v1/clean",status="200"\} \d', text)
    assert re.search(r'bodycopy_pages_total\{outcome="ok"\} [1-9]', text)
    assert 'bodycopy_blocks_removed_total{label="' in text
    for name in ("bodycopy_queue", "bodycopy_workers_busy", "bodycopy_worker_kills_total"):
        assert name in text


def test_metrics_are_off_by_default(make_app):
    assert make_app().test_client().get("/metrics").status_code == 404


def test_health_says_what_a_client_must_know(client):
    health = client.get("/healthz").json
    assert set(health) == {"status", "version", "auth_required", "fetch_enabled", "max_bytes", "formats"}
    assert (health["auth_required"], health["fetch_enabled"]) == (False, False)
