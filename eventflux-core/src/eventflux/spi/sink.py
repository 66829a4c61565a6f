"""What a sink connector implements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from eventflux.base.rows import Row
from eventflux.base.types import DataType
from eventflux.spi.guarantees import Order, Weakness
from eventflux.spi.options import Options
from eventflux.spi.reconnection import Reconnection
from eventflux.spi.source import ConnectorContext


@dataclass(slots=True)
class SinkBatch:
    """Messages to send, in order.

    ``payloads``: ``bytes``, or for a connector without formats tuples of column values.
    ``message_ids``: one a message where the runtime knows one, the same over resends.
    ``metadata``: columns, where the stream has METADATA columns: for each name in
    :attr:`eventflux.spi.ConnectorContext.metadata` one value a message; a value ``None`` leaves
    the property to the options. ``rows``: the row of each message, for a sink that
    :attr:`~Sink.wants_rows`.
    """

    payloads: Sequence[Any]
    message_ids: Sequence[str] | None = None
    metadata: Mapping[str, Sequence[Any]] | None = None
    rows: Sequence[Row] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One message of a batch that the other side did not take."""

    index: int
    reason: str
    transient: bool
    """Whether sending it again later may work."""
    hint: str | None = None


class Sink(ABC):
    """One running sink. All calls come from the app's event loop.

    Several ``send`` may be under way at once, up to ``max.in.flight`` messages; they were
    called in order and the messages must leave in that order. After ``Disconnected`` from
    any call the runtime backs off, calls ``close`` and ``open`` again and sends again, in
    order, every batch whose ``send`` had not returned.
    """

    peer: str | None = None
    """As :attr:`eventflux.spi.Source.peer`."""
    wants_rows: bool = False
    """Whether its batches should have the rows too, of which templates are filled in; decided
    before ``open``."""

    @property
    def condition(self) -> str | None:
        """As :attr:`eventflux.spi.Source.condition`."""
        return None

    def counters(self) -> Mapping[str, int]:
        """As :meth:`eventflux.spi.Source.counters`."""
        return {}

    def gauges(self) -> Mapping[str, int]:
        """As :meth:`eventflux.spi.Source.gauges`."""
        return {}

    @abstractmethod
    async def open(self) -> None:
        """Connect and check all that is needed; the runtime limits it to 10 s.

        Raises:
            Disconnected: the other side can't be reached now.
            Misconfigured: it refuses, and would refuse again.
        """

    @abstractmethod
    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        """Return when every message is safe on the other side or refused.

        Returns:
            the refused messages; empty when all are safe.

        Raises:
            Disconnected: the connection went before everything was confirmed.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close everything. May be called twice or after a failed ``open``; never raises
        for a connection that is gone."""


class SinkFactory(ABC):
    """Describes a sink connector and makes its sinks."""

    name: ClassVar[str]
    doc: ClassVar[str]
    options: ClassVar[type[Options]]
    formats: ClassVar[Sequence[str]] = ()
    """As :attr:`eventflux.spi.SourceFactory.formats`."""
    lines: ClassVar[bool] = False
    """As :attr:`eventflux.spi.SourceFactory.lines`."""
    metadata: ClassVar[Mapping[str, DataType]] = {}
    """What METADATA columns may set of a message, as for
    :attr:`eventflux.spi.SourceFactory.metadata`."""
    format_optional: ClassVar[bool] = False
    """Whether a stream may leave ``format`` out although formats are listed; it gets rows then."""
    max_in_flight: ClassVar[int] = 1024
    """How many messages may be under way when the stream sets no ``max.in.flight``."""
    confirms: ClassVar[bool] = True
    """Whether a returned ``send`` means that the other side has the message safe."""

    def check_schema(self, context: ConnectorContext, schema: Any) -> None:
        """Refuse a stream whose columns don't suit (``OptionError``); called before start."""

    def check_options(self, options: Any, context: ConnectorContext) -> None:
        """As :meth:`eventflux.spi.SourceFactory.check_options`."""

    def notes(self, options: Any) -> Sequence[str]:
        """As :meth:`eventflux.spi.SourceFactory.notes`."""
        return ()

    def weaknesses(self, options: Any) -> Sequence[Weakness]:
        """As :meth:`eventflux.spi.SourceFactory.weaknesses`, where it :attr:`confirms`."""
        return ()

    def order(self, options: Any) -> Order:
        """What order the messages of a stream with these typed options are taken in."""
        return "total"

    def reconnection(self, options: Any) -> Reconnection | None:
        """As :meth:`eventflux.spi.SourceFactory.reconnection`."""
        return None

    @abstractmethod
    def create(self, options: Any, context: ConnectorContext) -> Sink:
        """Make a sink from its typed options alone. It does no I/O."""
