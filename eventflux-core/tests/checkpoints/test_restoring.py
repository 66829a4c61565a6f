"""What the next process goes on from, and what it says of it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any, ClassVar

import pytest

from eventflux import EventFluxManager, RefusedError, StateError, UsageError

from .conftest import SOURCE, STREAMS, SUMS, WINDOWS

KEYLESS = STREAMS + "INSERT INTO Out SELECT 'all' AS k, SUM(v) AS total FROM S;"
TAPE = SUMS.replace("'scripted', format = 'tiny', event", "'tape', format = 'tiny', event")


class WallClock:
    """A wall clock that stands still."""

    moved_by_rows: ClassVar[bool] = False

    def __init__(self, now_ms: int) -> None:
        self._now = now_ms

    def now_ms(self) -> int:
        return self._now


async def test_state_goes_on_in_a_new_process(world: Any, until: Any) -> None:
    async with world.process(SUMS) as app:
        world.put(("a", 1, 1), ("b", 10, 2))
        await until(lambda: len(world.arrived) == 2)
        await app.apersist()
    async with world.process(SUMS):
        world.put(("a", 2, 3), ("b", 20, 4))
        await until(lambda: world.arrived[2:] == [("a", 3), ("b", 30)])


async def test_what_was_processed_behind_the_last_checkpoint_comes_again(
    world: Any, until: Any
) -> None:
    """State has it once: the checkpoint does not, and the queue delivers it again."""
    async with world.process(SUMS) as app:
        world.put(("a", 1, 1))
        await until(lambda: world.arrived == [("a", 1)])
        await app.apersist()
        world.put(("a", 2, 2))
        await until(lambda: world.arrived == [("a", 1), ("a", 3)])
        assert world.queue.acked == [0]
    async with world.process(SUMS):
        await until(lambda: world.arrived[2:] == [("a", 3)])
        world.put(("a", 4, 3))
        await until(lambda: world.arrived[3:] == [("a", 7)])


async def test_what_has_become_due_meanwhile_fires_before_the_first_row(
    world: Any, until: Any
) -> None:
    sql = WINDOWS.replace("app.time = 'event'", "app.time = 'system'").replace(
        "WINDOW('tumbling', 10)", "WINDOW('tumbling', 1 SECOND)"
    )
    async with world.process(sql, clock=WallClock(1_000)) as app:
        world.put(("a", 1, 1))
        await until(lambda: app.stats()["queries"]["query_1"]["in"] == 1)
        await app.apersist()
    world.put(("a", 5, 2))
    async with world.process(sql, clock=WallClock(60_000)):
        await until(lambda: world.arrived == [("a", 1)])


async def test_a_changed_query_starts_empty_and_the_others_go_on(
    world: Any, until: Any, caplog: Any
) -> None:
    two = STREAMS + (
        "INSERT INTO Out SELECT k, SUM(v) AS total FROM S GROUP BY k WITH (name = 'sums');"
        "INSERT INTO Out SELECT k, COUNT({}) AS total FROM S GROUP BY k WITH (name = 'counts');"
    )
    async with world.process(two.format("*")) as app:
        world.put(("a", 5, 1))
        await until(lambda: len(world.arrived) == 2)
        await app.apersist()
    async with world.process(two.format("v")):
        world.put(("a", 6, 2))
        await until(lambda: world.arrived[2:] == [("a", 11), ("a", 1)])
    assert "state: query 'counts' has changed: it starts empty" in caplog.text
    assert "query 'sums'" not in caplog.text


async def test_a_query_that_is_gone_and_one_that_is_new_are_told(
    world: Any, until: Any, caplog: Any
) -> None:
    async with world.process(SUMS) as app:
        world.put(("a", 5, 1))
        await until(lambda: world.arrived)
        await app.apersist()
    new = KEYLESS.replace("FROM S;", "FROM S WITH (name = 'all');")
    async with world.process(new) as app:
        world.put(("a", 6, 2))
        await until(lambda: world.arrived[1:] == [("all", 6)])
        await app.apersist()
    assert "state: query 'all' is new: it starts empty" in caplog.text
    assert "state: there is no query 'query_1' any more: its state is dropped" in caplog.text
    _, content = world.history.checkpoints[max(world.revisions)]
    assert len([state for state, records in content.items() if records]) == 2  # and the clock


async def test_a_damaged_one_is_skipped_with_an_error(world: Any, until: Any, caplog: Any) -> None:
    async with world.process(SUMS) as app:
        for total, v in enumerate((1, 2, 4)):
            world.put(("a", v, total))
            await until(lambda total=total: len(world.arrived) == total + 1)
            await app.apersist()
    assert world.revisions == [1, 2, 3]
    manifest, content = world.history.checkpoints[3]
    world.history.checkpoints[3] = manifest[:-10], content
    async with world.process(SUMS) as app:
        world.put(("a", 8, 9))
        await until(lambda: world.arrived[3:] == [("a", 11)])
        await app.apersist()
    assert "state: revision 3 is damaged and skipped: its manifest is none" in caplog.text
    assert "going on from revision 2" in caplog.text


async def test_where_all_are_damaged_the_app_does_not_start(world: Any, until: Any) -> None:
    async with world.process(SUMS) as app:
        await app.apersist()
    _, content = world.history.checkpoints[1]
    world.history.checkpoints[1] = b"{}", content
    with pytest.raises(StateError, match="no checkpoint in a scripted history can be read") as told:
        await world.app(SUMS).astart()
    assert "--fresh begins a new history" in str(told.value)
    async with world.app(SUMS, fresh=True) as app:
        assert await app.apersist() == 1


async def test_state_of_another_format_is_refused_by_name(world: Any) -> None:
    async with world.process(SUMS) as app:
        await app.apersist()
    manifest, content = world.history.checkpoints[1]
    older = manifest.replace(b'"format":1', b'"format":0')
    assert older != manifest
    world.history.checkpoints[1] = older, content
    with pytest.raises(StateError, match="in format 0; this version reads format 1"):
        await world.app(SUMS).astart()


async def test_a_query_stored_in_another_form_starts_empty_and_the_others_go_on(
    world: Any, until: Any, caplog: Any
) -> None:
    """``nulls0:1`` says that and how a number of NULLs is stored."""
    two = STREAMS + (
        "INSERT INTO Out SELECT k, SUM(v) AS total FROM S GROUP BY k WITH (name = 'sums');"
        "INSERT INTO Out SELECT k, COUNT(*) AS total FROM S GROUP BY k WITH (name = 'counts');"
    )
    async with world.process(two) as app:
        world.put(("a", 5, 1))
        await until(lambda: len(world.arrived) == 2)
        await app.apersist()
    manifest, content = world.history.checkpoints[1]
    older = manifest.replace(b"nulls0:1", b"nulls0:0")
    assert older != manifest
    world.history.checkpoints[1] = older, content
    async with world.process(two) as app:
        world.put(("a", 6, 2))
        await until(lambda: world.arrived[2:] == [("a", 6), ("a", 2)])
        await app.apersist()
    assert "state: query 'sums' starts empty: revision 1, by EventFlux " in caplog.text
    assert "has its state in another form" in caplog.text
    assert "query 'counts'" not in caplog.text
    async with world.process(two):  # nothing is left of what could not be read
        world.put(("b", 1, 3), ("a", 1, 4))
        await until(lambda: world.arrived[4:] == [("b", 1), ("b", 1), ("a", 7), ("a", 3)])


async def test_a_record_that_can_not_be_read_is_damage_too(
    world: Any, until: Any, caplog: Any
) -> None:
    """Though the store finds nothing wrong."""
    async with world.process(SUMS) as app:
        for total, v in enumerate((1, 2)):
            world.put(("a", v, total))
            await until(lambda total=total: len(world.arrived) == total + 1)
            await app.apersist()
    _, content = world.history.checkpoints[2]
    [records] = [records for state, records in content.items() if "#" in state]
    records.update(dict.fromkeys(records, b"\x90"))
    async with world.process(SUMS):
        world.put(("a", 8, 9))
        await until(lambda: world.arrived[2:] == [("a", 9)])
    assert "revision 2 is damaged and skipped: the state of query 'query_1' can't" in caplog.text


async def test_a_clock_that_was_put_back_is_told(world: Any, caplog: Any) -> None:
    async with world.process(SUMS) as app:
        await app.apersist()
    async with world.process(SUMS):
        assert "clock" not in caplog.text
    manifest, content = world.history.checkpoints[1]
    told = json.loads(manifest) | {"created_ms": 4_102_444_800_000}
    world.history.checkpoints[1] = json.dumps(told).encode(), content
    async with world.process(SUMS):
        pass
    assert "revision 1 was cut at 2100-01-01 00:00:00 UTC" in caplog.text
    assert "ahead of this machine's clock" in caplog.text


async def test_fresh_ignores_what_is_stored_once(world: Any, until: Any) -> None:
    async with world.process(SUMS) as app:
        world.put(("a", 5, 1))
        await until(lambda: world.arrived)
        await app.apersist()
    app = world.app(SUMS, fresh=True)
    async with app:
        world.put(("a", 1, 2))
        await until(lambda: world.arrived[1:] == [("a", 1)])
    async with app:
        world.put(("a", 1, 3))
        await until(lambda: world.arrived[2:] == [("a", 2)])


async def test_clear_state_forgets_everything(world: Any, until: Any) -> None:
    app = world.app(SUMS)
    async with app:
        world.put(("a", 5, 1))
        await until(lambda: world.arrived)
        with pytest.raises(UsageError, match="its state is in use"):
            await app.aclear_state()
    await app.aclear_state()
    async with app:
        world.put(("a", 1, 2))
        await until(lambda: world.arrived[1:] == [("a", 1)])


async def test_what_blocks_is_refused_on_a_running_loop(world: Any) -> None:
    app = world.app(SUMS)
    with pytest.raises(UsageError, match="clear_state\\(\\) would block") as told:
        app.clear_state()
    assert "await aclear_state()" in str(told.value)
    with pytest.raises(UsageError, match="await arestore"):
        app.restore(1)


async def test_state_that_can_not_be_cut_stops_the_app(
    world: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing behind it could ever be acknowledged."""
    from eventflux.compiler.program import Program

    app = world.app(SUMS)
    await app.astart()
    world.put(("a", 1, 1))
    await until(lambda: world.arrived)

    def broken(program: Program) -> Any:
        raise ValueError("no way")

    monkeypatch.setattr(Program, "cut_state", broken)
    with pytest.raises(StateError, match="state can't be cut: no way"):
        await app.apersist()
    await until(lambda: app.state == "failed")
    assert world.queue.acked == []


async def test_restore_goes_back_to_a_revision_that_is_kept(world: Any, until: Any) -> None:
    app = world.app(SUMS)
    async with app:
        world.put(("a", 1, 1))
        await until(lambda: len(world.arrived) == 1)
        first = await app.apersist()
        world.put(("a", 2, 2))
        await until(lambda: len(world.arrived) == 2)
        second = await app.apersist()
        with pytest.raises(UsageError, match="its state is in use"):
            await app.arestore(first)
    with pytest.raises(UsageError, match="there is no revision 77") as told:
        await app.arestore(77)
    assert f"kept are {first}, {second}" in str(told.value)
    await app.arestore(first)
    async with app:
        world.put(("a", 4, 3))
        await until(lambda: world.arrived[2:] == [("a", 5)])
    async with app:  # the newest again
        world.put(("a", 8, 4))
        await until(lambda: world.arrived[3:] == [("a", 13)])


async def test_going_back_lasts_though_nothing_has_changed_since(world: Any, until: Any) -> None:
    app = world.app(SUMS)
    async with app:
        world.put(("a", 1, 1))
        await until(lambda: len(world.arrived) == 1)
        first = await app.apersist()
        world.put(("a", 2, 2))
        await until(lambda: len(world.arrived) == 2)
    await app.arestore(first)
    async with app:
        pass
    async with app:
        world.put(("a", 4, 3))
        await until(lambda: world.arrived[2:] == [("a", 5)])


async def test_a_replayable_source_goes_on_where_the_checkpoint_was(world: Any, until: Any) -> None:
    """And counts nothing twice."""
    row = b'{"k": "a", "v": 1, "t": 1}'
    world.tapes.tape += [row] * 4
    async with world.process(TAPE) as app:
        await until(lambda: len(world.arrived) == 4)
        await app.apersist()
        world.tapes.tape += [row] * 3  # processed, and forgotten
        await until(lambda: len(world.arrived) == 7)
    async with world.process(TAPE):
        await until(lambda: len(world.arrived) == 10)
        assert world.arrived[-1] == ("a", 7)
    assert world.tapes.opened_at == [None, {"tape": 4}]


async def test_the_positions_of_another_connector_are_not_used(
    world: Any, until: Any, caplog: Any
) -> None:
    async with world.process(SUMS) as app:
        await app.apersist()
    async with world.process(TAPE):
        assert world.tapes.opened_at == [None]
    assert "is new: it starts at its beginning" in caplog.text


# SQLite


def _app(directory: Path, **how: Any) -> Any:
    sql = SUMS.replace("SET checkpoint.store = 'scripted';", "").replace(
        f"{SOURCE[:-1]}, event.time = 't')", "WITH (event.time = 't')"
    )
    manager = EventFluxManager()
    manager.context.add_sink_factory("scripted", _World.sinks())
    manager.context.add_sink_mapper_factory("tiny", _World.mapper())
    return manager.create_app(sql, name="sums.sql", environment={}, state=directory, **how)


class _World:
    @staticmethod
    def sinks() -> Any:
        from eventflux.testing.scripted import ScriptedSinkFactory, ScriptedTarget

        return ScriptedSinkFactory(ScriptedTarget())

    @staticmethod
    def mapper() -> Any:
        from .conftest import TinySinkFactory

        return TinySinkFactory()


def _total(app: Any, *values: int) -> int:
    """The sum after these values are taken."""
    rows: list[Any] = []
    app.on("Out", rows.append)
    with app:
        app.input("S").send_many([("a", v, 1) for v in values], wait="confirmed")
    return int(rows[-1].total)


def test_a_directory_keeps_state(state_dir: Path) -> None:
    assert _total(_app(state_dir), 1, 2) == 3
    assert _total(_app(state_dir), 4) == 7
    assert _total(_app(state_dir, fresh=True), 1) == 1
    app = _app(state_dir)
    app.clear_state()
    assert _total(app, 5) == 5
    assert [path.name for path in sorted(state_dir.glob("*.sqlite"))] == ["sums.sqlite"]


def test_revisions_in_a_directory_can_be_gone_back_to(state_dir: Path) -> None:
    app = _app(state_dir)
    with app:
        app.input("S").send(("a", 1, 1))
        first = app.persist()
        app.input("S").send(("a", 2, 1))
    app.restore(first)
    assert _total(app, 10) == 11


def test_a_second_process_with_the_same_state_is_refused(state_dir: Path) -> None:
    with (
        _app(state_dir),
        pytest.raises(RefusedError, match=r"has the state in .*sums\.sqlite in use") as told,
    ):
        _app(state_dir).start()
    assert "--name" in str(told.value)


def test_flipped_bytes_of_the_newest_lose_what_came_since_the_one_before(
    state_dir: Path, caplog: Any
) -> None:
    app = _app(state_dir)
    with app:
        for v in (1, 2, 4):
            app.persist()
            app.input("S").send(("a", v, 1))
    database = sqlite3.connect(state_dir / "sums.sqlite")
    newest = "revision = (SELECT max(revision) FROM checkpoints)"
    database.execute(f"UPDATE changes SET value = zeroblob(length(value)) WHERE {newest}")
    database.commit()
    database.close()
    assert _total(_app(state_dir), 100) == 103
    assert "is damaged and skipped" in caplog.text


def test_state_that_is_deleted_while_the_app_runs_is_written_anew(
    state_dir: Path, caplog: Any
) -> None:
    app = _app(state_dir)
    with app:
        app.input("S").send_many([("a", 1, 1), ("b", 1, 1)])
        app.persist()
        shutil.rmtree(state_dir)
        app.input("S").send(("a", 2, 1))
        app.persist()
        assert "all state is written anew" in caplog.text
    assert _total(_app(state_dir), 4) == 7


def test_state_and_what_stores_none(state_dir: Path) -> None:
    manager = EventFluxManager()
    with pytest.raises(UsageError, match="stores no state"):
        manager.create_app(SUMS, state=state_dir, replace_external=True)
    with pytest.raises(UsageError, match="no stored state to ignore"):
        manager.create_app("CREATE STREAM S (v INT);", fresh=True)


async def test_a_store_that_refuses_is_told_before_anything_is_open(world: Any) -> None:
    from eventflux.testing.scripted import Refuse

    app = world.app(SUMS, store={"opens": [Refuse(reason="not here", hint="elsewhere")]})
    with pytest.raises(RefusedError, match="state store 'scripted': not here"):
        await app.astart()
    assert all(sink.calls == [] or "open" not in sink.calls for sink in world.sinks.made)
    await asyncio.sleep(0)
