"""Why a connection could not be opened: what would be refused again, and what may work later."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from urllib.parse import urlsplit

from websockets.exceptions import NegotiationError

from eventflux.spi import Disconnected, Misconfigured
from eventflux.spi.tls import not_trusted
from eventflux_websocket.addresses import Host
from eventflux_websocket.http_heads import Answer
from eventflux_websocket.wording import plain

Fault = Disconnected | Misconfigured

_LATER = frozenset({408, 425, 429})
"""Statuses of the 4xx that may be others soon."""
_AUTHORIZATION = (
    '"websocket.headers.Authorization" = \'Bearer …\', or user:password@ in "websocket.url"'
)
_HINTS = {
    400: "it may want another path, header or subprotocol, or wss:// in place of ws://",
    401: f"give credentials: {_AUTHORIZATION}",
    403: f"it does not let this client in: check {_AUTHORIZATION}, "
    'and "websocket.headers.Origin" if it looks at that',
    404: 'check the path in "websocket.url"',
    405: 'it is no WebSocket endpoint: check the path in "websocket.url"',
    407: "give user and password of the proxy: \"websocket.proxy\" = 'http://user:password@…'",
    429: "it has had too many tries or connections",
}


def unreachable(error: BaseException, host: Host, what: str, option: str) -> Fault:
    """Why no connection to ``host`` could be made.

    Args:
        what: who is there, in words.
        option: the one that names the host.
    """
    if isinstance(error, socket.gaierror):
        return Disconnected(
            f"the host name '{host.name}' can't be resolved: {error.strerror}",
            f'check "{option}"',
        )
    if isinstance(error, ConnectionRefusedError) or _all_refused(error):
        return Disconnected(f"{what} refuses connections", f'does it run? check "{option}"')
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Disconnected(f"{what} can't be reached: {words}", f'check "{option}"')


def _all_refused(error: BaseException) -> bool:
    """Whether each of a host's addresses refused, which asyncio tells in one text."""
    numbers = re.findall(r"\[Errno (\d+)\]", str(error))
    return bool(numbers) and {int(number) for number in numbers} == {errno.ECONNREFUSED}


def tls_fault(error: ssl.SSLError, what: str) -> Misconfigured:
    """Why TLS can't be spoken with ``what``."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return not_trusted(error, what, "websocket")
    reason = error.reason or str(error)
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return Misconfigured(
            f"{what} does not speak TLS on this port",
            'check the port in "websocket.url"; ws:// is without TLS',
        )
    words = reason.lower().replace("_", " ").removeprefix("tlsv1 ").removeprefix("tlsv13 ")
    hint = None
    if "certificate" in words or "unknown ca" in words:
        hint = 'it asks for a certificate: "websocket.ssl.certificate" and "websocket.ssl.key"'
    return Misconfigured(f"{what} refuses the TLS connection: {words}", hint)


def no_handshake(what: str, error: Exception | None, answer: bytes, *, tls: bool = False) -> Fault:
    """Why the opening request was not answered in HTTP.

    Args:
        error: what the transport says, if it was lost.
        answer: what came in place of an answer.
        tls: whether TLS is spoken. Of a server that then does not take the client's certificate,
            the reason is often lost: the client has begun to write.
    """
    if isinstance(error, ssl.SSLError):
        return tls_fault(error, what)
    if answer[:2] == b"\x15\x03":
        return Misconfigured(f"{what} speaks TLS on this port", 'write wss:// in "websocket.url"')
    if answer:
        return Misconfigured(
            f"{what} does not speak HTTP on this port", 'check the port in "websocket.url"'
        )
    other = (
        'whether it asks for a client certificate: "websocket.ssl.certificate"'
        if tls
        else "whether it speaks TLS (wss://)"
    )
    return Disconnected(
        f"{what} closed the connection at once",
        f'if that stays so, check the port in "websocket.url", and {other}',
    )


def answer_fault(answer: Answer, what: str) -> Fault:
    """Why a server, or a proxy, refuses with this answer."""
    said, status = f"{what} answered {answer}", answer.status
    if 300 <= status < 400:
        return _redirected(answer, said)
    if 200 <= status < 300:
        return Misconfigured(
            f"{said}: that is no WebSocket endpoint",
            'it serves web pages there: check the path in "websocket.url"',
        )
    if status in _LATER or status >= 500:
        return Disconnected(said, _HINTS.get(status))
    return Misconfigured(said, _HINTS.get(status, 'check "websocket.url" and the headers'))


def _redirected(answer: Answer, said: str) -> Misconfigured:
    """The place is told without what may be secret in it."""
    try:
        parts = urlsplit(answer.location)
        host, port = parts.hostname or "", "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return Misconfigured(said, "redirects are not followed")
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    place = f"{scheme}://{host}{port}{parts.path}" if host else parts.path
    return Misconfigured(
        f"{said}: it points to {place or 'nowhere'}",
        'redirects are not followed: set "websocket.url" to where the endpoint is',
    )


def handshake_fault(error: Exception, what: str) -> Misconfigured:
    """Why an answer that says 101 opens no connection."""
    if isinstance(error, NegotiationError):
        said = plain(str(error))
        hint = '"websocket.subprotocol" says what it may be' if "subprotocol" in said else None
        return Misconfigured(f"{what} chose what was not offered: {said}", hint)
    return Misconfigured(
        f"the handshake of {what} is wrong: {plain(str(error))}",
        'is it a WebSocket server? check "websocket.url", and any proxy before it',
    )


def wrong_subprotocol(what: str, offered: str) -> Misconfigured:
    """Why a server that takes none of the subprotocols is not used."""
    return Misconfigured(
        f"{what} speaks none of the subprotocols in 'websocket.subprotocol': {offered}",
        "name one that it speaks, or leave the option out",
    )
