"""What the benchmarks of connectors have in common: where the table goes, and all values."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import table
from benchmarks.figures import Figure, Skipped


def consoles() -> tuple[Console, Console]:
    """For the table, and for what is under way."""
    console, progress = Console(), Console(stderr=True)
    return (console if console.is_terminal else Console(width=190)), progress


def finish(
    console: Console,
    what: str,
    figures: Sequence[Figure],
    skipped: Sequence[Skipped],
    file: Path | None,
    measured: Mapping[str, Mapping[str, Sequence[float]]],
) -> int:
    """Print the table; 1 if a goal was missed.

    Args:
        what: what was measured, for the title.
        file: where to write all values as JSON, if anywhere.
        measured: the values of each contender, by their name; names without values are left out.
    """
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    title = f"{what}, {machine}, load {os.getloadavg()[0]:.1f}"
    table.show(console, figures, skipped, {}, title)
    if file is not None:
        file.write_text(_as_json(figures, measured), encoding="utf-8")
    return int(any(figure.verdict.startswith("FAIL") for figure in figures))


def _as_json(
    figures: Sequence[Figure], measured: Mapping[str, Mapping[str, Sequence[float]]]
) -> str:
    return json.dumps(
        {
            "figures": {
                f"{f.group}: {f.name}": {
                    "median": f.median,
                    "values": list(f.values),
                    "goal": str(f.goal) if f.goal else None,
                    "verdict": f.verdict,
                }
                for f in figures
            },
            "contenders": {
                who: {name: [round(v, 3) for v in values] for name, values in all.items() if values}
                for who, all in measured.items()
            },
        },
        indent=2,
        ensure_ascii=False,
    )
