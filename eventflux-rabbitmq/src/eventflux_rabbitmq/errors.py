"""What an exception of the client library means, and what mends it."""

from __future__ import annotations

import asyncio
import re
import socket

import aiormq
from aiormq.exceptions import AMQPError, ChannelInvalidStateError

from eventflux.spi import Disconnected, Misconfigured, Refusal
from eventflux_rabbitmq.address import Address
from eventflux_rabbitmq.options import SinkOptions
from eventflux_rabbitmq.tls import PORTS, closed_hint, handshake_fault, needs_tls, speaks_tls

Fault = Disconnected | Misconfigured


def from_library(error: BaseException) -> bool:
    """Whether the client library tells with this that connection or channel failed."""
    if isinstance(error, RuntimeError):
        return isinstance(error, ChannelInvalidStateError) or "closed" in str(error)
    # StopAsyncIteration: the socket was closed before the first frame came
    return isinstance(error, AMQPError | OSError | StopAsyncIteration)


def connect_fault(
    error: BaseException,
    address: Address,
    closed_by_broker: tuple[int, str] | None,
    answer: bytes = b"",
) -> Fault:
    """Why a connection could not be made.

    Args:
        error: what the client library raised.
        address: where it tried to connect.
        closed_by_broker: code and text of the broker's ``connection.close``, if there was one.
        answer: the first bytes that came, if they were no AMQP.
    """
    where = f"RabbitMQ at {address}"
    if isinstance(error, aiormq.ProbableAuthenticationError):
        return _login_refused(address)
    if closed_by_broker is not None:
        return _closed_while_opening(address, *closed_by_broker)
    if address.tls is None and speaks_tls(answer):
        return needs_tls(address)
    causes = _causes(error)
    handshake = handshake_fault(causes, address)
    if handshake is not None:
        return handshake
    for cause in causes:
        if isinstance(cause, TimeoutError):
            return Disconnected(f"{where} does not answer", _reachable_hint(address))
        if isinstance(cause, socket.gaierror):
            return Disconnected(
                f"the host name '{address.host}' can't be resolved: {cause.strerror}",
                'check "rabbitmq.host"',
            )
        if isinstance(cause, ConnectionRefusedError):
            return Disconnected(f"{where} refuses connections", _reachable_hint(address))
    if isinstance(error, aiormq.InvalidFrameError) and "Connection.OpenOk" in str(error):
        # without the tap the broker's words are lost: the library shows its object only
        return _vhost_refused(address)
    if isinstance(error, aiormq.AuthenticationError):
        return Misconfigured(f"{where} does not allow a login by user name and password")
    if isinstance(error, aiormq.ProtocolSyntaxError | aiormq.IncompatibleProtocolError):
        return Disconnected(
            f"{address} does not speak AMQP 0-9-1", 'is "rabbitmq.port" that of AMQP (5672)?'
        )
    closed_at_once = asyncio.IncompleteReadError | StopAsyncIteration | ConnectionResetError
    if any(isinstance(cause, closed_at_once) for cause in causes):
        return Disconnected(f"{where} closed the connection at once", closed_hint(address))
    return Disconnected(f"{where} can't be reached: {_words(error)}", _reachable_hint(address))


def _login_refused(address: Address) -> Misconfigured:
    return Misconfigured(
        f"user '{address.username}' was refused by RabbitMQ at {address} (403 ACCESS_REFUSED)",
        'check "rabbitmq.username" and "rabbitmq.password"'
        + (
            "; by default RabbitMQ lets 'guest' in from its own machine only"
            if address.username == "guest"
            else ""
        ),
    )


def _closed_while_opening(address: Address, code: int, text: str) -> Fault:
    said = f"RabbitMQ at {address} closed the connection: {code} {text}"
    if code == 403:
        return _login_refused(address)
    if code != 530:
        return Disconnected(said)
    if "limit" in text:
        return Disconnected(said)
    if "not found" in text:
        return Misconfigured(
            f"vhost '{address.vhost}' does not exist on RabbitMQ at {address}",
            f'create it (rabbitmqctl add_vhost {address.vhost}) or correct "rabbitmq.vhost"',
        )
    return Misconfigured(
        f"user '{address.username}' has no access to vhost '{address.vhost}' "
        f"on RabbitMQ at {address}",
        f"grant it: rabbitmqctl set_permissions -p {address.vhost} {address.username} "
        "'.*' '.*' '.*'",
    )


def _vhost_refused(address: Address) -> Misconfigured:
    return Misconfigured(
        f"RabbitMQ at {address} refused vhost '{address.vhost}' to user '{address.username}'",
        f"create it (rabbitmqctl add_vhost {address.vhost}), grant access (rabbitmqctl "
        f"set_permissions -p {address.vhost} {address.username} '.*' '.*' '.*') or correct "
        '"rabbitmq.vhost"',
    )


def topology_fault(
    error: BaseException, what: str, address: Address, create_option: str | None
) -> Fault:
    """Why a queue or an exchange can't be used.

    Args:
        error: what the client library raised.
        what: for example ``queue 'orders'``.
        address: the broker.
        create_option: the option that lets the connector declare it, where there is one.
    """
    place = f"vhost '{address.vhost}' of RabbitMQ at {address}"
    if isinstance(error, aiormq.ChannelNotFoundEntity) and create_option is not None:
        return Misconfigured(
            f"{what} does not exist on {place}",
            f"create it or set \"{create_option}\" = 'true'",
        )
    if isinstance(error, aiormq.ChannelAccessRefused):
        return Misconfigured(
            f"user '{address.username}' may not use {what} on {place}: {_words(error)}",
            f"grant it: rabbitmqctl set_permissions -p {address.vhost} {address.username} "
            "'.*' '.*' '.*'",
        )
    if isinstance(error, aiormq.ChannelLockedResource):
        return Misconfigured(
            f"{what} on {place} belongs to another connection alone (it is exclusive)",
            "use another queue, or declare it without exclusive",
        )
    if isinstance(error, aiormq.ChannelNotFoundEntity | aiormq.ChannelPreconditionFailed):
        return Misconfigured(f"{what} on {place} can't be had: {_words(error)}")
    return Disconnected(f"{what} on {place} could not be checked: {_words(error)}")


def channel_fault(error: BaseException | None, address: Address) -> Disconnected:
    """Why a channel ended while it was in use."""
    where = f"RabbitMQ at {address}"
    heartbeat = address.heartbeat_seconds
    if isinstance(error, aiormq.ChannelPreconditionFailed) and "timed out" in str(error):
        return Disconnected(
            f"{where} closed the channel: {_words(error)}",
            "a message stayed unacknowledged for longer than the broker's consumer_timeout "
            "(30 min by default)",
        )
    if isinstance(error, asyncio.CancelledError):
        # how the library ends a connection on which no heartbeats come
        return Disconnected(f"nothing came from {where} for about {3 * (heartbeat + 1)} s")
    if error is None:
        return Disconnected(f"{where} closed the connection")
    if isinstance(error, aiormq.ConnectionClosed):
        return Disconnected(f"{where} closed the connection: {_words(error)}")
    if isinstance(error, aiormq.AMQPChannelError):
        return Disconnected(f"{where} closed the channel: {_words(error)}")
    return Disconnected(f"the connection to {where} was lost: {_words(error)}")


def lost_fault(
    error: Exception | None,
    address: Address,
    closed_by_broker: tuple[int, str] | None,
    silent_seconds: float,
) -> Disconnected:
    """Why a connection that was open is gone.

    Args:
        error: what the transport said, if anything.
        address: the broker.
        closed_by_broker: code and text of the broker's ``connection.close``, if there was one.
        silent_seconds: how long nothing had come from the broker.
    """
    where = f"RabbitMQ at {address}"
    if closed_by_broker is not None:
        code, text = closed_by_broker
        return Disconnected(f"{where} closed the connection: {code} {text}")
    if silent_seconds > 2 * address.heartbeat_seconds:
        return Disconnected(f"nothing came from {where} for {silent_seconds:.0f} s")
    if error is None:
        return Disconnected(f"{where} closed the connection")
    return Disconnected(f"the connection to {where} was lost: {_words(error)}")


def unroutable(index: int, reply_text: str, options: SinkOptions, own_key: str | None) -> Refusal:
    """What is told of a message that the broker returned; ``own_key`` if it had one."""
    exchange, key = options.exchange, _key(options, own_key)
    reason = f"no queue takes messages of {_target(options, key)}: {reply_text}"
    if exchange:
        hint = (
            f"bind a queue to exchange '{exchange}' for routing key '{key}', correct "
            '"rabbitmq.routing.key", or set "rabbitmq.mandatory" = \'false\' to lose such messages'
        )
    else:
        hint = f"declare the queue '{key}' or correct \"rabbitmq.routing.key\""
    return Refusal(index, reason, transient=False, hint=hint)


def not_taken(index: int, options: SinkOptions, own_key: str | None) -> Refusal:
    """What is told of a message that the broker answered with ``basic.nack``."""
    target = _target(options, _key(options, own_key))
    return Refusal(
        index,
        f"a queue behind {target} did not take the message (basic.nack)",
        transient=True,
        hint="a full queue (x-max-length with overflow reject-publish) or one without a leader",
    )


def _key(options: SinkOptions, own_key: str | None) -> str:
    return options.routing_key.text if own_key is None else own_key


def _target(options: SinkOptions, key: str) -> str:
    if not options.exchange:
        return f"the default exchange with routing key '{key}'"
    return f"exchange '{options.exchange}' with routing key '{key}'"


def _reachable_hint(address: Address) -> str:
    return f'does RabbitMQ run there? check "rabbitmq.host" and "rabbitmq.port"{_ports(address)}'


def _ports(address: Address) -> str:
    """Which port is which, where TLS may be what is wrong."""
    if address.tls is None and address.port != 5671:
        return ""
    return f" ({PORTS})"


def _causes(error: BaseException | None) -> list[BaseException]:
    """The exception and what caused it, outermost first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


_OBJECT_ADDRESS = re.compile(r"<([\w.]+)[^<>]* at 0x[0-9a-f]+>")


def _words(error: BaseException) -> str:
    """The library's text, without object addresses."""
    text = str(error) if not isinstance(error, AMQPError) else " ".join(map(str, error.args))
    return _OBJECT_ADDRESS.sub(r"\1", text).strip() or type(error).__name__
