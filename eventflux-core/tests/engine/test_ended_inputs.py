"""The end of an input under a watermark (semantics 9.0)."""

from __future__ import annotations

from typing import Any

from .harness import Compiled, compiled

_TWO = """
CREATE STREAM A (ts LONG NOT NULL, v INT, WATERMARK FOR ts AS ts);
CREATE STREAM B (ts LONG NOT NULL, v INT, WATERMARK FOR ts AS ts);
INSERT INTO M SELECT ts, v FROM A;
INSERT INTO M SELECT ts, v FROM B;
INSERT INTO T SELECT sum(v) AS s, window_start() AS since FROM M WINDOW('tumbling', 100);
"""


def given(app: Compiled) -> list[tuple[Any, ...]]:
    """The rows of T since the last call."""
    return [values for group in app.take() for stream, values in group if stream == "T"]


def test_an_input_that_has_ended_holds_no_other_back() -> None:
    app = compiled(_TWO)
    app.send("A", [(10, 1)])
    app.send("B", [(20, 2), (250, 4)])
    assert given(app) == []
    app.program.end_input("A")
    assert given(app) == [(3, 0)]
    app.program.end_input("B")
    assert given(app) == [(4, 200)]


def test_what_is_sent_behind_the_end_is_not_late_for_that() -> None:
    app = compiled(_TWO)
    app.send("A", [(10, 1)])
    app.program.end_input("A")
    app.program.end_input("B")
    app.send("A", [(500, 2)])
    app.program.flush()
    assert given(app) == [(1, 0), (2, 500)]


def test_after_a_restart_an_input_goes_on_from_its_rows() -> None:
    first = compiled(_TWO)
    first.send("A", [(10, 1)])
    for stream in ("A", "B"):
        first.program.end_input(stream)
    second = compiled(_TWO)
    second.restore(first.saved())
    second.send("A", [(120, 2), (250, 4)])
    assert given(second) == []
    second.send("B", [(200, 8)])
    assert given(second) == [(2, 100)]
