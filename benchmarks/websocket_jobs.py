"""The WebSocket jobs, said in each contender's way; run as a process of its own.

``python websocket_NAME.py JOB MODE PORT COUNT`` does the job once. It tells when it is ready, by
the word ``ready``, and what it took, by one JSON object: seconds, CPU seconds, messages.

Jobs: ``receive`` decodes COUNT messages and keeps amounts above 50. ``send`` makes rows, keeps
those, encodes and sends them. ``pipe`` does both, from one connection to another. ``broadcast``
sends COUNT messages, one at a time, to 1,000 clients. In the mode ``client`` the contender connects
to PORT (the paths ``/in`` and ``/out``), in the mode ``server`` it listens there.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.orders import Stopwatch

CLIENTS = 1000
"""Who get the messages of ``broadcast``."""


@dataclass(frozen=True)
class Request:
    mode: str
    port: int
    count: int

    def url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"


Values = tuple[str, str, float, str]


def rows(count: int) -> Iterator[Values]:
    """What ``send`` makes rows of: the values of the messages of the other jobs."""
    for number in range(count):
        customer, product = f"c-{number % 1000:04d}", f"widget-{number % 50}"
        yield f"{number:019d}", customer, float(number % 100), product


def ready() -> Stopwatch:
    """Tell that the job may begin."""
    print("ready", flush=True)
    return Stopwatch()


Job = Callable[[Request], Coroutine[Any, Any, dict[str, float]]]


def main(jobs: Mapping[str, Job]) -> None:
    """Do what the command line asks for."""
    job, mode, port, count = sys.argv[1:]
    report = asyncio.run(jobs[job](Request(mode, int(port), int(count))))
    print(json.dumps(report), flush=True)
