"""What the runtime is told of an app: its sources, sinks, error policies and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from eventflux.base.clock import Clock
from eventflux.base.errors import Position
from eventflux.base.rows import Row
from eventflux.base.types import Schema
from eventflux.runtime.backoff import Backoff
from eventflux.runtime.culprits import PluginOf, no_plugin
from eventflux.runtime.engine import Engine
from eventflux.runtime.metadata import MetadataReader, MetadataWriter
from eventflux.runtime.stream_options import (
    ErrorOptions,
    SinkStreamOptions,
    SourceStreamOptions,
)
from eventflux.spi.functions import AsyncFunction
from eventflux.spi.mapper import SinkMapper, SourceMapper
from eventflux.spi.reconnection import Reconnection
from eventflux.spi.sink import Sink
from eventflux.spi.source import Source, SourceKind
from eventflux.spi.state_store import StateStore


class SourceSpec(msgspec.Struct, frozen=True):
    """One source stream, resolved. ``create`` makes a new connector for each start."""

    stream: str
    connector: str
    kind: SourceKind
    create: Callable[[], Source]
    mapper: SourceMapper
    options: SourceStreamOptions
    row_payloads: bool = False
    """Whether payloads are tuples of values and not bytes."""
    connector_by: str = "this program"
    """Who brings the connector, in words, for what it does wrong."""
    mapper_by: str = "this program"
    metadata: MetadataReader | None = None
    """Reads the METADATA columns of the stream, where it has some; ``mapper`` does not."""
    row_type: type[Row] | None = None
    """The class of the rows of ``mapper``, where that is to be looked at."""
    reconnection: Reconnection | None = None
    """What the connector's own options say of connecting again."""
    prefetch: int | None = None
    """How many messages the other side hands over before one is acknowledged, if it bounds that."""
    watermark: bool = False
    """Whether its stream has one."""
    when_silent: str | None = None
    """What to look at where nothing comes, in words."""

    @property
    def label(self) -> str:
        return f"source {self.stream!r} ({self.connector})"


class SinkSpec(msgspec.Struct, frozen=True):
    """One sink stream, resolved. ``create`` makes a new connector for each start."""

    stream: str
    connector: str
    create: Callable[[], Sink]
    mapper: SinkMapper
    options: SinkStreamOptions
    max_in_flight: int
    row_payloads: bool = False
    connector_by: str = "this program"
    mapper_by: str = "this program"
    metadata: MetadataWriter | None = None
    """Names the METADATA columns of the stream, where it has some; ``mapper`` sees none."""
    reconnection: Reconnection | None = None

    @property
    def label(self) -> str:
        return f"sink {self.stream!r} ({self.connector})"


class AsyncCallSpec(msgspec.Struct, frozen=True):
    """A call of an asynchronous function: which values of the row are its arguments, and what
    makes its result one of the declared type."""

    function: AsyncFunction
    first: int
    count: int
    convert: Callable[[object], object]


class StageSpec(msgspec.Struct, frozen=True):
    """Where a query waits for asynchronous functions: rows of ``asked``, the first ``columns`` of
    which are those of ``source``, go on as rows of ``answered``. Errors belong to ``home``."""

    query: str
    position: Position
    source: str
    home: str
    asked: str
    answered: str
    columns: int
    calls: tuple[AsyncCallSpec, ...]


class StoreSpec(msgspec.Struct, frozen=True):
    """Where the state of an app is stored, and how often. ``create`` makes a new store for each
    start; ``version`` is that of EventFlux."""

    name: str
    create: Callable[[], StateStore]
    interval: float = 10.0
    """Seconds between checkpoints."""
    fresh: bool = False
    """Whether the first start ignores what is stored."""
    version: str = ""

    @property
    def label(self) -> str:
        return f"state store {self.name!r}"


class Limits(msgspec.Struct, frozen=True):
    """Times in seconds."""

    connect: float = 10.0
    """For each try to open a connector."""
    start: float = 30.0
    """How long what is unreachable is tried again at start."""
    stop: float = 30.0
    """How long a stop may drain."""
    step: float = 1.0
    """How long a step may hold the loop before it is named in the log."""
    send: float = 10.0
    """How long a send may be under way before its sink is named in the log."""
    backoff: Backoff = msgspec.field(default_factory=Backoff)


class AppSpec(msgspec.Struct, frozen=True):
    """A whole app as the runtime sees it.

    ``streams`` has the options of every stream of the app, ``queries`` the error options of
    the queries that have their own. ``reaches`` gives for each stream the streams that its
    rows can lead to, itself included, also as errors. ``homes`` gives for each stream
    without a name the one that its errors belong to. ``error_schemas`` has the columns of
    every stream that takes error rows.
    """

    name: str
    engine: Engine
    clock: Clock
    sources: Sequence[SourceSpec]
    sinks: Sequence[SinkSpec]
    streams: Mapping[str, ErrorOptions]
    reaches: Mapping[str, frozenset[str]]
    queries: Mapping[str, ErrorOptions] = msgspec.field(default_factory=dict)
    homes: Mapping[str, str] = msgspec.field(default_factory=dict)
    error_schemas: Mapping[str, Schema] = msgspec.field(default_factory=dict)
    limits: Limits = msgspec.field(default_factory=Limits)
    flush_on_stop: bool | None = None
    """Whether a stop closes windows; ``None``: if a finite input without a watermark has ended."""
    store: StoreSpec | None = None
    """Where state is kept; without it is gone with the process."""
    checkpointed: frozenset[str] = frozenset()
    """The streams whose rows, or the errors that come of them, reach state that is stored."""
    stages: Sequence[StageSpec] = ()
    """Where queries wait for asynchronous functions."""
    plugin_of: PluginOf = no_plugin
