"""What the distribution contributes; imports no decoder.

The mappers' own modules are loaded when a factory creates one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from eventflux.spi import (
    MapperContext,
    Options,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
    hookimpl,
)

eventflux_spi = (1, 0)


class JsonSourceOptions(Options, prefix="json"):
    """JSON by name needs no options."""


class JsonSinkOptions(Options, prefix="json"):
    """JSON by name needs no options."""


class JsonSourceMapperFactory(SourceMapperFactory):
    name: ClassVar[str] = "json"
    doc: ClassVar[str] = "JSON objects, or arrays of them, to rows, each field by its exact name"
    options: ClassVar[type[JsonSourceOptions]] = JsonSourceOptions

    def create(self, options: JsonSourceOptions, context: MapperContext) -> SourceMapper:
        from eventflux_mappers.json_source import JsonSourceMapper

        return JsonSourceMapper(context.schema, context.row_type)


class JsonSinkMapperFactory(SinkMapperFactory):
    name: ClassVar[str] = "json"
    doc: ClassVar[str] = "each row to one JSON object, the fields in the order of the columns"
    options: ClassVar[type[JsonSinkOptions]] = JsonSinkOptions

    def create(self, options: JsonSinkOptions, context: MapperContext) -> SinkMapper:
        from eventflux_mappers.json_sink import JsonSinkMapper

        return JsonSinkMapper()


@hookimpl
def register_source_mapper_factories() -> Sequence[SourceMapperFactory]:
    return [JsonSourceMapperFactory()]


@hookimpl
def register_sink_mapper_factories() -> Sequence[SinkMapperFactory]:
    return [JsonSinkMapperFactory()]
