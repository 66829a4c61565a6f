"""Tables for the terminal, and for files and pipes without cutting anything off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_UNLIMITED = 100_000
"""Columns of a console that is no terminal: nothing wraps there."""


def console_for(stream: TextIO) -> Console:
    """A rich console; one that is no terminal is as wide as what it shows."""
    from rich.console import Console

    return Console(
        file=stream,
        width=None if stream.isatty() else _UNLIMITED,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def print_table(
    stream: TextIO,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    right: Collection[str] = (),
    plain: bool = False,
) -> None:
    """Print a table.

    Args:
        headers: the name of each column.
        rows: the cells of each row; they are shown by ``str``.
        title: a line above it.
        right: the columns that are aligned to the right.
        plain: without lines around the cells.
    """
    from rich.box import HEAVY_HEAD, SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=SIMPLE_HEAD if plain else HEAVY_HEAD,
        pad_edge=not plain,
    )
    for header in headers:
        table.add_column(
            Text(header), justify="right" if header in right else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console_for(stream).print(table)
