"""What is written of a row where that isn't the row as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from eventflux.base.errors import OptionError
from eventflux.base.timestamps import timestamp_text
from eventflux.base.types import Column, DataType
from eventflux.spi import MapperContext
from eventflux_mappers.options import JsonSinkOptions

TIMESTAMP_FIELD = "_timestamp"
"""The field that holds the event time."""


def document_maker(
    options: JsonSinkOptions, context: MapperContext
) -> Callable[..., msgspec.Struct] | None:
    """What makes a document of a row, and of its event time where that is included; ``None``
    where the row is the document.

    Raises:
        OptionError: a column has the name of the event time.
    """
    columns = context.schema.columns
    converted = {c.name: f for c in columns if (f := json_form(c, options)) is not None}
    if not (options.omit_nulls or options.include_timestamp or converted):
        return None
    names = list(context.schema.names)
    values: list[str] = []
    bound: dict[str, Any] = {}
    fields = context.row_type.__struct_fields__
    for position, (column, field) in enumerate(zip(columns, fields, strict=True)):
        text = f"row.{field}"
        if column.name in converted:
            bound[f"convert_{position}"] = converted[column.name]
            text = f"convert_{position}({text})"
        values.append(text)
    if options.include_timestamp:
        if TIMESTAMP_FIELD in names:
            raise OptionError(
                f"option 'json.include-timestamp': a column is called '{TIMESTAMP_FIELD}', too",
                "leave the option out, or give the column another name",
            )
        names.insert(0, TIMESTAMP_FIELD)
        values.insert(0, "time")
    keys = [f"f{position}" for position in range(len(names))]
    bound["make"] = msgspec.defstruct(
        "Document",
        [(key, Any, None) for key in keys],
        rename=dict(zip(keys, names, strict=True)),
        omit_defaults=options.omit_nulls,
        gc=False,
    )
    parameters = "row, time" if options.include_timestamp else "row"
    # Attributes of rows are identifiers, and nothing else in the text is of the user's.
    make: Callable[..., msgspec.Struct] = eval(
        f"lambda {parameters}: make({', '.join(values)})", bound
    )
    return make


def json_form(column: Column, options: JsonSinkOptions) -> Callable[[Any], Any] | None:
    """What makes the JSON form of a column's values; ``None``: they are it."""
    if column.type is DataType.TIMESTAMP and options.timestamp_format == "iso":
        return _iso
    return None


def _iso(moment: int | None) -> str | int | None:
    """ISO-8601 text, of moments that have none their number."""
    if moment is None:
        return None
    text = timestamp_text(moment)
    return text if text.endswith("Z") else moment
