"""``eventflux check``: everything that can be said of programs without running them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from eventflux.cli.arguments import ConfigFile, ProgramFiles, SetOptions
from eventflux.cli.checked import Checked, Requirement, check_all, with_clocks, with_requirements
from eventflux.cli.exits import Exit, describe

if TYPE_CHECKING:
    from eventflux.app.program import Program


def check(
    files: ProgramFiles,
    set_options: SetOptions = None,
    config: ConfigFile = None,
    show_options: Annotated[
        bool,
        typer.Option(
            "--show-options",
            help="Show each option and setting in force, its value and where that comes from.",
        ),
    ] = False,
    output: Annotated[
        Literal["text", "json"],
        typer.Option("--output", help="Text for people, or JSON for editors and CI."),
    ] = "text",
    require: Annotated[
        list[Requirement] | None,
        typer.Option(
            "--require",
            help="Refuse programs that are not so; may be given more than once. bounded-state: no "
            "query keeps state that grows without end. at-least-once: every sink guarantees that.",
        ),
    ] = None,
) -> None:
    """Check programs: their SQL and the options of their streams. All errors are shown, each with
    its place in the file, what state can grow without end, and what each sink guarantees. Nothing
    is connected to.

    eventflux check orders.sql
    eventflux check orders.sql --config production.toml --show-options
    eventflux check programs/*.sql --output json --require bounded-state --require at-least-once
    """
    from eventflux.cli.settings import parse_set
    from eventflux.spi.plugins import installed_registry

    registry = installed_registry()
    overrides = parse_set(set_options or [])
    checked = [
        with_requirements(with_clocks(one), require or ())
        for one in check_all(files, registry, overrides, config)
    ]
    if output == "json":
        from eventflux.cli.check_json import print_json

        print_json(checked, show_options=show_options)
    else:
        for one in checked:
            _print(one, show_options=show_options)
    code = _exit(checked)
    if code is not Exit.DONE:
        raise typer.Exit(code)


def _exit(checked: Iterable[Checked]) -> Exit:
    """The code for all files: errors count for more than packages that are missing."""
    wrong = [one for one in checked if one.problems]
    if not wrong:
        return Exit.DONE
    only_missing = all(one.missing is not None for one in wrong)
    return Exit.MISSING_PACKAGE if only_missing else Exit.INVALID


def _print(checked: Checked, *, show_options: bool) -> None:
    for diagnostic in (*checked.warnings, *(() if checked.missing else checked.problems)):
        print(diagnostic.render(checked.sql, checked.name, checked.secrets), file=sys.stderr)
    if checked.missing is not None:
        print(describe(checked.missing), file=sys.stderr)
    if checked.program is None:
        return
    plan = checked.program.plan
    queries = "1 query" if len(plan.queries) == 1 else f"{len(plan.queries)} queries"
    streams = "1 stream" if len(plan.streams) == 1 else f"{len(plan.streams)} streams"
    print(f"{checked.name}: ok, {streams}, {queries}")
    _print_guarantees(checked.program)
    if show_options:
        _print_options(checked.program, checked.name)


def _print_guarantees(program: Program) -> None:
    from eventflux.app.guarantees import guarantees
    from eventflux.planner.describe import quote_name

    for guarantee in guarantees(program):
        print(f"  {quote_name(guarantee.sink)}: {guarantee.line()}")


def _print_options(program: Program, name: str) -> None:
    from eventflux.app.effective import (
        Effective,
        effective_of_queries,
        effective_options,
        effective_settings,
    )
    from eventflux.cli.tables import print_table

    def cells(one: Effective) -> tuple[str, str, str]:
        put_in = "".join(f", ${{{reference}}}" for reference in one.references)
        return one.name, one.value, one.origin.shown(name) + put_in

    settings = [cells(setting) for setting in effective_settings(program)]
    print_table(sys.stdout, ("setting", "value", "from"), settings)
    options = [
        (stream, *cells(option))
        for stream, resolved in program.wiring.streams.items()
        for option in effective_options(resolved)
    ]
    print_table(sys.stdout, ("stream", "option", "value", "from"), options)
    of_queries = [
        (query, *cells(option)) for query, own in effective_of_queries(program) for option in own
    ]
    if of_queries:
        print_table(sys.stdout, ("query", "option", "value", "from"), of_queries)
