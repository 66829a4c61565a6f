"""``<name>.errors``: always there, in their place among the results, whoever reads them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventflux import UsageError
from eventflux.testing import AppRunner
from eventflux.testing.scripted import Refuse

from .world import DEAD, World, check_sums, sink, source

pytestmark = pytest.mark.usefixtures("programs_read_once")

BAD = b'{"v": "many"}'
COLUMNS = """(originalEvent STRING, errorMessage STRING, errorType STRING, "timestamp" LONG,
    attemptCount INT, streamName STRING, query STRING, line INT, "column" INT)"""
TELL = sink("Told", COLUMNS) + "INSERT INTO Told SELECT * FROM Raw.errors;\n"
WHOLE = sink("Out", "v DOUBLE NOT NULL")
DIVIDE = "INSERT INTO Out SELECT 100 / v AS v FROM Raw;"
DEAD_SINK = sink("Dead", DEAD)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"error__strategy": "drop"},
        {"error__strategy": "retry"},
        {"error__strategy": "dlq", "error__dlq__stream": "Dead"},
        {"error__strategy": "fail"},
    ],
)
async def test_they_are_there_under_every_strategy(world: World, options: dict[str, str]) -> None:
    world.put(1, 0)
    app = await world.run(source(**options) + WHOLE + DEAD_SINK + TELL + DIVIDE)
    [row] = world.got("Told")
    assert row["originalEvent"] == '{"v":0}'
    assert (row["query"], row["streamName"], row["errorType"]) == ("query_2", "Raw", "RowError")
    assert (row["line"], row["column"]) == (app.plan.queries[1].place.line, 24)
    check_sums(app, ["Raw"])


async def test_a_message_that_is_no_row_has_no_place_in_the_program(world: World) -> None:
    world.put(BAD)
    app = await world.run(source() + WHOLE + TELL + DIVIDE)
    [row] = world.got("Told")
    assert (row["originalEvent"], row["errorType"]) == (BAD.decode(), "MappingError")
    assert (row["query"], row["line"], row["column"]) == (None, None, None)
    assert world.queues["Raw"].rejected == [0]
    check_sums(app, ["Raw"])


async def test_they_count_for_the_acknowledgement(world: World) -> None:
    world.put(1, 0)
    world.script("Told.send", Refuse((0,), transient=True), Refuse((0,), transient=True))
    world.queues["Raw"].on_ack = lambda number: (
        None if world.got("Told") else pytest.fail(f"{number} was acknowledged too early")
    )
    tell = TELL.replace("'tiny')", """'tiny', "error.retry.initial-delay" = '0ms')""")
    await world.run(source() + WHOLE + tell + DIVIDE)
    assert world.queues["Raw"].acked == [0, 1]


async def test_refusals_are_errors_of_the_sink(world: World) -> None:
    world.put(1, 2)
    world.script("Out.send", Refuse((1,), reason="no queue"))
    sql = "INSERT INTO Told SELECT originalEvent, errorMessage, streamName FROM Out.errors;"
    told = sink("Told", "originalEvent STRING, errorMessage STRING, streamName STRING")
    out = sink("Out", "v DOUBLE", error__strategy="drop")
    app = await world.run(source() + out + told + DIVIDE + sql)
    assert world.got("Told") == [
        {"originalEvent": '{"v":50.0}', "errorMessage": "no queue", "streamName": "Out"}
    ]
    check_sums(app, ["Raw"])


async def test_they_have_the_metadata_of_the_message(world: World) -> None:
    world.queues["Raw"].metadata = {"key": ["a", "b", None], "size": [7, None, "large"]}
    world.put(BAD, 0, 1)
    columns = "v LONG NOT NULL, k STRING METADATA FROM 'key', size INT METADATA"
    sql = "INSERT INTO Told SELECT errorType, k, size FROM Raw.errors;"
    told = sink("Told", "errorType STRING, k STRING, size INT")
    await world.run(source("Raw", columns) + WHOLE + told + DIVIDE + sql)
    assert world.got("Told") == [
        {"errorType": "MappingError", "k": "a", "size": 7},
        {"errorType": "RowError", "k": "b", "size": None},
        {"errorType": "MappingError", "k": None, "size": None},
    ]


async def test_results_and_errors_of_a_message_have_ids_of_their_own(world: World) -> None:
    world.queues["Raw"].ids = ["a", "b"]
    world.put(1, 0)
    sql = """
    INSERT INTO Told SELECT v FROM Raw;
    INSERT INTO Out SELECT 100 / v AS v FROM Raw;
    INSERT INTO Told SELECT 0 - line AS v FROM Raw.errors;
    """
    await world.run(source() + WHOLE + sink("Told") + sql)
    assert world.got("Told", "v")[:2] == [1, 0]
    assert world.targets["Told"].ids == ["a-Told-0", "b-Told-0", "b-Told-1"]


def test_a_program_can_watch_them() -> None:
    with AppRunner(WHOLE_INSIDE, outputs=["S.errors", "Out"]) as run:
        run.send_many("S", [(1,), (0,), (2,)])
        assert run.rows("Out") == [(100,), (50,)]
        [row] = run.rows("S.errors")
        assert row[0] == '{"v":0}'
        assert row[5:7] == ("S", "query_1")
        assert run.stats()["streams"]["S.errors"]["published"] == 1
        with pytest.raises(UsageError, match="come from the app alone"):
            run.send("S.errors", row)


async def test_a_running_app_can_be_asked_for_them(world: World) -> None:
    app = world.manager.create_app(WHOLE_INSIDE)
    seen: list[Any] = []
    async with app:
        await app.input("S").asend((0,))
        app.on("S.errors", seen.append)
        errors = app.subscribe("S.errors")
        await app.input("S").asend((0,))
        row: Any = await anext(aiter(errors))
        assert [row] == seen
        assert row.streamName == "S"
        with pytest.raises(UsageError, match="come from the app alone"):
            app.input("S.errors")
        assert app.stats()["streams"]["S.errors"]["published"] == 1


WHOLE_INSIDE = """
CREATE STREAM S (v LONG);
CREATE STREAM Out (v DOUBLE NOT NULL);
INSERT INTO Out SELECT 100 / v AS v FROM S;
"""


def test_nobody_pays_for_errors_that_nobody_reads() -> None:
    with AppRunner(WHOLE_INSIDE, outputs=["Out"]) as run:
        run.send_many("S", [(0,)] * 10)
        assert "S.errors" not in run.stats()["streams"]
        assert run.stats()["streams"]["S"]["dropped"] == 10
        run.send_many("S", [(1,)] * 10)
        assert len(run.rows("Out")) == 10


# How rows are batched does not show


MIXED = """
SET app.time = 'event';
CREATE STREAM S (v LONG, ts LONG) WITH (
    "event.time" = 'ts', "error.strategy" = 'dlq', "error.dlq.stream" = 'Dead');
CREATE STREAM Dead (originalEvent STRING, errorMessage STRING, errorType STRING,
    "timestamp" LONG, attemptCount INT, streamName STRING) WITH ("event.time" = 'timestamp');
CREATE STREAM Whole (v DOUBLE NOT NULL);
CREATE STREAM All (what STRING, v DOUBLE);
INSERT INTO All SELECT 'first' AS what, v FROM S;
INSERT INTO Whole SELECT 100 / v AS v FROM S;
INSERT INTO All SELECT 'whole' AS what, v FROM Whole;
INSERT INTO All SELECT 'last' AS what, v FROM S;
INSERT INTO All SELECT 'error' AS what, "timestamp" AS v FROM S.errors;
INSERT INTO All SELECT 'dead' AS what, "timestamp" AS v FROM Dead;
INSERT INTO All SELECT 'window' AS what, count(*) AS v FROM S.errors WINDOW('tumbling', 100);
INSERT INTO All SELECT 'dead window' AS what, count(*) AS v FROM Dead WINDOW('tumbling', 70);
INSERT INTO All SELECT 'sum' AS what, 1 / (sum(v) - 3) AS v FROM S WINDOW('tumbling', 400);
"""

ROWS = st.lists(
    st.tuples(
        st.one_of(st.integers(-1, 3), st.none()),
        st.one_of(st.integers(0, 500), st.none()),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=80)
@given(rows=ROWS, cuts=st.lists(st.integers(1, 30), min_size=1), in_order=st.booleans())
def test_how_rows_are_batched_does_not_show(
    rows: list[tuple[int | None, int | None]], cuts: list[int], in_order: bool
) -> None:
    if in_order:
        rows = sorted(rows, key=lambda row: (row[1] is not None, row[1] or 0))
    outputs = ["All", "Dead", "S.errors"]
    with AppRunner(MIXED, outputs=outputs) as one, AppRunner(MIXED, outputs=outputs) as many:
        for row in rows:
            one.send("S", row)
        start = turn = 0
        while start < len(rows):
            end = start + cuts[turn % len(cuts)]
            many.send_many("S", rows[start:end])
            start, turn = end, turn + 1
        for run in (one, many):
            run.advance_to(1_000)
        for stream in outputs:
            assert many.rows(stream) == one.rows(stream)
        assert many.stats() == one.stats()
        check_sums(one, ["S"])


def test_the_time_of_an_error_is_that_of_its_row() -> None:
    with AppRunner(MIXED, outputs=["S.errors", "Dead"]) as run:
        run.send("S", (1, 0))
        run.send_many("S", [(None if ts == 3 else 1, ts) for ts in range(1, 20)])
        assert [row[3] for row in run.rows("S.errors")] == [3]
        assert run.rows("Dead") == [row[:6] for row in run.rows("S.errors")]


@settings(deadline=None, max_examples=30)
@given(rows=ROWS, cut=st.integers(0, 25))
def test_a_restart_does_not_show(rows: list[tuple[int | None, int | None]], cut: int) -> None:
    outputs = ["All", "Dead", "S.errors"]
    with AppRunner(MIXED, outputs=outputs) as whole:
        whole.send_many("S", rows)
        whole.advance_to(1_000)
    with AppRunner(MIXED, outputs=outputs) as first:
        first.send_many("S", rows[:cut])
        revision = first.persist()
    with AppRunner(MIXED, outputs=outputs) as second:
        second.restore(revision)
        second.send_many("S", rows[cut:])
        second.advance_to(1_000)
    for stream in outputs:
        assert first.rows(stream) + second.rows(stream) == whole.rows(stream)
