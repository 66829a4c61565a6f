"""State with a million keys in a store: what a checkpoint holds up and writes, and a restart takes.

Each part is measured in a process of its own: one fills the state and makes checkpoints, the other
starts from what it left.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.settings import Settings
from benchmarks.suites.memory import resident_mb
from eventflux import AppRuntime, EventFluxManager

TITLE = "State in a store"
KEYS = 1_000_000
CHANGED = 1_000
TIMES = 5
"""How often some keys are changed and a checkpoint is made."""
PIECE = 50_000
HELD = Goal(15)
"""ms of CPU time of the loop's thread."""
WRITTEN = Goal(16)
"""MB by the system's count, of keys that are spread: SQLite writes whole pages, to its log and then
in place; those of the changes and, two checkpoints later, those of what they change."""
SECONDS_A_MILLION = Goal(10)
BYTES_A_KEY = Goal(400)
"""Resident, the key's text and its place in the allocator included."""

SQL = """
SET checkpoint.interval = '1 hour';
CREATE STREAM Payments (account STRING NOT NULL, amount LONG NOT NULL);
INSERT INTO Balances
SELECT account, count(*) AS payments, sum(amount) AS balance, max(amount) AS largest
FROM Payments GROUP BY account;
"""


def once(settings: Settings) -> list[Figure]:
    keys = settings.events(KEYS)
    with tempfile.TemporaryDirectory() as place:
        filled = _measured("fill", place, keys)
        started = _measured("start", place, keys)

    def figure(name: str, value: float, unit: str, goal: Goal | None, context: str = "") -> Figure:
        return Figure(TITLE, name, [value], goal, unit, context)

    return [
        figure(
            f"longest hold of the loop, first checkpoint of {keys:,} keys",
            filled["first_held_cpu"] * 1000,
            "ms",
            HELD,
            f"{filled['first_held'] * 1000:.0f} ms by the clock; published after "
            f"{filled['first_s']:.1f} s, {filled['first_mb']:.0f} MB",
        ),
        figure(
            f"longest hold of the loop, checkpoint after {CHANGED:,} changed keys",
            filled["later_held_cpu"] * 1000,
            "ms",
            HELD,
            f"{filled['later_held'] * 1000:.0f} ms by the clock; published after "
            f"{filled['later_s'] * 1000:.0f} ms",
        ),
        figure(
            f"written by a checkpoint after {CHANGED:,} changed keys",
            filled["written"] / 1e6,
            "MB",
            WRITTEN,
            f"{filled['records']:,.0f} bytes of records",
        ),
        figure(
            f"restart from {keys:,} keys",
            started["start_s"],
            "s",
            Goal(SECONDS_A_MILLION.limit * keys / KEYS),
            f"{filled['empty_start_s'] * 1000:.0f} ms with nothing stored",
        ),
        figure(
            f"memory a key, {keys:,} keys",
            filled["bytes_a_key"],
            "bytes",
            BYTES_A_KEY,
            f"resident; {started['bytes_a_key']:.0f} after the restart",
        ),
    ]


def _measured(part: str, place: str, keys: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.suites.state", part, place, str(keys)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


@dataclass
class Times:
    """Seconds that something took, and between two turns of the loop meanwhile the longest, by the
    clock and in CPU time of its thread."""

    seconds: float = 0.0
    held: float = 0.0
    held_cpu: float = 0.0


@asynccontextmanager
async def timing() -> AsyncIterator[Times]:
    """Time what is done, while the loop turns as often as it can."""
    times = Times()

    async def turn() -> None:
        last, last_cpu = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(0)
            now, cpu = time.perf_counter(), time.thread_time()
            times.held = max(times.held, now - last)
            times.held_cpu = max(times.held_cpu, cpu - last_cpu)
            last, last_cpu = now, cpu

    turning = asyncio.get_running_loop().create_task(turn())
    await asyncio.sleep(0)
    began = time.perf_counter()
    yield times
    times.seconds = time.perf_counter() - began
    turning.cancel()


def _app(place: str) -> AppRuntime:
    return EventFluxManager().create_app(SQL, name="balances", state=place)


async def _started(app: AppRuntime) -> float:
    """Start; gives how many seconds that took."""
    began = time.perf_counter()
    await app.astart()
    return time.perf_counter() - began


async def _send(app: AppRuntime, keys: range) -> None:
    payments = app.input("Payments")
    for first in range(0, len(keys), PIECE):
        piece = keys[first : first + PIECE]
        await payments.asend_many([(f"ACCOUNT{key:08d}", key % 997) for key in piece])


def _written() -> int:
    """Bytes that this process has written so far; Linux only."""
    [line] = [x for x in Path("/proc/self/io").read_text().splitlines() if x.startswith("wchar:")]
    return int(line.split()[1])


async def _fill(place: str, keys: int) -> dict[str, float]:
    app = _app(place)
    empty_start = await _started(app)
    await _send(app, range(1))
    gc.collect()
    before = resident_mb()
    await _send(app, range(keys))
    gc.collect()
    bytes_a_key = (resident_mb() - before) * 1e6 / keys
    async with timing() as first:
        await app.apersist()
    first_mb = app.stats()["checkpoints"]["last_bytes"] / 1e6
    records, later = 0, Times()
    before_bytes = _written()
    for number in range(TIMES):
        await _send(app, range(number, keys, keys // CHANGED))
        async with timing() as one:
            await app.apersist()
        later.seconds += one.seconds / TIMES
        later.held = max(later.held, one.held)
        later.held_cpu = max(later.held_cpu, one.held_cpu)
        records = app.stats()["checkpoints"]["last_bytes"]
    found = {
        "empty_start_s": empty_start,
        "bytes_a_key": bytes_a_key,
        "first_s": first.seconds,
        "first_held": first.held,
        "first_held_cpu": first.held_cpu,
        "first_mb": first_mb,
        "later_s": later.seconds,
        "later_held": later.held,
        "later_held_cpu": later.held_cpu,
        "records": records,
        "written": (_written() - before_bytes) / TIMES,
    }
    await app.astop()
    return found


async def _start(place: str, keys: int) -> dict[str, float]:
    app = _app(place)
    gc.collect()
    before = resident_mb()
    start = await _started(app)
    gc.collect()
    assert app.state_sizes()["query_1"][0] == keys, "all keys are there"
    found = {
        "start_s": start,
        "bytes_a_key": (resident_mb() - before) * 1e6 / keys,
    }
    await app.astop()
    return found


if __name__ == "__main__":
    measure = {"fill": _fill, "start": _start}[sys.argv[1]]
    print(json.dumps(asyncio.run(measure(sys.argv[2], int(sys.argv[3])))))
