"""The names that an expression can use."""

from __future__ import annotations

from dataclasses import dataclass

from eventflux.base.suggest import did_you_mean
from eventflux.base.types import Schema
from eventflux.planner.expressions import Column
from eventflux.sql.source import Problem, SourceText


@dataclass(frozen=True, slots=True)
class Scope:
    """The columns of one stream, known by its name and its alias."""

    source: SourceText
    stream: str
    alias: str | None
    schema: Schema

    def check_qualifier(self, qualifier: str, offset: int) -> None:
        """
        Raises:
            Problem: ``qualifier`` is neither the stream nor its alias.
        """
        if qualifier not in (self.stream, self.alias):
            known = [name for name in (self.stream, self.alias) if name is not None]
            raise self.source.problem(
                offset,
                f"{qualifier!r} is not the stream of this query",
                did_you_mean(qualifier, known),
            )

    def column(self, name: str, offset: int) -> Column:
        """The column called ``name``.

        Raises:
            Problem: there is none.
        """
        column = self.schema.find(name)
        if column is None:
            raise self.unknown_column(name, offset)
        return Column(column.name, column.type, column.nullable)

    def unknown_column(self, name: str, offset: int) -> Problem:
        message = f"stream {self.stream!r} has no column {name!r}"
        return self.source.problem(offset, message, did_you_mean(name, self.schema.names))
