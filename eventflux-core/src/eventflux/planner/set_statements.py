"""What the ``SET`` statements of a program say."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from eventflux.base.errors import Diagnostic
from eventflux.planner.places import place_of
from eventflux.planner.plan import Place
from eventflux.planner.settings import parse_setting
from eventflux.sql.ast import Setting, Statement
from eventflux.sql.source import Problem, SourceText


class SetStatements(msgspec.Struct):
    """The texts of the settings and where each stands, by name, and what is wrong."""

    texts: dict[str, str] = msgspec.field(default_factory=dict)
    places: dict[str, Place] = msgspec.field(default_factory=dict)
    problems: list[Diagnostic] = msgspec.field(default_factory=list)


def set_statements(source: SourceText, statements: Iterable[Statement]) -> SetStatements:
    """Read the settings; each value is one that its setting can have."""
    found = SetStatements()
    seen: set[str] = set()
    for statement in statements:
        if not isinstance(statement, Setting):
            continue
        try:
            if statement.key in seen:
                raise source.problem(statement.start, f"{statement.key} is set twice")
            seen.add(statement.key)
            _check(source, statement)
        except Problem as problem:
            found.problems.extend(problem.diagnostics)
            continue
        if statement.value is not None:
            found.texts[statement.key] = statement.value
            found.places[statement.key] = place_of(source, statement.start)
    return found


def _check(source: SourceText, statement: Setting) -> None:
    """Whether the setting is there and can have the value, if that could be read."""
    try:
        parse_setting(statement.key, "" if statement.value is None else statement.value)
    except KeyError as error:
        raise source.problem(statement.start, *error.args) from None
    except ValueError as error:
        if statement.value is not None:
            raise source.problem(statement.value_start, *error.args) from None
