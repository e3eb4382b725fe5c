"""The service. Flask is imported only below this package, and only when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from .settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application for another WSGI server, with its log; settings come from the environment if none are given."""
    from . import log
    from .app import create_app as create
    from .settings import from_environment

    settings = settings or from_environment()
    log.begin(settings.log_format)
    return create(settings)


def serve(settings: Settings | None = None) -> int:
    """Run the service until it is told to stop. Raises ValueError for settings that would not be safe."""
    from .server import serve as run

    return run(settings)
