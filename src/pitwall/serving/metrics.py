"""What Prometheus scrapes: requests and their times, versions, the age of the data, and what the run store counts.

With several workers the numbers of all of them are added up, through files of a folder: prometheus_client reads its variable
when it is imported, and other packages set that one too, so ours says whether these are workers of one server.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series of each counter that nobody asks for
FOLDER, SHARED = "PROMETHEUS_MULTIPROC_DIR", "PITWALL_SERVE_METRICS"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
COUNTED = {
    "experiments_created": "experiments in the run store",
    "runs_logged": "runs in the run store, nested ones too",
    "models_registered": "names in the registry",
}
WATCHED = {
    "alarms_open": "alarms on the newest page of the monitoring",
    "monitoring_age_s": "seconds since the instant of that page",
}


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "pitwall_requests",
            "requests by route, method and status",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "pitwall_request_seconds", "time of an answer by route", ["route"], buckets=SECONDS, registry=self._registry
        )
        self._swaps = Counter(
            "pitwall_swaps",
            "versions that were named live, by what became of them",
            ["model", "outcome"],
            registry=self._registry,
        )
        self._cache = Counter(
            "pitwall_cache", "answers by whether they were remembered", ["found"], registry=self._registry
        )
        self._unlogged = Counter(
            "pitwall_not_logged", "answers withheld as they could not be logged", registry=self._registry
        )
        self._shadows = Counter(
            "pitwall_shadows",
            "questions asked of the arm that did not answer",
            ["model", "outcome"],
            registry=self._registry,
        )
        self._series: dict[
            tuple[str, str, int], tuple[Counter, Histogram]
        ] = {}  # to find one takes longer than to add to it

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        asked = route, method, status
        if asked not in self._series:
            self._series[asked] = self._requests.labels(route, method, str(status)), self._seconds.labels(route)
        count, times = self._series[asked]
        count.inc()
        times.observe(seconds)

    def swapped(self, model: str, outcome: str) -> None:
        """Count a version that was named live: `swapped` or `refused`."""
        self._swaps.labels(model, outcome).inc()

    def cached(self, found: bool) -> None:
        """Count an answer that was, or was not, remembered."""
        self._cache.labels("yes" if found else "no").inc()

    def not_logged(self) -> None:
        """Count an answer that was withheld."""
        self._unlogged.inc()

    def shadowed(self, model: str, outcome: str) -> None:
        """Count a question that the other arm of a test was asked behind an answer: `logged` or `failed`."""
        self._shadows.labels(model, outcome).inc()

    def text(self, versions: Mapping[str, int], data_age_s: int | None, counts: Mapping[str, int]) -> bytes:
        """Return all numbers as Prometheus reads them.

        Args:
            versions: that answer, by name.
            data_age_s: of the newest snapshot.
            counts: of the run store, and what the monitoring found, as they were last exported.
        """
        registry = self._registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, os.environ[SHARED])  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(_Now(versions, data_age_s, counts))
        return generate_latest(registry) + generate_latest(now)


class _Now(Collector):
    """What is so at this instant, whichever worker is asked."""

    def __init__(self, versions: Mapping[str, int], data_age_s: int | None, counts: Mapping[str, int]) -> None:
        self._versions, self._age, self._counts = versions, data_age_s, counts

    def collect(self) -> Iterable[Metric]:
        """Return the numbers."""
        return list(self._collect())

    def _collect(self) -> Iterator[Metric]:
        versions = GaugeMetricFamily("pitwall_model_version", "the version that answers", labels=["model"])
        for name, version in self._versions.items():
            versions.add_metric([name], version)
        yield versions
        if self._age is not None:
            yield GaugeMetricFamily(
                "pitwall_data_age_seconds", "seconds since the newest snapshot was fetched", value=self._age
            )
        for name, text in COUNTED.items():
            if name in self._counts:
                yield CounterMetricFamily(name, text, value=self._counts[name])
        for name, text in WATCHED.items():
            if name in self._counts:
                yield GaugeMetricFamily(f"pitwall_{name}", text, value=self._counts[name])
