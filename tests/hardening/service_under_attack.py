"""What the service does while it is attacked: killer pages, half-sent requests, a flood of bodies, overload, stops.

    python tests/hardening/service_under_attack.py [killers] [halves] [flood] [stop] [full_stop] [overload]

Drives a real service on a free port, and prints a row of a table for each. `overload` sends ten times what the service
can carry for `--seconds`, and needs the corpus beside the repository. Exits with 1 if a request was left without its
answer, or a stop took longer than it may; each row ends with the load of the machine, since times are of the clock.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "bench")]

import own_cases  # noqa: E402
import service as bench  # noqa: E402
from pathological_table import SHARED, page  # noqa: E402

KILLERS = ("attrs_1m", "table_row_200k", "tiny_paras_300k", "copyright_100k")
OWN_KILLERS = ("own_attributes", "own_cells", "own_paragraphs", "own_nested_lists")
HEAD = b"POST /v1/clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\n"
HALF_HEADERS, HALF_BODIES = 300, 40
BATCH_HEAD = b"POST /v1/clean/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
FLOOD = 60
STOP_SECONDS = 15
Row = tuple[str, bool]


def post(port: int, body: bytes, kind: str = "text/html", path: str = "/v1/clean") -> int:
    """Status of the answer; 0 for none, or for a refusal that does not say when to come back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        answer.read()
        return 0 if answer.status == 503 and not answer.getheader("Retry-After") else answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def health(port: int, is_over: Callable[[], bool]) -> str:
    """Milliseconds that `/healthz` takes to answer until it is over: half and all but one in a hundred at most."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    while not is_over():
        began = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        times.append((time.perf_counter() - began) * 1000)
        time.sleep(0.01)
    connection.close()
    times.sort()
    return f"`/healthz` {times[len(times) // 2]:.1f} ms, p99 {times[int(len(times) * 0.99)]:.0f} ms"


def told(statuses: list[int]) -> str:
    return ", ".join(f"{count} of {status or 'no answer'}" for status, count in sorted(Counter(statuses).items()))


def killers() -> Row:
    """Four pages that kill parsers, all at once and three times over, beside ordinary ones."""
    names = KILLERS if SHARED.is_dir() else OWN_KILLERS
    bodies = [page(name, 1.0) for name in names]
    with bench.Service(queue=8) as service, ThreadPoolExecutor(5) as threads:
        post(service.port, own_cases.ordinary(10_000))
        hostile: list[Future[int]] = []
        ordinary: list[int] = []

        def run() -> None:
            for _ in range(3):
                four = [threads.submit(post, service.port, body) for body in bodies]
                ordinary.append(post(service.port, own_cases.ordinary(10_000)))
                hostile.extend(four)
                wait(four)

        driver = threading.Thread(target=run)
        driver.start()
        figures = health(service.port, lambda: not driver.is_alive())
        statuses = [f.result() for f in hostile]
    row = f"12 killers, 4 at once: {told(statuses)}; ordinary pages beside them: {told(ordinary)}; {figures}"
    return row, 0 not in statuses and set(ordinary) == {200}


def halves() -> Row:
    """Requests that never come whole."""
    with bench.Service() as service:
        half = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(HALF_HEADERS + HALF_BODIES)]
        for number, connection in enumerate(half):
            connection.sendall(
                HEAD if number < HALF_HEADERS else HEAD + b"Content-Length: 5000000\r\n\r\n" + b"x" * 60_000
            )
        end = time.monotonic() + 5
        figures = health(service.port, lambda: time.monotonic() > end)
        status = post(service.port, own_cases.ordinary(10_000))
        for connection in half:
            connection.close()
    row = f"{HALF_HEADERS} half-sent headers and {HALF_BODIES} half-sent bodies: {figures}; an ordinary page beside: {status}"
    return row, status == 200


def largest() -> bytes:
    """JSON of 20 MB that takes four times as much while it is read."""
    return ('{"html": "<p>\U0001f600' + "x" * 9_900_000 + '", "y": "\U0001f600' + "y" * 9_900_000 + '"}').encode()


def flood() -> Row:
    """Bodies as large as they may be, all at once."""
    body = largest()
    peak = 0
    with bench.Service() as service, ThreadPoolExecutor(FLOOD) as threads:
        answers = [threads.submit(post, service.port, body, "application/json") for _ in range(FLOOD)]
        while not all(a.done() for a in answers):
            peak = max(peak, bench.resident(service.process.pid))
            time.sleep(0.02)
        statuses = [a.result() for a in answers]
    row = (
        f"{FLOOD} bodies of {len(body) / 1e6:.0f} MB at once: {told(statuses)}; the service's process {peak} MB at most"
    )
    return row, 0 not in statuses


def stop() -> Row:
    """SIGTERM with as many pages in hand as the service holds."""
    with bench.Service() as service, ThreadPoolExecutor(6) as threads:
        post(service.port, own_cases.ordinary(10_000))
        answers = [threads.submit(post, service.port, own_cases.ordinary(1_000_000)) for _ in range(6)]
        time.sleep(1)
        return stopped("6 pages of 1 MB", service, answers)


def full_stop() -> Row:
    """SIGTERM with more in hand than can be finished, and a client that reads nothing."""
    batch = json.dumps([{"html": own_cases.ordinary(300_000).decode()}] * 30).encode()
    with bench.Service() as service, ThreadPoolExecutor(21) as threads, socket.socket() as unread:
        post(service.port, own_cases.ordinary(10_000))
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        unread.connect(("127.0.0.1", service.port))
        unread.sendall(BATCH_HEAD + b"Content-Length: %d\r\n\r\n" % len(batch) + batch)
        answers = [threads.submit(post, service.port, own_cases.ordinary(1_000_000)) for _ in range(6)]
        answers += [threads.submit(post, service.port, batch, "application/json", "/v1/clean/batch") for _ in range(3)]
        answers += [threads.submit(post, service.port, largest(), "application/json") for _ in range(12)]
        time.sleep(2)
        return stopped("6 pages of 1 MB, 4 batches of 30 pages, one unread, 12 bodies of 20 MB", service, answers)


def stopped(what: str, service: bench.Service, answers: list[Future[int]]) -> Row:
    """SIGTERM, and what became of the answers."""
    began = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    status = service.process.wait(60)
    seconds = time.monotonic() - began
    statuses = [a.result() for a in answers]
    row = f"SIGTERM with {what}: {told(statuses)}; exit {status} after {seconds:.1f} s"
    return row, 0 not in statuses and seconds < STOP_SECONDS


def overload(seconds: float) -> Row:
    """Ten times the load that the service can carry."""
    found = bench.overload(seconds, 10)
    row = (
        f"{found['offered_pages_per_second']} pages a second for {seconds:g} s, ten times what it can carry: "
        f"{json.dumps(found['answers'])}; without an answer {found['without_answer']}; "
        f"503 p99 {found['refused_p99_ms']} ms; 200 p99 {found['accepted_p99_ms']} ms"
    )
    return row, not found["without_answer"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    attacks: dict[str, Callable[[], Row]] = {a.__name__: a for a in (killers, halves, flood, stop, full_stop)}
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=", ".join([*attacks, "overload"]))
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    attacks["overload"] = lambda: overload(options.seconds)
    if unknown := set(options.attacks) - set(attacks):
        parser.error(f"no such attack: {', '.join(sorted(unknown))}")
    all_well = True
    for name in options.attacks or attacks:
        row, is_well = attacks[name]()
        print(f"| {name} | {row}; load {os.getloadavg()[0]:.0f} |", flush=True)
        all_well &= is_well
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
