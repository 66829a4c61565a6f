"""``state.ttl`` against a model: a group begins anew when it was idle for that long."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from eventflux.testing import AppRunner

from .harness import compiled

_QUERY = (
    "CREATE STREAM S (k STRING, v INT); INSERT INTO T SELECT k, sum(v) AS s, count(*) AS n, "
    "max(v) AS m FROM S GROUP BY k WITH ('state.ttl' = 10)"
)
_rows = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["a", "b", "c", None]), st.integers(-3, 9)),
    min_size=1,
    max_size=40,
)

Row = tuple[int, str | None, int]


def model(rows: list[Row]) -> list[tuple[str | None, int, int, int]]:
    """From all that came before: the rows of the key since it was idle."""
    given_: list[tuple[str | None, int, int, int]] = []
    values: dict[str | None, list[int]] = {}
    last: dict[str | None, int] = {}
    now = 0
    for step, key, value in rows:
        now += step
        if key not in last or last[key] + 10 <= now:
            values[key] = []
        last[key] = now
        values[key].append(value)
        given_.append((key, sum(values[key]), len(values[key]), max(values[key])))
    return given_


@given(_rows, st.data())
@settings(max_examples=60, deadline=None)
def test_time_to_live(rows: list[Row], data: st.DataObject) -> None:
    """Sent in pieces of any size, with a restart at some place."""
    cut, size = data.draw(st.integers(0, len(rows))), data.draw(st.integers(1, 9))
    now, timed = 0, []
    for step, key, value in rows:
        now += step
        timed.append((now, (key, value)))
    found = []
    with AppRunner(_QUERY, ["T"]) as first:
        send(first, timed[:cut], size)
        found += first.rows("T")
        revision = first.persist()
    with AppRunner(_QUERY, ["T"]) as second:
        second.restore(revision)
        send(second, timed[cut:], size)
        found += second.rows("T")
    assert found == model(rows)


def send(runner: AppRunner, timed: list[tuple[int, tuple[str | None, int]]], size: int) -> None:
    for start in range(0, len(timed), size):
        piece = timed[start : start + size]
        runner.send_many("S", [row for _, row in piece], [time for time, _ in piece])


def test_what_is_forgotten_takes_no_memory() -> None:
    app = compiled(_QUERY)
    app.send("S", [(str(number), 1) for number in range(1000)], list(range(1000)))
    groups, _ = app.program.state_sizes()["query_1"]
    assert groups == 10
