"""The program ``eventflux``: its commands, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from eventflux.base.errors import EventFluxError
from eventflux.cli.check import check
from eventflux.cli.connectors import connectors
from eventflux.cli.exits import (
    CHECK_EXIT_CODES_HELP,
    FMT_EXIT_CODES_HELP,
    RUN_EXIT_CODES_HELP,
    TEST_EXIT_CODES_HELP,
    Exit,
    describe,
    exit_for,
)
from eventflux.cli.explain import explain
from eventflux.cli.fmt import fmt
from eventflux.cli.new.command import new
from eventflux.cli.plugins import plugins
from eventflux.cli.run import run
from eventflux.cli.state import state
from eventflux.cli.tap import tap
from eventflux.cli.test import run_tests

app = typer.Typer(
    name="eventflux",
    help="""Run streaming SQL between message brokers.

    eventflux check orders.sql
    eventflux run orders.sql --dry-run
    eventflux run orders.sql --set OrderInput.rabbitmq.host=broker
    """,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command(short_help="Run a program, or try it with --dry-run.", epilog=RUN_EXIT_CODES_HELP)(run)
app.command(short_help="Find every error of a program.", epilog=CHECK_EXIT_CODES_HELP)(check)
app.command("test", short_help="Run tests that are SQL.", epilog=TEST_EXIT_CODES_HELP)(run_tests)
app.command(short_help="Write programs in the canonical layout.", epilog=FMT_EXIT_CODES_HELP)(fmt)
app.command(short_help="Show a program's plan, its Python, or why a stream has no rows.")(explain)
app.command(short_help="Show the rows of a stream of a running app.")(tap)
app.command(short_help="List the state that apps have in a directory.")(state)
app.command(short_help="List what is installed.")(plugins)
app.command(short_help="List connectors and formats, or the options of one.")(connectors)
app.command(short_help="Make a repository for a plugin or an app.")(new)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"eventflux {version('eventflux-core')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Options of the program itself."""


def run_command(arguments: Sequence[str] | None) -> None:
    """Run a command and exit with its code; ``None`` means the process's own arguments."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="eventflux")
    except EventFluxError as error:
        sys.stdout.flush()
        print(describe(error), file=sys.stderr)
        sys.exit(exit_for(error))
    except BrokenPipeError:
        # Who read our output has gone, as `head` does; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.FAILED)
