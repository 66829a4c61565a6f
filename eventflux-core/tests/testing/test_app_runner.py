"""``AppRunner``: the test of an app in five lines."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventflux import InputError, SqlError, StateError, StreamFailed, UsageError
from eventflux.base.clock import VIRTUAL_EPOCH_MS
from eventflux.testing import AppRunner
from eventflux.testing.app_runner import Revision

RUNNING = """
CREATE STREAM S (k STRING, v LONG);
INSERT INTO Sums SELECT k, sum(v) AS s FROM S GROUP BY k;
INSERT INTO Windows SELECT k, count(*) AS n FROM S WINDOW('tumbling', 1 SECOND) GROUP BY k;
"""


def runner(sql: str = RUNNING, **given: Any) -> AppRunner:
    return AppRunner(sql, outputs=["Sums", "Windows"], **given)


def test_rows_in_rows_out() -> None:
    with runner() as run:
        run.send("S", ("a", 1))
        run.send("S", {"k": "b"})
        run.send_many("S", [("a", 2), ("b", 3)])
        assert run.rows("Sums") == [("a", 1), ("b", None), ("a", 3), ("b", 3)]


def test_a_batch_is_one_logical_batch() -> None:
    with runner() as run:
        run.send_batch("S", [("a", 1), ("b", 2), ("a", 3)], 500)
        assert run.rows("Sums") == [("a", 4), ("b", 2)]
        assert run.now_ms() == 500


def test_the_clock_starts_with_the_first_row() -> None:
    with runner() as run:
        assert run.now_ms() == VIRTUAL_EPOCH_MS
        run.send("S", ("a", 1), 250)
        assert run.now_ms() == 250
        run.send("S", ("a", 1), 100)
        assert run.now_ms() == 250
        run.send("S", ("a", 1))
        run.sleep(50)
        assert run.now_ms() == 300
        run.advance_to(10)
        assert run.now_ms() == 300
    with runner() as run:
        run.send("S", ("a", 1))
        run.send("S", ("a", 1), 250)
        assert run.now_ms() == VIRTUAL_EPOCH_MS


def test_timers_fire_on_the_way() -> None:
    with runner() as run:
        run.send_many("S", [("a", 1), ("b", 1), ("a", 1)], [100, 200, 900])
        run.sleep(99)
        assert run.rows("Windows") == []
        run.sleep(1)
        assert run.rows("Windows") == [("a", 2), ("b", 1)]
        run.send("S", ("c", 1), 1500)
        run.send("S", ("d", 1), 2500)
        assert run.rows("Windows")[2:] == [("c", 1)]


def test_a_snapshot_holds_state_and_clock_but_not_the_rows_seen() -> None:
    with runner() as run:
        run.send("S", ("a", 1), 100)
        revision = run.persist()
        run.send("S", ("a", 10), 700)
        run.sleep(1000)
        assert run.rows("Windows") == [("a", 2)]
        run.restore(revision)
        assert run.now_ms() == 100
        run.sleep(1000)
        assert run.rows("Windows") == [("a", 2), ("a", 1)]
        run.send("S", ("a", 5))
        assert run.rows("Sums") == [("a", 1), ("a", 11), ("a", 6)]


def test_a_snapshot_is_restored_into_another_runner() -> None:
    with runner() as run:
        run.send("S", ("a", 7), 100)
        revision = run.persist()
    with runner() as other:
        other.restore(revision)
        other.send("S", ("a", 1))
        assert other.rows("Sums") == [("a", 8)]


def test_state_is_cleared_as_in_a_new_runner() -> None:
    with runner() as run:
        run.send("S", ("a", 7), 100)
        revision = run.persist()
        run.clear_state()
        assert run.now_ms() == VIRTUAL_EPOCH_MS
        empty = run.persist()
        run.send("S", ("a", 1), 5)
        assert run.now_ms() == 5
        run.restore(revision)
        run.send("S", ("a", 1))
        run.restore(empty)
        run.send("S", ("a", 2))
        run.sleep(1000)
        assert run.rows("Sums") == [("a", 7), ("a", 1), ("a", 8), ("a", 2)]
        assert run.rows("Windows") == [("a", 1)]


def test_random_values_begin_anew_when_state_is_cleared() -> None:
    sql = "CREATE STREAM S (v INT); INSERT INTO T SELECT random() AS r, uuid() AS u FROM S;"
    with AppRunner(sql, outputs=["T"]) as run:
        run.send_many("S", [(1,), (2,)])
        run.clear_state()
        run.send_many("S", [(1,), (2,)])
        rows = run.rows("T")
        assert rows[:2] == rows[2:]


def test_each_snapshot_holds_all_state_however_little_changed() -> None:
    with runner() as run:
        revisions = []
        for n in range(4):
            run.send("S", (f"k{n}", 10**n))
            revisions.append(run.persist())
            if n == 2:
                run.restore(revisions[1])
        for revision in (revisions[0], revisions[3]):
            run.restore(revision)
            run.send_batch("S", [(f"k{n}", 1) for n in range(4)])
        of_first = [("k0", 2), ("k1", 1), ("k2", 1), ("k3", 1)]
        of_last = [("k0", 2), ("k1", 11), ("k2", 1), ("k3", 1001)]
        assert run.rows("Sums")[4:] == of_first + of_last


def test_a_snapshot_in_another_form_is_refused_and_changes_nothing() -> None:
    with runner() as run:
        run.send("S", ("a", 7), 100)
        state = run.persist().state
        older = Revision(9, state.replace(b"total0:1", b"total0:0"))
        assert older.state != state
        with pytest.raises(StateError, match="revision 9 has the state of query 'query_1'"):
            run.restore(older)
        run.send("S", ("a", 1))
        assert run.rows("Sums") == [("a", 7), ("a", 8)]


def test_a_damaged_snapshot_leaves_no_state() -> None:
    with runner() as run:
        run.send("S", ("a", 7), 100)
        stored = msgspec.msgpack.decode(run.persist().state)
        [damaged, *_] = [of_state for s, of_state in stored["records"].items() if "#" in s]
        damaged.update({key: value[:-1] for key, value in damaged.items()})
        wrong = Revision(9, msgspec.msgpack.encode(stored))
        with pytest.raises(StateError, match="can't be read"):
            run.restore(wrong)
        run.send("S", ("b", 1))
        run.restore(run.persist())
        run.send_many("S", [("a", 1), ("b", 1)])
        assert run.rows("Sums")[1:] == [("b", 1), ("a", 1), ("b", 2)]


def test_a_stop_drops_windows_unless_told_to_close_them() -> None:
    for sql, expected in (
        (RUNNING, []),
        ("SET app.flush.on.stop = true;" + RUNNING, [("a", 1)]),
    ):
        with runner(sql) as run:
            run.send("S", ("a", 1))
            run.stop()
            run.stop()
            assert run.rows("Windows") == expected
            with pytest.raises(UsageError, match="stopped"):
                run.send("S", ("a", 1))
            run.start()
            run.send("S", ("b", 1))
            run.flush()
            assert run.rows("Windows") == [*expected, ("b", 1)]


def test_sources_and_sinks_are_replaced() -> None:
    sql = """
    CREATE STREAM Input (v LONG) WITH (type = 'source', extension = 'rabbitmq', format = 'json',
        "rabbitmq.host" = 'nowhere.invalid', "rabbitmq.queue" = 'q');
    CREATE STREAM Out (v LONG) WITH (type = 'sink', extension = 'rabbitmq', format = 'json',
        "rabbitmq.host" = 'nowhere.invalid', "rabbitmq.exchange" = 'e');
    INSERT INTO Out SELECT v + 1 AS v FROM Input;
    """
    with AppRunner(sql, outputs=["Out"]) as run:
        run.send("Input", (1,))
        assert run.rows("Out") == [(2,)]


def test_failing_rows_follow_the_error_strategy() -> None:
    sql = """
    CREATE STREAM S (v LONG) WITH (type = 'internal', "error.strategy" = '{}');
    CREATE STREAM T (v LONG NOT NULL);
    INSERT INTO T SELECT v FROM S;
    """
    with AppRunner(sql.format("drop"), outputs=["T"]) as run:
        run.send_many("S", [(1,), (None,), (3,)])
        assert run.rows("T") == [(1,), (3,)]
        assert run.stats()["queries"]["query_1"]["failed"] == 1
    with AppRunner(sql.format("fail"), outputs=["T"]) as run:
        with pytest.raises(StreamFailed, match="stream 'S'"):
            run.send_many("S", [(1,), (None,), (3,)])
        assert run.rows("T") == [(1,)]
        with pytest.raises(UsageError):
            run.send("S", (1,))


def test_rows_without_event_time_are_counted() -> None:
    sql = """
    SET app.time = 'event';
    CREATE STREAM S (v LONG, ts LONG) WITH ("event.time" = 'ts');
    INSERT INTO T SELECT v FROM S;
    """
    with AppRunner(sql, outputs=["T"]) as run:
        run.send_many("S", [(1, 10), (2, None), (3, 20)])
        assert run.rows("T") == [(1,), (3,)]
        counted = run.stats()["streams"]["S"]
        assert (counted["received"], counted["failed"], counted["published"]) == (3, 1, 2)


def test_wrong_calls_are_refused() -> None:
    wrong: Any = "now"
    with pytest.raises(SqlError):
        AppRunner("SELECT")
    with pytest.raises(UsageError, match="did you mean 'Sums'"):
        AppRunner(RUNNING, outputs=["sums"])
    with AppRunner(RUNNING) as run:
        for call, error in (
            (lambda: run.rows("Sums"), UsageError),
            (lambda: run.rows("Nope"), UsageError),
            (lambda: run.send("Nope", (1,)), UsageError),
            (lambda: run.send("S", (1, 2)), InputError),
            (lambda: run.send("S", ("a", 1), wrong), InputError),
            (lambda: run.send_many("S", [("a", 1)], [1, 2]), InputError),
            (lambda: run.sleep(-1), InputError),
            (lambda: run.sleep(wrong), InputError),
        ):
            with pytest.raises(error):
                call()
        assert run.stats()["streams"]["S"]["received"] == 0


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(-5, 5)), max_size=30),
    cuts=st.lists(st.integers(1, 7), min_size=1),
)
def test_how_rows_are_sent_does_not_show(rows: list[tuple[str, int]], cuts: list[int]) -> None:
    times = [100 * n for n in range(len(rows))]
    with runner() as whole, runner() as cut:
        whole.send_many("S", rows, times)
        start = 0
        for size in cuts * (len(rows) + 1):
            cut.send_many("S", rows[start : start + size], times[start : start + size])
            start += size
        for stream in ("Sums", "Windows"):
            assert whole.rows(stream) == cut.rows(stream)
        assert whole.stats() == cut.stats()


def test_late_rows_that_nothing_but_the_test_reads_are_counted_with_the_others() -> None:
    sql = """
        CREATE STREAM S (ts LONG NOT NULL, WATERMARK FOR ts AS ts);
        INSERT INTO T SELECT count(*) AS n FROM S WINDOW('tumbling', 100);
    """
    with AppRunner(sql, ["T", "S.late"]) as runner:
        for ts in (0, 500, 10):
            runner.send("S", (ts,))
        assert [row[0] for row in runner.rows("S.late")] == [10]
        assert runner.stats()["streams"]["S.late"]["published"] == 1


@pytest.mark.parametrize("output", ["query_1/x.errors", "S.late.errors", "query_9/x.late"])
def test_streams_at_the_side_of_those_that_have_none_can_not_be_kept(output: str) -> None:
    sql = """
        CREATE STREAM S (ts LONG NOT NULL, WATERMARK FOR ts AS ts);
        INSERT INTO T SELECT count(*) AS n FROM (SELECT ts FROM S) AS x WINDOW('tumbling', 100);
        INSERT INTO L SELECT ts FROM "S.late";
    """
    with AppRunner(sql, ["T", "query_1/x.late"]) as runner:
        runner.send_many("S", [(0,), (500,), (10,)])
        assert [row[:2] for row in runner.rows("query_1/x.late")] == [(10, "query_1")]
    with pytest.raises(UsageError, match=f"the app has no stream '{output}'"):
        AppRunner(sql, [output])


def test_a_trigger_at_the_start_gives_a_row_at_each() -> None:
    sql = "CREATE TRIGGER Begin AT START; INSERT INTO T SELECT triggered_time AS at FROM Begin;"
    with AppRunner(sql, outputs=["T"]) as runner:
        runner.advance_to(100)
        runner.stop()
        runner.start()
        runner.advance_to(250)
        revision = runner.persist()
        runner.restore(revision)
        runner.advance_to(300)
        assert runner.rows("T") == [(100,), (250,)]


def test_a_trigger_that_is_sent_to() -> None:
    with (
        AppRunner("CREATE TRIGGER Tick AT START; SELECT * FROM Tick;") as runner,
        pytest.raises(UsageError, match="'Tick' come from the trigger alone"),
    ):
        runner.send("Tick", (1,))
