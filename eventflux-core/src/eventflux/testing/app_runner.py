"""Runs an app in a test: rows in, rows out, on a virtual clock.

>>> from eventflux.testing import AppRunner
>>> sql = "CREATE STREAM S (v INT); INSERT INTO Big SELECT v FROM S WHERE v > 10;"
>>> with AppRunner(sql, outputs=["Big"]) as runner:
...     runner.send_many("S", [(5,), (15,), (25,)])
...     runner.rows("Big")
[(15,), (25,)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, Self

import msgspec

from eventflux.app.build import build
from eventflux.app.config_file import ConfigLike
from eventflux.app.inputs import RowLike, can_be_watched, checked_time, refuse_input
from eventflux.app.program import read_program
from eventflux.app.settings import has_event_time
from eventflux.app.why import Why, diagnose
from eventflux.base.clock import ManualClock
from eventflux.base.errors import InputError, StateError, UsageError
from eventflux.base.rows import Row, values_of
from eventflux.base.state_records import StateInfo, apply, of_another_form
from eventflux.base.suggest import did_you_mean
from eventflux.runtime.errors import Errors
from eventflux.runtime.room import Room
from eventflux.runtime.standing import Standing, ages, errors_in_words
from eventflux.runtime.stats import Stats, collect
from eventflux.runtime.steps import StepFailed, Steps
from eventflux.runtime.values import RowMaker
from eventflux.spi.plugins import installed_registry
from eventflux.spi.registry import Registry
from eventflux.testing.answering import Answering


@dataclass(frozen=True, slots=True)
class Revision:
    """A snapshot that :meth:`AppRunner.persist` took; any runner of the same queries may
    restore it."""

    number: int
    state: bytes = field(repr=False)


class _Saved(msgspec.Struct):
    """What is in it."""

    states: dict[str, StateInfo]
    records: dict[str, dict[bytes, bytes]]


class _Collector:
    """Keeps the values of the rows of one stream."""

    room: Room | None = None
    failed = dropped = 0

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def take(self, rows: Sequence[Row]) -> None:
        self.rows.extend(map(values_of, rows))


_installed = cache(installed_registry)
"""One for all runners: nothing is added to it."""


class AppRunner:
    """One app, started, with every source and sink replaced: sources are fed by ``send``,
    of the streams in ``outputs`` the rows are kept.

    The clock is virtual: it starts at the timestamp of the first row sent if that has one,
    else at 2026-01-01T00:00:00Z; a row with a timestamp moves it there first, if that is
    later, and ``sleep`` moves it on. A row that is sent without one brings its event time, where
    a column has that (``event.time``, WATERMARK): so it is never ahead of the clock, as
    ``watermark.max-future`` has it, but with a timestamp it can be. Timers fire on the way.
    Nothing waits: when a call returns, everything that follows from it has happened.

    A row that fails follows its stream's error strategy: dropped and counted, put into a
    dead-letter stream, or under ``fail`` the call raises :class:`eventflux.StreamFailed`
    and the app is stopped (not with ``on.fail = 'stream'``). ``outputs`` may name
    ``<name>.errors`` too.
    """

    def __init__(
        self,
        sql: str,
        outputs: Iterable[str] = (),
        *,
        context: Registry | None = None,
        overrides: Mapping[str, str] | None = None,
        config: ConfigLike | None = None,
        file: str = "<sql>",
    ) -> None:
        """Make and start the app.

        Args:
            sql: the whole program.
            outputs: the streams whose rows to keep.
            context: connectors, mappers and functions that the SQL can name; by default
                those of the installed plugins.
            overrides: as ``--set``: texts by ``Stream.option`` or ``app.setting``.
            config: a configuration file, or what one says.
            file: what messages call the SQL.

        Raises:
            SqlError: the SQL or an option is wrong.
            UsageError: an output is no stream of the app.
        """
        self._clock = ManualClock(seed=0)
        registry = _installed() if context is None else context
        program = read_program(
            sql,
            registry,
            file=file,
            overrides=overrides,
            config=config,
            replace_external=True,
        )
        spec = build(program, registry, self._clock)
        self.plan = program.plan
        self.settings = program.settings
        self.warnings = program.warnings
        self._settings = program.settings
        self._engine = spec.engine
        self._flush_on_stop = spec.flush_on_stop
        self._steps = Steps(self._engine, Errors(spec), _nothing)
        self._answering = Answering(
            spec.stages,
            self._engine,
            self._steps,
            self._clock,
            by_rows=has_event_time(program.settings),
        )
        self._rows_in = dict.fromkeys(self.plan.streams, 0)
        self._makers: dict[str, RowMaker] = {}
        self._collectors: dict[str, _Collector] = {}
        for stream in outputs:
            self.keep(stream)
        self._revisions = 0
        self._records: dict[str, dict[bytes, bytes]] | None = None
        """What a store would hold, from the first snapshot on."""
        self._running = True

    # Rows

    def send(self, stream: str, values: RowLike, timestamp: int | None = None) -> None:
        """Send one row: its values in order, a dict by column name, or a row."""
        self.send_many(stream, [values], None if timestamp is None else [timestamp])

    def send_many(
        self, stream: str, rows: Iterable[RowLike], timestamps: Iterable[int] | None = None
    ) -> None:
        """Send independent rows, in one go; ``timestamps`` has one a row."""
        made = self._made(stream, rows)
        times = None if timestamps is None else [self._time(stream, t) for t in timestamps]
        if times is not None and len(times) != len(made):
            raise InputError(
                f"stream {stream!r}: {len(times)} timestamps for {len(made)} rows",
                "give one a row, or none",
            )
        self._rows_in[stream] += len(made)
        self._run(lambda: self._answering.feed(stream, made, times))

    def send_batch(
        self, stream: str, rows: Iterable[RowLike], timestamp: int | None = None
    ) -> None:
        """Send rows as one logical batch, which GROUP BY sees as a whole."""
        made = self._made(stream, rows)
        time = None if timestamp is None else self._time(stream, timestamp)
        self._rows_in[stream] += len(made)
        self._run(lambda: self._answering.batch(stream, made, time))

    def keep(self, stream: str) -> None:
        """Keep the rows of another stream from now on, for :meth:`rows`.

        Raises:
            UsageError: it is no stream of the app.
        """
        self._check_stream(stream)
        if stream not in self._collectors:
            self._collectors[stream] = _Collector()
            self._steps.add_observers(stream, [self._collectors[stream]])

    def rows(self, stream: str) -> list[tuple[Any, ...]]:
        """All rows of an output stream since the runner was made, in order."""
        collector = self._collectors.get(stream)
        if collector is None:
            self._check_stream(stream)
            raise UsageError(
                f"the rows of {stream!r} are not kept", f"AppRunner(sql, outputs=[{stream!r}])"
            )
        return list(collector.rows)

    # Time

    def sleep(self, ms: int) -> None:
        """Move the clock on by ``ms`` milliseconds, firing what becomes due."""
        if isinstance(ms, bool) or not isinstance(ms, int) or ms < 0:
            raise InputError(f"sleep takes a number of milliseconds from 0 on, got {ms!r}")
        if self._clock.time is None:  # what the app does at its start comes before the sleep
            self.advance_to(self.now_ms())
        self.advance_to(self.now_ms() + ms)

    def advance_to(self, now_ms: int) -> None:
        """Move the clock to ``now_ms`` (epoch milliseconds); it never goes back."""
        time = checked_time(now_ms, "advance_to")
        self._check_running()
        self._run(lambda: self._answering.advance(time))

    def now_ms(self) -> int:
        """The time on the virtual clock, epoch milliseconds."""
        return self._clock.now_ms()

    def next_due(self) -> int | None:
        """When the next timer is due on that clock; ``None`` if none is set."""
        return self._engine.next_due

    # State

    def persist(self) -> Revision:
        """Take a snapshot of all state, the clock included."""
        if self._records is None:
            self._engine.track_state()
            self._records = {}
        apply(self._engine.cut_state(), self._records)
        self._revisions += 1
        saved = _Saved(self._engine.state_keys(), self._records)
        return Revision(self._revisions, msgspec.msgpack.encode(saved))

    def restore(self, revision: Revision) -> None:
        """Go back to a snapshot: state and clock are as they were; ``rows`` keeps all.

        Queries that the snapshot has no state of start empty, as those that have changed.

        Raises:
            StateError: a query keeps its state in another form than the snapshot has it in, for
                another version of EventFlux, or of an aggregate, took it; all is as before then.
        """
        saved = msgspec.msgpack.decode(revision.state, type=_Saved)
        another = of_another_form(saved.states, self._engine.state_keys())
        if another:
            raise StateError(
                f"revision {revision.number} has the state of "
                f"{', '.join(sorted({info.whose for info in another.values()}))} in another form "
                "than it has now: another version of EventFlux, or of an aggregate, took it",
                "take the snapshot anew with this version",
            )
        self._load(saved.records)

    def clear_state(self) -> None:
        """Forget all state, the clock included, as in a new runner; ``rows`` keeps all."""
        self._load({})

    def _load(self, records: dict[str, dict[bytes, bytes]]) -> None:
        tracked = self._records is not None
        if tracked:
            self._records = {}  # what is there when loading fails
        self._engine.load_state({state: of_state.items() for state, of_state in records.items()})
        if tracked:
            self._records = records

    # Life

    def stop(self) -> None:
        """Stop the app: windows are dropped, or with ``app.flush.on.stop`` closed, and what OUTPUT
        holds is given out."""
        if not self._running:
            return
        if self._flush_on_stop:
            self._give_out(self._steps.flush)
        self._give_out(self._steps.flush_output)
        self._engine.discard()
        self._running = False

    def flush(self) -> None:
        """Close all windows now, as at the end of a finite input."""
        self._check_running()
        self._give_out(self._steps.flush)

    def start(self) -> None:
        """Start again after :meth:`stop`."""
        self._running = True
        self._engine.begin_triggers()

    def close(self) -> None:
        """Stop for good; may be called twice."""
        self.stop()

    def stats(self) -> Stats:
        """The counters, as :meth:`eventflux.AppRuntime.stats` gives them."""
        stages = self._answering.stages
        return collect(
            self._engine, self._rows_in, self._steps, self._observers(), (), (), stages=stages
        )

    def why(self, stream: str) -> Why:
        """Why a stream has no rows, as :meth:`eventflux.AppRuntime.why` tells it."""
        self._check_stream(stream)
        standing = Standing(
            app="test",
            state="running" if self._running else "stopped",
            failure=None,
            stream_failures={},
            stats=self.stats(),
            insight=self._engine.insight(),
            sources={},
            sinks={},
            errors=errors_in_words(self._steps),
            last_s=ages(self._steps),
        )
        return diagnose(self.plan, self._settings, standing, stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _observers(self) -> dict[str, list[_Collector]]:
        return {stream: [collector] for stream, collector in self._collectors.items()}

    def _made(self, stream: str, rows: Iterable[RowLike]) -> list[Row]:
        self._check_running()
        maker = self._makers.get(stream)
        if maker is None:
            self._check_stream(stream)
            refuse_input(self.plan, stream)
            schema = self.plan.streams[stream].schema
            maker = RowMaker(stream, schema, self._engine.row_type(stream))
            self._makers[stream] = maker
        return maker.make_all(rows)

    def _time(self, stream: str, timestamp: int) -> int:
        return checked_time(timestamp, f"stream {stream!r}: timestamp")

    def _give_out(self, held: Callable[[], None]) -> None:
        self._run(lambda: self._answering.give_out(held))

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StepFailed as failed:
            self._running = failed.alone
            raise failed.error from failed.error.__cause__

    def _check_running(self) -> None:
        if not self._running:
            raise UsageError("the runner is stopped", "start() starts it again")

    def _check_stream(self, stream: str) -> None:
        if not can_be_watched(self.plan, stream):
            raise UsageError(
                f"the app has no stream {stream!r}", did_you_mean(stream, self.plan.streams)
            )


def _nothing() -> None:
    """Nobody looks at timers: the clock moves only when it is told to."""
