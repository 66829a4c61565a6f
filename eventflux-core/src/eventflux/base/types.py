"""The SQL types of columns, and the schemas made of them."""

from __future__ import annotations

import enum
from decimal import Decimal

import msgspec

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1


class DataType(enum.StrEnum):
    """A SQL type; its value is the name that plans and messages show."""

    STRING = "STRING"
    INT = "INT"
    """32-bit signed, a Python ``int``."""
    LONG = "LONG"
    """64-bit signed, a Python ``int``."""
    FLOAT = "FLOAT"
    """A Python ``float`` (64 bits in memory)."""
    DOUBLE = "DOUBLE"
    BOOL = "BOOL"
    DECIMAL = "DECIMAL"
    """An exact :class:`decimal.Decimal`; a column may say how many :class:`Digits` it holds."""
    TIMESTAMP = "TIMESTAMP"
    """A moment: a Python ``int``, milliseconds since the epoch in UTC."""
    BYTES = "BYTES"
    OBJECT = "OBJECT"
    """Nested data as of JSON: dicts with text keys, lists and plain values. Shared, not copied,
    between rows, so nobody may change it."""

    @property
    def is_numeric(self) -> bool:
        return self in _NUMERIC_RANK

    @property
    def is_integer(self) -> bool:
        return self is DataType.INT or self is DataType.LONG

    @property
    def is_floating(self) -> bool:
        return self is DataType.FLOAT or self is DataType.DOUBLE

    @property
    def python_type(self) -> type:
        """The class of its values; ``object`` where they may be of several."""
        return _PYTHON_TYPES[self]


_NUMERIC_RANK = {
    DataType.INT: 0,
    DataType.LONG: 1,
    DataType.DECIMAL: 2,
    DataType.FLOAT: 3,
    DataType.DOUBLE: 4,
}

_PYTHON_TYPES: dict[DataType, type] = {
    DataType.STRING: str,
    DataType.INT: int,
    DataType.LONG: int,
    DataType.FLOAT: float,
    DataType.DOUBLE: float,
    DataType.BOOL: bool,
    DataType.DECIMAL: Decimal,
    DataType.TIMESTAMP: int,
    DataType.BYTES: bytes,
    DataType.OBJECT: object,
}

SQL_TYPE_NAMES: dict[str, DataType] = {
    **dict.fromkeys(("STRING", "VARCHAR", "TEXT", "CHAR"), DataType.STRING),
    **dict.fromkeys(("INT", "INTEGER", "INT2", "INT4", "SMALLINT", "TINYINT"), DataType.INT),
    **dict.fromkeys(("BIGINT", "LONG", "INT8"), DataType.LONG),
    **dict.fromkeys(("FLOAT", "REAL"), DataType.FLOAT),
    "DOUBLE": DataType.DOUBLE,
    **dict.fromkeys(("BOOL", "BOOLEAN"), DataType.BOOL),
    **dict.fromkeys(("DECIMAL", "NUMERIC"), DataType.DECIMAL),
    **dict.fromkeys(("TIMESTAMP", "DATETIME"), DataType.TIMESTAMP),
    **dict.fromkeys(("BYTES", "BINARY", "VARBINARY", "BLOB"), DataType.BYTES),
    **dict.fromkeys(("OBJECT", "ANY", "JSON"), DataType.OBJECT),
}
"""Each upper-case SQL name of a type and what it means."""


def wider_numeric(left: DataType, right: DataType) -> DataType:
    """The wider of two numeric types, in INT < LONG < DECIMAL < FLOAT < DOUBLE.

    DECIMAL with a floating type is DOUBLE.
    """
    if DataType.DECIMAL in (left, right) and (left.is_floating or right.is_floating):
        return DataType.DOUBLE
    return left if _NUMERIC_RANK[left] >= _NUMERIC_RANK[right] else right


def widens_to(source: DataType, target: DataType) -> bool:
    """Whether every value of ``source`` may be stored as ``target`` without a warning."""
    if source is target or target is DataType.OBJECT:
        return True
    if target is DataType.TIMESTAMP:
        return source.is_integer
    if source is DataType.TIMESTAMP:
        return target is DataType.LONG
    return source.is_numeric and target.is_numeric and _NUMERIC_RANK[source] < _NUMERIC_RANK[target]


def integer_range(data_type: DataType) -> tuple[int, int]:
    """The smallest and the largest value of INT or LONG."""
    return (INT_MIN, INT_MAX) if data_type is DataType.INT else (LONG_MIN, LONG_MAX)


MAX_DIGITS = 38
"""The most digits that a DECIMAL column can have."""


class Digits(msgspec.Struct, frozen=True):
    """The size of a DECIMAL: ``precision`` digits in all, ``scale`` of them behind the point."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"({self.precision},{self.scale})"


class Column(msgspec.Struct, frozen=True):
    """One column of a stream, its name kept as the user wrote it.

    ``digits`` are those of a ``DECIMAL(p,s)``. The value of a METADATA column is no part of a
    message's payload: ``metadata`` is the name under which the connector knows it.
    """

    name: str
    type: DataType
    nullable: bool = True
    metadata: str | None = None
    digits: Digits | None = None

    @property
    def type_text(self) -> str:
        """Its type as SQL: ``LONG``, ``DECIMAL(10,2)``."""
        return f"{self.type}{self.digits or ''}"

    def __str__(self) -> str:
        text = f"{self.name} {self.type_text}" + ("" if self.nullable else " NOT NULL")
        if self.metadata is None:
            return text
        return f"{text} METADATA" + (
            "" if self.metadata == self.name else f" FROM '{self.metadata}'"
        )


class Schema(msgspec.Struct, frozen=True):
    """The columns of a stream, in order."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def metadata(self) -> tuple[Column, ...]:
        """The METADATA columns."""
        return tuple(column for column in self.columns if column.metadata is not None)

    @property
    def payload(self) -> Schema:
        """The columns that messages carry: all but the METADATA ones."""
        ordinary = tuple(column for column in self.columns if column.metadata is None)
        return self if len(ordinary) == len(self.columns) else Schema(ordinary)

    def find(self, name: str) -> Column | None:
        """The column of exactly this name, or ``None``."""
        return next((column for column in self.columns if column.name == name), None)

    def __str__(self) -> str:
        return "(" + ", ".join(map(str, self.columns)) + ")"
