"""`scripts/soak`: orders through RabbitMQ for minutes, with faults at random moments."""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from eventflux_rabbitmq.testing import BrokerError, PrivateBroker
from testbed.chaos import IMPATIENT, Chaos
from testbed.orders import Comparison, make_orders
from testbed.pipeline import SINK, SOURCE, Pipeline
from testbed.process import RunFailed
from testbed.proxy import Proxy
from testbed.publisher import Publisher

LINES = (100_000.0, 400_000.0, 2_000_000.0, None)
"""Bytes a second of the line between process and broker."""
PACES = (0.3, 0.6, 1.0, 1.0, 4.0)
"""How fast orders come, measured by what would just fill the time that is left."""
MEBIBYTE = 1024 * 1024


class Soak:
    """One soak run; :meth:`work` does it."""

    def __init__(self, messages: int, seed: int, minutes: float, folder: Path) -> None:
        self.messages = messages
        self.seed = seed
        self.minutes = minutes
        self._folder = folder
        self._random = random.Random(seed)
        self._began = time.monotonic()
        self._told = 0.0

    def work(self) -> bool:
        """Run, and print the report; whether nothing was lost or wrong."""
        orders = make_orders(self.messages, self.seed)
        with (
            PrivateBroker() as broker,
            Proxy(broker.port, seed=self.seed) as proxy,
            Pipeline(broker, self._folder, port=proxy.port) as pipeline,
            pipeline.publisher(orders) as publisher,
        ):
            chaos = Chaos(pipeline, proxy, self.seed, publisher)
            self._vary(pipeline, proxy, publisher)
            pipeline.start()
            while not publisher.finished and self._elapsed < self.minutes * 60:
                chaos.pause(0.1, 2.0)
                self._vary(pipeline, proxy, publisher)
                fault = chaos.strike()
                self._tell(publisher, chaos, fault)
            proxy.bytes_per_second = publisher.rate = None
            publisher.finish(timeout=300)
            pipeline.wait_until_drained(timeout=300)
            memory_at_the_end = pipeline.run.memory()
            pipeline.run.stop()
            left = pipeline.left()
            comparison = pipeline.compare(orders)
            self._report(comparison, chaos, proxy, publisher, pipeline, left, memory_at_the_end)
            return (
                not comparison.lost
                and not comparison.wrong
                and left == (0, 0)
                and is_flat(chaos.memory)
            )

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _vary(self, pipeline: Pipeline, proxy: Proxy, publisher: Publisher) -> None:
        """Other options for the next process, another line, another pace."""
        draw = self._random
        fast = "off" if draw.random() < 0.15 else "auto"
        pipeline.options = {
            **IMPATIENT,
            f"{SOURCE}.rabbitmq.prefetch": draw.choice((20, 100, 1000)),
            f"{SOURCE}.batch.max.messages": draw.choice((1, 20, 1024)),
            f"{SINK}.max.in.flight": draw.choice((10, 300, 2000)),
            f"{SOURCE}.rabbitmq.fast": fast,
            f"{SINK}.rabbitmq.fast": fast,
        }
        proxy.bytes_per_second = draw.choice(LINES)
        seconds_left = max(self.minutes * 60 - self._elapsed, 1.0)
        steady = (self.messages - publisher.confirmed + 1) / seconds_left
        publisher.rate = steady * draw.choice(PACES)

    def _tell(self, publisher: Publisher, chaos: Chaos, fault: str) -> None:
        """A line every ten seconds."""
        now = self._elapsed
        if now - self._told >= 10:
            self._told = now
            print(
                f"{now:6.0f} s  {publisher.confirmed:,} of {self.messages:,} orders published, "
                f"{chaos.faults.total()} faults, the last: {fault}",
                file=sys.stderr,
                flush=True,
            )

    def _report(
        self,
        comparison: Comparison,
        chaos: Chaos,
        proxy: Proxy,
        publisher: Publisher,
        pipeline: Pipeline,
        left: tuple[int, int],
        memory_at_the_end: int,
    ) -> None:
        lines = [
            ("seed", f"{self.seed}"),
            ("time", f"{self._elapsed:.0f} s"),
            ("orders", f"{self.messages:,} (published again: {publisher.repeated:,})"),
            ("results owed", f"{comparison.expected:,}"),
            ("results arrived", f"{comparison.arrived:,}"),
            ("duplicates", f"{comparison.duplicates:,}"),
            ("lost", f"{len(comparison.lost):,} {comparison.lost[:10] or ''}"),
            ("wrong", f"{len(comparison.wrong):,} {comparison.wrong[:10] or ''}"),
            ("left in the input", f"{left[0]} ready, {left[1]} unacknowledged"),
            ("processes", f"{len(pipeline.runs)}"),
            ("memory, highest of each quarter", in_mebibytes(quarters(chaos.memory))),
            ("memory at the end", in_mebibytes([memory_at_the_end])),
            ("poison published", f"{chaos.poison:,}"),
            ("faults", f"{chaos.faults.total()}"),
            *((f"  {name}", f"{count}") for name, count in chaos.faults.most_common()),
            ("connections cut", f"{proxy.cuts}"),
        ]
        for name, value in lines:
            print(f"{name:36}{value}")


def quarters(memory: Sequence[int]) -> list[int]:
    """The highest of each quarter of the samples."""
    size = max(len(memory) // 4, 1)
    return [
        max(memory[start : start + size]) for start in range(0, size * 4, size) if memory[start:]
    ]


def is_flat(memory: Sequence[int]) -> bool:
    """Whether the second half needed no more than a quarter more than the first."""
    highest = quarters(memory)
    return len(highest) < 4 or max(highest[2:]) <= 1.25 * max(highest[:2])


def in_mebibytes(sizes: Sequence[int]) -> str:
    return " ".join(f"{size / MEBIBYTE:.0f}" for size in sizes) + " MiB"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if everything owed arrived, 1 if not."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="how many orders (100,000)")
    parser.add_argument("--seed", type=int, help="of the random draws; by default a new one")
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="how long there are faults, about (10)"
    )
    given = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    # the publisher's client library tells of each fault that is made here on purpose
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
    print(f"Soak: {given.messages:,} orders, seed {seed}", file=sys.stderr, flush=True)
    folder = Path(tempfile.mkdtemp(prefix="eventflux-soak-"))
    try:
        passed = Soak(given.messages, seed, given.minutes, folder).work()
    except (RunFailed, BrokerError, TimeoutError) as error:
        print(f"FAILED with seed {seed}: {error}")
        passed = False
    if passed:
        shutil.rmtree(folder)
    else:
        print(f"What the processes printed is in {folder}", file=sys.stderr)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
