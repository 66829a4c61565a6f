"""Runs a story through the engine, in pieces and with restarts."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from eventflux.testing import AppRunner

from ..harness import Compiled
from .events import Story
from .queries import Output


def run(sql: str, story: Story) -> list[Output]:
    """The rows of ``T``, by the app's clock, which moves on to the story's end."""
    return _run(sql, story, ["T"], by_column=False)["T"]


def run_to_the_end(sql: str, story: Story, targets: Sequence[str]) -> dict[str, list[Output]]:
    """The rows of ``targets``, their times from a column; in the end all windows close."""
    return _run(sql, story, targets, by_column=True)


def _run(
    sql: str, story: Story, targets: Sequence[str], by_column: bool
) -> dict[str, list[Output]]:
    given: dict[str, list[Output]] = {target: [] for target in targets}

    def collect() -> None:
        for target in targets:
            given[target] += runner.rows(target)

    runner = AppRunner(sql, outputs=targets)
    for number, piece in enumerate([*story.cut(), ()]):
        if number in story.restarts:
            revision = runner.persist()
            collect()
            runner.close()
            runner = AppRunner(sql, outputs=targets)
            runner.restore(revision)
        runner.send_many(
            "S", [e.values for e in piece], None if by_column else [e.t for e in piece]
        )
    if by_column:
        runner.flush()
    else:
        runner.advance_to(story.end)
    collect()
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


def streams_of(app: Compiled, story: Story, *, in_batches: bool) -> list[str]:
    """The stream of each row that comes out, the pieces sent as rows or as logical batches."""
    for piece in story.cut():
        rows, times = [event.values for event in piece], [event.t for event in piece]
        if in_batches:
            app.send_batch("S", rows, times[-1])
        else:
            app.send("S", rows, times)
    app.advance(story.end)
    return [stream for stream, _ in app.take()[0]]
