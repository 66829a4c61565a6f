"""One connection to a broker, which channels share, from its opening to its end.

Any trouble ends it for good, with all its channels; the runtime then opens a new one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, ClassVar, TypeVar

import aio_pika
import aiormq
from aio_pika.abc import ConnectionParameter
from aiormq.abc import AbstractChannel

from eventflux.spi import Disconnected
from eventflux.spi.tls import client_context
from eventflux_rabbitmq.address import Address
from eventflux_rabbitmq.connection_options import Fast
from eventflux_rabbitmq.errors import connect_fault, from_library, lost_fault
from eventflux_rabbitmq.quiet import our_records, quieten_library, quietly
from eventflux_rabbitmq.tap import SeamMissing, TappedConnection, TapProtocol

STEP_TIMEOUT = 8.0
"""Seconds that each step of opening may take: less than the runtime allows for all."""
FRAMES_AHEAD = 1000
"""Frames of a channel that the library reads before it handles one: many make larger batches."""

_log = logging.getLogger("eventflux.rabbitmq")
_seams_missing: list[str] = []

Result = TypeVar("Result")
OpenChannel = Callable[[], Awaitable[AbstractChannel]]
"""Opens a channel that may be thrown away: a failed check closes it."""


class BrokerConnection:
    """See the module. ``open`` makes one; afterwards :attr:`ended` tells whether it lives."""

    def __init__(
        self,
        connection: aio_pika.abc.AbstractConnection,
        protocol: TapProtocol | None,
        address: Address,
    ) -> None:
        self._connection = connection
        self.protocol = protocol
        """The tap, or ``None`` when documented calls have to do."""
        self.address = address
        self.ended: Disconnected | None = None
        """Why it ended; ``None`` while it lives."""
        self.watchers: set[Callable[[], None]] = set()
        """Called when it ends, and when the broker blocks or unblocks it."""
        if protocol is not None:
            protocol.on_lost = self._on_lost
            protocol.on_blocked = self._on_blocked

    @classmethod
    async def open(cls, address: Address, *, name: str, fast: Fast) -> BrokerConnection:
        """Connect and log in.

        Args:
            address: the broker.
            name: what the broker shows of this connection.
            fast: ``'off'`` for documented calls only.

        Raises:
            Disconnected: the broker can't be reached or does not answer.
            Misconfigured: it refuses, or TLS can't be spoken with it.
        """
        quieten_library()
        with our_records():
            connection = await _connect(address, name, fast)
            return cls(connection, _protocol_of(connection), address)

    async def open_channel(self, *, confirms: bool = False) -> AbstractChannel:
        """Open a channel, in limited time.

        Raises:
            Disconnected: the broker did not answer.
        """
        transport = self._connection.transport
        if transport is None:
            raise aiormq.AMQPConnectionError("the connection is closed")
        opening = transport.connection.channel(
            publisher_confirms=confirms, frame_buffer_size=FRAMES_AHEAD, on_return_raises=True
        )
        return await step(opening, self.address)

    @property
    def blocked(self) -> str | None:
        """Why the broker takes no messages on it now, if it said so."""
        return None if self.protocol is None else self.protocol.blocked

    def end(self, why: Disconnected) -> None:
        """End it; the first reason stays."""
        if self.ended is None:
            self.ended = why
            self._tell()

    def _tell(self) -> None:
        for watcher in list(self.watchers):
            watcher()

    def _on_lost(self, error: Exception | None) -> None:
        assert self.protocol is not None
        silent = asyncio.get_running_loop().time() - self.protocol.last_data
        self.end(lost_fault(error, self.address, self.protocol.closed_by_broker, silent))

    def _on_blocked(self) -> None:
        if self.blocked is None:
            _log.info("RabbitMQ at %s takes messages again", self.address)
        else:
            _log.warning("RabbitMQ at %s takes no messages now: %s", self.address, self.blocked)
        self._tell()

    def abort(self) -> None:
        """Close the socket at once: the broker doesn't answer."""
        if self.protocol is not None:
            self.protocol.abort()

    async def close(self) -> None:
        """Close it, in limited time."""
        self.end(Disconnected(f"the connection to RabbitMQ at {self.address} was closed"))
        await _close(self._connection, self.protocol)


async def step(work: Awaitable[Result], address: Address) -> Result:
    """Do one step of opening, in limited time.

    Raises:
        Disconnected: the broker did not answer.
    """
    try:
        async with asyncio.timeout(STEP_TIMEOUT):
            return await work
    except TimeoutError:
        raise Disconnected(
            f"RabbitMQ at {address} did not answer within {STEP_TIMEOUT:g} s"
        ) from None


_PARAMETERS = (
    *aio_pika.Connection.PARAMETERS,
    ConnectionParameter(name="server_hostname", parser=str, is_kwarg=True),
)
"""What the library hands on to the event loop: the name in the certificate, too."""


class _Plain(aio_pika.Connection):
    PARAMETERS: ClassVar[tuple[ConnectionParameter, ...]] = _PARAMETERS  # type: ignore[misc]


class _Tapped(TappedConnection):
    PARAMETERS: ClassVar[tuple[ConnectionParameter, ...]] = _PARAMETERS  # type: ignore[misc]


async def _connect(address: Address, name: str, fast: Fast) -> aio_pika.abc.AbstractConnection:
    if fast == "auto" and not _seams_missing:
        try:
            return await _connect_as(_Tapped, address, name)
        except SeamMissing as error:
            warn_of_seam(error)
    return await _connect_as(_Plain, address, name)


async def _connect_as(
    kind: type[aio_pika.Connection], address: Address, name: str
) -> aio_pika.abc.AbstractConnection:
    tls = address.tls
    context = None if tls is None else await asyncio.to_thread(client_context, tls, "rabbitmq")
    server_name = None if tls is None else tls.server_name
    connection = kind(_url(address, name), ssl_context=context, server_hostname=server_name)
    try:
        await connection.connect(timeout=STEP_TIMEOUT)
    except BaseException as error:
        protocol = _protocol_of(connection)
        await _close(connection, protocol)
        if not from_library(error):
            raise
        closed = None if protocol is None else protocol.closed_by_broker
        answer = b"" if protocol is None else protocol.foreign
        raise connect_fault(error, address, closed, answer) from error
    if isinstance(connection, TappedConnection) and connection.protocol is None:
        await _close(connection, None)
        raise SeamMissing("aiormq did not call the transport factory")
    return connection


def _protocol_of(connection: aio_pika.abc.AbstractConnection) -> TapProtocol | None:
    return connection.protocol if isinstance(connection, TappedConnection) else None


def _url(address: Address, name: str) -> Any:
    return aio_pika.connection.make_url(
        host=address.host,
        port=address.port,
        login=address.username,
        password=address.password.reveal(),
        virtualhost=address.vhost,
        ssl=address.tls is not None,
        heartbeat=address.heartbeat_seconds,
        name=name,
    )


async def _close(connection: aio_pika.abc.AbstractConnection, protocol: TapProtocol | None) -> None:
    await quietly(connection.close())
    if protocol is not None:
        protocol.abort()


def warn_of_seam(error: SeamMissing) -> None:
    """Say once that the fast way is not to be had."""
    if not _seams_missing:
        _log.warning(
            "aio-pika %s with aiormq %s does not fit the fast path (%s); using documented "
            "calls, which is several times slower",
            version("aio-pika"),
            version("aiormq"),
            error,
        )
    _seams_missing.append(str(error))
