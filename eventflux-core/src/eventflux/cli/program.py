"""From a file on the command line to a program or an app."""

from __future__ import annotations

import gc
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eventflux.app.modules_beside import find_modules_in
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.cli.settings import parse_set

if TYPE_CHECKING:
    from eventflux.app import AppRuntime
    from eventflux.app.program import Program

STDIN = Path("-")
"""Stands for the standard input, where a command takes it."""


def load(
    file: Path,
    set_options: list[str] | None,
    config: Path | None,
    *,
    replace_external: bool = False,
    fresh: bool = False,
) -> AppRuntime:
    """Make the app of a SQL file; warnings go to stderr. The garbage collector is on then.
    ``fresh`` ignores the state that is stored.

    Raises:
        EventFluxError: the SQL or an option is wrong, or a package is missing.
        typer.BadParameter: a ``--set`` argument is wrong.
    """
    from eventflux.app import EventFluxManager

    sql = read_text(file)
    find_modules_beside(file)
    manager = EventFluxManager()
    app = manager.create_app(
        sql,
        name=shown_name(file),
        overrides=parse_set(set_options or []),
        config=config,
        replace_external=replace_external,
        fresh=fresh,
    )
    _warn(app.warnings, sql, file, manager.context.secret_options())
    # All that is here by now stays: the collector need not look at it again and again.
    gc.freeze()
    gc.enable()
    return app


def read(
    file: Path,
    set_options: list[str] | None,
    config: Path | None,
    *,
    replace_external: bool = False,
) -> Program:
    """Read a SQL file as :func:`load` does, but make no app of it."""
    from eventflux.app.program import read_program
    from eventflux.spi.plugins import installed_registry

    sql = read_text(file)
    find_modules_beside(file)
    registry = installed_registry()
    program = read_program(
        sql,
        registry,
        file=shown_name(file),
        overrides=parse_set(set_options or []),
        config=config,
        replace_external=replace_external,
    )
    _warn(program.warnings, sql, file, registry.secret_options())
    return program


def shown_name(file: Path) -> str:
    """What messages call a file."""
    return "<stdin>" if file == STDIN else str(file)


def find_modules_beside(file: Path) -> None:
    """Let a program name Python functions of the files beside it."""
    find_modules_in(Path.cwd() if file == STDIN else file.resolve().parent)


def read_text(file: Path) -> str:
    """The text of a file, or of the standard input.

    Raises:
        OptionError: it is no text.
    """
    try:
        content = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise OptionError(f"{shown_name(file)} is not UTF-8 text: {error}") from None


def _warn(warnings: Sequence[Diagnostic], sql: str, file: Path, secrets: Collection[str]) -> None:
    for warning in warnings:
        print(warning.render(sql, shown_name(file), secrets), file=sys.stderr)
