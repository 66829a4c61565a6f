"""Every function of the language by tables: over columns, over constants, in batches."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from eventflux.functions import FUNCTIONS
from eventflux.testing import AppRunner

from .tables import TABLES, Table, literal

PARAMETERS = [pytest.param(table, id=table.place) for table in TABLES]


def told(runner: AppRunner) -> list[str]:
    return [repr(row[0]) for row in runner.rows("T")]


@pytest.mark.parametrize("table", PARAMETERS)
def test_over_columns(table: Table) -> None:
    wanted = [repr(gives) for _, gives in table.rows]
    with AppRunner(table.program(), outputs=["T"]) as runner:
        for row, _ in table.rows:
            runner.send("S", row)
        assert told(runner) == wanted
    with AppRunner(table.program(), outputs=["T"]) as runner:
        runner.send_batch("S", [row for row, _ in table.rows])
        assert told(runner) == wanted


@pytest.mark.parametrize("table", PARAMETERS)
def test_over_columns_that_are_never_null(table: Table) -> None:
    rows = [(row, repr(gives)) for row, gives in table.rows if None not in row]
    with AppRunner(table.program(not_null=True), outputs=["T"]) as runner:
        runner.send_many("S", [row for row, _ in rows])
        assert told(runner) == [gives for _, gives in rows]


@pytest.mark.parametrize("table", PARAMETERS)
def test_over_constants(table: Table) -> None:
    names = [name for name, _ in table.columns]
    calls, wanted = [], []
    for row, gives in table.rows:
        kinds = (kind for _, kind in table.columns)
        texts = [literal(value, kind) for value, kind in zip(row, kinds, strict=True)]
        if None in texts:
            continue
        written = {name: text or "" for name, text in zip(names, texts, strict=True)}
        calls.append(_with_constants(table.call, written))
        wanted.append(repr(gives))
    if calls:
        columns = ", ".join(f"{call} AS v{i}" for i, call in enumerate(calls))
        program = f"CREATE STREAM S (i INT); INSERT INTO T SELECT {columns} FROM S;"
        with AppRunner(program, outputs=["T"]) as runner:
            runner.send("S", (1,))
            [row] = runner.rows("T")
        assert [repr(value) for value in row] == wanted


def _with_constants(call: str, written: Mapping[str, str]) -> str:
    """The call with a text for each of its columns."""
    column = re.compile(rf"\b({'|'.join(written)})\b(?![('])")
    return column.sub(lambda found: written[found[1]], call)


def test_there_are_many() -> None:
    assert sum(len(table.rows) for table in TABLES) >= 300


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_name_is_in_a_table(name: str) -> None:
    assert any(re.search(rf"\b{name}\b", table.call, re.IGNORECASE) for table in TABLES)
