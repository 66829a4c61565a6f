"""The jobs that are measured and their data; uses the standard library alone.

The same module runs in the environment of the peers, which has nothing of EventFlux.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

FIRST_TRADE_MS = 1_767_225_600_000
"""Event time of the first trade, a full minute."""

_VALUES = re.compile(rb':"?([^",}]+)')

TRADES_A_SECOND = 1000

Trend = Literal["none", "rising", "falling"]

PRODUCTS = ("mechanical-keyboard", "wireless-mouse-pro", "usb-c-docking-hub", "monitor-27in-4k")


def orders(count: int, seed: int = 1) -> list[bytes]:
    """Orders of about 100 bytes of JSON; 97 % have an amount over 50."""
    draw = random.Random(seed)
    payloads = []
    for number in range(count):
        low = draw.random() < 0.03
        amount = draw.uniform(1, 50) if low else draw.uniform(51, 2000)
        payloads.append(
            b'{"order_id":"ord-%08d","customer_id":"cust-%05d","amount":%.2f,"product":"%s"}'
            % (number, draw.randrange(100_000), amount, draw.choice(PRODUCTS).encode())
        )
    return payloads


def csv_orders(count: int) -> list[bytes]:
    """The same orders as lines of CSV, none of which needs quotes."""
    return [b",".join(_VALUES.findall(order)) for order in orders(count)]


def quoted_csv_orders(count: int) -> list[bytes]:
    """The same with a comma in each product, and quotes around."""
    return [b'%s,"%s, boxed"' % tuple(order.rsplit(b",", 1)) for order in csv_orders(count)]


def trades(
    count: int,
    *,
    keys: int = 1000,
    per_second: int = TRADES_A_SECOND,
    first: int = 0,
    seed: int = 2,
    trend: Trend = "none",
) -> list[bytes]:
    """Trades of about 100 bytes of JSON with rising event times, ``per_second`` of them a second.

    ``first`` numbers the first one, so that data can be made piece by piece; three of the six
    fields are in no column. Prices are random, or with a ``trend`` each above, or below, the last.
    """
    draw = random.Random(seed + first)
    cents = {"none": 0, "rising": 1, "falling": -1}[trend]

    def price(number: int) -> float:
        return draw.uniform(1, 1000) if trend == "none" else 1e6 + cents * number / 100

    return [
        b'{"symbol":"SYM%06d","price":%.2f,"volume":%d,"ts":%d,"venue":"XNAS","id":"t-%09d"}'
        % (
            draw.randrange(keys),
            price(number),
            draw.randrange(1, 10_000),
            FIRST_TRADE_MS + number * 1000 // per_second,
            number,
        )
        for number in range(first, first + count)
    ]


@dataclass(frozen=True)
class Workload:
    """A program, the stream that data enters, the one whose rows count, and the data."""

    name: str
    title: str
    sql: str
    source: str
    target: str
    payloads: Callable[[int], list[bytes]]

    def batches(self, events: int, size: int) -> list[list[bytes]]:
        """``events`` payloads cut into batches of ``size``."""
        return cut(self.payloads(events), size)


def cut(payloads: Sequence[bytes], size: int) -> list[list[bytes]]:
    """``payloads`` in batches of ``size``, the last one shorter if it must be."""
    return [list(payloads[at : at + size]) for at in range(0, len(payloads), size)]


def memory_stream(kind: str, name: str, columns: str, more: str = "") -> str:
    """CREATE STREAM of a memory source or sink of JSON with its own channel."""
    return (
        f"CREATE STREAM {name} ({columns}) WITH (type = '{kind}', extension = 'memory', "
        f"format = 'json', \"memory.channel\" = '{name}'{more});"
    )


ORDER_COLUMNS = "order_id STRING, customer_id STRING, amount DOUBLE, product STRING"
ORDERS = memory_stream("source", "OrderInput", ORDER_COLUMNS)

W1 = Workload(
    "W1",
    "filter and CASE",
    "\n".join(
        (
            ORDERS,
            memory_stream("sink", "OrderOutput", f"{ORDER_COLUMNS}, priority STRING"),
            """
INSERT INTO OrderOutput
SELECT order_id, customer_id, amount, product,
  CASE WHEN amount > 1000 THEN 'HIGH' WHEN amount > 100 THEN 'MEDIUM' ELSE 'LOW' END AS priority
FROM OrderInput WHERE amount > 50;
""",
        )
    ),
    "OrderInput",
    "OrderOutput",
    orders,
)


OWN_FUNCTION = Workload(
    "own function",
    "filter and a Python function",
    "CREATE FUNCTION priority(amount DOUBLE) RETURNS STRING "
    "LANGUAGE PYTHON AS 'benchmarks.loops:priority_of';\n"
    + re.sub(r"CASE .* END AS", "priority(amount) AS", W1.sql),
    "OrderInput",
    "OrderOutput",
    orders,
)


W1_CSV = replace(W1, name="CSV", sql=W1.sql.replace("'json'", "'csv'"), payloads=csv_orders)
W1_QUOTED = replace(W1_CSV, name="CSV with quotes", payloads=quoted_csv_orders)


BYTES = Workload(
    "bytes",
    "payloads passed on",
    memory_stream("source", "OrderInput", "payload BYTES").replace("'json'", "'bytes'")
    + memory_stream("sink", "OrderOutput", "payload BYTES").replace("'json'", "'bytes'")
    + "INSERT INTO OrderOutput SELECT payload FROM OrderInput;",
    "OrderInput",
    "OrderOutput",
    orders,
)


TRADES = memory_stream(
    "source",
    "Trades",
    "symbol STRING NOT NULL, price DOUBLE NOT NULL, ts LONG NOT NULL",
    ", event.time = 'ts'",
)


def bars_sql(source: str) -> str:
    return f"""
SET app.time = 'event';
{source}
{
        memory_stream(
            "sink",
            "Bars",
            "symbol STRING, trades LONG, total DOUBLE, mean DOUBLE, low DOUBLE, high DOUBLE",
        )
    }
INSERT INTO Bars
SELECT symbol, count(*) AS trades, sum(price) AS total, avg(price) AS mean,
  min(price) AS low, max(price) AS high
FROM Trades WINDOW('tumbling', 1 MINUTE) GROUP BY symbol;
"""


W2 = Workload(
    "W2",
    "tumbling minute by key",
    bars_sql(TRADES),
    "Trades",
    "Bars",
    trades,
)


def sliding(name: str, window: str, trend: Trend = "none") -> Workload:
    """The seven aggregates by key over a sliding window."""
    columns = (
        "symbol STRING, trades LONG, total DOUBLE, mean DOUBLE, low DOUBLE, high DOUBLE, "
        "deviation DOUBLE, latest DOUBLE"
    )
    sql = f"""
SET app.time = 'event';
{TRADES}
{memory_stream("sink", "Moments", columns)}
INSERT INTO Moments
SELECT symbol, count(*) AS trades, sum(price) AS total, avg(price) AS mean, min(price) AS low,
  max(price) AS high, stddev(price) AS deviation, last(price) AS latest
FROM Trades WINDOW({window}) GROUP BY symbol;
"""
    title = f"{window.replace(chr(39), '')} by key"
    return Workload(name, title, sql, "Trades", "Moments", partial(trades, trend=trend))


W3 = sliding("W3", "'length', 100")
W7 = sliding("W7", "'time', 10 SECONDS")

REJOIN = Workload(
    "rejoin",
    "two queries into one stream that a third reads",
    "\n".join(
        (
            ORDERS,
            memory_stream(
                "sink",
                "Alerts",
                "order_id STRING, customer_id STRING, amount DOUBLE, reason STRING, tax DOUBLE",
            ),
            """
INSERT INTO Flagged SELECT order_id, customer_id, amount, 'amount' AS reason
FROM OrderInput WHERE amount > 1000;
INSERT INTO Flagged SELECT order_id, customer_id, amount, 'product' AS reason
FROM OrderInput WHERE product = 'monitor-27in-4k';
INSERT INTO Alerts SELECT order_id, customer_id, amount, reason, amount * 0.19 AS tax
FROM Flagged WHERE amount > 100;
""",
        )
    ),
    "OrderInput",
    "Alerts",
    orders,
)

FUNCTIONS = Workload(
    "functions",
    "eleven calls of built-in functions a row",
    "\n".join(
        (
            ORDERS,
            memory_stream(
                "sink",
                "OrderOutput",
                "order_id STRING, customer STRING, product STRING, letters INT, amount DOUBLE, "
                "difference DOUBLE, side INT, larger DOUBLE, place INT",
            ),
            """
INSERT INTO OrderOutput
SELECT substring(order_id, 5) AS order_id, coalesce(customer_id, 'nobody') AS customer,
  upper(trim(product)) AS product, length(product) AS letters, round(amount) AS amount,
  abs(amount - 500.0) AS difference, sign(amount - 500.0) AS side,
  greatest(amount, 100.0) AS larger, position('-' IN product) AS place
FROM OrderInput WHERE starts_with(order_id, 'ord') AND contains(product, '-');
""",
        )
    ),
    "OrderInput",
    "OrderOutput",
    orders,
)

CHAIN_LENGTH = 10


def chain_sql() -> str:
    """Ten queries in a row, each a filter and a computed column."""
    parts = [ORDERS, memory_stream("sink", "ChainOutput", ORDER_COLUMNS)]
    for step in range(CHAIN_LENGTH):
        source = "OrderInput" if step == 0 else f"Step{step}"
        target = "ChainOutput" if step == CHAIN_LENGTH - 1 else f"Step{step + 1}"
        parts.append(
            f"INSERT INTO {target} SELECT order_id, customer_id, amount * 1.01 AS amount, "
            f"product FROM {source} WHERE amount > {50 + step};"
        )
    return "\n".join(parts)


CHAIN = Workload("chain", "ten queries in a row", chain_sql(), "OrderInput", "ChainOutput", orders)
