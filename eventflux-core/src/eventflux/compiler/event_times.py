"""Where rows have their event times: beside them, in a column, in METADATA; else by the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Literal

from eventflux.base.rows import Row, column_of
from eventflux.planner.plan import Plan

Beside = Literal["nothing", "times", "metadata"]
"""What a step is given beside its rows: their event times, or their METADATA columns, and rows
of payloads then."""

LastTime = Callable[[Sequence[Row], Any], int | None]
"""Gives the event time of the last row, of the rows and what is given beside them."""


class EventTimes:
    """Reads the event times of rows that come from outside."""

    def __init__(
        self, plan: Plan, row_types: Mapping[str, type[Row]], payload_types: Mapping[str, type[Row]]
    ) -> None:
        self._plan = plan
        self._row_types = row_types
        self._payload_types = payload_types

    def known(self, stream: str, beside: Beside) -> bool:
        """Whether the rows have event times of their own."""
        return beside == "times" or self._plan.streams[stream].event_time is not None

    def last(self, stream: str, beside: Beside) -> LastTime:
        """What gives the event time of the last row, where rows have one."""
        if beside == "times":
            return lambda rows, times: int(times[-1])
        place = self._place(stream, beside)
        if place is not None:
            return lambda rows, metadata: metadata[place][-1]
        read = attrgetter(self._field(stream, beside))
        return lambda rows, given: read(rows[-1])

    def of(self, stream: str, beside: Beside, rows: Sequence[Row], given: Any) -> Sequence[Any]:
        """The event times of ``rows``, which may be the first of those that ``given`` is beside."""
        place = self._place(stream, beside)
        if place is not None:
            given = given[place]
        elif beside != "times":
            return column_of(self._field(stream, beside))(rows)
        times: Sequence[Any] = given[: len(rows)]
        return times

    def _field(self, stream: str, beside: Beside) -> str:
        """The attribute of a row that has its event time."""
        column = self._plan.streams[stream].event_time
        assert column is not None
        row_type = (self._payload_types if beside == "metadata" else self._row_types)[stream]
        return row_type.__struct_fields__[row_type.__struct_encode_fields__.index(column)]

    def _place(self, stream: str, beside: Beside) -> int | None:
        """Which of the METADATA columns given beside rows has the event time, if one has."""
        known = self._plan.streams[stream]
        names = [column.name for column in known.schema.metadata]
        if beside != "metadata" or known.event_time not in names:
            return None
        return names.index(known.event_time)
