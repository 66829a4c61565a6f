"""The rows of a tap as lines of JSON, at a pace that the app doesn't feel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import msgspec

from eventflux.app import AppRuntime
from eventflux.app.build import whole_plan
from eventflux.base.rows import Row, values_of
from eventflux.base.timestamps import timestamp_text
from eventflux.base.types import DataType, Schema

_PACE = 0.1
"""Seconds from one line to the next at least."""
_ROWS = 500
"""Rows of a line at most: written in a millisecond or two. What comes more is left out."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


async def tapped(
    app: AppRuntime, stream: str, limit: int | None = None
) -> AsyncGenerator[bytes, None]:
    """Lines of JSON until the app stops or ``limit`` rows were given: the columns, then rows."""
    async with app.tap(stream, limit=_ROWS) as tap:
        schema = whole_plan(app.plan).streams[stream].schema
        columns = [{"name": c.name, "type": str(c.type)} for c in schema.columns]
        yield _line({"stream": stream, "columns": columns})
        shown = _shown(schema)
        while not tap.closed:
            rows, left_out = await tap.rows()
            if limit is not None:
                rows = rows[:limit]
                limit -= len(rows)
            if rows or left_out:
                yield _line({"rows": list(map(shown, rows)), "left_out": left_out})
            if limit == 0:
                return
            if not tap.closed:
                await asyncio.sleep(_PACE)


def _line(content: Any) -> bytes:
    return _encode(content) + b"\n"


def _shown(schema: Schema) -> Callable[[Row], Sequence[Any]]:
    """What makes the values of a row those of JSON: a TIMESTAMP is its text."""
    timestamps = [i for i, c in enumerate(schema.columns) if c.type is DataType.TIMESTAMP]
    if not timestamps:
        return values_of

    def shown(row: Row) -> Sequence[Any]:
        values = list(values_of(row))
        for index in timestamps:
            if values[index] is not None:
                values[index] = timestamp_text(values[index])
        return values

    return shown
