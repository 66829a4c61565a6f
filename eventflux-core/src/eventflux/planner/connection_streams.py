"""The streams ``<name>.connection``: those of sources and sinks, whether they are read or not."""

from __future__ import annotations

import msgspec

from eventflux.base.connection_columns import CONNECTION_SCHEMA, connection_of
from eventflux.planner.plan import Place, Plan, Stream


def connection_stream(stream: str, place: Place) -> Stream:
    """The stream that tells of the connection of ``stream``."""
    name = connection_of(stream)
    return Stream(name, CONNECTION_SCHEMA, "internal", None, None, None, False, place)


def with_connection_streams(plan: Plan) -> Plan:
    """The plan with those of all sources and sinks, not only of those that a query reads, so
    that a program can watch them too."""
    streams = dict(plan.streams)
    for stream in plan.streams.values():
        if stream.role != "internal":
            beside = connection_stream(stream.name, stream.place)
            streams.setdefault(beside.name, beside)
    return msgspec.structs.replace(plan, streams=streams)
