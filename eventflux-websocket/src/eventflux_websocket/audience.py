"""The clients of a sink: a bounded queue for each, and what becomes of those that are slow."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from eventflux.spi import Disconnected
from eventflux_websocket.broadcast import Broadcast, Piece, Window, window_of
from eventflux_websocket.recent import Recent
from eventflux_websocket.server_line import ServerLine
from eventflux_websocket.server_options import SlowClients

_log = logging.getLogger("eventflux.websocket")
_TRY_AGAIN_LATER = 1013
_PARTS_OF_A_QUEUE = 8
"""A piece holds at most this part of what may wait, so that dropping one leaves most of it."""


class Seat:
    """One client: what waits for it while the network takes no more."""

    def __init__(self, line: ServerLine, on_move: Callable[[Seat], None]) -> None:
        self.line = line
        self.window: Window = window_of(line.protocol.extensions)
        self.messages = self.bytes = 0
        self._waiting: deque[Piece] = deque()
        self._on_move = on_move
        line.on_clear = self._go_on

    def put(self, pieces: Sequence[Piece]) -> None:
        """Send them, or let them wait behind what waits."""
        line = self.line
        for piece in pieces:
            if line.clear and not self._waiting:
                line.write(piece.frames)
            else:
                self._waiting.append(piece)
                self.messages += piece.messages
                self.bytes += len(piece.frames)

    def _go_on(self) -> None:
        while self._waiting and self.line.clear:
            self.line.write(self._take().frames)
        self._on_move(self)

    def _take(self) -> Piece:
        piece = self._waiting.popleft()
        self.messages -= piece.messages
        self.bytes -= len(piece.frames)
        return piece

    def drop_oldest(self) -> int:
        """Let go of the piece that has waited longest; how many messages were in it."""
        return self._take().messages

    def drop_all(self) -> int:
        """Let go of all that waits; how many messages that is."""
        dropped, self.messages, self.bytes = self.messages, 0, 0
        self._waiting.clear()
        return dropped


class Audience:
    """All clients of a sink. ``kind`` is that of the frames of its messages."""

    def __init__(
        self, kind: int, policy: SlowClients, max_messages: int, max_bytes: int, recent: int
    ) -> None:
        self._kind = kind
        self._policy = policy
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._piece = max(1, max_messages // _PARTS_OF_A_QUEUE)
        self._recent = Recent(recent, max_bytes) if recent else None
        self._seats: dict[ServerLine, Seat] = {}
        self._behind: set[Seat] = set()
        """Those for which more waits than may."""
        self._moved: asyncio.Future[None] | None = None
        self.unheard = self.dropped = self.disconnected = 0

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def behind(self) -> int:
        """How many clients all others wait for."""
        return len(self._behind)

    @property
    def waiting(self) -> int:
        """Messages that wait for some client, counted for each."""
        return sum(seat.messages for seat in self._seats.values())

    # Clients

    def join(self, line: ServerLine) -> None:
        """A client has come in: it gets the last messages, and all from now on."""
        seat = self._seats[line] = Seat(line, self._moved_on)
        if self._recent is not None and (payloads := self._recent.payloads):
            seat.put(Broadcast(payloads, self._kind, self._piece).pieces(seat.window))
        self._tell()

    def leave(self, line: ServerLine) -> None:
        """A client has gone; what still waited for it is lost with it."""
        seat = self._seats.pop(line, None)
        if seat is not None:
            self.dropped += seat.drop_all()
            self._behind.discard(seat)
            self._tell()

    # Messages

    def send(self, payloads: Sequence[bytes]) -> bool:
        """Send messages to everyone; for whom the network takes no more they wait.

        Returns:
            whether something waits for someone.
        """
        if not payloads:
            return False
        if self._recent is not None:
            self._recent.add(payloads)
        if not self._seats:
            self.unheard += len(payloads)
            return False
        broadcast = Broadcast(payloads, self._kind, self._piece)
        waits, slow = False, []
        for seat in self._seats.values():
            seat.put(broadcast.pieces(seat.window))
            if seat.messages:
                waits = True
                if self._is_behind(seat):
                    slow.append(seat)
        for seat in slow:
            self._deal_with(seat)
        return waits

    def _is_behind(self, seat: Seat) -> bool:
        return seat.messages > self._max_messages or seat.bytes > self._max_bytes

    def _deal_with(self, seat: Seat) -> None:
        match self._policy:
            case "wait":
                self._behind.add(seat)
            case "drop-oldest":
                while self._is_behind(seat):
                    self.dropped += seat.drop_oldest()
            case "disconnect":
                self.disconnected += 1
                said = f"too slow: {seat.messages} messages wait"
                why = Disconnected(f"{seat.line.peer} was {said}; closed with 1013")
                _log.info("%s", why)
                seat.line.begin_close(why, _TRY_AGAIN_LATER, said)

    def _moved_on(self, seat: Seat) -> None:
        """The network has taken something for this client."""
        if seat in self._behind and not self._is_behind(seat):
            self._behind.discard(seat)
        self._tell()

    # Waiting for clients

    def _tell(self) -> None:
        """Something has changed for those that wait."""
        moved, self._moved = self._moved, None
        if moved is not None:
            moved.set_result(None)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when it holds; it is looked at whenever a client comes, goes or has read."""
        while not condition():
            if self._moved is None:
                self._moved = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._moved)
