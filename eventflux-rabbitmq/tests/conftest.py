"""One private RabbitMQ node for all the tests that need a broker, and what they share."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import inspect
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, ParamSpec, TypeVar

import pytest

from eventflux.spi import ConnectorContext, Sink, Source, Template
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


P = ParamSpec("P")
C = TypeVar("C", bound=Source | Sink)


@contextlib.asynccontextmanager
async def opening(make: Callable[P, C]) -> AsyncIterator[Callable[P, Awaitable[C]]]:
    """Opens the connectors that ``make`` makes, and closes them at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(*args: P.args, **kwargs: P.kwargs) -> C:
            made = make(*args, **kwargs)
            stack.push_async_callback(made.close)
            await (made.open(None) if isinstance(made, Source) else made.open())
            return made

        yield open_one


@pytest.fixture
async def open_source(
    broker: PrivateBroker, fast: str
) -> AsyncIterator[Callable[..., Awaitable[RabbitSource]]]:
    """Opens sources, ``open_source(queue, **options)``, and closes them after the test."""

    def make(queue: str, **options: Any) -> RabbitSource:
        values = {"host": broker.host, "port": broker.port, "fast": fast, **options}
        return RabbitSource(SourceOptions(queue=queue, **values), CONTEXT)

    async with opening(make) as open_one:
        yield open_one


@pytest.fixture
async def open_sink(
    broker: PrivateBroker, fast: str
) -> AsyncIterator[Callable[..., Awaitable[RabbitSink]]]:
    """Opens sinks, ``open_sink(exchange, routing_key, **options)``, and closes them."""

    def make(exchange: str, routing_key: str = "", **options: Any) -> RabbitSink:
        values = {"host": broker.host, "port": broker.port, "fast": fast, **options}
        options_of_sink = SinkOptions(
            exchange=exchange, routing_key=Template(routing_key), **values
        )
        return RabbitSink(options_of_sink, CONTEXT)

    async with opening(make) as open_one:
        yield open_one


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
