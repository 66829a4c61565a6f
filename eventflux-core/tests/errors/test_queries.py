"""Queries with an error strategy of their own, and those whose FROM is a query."""

from __future__ import annotations

import pytest

from eventflux import SqlError

from .world import DEAD, World, check_sums, sink, source

WHOLE = sink("Out", "v DOUBLE NOT NULL") + sink("Also", "v DOUBLE NOT NULL")
BAD = b'{"v": "many"}'
DEAD_SINK = sink("Dead", DEAD)
DLQ = """ WITH (name = 'divide', "error.strategy" = 'dlq', 'error.dlq.stream' = 'Dead')"""
DIVIDE = "INSERT INTO Out SELECT 100 / v AS v FROM Raw"
PLAIN = "INSERT INTO Also SELECT 200 / v AS v FROM Raw;"


@pytest.mark.parametrize("of_source", ["drop", "fail"])
async def test_a_query_has_a_strategy_of_its_own(world: World, of_source: str) -> None:
    world.put(1, 0, 4)
    program = source(error__strategy=of_source) + WHOLE + DEAD_SINK
    app = await world.run(program + DIVIDE + DLQ + ";")
    assert app.failure is None
    assert world.got("Out", "v") == [100, 25]
    assert world.got("Dead", "originalEvent") == ['{"v":0}']
    assert world.got("Dead", "streamName") == ["Raw"]
    check_sums(app, ["Raw"])


async def test_its_neighbours_follow_that_of_the_stream(world: World) -> None:
    world.put(1, 0, 4)
    app = await world.run(source() + WHOLE + DEAD_SINK + DIVIDE + DLQ + ";" + PLAIN)
    assert world.got("Also", "v") == [200, 50]
    assert len(world.got("Dead")) == 1
    counted = app.stats()["streams"]["Raw"]
    assert (counted["dropped"], counted["dead_lettered"]) == (1, 1)
    check_sums(app, ["Raw"])


async def test_a_query_can_fail_the_app_where_its_stream_drops(world: World) -> None:
    world.put(1, BAD, 0, 4)
    sql = source() + WHOLE + DIVIDE + """ WITH ("error.strategy" = 'fail');"""
    app = await world.run(sql)
    assert "stream 'Raw': a row failed: query 'query_1'" in str(app.failure)
    assert world.queues["Raw"].acked == [0]
    # The poison beside it comes again with it, as a batch goes back in one way only.
    assert world.queues["Raw"].requeued == [1, 2, 3]
    check_sums(app, ["Raw"])


async def test_or_stop_the_source_alone(world: World) -> None:
    world.put(1, 0, 4)
    own = """ WITH ("error.strategy" = 'fail', on.fail = 'stream');"""
    app = await world.run(source() + WHOLE + DIVIDE + own)
    assert app.failure is None
    assert list(app.stream_failures) == ["Raw"]
    assert world.queues["Raw"].requeued == [1, 2]


async def test_what_it_does_not_say_is_as_its_stream_says(world: World) -> None:
    world.put(BAD, 0)
    program = source(error__strategy="dlq", error__dlq__stream="Dead") + WHOLE + DEAD_SINK
    own = """ WITH ("error.dlq.stream" = 'Dead2');"""
    await world.run(program + sink("Dead2", DEAD) + DIVIDE + own)
    assert world.got("Dead", "errorType") == ["MappingError"]
    assert world.got("Dead2", "errorType") == ["RowError"]


async def test_errors_of_a_subquery_belong_to_the_stream_that_it_reads(world: World) -> None:
    world.put(1, 0, 4)
    sql = "INSERT INTO Out SELECT 100 / v AS v FROM (SELECT v + 0 AS v FROM Raw);"
    told = sink("Told", "s STRING, e STRING")
    tell = "INSERT INTO Told SELECT streamName AS s, originalEvent AS e FROM Raw.errors;"
    program = source(error__strategy="dlq", error__dlq__stream="Dead") + WHOLE + DEAD_SINK
    app = await world.run(program + told + sql + tell)
    assert world.got("Out", "v") == [100, 25]
    assert world.got("Dead", "streamName") == ["Raw"]
    assert world.got("Told") == [{"s": "Raw", "e": '{"v":0}'}]
    check_sums(app, ["Raw"])


async def test_all_selects_of_a_query_have_its_strategy(world: World) -> None:
    world.put(1, 0)
    sql = f"""
    WITH once AS (SELECT 10 / v AS v FROM Raw WHERE v > 0)
    INSERT INTO Out SELECT v FROM once UNION ALL SELECT 100 / v AS v FROM Raw{DLQ};
    """
    app = await world.run(source(error__strategy="fail") + WHOLE + DEAD_SINK + sql)
    assert app.failure is None
    assert world.got("Out", "v") == [10, 100]
    assert len(world.got("Dead")) == 1
    check_sums(app, ["Raw"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("""'error.strategy' = 'explode'""", "query 'query_1': option 'error.strategy' expects"),
        ("""'error.stratgy' = 'drop'""", "did you mean 'error.strategy'?"),
        ("""'error.strategy' = 'dlq'""", "error.strategy 'dlq' needs an error.dlq.stream"),
        ("""'error.dlq.stream' = 'Ded'""", "error.dlq.stream names 'Ded'"),
        (
            """'error.strategy' = 'dlq', 'error.dlq.stream' = 'Back'""",
            "dead letters come back to where they arise: Raw -> Back -> Raw",
        ),
        ("""'error.strategy' = 'drop', 'error.strategy' = 'fail'""", "sets 'error.strategy' twice"),
        ("""'error.strategy' = '${NOT_SET_AT_ALL}'""", "NOT_SET_AT_ALL"),
    ],
)
def test_wrong_options_of_a_query(world: World, options: str, told: str) -> None:
    sql = f"""
    CREATE STREAM Raw (v LONG);
    INSERT INTO Out SELECT 100 / v AS v FROM Raw WITH ({options});
    CREATE STREAM Back {DEAD};
    INSERT INTO Raw SELECT attemptCount AS v FROM Back;
    """
    with pytest.raises(SqlError) as raised:
        world.manager.create_app(WHOLE + sql)
    assert told in str(raised.value)
