"""The streams ``<name>.connection``: those of sources and sinks, whether they are read or not."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from eventflux.base.connection_columns import CONNECTION_SCHEMA, connection_of
from eventflux.base.suggest import did_you_mean
from eventflux.planner.plan import Place, Plan, Stream


def connection_stream(stream: str, place: Place) -> Stream:
    """The stream that tells of the connection of ``stream``."""
    name = connection_of(stream)
    return Stream(name, CONNECTION_SCHEMA, "internal", None, None, None, False, place)


def no_connection(stream: str, streams: Mapping[str, Stream]) -> tuple[str, str | None] | None:
    """Message and hint where ``stream`` is neither a source nor a sink of ``streams``."""
    connected = [name for name, known in streams.items() if known.role != "internal"]
    if stream in connected:
        return None
    message = f"{stream!r} has no connection: it is neither a source nor a sink"
    return message, did_you_mean(stream, connected) if connected else None


def with_connection_streams(plan: Plan) -> Plan:
    """The plan with those of all sources and sinks, not only of those that a query reads, so
    that a program can watch them too."""
    streams = dict(plan.streams)
    for stream in plan.streams.values():
        if stream.role != "internal":
            beside = connection_stream(stream.name, stream.place)
            streams.setdefault(beside.name, beside)
    return msgspec.structs.replace(plan, streams=streams)
