"""The keys of GROUP BY: each an input column, else an alias, an ordinal or any other expression."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventflux.base.errors import Diagnostic
from eventflux.base.types import DataType
from eventflux.planner import expressions as ex
from eventflux.planner.binding.binder import Binder
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Expression
from eventflux.planner.rewriting import walk
from eventflux.sql.ast import Expr
from eventflux.sql.numbers import whole_number
from eventflux.sql.source import Problem, SourceText

Named = Sequence[tuple[str, Expression]]
"""The columns of the select list, by their names."""


def bind_group_keys(
    keys: Iterable[Expr], outputs: Named, binder: Binder, open_list: bool
) -> tuple[list[Expression], list[Diagnostic]]:
    """The keys, each once, but for those that are the same in all rows; and what is wrong in them.
    ``open_list`` says that there may be more ``outputs`` than are known."""
    found: list[Expression] = []
    problems: list[Diagnostic] = []
    for key in keys:
        try:
            bound = _key(key, outputs, binder, open_list)
        except Problem as problem:
            problems.extend(problem.diagnostics)
            continue
        same_in_all_rows = isinstance(bound, ex.WindowBound | ex.Literal)
        if bound not in found and not same_in_all_rows:
            found.append(bound)
    return found, problems


def _key(key: Expr, outputs: Named, binder: Binder, open_list: bool) -> Expression:
    source, first = binder.scope.source, key.tokens[0]
    if len(key.tokens) == 1 and first.kind == "number" and first.text.isdecimal():
        return _usable(source, key, _at(source, key, outputs, open_list))
    if len(key.tokens) == 1 and first.is_name and binder.scope.schema.find(first.text) is None:
        for name, expression in outputs:
            if name == first.text:
                return _usable(source, key, expression)
        if open_list:
            raise Problem()  # it may be the alias of what could not be read
    bound = binder.expression(key)
    if isinstance(bound, ex.Literal):
        raise source.problem(
            key.start,
            "GROUP BY can't group by a constant",
            "name a column, an alias or a position",
        )
    return _usable(source, key, bound)


def _at(source: SourceText, key: Expr, outputs: Named, open_list: bool) -> Expression:
    """What stands at the position that a key names."""
    position = whole_number(key.tokens[0].text) or 0
    if 1 <= position <= len(outputs):
        return outputs[position - 1][1]
    if open_list:
        raise Problem()  # the list is longer than what could be read
    raise source.problem(
        key.start,
        f"GROUP BY {key.tokens[0].text} names no column",
        f"the list has {len(outputs)}",
    )


def _usable(source: SourceText, key: Expr, bound: Expression) -> Expression:
    """``bound`` if rows can be grouped by it."""
    for node in walk(bound):
        if isinstance(node, ex.AggregateValue):
            raise source.problem(
                key.start,
                "an aggregate can't stand in GROUP BY",
                "aggregate in a query of its own, and read its stream in another",
            )
        if isinstance(node, ex.WindowBound) and node is not bound:
            raise source.problem(
                key.start,
                "GROUP BY can't compute with the window's bounds",
                "select them instead",
            )
    if bound.type is DataType.OBJECT:
        # It can't be hashed, and 1 and true are told apart only by care.
        text = expression_text(bound)
        raise source.problem(
            key.start,
            f"{text} is OBJECT, which can't be grouped by",
            f"write GROUP BY CAST({text} AS STRING), or a value in it",
        )
    return bound
