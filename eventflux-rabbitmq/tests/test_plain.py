"""Publishing by documented calls, over a channel that plays the library's part."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eventflux.spi import Disconnected
from eventflux_rabbitmq.options import SinkOptions
from eventflux_rabbitmq.outgoing import Messages
from eventflux_rabbitmq.plain import PlainPublisher


class Channel:
    """Answers the first publishes; who comes later waits for a turn that never comes."""

    def __init__(self, answers: int) -> None:
        self._answers = answers

    async def basic_publish(self, *_: Any, **__: Any) -> None:
        if self._answers:
            self._answers -= 1
            return
        await asyncio.Event().wait()


class Link:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.ended: Disconnected | None = None

    def check(self) -> None:
        if self.ended is not None:
            raise Disconnected(self.ended.reason)


async def test_the_end_of_the_link_reaches_sends_that_the_library_forgets() -> None:
    link = Link(Channel(answers=3))
    options = SinkOptions.parse({"rabbitmq.host": "h", "rabbitmq.exchange": "ex"})
    publisher = PlainPublisher(link, options)  # type: ignore[arg-type]
    assert await publisher.send(Messages([b"1", b"2"])) == []
    sends = [
        asyncio.ensure_future(publisher.send(Messages(bodies))) for bodies in ([b"3", b"4"], [b"5"])
    ]
    await asyncio.sleep(0)
    link.ended = Disconnected("the cable")
    publisher.wake()
    for sent in sends:
        with pytest.raises(Disconnected, match="the cable"):
            await sent
    with pytest.raises(Disconnected, match="the cable"):
        await publisher.send(Messages([b"later"]))
