"""POST /v1/clean: every form in, every form out."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from urllib.parse import quote_from_bytes

import pytest
from bodycopy.formats import FORMATS
from bodycopy.web.schemas import CleanAnswer

from .conftest import HTML, PAGE, SENTENCE


@pytest.mark.parametrize("path", ["/v1/clean", "/clean"])
def test_html_body_gives_every_key(client, path):
    answer = client.post(path + "?url=https://harbour.example.org/a", data=PAGE, headers=HTML)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    CleanAnswer.model_validate(answer.json)
    assert answer.json["url"] == "https://harbour.example.org/a"
    assert SENTENCE in answer.json["text"]
    assert "All rights reserved" not in answer.json["text"]


def test_removed_block_goes_back_by_its_position(client):
    answer = client.post("/v1/clean", data=PAGE, headers=HTML).json
    assert answer["removed"]
    assert all(0 <= block["position"] <= len(answer["blocks"]) for block in answer["removed"])


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: {"json": {"html": PAGE}},
        lambda: {"json": {"html": PAGE, "url": None, "unknown": 1}},
        lambda: {"data": PAGE.encode(), "headers": HTML},
        lambda: {"data": PAGE.encode(), "headers": {"Content-Type": "application/xhtml+xml"}},
        lambda: {"data": PAGE.encode()},
        lambda: {"data": PAGE.encode(), "headers": {"Content-Type": 'TEXT/HTML ; Charset="UTF-8"'}},
        lambda: {"data": json.dumps({"html": PAGE}).encode("utf-16"), "headers": {"Content-Type": "Application/JSON"}},
        lambda: {"data": gzip.compress(PAGE.encode()) + bytes(3), "headers": {**HTML, "Content-Encoding": "gzip"}},
        lambda: {"data": {"html": PAGE}},
        lambda: {"data": {"file": (BytesIO(PAGE.encode()), "a.html")}},
        lambda: {"data": {"html": (BytesIO(PAGE.encode()), "a.html", "text/html; charset=utf-8")}},
        lambda: {"data": {"html": PAGE}, "headers": {"Content-Type": "multipart/form-data"}},
        lambda: {"data": gzip.compress(PAGE.encode()), "headers": {**HTML, "Content-Encoding": "gzip"}},
        lambda: {
            "data": gzip.compress(json.dumps({"html": PAGE}).encode()),
            "headers": {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        },
    ],
)
def test_every_form_of_request_is_read(client, request_of):
    answer = client.post("/v1/clean", **request_of())
    assert answer.status_code == 200, answer.text
    assert SENTENCE in answer.json["text"]


def test_text_counts_where_html_is_empty(client):
    text = "A first paragraph that says something of some length."
    assert client.post("/v1/clean", json={"html": "", "text": text}).json["text"] == text


def test_plain_text_is_one_block_a_line(client):
    lines = [
        "A first paragraph that says something of some length.",
        "Another one, no shorter than that.",
        "And 3 < 4.",
    ]
    text = "\n".join(lines)
    for sent in (
        {"json": {"text": text}},
        {"data": text, "headers": {"Content-Type": "text/plain"}},
        {"data": {"text": text}},
        {"data": {"file": (BytesIO(text.encode()), "a.txt", "text/plain")}},
    ):
        answer = client.post("/v1/clean", **sent).json
        assert sorted(block["text"] for block in answer["blocks"] + answer["removed"]) == sorted(lines)


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        ("?format=text", "application/json", "text/plain"),
        ("?format=md", "", "text/markdown"),
        ("?format=html", "text/plain", "text/html"),
        ("?format=TEXT", "", "text/plain"),
        ("?format=docx", "text/plain", "application/json"),
        ("", "text/plain", "text/plain"),
        ("", "text/markdown;q=0.9, text/html;q=0.5", "text/markdown"),
        ("", "image/png", "application/json"),
        ("", "*/*", "application/json"),
        ("", "", "application/json"),
    ],
)
def test_format_comes_from_query_then_accept_and_is_never_refused(client, query, accept, expected):
    headers = {**HTML, **({"Accept": accept} if accept else {})}
    answer = client.post("/v1/clean" + query, data=PAGE, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, expected)


def test_format_needs_a_line_in_the_table_and_a_property_only(client, monkeypatch):
    monkeypatch.setitem(FORMATS, "title", "text/x-title")
    for query, accept in (("?format=title", "*/*"), ("", "text/x-title")):
        answer = client.post("/v1/clean" + query, data=PAGE, headers={**HTML, "Accept": accept})
        assert (answer.status_code, answer.content_type) == (200, "text/x-title; charset=utf-8")
    assert "title" in client.get("/healthz").json["formats"]


def test_format_member_goes_before_accept_and_after_query(client):
    body = {"html": PAGE, "format": "markdown"}
    assert client.post("/v1/clean", json=body, headers={"Accept": "text/html"}).mimetype == "text/markdown"
    assert client.post("/v1/clean?format=text", json=body).mimetype == "text/plain"


def test_html_answer_is_inert_when_opened(client):
    answer = client.post("/v1/clean?format=html", data=PAGE, headers=HTML)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_charset_of_the_header_goes_first(client):
    page = PAGE.replace("riveters", "rivéters").encode("cp1252")
    answer = client.post("/v1/clean", data=page, headers={"Content-Type": "text/html; charset=windows-1252"})
    assert "rivéters" in answer.json["text"]


@pytest.mark.parametrize("shift", range(3))
def test_form_of_escaped_characters_is_read_whole(client, shift):
    page = "x" * shift + "".join(
        f"<p>Brücke {n} über den Fluß + 100 % ✓ wurde am Montag eröffnet</p>" for n in range(600)
    )
    escaped = "html=" + "".join(f"%{byte:02x}" if byte != 0x20 else "+" for byte in page.encode()) + "&html=second"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    text = client.post("/v1/clean?format=html", data=escaped, headers=headers).text
    assert text == client.post("/v1/clean?format=html", json={"html": page}).text
    assert "Brücke 400 über den Fluß + 100 % ✓" in text


def sent_as_field(page, form, kind=""):
    """A request with the page in a field, as `curl --data-urlencode html@page` and `curl -F 'html=<page'` have it."""
    if form == "escaped":
        data, header = b"url=&html=" + quote_from_bytes(page).encode(), "application/x-www-form-urlencoded" + kind
    else:
        head = b'--x\r\nContent-Disposition: form-data; name="html"\r\n' + (
            f"Content-Type: text/html{kind}\r\n".encode()
        )
        data, header = head + b"\r\n" + page + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
    return {"data": data, "headers": {"Content-Type": header}}


@pytest.mark.parametrize("form", ["escaped", "parts"])
@pytest.mark.parametrize(
    ("encoding", "says", "kind"),
    [
        ("cp1252", "windows-1252", ""), ("cp1252", "", "; charset=iso-8859-1"), ("utf-16", "", ""),
        ("utf-8", "", ""), ("iso2022_jp", "iso-2022-jp", ""),
        # Whoever writes a form writes UTF-8, whatever the page once said.
        ("utf-8", "windows-1252", ""),
    ],
)  # fmt: skip
def test_field_of_a_form_is_read_in_the_page_s_character_set(client, form, encoding, says, kind):
    word = "日本" if "jp" in encoding else "rivéters"
    page = PAGE.replace("riveters", word).replace("<head>", f'<head><meta charset="{says}">' if says else "<head>")
    answer = client.post("/v1/clean", **sent_as_field(page.encode(encoding), form, kind))
    assert word in answer.json["text"], answer.json["text"]


def test_text_field_is_read_in_its_character_set(client):
    text = "The café on the quay opened on Monday, nine years after the first plans for it were drawn up."
    data = b"text=" + quote_from_bytes(text.encode("cp1252")).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/v1/clean", data=data, headers=headers).json["text"] == text


def test_charset_of_the_page_is_found(client):
    page = (
        PAGE.replace("<head>", '<head><meta charset="windows-1252">').replace("riveters", "rivéters").encode("cp1252")
    )
    assert "rivéters" in client.post("/v1/clean", data=page, headers={"Content-Type": "text/html"}).json["text"]


def test_half_characters_in_json_become_replacement_characters(client):
    body = json.dumps({"html": PAGE.replace("riveters", "rivet\ud800ers"), "url": "https://a.example/\udfff"})
    answer = client.post("/v1/clean", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert "rivet\ufffders" in answer.json["text"]


def test_kept_labels_stay(client):
    plain = client.post("/v1/clean", data=PAGE, headers=HTML).json
    label = plain["removed"][-1]["label"]
    for answer in (
        client.post(f"/v1/clean?keep={label}", data=PAGE, headers=HTML),
        client.post("/v1/clean", json={"html": PAGE, "keep": [label]}),
        client.post("/v1/clean", json={"html": PAGE, "options": {"keep_labels": [label]}}),
        client.post("/v1/clean", data={"html": PAGE, "keep": label}),
    ):
        assert label not in {block["label"] for block in answer.json["removed"]}


def test_dropped_texts_are_removed_as_taught(client):
    first = client.post("/v1/clean", data=PAGE, headers=HTML).json["blocks"][0]["text"]
    answer = client.post("/v1/clean", json={"html": PAGE, "options": {"drop_texts": [first]}}).json
    assert first not in answer["text"]
    assert [b["source"] for b in answer["removed"] if b["text"] == first] == ["taught"]


def test_dropped_text_goes_even_if_its_label_is_kept(client):
    first = client.post("/v1/clean", data=PAGE, headers=HTML).json["blocks"][0]["text"]
    body = {"html": PAGE, "keep": ["promotion"], "options": {"drop_texts": [first]}}
    assert first not in client.post("/v1/clean", json=body).json["text"]
