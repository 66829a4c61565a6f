"""Rows that the program sends to a stream of its app."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from eventflux.base.connection_columns import whose_connection
from eventflux.base.error_columns import whose_errors
from eventflux.base.errors import InputError, UsageError
from eventflux.base.late_columns import whose_late
from eventflux.base.rows import Row
from eventflux.base.side_streams import owner_of
from eventflux.base.types import LONG_MAX, LONG_MIN
from eventflux.planner.late_streams import streams_with_late_rows
from eventflux.planner.plan import Plan
from eventflux.runtime.feed import Feed
from eventflux.runtime.loops import Later, LoopCaller
from eventflux.runtime.values import RowMaker

T = TypeVar("T")

RowLike: TypeAlias = Row | Mapping[str, Any] | Sequence[Any]
"""A row of the stream, a dict by column name, or the values in order."""

Wait: TypeAlias = Literal["processed", "confirmed"]
"""What a send waits for: that the row has been processed, or that the sinks have confirmed
everything that came of it."""


def refuse_input(plan: Plan, stream: str) -> None:
    """Raise ``UsageError`` for a stream whose rows the app itself makes."""
    found = plan.streams.get(stream)
    if owner_of(stream) is not None:
        raise UsageError(f"rows of {stream!r} come from the app alone", "on() watches them")
    if found is not None and (found.view or found.unnamed_of is not None):
        raise UsageError(f"rows of {stream!r} come from its query alone", "on() watches them")
    if found is not None and found.trigger is not None:
        raise UsageError(f"rows of {stream!r} come from the trigger alone", "on() watches them")


def can_be_watched(plan: Plan, stream: str) -> bool:
    """Whether ``stream`` is one of the plan, or stands beside one."""
    if (connected := plan.streams.get(whose_connection(stream) or "")) is not None:
        return connected.role != "internal"
    if (late := whose_late(stream)) is not None:
        return late in streams_with_late_rows(plan)
    if (failing := plan.streams.get(whose_errors(stream) or "")) is not None:
        return failing.unnamed_of is None and owner_of(failing.name) is None
    return stream in plan.streams


class Home(Protocol):
    """How an input reaches its app."""

    feed: Feed

    def caller(self, call: str) -> LoopCaller: ...

    async def on_app_loop(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T: ...


class InputHandler:
    """The way into one stream. Every method has a twin with an ``a`` before its name, to be
    awaited; the plain ones are for other threads than the app's.

    All raise

    - ``InputError`` if a value does not fit; nothing of the call is sent then;
    - ``UsageError`` if the app does not run, or from a plain call on the app's own loop;
    - the app's failure if a row fails under the strategy ``fail``.
    """

    def __init__(self, stream: str, maker: RowMaker, home: Home) -> None:
        self.stream = stream
        self._maker = maker
        self._home = home

    def send(self, row: RowLike, timestamp: int | None = None, *, wait: Wait = "processed") -> None:
        """Send one row; ``timestamp`` is its event time in epoch milliseconds."""
        self._send([self._maker.make(row)], self._one_time(timestamp), wait, "send")

    async def asend(
        self, row: RowLike, timestamp: int | None = None, *, wait: Wait = "processed"
    ) -> None:
        await self._asend([self._maker.make(row)], self._one_time(timestamp), wait)

    def send_many(
        self,
        rows: Iterable[RowLike],
        timestamps: Iterable[int] | None = None,
        *,
        wait: Wait = "processed",
    ) -> None:
        """Send independent rows, as if one after the other; ``timestamps`` has one a row."""
        made = self._maker.make_all(rows)
        self._send(made, self._times(timestamps, len(made)), wait, "send_many")

    async def asend_many(
        self,
        rows: Iterable[RowLike],
        timestamps: Iterable[int] | None = None,
        *,
        wait: Wait = "processed",
    ) -> None:
        made = self._maker.make_all(rows)
        await self._asend(made, self._times(timestamps, len(made)), wait)

    def send_batch(
        self, rows: Iterable[RowLike], timestamp: int | None = None, *, wait: Wait = "processed"
    ) -> None:
        """Send rows as one logical batch, which GROUP BY sees as a whole: one row a group
        comes out. They share one ``timestamp``."""
        made, time = self._maker.make_all(rows), self._time(timestamp)
        feed, confirmed = self._home.feed, _confirmed(wait)
        caller = self._home.caller(f"input({self.stream!r}).send_batch")
        caller.run(lambda: feed.batch(self.stream, made, time, confirmed=confirmed))

    async def asend_batch(
        self, rows: Iterable[RowLike], timestamp: int | None = None, *, wait: Wait = "processed"
    ) -> None:
        made, time = self._maker.make_all(rows), self._time(timestamp)
        feed, confirmed = self._home.feed, _confirmed(wait)
        await self._home.on_app_loop(
            lambda: feed.batch(self.stream, made, time, confirmed=confirmed)
        )

    def _send(self, rows: list[Row], times: list[int] | None, wait: Wait, call: str) -> None:
        feed, stream, confirmed = self._home.feed, self.stream, _confirmed(wait)

        def now() -> None:
            if confirmed or not feed.can_take(stream, len(rows)):
                raise Later
            feed.now(stream, rows, times)

        caller = self._home.caller(f"input({stream!r}).{call}")
        caller.call(now, lambda: feed.rows(stream, rows, times, confirmed=confirmed))

    async def _asend(self, rows: list[Row], times: list[int] | None, wait: Wait) -> None:
        feed, stream, confirmed = self._home.feed, self.stream, _confirmed(wait)
        await self._home.on_app_loop(lambda: feed.rows(stream, rows, times, confirmed=confirmed))

    def _one_time(self, timestamp: int | None) -> list[int] | None:
        time = self._time(timestamp)
        return None if time is None else [time]

    def _times(self, timestamps: Iterable[int] | None, count: int) -> list[int] | None:
        if timestamps is None:
            return None
        times = [self._required_time(timestamp) for timestamp in timestamps]
        if len(times) != count:
            raise InputError(
                f"stream {self.stream!r}: {len(times)} timestamps for {count} rows",
                "give one a row, or none",
            )
        return times

    def _time(self, timestamp: int | None) -> int | None:
        return None if timestamp is None else self._required_time(timestamp)

    def _required_time(self, timestamp: int) -> int:
        return checked_time(timestamp, f"stream {self.stream!r}: timestamp")


def checked_time(time: Any, what: str) -> int:
    """``time`` if it is epoch milliseconds, else ``InputError``."""
    if isinstance(time, bool) or not isinstance(time, int) or not LONG_MIN <= time <= LONG_MAX:
        raise InputError(
            f"{what} is an int of epoch milliseconds, got {time!r} ({type(time).__name__})"
        )
    return time


def _confirmed(wait: Wait) -> bool:
    if wait not in ("processed", "confirmed"):
        raise InputError(f"wait is 'processed' or 'confirmed', got {wait!r}")
    return wait == "confirmed"
