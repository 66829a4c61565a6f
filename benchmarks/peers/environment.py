"""The peers' environment: making it, and talking with a process in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PLACE = ROOT / ".benchmarks" / "peers"
PACKAGES = ("bytewax", "quixstreams", "orjson", "msgspec", "faststream[rabbit]")
PEERS = ("orjson", "bytewax", "quixstreams")
"""The peers that can say the jobs of the table, by the package that each needs. FastStream, a
peer for RabbitMQ alone, is in the environment too."""


_ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": "268435456", "MALLOC_MMAP_THRESHOLD_": "33554432"}
"""In the peers' favour: orjson takes 1 KB for each result and gives most of it back, and where
page faults are dear, returning that memory to the system costs four times the job itself."""


class PeerFailed(Exception):
    """A peer's process ended or answered with an error."""


def python_of(place: Path) -> Path | None:
    """The interpreter of the environment in ``place``; ``None`` if there is none."""
    python = place / "bin" / "python"
    return python if python.exists() else None


def set_up(place: Path) -> None:
    """Make the environment in ``place`` and install the peers.

    Raises:
        subprocess.CalledProcessError: pip could not install them.
    """
    venv.create(place, with_pip=True)
    python = python_of(place)
    assert python is not None
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)


def installed(place: Path) -> dict[str, str]:
    """The peers that the environment in ``place`` has, with their versions."""
    python = python_of(place)
    if python is None:
        return {}
    ask = (
        "import importlib.metadata as m, json, sys\n"
        "found = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try: found[name] = m.version(name)\n"
        "    except m.PackageNotFoundError: continue\n"
        "print(json.dumps(found))\n"
    )
    answer = subprocess.run(
        [python, "-c", ask, *PEERS, "faststream"], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(answer.stdout)
    return found


@dataclass(frozen=True)
class Answer:
    """What a peer found in one pass."""

    cost: float
    """CPU ns an event, start-up excluded."""
    results: int
    """How many results came out, those of windows still open at the end included."""


class Peer:
    """A process of the peers' environment that measures one pass at a time, on request."""

    def __init__(self, place: Path, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [str(python_of(place)), "-W", "ignore", "-m", "benchmarks.peers.worker", name],
            cwd=ROOT,
            env={**os.environ, **_ALLOCATOR, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def measure(self, workload: str, events: int, size: int) -> Answer:
        """Do ``workload`` once over ``events`` in batches of ``size``.

        Raises:
            PeerFailed: the process ended; with the end of what it said.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            print(json.dumps([workload, events, size]), file=process.stdin, flush=True)
        except BrokenPipeError:
            line = ""
        else:
            line = process.stdout.readline()
        if not line:
            raise PeerFailed(f"{self.name}: {process.stderr.read()[-2000:]}")
        answer: dict[str, Any] = json.loads(line)
        return Answer(answer["cost"], answer["results"])

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=30)


def main(arguments: list[str]) -> int:
    """``--setup DIR``; ``DIR`` may be left out."""
    if not arguments or arguments[0] != "--setup" or len(arguments) > 2:
        print("usage: python -m benchmarks.peers --setup [DIR]", file=sys.stderr)
        return 2
    place = Path(arguments[1]) if len(arguments) == 2 else DEFAULT_PLACE
    set_up(place)
    print(f"{place}: {installed(place)}")
    return 0
