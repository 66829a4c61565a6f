"""What happened to the rows of a query, counted where it can't be derived."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class QueryCounts:
    """Counters that generated code keeps for one query.

    ``taken`` are the rows that got through the filters without failing, counted only where
    the query has a filter; ``merged`` those of them that share the output row of another
    in a logical batch. ``fired`` rows were made by timers, ``fired_failed`` could not be.
    ``late``, ``dropped`` and ``queued`` are for operators that turn rows away or hold them
    back: too late, beyond a limit, or until later.
    """

    taken: int = 0
    merged: int = 0
    failed: int = 0
    late: int = 0
    dropped: int = 0
    queued: int = 0
    fired: int = 0
    fired_failed: int = 0
    discarded: int = 0
