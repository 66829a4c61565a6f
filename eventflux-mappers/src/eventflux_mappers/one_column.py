"""bytes and text: a payload is the value of one column, as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eventflux.base.errors import OptionError
from eventflux.base.rows import Row, column_of
from eventflux.base.suggest import did_you_mean
from eventflux.base.types import DataType, Schema
from eventflux.spi import Decoded, Encoded, MapperContext, MapperError, SinkMapper, SourceMapper
from eventflux_mappers.options import BytesSinkOptions, TextSinkOptions
from eventflux_mappers.values import WRITERS


class PayloadSourceMapper(SourceMapper):
    """Makes a row of each payload; ``read`` is ``None`` where the value is the payload."""

    def __init__(self, context: MapperContext, read: Callable[[bytes], Any] | None = None) -> None:
        self._row_type = context.row_type
        self._read = read

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        if self._read is None:
            make = self._row_type
            return Decoded([make(payload) for payload in payloads])
        try:
            return Decoded(list(map(self._row_type, map(self._read, payloads))))
        except ValueError:
            return self._each(self._read, payloads)

    def _each(self, read: Callable[[bytes], Any], payloads: Sequence[bytes]) -> Decoded:
        rows: list[Row] = []
        errors: list[MapperError] = []
        for index, payload in enumerate(payloads):
            try:
                rows.append(self._row_type(read(payload)))
            except UnicodeDecodeError as error:
                errors.append(
                    MapperError(
                        index, f"byte {error.start}: expected UTF-8 text, got {error.reason}"
                    )
                )
        return Decoded(rows, errors)


class PayloadSinkMapper(SinkMapper):
    """Makes a payload of one column's value; ``write`` is ``None`` where it is the payload."""

    def __init__(
        self, context: MapperContext, position: int, write: Callable[[Any], bytes] | None
    ) -> None:
        self._name = context.schema.names[position]
        self._values = column_of(context.row_type.__struct_fields__[position])
        self._write = write

    def encode(self, rows: Sequence[Row]) -> Encoded:
        values = self._values(rows)
        if not all(values) and None in values:  # nearly always the first says it all, quickly
            return self._each(values)
        if self._write is None:
            return Encoded(values)
        try:
            return Encoded(list(map(self._write, values)))
        except ValueError:
            return self._each(values)

    def _each(self, values: Sequence[Any]) -> Encoded:
        payloads: list[bytes] = []
        errors: list[MapperError] = []
        for index, value in enumerate(values):
            if value is None:
                errors.append(MapperError(index, f"column {self._name!r} is NULL: no payload"))
                continue
            try:
                payloads.append(value if self._write is None else self._write(value))
            except ValueError as error:
                errors.append(MapperError(index, f"column {self._name!r}: {error}"))
        return Encoded(payloads, errors)


def text_source(context: MapperContext) -> PayloadSourceMapper:
    """The source of ``format = 'text'``; ``OptionError`` for columns that don't suit."""
    _check_only_column(context, "text", DataType.STRING)
    return PayloadSourceMapper(context, bytes.decode)


def bytes_source(context: MapperContext) -> PayloadSourceMapper:
    """The source of ``format = 'bytes'``; ``OptionError`` for columns that don't suit."""
    _check_only_column(context, "bytes", DataType.BYTES, DataType.OBJECT)
    return PayloadSourceMapper(context)


def payload_sink(
    context: MapperContext, options: BytesSinkOptions | TextSinkOptions
) -> PayloadSinkMapper:
    """The sink of both formats; ``OptionError`` for a column that is not there."""
    position = _chosen_position(options, context.schema)
    data_type = context.schema.columns[position].type
    return PayloadSinkMapper(context, position, _writer(data_type))


def _check_only_column(context: MapperContext, format_name: str, *types: DataType) -> None:
    columns = context.schema.columns
    wanted = " or ".join(types)
    if len(columns) != 1:
        raise OptionError(
            f"format '{format_name}' fills one column, the stream has {len(columns)}",
            f"declare a single {wanted} column",
        )
    if columns[0].type not in types:
        raise OptionError(
            f"format '{format_name}' gives {wanted}, column '{columns[0].name}' is "
            f"{columns[0].type}",
            f"declare it as {wanted}",
        )


def _chosen_position(options: BytesSinkOptions | TextSinkOptions, schema: Schema) -> int:
    """The position of the column that a payload is made of.

    Raises:
        OptionError: there is no such column, or two options name one.
    """
    prefix, name, index = options.prefix, options.field, options.field_index
    if name is not None and index is not None:
        raise OptionError(
            f"options '{prefix}.field' and '{prefix}.field-index' both name the column",
            "leave one of them out",
        )
    if name is not None:
        if name not in schema.names:
            raise OptionError(
                f"option '{prefix}.field': the stream has no column '{name}'",
                did_you_mean(name, schema.names),
            )
        return schema.names.index(name)
    if index is not None and index >= len(schema.names):
        raise OptionError(
            f"option '{prefix}.field-index' must be less than {len(schema.names)}, got {index}",
            "columns are counted from 0",
        )
    return index or 0


def _writer(data_type: DataType) -> Callable[[Any], bytes] | None:
    """What makes the payload of a value: its text in UTF-8; ``None``: bytes are the payload."""
    if data_type is DataType.BYTES:
        return None
    if data_type is DataType.STRING:
        return str.encode
    write = WRITERS[data_type]
    if data_type is DataType.OBJECT:
        return lambda value: _nested_payload(value, write)
    return lambda value: write(value).encode()


def _nested_payload(value: Any, write: Callable[[Any], str]) -> bytes:
    """Bytes and texts as they are, all else as JSON."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else write(value)).encode()
