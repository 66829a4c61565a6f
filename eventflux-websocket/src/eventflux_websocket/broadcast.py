"""Messages as the frames that all clients of a sink are sent: made once, whoever gets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from eventflux_websocket.framing import TEXT, server_frames

PIECE_BYTES = 64 * 1024
"""About how many bytes a client is sent at once: what is with the network can't be taken back."""

Window = int | None
"""How clients take compressed messages, by the bits of their window; ``None`` take none."""
_NO_WINDOW = 8
"""The bits that clients may ask for and zlib can't make."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some messages as frames, which all clients share."""

    frames: bytes
    messages: int


class Broadcast:
    """Some messages, as pieces for each way in which clients take them.

    ``kind`` is that of their frames, ``most`` how many messages a piece may hold.
    """

    def __init__(self, payloads: Sequence[bytes], kind: int, most: int) -> None:
        self._parts = list(_parts(payloads, most))
        self._kind = kind
        self._made: dict[Window, list[Piece]] = {}

    def pieces(self, window: Window) -> list[Piece]:
        """All messages, for clients of this window."""
        made = self._made.get(window)
        if made is None:
            made = self._made[window] = [
                Piece(self._frames(part, window), len(part)) for part in self._parts
            ]
        return made

    def _frames(self, payloads: Sequence[bytes], window: Window) -> bytes:
        if window is None:
            return server_frames(payloads, self._kind)
        # no message relies on the one before, so that any client can read it
        deflate = PerMessageDeflate(True, True, 15, window, {"memLevel": 5})
        opcode = Opcode.TEXT if self._kind == TEXT else Opcode.BINARY
        frames = (Frame(opcode, payload) for payload in payloads)
        return b"".join(f.serialize(mask=False, extensions=[deflate]) for f in frames)


def window_of(extensions: Sequence[Extension]) -> Window:
    """How a client with these extensions takes messages. Where its window can't be made it gets
    them as they are, which any client takes."""
    for extension in extensions:
        if isinstance(extension, PerMessageDeflate):
            bits = extension.local_max_window_bits
            return bits if bits > _NO_WINDOW else None
    return None


def _parts(payloads: Sequence[bytes], most: int) -> list[Sequence[bytes]]:
    """Cut into parts of about :data:`PIECE_BYTES` and at most so many messages."""
    if len(payloads) <= most and sum(map(len, payloads)) <= PIECE_BYTES:
        return [payloads]
    parts: list[Sequence[bytes]] = []
    begin = size = 0
    for index, payload in enumerate(payloads):
        if index > begin and (size + len(payload) > PIECE_BYTES or index - begin >= most):
            parts.append(payloads[begin:index])
            begin, size = index, 0
        size += len(payload)
    parts.append(payloads[begin:])
    return parts
