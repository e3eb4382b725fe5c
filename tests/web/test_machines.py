"""Several machines with one Redis."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess

import pytest

from .conftest import HTML, PAGE, PATIENCE, eventually
from .test_running import post


class Redis:
    """A Redis on a port of its own."""

    def __init__(self, folder):
        self._program = shutil.which("redis-server")
        if self._program is None:
            pytest.skip("redis-server is not installed (Debian: redis-server)")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder = folder
        self.address = f"redis://127.0.0.1:{self._port}"
        self.start()

    def start(self):
        command = [self._program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen([*command, "--dir", str(self._folder)], stdout=subprocess.DEVNULL)
        assert eventually(self._is_there)

    def _is_there(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE).close()
            return True
        return False

    def end(self):
        self._process.kill()
        self._process.wait()


@pytest.fixture
def redis(tmp_path):
    redis = Redis(tmp_path)
    yield redis
    redis.end()


def test_request_counted_by_one_instance_is_counted_by_the_other(start, redis):
    settings = {"rate_limit": "3/hour", "rate_storage": redis.address, "workers": 1}
    first, second = start(**settings), start(**settings)
    assert [post(s, PAGE, headers=HTML)[0] for s in (first, second, first)] == [200, 200, 200]
    for service in (first, second):
        status, headers, _ = post(service, PAGE, headers=HTML)
        assert status == 429
        assert int(headers["Retry-After"]) > 0
    redis.end()
    # Without Redis each machine counts for itself.
    assert post(second, PAGE, headers=HTML)[0] == 200


def test_log_says_once_that_redis_is_out_of_reach_and_once_that_it_is_back(start, redis):
    service = start(rate_limit="1000/hour", rate_storage=redis.address, workers=1)

    def said():
        assert post(service, PAGE, headers=HTML)[0] == 200
        return re.findall(r"level=(\w+) event=rate-storage-(\w+)", service.log)

    assert said() == []
    redis.end()
    assert eventually(lambda: said() == [("warning", "lost")])
    redis.start()
    assert eventually(lambda: said() == [("warning", "lost"), ("info", "back")])
    assert said() == [("warning", "lost"), ("info", "back")]
    assert redis.address not in service.log
