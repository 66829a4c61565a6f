"""The whole app: what the runtime adds to mappers and engine, with connectors that do no I/O."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from benchmarks.figures import Figure, Goal, ratios
from benchmarks.loops import LOOPS
from benchmarks.measure import Group, Timer, nanoseconds, pass_over, whole
from benchmarks.product import product
from benchmarks.settings import Settings
from benchmarks.workloads import W1, W2, Workload
from eventflux import EventFluxManager
from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    EndOfStream,
    Options,
    Positions,
    ReceiveLimits,
    Refusal,
    Sink,
    SinkBatch,
    SinkFactory,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
    option,
)

TITLE = "Whole app, connectors without I/O"
EVENTS = {1024: 61_440, 64: 30_720, 1: 5_120}
STORED_EVENTS = 491_520
OFTEN = {"checkpoint.interval": "100 ms"}
"""A hundred times as often as by default."""


class _Options(Options, prefix="memory"):
    channel: str = option(doc="not used: the batches are prepared")


class Run:
    """One pass: the batches to give, when the second was asked for, and what came out."""

    def __init__(self, batches: Iterable[Sequence[bytes]], *, polled: bool = False) -> None:
        self.coming: Iterator[Sequence[bytes]] = iter(batches)
        self.look: Callable[[], object] | None = None
        """What is called with each batch, where the counters are polled."""
        self.polled = polled
        self.given = 0
        self.started = 0
        self.results: list[bytes] | None = None

    def next_batch(self) -> Sequence[bytes]:
        """The first batch has the code compiled and is not measured."""
        self.given += 1
        if self.given == 2:
            gc.collect()
            self.started = time.process_time_ns()
        if self.look is not None:
            self.look()
        batch = next(self.coming, None)
        if batch is None:
            raise EndOfStream
        return batch


class _Source(Source):
    def __init__(self, run: Run, context: ConnectorContext) -> None:
        self._run = run
        self._keys = ["high-value"] * max(EVENTS) if context.metadata else None

    async def open(self, positions: Positions | None) -> None: ...

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        batch = self._run.next_batch()
        metadata = None if self._keys is None else {"routing_key": self._keys[: len(batch)]}
        return SourceBatch(batch, metadata=metadata)

    async def close(self) -> None: ...


class _Sink(Sink):
    def __init__(self, run: Run) -> None:
        self._run = run

    async def open(self) -> None: ...

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        if self._run.results is not None:
            self._run.results += batch.payloads
        return ()

    async def close(self) -> None: ...


class _SourceFactory(SourceFactory):
    name: ClassVar[str] = "prepared"
    doc: ClassVar[str] = "gives batches that were made before"
    kind: ClassVar[SourceKind] = "acking"
    options: ClassVar[type[Options]] = _Options
    formats: ClassVar[Sequence[str]] = ("*",)
    metadata: ClassVar[Mapping[str, DataType]] = {"routing_key": DataType.STRING}

    def __init__(self, run: Run) -> None:
        self._run = run

    def create(self, options: _Options, context: ConnectorContext) -> Source:
        return _Source(self._run, context)


class _SinkFactory(SinkFactory):
    name: ClassVar[str] = "prepared"
    doc: ClassVar[str] = "takes all and keeps nothing"
    options: ClassVar[type[Options]] = _Options
    formats: ClassVar[Sequence[str]] = ("*",)
    metadata: ClassVar[Mapping[str, DataType]] = {"routing_key": DataType.STRING}

    def __init__(self, run: Run) -> None:
        self._run = run

    def create(self, options: _Options, context: ConnectorContext) -> Sink:
        return _Sink(self._run)


def run_app(workload: Workload, run: Run, state: str | None = None) -> int:
    """Run the app over all batches of ``run``; CPU ns from the second batch to the last result.
    With a directory for its state, checkpoints are made on the way."""
    manager = EventFluxManager()
    manager.context.add_source_factory("prepared", _SourceFactory(run))
    manager.context.add_sink_factory("prepared", _SinkFactory(run))
    app = manager.create_app(
        workload.sql.replace("'memory'", "'prepared'"),
        state=state,
        overrides=OFTEN if state else None,
    )
    if run.polled:
        run.look = app.stats
    with app:
        app.wait_finished()
        spent = time.process_time_ns() - run.started
        if state is not None and not app.stats()["checkpoints"]["published"]:
            raise AssertionError("no checkpoint was made on the way")
        return spent


def check_app(workload: Workload, size: int) -> None:
    """Refuse to measure an app that doesn't give the loop's results."""
    batches = workload.batches(EVENTS[size], size)
    run = Run(batches)
    run.results = []
    run_app(workload, run)
    loop = LOOPS[workload.name]()
    expected = [payload for batch in batches for payload in loop(batch)]
    # The end of a finite input closes the last window, which the loop leaves open.
    if run.results[: len(expected)] != expected or (workload is W1 and run.results != expected):
        raise AssertionError(f"{workload.name}: the app gives other results than the loop")


def _pass(workload: Workload, batches: Sequence[Sequence[bytes]]) -> Timer:
    events = sum(map(len, batches))

    def measure() -> float:
        return run_app(workload, Run([batches[0], *batches])) / events

    return whole(measure)


def groups(settings: Settings) -> list[Group]:
    found = [_beside_engine(W1, size, settings) for size in EVENTS]
    return [*found, _beside_engine(W2, 1024, settings), _with_store(W2)]


def _with_store(workload: Workload) -> Group:
    """What it costs to note what changes, and to store all groups of the window ten times a
    second."""
    batches = workload.batches(STORED_EVENTS, 1024)
    events = sum(map(len, batches))

    def stored() -> float:
        with tempfile.TemporaryDirectory() as state:
            return run_app(workload, Run([batches[0], *batches]), state) / events

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                TITLE,
                f"{workload.name}, ten checkpoints a second: speed with a state store ÷ without",
                ratios(found["without"], found["with"]),
                Goal(0.85, at_least=True),
                context=f"{nanoseconds(found['with'])} an event",
            )
        ]

    timers = {"without": _pass(workload, batches), "with": whole(stored)}
    return Group(f"app, {workload.name}, state store", timers, report)


def _beside_engine(workload: Workload, size: int, settings: Settings) -> Group:
    check_app(workload, size)
    batches = workload.batches(settings.events(EVENTS[size]), size)

    def report(found: Mapping[str, Sequence[float]]) -> list[Figure]:
        return [
            Figure(
                TITLE,
                f"{workload.name}, batches of {size:,}: cost ÷ mappers and engine alone",
                ratios(found["app"], found["engine"]),
                context=f"{nanoseconds(found['app'])} an event",
            )
        ]

    timers = {"engine": pass_over(product(workload), batches), "app": _pass(workload, batches)}
    return Group(f"app, {workload.name}, {size}", timers, report)
