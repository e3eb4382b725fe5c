"""Worker processes: limited, killed, replaced, and never in each other's way."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import bodycopy.pool
import bodycopy.worker
import pytest
from bodycopy.pool import Busy, Crashed, Limits, NoWorker, Pool, PoolError, TooMuchMemory, TooSlow
from bodycopy.worker import place

from .conftest import PATIENCE, eventually


@pytest.fixture
def make():
    pools = []

    def start(work="web.works:plain", starts=True, **limits):
        pool = Pool(work, Limits(**{"workers": 1, "queue": 1, "seconds": 60.0, **limits}))
        pools.append(pool)
        if starts:
            pool.start()
        return pool

    yield start
    for pool in pools:
        pool.close()


def pid_of(pool):
    return pool.run({}, b"x", patient=True)[0]["pid"]


def test_page_comes_back_from_another_process(make):
    facts, body = make().run({}, b"page")
    assert body == b"page"
    assert facts["pid"] != os.getpid()


def test_any_bytes_go_there_and_back_whole(make):
    pool = make()
    for page in (b"", b"\0\xff\r\n", os.urandom(10_000_000)):
        assert pool.run({"text": "\ud800 \u2028 ✓"}, page)[1] == page


def test_answer_that_could_not_be_read_is_not_taken_for_that_of_the_next_page(make, monkeypatch):
    pool = make()
    pid_of(pool)
    read, sizes = bodycopy.worker._exactly, []

    def fail_at_the_body(pipe, size):
        sizes.append(size)
        if len(sizes) == 3:
            raise MemoryError
        return read(pipe, size)

    monkeypatch.setattr(bodycopy.worker, "_exactly", fail_at_the_body)
    with pytest.raises(MemoryError):
        pool.run({}, b"first")
    assert pool.run({}, b"second")[1] == b"second"
    with pytest.raises(TypeError):
        pool.run({"not JSON": object()}, b"third")
    assert pool.run({}, b"fourth")[1] == b"fourth"


def test_what_a_library_prints_or_logs_gets_neither_between_the_answers_nor_into_the_log(make, capfd):
    pool = make("web.works:talkative")
    assert [pool.run({}, b"canary %d" % n)[1] for n in range(3)] == [b"canary %d" % n for n in range(3)]
    pool.close()
    assert "logged" not in capfd.readouterr().err


def test_worker_does_not_know_the_token(make, monkeypatch):
    monkeypatch.setenv("BODYCOPY_TOKEN", "s3cret")
    assert "s3cret" not in make().run({}, b"x").facts["environment"].values()


def test_workers_start_when_they_are_needed_and_no_sooner(make):
    pool = make(workers=8, starts=False)
    assert len({pid_of(pool) for _ in range(5)}) == 1


def test_closing_ends_the_page_in_hand_and_tells_its_caller(make):
    pool = make(workers=1, queue=1)
    pid_of(pool)
    with ThreadPoolExecutor(2) as threads:
        pages = [threads.submit(pool.run, {}, b"hang") for _ in range(2)]
        assert eventually(lambda: pool.busy == 1 and pool.waiting == 1)
        pool.close()
        assert all(isinstance(page.exception(), Busy) for page in pages)
    assert pool.crashes == 0


def test_work_that_cannot_be_loaded_is_an_error_and_no_endless_wait(make):
    pool = make("web.works:missing")
    with pytest.raises(Crashed):
        pool.run({}, b"x")


def test_slow_page_is_killed_and_the_worker_replaced(make):
    pool = make(seconds=2.0)
    before = pid_of(pool)
    with pytest.raises(TooSlow):
        pool.run({}, b"hang")
    assert pool.kills == 1
    assert pid_of(pool) != before


@pytest.fixture
def slow_start(tmp_path, monkeypatch):
    """A file with the seconds that `work_slow_to_start` takes to start."""
    path = tmp_path / "seconds"
    monkeypatch.setenv("SLOW_START", str(path))
    return path


def test_time_to_start_is_not_the_pages_own(make, slow_start, monkeypatch):
    monkeypatch.setattr(bodycopy.pool, "_PATIENT_SECONDS", PATIENCE)
    slow_start.write_text("1.5")
    assert make("web.work_slow_to_start:run", seconds=1.0).run({}, b"page")[1] == b"page"


def test_page_waits_no_longer_for_a_worker_to_start_than_for_one_to_be_free(make, slow_start, monkeypatch):
    monkeypatch.setattr(bodycopy.pool, "_PATIENT_SECONDS", 0.5)
    slow_start.write_text("2.5")
    pool = make("web.work_slow_to_start:run", seconds=1.0)
    with pytest.raises(Busy):
        pool.run({}, b"early")
    assert pool.crashes == pool.kills == 0
    assert pool.run({}, b"patient", patient=True)[1] == b"patient"
    assert slow_start.with_name("starts").read_text() == "x", "it went on starting meanwhile"


def test_worker_that_never_starts_is_given_up(make, slow_start, monkeypatch):
    monkeypatch.setattr(bodycopy.pool, "_START_SECONDS", 0.3)
    slow_start.write_text("60")
    pool = make("web.work_slow_to_start:run")
    with pytest.raises(Crashed):
        pool.run({}, b"x")
    assert pool.crashes == 2


def test_closing_does_not_wait_for_a_worker_to_start(make, slow_start):
    slow_start.write_text("60")
    pool = make("web.work_slow_to_start:run")
    with ThreadPoolExecutor(1) as threads:
        page = threads.submit(pool.run, {}, b"x")
        assert eventually(lambda: pool.busy == 1)
        pool.close()
        assert isinstance(page.exception(PATIENCE), Busy)
    assert pool.crashes == 0


def test_both_tries_of_a_page_together_have_its_time(make, tmp_path):
    pool = make(seconds=4.0)
    first = pid_of(pool)
    mark = tmp_path / "mark"
    with ThreadPoolExecutor(1) as threads:
        page = threads.submit(pool.run, {}, b"hang once, then sleep [%s]" % bytes(mark))
        assert eventually(mark.exists)
        # More than is left then for the second try.
        time.sleep(2)
        os.kill(first, signal.SIGKILL)
        assert isinstance(page.exception(), TooSlow)
    assert (pool.crashes, pool.kills) == (1, 1)


def test_hanging_page_disturbs_no_other(make):
    pool = make(workers=2, queue=40)
    with ThreadPoolExecutor(21) as threads:
        hung = threads.submit(pool.run, {}, b"hang")
        others = [threads.submit(pool.run, {}, b"%d" % n) for n in range(20)]
        assert [f.result()[1] for f in others] == [b"%d" % n for n in range(20)]
        assert pool.busy == 1
        pool.close()
        assert isinstance(hung.exception(), Busy)


def no_process(*_, **__):
    raise BlockingIOError("Resource temporarily unavailable")


def no_thread(_):
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize(("what", "fails"), [("subprocess.Popen", no_process), ("threading.Thread.start", no_thread)])
@pytest.mark.parametrize("before", ["never started", "idle", "killed"])
def test_page_for_which_the_system_has_no_process_or_thread_is_told_so_and_the_next_is_done(make, what, fails, before):
    pool = make(starts=before != "never started")
    if before != "never started":
        pid = pid_of(pool)
    if before == "killed":
        os.kill(pid, signal.SIGKILL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(what, fails)
        if before == "idle" and what == "subprocess.Popen":
            assert pid_of(pool) == pid
        else:
            with pytest.raises(NoWorker, match=r"^(BlockingIOError|RuntimeError)$"):
                pool.run({}, b"x")
    assert pool.run({}, b"next")[1] == b"next"
    assert pool.busy == 0


def test_page_that_ends_its_worker_is_tried_once_more(make):
    pool = make()
    with pytest.raises(Crashed):
        pool.run({}, b"crash")
    assert pool.crashes == 2
    assert pool.run({}, b"next")[1] == b"next"


def test_worker_killed_from_outside_costs_no_page(make, tmp_path):
    pool = make()
    first = pid_of(pool)
    mark = tmp_path / "mark"
    page = b"hang once [%s]" % bytes(mark)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(pool.run, {}, page)
        assert eventually(mark.exists)
        os.kill(first, signal.SIGKILL)
        assert answer.result()[1] == page
    os.kill(pid_of(pool), signal.SIGKILL)
    assert pool.run({}, b"next")[1] == b"next"


def test_stopped_worker_counts_as_slow(make):
    pool = make(seconds=1.0)
    os.kill(pid_of(pool), signal.SIGSTOP)
    with pytest.raises(TooSlow):
        pool.run({}, bytes(5_000_000))
    assert pool.run({}, b"next", patient=True)[1] == b"next"


def test_page_over_the_memory_limit_is_told_so(make):
    pool = make("web.works:run", megabytes=300)
    with pytest.raises(TooMuchMemory):
        pool.run({}, b"please eat")


def test_worker_is_replaced_after_its_pages(make):
    pool = make(pages=3)
    assert len({pid_of(pool) for _ in range(9)}) == 3


def test_queue_is_bounded_and_a_patient_caller_waits_outside_it(make, tmp_path):
    pool = make(queue=1)
    let_go = tmp_path / "go"
    with ThreadPoolExecutor(5) as threads:
        threads.submit(pool.run, {}, b"wait [%s]" % bytes(let_go))
        assert eventually(lambda: pool.busy == 1)
        patient = [threads.submit(pool.run, {}, b"patient", True) for _ in range(2)]
        assert eventually(lambda: pool.waiting == 2)
        waiting = threads.submit(pool.run, {}, b"waiting")
        assert eventually(lambda: pool.waiting == 3)
        with pytest.raises(Busy):
            pool.run({}, b"too many")
        let_go.touch()
        assert [page.result()[1] for page in (*patient, waiting)] == [b"patient", b"patient", b"waiting"]


@pytest.mark.parametrize("is_stopped", [False, True])
def test_closed_pool_leaves_no_process(make, is_stopped):
    pool = make(workers=1)
    pid = pid_of(pool)
    if is_stopped:
        os.kill(pid, signal.SIGSTOP)
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(Busy):
        pool.run({}, b"x")


def test_error_names_its_place_and_not_its_message(make):
    with pytest.raises(PoolError, match=r"^RuntimeError at works\.py:\d+$"):
        make("web.works:run").run({}, b"please fail canary")
    try:
        raise ValueError("canary")
    except ValueError as error:
        assert "canary" not in place(error)


def test_many_threads_share_few_workers(make):
    pool = make(workers=2, queue=100)
    done = []
    threads = [
        threading.Thread(target=lambda n=n: done.append(pool.run({}, b"%d" % n)[1] == b"%d" % n)) for n in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 50
