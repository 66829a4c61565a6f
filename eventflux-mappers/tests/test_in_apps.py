"""Formats within running apps: event times, errors and limits, between channels in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from eventflux import EventFluxManager, SqlError, memory
from eventflux_mappers.limits import MAX_BYTES


@pytest.fixture(autouse=True)
def _empty_channels() -> Iterator[None]:
    memory.reset()
    yield
    memory.reset()


def stream(role: str, name: str, columns: str, format_name: str, **options: str) -> str:
    """A stream over the channel of its name; ``__`` in options is ``.``, ``_`` is ``-``."""
    given = "".join(
        f", '{key.replace('__', '.').replace('_', '-')}' = '{text}'"
        for key, text in options.items()
    )
    return (
        f"CREATE STREAM {name} ({columns}) WITH (type = '{role}', extension = 'memory', "
        f"format = '{format_name}', 'memory.channel' = '{name}'{given});\n"
    )


def run(sql: str, *payloads: bytes) -> Any:
    """The counters of a program that has read the payloads of the channel ``Input``."""
    channel = memory.channel("Input")
    channel.put(list(payloads))
    channel.end()
    with EventFluxManager().create_app(sql) as app:
        assert app.wait_finished(10)
    return app.stats()


def results(name: str = "Out") -> list[bytes]:
    return memory.channel(name).take()


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"json__include_timestamp": "true"}, {"_timestamp": 61_000, "a": 1}),
        ({"json__template": '{"at": {{_timestamp}}, "a": {{a}}}'}, {"at": 61_000, "a": 1}),
        ({"json__template": '{"at": "t{{_timestamp}}"}'}, {"at": "t61000"}),
    ],
)
def test_documents_hold_the_event_time(options: dict[str, str], first: dict[str, Any]) -> None:
    sql = (
        "SET app.time = 'event';"
        + stream("source", "Input", "a LONG, ts LONG", "csv", event__time="ts")
        + stream("sink", "Out", "a LONG", "json", **options)
        + "INSERT INTO Out SELECT a FROM Input WHERE a > 0;"
    )
    run(sql, b"1,61000\n0,61500", b"2,62000")
    found = [json.loads(payload) for payload in results()]
    assert found[0] == first
    assert len(found) == 2


def test_a_window_has_the_time_of_its_end() -> None:
    sql = (
        "SET app.time = 'event'; SET app.flush.on.stop = 'true';"
        + stream("source", "Input", "a LONG, ts LONG", "csv", event__time="ts")
        + stream("sink", "Out", "n LONG", "json", json__include_timestamp="true")
        + "INSERT INTO Out SELECT count(*) AS n FROM Input WINDOW('tumbling', 1 MINUTE);"
    )
    run(sql, b"1,1000\n1,2000", b"1,60000")
    assert results()[0] == b'{"_timestamp":59999,"n":2}'


COPY = "INSERT INTO Out SELECT a FROM Input;\n"


def test_a_bad_record_is_an_error_of_its_own_among_good_ones() -> None:
    sql = (
        stream("source", "Input", "a LONG", "csv", error__strategy="dlq", error__dlq__stream="Dead")
        + stream("sink", "Out", "a LONG", "json")
        + stream(
            "sink",
            "Dead",
            "originalEvent STRING, errorMessage STRING, errorType STRING, timestamp LONG, "
            "attemptCount INT, streamName STRING",
            "json",
        )
        + COPY
    )
    stats = run(sql, b"1\nx\n2\ny", b"3")
    assert results() == [b'{"a":1}', b'{"a":2}', b'{"a":3}']
    dead = [json.loads(payload) for payload in results("Dead")]
    assert [row["originalEvent"] for row in dead] == ["1\nx\n2\ny"] * 2
    assert "line 2, field 1 (a): expected LONG, got 'x'" in dead[0]["errorMessage"]
    assert "line 4, field 1 (a): expected LONG, got 'y'" in dead[1]["errorMessage"]
    counters = stats["connectors"]["Input"]
    assert counters["messages"] == counters["acknowledged"] == 2


@pytest.mark.parametrize("strategy", ["drop", "fail"])
def test_what_is_ignored_is_counted_and_nothing_else(
    strategy: str, caplog: pytest.LogCaptureFixture
) -> None:
    sql = (
        stream(
            "source", "Input", "a LONG", "json",
            error__strategy=strategy, json__ignore_parse_errors="true",
        )
        + stream("sink", "Out", "a LONG", "json")
        + stream("sink", "Errors", "m STRING", "json")
        + COPY
        + 'INSERT INTO Errors SELECT errorMessage FROM Input.errors;'
    )  # fmt: skip
    stats = run(sql, b'{"a": 1}', b"{", b'{"a": "x"}', b'{"a": 2}')
    assert results() == [b'{"a":1}', b'{"a":2}']
    assert results("Errors") == []
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    counters = stats["connectors"]["Input"]
    assert counters["acknowledged"] == 4
    assert stats["streams"]["Input"]["failed"] == 2


@pytest.mark.parametrize(
    ("name", "good"), [("json", b'{"a": 1}'), ("csv", b"1")], ids=["json", "csv"]
)
def test_payloads_beyond_the_limit_are_not_taken_apart(name: str, good: bytes) -> None:
    sql = (
        stream("source", "Input", "a LONG", name)
        + stream("sink", "Out", "a LONG", "json")
        + stream("sink", "Errors", "m STRING", "json")
        + COPY
        + "INSERT INTO Errors SELECT errorMessage FROM Input.errors;"
    )
    run(sql, good, good + b" " * MAX_BYTES, good)
    assert results() == [b'{"a":1}', b'{"a":1}']
    (error,) = results("Errors")
    assert b"more than what its format takes: 10485760" in error


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            stream("source", "Input", "a LONG", "json", json__pretty_print="true"),
            "stream 'Input': option 'json.pretty-print' is for sinks, this is a source",
        ),
        (
            stream("sink", "Out", "a LONG", "csv", csv__mapping__a="0"),
            "stream 'Out': option 'csv.mapping.a' is for sources, this is a sink",
        ),
        (
            stream("source", "Input", "a LONG", "json", json__mapping__b="$.b"),
            "option 'json.mapping.b': the stream has no column 'b'",
        ),
        (
            stream("source", "Input", "a LONG", "json", json__mapping__a="b"),
            "option 'json.mapping.a' expects a path, got 'b'",
        ),
        (
            stream("sink", "Out", "a LONG", "json", json__template="{{b}}"),
            "option 'json.template': nothing is called 'b'",
        ),
        (
            stream("source", "Input", "a LONG", "csv", csv__delimiter="||"),
            "option 'csv.delimiter' expects one character, got '||'",
        ),
    ],
)
def test_a_wrong_option_is_told_at_its_place(sql: str, told: str) -> None:
    with pytest.raises(SqlError) as raised:
        EventFluxManager().create_app(sql + "CREATE STREAM S (a LONG);")
    text = str(raised.value)
    assert told in text
    column = sql.rindex(", '") + 3
    assert text.startswith(f"<sql>:1:{column}:")
