"""A program between a source and a sink that are functions."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from eventflux import EventFluxManager

Numbers = AsyncGenerator[Any, Any]

SQL = """
CREATE STREAM A (n LONG) WITH (type = 'source', extension = '{source}' {of_source});
CREATE STREAM B (n LONG) WITH (type = 'sink', extension = '{sink}' {of_sink});
INSERT INTO B SELECT n FROM A WHERE n >= 0;
"""


def program(
    source: str = "numbers", of_source: str = "", sink: str = "kept", of_sink: str = ""
) -> str:
    return SQL.format(source=source, of_source=of_source, sink=sink, of_sink=of_sink)


def keep(manager: EventFluxManager, **details: Any) -> list[Any]:
    """A sink ``kept`` that keeps the numbers of its rows."""
    kept: list[Any] = []

    @manager.sink("kept", **details)
    async def sink(row: Any) -> None:
        kept.append(row.n)

    return kept


def run(manager: EventFluxManager, sql: str, **details: Any) -> Any:
    """Run a program to its end; its counters."""
    with manager.create_app(sql, **details) as app:
        assert app.wait_finished(10)
    return app.stats()
