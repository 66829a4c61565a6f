"""Typed SQL expressions, written for EventFlux and for DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from eventflux.base.types import DataType, wider_numeric

from . import differences as d

STRING, INT, LONG = DataType.STRING, DataType.INT, DataType.LONG
FLOAT, DOUBLE, BOOL = DataType.FLOAT, DataType.DOUBLE, DataType.BOOL
TYPES = (STRING, INT, LONG, FLOAT, DOUBLE, BOOL)
NUMERIC = (INT, LONG, FLOAT, DOUBLE)
DUCKDB_TYPES = {
    STRING: "VARCHAR", INT: "INTEGER", LONG: "BIGINT", FLOAT: "DOUBLE", DOUBLE: "DOUBLE",
    BOOL: "BOOLEAN",
}  # fmt: skip


@dataclass(frozen=True)
class Sql:
    """One expression in both dialects.

    ``bits`` bounds a number's size. ``native`` says that DuckDB holds an integer in 64 bits,
    so that making a floating number of it rounds once, as here.
    """

    ours: str
    theirs: str
    type: DataType
    bits: int = 0
    native: bool = True


@dataclass(frozen=True)
class TableColumn:
    name: str
    type: DataType
    nullable: bool
    values: st.SearchStrategy[Any]
    bits: int = 0

    @property
    def strategy(self) -> st.SearchStrategy[Any]:
        return st.none() | self.values if self.nullable else self.values


TEXTS = [
    "", "a", "A", "ab", "b", "a%b", "a_c", "it's", "é", "🎉", " 12 ", "12", "-7", "+5", "1.5",
    "1e3", "1_000", "true", "T", "t", "Yes", "no", "0", " FALSE\n", "0x10", "back\\slash",
    "line\nbreak", "2147483648", "99999999999999999999", "NULL", "abcab", '"', "-- x", "\t3",
]  # fmt: skip
_INTS = st.integers(-4, 12) | st.sampled_from([2**31 - 1, -(2**31), 65536])
_LONGS = st.integers(-4, 12) | st.sampled_from([2**63 - 1, -(2**63), 2**53 + 1, 2**31])
_SMALL_LONGS = st.integers(-(2**40), 2**40) | st.integers(-2, 3)
_DOUBLES = st.integers(-40, 40).map(lambda quarters: quarters / 4) | st.sampled_from(
    [0.1, -0.0, 1e-3, 1e9 + 0.5, 2147483647.5]
)
_WIDE = st.sampled_from([1e16, 1e15, 9.3e18, -9.3e18, 4e38, 1.5e-7, 123456789.25, 2.0**63, 3.0])
_HALVES = st.integers(-20, 20).map(lambda halves: halves / 2)

COLUMNS = (
    TableColumn("i", INT, True, _INTS, 32),
    TableColumn("i0", INT, False, _INTS, 32),
    TableColumn("l", LONG, True, _LONGS, 64),
    TableColumn("l0", LONG, False, _SMALL_LONGS, 41),
    TableColumn("f", FLOAT, True, _HALVES, 20),
    TableColumn("f0", FLOAT, False, _HALVES, 20),
    TableColumn("d", DOUBLE, True, _DOUBLES, 40),
    TableColumn("d0", DOUBLE, False, _DOUBLES, 40),
    TableColumn("w", DOUBLE, True, _WIDE, 130),
    TableColumn("s", STRING, True, st.sampled_from(TEXTS)),
    TableColumn("s0", STRING, False, st.sampled_from(TEXTS)),
    TableColumn("b", BOOL, True, st.booleans()),
    TableColumn("b0", BOOL, False, st.booleans()),
)

MOST_INTEGER_BITS = 120
MOST_FLOATING_BITS = 900


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def rows() -> st.SearchStrategy[tuple[Any, ...]]:
    """One value for each of :data:`COLUMNS`."""
    return st.tuples(*(column.strategy for column in COLUMNS))


@st.composite
def expressions(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    """An expression of ``data_type`` (an integer one may be INT or LONG)."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(_leaf(data_type))
    makers = [_case, _simple_case, _coalesce, _cast]
    if data_type is BOOL:
        makers += [_comparison, _logical, _logical, _not, _is_null, _in, _between, _like]
    elif data_type is not STRING:
        makers += [_arithmetic, _arithmetic, _negate]
    return draw(draw(st.sampled_from(makers))(data_type, depth - 1))


@st.composite
def _leaf(draw: st.DrawFn, data_type: DataType) -> Sql:
    columns = [column for column in COLUMNS if column.type is data_type]
    if draw(st.integers(0, 3)):
        column = draw(st.sampled_from(columns))
        return Sql(column.name, column.name, data_type, column.bits)
    return draw(_literal(data_type))


@st.composite
def _literal(draw: st.DrawFn, data_type: DataType) -> Sql:
    if data_type is STRING:
        text = quoted(draw(st.sampled_from(TEXTS)))
        return Sql(text, text, STRING)
    if data_type is BOOL:
        text = draw(st.sampled_from(["TRUE", "false"]))
        return Sql(text, text, BOOL)
    if data_type.is_integer:
        large = [2147483648, -9223372036854775808] if data_type is LONG else [2147483647]
        number = draw(st.integers(-3, 9) | st.sampled_from(large))
        return Sql(str(number), str(number), data_type, 64 if data_type is LONG else 32)
    text = draw(st.sampled_from(["1.5", "0.0", "0.1", "2e0", "1.5e-3", "100.", "-2.25"]))
    return Sql(text, d.decimal_literal(text), data_type, 20)


def _fits(*operands: Sql) -> bool:
    """Whether making a floating number of them rounds alike in both."""
    return all(
        operand.type.is_floating or operand.native or operand.bits <= 53 for operand in operands
    )


def _common(*operands: Sql) -> tuple[DataType, int, bool]:
    """The type of a value that is one of ``operands``, its bits, whether it is native."""
    common = operands[0].type
    for operand in operands[1:]:
        if common.is_numeric:
            common = wider_numeric(common, operand.type)
    bits = max(operand.bits for operand in operands)
    return common, bits, all(operand.native for operand in operands)


@st.composite
def _arithmetic(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operator = draw(st.sampled_from("+-*/%" if data_type is DOUBLE else "+-*%"))
    left_type = draw(st.sampled_from(NUMERIC)) if operator == "/" else data_type
    left = draw(expressions(left_type, depth))
    right_type = draw(st.sampled_from(NUMERIC[: NUMERIC.index(left.type) + 1]))
    right = draw(expressions(right_type, depth))
    if draw(st.booleans()):
        left, right = right, left
    integers = left.type.is_integer and right.type.is_integer
    bits = max(left.bits, right.bits) + 1
    if operator == "*":
        bits = left.bits + right.bits
    elif operator == "/":
        bits = left.bits + 120
    too_large = bits > (MOST_INTEGER_BITS if integers and operator != "/" else MOST_FLOATING_BITS)
    inexact = operator == "/" and integers and max(left.bits, right.bits) > 53
    if too_large or inexact or not (integers or _fits(left, right)):
        return left if left.type is data_type else draw(_leaf(data_type))
    ours = f"({left.ours} {operator} {right.ours})"
    one, other = left.theirs, right.theirs
    if integers:
        one, other = d.exact(one), d.exact(other)
    if operator == "/":
        return Sql(ours, d.divided(one, other), DOUBLE, bits)
    result = wider_numeric(left.type, right.type)
    theirs = d.remainder(one, other) if operator == "%" else f"({one} {operator} {other})"
    return Sql(ours, theirs, result, bits, native=not integers)


@st.composite
def _negate(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(data_type, depth))
    integer = operand.type.is_integer
    theirs = d.exact(operand.theirs) if integer else operand.theirs
    return Sql(
        f"(- {operand.ours})", f"(- {theirs})", operand.type, operand.bits + 1, native=not integer
    )


@st.composite
def _case(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    branches = draw(st.integers(1, 3))
    conditions = [draw(expressions(BOOL, depth)) for _ in range(branches)]
    results = draw(_alike(data_type, depth, branches + 1))
    has_else = draw(st.booleans())
    if not has_else:
        results.pop()

    def text(dialect: str) -> str:
        pairs = zip(conditions, results, strict=False)
        whens = " ".join(f"WHEN {getattr(c, dialect)} THEN {getattr(r, dialect)}" for c, r in pairs)
        otherwise = f" ELSE {getattr(results[-1], dialect)}" if has_else else ""
        return f"CASE {whens}{otherwise} END"

    return Sql(text("ours"), text("theirs"), *_common(*results))


@st.composite
def _simple_case(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    branches = draw(st.integers(1, 3))
    compared = draw(_comparable(depth, branches + 1))
    results = draw(_alike(data_type, depth, branches + 1))

    def text(dialect: str) -> str:
        operand, *whens = (getattr(c, dialect) for c in compared)
        *thens, otherwise = (getattr(r, dialect) for r in results)
        pairs = " ".join(f"WHEN {w} THEN {t}" for w, t in zip(whens, thens, strict=True))
        return f"CASE {operand} {pairs} ELSE {otherwise} END"

    return Sql(text("ours"), text("theirs"), *_common(*results))


@st.composite
def _coalesce(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operands = draw(_alike(data_type, depth, draw(st.integers(1, 3))))
    if draw(st.booleans()):
        operands.insert(0, Sql("NULL", "NULL", data_type))
    ours = ", ".join(operand.ours for operand in operands)
    theirs = ", ".join(operand.theirs for operand in operands)
    return Sql(f"COALESCE({ours})", f"COALESCE({theirs})", *_common(*operands))


@st.composite
def _alike(draw: st.DrawFn, data_type: DataType, depth: int, count: int) -> list[Sql]:
    """Operands whose common type is ``data_type``; narrower ones and NULL among them."""
    found = [draw(expressions(data_type, depth)) for _ in range(count)]
    for index in range(1, count):
        kind = draw(st.integers(0, 4))
        if kind == 0:
            found[index] = Sql("NULL", "NULL", data_type)
        elif kind == 1 and data_type.is_floating:
            narrow = draw(expressions(draw(st.sampled_from([INT, LONG])), depth))
            if _fits(narrow):
                found[index] = narrow
    return found


@st.composite
def _comparable(draw: st.DrawFn, depth: int, count: int, ordered: bool = False) -> list[Sql]:
    """Operands that may be compared with each other."""
    data_type = draw(st.sampled_from([t for t in TYPES if not ordered or t is not BOOL]))
    if not data_type.is_numeric:
        return [draw(expressions(data_type, depth)) for _ in range(count)]
    integers = [draw(expressions(draw(st.sampled_from([INT, LONG])), depth)) for _ in range(count)]
    if data_type.is_integer:
        return integers
    return [
        integer
        if draw(st.integers(0, 3)) == 0 and _fits(integer)
        else draw(expressions(draw(st.sampled_from([FLOAT, DOUBLE])), depth))
        for integer in integers
    ]


@st.composite
def _cast(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(draw(st.sampled_from(TYPES)), depth))
    if data_type.is_floating and not _fits(operand) and operand.type is not STRING:
        operand = draw(_leaf(operand.type))
    ours = f"{draw(st.sampled_from(['CAST', 'TRY_CAST']))}({operand.ours} AS {data_type})"
    bits = {INT: 32, LONG: 64, FLOAT: 130, DOUBLE: max(operand.bits, 130)}.get(data_type, 0)
    return Sql(ours, cast_for_duckdb(operand.theirs, operand.type, data_type), data_type, bits)


def cast_for_duckdb(text: str, source: DataType, target: DataType) -> str:
    """``CAST(text AS target)`` with the meaning that it has here."""
    name = DUCKDB_TYPES[target]
    if source is STRING and target.is_integer:
        return d.text_to_integer(text, name)
    if source is STRING and target is BOOL:
        return d.text_to_bool(text)
    if source is STRING and target is FLOAT:
        return d.to_float(d.text_to_double(text))
    if source is STRING and target is DOUBLE:
        return d.text_to_double(text)
    if source.is_floating and target.is_integer:
        return d.floating_to_integer(text, name)
    if source is DOUBLE and target is FLOAT:
        return d.to_float(text)
    return f"TRY_CAST({text} AS {name})"


@st.composite
def _comparison(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operator = draw(st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">=", "=="]))
    ordered = operator not in ("=", "<>", "!=", "==")
    left, right = draw(_comparable(depth, 2, ordered))
    return Sql(
        f"({left.ours} {operator} {right.ours})", f"({left.theirs} {operator} {right.theirs})", BOOL
    )


@st.composite
def _logical(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operator = draw(st.sampled_from([" AND ", " OR "]))
    operands = [draw(expressions(BOOL, depth)) for _ in range(draw(st.integers(2, 3)))]
    if draw(st.integers(0, 4)) == 0:
        operands.append(Sql("NULL", "NULL", BOOL))
    return Sql(
        f"({operator.join(o.ours for o in operands)})",
        f"({operator.join(o.theirs for o in operands)})",
        BOOL,
    )


@st.composite
def _not(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(BOOL, depth))
    return Sql(f"(NOT {operand.ours})", f"(NOT {operand.theirs})", BOOL)


@st.composite
def _is_null(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(draw(st.sampled_from(TYPES)), depth))
    test = draw(st.sampled_from(["IS NULL", "IS NOT NULL"]))
    return Sql(f"({operand.ours} {test})", f"({operand.theirs} {test})", BOOL)


@st.composite
def _in(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand, *items = draw(_comparable(depth, draw(st.integers(2, 5))))
    if draw(st.booleans()):
        literals = [draw(_literal(operand.type)) for _ in items]
        items = [literal if literal.type is operand.type else items[0] for literal in literals]
    if draw(st.integers(0, 3)) == 0:
        items.append(Sql("NULL", "NULL", operand.type))
    negation = draw(st.sampled_from(["", "NOT "]))
    ours, theirs = ", ".join(i.ours for i in items), ", ".join(i.theirs for i in items)
    return Sql(
        f"({operand.ours} {negation}IN ({ours}))", f"({operand.theirs} {negation}IN ({theirs}))",
        BOOL,
    )  # fmt: skip


@st.composite
def _between(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operands = draw(_comparable(depth, 3, ordered=True))
    if draw(st.integers(0, 5)) == 0:
        operands[draw(st.integers(1, 2))] = Sql("NULL", "NULL", operands[0].type)
    operand, low, high = operands
    negation = draw(st.sampled_from(["", "NOT "]))
    return Sql(
        f"({operand.ours} {negation}BETWEEN {low.ours} AND {high.ours})",
        f"({operand.theirs} {negation}BETWEEN {low.theirs} AND {high.theirs})",
        BOOL,
    )


PATTERN_PARTS = ["%", "_", "a", "b", r"\%", r"\_", r"\\", "é", "ab", "%%"]


@st.composite
def _like(draw: st.DrawFn, data_type: DataType, depth: int) -> Sql:
    operand = draw(expressions(STRING, depth))
    if draw(st.integers(0, 2)):
        text = quoted("".join(draw(st.lists(st.sampled_from(PATTERN_PARTS), max_size=4))))
        pattern = Sql(text, text, STRING)
    else:
        pattern = draw(_leaf(STRING))
    negation = draw(st.sampled_from(["", "NOT "]))
    return Sql(
        f"({operand.ours} {negation}LIKE {pattern.ours})",
        f"({d.like(f'{operand.theirs} {negation}'.rstrip(), pattern.theirs)})",
        BOOL,
    )
