"""Named windows: a query that reads one begins with its window.

Each of them holds for itself what it needs of the rows; what the window holds is the same for all
of them at each moment, as it depends on nothing that a query says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from eventflux.base.errors import Diagnostic
from eventflux.planner.parts import Part
from eventflux.planner.plan import Plan
from eventflux.sql.ast import CreateStream, Statement, WindowSpec
from eventflux.sql.source import SourceText


def named_windows(statements: Iterable[Statement]) -> dict[str, CreateStream]:
    """The definitions of CREATE WINDOW, by name."""
    return {
        statement.name.text: statement
        for statement in statements
        if isinstance(statement, CreateStream) and statement.window is not None
    }


class Windowed(msgspec.Struct, frozen=True):
    """The parts of a program, and what is wrong in those that read a window."""

    parts: list[Part]
    problems: list[Diagnostic]


def with_windows(
    source: SourceText, parts: Sequence[Part], windows: Mapping[str, CreateStream]
) -> Windowed:
    """The parts, those that read a window with it as the first of their steps."""
    found = Windowed([], [])
    for part in parts:
        definition = windows.get(part.reads) if part.read_name is not None else None
        if definition is None or definition.window is None:
            found.parts.append(part)
            continue
        steps = part.select.steps
        for own in (step for step in steps if isinstance(step, WindowSpec)):
            problem = source.problem(
                own.start,
                f"{part.reads!r} has a window already, as CREATE WINDOW says",
                "leave this one out; or let another query, with it, read what this one gives",
            )
            found.problems.extend(problem.diagnostics)
        filters = (step for step in steps if not isinstance(step, WindowSpec))
        select = replace(part.select, steps=(definition.window, *filters))
        found.parts.append(replace(part, select=select))
    return found


def unread_windows(
    source: SourceText, plan: Plan, windows: Mapping[str, CreateStream]
) -> Iterator[Diagnostic]:
    """A warning for each window that no query reads."""
    for name, definition in windows.items():
        if not plan.readers(name):
            yield source.warning(
                definition.name.start,
                f"no query reads the window {name!r}: it holds nothing",
                f"a query does: SELECT … FROM {name}",
            )
