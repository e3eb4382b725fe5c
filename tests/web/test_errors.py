"""Whatever is wrong is answered as a problem that says what to do."""

from __future__ import annotations

import gzip
import json
import re
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from bodycopy.notices import notice
from bodycopy.web.errors import KINDS
from bodycopy.web.service import Turns

from .conftest import HTML, PAGE, PATIENCE, SENTENCE, eventually

JSON = {"Content-Type": "application/json"}


def problem(answer, name):
    assert answer.mimetype == "application/problem+json", answer.text
    body = answer.json
    assert body["type"] == f"/docs#{name}"
    assert answer.status_code == body["status"] == KINDS[name].status
    assert body["title"] and body["detail"].endswith(".")
    assert body["request_id"] == answer.headers["X-Request-Id"]
    return body


@pytest.mark.parametrize(
    ("body", "headers", "name"),
    [
        (b"{", JSON, "invalid-json"),
        (b"", JSON, "invalid-json"),
        (b"[" * 100_000, JSON, "invalid-json"),
        (b'{"html": NaN}', JSON, "invalid-json"),
        (b"\xff\xfe\xfd", JSON, "invalid-json"),
        (b"1" * 5_000, JSON, "invalid-json"),
        (b"5", JSON, "invalid-request"),
        (b"[]", JSON, "invalid-request"),
        (b'{"html": 5}', JSON, "invalid-request"),
        (b'{"html": "x", "keep": "author_bio"}', JSON, "invalid-request"),
        (b'{"html": "x", "keep": ["content"]}', JSON, "invalid-request"),
        (b'{"html": "x", "keep": ["\\ud800"]}', JSON, "invalid-request"),
        (b'{"html": "x", "options": []}', JSON, "invalid-request"),
        (b"{}", JSON, "missing-html"),
        (b'{"html": ""}', JSON, "missing-html"),
        (b"", HTML, "missing-html"),
        (b"", {}, "missing-html"),
        (b"<p>x</p>", {"Content-Type": "application/x-www-form-urlencoded"}, "missing-html"),
        (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, "missing-html"),
        (b"garbage", {"Content-Type": "multipart/form-data; boundary=x"}, "invalid-request"),
        (b"garbage", {"Content-Type": "multipart/form-data"}, "invalid-request"),
        (b"%PDF", {"Content-Type": "application/pdf"}, "unsupported-media-type"),
        (b"x", {**HTML, "Content-Encoding": "br"}, "unsupported-media-type"),
        (b"x", {**HTML, "Content-Encoding": "gzip"}, "invalid-encoding"),
        (gzip.compress(PAGE.encode())[:-20], {**HTML, "Content-Encoding": "gzip"}, "invalid-encoding"),
        (b"   ", HTML, "no-article"),
        (b"<title>Only a title</title>", HTML, "no-article"),
        (b"<div id=root></div><noscript>You need to enable JavaScript to run this app.</noscript>", HTML, "no-article"),
    ],
)
def test_bad_request_is_told_what_is_wrong(client, body, headers, name):
    problem(client.post("/v1/clean", data=body, headers=headers), name)


@pytest.mark.parametrize(("body", "type_of"), [(PAGE, "text/html"), ('{"html": "<p>x</p>"}', "application/json")])
def test_body_that_curl_calls_a_form_is_told_its_type(client, body, type_of):
    answer = client.post("/v1/clean", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert f"Content-Type: {type_of}" in problem(answer, "missing-html")["detail"]


@pytest.mark.parametrize(
    ("body", "kind", "name"),
    [
        ('{"html": "x"}\n{"html": "y"}\n', "application/json", "invalid-json"),
        ('{"html": "x"}', "application/json", "invalid-request"),
        ('[{"html": "x"}]', "application/x-www-form-urlencoded", "unsupported-media-type"),
    ],
)
def test_batch_of_the_wrong_type_is_told_both_types(client, body, kind, name):
    detail = problem(client.post("/v1/clean/batch", data=body, headers={"Content-Type": kind}), name)["detail"]
    assert "Content-Type: application/json" in detail and "application/x-ndjson (NDJSON)" in detail


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"%PDF-1.7\n", "headers": HTML},
        {"data": b"%PDF-1.7\n", "headers": {"Content-Type": "text/plain"}},
        {"json": {"html": "%PDF-1.7\n"}},
        {"data": {"html": "%PDF-1.7\n"}},
    ],
)
def test_what_is_no_page_is_named(client, sent):
    assert "a PDF" in problem(client.post("/v1/clean", **sent), "unsupported-media-type")["detail"]


@pytest.mark.parametrize("sent", [{"json": {"html": " https://a.example/b\n"}}, {"data": {"text": "www.a.example/b"}}])
def test_address_in_the_place_of_a_page_is_told_apart(client, sent):
    assert "the address of a page" in problem(client.post("/v1/clean", **sent), "missing-html")["detail"]


@pytest.mark.parametrize("address", ["", "?url=https://a.example/"])
def test_address_over_its_limit_is_refused_wherever_it_stands(client, address):
    long = "https://a.example/" + "a" * 8_192
    for answer in (
        client.post("/v1/clean" + address, data={"html": PAGE, "url": long}),
        client.post("/v1/clean" + address, json={"html": PAGE, "url": long}),
        client.post("/v1/clean?url=" + long, data=PAGE, headers=HTML),
        client.post("/v1/clean?url=" + long, json={"html": PAGE, "url": "https://a.example/"}),
    ):
        assert problem(answer, "invalid-request")["detail"].startswith("url: ")


def test_page_without_article_still_has_title_and_address(client):
    answer = client.post("/v1/clean?url=https://a.example/x", data="<title>Only a title</title>", headers=HTML)
    body = problem(answer, "no-article")
    assert (body["page_title"], body["url"]) == ("Only a title", "https://a.example/x")


def test_a_page_without_article_tells_its_warnings_in_words_and_codes(client):
    answer = client.post("/v1/clean", data="<title>A title</title><style>What follows is never seen.", headers=HTML)
    body = problem(answer, "no-article")
    assert body["warning_codes"][0] == {"code": "open_element", "values": ["style"]}
    assert [notice(w["code"], *w["values"]) for w in body["warning_codes"]] == body["warnings"]


def test_unknown_address_and_method_are_problems(client):
    problem(client.get("/nothing"), "not-found")
    answer = client.get("/v1/clean")
    problem(answer, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


def test_page_over_the_limit_names_limit_and_setting(make_app):
    client = make_app(max_bytes=2_000).test_client()
    for sent in (
        {"data": b"x" * 3_000, "headers": HTML},
        {"json": {"html": "x" * 3_000}},
        {"data": b"x" * 300_000, "headers": HTML},
        {"data": gzip.compress(b"x" * 3_000), "headers": {**HTML, "Content-Encoding": "gzip"}},
    ):
        body = problem(client.post("/v1/clean", **sent), "too-large")
        assert body["setting"] == "BODYCOPY_MAX_BYTES"
        assert isinstance(body["limit"], int)


def test_request_over_its_limit_is_told_how_that_follows_from_the_setting(make_app):
    client = make_app(max_bytes=2_000).test_client()
    bomb = {"data": gzip.compress(bytes(3_000_000)), "headers": {**HTML, "Content-Encoding": "gzip"}}
    for sent in ({"data": b"x" * 300_000, "headers": HTML}, bomb):
        body = problem(client.post("/v1/clean", **sent), "too-large")
        assert body["limit"] == 2 * 2_000 + 65_536
        assert "69,536 bytes: twice the 2,000 bytes that a page may have, and 65,536 more" in body["detail"]


@pytest.mark.parametrize("members", [1, 2])
def test_gzip_bomb_is_stopped_at_the_limit(make_app, members):
    client = make_app(max_bytes=100_000).test_client()
    bomb = b""
    for _ in range(members):
        press = zlib.compressobj(9, wbits=31)
        bomb += b"".join(press.compress(bytes(1_000_000)) for _ in range(60)) + press.flush()
    assert len(bomb) < 200_000
    problem(client.post("/v1/clean", data=bomb, headers={**HTML, "Content-Encoding": "gzip"}), "too-large")


def test_gzip_body_of_many_members_is_fed_to_the_decompressor_once(client, monkeypatch):
    fed = []

    class Counted:
        """A decompressor that counts what it is given: what is behind a member's end, it copies."""

        def __init__(self, *args, **kwargs):
            self._stream = make_stream(*args, **kwargs)

        def __getattr__(self, name):
            return getattr(self._stream, name)

        def decompress(self, data, *args):
            fed.append(len(data))
            return self._stream.decompress(data, *args)

    make_stream = zlib.decompressobj
    monkeypatch.setattr(zlib, "decompressobj", Counted)
    half = len(PAGE) // 2
    members = [gzip.compress(b"")] * 3_000
    sent = b"".join(
        [*members, gzip.compress(PAGE[:half].encode()), *members, gzip.compress(PAGE[half:].encode()), bytes(9)]
    )
    answer = client.post("/v1/clean", data=sent, headers={**HTML, "Content-Encoding": "gzip"})
    assert SENTENCE in answer.json["text"]
    assert sum(fed) < 4 * len(sent)


def test_request_id_of_the_client_is_used_if_it_is_harmless(client):
    assert client.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert client.get("/healthz", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"] != "a b"


def test_fault_inside_is_a_500_without_the_page_or_a_trace_and_its_place_is_in_the_log(make_app, caplog):
    client = make_app(work="web.works:run").test_client()
    answer = client.post("/v1/clean", data="<p>please fail canary-7731</p>", headers=HTML)
    body = problem(answer, "internal")
    assert "canary-7731" not in answer.text and "Traceback" not in answer.text
    (line,) = [record.fields for record in caplog.records if record.message == "page-failed"]
    assert line["id"] == body["request_id"] and re.fullmatch(r"RuntimeError at works\.py:\d+", line["where"])


def test_problem_in_json_batch_does_not_need_the_page(client):
    answer = client.post("/v1/clean/batch", data=json.dumps({"a": 1}), headers={"Content-Type": "text/html"})
    problem(answer, "unsupported-media-type")


@pytest.mark.parametrize("value", ["[],", "{},", "0,", '"",', '{"":0},'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_of_more_values_than_memory_has_room_for_is_refused(client, value, encoding):
    body = '{"html": "<p>x", "y": [' + value * 1_000_000 + "0]}"
    assert (
        "values"
        in problem(client.post("/v1/clean", data=body.encode(encoding), headers=JSON), "invalid-request")["detail"]
    )


def test_commas_and_brackets_of_a_page_are_no_values(client):
    page = PAGE.replace("</article>", "<p>" + '"[{,\\' * 500_000 + "</p></article>")
    assert SENTENCE in client.post("/v1/clean?format=text", json={"html": page}).text


def test_form_of_too_many_fields_is_refused(client):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    problem(client.post("/v1/clean", data="a&" * 1_000, headers=form), "invalid-request")
    looks_like_html = problem(client.post("/v1/clean", data="<p>a&b" * 1_000, headers=form), "missing-html")
    assert "Content-Type: text/html" in looks_like_html["detail"]


def test_large_bodies_are_read_a_few_at_once_and_a_few_more_may_wait():
    turns, free, inside, most = Turns(1, lambda: None), threading.Event(), [], []

    def read():
        with turns:
            inside.append(1)
            most.append(len(inside))
            assert free.wait(PATIENCE)
            inside.pop()

    with ThreadPoolExecutor(4) as threads:
        reading = [threads.submit(read) for _ in range(4)]
        assert eventually(lambda: any(each.done() for each in reading) and len(inside) == 2)
        free.set()
        (refused,) = [each.exception() for each in reading if each.exception()]
    assert (refused.name, max(most), len(most)) == ("busy", 2, 3)
    assert refused.retry_after


def test_only_large_and_compressed_bodies_need_a_turn(make_app, monkeypatch):
    app = make_app()
    client = app.test_client()
    monkeypatch.setattr(app.extensions["bodycopy"], "turns", Turns(-2, lambda: None))
    assert client.post("/v1/clean", data=PAGE, headers=HTML).status_code == 200
    for data, encoding in ((PAGE.ljust(1_000_001), "identity"), (gzip.compress(PAGE.encode()), "gzip")):
        answer = client.post("/v1/clean", data=data, headers={**HTML, "Content-Encoding": encoding})
        problem(answer, "busy")
        assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"html": "canary-7731 \xff"}', JSON),
        (b'{"html": "canary-7731', JSON),
        (b'{"html": "x", "canary-7731": 1, "keep": 5}', JSON),
        (b'{"html": "x", "format": "canary-7731", "url": 5}', JSON),
        (b'{"html": {"canary-7731": 1}}', JSON),
        (b"canary-7731", {**HTML, "Content-Encoding": "gzip"}),
        (gzip.compress(b"<p>canary-7731")[:-9], {**HTML, "Content-Encoding": "gzip"}),
        (b"canary-7731", {"Content-Type": "multipart/form-data; boundary=canary-7731"}),
        (b"canary-7731=1", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"canary-7731", {"Content-Type": "application/canary-7731"}),
        (b"\x00canary-7731", {"Content-Type": "text/html; charset=canary-7731"}),
    ],
)
@pytest.mark.parametrize("path", ["/v1/clean", "/v1/clean/batch"])
def test_no_word_of_a_body_is_in_its_problem_or_in_the_log(client, caplog, body, headers, path):
    answer = client.post(path, data=body, headers=headers, buffered=True)
    if answer.status_code != 200 or path.endswith("batch"):
        assert "7731" not in answer.text
    assert not [record for record in caplog.records if "7731" in str(vars(record))]


def test_gzip_bomb_in_a_batch_is_stopped_at_the_limit(make_app):
    client = make_app(max_bytes=100_000, max_batch=3).test_client()
    ndjson = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    for unfolded in (b'{"html": "' + b" " * 60_000_000 + b'"}', b"{}\n" * 3_000_000):
        answer = client.post("/v1/clean/batch", data=gzip.compress(unfolded), headers=ndjson, buffered=True)
        assert answer.status_code == 413 or {json.loads(line)["status"] for line in answer.text.splitlines()} <= {
            400,
            413,
        }


HALF = "\ud800"


@pytest.mark.parametrize(
    "body",
    [
        {"text": f"One half {HALF} of a character."},
        {"html": f"<title>{HALF}</title><p>One half {HALF} of a character.", "url": f"https://a.example/{HALF}"},
        {"html": "<p>One half of a character.", "options": {"drop_texts": [HALF]}},
        {"html": "<p>One half of a character.", "keep": [HALF]},
        {"html": "<p>One half of a character.", "format": HALF},
        {HALF: 1, "html": "<p>One half of a character."},
    ],
)
def test_half_characters_anywhere_in_json_have_an_answer(client, body):
    answer = client.post("/v1/clean", json=body)
    assert answer.status_code == 200 or problem(answer, "invalid-request")
    line = json.loads(client.post("/v1/clean/batch", json=[body], buffered=True).text)
    assert line.get("status", 200) in (200, 400)


@pytest.mark.parametrize("is_late", [False, True])
def test_service_that_stops_refuses_a_page_before_it_is_read(make_app, is_late):
    app = make_app()
    service = app.extensions["bodycopy"]

    def stop():
        if is_late:
            service.pool.close()
        else:
            service.is_reading = False

    def wait_for_a_turn():
        with service.turns:
            raise AssertionError("A large body is read.")

    with ThreadPoolExecutor(1) as threads:
        with service.turns, service.turns:
            waiting = threads.submit(wait_for_a_turn)
            stop()
        assert waiting.exception().name == "busy"
    body = problem(
        app.test_client().post("/v1/clean", data=b"[" * 100, headers={"Content-Type": "application/json"}), "busy"
    )
    assert "stopping" in body["detail"]
