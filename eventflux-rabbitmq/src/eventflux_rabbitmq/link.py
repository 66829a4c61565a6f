"""One connection with its one channel, from its opening to its end: an epoch.

Any trouble ends it, for good; the runtime then opens a new one from nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from importlib.metadata import version
from typing import Any, TypeVar

import aio_pika
import aiormq
from aiormq.abc import AbstractChannel

from eventflux.spi import Disconnected
from eventflux_rabbitmq.errors import channel_fault, connect_fault, from_library, lost_fault
from eventflux_rabbitmq.options import Address, Fast
from eventflux_rabbitmq.tap import SeamMissing, TappedConnection, TapProtocol, check_seams

STEP_TIMEOUT = 8.0
"""Seconds that each step of opening may take: less than the runtime allows for all."""
CLOSE_TIMEOUT = 2.0
"""Seconds that closing in good order may take before the socket is just closed."""
FRAMES_AHEAD = 1000
"""Frames of a channel that the library reads before it handles one: many make larger batches."""

_log = logging.getLogger("eventflux.rabbitmq")
_ours: ContextVar[bool] = ContextVar("eventflux_rabbitmq", default=False)
_seams_missing: list[str] = []

Result = TypeVar("Result")
OpenChannel = Callable[[], Awaitable[AbstractChannel]]
"""Opens a channel that may be thrown away: a failed check closes it."""


class Link:
    """See the module. ``open`` makes one; afterwards :attr:`ended` tells whether it lives."""

    def __init__(
        self,
        connection: aio_pika.abc.AbstractConnection,
        channel: AbstractChannel,
        protocol: TapProtocol | None,
        address: Address,
    ) -> None:
        self.connection = connection
        self.channel: Any = channel
        self.protocol = protocol
        """The tap, or ``None`` when documented calls have to do."""
        self.address = address
        self.ended: Disconnected | None = None
        """Why it ended; ``None`` while it lives."""
        self.on_end: Callable[[], None] | None = None
        """Called once, at the end: to wake whoever waits."""
        if protocol is not None:
            protocol.on_lost = self._on_lost
        channel.closing.add_done_callback(self._on_channel_closed)

    @classmethod
    async def open(
        cls,
        address: Address,
        *,
        name: str,
        fast: Fast,
        confirms: bool,
        prepare: Callable[[OpenChannel], Awaitable[None]],
    ) -> Link:
        """Connect, prepare queues and exchanges, open the channel.

        Args:
            address: the broker.
            name: what the broker shows of this connection.
            fast: ``'off'`` for documented calls only.
            confirms: whether the channel is to confirm what is published.
            prepare: checks and declares; gets a function that opens throw-away channels.

        Raises:
            Disconnected: the broker can't be reached or does not answer.
            Misconfigured: it refuses.
        """
        _quieten_library()
        token = _ours.set(True)
        try:
            return await _open(address, name, fast, confirms, prepare)
        finally:
            _ours.reset(token)

    def end(self, why: Disconnected) -> None:
        """End it; the first reason stays."""
        if self.ended is not None:
            return
        self.ended = why
        if self.on_end is not None:
            self.on_end()

    def check(self) -> None:
        """Raise the reason if it has ended."""
        if self.ended is not None:
            raise self._again(self.ended)

    def check_unless_channel_error(self, error: BaseException) -> None:
        """Raise why the connection ended, unless ``error`` tells more: the channel's own end."""
        if not isinstance(error, aiormq.AMQPChannelError):
            self.check()

    @staticmethod
    def _again(why: Disconnected) -> Disconnected:
        return Disconnected(why.reason, why.hint)

    def _on_lost(self, error: Exception | None) -> None:
        assert self.protocol is not None
        silent = asyncio.get_running_loop().time() - self.protocol.last_data
        self.end(lost_fault(error, self.address, self.protocol.closed_by_broker, silent))

    def _on_channel_closed(self, closing: asyncio.Future[Any]) -> None:
        error = asyncio.CancelledError() if closing.cancelled() else closing.exception()
        closed = None if self.protocol is None else self.protocol.closed_by_broker
        if closed is not None:
            self.end(lost_fault(None, self.address, closed, 0.0))
        else:
            self.end(channel_fault(error, self.address))

    async def close(self, *, in_order: bool = True) -> None:
        """Close everything.

        Args:
            in_order: close the channel first, so that what was written to it has arrived.
        """
        lost = self.ended is not None
        self.end(Disconnected(f"the connection to RabbitMQ at {self.address} was closed"))
        answered = lost or not in_order or await quietly(self.channel.close())
        if not answered and self.protocol is not None:
            self.protocol.abort()  # who doesn't answer this answers nothing: no second wait
        await _close_connection(self.connection, self.protocol)


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


async def _open(
    address: Address,
    name: str,
    fast: Fast,
    confirms: bool,
    prepare: Callable[[OpenChannel], Awaitable[None]],
) -> Link:
    connection = await _connect(address, name, fast)
    protocol = _protocol_of(connection)
    try:
        await prepare(lambda: step(_open_channel(connection, confirms=False), address))
        channel = await step(_open_channel(connection, confirms=confirms), address)
        tap = protocol
        if protocol is not None:
            try:
                check_seams(channel)
            except SeamMissing as error:
                _warn_of_seam(error)
                tap = None
        return Link(connection, channel, tap, address)
    except BaseException as error:
        await _close_connection(connection, protocol)
        if not from_library(error):
            raise
        raise channel_fault(error, address) from error


async def _open_channel(
    connection: aio_pika.abc.AbstractConnection, *, confirms: bool
) -> AbstractChannel:
    if connection.transport is None:
        raise aiormq.AMQPConnectionError("the connection is closed")
    return await connection.transport.connection.channel(
        publisher_confirms=confirms, frame_buffer_size=FRAMES_AHEAD, on_return_raises=True
    )


async def _connect(address: Address, name: str, fast: Fast) -> aio_pika.abc.AbstractConnection:
    if fast == "auto" and not _seams_missing:
        try:
            return await _connect_as(TappedConnection, address, name)
        except SeamMissing as error:
            _warn_of_seam(error)
    return await _connect_as(aio_pika.Connection, address, name)


async def _connect_as(
    kind: type[aio_pika.Connection], address: Address, name: str
) -> aio_pika.abc.AbstractConnection:
    connection = kind(_url(address, name))
    try:
        await connection.connect(timeout=STEP_TIMEOUT)
    except BaseException as error:
        protocol = _protocol_of(connection)
        await _close_connection(connection, protocol)
        if not from_library(error):
            raise
        closed = None if protocol is None else protocol.closed_by_broker
        raise connect_fault(error, address, closed) from error
    if isinstance(connection, TappedConnection) and connection.protocol is None:
        await _close_connection(connection, None)
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
        heartbeat=address.heartbeat_seconds,
        name=name,
    )


async def _close_connection(
    connection: aio_pika.abc.AbstractConnection, protocol: TapProtocol | None
) -> None:
    await quietly(connection.close())
    if protocol is not None:
        protocol.abort()


async def quietly(work: Awaitable[Any]) -> bool:
    """Finish something on a connection that may be gone, in limited time; whether it was."""
    token = _ours.set(True)
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await work
    except Exception:
        return False
    finally:
        _ours.reset(token)
    return True


def _warn_of_seam(error: SeamMissing) -> None:
    if not _seams_missing:
        _log.warning(
            "aio-pika %s with aiormq %s does not fit the fast path (%s); using documented "
            "calls, which is several times slower",
            version("aio-pika"),
            version("aiormq"),
            error,
        )
    _seams_missing.append(str(error))


class _OursToDebug(logging.Filter):
    """Takes the client library's records about our connections to our logger at DEBUG.

    What they tell is raised as an error with better words; records about connections that
    the program makes for itself stay.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if not _ours.get():
            return True
        _log.debug("%s: %s", record.name, record.getMessage())
        return False


def _quieten_library() -> None:
    for name in _LIBRARY_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(f, _OursToDebug) for f in logger.filters):
            logger.addFilter(_OursToDebug())


_LIBRARY_LOGGERS = (
    "aiormq.connection",
    "aiormq.channel",
    "aio_pika.connection",
    "aio_pika.channel",
    "aio_pika.tools",
)
