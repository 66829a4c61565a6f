"""One listening socket for all streams with the same host and port; a client's path says which
stream it comes for."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from urllib.parse import SplitResult, unquote
from weakref import WeakKeyDictionary

from websockets.http11 import Request
from websockets.server import ServerProtocol

from eventflux.spi import Misconfigured
from eventflux.spi.tls import Tls, load_certificate
from eventflux_websocket.addresses import Host
from eventflux_websocket.entrance import Entrance, not_found
from eventflux_websocket.server_line import HANDSHAKE_TIMEOUT, Denial, ServerLine, Welcome

_log = logging.getLogger("eventflux.websocket")
_BACKLOG = 1024
"""Clients that may wait to be accepted."""
_SOCKET_BUFFER = 256 * 1024
"""Bytes that the system may keep for a client in each direction, doubled by it for its own needs.
By itself it would go up to some megabytes, which many clients that don't read would fill."""


class Listener:
    """The streams of one host and port, by their paths. Port 0 becomes any free one."""

    def __init__(self, host: str, port: int, tls: Tls | None) -> None:
        self._wanted = Host(host, port)
        self._tls = tls
        self._entrances: dict[str, Entrance] = {}
        self._opening = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self.lines: set[ServerLine] = set()
        """All connections, those that are not let in yet too."""

    @property
    def address(self) -> Host:
        """Where it listens."""
        if self._server is None or not self._server.sockets:
            return self._wanted
        return Host(self._wanted.name, int(self._server.sockets[0].getsockname()[1]))

    def add(self, entrance: Entrance, tls: Tls | None) -> None:
        """Let clients of its path come to a stream.

        Raises:
            Misconfigured: another stream has the path, or wants another TLS on the port.
        """
        path = unquote(entrance.path)
        there = self._entrances.get(path)
        if there is not None:
            raise Misconfigured(
                f"stream '{there.stream}' has the path '{entrance.path}' on {self._wanted} already",
                'give each stream of a port a "websocket.path" of its own',
            )
        if tls != self._tls:
            other = next(iter(self._entrances.values()))
            raise Misconfigured(
                f"stream '{other.stream}' listens on {self._wanted} too, with other TLS options",
                'a port has one certificate: give its streams the same "websocket.ssl…" options, '
                'or this one another "websocket.port"',
            )
        self._entrances[path] = entrance

    def remove(self, entrance: Entrance) -> bool:
        """Let no more clients come to a stream; whether it was the last one, and nothing listens
        any more."""
        self._entrances = {p: e for p, e in self._entrances.items() if e is not entrance}
        if self._entrances:
            return False
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for line in list(self.lines):
            if line.in_handshake:
                line.abort()
        return True

    async def open(self) -> None:
        """Listen, if it does not yet.

        Raises:
            Misconfigured: the address or a file can't be used.
        """
        async with self._opening:
            if self._server is None:
                self._server = await self._listen()

    async def _listen(self) -> asyncio.Server:
        context = await asyncio.to_thread(_server_context, self._tls) if self._tls else None
        timeout = HANDSHAKE_TIMEOUT if context else None
        host, port = self._wanted.name, self._wanted.port
        try:
            server = await asyncio.get_running_loop().create_server(
                lambda: self._line(),
                host,
                port,
                ssl=context,
                backlog=_BACKLOG,
                ssl_handshake_timeout=timeout,
                reuse_address=True,
            )
        except OSError as error:
            raise _no_socket(error, self._wanted) from error
        for one in server.sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER)
        return server

    def _line(self) -> ServerLine:
        line = ServerLine(self)
        self.lines.add(line)
        return line

    # Who comes in, as a line asks

    def protocol(self, target: SplitResult) -> ServerProtocol | Denial:
        entrance = self._entrances.get(unquote(target.path))
        if entrance is None:
            return not_found(target.path, [one.path for one in self._entrances.values()])
        return entrance.protocol()

    def denial(self, target: SplitResult, request: Request) -> Denial | None:
        return self._entrances[unquote(target.path)].denial(target, request)

    def join(self, target: SplitResult, request: Request, line: ServerLine) -> Welcome:
        return self._entrances[unquote(target.path)].join(target, request, line)

    def denied(self, line: ServerLine, target: SplitResult | None, denial: Denial) -> None:
        path = "" if target is None else f" at '{target.path}'"
        _log.info("%s was refused%s: %d, %s", line.peer, path, denial.status, denial.text)
        entrance = None if target is None else self._entrances.get(unquote(target.path))
        if entrance is not None:
            entrance.refused += 1

    def gone(self, line: ServerLine) -> None:
        self.lines.discard(line)


_listeners: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, int], Listener]] = (
    WeakKeyDictionary()
)


async def listen(entrance: Entrance) -> Listener:
    """Let the clients of a stream come in; each call must be followed by one of :func:`leave`.

    Raises:
        Misconfigured: its address, its path or its files can't be used.
    """
    options = entrance.options
    assert options.port is not None, "the options have been checked"
    listeners = _listeners.setdefault(asyncio.get_running_loop(), {})
    key = (options.host, options.port)
    tls = None
    if options.ssl_certificate is not None:
        tls = Tls(
            certificate=options.ssl_certificate,
            key=options.ssl_key,
            key_password=options.ssl_key_password,
        )
    listener = listeners.setdefault(key, Listener(*key, tls))
    listener.add(entrance, tls)
    try:
        await listener.open()
    except BaseException:
        leave(listener, entrance)
        raise
    return listener


def leave(listener: Listener, entrance: Entrance) -> None:
    """Let no more clients of a stream come in."""
    if listener.remove(entrance):
        listeners = _listeners.get(asyncio.get_running_loop(), {})
        for key in [key for key, one in listeners.items() if one is listener]:
            del listeners[key]


def _server_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    load_certificate(context, tls, "websocket")
    return context


def _no_socket(error: OSError, wanted: Host) -> Misconfigured:
    """Why nothing can listen there."""
    name, port = wanted.name, wanted.port
    if error.errno == errno.EADDRINUSE:
        return Misconfigured(
            f"port {port} of {name} is in use",
            f'another program, another app, or a stream with another "websocket.host" listens '
            f"there: `ss -ltnp 'sport = {port}'` tells which; or set \"websocket.port\"",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return Misconfigured(
            f"port {port} may not be listened on: {error.strerror}",
            "ports below 1024 are for root: take a higher one, or give the program the "
            "capability CAP_NET_BIND_SERVICE",
        )
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return Misconfigured(
            f"'{name}' is no address of this machine",
            'set "websocket.host": 127.0.0.1 for this machine alone, 0.0.0.0 for all',
        )
    return Misconfigured(
        f"{wanted} can't be listened on: {error.strerror or error}",
        'check "websocket.host" and "websocket.port"',
    )
