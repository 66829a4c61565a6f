"""Reads the broker's answers to what is published, in bulk; pure, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from pamqp.commands import Basic
from pamqp.header import ContentHeader

from eventflux_rabbitmq.frames import (
    ACK,
    METHOD,
    NACK,
    RETURN,
    Content,
    ProtocolError,
    settlement,
)
from eventflux_rabbitmq.incoming import Incoming


@dataclass(frozen=True, slots=True)
class Returned:
    """A message that no queue took."""

    reply_code: int
    reply_text: str
    exchange: str
    routing_key: str
    message_id: str | None
    body: bytes


class Confirms(Incoming):
    """Reads the answers to what a confirm channel published.

    Messages are counted from 1. The broker answers in any order: state is the greatest
    number up to which all are answered, and the few above it.
    """

    __slots__ = ("_above", "_on_return", "low", "nacked")

    begun_by: ClassVar[int] = RETURN

    def __init__(self, channel: int, on_return: Callable[[Returned], None]) -> None:
        super().__init__(channel)
        self._on_return = on_return
        self._above: set[int] = set()
        self.low = 0
        """Every message up to this number has its answer."""
        self.nacked: set[int] = set()
        """The numbers of those that the broker did not take."""

    def answered(self, number: int) -> bool:
        """Whether the broker has answered the message of this number."""
        return number <= self.low or number in self._above

    def _take(self, content: Content) -> None:
        self._on_return(_returned(content))

    def _feed_masses(self, data: bytes, position: int, end: int) -> int:
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
