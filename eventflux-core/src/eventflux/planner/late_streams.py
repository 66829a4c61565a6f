"""The streams ``<name>.late``: every stream under a watermark has one, read or not."""

from __future__ import annotations

import msgspec

from eventflux.base.late_columns import late_of, late_schema
from eventflux.base.types import Schema
from eventflux.planner.plan import Place, Plan, Stream
from eventflux.planner.watermarks import is_final, watermarks_of, window_of
from eventflux.planner.windows import ExternalTime, ExternalTimeBatch, OutputTime


def late_stream(stream: str, schema: Schema, place: Place) -> Stream:
    """The stream of the late rows of ``stream``, which has ``schema``."""
    columns = late_schema(schema)
    return Stream(late_of(stream), columns, "internal", None, None, None, False, place)


def lates_of(plan: Plan) -> dict[str, str]:
    """For each query that rows can be late for the stream that these go to: under a watermark, or
    by a column of its window's own."""
    marked = watermarks_of(plan)
    found: dict[str, str] = {}
    for query in plan.queries:
        windowed = window_of(query)
        if is_final(query):
            found[query.name] = late_of(query.source)
        elif windowed is not None:
            window = windowed.window
            by_column = isinstance(window, ExternalTime | ExternalTimeBatch)
            timed = window.timed and not isinstance(window, OutputTime)
            if by_column or (timed and marked[query.source]):
                found[query.name] = late_of(query.source)
    return found


def streams_with_late_rows(plan: Plan) -> set[str]:
    """The streams under a watermark, and those that a window reads by a column of its own."""
    by_column = {
        query.source
        for query in plan.queries
        if (found := window_of(query)) is not None
        and isinstance(found.window, ExternalTime | ExternalTimeBatch)
    }
    return by_column | {name for name, roots in watermarks_of(plan).items() if roots}


def never_late(stream: str) -> tuple[str, str]:
    """Message and hint for the late rows of a stream that has no watermark."""
    return (
        f"rows of {stream!r} are never late: it has no watermark",
        "add WATERMARK FOR … AS … to the CREATE STREAM of each source that feeds it",
    )


def with_late_streams(plan: Plan) -> Plan:
    """The plan with those of all streams under a watermark, not only of those that a query
    reads, so that a program can watch them too."""
    streams = dict(plan.streams)
    for name in sorted(streams_with_late_rows(plan)):
        stream = plan.streams[name]
        late = late_stream(name, stream.schema, stream.place)
        streams.setdefault(late.name, late)
    return msgspec.structs.replace(plan, streams=streams)
