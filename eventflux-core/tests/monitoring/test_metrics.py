"""Prometheus metrics: their names, what they show, and that they only grow."""

from __future__ import annotations

import builtins
import importlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventflux import AppRuntime, EventFluxManager, MissingPackageError
from eventflux.monitoring import METRICS, AppMetrics
from eventflux.testing.scripted import (
    ScriptedQueue,
    ScriptedSink,
    ScriptedSinkFactory,
    ScriptedSourceFactory,
    ScriptedTarget,
)

SQL = """
CREATE STREAM A (x LONG NOT NULL) WITH (type = 'source', extension = 'scripted');
CREATE STREAM B (x LONG NOT NULL) WITH (type = 'sink', extension = 'scripted');
CREATE STREAM C (n LONG NOT NULL);
INSERT INTO B SELECT x FROM A WHERE x > 1;
INSERT INTO C SELECT count(*) AS n FROM A GROUP BY x;
"""


class RowSources(ScriptedSourceFactory):
    formats = ()


class RowSinks(ScriptedSinkFactory):
    formats = ()


@pytest.fixture
def queue() -> ScriptedQueue:
    return ScriptedQueue()


@pytest.fixture
def app(queue: ScriptedQueue) -> Iterator[AppRuntime]:
    manager = EventFluxManager(plugins=False)
    manager.context.add_source_factory("scripted", RowSources(queue))
    manager.context.add_sink_factory("scripted", RowSinks(ScriptedTarget()))
    app = manager.create_app(SQL, name="orders.sql")
    yield app
    app.stop()


def run_over(app: AppRuntime, queue: ScriptedQueue, *values: int) -> None:
    """One run, from its start to its stop, over these rows."""
    queue.finite = False
    queue.put(*((value,) for value in values))
    queue.end()
    app.start()
    assert app.wait_finished(10)
    app.stop()


def scraped(app: AppRuntime) -> dict[str, float]:
    """What Prometheus reads: each sample as text, with its value."""
    client: Any = pytest.importorskip("prometheus_client")
    parser: Any = importlib.import_module("prometheus_client.parser")
    registry = client.CollectorRegistry()
    registry.register(AppMetrics(app))
    text = client.generate_latest(registry).decode()
    return {
        f"{sample.name}{dict(sorted(sample.labels.items()))}": sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_table_has_every_counter_of_stats(app: AppRuntime) -> None:
    stats = app.stats()
    told = {
        *(("stream", key) for counters in stats["streams"].values() for key in counters),
        *(("query", key) for counters in stats["queries"].values() for key in counters),
        *(
            ("sink" if "confirmed" in counters else "source", key)
            for counters in stats["connectors"].values()
            for key in counters
        ),
    }
    known = {(metric.group, metric.key) for metric in METRICS if metric.group != "checkpoint"}
    missing = sorted(told - known)
    assert not missing, "add these to METRICS"
    others = {("app", "running"), ("app", "stalls"), ("connector", "ready"), ("step", "seconds")}
    others |= {("own", "counted"), ("own", "amount")}
    assert known - told == others | {("query", "state_rows"), ("query", "state_bytes")}


def test_what_is_scraped_is_the_table(app: AppRuntime, queue: ScriptedQueue) -> None:
    run_over(app, queue, 1, 2, 3)
    endings = r"_(bucket|count|sum)(?=\{)"
    names = {re.sub(endings, "", sample).partition("{")[0] for sample in scraped(app)}
    assert names == {metric.name for metric in METRICS if metric.group not in ("own", "checkpoint")}


def test_checkpoints_are_shown_where_state_is_stored(tmp_path: Path) -> None:
    sql = "CREATE STREAM S (v LONG); INSERT INTO T SELECT SUM(v) AS total FROM S;"
    with EventFluxManager().create_app(sql, name="sums.sql", state=tmp_path) as app:
        app.input("S").send((1,), wait="confirmed")
        samples, stats = scraped(app), app.stats()
    known = {metric.key for metric in METRICS if metric.group == "checkpoint"}
    assert known == set(stats["checkpoints"])
    told = {
        name: value for name, value in samples.items() if name.startswith("eventflux_checkpoint")
    }
    assert len(told) == len(known)
    assert told["eventflux_checkpoint_published_total{'app': 'sums'}"] == 1
    assert told["eventflux_checkpoint_revision{'app': 'sums'}"] == 1
    assert told["eventflux_checkpoint_last_bytes{'app': 'sums'}"] > 0


def test_figures_of_a_connectors_own_are_shown_and_go_on_over_starts(
    app: AppRuntime, queue: ScriptedQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScriptedSink, "counters", lambda sink: {"boxes": 2})
    monkeypatch.setattr(ScriptedSink, "gauges", lambda sink: {"shelves": 5})
    own = {"app": "orders", "name": "boxes", "stream": "B"}
    for starts in (1, 2):
        run_over(app, queue, 1, 2)
        samples = scraped(app)
        assert samples[f"eventflux_connector_counted_total{own}"] == 2 * starts
        assert samples[f"eventflux_connector_amount{ {**own, 'name': 'shelves'} }"] == 5
        stats = app.stats()
        assert stats["own_counters"] == {"B": {"boxes": 2 * starts}}
        assert stats["own_gauges"] == {"B": {"shelves": 5}}


def test_a_connector_that_cannot_count_hides_nobody_elses_figures(
    app: AppRuntime,
    queue: ScriptedQueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(sink: ScriptedSink) -> dict[str, int]:
        raise RuntimeError("can't count")

    monkeypatch.setattr(ScriptedSink, "counters", broken)
    run_over(app, queue, 1, 2, 3)
    assert app.stats()["own_counters"] == {}
    assert app.stats()["connectors"]["B"]["confirmed"] == 2
    assert "sink 'B'" in caplog.text
    assert "broke its contract: counters raised" in caplog.text


def test_values_are_those_of_stats(app: AppRuntime, queue: ScriptedQueue) -> None:
    run_over(app, queue, 1, 2, 3)
    samples = scraped(app)
    own = {"app": "orders"}
    a, b, q = (
        {**own, "stream": "A"},
        {**own, "stream": "B"},
        {**own, "query": "query_2"},
    )
    assert samples[f"eventflux_source_acknowledged_total{a}"] == 3
    assert samples[f"eventflux_sink_confirmed_total{b}"] == 2
    assert samples[f"eventflux_query_in_total{q}"] == 3
    assert samples[f"eventflux_query_state_rows{q}"] == 3
    assert samples[f"eventflux_query_state_bytes{q}"] > 0
    assert samples[f"eventflux_app_running{own}"] == 0
    assert samples[f"eventflux_connector_ready{a}"] == 0
    count = samples[f"eventflux_step_seconds_count{a}"]
    largest = samples[f"eventflux_step_seconds_bucket{ {**own, 'le': '+Inf', 'stream': 'A'} }"]
    assert count == largest >= 1
    assert samples[f"eventflux_step_seconds_sum{a}"] > 0


def test_a_running_app_is_ready(app: AppRuntime) -> None:
    app.start()
    samples = scraped(app)
    assert samples["eventflux_app_running{'app': 'orders'}"] == 1
    assert samples["eventflux_connector_ready{'app': 'orders', 'stream': 'B'}"] == 1


def test_counters_go_on_over_stops_and_starts(app: AppRuntime, queue: ScriptedQueue) -> None:
    counters = {metric.name for metric in METRICS if metric.kind != "gauge"}
    before: dict[str, float] = {}
    for _ in range(3):
        run_over(app, queue, 1, 2)
        now = {n: v for n, v in scraped(app).items() if n.startswith(tuple(counters))}
        assert before.keys() <= now.keys()
        assert all(now[name] >= value for name, value in before.items())
        before = now
    assert before["eventflux_source_messages_total{'app': 'orders', 'stream': 'A'}"] == 6


def test_labels_are_bounded_by_the_program(app: AppRuntime, queue: ScriptedQueue) -> None:
    run_over(app, queue, 1)
    few = set(scraped(app))
    run_over(app, queue, *range(500))
    assert set(scraped(app)) == few


def test_several_apps_share_a_registry(app: AppRuntime) -> None:
    client: Any = pytest.importorskip("prometheus_client")
    other = EventFluxManager(plugins=False).create_app("CREATE STREAM A (x LONG)", name="b.sql")
    registry = client.CollectorRegistry()
    registry.register(AppMetrics(app, other))
    text = client.generate_latest(registry).decode()
    assert text.count("# TYPE eventflux_stream_received_total counter") == 1
    assert 'eventflux_stream_received_total{app="b",stream="A"} 0.0' in text
    assert 'eventflux_stream_received_total{app="orders",stream="A"} 0.0' in text


def test_without_the_package_the_error_names_it(
    app: AppRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__
    find = importlib.import_module

    def missing(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith("prometheus_client"):
            raise ImportError(name)
        return find(name, *arguments, **more)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingPackageError) as raised:
        AppMetrics(app)
    assert original is builtins.__import__
    assert "pip install 'eventflux-core[http]'" in str(raised.value)
    assert "prometheus-client" in str(raised.value)


def test_a_scrape_waits_for_the_end_of_a_step(app: AppRuntime) -> None:
    """Within a step the counters of a row's way don't add up yet."""
    client: Any = pytest.importorskip("prometheus_client")
    registry = client.CollectorRegistry()
    registry.register(AppMetrics(app))
    in_step, scraped_it = threading.Event(), threading.Event()
    found: list[float | None] = []

    def callback(row: Any) -> None:
        in_step.set()
        assert not scraped_it.wait(0.05)

    def scrape() -> None:
        assert in_step.wait(10)
        labels = {"app": "orders", "query": "query_2"}
        found.append(registry.get_sample_value("eventflux_query_in_total", labels))
        scraped_it.set()

    app.on("C", callback)
    with app:
        scraping = threading.Thread(target=scrape)
        scraping.start()
        app.input("A").send({"x": 1})
        scraping.join(10)
    assert found == [1.0]
