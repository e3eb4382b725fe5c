"""Numbers for Prometheus, if they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..pool import Pool


class Metrics:
    """Counts nothing: what is used while the setting is off."""

    def request(self, route: str, status: int, seconds: float) -> None:
        """A request was answered."""

    def page(self, outcome: str, removed: Mapping[str, int]) -> None:
        """A page was done; `outcome` is `ok` or a problem's name."""

    def text(self) -> tuple[bytes, str]:
        """The metrics and their media type."""
        return b"", "text/plain"


class Prometheus(Metrics):
    """Counts into a registry of its own. Raises ValueError if prometheus-client is not installed."""

    def __init__(self, pool: Pool) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Histogram
            from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
        except ImportError:
            raise ValueError("BODYCOPY_METRICS needs a package: pip install 'bodycopy[metrics]'.") from None
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "bodycopy_requests", "Requests answered.", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "bodycopy_request_seconds", "Time to answer a request.", ["route"], registry=self._registry
        )
        self._pages = Counter("bodycopy_pages", "Pages done.", ["outcome"], registry=self._registry)
        self._removed = Counter("bodycopy_blocks_removed", "Blocks removed.", ["label"], registry=self._registry)

        class OfPool:
            def collect(self) -> Iterable[Any]:
                yield GaugeMetricFamily("bodycopy_queue", "Pages that wait for a worker.", pool.waiting)
                yield GaugeMetricFamily("bodycopy_workers_busy", "Workers at work.", pool.busy)
                yield CounterMetricFamily("bodycopy_worker_kills", "Workers killed for their time.", pool.kills)
                yield CounterMetricFamily("bodycopy_worker_crashes", "Workers that died.", pool.crashes)

        self._registry.register(OfPool())

    def request(self, route: str, status: int, seconds: float) -> None:
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def page(self, outcome: str, removed: Mapping[str, int]) -> None:
        self._pages.labels(outcome).inc()
        for label, count in removed.items():
            self._removed.labels(label).inc(count)

    def text(self) -> tuple[bytes, str]:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST
