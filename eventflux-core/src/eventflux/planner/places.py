"""Where something of the plan stands in the SQL."""

from __future__ import annotations

from eventflux.planner.plan import Place
from eventflux.sql.source import SourceText


def place_of(source: SourceText, offset: int) -> Place:
    position = source.position(offset)
    return Place(position.line, position.column)
