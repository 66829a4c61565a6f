"""What the tests of all formats have in common: mappers by name and option texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventflux.base.rows import row_type, values_of
from eventflux.base.types import Column, DataType, Digits, Schema
from eventflux.spi import Decoded, MapperContext, SinkMapper, SourceMapper
from eventflux_mappers import plugin

SOURCES = {factory.name: factory for factory in plugin.register_source_mapper_factories()}
SINKS = {factory.name: factory for factory in plugin.register_sink_mapper_factories()}


def schema_of(columns: str) -> Schema:
    """A schema from ``'a LONG, b DECIMAL(9,2) NOT NULL'``."""
    found = []
    for text in re.split(r", ", columns):
        name, type_text, *rest = text.split()
        data_type, _, size = type_text.rstrip(")").partition("(")
        digits = Digits(*map(int, size.split(","))) if size else None
        found.append(Column(name, DataType[data_type], nullable=not rest, digits=digits))
    return Schema(tuple(found))


def context_of(columns: str | Schema) -> MapperContext:
    schema = schema_of(columns) if isinstance(columns, str) else columns
    return MapperContext("Stream", schema, row_type("Stream", schema))


def source(
    name: str, columns: str | Schema, options: Mapping[str, str] | None = None
) -> SourceMapper:
    factory = SOURCES[name]
    return factory.create(factory.options.parse(options or {}), context_of(columns))


def sink(name: str, columns: str | Schema, options: Mapping[str, str] | None = None) -> SinkMapper:
    factory = SINKS[name]
    return factory.create(factory.options.parse(options or {}), context_of(columns))


def rows_of(decoded: Decoded) -> list[tuple[Any, ...]]:
    return [values_of(row) for row in decoded.rows]


def rows_from(columns: str | Schema, values: Sequence[tuple[Any, ...]]) -> list[Any]:
    make = context_of(columns).row_type
    return [make(*row) for row in values]


def by_payload(decoded: Decoded, count: int) -> list[list[str]]:
    """For each payload its rows with their Python types, and its errors."""
    found: list[list[str]] = [[] for _ in range(count)]
    failed = {error.index for error in decoded.errors}
    origins = decoded.origins
    if origins is None:
        origins = [index for index in range(count) if index not in failed]
    for origin, row in zip(origins, decoded.rows, strict=True):
        found[origin].append(repr(values_of(row)))
    for error in decoded.errors:
        found[error.index].append(error.message)
    return found
