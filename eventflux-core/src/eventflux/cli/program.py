"""From a file on the command line to an app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eventflux.base.errors import OptionError
from eventflux.cli.settings import parse_set, read_config

if TYPE_CHECKING:
    from eventflux.app import AppRuntime


def load(
    file: Path,
    set_options: list[str] | None,
    config: Path | None,
    *,
    replace_external: bool = False,
) -> AppRuntime:
    """Make the app of a SQL file; warnings go to stderr.

    Raises:
        EventFluxError: the SQL or an option is wrong, or a package is missing.
        typer.BadParameter: a ``--set`` argument is wrong.
    """
    from eventflux.app import EventFluxManager

    overrides = parse_set(set_options or [])
    settings = read_config(config)
    try:
        sql = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OptionError(f"{file} is not UTF-8 text: {error}") from None
    app = EventFluxManager().create_app(
        sql,
        name=str(file),
        overrides=overrides,
        config=settings,
        replace_external=replace_external,
    )
    for warning in app.warnings:
        print(warning.render(sql, str(file)), file=sys.stderr)
    return app
