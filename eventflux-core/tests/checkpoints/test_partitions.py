"""Apps over a log with partitions: each has a watermark of its own, over restarts too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventflux.testing.scripted import ScriptedLog

COUNTS = """
SET checkpoint.store = 'scripted'; SET checkpoint.interval = '1 hour';
CREATE STREAM S (ts LONG NOT NULL, WATERMARK FOR ts AS ts)
    WITH (type = 'source', extension = 'scripted-log', format = 'tiny');
CREATE STREAM Out (n LONG, since LONG)
    WITH (type = 'sink', extension = 'scripted', format = 'tiny');
INSERT INTO Out SELECT count(*) AS n, window_start() AS since
FROM S WINDOW('tumbling', 100);
"""


@pytest.fixture
def log(world: Any) -> ScriptedLog:
    """What the apps of ``world`` read."""
    log: ScriptedLog = world.log
    log.assigned += ["a", "b"]
    return log


def put(log: ScriptedLog, partition: str, *times: int) -> None:
    log.put(partition, *(json.dumps({"ts": ts}).encode() for ts in times))


async def read(app: Any, until: Any, messages: int) -> None:
    await until(lambda: app.stats()["connectors"]["S"]["messages"] == messages)


async def test_partitions_wait_for_one_another(world: Any, log: ScriptedLog, until: Any) -> None:
    put(log, "a", 10, 250)
    put(log, "b", 20)
    async with world.process(COUNTS) as app:
        await read(app, until, 3)
        assert world.arrived == []
        put(log, "b", 120)
        await until(lambda: world.arrived == [(2, 0)])


async def test_what_they_have_reached_is_in_the_checkpoint(
    world: Any, log: ScriptedLog, until: Any
) -> None:
    put(log, "a", 10, 250)
    put(log, "b", 20)
    async with world.process(COUNTS) as app:
        await read(app, until, 3)
        await app.apersist()
        put(log, "b", 120)  # processed, and forgotten
        await until(lambda: world.arrived == [(2, 0)])
    async with world.process(COUNTS):
        await until(lambda: world.arrived == [(2, 0)] * 2)
        put(log, "b", 199)
        put(log, "b", 300)
        await until(lambda: world.arrived[2:] == [(2, 100)])
    assert log.opened_at == [None, {"a": 2, "b": 1}]


async def test_a_partition_that_another_process_reads_now_holds_nothing_back(
    world: Any, log: ScriptedLog, until: Any
) -> None:
    put(log, "a", 10, 250)
    put(log, "b", 20)
    async with world.process(COUNTS) as app:
        await read(app, until, 3)
        await app.apersist()
    log.assigned.remove("b")
    async with world.process(COUNTS):
        put(log, "a", 260)
        await until(lambda: world.arrived == [(2, 0)])


async def test_messages_that_are_bad_shift_no_partition(
    world: Any, log: ScriptedLog, until: Any
) -> None:
    put(log, "a", 10)
    log.put("a", b"junk")
    put(log, "b", 20)
    put(log, "a", 250)
    log.put("b", b"junk")
    put(log, "b", 120)
    async with world.process(COUNTS) as app:
        await until(lambda: world.arrived == [(2, 0)])
        assert app.stats()["streams"]["S"]["failed"] == 2


async def test_rows_that_fail_shift_no_partition(world: Any, log: ScriptedLog, until: Any) -> None:
    """The step goes on behind a row whose errors are read."""
    sql = COUNTS.replace("ts LONG NOT NULL", "ts LONG") + (
        'INSERT INTO Bad SELECT errorMessage FROM "S.errors";'
    )
    put(log, "a", 10, 250)
    log.put("a", b'{"ts": null}')
    put(log, "b", 20, 120)
    async with world.process(sql):
        await until(lambda: world.arrived == [(2, 0)])
