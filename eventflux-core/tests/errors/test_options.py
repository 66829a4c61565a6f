"""The options of error strategies: what contradicts, what does nothing, what goes in circles."""

from __future__ import annotations

import pytest

from eventflux import SqlError

from .world import DEAD, World, sink, source

PROGRAM = sink() + sink("Dead", DEAD) + "INSERT INTO Out SELECT v FROM Raw;\n"


def problems(world: World, sql: str) -> str:
    with pytest.raises(SqlError) as raised:
        world.manager.create_app(sql)
    return str(raised.value)


def warnings(world: World, sql: str) -> list[str]:
    return [warning.message for warning in world.manager.create_app(sql).warnings]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"error__strategy": "dlq"}, "error.strategy 'dlq' needs an error.dlq.stream"),
        ({"error__dlq__stream": "Dead"}, "option 'error.dlq.stream' needs an error.strategy"),
        (
            {"error__strategy": "dlq", "error__dlq__stream": "Ded"},
            "error.dlq.stream names 'Ded', which is no stream of this program",
        ),
        ({"error__strategy": "dlq", "error__dlq__stream": "Ded"}, "did you mean 'Dead'?"),
        (
            {"error__strategy": "dlq", "error__dlq__stream": "Raw2"},
            "error.dlq.stream names 'Raw2', which is a source",
        ),
        (
            {"error__strategy": "dlq", "error__dlq__stream": "Raw.errors"},
            "'Raw.errors', which is no stream",
        ),
        (
            {"error__strategy": "dlq", "error__dlq__stream": "Out"},
            "'Out' can't take dead letters: it has no column originalEvent, errorMessage, "
            "errorType",
        ),
        (
            {"error__strategy": "dlq", "error__dlq__stream": "Wrong"},
            "'Wrong' can't take dead letters: it has no column errorMessage but errormessage; "
            "timestamp is STRING, not LONG; its further column more is NOT NULL",
        ),
        ({"error__retry__max_attempts": "0"}, "must be at least 1, got '0'"),
        ({"error__retry__max_attempts": "-1"}, "must be at least 1, got '-1'"),
        ({"error__retry__backoff": "quadratic"}, "expects one of exponential, linear, fixed"),
        (
            {"error__retry__initial_delay": "2s", "error__retry__max_delay": "1s"},
            "option 'error.retry.initial-delay' is longer than error.retry.max-delay",
        ),
        (
            {"error__dlq__fallback_retry__initial_delay": "1m"},
            "'error.dlq.fallback-retry.initial-delay' is longer than",
        ),
        ({"error__dlq__fallback_strategy": "drop"}, "expects one of log, fail, retry"),
        ({"error__log_level": "loud"}, "expects one of debug, info, warn, error"),
        ({"error__retry__attempts": "3"}, "did you mean 'error.retry.max-attempts'?"),
        ({"on__fail": "source"}, "expects one of app, stream"),
    ],
)
def test_what_is_refused(world: World, options: dict[str, str], told: str) -> None:
    wrong = """CREATE STREAM Wrong (more LONG NOT NULL, originalEvent STRING,
        errormessage STRING, errorType STRING, "timestamp" STRING, attemptCount INT,
        streamName STRING);"""
    text = problems(world, source(**options) + source("Raw2") + PROGRAM + wrong)
    assert told in text
    assert "stream 'Raw'" in text
    assert "<sql>:1:" in text


def test_zero_attempts_of_a_sink_are_refused(world: World) -> None:
    sql = source() + sink(error__retry__max_attempts="0") + "INSERT INTO Out SELECT v FROM Raw;"
    assert "must be at least 1, or -1 without end, got '0'" in problems(world, sql)


@pytest.mark.parametrize(
    ("of_source", "of_sink", "told"),
    [
        ({"error__strategy": "drop", "error__dlq__stream": "Dead"}, {}, "error.dlq.stream does"),
        ({"error__strategy": "fail", "error__dlq__stream": "Dead"}, {}, None),
        ({}, {"error__strategy": "fail", "error__dlq__stream": "Dead"}, "error.dlq.stream does"),
        ({"error__retry__backoff": "fixed"}, {}, "error.retry.backoff does nothing under this"),
        ({"error__strategy": "retry", "error__retry__backoff": "fixed"}, {}, None),
        ({}, {"error__retry__backoff": "fixed"}, None),
        (
            {
                "error__strategy": "dlq",
                "error__dlq__stream": "Dead",
                "error__retry__max_attempts": "9",
            },
            {},
            None,
        ),
        ({"error__dlq__fallback_strategy": "fail"}, {}, "does nothing without dead letters"),
        (
            {
                "error__strategy": "dlq",
                "error__dlq__stream": "Dead",
                "error__dlq__fallback_retry__backoff": "fixed",
            },
            {},
            "error.dlq.fallback-retry.backoff does nothing under error.dlq.fallback-strategy",
        ),
    ],
)
def test_an_option_that_does_nothing_is_a_warning(
    world: World, of_source: dict[str, str], of_sink: dict[str, str], told: str | None
) -> None:
    sql = "INSERT INTO Out SELECT v FROM Raw;"
    found = warnings(world, source(**of_source) + sink(**of_sink) + sink("Dead", DEAD) + sql)
    assert found == [] if told is None else [text for text in found if told in text] == found != []


def test_nothing_inside_can_be_tried_again(world: World) -> None:
    sql = """
    CREATE STREAM Mid (v LONG) WITH (
        "error.strategy" = 'retry', "error.retry.max-attempts" = '2');
    INSERT INTO Mid SELECT v FROM Raw;
    """
    [told] = warnings(world, source() + PROGRAM + sql)
    assert "error.retry.max-attempts does nothing here" in told


def test_a_dead_letter_stream_may_have_more_columns_in_any_order(world: World) -> None:
    dead = """(more STRING, streamName STRING, line INT, query STRING NOT NULL,
        attemptCount INT NOT NULL, "timestamp" LONG, errorType STRING, errorMessage STRING,
        originalEvent STRING)"""
    sql = source(error__strategy="dlq", error__dlq__stream="Dead")
    assert "column query is NOT NULL" in problems(world, sql + sink("Dead", dead))


async def test_columns_are_filled_by_their_names(world: World) -> None:
    dead = """(more STRING, streamName STRING, line INT, query STRING, attemptCount INT NOT NULL,
        "timestamp" LONG, errorType STRING, errorMessage STRING, "column" STRING,
        originalEvent STRING)"""
    world.put(0)
    sql = source(error__strategy="dlq", error__dlq__stream="Dead") + sink("Dead", dead)
    await world.run(sql + sink("Out", "v DOUBLE NOT NULL") + "INSERT INTO Out SELECT 1/v FROM Raw;")
    [row] = world.got("Dead")
    assert (row["more"], row["column"]) == (None, None)
    assert (row["query"], row["streamName"], row["originalEvent"]) == ("query_1", "Raw", '{"v":0}')
    assert row["line"] > 1


INNER = f"""
CREATE STREAM Dead {DEAD} WITH (
    "error.strategy" = 'dlq', "error.dlq.stream" = '{{next}}');
CREATE STREAM Other {DEAD};
"""


@pytest.mark.parametrize(
    ("target", "more", "cycle"),
    [
        ("Dead", "", "Dead -> Dead"),
        ("Other", "INSERT INTO Dead SELECT * FROM Other;", "Dead -> Other -> Dead"),
        (
            "Other",
            'INSERT INTO Dead SELECT originalEvent, errorMessage, errorType, "timestamp", '
            "attemptCount, streamName FROM Other.errors;",
            "Dead -> Other -> Other.errors -> Dead",
        ),
    ],
)
def test_dead_letters_that_come_back_are_refused(
    world: World, target: str, more: str, cycle: str
) -> None:
    text = problems(world, INNER.format(next=target) + more)
    assert f"dead letters come back to where they arise: {cycle}" in text
    assert "hint: name an error.dlq.stream that leads elsewhere" in text


def test_streams_of_errors_have_no_options(world: World) -> None:
    sql = source() + PROGRAM + "INSERT INTO Told SELECT errorType FROM Raw.errors;"
    with pytest.raises(SqlError, match=r"no stream is called 'Raw\.errors'"):
        world.manager.create_app(sql, config={"streams": {"Raw.errors": {"on.fail": "app"}}})
