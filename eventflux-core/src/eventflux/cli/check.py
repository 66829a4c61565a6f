"""``eventflux check``: everything that can be said of programs without running them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from eventflux.base.errors import Diagnostic, MissingPackageError, OptionError
from eventflux.cli.arguments import ConfigFile, SetOptions
from eventflux.cli.exits import Exit, describe

if TYPE_CHECKING:
    from eventflux.app.config_file import Config
    from eventflux.app.program import Program
    from eventflux.spi.registry import Registry


def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            exists=True,
            dir_okay=False,
            readable=True,
            allow_dash=True,
            help="SQL programs; - is the standard input.",
        ),
    ],
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
        Literal["bounded-state"] | None,
        typer.Option(
            "--require",
            help="Make an error of a warning. bounded-state: no query may keep state that grows "
            "without end.",
        ),
    ] = None,
) -> None:
    """Check programs: their SQL and the options of their streams. All errors are shown, each with
    its place in the file, and what state can grow without end. Nothing is connected to.

    eventflux check orders.sql
    eventflux check orders.sql --config production.toml --show-options
    eventflux check programs/*.sql --output json --require bounded-state
    """
    from eventflux.cli.program import installed
    from eventflux.cli.settings import parse_set

    registry = installed()
    overrides = parse_set(set_options or [])
    bounded = require == "bounded-state"
    checked = [
        _with_bounds(one, required=bounded)
        for one in _check_all(files, registry, overrides, config)
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


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and what was found; ``program`` is there if nothing is wrong."""

    name: str
    sql: str
    secrets: frozenset[str]
    problems: Sequence[Diagnostic]
    warnings: Sequence[Diagnostic] = ()
    program: Program | None = None
    missing: MissingPackageError | None = None
    """Set if packages to install are all that is wrong."""


def _check_all(
    files: Sequence[Path], registry: Registry, overrides: Mapping[str, str], config: Path | None
) -> list[Checked]:
    from eventflux.app.config_file import config_of

    try:
        read = config_of(config)
    except OptionError as error:  # it is wrong whatever the programs say
        told = Diagnostic(error.message, None, error.hint)
        return [Checked(str(config), "", frozenset(), [told])]
    return [_check(file, registry, overrides, read) for file in files]


def _check(file: Path, registry: Registry, overrides: Mapping[str, str], config: Config) -> Checked:
    from eventflux.app.program import examine
    from eventflux.cli.program import read_text, shown_name

    name = shown_name(file)
    secrets = registry.secret_options()
    sql = ""
    try:
        sql = read_text(file)
        found = examine(sql, registry, file=name, overrides=overrides, config=config)
    except OptionError as error:
        return Checked(name, sql, secrets, [Diagnostic(error.message, None, error.hint)])
    # What is doubtful may only seem so where a part of the program could not be read.
    warnings = () if found.problems else found.warnings
    return Checked(name, sql, secrets, found.problems, warnings, found.program, found.missing)


def _with_bounds(checked: Checked, *, required: bool) -> Checked:
    """With a warning for each state that is unbounded, or where that is ``required`` an error."""
    from eventflux.planner.bounds import unbounded_state

    found = () if checked.program is None else unbounded_state(checked.program.plan)
    if not found:
        return checked
    if required:
        errors = [replace(warning, severity="error") for warning in found]
        return replace(checked, problems=errors, program=None)
    return replace(checked, warnings=[*checked.warnings, *found])


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
    if show_options:
        _print_options(checked.program, checked.name)


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
