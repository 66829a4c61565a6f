"""What the runtime needs of a compiled app; the compiler provides it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol

from eventflux.base.failures import AbortStep, FailureHandler, RowFailure
from eventflux.base.insight import Insight
from eventflux.base.rows import Row
from eventflux.base.state_records import Records, StateChange, StateInfo

__all__ = ["AbortStep", "Engine", "FailureHandler", "Outlet", "RowFailure"]


class Outlet(Protocol):
    """Collects the rows of some streams, in order, until somebody takes them."""

    rows: list[Row]
    """Those that wait."""

    def take(self) -> list[Row]:
        """The rows collected since the last call."""

    def take_with_times(self) -> tuple[list[Row], list[int]]:
        """As :meth:`take`, of a timed one, with the event time of each row."""

    def take_metadata(self) -> list[list[Any]]:
        """Of a split one, called right before the others: the columns that the rows, which
        are those of payloads, do not have."""


class Engine(Protocol):
    """A compiled app. All calls come from one thread, one at a time; none blocks.

    Times are epoch milliseconds. ``stream`` is always the name of a stream of the plan.
    """

    on_failure: FailureHandler
    may_cut: bool
    """Whether error rows go to streams that no query or outlet tells of, so that a step has
    to keep its clock at the row at hand."""

    @property
    def next_due(self) -> int | None:
        """When the next timer is due on the app's clock, ``None`` if none is set."""

    def row_type(self, stream: str) -> type[Row]:
        """The class of a stream's rows, built by position."""

    def payload_type(self, stream: str) -> type[Row]:
        """The class of its rows without METADATA columns: where there are none, the same."""

    def outlet(self, streams: Sequence[str], *, timed: bool = False, split: bool = False) -> Outlet:
        """Collect the rows of these streams from now on, in the order of their emission,
        with their event times where ``timed``; of one stream, where ``split``, as rows of its
        payload type with the METADATA columns beside them.
        Each call makes another outlet; code is compiled again where needed."""

    def release(self, outlet: Outlet) -> None:
        """Collect nothing in ``outlet`` any more."""

    def step(
        self,
        stream: str,
        rows: Sequence[Row],
        times: Sequence[int] | None = None,
        metadata: Sequence[Sequence[Any]] | None = None,
        partitions: Sequence[str] | None = None,
    ) -> None:
        """Process independent rows of ``stream``. Without ``times`` the event time is that
        of the stream's ``event.time`` column, else the clock's. Moves event and virtual
        clocks. Timers that become due on the way fire within the step. With ``metadata``, the
        METADATA columns in order, the rows are of the stream's payload type, and ``times`` are
        not given; nor are they with ``partitions``, of each row that of its source, which
        :meth:`assign` has told of."""

    @property
    def taken(self) -> int:
        """How many rows the last :meth:`step` took: all but those behind a row at which it
        was cut or aborted."""

    def cut(self) -> None:
        """End the running step after the row at hand; for failure handlers. What is no step
        of independent rows runs on."""

    def is_read(self, stream: str) -> bool:
        """Whether a query or an outlet takes the rows of ``stream``."""

    def step_batch(self, stream: str, rows: Sequence[Row], time: int | None = None) -> None:
        """Process one logical batch."""

    def advance(self, now_ms: int) -> None:
        """Fire the timers due up to ``now_ms``; moves event and virtual clocks there."""

    def begin_triggers(self) -> None:
        """The app starts: triggers give rows from the next time on that the clock is told of, those
        of ``AT START`` then."""

    def end_triggers(self) -> None:
        """The app stops: triggers give no more rows."""

    def assign(self, stream: str, partitions: Collection[str]) -> None:
        """The source of ``stream`` has these partitions from now on: each has a watermark of its
        own, where the stream has one."""

    def end_input(self, stream: str) -> None:
        """No row of ``stream`` comes any more: where it has a watermark, that goes to the end of
        time."""

    def flush(self) -> None:
        """Close all windows now, as at the end of a finite input."""

    def flush_output(self) -> None:
        """Give out what OUTPUT … EVERY holds, as at a stop of an app without a store."""

    def discard(self) -> None:
        """Drop what windows hold unfinished, counting it as ``discarded``."""

    def absorbs(self, stream: str) -> bool:
        """Whether rows of ``stream`` reach a query that keeps state."""

    def counters(self) -> dict[str, dict[str, int]]:
        """Counts of each query by its name: ``in``, which is the sum of ``passed``,
        ``filtered``, ``absorbed``, ``late``, ``failed``, ``dropped`` and ``queued``; ``fired``
        and ``fired_failed`` (rows made by windows that closed, and those that could not be),
        ``fired_filtered`` and ``fired_dropped`` (those that HAVING, or DISTINCT and LIMIT, left
        out),
        ``discarded``."""

    def entered(self, stream: str) -> int:
        """How many rows of ``stream`` steps have taken, but for those without event time."""

    def stream_counters(self) -> dict[str, int]:
        """How many rows each stream has published."""

    def query_at(self, filename: str, first: int, line: int) -> str | None:
        """The query, in words, whose generated code stands at ``line`` of a function that
        starts at ``first``; from any thread. ``None`` where that is not generated code."""

    def insight(self) -> Insight:
        """What queries hold and wait for, and what becomes of the last row of each input; between
        steps."""

    def source_code(self) -> str:
        """The Python that was generated for the app, for people to read."""

    def state_sizes(self) -> dict[str, tuple[int, int]]:
        """For each query that keeps state: rows or groups held, and about how many bytes."""

    def state_keys(self) -> dict[str, StateInfo]:
        """Each state that the app keeps, by the key under which its records are stored. The key
        is made of the query's fingerprint and name: a changed query has another one."""

    def track_state(self) -> None:
        """Note from now on what changes, for :meth:`cut_state`. Everything that is there counts
        as changed; so it does when this is called again, as after a cut that could not be
        stored."""

    def cut_state(self) -> Iterator[StateChange]:
        """What has changed since the last cut, as of now: later steps don't show in it.

        Nothing is encoded before the iterator is asked, and each of its items takes some
        microseconds, so that the caller says how long it holds the loop; steps may run between
        two of them. It has to be read to its end: where it isn't, the next cut gives everything.
        """

    def load_state(self, records: Records) -> None:
        """Replace all state and timers by what is stored; what has no records starts empty. Of
        what is loaded nothing counts as changed. Rows that become due at once fire with the next
        step or :meth:`advance`.

        Raises:
            StateError: records that this version can't read; all state is empty then.
        """
