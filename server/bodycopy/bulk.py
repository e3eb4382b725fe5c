"""Many pages into one JSONL file: on all cores here, or on a Dask cluster; killed at any moment, it goes on.

The output is the record of what is done: each line names its page, and is either
whole or, after a kill, the last one and cut off before going on.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Never

from .article import labels
from .inputs import Input, check_inputs, count_inputs, read_inputs
from .page import mend
from .pool import Crashed, Limits, NoWorker, Pool, PoolError, TooMuchMemory, TooSlow

WORK = "bodycopy.work:run"
MAX_MEGABYTES = 2_000
"""Of one page. The costliest within the byte limit took 700."""
SYNC_SECONDS = 1.0
"""A machine that loses its power loses at most the lines of this time; they are made again."""
PAGES_AHEAD = 4
"""Pages in hand for each process, so that none waits for the next."""
MAX_REPORTS = 20
"""Bad pages told on the terminal; the file has them all."""


class BulkError(Exception):
    """The run cannot start or go on; the message says what to do."""


class Answer(NamedTuple):
    """The service's answer for a page, or what was wrong with the page."""

    body: bytes = b""
    problem: str | None = None
    has_article: bool = True


class Summary(NamedTuple):
    """What a run did."""

    cleaned: int
    empty: int
    """Those of the cleaned pages in which there is no article. Their lines have no text, and a warning."""
    failed: int
    before: int
    """Pages that an earlier run had done."""
    seconds: float
    others: int = 0
    """Files in the folders that are of no kind that is read."""


def run(
    inputs: Sequence[str],
    output: str,
    keep: Iterable[str] = (),
    processes: int | None = None,
    seconds: float = 30.0,
    dask: str | None = None,
) -> Summary:
    """Clean every page of `inputs` into the JSONL file `output`, going on where an earlier run stopped.

    Bad pages go to `output` with `.errors.jsonl` for its ending. `seconds` is the
    limit for one page; `dask` is a scheduler's address. Raises BulkError.
    """
    kept = tuple(sorted(labels(keep)))
    _check_output(output)
    errors = errors_path(output)
    try:
        check_inputs(inputs)
    except ValueError as error:
        raise BulkError(str(error)) from None
    for written in (Path(output), errors):
        if any(_is_same_file(written, given) for given in inputs):
            raise BulkError(f"{written} is one of the inputs, and would be written to. Name another output.")
    with ExitStack() as stack:
        articles = stack.enter_context(Lines(Path(output)))
        failures = stack.enter_context(Lines(errors))
        before = articles.sources | failures.sources
        own = (Path(output).resolve(), errors.resolve())
        submit, workers = stack.enter_context(
            _cluster(dask, kept, seconds) if dask else _local(processes or _cores(), kept, seconds)
        )
        report = stack.enter_context(_Report(count_inputs(inputs, own), errors))
        started = time.monotonic()
        cleaned = empty = failed = 0

        def is_done(source: str) -> bool:
            if source not in before:
                return False
            report.step()
            return True

        others: set[str] = set()
        pages = read_inputs(inputs, is_done, own, others.add)
        for page, answer in _clean_all(submit, workers * PAGES_AHEAD, pages):
            if answer.problem is None:
                articles.add(_line(page, answer.body))
                cleaned += 1
                empty += not answer.has_article
            else:
                record = {"source": page.source, "url": page.url, "error": answer.problem}
                failures.add(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                failed += 1
                report.problem(page.source, answer.problem)
            report.step()
        before_this = report.steps - cleaned - failed
        return Summary(cleaned, empty, failed, before_this, time.monotonic() - started, len(others))


def errors_path(output: str) -> Path:
    """Where the bad pages of a run into `output` are listed."""
    path = Path(output)
    return path.with_name(path.name.removesuffix(".jsonl") + ".errors.jsonl")


def _check_output(output: str) -> None:
    """Raise BulkError for an output that a later run could not go on from."""
    path = Path(output)
    if not path.name or output == "-":
        raise BulkError(
            f"{output!r} is no name of a file to go on from. Name one for the output, such as -o articles.jsonl."
        )
    if path.name.lower().endswith(".gz"):
        raise BulkError(
            f"{output} would hold plain lines of JSON under the name of a compressed file. Name it without .gz, and "
            "compress it when the run is done."
        )
    for written in (path, errors_path(output)):
        # The lines of an earlier run would be read from it: of a device like /dev/full or /dev/zero, without end.
        if os.path.exists(written) and not os.path.isfile(written):
            raise BulkError(f"{written} is a folder, a device or a pipe: no file to go on from. Name another output.")


def _is_same_file(path: Path, other: str) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _clean_all(
    submit: Callable[[Input], Future[Answer]], window: int, pages: Iterator[Input]
) -> Iterator[tuple[Input, Answer]]:
    """Each page with its answer, in the order in which they are done."""
    running: dict[Future[Answer], Input] = {}
    more = True
    try:
        while more or running:
            while more and len(running) < window:
                page = next(pages, None)
                if page is None:
                    more = False
                elif page.problem is not None:
                    yield page, Answer(problem=page.problem)
                else:
                    # Of the page itself only what a report needs stays here.
                    running[submit(page)] = page._replace(html=None, text=None)
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                page = running.pop(future)
                yield page, _result(future)
    finally:
        for future in running:
            future.cancel()


def _line(page: Input, answer: bytes) -> bytes:
    """The service's answer for a page, with the page's source and id before it."""
    head = json.dumps({"source": page.source, "id": page.id or page.source}, ensure_ascii=False)
    return head[:-1].encode("utf-8", "replace") + b", " + answer[1:] + b"\n"


def _result(future: Future[Answer]) -> Answer:
    try:
        return future.result()
    except CancelledError:
        raise BulkError("The Dask scheduler has gone. Run the same command again to go on.") from None
    except NoWorker as error:
        raise BulkError(f"No process could be started ({error}). Run the same command again to go on.") from error
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            return Answer(problem="Several workers died while they had the page.")
        raise BulkError(f"A worker failed ({type(error).__name__}: {error}). Is Bodycopy installed there?") from error


def _task(page: Input, keep: Sequence[str]) -> tuple[bytes, bytes]:
    """The order for a page as JSON, and the page's bytes: what goes to another process or machine."""
    content = page.html if page.html is not None else page.text or ""
    charset = page.charset
    if isinstance(content, str):
        content, charset = mend(content).encode(), "utf-8"
    order = {
        "kind": "text" if page.html is None else "html",
        "url": page.url,
        "charset": charset,
        "keep": list(keep),
        "drop_texts": [],
        "format": "json",
    }
    return json.dumps(order).encode(), content


def clean_task(pool: Pool, order: bytes, page: bytes) -> Answer:
    """The answer for a page."""
    seconds, megabytes = pool.limits.seconds, pool.limits.megabytes
    try:
        facts, body = pool.run(json.loads(order), page, patient=True)
    except NoWorker:
        # Of no fault of the page, which a run that goes on later can clean.
        raise
    except TooSlow:
        return Answer(problem=f"The page took longer than {seconds:g} seconds.")
    except TooMuchMemory:
        return Answer(problem=f"The page needs more than {megabytes:,} MB of memory.")
    except Crashed:
        return Answer(problem="The page ended the process that cleaned it, twice; perhaps it ran out of memory.")
    except PoolError as error:
        return Answer(problem=f"The page could not be cleaned ({error}).")
    return Answer(body, facts.get("detail"), not facts.get("is_empty"))


@contextmanager
def _local(
    processes: int, keep: Sequence[str], seconds: float
) -> Iterator[tuple[Callable[[Input], Future[Answer]], int]]:
    with Pool(WORK, _limits(processes, seconds)) as pool:
        executor = ThreadPoolExecutor(processes)
        try:
            yield lambda page: executor.submit(clean_task, pool, *_task(page, keep)), processes
        finally:
            # Closing the pool ends what is in hand, and with it the threads.
            executor.shutdown(wait=False, cancel_futures=True)


def _limits(processes: int, seconds: float) -> Limits:
    return Limits(workers=processes, queue=0, seconds=seconds, megabytes=MAX_MEGABYTES)


# -- on a cluster ---------------------------------------------------------


@contextmanager
def _cluster(
    address: str, keep: Sequence[str], seconds: float
) -> Iterator[tuple[Callable[[Input], Future[Answer]], int]]:
    try:
        import distributed
    except ImportError:
        raise BulkError("A Dask cluster needs one more package: pip install 'bodycopy[dask]'") from None
    untyped: Any = distributed
    try:
        client: Any = untyped.Client(address, timeout=5, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise BulkError(f"No Dask scheduler answers at {address} ({error}).") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise BulkError(f"The Dask scheduler at {address} has no workers. Start some: dask worker {address}")
        executor = client.get_executor(pure=False)
        yield lambda page: executor.submit(clean_on_cluster, seconds, *_task(page, keep)), threads


def clean_on_cluster(seconds: float, order: bytes, page: bytes) -> Answer:
    """The same on a Dask worker, in processes of that machine."""
    with _on_cluster:
        pool = _pool_of(seconds)
    return clean_task(pool, order, page)


_on_cluster = threading.Lock()


@lru_cache(maxsize=1)
def _pool_of(seconds: float) -> Pool:
    """The pool of this Dask worker. Its processes are started as its threads need them, and end with it."""
    return Pool(WORK, _limits(_cores(), seconds))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Lines:
    """A JSONL file that only grows, by whole lines; `sources` are the pages that it already holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sources: set[str] = set()
        self._synced = 0.0
        self._file: io.FileIO

    def __enter__(self) -> Lines:
        try:
            self._file = self.path.open("ab", buffering=0)
        except OSError as error:
            raise BulkError(f"{self.path} cannot be written: {error.strerror}.") from None
        try:
            self._lock()
            self._go_on()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            os.fsync(self._file.fileno())
        finally:
            self._file.close()
            if self.path.stat().st_size == 0:
                self.path.unlink()

    def add(self, line: bytes) -> None:
        """Append a whole line."""
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) :]
            now = time.monotonic()
            if now - self._synced > SYNC_SECONDS:
                os.fsync(self._file.fileno())
                self._synced = now
        except OSError as error:
            raise BulkError(
                f"{self.path} cannot be written: {error.strerror}. Mend this and run the same command again to go on."
            ) from error

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BulkError(f"Another run is writing to {self.path}. Wait for it, or name another output.") from None

    def _go_on(self) -> None:
        """Read the sources that are there, and cut off a last line that a kill left half-written."""
        good = 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                source = _source_of(line)
                if source is not None:
                    self.sources.add(source)
                    good += len(line)
                elif line.endswith(b"\n") or not _is_half_written(line):
                    raise BulkError(
                        f"Line {number} of {self.path} is not from bodycopy bulk. Name another output or remove it."
                    )
        os.truncate(self.path, good)


_LINE_BEGINS = b'{"source": '


def _is_half_written(line: bytes) -> bool:
    """Whether a last line is the begin of one of ours, or the zeros that a file system leaves after a power loss."""
    return line.startswith(_LINE_BEGINS) or _LINE_BEGINS.startswith(line) or not line.strip(b"\0")


def _source_of(line: bytes) -> str | None:
    """The page that a line is about; None for a line that is none of ours or not whole."""
    if not line.startswith(_LINE_BEGINS) or not line.endswith(b"}\n"):
        return None
    try:
        given = line.removeprefix(_LINE_BEGINS)[:20_000].decode("utf-8", "ignore")
        source, _ = json.JSONDecoder().raw_decode(given)
    except ValueError:
        return None
    return source if isinstance(source, str) else None


class _Report:
    """The progress bar, where there is a terminal, and the first bad pages."""

    def __init__(self, total: int | None, errors: Path) -> None:
        from tqdm import tqdm

        self.steps = 0
        self._problems = 0
        self._errors = errors
        self._bar: tqdm[Never] = tqdm(total=total, unit=" pages", disable=None, smoothing=0.05)

    def __enter__(self) -> _Report:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def step(self) -> None:
        self.steps += 1
        self._bar.update()

    def problem(self, source: str, problem: str) -> None:
        self._problems += 1
        if self._problems <= MAX_REPORTS:
            self._bar.write(f"{source}: {problem}", file=sys.stderr)
        elif self._problems == MAX_REPORTS + 1:
            self._bar.write(f"More bad pages are listed in {self._errors}.", file=sys.stderr)
