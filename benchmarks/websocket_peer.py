"""The other end of the WebSocket jobs: plain sockets, so that it is never what is waited for.

Frames are made before, and what comes is counted in bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
import select
import socket
import time
from collections.abc import Sequence

from benchmarks.orders import body, enrich
from eventflux_websocket.framing import TEXT, client_frames, server_frames

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CHUNK = 1 << 18


def messages(count: int) -> list[bytes]:
    """What the jobs read: half of them are kept."""
    return [body(number, float(number % 100)) for number in range(count)]


def results(count: int) -> list[bytes]:
    """What comes of :func:`messages`."""
    return [result for result in map(enrich, messages(count)) if result is not None]


def frames_to(mode: str, payloads: Sequence[bytes]) -> bytes:
    """Messages for a contender of this mode, which gets them from the other one."""
    return (client_frames if mode == "server" else server_frames)(payloads, TEXT)


def frames_from(mode: str, payloads: Sequence[bytes]) -> int:
    """How many bytes a contender of this mode sends for them."""
    return len((client_frames if mode == "client" else server_frames)(payloads, TEXT))


def listening() -> socket.socket:
    """A socket that a contender in client mode can connect to."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)
    return listener


def accepted(listener: socket.socket) -> tuple[str, socket.socket]:
    """The contender's next connection, its handshake done, and the path that it is for."""
    connection, _ = listener.accept()
    connection.settimeout(60)
    head = _head(connection)
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)\r\n", head)
    assert key is not None, head
    accept = base64.b64encode(hashlib.sha1(key[1] + _MAGIC).digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    return head.split(b" ")[1].decode(), connection


def connected(port: int, path: str = "/") -> socket.socket:
    """A connection to a contender in server mode, once it lets clients in there."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return _asked(port, path)
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _asked(port: int, path: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 60)
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = _head(connection)
    if not head.startswith(b"HTTP/1.1 101"):
        connection.close()
        raise ConnectionError(head.decode())
    return connection


def _head(connection: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError("closed in the handshake")
        head += byte
    return head


def take(connection: socket.socket, size: int) -> None:
    """Read so many bytes."""
    buffer = memoryview(bytearray(_CHUNK))
    while size > 0:
        got = connection.recv_into(buffer, min(size, _CHUNK))
        if not got:
            raise ConnectionError(f"closed with {size} bytes to come")
        size -= got


def pipe(into: socket.socket, out: socket.socket, data: bytes, size: int) -> None:
    """Write all of ``data`` to one connection while reading so many bytes from the other."""
    into.setblocking(False)
    view = memoryview(data)
    buffer = memoryview(bytearray(_CHUNK))
    while size > 0:
        readable, writable, _ = select.select([out], [into] if view else [], [], 60)
        if not readable and not writable:
            raise TimeoutError(f"{size} bytes did not come")
        if writable:
            view = view[into.send(view[:_CHUNK]) :]
        if readable:
            got = out.recv_into(buffer, min(size, _CHUNK))
            if not got:
                raise ConnectionError(f"closed with {size} bytes to come")
            size -= got
