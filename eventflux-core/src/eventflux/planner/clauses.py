"""Binding HAVING, SELECT DISTINCT, ORDER BY, LIMIT and OFFSET: what is done to the rows that a
query gives out (semantics 4.3 and 4.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from eventflux.base.errors import Diagnostic
from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.binding.binder import Binder
from eventflux.planner.calls import OrderKey
from eventflux.planner.conversion import is_unknown
from eventflux.planner.expressions import Expression
from eventflux.planner.places import place_of
from eventflux.planner.plan import Distinct, Having, Limit, OrderBy, Place, Relation
from eventflux.planner.rewriting import rewrite, walk
from eventflux.sql import ast
from eventflux.sql.ast import Expr, Select
from eventflux.sql.numbers import whole_number
from eventflux.sql.source import Problem, SourceText

BinderOf = Callable[[str], Binder]
"""Gives the binder of a clause by its name, which knows the names of the select list."""


class BoundClauses(msgspec.Struct, frozen=True):
    """The clauses of a SELECT, each with its place; and what is wrong in them."""

    having: tuple[Expression, Place] | None = None
    distinct: Place | None = None
    order: tuple[tuple[OrderKey, ...], Place] | None = None
    limit: tuple[int | None, int, Place] | None = None
    problems: list[Diagnostic] = msgspec.field(default_factory=list)

    def above(self, keys: Sequence[Expression]) -> BoundClauses:
        """The same, reading the groups of an Aggregate by ``keys``."""
        having, order = self.having, self.order
        if having is not None:
            having = (above_keys(having[0], keys), having[1])
        if order is not None:
            sort_keys, place = order
            order = tuple(rewrite(key, _key_value(keys)) for key in sort_keys), place
        return replace(self, having=having, order=order)

    def over(self, relation: Relation) -> Relation:
        """``relation`` with what the clauses do to its rows, in the order of their work."""
        if self.having is not None:
            relation = Having(relation, *self.having)
        if self.distinct is not None:
            relation = Distinct(relation, self.distinct)
        if self.order is not None:
            relation = OrderBy(relation, *self.order)
        if self.limit is not None:
            relation = Limit(relation, *self.limit)
        return relation


def above_keys(expression: Expression, keys: Sequence[Expression]) -> Expression:
    """``expression`` with the values of the GROUP BY ``keys`` in place of their expressions."""
    return rewrite(expression, _key_value(keys))


def _key_value(keys: Sequence[Expression]) -> Callable[[ex.Node], ex.Node | None]:
    def replaced(node: ex.Node) -> ex.Node | None:
        for index, key in enumerate(keys):
            if node == key:
                return ex.KeyValue(index, key.type, key.nullable)
        return None

    return replaced


def bind_clauses(
    source: SourceText,
    select: Select,
    outputs: Sequence[Expression],
    binder_of: BinderOf,
    is_open: bool,
) -> BoundClauses:
    """Bind the clauses of ``select``, whose list gives ``outputs``, or more where it
    ``is_open``."""
    clauses = select.clauses
    problems: list[Diagnostic] = []
    having = order = limit = None
    distinct = None if select.distinct is None else place_of(source, select.distinct.start)
    if clauses.having is not None:
        try:
            condition = binder_of("HAVING").condition(clauses.having.condition)
            having = condition, place_of(source, clauses.having.start)
        except Problem as problem:
            problems.extend(problem.diagnostics)
    if select.distinct is not None:
        problems += _refuse_objects(binder_of("DISTINCT"), select.distinct.start, outputs)
    if clauses.order_by is not None:
        sorting = _Sorting(source, outputs, binder_of("ORDER BY"), is_open, distinct is not None)
        bound = tuple(key for key in map(sorting.key, clauses.order_by.keys) if key is not None)
        problems += sorting.problems
        order = (bound, place_of(source, clauses.order_by.start)) if bound else None
    if (first := clauses.limit or clauses.offset) is not None:
        count = clauses.limit.value if clauses.limit else None
        offset = clauses.offset.value if clauses.offset else 0
        limit = count, offset, place_of(source, first.start)
    return BoundClauses(having, distinct, order, limit, problems)


def _refuse_objects(binder: Binder, offset: int, outputs: Sequence[Expression]) -> list[Diagnostic]:
    """Nested data can't be compared as a whole: see GROUP BY."""
    return [
        diagnostic
        for output in outputs
        if output.type is DataType.OBJECT
        for diagnostic in binder.scope.source.problem(
            offset,
            f"{binder.text(output)} is OBJECT, of which DISTINCT can't tell what is equal",
            f"select CAST({binder.text(output)} AS STRING), or a value in it",
        ).diagnostics
    ]


class _Sorting(msgspec.Struct):
    """Binds the keys of ORDER BY."""

    source: SourceText
    outputs: Sequence[Expression]
    binder: Binder
    is_open: bool
    distinct: bool
    problems: list[Diagnostic] = msgspec.field(default_factory=list)

    def key(self, key: ast.OrderKey) -> OrderKey | None:
        try:
            bound = self.bound(key.expression)
            self.refuse_unsorted(key.expression, bound)
            if isinstance(bound, ex.Literal):
                return None  # a selected constant is the same in all rows
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
            return None
        return OrderKey(bound, key.descending, key.nulls_first)

    def bound(self, key: Expr) -> Expression:
        """An alias, an input column, an ordinal, or any other expression."""
        first = key.tokens[0]
        if len(key.tokens) > 1 or first.kind != "number" or not first.text.isdecimal():
            return self.binder.expression(key)
        position = whole_number(first.text) or 0
        if 1 <= position <= len(self.outputs):
            return self.outputs[position - 1]
        if self.is_open:
            raise Problem()  # the list is longer than what could be read
        raise self.source.problem(
            key.start,
            f"ORDER BY {first.text} names no column",
            f"the list has {len(self.outputs)}",
        )

    def refuse_unsorted(self, key: Expr, bound: Expression) -> None:
        if is_unknown(bound):
            return
        text = self.binder.text(bound)
        if isinstance(bound, ex.Literal) and bound not in self.outputs:
            message = "ORDER BY can't sort by a constant"
            raise self.source.problem(key.start, message, "name a column, an alias or a position")
        if bound.type is DataType.OBJECT:
            message = f"{text} is OBJECT, which has no order"
            hint = f"write ORDER BY CAST({text} AS STRING), or a value in it"
            raise self.source.problem(key.start, message, hint)
        if self.distinct and not self.follows(bound):
            message = f"with SELECT DISTINCT, ORDER BY sorts by what is selected, but {text} is not"
            raise self.source.problem(key.start, message, "select it, or GROUP BY the columns")

    def follows(self, key: Expression) -> bool:
        """Whether ``key`` is the same for all rows that DISTINCT takes for one."""
        nothing = ex.Literal(None, DataType.STRING)
        selected = rewrite(key, lambda node: nothing if node in self.outputs else None)
        varying = ex.Column | ex.AggregateValue | ex.Element | ex.WindowBound
        return not any(isinstance(node, varying) for node in walk(selected))
