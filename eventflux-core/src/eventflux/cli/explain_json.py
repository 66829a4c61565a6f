"""``eventflux explain --format json``. Its shape is told in docs/reference/output.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eventflux.app.guarantees import guarantees_data
from eventflux.planner import windows as w
from eventflux.planner.bounds import bound_text, growths
from eventflux.planner.clocks import clock_texts
from eventflux.planner.describe import expression_text, item_texts, relation_text, window_text
from eventflux.planner.expressions import Column, is_expression
from eventflux.planner.late_streams import lates_of
from eventflux.planner.plan import Aggregate, Filter, Plan, Project, Query, Relation, Scan, Windowed
from eventflux.planner.windows import SortKey

if TYPE_CHECKING:
    from eventflux.app.program import Program
    from eventflux.base.types import Schema
    from eventflux.planner.plan import Place, Stream, Trigger

SHAPE = 1
"""The version of the shape; it rises when a reader of the old one would misread the new one."""


def plan_json(program: Program) -> str:
    return json.dumps(plan_data(program), ensure_ascii=False, indent=2)


def plan_data(program: Program) -> dict[str, Any]:
    """A plan as plain data: no option of a connector is in it, and so no password."""
    plan = program.plan
    clocks, lates = clock_texts(plan, program.settings), lates_of(plan)
    return {
        "version": SHAPE,
        "app": program.name,
        "settings": program.settings,
        "state_store": None if program.store is None else program.store.name,
        "streams": [
            _stream(plan, stream, program.wiring.streams[stream.name].notes)
            for stream in plan.streams.values()
        ],
        "queries": [
            _query(query, clocks.get(query.name), lates.get(query.name)) for query in plan.queries
        ],
        "guarantees": guarantees_data(program),
    }


def _stream(plan: Plan, stream: Stream, notes: Sequence[str]) -> dict[str, Any]:
    return {
        "name": stream.name,
        "role": stream.role,
        "declared": stream.declared,
        "view": stream.view,
        "inside": stream.unnamed_of,
        "window": None if stream.window is None else window_text(stream.window),
        "extension": stream.extension,
        "format": stream.format,
        "event_time": stream.event_time,
        "watermark": None
        if stream.watermark is None
        else expression_text(stream.watermark.expression),
        "trigger": None if stream.trigger is None else _trigger(stream.trigger),
        "notes": list(notes),
        "columns": _columns(stream.schema),
        "written_by": [query.name for query in plan.writers(stream.name)],
        "read_by": [query.name for query in plan.readers(stream.name)],
        "place": _place(stream.place),
    }


def _trigger(trigger: Trigger) -> dict[str, Any]:
    at = "start"
    if trigger.every_ms is not None or trigger.cron is not None:
        at = "every" if trigger.cron is None else "cron"
    return {
        "at": at,
        "every_ms": trigger.every_ms,
        "cron": trigger.cron,
        "catch_up": trigger.catch_up,
    }


def _columns(schema: Schema) -> list[dict[str, Any]]:
    return [
        {
            "name": column.name,
            "type": str(column.type),
            "nullable": column.nullable,
            "metadata": column.metadata,
        }
        for column in schema.columns
    ]


def _place(place: Place) -> dict[str, int]:
    return {"line": place.line, "column": place.column}


def _query(query: Query, clock: str | None, late: str | None) -> dict[str, Any]:
    return {
        "name": query.name,
        "source": query.source,
        "target": query.target,
        "sql": query.sql,
        "fingerprint": query.fingerprint,
        "place": _place(query.place),
        "state_bound": bound_text(query),
        "clock": clock,
        "late_rows": late,
        "unbounded_state": [growth.what for growth in growths(query)],
        "operators": [_operator(relation) for relation in query.operators],
    }


def _operator(relation: Relation) -> dict[str, Any]:
    named = relation.window if isinstance(relation, Windowed) else relation
    operator: dict[str, Any] = {"operator": type(named).__name__.lower()}
    match relation:
        case Scan(stream=stream):
            operator |= {"stream": stream}
        case Filter(condition=condition):
            operator |= {"condition": expression_text(condition)}
        case Windowed(window=w.Expression() as window):
            operator |= {"condition": expression_text(window.condition, calls=window.calls)}
        case Windowed(window=window):
            operator |= {f: _argument(getattr(window, f)) for f in window.__struct_fields__}
        case Aggregate(keys=keys):
            operator |= {"keys": [expression_text(key) for key in keys]}
            if relation.state_ttl_ms is not None:
                operator |= {"state_ttl_ms": relation.state_ttl_ms}
        case Project(items=items, emit=emit, events=events):
            if emit is not None:
                operator |= {"emit": emit.mode}
            if emit is not None and emit.every_ms is not None:
                operator |= {"every_ms": emit.every_ms}
            if events is not None:
                operator |= {"events": events.which}
            operator |= {
                "columns": [
                    {"name": item.name, "type": str(item.type), "not_null": item.not_null}
                    for item in items
                ],
                "items": item_texts(relation),
            }
    return operator | {"text": relation_text(relation)}


def _argument(value: object) -> Any:
    """What a window is bounded by, as plain data: of a column its name, of a key its SQL."""
    match value:
        case tuple():
            return [] if value == w.ONE_RUN else [_argument(one) for one in value]
        case Column():
            return value.name
        case SortKey():
            return {"column": value.column.name, "descending": value.descending}
        case _ if is_expression(value):
            return expression_text(value)
    return value
