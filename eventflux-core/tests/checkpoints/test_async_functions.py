"""Rows that wait for an asynchronous function, at cuts, crashes and stops."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest

from .conftest import STREAMS

SUMS = STREAMS + (
    "CREATE FUNCTION later(v LONG) RETURNS LONG LANGUAGE PYTHON AS 'later_functions:later';"
    "INSERT INTO Scored SELECT k, later(v) AS v FROM S;"
    "INSERT INTO Out SELECT k, SUM(v) AS total FROM Scored GROUP BY k;"
)
PLAIN = SUMS.replace("SUM(v) AS total FROM Scored GROUP BY k", "v AS total FROM Scored")


class Later:
    """Calls wait until they are let go."""

    def __init__(self) -> None:
        self.waiting: dict[int, asyncio.Event] = {}
        self.free = False

    async def __call__(self, v: int) -> int:
        event = self.waiting[v] = asyncio.Event()
        if not self.free:
            await event.wait()
        return v

    def let_go(self) -> None:
        self.free = True
        for event in self.waiting.values():
            event.set()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    module, later = ModuleType("later_functions"), Later()
    vars(module)["later"] = later
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return later


@asynccontextmanager
async def checkpoint_under_way(
    world: Any, until: Any, later: Later
) -> AsyncIterator[asyncio.Future[int]]:
    """A process that makes a checkpoint while a row waits for its result."""
    async with world.process(SUMS) as app:
        world.put(("a", 1, 1))
        await until(lambda: 1 in later.waiting)
        published = asyncio.ensure_future(app.apersist())
        await asyncio.sleep(0.02)
        assert not published.done()
        yield published


async def test_a_row_is_acknowledged_when_its_result_is_out(
    world: Any, until: Any, later: Later
) -> None:
    async with world.process(PLAIN):
        world.put(("a", 1, 1))
        await until(lambda: 1 in later.waiting)
        await asyncio.sleep(0.01)
        assert (world.arrived, world.queue.acked) == ([], [])
        later.let_go()
        await until(lambda: world.queue.acked == [0])
        assert world.arrived == [("a", 1)]


async def test_a_row_under_way_at_a_crash_comes_again(world: Any, until: Any, later: Later) -> None:
    async with world.process(PLAIN):
        world.put(("a", 1, 1), ("a", 2, 2))
        await until(lambda: 2 in later.waiting)
    assert (world.arrived, world.queue.acked) == ([], [])
    later.let_go()
    async with world.process(PLAIN):
        await until(lambda: world.queue.acked == [0, 1])
    assert world.arrived == [("a", 1), ("a", 2)]


async def test_a_checkpoint_holds_what_was_under_way_at_its_cut(
    world: Any, until: Any, later: Later
) -> None:
    """The row came before the cut and is absorbed behind it: the cut waits, and joins the next."""
    async with checkpoint_under_way(world, until, later) as published:
        assert (world.revisions, world.queue.acked) == ([], [])
        later.let_go()
        await published
        await until(lambda: world.queue.acked == [0])
    async with world.process(SUMS):
        world.put(("a", 2, 2))
        await until(lambda: world.arrived[-1:] == [("a", 3)])


async def test_a_crash_between_the_cut_and_the_result_loses_nothing(
    world: Any, until: Any, later: Later
) -> None:
    async with checkpoint_under_way(world, until, later):
        pass  # it dies
    later.let_go()
    async with world.process(SUMS) as app:
        world.put(("a", 2, 2))
        await until(lambda: world.arrived[-1:] == [("a", 3)])
        await app.astop()
    assert world.queue.acked == [0, 1]


async def test_a_stop_keeps_what_was_under_way(world: Any, until: Any, later: Later) -> None:
    async with world.process(SUMS) as app:
        world.put(("a", 1, 1))
        await until(lambda: 1 in later.waiting)
        stopping = asyncio.ensure_future(app.astop())
        await asyncio.sleep(0)
        later.let_go()
        await stopping
    assert world.queue.acked == [0]
    async with world.process(SUMS):
        world.put(("a", 2, 2))
        await until(lambda: world.arrived[-1:] == [("a", 3)])
