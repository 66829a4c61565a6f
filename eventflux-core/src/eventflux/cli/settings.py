"""What the command line says about options: ``--set NAME=value``."""

from __future__ import annotations

from collections.abc import Sequence

import typer


def parse_assignments(texts: Sequence[str], parameter: str, meaning: str) -> dict[str, str]:
    """``NAME=value`` texts as a dict; a later one of the same name wins.

    Raises:
        typer.BadParameter: one has no ``=``, or nothing before it.
    """
    parsed: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"{text!r} is not {meaning}", param_hint=parameter)
        parsed[name.strip()] = value
    return parsed


def parse_set(texts: Sequence[str]) -> dict[str, str]:
    """The ``--set`` arguments: option or setting names with their values."""
    settings = parse_assignments(texts, "--set", "STREAM.option=value or SETTING=value")
    for name in settings:
        if "." not in name:
            raise typer.BadParameter(
                f"{name!r} names no stream and no setting; write STREAM.{name}=value",
                param_hint="--set",
            )
    return settings
