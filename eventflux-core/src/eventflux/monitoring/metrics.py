"""The metrics of an app for Prometheus. Their names are part of the API: they stand in
:data:`METRICS` and nowhere else, and don't change."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import accumulate
from typing import Any, Literal

import msgspec

from eventflux.app import AppRuntime
from eventflux.base.errors import MissingPackageError
from eventflux.monitoring.readiness import readiness
from eventflux.runtime.durations import BOUNDS

Group = Literal[
    "app", "connector", "stream", "query", "source", "sink", "own", "step", "checkpoint"
]
Kind = Literal["counter", "gauge", "histogram"]


class Metric(msgspec.Struct, frozen=True):
    """One metric: ``key`` is the counter of the group that it shows, as ``stats()`` calls it."""

    group: Group
    key: str
    kind: Kind
    doc: str

    @property
    def name(self) -> str:
        """As Prometheus knows it: ``eventflux_source_messages_total``."""
        ending = "_total" if self.kind == "counter" else ""
        group = "connector" if self.group == "own" else self.group
        return f"eventflux_{group}_{self.key}{ending}"

    @property
    def labels(self) -> tuple[str, ...]:
        """A label has as many values as the program has streams or queries, or a connector
        figures of its own."""
        match self.group:
            case "app" | "checkpoint":
                return ("app",)
            case "own":
                return ("app", "stream", "name")
            case "query":
                return ("app", "query")
            case _:
                return ("app", "stream")


METRICS: tuple[Metric, ...] = (
    Metric("app", "running", "gauge", "1 while the app runs, else 0"),
    Metric("app", "stalls", "counter", "times that something held the event loop for over 1 s"),
    Metric("connector", "ready", "gauge", "1 while the connector works, else 0"),
    Metric("step", "seconds", "histogram", "time of steps by their input, '' being timers"),
    Metric("stream", "received", "counter", "messages and rows that came from outside"),
    Metric("stream", "decoded", "counter", "rows that messages from outside gave"),
    Metric("stream", "failed", "counter", "messages not decoded, and rows without event time"),
    Metric("stream", "returned", "counter", "messages and rows given back unread"),
    Metric("stream", "published", "counter", "rows published, whoever made them"),
    Metric("stream", "error_rows", "counter", "rows put there by error strategies"),
    Metric("stream", "errors", "counter", "messages and rows that could not be processed"),
    Metric("stream", "dropped", "counter", "errors that the strategy dropped"),
    Metric("stream", "dead_lettered", "counter", "errors sent to the stream of error.dlq.stream"),
    Metric("stream", "fatal", "counter", "errors that stopped the app"),
    Metric("stream", "observer_failed", "counter", "rows that a callback raised on"),
    Metric("stream", "observer_dropped", "counter", "rows that a full subscription let go"),
    Metric("query", "in", "counter", "rows that came into the query"),
    Metric("query", "passed", "counter", "rows in that gave a row"),
    Metric("query", "filtered", "counter", "rows in that did not fit the conditions"),
    Metric(
        "query", "absorbed", "counter", "rows in that went into state, or that UNNEST was done to"
    ),
    Metric("query", "late", "counter", "rows in that came after their window"),
    Metric("query", "failed", "counter", "rows in that raised an error"),
    Metric("query", "dropped", "counter", "rows in that a limit let go, or that a stop gave up"),
    Metric("query", "queued", "gauge", "rows in that wait inside the query"),
    Metric("query", "fired", "counter", "rows made by windows that closed, or by UNNEST"),
    Metric("query", "fired_failed", "counter", "rows that such windows could not make"),
    Metric("query", "fired_filtered", "counter", "rows of such windows that HAVING turned away"),
    Metric("query", "fired_dropped", "counter", "rows of such windows beyond a LIMIT, or repeated"),
    Metric("query", "discarded", "counter", "rows in windows that a stop dropped"),
    Metric("query", "state_rows", "gauge", "rows or groups that the state holds"),
    Metric("query", "state_bytes", "gauge", "about how many bytes the state takes"),
    Metric("source", "messages", "counter", "messages received"),
    Metric("source", "bytes", "counter", "bytes received"),
    Metric("source", "acknowledged", "counter", "messages acknowledged: all results are safe"),
    Metric("source", "rejected", "counter", "messages rejected for good"),
    Metric("source", "requeued", "counter", "messages given back, to be delivered again"),
    Metric("source", "in_flight", "gauge", "messages received and not settled yet"),
    Metric("source", "in_flight_bytes", "gauge", "bytes received and not settled yet"),
    Metric("source", "unpublished", "gauge", "messages in flight that wait for a checkpoint"),
    Metric("source", "retried", "counter", "messages decoded again"),
    Metric("source", "reconnects", "counter", "connections made again after a loss"),
    Metric("sink", "messages", "counter", "messages to send"),
    Metric("sink", "bytes", "counter", "bytes handed to the connector"),
    Metric("sink", "confirmed", "counter", "messages safe on the other side"),
    Metric("sink", "refused", "counter", "messages refused for good, or not to be encoded"),
    Metric("sink", "abandoned", "counter", "messages not confirmed by the end of a stop"),
    Metric("sink", "queued", "gauge", "messages that wait to be sent"),
    Metric("sink", "queued_bytes", "gauge", "bytes that wait to be sent"),
    Metric("sink", "in_flight", "gauge", "messages sent and not confirmed yet"),
    Metric("sink", "in_flight_bytes", "gauge", "bytes sent and not confirmed yet"),
    Metric("sink", "resent", "counter", "messages sent again"),
    Metric("sink", "retried", "counter", "messages sent again after a refusal"),
    Metric("sink", "reconnects", "counter", "connections made again after a loss"),
    Metric("checkpoint", "published", "counter", "checkpoints of the state that were published"),
    Metric("checkpoint", "failed", "counter", "tries to publish one that failed"),
    Metric("checkpoint", "revision", "gauge", "the revision of the last one"),
    Metric("checkpoint", "last_bytes", "gauge", "bytes of the records that the last one wrote"),
    Metric("checkpoint", "last_ms", "gauge", "milliseconds from the last one's cut to its end"),
    Metric("checkpoint", "age_ms", "gauge", "milliseconds since the last one was published"),
    Metric("own", "counted", "counter", "what a connector counts of its own, by its name for it"),
    Metric("own", "amount", "gauge", "amounts that a connector tells of its own, by name"),
)

Samples = dict[tuple[Group, str], list[tuple[tuple[str, ...], Any]]]
"""By group and key: label values, the app's name first, with the value."""


def prometheus(module: str) -> Any:
    """A module of prometheus-client, which is optional.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        return importlib.import_module(f"prometheus_client.{module}")
    except ImportError:
        raise MissingPackageError(
            "metrics need the package prometheus-client, which is not installed",
            ["eventflux-core[http]"],
        ) from None


class AppMetrics:
    """The metrics of apps as a collector of prometheus-client, which reads them when it is
    asked; nothing is counted twice.

    Raises:
        MissingPackageError: prometheus-client is not installed.
    """

    def __init__(self, *apps: AppRuntime) -> None:
        self._apps = apps
        self._core = prometheus("core")

    def collect(self) -> Iterator[Any]:
        """All metrics now, each with what all apps have of it."""
        samples: Samples = {}
        for app in self._apps:
            # Between two steps, when the counters of a row's way add up.
            for key, labels, value in app.between_steps(partial(_read, app)):
                samples.setdefault(key, []).append(((app.name, *labels), value))
        for metric in METRICS:
            family = self._family(metric)
            for labels, value in samples.get((metric.group, metric.key), ()):
                if metric.kind == "histogram":
                    family.add_metric(labels, buckets=_buckets(value.counts), sum_value=value.total)
                else:
                    family.add_metric(labels, value)
            yield family

    def _family(self, metric: Metric) -> Any:
        families = {
            "counter": self._core.CounterMetricFamily,
            "gauge": self._core.GaugeMetricFamily,
            "histogram": self._core.HistogramMetricFamily,
        }
        return families[metric.kind](metric.name, metric.doc, labels=metric.labels)


Sample = tuple[tuple[Group, str], tuple[str, ...], Any]
"""Group and key, the labels but for the app's name, the value."""


def _read(app: AppRuntime) -> list[Sample]:
    return list(_samples(app))


def _samples(app: AppRuntime) -> Iterator[Sample]:
    """All that is known of one app."""
    stats, ready = app.stats(), readiness(app)
    yield ("app", "running"), (), int(app.state == "running")
    yield ("app", "stalls"), (), app.stalls
    for stream, one in ready["connectors"].items():
        yield ("connector", "ready"), (stream,), int(one["ready"])
    for input_stream, durations in app.step_durations().items():
        yield ("step", "seconds"), (input_stream or "",), durations
    for query, (rows, size) in app.state_sizes().items():
        yield ("query", "state_rows"), (query,), rows
        yield ("query", "state_bytes"), (query,), size
    for key, figure in stats["checkpoints"].items():
        yield ("checkpoint", key), (), figure
    for key, figures in (("counted", stats["own_counters"]), ("amount", stats["own_gauges"])):
        for stream, own in figures.items():
            for name, figure in own.items():
                yield ("own", key), (stream, name), figure
    groups: Iterable[tuple[Group, str, dict[str, int]]] = (
        *(("stream", name, counters) for name, counters in stats["streams"].items()),
        *(("query", name, counters) for name, counters in stats["queries"].items()),
        *(
            ("sink" if "confirmed" in counters else "source", name, counters)
            for name, counters in stats["connectors"].items()
        ),
    )
    for group, name, counters in groups:
        for key, count in counters.items():
            yield (group, key), (name,), count


def _buckets(counts: list[int]) -> list[tuple[str, int]]:
    bounds = [*map(str, BOUNDS), "+Inf"]
    return list(zip(bounds, accumulate(counts), strict=True))
