"""What an expression of a plan means for one row, by recursion (semantics 2)."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventflux.base.types import DataType
from eventflux.planner import expressions as e
from eventflux.spi.functions import ScalarFunction

from . import functions

Value = Any
"""A Python value, or ``None`` for NULL."""


@dataclass(frozen=True)
class Environment:
    """What the names of an expression stand for."""

    row: Mapping[str, Value]
    keys: Sequence[Value] = ()
    aggregates: Sequence[Value] = ()
    elements: Sequence[Value] = ()
    window: tuple[int, int] = (0, 0)
    functions: Mapping[str, ScalarFunction] = field(default_factory=dict)


def evaluate(expression: e.Expression, env: Environment) -> Value:
    """Its value for the row, ``None`` for NULL; raises what a function raises."""

    def value(operand: e.Expression) -> Value:
        return evaluate(operand, env)

    match expression:
        case e.Literal():
            return expression.value
        case e.Column():
            return env.row[expression.name]
        case e.KeyValue():
            return env.keys[expression.index]
        case e.AggregateValue():
            return env.aggregates[expression.index]
        case e.Element():
            return env.elements[expression.index]
        case e.WindowBound():
            return env.window[0 if expression.which == "start" else 1]
        case e.Arithmetic():
            return _arithmetic(expression.operator, value(expression.left), value(expression.right))
        case e.Negate():
            operand = value(expression.operand)
            return None if operand is None else -operand
        case e.Comparison():
            return compare(expression.operator, value(expression.left), value(expression.right))
        case e.Logical(operator="AND"):
            return all_of([value(operand) for operand in expression.operands])
        case e.Logical():
            return any_of([value(operand) for operand in expression.operands])
        case e.Not():
            return negate(value(expression.operand))
        case e.IsNull():
            return (value(expression.operand) is None) != expression.negated
        case e.InList():
            operand = value(expression.operand)
            return any_of([compare("=", operand, value(item)) for item in expression.items])
        case e.Between():
            operand = value(expression.operand)
            return all_of(
                [
                    compare(">=", operand, value(expression.low)),
                    compare("<=", operand, value(expression.high)),
                ]
            )
        case e.Like():
            return like(
                value(expression.operand),
                value(expression.pattern),
                expression.escape,
                expression.ignore_case,
            )
        case e.Distinct():
            left, right = value(expression.left), value(expression.right)
            same = (left is None and right is None) or compare("=", left, right) is True
            return same == expression.negated
        case e.Concat():
            texts = [value(operand) for operand in expression.operands]
            return None if None in texts else "".join(map(str, texts))
        case e.NullIf():
            operand = value(expression.operand)
            return None if compare("=", operand, value(expression.other)) is True else operand
        case e.Case():
            for branch in expression.branches:
                met = value(branch.when)
                if expression.operand is not None:
                    met = compare("=", value(expression.operand), met)
                if met is True:
                    return value(branch.then)
            return value(expression.otherwise)
        case e.Cast():
            operand = value(expression.operand)
            return None if operand is None else cast(operand, expression.type)
        case e.Coalesce():
            found = (value(operand) for operand in expression.operands)
            return next((operand for operand in found if operand is not None), None)
        case e.Call():
            function = env.functions.get(expression.function.lower())
            arguments = [value(argument) for argument in expression.arguments]
            if function is None:
                return functions.call(expression.function, arguments)
            if any(a is None and function.is_strict(at) for at, a in enumerate(arguments)):
                return None
            return function.call(*arguments)
    raise TypeError(f"the oracle doesn't know {type(expression).__name__}")


def _arithmetic(symbol: str, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if symbol in "/%" and right == 0:
        return None
    if symbol == "%":
        if isinstance(left, int) and isinstance(right, int):
            return left - right * _toward_zero(left, right)
        return math.nan if math.isinf(left) else math.fmod(left, right)
    return _ARITHMETIC[symbol](left, right)


_ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def _toward_zero(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def compare(symbol: str, left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    result: bool = _COMPARISONS[symbol](left, right)
    return result


_COMPARISONS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def all_of(values: Sequence[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def any_of(values: Sequence[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


def negate(value: bool | None) -> bool | None:
    return None if value is None else not value


def like(text: str | None, pattern: str | None, escape: str, ignore_case: bool) -> bool | None:
    if text is None or pattern is None:
        return None
    if ignore_case:
        assert escape.lower() == escape.upper(), "the patterns tried escape with a sign"
        text, pattern = text.lower(), pattern.lower()
    return _matches(text, _pattern_tokens(pattern, escape))


def _matches(text: str, tokens: list[object]) -> bool:
    """By the positions of the pattern that can be reached after each character."""
    reached = _past_runs({0}, tokens)
    for character in text:
        following = set()
        for at in reached:
            if at == len(tokens):
                continue
            if tokens[at] is _RUN:
                following.add(at)
            elif tokens[at] is _ONE or tokens[at] == character:
                following.add(at + 1)
        reached = _past_runs(following, tokens)
    return len(tokens) in reached


_RUN, _ONE = object(), object()


def _pattern_tokens(pattern: str, escape: str) -> list[object]:
    tokens: list[object] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            tokens.append(next(characters, escape))
        else:
            tokens.append({"%": _RUN, "_": _ONE}.get(character, character))
    return tokens


def _past_runs(reached: set[int], tokens: Sequence[object]) -> set[int]:
    for at, token in enumerate(tokens):
        if at in reached and token is _RUN:
            reached.add(at + 1)
    return reached


INTEGER_RANGES = {DataType.INT: (-(2**31), 2**31 - 1), DataType.LONG: (-(2**63), 2**63 - 1)}
LARGEST_FLOAT = (2 - 2**-23) * 2.0**127


def cast(value: Value, target: DataType) -> Value:
    """A value that is not NULL as ``target``; ``None`` where that can't be (semantics 2.7)."""
    if target is DataType.STRING:
        return str(value).lower() if isinstance(value, bool) else str(value)
    if target is DataType.BOOL:
        return _text_as_bool(value) if isinstance(value, str) else value != 0
    if target in INTEGER_RANGES:
        return _as_integer(value, *INTEGER_RANGES[target])
    return _as_floating(value, target)


def _text_as_bool(text: str) -> bool | None:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    return known.get(text.strip().lower())


def _as_integer(value: Value, low: int, high: int) -> int | None:
    if isinstance(value, str):
        text = value.strip()
        if not re.fullmatch("[+-]?[0-9]+", text):
            return None
        value = int(text)
    elif isinstance(value, float) and not math.isfinite(value):
        return None
    value = int(value)
    return value if low <= value <= high else None


def _as_floating(value: Value, target: DataType) -> float | None:
    if isinstance(value, str):
        text = value.strip().lower()
        if "_" in text or not text.isascii():
            return None
        try:
            number = float(text)
        except ValueError:
            return None
    else:
        number = float(value)
    too_large = target is DataType.FLOAT and LARGEST_FLOAT < abs(number) < math.inf
    return None if too_large else number
