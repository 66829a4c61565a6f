"""The status line and the summary."""

from __future__ import annotations

import io

from eventflux.cli.status import CLEAR_LINE, Progress, StatusLine, summary_text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_is_written_over_and_cleared_once() -> None:
    terminal = Terminal()
    line = StatusLine(terminal)
    line.show("one")
    line.show("two")
    line.clear()
    line.clear()
    assert terminal.getvalue() == f"{CLEAR_LINE}one{CLEAR_LINE}two{CLEAR_LINE}"


def test_there_is_no_line_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    StatusLine(stream).show("one")
    assert stream.getvalue() == ""


def test_progress_counts_what_came_in_and_what_is_confirmed() -> None:
    connectors = {
        "In": {"messages": 1200, "in_flight": 30, "rejected": 2},
        "Out": {"messages": 1100, "confirmed": 1000, "in_flight": 7, "refused": 1},
    }
    health = {"In": "running", "Out": "reconnecting: it is gone"}
    text = Progress().text("running", connectors, health)
    assert "in 1,200 (" in text
    assert "out 1,000 (" in text
    assert text.startswith("running 0:00 · ")
    assert text.endswith("in flight 30 · failed 3 · Out reconnecting: it is gone")


def test_the_summary_has_each_counter_of_streams_queries_sources_and_sinks() -> None:
    text = summary_text(
        {
            "streams": {"In": {"received": 1000}},
            "queries": {"query_1": {"in": 1000, "passed": 7, "filtered": 993}},
            "connectors": {
                "In": {"messages": 1000, "acknowledged": 999, "in_flight": 1, "rejected": 0},
                "Out": {"messages": 7, "confirmed": 6},
            },
            "own_counters": {"Out": {"messages_unheard": 4}},
            "own_gauges": {},
            "checkpoints": {},
        }
    )
    for part in (
        "received",
        "query_1",
        "993",
        "acknowledged",
        "in flight",
        "confirmed",
        "messages unheard",
    ):
        assert part in text
    assert "1,000" in text
    assert "rejected" not in text


def test_a_summary_of_nothing_says_that_nothing_came() -> None:
    text = summary_text(
        {
            "streams": {"In": {"received": 0}},
            "queries": {"query_1": {"in": 0, "passed": 0}},
            "connectors": {"Out": {"messages": 0, "confirmed": 0}},
            "own_counters": {},
            "own_gauges": {},
            "checkpoints": {},
        }
    )
    told = [line.split() for line in text.splitlines() if "─" not in line and line.strip()]
    assert told == [
        ["stream", "received"], ["In", "0"],
        ["query", "in"], ["query_1", "0"],
        ["sink", "messages"], ["Out", "0"],
    ]  # fmt: skip
