"""The streams ``<name>.errors``: every stream has one, whether anybody reads it or not."""

from __future__ import annotations

import msgspec

from eventflux.base.error_columns import errors_of, errors_schema, whose_errors
from eventflux.planner.plan import Place, Plan, Stream


def errors_stream(stream: str, place: Place) -> Stream:
    """The stream of the errors of ``stream``."""
    return Stream(errors_of(stream), errors_schema(), "internal", None, None, None, False, place)


def with_error_streams(plan: Plan) -> Plan:
    """The plan with the errors of every stream, not only of those that a query reads: what
    an engine is made of, so that a program can watch them too."""
    streams = dict(plan.streams)
    for stream in plan.streams.values():
        if whose_errors(stream.name) is None:
            streams.setdefault(errors_of(stream.name), errors_stream(stream.name, stream.place))
    return msgspec.structs.replace(plan, streams=streams)
