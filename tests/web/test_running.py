"""A real service on loopback: faults, slow and hostile clients, stop, logs."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from .conftest import HTML, PAGE, PATIENCE, SENTENCE, SERVER, eventually


def post(service, body, path="/v1/clean", headers=None):
    """Status, headers and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    try:
        connection.request("POST", path, body, {**HTML, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def connect(service):
    return socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)


def raw(service, data):
    """All that comes back for `data` until the connection is closed."""
    with connect(service) as connection:
        connection.sendall(data)
        out = b""
        while chunk := connection.recv(65_536):
            out += chunk
        return out


HEAD = b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\nConnection: close\r\n"
AS_JSON = {"Content-Type": "application/json"}


@contextlib.contextmanager
def in_hand(service, bodies, path="/v1/clean", headers=None):
    """The answers to come for `bodies`, which are sent at once."""
    with ThreadPoolExecutor(len(bodies)) as threads:
        yield [threads.submit(post, service, body, path, headers) for body in bodies]


def warm(service, held):
    """Wait until both workers have started."""
    with in_hand(service, [held.page] * 2) as pages:
        assert eventually(lambda: service.in_hand() == (2, 0))
        held.let_go()
    assert [page.result()[0] for page in pages] == [200] * 2


def test_hanging_page_is_given_up_and_disturbs_no_other(start, held):
    service = start("web.works:run", page_seconds=10, queue=10)
    warm(service, held)
    with in_hand(service, ["<p>please hang</p>", *[PAGE] * 8]) as (hung, *others):
        assert [other.result()[0] for other in others] == [200] * 8
        status, _, body = hung.result()
        assert (status, json.loads(body)["type"]) == (504, "/docs#too-slow")
    assert eventually(lambda: post(service, PAGE)[0] == 200)


def test_page_that_is_too_much_work_is_given_up_and_the_next_is_cleaned(start):
    """A real page of the kind that costs most, several seconds: it is not Python that has to be stopped here."""
    service = start(page_seconds=0.5)
    status, _, body = post(service, "<p>&copy; 2026 Harbour Courier. All rights reserved " * 100_000)
    assert (status, json.loads(body)["type"]) == (504, "/docs#too-slow")
    assert eventually(lambda: post(service, PAGE)[0] == 200)


def test_health_is_answered_while_every_worker_hangs_and_full_queue_says_when_to_come_back(start, held):
    service = start("web.works:run", page_seconds=3, queue=2)
    warm(service, held)
    with in_hand(service, ["<p>please hang</p>"] * 12) as pages:
        while not all(page.done() for page in pages):
            assert service.is_healthy()
            time.sleep(0.2)
        answers = [page.result() for page in pages]
    assert {status for status, _, _ in answers} == {503, 504}
    assert all(headers.get("Retry-After") for status, headers, _ in answers if status == 503)
    assert eventually(lambda: post(service, PAGE)[0] == 200)


def test_more_than_it_can_carry_is_answered_to_the_last_request(start, held):
    """Bounded: tests/bench/service.py runs it with real pages."""
    service = start("web.works:run", workers=2, queue=4)
    with in_hand(service, [held.page] * 6) as carried:
        assert eventually(lambda: service.in_hand() == (2, 4))
        with in_hand(service, [PAGE] * 30) as refused:
            answers = [page.result() for page in refused]
        # Whether a body can be read is not looked at where its page would not be.
        answers.append(post(service, b"{", headers=AS_JSON))
        held.let_go()
    assert {status for status, _, _ in answers} == {503}
    assert all(int(headers["Retry-After"]) > 0 for _, headers, _ in answers)
    assert [page.result()[0] for page in carried] == [200] * 6


def workers_of(service):
    """Process ids of the service's workers."""
    tasks = Path(f"/proc/{service.process.pid}/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


def test_killed_workers_cost_no_request(start, held):
    service = start("web.works:run", queue=20)
    with in_hand(service, [held.page] * 4) as pages:
        assert eventually(lambda: service.in_hand() == (2, 2))
        killed = workers_of(service)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        held.let_go()
    assert killed
    assert [page.result()[0] for page in pages] == [200] * 4


def test_stop_finishes_what_is_in_hand(start, held):
    service = start("web.works:run", queue=8)
    with in_hand(service, [held.page] * 6) as pages:
        assert eventually(lambda: service.in_hand() == (2, 4))
        service.begin_to_stop()
        held.let_go()
        assert service.stop() == 0, service.log
    answers = [page.result() for page in pages]
    assert [status for status, _, _ in answers] == [200] * 6
    assert all(SENTENCE in json.loads(body)["text"] for _, _, body in answers)
    with pytest.raises(OSError):
        post(service, PAGE)


def test_stop_answers_every_request_that_was_sent_before_it(start):
    service = start(workers=1, queue=60)
    body = PAGE.encode()
    clients = [connect(service) for _ in range(40)]
    for client in clients:
        client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    service.process.send_signal(signal.SIGTERM)
    answers = []
    for client in clients:
        with client, contextlib.suppress(ConnectionError):
            answers.append(client.makefile("rb").read(12))
    assert answers == [b"HTTP/1.1 200"] * 40
    assert service.stop() == 0, service.log


def test_stop_finishes_a_batch(start, held):
    service = start("web.works:run")
    with in_hand(service, [json.dumps([{"html": held.page}] * 4)], "/v1/clean/batch", AS_JSON) as (batch,):
        assert eventually(lambda: service.in_hand() == (2, 0))
        service.begin_to_stop()
        held.let_go()
        assert service.stop() == 0, service.log
    lines = [json.loads(line) for line in batch.result()[2].splitlines()]
    assert [line["index"] for line in lines] == [0, 1, 2, 3]
    assert all(SENTENCE in line["text"] for line in lines)


def test_stop_tells_pages_that_take_too_long_to_come_back(start, held):
    service = start("web.works:run", workers=1, stop_seconds=8, page_seconds=600)
    with in_hand(service, [held.page] * 3) as pages:
        assert eventually(lambda: service.in_hand() == (1, 2))
        assert service.stop() == 0, service.log
    for status, headers, body in (page.result() for page in pages):
        assert status == 503
        assert int(headers["Retry-After"]) > 0
        assert "stopping" in json.loads(body)["detail"]
    assert "unanswered=0" in service.log


def test_stop_gives_a_batch_that_takes_too_long_all_its_lines(start, held):
    service = start("web.works:run", workers=1, stop_seconds=8, page_seconds=600)
    items = json.dumps([{"html": PAGE}, *[{"html": held.page}] * 20])
    with in_hand(service, [items], "/v1/clean/batch", AS_JSON) as (batch,):
        assert eventually(lambda: service.in_hand() == (1, 0))
        assert service.stop() == 0, service.log
    first, *others = [json.loads(line) for line in batch.result()[2].splitlines()]
    assert SENTENCE in first["text"]
    assert [line["index"] for line in others] == [*range(1, 21)]
    assert {line["status"] for line in others} == {503}


def test_stop_waits_for_no_client_that_does_not_read(start):
    service = start("web.works:run", stop_seconds=8)
    page = (PAGE + "please answer at length").encode()
    with connect(service) as client:
        client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(page) + page)
        assert client.recv(12) == b"HTTP/1.1 200"
        assert service.stop() == 0, service.log
    assert "unanswered=1" in service.log


def test_stop_reads_a_request_that_is_on_its_way_and_waits_for_none_that_is_silent(start):
    service = start(workers=1)
    body = PAGE.encode().ljust(20_000)
    with connect(service) as slow, connect(service) as silent:
        for client in (slow, silent):
            client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[:100])
        service.begin_to_stop()
        for begin in range(100, len(body), 5_000):
            slow.sendall(body[begin : begin + 5_000])
            time.sleep(0.3)
        assert slow.makefile("rb").read(12) == b"HTTP/1.1 200"
        assert silent.recv(1) == b""
    assert service.stop() == 0, service.log


def test_stop_tells_clients_to_send_their_next_request_elsewhere(start, held):
    service = start("web.works:run")
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    connection.request("POST", "/v1/clean", held.page, HTML)
    assert eventually(lambda: service.in_hand() == (1, 0))
    service.begin_to_stop()
    held.let_go()
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Connection")) == (200, "close")
    connection.close()
    assert service.stop() == 0, service.log


def test_stop_is_held_up_by_no_worker_and_a_second_signal_changes_nothing(start):
    service = start(workers=1, stop_seconds=8)
    post(service, PAGE)
    (worker,) = workers_of(service)
    os.kill(worker, signal.SIGSTOP)
    service.begin_to_stop()
    time.sleep(1)
    assert service.stop() == 0, service.log
    assert eventually(lambda: not os.path.exists(f"/proc/{worker}"))


def test_stop_ends_even_a_service_whose_log_nobody_reads():
    """Every thread of it waits for room in the pipe, and so does the one that would end it."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4_096)
    environment = {**os.environ, "BODYCOPY_PORT": "0", "BODYCOPY_STOP_SECONDS": "2", "PYTHONPATH": str(SERVER)}
    process = subprocess.Popen([sys.executable, "-m", "bodycopy.cli", "serve"], env=environment, stderr=writer)
    try:
        port = int(re.search(rb"http://127.0.0.1:(\d+)", os.read(reader, 4_096))[1])
        for _ in range(30):
            # A line of the log for each, of more than 150 bytes.
            request = Request(f"http://127.0.0.1:{port}/healthz", headers={"X-Request-Id": "x" * 64})
            urlopen(request, timeout=PATIENCE).close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == -signal.SIGALRM
    finally:
        process.kill()
        process.wait()
        os.close(reader)
        os.close(writer)


def test_batch_is_streamed(start, held):
    service = start("web.works:run", workers=1)
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    items = json.dumps([{"html": PAGE}, *[{"html": held.page}] * 3])
    connection.request("POST", "/v1/clean/batch", items, AS_JSON)
    answer = connection.getresponse()
    first = answer.readline()
    held.let_go()
    assert [json.loads(line)["index"] for line in (first, *answer)] == [0, 1, 2, 3]
    connection.close()


def test_batch_whose_client_has_gone_makes_room_for_others(start):
    service = start("web.works:run", workers=2)
    # Were they done to the end, they would take longer than anyone waits here.
    many = json.dumps([{"html": PAGE}, *[{"html": PAGE + "<p>please sleep</p>"}] * 300]).encode()
    head = b"POST /v1/clean/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for _ in range(4):
        with connect(service) as connection:
            connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(many) + many)
            assert connection.recv(12) == b"HTTP/1.1 200"
            # Reset, as when the client is killed.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    few = json.dumps([{"html": PAGE}])
    assert eventually(lambda: post(service, few, "/v1/clean/batch", AS_JSON)[0] == 200)


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
            connection = connect(service)
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
    with connect(service) as connection:
        connection.sendall(b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\n")
        if is_body:
            connection.sendall(b"Content-Length: 5000\r\n\r\n")
        connection.settimeout(0.3)

        def is_closed():
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x")
            try:
                return connection.recv(100) == b""
            except TimeoutError:
                return False
            except ConnectionError:
                return True

        assert eventually(is_closed)
    assert service.is_healthy()


def test_slow_but_steady_body_is_read(start):
    service = start(idle_seconds=2)
    body = PAGE.encode().ljust(20_000)
    with connect(service) as connection:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
        for begin in range(0, len(body), 2_500):
            connection.sendall(body[begin : begin + 2_500])
            time.sleep(0.4)
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


def counted(service, status):
    """Requests without a route that were answered so, as /metrics has it."""
    with urlopen(service.url + "/metrics", timeout=PATIENCE) as answer:
        text = answer.read().decode()
    found = re.search(rf'^bodycopy_requests_total{{route="-",status="{status}"}} (\d+)', text, re.M)
    return int(found[1]) if found else 0


def test_what_the_server_itself_refuses_is_counted(start):
    service = start(max_bytes=100_000)
    head = b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\n"
    for status, request_bytes in {
        413: head + b"Transfer-Encoding: chunked\r\n\r\n80000\r\n" + b"x" * 0x80000 + b"\r\n0\r\n\r\n",
        431: (head + b"X: " + b"a" * 65_536)[:65_536],
        501: head + b"Transfer-Encoding: xchunked\r\n\r\n",
        400: head + b"Content-Length: +5\r\n\r\nhello",
    }.items():
        assert b" %d " % status in raw(service, request_bytes).partition(b"\r\n")[0]
        assert counted(service, status) == 1


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
                halves.append(stack.enter_context(connect(service)))
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
        assert counted(service, 503) >= 2
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
        assert eventually(is_filled)

        def is_welcome():
            for client in clients if reads else ():
                with contextlib.suppress(OSError):
                    client.recv(40_000, socket.MSG_DONTWAIT)
            time.sleep(0.2)
            return post(service, PAGE)[0] == 200

        assert eventually(is_welcome), "one that is read too slowly, or not at all, is given up"


def test_chunk_whose_first_line_does_not_end_is_refused(start):
    service = start()
    endless = HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 200_000
    with connect(service) as connection:
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
        command = ["curl", "-sS", "--max-time", f"{PATIENCE:g}", *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()

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
        ).stdout.decode()
        assert SENTENCE in out
