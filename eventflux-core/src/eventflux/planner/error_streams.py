"""The streams ``<name>.errors``: every stream has one, whether anybody reads it or not."""

from __future__ import annotations

import msgspec

from eventflux.base.error_columns import errors_of, errors_schema
from eventflux.base.side_streams import owner_of
from eventflux.base.types import Schema
from eventflux.planner.plan import Place, Plan, Stream


def errors_stream(stream: str, schema: Schema, place: Place) -> Stream:
    """The stream of the errors of ``stream``, which has ``schema``."""
    columns = errors_schema(schema)
    return Stream(errors_of(stream), columns, "internal", None, None, None, False, place)


def with_error_streams(plan: Plan) -> Plan:
    """The plan with the errors of every stream, not only of those that a query reads: what
    an engine is made of, so that a program can watch them too."""
    streams = dict(plan.streams)
    for stream in plan.streams.values():
        if owner_of(stream.name) is None and stream.unnamed_of is None:
            errors = errors_stream(stream.name, stream.schema, stream.place)
            streams.setdefault(errors.name, errors)
    return msgspec.structs.replace(plan, streams=streams)
