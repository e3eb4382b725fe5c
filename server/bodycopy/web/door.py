"""Who may come in, decided from the headers alone: Host, then Origin, then Sec-Fetch-Site, then the token.

Neither CORS nor the browsers' local network access keeps a web page from posting a
form to a server on this machine, and DNS rebinding makes any page same-origin.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from .errors import Problem
from .settings import Settings, host_names, web_origins

EXTENSION_ORIGINS = (
    re.compile(r"^chrome-extension://[a-p]{32}$"),
    re.compile(r"^moz-extension://[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    re.compile(r"^safari-web-extension://[0-9A-Fa-f-]{36}$"),
)
LOCALHOST_ORIGINS = (re.compile(r"^https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?$"),)
_HOST = re.compile(r"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$")
_OPEN_PATHS = frozenset({"/", "/docs", "/openapi.json", "/healthz"})
_SAFE = frozenset({"GET", "HEAD"})


class Door:
    """The checks, for one set of settings."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.token.encode()
        names = {"127.0.0.1", "localhost", "[::1]", *host_names(settings.allowed_hosts)}
        if settings.host not in ("0.0.0.0", "::", ""):
            names.add(_bracketed(settings.host.lower()))
        self._hosts = frozenset(names)
        self.origins: list[re.Pattern[str]] = [
            # Safari writes its extensions' ids in capitals.
            re.compile("^" + re.escape(origin) + "$", re.IGNORECASE)
            for origin in web_origins(settings.allowed_origins)
        ]
        if settings.extension_origins:
            self.origins += EXTENSION_ORIGINS
        if settings.localhost_origins:
            self.origins += LOCALHOST_ORIGINS

    def check(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Raise Problem if the request may not come in. `headers` is read with names in lower case."""
        self._check_host(headers.get("host", ""))
        is_open = method in _SAFE and (path in _OPEN_PATHS or path.startswith("/static/"))
        if is_open or method == "OPTIONS":
            return
        self._check_site(headers)
        # The page for people carries its token in the form, since a plain form cannot send a header.
        if path != "/":
            self.check_token(headers.get("authorization", ""))

    def check_token(self, authorization: str) -> None:
        """Raise Problem unless `authorization` carries the token, if there is one."""
        if not self._token:
            return
        scheme, _, given = authorization.partition(" ")
        # Headers arrive as Latin-1; compare_digest takes only ASCII text, but any bytes.
        matches = hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._token)
        if scheme.lower() == "bearer" and matches:
            return
        if authorization:
            detail = "The token is not the one this service was started with. Check it against BODYCOPY_TOKEN."
        else:
            detail = "Send the header `Authorization: Bearer TOKEN` with the token this service was started with."
        raise Problem("unauthorized", detail)

    def _check_host(self, host: str) -> None:
        match = _HOST.match(host)
        if match and ("*" in self._hosts or match[1].lower() in self._hosts):
            return
        if not match:
            raise Problem("host-not-allowed", "The header Host is not one host's name. Send the one of this service.")
        raise Problem(
            "host-not-allowed",
            "The service was called by a name it does not know. If the name is right, add it to BODYCOPY_ALLOWED_HOSTS and "
            "start the service again; behind a proxy, let that pass on the header Host.",
        )

    def _check_site(self, headers: Mapping[str, str]) -> None:
        origin = headers.get("origin")
        if origin is None:
            if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
                return
        elif self.allows(origin) or _same_host(origin, headers.get("host", "")):
            return
        raise Problem(
            "origin-not-allowed",
            "Only browser extensions and pages of this machine may call the service. To let another web page in, add "
            "its address to BODYCOPY_ALLOWED_ORIGINS and start the service again.",
        )

    def allows(self, origin: str) -> bool:
        """`origin` is a browser extension, or named in the settings."""
        return any(pattern.match(origin) and not origin.endswith("\n") for pattern in self.origins)


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def _same_host(origin: str, host: str) -> bool:
    """The page came from this service; its name has passed the Host check."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc.lower() == host.lower()
