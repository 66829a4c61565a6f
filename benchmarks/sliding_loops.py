"""The loops by hand of the sliding windows: W3 and W7, the seven aggregates by key.

They go on as :mod:`benchmarks.loops` says, and have the algorithm of a careful hand: what leaves
is taken back; the deviation is kept by sums less a pivot; an extreme is looked up anew among its
group's prices only when it leaves, which is fastest for data without a trend. Sums of
floats are as good as adding and taking away leaves them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from math import sqrt
from typing import TypeAlias

import msgspec

from benchmarks.loops import Step, Trade, encode_all


class Moment(msgspec.Struct, gc=False):
    """What a trade's symbol amounts to at that moment."""

    symbol: str
    trades: int
    total: float
    mean: float
    low: float
    high: float
    deviation: float
    latest: float


NO_PRICES: deque[float] = deque()
"""Stands where a group has one price only, its lowest."""


class Group:
    """The accumulator of a symbol, made by a price; ``prices`` are those in the window."""

    __slots__ = (
        "high", "low", "pivot", "prices", "shifted", "squares", "symbol", "total", "trades",
    )  # fmt: skip

    def __init__(self, symbol: str, price: float) -> None:
        self.symbol = symbol
        self.trades = 1
        self.total = self.pivot = self.low = self.high = price
        self.shifted = self.squares = 0.0
        self.prices = NO_PRICES


Fold: TypeAlias = Callable[[Sequence[Trade]], list[Moment]]


def fold_length(rows: int) -> Fold:
    """The part of W3 that touches state, for a window of ``rows``."""
    groups: dict[str, Group] = {}
    window: list[Group | None] = [None] * rows
    in_window = [0.0] * rows
    at = 0

    def fold(trades: Sequence[Trade]) -> list[Moment]:
        nonlocal at
        moments: list[Moment] = []
        add = moments.append
        make, root = Moment, sqrt
        place = at
        for row in trades:
            price = row.price
            symbol = row.symbol
            old = window[place]
            if old is not None:
                count = old.trades - 1
                if count:
                    gone = in_window[place]
                    old.trades = count
                    old.total -= gone
                    distance = gone - old.pivot
                    old.shifted -= distance
                    old.squares -= distance * distance
                    prices = old.prices
                    prices.popleft()
                    if gone == old.low:
                        old.low = min(prices)
                    if gone == old.high:
                        old.high = max(prices)
                else:
                    del groups[old.symbol]
            try:
                group = groups[symbol]
            except KeyError:
                group = groups[symbol] = Group(symbol, price)
                add(make(symbol, 1, price, price, price, price, 0.0, price))
            else:
                if group.prices is NO_PRICES:
                    group.prices = deque((group.low,))
                group.prices.append(price)
                group.trades = count = group.trades + 1
                group.total = total = group.total + price
                distance = price - group.pivot
                group.shifted = shifted = group.shifted + distance
                group.squares = squares = group.squares + distance * distance
                if price < group.low:
                    group.low = price
                elif price > group.high:
                    group.high = price
                off = shifted / count
                spread = squares / count - off * off
                add(
                    make(
                        symbol, count, total, total / count, group.low, group.high,
                        root(spread) if spread > 0.0 else 0.0, price,
                    )
                )  # fmt: skip
            window[place] = group
            in_window[place] = price
            place += 1
            if place == rows:
                place = 0
        at = place
        return moments

    return fold


def fold_time(size_ms: int) -> Fold:
    """The part of W7 that touches state, for a window of ``size_ms``."""
    groups: dict[str, Group] = {}
    members: deque[Group] = deque()
    times: deque[int] = deque()

    def fold(trades: Sequence[Trade]) -> list[Moment]:
        moments: list[Moment] = []
        add = moments.append
        make, root = Moment, sqrt
        enter, leave = members.append, members.popleft
        enter_time, leave_time = times.append, times.popleft
        for row in trades:
            price = row.price
            symbol = row.symbol
            time = row.ts
            gone_until = time - size_ms
            while times and times[0] <= gone_until:
                leave_time()
                old = leave()
                prices = old.prices
                gone = prices.popleft()
                count = old.trades - 1
                if count:
                    old.trades = count
                    old.total -= gone
                    distance = gone - old.pivot
                    old.shifted -= distance
                    old.squares -= distance * distance
                    if gone == old.low:
                        old.low = min(prices)
                    if gone == old.high:
                        old.high = max(prices)
                else:
                    del groups[old.symbol]
            try:
                group = groups[symbol]
            except KeyError:
                group = groups[symbol] = Group(symbol, price)
                group.prices = deque((price,))
                add(make(symbol, 1, price, price, price, price, 0.0, price))
            else:
                group.prices.append(price)
                group.trades = count = group.trades + 1
                group.total = total = group.total + price
                distance = price - group.pivot
                group.shifted = shifted = group.shifted + distance
                group.squares = squares = group.squares + distance * distance
                if price < group.low:
                    group.low = price
                elif price > group.high:
                    group.high = price
                off = shifted / count
                spread = squares / count - off * off
                add(
                    make(
                        symbol, count, total, total / count, group.low, group.high,
                        root(spread) if spread > 0.0 else 0.0, price,
                    )
                )  # fmt: skip
            enter(group)
            enter_time(time)
        return moments

    return fold


def length_moments(rows: int = 100) -> Step:
    """W3: the newest ``rows`` trades."""
    return _step(fold_length(rows))


def time_moments(size_ms: int = 10_000) -> Step:
    """W7: the trades of the last ``size_ms``."""
    return _step(fold_time(size_ms))


def _step(fold: Fold) -> Step:
    decode_lines = msgspec.json.Decoder(Trade).decode_lines

    def step(batch: Sequence[bytes]) -> list[bytes]:
        return encode_all(fold(decode_lines(b"\n".join(batch))))

    return step
