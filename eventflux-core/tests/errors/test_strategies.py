"""A bad message or row among good ones: each strategy, on sources, queries and sinks."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from eventflux import StreamFailed
from eventflux.testing.scripted import Lose, Refuse

from .world import DEAD, World, check_sums, nonzero, sink, source

BAD = b'{"v": "many"}'
THROUGH = "INSERT INTO Out SELECT v FROM Raw;"
DIVIDE = "INSERT INTO Out SELECT 100 / v AS v FROM Raw;"
"""NULL for 0, which a NOT NULL column refuses."""
DEAD_SINK = sink("Dead", DEAD)
WHOLE = sink("Out", "v DOUBLE NOT NULL")
BECAME = ("errors", "dropped", "dead_lettered", "fatal")


def check_dead(row: dict[str, Any], **expected: Any) -> None:
    assert {name: row[name] for name in expected} == expected
    assert set(row) == {
        "originalEvent", "errorMessage", "errorType", "timestamp", "attemptCount", "streamName",
    }  # fmt: skip
    assert row["timestamp"] > 1_700_000_000_000


# Messages that can't be decoded


@pytest.mark.parametrize("options", [{}, {"error__strategy": "drop"}, {"error__strategy": "retry"}])
async def test_a_poison_message_is_dropped_and_rejected(
    world: World, options: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    world.put(1, BAD, 3)
    app = await world.run(source(**options) + sink() + THROUGH)
    assert world.got("Out", "v") == [1, 3]
    assert world.queues["Raw"].acked == [0, 2]
    assert world.queues["Raw"].rejected == [1]
    assert "stream 'Raw': message 2 can't be decoded and is dropped: Expected `int`" in caplog.text
    stats = app.stats()
    assert nonzero(stats["streams"]["Raw"], *BECAME) == {"errors": 1, "dropped": 1}
    check_sums(app, ["Raw"])


@pytest.mark.parametrize("strategy", ["dlq", "retry"])
async def test_a_poison_message_becomes_a_dead_letter(world: World, strategy: str) -> None:
    world.put(1, BAD, 3)
    options = {"error__strategy": strategy, "error__dlq__stream": "Dead"}
    app = await world.run(source(**options) + sink() + DEAD_SINK + THROUGH)
    assert world.got("Out", "v") == [1, 3]
    assert sorted(world.queues["Raw"].acked) == [0, 1, 2]
    assert world.queues["Raw"].rejected == []
    [row] = world.got("Dead")
    check_dead(
        row,
        originalEvent='{"v": "many"}',
        errorMessage="Expected `int`, got `str` - at `$.v`",
        errorType="MappingError",
        attemptCount=1,
        streamName="Raw",
    )
    stats = app.stats()
    assert nonzero(stats["streams"]["Raw"], *BECAME) == {"errors": 1, "dead_lettered": 1}
    assert stats["streams"]["Dead"]["error_rows"] == stats["streams"]["Dead"]["published"] == 1
    check_sums(app, ["Raw"])


async def test_a_poison_message_fails_the_app_and_goes_back(world: World) -> None:
    world.put(1, 2, BAD, 4)
    app = await world.run(source(error__strategy="fail") + sink() + THROUGH)
    assert isinstance(app.failure, StreamFailed)
    assert "source 'Raw' (queue): message 3 can't be decoded: Expected `int`" in str(app.failure)
    assert world.got("Out", "v") == [1, 2]
    assert world.queues["Raw"].acked == [0, 1]
    assert world.queues["Raw"].requeued == [2, 3]
    stats = app.stats()
    assert nonzero(stats["streams"]["Raw"], *BECAME) == {"errors": 1, "fatal": 1}
    assert stats["streams"]["Raw"]["returned"] == 1
    check_sums(app, ["Raw"])


async def test_what_is_no_text_is_kept_in_base64(world: World) -> None:
    world.put(b"\xff\xfe\x00")
    options = {"error__strategy": "dlq", "error__dlq__stream": "Dead"}
    await world.run(source(**options) + DEAD_SINK)
    assert world.got("Dead", "originalEvent") == ["//4A"]


async def test_what_may_be_read_later_is_tried_again_in_its_place(world: World) -> None:
    world.put(1, b'later 2 {"v": 2}', 3)
    options = {"error__strategy": "retry", "error__retry__initial_delay": "0ms"}
    app = await world.run(source(**options) + sink() + THROUGH)
    assert world.got("Out", "v") == [1, 2, 3]
    assert world.queues["Raw"].acked == [0, 1, 2]
    stats = app.stats()
    assert stats["connectors"]["Raw"]["retried"] == 2
    assert nonzero(stats["streams"]["Raw"], *BECAME) == {}
    check_sums(app, ["Raw"])


async def test_it_is_given_up_after_the_attempts(world: World) -> None:
    world.put(1, b'later 9 {"v": 2}', 3)
    options = {
        "error__strategy": "retry",
        "error__dlq__stream": "Dead",
        "error__retry__initial_delay": "0ms",
        "error__retry__max_attempts": "2",
    }
    app = await world.run(source(**options) + sink() + DEAD_SINK + THROUGH)
    assert world.got("Out", "v") == [1, 3]
    [row] = world.got("Dead")
    check_dead(row, errorMessage="not now", attemptCount=3)
    assert app.stats()["connectors"]["Raw"]["retried"] == 2
    check_sums(app, ["Raw"])


async def test_a_source_that_tries_again_waits_alone_and_gives_back_at_a_stop(
    world: World,
) -> None:
    world.put(1, b'later 1 {"v": 2}', 3)
    world.put(1, 2, 3, stream="Raw2")
    options = {"error__strategy": "retry", "error__retry__initial_delay": "30s"}
    sql = source(**options) + source("Raw2") + sink() + sink("Out2") + THROUGH
    app = world.create(sql + "INSERT INTO Out2 SELECT v FROM Raw2;")
    await app.astart()
    while len(world.got("Out2")) < 3 or not world.got("Out"):  # noqa: ASYNC110  not ours to set
        await asyncio.sleep(0)
    await app.astop()
    assert world.got("Out", "v") == [1]
    assert world.queues["Raw"].acked == [0]
    assert world.queues["Raw"].requeued == [1, 2]
    assert world.queues["Raw2"].acked == [0, 1, 2]
    check_sums(app, ["Raw", "Raw2"])


async def test_under_other_strategies_it_is_not_tried_again(world: World) -> None:
    world.put(b'later 1 {"v": 2}', 3)
    await world.run(source(error__strategy="drop") + sink() + THROUGH)
    assert world.got("Out", "v") == [3]
    assert list(world.decoders.tries.values()) == [1]


@pytest.mark.parametrize(
    ("strategy", "counts"), [("dlq", (3, 4)), ("retry", (3, 4)), ("fail", (6, 9))]
)
async def test_a_message_that_came_too_often_is_set_aside_unread(
    world: World, strategy: str, counts: tuple[int, int]
) -> None:
    world.put(1, 2, 3, 4)
    world.queues["Raw"].delivered = Counter({1: counts[0], 2: counts[1]})
    options = {"error__strategy": strategy, "error__dlq__stream": "Dead"}
    app = await world.run(source(**options) + sink() + DEAD_SINK + THROUGH)
    assert app.failure is None
    assert world.got("Out", "v") == [1, 4]
    assert sorted(world.queues["Raw"].acked) == [0, 1, 2, 3]
    rows = world.got("Dead")
    assert [row["originalEvent"] for row in rows] == ['{"v": 2}', '{"v": 3}']
    assert [row["attemptCount"] for row in rows] == [count + 1 for count in counts]
    check_dead(rows[0], errorType="TooManyDeliveries", streamName="Raw")
    assert f"was delivered {counts[0] + 1} times" in rows[0]["errorMessage"]
    check_sums(app, ["Raw"])


@pytest.mark.parametrize("ids", [None, ["a", "b", "c", "d"]])
async def test_the_neighbours_of_what_failed_the_app_are_tried_once_more(
    world: World, ids: list[str] | None
) -> None:
    world.put(0, 1, BAD, 4)
    world.queues["Raw"].ids = ids
    world.queues["Raw"].delivered = Counter({0: 3, 1: 3, 2: 3})
    options = {"error__strategy": "fail", "error__dlq__stream": "Dead"}
    app = await world.run(source(**options) + WHOLE + DEAD_SINK + DIVIDE)
    assert app.failure is None
    assert world.got("Out", "v") == [100, 25]
    rows = world.got("Dead")
    assert [row["errorType"] for row in rows] == ["RowError", "MappingError"]
    assert [row["attemptCount"] for row in rows] == [4, 4]
    check_sums(app, ["Raw"])


async def test_without_dead_letters_it_is_processed_however_often_it_came(world: World) -> None:
    world.put(1, 2)
    world.queues["Raw"].delivered = Counter({0: 8, 1: 8})
    await world.run(source(error__strategy="fail") + sink() + THROUGH)
    assert world.got("Out", "v") == [1, 2]


# Rows that fail in a query


async def test_a_row_that_fails_is_counted_and_its_message_acknowledged(world: World) -> None:
    world.put(1, 0, 4)
    app = await world.run(source() + WHOLE + DIVIDE)
    assert world.got("Out", "v") == [100, 25]
    assert world.queues["Raw"].acked == [0, 1, 2]
    stats = app.stats()
    assert stats["queries"]["query_1"]["failed"] == 1
    assert nonzero(stats["streams"]["Raw"], *BECAME) == {"errors": 1, "dropped": 1}
    check_sums(app, ["Raw"])


@pytest.mark.parametrize("strategy", ["dlq", "retry"])
async def test_a_row_that_fails_becomes_a_dead_letter(world: World, strategy: str) -> None:
    world.put(1, 0, 4)
    options = {"error__strategy": strategy, "error__dlq__stream": "Dead"}
    app = await world.run(source(**options) + WHOLE + DEAD_SINK + DIVIDE)
    assert world.got("Out", "v") == [100, 25]
    assert world.queues["Raw"].acked == [0, 1, 2]
    [row] = world.got("Dead")
    check_dead(row, originalEvent='{"v":0}', errorType="RowError", streamName="Raw", attemptCount=1)
    assert "'v'" in row["errorMessage"]
    check_sums(app, ["Raw"])


async def test_a_row_that_fails_stops_the_app_and_goes_back(world: World) -> None:
    world.put(1, 0, 4)
    app = await world.run(source(error__strategy="fail") + WHOLE + DIVIDE)
    assert "query 'query_1'" in str(app.failure)
    assert world.got("Out", "v") == [100]
    assert world.queues["Raw"].acked == [0]
    assert world.queues["Raw"].requeued == [1, 2]
    stats = app.stats()
    assert nonzero(stats["streams"]["Raw"], *BECAME) == {"errors": 1, "fatal": 1}
    check_sums(app, ["Raw"])


async def test_an_error_belongs_to_the_stream_that_its_query_reads(world: World) -> None:
    world.put(1, 0, 4)
    sql = """
    CREATE STREAM Mid (v LONG) WITH ("error.strategy" = 'dlq', "error.dlq.stream" = 'Dead');
    INSERT INTO Mid SELECT v + 1 AS v FROM Raw;
    INSERT INTO Out SELECT 100 / (v - 1) AS v FROM Mid;
    """
    app = await world.run(source(error__strategy="fail") + WHOLE + DEAD_SINK + sql)
    assert app.failure is None
    assert world.got("Out", "v") == [100, 25]
    [row] = world.got("Dead")
    check_dead(row, originalEvent='{"v":1}', streamName="Mid")
    check_sums(app, ["Raw"])


async def test_the_message_of_a_row_that_fails_further_down_goes_back_alone(world: World) -> None:
    world.put(1, 0, 4)
    sql = """
    CREATE STREAM Mid (v LONG) WITH ("error.strategy" = 'fail');
    INSERT INTO Mid SELECT v + 1 AS v FROM Raw;
    INSERT INTO Out SELECT 100 / (v - 1) AS v FROM Mid;
    """
    app = await world.run(source() + WHOLE + sql)
    assert "stream 'Mid': a row failed" in str(app.failure)
    assert world.queues["Raw"].acked == [0]
    assert world.queues["Raw"].requeued == [1, 2]
    check_sums(app, ["Raw"])


# Messages that a sink can't deliver


async def test_a_refusal_fails_the_app_where_nothing_is_said(world: World) -> None:
    world.put(1, 2, 3)
    world.script("Out.send", Refuse((1,), reason="no queue", hint="bind one"))
    app = await world.run(source() + sink() + THROUGH)
    assert "sink 'Out' (target): a message was refused: no queue" in str(app.failure)
    assert app.failure.hint == "bind one"
    assert world.queues["Raw"].acked == []
    assert nonzero(app.stats()["streams"]["Out"], *BECAME) == {"errors": 1, "fatal": 1}
    check_sums(app, ["Raw"])


@pytest.mark.parametrize("strategy", ["fail", "retry"])
async def test_a_refusal_for_good_is_not_tried_again(world: World, strategy: str) -> None:
    world.put(1)
    world.script("Out.send", Refuse((0,)))
    app = await world.run(source() + sink(error__strategy=strategy) + THROUGH)
    assert isinstance(app.failure, StreamFailed)
    assert app.stats()["connectors"]["Out"]["retried"] == 0


async def test_a_refusal_is_dropped_where_told(world: World) -> None:
    world.put(1, 2, 3)
    world.script("Out.send", Refuse((1,)))
    app = await world.run(source() + sink(error__strategy="drop") + THROUGH)
    assert world.got("Out", "v") == [1, 3]
    assert world.queues["Raw"].acked == [0, 1, 2]
    assert nonzero(app.stats()["streams"]["Out"], *BECAME) == {"errors": 1, "dropped": 1}
    check_sums(app, ["Raw"])


@pytest.mark.parametrize("strategy", ["dlq", "retry"])
async def test_a_refused_message_becomes_a_dead_letter(world: World, strategy: str) -> None:
    world.put(1, 2, 3)
    world.script("Out.send", Refuse((1,), reason="no queue"))
    options = {"error__strategy": strategy, "error__dlq__stream": "Dead"}
    app = await world.run(source() + sink(**options) + DEAD_SINK + THROUGH)
    assert world.got("Out", "v") == [1, 3]
    [row] = world.got("Dead")
    check_dead(
        row,
        originalEvent='{"v":2}',
        errorMessage="no queue",
        errorType="Refused",
        attemptCount=1,
        streamName="Out",
    )
    assert world.queues["Raw"].acked == [0, 1, 2]
    check_sums(app, ["Raw"])


@pytest.mark.parametrize(("refusals", "arrives"), [(2, True), (3, False)])
async def test_what_is_refused_for_now_is_sent_so_often(
    world: World, refusals: int, arrives: bool
) -> None:
    world.put(1, 2)
    world.script("Out.send", *[Refuse((0,), transient=True)] * refusals)
    options = {
        "error__strategy": "dlq",
        "error__dlq__stream": "Dead",
        "error__retry__max_attempts": "2",
        "error__retry__initial_delay": "0ms",
    }
    app = await world.run(source() + sink(**options) + DEAD_SINK + THROUGH)
    assert world.got("Out", "v") == ([2, 1] if arrives else [2])
    assert world.got("Dead", "attemptCount") == ([] if arrives else [3])
    assert app.stats()["connectors"]["Out"]["retried"] == 2
    assert world.queues["Raw"].acked == [0, 1]
    check_sums(app, ["Raw"])


async def test_a_row_that_cannot_be_encoded_becomes_a_dead_letter(world: World) -> None:
    world.put(1, 2)
    options = {"error__strategy": "dlq", "error__dlq__stream": "Dead"}
    sql = "INSERT INTO Out SELECT v, CASE WHEN v = 1 THEN 'unwritable' END AS s FROM Raw;"
    app = await world.run(source() + sink("Out", "v LONG, s STRING", **options) + DEAD_SINK + sql)
    assert world.got("Out", "v") == [2]
    [row] = world.got("Dead")
    check_dead(row, errorType="MappingError", errorMessage="it can't be written", streamName="Out")
    assert json.loads(row["originalEvent"]) == {"v": 1, "s": "unwritable"}
    check_sums(app, ["Raw"])


# Dead letters that are not taken


FALLBACK = {"error__strategy": "dlq", "error__dlq__stream": "Dead"}


async def test_a_dead_letter_that_is_refused_is_logged_and_counted(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.put(BAD, 2)
    world.script("Dead.send", Refuse((0,), reason="no room"))
    app = await world.run(source(**FALLBACK) + sink() + DEAD_SINK + THROUGH)
    assert app.failure is None
    assert sorted(world.queues["Raw"].acked) == [0, 1]
    assert "stream 'Dead': a message was refused and is dropped: no room" in caplog.text
    stats = app.stats()
    assert nonzero(stats["streams"]["Raw"], *BECAME) == {"errors": 1, "dead_lettered": 1}
    assert nonzero(stats["streams"]["Dead"], *BECAME) == {"errors": 1, "dropped": 1}
    check_sums(app, ["Raw"])


async def test_it_fails_the_app_where_told_and_the_message_goes_back(world: World) -> None:
    world.put(BAD, 2)
    world.script("Dead.send", Refuse((0,), reason="no room"))
    options = {**FALLBACK, "error__dlq__fallback_strategy": "fail"}
    app = await world.run(source(**options) + sink() + DEAD_SINK + THROUGH)
    assert "no room" in str(app.failure)
    assert world.queues["Raw"].acked == []
    check_sums(app, ["Raw"])


@pytest.mark.parametrize(("refusals", "arrives"), [(2, True), (3, False)])
async def test_it_is_sent_again_where_told(world: World, refusals: int, arrives: bool) -> None:
    world.put(BAD, 2)
    world.script("Dead.send", *[Refuse((0,), reason="no room")] * refusals)
    options = {
        **FALLBACK,
        "error__dlq__fallback_strategy": "retry",
        "error__dlq__fallback_retry__max_attempts": "2",
        "error__dlq__fallback_retry__initial_delay": "0ms",
    }
    app = await world.run(source(**options) + sink() + DEAD_SINK + THROUGH)
    assert len(world.got("Dead")) == arrives
    assert app.failure is None
    assert sorted(world.queues["Raw"].acked) == [0, 1]
    check_sums(app, ["Raw"])


async def test_an_error_on_the_way_of_an_error_is_logged_and_counted_only(world: World) -> None:
    world.put(BAD, 0, 2)
    sql = """
    CREATE STREAM Bad (n INT NOT NULL) WITH ("error.strategy" = 'fail');
    INSERT INTO Bad SELECT 1 / (attemptCount - 1) AS n FROM Raw.errors;
    INSERT INTO Told SELECT errorMessage FROM Bad.errors;
    """
    app = await world.run(source() + WHOLE + sink("Told", "errorMessage STRING") + DIVIDE + sql)
    assert app.failure is None
    assert world.got("Told") == []
    assert world.got("Out", "v") == [50]
    stats = app.stats()
    assert nonzero(stats["streams"]["Raw.errors"], *BECAME) == {"errors": 2, "dropped": 2}
    check_sums(app, ["Raw"])


async def test_dead_letters_count_for_the_acknowledgement(world: World) -> None:
    world.put(BAD, 2)
    world.script("Dead.send", Lose(), Lose())

    def is_safe(number: int) -> None:
        assert number or world.got("Dead"), "acknowledged before its dead letter was safe"

    world.queues["Raw"].on_ack = is_safe
    await world.run(source(**FALLBACK) + sink() + DEAD_SINK + THROUGH)
    assert sorted(world.queues["Raw"].acked) == [0, 1]


# One stream fails alone


async def test_a_failing_stream_stops_its_source_and_no_other(world: World) -> None:
    world.put(1, BAD, 3)
    world.put(1, 2, 3, stream="Raw2")
    failing = source(error__strategy="fail", on__fail="stream")
    sql = (
        failing
        + source("Raw2")
        + sink()
        + THROUGH
        + "INSERT INTO Out SELECT v + 10 AS v FROM Raw2;"
    )
    app = await world.run(sql)
    assert app.failure is None
    assert sorted(world.got("Out", "v")) == [1, 11, 12, 13]
    assert world.queues["Raw"].requeued == [1, 2]
    assert world.queues["Raw2"].acked == [0, 1, 2]
    assert "message 2 can't be decoded" in str(app.stream_failures["Raw"])
    assert app.health()["Raw"].startswith("failed: ")
    check_sums(app, ["Raw", "Raw2"])


async def test_a_failing_sink_stops_the_sources_that_lead_to_it(world: World) -> None:
    world.put(1, 2)
    world.put(1, 2, stream="Raw2")
    world.script("Out.send", Refuse((0,)))
    sql = source() + source("Raw2") + sink(on__fail="stream") + sink("Out2") + THROUGH
    app = await world.run(sql + "INSERT INTO Out2 SELECT v FROM Raw2;")
    assert app.failure is None
    assert world.queues["Raw"].acked == []
    assert world.got("Out2", "v") == [1, 2]
    assert world.queues["Raw2"].acked == [0, 1]
    assert list(app.stream_failures) == ["Out"]
    check_sums(app, ["Raw2"])


async def test_what_is_refused_while_the_app_stops_is_set_aside_too(world: World) -> None:
    world.put(1, 2)
    world.script("Out.send", Refuse((1,), turns=50))
    options = {"error__strategy": "dlq", "error__dlq__stream": "Dead"}
    app = world.create(source() + sink(**options) + DEAD_SINK + THROUGH)
    await app.astart()
    while not world.queues["Raw"].open:  # noqa: ASYNC110  that is somebody else's state
        await asyncio.sleep(0)
    await app.astop()
    assert world.got("Out", "v") == [1]
    assert world.got("Dead", "errorType") == ["Refused"]
    assert world.queues["Raw"].acked == [0, 1]
    check_sums(app, ["Raw"])


async def test_a_dead_letter_that_fails_the_app_gives_the_rest_back(world: World) -> None:
    world.put(1, 0, BAD, 4)
    options = {**FALLBACK, "error__dlq__fallback_strategy": "fail"}
    sql = """
    CREATE STREAM Strict (n INT NOT NULL);
    INSERT INTO Strict SELECT 1 / (attemptCount - 1) AS n FROM Dead;
    """
    app = await world.run(source(**options) + WHOLE + DEAD_SINK + DIVIDE + sql)
    assert "stream 'Dead': a row failed" in str(app.failure)
    assert set(world.queues["Raw"].acked) <= {0}
    assert set(world.queues["Raw"].requeued) >= {1, 2, 3}
    check_sums(app, ["Raw"])
