"""Every setting of the service, as data: environment variable, `serve` flag and documentation come from here."""

from __future__ import annotations

import argparse
import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from ..page import MAX_PAGE_BYTES

PREFIX = "BODYCOPY_"
BODY_ROOM = 65_536
"""Bytes of a request's body for what is not the page."""
_SITE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-][a-z0-9._-]*)(?P<port>:[0-9]{1,5})?"
    r"(?P<rest>/.*)?"
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_ORIGIN_SCHEMES = frozenset({"http", "https", "chrome-extension", "moz-extension", "safari-web-extension"})


class Setting(NamedTuple):
    """One row of the table."""

    name: str
    default: int | float | str | bool
    help: str
    least: float = 0
    """Smallest value of a number."""

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    def parse(self, value: str) -> Any:
        """The text of a flag or variable as a value. Raises ValueError that says what was expected."""
        default = self.default
        if isinstance(default, bool):
            if value.lower() in ("1", "true", "yes", "on"):
                return True
            if value.lower() in ("0", "false", "no", "off", ""):
                return False
            raise ValueError(f"{self.variable} must be on or off, not {value!r}.")
        if isinstance(default, str):
            return value
        try:
            out = type(default)(value.replace("_", ""))
        except ValueError:
            raise ValueError(f"{self.variable} must be a number, not {value!r}.") from None
        if not self.least <= out < float("inf"):
            raise ValueError(f"{self.variable} must be at least {self.least:g}, not {value}.")
        return out


SETTINGS = (
    Setting("host", "127.0.0.1", "address to listen on; any but this machine's own needs a token"),
    Setting("port", 8347, "port to listen on; 0 takes a free one"),
    Setting("token", "", "clients must send it as `Authorization: Bearer …`; empty: none is asked for"),
    Setting("allowed_hosts", "", "further names it is called by, with commas: `reader.example.org`; `*` allows any"),
    Setting("allowed_origins", "", "further pages that may call it, with commas: `https://news.example.org`; no `*`"),
    Setting("extension_origins", True, "browser extensions may call it"),
    Setting("localhost_origins", True, "pages served from this machine may call it"),
    Setting("proxies", 0, "how many proxies stand in front; their X-Forwarded-For is believed then"),
    Setting("rate_limit", "600/minute", "requests for each client, a batch being one; or empty for no limit"),
    Setting("rate_storage", "memory://", "where it is counted; `redis://…` for several machines (bodycopy[redis])"),
    Setting("max_bytes", 10_000_000, "size limit of a page, after decompression", 1_000),
    Setting("max_batch", 1_000, "pages in one batch", 1),
    Setting("traffic_megabytes", 256, "memory for all bodies and answers on their way; a body over it is told 503", 1),
    Setting("workers", 0, "worker processes; 0: one for each core, at most 4"),
    Setting("queue", 0, "requests that may wait for a worker; 0: two for each worker"),
    Setting("page_seconds", 10.0, "a page that takes longer is stopped", 0.1),
    Setting("worker_megabytes", 1_024, "memory a page may take; 0: no limit"),
    Setting("worker_pages", 1_000, "pages after which a worker is replaced by a fresh one", 1),
    Setting("idle_seconds", 15, "a connection that is silent for longer is closed", 1),
    Setting("stop_seconds", 15.0, "the longest that a stop takes; pages not done after 70 % of it are told 503", 1),
    Setting("metrics", False, "serve Prometheus metrics at /metrics (bodycopy[metrics])"),
    Setting("log_format", "text", "`text` or `json`; one line a request, to standard error"),
)


@dataclass(frozen=True)
class Settings:
    """The settings' values. Field names and defaults are those of SETTINGS."""

    host: str = "127.0.0.1"
    port: int = 8347
    token: str = ""
    allowed_hosts: str = ""
    allowed_origins: str = ""
    extension_origins: bool = True
    localhost_origins: bool = True
    proxies: int = 0
    rate_limit: str = "600/minute"
    rate_storage: str = "memory://"
    max_bytes: int = 10_000_000
    max_batch: int = 1_000
    traffic_megabytes: int = 256
    workers: int = 0
    queue: int = 0
    page_seconds: float = 10.0
    worker_megabytes: int = 1_024
    worker_pages: int = 1_000
    idle_seconds: int = 15
    stop_seconds: float = 15.0
    metrics: bool = False
    log_format: str = "text"

    @property
    def worker_count(self) -> int:
        return self.workers or min(4, _cores())

    @property
    def queue_length(self) -> int:
        return self.queue or 2 * self.worker_count

    @property
    def body_limit(self) -> int:
        """Bytes of a request's body: JSON doubles a page that is all quotation marks and line ends."""
        return 2 * self.max_bytes + BODY_ROOM

    @property
    def is_public(self) -> bool:
        """Another machine could reach the address listened on."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return True

    def check(self) -> None:
        """Raise ValueError, saying what to do, if these settings cannot be served safely."""
        if self.is_public and not self.token:
            raise ValueError(
                f"Not starting: on {self.host} other machines could use this service, and no token is set. "
                "Set BODYCOPY_TOKEN (or --token) to a long secret, for example the output of `openssl rand -hex 24`; "
                "or listen on 127.0.0.1 only, which is the default."
            )
        if any(not 0x21 <= ord(c) <= 0x7E for c in self.token):
            raise ValueError("BODYCOPY_TOKEN may hold only printable ASCII characters without spaces.")
        if self.log_format not in ("text", "json"):
            raise ValueError(f"BODYCOPY_LOG_FORMAT must be text or json, not {self.log_format!r}.")
        if self.max_bytes > MAX_PAGE_BYTES:
            raise ValueError(f"BODYCOPY_MAX_BYTES must be at most {MAX_PAGE_BYTES:,}, not {self.max_bytes:,}.")
        if self.traffic_megabytes * 1_000_000 < self.body_limit:
            raise ValueError(
                f"BODYCOPY_TRAFFIC_MEGABYTES must be at least {self.body_limit // 1_000_000 + 1}, not "
                f"{self.traffic_megabytes}: one body may be twice as large as BODYCOPY_MAX_BYTES."
            )
        if self.port > 65_535:
            raise ValueError(f"BODYCOPY_PORT must be at most 65535, not {self.port}.")
        host_names(self.allowed_hosts)
        web_origins(self.allowed_origins)


def host_names(value: str) -> list[str]:
    """The names in BODYCOPY_ALLOWED_HOSTS as the header Host has them, less ports. ValueError for what is none."""
    return [_host_name(entry) for entry in _entries(value)]


def web_origins(value: str) -> list[str]:
    """The pages in BODYCOPY_ALLOWED_ORIGINS as the header Origin has them. ValueError for what would never match."""
    return [_web_origin(entry) for entry in _entries(value)]


def _entries(value: str) -> list[str]:
    return [entry.strip().lower() for entry in value.split(",") if entry.strip()]


def _host_name(entry: str) -> str:
    if entry == "*":
        return entry
    try:
        return f"[{ipaddress.IPv6Address(entry)}]"
    except ValueError:
        site = _SITE.fullmatch(entry)
    # The service is told by its name alone, so a scheme and a port, as copied from a browser, change nothing.
    if site and site["scheme"] in (None, "http", "https") and site["rest"] in (None, "/"):
        return site["host"]
    instead = f"`{site['host']}` in its place" if site else "names such as `reader.example.org`, with commas"
    raise ValueError(f"BODYCOPY_ALLOWED_HOSTS: `{entry}` is no name that a service is called by. Write {instead}.")


def _web_origin(entry: str) -> str:
    if entry == "*":
        raise ValueError(
            "BODYCOPY_ALLOWED_ORIGINS: `*` would let every page that is open in a browser use this service. Write the "
            "pages that may, such as `https://news.example.org`, with commas."
        )
    site = _SITE.fullmatch(entry)
    if site and site["scheme"] in _ORIGIN_SCHEMES and site["rest"] in (None, "/"):
        # Browsers leave it out.
        port = "" if site["port"] == _DEFAULT_PORTS.get(site["scheme"]) else site["port"] or ""
        return f"{site['scheme']}://{site['host']}{port}"
    instead = "pages such as `https://news.example.org`, with commas"
    if site and site["scheme"] in (None, *_ORIGIN_SCHEMES) and entry != "null":
        instead = f"`{site['scheme'] or 'https'}://{site['host']}{site['port'] or ''}` in its place"
    raise ValueError(
        f"BODYCOPY_ALLOWED_ORIGINS: `{entry}` is not what a browser calls a page's origin. Write {instead}."
    )


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from BODYCOPY_* variables. Raises ValueError for one that cannot be read."""
    environment = os.environ if environment is None else environment
    given = {s.name: s.parse(environment[s.variable]) for s in SETTINGS if s.variable in environment}
    return Settings(**given)


def unknown_names(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables that look like settings and are none, each with the setting that its name is nearest to, or nothing."""
    known = {setting.name: setting.variable for setting in SETTINGS}
    unknown = [name for name in sorted(environment) if name.upper().startswith(PREFIX) and name not in known.values()]
    out = {}
    for name in unknown:
        nearest = difflib.get_close_matches(name[len(PREFIX) :].lower(), known, n=1, cutoff=0.5)
        out[name] = known[nearest[0]] if nearest else ""
    return out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A flag for each setting; one that is not given is taken from the environment."""
    for setting in SETTINGS:
        default = setting.default
        shown = ("on" if default else "off") if isinstance(default, bool) else str(default) or "empty"
        switch: dict[str, Any] = {"nargs": "?", "const": "on"} if isinstance(default, bool) else {}
        parser.add_argument(
            setting.flag,
            dest=setting.name,
            metavar="VALUE",
            help=f"{setting.help} ({setting.variable}, default: {shown})".replace("%", "%%"),
            **switch,
        )


def from_args(args: argparse.Namespace) -> Settings:
    """Settings from parsed flags, then the environment. Raises ValueError for one that cannot be read."""
    environment = dict(os.environ)
    for setting in SETTINGS:
        value = getattr(args, setting.name, None)
        if value is not None:
            environment[setting.variable] = value
    return from_environment(environment)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if [f.name for f in fields(Settings)] != [s.name for s in SETTINGS]:
    raise AssertionError("Settings and SETTINGS name different settings.")
