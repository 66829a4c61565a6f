"""The arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from eventflux.cli.completion import complete_set


def _file(metavar: str, help_text: str) -> Any:
    """An argument for files that can be read; ``-`` is the standard input."""
    return typer.Argument(
        metavar=metavar,
        exists=True,
        dir_okay=False,
        readable=True,
        allow_dash=True,
        help=help_text,
    )


ProgramFile: TypeAlias = Annotated[Path, _file("FILE", "The SQL program; - is the standard input.")]

ProgramFiles: TypeAlias = Annotated[
    list[Path], _file("FILE…", "SQL programs; - is the standard input.")
]

SetOptions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="STREAM.option=value",
        autocompletion=complete_set,
        help="Set an option of a stream, or a setting such as app.start.timeout=5s; "
        "stronger than the SQL. May be given more than once.",
    ),
]

ConfigFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE.toml",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Options from a file, weaker than the environment and the SQL: a table streams.NAME "
        "for each stream that has any, and a table app.",
    ),
]

AppName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--name", metavar="NAME", help="Which app, where several run this program: its name."
    ),
]

AppAddress: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--http",
        metavar="[HOST:]PORT",
        help="Where the app serves its pages (eventflux run --http), in place of its socket.",
    ),
]
