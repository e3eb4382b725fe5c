"""Measures the service: throughput beside direct calls, overload, and memory over many pages.

    python tests/bench/service.py throughput [--pages 200]
    python tests/bench/service.py overload [--seconds 20]
    python tests/bench/service.py memory [--pages 20000]

Needs the corpus beside the repository (../shared/corpus). Prints one JSON object a measurement.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server"
CORPUS = ROOT.parent / "shared" / "corpus" / "html"
WORKERS = 2


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

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def clean(self, page: bytes) -> tuple[int, float]:
        """Status (0 for none) and seconds of one page."""
        began = time.perf_counter()
        try:
            self.connection.request("POST", "/v1/clean", page, {"Content-Type": "text/html"})
            answer = self.connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            self.connection.close()
            status = 0
        return status, time.perf_counter() - began


def load(
    port: int, work: list[bytes], clients: int, seconds: float | None = None
) -> tuple[list[tuple[int, float]], float]:
    """Answers of `clients` at once, through the pages once or for so many seconds; and the time it took."""
    results: list[tuple[int, float]] = []
    lock = threading.Lock()
    turn = iter(range(len(work) if seconds is None else 10**9))
    end = time.perf_counter() + (seconds or 10**9)

    def run() -> None:
        client = Client(port)
        while time.perf_counter() < end:
            with lock:
                number = next(turn, None)
            if number is None:
                return
            result = client.clean(work[number % len(work)])
            with lock:
                results.append(result)
            if result[0] == 503:
                time.sleep(0.05)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results, time.perf_counter() - began


def clean_all(work: list[bytes]) -> int:
    """What the service does for each page, called directly."""
    sys.path.insert(0, str(SERVER))
    from bodycopy import clean

    return sum(len(json.dumps(clean(page).to_dict(), ensure_ascii=False).encode("utf-8", "replace")) for page in work)


def throughput(count: int) -> dict[str, object]:
    """Pages a second over HTTP and by direct calls, in turns, three times; best of each."""
    work = pages(count)
    direct, served = [], []
    with Service(queue=8) as service, multiprocessing.get_context("spawn").Pool(WORKERS) as processes:
        processes.map(clean_all, [work[:20]] * WORKERS, chunksize=1)
        load(service.port, work[:40], 4)
        for _ in range(3):
            began = time.perf_counter()
            # One page a task, so that both sides hand out the work in the same way.
            processes.map(clean_all, [[page] for page in work], chunksize=1)
            direct.append(len(work) / (time.perf_counter() - began))
            _, took = load(service.port, work, 4)
            served.append(len(work) / took)
    return {
        "pages": len(work),
        "direct_pages_per_second": round(max(direct), 1),
        "http_pages_per_second": round(max(served), 1),
        "ratio": round(max(served) / max(direct), 3),
        "ratios": [round(s / d, 3) for s, d in zip(served, direct, strict=True)],
    }


def overload(seconds: float) -> dict[str, object]:
    """Latency with one client a worker, then with four times as many as workers and queue hold."""
    work = pages(100)
    with Service() as service:
        load(service.port, work[:40], WORKERS)
        calm, _ = load(service.port, work, WORKERS, seconds / 2)
        busy, _ = load(service.port, work, 4 * (WORKERS + 2 * WORKERS), seconds)

    def p99(results: list[tuple[int, float]]) -> float:
        times = sorted(took for status, took in results if status in (200, 422))
        return times[int(len(times) * 0.99)] if times else 0.0

    statuses = sorted({status for status, _ in busy})
    return {
        "unloaded_p99_ms": round(p99(calm) * 1000),
        "overloaded_p99_ms": round(p99(busy) * 1000),
        "ratio": round(p99(busy) / p99(calm), 2),
        "answers": {str(s): sum(1 for status, _ in busy if status == s) for s in statuses},
        "refused_p99_ms": round(sorted(t for s, t in busy if s == 503)[-1] * 1000) if 503 in statuses else None,
        "without_answer": sum(1 for status, _ in busy if status == 0),
    }


def memory(count: int) -> dict[str, object]:
    """Memory of each process of the service over many pages, without recycling, in MB."""
    work = pages(200)
    curve = []
    with Service(worker_pages=10**9, queue=8) as service:
        done = 0
        step = max(count // 20, 1)
        while done < count:
            load(service.port, [work[(done + n) % len(work)] for n in range(step)], 4)
            done += step
            sizes = [resident(pid) for pid in service.family()]
            curve.append({"pages": done, "megabytes": sorted(sizes, reverse=True)})
    return {"curve": curve}


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurement", choices=["throughput", "overload", "memory"])
    parser.add_argument("--pages", type=int)
    parser.add_argument("--seconds", type=float, default=20)
    args = parser.parse_args()
    if args.measurement == "throughput":
        print(json.dumps(throughput(args.pages or 200)))
    elif args.measurement == "overload":
        print(json.dumps(overload(args.seconds)))
    else:
        print(json.dumps(memory(args.pages or 20_000)))


if __name__ == "__main__":
    main()
