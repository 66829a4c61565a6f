"""From a file on the command line to a program or an app."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eventflux.base.errors import Diagnostic, OptionError
from eventflux.cli.settings import parse_set

if TYPE_CHECKING:
    from eventflux.app import AppRuntime
    from eventflux.app.program import Program


def load(
    file: Path,
    set_options: list[str] | None,
    config: Path | None,
    *,
    replace_external: bool = False,
) -> AppRuntime:
    """Make the app of a SQL file; warnings go to stderr. The garbage collector is on then.

    Raises:
        EventFluxError: the SQL or an option is wrong, or a package is missing.
        typer.BadParameter: a ``--set`` argument is wrong.
    """
    from eventflux.app import EventFluxManager

    sql = _read(file)
    app = EventFluxManager().create_app(
        sql,
        name=str(file),
        overrides=parse_set(set_options or []),
        config=config,
        replace_external=replace_external,
    )
    _warn(app.warnings, sql, file)
    # All that is here by now stays: the collector need not look at it again and again.
    gc.freeze()
    gc.enable()
    return app


def read(file: Path, set_options: list[str] | None, config: Path | None) -> Program:
    """Read a SQL file as :func:`load` does, but make no app of it."""
    from eventflux.app.program import read_program
    from eventflux.spi.plugins import load_plugins
    from eventflux.spi.registry import Registry

    sql = _read(file)
    registry = Registry()
    load_plugins(registry)
    program = read_program(
        sql,
        registry,
        file=str(file),
        overrides=parse_set(set_options or []),
        config=config,
    )
    _warn(program.warnings, sql, file)
    return program


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OptionError(f"{file} is not UTF-8 text: {error}") from None


def _warn(warnings: Sequence[Diagnostic], sql: str, file: Path) -> None:
    for warning in warnings:
        print(warning.render(sql, str(file)), file=sys.stderr)
