"""``eventflux explain``: the typed plan of a program, or the Python that is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from eventflux.cli.arguments import ConfigFile, ProgramFile, SetOptions

if TYPE_CHECKING:
    from eventflux.planner.plan import Plan, Query, Relation, Stream


def explain(
    file: ProgramFile,
    code: Annotated[
        bool, typer.Option("--code", help="Show the generated Python in place of the plan.")
    ] = False,
    set_options: SetOptions = None,
    config: ConfigFile = None,
) -> None:
    """Show what becomes of a program: its plan as a tree with types, or the generated Python.

    eventflux explain orders.sql
    eventflux explain orders.sql --code
    """
    from eventflux.cli.program import load

    app = load(file, set_options, config, replace_external=True)
    if not code:
        print(plan_text(app.plan))
        return
    for stream in app.plan.streams.values():
        if stream.role == "sink":
            app.on(stream.name, _ignore, batch=True)  # so that its rows are made
    print(app.source_code())


def _ignore(rows: object) -> None:
    """Stands where a sink would be."""


def plan_text(plan: Plan) -> str:
    """A plan for reading: settings, streams, and each query as a tree."""
    lines: list[str] = []
    if plan.settings:
        lines += ["settings", *(f"  {name} = {value}" for name, value in plan.settings.items()), ""]
    lines += ["streams", *(f"  {_stream_line(stream)}" for stream in plan.streams.values())]
    for query in plan.queries:
        lines += ["", *_query_lines(query)]
    return "\n".join(lines)


def _stream_line(stream: Stream) -> str:
    from eventflux.planner.describe import quote_name

    binding = "" if stream.extension is None else f", {stream.role} {stream.extension}"
    if stream.format is not None:
        binding += f" ({stream.format})"
    if stream.event_time is not None:
        binding += f", event time from {quote_name(stream.event_time)}"
    if not stream.declared:
        binding += ", not declared: its columns are those of the query that writes it first"
    return f"{quote_name(stream.name)} {stream.schema}{binding}"


def _query_lines(query: Query) -> Iterator[str]:
    from eventflux.planner.describe import quote_name

    yield f"{query.name}, line {query.place.line}: insert into {quote_name(query.target)}"
    yield from _tree(query.root)
    if _keeps_state(query.root):
        yield "  its state is volatile: it starts anew with each run"


def _tree(relation: Relation, depth: int = 0) -> Iterator[str]:
    """One operator with what it computes, then its input below it."""
    from eventflux.planner.describe import relation_text
    from eventflux.planner.plan import Aggregate, Project, Scan

    indent = "   " * depth
    if isinstance(relation, Project):
        yield f"{indent}└─ Project"
        details = _items(relation)
    elif isinstance(relation, Aggregate):
        yield f"{indent}└─ {relation_text(relation)}"
        details = _calls(relation)
    else:
        yield f"{indent}└─ {relation_text(relation)}"
        details = []
    gutter = "      " if isinstance(relation, Scan) else "   │  "
    yield from (f"{indent}{gutter}{detail}" for detail in details)
    if not isinstance(relation, Scan):
        yield from _tree(relation.input, depth + 1)


def _items(project: Relation) -> Sequence[str]:
    from eventflux.planner.describe import expression_text, quote_name
    from eventflux.planner.plan import Project

    assert isinstance(project, Project)
    return [
        f"{quote_name(item.name)} {item.type} = {expression_text(item.expression)}"
        + (" (NULL fails the row)" if item.not_null else "")
        for item in project.items
    ]


def _calls(aggregate: Relation) -> Sequence[str]:
    from eventflux.planner.describe import call_text, expression_text
    from eventflux.planner.plan import Aggregate

    assert isinstance(aggregate, Aggregate)
    keys = [
        f"key#{number} {key.type} = {expression_text(key)}"
        for number, key in enumerate(aggregate.keys, start=1)
    ]
    return keys + [
        f"aggregate#{number} {call.type} = {call_text(call)}"
        for number, call in enumerate(aggregate.calls, start=1)
    ]


def _keeps_state(relation: Relation) -> bool:
    from eventflux.planner.plan import Aggregate, Scan, Tumbling

    if isinstance(relation, Aggregate | Tumbling):
        return True
    return not isinstance(relation, Scan) and _keeps_state(relation.input)
