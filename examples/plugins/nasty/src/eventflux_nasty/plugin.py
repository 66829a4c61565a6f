"""What the plugin brings to EventFlux."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.spi import (
    ScalarFunction,
    SinkFactory,
    SinkMapperFactory,
    SourceFactory,
    SourceMapperFactory,
    hookimpl,
)
from eventflux_nasty.functions import NEXT
from eventflux_nasty.mappers import NumberSinkFactory, NumberSourceFactory
from eventflux_nasty.sink import NastySinkFactory
from eventflux_nasty.source import NastySourceFactory

eventflux_spi = (1, 0)


@hookimpl
def register_source_factories() -> Sequence[SourceFactory]:
    return [NastySourceFactory()]


@hookimpl
def register_sink_factories() -> Sequence[SinkFactory]:
    return [NastySinkFactory()]


@hookimpl
def register_source_mapper_factories() -> Sequence[SourceMapperFactory]:
    return [NumberSourceFactory()]


@hookimpl
def register_sink_mapper_factories() -> Sequence[SinkMapperFactory]:
    return [NumberSinkFactory()]


@hookimpl
def register_functions() -> Sequence[ScalarFunction]:
    return [NEXT]
