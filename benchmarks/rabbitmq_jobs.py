"""The RabbitMQ jobs, said in each contender's way; run as a process of its own.

``python rabbitmq_jobs.py CONTENDER JOB PORT COUNT`` does the job once and prints what it
took as one JSON object: seconds, CPU seconds, messages. Connecting is not counted.

Jobs: ``consume`` acknowledges COUNT messages of the queue ``in``. ``publish`` puts COUNT
persistent messages into ``out`` and waits for the broker's confirms. ``pipe`` reads COUNT
messages from ``in``, decodes, keeps amounts above 50, encodes, publishes to ``out`` and
acknowledges when that is confirmed. Messages are JSON of about 90 bytes.

A contender that can use uvloop uses none, as the product does by itself without it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

PREFETCH = 1000
WINDOW = 1000
"""Messages under way at the most, where a contender can have more than one."""
BATCH = 100
"""Messages that are sent together, where a contender has batches."""


@dataclass(frozen=True)
class Request:
    port: int
    count: int

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"


Job = Callable[[Request], Coroutine[Any, Any, dict[str, float]]]


def main(jobs: Mapping[tuple[str, str], Job]) -> None:
    """Do what the command line asks for."""
    contender, job, port, count = sys.argv[1:]
    report = asyncio.run(jobs[contender, job](Request(int(port), int(count))))
    print(json.dumps(report), flush=True)
