"""RabbitMQ side by side: ``python -m benchmarks.rabbitmq``.

Every contender does its job in a process of its own, one after the other, round after
round, against one private node. Ratios are of messages a second in the same round; CPU is
that of the client's process and of the node. Each job's result is checked: the input queue
empty, every expected message in the output queue.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import side_by_side
from benchmarks.figures import Figure, Goal, Skipped, ratios
from benchmarks.orders import body
from benchmarks.peers.environment import DEFAULT_PLACE, installed, python_of
from benchmarks.rabbitmq_jobs import Request
from benchmarks.rabbitmq_product import open_sink, open_source
from eventflux.spi import ReceiveLimits, Refusal, SinkBatch
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.testing import PrivateBroker

HERE = Path(__file__).parent
ROUNDS = 5
RATE, WARM_UP, MEASURED = 1000, 2.0, 3.0
"""The latency job: messages a second, seconds not counted, seconds counted."""


@dataclass
class Contender:
    """Someone who does a job, and what it took each round."""

    name: str
    job: str
    program: str
    count: int
    peer: bool = False
    rate: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """µs a message of the client's process."""
    broker_cpu: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    @property
    def context(self) -> str:
        return (
            f"{statistics.median(self.rate):,.0f} msg/s, client "
            f"{statistics.median(self.cpu):.1f} µs, broker "
            f"{statistics.median(self.broker_cpu):.0f} µs CPU"
        )


def contenders() -> list[Contender]:
    """All, with as many messages as take about a second."""
    product, aio_pika, faststream = (
        f"rabbitmq_{name}.py" for name in ("product", "aio_pika", "faststream")
    )
    return [
        Contender("eventflux", "consume", product, 40_000),
        Contender("eventflux fast=off", "consume", product, 8_000),
        Contender("aio-pika", "consume", aio_pika, 4_000),
        Contender("eventflux", "publish", product, 20_000),
        Contender("eventflux fast=off", "publish", product, 8_000),
        Contender("aio-pika", "publish", aio_pika, 1_500),
        Contender("aio-pika gather", "publish", aio_pika, 6_000),
        Contender("faststream", "publish", faststream, 6_000, peer=True),
        Contender("eventflux", "pipe", product, 30_000),
        Contender("eventflux app", "pipe", product, 30_000),
        Contender("whole app", "pipe", product, 60_000),
        Contender("whole app with a store", "pipe", product, 60_000),
        Contender("eventflux fast=off", "pipe", product, 6_000),
        Contender("aio-pika", "pipe", aio_pika, 1_500),
        Contender("aio-pika callbacks", "pipe", aio_pika, 4_000),
        Contender("faststream", "pipe", faststream, 3_000, peer=True),
        Contender("eventflux", "latency", product, 0),
        Contender("aio-pika callbacks", "latency", aio_pika, 0),
    ]


class Bench:
    """The node, and one contender at a time against it."""

    def __init__(self, broker: PrivateBroker, peers: Path) -> None:
        self.broker = broker
        self.request = Request(broker.port, 0)
        self._peers = peers
        for queue in ("in", "out"):
            broker.declare_queue(queue)

    def run(self, contender: Contender) -> None:
        """Let it do its job once, check the result and note what it took."""
        if contender.job == "latency":
            asyncio.run(self._latency(contender))
            return
        amounts = [float(number % 100) for number in range(contender.count)]
        expected = sum(amount > 50 for amount in amounts)
        if contender.job == "publish":
            expected = contender.count
        else:
            asyncio.run(self._fill(amounts))
            expected = expected if contender.job == "pipe" else 0
        before = _cpu_seconds(self.broker.pid)
        done = self._start(contender, contender.job, contender.count)
        out, err = done.communicate(timeout=180)
        if done.returncode != 0:
            raise RuntimeError(f"{contender.name}: {err[-3000:]}")
        report = json.loads(out)
        left, arrived = self.broker.count("in"), self.broker.count("out")
        if (left, arrived) != (0, expected):
            raise RuntimeError(
                f"{contender.name}, {contender.job}: {left} messages left, "
                f"{arrived} of {expected} arrived"
            )
        contender.rate.append(report["messages"] / report["seconds"])
        contender.cpu.append(report["cpu"] / report["messages"] * 1e6)
        spent = _cpu_seconds(self.broker.pid) - before
        contender.broker_cpu.append(spent / report["messages"] * 1e6)
        self.broker.purge("out")

    def _start(self, contender: Contender, job: str, count: int) -> subprocess.Popen[str]:
        python = python_of(self._peers) if contender.peer else Path(sys.executable)
        program = [str(python), str(HERE / contender.program)]
        return subprocess.Popen(
            [*program, contender.name, job, str(self.broker.port), str(count)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    async def _fill(self, amounts: Sequence[float]) -> None:
        sink = await open_sink(self.request, "auto", queue="in")
        messages = [body(number, amount) for number, amount in enumerate(amounts)]
        for start in range(0, len(messages), 2000):
            await sink.send(SinkBatch(messages[start : start + 2000]))
        await sink.close()

    async def _latency(self, contender: Contender) -> None:
        """Feed a pipe at a steady rate; the time from sending to receiving the result."""
        count = int(RATE * (WARM_UP + MEASURED))
        process = self._start(contender, "pipe", count)
        sink = await open_sink(self.request, "auto", queue="in")
        source = await open_source(self.request, "auto", queue="out")
        began = time.monotonic_ns()
        feeding = asyncio.create_task(_feed(sink, count))
        times: list[float] = []
        received = 0
        async with asyncio.timeout(60):
            while received < count:
                batch = await source.receive(ReceiveLimits())
                now = time.monotonic_ns()
                received += len(batch.payloads)
                for payload in batch.payloads:
                    sent = int(payload[13:32])
                    if sent - began >= WARM_UP * 1e9:
                        times.append((now - sent) / 1e6)
                source.settle(batch.token)
            await feeding
        await source.close()
        await sink.close()
        process.communicate(timeout=30)
        cuts = statistics.quantiles(times, n=100)
        contender.p50.append(cuts[49])
        contender.p99.append(cuts[98])


async def _feed(sink: RabbitSink, count: int) -> None:
    sends: set[asyncio.Task[Sequence[Refusal]]] = set()
    start = time.monotonic()
    for number in range(count):
        due = start + number / RATE
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        batch = SinkBatch([body(time.monotonic_ns(), 60)])
        task = asyncio.create_task(sink.send(batch))
        sends.add(task)
        task.add_done_callback(sends.discard)
    if sends:
        await asyncio.wait(sends)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def figures_of(done: Sequence[Contender]) -> list[Figure]:
    """The ratios, their goals, and what stands behind them."""
    by = {(contender.job, contender.name): contender for contender in done}
    figures: list[Figure] = []

    def ratio(job: str, above: str, below: str, goal: float | None) -> None:
        if (job, above) in by and (job, below) in by:
            one, other = by[job, above], by[job, below]
            limit = None if goal is None else Goal(goal, at_least=True)
            values = ratios(one.rate, other.rate)
            context = f"{one.context} ÷ {other.context}"
            figures.append(Figure(job, f"{above} ÷ {below}", values, limit, "×", context))

    ratio("consume", "eventflux", "aio-pika", 8)
    ratio("consume", "eventflux fast=off", "aio-pika", None)
    ratio("publish", "eventflux", "aio-pika", 12)
    ratio("publish", "eventflux", "aio-pika gather", 2.5)
    ratio("publish", "eventflux", "faststream", 3.5)
    ratio("publish", "eventflux fast=off", "aio-pika", None)
    ratio("pipe", "eventflux", "aio-pika", 20)
    ratio("pipe", "eventflux", "aio-pika callbacks", 7)
    ratio("pipe", "eventflux", "faststream", 12)
    ratio("pipe", "eventflux fast=off", "aio-pika", 5)
    ratio("pipe", "eventflux app", "eventflux", 0.8)
    ratio("pipe", "whole app with a store", "whole app", 0.85)
    for name in ("eventflux", "eventflux app"):
        if ("pipe", name) in by:
            pipe = by["pipe", name]
            goal = Goal(15) if name == "eventflux" else None
            figures.append(Figure("pipe", f"{name}: client CPU", pipe.cpu, goal, "µs/message"))
            shares = ratios(pipe.cpu, pipe.broker_cpu)
            goal = Goal(0.25) if name == "eventflux" else None
            figures.append(Figure("pipe", f"{name}: client ÷ broker CPU", shares, goal))
    if ("latency", "eventflux") in by and ("latency", "aio-pika callbacks") in by:
        ours, theirs = by["latency", "eventflux"], by["latency", "aio-pika callbacks"]
        for name, one, other, limit in (
            ("p50", ours.p50, theirs.p50, 0.5),
            ("p99", ours.p99, theirs.p99, 0.3),
        ):
            medians = f"{statistics.median(one):.1f} ms ÷ {statistics.median(other):.1f} ms"
            label = f"{name} at {RATE:,} msg/s, eventflux ÷ aio-pika callbacks"
            figures.append(Figure("latency", label, ratios(one, other), Goal(limit), "×", medians))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; 1 if a goal was missed."""
    parser = argparse.ArgumentParser("python -m benchmarks.rabbitmq", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--only", action="append", choices=("consume", "publish", "pipe", "latency")
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values there")
    parser.add_argument(
        "--peers", type=Path, default=DEFAULT_PLACE, metavar="DIR", help="the peers' environment"
    )
    given = parser.parse_args(arguments)
    chosen = [c for c in contenders() if not given.only or c.job in given.only]
    peers = installed(given.peers)
    skipped = [
        Skipped(c.job, c.name, "run `python -m benchmarks.peers --setup` for it")
        for c in chosen
        if c.peer and c.name not in peers
    ]
    chosen = [c for c in chosen if not c.peer or c.name in peers]
    console, progress = side_by_side.consoles()
    with PrivateBroker(schedulers=None) as broker, progress.status("starting") as status:
        bench = Bench(broker, given.peers)
        for turn in range(given.rounds):
            for contender in chosen if turn % 2 else reversed(chosen):
                status.update(
                    f"round {turn + 1} of {given.rounds}: {contender.job}, {contender.name}"
                )
                bench.run(contender)
    what = f"RabbitMQ: {given.rounds} rounds"
    return side_by_side.finish(console, what, figures_of(chosen), skipped, given.json, _all(chosen))


def _all(done: Sequence[Contender]) -> dict[str, dict[str, list[float]]]:
    """Everything that was measured, by contender."""
    names = ("rate", "cpu", "broker_cpu", "p50", "p99")
    return {f"{c.job}: {c.name}": {name: getattr(c, name) for name in names} for c in done}


if __name__ == "__main__":
    sys.exit(main())
