"""NULL, types, and what an OBJECT holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from eventflux.base.types import INT_MAX, INT_MIN
from eventflux.base.types import DataType as T
from eventflux.functions.declaration import Function, takes

_TYPES = {
    str: "STRING", int: "LONG", float: "DOUBLE", bool: "BOOL", Decimal: "DECIMAL",
    bytes: "BYTES", dict: "OBJECT", list: "OBJECT",
}  # fmt: skip


def type_inside(value: Any) -> str:
    """The type of what an OBJECT holds."""
    return _TYPES[value.__class__]


def is_int(value: Any) -> bool:
    return value.__class__ is int and INT_MIN <= value <= INT_MAX


def _instance(name: str, code: Any, what: str, *examples: str) -> Function:
    return Function(
        name=f"instanceOf{name}",
        overloads=(takes("x any", T.BOOL, code),),
        doc=f"whether `x` is {what}; of an OBJECT, whether it holds that; FALSE of NULL",
        examples=examples,
        nulls="never",
    )


def _casting(name: str, doc: str, *examples: str) -> Function:
    return Function(
        name=name,
        overloads=(takes("x any, type type", "argument"),),
        doc=doc,
        examples=examples,
        may_be_null=True,
    )


DECLARED = (
    Function(
        name="coalesce",
        overloads=(takes("x same*", "same"),),
        doc="the first of its arguments that is not NULL",
        examples=(
            "coalesce(NULL, 2, 3) -> 2", "coalesce(NULL, 'none') -> 'none'",
            "coalesce(NULL, 1, 2.5) -> 1.0",
        ),
        nulls="given",
    ),
    Function(
        name="default",
        aliases=("ifnull", "nvl"),
        overloads=(takes("x same, otherwise same", "same"),),
        doc="`x`, or `otherwise` where that is NULL",
        examples=("default(NULL, 99) -> 99", "ifnull(5, 99) -> 5", "nvl(1, 2.5) -> 1.0"),
        nulls="given",
    ),
    Function(
        name="nullif",
        overloads=(takes("a any, b any", "argument"),),
        doc="NULL where `a = b`, else `a`",
        examples=("nullif('n/a', 'n/a') -> NULL", "nullif(5, 0) -> 5"),
        nulls="given",
        may_be_null=True,
    ),
    Function(
        name="if",
        aliases=("iif",),
        overloads=(takes("condition BOOL, x same, otherwise same", "same"),),
        doc="`x` where the condition is TRUE, `otherwise` where it is FALSE or NULL",
        examples=("if(5 > 3, 'more', 'less') -> 'more'", "iif(NULL, 1, 2.5) -> 2.5"),
        nulls="given",
    ),
    Function(
        name="is_null",
        overloads=(takes("x any", T.BOOL),),
        doc="`x IS NULL`",
        examples=("is_null(NULL) -> TRUE", "is_null('') -> FALSE"),
        nulls="given",
    ),
    _casting(
        "cast", "`CAST(x AS type)`, the type as a text",
        "cast('42', 'int') -> 42", "cast('4.2', 'INT') -> NULL",
    ),
    _casting(
        "convert", "the same as `cast`",
        "convert(9.99, 'int') -> 9", "convert('1.50', 'decimal(5,1)') -> DECIMAL '1.5'",
    ),
    _instance(
        "String", "({0}.__class__ is str)", "a STRING",
        "instanceOfString('a') -> TRUE", "instanceOfString(1) -> FALSE",
    ),
    _instance(
        "Integer", is_int, "an INT", "instanceOfInteger(CAST(1 AS INT)) -> TRUE",
        "instanceOfInteger('1') -> FALSE",
    ),
    _instance(
        "Long", "({0}.__class__ is int)", "a LONG",
        "instanceOfLong(1) -> TRUE", "instanceOfLong(CAST(1 AS OBJECT)) -> TRUE",
    ),
    _instance(
        "Float", "({0}.__class__ is float)", "a FLOAT",
        "instanceOfFloat(CAST(1.5 AS FLOAT)) -> TRUE", "instanceOfFloat(1) -> FALSE",
    ),
    _instance(
        "Double", "({0}.__class__ is float)", "a DOUBLE",
        "instanceOfDouble(1.5) -> TRUE", "instanceOfDouble(NULL) -> FALSE",
    ),
    _instance(
        "Boolean", "({0}.__class__ is bool)", "a BOOL",
        "instanceOfBoolean(TRUE) -> TRUE", "instanceOfBoolean(1) -> FALSE",
    ),
    Function(
        name="typeof",
        overloads=(takes("x any", T.STRING, type_inside),),
        doc="the name of its type; of an OBJECT, that of what it holds",
        examples=(
            "typeof(1) -> 'LONG'", "typeof('a') -> 'STRING'", "typeof(CAST(1 AS INT)) -> 'INT'",
            "typeof(CAST('a' AS OBJECT)) -> 'STRING'",
        ),
    ),
)  # fmt: skip
