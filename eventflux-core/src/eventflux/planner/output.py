"""OUTPUT … EVERY: a query of its own behind the one whose rows it limits (semantics 9.4).

    SELECT k, sum(v) AS s FROM S GROUP BY k OUTPUT LAST EVERY 5 SECONDS

is planned as ``query_1``, which gives every row, and ``query_1/limited``, which holds them. Groups
go along with the rows, in columns of their own where they are not selected. Only SNAPSHOT over
groups or a window is no such query: what it gives at the end of a period is what they hold then.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from eventflux.base.types import Column, Schema
from eventflux.planner import expressions as ex
from eventflux.planner.expressions import Expression
from eventflux.planner.fingerprint import fingerprint, fingerprint_behind
from eventflux.planner.parts import Part
from eventflux.planner.places import place_of
from eventflux.planner.plan import (
    Emission,
    Item,
    Project,
    Query,
    Scan,
    Stream,
    Windowed,
)
from eventflux.planner.windows import OutputRows, OutputTime
from eventflux.sql.ast import Emit, Output
from eventflux.sql.source import SourceText


def bind_snapshot(
    source: SourceText, output: Output, emit: Emit | None, holds: bool
) -> Emission | None:
    """When a query of OUTPUT SNAPSHOT gives what it ``holds``, rows or groups; ``None`` where it
    holds nothing, so that its latest row is what it gives.

    Raises:
        Problem: there is no such snapshot.
    """
    if emit is not None:
        message = f"EMIT {emit.mode.upper()} and OUTPUT SNAPSHOT both say when rows come"
        raise source.problem(output.start, message, "leave one of them out")
    if output.every_ms is None:
        message = "OUTPUT SNAPSHOT gives what holds at a time, not after so many rows"
        raise source.problem(output.start, message, "write OUTPUT SNAPSHOT EVERY 5 SECONDS")
    if not holds:
        return None
    return Emission("snapshot", output.every_ms, place_of(source, output.start))


def limited(
    source: SourceText,
    part: Part,
    whole: Query,
    output: Output,
    name: str,
    schema: Schema,
    keys: Sequence[Expression],
    at_end: bool,
) -> tuple[Query, Stream, Query]:
    """A query behind which OUTPUT stands, now writing a stream called ``name``, that stream, and
    the query of this name which writes what is left of it.

    Args:
        schema: that of the target.
        keys: what the query groups by.
        at_end: whether the first row of a batch waits for its end.
    """
    place = place_of(source, output.start)
    items, groups = list(whole.root.items), []
    columns = [msgspec.structs.replace(column, metadata=None) for column in schema.columns]
    for number, key in enumerate(keys if output.mode != "all" else ()):
        value = ex.KeyValue(number, key.type, key.nullable)
        column = next(
            (c for c, i in zip(columns, items, strict=True) if _is_plainly(i, value)), None
        )
        if column is None:
            free = f"key {number + 1}"
            while any(free == taken.name for taken in columns):
                free += "'"
            column = Column(free, key.type, key.nullable)
            columns.append(column)
            items.append(
                Item(free, value, key.type, False, False, False, place),
            )
        groups.append(ex.Column(column.name, column.type, column.nullable))
    stream = Stream(
        name=name,
        schema=Schema(tuple(columns)),
        role="internal",
        extension=None,
        format=None,
        event_time=None,
        declared=False,
        place=place,
        unnamed_of=part.name,
    )
    window: OutputRows | OutputTime
    if output.rows is not None:
        window = OutputRows(output.mode, output.rows, tuple(groups), at_end)
    else:
        assert output.every_ms is not None, "it has one of the two"
        window = OutputTime(output.mode, output.every_ms, tuple(groups), at_end)
    root = Project(
        Windowed(Scan(name, stream.schema), window, place),
        tuple(
            msgspec.structs.replace(
                item,
                expression=ex.Column(column.name, column.type, column.nullable),
                not_null=False,
                check_range=False,
                truncate=False,
            )
            for item, column in zip(whole.root.items, columns, strict=False)
        ),
    )
    behind = msgspec.structs.replace(
        whole,
        name=name,
        source=name,
        root=root,
        place=place,
        sql=source.sql[output.start : output.end],
        fingerprint=fingerprint_behind(whole.fingerprint, fingerprint(root, unnamed=True)),
    )
    giving = msgspec.structs.replace(whole.root, items=tuple(items))
    return msgspec.structs.replace(whole, target=name, root=giving), stream, behind


def _is_plainly(item: Item, value: Expression) -> bool:
    return item.expression == value and not (item.truncate or item.check_range)
