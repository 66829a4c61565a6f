"""Whole apps between scripted connectors, with the real compiler in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from eventflux import EventFluxManager, StreamFailed
from eventflux.base.errors import OptionError, SqlError
from eventflux.spi import ConnectorContext, Options
from eventflux.testing.scripted import (
    Hang,
    Lose,
    Refuse,
    Script,
    ScriptedQueue,
    ScriptedSinkFactory,
    ScriptedSourceFactory,
    ScriptedTarget,
)

DIVIDE = """
CREATE STREAM Numbers (v LONG)
    WITH (type = 'source', extension = 'scripted', format = 'words'{options});
CREATE STREAM Even (v LONG NOT NULL)
    WITH (type = 'sink', extension = 'scripted', format = 'words');
INSERT INTO Even SELECT CASE WHEN v % 2 = 0 THEN v END AS v FROM Numbers;
"""


async def run_to_end(outside: Any, sql: str) -> Any:
    outside.queue.end()
    app = outside.manager.create_app(sql)
    await app.astart()
    try:
        await app.await_finished()
    finally:
        await app.astop()
    return app


async def test_rows_that_fail_in_a_query_are_counted_and_acknowledged(outside: Any) -> None:
    outside.queue.put(b"2", b"3", b"x", b"4")
    app = await run_to_end(outside, DIVIDE.format(options=""))
    assert outside.target.arrived == [b"2", b"4"]
    assert outside.queue.acked == [0, 1, 3]
    assert outside.queue.rejected == [2]
    stats = app.stats()
    assert stats["queries"]["query_1"]["failed"] == 1
    assert stats["streams"]["Numbers"]["failed"] == 1


async def test_a_row_that_fails_the_app_and_what_follows_go_back(outside: Any) -> None:
    outside.queue.put(b"2", b"4", b"3", b"6")
    with pytest.raises(StreamFailed, match=r"query 'query_1'.*line 6"):
        await run_to_end(outside, DIVIDE.format(options=", 'error.strategy' = 'fail'"))
    assert outside.target.arrived == [b"2", b"4"]
    assert outside.queue.acked == [0, 1]
    assert outside.queue.requeued == [2, 3]


async def test_the_end_of_the_input_closes_windows_and_confirms_them(outside: Any) -> None:
    sql = """
    CREATE STREAM Numbers (v LONG)
        WITH (type = 'source', extension = 'scripted', format = 'words');
    CREATE STREAM Sums (s LONG) WITH (type = 'sink', extension = 'scripted', format = 'words');
    INSERT INTO Sums SELECT sum(v) AS s FROM Numbers WINDOW('tumbling', 1 HOUR);
    """
    outside.queue.put(b"2", b"4", b"3")
    outside.use_sink(sends=Script([Lose()]))
    await run_to_end(outside, sql)
    assert outside.target.arrived == [b"9"]
    assert outside.queue.acked == [0, 1, 2]


def _pair(manager: EventFluxManager, number: int, **scripts: Any) -> tuple[Any, Any]:
    queue, target = ScriptedQueue(), ScriptedTarget()
    manager.context.add_source_factory(f"queue{number}", ScriptedSourceFactory(queue))
    manager.context.add_sink_factory(f"target{number}", ScriptedSinkFactory(target, **scripts))
    return queue, target


async def test_a_slow_sink_stops_only_the_sources_that_lead_to_it(outside: Any, until: Any) -> None:
    slow_queue, slow_target = _pair(outside.manager, 1, sends=Script([Hang()]))
    quick_queue, quick_target = _pair(outside.manager, 2)
    sql = "".join(
        f"""
        CREATE STREAM In{n} (v LONG) WITH (type = 'source', extension = 'queue{n}',
            format = 'words', 'batch.max.messages' = '10');
        CREATE STREAM Out{n} (v LONG) WITH (type = 'sink', extension = 'target{n}',
            format = 'words', 'max.in.flight' = '10');
        INSERT INTO Between{n} SELECT v FROM In{n};
        INSERT INTO Out{n} SELECT v FROM Between{n};
        """
        for n in (1, 2)
    )
    app = outside.manager.create_app(sql, overrides={"app.stop.timeout": "20ms"})
    for queue in (slow_queue, quick_queue):
        queue.put(*(b"%d" % n for n in range(500)))
    async with app:
        await until(lambda: len(quick_target.arrived) == 500)
        assert slow_target.arrived == []
        assert len(slow_queue.waiting) >= 500 - 30
        assert app.stats()["connectors"]["Out1"]["in_flight"] == 10


class RowOptions(Options):
    """None."""


class RowSourceFactory(ScriptedSourceFactory):
    options: ClassVar[type[Options]] = RowOptions
    formats: ClassVar[Sequence[str]] = ()

    def check_schema(self, context: ConnectorContext, schema: Any) -> None:
        if len(schema.columns) != 2:
            raise OptionError("it gives two columns")


class RowSinkFactory(ScriptedSinkFactory):
    options: ClassVar[type[Options]] = RowOptions
    formats: ClassVar[Sequence[str]] = ()


ROWS = """
CREATE STREAM Readings (sensor STRING, celsius DOUBLE)
    WITH (type = 'source', extension = 'rows');
CREATE STREAM Hot (sensor STRING, celsius DOUBLE) WITH (type = 'sink', extension = 'rows');
INSERT INTO Hot SELECT sensor, celsius FROM Readings WHERE celsius > 30;
"""


@pytest.fixture
def rows_outside(outside: Any) -> Any:
    outside.manager.context.add_source_factory("rows", RowSourceFactory(outside.queue))
    outside.manager.context.add_sink_factory("rows", RowSinkFactory(outside.target))
    return outside


async def test_connectors_without_formats_exchange_rows(rows_outside: Any) -> None:
    rows_outside.queue.put(("a", 31), ("b", 20.5), ("c", "hot"), ("d", 40.5))
    app = await run_to_end(rows_outside, ROWS)
    assert rows_outside.target.arrived == [("a", 31.0), ("d", 40.5)]
    assert rows_outside.queue.rejected == [2]
    assert app.stats()["streams"]["Readings"]["failed"] == 1
    assert app.stats()["connectors"]["Readings"]["bytes"] == 0


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            ROWS.replace("extension = 'rows')", "extension = 'rows', format = 'words')", 1),
            "'rows' takes no format",
        ),
        (ROWS.replace("celsius DOUBLE)\n", "celsius DOUBLE, x INT)\n", 1), "it gives two columns"),
    ],
)
def test_what_a_connector_without_formats_refuses(rows_outside: Any, sql: str, told: str) -> None:
    with pytest.raises(SqlError) as raised:
        rows_outside.manager.create_app(sql)
    assert told in str(raised.value)
    assert "stream 'Readings'" in str(raised.value)


async def test_counters_account_for_every_row_over_faults(outside: Any) -> None:
    sql = """
    CREATE STREAM Numbers (v LONG) WITH (type = 'source', extension = 'scripted',
        format = 'words', 'batch.max.messages' = '7');
    CREATE STREAM Large (v LONG) WITH (type = 'sink', extension = 'scripted', format = 'words',
        'error.strategy' = 'drop', 'max.in.flight' = '5');
    INSERT INTO Middle SELECT v FROM Numbers WHERE v % 2 = 0;
    INSERT INTO Large SELECT v FROM Middle WHERE v > 50;
    """
    outside.use_sink(
        sends=Script([None, Refuse((0, 1)), Lose(kept=2), Refuse((1,), transient=True)] * 2)
    )
    outside.queue.put(*(b"%d" % n for n in range(100)), *[b"junk"] * 3)
    app = await run_to_end(outside, sql)
    stats = app.stats()
    streams, queries, connectors = stats["streams"], stats["queries"], stats["connectors"]
    numbers, large = connectors["Numbers"], connectors["Large"]
    assert streams["Numbers"]["received"] == numbers["messages"] == 103
    assert (numbers["acknowledged"], numbers["rejected"], numbers["in_flight"]) == (100, 3, 0)
    assert streams["Numbers"]["decoded"] == streams["Numbers"]["published"] == 100
    first, second = queries["query_1"], queries["query_2"]
    assert (first["in"], first["passed"], first["filtered"]) == (100, 50, 50)
    assert (second["in"], second["passed"], second["filtered"]) == (50, 24, 26)
    assert streams["Large"]["published"] == large["messages"] == 24
    assert large["confirmed"] + large["refused"] == 24
    assert large["refused"] >= 2
    assert large["in_flight"] == large["queued"] == 0
    safe = {int(payload) for payload in outside.target.arrived}
    assert len(safe) == large["confirmed"]
