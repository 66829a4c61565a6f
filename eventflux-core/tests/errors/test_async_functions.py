"""Rows that fail in an asynchronous function, or behind one: each strategy."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from .world import DEAD, World, check_sums, nonzero, sink, source

DEAD_SINK = sink("Dead", DEAD)
BECAME = ("errors", "dropped", "dead_lettered", "fatal")
QUERIES = {
    "in it": "INSERT INTO Out SELECT inverse(v) AS v FROM Raw WHERE v < 1000;",
    "before it": "INSERT INTO Out SELECT inverse(checked(v)) AS v FROM Raw WHERE v < 1000;",
    "behind it": "INSERT INTO Out SELECT 100.0 / checked(later(v)) AS v FROM Raw WHERE v < 1000;",
}
OUT = sink("Out", "v DOUBLE")
pytestmark = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)


@pytest.fixture
def world() -> World:
    world = World()

    @world.manager.function
    async def inverse(number: int) -> float:
        return 100 / number

    @world.manager.function
    async def later(number: int) -> int:
        return number

    @world.manager.function
    def checked(number: int) -> int:
        if number == 0:
            raise ZeroDivisionError("division by zero")
        return number

    return world


async def test_it_is_counted_and_its_message_acknowledged(world: World, query: str) -> None:
    world.put(1, 0, 2000, 4)
    app = await world.run(source() + OUT + query)
    assert world.got("Out", "v") == [100, 25]
    assert world.queues["Raw"].acked == [0, 1, 2, 3]
    counts = app.stats()["queries"]["query_1"]
    assert nonzero(counts, *counts) == {"in": 4, "passed": 2, "filtered": 1, "failed": 1}
    assert nonzero(app.stats()["streams"]["Raw"], *BECAME) == {"errors": 1, "dropped": 1}
    check_sums(app, ["Raw"])


async def test_it_becomes_a_dead_letter(world: World, query: str) -> None:
    world.put(1, 0, 4)
    options = {"error__strategy": "dlq", "error__dlq__stream": "Dead"}
    app = await world.run(source(**options) + OUT + DEAD_SINK + query)
    assert world.got("Out", "v") == [100, 25]
    assert world.queues["Raw"].acked == [0, 1, 2]
    [row] = world.got("Dead")
    assert (row["errorType"], row["streamName"]) == ("ZeroDivisionError", "Raw")
    assert json.loads(row["originalEvent"]) == {"v": 0}
    check_sums(app, ["Raw"])


async def test_it_tells_which_query_it_failed_in(world: World, query: str) -> None:
    world.put(1, 0, 4)
    errors = """
    CREATE STREAM Told (query STRING, streamName STRING, line INT)
        WITH (type = 'sink', extension = 'target', format = 'tiny');
    INSERT INTO Told SELECT query, streamName, line FROM Raw.errors;
    """
    named = query.replace(";", " WITH (name = 'asking');")
    app = await world.run(source() + OUT + named + errors)
    [row] = world.got("Told")
    assert (row["query"], row["streamName"], row["line"]) == ("asking", "Raw", 3)
    assert "query 'asking': division by zero" in str(app.why("Out"))


async def test_its_error_has_the_metadata_of_its_message(world: World, query: str) -> None:
    world.queues["Raw"].metadata = {"key": ["a", "b"], "size": [None, None]}
    world.put(1, 0)
    columns = "v LONG NOT NULL, key STRING METADATA FROM 'key'"
    told = sink("Told", "key STRING, originalEvent STRING")
    app = await world.run(
        source(columns=columns) + OUT + told + query
        + "INSERT INTO Told SELECT key, originalEvent FROM Raw.errors;"
    )  # fmt: skip
    [row] = world.got("Told")
    assert row["key"] == "b"
    assert json.loads(row["originalEvent"])["v"] == 0
    check_sums(app, ["Raw"])


async def test_it_stops_the_app_and_its_batch_goes_back(world: World, query: str) -> None:
    world.put(1, 0, 4)
    app = await world.run(source(error__strategy="fail") + OUT + query)
    assert "stream 'Raw': a row failed" in str(app.failure)
    assert "query 'query_1'" in str(app.failure)
    queue = world.queues["Raw"]
    assert 1 in queue.requeued
    assert sorted(queue.acked + queue.requeued) == [0, 1, 2]
    assert set(world.got("Out", "v")) <= {100}
    assert nonzero(app.stats()["streams"]["Raw"], *BECAME) == {"errors": 1, "fatal": 1}
    check_sums(app, ["Raw"])


async def test_it_stops_its_stream_alone(world: World, query: str) -> None:
    world.put(1, 0, 4)
    world.put(5, stream="Raw2")
    options = {"error__strategy": "fail", "on__fail": "stream"}
    sql = source(**options) + source("Raw2") + OUT + sink("Out2") + query
    app = await world.run(sql + "INSERT INTO Out2 SELECT v FROM Raw2;")
    assert app.failure is None
    assert list(app.stream_failures) == ["Raw"]
    assert 1 in world.queues["Raw"].requeued
    assert world.queues["Raw2"].acked == [0]
    check_sums(app, ["Raw", "Raw2"])


async def test_the_neighbours_of_what_failed_the_app_are_tried_once_more(
    world: World, query: str
) -> None:
    world.put(0, 1, 4)
    world.queues["Raw"].delivered = Counter({0: 3, 1: 3})
    options = {"error__strategy": "fail", "error__dlq__stream": "Dead"}
    app = await world.run(source(**options) + OUT + DEAD_SINK + query)
    assert app.failure is None
    assert world.got("Out", "v") == [100, 25]
    [row] = world.got("Dead")
    assert (row["errorType"], row["attemptCount"]) == ("ZeroDivisionError", 4)
    check_sums(app, ["Raw"])
