"""What Prometheus reads: counts and durations by template of path, without personal data."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

__all__ = ["Metrics"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The measures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "kg_rec_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "kg_rec_request_seconds",
            "Seconds until the answer was sent.",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.at_work = Gauge(
            "kg_rec_requests_at_work", "Requests not yet answered.", registry=self.registry
        )
        self.events = Counter(
            "kg_rec_events",
            "Events told, by what became of them.",
            ("result",),
            registry=self.registry,
        )
        self.changes = Counter(
            "kg_rec_changes", "Changes of the model.", ("operation",), registry=self.registry
        )
        self.loads = Counter(
            "kg_rec_model_loads",
            "Models read, by what came of it.",
            ("result",),
            registry=self.registry,
        )
        self.model = Gauge(
            "kg_rec_model_size", "What the model holds.", ("of",), registry=self.registry
        )
        self.sessions = Gauge("kg_rec_sessions", "Dialogues kept.", registry=self.registry)

    def text(self) -> bytes:
        """Return all of it in the format that Prometheus reads."""
        return generate_latest(self.registry)
