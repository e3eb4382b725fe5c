"""Several machines with one Redis."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess

import pytest

from .conftest import HTML, PAGE, PATIENCE, eventually
from .test_running import post


@pytest.fixture
def redis(tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian: redis-server)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def is_there():
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
            return True
        return False

    try:
        assert eventually(is_there)
        yield process, f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_request_counted_by_one_instance_is_counted_by_the_other(start, redis):
    process, address = redis
    settings = {"rate_limit": "3/hour", "rate_storage": address, "workers": 1}
    first, second = start(**settings), start(**settings)
    assert [post(s, PAGE, headers=HTML)[0] for s in (first, second, first)] == [200, 200, 200]
    for service in (first, second):
        status, headers, _ = post(service, PAGE, headers=HTML)
        assert status == 429
        assert int(headers["Retry-After"]) > 0
    process.kill()
    process.wait()
    # Without Redis each machine counts for itself.
    assert post(second, PAGE, headers=HTML)[0] == 200
