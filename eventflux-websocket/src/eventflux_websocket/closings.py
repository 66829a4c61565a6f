"""Why an open connection ended, and what mends it."""

from __future__ import annotations

from websockets.exceptions import PayloadTooBig
from websockets.frames import Close
from websockets.protocol import Protocol

from eventflux.spi import Disconnected
from eventflux_websocket.wording import plain

_HINTS = {
    1002: "it says that this side broke the protocol",
    1003: 'it takes no messages of this type: check "websocket.message.type"',
    1007: 'it takes no messages with this content: check the format and "websocket.message.type"',
    1008: "it does not allow what this side says or does: check credentials, path and messages",
    1009: "it takes no messages as large as this one",
    1013: "it asks to come again later",
}


def closed_fault(peer: str, protocol: Protocol, *, broken_text: bool) -> Disconnected:
    """What ended a connection whose closing has begun, by the other side or by ourselves.

    Args:
        peer: the other side, in words.
        broken_text: whether a text message was none.
    """
    problem = protocol.parser_exc
    if broken_text:
        return Disconnected(
            f"{peer} sent a text message that is no UTF-8; closed with 1007",
            "it must send what is no text as binary messages",
        )
    if isinstance(problem, PayloadTooBig):
        return Disconnected(
            f"{peer} sent a message that is too large: {problem}; closed with 1009",
            'raise "websocket.message.max.bytes" if such messages are meant to come',
        )
    said = protocol.close_rcvd
    if said is not None:
        return Disconnected(f"{peer} closed the connection: {_words(said)}", _HINTS.get(said.code))
    if problem is not None and not isinstance(problem, EOFError):
        return Disconnected(
            f"{peer} broke the WebSocket protocol: {plain(str(problem))}; closed with 1002"
        )
    return Disconnected(f"the connection to {peer} was closed")


def lost_fault(peer: str, error: Exception | None, *, in_message: bool) -> Disconnected:
    """What ended a connection that nobody has closed as one should (1006).

    Args:
        peer: the other side, in words.
        error: what the transport says.
        in_message: whether the beginning of a message had come.
    """
    where = " in the middle of a message" if in_message else ""
    if error is None:
        return Disconnected(f"{peer} closed the connection{where} without a word (1006)")
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Disconnected(f"the connection to {peer} was lost{where} (1006): {words}")


def _words(said: Close) -> str:
    """Code and reason, as the other side gave them."""
    return "no code (1005)" if said.code == 1005 else plain(str(said))
