"""Windows as table functions of standard SQL: ``TUMBLE(TABLE S, DESCRIPTOR(ts), INTERVAL …)``."""

from __future__ import annotations

import msgspec

from eventflux.sql.ast import Name, WindowArgument, WindowSpec
from eventflux.sql.cursor import Cursor
from eventflux.sql.durations import duration


class TableFunction(msgspec.Struct, frozen=True):
    """The window that it stands for, and its durations in order, the last ones optional."""

    window: str
    example: str
    durations: tuple[str, ...]
    required: int
    keyed: bool = False
    """Whether PARTITION BY may stand behind its table."""


WINDOW_FUNCTIONS: dict[str, TableFunction] = {
    "TUMBLE": TableFunction("tumbling", "INTERVAL '5' MINUTE", ("size", "offset"), 1),
    "HOP": TableFunction(
        "hop", "INTERVAL '1' MINUTE, INTERVAL '5' MINUTE", ("slide", "size", "offset"), 2
    ),
    "SESSION": TableFunction("session", "INTERVAL '30' SECOND", ("gap",), 1, keyed=True),
}
"""By their names. The slide of HOP stands before its size, as in other engines."""


def at_window_function(cursor: Cursor) -> bool:
    """Whether ``TUMBLE(``, ``HOP(`` or ``SESSION(`` begins here, in ``TABLE(…)`` or without."""
    inside = 2 if cursor.at("TABLE", "(") else 0
    return cursor.ahead(inside).upper in WINDOW_FUNCTIONS and cursor.ahead(inside + 1).upper == "("


def window_function(cursor: Cursor) -> tuple[Name, WindowSpec]:
    """The stream that it reads, and its window."""
    start = cursor.token.start
    wrapped = cursor.accept("TABLE", "(") is not None
    called = cursor.advance().upper
    function = WINDOW_FUNCTIONS[called]
    hint = f"write {called}(TABLE S, DESCRIPTOR(ts), {function.example})"
    cursor.advance()
    if not cursor.accept("TABLE"):
        cursor.unexpected(f"TABLE and a stream in {called}", hint)
    stream = cursor.name("the name of a stream")
    keys = _keys(cursor, called) if cursor.at("PARTITION", "BY") else []
    cursor.expect(",", f"after TABLE {stream}")
    if not cursor.accept("DESCRIPTOR", "("):
        cursor.unexpected("DESCRIPTOR with the column of the event time", hint)
    descriptor = cursor.name("the column of the event time")
    cursor.expect(")", f"after DESCRIPTOR({descriptor}")
    durations: list[WindowArgument] = []
    for position, parameter in enumerate(function.durations):
        if position >= function.required and not cursor.at(","):
            break
        if not cursor.accept(","):
            cursor.unexpected(f", and the {parameter} of {called}", hint)
        begins = cursor.token.start
        length = duration(cursor, f"the {parameter} of {called}", zero=parameter == "offset")
        durations.append(WindowArgument(parameter, length, begins, cursor.read_to))
    for _ in range(1 + wrapped):
        cursor.expect(")", f"after the {durations[-1].parameter} of {called}")
    arguments = (*durations, *keys)
    return stream, WindowSpec(
        function.window, arguments, start, cursor.read_to, descriptor=descriptor
    )


def _keys(cursor: Cursor, called: str) -> list[WindowArgument]:
    if not WINDOW_FUNCTIONS[called].keyed:
        raise cursor.problem(
            f"{called} takes no PARTITION BY: its windows are the same for all rows",
            "GROUP BY the columns",
        )
    cursor.advance()
    cursor.advance()
    keys: list[WindowArgument] = []
    parentheses = cursor.accept("(") is not None
    while True:
        start = cursor.token.start
        name = cursor.name("a column of the stream")
        keys.append(WindowArgument("column", name, start, cursor.read_to))
        # The comma behind the last key is that before DESCRIPTOR.
        if not cursor.at(",") or cursor.ahead().upper == "DESCRIPTOR":
            break
        cursor.advance()
    if parentheses:
        cursor.expect(")", "after the columns of PARTITION BY")
    return keys
