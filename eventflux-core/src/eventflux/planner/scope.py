"""The names that an expression can use."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from eventflux.base.suggest import did_you_mean, nearest
from eventflux.base.trigger_columns import TRIGGER_SCHEMA
from eventflux.base.types import Schema
from eventflux.planner.conversion import UNKNOWN
from eventflux.planner.expressions import Column, Expression, WindowBound
from eventflux.sql.source import Problem, SourceText

WINDOW_BOUNDS = ("window_start", "window_end")
"""Functions that many other engines have as columns."""

NAMELESS = "(SELECT …)"
"""What messages call a subquery without an alias."""


class Shape(msgspec.Struct, frozen=True):
    """What is known of a stream's columns, also while there are errors."""

    schema: Schema
    untyped: frozenset[str] = frozenset()
    """The columns whose type is not known."""
    open: bool = False
    """Whether there may be more columns."""
    event_time: str | None = None
    """The column that a source's stream declares to hold the time of its rows."""

    @property
    def is_whole(self) -> bool:
        return not self.open and not self.untyped


NO_COLUMNS = Shape(Schema(()), open=True)
"""The shape of a stream of which only the name is known."""


class Scope(msgspec.Struct, frozen=True):
    """The columns of one stream, known by its name and its alias.

    Of the columns in ``untyped`` the type is not known, and in an ``open`` scope there may be
    more columns, because of errors that are reported elsewhere.
    """

    source: SourceText
    stream: str
    alias: str | None
    schema: Schema
    untyped: frozenset[str] = frozenset()
    open: bool = False
    aliases: Mapping[str, Expression] = msgspec.field(default_factory=dict)
    """What names of the select list stand for, where they can be used."""
    aliases_first: bool = False
    """Whether they hide columns of the same name; otherwise columns hide them."""
    bounds: bool = False
    """Whether the bounds of the window are columns, as those of a table function are."""

    @property
    def is_whole(self) -> bool:
        return not self.open and not self.untyped

    def is_column(self, name: str) -> bool:
        """Whether ``name`` in ``name.field`` is a column, for it is neither stream nor alias."""
        return name not in (self.stream, self.alias) and self.schema.find(name) is not None

    def check_qualifier(self, qualifier: str, offset: int) -> None:
        """
        Raises:
            Problem: ``qualifier`` is neither the stream nor its alias.
        """
        if qualifier not in (self.stream, self.alias):
            known = [name for name in (self.stream, self.alias) if name is not None]
            hint = did_you_mean(qualifier, known)
            if self.stream == NAMELESS:
                hint = f"give the subquery a name: FROM {NAMELESS} AS {qualifier}"
            raise self.source.problem(
                offset, f"{qualifier!r} is not the stream of this query", hint
            )

    def column(self, name: str, offset: int) -> Expression:
        """The column called ``name``, or what the select list calls so.

        Raises:
            Problem: there is none.
        """
        column = self.schema.find(name)
        if column is None and self.schema == TRIGGER_SCHEMA:
            column = self.schema.find(name.lower())
        if name in self.aliases and (column is None or self.aliases_first):
            return self.aliases[name]
        if column is None and self.bounds and name.lower() in WINDOW_BOUNDS:
            return WindowBound("start" if name.lower() == "window_start" else "end")
        if name in self.untyped or (column is None and self.open):
            return UNKNOWN
        if column is None:
            raise self.unknown_column(name, offset)
        return Column(column.name, column.type, column.nullable)

    def unknown_column(self, name: str, offset: int) -> Problem:
        message = f"stream {self.stream!r} has no column {name!r}"
        hint = did_you_mean(name, [*self.schema.names, *self.aliases])
        if self.source.sql[offset : offset + 1] == '"' and nearest(name, self.schema.names) is None:
            hint = f"a text stands in single quotes: '{name}'; columns are " + ", ".join(
                self.schema.names
            )
        if name.lower() in WINDOW_BOUNDS:
            hint = f"it is a function: {name}()"
        return self.source.problem(offset, message, hint)
