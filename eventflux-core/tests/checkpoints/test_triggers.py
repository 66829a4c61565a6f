"""Triggers in an app that runs: when they begin, and what a restart makes of what they missed."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from eventflux import EventFluxManager, UsageError

from .conftest import STREAMS

STORED = STREAMS.replace("app.time = 'event'", "app.time = 'system'")
EVERY = STORED + (
    "CREATE TRIGGER Tick AT EVERY 100{}; "
    "INSERT INTO Out SELECT 'tick' AS k, triggered_time AS total FROM Tick;"
)
CATCH_UP = EVERY.format(" WITH (catch_up = true)")
START = STORED + (
    "CREATE TRIGGER Begin AT START; "
    "INSERT INTO Out SELECT k, v AS total FROM S; "
    "INSERT INTO Out SELECT 'start' AS k, triggered_time AS total FROM Begin;"
)


class HandClock:
    """A wall clock that a test sets."""

    moved_by_rows: ClassVar[bool] = False

    def __init__(self, now_ms: int) -> None:
        self.now = now_ms

    def now_ms(self) -> int:
        return self.now


async def test_the_start_comes_before_the_first_row_and_again_after_a_restart(
    world: Any, until: Any
) -> None:
    world.put(("a", 1, 1))
    async with world.process(START, clock=HandClock(1_000)):
        await until(lambda: world.arrived == [("start", 1_000), ("a", 1)])
        world.put(("a", 2, 2))
        await until(lambda: world.queue.acked == [0, 1])
    async with world.process(START, clock=HandClock(2_000)):
        await until(lambda: world.arrived[3:] == [("start", 2_000)])


@pytest.mark.parametrize(
    ("sql", "missed"),
    [
        (EVERY.format(""), [1_200]),
        (CATCH_UP, [1_200, 1_300, 1_400, 1_500]),
    ],
    ids=["first", "all"],
)
async def test_what_is_missed_while_the_app_is_down(
    world: Any, until: Any, sql: str, missed: list[int]
) -> None:
    """The beat goes on where it was: the next row comes at 1600."""
    clock = HandClock(1_000)
    async with world.process(sql, clock=clock) as app:
        clock.now = 1_110
        world.put(("a", 1, 1))  # a step tells the app of the time
        await until(lambda: world.arrived == [("tick", 1_100)])
        await app.apersist()
    clock = HandClock(1_550)
    async with world.process(sql, clock=clock):
        await until(lambda: [at for _, at in world.arrived[1:]] == missed)
        clock.now = 1_605
        world.put(("a", 2, 2))
        await until(lambda: [at for _, at in world.arrived[1:]] == [*missed, 1_600])


async def test_without_a_store_each_start_begins_anew() -> None:
    clock = HandClock(1_000)
    seen: list[int] = []
    app = EventFluxManager().create_app(
        "CREATE TRIGGER Tick AT EVERY 100; CREATE STREAM S (v INT);"
        "INSERT INTO T SELECT triggered_time AS at FROM Tick;"
        "INSERT INTO U SELECT v FROM S;",
        clock=clock,
    )
    app.on("T", lambda row: seen.append(row.at))
    async with app:
        clock.now = 1_120
        await app.input("S").asend((1,))
    clock.now = 5_000
    async with app:
        clock.now = 5_120
        await app.input("S").asend((1,))
    assert seen == [1_100, 5_100]


async def test_nobody_else_gives_its_rows() -> None:
    app = EventFluxManager().create_app("CREATE TRIGGER Tick AT START; SELECT * FROM Tick;")
    with pytest.raises(UsageError, match="rows of 'Tick' come from the trigger alone"):
        app.input("Tick")
