"""Calls of aggregates."""

from __future__ import annotations

from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.expressions import Expression, Node


class AggregateCall(Node, frozen=True, omit_defaults=True):
    """``function(argument)``; ``argument`` is ``None`` for ``count(*)``.

    ``function`` is one of :data:`eventflux.planner.aggregates.AGGREGATES`, ``parameters`` are
    its constants. With ``filter`` it takes the rows for which that is TRUE, with ``distinct``
    each value once.
    """

    function: str
    argument: Expression | None
    type: DataType
    nullable: bool
    distinct: bool = False
    filter: Expression | None = None
    parameters: tuple[ex.Literal, ...] = ()
