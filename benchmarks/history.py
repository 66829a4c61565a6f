"""The history of runs: one JSON object a line, beside this module."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure

HISTORY = Path(__file__).with_name("history.jsonl")
_PACKAGES = ("eventflux-core", "eventflux-mappers", "msgspec", "bytewax", "quixstreams", "orjson")


def versions(peers: dict[str, str]) -> dict[str, str]:
    """What was measured: the installed version of each package, the peers' from their own side."""
    found = {"python": platform.python_version(), **peers}
    for package in _PACKAGES:
        try:
            found.setdefault(package, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The commit that was measured, with ``+`` where the tree had changes; ``None`` without git."""
    here = Path(__file__).parent
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return described.stdout.strip()


def record(
    figures: Sequence[Figure], *, rounds: int, quick: bool, peers: dict[str, str]
) -> dict[str, object]:
    """Append this run to the history; the line that was written."""
    line: dict[str, object] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "versions": versions(peers),
        "cores": os.cpu_count(),
        "rounds": rounds,
        "quick": quick,
        "figures": {
            f"{figure.group}: {figure.name}": [
                round(value, 4)
                for value in (figure.quartiles[0], figure.median, figure.quartiles[1])
            ]
            for figure in figures
        },
    }
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return line


def last_medians() -> dict[str, float]:
    """The medians of the newest line, empty without a history."""
    if not HISTORY.exists():
        return {}
    lines = HISTORY.read_text(encoding="utf-8").splitlines()
    if not lines:
        return {}
    figures: dict[str, list[float]] = json.loads(lines[-1])["figures"]
    return {name: spread[1] for name, spread in figures.items()}
