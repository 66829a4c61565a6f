"""What ``run`` tells of itself on stderr: the line once a second, the summary at the end."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from eventflux.runtime.stats import Stats

CLEAR_LINE = "\r\x1b[2K"


class StatusLine:
    """One line on a terminal that is written over; nothing at all elsewhere."""

    def __init__(self, stream: TextIO, *, wanted: bool = True) -> None:
        self._stream = stream
        self.enabled = wanted and stream.isatty()
        self._shown = False

    def show(self, text: str) -> None:
        if not self.enabled:
            return
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(CLEAR_LINE + text[:width])
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Take the line away, before something else is written there."""
        if self._shown:
            self._stream.write(CLEAR_LINE)
            self._stream.flush()
            self._shown = False


class Progress:
    """The text of the status line: how long, how much, how fast, what is under way."""

    def __init__(self) -> None:
        self._started = self._last_time = time.monotonic()
        self._last = {"in": 0, "out": 0}

    def text(
        self, state: str, connectors: Mapping[str, Mapping[str, int]], health: Mapping[str, str]
    ) -> str:
        """The line for these counters, those of ``stats()['connectors']``, and ``health()``."""
        now = time.monotonic()
        elapsed = max(now - self._last_time, 1e-9)
        sinks = [c for c in connectors.values() if "confirmed" in c]
        sources = [c for c in connectors.values() if "confirmed" not in c]
        totals = {
            "in": sum(counters.get("messages", 0) for counters in sources),
            "out": sum(counters["confirmed"] for counters in sinks),
        }
        parts = [
            f"{name} {total:,} ({(total - self._last[name]) / elapsed:,.0f}/s)"
            for name, total in totals.items()
        ]
        under_way = sum(counters.get("in_flight", 0) for counters in sources)
        failed = sum(c.get("rejected", 0) + c.get("refused", 0) for c in connectors.values())
        parts.append(f"in flight {under_way:,}")
        if failed:
            parts.append(f"failed {failed:,}")
        self._last, self._last_time = totals, now
        parts += [f"{name} {how}" for name, how in health.items() if how != "running"]
        minutes, seconds = divmod(int(now - self._started), 60)
        return f"{state} {minutes}:{seconds:02d} · " + " · ".join(parts)


def summary_text(stats: Stats) -> str:
    """The counters of ``stats()`` as tables: streams, queries, sources, sinks.

    Counters that are 0 in a whole table are left out of it, but for what came.
    """
    from eventflux.cli.tables import print_table

    text = io.StringIO()
    own = stats["own_counters"]
    connectors = {n: {**c, **own.get(n, {})} for n, c in stats["connectors"].items()}
    groups = {
        "stream": stats["streams"],
        "query": stats["queries"],
        "source": {n: c for n, c in connectors.items() if "confirmed" not in c},
        "sink": {n: c for n, c in connectors.items() if "confirmed" in c},
    }
    came = {"stream": "received", "query": "in", "source": "messages", "sink": "messages"}
    for title, group in groups.items():
        if not group:
            continue
        counted = (name for counters in group.values() for name, n in counters.items() if n)
        names = list(dict.fromkeys([came[title], *counted]))
        labels = [name.replace("_", " ") for name in names]
        rows = [
            (name, *(f"{counters.get(column, 0):,}" for column in names))
            for name, counters in group.items()
        ]
        print_table(text, (title, *labels), rows, right=labels, plain=True)
    return text.getvalue().rstrip("\n")
