"""Reads the broker's answers to what is published, in bulk; pure, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pamqp.commands import Basic
from pamqp.header import ContentHeader

from eventflux_rabbitmq.frames import (
    ACK,
    FRAME_OVERHEAD,
    METHOD,
    NACK,
    RETURN,
    Content,
    ProtocolError,
    check_end,
    method_head,
    settlement,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """A message that no queue took."""

    reply_code: int
    reply_text: str
    exchange: str
    routing_key: str
    message_id: str | None
    body: bytes


class Confirms:
    """Reads the answers to what a confirm channel published.

    Messages are counted from 1. The broker answers in any order: state is the greatest
    number up to which all are answered, and the few above it.
    """

    __slots__ = ("_above", "_channel", "_on_return", "_open", "low", "nacked")

    def __init__(self, channel: int, on_return: Callable[[Returned], None]) -> None:
        self._channel = channel
        self._on_return = on_return
        self._open: Content | None = None
        self._above: set[int] = set()
        self.low = 0
        """Every message up to this number has its answer."""
        self.nacked: set[int] = set()
        """The numbers of those that the broker did not take."""

    def answered(self, number: int) -> bool:
        """Whether the broker has answered the message of this number."""
        return number <= self.low or number in self._above

    def feed(self, data: bytes, start: int, end: int) -> int:
        """Read the answers that stand at ``start``; see :meth:`Deliveries.feed`."""
        position: int = start
        while True:
            if self._open is None:
                position = self._feed_settlements(data, position, end)
                position = self._begin(data, position, end)
                if self._open is None:
                    return position
            position, complete = self._open.feed(self._channel, data, position, end)
            if not complete:
                return position
            returned, self._open = _returned(self._open), None
            self._on_return(returned)

    def _feed_settlements(self, data: bytes, position: int, end: int) -> int:
        while end - position >= settlement.size:
            kind, channel, _, method, number, flags, frame_end = settlement.unpack_from(
                data, position
            )
            if kind != METHOD or channel != self._channel or method not in (ACK, NACK):
                break
            if frame_end != 0xCE:
                raise ProtocolError("a frame does not end where it should")
            self._settle(number, multiple=bool(flags & 1), nacked=method == NACK)
            position += settlement.size
        return position

    def _settle(self, number: int, *, multiple: bool, nacked: bool) -> None:
        above = self._above
        if multiple:
            if nacked:
                self.nacked.update(n for n in range(self.low + 1, number + 1) if n not in above)
            if number > self.low:
                self.low = number
                if above:
                    above.difference_update([n for n in above if n <= number])
        else:
            if nacked and not self.answered(number):
                self.nacked.add(number)
            if number == self.low + 1:
                self.low = number
            elif number > self.low:
                above.add(number)
        while above and self.low + 1 in above:
            self.low += 1
            above.remove(self.low)

    def _begin(self, data: bytes, position: int, end: int) -> int:
        if end - position < 12:
            return position
        kind, channel, length, method = method_head.unpack_from(data, position)
        after: int = position + length + FRAME_OVERHEAD
        if kind != METHOD or channel != self._channel or method != RETURN or after > end:
            return position
        check_end(data, after)
        self._open = Content(data[position + 11 : after - 1])
        return after


def _returned(content: Content) -> Returned:
    method, header = Basic.Return(), ContentHeader()
    method.unmarshal(content.method)
    header.unmarshal(content.header)
    return Returned(
        reply_code=method.reply_code or 0,
        reply_text=method.reply_text or "",
        exchange=method.exchange or "",
        routing_key=method.routing_key or "",
        message_id=header.properties.message_id,
        body=content.body,
    )
