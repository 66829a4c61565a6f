"""Calls of aggregates."""

from __future__ import annotations

from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.expressions import Expression, Node


class OrderKey(Node, frozen=True):
    """NaN is above all numbers; NULLs stand last, also with ``descending``, or else first."""

    expression: Expression
    descending: bool
    nulls_first: bool


class AggregateCall(Node, frozen=True, omit_defaults=True):
    """``function(argument)``; ``argument`` is ``None`` for ``count(*)``.

    ``function`` is one of :data:`eventflux.planner.aggregates.AGGREGATES`, ``parameters`` are
    its constants. With ``filter`` it takes the rows for which that is TRUE, with ``distinct``
    each value once, with ``order`` its values in that order; a percentile has one only where it
    counts from the greatest.
    """

    function: str
    argument: Expression | None
    type: DataType
    nullable: bool
    distinct: bool = False
    filter: Expression | None = None
    parameters: tuple[ex.Literal, ...] = ()
    order: tuple[OrderKey, ...] = ()
