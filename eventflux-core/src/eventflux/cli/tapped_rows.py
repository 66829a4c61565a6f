"""What a tap gives, for people and for programs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

import msgspec

if TYPE_CHECKING:
    from rich.table import Table


class _Column(msgspec.Struct):
    name: str
    type: str


class Line(msgspec.Struct):
    """A line of the page ``/tap``: ``columns`` in the first one, then rows, each value as its
    JSON, so that it stays exactly what the app has written."""

    stream: str = ""
    columns: list[_Column] = []
    rows: list[list[msgspec.Raw]] = []
    left_out: int = 0


def lines_of(lines: Iterable[bytes]) -> Iterator[Line]:
    """The lines, read."""
    return map(msgspec.json.Decoder(Line).decode, lines)


def shown_as_json(lines: Iterator[Line], stream: TextIO) -> int:
    """Write a JSON object a row; gives how many rows were left out."""
    keys: list[bytes] = []
    left_out = 0
    for line in lines:
        keys = keys or [msgspec.json.encode(column.name) for column in line.columns]
        left_out += line.left_out
        for row in line.rows:
            pairs = (key + b":" + bytes(value) for key, value in zip(keys, row, strict=True))
            stream.write(f"{{{b','.join(pairs).decode()}}}\n")
        stream.flush()
    return left_out


def shown_as_table(lines: Iterator[Line], stream: TextIO) -> int:
    """Show the last rows that fit the terminal as a table that moves; gives how many were left
    out."""
    from rich.live import Live

    from eventflux.cli.tables import console_for

    console = console_for(stream)
    first = next(lines, Line())
    rows: deque[list[str]] = deque(maxlen=max(console.height - 6, 1))
    passed = left_out = 0
    with Live(_table(first, rows, 0, 0), console=console, auto_refresh=False) as live:
        try:
            for line in lines:
                passed += len(line.rows)
                left_out += line.left_out
                rows.extend([_cell(value) for value in row] for row in line.rows)
                live.update(_table(first, rows, passed, left_out), refresh=True)
        except KeyboardInterrupt:
            pass  # the table stays; what was left out stands in its title
    return left_out


def _table(first: Line, rows: deque[list[str]], passed: int, left_out: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    missing = f", {left_out:,} left out" if left_out else ""
    table = Table(
        title=f"{first.stream}: {passed:,} {'row' if passed == 1 else 'rows'}{missing}",
        title_justify="left",
        title_style="bold",
        header_style="bold",
    )
    for column in first.columns:
        table.add_column(
            Text(column.name),
            justify="right" if column.type in _NUMBERS else "left",
            no_wrap=True,
            overflow="ellipsis",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


_NUMBERS = ("INT", "LONG", "FLOAT", "DOUBLE", "DECIMAL")


def _cell(value: msgspec.Raw) -> str:
    """A value as people read it: a text without quotes, NULL."""
    text = bytes(value).decode()
    if text == "null":
        return "NULL"
    return str(msgspec.json.decode(value)) if text.startswith('"') else text
