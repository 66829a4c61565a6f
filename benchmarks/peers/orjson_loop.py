"""The jobs as many write them: orjson and a dict for each event."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import orjson

from benchmarks.peers.worker import Pass


def filter_case(batches: Sequence[Sequence[bytes]]) -> tuple[int, int]:
    results = 0
    start = time.process_time_ns()
    for batch in batches:
        payloads = []
        for payload in batch:
            row = orjson.loads(payload)
            amount = row["amount"]
            if amount > 50:
                row["priority"] = "HIGH" if amount > 1000 else "MEDIUM" if amount > 100 else "LOW"
                payloads.append(orjson.dumps(row))
        results += len(payloads)
    return time.process_time_ns() - start, results


def tumbling_bars(batches: Sequence[Sequence[bytes]]) -> tuple[int, int]:
    results, due = 0, 0
    groups: dict[str, dict[str, Any]] = {}
    start = time.process_time_ns()
    for batch in batches:
        payloads = []
        for payload in batch:
            row = orjson.loads(payload)
            moment = row["ts"]
            if moment >= due:
                payloads += _close(groups)
                groups = {}
                due = moment - moment % 60_000 + 60_000
            price, symbol = row["price"], row["symbol"]
            group = groups.get(symbol)
            if group is None:
                groups[symbol] = {
                    "symbol": symbol,
                    "trades": 1,
                    "total": price,
                    "low": price,
                    "high": price,
                }
            else:
                group["trades"] += 1
                group["total"] += price
                if price < group["low"]:
                    group["low"] = price
                elif price > group["high"]:
                    group["high"] = price
        results += len(payloads)
    spent = time.process_time_ns() - start
    return spent, results + len(groups)


def _close(groups: dict[str, dict[str, Any]]) -> list[bytes]:
    payloads = []
    for group in groups.values():
        group["mean"] = group["total"] / group["trades"]
        payloads.append(orjson.dumps(group))
    return payloads


PASSES: dict[str, Pass] = {"W1": filter_case, "W2": tumbling_bars}
