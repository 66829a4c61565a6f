"""The types of columns and casts."""

from __future__ import annotations

from eventflux.base.suggest import nearest
from eventflux.base.types import MAX_DIGITS, SQL_TYPE_NAMES, DataType, Digits
from eventflux.sql.ast import TypeName
from eventflux.sql.cursor import Cursor
from eventflux.sql.numbers import whole_number

_WITH_LENGTH = frozenset({"VARCHAR", "CHAR", "BINARY", "VARBINARY"})
_EPOCH_TYPES = ("DATE", "TIME")
_NOT_YET: dict[str, str] = {
    **dict.fromkeys(("ARRAY", "STRUCT", "MAP"), "use OBJECT, which holds any nested value"),
    "INTERVAL": "keep milliseconds in a LONG: a TIMESTAMP plus a LONG is one",
}


def data_type(cursor: Cursor) -> TypeName:
    """``type [(length)]``, ``DECIMAL [(precision [, scale])]``."""
    token = cursor.token
    if token.kind != "word":
        cursor.unexpected("a type", "types are " + ", ".join(DataType))
    if token.upper in _NOT_YET:
        raise cursor.unsupported(f"the type {token.upper}", _NOT_YET[token.upper])
    epoch = token.upper if token.upper in _EPOCH_TYPES else None
    known = DataType.LONG if epoch else SQL_TYPE_NAMES.get(token.upper)
    if known is None:
        match = nearest(token.text, SQL_TYPE_NAMES)
        raise cursor.problem(
            f"unknown type {token.text!r}",
            f"did you mean {match}?" if match else "types are " + ", ".join(DataType),
        )
    cursor.advance()
    if token.upper == "DOUBLE":
        cursor.accept("PRECISION")
    digits = None
    if cursor.at("("):
        if known is DataType.DECIMAL:
            digits = _digits(cursor)
        else:
            _length(cursor, token.upper)
    return TypeName(known, digits, epoch)


def _length(cursor: Cursor, type_name: str) -> None:
    if type_name not in _WITH_LENGTH:
        raise cursor.problem(f"the type {type_name} takes no length")
    cursor.advance()
    _whole_number(cursor, "a whole number as the length")
    cursor.expect(")", "after the length")


def _digits(cursor: Cursor) -> Digits:
    cursor.advance()
    first = cursor.token
    precision = _whole_number(cursor, "how many digits the DECIMAL has")
    scale = 0
    if cursor.accept(","):
        scale = _whole_number(cursor, "how many digits stand behind the point")
    if not 1 <= precision <= MAX_DIGITS:
        hint = f"write DECIMAL(p, s), p from 1 to {MAX_DIGITS}"
        raise cursor.problem(f"a DECIMAL can't have {precision} digits", hint, first)
    if scale > precision:
        raise cursor.problem(
            f"DECIMAL({precision}, {scale}) has more digits behind the point than in all",
            "the first number counts all digits, the second those behind the point",
            first,
        )
    cursor.expect(")", "after the digits")
    return Digits(precision, scale)


def _whole_number(cursor: Cursor, what: str) -> int:
    token = cursor.token
    number = whole_number(token.text) if token.kind == "number" else None
    if number is None:
        cursor.unexpected(what)
    cursor.advance()
    return number
