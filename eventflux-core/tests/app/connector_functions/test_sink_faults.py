"""What goes wrong in a sink."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eventflux import (
    EventFluxManager,
    StreamFailed,
)
from eventflux.spi import (
    Disconnected,
    Refusal,
)

from .programs import Numbers, program, run


def failing(manager: EventFluxManager, error: BaseException, **details: Any) -> list[Any]:
    """A source of five numbers, and a sink that raises on the third."""
    kept: list[Any] = []

    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield [(n,) for n in range(5)]

    async def row_sink(row: Any) -> None:
        if row.n == 2:
            raise error
        kept.append(row.n)

    async def batch_sink(rows: list[Any]) -> None:
        raise error

    manager.sink("kept", **details)(batch_sink if details else row_sink)
    return kept


def test_what_a_sink_raises_refuses_its_row_by_name(manager: EventFluxManager) -> None:
    failing(manager, ValueError("no 2"))
    with pytest.raises(StreamFailed, match=r"sink 'B' \(kept\)") as raised:
        run(manager, program())
    assert f"function row_sink raised ValueError: no 2 ({__file__}:" in str(raised.value)


def test_the_error_strategy_decides_what_becomes_of_the_row(manager: EventFluxManager) -> None:
    kept = failing(manager, ValueError("no 2"))
    stats = run(manager, program(of_sink=", error.strategy = 'drop'"))
    assert kept == [0, 1, 3, 4]
    assert stats["connectors"]["B"]["refused"] == 1


def test_what_a_sink_of_batches_raises_refuses_the_batch(manager: EventFluxManager) -> None:
    failing(manager, ValueError("none"), batch=True)
    stats = run(manager, program(of_sink=", error.strategy = 'drop'"))
    assert stats["connectors"]["B"]["refused"] == 5


def test_a_sink_of_batches_refuses_rows_by_their_index(manager: EventFluxManager) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield [(n,) for n in range(5)]

    @manager.sink("kept", batch=True)
    async def sink(rows: list[Any]) -> list[Refusal]:
        return [Refusal(i, "odd", transient=False) for i, row in enumerate(rows) if row.n % 2]

    stats = run(manager, program(of_sink=", error.strategy = 'drop'"))
    assert (stats["connectors"]["B"]["refused"], stats["connectors"]["B"]["confirmed"]) == (2, 3)


def test_a_row_can_be_refused_for_now(manager: EventFluxManager) -> None:
    tries: list[int] = []

    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield [(1,), (2,)]

    @manager.sink("kept")
    async def sink(row: Any) -> Refusal | None:
        tries.append(row.n)
        return Refusal(0, "busy", transient=True) if tries == [1] else None

    run(manager, program(of_sink=", error.retry.initial-delay = '1'"))
    assert tries == [1, 2, 1]


@pytest.mark.parametrize("answer", [7, "no", [Refusal(1, "beyond", transient=False)]])
def test_what_is_no_refusal_is_told(manager: EventFluxManager, answer: Any) -> None:
    @manager.source("numbers")
    async def numbers() -> Numbers:
        yield (1,)

    @manager.sink("kept")
    async def sink(row: Any) -> Any:
        return answer

    with pytest.raises(StreamFailed, match="expected nothing or Refusals with an index below 1"):
        run(manager, program())


def test_a_sink_that_is_disconnected_is_called_again_in_order(manager: EventFluxManager) -> None:
    tries: list[int] = []

    @manager.source("numbers")
    async def numbers() -> Numbers:
        for n in range(6):
            yield (n,)
            await asyncio.sleep(0)

    @manager.sink("kept")
    async def sink(row: Any) -> None:
        tries.append(row.n)
        await asyncio.sleep(0)
        if tries == [0, 1]:
            raise Disconnected("the other side hung up")

    stats = run(manager, program())
    assert stats["connectors"]["B"]["reconnects"] == 1
    again = tries[2:]
    assert again in ([0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
