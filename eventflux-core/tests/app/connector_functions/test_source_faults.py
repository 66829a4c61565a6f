"""What goes wrong in a source, and how far one gets ahead."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from waiting import until

from eventflux import (
    EventFluxManager,
    StreamFailed,
)
from eventflux.spi import (
    Disconnected,
    Misconfigured,
)

from .programs import Numbers, keep, program, run

# What goes wrong in a source


def test_what_a_source_raises_names_stream_function_and_line(manager: EventFluxManager) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield (1,)
        raise ValueError("a bug")

    kept = keep(manager)
    with pytest.raises(StreamFailed) as raised:
        run(manager, program())
    line = numbers.__code__.co_firstlineno + 3
    expected = f"source 'A': function numbers raised ValueError: a bug ({__file__}:{line})"
    assert raised.value.message == expected
    assert isinstance(raised.value.__cause__, ValueError)
    assert kept == [1]


@pytest.mark.parametrize("error", [SystemExit(3), asyncio.CancelledError(), GeneratorExit()])
def test_what_is_no_ordinary_exception_fails_in_the_same_way(
    manager: EventFluxManager, error: BaseException
) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield (1,)
        raise error

    keep(manager)
    with pytest.raises(StreamFailed, match=f"function numbers raised {type(error).__name__}"):
        run(manager, program())


def test_a_lost_connection_calls_it_again(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture
) -> None:
    calls = 0

    @manager.source("numbers")
    async def numbers() -> Numbers:
        nonlocal calls
        calls += 1
        yield (calls,)
        if calls < 3:
            raise Disconnected("the other side hung up")

    kept = keep(manager)
    stats = run(manager, program())
    assert kept == [1, 2, 3]
    assert stats["connectors"]["A"]["reconnects"] == 2
    assert "broke its contract" not in caplog.text


def test_what_refuses_for_good_fails_with_its_hint(manager: EventFluxManager) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        raise Misconfigured("no such feed", "is it spelled so?")
        yield (1,)

    keep(manager)
    with pytest.raises(StreamFailed, match=r"source 'A': no such feed\n  hint: is it spelled so\?"):
        run(manager, program())


# Stopping, and how far a source gets ahead


@pytest.mark.parametrize("where", ["at its yield", "where it waits"])
async def test_a_stop_closes_the_generator_where_it_stands(
    manager: EventFluxManager, where: str
) -> None:
    told: list[str] = []

    @manager.source("numbers")
    async def numbers() -> Numbers:
        try:
            async with asyncio.timeout(60):  # works, for it all runs in one task
                yield (1,)
                if where == "where it waits":
                    await asyncio.Event().wait()
                yield (2,)
                while True:
                    yield (3,)
                    await asyncio.sleep(0)
        finally:
            told.append("closed")

    kept = keep(manager)
    async with manager.create_app(program()):
        await until(lambda: len(kept) > 0)
    assert told == ["closed"]


async def test_a_generator_that_will_not_end_does_not_hold_up_the_stop(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture
) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        while True:
            try:
                yield (1,)
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    kept = keep(manager)
    async with manager.create_app(program()):
        await until(lambda: kept == [1])
    assert kept == [1]


async def test_an_error_while_it_is_closed_is_logged(
    manager: EventFluxManager, caplog: pytest.LogCaptureFixture
) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        try:
            yield (1,)
            await asyncio.Event().wait()
        finally:
            raise ValueError("a bug in finally")

    kept = keep(manager)
    async with manager.create_app(program()):
        await until(lambda: kept == [1])
    assert "source 'A' (numbers): this program broke its contract: close raised" in caplog.text
    assert "function numbers raised ValueError: a bug in finally" in caplog.text


async def test_it_is_not_resumed_while_there_is_no_room(manager: EventFluxManager) -> None:
    given = 0

    @manager.source("numbers")
    async def numbers() -> Numbers:
        nonlocal given
        while True:
            yield (given,)
            given += 1

    released = asyncio.Event()

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        await released.wait()

    options = ", max.in.flight = '10'"
    limits = {"A.batch.max.messages": "5"}
    app = manager.create_app(program(of_sink=options), overrides=limits)
    async with app:
        await until(lambda: app.stats()["connectors"]["B"]["queued"] >= 10)
        ahead = given
        for _ in range(50):
            await asyncio.sleep(0)
        assert given == ahead <= 40
        released.set()
