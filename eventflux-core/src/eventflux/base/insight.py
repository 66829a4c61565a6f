"""What can be seen inside a compiled app at a quiet moment, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from eventflux.base.errors import Position


class InputMark(msgspec.Struct, frozen=True):
    """How far an input that moves watermarks has come: a stream, or a partition of its source.

    ``mark`` is epoch milliseconds, ``None`` before the first row. One that is ``idle`` or has
    ``ended`` holds nobody back.
    """

    stream: str
    partition: str | None
    mark: int | None
    idle: bool
    ended: bool
    idle_after_ms: int


class Holding(msgspec.Struct, frozen=True):
    """What a query with state holds and waits for.

    ``kept`` rows or groups are held; ``rows`` of the input wait for a row of their own (``None``
    where counting them would take long). ``due`` is when the next of them are given, in epoch
    milliseconds by the query's own time: its watermark where there are ``inputs`` that move one,
    else the app's clock. ``None``: no time says so.
    """

    kept: int
    rows: int | None
    due: int | None
    mark: int | None = None
    inputs: tuple[InputMark, ...] = ()


class Fate(msgspec.Struct, frozen=True):
    """What becomes of the last row that a query was seen to read.

    ``filtered`` by the condition at ``place``, ``failed`` with ``error``, ``passed``, ``entered``
    its state, or was ``unnested``, whatever came of that. ``row`` has its values by column, as SQL
    writes them.
    """

    what: Literal["passed", "entered", "unnested", "filtered", "failed"]
    row: Mapping[str, str]
    place: Position | None = None
    error: str | None = None


class Insight(msgspec.Struct, frozen=True):
    """``now`` is the app's clock; ``holdings`` and ``fates`` are by the names of queries. A query
    has no fate where its last row is not known, or where it can't be computed again without a
    trace: it calls functions that are not deterministic."""

    now: int
    holdings: Mapping[str, Holding]
    fates: Mapping[str, Fate]
    triggers: Mapping[str, int | None] = {}
    """When each trigger gives its next row, by its stream; ``None``: not again."""
