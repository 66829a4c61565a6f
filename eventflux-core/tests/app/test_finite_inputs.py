"""A finite input beside one that goes on: what its end does to windows (semantics 9.0)."""

from __future__ import annotations

from typing import Any

import pytest

from eventflux import AppRuntime
from eventflux.testing.scripted import ScriptedQueue, ScriptedSourceFactory

OPEN = """
CREATE STREAM Recorded (v LONG) WITH (type = 'source', extension = 'scripted', format = 'words');
CREATE STREAM Live (v LONG, at LONG)
    WITH (type = 'source', extension = 'live', format = 'words');
CREATE STREAM Sums (s LONG) WITH (type = 'sink', extension = 'scripted', format = 'words');
INSERT INTO Both SELECT v FROM Recorded;
INSERT INTO Both SELECT v FROM Live WHERE v < 0;
INSERT INTO Sums SELECT sum(v) AS s FROM Both WINDOW('lengthBatch', 5);
"""


class Inputs:
    """An app that reads a finite input of two rows, and another one that goes on."""

    def __init__(self, outside: Any, until: Any) -> None:
        self._outside = outside
        self._until = until
        self.live = ScriptedQueue()
        outside.manager.context.add_source_factory("live", ScriptedSourceFactory(self.live))
        outside.queue.put(b"2", b"4")

    async def run(self, sql: str, *, whole: bool = True, **stop: Any) -> AppRuntime:
        """Run until all has been read, with ``whole`` to the end of the finite input, and stop."""
        self.live.put(b"-1 1000")
        if whole:
            self._outside.queue.end()
        app: AppRuntime = self._outside.manager.create_app(sql)
        await app.astart()
        await self._until(lambda: len(self._outside.queue.acked) == 2 and self.live.acked)
        if whole:
            await self._until(lambda: app.health()["Recorded"] == "ended")
        assert app.health()["Live"] == "running"
        await app.astop(**stop)
        return app


@pytest.fixture
def inputs(outside: Any, until: Any) -> Inputs:
    return Inputs(outside, until)


async def test_a_stop_behind_the_end_of_a_finite_input_closes_windows(
    inputs: Inputs, outside: Any
) -> None:
    app = await inputs.run(OPEN)
    assert outside.target.arrived == [b"5"]
    assert app.stats()["queries"]["query_3"]["discarded"] == 0


async def test_windows_of_the_input_that_goes_on_are_closed_too(
    inputs: Inputs, outside: Any
) -> None:
    await inputs.run(OPEN.replace("FROM Both WINDOW", "FROM Live WINDOW"))
    assert outside.target.arrived == [b"-1"]


async def test_a_stop_before_the_end_of_the_finite_input_drops_windows(
    inputs: Inputs, outside: Any
) -> None:
    app = await inputs.run(OPEN, whole=False)
    assert outside.target.arrived == []
    assert app.stats()["queries"]["query_3"]["discarded"] == 3


@pytest.mark.parametrize(
    ("setting", "stop"),
    [("SET app.flush.on.stop = FALSE;", {}), ("", {"flush": False})],
    ids=["by the setting", "by the stop"],
)
async def test_who_says_otherwise_drops_windows(
    inputs: Inputs, outside: Any, setting: str, stop: dict[str, bool]
) -> None:
    await inputs.run(setting + OPEN, **stop)
    assert outside.target.arrived == []


async def test_the_end_of_an_input_with_a_watermark_closes_its_windows_alone(
    inputs: Inputs, outside: Any
) -> None:
    """They close at the end, not at the stop, and those of the others stay open."""
    sql = """
    CREATE STREAM Recorded (v LONG, WATERMARK FOR v AS v)
        WITH (type = 'source', extension = 'scripted', format = 'words');
    CREATE STREAM Live (v LONG, at LONG)
        WITH (type = 'source', extension = 'live', format = 'words');
    CREATE STREAM Sums (s LONG) WITH (type = 'sink', extension = 'scripted', format = 'words');
    INSERT INTO Sums SELECT sum(v) AS s FROM Recorded WINDOW('tumbling', 1 HOUR);
    INSERT INTO Sums SELECT sum(v) AS s FROM Live WINDOW('tumbling', 1 HOUR);
    """
    app = await inputs.run(sql)
    assert outside.target.arrived == [b"6"]
    assert app.stats()["queries"]["query_2"]["discarded"] == 1


async def test_an_input_that_failed_has_not_ended(outside: Any, until: Any) -> None:
    inputs = Inputs(outside, until)
    outside.queue.put(b"junk")
    sql = OPEN.replace(
        "'scripted', format = 'words');\nCREATE STREAM Live",
        "'scripted', format = 'words', 'error.strategy' = 'fail', 'on.fail' = 'stream');"
        "\nCREATE STREAM Live",
    )
    inputs.live.put(b"-1 1000")
    app = outside.manager.create_app(sql)
    await app.astart()
    await until(lambda: app.health()["Recorded"].startswith("failed") and inputs.live.acked)
    await app.astop()
    assert outside.target.arrived == []
    assert app.stats()["queries"]["query_3"]["discarded"] == 3


async def test_what_comes_behind_the_end_is_late_for_no_window(outside: Any, until: Any) -> None:
    """However long the windows are that the end has closed."""
    sql = """
    CREATE STREAM Recorded (v LONG, WATERMARK FOR v AS v)
        WITH (type = 'source', extension = 'scripted', format = 'words');
    CREATE STREAM Sums (s LONG) WITH (type = 'sink', extension = 'scripted', format = 'words');
    INSERT INTO Sums SELECT sum(v) AS s FROM Recorded WINDOW('tumbling', 10);
    INSERT INTO Sums SELECT sum(v) AS s FROM Recorded WINDOW('tumbling', 1 HOUR);
    INSERT INTO Sums SELECT sum(v) AS s FROM Recorded WINDOW('session', 1 SECOND);
    """
    outside.queue.put(b"2", b"4")
    outside.queue.end()
    app: AppRuntime = outside.manager.create_app(sql)
    await app.astart()
    await until(lambda: app.health()["Recorded"] == "ended")
    await app.input("Recorded").asend((5,))
    assert [query["late"] for query in app.stats()["queries"].values()] == [0, 0, 0]
    await app.astop(flush=True)
    assert sorted(outside.target.arrived) == [b"5", b"5", b"5", b"6", b"6", b"6"]
