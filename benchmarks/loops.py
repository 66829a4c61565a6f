"""The loops written by hand that EventFlux is measured against.

Each factory gives a step: a batch of payloads in, the payloads of the results out. They are
the fastest of the variants tried: one decode call and one encode call a batch, structs that
the garbage collector doesn't track, constants of the type that they are compared with
(CPython compares float with float three times as fast as float with int), ``KeyError``
rather than ``dict.get``, a class with slots as accumulator.

They trust their input: no nulls, no bad payloads, every payload one JSON object. What EventFlux
does beyond that is part of its cost.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

Step: TypeAlias = Callable[[Sequence[bytes]], list[bytes]]
"""A batch of payloads in, the payloads of its results out."""

StepFactory: TypeAlias = Callable[[], Step]
"""Makes a step with state of its own."""

_encoder = msgspec.json.Encoder()


class Order(msgspec.Struct, gc=False):
    order_id: str
    customer_id: str
    amount: float
    product: str


class PricedOrder(msgspec.Struct, gc=False):
    order_id: str
    customer_id: str
    amount: float
    product: str
    priority: str


class Told(msgspec.Struct, gc=False):
    order_id: str
    customer: str
    product: str
    letters: int
    amount: float
    difference: float
    side: int
    larger: float
    place: int


class Trade(msgspec.Struct, gc=False):
    symbol: str
    price: float
    ts: int


class Bar(msgspec.Struct, gc=False):
    symbol: str
    trades: int
    total: float
    mean: float
    low: float
    high: float


class Alert(msgspec.Struct, gc=False):
    order_id: str
    customer_id: str
    amount: float
    reason: str
    tax: float


def encode_all(rows: Sequence[msgspec.Struct]) -> list[bytes]:
    """Each row as JSON, in one call: encoded JSON never holds a raw newline."""
    payloads = _encoder.encode_lines(rows).split(b"\n")
    payloads.pop()
    return payloads


def filter_case(one_by_one: bool = False) -> Step:
    """W1, the main job.

    ``one_by_one`` decodes each payload by itself, which is slower, but can't take pieces of
    bad payloads for other rows as decoding them joined can.
    """
    decode = msgspec.json.Decoder(Order).decode
    decode_lines = msgspec.json.Decoder(Order).decode_lines
    make = PricedOrder

    def step(batch: Sequence[bytes]) -> list[bytes]:
        return encode_all(
            [
                make(
                    row.order_id,
                    row.customer_id,
                    amount,
                    row.product,
                    "HIGH" if amount > 1000.0 else "MEDIUM" if amount > 100.0 else "LOW",
                )
                for row in (map(decode, batch) if one_by_one else decode_lines(b"\n".join(batch)))
                if (amount := row.amount) > 50.0
            ]
        )

    return step


def priority_of(amount: float) -> str:
    """What W1 has a CASE for, as a function."""
    return "HIGH" if amount > 1000.0 else "MEDIUM" if amount > 100.0 else "LOW"


def prioritized(rows: Sequence[Order]) -> list[PricedOrder]:
    """The rows of W1, their priorities by :func:`priority_of`."""
    make = PricedOrder
    return [
        make(row.order_id, row.customer_id, amount, row.product, priority_of(amount))
        for row in rows
        if (amount := row.amount) > 50.0
    ]


def own_function() -> Step:
    """W1 with a function in place of its CASE."""
    decode_lines = msgspec.json.Decoder(Order).decode_lines

    def step(batch: Sequence[bytes]) -> list[bytes]:
        return encode_all(prioritized(decode_lines(b"\n".join(batch))))

    return step


def filter_case_one_by_one() -> Step:
    """W1 with each payload decoded by itself."""
    return filter_case(one_by_one=True)


def filter_case_single() -> Step:
    """W1 as it is fastest for a batch of one: nothing joined, nothing split."""
    decode = msgspec.json.Decoder(Order).decode
    encode = _encoder.encode
    make = PricedOrder

    def step(batch: Sequence[bytes]) -> list[bytes]:
        results = []
        for payload in batch:
            row = decode(payload)
            amount = row.amount
            if amount > 50.0:
                results.append(
                    encode(
                        make(
                            row.order_id,
                            row.customer_id,
                            amount,
                            row.product,
                            "HIGH" if amount > 1000.0 else "MEDIUM" if amount > 100.0 else "LOW",
                        )
                    )
                )
        return results

    return step


class _OrderInPlace(msgspec.Struct, gc=False):
    order_id: str
    customer_id: str
    amount: float
    product: str
    priority: str = ""


def filter_case_in_place() -> Step:
    """W1 by another algorithm: the input's struct has room for the new column.

    It makes no row of its own, which works for this one job only; shown for context.
    """
    decode_lines = msgspec.json.Decoder(_OrderInPlace).decode_lines

    def step(batch: Sequence[bytes]) -> list[bytes]:
        rows = []
        for row in decode_lines(b"\n".join(batch)):
            amount = row.amount
            if amount > 50.0:
                row.priority = "HIGH" if amount > 1000.0 else "MEDIUM" if amount > 100.0 else "LOW"
                rows.append(row)
        return encode_all(rows)

    return step


def csv_lines() -> Step:
    """W1 over lines of CSV that hold no quotes."""

    def step(batch: Sequence[bytes]) -> list[bytes]:
        lines = []
        for line in b"\n".join(batch).decode().split("\n"):
            order_id, customer_id, text, product = line.split(",")
            amount = float(text)
            if amount > 50.0:
                priority = "HIGH" if amount > 1000.0 else "MEDIUM" if amount > 100.0 else "LOW"
                lines.append(f"{order_id},{customer_id},{amount!r},{product},{priority}")
        return "\n".join(lines).encode().split(b"\n")

    return step


def csv_records() -> Step:
    """W1 over CSV as the standard library reads and writes it."""

    def step(batch: Sequence[bytes]) -> list[bytes]:
        records = []
        for order_id, customer_id, text, product in csv.reader(
            b"\n".join(batch).decode().split("\n")
        ):
            amount = float(text)
            if amount > 50.0:
                priority = "HIGH" if amount > 1000.0 else "MEDIUM" if amount > 100.0 else "LOW"
                records.append((order_id, customer_id, amount, product, priority))
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows(records)
        payloads = file.getvalue().encode().split(b"\n")
        payloads.pop()
        return payloads

    return step


class _Payload(msgspec.Struct, gc=False):
    payload: bytes


def pass_on() -> Step:
    """Payloads as rows of one column, and back."""

    def step(batch: Sequence[bytes]) -> list[bytes]:
        make = _Payload
        rows = [make(payload) for payload in batch]
        results = [make(row.payload) for row in rows]
        return [row.payload for row in results]

    return step


class Group:
    """The accumulator of W2, made by the first trade of its key."""

    __slots__ = ("high", "low", "total", "trades")

    def __init__(self, price: float) -> None:
        self.trades = 1
        self.total = price
        self.low = price
        self.high = price


def tumbling_bars(single: bool = False) -> Step:
    """W2: windows of a minute on the clock of the trades; a window still open gives nothing.

    ``single`` is the form that is fastest for batches of one.
    """
    decode = msgspec.json.Decoder(Trade).decode
    decode_lines = msgspec.json.Decoder(Trade).decode_lines
    groups: dict[str, Group] = {}
    due = 0

    def step(batch: Sequence[bytes]) -> list[bytes]:
        nonlocal groups, due
        bars: list[Bar] = []
        open_groups, end = groups, due
        for row in map(decode, batch) if single else decode_lines(b"\n".join(batch)):
            time = row.ts
            if time >= end:
                bars += [
                    Bar(key, g.trades, g.total, g.total / g.trades, g.low, g.high)
                    for key, g in open_groups.items()
                ]
                groups = open_groups = {}
                due = end = time - time % 60_000 + 60_000
            price = row.price
            try:
                group = open_groups[row.symbol]
            except KeyError:
                open_groups[row.symbol] = Group(price)
            else:
                group.trades += 1
                group.total += price
                if price < group.low:
                    group.low = price
                elif price > group.high:
                    group.high = price
        return encode_all(bars) if bars else []

    return step


def fold_trades(groups: dict[str, Group], rows: Sequence[Trade]) -> None:
    """The part of W2's loop that touches state, for rows of one window."""
    for row in rows:
        price = row.price
        try:
            group = groups[row.symbol]
        except KeyError:
            groups[row.symbol] = Group(price)
        else:
            group.trades += 1
            group.total += price
            if price < group.low:
                group.low = price
            elif price > group.high:
                group.high = price


def tumbling_bars_single() -> Step:
    """W2 as it is fastest for a batch of one."""
    return tumbling_bars(single=True)


def rejoin() -> Step:
    """Three queries as one loop: the third's body stands where each of the first two emits."""
    decode_lines = msgspec.json.Decoder(Order).decode_lines

    def step(batch: Sequence[bytes]) -> list[bytes]:
        alerts: list[Alert] = []
        add = alerts.append
        make = Alert
        for row in decode_lines(b"\n".join(batch)):
            amount = row.amount
            if amount > 1000.0:
                add(make(row.order_id, row.customer_id, amount, "amount", amount * 0.19))
            if row.product == "monitor-27in-4k" and amount > 100.0:
                add(make(row.order_id, row.customer_id, amount, "product", amount * 0.19))
        return encode_all(alerts)

    return step


def functions() -> Step:
    """What the calls of the workload do, as one writes it in Python."""
    decode_lines = msgspec.json.Decoder(Order).decode_lines

    def step(batch: Sequence[bytes]) -> list[bytes]:
        told: list[Told] = []
        add = told.append
        make, floor = Told, math.floor
        for row in decode_lines(b"\n".join(batch)):
            order_id, product, amount = row.order_id, row.product, row.amount
            if order_id.startswith("ord") and "-" in product:
                difference = amount - 500.0
                add(
                    make(
                        order_id[4:],
                        row.customer_id if row.customer_id is not None else "nobody",
                        product.strip().upper(),
                        len(product),
                        float(floor(amount + 0.5)),
                        abs(difference),
                        1 if difference > 0 else -1 if difference < 0 else 0,
                        amount if amount > 100.0 else 100.0,
                        product.find("-") + 1,
                    )
                )
        return encode_all(told)

    return step


def chain_fused() -> Step:
    """Ten filters and computed columns as one loop that builds only the last row."""
    decode_lines = msgspec.json.Decoder(Order).decode_lines

    def step(batch: Sequence[bytes]) -> list[bytes]:
        make = Order
        return encode_all(
            [
                make(row.order_id, row.customer_id, amount * 1.01, row.product)
                for row in decode_lines(b"\n".join(batch))
                if (amount := row.amount) > 50.0
                and (amount := amount * 1.01) > 51.0
                and (amount := amount * 1.01) > 52.0
                and (amount := amount * 1.01) > 53.0
                and (amount := amount * 1.01) > 54.0
                and (amount := amount * 1.01) > 55.0
                and (amount := amount * 1.01) > 56.0
                and (amount := amount * 1.01) > 57.0
                and (amount := amount * 1.01) > 58.0
                and (amount := amount * 1.01) > 59.0
            ]
        )

    return step


def chain_staged() -> Step:
    """The ten queries as ten loops, each from a list of rows to a list of rows: their sum."""
    decode_lines = msgspec.json.Decoder(Order).decode_lines
    limits = [50.0 + step for step in range(10)]

    def step(batch: Sequence[bytes]) -> list[bytes]:
        rows = decode_lines(b"\n".join(batch))
        make = Order
        for limit in limits:
            rows = [
                make(row.order_id, row.customer_id, amount * 1.01, row.product)
                for row in rows
                if (amount := row.amount) > limit
            ]
        return encode_all(rows)

    return step


def floor(row_type: type[msgspec.Struct], results: Sequence[Sequence[msgspec.Struct]]) -> Step:
    """Decoding alone, and encoding of what comes out: ``results`` are the rows of each batch."""
    decode_lines = msgspec.json.Decoder(row_type).decode_lines
    coming = iter(results)

    def step(batch: Sequence[bytes]) -> list[bytes]:
        decode_lines(b"\n".join(batch))
        rows = next(coming)
        return encode_all(rows) if rows else []

    return step


LOOPS: dict[str, StepFactory] = {
    "W1": filter_case,
    "W2": tumbling_bars,
    "rejoin": rejoin,
    "chain": chain_fused,
}
"""The loop that each workload is measured against."""

ROW_TYPES: dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]] = {
    "W1": (Order, PricedOrder),
    "W2": (Trade, Bar),
}
"""What the loop of a workload decodes and what it encodes."""
