"""Every window gives what its model gives by a watermark, however late rows are."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from ..profile import examples
from .engine import alike, run_to_the_end
from .events import Story, stories
from .queries import Output, Query, given_rows, queries, row_over
from .watermarks import Assign, aligned, hop, sessions, sliding_time, tumbling

WINDOWS: dict[str, Assign] = {
    "WINDOW TUMBLING(100 ms)": tumbling(100),
    "WINDOW('tumbling', 100, 30)": tumbling(100, 30),
    "WINDOW('timeBatch', 100, 30)": tumbling(100, 30),
    "WINDOW('hop', 100, 50)": hop(100, 50),
    "WINDOW('hop', 100, 30, 10)": hop(100, 30, 10),
    "WINDOW('hop', 100, 150)": hop(100, 150),
}
windows = pytest.mark.parametrize("window", WINDOWS)


@dataclass(frozen=True)
class Lagging:
    """A stream whose watermark is ``delay`` behind, and what its windows keep beyond it."""

    delay: int
    lateness: int

    @property
    def sql(self) -> str:
        kept = f" WITH (watermark.lateness = {self.lateness})" if self.lateness else ""
        return (
            "CREATE STREAM S (k STRING, v INT, ts LONG NOT NULL, "
            f"WATERMARK FOR ts AS ts - {self.delay}){kept};"
        )


@windows
@given(
    story=stories(),
    lagging=st.builds(Lagging, st.sampled_from([0, 50, 120]), st.sampled_from([0, 60, 100])),
    query=queries(("rows", "total", "grouped", "per row"), bounds=True),
)
@examples(60)
def test_windows_on_a_grid(window: str, story: Story, lagging: Lagging, query: Query) -> None:
    found = aligned(
        story.events, WINDOWS[window], lagging.delay, lagging.lateness, enters=query.enters
    )
    sql = f"{lagging.sql} {query.sql(window)}"
    note(sql)
    rows = run_to_the_end(sql, story, ["T", "S.late"])
    expected: list[Output] = given_rows(query, found.batches)
    assert alike(rows["T"], expected), f"given    {rows['T']}\nexpected {expected}"
    assert [row[:3] for row in rows["S.late"]] == [row.values for row in found.late]


@pytest.mark.parametrize(
    ("window", "gap", "latency", "keyed"),
    [
        ("WINDOW('session', 100)", 100, 0, False),
        ("WINDOW('session', 40, k)", 40, 0, True),
        ("WINDOW('session', 40, k, 30)", 40, 30, True),
    ],
)
@given(
    story=stories(),
    lagging=st.builds(Lagging, st.sampled_from([0, 50, 120]), st.sampled_from([0, 60, 100])),
    query=queries(("rows", "total", "grouped", "per row"), bounds=True),
)
@examples(60)
def test_sessions(
    window: str, gap: int, latency: int, keyed: bool, story: Story, lagging: Lagging, query: Query
) -> None:
    """Without a key of its own a session is one of a group, where there are groups."""
    by_k = keyed or query.shape == "grouped"
    key = (lambda row: row.k) if by_k else (lambda row: None)
    found = sessions(story.events, gap, lagging.delay, latency, lagging.lateness, key, query.enters)
    sql = f"{lagging.sql} {query.sql(window)}"
    note(sql)
    rows = run_to_the_end(sql, story, ["T", "S.late"])
    expected = given_rows(query, found.batches)
    assert alike(rows["T"], expected), f"given    {rows['T']}\nexpected {expected}"
    assert [row[:3] for row in rows["S.late"]] == [row.values for row in found.late]


@pytest.mark.parametrize("d", [10, 100])
@given(
    story=stories(),
    delay=st.sampled_from([0, 50, 120]),
    query=queries(("rows", "total", "grouped", "per row")),
)
@examples(60)
def test_time_slides_with_the_watermark(d: int, story: Story, delay: int, query: Query) -> None:
    steps, late = sliding_time(story.events, d, delay, query.enters)
    sql = Lagging(delay, 0).sql + query.sql(f"WINDOW('time', {d})")
    note(sql)
    rows = run_to_the_end(sql, story, ["T", "S.late"])
    expected = [row for held in steps for row in row_over(query, held[-1], held)]
    assert alike(rows["T"], expected), f"given    {rows['T']}\nexpected {expected}"
    assert [row[:3] for row in rows["S.late"]] == [row.values for row in late]
