"""The timer source, on a loop whose time passes only when it waits."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from eventflux.base.errors import OptionError
from eventflux.base.types import Column, DataType, Schema
from eventflux.builtin.factories import TimerSourceFactory
from eventflux.spi import ConnectorContext, ReceiveLimits, Source

CONTEXT = ConnectorContext("Ticks", "app")


class SkippingSelector(selectors.DefaultSelector):
    """Doesn't sleep: tells the loop how long it would have."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.skipped += timeout or 0.0
        return super().select(0)


class SkippingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = SkippingSelector()
        super().__init__(self.clock)

    def time(self) -> float:
        return float(self.clock.skipped)


Tick = Callable[[], Coroutine[Any, Any, float]]


def run(
    scenario: Callable[[SkippingLoop, Source], Coroutine[Any, Any, None]], **options: str
) -> None:
    factory = TimerSourceFactory()
    texts = {f"timer.{name}": text for name, text in options.items()}
    loop = SkippingLoop()
    try:
        source = factory.create(factory.options.parse(texts), CONTEXT)
        loop.run_until_complete(source.open(None))
        loop.run_until_complete(scenario(loop, source))
    finally:
        loop.close()


async def tick_at(loop: SkippingLoop, source: Source) -> float:
    batch = await source.receive(ReceiveLimits())
    assert batch.payloads == [("tick",)]
    return round(loop.time(), 6)


def test_a_row_at_once_and_one_after_each_second() -> None:
    async def scenario(loop: SkippingLoop, source: Source) -> None:
        assert [await tick_at(loop, source) for _ in range(4)] == [0.0, 1.0, 2.0, 3.0]

    run(scenario)


def test_the_interval_is_a_duration() -> None:
    async def scenario(loop: SkippingLoop, source: Source) -> None:
        assert [await tick_at(loop, source) for _ in range(3)] == [0.0, 0.25, 0.5]

    run(scenario, interval="250ms")
    run(scenario, interval="250")


def test_missed_intervals_give_no_rows_and_the_grid_stays() -> None:
    async def scenario(loop: SkippingLoop, source: Source) -> None:
        await tick_at(loop, source)
        await asyncio.sleep(3.4)
        assert [await tick_at(loop, source) for _ in range(3)] == [3.4, 4.0, 5.0]

    run(scenario)


def test_a_cancelled_wait_skips_no_row() -> None:
    async def scenario(loop: SkippingLoop, source: Source) -> None:
        await tick_at(loop, source)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(source.receive(ReceiveLimits()), 0.5)
        assert await tick_at(loop, source) == 1.0

    run(scenario)


@pytest.mark.parametrize(
    "columns",
    [
        (),
        (Column("n", DataType.LONG),),
        (Column("a", DataType.STRING), Column("b", DataType.STRING)),
    ],
)
def test_the_stream_has_one_string_column(columns: tuple[Column, ...]) -> None:
    with pytest.raises(OptionError, match="a timer gives one STRING column"):
        TimerSourceFactory().check_schema(CONTEXT, Schema(columns))


def test_any_name_of_the_column_will_do() -> None:
    TimerSourceFactory().check_schema(CONTEXT, Schema((Column("t", DataType.STRING, False),)))


@pytest.mark.parametrize("interval", ["0", "-1 s", "soon"])
def test_the_interval_is_checked(interval: str) -> None:
    with pytest.raises(OptionError, match=r"timer\.interval"):
        TimerSourceFactory.options.parse({"timer.interval": interval})
