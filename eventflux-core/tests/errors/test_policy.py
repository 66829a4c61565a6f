"""The parts alone: delays between tries, decisions, originals as text."""

from __future__ import annotations

from typing import Any

import pytest

from eventflux.base.rows import row_type
from eventflux.base.types import Column, DataType, Schema
from eventflux.runtime.error_policy import ErrorPolicy, Retries
from eventflux.runtime.error_rows import original_text
from eventflux.runtime.stream_options import ErrorOptions, SinkStreamOptions

Row = row_type("Row", Schema((Column("select", DataType.STRING), Column("x", DataType.DOUBLE))))


@pytest.mark.parametrize(
    ("backoff", "delays"),
    [
        ("exponential", [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]),
        ("linear", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
        ("fixed", [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]),
    ],
)
def test_delays_grow_as_told_up_to_the_longest(backoff: Any, delays: list[float]) -> None:
    retries = Retries(-1, backoff, 100, 1_000)
    assert [retries.delay(n) for n in range(1, 7)] == pytest.approx(delays)
    assert retries.delay(10_000) <= 1.0
    assert retries.may_try(10_000)


def test_attempts_count_from_the_second_try_on() -> None:
    retries = Retries(2, "fixed", 0, 0)
    assert [retries.may_try(n) for n in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize(
    ("options", "rows", "refusals"),
    [
        ({}, "drop", "fail"),
        ({"error.strategy": "drop"}, "drop", "drop"),
        ({"error.strategy": "fail"}, "fail", "fail"),
        ({"error.strategy": "retry"}, "drop", "fail"),
        ({"error.strategy": "retry", "error.dlq.stream": "D"}, "dlq", "dlq"),
        ({"error.strategy": "dlq", "error.dlq.stream": "D"}, "dlq", "dlq"),
        ({"error.strategy": "fail", "error.dlq.stream": "D"}, "fail", "fail"),
    ],
)
def test_what_becomes_of_what_is_given_up(
    options: dict[str, str], rows: str, refusals: str
) -> None:
    policy = ErrorPolicy(ErrorOptions.parse(options))
    assert (policy.for_rows, policy.for_refusals) == (rows, refusals)


def test_the_defaults() -> None:
    of_source = ErrorPolicy(ErrorOptions.parse({})).retries
    assert of_source == Retries(3, "exponential", 100, 30_000)
    of_sink = ErrorPolicy(SinkStreamOptions.parse({})).retries
    assert of_sink == Retries(-1, "exponential", 100, 30_000)


@pytest.mark.parametrize(
    ("original", "text"),
    [
        (None, ""),
        (b"", ""),
        ("é".encode(), "é"),
        (b"\xff", "/w=="),
        (("a", 1, None), '["a",1,null]'),
        (Row("a", float("nan")), '{"select":"a","x":null}'),
        (Row("\ud800", 1.0), repr(Row("\ud800", 1.0))),
    ],
)
def test_the_original_is_always_a_text(original: Any, text: str) -> None:
    assert original_text(original) == text
