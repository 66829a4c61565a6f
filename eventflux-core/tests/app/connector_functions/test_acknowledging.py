"""What an acking source is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from waiting import until

from eventflux import (
    EventFluxError,
    EventFluxManager,
)

from .programs import Numbers, keep, program, run


async def test_an_acking_source_goes_on_when_all_is_safe(manager: EventFluxManager) -> None:
    told: list[str] = []

    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        for n in (1, 2):
            yield [(n,), (10 * n,)]
            told.append(f"safe {n}")

    released = asyncio.Event()

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        told.append(f"row {row.n}")
        await released.wait()

    app = manager.create_app(program())
    async with app:
        await until(lambda: told == ["row 1"])
        for _ in range(20):
            await asyncio.sleep(0)
        assert told == ["row 1"]
        released.set()
        await app.await_finished()
    assert told == ["row 1", "row 10", "safe 1", "row 2", "row 20", "safe 2"]
    assert manager.context.source_factory("numbers").kind == "acking"


def test_an_acking_source_is_told_what_was_rejected(manager: EventFluxManager) -> None:
    answers: list[Any] = []

    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        answers.append((yield [(0,), ("bad",), (2,), ("worse",)]))
        answers.append((yield (4,)))

    kept = keep(manager)
    run(manager, program(), overrides={"A.batch.max.messages": "2"})
    assert kept == [0, 2, 4]
    assert answers == [(1, 3), ()]


async def test_what_is_safe_at_a_stop_is_acknowledged(manager: EventFluxManager) -> None:
    told: list[str] = []

    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        while True:
            yield (len(told),)
            await asyncio.sleep(0)  # a broker is told
            told.append("acknowledged")

    entered, released = asyncio.Event(), asyncio.Event()

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        entered.set()
        await released.wait()

    app = manager.create_app(program())
    await app.astart()
    await entered.wait()
    stopping = asyncio.create_task(app.astop())
    await until(lambda: app.state == "stopping")
    assert told == []
    released.set()
    await stopping
    assert told == ["acknowledged"]


async def test_an_acknowledgement_that_fails_at_a_stop_is_logged(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture
) -> None:
    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        yield (1,)
        raise ValueError("the broker is gone")

    entered, released = asyncio.Event(), asyncio.Event()

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        entered.set()
        await released.wait()

    app = manager.create_app(program())
    await app.astart()
    await entered.wait()
    stopping = asyncio.create_task(app.astop())
    await until(lambda: app.state == "stopping")
    released.set()
    await stopping
    assert "function numbers raised ValueError: the broker is gone" in caplog.text


async def test_what_is_not_safe_at_a_stop_is_not_acknowledged(manager: EventFluxManager) -> None:
    told: list[str] = []

    @manager.source("numbers", acking=True)
    async def numbers() -> Numbers:
        try:
            yield (1,)
            told.append("acknowledged")
        finally:
            told.append("closed")

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        raise ValueError("never")

    app = manager.create_app(program())
    with pytest.raises(EventFluxError, match="never"):
        async with app:
            await app.await_finished()
    assert told == ["closed"]
