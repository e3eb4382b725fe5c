"""A real service on loopback: faults, slow and hostile clients, stop, logs."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .conftest import HTML, PAGE, SENTENCE, eventually


def post(service, body, path="/v1/clean", headers=None, timeout=30):
    """Status, headers and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=timeout)
    try:
        connection.request("POST", path, body, {**HTML, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def raw(service, data, timeout=10):
    """All that comes back for `data` until the connection is closed."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=timeout) as connection:
        connection.sendall(data)
        out = b""
        while chunk := connection.recv(65_536):
            out += chunk
        return out


def test_hanging_page_is_answered_in_time_and_disturbs_no_other(start):
    service = start("web.works:run", page_seconds=3, queue=30)
    post(service, PAGE)
    with ThreadPoolExecutor(21) as threads:
        began = time.monotonic()
        hung = threads.submit(post, service, "<p>please hang</p>")
        others = [threads.submit(post, service, PAGE) for _ in range(20)]
        assert [other.result()[0] for other in others] == [200] * 20
        status, _, body = hung.result()
        assert (status, json.loads(body)["type"]) == (504, "/docs#too-slow")
        assert time.monotonic() - began < 3 + 1
    assert post(service, PAGE)[0] == 200


def test_page_that_is_too_much_work_is_answered_in_time_and_disturbs_no_other(start):
    """A real page of the kind that costs most: a hundred thousand open paragraphs take several seconds, more than they have here."""
    service = start(page_seconds=1.5, queue=30)
    post(service, PAGE)
    with ThreadPoolExecutor(21) as threads:
        began = time.monotonic()
        slow = threads.submit(post, service, "<p>&copy; 2026 Harbour Courier. All rights reserved " * 100_000)
        others = [threads.submit(post, service, PAGE) for _ in range(20)]
        assert [other.result()[0] for other in others] == [200] * 20
        status, _, body = slow.result()
        assert (status, json.loads(body)["type"]) == (504, "/docs#too-slow")
        assert time.monotonic() - began < 1.5 + 1 + 2, "two seconds more are for a busy machine"
    assert post(service, PAGE)[0] == 200


def test_health_is_answered_while_every_worker_hangs_and_full_queue_says_when_to_come_back(start):
    service = start("web.works:run", page_seconds=3, queue=2)
    with ThreadPoolExecutor(12) as threads:
        pages = [threads.submit(post, service, "<p>please hang</p>") for _ in range(12)]
        while not all(page.done() for page in pages):
            assert service.is_healthy()
            time.sleep(0.2)
        answers = [page.result() for page in pages]
    assert {status for status, _, _ in answers} == {503, 504}
    assert all(headers.get("Retry-After") for status, headers, _ in answers if status == 503)
    assert post(service, PAGE)[0] == 200


def test_ten_times_the_load_is_answered_to_the_last_request(start):
    """Two workers carry four pages of 1.5 seconds in three. Bounded: tests/bench/service.py runs it with real pages."""
    service = start("web.works:run", workers=2)
    post(service, PAGE)
    with ThreadPoolExecutor(40) as threads:
        pages = []
        for _ in range(40):
            pages.append(threads.submit(post, service, PAGE + "<p>please sleep</p>"))
            time.sleep(0.075)
        answers = [page.result() for page in pages]
    assert {status for status, _, _ in answers} == {200, 503}
    assert all(int(headers["Retry-After"]) > 0 for status, headers, _ in answers if status == 503)
    assert sum(status == 200 for status, _, _ in answers) >= 6, "two in work, and four in the queue"
    assert post(service, PAGE)[0] == 200


def workers_of(service):
    """Process ids of the service's workers."""
    tasks = Path(f"/proc/{service.process.pid}/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


def test_killed_workers_cost_no_request(start):
    service = start("web.works:run", queue=20)
    post(service, PAGE)
    with ThreadPoolExecutor(8) as threads:
        pages = [threads.submit(post, service, PAGE + "<p>please sleep</p>") for _ in range(4)]
        time.sleep(0.7)
        killed = workers_of(service)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        assert killed
        assert [page.result()[0] for page in pages] == [200] * 4


def test_stop_finishes_what_is_in_hand(start):
    service = start("web.works:run", workers=2, queue=8)
    post(service, PAGE)
    with ThreadPoolExecutor(6) as threads:
        pages = [threads.submit(post, service, PAGE + "<p>please sleep</p>") for _ in range(6)]
        time.sleep(0.8)
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 15
        answers = [page.result() for page in pages]
    assert [status for status, _, _ in answers] == [200] * 6
    assert all(SENTENCE in json.loads(body)["text"] for _, _, body in answers)
    with pytest.raises(OSError):
        post(service, PAGE)


def test_stop_answers_every_request_that_was_sent_before_it(start):
    service = start(workers=2, queue=60)
    post(service, PAGE)
    head = b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\nConnection: close\r\n"
    body = PAGE.encode()
    clients = [socket.create_connection(("127.0.0.1", service.port), timeout=30) for _ in range(40)]
    for client in clients:
        client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    service.process.send_signal(signal.SIGTERM)
    answers = []
    for client in clients:
        with client, contextlib.suppress(ConnectionError):
            answers.append(client.makefile("rb").read(12))
    assert answers == [b"HTTP/1.1 200"] * 40
    assert service.stop() == 0


def test_stop_finishes_a_batch(start):
    service = start("web.works:run", workers=2)
    post(service, PAGE)
    items = json.dumps([{"html": PAGE + "<p>please sleep</p>"}] * 4)
    with ThreadPoolExecutor(1) as threads:
        batch = threads.submit(post, service, items, "/v1/clean/batch", {"Content-Type": "application/json"})
        time.sleep(0.8)
        assert service.stop() == 0
        assert [json.loads(line)["index"] for line in batch.result()[2].splitlines()] == [0, 1, 2, 3]


def test_batch_is_streamed(start):
    service = start("web.works:run", workers=1)
    post(service, PAGE)
    items = [{"html": PAGE}, *[{"html": PAGE + "<p>please sleep</p>"}] * 3]
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request("POST", "/v1/clean/batch", json.dumps(items), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    arrived = []
    while line := answer.readline():
        arrived.append((json.loads(line)["index"], time.monotonic()))
    connection.close()
    assert [index for index, _ in arrived] == [0, 1, 2, 3]
    assert arrived[-1][1] - arrived[0][1] > 1


def test_batch_whose_client_has_gone_makes_room_for_others(start):
    service = start("web.works:run", workers=2)
    post(service, PAGE)
    many = json.dumps([{"html": PAGE}, *[{"html": PAGE + "<p>please sleep</p>"}] * 100]).encode()
    few = json.dumps([{"html": PAGE}])
    as_json = {"Content-Type": "application/json"}
    head = b"POST /v1/clean/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for _ in range(4):
        with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
            connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(many) + many)
            assert connection.recv(12) == b"HTTP/1.1 200"
            # Reset, as when the client is killed.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert eventually(lambda: post(service, few, "/v1/clean/batch", as_json)[0] == 200, 30)


def test_killed_service_leaves_no_worker(start):
    service = start()
    post(service, PAGE)
    workers = workers_of(service)
    service.process.kill()
    service.stop()
    assert workers
    assert eventually(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers))


def test_half_sent_requests_hold_nobody_up(start):
    service = start(idle_seconds=2)
    half = []
    try:
        for number in range(140):
            connection = socket.create_connection(("127.0.0.1", service.port), timeout=20)
            begin = b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\n"
            connection.sendall(begin if number < 100 else begin + b"Content-Length: 5000\r\n\r\n<p>half a")
            half.append(connection)
        assert service.is_healthy()
        assert post(service, PAGE)[0] == 200
        # Silent ones are closed.
        assert all(connection.recv(100) == b"" for connection in half)
    finally:
        for connection in half:
            connection.close()


@pytest.mark.parametrize("is_body", [False, True])
def test_request_that_comes_in_drops_is_closed(start, is_body):
    service = start(idle_seconds=1)
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall(b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\n")
        if is_body:
            connection.sendall(b"Content-Length: 5000\r\n\r\n")
        connection.settimeout(0.3)
        for _ in range(60):
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x")
            try:
                assert connection.recv(100) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                pass
            break
        else:
            pytest.fail("The connection is still open.")
    assert service.is_healthy()


def test_slow_but_steady_body_is_read(start):
    service = start(idle_seconds=1)
    body = PAGE.encode().ljust(9_000)
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall(b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\n")
        connection.sendall(b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
        for begin in range(0, len(body), 1_500):
            time.sleep(0.5)
            connection.sendall(body[begin : begin + 1_500])
        assert connection.makefile("rb").read(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    ("request_bytes", "status", "name"),
    [
        ((b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 65_536)[:65_536], 431, "headers-too-large"),
        (b"GET /\r\rx HTTP/1.1\r\n\r\n", 400, "invalid-request"),
        (b"POST /clean HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n", 501, "not-implemented"),
        (b"POST /clean HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nhello", 400, "invalid-request"),
        (b"POST /clean HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5, 6\r\n\r\nhello", 400, "invalid-request"),
        (b"POST /clean HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000000\r\n\r\n", 413, "too-large"),
        (
            b"POST /clean HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
            "invalid-request",
        ),
    ],
)
def test_request_that_is_not_proper_http_gets_a_problem(service, request_bytes, status, name):
    answer = raw(service, request_bytes)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 %d " % status, b"HTTP/1.0 %d " % status))
    assert b"application/problem+json" in head
    assert json.loads(body)["type"] == f"/docs#{name}"
    assert b"waitress" not in answer.lower()


def test_answers_do_not_say_what_serves_them(service):
    assert "Server" not in post(service, PAGE)[1]


def test_smuggled_request_is_not_served(service):
    inner = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: smuggled\r\n\r\n"
    both = b"POST /clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\nConnection: close\r\n"
    both += b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (len(inner) + 5) + inner
    assert b"smuggled" not in raw(service, both)


@pytest.mark.parametrize("is_chunked", [False, True])
def test_body_over_the_limit_is_answered_and_not_kept(start, is_chunked):
    service = start(max_bytes=100_000)
    body = (b"x" * 65_536 for _ in range(400)) if is_chunked else b"x" * 26_214_400
    status, _, answer = post(service, body)
    assert (status, json.loads(answer)["type"]) == (413, "/docs#too-large")
    assert service.is_healthy()


HEAD = b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\nConnection: close\r\n"


def is_full(service):
    """A body is refused for want of room, as documented."""
    status, headers, body = post(service, PAGE)
    if status == 503:
        problem = json.loads(body)
        assert problem["type"] == "/docs#busy"
        assert "BODYCOPY_TRAFFIC_MEGABYTES" in problem["detail"]
        assert int(headers["Retry-After"]) > 0
    return status == 503


@contextlib.contextmanager
def filled(service):
    """Two connections whose half-sent bodies, of 2,000,000 bytes each, leave no room in 3,000,000."""
    for _ in range(20):
        with contextlib.ExitStack() as stack:
            halves = []
            for size in (1_500_000, 1_499_500):
                address = ("127.0.0.1", service.port)
                halves.append(stack.enter_context(socket.create_connection(address, timeout=30)))
                halves[-1].sendall(HEAD + b"Content-Length: 2000000\r\n\r\n" + b"x" * size)
            time.sleep(0.3)
            # Where one of them was still on its way, that one may have been refused instead.
            if is_full(service) and is_full(service):
                yield halves
                return
    pytest.fail("Nothing was refused.")


def test_bodies_on_their_way_take_no_more_memory_than_they_may(start):
    service = start(max_bytes=1_000_000, traffic_megabytes=3)
    with filled(service) as (_, second):
        assert service.is_healthy()
        # One that cannot be kept is read to its end, and told why.
        second.sendall(b"x" * 500_500)
        assert second.makefile("rb").read(12) == b"HTTP/1.1 503"
        assert post(service, PAGE)[0] == 200
    with filled(service):
        pass
    assert eventually(lambda: post(service, PAGE)[0] == 200), "who has gone takes no room"


def test_body_that_takes_long_makes_room_for_others(start):
    service = start(max_bytes=1_000_000, traffic_megabytes=3, idle_seconds=2)
    with filled(service) as halves:

        def is_welcome():
            for half in halves:
                half.sendall(b"x")
            return post(service, PAGE)[0] == 200

        assert eventually(is_welcome)


@pytest.mark.parametrize("reads", [False, True])
def test_answers_that_are_not_read_take_no_more_memory_than_they_may(start, reads):
    service = start("web.works:run", traffic_megabytes=21, idle_seconds=3)
    page = (PAGE + "please answer at length").encode()
    with contextlib.ExitStack() as stack:
        clients = []

        def is_filled():
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", service.port))
            client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(page) + page)
            client.recv(1)
            clients.append(client)
            return is_full(service)

        # One asks after the other: where the machine is slow, the first may be given up before the last has asked.
        assert eventually(is_filled, 30)

        def is_welcome():
            for client in clients if reads else ():
                with contextlib.suppress(OSError):
                    client.recv(40_000, socket.MSG_DONTWAIT)
            time.sleep(0.2)
            return post(service, PAGE)[0] == 200

        assert eventually(is_welcome, 30), "one that is read too slowly, or not at all, is given up"


def test_chunk_whose_first_line_does_not_end_is_refused(start):
    service = start()
    endless = HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 200_000
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        connection.sendall(endless)
        assert connection.makefile("rb").read(12) == b"HTTP/1.1 400"


def test_refused_client_with_a_large_body_still_reads_why(start):
    service = start(token="s3cret-tok3n")
    status, headers, answer = post(service, b"x" * 5_000_000)
    assert (status, json.loads(answer)["type"]) == (401, "/docs#unauthorized")
    assert "X-Request-Id" in headers


def test_page_that_eats_memory_is_told_so(start):
    service = start("web.works:run", worker_megabytes=300)
    status, _, body = post(service, "<p>please eat</p>")
    assert (status, json.loads(body)["setting"]) == (413, "BODYCOPY_WORKER_MEGABYTES")
    assert post(service, PAGE)[0] == 200


def test_no_word_of_a_page_is_in_logs_errors_or_files(start, monkeypatch):
    canary = "canary7731quxx"
    folder = tempfile.mkdtemp()
    monkeypatch.setenv("TMPDIR", folder)
    try:
        service = start("web.works:run", page_seconds=1, token=canary + "T")
        auth = {"Authorization": f"Bearer {canary}T"}
        page = PAGE.replace("riveters", canary)
        where = f"?url=https://{canary}.example.org/{canary}"
        bodies = [
            post(service, page.replace("<title>", f"<title>{canary}"), "/v1/clean" + where, auth)[0],
            post(service, page + "please hang", headers=auth)[2],
            post(service, page + "please fail", headers=auth)[2],
            post(service, page + "please crash", headers=auth)[2],
            post(service, page, f"/{canary}/x" + where, auth)[2],
            post(service, page, headers={"Authorization": f"Bearer {canary}"})[2],
            post(service, page, headers={"Origin": f"https://{canary}.example"})[2],
            post(service, page, headers={"Host": f"{canary}.example"})[2],
            post(service, page, headers={**auth, "Content-Type": "application/json"})[2],
            post(service, json.dumps({"html": [page]}), headers={**auth, "Content-Type": "application/json"})[2],
            post(service, page, headers={**auth, "Content-Encoding": "gzip"})[2],
            post(service, page * 2_000, headers=auth)[0],
            raw(service, f"GET /{canary} HTTP/1.1\r\n{canary}\r\n\r\n".encode()),
            raw(service, f"{canary.upper()} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()),
        ]
        assert not [body for body in bodies if isinstance(body, bytes) and canary.encode() in body.lower()]
        service.stop()
        assert canary not in service.log.lower()
        assert service.log.count("event=request") >= 10
        written = [path for path in Path(folder).rglob("*") if path.is_file()]
        assert not [path for path in written if canary.encode() in path.read_bytes()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_log_has_one_line_a_request_with_its_id(start):
    service = start(log_format="json")
    post(service, PAGE, headers={"X-Request-Id": "my-id-1"})
    service.stop()
    lines = [json.loads(line) for line in service.log.splitlines()]
    mine = [line for line in lines if line.get("id") == "my-id-1"]
    assert len(mine) == 1
    assert (mine[0]["status"], mine[0]["route"], mine[0]["method"]) == (200, "/v1/clean", "POST")


def test_public_address_without_token_does_not_start(start):
    with pytest.raises(AssertionError, match="BODYCOPY_TOKEN"):
        start(host="0.0.0.0")


def test_used_port_is_told(service, start):
    with pytest.raises(AssertionError, match="--port"):
        start(port=service.port)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
class TestCurl:
    def curl(self, service, *arguments):
        command = ["curl", "-sS", "--max-time", "30", *arguments]
        return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()

    @pytest.fixture
    def page(self, tmp_path):
        path = tmp_path / "page.html"
        path.write_text(PAGE)
        return path

    def test_raw_page(self, service, page):
        out = self.curl(service, "--data-binary", f"@{page}", "-H", "Content-Type: text/html", service.url + "/clean")
        assert SENTENCE in json.loads(out)["text"]

    def test_form(self, service, page):
        out = self.curl(service, "-F", f"file=@{page}", service.url + "/v1/clean?format=text")
        assert SENTENCE in out

    def test_expect_continue(self, service, page):
        arguments = ["-H", "Expect: 100-continue", "-T", str(page), "-X", "POST", "-H", "Content-Type: text/html"]
        assert SENTENCE in self.curl(service, *arguments, service.url + "/v1/clean?format=text")

    def test_the_line_that_the_page_shows(self, service, page):
        shown = self.curl(service, service.url + "/")
        line = re.search(r'<code id="curl">(.*?)</code>', shown, re.S)[1].replace("&#39;", "'")
        out = subprocess.run(
            line.replace("curl", "curl -sS", 1),
            shell=True,
            cwd=page.parent,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout.decode()
        assert SENTENCE in out
