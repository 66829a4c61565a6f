"""Messages as frames, in bulk: pure functions and a reader over bytes, without I/O.

Nearly all messages are one frame each, uncompressed. These are read and written here, many in one
go, at a small part of what the library takes for one at a time. Every other frame is the library's:
fragments, control frames, compressed ones, and those that break the protocol.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

try:
    from websockets.speedups import apply_mask
except ImportError:  # the library comes without compiled parts for this machine
    from websockets.utils import apply_mask

TEXT, BINARY = 0x81, 0x82
"""First byte of a frame that is a whole message, uncompressed."""
_WHOLE = (TEXT, BINARY)
_FIRST_BYTES = frozenset(final | opcode for final in (0, 0x80) for opcode in Opcode)
"""Of all frames that there are, without compression."""
_MASKED = 0x80
_SHORT = 126
"""From this length on it stands in bytes of its own."""
_SLICE, _MUCH = 4096, 2**20
"""Bytes of compressed data that are read in one go, a thousand times as much in the worst case, and
bytes of messages after which the rest waits."""


def _header(first: int, length: int, masked: int) -> bytes:
    if length < _SHORT:
        return bytes((first, masked | length))
    if length < 1 << 16:
        return bytes((first, masked | 126)) + length.to_bytes(2, "big")
    return bytes((first, masked | 127)) + length.to_bytes(8, "big")


_SHORT_HEADERS = {
    (first, masked): [_header(first, length, masked) for length in range(_SHORT)]
    for first in (TEXT, BINARY)
    for masked in (0, _MASKED)
}


def server_frames(payloads: Sequence[bytes], first: int) -> bytes:
    """The frames of these messages, ``first`` is :data:`TEXT` or :data:`BINARY`, of a server."""
    short = _SHORT_HEADERS[first, 0]
    parts: list[bytes] = []
    for payload in payloads:
        length = len(payload)
        parts.append(short[length] if length < _SHORT else _header(first, length, 0))
        parts.append(payload)
    return b"".join(parts)


def client_frames(payloads: Sequence[bytes], first: int) -> bytes:
    """As :func:`server_frames`, of a client, which masks each with a key that can't be guessed."""
    short = _SHORT_HEADERS[first, _MASKED]
    keys = secrets.token_bytes(4 * len(payloads))
    parts: list[bytes] = []
    position = 0
    for payload in payloads:
        length = len(payload)
        key = keys[position : position + 4]
        position += 4
        parts.append(short[length] if length < _SHORT else _header(first, length, _MASKED))
        parts.append(key)
        parts.append(apply_mask(payload, key))
    return b"".join(parts)


def not_utf8(payloads: Sequence[bytes]) -> list[int]:
    """The indices of those that are no UTF-8."""
    if b"".join(payloads).isascii():
        return []
    return [index for index, payload in enumerate(payloads) if not is_utf8(payload)]


def is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


class MessageReader:
    """Cuts what comes on an open connection into messages.

    It keeps what is of no whole frame yet, so that the library always stands at the beginning of
    one; nobody else gives the library bytes to read, but for the handshake before.

    Compressed data may hold very much. Once it has given many bytes of messages, the rest is
    :attr:`held` until the next :meth:`feed`.
    """

    __slots__ = (
        "_all_by_library",
        "_begun",
        "_compressed",
        "_fragments",
        "_needed",
        "_protocol",
        "_rest",
        "_unchecked",
        "broken_text",
        "payloads",
        "texts",
    )

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._compressed = self._all_by_library = bool(protocol.extensions)
        self._rest = bytearray()
        self._needed = 2
        self._begun: Opcode | None = None
        """The kind of a message whose end has not come."""
        self._fragments = bytearray()
        """What has come of it: no more memory than its bytes, however many frames they are."""
        self._unchecked = 0
        """Where the messages begin whose texts may be none."""
        self.payloads: list[bytes] = []
        """The messages read by :meth:`feed`; whoever takes them leaves an empty list."""
        self.texts: list[bool] = []
        """Of each whether it is a text."""
        self.broken_text = False
        """Whether a text was no UTF-8, for which the connection has been failed (1007)."""

    @property
    def in_message(self) -> bool:
        """Whether the beginning of a message has come and its end has not."""
        return bool(self._rest) or self._begun is not None

    @property
    def held(self) -> bool:
        """Whether something has come that the next :meth:`feed` reads, be it of nothing."""
        return self._compressed and bool(self._rest)

    def feed(self, data: bytes) -> None:
        """Read what has come; :attr:`payloads` and :attr:`texts` grow by the messages in it.

        What the library wants to send then (pongs, its closing) is in its ``data_to_send``.
        """
        self._unchecked = len(self.payloads)
        if self._compressed:
            self._inflate(data)
        else:
            self._read(data)
        self._check_texts()

    def _inflate(self, data: bytes) -> None:
        rest = self._rest
        rest += data
        done = size = 0
        while done < len(rest) and size < _MUCH:
            before = len(self.payloads)
            self._by_library(bytes(rest[done : done + _SLICE]))
            size += sum(map(len, self.payloads[before:]))
            done += _SLICE
        del rest[:done]

    def _read(self, data: bytes) -> None:
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data = bytes(self._rest)
            self._rest.clear()
        done = 0
        while not self._all_by_library and done < len(data):
            read = self._scan(data, done)
            if read == done:
                break
            done = read
        if self._all_by_library and done < len(data):
            self._by_library(data[done:])
        elif done < len(data):
            self._rest += data[done:]

    def _scan(self, data: bytes, position: int) -> int:
        """Take whole frames from ``position`` on until one is the library's, which gets it.

        Returns:
            where it goes on; ``position`` itself if what is left is no whole frame, of which
            ``_needed`` bytes must have come then.
        """
        masked = _MASKED if self._protocol.side is Side.SERVER else 0
        limit = self._protocol.max_message_size
        end = len(data)
        simple = self._begun is None
        add, add_text = self.payloads.append, self.texts.append
        while position + 2 <= end:
            first = data[position]
            length = data[position + 1] ^ masked
            start = position + 2
            if length >= _SHORT:
                if length > 127:  # masked and should not be, or the reverse
                    self._all_by_library = True
                    return position
                start += 2 if length == 126 else 8
                if start > end:
                    return self._wait(position, start, first)
                length = int.from_bytes(data[position + 2 : start], "big")
                if limit is not None and length > limit:
                    self._all_by_library = True
                    return position
            if masked:
                start += 4
            stop = start + length
            if stop > end:
                return self._wait(position, stop, first)
            if simple and first in _WHOLE:
                payload = data[start:stop]
                add(apply_mask(payload, data[start - 4 : start]) if masked else payload)
                add_text(first == TEXT)
            else:
                self._by_library(data[position:stop])
                return stop
            position = stop
        self._needed = 2
        return position

    def _wait(self, position: int, needed: int, first: int) -> int:
        """Note how many bytes the frame at ``position`` needs; one that can't be right is the
        library's at once."""
        self._needed = needed - position
        if first not in _FIRST_BYTES:
            self._all_by_library = True
        return position

    def _by_library(self, data: bytes) -> None:
        self._check_texts()
        if self.broken_text:
            return
        protocol = self._protocol
        protocol.receive_data(data)
        for event in protocol.events_received():
            assert isinstance(event, Frame), "the handshake is over"
            if event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._add(event)
        if protocol.state is not State.OPEN:
            self._all_by_library = True

    def _add(self, frame: Frame) -> None:
        begun = frame.opcode if self._begun is None else self._begun
        if not frame.fin:
            self._begun = begun
            self._fragments += frame.data
            return
        payload = bytes(frame.data)
        if self._begun is not None:
            payload = bytes(self._fragments) + payload
            self._begun, self._fragments = None, bytearray()
        self.payloads.append(payload)
        self.texts.append(begun is Opcode.TEXT)

    def _check_texts(self) -> None:
        """Fail the connection at the first text that is no UTF-8; what came before it stays."""
        begin, self._unchecked = self._unchecked, len(self.payloads)
        for index in not_utf8(self.payloads[begin:] if begin else self.payloads):
            if self.texts[begin + index]:
                del self.payloads[begin + index :], self.texts[begin + index :]
                self.broken_text = self._all_by_library = True
                if self._protocol.state is State.OPEN:
                    self._protocol.fail(1007, "a text message must be UTF-8")
                return
