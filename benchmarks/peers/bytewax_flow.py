"""The jobs as bytewax dataflows, one worker, batches as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Dataflow
from bytewax.inputs import (
    DynamicSource,
    StatelessSourcePartition,
)
from bytewax.operators.windowing import (
    EventClock,
    TumblingWindower,
    fold_window,
)
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from benchmarks.loops import Bar, Order, PricedOrder, Trade
from benchmarks.peers.worker import Pass


class _Pass:
    """When the first batch was asked for, and how many results came."""

    def __init__(self, batches: Sequence[Sequence[bytes]]) -> None:
        self.batches = batches
        self.started = 0
        self.results = 0

    def run(self, flow: Any) -> tuple[int, int]:
        run_main(flow)
        return time.process_time_ns() - self.started, self.results


class _Partition(StatelessSourcePartition):  # type: ignore[misc]
    def __init__(self, measured: _Pass) -> None:
        self._measured = measured
        self._batches: Iterator[Sequence[bytes]] = iter(measured.batches)

    def next_batch(self) -> Sequence[bytes]:
        if not self._measured.started:
            self._measured.started = time.process_time_ns()
        return next(self._batches)


class _Source(DynamicSource):  # type: ignore[misc]
    def __init__(self, measured: _Pass) -> None:
        self._measured = measured

    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Partition:
        return _Partition(self._measured)


class _Counted(StatelessSinkPartition):  # type: ignore[misc]
    def __init__(self, measured: _Pass) -> None:
        self._measured = measured

    def write_batch(self, items: list[bytes]) -> None:
        self._measured.results += len(items)


class _Sink(DynamicSink):  # type: ignore[misc]
    def __init__(self, measured: _Pass) -> None:
        self._measured = measured

    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Counted:
        return _Counted(self._measured)


_encode = msgspec.json.Encoder().encode


def _prioritise(order: Order) -> PricedOrder:
    amount = order.amount
    return PricedOrder(
        order.order_id,
        order.customer_id,
        amount,
        order.product,
        "HIGH" if amount > 1000.0 else "MEDIUM" if amount > 100.0 else "LOW",
    )


def filter_case(batches: Sequence[Sequence[bytes]]) -> tuple[int, int]:
    measured = _Pass(batches)
    flow = Dataflow("w1")
    payloads = op.input("in", flow, _Source(measured))
    rows = op.map("decode", payloads, msgspec.json.Decoder(Order).decode)
    passing = op.filter("filter", rows, lambda order: order.amount > 50.0)
    results = op.map("case", passing, _prioritise)
    op.output("out", op.map("encode", results, _encode), _Sink(measured))
    return measured.run(flow)


class _Group:
    __slots__ = ("high", "low", "total", "trades")

    def __init__(self) -> None:
        self.trades = 0
        self.total = 0.0
        self.low, self.high = float("inf"), float("-inf")


def _fold(group: _Group, trade: Trade) -> _Group:
    group.trades += 1
    price = trade.price
    group.total += price
    if price < group.low:
        group.low = price
    if price > group.high:
        group.high = price
    return group


def _bar(keyed: tuple[str, tuple[int, _Group]]) -> Bar:
    symbol, (_, g) = keyed
    return Bar(symbol, g.trades, g.total, g.total / g.trades, g.low, g.high)


def _never_merged(left: _Group, right: _Group) -> _Group:
    raise AssertionError("tumbling windows don't merge")


def tumbling_bars(batches: Sequence[Sequence[bytes]]) -> tuple[int, int]:
    measured = _Pass(batches)
    flow = Dataflow("w2")
    payloads = op.input("in", flow, _Source(measured))
    rows = op.map("decode", payloads, msgspec.json.Decoder(Trade).decode)
    keyed = op.key_on("key", rows, lambda trade: trade.symbol)
    clock = EventClock(
        lambda trade: datetime.fromtimestamp(trade.ts / 1000, UTC),
        wait_for_system_duration=timedelta(0),
    )
    windower = TumblingWindower(timedelta(minutes=1), datetime(2026, 1, 1, tzinfo=UTC))
    windows = fold_window("bars", keyed, clock, windower, _Group, _fold, _never_merged)
    bars = op.map("bar", windows.down, _bar)
    op.output("out", op.map("encode", bars, _encode), _Sink(measured))
    return measured.run(flow)


PASSES: dict[str, Pass] = {"W1": filter_case, "W2": tumbling_bars}
