"""What the distribution contributes; imports no decoder.

The mappers' own modules are loaded when a factory creates one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from eventflux.spi import (
    MapperContext,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
    hookimpl,
)
from eventflux_mappers.options import (
    BytesSinkOptions,
    BytesSourceOptions,
    CsvSinkOptions,
    CsvSourceOptions,
    JsonSinkOptions,
    JsonSourceOptions,
    TextSinkOptions,
    TextSourceOptions,
)

eventflux_spi = (1, 0)


class JsonSourceMapperFactory(SourceMapperFactory):
    name: ClassVar[str] = "json"
    doc: ClassVar[str] = "JSON objects, or arrays of them, to rows, each field by its exact name"
    options: ClassVar[type[JsonSourceOptions]] = JsonSourceOptions

    def create(self, options: JsonSourceOptions, context: MapperContext) -> SourceMapper:
        from eventflux_mappers.json_options import check_source
        from eventflux_mappers.json_source import json_source

        check_source(options)
        return json_source(options, context)


class JsonSinkMapperFactory(SinkMapperFactory):
    name: ClassVar[str] = "json"
    doc: ClassVar[str] = "each row to one JSON object, the fields in the order of the columns"
    options: ClassVar[type[JsonSinkOptions]] = JsonSinkOptions

    def create(self, options: JsonSinkOptions, context: MapperContext) -> SinkMapper:
        from eventflux_mappers.json_sink import json_sink

        return json_sink(options, context)


class CsvSourceMapperFactory(SourceMapperFactory):
    name: ClassVar[str] = "csv"
    doc: ClassVar[str] = "CSV records to rows, the fields in the order of the columns or by name"
    options: ClassVar[type[CsvSourceOptions]] = CsvSourceOptions

    def create(self, options: CsvSourceOptions, context: MapperContext) -> SourceMapper:
        from eventflux_mappers.csv_lines import LinesBelowHeader
        from eventflux_mappers.csv_options import check_mapping, dialect_of
        from eventflux_mappers.csv_source import CsvSourceMapper

        check_mapping(options, context.schema)
        header_once = options.has_header and context.lines
        mapper = CsvSourceMapper(
            context,
            dialect_of(options),
            mapping=options.mapping,
            header=options.has_header and not header_once,
            ignore_errors=options.ignore_parse_errors,
        )
        return LinesBelowHeader(mapper) if header_once else mapper


class CsvSinkMapperFactory(SinkMapperFactory):
    name: ClassVar[str] = "csv"
    doc: ClassVar[str] = "each row to one CSV record, the fields in the order of the columns"
    options: ClassVar[type[CsvSinkOptions]] = CsvSinkOptions

    def create(self, options: CsvSinkOptions, context: MapperContext) -> SinkMapper:
        from eventflux_mappers.csv_options import dialect_of, header_names
        from eventflux_mappers.csv_sink import CsvSinkMapper

        dialect = dialect_of(options)
        header = header_names(options, dialect, context.schema)
        return CsvSinkMapper(context, dialect, header, header_once=context.lines)


class BytesSourceMapperFactory(SourceMapperFactory):
    name: ClassVar[str] = "bytes"
    doc: ClassVar[str] = "each payload, as it is, to a row of one BYTES column"
    options: ClassVar[type[BytesSourceOptions]] = BytesSourceOptions

    def create(self, options: BytesSourceOptions, context: MapperContext) -> SourceMapper:
        from eventflux_mappers.one_column import bytes_source

        return bytes_source(context)


class BytesSinkMapperFactory(SinkMapperFactory):
    name: ClassVar[str] = "bytes"
    doc: ClassVar[str] = "the bytes of one column of each row, values of other types as text"
    options: ClassVar[type[BytesSinkOptions]] = BytesSinkOptions

    def create(self, options: BytesSinkOptions, context: MapperContext) -> SinkMapper:
        from eventflux_mappers.one_column import payload_sink

        return payload_sink(context, options)


class TextSourceMapperFactory(SourceMapperFactory):
    name: ClassVar[str] = "text"
    doc: ClassVar[str] = "each payload, as UTF-8, to a row of one STRING column"
    options: ClassVar[type[TextSourceOptions]] = TextSourceOptions

    def create(self, options: TextSourceOptions, context: MapperContext) -> SourceMapper:
        from eventflux_mappers.one_column import text_source

        return text_source(context)


class TextSinkMapperFactory(SinkMapperFactory):
    name: ClassVar[str] = "text"
    doc: ClassVar[str] = "the text of one column of each row, as UTF-8"
    options: ClassVar[type[TextSinkOptions]] = TextSinkOptions

    def create(self, options: TextSinkOptions, context: MapperContext) -> SinkMapper:
        from eventflux_mappers.one_column import payload_sink

        return payload_sink(context, options)


@hookimpl
def register_source_mapper_factories() -> Sequence[SourceMapperFactory]:
    return [
        JsonSourceMapperFactory(),
        CsvSourceMapperFactory(),
        BytesSourceMapperFactory(),
        TextSourceMapperFactory(),
    ]


@hookimpl
def register_sink_mapper_factories() -> Sequence[SinkMapperFactory]:
    return [
        JsonSinkMapperFactory(),
        CsvSinkMapperFactory(),
        BytesSinkMapperFactory(),
        TextSinkMapperFactory(),
    ]
