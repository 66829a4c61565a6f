"""``eventflux run``: run a program until it ends or is told to stop."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from eventflux.base.errors import EventFluxError
from eventflux.cli.arguments import ConfigFile, ProgramFile, SetOptions
from eventflux.cli.exits import Exit, exit_for

if TYPE_CHECKING:
    from eventflux.monitoring.http_server import Address


def run(
    file: ProgramFile,
    set_options: SetOptions = None,
    config: ConfigFile = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            metavar="DIR",
            file_okay=False,
            help="Keep the state of queries there, and go on from it at the next start; as "
            "--set checkpoint.dir=DIR. What is in it: eventflux state DIR.",
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Ignore the state that is stored; it is left aside as a file .old."
        ),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help="The app's name, by which its state is found; as --set app.name=NAME. By default "
            "that of the file.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Put files and the terminal in the place of all sources and sinks; "
            "nothing outside is touched.",
        ),
    ] = False,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="STREAM=FILE",
            help="Rows for --dry-run: JSON lines by column name, or a .csv file with a header. "
            "Without any, each source gets ten made-up rows.",
        ),
    ] = None,
    output: Annotated[
        Literal["table", "json"] | None,
        typer.Option(
            "--output", help="How --dry-run shows the rows: a table, or one JSON object a row."
        ),
    ] = None,
    http: Annotated[
        str | None,
        typer.Option(
            "--http",
            metavar="[HOST:]PORT",
            help="Serve /live, /ready, /metrics (Prometheus) and /stats there, and to this machine "
            "/why and /tap; without HOST all of it to this machine alone.",
        ),
    ] = None,
    log_format: Annotated[
        Literal["text", "json"], typer.Option("--log-format", help="The form of log lines.")
    ] = "text",
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        typer.Option("--log-level", help="The least level that is logged."),
    ] = "info",
) -> None:
    """Run a program until its input ends, or until Ctrl-C (SIGINT) or SIGTERM. A signal stops
    reading, drains what is under way, confirms and acknowledges it; a second one ends the process
    at once. The rows of console sinks and of dry runs go to stdout; the status line, the summary at
    the end and logs to stderr.

    eventflux run orders.sql
    eventflux run orders.sql --set OrderInput.rabbitmq.host=broker --config production.toml
    eventflux run orders.sql --state /var/lib/eventflux
    eventflux run orders.sql --http 0.0.0.0:9090
    eventflux run orders.sql --dry-run
    eventflux run orders.sql --dry-run --input OrderInput=orders.jsonl --output json
    """
    from eventflux.cli import logs
    from eventflux.cli.status import StatusLine

    if not dry_run and (inputs or output):
        raise typer.BadParameter("--input and --output need --dry-run", param_hint="--dry-run")
    if dry_run and http is not None:
        raise typer.BadParameter("a dry run serves no pages", param_hint="--http")
    if dry_run and (state is not None or fresh):
        raise typer.BadParameter("a dry run stores no state", param_hint="--state, --fresh")
    given = _given(set_options or [], state, name)
    status = StatusLine(sys.stderr, wanted=not dry_run)
    log = logs.configure(log_format, log_level, sys.stderr, status)
    if dry_run:
        from eventflux.cli.dry_run import dry_run as start
        from eventflux.cli.settings import parse_assignments

        files = parse_assignments(inputs or [], "--input", "STREAM=FILE")
        work = partial(start, file, given, config, files, output or "table")
    else:
        from eventflux.cli.serve import serve

        work = partial(serve, file, given, config, status, _address(http), fresh=fresh)
    try:
        code = work()
    except EventFluxError as error:
        if log_format == "text":
            raise
        log.error(str(error))
        code = exit_for(error)
    if code is not Exit.DONE:
        raise typer.Exit(code)


def _given(set_options: list[str], state: Path | None, name: str | None) -> list[str]:
    """The ``--set`` arguments, with what other options are short for."""
    short = {"checkpoint.dir": state, "app.name": name}
    return [
        *set_options,
        *(f"{setting}={value}" for setting, value in short.items() if value is not None),
    ]


def _address(text: str | None) -> Address | None:
    if text is None:
        return None
    from eventflux.monitoring.http_server import Address

    try:
        return Address.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--http") from None
