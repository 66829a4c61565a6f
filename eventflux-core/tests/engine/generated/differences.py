"""Where EventFlux and DuckDB are known to differ, and why; anything else fails.

Each difference is how the tests write an expression for DuckDB so that it means what it
means here, with an example on which the two disagree when it is written alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """``example`` gives ``ours`` here, and something else in DuckDB."""

    name: str
    reason: str
    example: str
    ours: Any


DIFFERENCES = (
    Difference(
        "division by zero",
        "NULL: JSON has no infinity, and an error would cost the row",
        "1 / 0",
        None,
    ),
    Difference("remainder by zero", "NULL, as for division", "1.5e0 % 0", None),
    Difference(
        "integers never wrap and overflow only where they are stored",
        "they are exact while an expression is computed",
        "CAST(2147483647 AS INT) + CAST(1 AS INT)",
        2147483648,
    ),
    Difference("a failed CAST", "NULL: no value may stop an app", "CAST('x' AS INT)", None),
    Difference(
        "CAST of a floating number to an integer",
        "truncates towards zero, as Python and most languages do; DuckDB rounds",
        "CAST(9.99 AS INT)",
        9,
    ),
    Difference(
        "CAST of a text that is not a plain integer to one",
        "NULL rather than a number that is not in the text",
        "CAST('1.5' AS INT)",
        None,
    ),
    Difference("… or has an exponent", "as above", "CAST('1e3' AS INT)", None),
    Difference("… or underscores", "as above", "CAST('1_000' AS INT)", None),
    Difference("… or is hexadecimal", "as above", "CAST('0x10' AS INT)", None),
    Difference("… or a number with underscores", "as above", "CAST('1_0.5' AS DOUBLE)", None),
    Difference(
        "CAST of a text to BOOL",
        "true, 1, yes and false, 0, no are all there is",
        "CAST('t' AS BOOL)",
        None,
    ),
    Difference(
        "… surrounded by spaces", "trimmed as before numbers", "CAST(' TRUE ' AS BOOL)", True
    ),
    Difference(
        "a literal with a point",
        "is DOUBLE; DuckDB's is DECIMAL, exact",
        "0.1 + 0.2 = 0.3",
        False,
    ),
    Difference(
        "the escape character of LIKE",
        "a backslash without being asked; DuckDB has none without ESCAPE",
        r"'a_c' LIKE 'a\_c'",
        True,
    ),
    Difference(
        "FLOAT",
        "64 bits in memory; DuckDB's has 32, so the tests give it a DOUBLE",
        "CAST(0.1e0 AS FLOAT) = 0.1e0",
        True,
    ),
    Difference(
        "NaN",
        "compares as IEEE 754 says; DuckDB's is equal to itself",
        "CAST('nan' AS DOUBLE) = CAST('nan' AS DOUBLE)",
        False,
    ),
)

INTEGER_TEXT = r"\s*[+-]?[0-9]+\s*"
NUMBER_TEXT = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
LARGEST_FLOAT = "3.4028234663852886e38"


def divided(left: str, right: str) -> str:
    return f"({left} / nullif({right}, 0))"


def remainder(left: str, right: str) -> str:
    return f"({left} % nullif({right}, 0))"


def exact(integer: str) -> str:
    """An integer with room for what is computed of it."""
    return f"CAST({integer} AS HUGEINT)"


def decimal_literal(text: str) -> str:
    return text if "e" in text else f"{text}e0"


def like(operand: str, pattern: str) -> str:
    return rf"{operand} LIKE {pattern} ESCAPE '\'"


def text_to_integer(text: str, target: str) -> str:
    trimmed = rf"trim({text}, E' \t\n')"
    return (
        f"CASE WHEN regexp_full_match({text}, '{INTEGER_TEXT}')"
        f" THEN TRY_CAST({trimmed} AS {target}) END"
    )


def text_to_double(text: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({text}, '{NUMBER_TEXT}') THEN TRY_CAST({text} AS DOUBLE) END"
    )


def text_to_bool(text: str) -> str:
    folded = rf"lower(trim({text}, E' \t\n'))"
    return (
        f"CASE WHEN {folded} IN ('true', '1', 'yes') THEN TRUE"
        f" WHEN {folded} IN ('false', '0', 'no') THEN FALSE END"
    )


def floating_to_integer(number: str, target: str) -> str:
    return f"TRY_CAST(trunc({number}) AS {target})"


def to_float(number: str) -> str:
    fits = f"abs({number}) <= {LARGEST_FLOAT} OR isinf(CAST({number} AS DOUBLE))"
    return f"CASE WHEN {fits} THEN CAST({number} AS DOUBLE) END"
