"""Metrics as Prometheus scrapes them: what is counted at each request, and what is looked at when it asks.

With several workers what they count is kept in files that all of them read, so any of them tells the sum.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from mock_airflow._version import __version__
from mock_airflow.errors import MissingExtraError
from mock_airflow.server.watching import SeenRequest

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from mock_airflow.deployment import Deployment

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # read when prometheus_client is imported
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Shown(Protocol):
    """What there is to look at: a hub."""

    main: Deployment

    def names(self) -> list[str]:
        """Its deployments."""

    def awake(self) -> Sequence[Deployment]:
        """Those that this process has in memory."""


class Metrics:
    """Counts requests; ``told`` is what a scrape gets. Raises MissingExtraError without the package prometheus-client.

    No label has a value that a client chooses: operations, statuses, decisions and tables are as many as there are.
    """

    def __init__(self, workers: int) -> None:
        self._shared = workers > 1
        if self._shared and _FOLDER not in os.environ:
            os.environ[_FOLDER] = tempfile.mkdtemp(prefix="mock-airflow-metrics-")
            atexit.register(_remove, os.environ[_FOLDER], os.getpid())
        try:
            from prometheus_client import CollectorRegistry, Counter, Histogram
        except ImportError:
            raise MissingExtraError(
                "Metrics are told by the package prometheus-client, which is not installed; install"
                " mock-airflow[metrics], or leave out --metrics."
            ) from None
        self._registry = CollectorRegistry()
        more: dict[str, Any] = {"namespace": "mock_airflow", "registry": self._registry}
        self._requests = Counter(
            "requests", "Requests that were answered.", ("operation", "status", "decision"), **more
        )
        self._seconds = Histogram("request_seconds", "How long answers took.", ("operation",), buckets=_SECONDS, **more)
        self._limits = Counter("limits", "Requests that limits admitted or refused.", ("outcome",), **more)
        self._commits = Counter("database_commits", "Writes to the database.", **more)
        self._conflicts = Counter("database_conflicts", "Turns that were lost to another server.", **more)
        self._written: WeakKeyDictionary[Any, tuple[int, int]] = WeakKeyDictionary()  # so far, by replica
        self._lock = threading.Lock()

    def __call__(self, seen: SeenRequest) -> None:
        """Count a request."""
        operation, decision = seen.operation or "none", seen.decision
        self._requests.labels(operation, str(seen.status), decision).inc()
        self._seconds.labels(operation).observe(seen.seconds)
        if decision == "limited":
            self._limits.labels("refused").inc()
        elif seen.limited:
            self._limits.labels("admitted").inc()
        replica = seen.deployment.replica if seen.deployment is not None else None
        if replica is not None:
            with self._lock:
                now, before = (replica.commits, replica.conflicts), self._written.get(replica, (0, 0))
                self._written[replica] = now
            self._commits.inc(now[0] - before[0])
            self._conflicts.inc(now[1] - before[1])

    def told(self, hub: Shown, accept: str) -> tuple[bytes, str]:
        """All metrics in the form that a scraper accepts, and the content type of it."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder
        from prometheus_client.multiprocess import MultiProcessCollector

        encode, content_type = choose_encoder(accept)
        registry = CollectorRegistry()
        if self._shared:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            registry.register(self._registry)
        registry.register(_Looks(hub))
        text: bytes = encode(registry)
        return text, content_type


class _Looks:
    """What is looked at when somebody asks."""

    def __init__(self, hub: Shown) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        main, awake = self._hub.main, self._hub.awake()
        info = {
            "version": __version__,
            "profile": main.settings.profile,
            "airflow_version": main.settings.airflow_version,
        }
        yield InfoMetricFamily("mock_airflow", "What is served.", info)
        yield GaugeMetricFamily(
            "mock_airflow_deployments", "Deployments, those asleep among them.", 1 + len(self._hub.names())
        )
        yield GaugeMetricFamily("mock_airflow_deployments_awake", "Those in this process's memory.", len(awake))
        journal = sum(len(deployment.journal) for deployment in awake)
        yield GaugeMetricFamily("mock_airflow_journal_entries", "Entries of the journals of those.", journal)
        rows = GaugeMetricFamily("mock_airflow_rows", "Rows of those, by table.", labels=("table",))
        counts: dict[str, int] = {}
        for deployment in awake:
            for name, count in deployment.airflow.tables.sizes().items():
                counts[name] = counts.get(name, 0) + count
        for name, count in sorted(counts.items()):
            rows.add_metric((name,), count)
        yield rows
        now = main.clock.now().timestamp()
        yield GaugeMetricFamily("mock_airflow_clock_timestamp_seconds", "Its own deployment's clock.", now)
        frozen = float(main.clock.frozen)
        yield GaugeMetricFamily("mock_airflow_clock_frozen", "Whether that clock stands still.", frozen)


def _remove(folder: str, process: int) -> None:
    if os.getpid() == process:  # and not one that was forked from it
        shutil.rmtree(folder, ignore_errors=True)
