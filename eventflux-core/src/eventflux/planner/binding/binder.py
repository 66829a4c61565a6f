"""Binding: from sqlglot's trees to typed nodes of the plan.

Every kind of node that the language has is listed in :data:`_BINDERS`; any other is
refused by name and place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlglot import exp

from eventflux.base.errors import Diagnostic
from eventflux.base.types import DataType
from eventflux.functions import FUNCTIONS
from eventflux.planner.binding.aggregates import bind_filter
from eventflux.planner.binding.calls import bind_call
from eventflux.planner.binding.casts import bind_cast
from eventflux.planner.binding.conditions import (
    COMPARISONS,
    bind_between,
    bind_case,
    bind_comparison,
    bind_distinct,
    bind_escape,
    bind_in,
    bind_is,
    bind_like,
    bind_logical,
    bind_not,
)
from eventflux.planner.binding.values import (
    ARITHMETIC,
    bind_arithmetic,
    bind_boolean,
    bind_column,
    bind_concat,
    bind_literal,
    bind_negate,
    bind_null,
)
from eventflux.planner.calls import AggregateCall
from eventflux.planner.conversion import UNKNOWN, adapt
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import EVENT_TIME, Call, Expression
from eventflux.planner.own_functions import Functions
from eventflux.planner.rewriting import walk
from eventflux.planner.scope import Scope
from eventflux.planner.windows import AnyWindow
from eventflux.sql.ast import Expr
from eventflux.sql.source import Problem


@dataclass(slots=True)
class Binder:
    """Binds the expressions of one clause.

    ``calls`` collects the aggregates of the clause, each once, and ``unnested`` the calls that
    give several rows; ``None`` where none may stand, ``clause`` being the name of that place for
    messages.
    """

    scope: Scope
    functions: Functions
    clause: str
    calls: list[AggregateCall] | None = None
    windowed: bool = False
    """Whether window_start() and window_end() have a meaning here."""
    warnings: list[Diagnostic] = field(default_factory=list)
    """Takes what is doubtful in the expressions."""
    window: AnyWindow | None = None
    """The window that aggregates are over."""
    expired: bool = False
    """Whether they are also told as they are when a row has left it, the last one perhaps."""
    unnested: list[Call] | None = None
    start: int = field(default=0, init=False)
    problems: list[Diagnostic] = field(default_factory=list, init=False)
    """What is wrong in the parts of the expression that is being bound."""

    @contextmanager
    def inside(self, clause: str) -> Iterator[None]:
        """Bind the arguments of a call that takes a whole clause for itself."""
        before = self.calls, self.unnested, self.clause, self.windowed
        self.calls, self.unnested, self.clause, self.windowed = None, None, clause, False
        try:
            yield
        finally:
            self.calls, self.unnested, self.clause, self.windowed = before

    def expression(self, expression: Expr) -> Expression:
        """
        Raises:
            Problem: with everything that is wrong in it.
        """
        self.start = expression.start
        return self.whole(self.bind, expression.tree)

    def condition(self, expression: Expr) -> Expression:
        """Like :meth:`expression`, and it must be BOOL."""
        self.start = expression.start
        message = f"{self.clause} needs a condition"
        return self.whole(
            lambda tree: self.boolean(self.bind(tree), tree, message), expression.tree
        )

    def whole(self, bind: Callable[[exp.Expr], Expression], tree: exp.Expr) -> Expression:
        """What ``bind`` makes of ``tree``; raises all problems of its parts together."""
        self.problems = []
        bound = UNKNOWN
        try:
            bound = bind(tree)
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
        if self.problems:
            raise Problem(*self.problems)
        if self.clause in _ONLY_VALUES:
            self._refuse_circumstances(bound, tree)
        return bound

    def _refuse_circumstances(self, bound: Expression, tree: exp.Expr) -> None:
        """
        Raises:
            Problem: it depends on more than the values of the row.
        """
        for part in walk(bound):
            function = part.function if isinstance(part, Call) else ""
            declared = FUNCTIONS.get(function.lower())
            if part == EVENT_TIME or (declared is not None and not declared.deterministic):
                named = "eventTimestamp" if declared is None else declared.name
                message = f"{named}() can't stand in {self.clause}"
                hint = "it goes by the values of the row alone; use its columns"
                raise self.problem(tree, message, hint)

    def bind(self, node: exp.Expr) -> Expression:
        while isinstance(node, exp.Paren):
            node = node.this
        binder = _BINDERS.get(type(node))
        if binder is None:
            raise self.problem(node, f"{type(node).__name__} is not part of this language")
        return binder(self, node)

    def bind_all(self, nodes: Sequence[exp.Expr]) -> list[Expression]:
        """Bind several; one that is wrong is reported, and stands as unknown."""
        return [self.bind_part(node) for node in nodes]

    def bind_part(self, node: exp.Expr) -> Expression:
        try:
            return self.bind(node)
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
            return UNKNOWN

    def boolean(self, bound: Expression, node: exp.Expr, message: str) -> Expression:
        adapted = adapt(bound, DataType.BOOL)
        if adapted is None:
            hint = "compare it: … != 0" if bound.type.is_numeric else "compare it: … = 'value'"
            if bound.type is DataType.OBJECT:
                hint = f"compare it, or write CAST({self.text(bound)} AS BOOL)"
            raise self.problem(
                node, f"{message} (BOOL), but {self.text(bound)} is {bound.type}", hint
            )
        return adapted

    def text(self, bound: Expression) -> str:
        """What has been bound as SQL, for messages."""
        return expression_text(bound, calls=self.calls or ())

    def offset(self, node: exp.Expr) -> int:
        """Where ``node`` stands: its own place, or that of its leftmost leaf that has one."""
        waiting = [node]
        while waiting:
            current = waiting.pop()
            start = current.meta.get("start")
            if isinstance(start, int):
                return start
            waiting.extend(reversed(list(current.iter_expressions())))
        return self.start

    def warn(self, node: exp.Expr, message: str, hint: str) -> None:
        self.warnings.append(self.scope.source.warning(self.offset(node), message, hint))

    def problem(self, node: exp.Expr, message: str, hint: str | None = None) -> Problem:
        return self.scope.source.problem(self.offset(node), message, hint)


_ONLY_VALUES = ("WATERMARK", "DEDUPLICATE BY", "the condition of a window")
"""Clauses that depend on the values of rows alone."""

_BINDERS: dict[type[exp.Expr], Callable[[Binder, exp.Expr], Expression]] = {
    exp.Column: bind_column,
    exp.Literal: bind_literal,
    exp.Null: bind_null,
    exp.Boolean: bind_boolean,
    exp.Neg: bind_negate,
    **dict.fromkeys(ARITHMETIC, bind_arithmetic),
    **dict.fromkeys(COMPARISONS, bind_comparison),
    exp.And: bind_logical,
    exp.Or: bind_logical,
    exp.Not: bind_not,
    exp.Is: bind_is,
    exp.In: bind_in,
    exp.Between: bind_between,
    exp.Like: bind_like,
    exp.ILike: bind_like,
    exp.Escape: bind_escape,
    exp.NullSafeEQ: bind_distinct,
    exp.NullSafeNEQ: bind_distinct,
    exp.DPipe: bind_concat,
    exp.Case: bind_case,
    exp.Cast: bind_cast,
    exp.TryCast: bind_cast,
    exp.Anonymous: bind_call,
    exp.Filter: bind_filter,
}
