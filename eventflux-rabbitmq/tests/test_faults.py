"""What source and sink tell, and that nothing is lost, when the connection is troubled."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from eventflux.spi import Disconnected, Misconfigured, ReceiveLimits, Secret, SinkBatch, SourceBatch
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.source import RabbitSource
from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.broker
Open = Callable[..., Awaitable[Any]]


async def test_wrong_password(open_sink: Open, broker: PrivateBroker) -> None:
    with pytest.raises(Misconfigured) as caught:
        await open_sink("", "q", password=Secret("wrong"))
    assert caught.value.message == (
        f"user 'guest' was refused by RabbitMQ at 127.0.0.1:{broker.port} (403 ACCESS_REFUSED)"
    )
    assert 'check "rabbitmq.username" and "rabbitmq.password"' in (caught.value.hint or "")
    assert "wrong" not in f"{caught.value!r} {caught.value.hint} {caught.value.__cause__!r}"


async def test_missing_vhost(open_source: Open, broker: PrivateBroker, fast: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        await open_source("q", vhost="staging")
    where = f"RabbitMQ at 127.0.0.1:{broker.port}"
    assert (
        caught.value.message
        == {
            "auto": f"vhost 'staging' does not exist on {where}",
            "off": f"{where} refused vhost 'staging' to user 'guest'",
        }[fast]
    )
    assert "rabbitmqctl add_vhost staging" in (caught.value.hint or "")


@pytest.fixture(scope="module")
def users(broker: PrivateBroker) -> None:
    """``nobody`` with no access at all, and ``reader`` who may come in and do nothing."""
    broker.add_user("nobody", "secret", permissions=None)
    broker.add_user("reader", "secret", permissions="^$")


async def test_no_permission(open_source: Open, open_sink: Open, users: None, fast: str) -> None:
    nobody: dict[str, Any] = {"username": "nobody", "password": Secret("secret")}
    said = {
        "auto": "user 'nobody' has no access to vhost '/'",
        "off": "refused vhost '/' to user 'nobody'",
    }[fast]
    with pytest.raises(Misconfigured, match=said):
        await open_source("q", **nobody)
    reader: dict[str, Any] = {"username": "reader", "password": Secret("secret")}
    with pytest.raises(Misconfigured, match="user 'reader' may not use queue 'q'"):
        await open_source("q", **reader)
    sink = await open_sink("amq.direct", "key", **reader)
    with pytest.raises(Disconnected, match=r"access to exchange 'amq\.direct'"):
        await sink.send(SinkBatch([b"x"]))


async def test_closed_port(open_source: Open) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(Disconnected) as caught:
        await open_source("q", port=port)
    assert caught.value.reason == f"RabbitMQ at 127.0.0.1:{port} refuses connections"
    assert 'check "rabbitmq.host" and "rabbitmq.port"' in (caught.value.hint or "")


async def test_unknown_host(open_sink: Open) -> None:
    with pytest.raises(Disconnected, match=r"host name 'nowhere\.invalid' can't be resolved"):
        await open_sink("", "q", host="nowhere.invalid")


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n" + b" " * 2000, b"AMQP\x00\x01\x00\x00", b""]
)
async def test_something_that_is_not_amqp(open_sink: Open, greeting: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Disconnected) as caught:
        await open_sink("", "q", port=port)
    server.close()
    assert f"127.0.0.1:{port}" in caught.value.reason
    assert "rabbitmq.port" in (caught.value.hint or "")


async def test_a_peer_that_closes_at_once(open_sink: Open) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for _ in range(10):
        with pytest.raises(Disconnected, match=f"127.0.0.1:{port}"):
            await open_sink("", "q", port=port)
    server.close()


async def test_a_peer_that_never_answers_is_given_up(
    open_sink: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventflux_rabbitmq.connection.STEP_TIMEOUT", 0.3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(Disconnected, match="does not answer"):
            await open_sink("", "q", port=listener.getsockname()[1])


async def test_opening_may_be_cancelled(open_sink: Open) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        opening = asyncio.ensure_future(open_sink("", "q", port=listener.getsockname()[1]))
        await asyncio.sleep(0.1)
        opening.cancel()
        await asyncio.wait([opening], timeout=5)
        assert opening.cancelled()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  nobody tells us
        await asyncio.sleep(0.02)


class Copy:
    """Copies one queue to another as the runtime does: acknowledged when confirmed.

    It goes on over lost connections and keeps what they were told to be.
    """

    def __init__(self, source: RabbitSource, sink: RabbitSink) -> None:
        self.source = source
        self.sink = sink
        self.source_ends: list[Disconnected] = []
        self.sink_ends: list[Disconnected] = []
        self.tries: list[Disconnected] = []
        self._reopening_sink = asyncio.Lock()
        self._sink_epoch = 0

    @property
    def reasons(self) -> str:
        return "\n".join(e.reason for e in self.source_ends + self.sink_ends + self.tries)

    async def run(self) -> None:
        """Until cancelled."""
        copying: set[asyncio.Task[None]] = set()
        while True:
            try:
                batch = await self.source.receive(ReceiveLimits(messages=50))
            except Disconnected as error:
                self.source_ends.append(error)
                await self.source.close()
                await self.open_again(lambda: self.source.open(None))
                continue
            task = asyncio.create_task(self.copy(batch))
            copying.add(task)
            task.add_done_callback(copying.discard)
            if len(copying) > 8:
                await asyncio.wait(copying, return_when=asyncio.FIRST_COMPLETED)

    async def copy(self, batch: SourceBatch) -> None:
        while True:
            epoch = self._sink_epoch
            try:
                assert not await self.sink.send(SinkBatch(batch.payloads))
            except Disconnected as error:
                async with self._reopening_sink:
                    if epoch == self._sink_epoch:
                        self.sink_ends.append(error)
                        await self.sink.close()
                        await self.open_again(self.sink.open)
                        self._sink_epoch += 1
            else:
                self.source.settle(batch.token)
                return

    async def open_again(self, open_: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await open_()
                return
            except Disconnected as error:
                self.tries.append(error)
                await asyncio.sleep(0.1)


@dataclass
class Pipe:
    """A source and a sink between two queues of the broker."""

    broker: PrivateBroker
    queue: str
    target: str
    source: RabbitSource
    sink: RabbitSink

    async def copy_during(
        self, disturb: Callable[[Copy], Awaitable[None]], count: int = 4000
    ) -> tuple[Copy, list[bytes]]:
        """Copy ``count`` messages while something happens; the copy and what arrived."""
        copy = Copy(self.source, self.sink)
        messages = [b"%06d" % number for number in range(count)]
        half = count // 2
        await asyncio.to_thread(self.broker.publish, self.queue, messages[:half])
        copying = asyncio.create_task(copy.run())
        arrived = await asyncio.to_thread(self.broker.take, self.target, half // 4)
        await disturb(copy)
        await asyncio.to_thread(self.broker.publish, self.queue, messages[half:])
        while set(arrived) != set(messages):
            arrived += await asyncio.to_thread(self.broker.take, self.target)
            await asyncio.sleep(0.05)
        copying.cancel()
        await asyncio.wait([copying])
        await self.source.stop()
        await self.source.close()
        await self.sink.close()
        left = await asyncio.to_thread(self.broker.count, self.queue)
        assert left == 0, "everything is acknowledged"
        return copy, arrived


@pytest.fixture
async def pipe(
    broker: PrivateBroker,
    queue: str,
    open_source: Open,
    open_sink: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> Pipe:
    """A pipe with quick heartbeats that tries to connect often."""
    monkeypatch.setattr("eventflux_rabbitmq.connection.STEP_TIMEOUT", 3.0)
    target = f"to-{queue}"
    broker.declare_queue(target)
    source = await open_source(queue, prefetch=400, heartbeat=1000)
    sink = await open_sink("", target, heartbeat=1000)
    return Pipe(broker, queue, target, source, sink)


AT_MOST_TWICE = 400 + 450
"""Messages that one cut may double: the prefetch, and what was in flight."""


async def test_connections_closed_by_the_broker_lose_nothing(pipe: Pipe) -> None:
    async def close_all(copy: Copy) -> None:
        await asyncio.to_thread(pipe.broker.ctl, "close_all_connections", "maintenance tonight")
        await asyncio.to_thread(pipe.broker.publish, pipe.queue, [b"000000"])
        await until(lambda: bool(copy.source_ends and copy.sink_ends))

    copy, arrived = await pipe.copy_during(close_all)
    for ends in (copy.source_ends, copy.sink_ends):
        assert "closed the connection: 320" in ends[0].reason
        assert "maintenance tonight" in ends[0].reason
    assert len(arrived) <= 4001 + AT_MOST_TWICE


@pytest.mark.parametrize("fast", ["auto"])
async def test_a_broker_stopped_and_started_loses_nothing(pipe: Pipe) -> None:
    async def restart(copy: Copy) -> None:
        await asyncio.to_thread(pipe.broker.restart)

    copy, arrived = await pipe.copy_during(restart)
    assert "refuses connections" in copy.reasons
    assert len(arrived) <= 4000 + AT_MOST_TWICE


@pytest.mark.parametrize("fast", ["auto"])
async def test_a_broker_killed_and_started_loses_nothing(pipe: Pipe) -> None:
    async def kill(copy: Copy) -> None:
        await asyncio.to_thread(pipe.broker.kill)
        await asyncio.to_thread(pipe.broker.start)

    copy, _ = await pipe.copy_during(kill)
    assert copy.source_ends


async def test_a_frozen_broker_is_given_up_and_nothing_is_lost(pipe: Pipe) -> None:
    async def freeze(copy: Copy) -> None:
        pipe.broker.freeze()
        try:
            await until(lambda: bool(copy.reasons))
        finally:
            pipe.broker.thaw()

    copy, arrived = await pipe.copy_during(freeze)
    assert "nothing came from RabbitMQ" in copy.reasons
    assert len(arrived) <= 4000 + AT_MOST_TWICE


@pytest.mark.parametrize("fast", ["auto"])
async def test_a_living_broker_is_kept_be_it_busy_or_quiet(pipe: Pipe, open_source: Open) -> None:
    """Busy it sends no heartbeats, quiet nothing else; both last longer than silence is borne."""
    quiet = f"quiet-{pipe.queue}"
    idle = await open_source(quiet, heartbeat=1000)

    async def trickle(copy: Copy) -> None:
        for number in range(14):
            await asyncio.to_thread(pipe.broker.publish, pipe.queue, [b"%06d" % number] * 3)
            await asyncio.sleep(0.5)

    copy, arrived = await pipe.copy_during(trickle, 100)
    assert not copy.source_ends
    assert not copy.sink_ends
    assert len(arrived) == 100 + 14 * 3
    await asyncio.to_thread(pipe.broker.publish, quiet, [b"still there"])
    assert (await idle.receive(ReceiveLimits())).payloads == [b"still there"]
