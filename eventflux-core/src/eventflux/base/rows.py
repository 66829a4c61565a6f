"""Rows: immutable msgspec structs made from a stream's schema."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from eventflux.base.types import Column, DataType, Schema, integer_range

Row = msgspec.Struct
"""A row of any stream: a struct with one attribute a column (see :func:`field_names`)."""


def _is_attribute(name: str) -> bool:
    # Python folds identifiers to NFKC, so another form could not be read back by its name.
    folded = name.isascii() or unicodedata.normalize("NFKC", name) == name
    return (
        folded and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")
    )


def field_names(schema: Schema) -> tuple[str, ...]:
    """The attribute that holds each column, in order.

    It is the column's own name where that is a Python name, else a made-up one;
    the struct knows the column by its SQL name in JSON either way.
    """
    taken = set(schema.names)
    fields: list[str] = []
    for position, name in enumerate(schema.names):
        field = name
        if not _is_attribute(name):
            field = f"column_{position}"
            while field in taken:
                field += "_"
        taken.add(field)
        fields.append(field)
    return tuple(fields)


def _field_type(data_type: DataType, nullable: bool) -> Any:
    python_type: Any = data_type.python_type
    if data_type is DataType.OBJECT:
        return Any
    if python_type is int:
        low, high = integer_range(data_type)
        python_type = Annotated[int, msgspec.Meta(ge=low, le=high)]
    return python_type | None if nullable else python_type


def _default(column: Column) -> Any:
    if column.nullable:
        return None

    # A required field can't follow one with a default; a default that raises can.
    def refuse() -> Any:
        raise msgspec.ValidationError(f"missing NOT NULL column {column.name!r}")

    return msgspec.field(default_factory=refuse)


def row_type(name: str, schema: Schema) -> type[Row]:
    """Make the struct class of a stream's rows.

    The garbage collector doesn't look at rows: what an OBJECT column holds is a tree that came
    from a mapper or was copied (:func:`eventflux.base.nested.copied`), never part of a cycle.

    A nullable column that is missing is ``None``, a missing NOT NULL one is refused;
    integers are bounded to their SQL range, so that a typed decode refuses the rest. The
    digits of a DECIMAL(p,s) are not checked: see :func:`eventflux.base.decimals.fitting`. All
    fields are given by position when a row is built: ``row_class(*values)``.
    """
    fields = field_names(schema)
    definitions: list[Any] = [
        (field, _field_type(column.type, column.nullable), _default(column))
        for field, column in zip(fields, schema.columns, strict=True)
    ]
    return msgspec.defstruct(
        name if name.isidentifier() else "Row",
        definitions,
        rename={f: c for f, c in zip(fields, schema.names, strict=True) if f != c},
        frozen=True,
        gc=False,
    )


def values_of(row: Row) -> tuple[Any, ...]:
    """The values of a row, in the order of its columns."""
    return msgspec.structs.astuple(row)


def column_of(field: str) -> Callable[[Sequence[Row]], list[Any]]:
    """What reads one attribute (see :func:`field_names`) of many rows: the fastest way."""
    # An attribute is an identifier: nothing else can be in the text.
    read: Callable[[Sequence[Row]], list[Any]] = eval(f"lambda rows: [row.{field} for row in rows]")
    return read
