"""Any text is a program, or an error that says where; and what parses prints as what it is."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import example, given
from sqlglot import exp

from eventflux import EventFluxError, EventFluxManager, MissingPackageError, SqlError
from eventflux.sql.printer import print_script
from eventflux.sql.script import parse_script
from eventflux.sql.source import SourceText

from .profile import examples
from .texts import ANY, PROGRAMS

MANAGER = EventFluxManager()
NOTES = frozenset({"tokens", "quoted", "written", "closed"})
"""Fields that tell how or where something was written; others of these end in start and end."""


def lines_of(sql: str) -> list[str]:
    return sql.split("\n")


def check_error(sql: str, error: EventFluxError) -> None:
    """Whatever is wrong has a message, and a place that the text has."""
    assert str(error)
    if not isinstance(error, SqlError):
        assert isinstance(error, MissingPackageError)
        return
    assert error.diagnostics
    lines = sql.splitlines() or [""]
    for problem in error.diagnostics:
        assert problem.message.strip()
        assert problem.position is not None, problem
        line, column = problem.position.line, problem.position.column
        assert 1 <= line <= len(lines) + 1, problem
        there = lines[line - 1] if line <= len(lines) else ""
        assert 1 <= column <= len(there) + 1, problem
        assert problem.render(sql)


@given(ANY)
@example("WITH A AS(SELECT&FROM A)SELECT 0 FROM A&SELECT 0 FROM(SELECT&FROM A)")
@examples(400)
def test_any_text_is_a_program_or_an_error_with_a_place(sql: str) -> None:
    try:
        app = MANAGER.create_app(sql, replace_external=True)
    except EventFluxError as error:
        check_error(sql, error)
    else:
        assert all(warning.position is not None for warning in app.warnings)


def shape(node: Any) -> Any:
    """A tree without its places."""
    if isinstance(node, exp.Expr):
        return repr(node)
    if isinstance(node, msgspec.Struct):
        return (
            type(node).__name__,
            *(
                shape(getattr(node, name))
                for name in node.__struct_fields__
                if name not in NOTES and not name.endswith(("start", "end"))
            ),
        )
    if isinstance(node, tuple | list):
        return [shape(part) for part in node]
    return node


def check_printing(sql: str) -> None:
    script, problems = parse_script(SourceText(sql))
    if problems:
        return
    printed = print_script(script)
    again, problems = parse_script(SourceText(printed))
    assert not problems, printed
    assert shape(again.statements) == shape(script.statements), printed
    assert print_script(again) == printed


@given(ANY)
@example("SELECT 0 FROM A/*/*/")
@examples(400)
def test_what_parses_prints_as_what_it_is(sql: str) -> None:
    check_printing(sql)


def test_every_program_of_the_cases_prints_as_what_it_is() -> None:
    for sql in PROGRAMS:
        check_printing(sql)


def test_every_program_of_the_cases_is_a_program_or_an_error_with_a_place() -> None:
    for sql in PROGRAMS:
        try:
            MANAGER.create_app(sql, replace_external=True)
        except EventFluxError as error:
            check_error(sql, error)
