"""The arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from eventflux.cli.completion import complete_set

ProgramFile: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", exists=True, dir_okay=False, readable=True, help="The SQL program."
    ),
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
