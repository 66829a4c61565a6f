"""The windows of the language: what each is called, and what stands in its parentheses."""

from __future__ import annotations

from typing import Literal

import msgspec

ParameterKind = Literal[
    "duration", "count", "share", "column", "ordered column", "text", "condition"
]
"""Of a ``share`` the value is a decimal from 0 to 1; an ``ordered column`` may have ``'asc'`` or
``'desc'`` behind it; a ``text``, as a cron expression, and a ``condition`` stand in quotes."""


class Parameter(msgspec.Struct, frozen=True):
    """What may stand at one place; ``many`` one after the other."""

    name: str
    kind: ParameterKind
    optional: bool = False
    many: bool = False
    zero: bool = False
    """Whether a duration may be 0."""

    @property
    def described(self) -> str:
        """``a size``, ``an optional offset``, ``columns``."""
        if self.many:
            return f"{'optional ' if self.optional else ''}{self.name}s"
        noun = f"optional {self.name}" if self.optional else self.name
        return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


class WindowKind(msgspec.Struct, frozen=True):
    """A window. ``name`` is how it is written; ``example`` what may stand in its parentheses."""

    name: str
    example: str
    parameters: tuple[Parameter, ...]
    aliases: tuple[str, ...] = ()
    beside: str = ""
    """What may have been meant where it lacks something."""

    @property
    def described(self) -> str:
        """What it takes, in words."""
        *others, last = [parameter.described for parameter in self.parameters]
        return f"{', '.join(others)} and {last}" if others else last


_SIZE = Parameter("size", "duration")
_OFFSET = Parameter("offset", "duration", optional=True, zero=True)
_START = Parameter("start", "duration", optional=True, zero=True)
_ROWS = Parameter("number of rows", "count")
_TIME = Parameter("column", "column")
_COLUMNS = Parameter("column", "column", many=True)
_SOME_COLUMNS = Parameter("column", "column", many=True, optional=True)
_TTL = Parameter("time to live", "duration", optional=True)

WINDOW_KINDS: dict[str, WindowKind] = {
    kind.name.lower(): kind
    for kind in (
        WindowKind("length", "100", (_ROWS,)),
        WindowKind("lengthBatch", "100", (_ROWS,)),
        WindowKind("time", "5 MINUTES", (_SIZE,)),
        WindowKind("timeBatch", "5 MINUTES", (_SIZE, _START)),
        WindowKind("timeLength", "5 MINUTES, 100", (_SIZE, _ROWS)),
        WindowKind("tumbling", "5 MINUTES", (_SIZE, _OFFSET), ("tumble",)),
        WindowKind(
            "hop",
            "5 MINUTES, 1 MINUTE",
            (_SIZE, Parameter("slide", "duration"), _OFFSET),
            ("hopping", "sliding"),
            "; time(5 MINUTES) slides with each row",
        ),
        WindowKind(
            "session",
            "30 SECONDS",
            (
                Parameter("gap", "duration"),
                _SOME_COLUMNS,
                Parameter("latency", "duration", optional=True, zero=True),
            ),
        ),
        WindowKind("externalTime", "ts, 5 MINUTES", (_TIME, _SIZE)),
        WindowKind(
            "externalTimeBatch",
            "ts, 5 MINUTES",
            (_TIME, _SIZE, _START, Parameter("timeout", "duration", optional=True)),
        ),
        WindowKind(
            "sort", "10, price, 'desc'", (_ROWS, Parameter("column", "ordered column", many=True))
        ),
        WindowKind("unique", "symbol", (_COLUMNS, _TTL)),
        WindowKind("firstUnique", "id, 1 HOUR", (_COLUMNS, _TTL)),
        WindowKind("delay", "30 SECONDS", (_SIZE,)),
        WindowKind("expression", "'count() <= 10'", (Parameter("condition", "condition"),)),
        WindowKind(
            "frequent", "10, symbol", (Parameter("number of counters", "count"), _SOME_COLUMNS)
        ),
        WindowKind(
            "lossyFrequent",
            "0.1, symbol",
            (
                Parameter("support", "share"),
                Parameter("error", "share", optional=True),
                _SOME_COLUMNS,
            ),
        ),
        WindowKind("cron", "'0 * * * *'", (Parameter("cron expression", "text"),)),
    )
}
"""Every window, by its name in lower case."""

WINDOW_NAMES: dict[str, str] = {
    **{name: name for name in WINDOW_KINDS},
    **{alias: name for name, kind in WINDOW_KINDS.items() for alias in kind.aliases},
}
"""Every name that a window can be called by, aliases among them, with that of its kind."""

NO_WINDOWS = {
    "lossycounting": "lossyFrequent(support) counts frequent rows within bounds",
    "lossless": "a query without a window sees every row",
}
"""What some engines call windows and this language has not, with what to write instead."""
