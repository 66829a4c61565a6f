"""The vocabulary in which expressions are handed to sqlglot."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import TokenType

from eventflux.base.types import DataType
from eventflux.sql.ast import TypeName

CALL_MARK = "call "
"""Stands before a function's name in the tree; no built-in of sqlglot has a space. Steps into
nested data (``->``, ``->>``, ``.`` and ``[``) are calls there, too."""

ORDER_BY = CALL_MARK + "order\nby"
WITHIN_GROUP = CALL_MARK + "within\ngroup"
"""What keys that an aggregate takes its values by are calls of, as further arguments of it."""

AT_TIME_ZONE = "at_time_zone"
"""What ``ts AT TIME ZONE zone`` is a call of."""

ARITHMETIC = {
    "+": TokenType.PLUS,
    "-": TokenType.DASH,
    "*": TokenType.STAR,
    "/": TokenType.SLASH,
    "%": TokenType.MOD,
}
BINARY = {
    "=": TokenType.EQ,
    "==": TokenType.EQ,
    "!=": TokenType.NEQ,
    "<>": TokenType.NEQ,
    "<": TokenType.LT,
    "<=": TokenType.LTE,
    ">": TokenType.GT,
    ">=": TokenType.GTE,
    "AND": TokenType.AND,
    "OR": TokenType.OR,
}
LIKES = {"LIKE": TokenType.LIKE, "ILIKE": TokenType.ILIKE}
CONSTANTS = {"NULL": TokenType.NULL, "TRUE": TokenType.TRUE, "FALSE": TokenType.FALSE}

_TYPES: dict[DataType, tuple[TokenType, str]] = {
    DataType.STRING: (TokenType.TEXT, "TEXT"),
    DataType.INT: (TokenType.INT, "INT"),
    DataType.LONG: (TokenType.BIGINT, "BIGINT"),
    DataType.FLOAT: (TokenType.FLOAT, "FLOAT"),
    DataType.DOUBLE: (TokenType.DOUBLE, "DOUBLE"),
    DataType.BOOL: (TokenType.BOOLEAN, "BOOLEAN"),
    DataType.DECIMAL: (TokenType.DECIMAL, "DECIMAL"),
    DataType.TIMESTAMP: (TokenType.TIMESTAMP, "TIMESTAMP"),
    DataType.BYTES: (TokenType.VARBINARY, "VARBINARY"),
    DataType.OBJECT: (TokenType.JSON, "JSON"),
}
"""The one sqlglot token that stands for each type: its aliases differ from ours."""


def type_tokens(name: TypeName) -> Iterator[tuple[TokenType, str]]:
    """The tokens, each with its text, by which sqlglot knows the type."""
    yield _TYPES[name.type]
    if name.digits is not None:
        yield TokenType.L_PAREN, "("
        yield TokenType.NUMBER, str(name.digits.precision)
        yield TokenType.COMMA, ","
        yield TokenType.NUMBER, str(name.digits.scale)
        yield TokenType.R_PAREN, ")"
