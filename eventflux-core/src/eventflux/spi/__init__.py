"""What plugins implement and use: connectors, mappers, functions, typed options.

Everything that a plugin author needs is importable from here.
"""

from eventflux.base.errors import OptionError
from eventflux.base.rows import Row, values_of
from eventflux.base.state_records import Change, Cleared, StateChange
from eventflux.base.types import Column, DataType, Schema
from eventflux.spi.faults import Disconnected, Misconfigured
from eventflux.spi.functions import AsyncFunction, ScalarFunction, TableFunction
from eventflux.spi.guarantees import Order, Weakness
from eventflux.spi.hookspecs import SPI_VERSION, hookimpl
from eventflux.spi.mapper import (
    Decoded,
    Encoded,
    MapperContext,
    MapperError,
    SinkMapper,
    SinkMapperFactory,
    SourceMapper,
    SourceMapperFactory,
    TimedSinkMapper,
)
from eventflux.spi.option_rules import rule
from eventflux.spi.option_values import Bytes, Duration, Secret
from eventflux.spi.options import Options, OptionSpec, family, option
from eventflux.spi.own_aggregates import Aggregate, aggregate
from eventflux.spi.own_functions import function
from eventflux.spi.reconnection import Reconnection
from eventflux.spi.sink import Refusal, Sink, SinkBatch, SinkFactory
from eventflux.spi.source import (
    ConnectorContext,
    EndOfStream,
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
)
from eventflux.spi.state_store import (
    Damaged,
    KeptCheckpoint,
    PublishedCheckpoint,
    StateStore,
    StateStoreContext,
    StateStoreFactory,
)
from eventflux.spi.templates import Template

__all__ = [
    "SPI_VERSION",
    "Aggregate",
    "AsyncFunction",
    "Bytes",
    "Change",
    "Cleared",
    "Column",
    "ConnectorContext",
    "Damaged",
    "DataType",
    "Decoded",
    "Disconnected",
    "Duration",
    "Encoded",
    "EndOfStream",
    "KeptCheckpoint",
    "MapperContext",
    "MapperError",
    "Misconfigured",
    "OptionError",
    "OptionSpec",
    "Options",
    "Order",
    "Positions",
    "PublishedCheckpoint",
    "ReceiveLimits",
    "Reconnection",
    "Refusal",
    "Row",
    "ScalarFunction",
    "Schema",
    "Secret",
    "Sink",
    "SinkBatch",
    "SinkFactory",
    "SinkMapper",
    "SinkMapperFactory",
    "Source",
    "SourceBatch",
    "SourceFactory",
    "SourceKind",
    "SourceMapper",
    "SourceMapperFactory",
    "StateChange",
    "StateStore",
    "StateStoreContext",
    "StateStoreFactory",
    "TableFunction",
    "Template",
    "TimedSinkMapper",
    "Weakness",
    "aggregate",
    "family",
    "function",
    "hookimpl",
    "option",
    "rule",
    "values_of",
]
