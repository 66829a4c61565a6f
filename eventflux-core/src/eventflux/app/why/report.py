"""What ``app.why(…)`` gives, as plain data and as text."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Cause: TypeAlias = Literal[
    "flows",
    "filter",
    "having",
    "limit",
    "window",
    "watermark",
    "late",
    "errors",
    "queued",
    "dropped",
    "idle",
    "ended",
    "disconnected",
    "backpressure",
    "refused",
    "failed",
    "not running",
]
"""What a stream has no rows for; ``flows``: it has some."""


class Step(msgspec.Struct, frozen=True):
    """A stream, query or connector on the way to the stream, and what it tells.

    ``counters`` are those of ``app.stats()`` that are not 0; ``notes`` say the rest in words.
    """

    kind: Literal["query", "source", "sink", "input"]
    name: str
    title: str
    counters: dict[str, int]
    notes: tuple[str, ...] = ()


class Why(msgspec.Struct, frozen=True):
    """Why a stream has no output, or that it has some.

    ``summary`` is one sentence that names the cause, ``hint`` says what to do about it. ``steps``
    are the way of the rows, backwards from the stream to its sources.
    """

    app: str
    stream: str
    cause: Cause
    summary: str
    hint: str | None
    steps: tuple[Step, ...]

    @property
    def flows(self) -> bool:
        """Whether the stream gives rows, and they go where they should."""
        return self.cause == "flows"

    def __str__(self) -> str:
        lines = [self.summary]
        if self.hint is not None:
            lines.append(f"  hint: {self.hint}")
        for step in self.steps:
            lines += ["", step.title]
            counted = " · ".join(f"{name} {count:,}" for name, count in step.counters.items())
            lines += [f"  {line}" for line in (*filter(None, [counted]), *step.notes)]
        return "\n".join(lines)
