"""How a running app stands at a quiet moment: its connectors, what holds them up, what failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import perf_counter

import msgspec

from eventflux.base.insight import Insight
from eventflux.runtime.runtime import Runtime
from eventflux.runtime.sink_runner import SinkRunner
from eventflux.runtime.source_runner import SourceRunner
from eventflux.runtime.stats import Stats
from eventflux.runtime.steps import Steps


class ConnectorStanding(msgspec.Struct, frozen=True):
    """One source or sink: its ``health`` in words, and who holds it up.

    ``label`` names it, ``peer`` what it is connected to, where it tells. ``waits_for`` says in
    words why a source receives nothing now although it is connected. ``last_s`` is how many
    seconds ago a sink was given rows, ``when_silent`` what to look at where nothing comes from a
    source.
    """

    label: str
    health: str
    peer: str | None
    waits_for: tuple[str, ...] = ()
    last_s: float | None = None
    when_silent: str | None = None

    @property
    def works(self) -> bool:
        return self.health.startswith(("running", "ended"))


class Standing(msgspec.Struct, frozen=True):
    """All that an app can tell of itself, by the names of streams.

    ``errors`` has the last error of each stream, and of each query that reads it, as (stream,
    query): in words. ``last_s`` is how many seconds ago a step took rows of a stream.
    """

    app: str
    state: str
    failure: str | None
    stream_failures: Mapping[str, str]
    stats: Stats
    insight: Insight
    sources: Mapping[str, ConnectorStanding]
    sinks: Mapping[str, ConnectorStanding]
    errors: Mapping[tuple[str, str | None], str]
    last_s: Mapping[str, float]


def standing_of(runtime: Runtime) -> Standing:
    """How an app stands; on its loop, between steps."""
    failure = runtime.failure
    return Standing(
        runtime.spec.name,
        runtime.state,
        None if failure is None else str(failure),
        {stream: str(error) for stream, error in runtime.stream_failures.items()},
        runtime.stats(),
        runtime.spec.engine.insight(),
        {source.spec.stream: _source(runtime, source) for source in runtime.sources},
        {sink.spec.stream: _sink(sink) for sink in runtime.sinks},
        errors_in_words(runtime.steps),
        ages(runtime.steps),
    )


def errors_in_words(steps: Steps) -> dict[tuple[str, str | None], str]:
    """The last error of each stream and query."""
    return {whose: problem.told() for whose, problem in steps.errors.last.items()}


def ages(steps: Steps) -> dict[str, float]:
    """How many seconds ago a step took rows of each stream."""
    now = perf_counter()
    return {
        stream: now - taken.last_at
        for stream, taken in steps.durations.items()
        if stream is not None
    }


def _source(runtime: Runtime, source: SourceRunner) -> ConnectorStanding:
    connection = source.connection
    waits_for = () if source.ended else tuple(_held_up(runtime, source))
    return ConnectorStanding(
        source.spec.label,
        connection.health_in_words(),
        connection.peer,
        waits_for,
        when_silent=source.spec.when_silent,
    )


def _sink(sink: SinkRunner) -> ConnectorStanding:
    connection = sink.connection
    last_s = None if sink.last_at is None else perf_counter() - sink.last_at
    return ConnectorStanding(
        sink.spec.label, connection.health_in_words(), connection.peer, last_s=last_s
    )


def _held_up(runtime: Runtime, source: SourceRunner) -> Iterator[str]:
    """Who has a source wait, in words; the first is the one to look at."""
    reached = runtime.spec.reaches[source.spec.stream]
    for sink in runtime.sinks:
        if sink.room.full and sink.spec.stream in reached:
            yield f"{sink.spec.label}, where {sink.room.messages:,} messages wait to be sent"
    for subscription in runtime.subscriptions():
        room = subscription.room
        if room is not None and room.full and subscription.stream in reached:
            yield f"a subscription to {subscription.stream!r} that nobody reads fast enough"
    for stage in runtime.stages:
        if stage.room.full and stage.spec.asked in reached:
            yield f"the asynchronous functions of query {stage.spec.query!r}"
    if runtime.checkpoints is not None and runtime.checkpoints.gate.full:
        yield "a checkpoint that is being published"
    if source.holds_too_much:
        count = source.counters()["in_flight"]
        yield f"the results of {count:,} messages of its own, which are not safe yet"
