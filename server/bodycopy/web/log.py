"""One line a request, with its id, and never a word of a page, an address of one, or a token."""

from __future__ import annotations

import json
import logging
import os
import sys
import time

from .settings import unknown_names

LOGGER = logging.getLogger("bodycopy")


class _Line(logging.Formatter):
    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if self.as_json:
            return json.dumps(fields)
        return " ".join(f"{name}={_quoted(value)}" for name, value in fields.items())


def _quoted(value: object) -> str:
    text = str(value)
    return text if text and not set(text) & set(' "=\n\r\t') and text.isprintable() else json.dumps(text)


def begin(form: str) -> None:
    """Send the service's own lines to standard error, and name variables that are no settings.

    Before all that can fail: a name that was mistyped is the reason, where a setting seems not to be given.
    """
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(_Line(form == "json"))
    LOGGER.handlers[:] = [output]
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    # The server's own messages quote requests.
    logging.getLogger("waitress").setLevel(logging.CRITICAL + 1)
    logging.getLogger("waitress.queue").setLevel(logging.CRITICAL + 1)
    for name, nearest in unknown_names(os.environ).items():
        write("setting-unknown", logging.WARNING, name=name, **({"nearest": nearest} if nearest else {}))


def write(event: str, level: int = logging.INFO, **fields: object) -> None:
    LOGGER.log(level, event, extra={"fields": fields})
