"""Typed expressions in both dialects.

Ours have no more parentheses than the precedence of operators asks for, DuckDB's have all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hypothesis import strategies as st

from eventflux.base.types import DataType, wider_numeric

from . import differences as d
from .columns import (
    BOOL,
    COLUMNS,
    DOUBLE,
    ESCAPED,
    FLOAT,
    INT,
    LITERALS,
    LONG,
    NUMERIC,
    ORDERED,
    PATTERNS,
    STRING,
    THEIR_TYPES,
    TYPES,
)

OR, AND, NOT, PREDICATE, CONCAT, SUM, PRODUCT, SIGN, ATOM = range(9)
"""How tightly operators bind, the loosest first."""
_MOST_INTEGER_BITS = 120
_MOST_FLOATING_BITS = 900
_EXACT_IN_DOUBLE = 53


@dataclass(frozen=True)
class Sql:
    """An expression.

    ``bits`` bounds a number: it is less than 2 to its power. ``stored`` says that an integer
    has 64 bits in DuckDB, from where it becomes DOUBLE with one rounding. ``constant`` says
    that it is a literal.
    """

    ours: str
    theirs: str
    type: DataType
    level: int = ATOM
    bits: int = 0
    stored: bool = True
    constant: bool = False

    def at(self, level: int) -> str:
        return self.ours if self.level >= level else f"({self.ours})"

    @property
    def widens(self) -> bool:
        """Whether both engines make the same floating number of it."""
        return self.type.is_floating or self.stored or self.bits <= _EXACT_IN_DOUBLE


@st.composite
def expressions(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    """An expression of ``data_type``; an integer one may be the other integer type."""
    if depth == 0 or draw(st.integers(0, 7)) == 0:
        return draw(_leaf(data_type))
    makers = [_case, _simple_case, _coalesce, _cast, _null_if]
    if data_type is BOOL:
        makers += [_comparison, _comparison, _logical, _logical, _logical, _not, _not]
        makers += [_is_null, _is_null, _in, _in, _between, _like, _distinct]
    elif data_type is STRING:
        makers += [_concat] * 2
    elif data_type.is_numeric:
        makers += [_arithmetic] * 4 + [_negate]
    return draw(draw(st.sampled_from(makers))(data_type, depth - 1))


@st.composite
def _leaf(draw: st.DrawFn, data_type: DataType) -> Sql:
    kind = draw(st.integers(0, 20))
    if kind == 0:
        return Sql("NULL", "NULL", data_type, constant=True)
    if kind <= 15:
        columns = [column for column in COLUMNS if column.type is data_type]
        column = draw(st.sampled_from(columns))
        return Sql(column.name, column.name, data_type, bits=column.bits)
    text = draw(st.sampled_from(LITERALS[data_type]))
    if not data_type.is_numeric:
        return Sql(text, text, data_type, constant=True)
    theirs = d.double_literal(text) if data_type.is_floating else text
    bits = float(text) and max(int(abs(float(text))).bit_length(), 1)
    bits = int(bits) + 1
    if draw(st.integers(0, 3)) == 0:
        return Sql(f"-{text}", f"(-{theirs})", data_type, SIGN, bits, constant=True)
    return Sql(text, theirs, data_type, bits=bits, constant=True)


def _common(operands: Sequence[Sql]) -> DataType:
    common = operands[0].type
    for operand in operands[1:]:
        if common.is_numeric:
            common = wider_numeric(common, operand.type)
    return common


def _joined(operands: Sequence[Sql], ours: str, theirs: str) -> Sql:
    """An expression that gives one of ``operands``."""
    return Sql(
        ours,
        theirs,
        _common(operands),
        bits=max(operand.bits for operand in operands),
        stored=all(operand.stored for operand in operands),
    )


@st.composite
def _numbers(draw: st.DrawFn, data_type: DataType, depth: int, count: int) -> list[Sql]:
    """Numbers whose widest type is at most ``data_type``; the first is nearly of it."""
    types = NUMERIC[: NUMERIC.index(data_type) + 1]
    found = [draw(expressions(data_type, depth))]
    for _ in range(count - 1):
        narrower = draw(st.sampled_from([*types, data_type, data_type]))
        found.append(draw(expressions(narrower, depth)))
    if _common(found).is_floating:
        found = [o if o.widens else draw(_leaf(o.type)) for o in found]
    return found


@st.composite
def _alike(draw: st.DrawFn, data_type: DataType, depth: int, count: int) -> list[Sql]:
    """Operands that may be compared or stand for each other."""
    if data_type.is_numeric:
        found = draw(_numbers(data_type, depth, count))
    else:
        found = [draw(expressions(data_type, depth)) for _ in range(count)]
    return draw(st.permutations(found))


@st.composite
def _arithmetic(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operator = draw(st.sampled_from("++--**%%////" if data_type is DOUBLE else "++--**%%"))
    wanted = draw(st.sampled_from(NUMERIC)) if operator == "/" else data_type
    left, right = draw(_alike(wanted, depth, 2))
    integers = left.type.is_integer and right.type.is_integer
    bits = {
        "*": left.bits + right.bits,
        "/": left.bits + 60,
        "%": left.bits,
    }.get(operator, max(left.bits, right.bits) + 1)
    most = _MOST_INTEGER_BITS if integers and operator != "/" else _MOST_FLOATING_BITS
    lossy = operator == "/" and integers and max(left.bits, right.bits) > _EXACT_IN_DOUBLE
    if bits > most or lossy:
        return draw(_leaf(data_type))
    level = SUM if operator in "+-" else PRODUCT
    ours = f"{left.at(level)} {operator} {right.at(level + 1)}"
    one, other = left.theirs, right.theirs
    if integers:
        one, other = d.exact(one), d.exact(other)
    match operator:
        case "/":
            return Sql(ours, d.quotient(one, other), DOUBLE, level, bits)
        case "%":
            theirs = d.remainder(one, other)
        case _:
            theirs = f"({one} {operator} {other})"
    return Sql(ours, theirs, wider_numeric(left.type, right.type), level, bits, not integers)


@st.composite
def _negate(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(data_type, depth))
    integer = operand.type.is_integer
    return Sql(
        f"-{operand.at(ATOM)}",
        f"(-{d.exact(operand.theirs) if integer else operand.theirs})",
        operand.type,
        SIGN,
        operand.bits + 1,
        stored=not integer,
        constant=operand.constant,
    )


@st.composite
def _case(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    results = draw(_alike(data_type, depth, draw(st.integers(2, 4))))
    whens = [draw(expressions(BOOL, depth)) for _ in results[1:]]
    return _cases(results, whens, None, draw(st.booleans()))


@st.composite
def _simple_case(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    results = draw(_alike(data_type, depth, draw(st.integers(2, 4))))
    compared = draw(_alike(draw(st.sampled_from(TYPES)), depth, len(results)))
    return _cases(results, compared[1:], compared[0], draw(st.booleans()))


def _cases(results: list[Sql], whens: list[Sql], operand: Sql | None, has_else: bool) -> Sql:
    otherwise = results[-1]
    pairs = list(zip(whens, results[:-1], strict=True))
    ours = "".join(f" WHEN {when.ours} THEN {then.ours}" for when, then in pairs)
    theirs = "".join(f" WHEN {when.theirs} THEN {then.theirs}" for when, then in pairs)
    return _joined(
        results if has_else else results[:-1],
        f"CASE{f' {operand.ours}' if operand else ''}{ours}"
        f"{f' ELSE {otherwise.ours}' if has_else else ''} END",
        f"(CASE{f' {operand.theirs}' if operand else ''}{theirs}"
        f"{f' ELSE {otherwise.theirs}' if has_else else ''} END)",
    )


@st.composite
def _coalesce(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operands = draw(_alike(data_type, depth, draw(st.integers(1, 3))))
    return _joined(
        operands,
        f"COALESCE({', '.join(o.ours for o in operands)})",
        f"COALESCE({', '.join(o.theirs for o in operands)})",
    )


@st.composite
def _null_if(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(data_type, depth))
    other = draw(expressions(operand.type, depth))
    if other.type is not operand.type:
        other = draw(_leaf(operand.type))
    if operand.constant:  # would take the other's type
        return operand
    texts = f"NULLIF({operand.ours}, {other.ours})", f"NULLIF({operand.theirs}, {other.theirs})"
    return Sql(*texts, operand.type, bits=operand.bits, stored=operand.stored)


@st.composite
def _concat(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operands = [draw(expressions(STRING, depth)) for _ in range(draw(st.integers(2, 3)))]
    ours = " || ".join(operand.at(SUM) for operand in operands)
    return Sql(ours, f"({' || '.join(o.theirs for o in operands)})", STRING, CONCAT)


@st.composite
def _cast(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(draw(st.sampled_from(TYPES)), depth))
    if data_type.is_floating and not operand.widens:
        operand = draw(_leaf(operand.type))
    word = draw(st.sampled_from(["CAST", "TRY_CAST"]))
    bits = {INT: 32, LONG: 64, FLOAT: 130, DOUBLE: max(operand.bits, 130)}.get(data_type, 0)
    theirs = cast(operand.theirs, operand.type, data_type)
    return Sql(f"{word}({operand.ours} AS {data_type})", theirs, data_type, bits=bits)


def cast(text: str, source: DataType, target: DataType) -> str:
    """``CAST(text AS target)`` as it is here, for DuckDB."""
    name = THEIR_TYPES[target]
    if source is STRING and target.is_integer:
        return d.text_to_integer(text, name)
    if source is STRING and target is BOOL:
        return d.text_to_bool(text)
    if source is STRING and target.is_floating:
        double = d.text_to_double(text)
        return d.to_float(double) if target is FLOAT else double
    if source.is_floating and target.is_integer:
        return d.floating_to_integer(text, name)
    if source is DOUBLE and target is FLOAT:
        return d.to_float(text)
    return f"TRY_CAST({text} AS {name})"


@st.composite
def _comparison(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operator = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "!=", "=="]))
    kinds = TYPES if operator in ("=", "<>", "!=", "==") else ORDERED
    left, right = draw(_alike(draw(st.sampled_from(kinds)), depth, 2))
    ours = f"{left.at(CONCAT)} {operator} {right.at(CONCAT)}"
    return Sql(ours, f"({left.theirs} {operator} {right.theirs})", BOOL, PREDICATE)


@st.composite
def _logical(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    word, level = draw(st.sampled_from([("AND", AND), ("OR", OR)]))
    operands = [draw(expressions(BOOL, depth)) for _ in range(draw(st.integers(2, 3)))]
    ours = f" {word} ".join(operand.at(level) for operand in operands)
    theirs = f" {word} ".join(operand.theirs for operand in operands)
    return Sql(ours, f"({theirs})", BOOL, level)


@st.composite
def _not(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(BOOL, depth))
    return Sql(f"NOT {operand.at(NOT)}", f"(NOT {operand.theirs})", BOOL, NOT)


@st.composite
def _is_null(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(draw(st.sampled_from(TYPES)), depth))
    test = draw(st.sampled_from(["IS NULL", "IS NOT NULL"]))
    return Sql(f"{operand.at(CONCAT)} {test}", f"({operand.theirs} {test})", BOOL, PREDICATE)


def _mixed(operands: Sequence[Sql]) -> bool:
    return len({operand.type.is_floating for operand in operands if operand.type.is_numeric}) > 1


@st.composite
def _in(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    kind = draw(st.sampled_from(TYPES))
    operand, *items = draw(_alike(kind, depth, draw(st.integers(2, 4))))
    if draw(st.booleans()):
        items = [draw(_leaf(o.type)) if draw(st.booleans()) else _constant(draw, o) for o in items]
    word = draw(st.sampled_from(["IN", "NOT IN"]))
    ours = f"{operand.at(CONCAT)} {word} ({', '.join(item.ours for item in items)})"
    if _mixed([operand, *items]):
        pairs = d.in_pairs(operand.theirs, [item.theirs for item in items])
        return Sql(ours, f"(NOT {pairs})" if word == "NOT IN" else pairs, BOOL, PREDICATE)
    theirs = f"({operand.theirs} {word} ({', '.join(item.theirs for item in items)}))"
    return Sql(ours, theirs, BOOL, PREDICATE)


def _constant(draw: st.DrawFn, like: Sql) -> Sql:
    text = draw(st.sampled_from(LITERALS[like.type]))
    theirs = d.double_literal(text) if like.type.is_floating else text
    return Sql(text, theirs, like.type, bits=64, constant=True)


@st.composite
def _between(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operands = draw(_alike(draw(st.sampled_from(ORDERED)), depth, 3))
    operand, low, high = operands
    word = draw(st.sampled_from(["BETWEEN", "NOT BETWEEN"]))
    ours = f"{operand.at(CONCAT)} {word} {low.at(CONCAT)} AND {high.at(CONCAT)}"
    if _mixed(operands):
        pairs = d.between_pairs(operand.theirs, low.theirs, high.theirs)
        return Sql(ours, f"(NOT {pairs})" if word != "BETWEEN" else pairs, BOOL, PREDICATE)
    theirs = f"({operand.theirs} {word} {low.theirs} AND {high.theirs})"
    return Sql(ours, theirs, BOOL, PREDICATE)


@st.composite
def _distinct(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    left, right = draw(_alike(draw(st.sampled_from(TYPES)), depth, 2))
    test = draw(st.sampled_from(["IS DISTINCT FROM", "IS NOT DISTINCT FROM"]))
    ours = f"{left.at(CONCAT)} {test} {right.at(CONCAT)}"
    return Sql(ours, f"({left.theirs} {test} {right.theirs})", BOOL, PREDICATE)


@st.composite
def _like(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(STRING, depth))
    escape = draw(st.sampled_from(["\\", "\\", *ESCAPED]))
    if escape != "\\":
        text = "'" + draw(st.sampled_from(ESCAPED[escape])) + "'"
        pattern = Sql(text, text, STRING)
    elif draw(st.integers(0, 3)):
        text = "'" + draw(st.sampled_from(PATTERNS)) + "'"
        pattern = Sql(text, text, STRING)
    else:
        pattern = draw(expressions(STRING, depth))
    word = draw(st.sampled_from(["LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE"]))
    ours = f"{operand.at(CONCAT)} {word} {pattern.at(CONCAT)}"
    theirs = f"({operand.theirs} {word} {pattern.theirs} ESCAPE '{escape}')"
    return Sql(ours if escape == "\\" else f"{ours} ESCAPE '{escape}'", theirs, BOOL, PREDICATE)


class Query(NamedTuple):
    """What to select of each row, and which rows."""

    items: list[Sql]
    condition: Sql | None


@st.composite
def queries(draw: st.DrawFn) -> Query:
    depth = st.sampled_from([1, 2, 2, 3])
    kinds = st.sampled_from(TYPES)
    items = [draw(expressions(draw(kinds), draw(depth))) for _ in range(draw(st.integers(1, 3)))]
    condition = draw(expressions(BOOL, draw(depth))) if draw(st.integers(0, 3)) else None
    return Query(items, condition)
