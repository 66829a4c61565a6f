"""``eventflux state``: what is in the state of apps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from eventflux.cli.exits import Exit

if TYPE_CHECKING:
    from eventflux.cli.stored_state import AppState


def state(
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            exists=True,
            file_okay=False,
            readable=True,
            help="The directory of run --state, or of checkpoint.dir.",
        ),
    ],
    output: Annotated[
        Literal["table", "json"],
        typer.Option("--output", help="Tables for people, or JSON for programs."),
    ] = "table",
) -> None:
    """List the state that apps have in a directory: their checkpoints, and what the newest holds of
    each query. Apps may run meanwhile.

    eventflux state /var/lib/eventflux
    eventflux state /var/lib/eventflux --output json
    """
    from eventflux.cli.stored_state import app_states, states_json

    found = app_states(directory)
    if output == "json":
        print(states_json(found))
    elif not found:
        print(f"no app has state in {directory}")
    for app in found if output == "table" else ():
        _print(app)
    if any(app.damaged for app in found):
        raise typer.Exit(Exit.FAILED)


def _print(app: AppState) -> None:
    from eventflux.cli.stored_state import age_text, bytes_text
    from eventflux.cli.tables import print_table

    print(f"{app.app}: {bytes_text(app.bytes)} in {app.file}")
    if app.damage is not None:
        print(f"  nothing of it can be read: {app.damage}\n")
        return
    if not app.checkpoints:
        print("  no checkpoint yet\n")
        return
    print_table(
        sys.stdout,
        ("revision", "cut", "age", "written", "by", "condition"),
        [
            (
                one.revision,
                one.cut or "unknown",
                "unknown" if one.age_ms is None else age_text(one.age_ms),
                bytes_text(one.written),
                one.version or "unknown",
                "whole" if one.damage is None else f"damaged: {one.damage}",
            )
            for one in app.checkpoints
        ],
        right=("revision", "age", "written"),
        plain=True,
    )
    if app.queries:
        print_table(
            sys.stdout,
            ("query", "state", "keys", "rows", "records", "bytes", "age"),
            [
                (
                    one.query or "(the app)",
                    one.kind,
                    ", ".join(one.keys) or "none",
                    "" if one.rows is None else f"{one.rows:,}",
                    f"{one.records:,}",
                    bytes_text(one.bytes),
                    age_text(one.age_ms),
                )
                for one in app.queries
            ],
            right=("rows", "records", "bytes", "age"),
        )
    elif not app.damaged:
        print("  none of its queries keeps state")
    for source in app.sources:
        print(f"{source.stream} ({source.connector}) goes on at {source.positions}")
    print()
