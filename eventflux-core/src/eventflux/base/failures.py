"""Rows that a compiled app could not process, and how to stop it over one."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from eventflux.base.errors import Position
from eventflux.base.rows import Row


class AbortStep(BaseException):
    """Raised by a failure handler to end the step at once; passes the handlers of other rows.

    Not an ``Exception``: generated code catches those for the row at hand only.
    """


class RowFailure(msgspec.Struct, frozen=True):
    """One row that a query could not process (or whose event time could not be read)."""

    stream: str
    """The input stream of the query, whose error strategy decides."""
    query: str | None
    row: Row | None
    """The input row; ``None`` where the output row of a group failed in a flush."""
    error: Exception
    position: Position | None
    """The place in the SQL."""


FailureHandler = Callable[[RowFailure], None]
"""Called in the middle of a step; returns to drop the row, raises AbortStep to stop."""
