"""``eventflux new``: a repository for a connector, a mapper, functions or an app."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from eventflux.base.errors import EventFluxError
from eventflux.cli.new.names import Kind, read_name, refuse_taken


def new(
    kind: Annotated[
        Kind, typer.Argument(metavar="KIND", help="connector, mapper, functions or app.")
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="What SQL will call it: lower-case letters, digits and '-'."
        ),
    ],
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory",
            metavar="DIR",
            help="The folder to make it in; by default one of its name, here.",
        ),
    ] = None,
) -> None:
    """Make a repository to start from: code, tests, README, settings of the tools, CI. It can be
    installed as it is, its tests pass, and SQL can use what it brings.

    eventflux new connector acme       (extension = 'acme')
    eventflux new mapper acme          (format = 'acme')
    eventflux new functions acme       (SELECT acme_slug(…))
    eventflux new app orders           (a program with its tests)
    """
    from eventflux.cli.new.repository import write_repository

    try:
        named = read_name(name)
        refuse_taken(kind, named)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="NAME") from None
    folder = directory or Path(named.text if kind == "app" else named.distribution)
    try:
        made = write_repository(kind, named, folder)
    except FileExistsError as error:
        raise typer.BadParameter(str(error), param_hint="--directory") from None
    except OSError as error:
        raise EventFluxError(f"{folder} can't be written: {error}") from None
    print(f"Made {folder}:")
    for path in made:
        print(f"  {path}")
    print("\nNext:")
    print(f"  cd {shlex.quote(str(folder))}")
    print("  pip install --editable '.[dev]'")
    print("  pytest")
