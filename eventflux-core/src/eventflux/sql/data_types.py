"""The types of columns and casts."""

from __future__ import annotations

from sqlglot import TokenType

from eventflux.base.suggest import nearest
from eventflux.base.types import SQL_TYPE_NAMES, DataType
from eventflux.sql.cursor import Cursor

_WITH_LENGTH = frozenset({"VARCHAR", "CHAR"})
_NOT_YET: dict[str, str] = {
    **dict.fromkeys(("DECIMAL", "NUMERIC"), "use DOUBLE, or LONG in the smallest unit (cents)"),
    **dict.fromkeys(("TIMESTAMP", "DATETIME", "DATE", "TIME"), "use LONG with epoch milliseconds"),
    **dict.fromkeys(("BYTES", "BINARY", "VARBINARY", "BLOB"), "use STRING"),
    **dict.fromkeys(
        ("OBJECT", "ANY", "JSON", "ARRAY", "STRUCT", "MAP"),
        "use STRING, or a column for each field",
    ),
    "INTERVAL": "use LONG with milliseconds",
}

SQLGLOT_TYPES: dict[DataType, tuple[TokenType, str]] = {
    DataType.STRING: (TokenType.TEXT, "TEXT"),
    DataType.INT: (TokenType.INT, "INT"),
    DataType.LONG: (TokenType.BIGINT, "BIGINT"),
    DataType.FLOAT: (TokenType.FLOAT, "FLOAT"),
    DataType.DOUBLE: (TokenType.DOUBLE, "DOUBLE"),
    DataType.BOOL: (TokenType.BOOLEAN, "BOOLEAN"),
}
"""The one sqlglot token that stands for each type: its aliases differ from ours."""


def data_type(cursor: Cursor) -> DataType:
    """``type [(length)]``."""
    token = cursor.token
    if token.kind != "word":
        cursor.unexpected("a type", "types are " + ", ".join(DataType))
    if token.upper in _NOT_YET:
        raise cursor.unsupported(f"the type {token.upper}", _NOT_YET[token.upper])
    known = SQL_TYPE_NAMES.get(token.upper)
    if known is None:
        match = nearest(token.text, SQL_TYPE_NAMES)
        raise cursor.problem(
            f"unknown type {token.text!r}",
            f"did you mean {match}?" if match else "types are " + ", ".join(DataType),
        )
    cursor.advance()
    if token.upper == "DOUBLE":
        cursor.accept("PRECISION")
    if cursor.at("("):
        _length(cursor, token.upper)
    return known


def _length(cursor: Cursor, type_name: str) -> None:
    if type_name not in _WITH_LENGTH:
        raise cursor.problem(f"the type {type_name} takes no length")
    cursor.advance()
    if cursor.token.kind != "number" or not cursor.token.text.isdecimal():
        cursor.unexpected("a whole number as the length")
    cursor.advance()
    cursor.expect(")", "after the length")
