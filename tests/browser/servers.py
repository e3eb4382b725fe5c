"""Loopback servers for the browser tests: the news site, a service with prepared answers, the real service."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent.parent
MAX_WAIT_SECONDS = 120
"""For whatever a browser or the service does within a second on a machine that has nothing else to do."""


def _png(width: int, height: int) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x8a\x9c\xa8" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PNG = _png(640, 360)


class Site:
    """Pages by path. /picture… is a small image that any origin may fetch; /hang… is answered once `release` is set."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.pages: dict[str, tuple[bytes, dict[str, str]]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                headers = {"Content-Type": "text/html; charset=utf-8"}
                if path.startswith("/hang"):
                    site.release.wait(MAX_WAIT_SECONDS)
                if path.startswith("/picture"):
                    body, headers = PNG, {"Content-Type": "image/png", "Access-Control-Allow-Origin": "*"}
                elif path in site.pages:
                    body, extra = site.pages[path]
                    headers.update(extra)
                else:
                    self.send_error(404)
                    return
                self.send_response(302 if "Location" in headers else 200)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def add(self, path: str, html: str | bytes, **headers: str) -> str:
        """Serves `html` at `path`; its address."""
        body = html.encode() if isinstance(html, str) else html
        self.pages[path] = (body, {name.replace("_", "-"): value for name, value in headers.items()})
        return self.base + path

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


class Prepared:
    """A service that answers what a test tells it to, in the form of the API."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: Any = {}
        self.headers: dict[str, str] = {}
        self.requests: list[dict[str, Any]] = []
        self.token = ""
        self.refuses = False
        """Whether it lets no other origin read what it says."""
        self.breaks_off = False
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_OPTIONS(self) -> None:
                self.reply(204, None, {})

            def do_GET(self) -> None:
                self.reply(200, {"status": "ok", "version": "0.1.0", "auth_required": bool(service.token)}, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                request = json.loads(body)
                service.requests.append({"headers": dict(self.headers), **request})
                if service.token and self.headers.get("Authorization") != f"Bearer {service.token}":
                    self.reply(401, {"title": "Unauthorized", "detail": "A token is needed."}, {})
                else:
                    answer = service.answer(request) if callable(service.answer) else service.answer
                    self.reply(service.status, answer, service.headers)

            def reply(self, status: int, answer: Any, headers: dict[str, str]) -> None:
                body = b"" if answer is None else answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                allow = {
                    "Access-Control-Allow-Origin": self.headers.get("Origin", "*"),
                    "Access-Control-Allow-Headers": self.headers.get("Access-Control-Request-Headers", ""),
                    "Access-Control-Expose-Headers": "Retry-After",
                    "Content-Type": "application/json",
                    "Content-Length": str(len(body)),
                }
                for name, value in {**allow, **headers}.items():
                    if not (service.refuses and name.startswith("Access-Control")):
                        self.send_header(name, value)
                self.end_headers()
                cut = service.breaks_off and self.command == "POST"
                self.wfile.write(body[: len(body) // 2] if cut else body)
                self.close_connection = self.close_connection or cut

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        self.status, self.headers, self.token = 200, {}, ""
        self.refuses = self.breaks_off = False
        self.requests.clear()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def real_service(port: int | None = None) -> Iterator[str]:
    """`bodycopy serve` on a port, a free one where none is given; its address."""
    port = port or free_port()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    command = [sys.executable, "-m", "bodycopy.cli", "serve", "--port", str(port)]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            _await_health(base, process, said)
            yield base
        finally:
            process.terminate()
            process.wait(60)


def _await_health(base: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    end = time.monotonic() + MAX_WAIT_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=10).read()
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > end:
                said.seek(0)
                words = said.read().decode(errors="replace")
                raise RuntimeError(f"`bodycopy serve` did not start: {words}") from error
            time.sleep(0.1)
