r"""The differences from DuckDB that are allowed, each with its reason; anything else fails.

``example`` gives ``ours`` here and not in DuckDB, which a test of its own checks; where it
has to be written in another way there, ``theirs`` is that. The functions below say for
DuckDB what an expression means here; where no short SQL says it, it is *not generated*.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Difference:
    name: str
    reason: str
    example: str
    ours: Any
    theirs: str | None = None


DIFFERENCES = (
    Difference(
        "division by zero",
        "gives NULL: JSON knows no infinity, and an error would cost the whole row",
        "1 / 0",
        None,
    ),
    Difference("remainder of integers by zero", "gives NULL, as division does", "7 % 0 = 7", None),
    Difference(
        "remainder of floating numbers by zero",
        "gives NULL, as division does; DuckDB gives NaN",
        "7e0 % 0e0",
        None,
    ),
    Difference(
        "integer overflow",
        "integers are exact until they are stored; DuckDB's expressions get HUGEINT operands",
        "CAST(CAST('9223372036854775807' AS LONG) + 1 AS STRING)",
        "9223372036854775808",
    ),
    Difference(
        "a CAST that fails",
        "gives NULL, for no value may stop an app; DuckDB gets TRY_CAST",
        "CAST('x' AS INT)",
        None,
    ),
    Difference(
        "floating number to integer",
        "truncates toward zero, as most languages do; DuckDB rounds",
        "CAST(9.99e0 AS INT)",
        9,
    ),
    Difference(
        "text with a point to integer",
        "gives NULL rather than a number that the text does not show",
        "CAST('1.5' AS INT)",
        None,
    ),
    Difference(
        "text with an exponent to integer", "gives NULL, as above", "CAST('1e3' AS INT)", None
    ),
    Difference(
        "text with underscores to integer", "gives NULL, as above", "CAST('1_000' AS INT)", None
    ),
    Difference(
        "text with underscores to a floating number",
        "gives NULL, as above",
        "CAST('1_0.5' AS DOUBLE)",
        None,
    ),
    Difference("hexadecimal text", "gives NULL, as above", "CAST('0x10' AS INT)", None),
    Difference(
        "text to BOOL",
        "knows true, 1, yes, false, 0 and no; DuckDB also knows t, f, y, n",
        "CAST('t' AS BOOL)",
        None,
    ),
    Difference(
        "text with spaces to BOOL",
        "is trimmed, as a text is that becomes a number",
        "CAST(' true ' AS BOOL)",
        True,
    ),
    Difference(
        "a literal with a point",
        "is DOUBLE; DuckDB's is DECIMAL, so it gets an exponent",
        "0.1 + 0.2 = 0.3",
        False,
    ),
    Difference(
        "LIKE without ESCAPE",
        r"has \ for escaping; DuckDB has no escape character until ESCAPE names one",
        r"'a_c' LIKE 'a\_c'",
        True,
    ),
    Difference(
        "a LIKE pattern that ends in its escape character",
        "means that character, DuckDB refuses it; not generated",
        r"'a\' LIKE 'a\'",
        True,
        r"'a\' LIKE 'a\' ESCAPE '\'",
    ),
    Difference(
        "FLOAT",
        "has 64 bits in memory; DuckDB's has 32, so it gets DOUBLE columns",
        "CAST(0.1e0 AS FLOAT) = 0.1e0",
        True,
    ),
    Difference(
        "NaN",
        "equals nothing, as in IEEE 754; DuckDB's equals itself; not generated",
        "CAST('nan' AS DOUBLE) = CAST('nan' AS DOUBLE)",
        False,
    ),
    Difference(
        "IN that mixes integers and floating numbers",
        "is = with each item, in the type of the two; DuckDB makes all of them DOUBLE",
        "9007199254740992 IN (0.5e0, CAST('9007199254740993' AS LONG))",
        False,
    ),
    Difference(
        "BETWEEN that mixes integers and floating numbers",
        "is >= and <=, each in the type of its two; DuckDB makes all three DOUBLE",
        "CAST('9007199254740992' AS LONG) BETWEEN CAST('9007199254740993' AS LONG) AND 1e30",
        False,
    ),
    Difference(
        "rounding to the digits of a DECIMAL",
        "is half even; DuckDB rounds half away from zero; not generated",
        "CAST(CAST('1.005' AS DECIMAL(10, 3)) AS DECIMAL(10, 2))",
        Decimal("1.00"),
    ),
    Difference(
        "quotients of DECIMALs",
        "are DECIMAL, of 28 digits; DuckDB's are DOUBLE; not generated",
        "CAST('1' AS DECIMAL(5, 2)) / 3",
        Decimal("0.3333333333333333333333333333"),
    ),
    Difference(
        "TIMESTAMP to text",
        "is ISO-8601 with T and Z; DuckDB writes a space and no zone; not generated",
        "CAST(CAST('2024-05-01 10:00:00' AS TIMESTAMP) AS STRING)",
        "2024-05-01T10:00:00Z",
    ),
    Difference(
        "quotients of integers beyond 2 to the 53rd",
        "are rounded once, from the exact integers; DuckDB makes both DOUBLE first; "
        "not generated, nor are floating numbers of such sums and products",
        "CAST('9007199254740993' AS LONG) / 3 = 9007199254740993e0 / 3e0",
        False,
    ),
    Difference(
        "log(x)",
        "is the natural logarithm, as in most languages; DuckDB's has the base 10",
        "round(log(1000), 3)",
        6.908,
    ),
    Difference("concat with a NULL", "gives NULL, as || does", "concat('a', NULL)", None),
    Difference(
        "substring from below the first character",
        "begins at the first; DuckDB counts the characters that are not there",
        "substring('HelloWorld', 0, 5)",
        "Hello",
    ),
    Difference(
        "left with a negative length",
        "gives the empty text; DuckDB leaves out so many characters",
        "left('abc', -1)",
        "",
    ),
    Difference(
        "right with a negative length", "gives the empty text, as above", "right('abc', -1)", ""
    ),
    Difference("ascii of the empty text", "gives NULL; DuckDB gives 0", "ascii('')", None),
    Difference(
        "trim",
        "takes off all white space; DuckDB takes off blanks",
        "length(trim(chr(9) || 'a '))",
        1,
    ),
    Difference(
        "instr",
        "takes what it looks for first, as locate and position do; DuckDB takes it second",
        "instr('b', 'abc')",
        2,
    ),
    Difference(
        "dateDiff",
        "counts whole units that have passed; DuckDB's date_diff counts the limits between",
        "dateDiff('day', CAST('2024-01-01T23:00:00Z' AS TIMESTAMP), "
        "CAST('2024-01-02T01:00:00Z' AS TIMESTAMP))",
        0,
        "date_diff('day', TIMESTAMP '2024-01-01 23:00:00', TIMESTAMP '2024-01-02 01:00:00')",
    ),
    Difference(
        "roots and logarithms that don't exist",
        "give NULL; DuckDB raises an error",
        "sqrt(-1e0)",
        None,
    ),
)
"""Sums beyond 128 bits don't occur: what is added is smaller. The order of groups is that of
their first rows here and undefined there: DuckDB is told to sort by it."""

_INTEGER_TEXT = r"\s*[+-]?[0-9]+\s*"
_NUMBER_TEXT = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
_LARGEST_FLOAT = "3.4028234663852886e38"


def quotient(left: str, right: str) -> str:
    return f"({left} / nullif({right}, 0))"


def remainder(left: str, right: str) -> str:
    return f"({left} % nullif({right}, 0))"


def exact(integer: str) -> str:
    """An integer with room for what is computed of it."""
    return f"CAST({integer} AS HUGEINT)"


def double_literal(text: str) -> str:
    return text if "e" in text.lower() else f"{text}e0"


def in_pairs(operand: str, items: list[str]) -> str:
    return "(" + " OR ".join(f"({operand} = {item})" for item in items) + ")"


def between_pairs(operand: str, low: str, high: str) -> str:
    return f"(({operand} >= {low}) AND ({operand} <= {high}))"


def text_to_integer(text: str, target: str) -> str:
    trimmed = rf"trim({text}, E' \t\n')"
    matches = f"regexp_full_match({text}, '{_INTEGER_TEXT}')"
    return f"(CASE WHEN {matches} THEN TRY_CAST({trimmed} AS {target}) END)"


def text_to_double(text: str) -> str:
    matches = f"regexp_full_match({text}, '{_NUMBER_TEXT}')"
    return f"(CASE WHEN {matches} THEN TRY_CAST({text} AS DOUBLE) END)"


def text_to_bool(text: str) -> str:
    folded = rf"lower(trim({text}, E' \t\n'))"
    return (
        f"(CASE WHEN {folded} IN ('true', '1', 'yes') THEN TRUE"
        f" WHEN {folded} IN ('false', '0', 'no') THEN FALSE END)"
    )


def floating_to_integer(number: str, target: str) -> str:
    return f"TRY_CAST(trunc({number}) AS {target})"


def to_float(number: str) -> str:
    """What fits in 32 bits, infinity too, at the 64 bits that it has here."""
    double = f"CAST({number} AS DOUBLE)"
    return f"(CASE WHEN abs({double}) <= {_LARGEST_FLOAT} OR isinf({double}) THEN {double} END)"
