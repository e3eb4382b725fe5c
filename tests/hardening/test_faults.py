"""Kills and full disks in the middle of work: no wrong answer, no half of one taken for whole, and going on after.

    pytest tests/hardening/test_faults.py

Drives the real commands as processes: `serve` over HTTP, `clean` and `bulk` from the command line.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bodycopy import clean

sys.path.insert(0, str(Path(__file__).resolve().parent))

import own_cases

SERVER = Path(__file__).resolve().parents[2] / "server"
COMMAND = [sys.executable, "-m", "bodycopy.cli"]
FILE_BYTES = 20_000
PAGES = 60
PATIENCE = 90.0
"""Seconds for what happens at once where nothing else runs."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the workers of a service in /proc")


def page(number: int, size: int = 3_000) -> str:
    """A page that says its number in its text, as long as `size` asks for."""
    story = own_cases.ordinary(size).decode()
    return story.replace(
        "<h1>", f"<p>The report with the number N{number}E was handed over on Monday morning.</p><h1>", 1
    )


def numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"N(\d+)E", text)]


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BODYCOPY_")}
    return {**kept, "PYTHONPATH": str(SERVER)}


def small_files() -> None:
    """In a child: no file may grow over a few pages, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))


def no_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class Service:
    """`bodycopy serve` on a free port."""

    def __init__(self, port: int = 0, log: Any = subprocess.DEVNULL, limit: Any = None) -> None:
        self.port = port or free_port()
        # How long a page takes on a busy machine is not what is looked at here.
        command = [*COMMAND, "serve", "--port", str(self.port), "--workers", "2", "--rate-limit", "", "--queue", "20"]
        command += ["--page-seconds", "90"]
        self.process = subprocess.Popen(command, env=environment(), stderr=log, stdout=log, preexec_fn=limit)
        end = time.monotonic() + PATIENCE
        while not self.is_healthy():
            assert self.process.poll() is None and time.monotonic() < end, "the service did not start"
            time.sleep(0.1)

    def is_healthy(self) -> bool:
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "text/html") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2 * PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Content-Type": kind + "; charset=utf-8"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def clean(self, number: int, size: int = 3_000) -> tuple[int, list[int]]:
        """Status of the answer for a page, and the numbers that its text says."""
        status, body = self.ask("POST", "/v1/clean", page(number, size).encode())
        return status, numbers(json.loads(body).get("text", ""))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def services() -> Iterator[list[Service]]:
    started: list[Service] = []
    yield started
    for service in started:
        service.stop()


def kill_a_worker(process: subprocess.Popen[bytes]) -> bool:
    """Kill one of the processes that `process` has started and that are at work, where there is any."""
    found, new = [], [process.pid]
    while new:
        pid = new.pop()
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                new += [int(child) for child in children.read_text().split()]
        found.append(pid)

    def used(pid: int) -> int:
        try:
            return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
        except (OSError, ValueError):
            return 0

    before = {pid: used(pid) for pid in found[1:]}
    time.sleep(0.2)
    for pid, ticks in before.items():
        if used(pid) > ticks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return True
    return False


# -- the service ----------------------------------------------------------


def test_a_killed_worker_costs_no_single_page_its_own_answer(services: list[Service]) -> None:
    services.append(service := Service())
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(service.clean, n, 400_000) for n in range(16)]
        kills = 0
        while not all(a.done() for a in answers) and kills < 3:
            kills += kill_a_worker(service.process)
        results = [a.result() for a in answers]
    assert kills
    for number, (status, found) in enumerate(results):
        assert (status, found) == (200, [number]) or (status in (500, 503, 504) and not found)
    assert sum(status == 200 for status, _ in results) >= len(results) - kills
    assert service.clean(99) == (200, [99])


def test_a_killed_worker_costs_a_batch_no_line(services: list[Service]) -> None:
    services.append(service := Service())
    items = "".join(json.dumps({"html": page(n, 200_000)}) + "\n" for n in range(12)).encode()
    with ThreadPoolExecutor(1) as threads:
        batch = threads.submit(service.ask, "POST", "/v1/clean/batch", items, "application/x-ndjson")
        kills = 0
        while not batch.done() and kills < 2:
            kills += kill_a_worker(service.process)
        status, body = batch.result()
    lines = [json.loads(line) for line in body.splitlines()]
    assert status == 200 and kills
    assert [line["index"] for line in lines] == list(range(12))
    for number, line in enumerate(lines):
        found = numbers(json.dumps(line))
        assert set(found) == {number} or (not found and int(line.get("status", 200)) >= 500)


def test_a_killed_service_gives_no_half_answer_and_starts_again_on_its_port(services: list[Service]) -> None:
    services.append(service := Service())
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(service.clean, n, 1_500_000) for n in range(4)]
        time.sleep(0.5)
        service.kill()
        for number, answer in enumerate(answers):
            try:
                status, found = answer.result()
            except (OSError, http.client.HTTPException):
                continue
            assert (status, found) == (200, [number])
    services.append(again := Service(service.port))
    assert again.clean(7) == (200, [7])


def test_a_batch_that_a_kill_cuts_off_is_seen_as_cut_off(services: list[Service]) -> None:
    services.append(service := Service())
    items = json.dumps([{"html": page(n, 300_000)} for n in range(20)]).encode()
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=2 * PATIENCE)
    with contextlib.closing(connection):
        connection.request("POST", "/v1/clean/batch", items, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        first = json.loads(answer.readline())
        service.kill()
        with pytest.raises((OSError, http.client.HTTPException)):
            rest = answer.read()
            raise AssertionError(f"the end of {len(rest)} bytes was taken for the end of the answer")
    assert first["index"] == 0 and set(numbers(json.dumps(first))) == {0}


@pytest.mark.parametrize("limit", [None, no_files])
def test_a_full_disk_does_not_stop_the_service(services: list[Service], limit: Any) -> None:
    with open("/dev/full", "w") as full:
        services.append(service := Service(log=full, limit=limit))
    assert service.clean(1) == (200, [1])
    assert service.clean(2, 3_000_000) == (200, [2])
    items = json.dumps([{"html": page(n, 100_000)} for n in range(4)]).encode()
    status, body = service.ask("POST", "/v1/clean/batch", items, "application/json")
    assert status == 200
    assert [numbers(line.decode())[0] for line in body.splitlines()] == [0, 1, 2, 3]
    status, body = service.ask("POST", "/v1/clean", b"[" * 100, "application/json")
    assert status == 400
    assert service.is_healthy()


# -- one page from the command line ---------------------------------------


def test_a_page_that_could_not_be_written_whole_is_no_success(tmp_path: Path) -> None:
    source = tmp_path / "page.html"
    source.write_text(page(1, 100_000), "utf-8")
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, "clean", str(source)], env=environment(), stdout=full, stderr=subprocess.PIPE)
    assert done.returncode != 0
    with (tmp_path / "out.txt").open("w") as out:
        command = [*COMMAND, "clean", str(source)]
        done = subprocess.run(command, env=environment(), stdout=out, stderr=subprocess.PIPE, preexec_fn=small_files)
    assert done.returncode != 0


# -- many pages -----------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(PAGES):
        (folder / f"{number:03}.html").write_text(page(number, 40_000 if number % 7 else 300_000), "utf-8")
    return folder


def start_bulk(folder: Path, out: Path, limit: Any = None) -> subprocess.Popen[bytes]:
    command = [*COMMAND, "bulk", str(folder), "-o", str(out), "--processes", "2", "--timeout", "90"]
    return subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, preexec_fn=limit)


def finish_bulk(folder: Path, out: Path) -> None:
    run = start_bulk(folder, out)
    _, told = run.communicate(timeout=300)
    assert run.returncode == 0, told.decode()[-2000:]


def whole_lines(out: Path) -> list[dict[str, Any]]:
    """The lines that are whole; only the last may not be."""
    data = out.read_bytes() if out.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()]


def check_bulk(folder: Path, out: Path) -> None:
    """Every page once, with its own answer."""
    lines = whole_lines(out)
    assert out.read_bytes().endswith(b"\n")
    assert sorted(Path(line["source"]).name for line in lines) == sorted(p.name for p in folder.iterdir())
    for line in lines:
        assert numbers(line["text"]) == [int(Path(line["source"]).stem)]
    some = lines[len(lines) // 2]
    expected = clean(Path(some["source"]).read_bytes())
    assert (some["text"], some["html"]) == (expected.text, expected.html)


def wait_for_lines(run: subprocess.Popen[bytes], out: Path, count: int) -> None:
    end = time.monotonic() + PATIENCE
    while run.poll() is None and (not out.exists() or out.read_bytes().count(b"\n") < count):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_bulk_killed_again_and_again_ends_with_every_page_once(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = 0
    for kill in range(4):
        run = start_bulk(folder, out)
        wait_for_lines(run, out, done + 4)
        time.sleep(random.Random(kill).random() / 20)
        run.kill()
        run.communicate()
        now = len(whole_lines(out))
        assert now >= done
        done = now
    assert 0 < done < PAGES
    finish_bulk(folder, out)
    check_bulk(folder, out)


def test_bulk_whose_workers_are_killed_does_every_page_or_tells_it(folder: Path, tmp_path: Path) -> None:
    out, errors = tmp_path / "out.jsonl", tmp_path / "out.errors.jsonl"
    run = start_bulk(folder, out)
    wait_for_lines(run, out, 5)
    kills = 0
    while run.poll() is None and kills < 4:
        kills += kill_a_worker(run)
    _, told = run.communicate(timeout=300)
    assert kills and run.returncode == 0, told.decode()[-2000:]
    # A page whose worker is killed twice is told as bad, and tried again where the person wishes.
    bad = [line["source"] for line in whole_lines(errors)]
    done = [line["source"] for line in whole_lines(out)]
    assert sorted(bad + done) == sorted(str(path) for path in folder.iterdir())
    assert len(bad) <= kills / 2
    errors.unlink(missing_ok=True)
    finish_bulk(folder, out)
    check_bulk(folder, out)


def test_bulk_on_a_full_disk_stops_says_so_and_goes_on(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    run = start_bulk(folder, out, small_files)
    _, told = run.communicate(timeout=300)
    assert run.returncode != 0
    assert b"cannot be written" in told and b"Traceback" not in told
    before = len(whole_lines(out))
    assert before < PAGES
    finish_bulk(folder, out)
    check_bulk(folder, out)


def test_bulk_on_a_disk_without_any_room_loses_nothing(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    run = start_bulk(folder, out, no_files)
    _, told = run.communicate(timeout=300)
    assert run.returncode != 0 and b"Traceback" not in told
    finish_bulk(folder, out)
    check_bulk(folder, out)


def test_no_word_of_a_page_is_in_what_bulk_says_or_leaves_behind(tmp_path: Path) -> None:
    canary = "canary7731quxx"
    folder, temporary, out = tmp_path / "pages", tmp_path / "temporary", tmp_path / "out.jsonl"
    folder.mkdir()
    temporary.mkdir()
    slow = page(1, 2_000_000).replace("council", canary)
    (folder / "slow.html").write_text(slow, "utf-8")
    (folder / "large.html").write_text(slow * 6, "utf-8")
    (folder / "broken.html.gz").write_bytes(slow[:5000].encode())
    command = [*COMMAND, "bulk", str(folder), "-o", str(out), "--timeout", "0.2"]
    done = subprocess.run(command, env={**environment(), "TMPDIR": str(temporary)}, capture_output=True)
    said = done.stdout + done.stderr + (tmp_path / "out.errors.jsonl").read_bytes()
    assert len(whole_lines(tmp_path / "out.errors.jsonl")) == 3
    assert canary.encode() not in said
    assert not [p for p in temporary.rglob("*") if p.is_file() and canary.encode() in p.read_bytes()]
