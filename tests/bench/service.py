"""Measures the service: throughput beside direct calls, overload, and memory over many pages.

    python tests/bench/service.py throughput [--pages 200]    # a minute
    python tests/bench/service.py overload [--seconds 20] [--times 4]    # a minute
    python tests/bench/service.py memory [--pages 20000]      # ten minutes; after half an hour it stops where it is

Needs the corpus beside the repository (../shared/corpus) and two cores for itself. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server"
CORPUS = ROOT.parent / "shared" / "corpus" / "html"
WORKERS = 2
MAX_OFFERED = 64
"""Requests on their way at once; the service holds six, and refuses the others within milliseconds."""
MAX_MEMORY_SECONDS = 1_800

# As in the service's workers, and read when numpy is imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(SERVER))
from bodycopy import clean  # noqa: E402


def pages(count: int) -> list[bytes]:
    """The first `count` pages of the corpus, evenly over its kinds."""
    files = sorted(CORPUS.glob("*.html.gz"))
    if not files:
        sys.exit("There is no corpus at ../shared/corpus beside the repository.")
    step = max(1, len(files) // count)
    return [gzip.decompress(path.read_bytes()) for path in files[::step][:count]]


class Service:
    """`bodycopy serve` in a process of its own."""

    def __init__(self, **settings: object) -> None:
        values = {"port": 0, "workers": WORKERS, "rate_limit": "", **settings}
        environment = {**os.environ, "PYTHONPATH": str(SERVER)}
        environment |= {f"BODYCOPY_{name.upper()}": str(value) for name, value in values.items()}
        code = "import sys; from bodycopy.web import serve; sys.exit(serve())"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        self.port = int(line.split("address=http://")[1].split()[0].rpartition(":")[2])
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        assert self.process.stderr is not None
        for _ in self.process.stderr:
            pass

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def family(self) -> list[int]:
        """Process ids of the service and all that it started."""
        out = [self.process.pid]
        for pid in out:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                out += [int(child) for child in task.read_text().split()]
        return out


class Client:
    """One connection, kept open."""

    def __init__(self, port: int, path: str = "/v1/clean") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.path = path

    def clean(self, page: bytes) -> tuple[int, float]:
        """Status and seconds of one page; 0 for no answer, or for a refusal that does not say when to come back."""
        began = time.perf_counter()
        try:
            self.connection.request("POST", self.path, page, {"Content-Type": "text/html"})
            answer = self.connection.getresponse()
            answer.read()
            status = answer.status
            if status == 503 and not answer.getheader("Retry-After"):
                status = 0
        except (OSError, http.client.HTTPException):
            self.connection.close()
            status = 0
        return status, time.perf_counter() - began


Results = list[tuple[int, float]]


def at_once(clients: int, run: Callable[[Client, Iterator[int]], Results], port: int, path: str) -> Results:
    """What `run` gives in so many threads, each with a connection and a count that they share."""
    count = itertools.count()
    with ThreadPoolExecutor(clients) as threads:
        done = [threads.submit(run, Client(port, path), count) for _ in range(clients)]
        return [result for each in done for result in each.result()]


def load(port: int, work: list[bytes], clients: int, path: str = "/v1/clean") -> Results:
    """Each page once, from `clients` at once, each of which waits for its answer before it sends the next."""

    def run(client: Client, count: Iterator[int]) -> Results:
        return [client.clean(work[number]) for number in itertools.takewhile(lambda n: n < len(work), count)]

    return at_once(clients, run, port, path)


def offer(port: int, work: list[bytes], rate: float, seconds: float) -> tuple[Results, float]:
    """So many pages a second, whether the ones before are answered or not; and by how many seconds the last was late."""
    start = time.perf_counter() + 0.2
    late = [0.0]

    def run(client: Client, count: Iterator[int]) -> Results:
        out = []
        for number in itertools.takewhile(lambda n: n < rate * seconds, count):
            wait = start + number / rate - time.perf_counter()
            late.append(-wait)
            time.sleep(max(wait, 0))
            out.append(client.clean(work[number % len(work)]))
        return out

    return at_once(MAX_OFFERED, run, port, "/v1/clean"), max(late)


def clean_only(work: list[bytes]) -> None:
    """`clean`, and nothing of its answer."""
    for page in work:
        clean(page)


def clean_to_json(work: list[bytes]) -> None:
    """What the service does for each page."""
    for page in work:
        json.dumps(clean(page).to_dict(), ensure_ascii=False).encode("utf-8", "replace")


def throughput(count: int) -> dict[str, object]:
    """Pages a second with two workers over HTTP and in two processes that call directly, in turns; best of three."""
    work = pages(count)
    rates: dict[str, list[float]] = {}
    with Service(queue=8) as service, multiprocessing.get_context("spawn").Pool(WORKERS) as processes:

        def directly(call: Callable[[list[bytes]], None]) -> None:
            # One page a task, so that both sides hand out the work in the same way.
            processes.map(call, [[page] for page in work], chunksize=1)

        def served(form: str) -> None:
            statuses = {status for status, _ in load(service.port, work, 2 * WORKERS, f"/v1/clean?format={form}")}
            assert statuses <= {200, 422}, statuses

        ways = {
            "direct_clean": partial(directly, clean_only),
            "direct_json": partial(directly, clean_to_json),
            "http_json": partial(served, "json"),
            "http_text": partial(served, "text"),
        }
        processes.map(clean_to_json, [work[:20]] * WORKERS, chunksize=1)
        load(service.port, work[:40], 4)
        for _ in range(3):
            for name, way in ways.items():
                began = time.perf_counter()
                way()
                rates.setdefault(name, []).append(len(work) / (time.perf_counter() - began))
    best = {name: max(values) for name, values in rates.items()}
    return {
        "pages": len(work),
        "pages_per_second": {name: [round(value, 1) for value in values] for name, values in rates.items()},
        "ratio": round(best["http_json"] / best["direct_json"], 3),
        "ratio_text_to_bare_clean": round(best["http_text"] / best["direct_clean"], 3),
        "ratio_json_to_bare_clean": round(best["http_json"] / best["direct_clean"], 3),
    }


def overload(seconds: float, times: float) -> dict[str, object]:
    """Latency of one client alone, then under `times` the pages a second that the service can carry."""
    work = pages(100)
    with Service() as service:
        load(service.port, work[:40], WORKERS)
        calm = load(service.port, work, 1)
        began = time.perf_counter()
        carried = load(service.port, work, 2 * WORKERS)
        rate = len(carried) / (time.perf_counter() - began)
        busy, late = offer(service.port, work, times * rate, seconds)
        statuses = {str(s): sum(status == s for status, _ in busy) for s in sorted({status for status, _ in busy})}
        after = load(service.port, work[:10], 1)
    unloaded, loaded = p99(calm, 200, 422), p99(busy, 200, 422)
    return {
        "carried_pages_per_second": round(rate, 1),
        "offered_pages_per_second": round(times * rate, 1),
        "sent": len(busy),
        "latest_sent_ms_after_its_time": round(late * 1000),
        "answers": statuses,
        "without_answer": statuses.get("0", 0),
        "unloaded_p99_ms": round(unloaded * 1000),
        "accepted_p99_ms": round(loaded * 1000),
        "ratio": round(loaded / unloaded, 2),
        "refused_p99_ms": round(p99(busy, 503) * 1000),
        "answers_afterwards": sorted({status for status, _ in after}),
    }


def p99(results: Results, *statuses: int) -> float:
    """Seconds, of the answers with these statuses; 0 if there are none."""
    times = sorted(took for status, took in results if status in statuses)
    return times[int(len(times) * 0.99)] if times else 0.0


def memory(count: int) -> dict[str, object]:
    """Memory of the service and of each worker over many pages, without recycling, in MB."""
    work = pages(200)
    step = max(count // 20, 1)
    curve: list[dict[str, object]] = []
    with Service(worker_pages=10**9, queue=8) as service:
        end = time.monotonic() + MAX_MEMORY_SECONDS
        for done in range(step, count + 1, step):
            load(service.port, [work[(done + n) % len(work)] for n in range(step)], 4)
            parent, *workers = service.family()
            point = {"pages": done, "service": resident(parent), "workers": sorted(resident(pid) for pid in workers)}
            print(json.dumps(point), file=sys.stderr)
            curve.append(point)
            if time.monotonic() > end:
                break
    first, last = (sum(point["workers"]) for point in (curve[len(curve) // 4], curve[-1]))  # type: ignore[call-overload]
    return {"curve": curve, "workers_at_the_end_to_those_after_a_quarter": round(last / first, 3)}


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurement", choices=["throughput", "overload", "memory"])
    parser.add_argument("--pages", type=int)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--times", type=float, default=4, help="so many times the load that the service can carry")
    args = parser.parse_args()
    if args.measurement == "throughput":
        print(json.dumps(throughput(args.pages or 200)))
    elif args.measurement == "overload":
        print(json.dumps(overload(args.seconds, args.times)))
    else:
        print(json.dumps(memory(args.pages or 20_000)))


if __name__ == "__main__":
    main()
