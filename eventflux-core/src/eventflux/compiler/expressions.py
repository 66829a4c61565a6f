"""Plan expressions as Python expressions, three-valued logic included.

Most SQL operators are *strict*: NULL in, NULL out. A strict expression is kept as a piece (see
:mod:`eventflux.compiler.pieces`), the null tests of its leaves apart from the value computed
when none of them holds, so that ``a + b * c`` tests each column once. A condition is asked only
for what its reader needs to know: whether it is TRUE (``truth``) or whether it is FALSE
(``falsity``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import singledispatchmethod
from typing import Any

from eventflux.base import nested
from eventflux.base.decimals import EXACT
from eventflux.base.types import DataType
from eventflux.compiler.arithmetic import arithmetic
from eventflux.compiler.calls import Ambient, call_text
from eventflux.compiler.casts import cast_constant, cast_text
from eventflux.compiler.facts import facts_when_true
from eventflux.compiler.pieces import (
    Constant,
    Piece,
    Scope,
    Variable,
    all_of,
    constant,
    constant_value,
    once,
    strict,
)
from eventflux.compiler.source import Bindings, Names
from eventflux.functions import FUNCTIONS
from eventflux.operators import scalars
from eventflux.planner import expressions as e
from eventflux.spi.functions import ScalarFunction, TableFunction

_PYTHON_OPERATORS = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_READ_ONCE = (DataType.DECIMAL, DataType.TIMESTAMP, DataType.BYTES)
"""What a constant is cast to when the program is compiled, not for each row."""
_LONGEST_NESTED_CHOICE = 30
"""Each ``x if c else …`` nests in the one before, and CPython's compiler recurses there."""


class ExpressionWriter:
    """Writes the expressions of one generated function."""

    def __init__(
        self,
        names: Names,
        bindings: Bindings,
        functions: Mapping[str, ScalarFunction],
        ambient: Ambient,
    ) -> None:
        self._names = names
        self._bindings = bindings
        self._functions = functions
        self._ambient = ambient
        self.piece: Callable[[e.Expression, Scope], Piece] = self._piece
        """The expression with its null tests apart. Looked up once: a method that dispatches is
        made anew each time."""

    def value(self, expression: e.Expression, scope: Scope) -> str:
        """Its value, ``None`` for NULL."""
        return self.piece(expression, scope).value

    def several(self, call: e.Call, scope: Scope) -> str:
        """What a call that gives several rows gives, to be looped over; none for NULL."""
        function = self._functions.get(call.function.lower())
        if isinstance(function, TableFunction):
            rows = scalars.rows_of(
                function.name, function.call, function.returns, function.max_rows
            )
            text, tested = self._called(function, rows, call.arguments, scope)
            nulls = " or ".join(f"{t} {c}" for t, c in strict("", *tested).nulls)
            return f"(() if {nulls} else {text})" if nulls else text
        [argument] = call.arguments
        first, value = once(self.value(argument, scope), self._names)
        return f"({value} if {first}.__class__ is list else ())"

    def _called(
        self,
        function: ScalarFunction,
        call: Callable[..., Any],
        arguments: Sequence[e.Expression],
        scope: Scope,
    ) -> tuple[str, list[Piece]]:
        """The text of a call of a registered function by ``call``, to be made where none of the
        other values is NULL."""
        pieces = [self.piece(argument, scope) for argument in arguments]
        strictly = [function.is_strict(position) for position in range(len(pieces))]
        texts = [p.core if s else p.value for p, s in zip(pieces, strictly, strict=True)]
        text = f"{self._bindings.bind(function.name, call)}({', '.join(texts)})"
        return text, [p for p, s in zip(pieces, strictly, strict=True) if s]

    def truth(self, expression: e.Expression, scope: Scope) -> str:
        """A text that is truthy exactly when the condition is TRUE."""
        match expression:
            case e.Logical(operator="AND"):
                conditions = []
                for operand in expression.operands:
                    conditions.append(self.truth(operand, scope))
                    scope = scope.knowing(facts_when_true(operand))
                return all_of(*conditions)
            case e.Logical():
                return f"({' or '.join(self.truth(o, scope) for o in expression.operands)})"
            case e.Not():
                return self.falsity(expression.operand, scope)
            case e.Case() | e.Coalesce() | e.Column():
                return self.value(expression, scope)
            case e.InList() if self._constant_items(expression) is not None:
                tested = self.piece(expression.operand, scope)
                return all_of(*tested.present, self._membership(tested, expression))
        piece = self.piece(expression, scope)
        return all_of(*piece.present, piece.core)

    def falsity(self, expression: e.Expression, scope: Scope) -> str:
        """A text that is truthy exactly when the condition is FALSE."""
        match expression:
            case e.Logical(operator="OR"):
                return all_of(*(self.falsity(o, scope) for o in expression.operands))
            case e.Logical():
                return f"({' or '.join(self.falsity(o, scope) for o in expression.operands)})"
            case e.Not():
                return self.truth(expression.operand, scope)
            case e.Case() | e.Coalesce() | e.Column():
                return f"({self.value(expression, scope)} is False)"
        piece = self.piece(expression, scope)
        return all_of(*piece.present, f"(not {piece.core})")

    @singledispatchmethod
    def _piece(self, expression: e.Expression, scope: Scope) -> Piece:
        raise TypeError(f"no code for {type(expression).__name__}")

    def _variable(self, variable: Variable) -> Piece:
        return self._nullable(variable.text) if variable.nullable else Piece((), variable.text)

    def _nullable(self, text: str) -> Piece:
        """A piece for a value that may be ``None``, evaluated once."""
        tested, value = once(text, self._names)
        return Piece(((tested, "is None"),), value, text)

    @_piece.register
    def _(self, expression: e.Literal, scope: Scope) -> Piece:
        return self._constant(constant_value(expression))

    def _constant(self, value: Constant) -> Piece:
        if value is None:
            return Piece((("None", "is None"),), "None", "None")
        return Piece((), constant(value, self._bindings))

    @_piece.register
    def _(self, expression: e.Column, scope: Scope) -> Piece:
        return self._variable(scope.column(expression.name))

    @_piece.register
    def _(self, expression: e.KeyValue, scope: Scope) -> Piece:
        return self._variable(scope.keys[expression.index])

    @_piece.register
    def _(self, expression: e.AggregateValue, scope: Scope) -> Piece:
        return self._variable(scope.aggregates[expression.index])

    @_piece.register
    def _(self, expression: e.Element, scope: Scope) -> Piece:
        return self._variable(scope.elements[expression.index])

    @_piece.register
    def _(self, expression: e.Taken, scope: Scope) -> Piece:
        function = self._functions[expression.aggregate.lower()]
        text, tested = self._called(function, function.call, expression.operands, scope)
        return strict(text, *tested)

    @_piece.register
    def _(self, expression: e.Local, scope: Scope) -> Piece:
        return self._variable(scope.locals[expression.number])

    @_piece.register
    def _(self, expression: e.Let, scope: Scope) -> Piece:
        values = [self.piece(value, scope) for value in expression.values]
        names = [self._names.fresh("t") for _ in values]
        found = ", ".join(f"({n} := {v.value})" for n, v in zip(names, values, strict=True))
        variables = [Variable(n, v.nullable) for n, v in zip(names, values, strict=True)]
        body = self.piece(expression.body, scope.having(expression.first, variables))
        text = f"({found}, {body.value})[-1]"
        return self._nullable(text) if body.nullable else Piece((), text)

    @_piece.register
    def _(self, expression: e.WindowBound, scope: Scope) -> Piece:
        return Piece((), scope.window[0 if expression.which == "start" else 1])

    @_piece.register
    def _(self, expression: e.Arithmetic, scope: Scope) -> Piece:
        left, right = self.piece(expression.left, scope), self.piece(expression.right, scope)
        return arithmetic(expression, left, right, self._names, self._bindings)

    @_piece.register
    def _(self, expression: e.Negate, scope: Scope) -> Piece:
        operand = self.piece(expression.operand, scope)
        if expression.type is DataType.DECIMAL:
            return strict(f"{self._bindings.bind('minus', EXACT.minus)}({operand.core})", operand)
        return strict(f"(-{operand.core})", operand)

    @_piece.register
    def _(self, expression: e.Comparison, scope: Scope) -> Piece:
        left, right = self.piece(expression.left, scope), self.piece(expression.right, scope)
        operator = _PYTHON_OPERATORS[expression.operator]
        if expression.left.type is DataType.OBJECT:
            return strict(self._same(operator, left.core, right.core), left, right)
        return strict(f"({left.core} {operator} {right.core})", left, right)

    def _same(self, operator: str, left: str, right: str) -> str:
        """The text that two OBJECTs are (``==``) or are not the same."""
        same = f"{self._bindings.bind('same_nested', nested.same)}({left}, {right})"
        return same if operator == "==" else f"(not {same})"

    @_piece.register
    def _(self, expression: e.Logical, scope: Scope) -> Piece:
        pieces = [self.piece(operand, scope) for operand in expression.operands]
        if not any(piece.nullable for piece in pieces):
            return Piece((), self.truth(expression, scope))
        names = [self._names.fresh("t") for _ in pieces]
        decisive = "False" if expression.operator == "AND" else "True"
        otherwise = "True" if expression.operator == "AND" else "False"
        decided = " or ".join(
            f"({name} := {piece.value}) is {decisive}"
            for name, piece in zip(names, pieces, strict=True)
        )
        unknown = " or ".join(f"{name} is None" for name in names)
        return self._nullable(f"({decisive} if {decided} else None if {unknown} else {otherwise})")

    @_piece.register
    def _(self, expression: e.Not, scope: Scope) -> Piece:
        operand = self.piece(expression.operand, scope)
        return strict(f"(not {operand.core})", operand)

    @_piece.register
    def _(self, expression: e.IsNull, scope: Scope) -> Piece:
        operand = self.piece(expression.operand, scope)
        if expression.negated:
            # In parentheses always: Python would chain it with a comparison around it.
            return Piece((), f"({' and '.join(operand.present)})" if operand.nulls else "True")
        tests = " or ".join(f"{tested} {condition}" for tested, condition in operand.nulls)
        return Piece((), f"({tests})" if tests else "False")

    def _constant_items(self, expression: e.InList) -> frozenset[object] | None:
        if all(isinstance(item, e.Literal) for item in expression.items):
            literals = (i for i in expression.items if isinstance(i, e.Literal))
            return frozenset(map(constant_value, literals))
        return None

    def _membership(self, operand: Piece, expression: e.InList) -> str:
        items = self._constant_items(expression) or frozenset()
        return f"({operand.core} in {self._bindings.bind('options', items - {None})})"

    @_piece.register
    def _(self, expression: e.InList, scope: Scope) -> Piece:
        if not expression.items:
            return Piece((), "False")
        operand = self.piece(expression.operand, scope)
        constants = self._constant_items(expression)
        if constants is not None and None not in constants:
            return strict(self._membership(operand, expression), operand)
        values = [self.piece(item, scope) for item in expression.items]
        name = self._bindings.bind("in_list", scalars.in_list)
        call = f"{name}({operand.core}, ({', '.join(v.value for v in values)},))"
        return self._helper_result(call, operand, any(v.nullable for v in values))

    @_piece.register
    def _(self, expression: e.Between, scope: Scope) -> Piece:
        operand = self.piece(expression.operand, scope)
        low, high = self.piece(expression.low, scope), self.piece(expression.high, scope)
        if not low.nullable and not high.nullable:
            return strict(f"({low.core} <= {operand.core} <= {high.core})", operand)
        name = self._bindings.bind("between", scalars.between)
        return self._helper_result(f"{name}({operand.core}, {low.value}, {high.value})", operand)

    def _helper_result(self, call: str, operand: Piece, nullable: bool = True) -> Piece:
        """A call made only where ``operand`` is not NULL, whose result may be ``None``."""
        if not nullable:
            return strict(call, operand)
        result = self._nullable(call)
        if not operand.nulls:
            return result
        return Piece(operand.nulls + result.nulls, result.core)

    @_piece.register
    def _(self, expression: e.Like, scope: Scope) -> Piece:
        operand = self.piece(expression.operand, scope)
        pattern = expression.pattern
        if isinstance(pattern, e.Literal) and isinstance(pattern.value, str):
            matcher = scalars.like_matcher(pattern.value, expression.escape, expression.ignore_case)
            matches = self._bindings.bind("matches", matcher)
            return strict(f"({matches}({operand.core}) is not None)", operand)
        other = self.piece(pattern, scope)
        name = self._bindings.bind("like", scalars.like)
        rules = f"{constant(expression.escape, self._bindings)}, {expression.ignore_case}"
        return strict(f"{name}({operand.core}, {other.core}, {rules})", operand, other)

    @_piece.register
    def _(self, expression: e.Distinct, scope: Scope) -> Piece:
        # Python's None equals itself and nothing else, as this comparison has it.
        left, right = self.value(expression.left, scope), self.value(expression.right, scope)
        operator = "==" if expression.negated else "!="
        if expression.left.type is DataType.OBJECT:
            return Piece((), self._same(operator, left, right))
        return Piece((), f"({left} {operator} {right})")

    @_piece.register
    def _(self, expression: e.Access, scope: Scope) -> Piece:
        operand = self.piece(expression.operand, scope)
        key = expression.key.value if isinstance(expression.key, e.Literal) else None
        if not isinstance(key, str | int):
            name = self._bindings.bind("nested_item", nested.item)
            other = self.piece(expression.key, scope)
            return self._helper_result(
                f"{name}({operand.core}, {other.core})", strict("", operand, other)
            )
        tested, value = once(operand.core, self._names)
        if isinstance(key, str):
            text = constant(key, self._bindings)
            found = f"({value}.get({text}) if {tested}.__class__ is dict else None)"
        elif key < 0:
            found = "None"
        else:
            long_enough = f"{tested}.__class__ is list and len({value}) > {key}"
            found = f"({value}[{key}] if {long_enough} else None)"
        return self._helper_result(found, operand)

    @_piece.register
    def _(self, expression: e.Concat, scope: Scope) -> Piece:
        pieces = [self.piece(operand, scope) for operand in expression.operands]
        return strict(f"({' + '.join(piece.core for piece in pieces)})", *pieces)

    @_piece.register
    def _(self, expression: e.NullIf, scope: Scope) -> Piece:
        value, other = self.value(expression.operand, scope), self.value(expression.other, scope)
        first, value = once(value, self._names)
        equal = f"{first} == {other}"
        if expression.type is DataType.OBJECT:
            equal = self._same("==", first, other)
        return self._nullable(f"(None if {equal} else {value})")

    @_piece.register
    def _(self, expression: e.Case, scope: Scope) -> Piece:
        first = later = ""
        if expression.operand is not None:
            operand = self.piece(expression.operand, scope)
            first, later = once(operand.value, self._names)
        choices: list[tuple[str, str]] = []
        nullable = False
        for branch in expression.branches:
            inside = scope
            if expression.operand is None:
                condition = self.truth(branch.when, scope)
                inside = scope.knowing(facts_when_true(branch.when))
            else:
                when = self.piece(branch.when, scope)
                compared = all_of(*when.present, f"{later} == {when.core}")
                condition = f"({first} is not None and {compared})"
                first = later
            then = self.piece(branch.then, inside)
            nullable = nullable or then.nullable
            choices.append((condition, then.value))
        otherwise = self.piece(expression.otherwise, scope)
        text = self._choice(choices, otherwise.value)
        return self._nullable(text) if nullable or otherwise.nullable else Piece((), text)

    def _choice(self, choices: list[tuple[str, str]], otherwise: str) -> str:
        """The value of the first choice whose condition is truthy, else ``otherwise``."""
        if len(choices) <= _LONGEST_NESTED_CHOICE:
            chain = "".join(f"{value} if {condition} else " for condition, value in choices)
            return f"({chain}{otherwise})"
        name = self._names.fresh("t")
        met = " or ".join(f"({c} and ({name} := {value}) is {name})" for c, value in choices)
        return f"({name} if {met} else {otherwise})"

    @_piece.register
    def _(self, expression: e.Coalesce, scope: Scope) -> Piece:
        choices: list[tuple[str, str]] = []
        for operand in expression.operands:
            piece = self.piece(operand, scope)
            if not piece.nullable:
                return Piece((), self._choice(choices, piece.core) if choices else piece.core)
            tested, value = once(piece.value, self._names)
            choices.append((f"{tested} is not None", value))
        return self._nullable(self._choice(choices, "None"))

    @_piece.register
    def _(self, expression: e.Cast, scope: Scope) -> Piece:
        operand = self.piece(expression.operand, scope)
        if expression.implicit and isinstance(expression.operand, e.Literal):
            widened = expression.operand.value
            if expression.type.is_floating and isinstance(widened, int):
                return Piece((), constant(float(widened), self._bindings))
        if isinstance(expression.operand, e.Literal) and expression.type in _READ_ONCE:
            value = constant_value(expression.operand)
            return self._constant(None if value is None else cast_constant(expression, value))
        text, may_fail = cast_text(expression, operand.core, self._bindings)
        if text == operand.core:
            return operand
        return self._helper_result(text, operand, may_fail)

    def _class_name(self, data_type: DataType) -> str:
        kind = data_type.python_type
        return self._bindings.bind("Decimal", kind) if kind is Decimal else kind.__name__

    @_piece.register
    def _(self, expression: e.Call, scope: Scope) -> Piece:
        key = expression.function.lower()
        if (declared := FUNCTIONS.get(key)) is not None:
            arguments = [self.piece(argument, scope) for argument in expression.arguments]
            if declared.nulls == "strict" and any(a.core == "None" for a in arguments):
                return self._constant(None)
            given = (self._names, self._bindings, self._ambient)
            text = call_text(expression, arguments, *given)
            if declared.nulls == "strict":
                return self._helper_result(text, strict("", *arguments), declared.may_be_null)
            return self._nullable(text) if expression.nullable else Piece((), text)
        function = self._functions[key]
        text, tested = self._called(function, function.call, expression.arguments, scope)
        convert = self._bindings.bind(
            f"result_of_{function.name}", scalars.result_of(function.name, function.returns)
        )
        wanted = self._class_name(function.returns)
        result = self._names.fresh("t")
        call = f"({result} if ({result} := {text}).__class__ is {wanted} else {convert}({result}))"
        return self._helper_result(call, strict("", *tested))
