"""``eventflux tap``: the rows of a stream of a running app, as they pass."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from eventflux.cli.arguments import AppAddress, AppName, ProgramFile

if TYPE_CHECKING:
    from pathlib import Path


def tap(
    file: ProgramFile,
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="The stream to look at.")],
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="End after so many rows.")
    ] = None,
    name: AppName = None,
    http: AppAddress = None,
) -> None:
    """Show the rows of a stream of a running app as they pass, until the app stops or Ctrl-C: on a
    terminal the last of them as a table, else as JSON, an object a line. The app does not wait:
    what comes faster than it can be shown is left out, and counted.

    eventflux tap orders.sql Alerts
    eventflux tap orders.sql Alerts --limit 100 | jq .amount
    """
    try:
        _tap(file, stream, limit, name, http)
    except KeyboardInterrupt:
        raise typer.Exit from None  # that is how it is ended


def _tap(file: Path, stream: str, limit: int | None, name: str | None, address: str | None) -> None:
    from eventflux.cli.running import asked
    from eventflux.cli.tapped_rows import lines_of, shown_as_json, shown_as_table

    query = {"stream": stream} if limit is None else {"stream": stream, "limit": str(limit)}
    with asked(file, name, address, "/tap", **query) as answer:
        if sys.stdout.isatty():
            left_out = shown_as_table(lines_of(answer.lines()), sys.stdout)
        else:
            left_out = shown_as_json(lines_of(answer.lines()), sys.stdout)
    if left_out:
        print(f"{left_out:,} rows came too fast and were left out", file=sys.stderr)
