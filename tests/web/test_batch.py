"""POST /v1/clean/batch: one line a page, in order, and a bad one spoils no other."""

from __future__ import annotations

import json

import pytest
from bodycopy.web.schemas import BatchLine

from .conftest import PAGE, SENTENCE
from .test_errors import problem

ITEMS = [
    {"html": PAGE, "url": "https://a.example/0"},
    {"html": 5},
    {"html": PAGE, "url": "https://a.example/2"},
    {},
    7,
    {"html": "<title>nothing</title>"},
    {"text": "A paragraph of plain text that goes on for a little while, so that it counts.", "format": "html"},
]
STATUS = [None, 400, None, 400, 400, 422, None]


def lines_of(answer):
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def check(lines):
    assert [line["index"] for line in lines] == list(range(len(ITEMS)))
    assert [line.get("status") for line in lines[:6]] == STATUS[:6]
    assert lines[0]["url"] == "https://a.example/0" and SENTENCE in lines[2]["text"]
    BatchLine.model_validate(lines[0])


def test_array_is_answered_line_by_line_in_order(client):
    check(lines_of(client.post("/v1/clean/batch", json=ITEMS, buffered=True)))


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/jsonl", None])
def test_lines_are_answered_line_by_line_in_order(client, kind):
    body = "\n".join(json.dumps(item) for item in ITEMS) + "\n\n"
    headers = {"Content-Type": kind} if kind else {}
    check(lines_of(client.post("/v1/clean/batch", data=body, headers=headers, buffered=True)))


def test_line_that_is_not_json_is_a_problem_of_its_own(client):
    body = json.dumps(ITEMS[0]) + "\n{broken\n" + json.dumps(ITEMS[2])
    lines = lines_of(client.post("/v1/clean/batch", data=body, buffered=True))
    assert [line.get("type") for line in lines] == [None, "/docs#invalid-json", None]


def test_page_that_ends_workers_spoils_no_other(make_app):
    client = make_app(work="web.works:run", page_seconds=3.0, workers=2).test_client()
    items = [{"html": PAGE}, {"html": "please crash"}, {"html": PAGE}, {"html": "please hang"}, {"html": PAGE}]
    lines = lines_of(client.post("/v1/clean/batch", json=items, buffered=True))
    assert [line.get("type") for line in lines] == [None, "/docs#internal", None, "/docs#too-slow", None]


@pytest.mark.parametrize(
    ("place", "error", "problem"),
    [("subprocess.Popen", BlockingIOError("canary-7731"), "busy"), ("json.loads", KeyError("canary-7731"), "internal")],
)
def test_page_that_fails_as_nobody_expected_is_a_problem_line_and_its_kind_is_in_the_log(
    make_app, monkeypatch, caplog, place, error, problem
):
    client = make_app().test_client()

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(place, fail)
    body = b'{"html": "<p>one"}\n{"html": "<p>two"}\n'
    answer = client.post("/v1/clean/batch", data=body, headers={"Content-Type": "application/jsonl"}, buffered=True)
    monkeypatch.undo()
    lines = lines_of(answer)
    assert [(line["index"], line["type"]) for line in lines] == [(0, f"/docs#{problem}"), (1, f"/docs#{problem}")]
    places = [record.fields["where"] for record in caplog.records if record.levelname == "ERROR"]
    assert len(places) == 2 and all(place.startswith(type(error).__name__) for place in places)
    assert "canary" not in answer.text + "".join(places)


def test_empty_and_overlong_batches_are_refused(make_app):
    client = make_app(max_batch=2).test_client()
    problem(client.post("/v1/clean/batch", data="  ", buffered=True), "missing-html")
    body = problem(client.post("/v1/clean/batch", json=[{}, {}, {}], buffered=True), "too-large")
    assert body["setting"] == "BODYCOPY_MAX_BATCH"
    assert lines_of(client.post("/v1/clean/batch", json=[], buffered=True)) == []


def test_batches_at_once_are_bounded(app, client):
    service = app.extensions["bodycopy"]
    for _ in range(4):
        assert service.batches.acquire(blocking=False)
    try:
        answer = client.post("/v1/clean/batch", json=ITEMS[:1], buffered=True)
        problem(answer, "busy")
        assert answer.headers["Retry-After"]
    finally:
        for _ in range(4):
            service.batches.release()
    assert len(lines_of(client.post("/v1/clean/batch", json=ITEMS[:1], buffered=True))) == 1
