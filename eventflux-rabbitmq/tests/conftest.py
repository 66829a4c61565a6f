"""One private RabbitMQ node for all the tests that need a broker, and what they share."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from eventflux.spi import ConnectorContext, Template
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.sink import RabbitSink
from eventflux_rabbitmq.source import RabbitSource
from eventflux_rabbitmq.testing import PrivateBroker

TEST_LIMIT = 60.0
"""Seconds after which an asynchronous test counts as hanging."""
CONTEXT = ConnectorContext(stream="Orders", app="tests")


def pytest_itemcollected(item: pytest.Item) -> None:
    """No asynchronous test may hang."""
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = _limited(item.obj)


def _limited(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def run(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(TEST_LIMIT):
            await test(*args, **kwargs)

    return run


@pytest.fixture(scope="session")
def broker() -> Iterator[PrivateBroker]:
    """A running node; a test that stops or freezes it leaves it running."""
    with PrivateBroker(tls=True) as node:
        yield node


@pytest.fixture(params=["auto", "off"])
def fast(request: pytest.FixtureRequest) -> str:
    """Both ways to move messages: the tap, and documented calls."""
    return str(request.param)


@pytest.fixture
def queue(broker: PrivateBroker) -> str:
    """The name of an empty durable queue of this test's own."""
    name = f"queue-{uuid.uuid4()}"
    broker.declare_queue(name)
    return name


@pytest.fixture
async def open_source(
    broker: PrivateBroker, fast: str
) -> AsyncIterator[Callable[..., Awaitable[RabbitSource]]]:
    """Opens sources, ``open_source(queue, **options)``, and closes them after the test."""
    opened: list[RabbitSource] = []

    async def open_one(queue: str, **options: Any) -> RabbitSource:
        values = {"host": broker.host, "port": broker.port, "fast": fast, **options}
        source = RabbitSource(SourceOptions(queue=queue, **values), CONTEXT)
        opened.append(source)
        await source.open(None)
        return source

    yield open_one
    for source in opened:
        await source.close()


@pytest.fixture
async def open_sink(
    broker: PrivateBroker, fast: str
) -> AsyncIterator[Callable[..., Awaitable[RabbitSink]]]:
    """Opens sinks, ``open_sink(exchange, routing_key, **options)``, and closes them."""
    opened: list[RabbitSink] = []

    async def open_one(exchange: str, routing_key: str = "", **options: Any) -> RabbitSink:
        values = {"host": broker.host, "port": broker.port, "fast": fast, **options}
        options_of_sink = SinkOptions(
            exchange=exchange, routing_key=Template(routing_key), **values
        )
        sink = RabbitSink(options_of_sink, CONTEXT)
        opened.append(sink)
        await sink.open()
        return sink

    yield open_one
    for sink in opened:
        await sink.close()


@pytest.fixture(autouse=True)
def no_words_of_the_library(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What happens is told by our errors: neither client library nor event loop complains."""
    yield
    gc.collect()
    complaints = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelname in ("WARNING", "ERROR", "CRITICAL")
        and record.name.partition(".")[0] in ("aiormq", "aio_pika", "asyncio")
    ]
    assert complaints == []
