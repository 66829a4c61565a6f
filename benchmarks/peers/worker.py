"""Runs in the peers' environment: reads ``[workload, events, size]`` a line, answers each.

The answer is ``{"cost": CPU ns an event, "results": count}``. Standard output is for answers
alone; whatever a peer prints goes to standard error.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from benchmarks.workloads import W1, W2

Pass: TypeAlias = Callable[[Sequence[Sequence[bytes]]], tuple[int, int]]
"""Takes the batches, gives the CPU ns of the pass without start-up and the number of results."""

MODULES = {
    "orjson": "benchmarks.peers.orjson_loop",
    "bytewax": "benchmarks.peers.bytewax_flow",
    "quixstreams": "benchmarks.peers.quix_flow",
}


def main(name: str) -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    passes: dict[str, Pass] = importlib.import_module(MODULES[name]).PASSES
    workloads = {workload.name: workload for workload in (W1, W2)}
    data: dict[tuple[str, int, int], list[list[bytes]]] = {}
    for line in sys.stdin:
        workload, events, size = json.loads(line)
        key = (workload, events, size)
        if key not in data:
            data[key] = workloads[workload].batches(events, size)
        gc.collect()
        spent, results = passes[workload](data[key])
        print(json.dumps({"cost": spent / events, "results": results}), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
