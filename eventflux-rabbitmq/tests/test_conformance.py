"""Source and sink pass the conformance kit, on a private node, both ways of moving messages."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from eventflux.testing import SinkConformance, SourceConformance
from eventflux_rabbitmq.plugin import RabbitSinkFactory, RabbitSourceFactory
from eventflux_rabbitmq.testing import PrivateBroker

from .proxy import Proxy

pytestmark = pytest.mark.broker


class OnBroker:
    """The other side: a queue of the session's node."""

    broker: ClassVar[PrivateBroker]
    fast: str

    @pytest.fixture(autouse=True)
    def _session(self, broker: PrivateBroker, fast: str) -> None:
        type(self).broker = broker
        self.fast = fast

    async def start(self) -> None:
        self.queue = f"queue-{uuid.uuid4()}"
        await asyncio.to_thread(self.broker.declare_queue, self.queue)
        self.proxy = Proxy(self.broker.host, self.broker.port)
        await self.proxy.start()

    async def stop(self) -> None:
        await self.proxy.stop()
        await asyncio.to_thread(self.broker.delete_queue, self.queue)

    def _connection(self, **more: str) -> Mapping[str, str]:
        given = {
            "host": self.broker.host,
            "port": str(self.proxy.port),
            "fast": self.fast,
            "username": self.broker.username,
            **more,
        }
        return {f"rabbitmq.{name}": text for name, text in given.items()}

    def options(self) -> Mapping[str, str]:
        raise NotImplementedError

    def unreachable_options(self) -> Mapping[str, str]:
        return {**self.options(), "rabbitmq.port": "1", "rabbitmq.password": "hunter2"}

    def refused_options(self) -> Mapping[str, str]:
        return {**self.options(), "rabbitmq.password": "hunter2"}

    async def cut(self) -> None:
        self.proxy.cut()


class TestRabbitSource(OnBroker, SourceConformance):
    factory = RabbitSourceFactory()
    more_than_it_holds = 3000  # its prefetch is 1,000

    def options(self) -> Mapping[str, str]:
        return self._connection(queue=self.queue)

    async def put(self, payloads: Sequence[bytes]) -> None:
        await asyncio.to_thread(self.broker.publish, self.queue, payloads)

    async def handed_over(self) -> int:
        return len(self.proxy.given)

    async def acknowledged(self) -> Sequence[bytes]:
        return self.proxy.acknowledged


class TestRabbitSink(OnBroker, SinkConformance):
    factory = RabbitSinkFactory()

    async def start(self) -> None:
        await super().start()
        self.seen: list[bytes] = []

    def options(self) -> Mapping[str, str]:
        return self._connection(**{"exchange": "", "routing.key": self.queue})

    async def arrived(self) -> Sequence[bytes]:
        self.seen += await asyncio.to_thread(self.broker.take, self.queue)
        return self.seen
