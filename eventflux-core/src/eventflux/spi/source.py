"""What a source connector implements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from eventflux.base.rows import Row
from eventflux.base.types import DataType
from eventflux.spi.guarantees import Order, Weakness
from eventflux.spi.options import Options
from eventflux.spi.reconnection import Reconnection

SourceKind = Literal["acking", "replayable", "live"]
"""``acking``: the other side waits for an acknowledgement. ``replayable``: it has positions
that reading resumes from. ``live``: neither, what is missed is gone."""

Positions = Mapping[str, Any]
"""The next position of each partition, plain JSON values."""


@dataclass(frozen=True, slots=True)
class ReceiveLimits:
    """What one :meth:`Source.receive` may return at the most."""

    messages: int = 1024
    bytes: int = 4 * 1024 * 1024


@dataclass(slots=True)
class SourceBatch:
    """What a source hands over in one go.

    ``payloads`` are the messages, in order: ``bytes``, or for a connector without formats
    tuples of column values. ``token`` is whatever the source wants back in ``settle``; it
    knows its connection. ``metadata`` are columns: for each name in
    :attr:`ConnectorContext.metadata` one value a message, ``None`` where the message has none;
    a name that is left out is ``None`` in all. ``message_ids`` are stable over redeliveries
    where the other side has such ids. ``positions`` are the next positions of a replayable
    source after this batch, of all partitions that it reads. ``partitions``, where it reads
    several, tell of each message which it is of: each has a watermark of its own (``WATERMARK
    FOR``), and the least counts. One that ``positions`` have and that gives nothing holds it back
    until it is idle, one that they have no more does not. ``deliveries`` tell how often each
    message has been delivered, this time included, where the other side counts: one that came too
    often is not processed again but set aside.
    """

    payloads: Sequence[Any]
    token: Any = None
    metadata: Mapping[str, Sequence[Any]] | None = None
    message_ids: Sequence[str] | None = None
    positions: Positions | None = None
    deliveries: Sequence[int] | None = None
    partitions: Sequence[str] | None = None


class EndOfStream(Exception):
    """Raised by :meth:`Source.receive` when a finite input is at its end."""


class Source(ABC):
    """One running source. All calls come from the app's event loop, one at a time
    (``settle`` may come while ``receive`` waits).

    The runtime opens it, calls ``receive`` in a loop, settles each batch once, in any
    order, and closes it. After ``Disconnected`` from any call the runtime backs off,
    calls ``close`` and then ``open`` again on the same object.
    """

    peer: str | None = None
    """What it connects to, in words for messages: ``RabbitMQ at localhost:5672``."""

    @property
    def condition(self) -> str | None:
        """What hinders it although it is connected, in words for ``health()``: ``blocked by the
        broker: low on memory``. ``None``: nothing. It may be asked from any thread."""
        return None

    def counters(self) -> Mapping[str, int]:
        """Totals of its own since it was made, by name, that only grow: ``{"clients_refused": 3}``.
        They stand in ``stats()`` and the metrics. It may be called from any thread."""
        return {}

    def gauges(self) -> Mapping[str, int]:
        """Amounts of its own as they are now, as :meth:`counters`."""
        return {}

    @abstractmethod
    async def open(self, positions: Positions | None) -> None:
        """Connect and check all that is needed; the runtime limits it to 10 s.

        Args:
            positions: where to resume (replayable sources), ``None`` for the beginning.

        Raises:
            Disconnected: the other side can't be reached now.
            Misconfigured: it refuses, and would refuse again.
        """

    @abstractmethod
    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        """Wait for one message and return all that wait, within ``limits``.

        It may be cancelled, and loses no message then. One message larger than
        ``limits.bytes`` comes alone.

        Raises:
            Disconnected: the connection is gone.
            EndOfStream: nothing more will ever come.
        """

    def settle(self, token: Any, rejected: Sequence[int] = (), *, requeue: bool = False) -> None:
        """Acknowledge the batch of ``token`` but for the ``rejected`` indices, which are
        given back (``requeue``) or discarded as the other side does with a rejected message.

        It does not block and does not raise for a token whose connection is gone: the
        other side delivers those again.
        """

    async def stop(self) -> None:
        """Deliver no more messages; ``settle`` still works. Called once, before ``close``."""

    @abstractmethod
    async def close(self) -> None:
        """Close everything, settled acknowledgements flushed first. May be called twice,
        or after a failed ``open``; never raises for a connection that is gone."""


@dataclass(frozen=True, slots=True)
class ConnectorContext:
    """What a connector may know of the stream that it serves."""

    stream: str
    app: str
    column_names: Sequence[str] = field(default=())
    """Of the columns that messages carry: all but the METADATA ones."""
    clock: Any = None
    """The app's clock (:class:`eventflux.base.clock.Clock`)."""
    metadata: Sequence[str] = ()
    """The names, of those that the factory declares, that METADATA columns of the stream read
    (a source) or set (a sink); nobody looks at any other."""
    row_type: type[Row] | None = None
    """The class of the stream's rows, METADATA columns included, for a :class:`Template`."""
    checkpointed: bool = False
    """Of a source: whether its messages go into state that is stored, so that they are settled
    when a checkpoint is published, many at a time."""


class SourceFactory(ABC):
    """Describes a source connector and makes its sources."""

    name: ClassVar[str]
    """What SQL calls it: ``extension = 'name'``."""
    doc: ClassVar[str]
    """One line for ``eventflux connectors``."""
    kind: ClassVar[SourceKind]
    options: ClassVar[type[Options]]
    formats: ClassVar[Sequence[str]] = ()
    """The formats that it works with, the usual one first; ``("*",)`` any; empty: it gives
    rows, not payloads."""
    lines: ClassVar[bool] = False
    """Whether its payloads are the lines of one text: a header stands there once, not in each."""
    metadata: ClassVar[Mapping[str, DataType]] = {}
    """What METADATA columns may read of a message, by name, with its type. A name that ends in
    ``.*`` (``headers.*``) stands for all that begin so; their values are of any type."""

    def check_schema(self, context: ConnectorContext, schema: Any) -> None:
        """Refuse a stream whose columns don't suit (``OptionError``); called before start.

        ``schema`` is a :class:`eventflux.base.types.Schema`, without METADATA columns.
        """

    def check_options(self, options: Any, context: ConnectorContext) -> None:
        """Refuse typed options that don't suit the stream (``OptionError``); called before start.

        What the options show by themselves is refused where they are made, by the methods of
        their class that are marked with :func:`eventflux.spi.rule`.
        """

    def notes(self, options: Any) -> Sequence[str]:
        """What a user should know of a stream with these typed options and ``explain`` shows: a
        line each, for example what order is kept."""
        return ()

    def weaknesses(self, options: Any) -> Sequence[Weakness]:
        """What makes a stream with these typed options lose messages that its kind says it does
        not lose, for the guarantee that ``explain`` and ``check`` derive for each sink."""
        return ()

    def order(self, options: Any) -> Order:
        """What order the messages of a stream with these typed options come in."""
        return "total"

    def reconnection(self, options: Any) -> Reconnection | None:
        """How a lost connection is made again, where these typed options say so; ``None``: as
        that of any stream."""
        return None

    def prefetch(self, options: Any) -> int | None:
        """How many messages the other side hands over before one of them is acknowledged, where
        these typed options bound that, in an app that stores state: what has gone into state is
        acknowledged with a checkpoint, which comes at once when half as many wait for it. With
        ``None`` it comes when nothing more is received for a second."""
        return None

    def when_silent(self, options: Any) -> str | None:
        """What a user should look at where a source with these typed options is connected and
        nothing comes, for ``eventflux explain --why``. No option that is secret shows in it."""
        return None

    @abstractmethod
    def create(self, options: Any, context: ConnectorContext) -> Source:
        """Make a source from its typed options alone. It does no I/O."""
