"""``eventflux explain``: the typed plan of a program, or the Python that is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from eventflux.cli.arguments import AppAddress, AppName, ConfigFile, ProgramFile, SetOptions

if TYPE_CHECKING:
    from eventflux.app.program import Program
    from eventflux.planner.plan import Plan, Project, Query, Relation, Stream
    from eventflux.planner.windows import AnyWindow


def explain(
    file: ProgramFile,
    code: Annotated[
        bool, typer.Option("--code", help="Show the generated Python in place of the plan.")
    ] = False,
    form: Annotated[
        Literal["text", "mermaid", "json"],
        typer.Option("--format", help="The plan as text, as a Mermaid flowchart or as JSON."),
    ] = "text",
    why: Annotated[
        str | None,
        typer.Option(
            "--why",
            metavar="STREAM",
            help="Ask the running app why this stream has no output, or what it gives.",
        ),
    ] = None,
    set_options: SetOptions = None,
    config: ConfigFile = None,
    name: AppName = None,
    http: AppAddress = None,
) -> None:
    """Show what becomes of a program: its plan as a tree with types, or the generated Python. Of a
    program that runs, --why tells why a stream has no rows.

    eventflux explain orders.sql
    eventflux explain orders.sql --format mermaid
    eventflux explain orders.sql --code
    eventflux explain orders.sql --why Alerts
    """
    if why is not None:
        if code or form == "mermaid":
            raise typer.BadParameter("--why is text, or --format json", param_hint="--why")
        if set_options or config is not None:
            raise typer.BadParameter(
                "the running app has its options: --set and --config are for the plan",
                param_hint="--why",
            )
        from eventflux.cli.running import ask

        ask(file, why, name, http, as_json=form == "json")
        return
    if name is not None or http is not None:
        raise typer.BadParameter("--name and --http need --why", param_hint="--why")
    if code:
        if form != "text":
            raise typer.BadParameter("--code is Python", param_hint="--format")
        _print_code(file, set_options, config)
        return
    from eventflux.cli.program import read

    program = read(file, set_options, config, replace_external=True)
    if form == "json":
        from eventflux.cli.explain_json import plan_json

        print(plan_json(program))
    elif form == "mermaid":
        from eventflux.app.guarantees import guarantees
        from eventflux.cli.explain_mermaid import plan_mermaid

        titles = {guarantee.sink: guarantee.title for guarantee in guarantees(program)}
        print(plan_mermaid(program.plan, titles))
    else:
        store = None if program.store is None else program.store.name
        print(plan_text(program.plan, program.settings, notes_of(program), store))


def notes_of(program: Program) -> dict[str, list[str]]:
    """What is said of streams below their lines, by name: what their connectors say of them,
    and what sinks guarantee."""
    from eventflux.app.guarantees import guarantees

    notes = {name: list(stream.notes) for name, stream in program.wiring.streams.items()}
    for guarantee in guarantees(program):
        notes[guarantee.sink] += guarantee.lines()
    return notes


def _print_code(file: Path, set_options: list[str] | None, config: Path | None) -> None:
    from eventflux.cli.program import load

    app = load(file, set_options, config, replace_external=True)
    for stream in app.plan.streams.values():
        if stream.role == "sink":
            app.on(stream.name, _ignore, batch=True)  # so that its rows are made
    print(app.source_code())


def _ignore(rows: object) -> None:
    """Stands where a sink would be."""


def plan_text(
    plan: Plan,
    settings: Mapping[str, str],
    notes: Mapping[str, Sequence[str]] | None = None,
    store: str | None = None,
) -> str:
    """A plan for reading: settings, streams, and each query as a tree.

    ``settings`` are those of the app, wherever they come from; ``notes`` what is said
    of the streams, by name; ``store`` the state store, if there is one.
    """
    from eventflux.planner.clocks import clock_texts
    from eventflux.planner.late_streams import lates_of
    from eventflux.planner.triggers import trigger_texts

    clocks, lates = clock_texts(plan, settings), lates_of(plan)
    lines: list[str] = []
    if settings:
        lines += ["settings", *(f"  {name} = {value}" for name, value in settings.items()), ""]
    lines.append("streams")
    for stream in plan.streams.values():
        lines.append(f"  {_stream_line(stream)}")
        if stream.trigger is not None:
            lines += [f"    {text}" for text in trigger_texts(stream.trigger)]
        if stream.window is not None:
            lines.append(f"    {_window_line(plan, stream.name, stream.window)}")
        lines += [f"    {note}" for note in (notes or {}).get(stream.name, ())]
    for query in plan.queries:
        durability = _durability(settings, store)
        name = query.name
        lines += ["", *_query_lines(query, clocks.get(name), lates.get(name), durability)]
    return "\n".join(lines)


def _stream_line(stream: Stream) -> str:
    from eventflux.base.connection_columns import whose_connection
    from eventflux.base.error_columns import whose_errors
    from eventflux.planner.describe import quote_name

    binding = "" if stream.extension is None else f", {stream.role} {stream.extension}"
    if stream.format is not None:
        binding += f" ({stream.format})"
    if stream.event_time is not None:
        binding += f", event time from {quote_name(stream.event_time)}"
    failing, connected = whose_errors(stream.name), whose_connection(stream.name)
    if failing is not None:
        binding += f", the errors of {quote_name(failing)}"
    elif connected is not None:
        binding += f", how {quote_name(connected)} is connected"
    elif stream.view:
        binding += ", a view"
    elif stream.trigger is not None:
        binding += ", a trigger"
    elif stream.unnamed_of is not None:
        binding += f", inside {stream.unnamed_of}: what one part of it gives to another"
    elif not stream.declared:
        binding += ", not declared: its columns are those of the query that writes it first"
    return f"{quote_name(stream.name)} {stream.schema}{binding}"


def _window_line(plan: Plan, name: str, window: AnyWindow) -> str:
    """What a window holds, and for which queries."""
    from eventflux.planner.describe import window_text

    readers = [query.name for query in plan.readers(name)]
    read = f"read by {', '.join(readers)}" if readers else "which no query reads"
    each = ", each of which holds for itself what it needs of the rows"
    return f"window: {window_text(window)}, {read}{each if len(readers) > 1 else ''}"


def _query_lines(
    query: Query, clock: str | None, late: str | None, durability: str
) -> Iterator[str]:
    from eventflux.planner.describe import quote_name

    yield f"{query.name}, line {query.place.line}: insert into {quote_name(query.target)}"
    for depth, operator in enumerate(reversed(query.operators)):
        yield from _operator_lines(operator, "   " * depth)
    yield from (f"  {line}" for line in _state_lines(query, clock, durability))
    if late is not None:
        yield f"  late rows: go to {quote_name(late)}"


def _state_lines(query: Query, clock: str | None, durability: str) -> Iterator[str]:
    """What a query keeps between rows: by which key, where, and what moves it on."""
    from eventflux.planner.bounds import bound_text
    from eventflux.planner.describe import expression_text
    from eventflux.planner.plan import Aggregate, Windowed
    from eventflux.planner.windows import OutputRows, OutputTime

    aggregate = next((o for o in query.operators if isinstance(o, Aggregate)), None)
    window = next((o for o in query.operators if isinstance(o, Windowed)), None)
    if aggregate is None and window is None:
        return
    keys = aggregate.keys if aggregate is not None else ()
    kept = "the rows of the open window" if aggregate is None else "one state for all rows"
    limits = window is not None and isinstance(window.window, OutputRows | OutputTime)
    if limits:
        kept = "the rows that OUTPUT holds"
    if keys:
        kept = "one state for each " + ", ".join(map(expression_text, keys))
    yield f"state: {kept}"
    yield f"bound: {bound_text(query)}"
    yield durability
    none = "none, it counts rows" if limits else "none, each row gives a result at once"
    yield f"clock: {clock or none}"


def _durability(settings: Mapping[str, str], store: str | None) -> str:
    """What becomes of state when the process ends."""
    from eventflux.base.durations import format_duration
    from eventflux.planner.settings import read_setting

    if store is None:
        return "its state is volatile: kept in memory only, it starts anew with each run"
    interval = format_duration(int(read_setting(settings, "checkpoint.interval")))
    return f"its state is stored: a checkpoint in {store} every {interval}, and at a stop"


def _operator_lines(relation: Relation, indent: str) -> Iterator[str]:
    """One operator with what it computes."""
    from eventflux.planner.describe import emission_text, relation_text
    from eventflux.planner.plan import Project, Scan

    if isinstance(relation, Project):
        emitted = "" if relation.emit is None else f", {emission_text(relation.emit)}"
        yield f"{indent}└─ Project{emitted}"
        details = _items(relation)
    else:
        yield f"{indent}└─ {relation_text(relation)}"
        details = ()
    gutter = "      " if isinstance(relation, Scan) else "   │  "
    yield from (f"{indent}{gutter}{detail}" for detail in details)


def _items(project: Project) -> Sequence[str]:
    from eventflux.planner.describe import item_texts

    return [
        text + (" (NULL fails the row)" if item.not_null else "")
        for text, item in zip(item_texts(project), project.items, strict=True)
    ]
