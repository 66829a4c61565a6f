"""Runs a story through the engine, in pieces and with restarts."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from eventflux.testing import AppRunner

from .events import Story
from .queries import Output


def run(sql: str, story: Story, target: str = "T", by_column: bool = False) -> list[Output]:
    """The rows of ``target``; with ``by_column`` the rows' times come from a column."""
    given: list[Output] = []
    runner = AppRunner(sql, outputs=[target])
    start = 0
    for number, size in enumerate([*story.pieces, 0]):
        if number in story.restarts:
            revision = runner.persist()
            given += runner.rows(target)
            runner.close()
            runner = AppRunner(sql, outputs=[target])
            runner.restore(revision)
        piece = story.events[start : start + size]
        start += size
        runner.send_many(
            "S", [e.values for e in piece], None if by_column else [e.t for e in piece]
        )
    runner.advance_to(story.end)
    given += runner.rows(target)
    runner.close()
    return given


def alike(given: Sequence[Output], expected: Sequence[Output]) -> bool:
    """Equal but for the last digits of floating numbers."""
    return len(given) == len(expected) and all(
        len(mine) == len(theirs)
        and all(
            isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
            if isinstance(a, float) and isinstance(b, float)
            else a == b and type(a) is type(b)
            for a, b in zip(mine, theirs, strict=True)
        )
        for mine, theirs in zip(given, expected, strict=True)
    )
