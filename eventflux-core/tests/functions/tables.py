"""Tables of calls: what each gives for the values of its columns, in a form to be read.

    === substring(s, i)
    s STRING, i INT
    'HelloWorld', 6 -> 'World'

The values are Python's, as in the case files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from case_files import read_rows

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Table:
    """One call, and what it gives for each row."""

    place: str
    call: str
    columns: tuple[tuple[str, str], ...]
    """Names and types."""
    rows: tuple[tuple[tuple[Any, ...], Any], ...]

    def program(self, *, not_null: bool = False) -> str:
        mark = " NOT NULL" if not_null else ""
        columns = ", ".join(f"{name} {kind}{mark}" for name, kind in self.columns)
        return f"CREATE STREAM S ({columns}); INSERT INTO T SELECT {self.call} AS v FROM S;"


def read_tables(path: Path) -> Iterator[Table]:
    """The tables of a file."""
    blocks = path.read_text(encoding="utf-8").split("\n=== ")[1:]
    for block in blocks:
        call, columns, *lines = (line for line in block.splitlines() if line.strip())
        rows = []
        for line in lines:
            given, _, wanted = line.rpartition(" -> ")
            [values], [(gives,)] = read_rows(f"({given},)"), read_rows(f"({wanted},)")
            rows.append((values, gives))
        pairs = tuple((c.split()[0], c.split(None, 1)[1]) for c in columns.split(", "))
        yield Table(f"{path.stem}: {call}", call, pairs, tuple(rows))


TABLES = [table for path in sorted(FOLDER.glob("*.table")) for table in read_tables(path)]


def literal(value: Any, kind: str) -> str | None:
    """The value as SQL of a type, ``None`` where it has no literal."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, dict | list | bytes):
        return None
    text = str(value)
    if isinstance(value, str):
        text = "'" + value.replace("'", "''") + "'"
    elif isinstance(value, Decimal):
        text = f"'{value}'"
    elif isinstance(value, bool):
        text = str(value).upper()
    return f"CAST({text} AS {kind})" if kind not in ("STRING", "LONG", "DOUBLE", "BOOL") else text
