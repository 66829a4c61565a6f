"""What the connector's factories declare and refuse."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from eventflux.base.errors import OptionError
from eventflux.spi import ConnectorContext
from eventflux_rabbitmq.address import addresses_of
from eventflux_rabbitmq.options import SinkOptions, SourceOptions
from eventflux_rabbitmq.plugin import RabbitSinkFactory, RabbitSourceFactory

CONTEXT = ConnectorContext(stream="S", app="app")
SOURCE = {"rabbitmq.host": "localhost", "rabbitmq.queue": "orders"}
SINK = {"rabbitmq.host": "localhost", "rabbitmq.exchange": "processed"}


def test_a_source_needs_a_host_and_a_queue_only() -> None:
    options = SourceOptions.parse(SOURCE)
    [address] = addresses_of(options)
    assert (address.port, address.vhost, address.username) == (5672, "/", "guest")
    assert (address.heartbeat_seconds, address.tls) == (10, None)
    assert (options.auto_ack, options.declare_queue) == (False, True)
    assert options.prefetched(checkpointed=False) == 1000
    assert options.prefetched(checkpointed=True) == 10_000
    RabbitSourceFactory().create(options, CONTEXT)


def test_a_sink_needs_a_host_and_an_exchange_only() -> None:
    options = SinkOptions.parse(SINK)
    assert options.routing_key.constant == ""
    assert (options.persistent, options.mandatory) == (True, True)
    assert (options.declare_exchange, options.exchange_type) == (False, "direct")
    assert RabbitSinkFactory.max_in_flight == 2000
    RabbitSinkFactory().create(options, CONTEXT)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rabbitmq.port": "70000"}, "'rabbitmq.port' must be 1 to 65535"),
        ({"rabbitmq.prefetch": "0"}, "'rabbitmq.prefetch' must be 1 to 65535"),
        ({"rabbitmq.auto.ack": "maybe"}, "'rabbitmq.auto.ack' expects true or false"),
        ({"rabbitmq.routing.key": "k"}, "unknown option 'rabbitmq.routing.key'"),
        ({"rabbitmq.heartbeat": "0"}, "'rabbitmq.heartbeat' must be"),
    ],
)
def test_wrong_source_options_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        SourceOptions.parse({**SOURCE, **values})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rabbitmq.queue": ""}, "'rabbitmq.queue' must not be empty"),
        ({"rabbitmq.queue": "q" * 256}, "'rabbitmq.queue' is 256 bytes long"),
        ({"rabbitmq.queue": "a*b"}, "'rabbitmq.queue' may hold letters"),
        ({"rabbitmq.vhost": ""}, "'rabbitmq.vhost' must not be empty"),
        ({"rabbitmq.consumer.tag": "ü" * 200}, "'rabbitmq.consumer.tag' is 400 bytes long"),
    ],
)
def test_impossible_source_texts_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        SourceOptions.parse({**SOURCE, **values})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rabbitmq.exchange": "x" * 128}, "'rabbitmq.exchange' is 128 bytes long"),
        ({"rabbitmq.exchange": "a*b"}, "'rabbitmq.exchange' may hold letters"),
        ({"rabbitmq.routing.key": "k" * 256}, "'rabbitmq.routing.key' is 256 bytes long"),
        (
            {"rabbitmq.exchange": "", "rabbitmq.declare.exchange": "true"},
            "the default exchange '' can't be declared",
        ),
    ],
)
def test_impossible_sink_texts_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        SinkOptions.parse({**SINK, **values})


def test_an_unknown_exchange_type_is_refused() -> None:
    with pytest.raises(OptionError, match=r"direct, fanout, topic, headers"):
        SinkOptions.parse({**SINK, "rabbitmq.exchange.type": "ring"})


def test_the_password_does_not_show() -> None:
    options = SourceOptions.parse({**SOURCE, "rabbitmq.password": "hunter2"})
    [address] = addresses_of(options)
    assert "hunter2" not in f"{options!r} {address!r} {address}"


def test_heartbeats_are_whole_seconds_rounded_up() -> None:
    options = SourceOptions.parse({**SOURCE, "rabbitmq.heartbeat": "1500ms"})
    [address] = addresses_of(options)
    assert address.heartbeat_seconds == 2


def test_the_plugin_module_loads_no_client_library() -> None:
    code = (
        "import sys, eventflux_rabbitmq.plugin as plugin;"
        "plugin.register_source_factories(), plugin.register_sink_factories();"
        "print(sorted({'aio_pika', 'aiormq', 'pamqp', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_default_exchange_needs_a_key_from_somewhere() -> None:
    factory = RabbitSinkFactory()
    options = SinkOptions.parse({**SINK, "rabbitmq.exchange": ""})
    with pytest.raises(OptionError, match=r"'rabbitmq\.routing\.key' is required"):
        factory.check_options(options, CONTEXT)
    factory.check_options(options, replace(CONTEXT, metadata=("routing_key",)))
    keyed = SinkOptions.parse(
        {**SINK, "rabbitmq.exchange": "", "rabbitmq.routing.key": "{product}"}
    )
    factory.check_options(keyed, CONTEXT)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"rabbitmq.routing.key": "a.{b"},
            "expects a text with .column. placeholders",
        ),
        ({"rabbitmq.headers.x": "}"}, "'rabbitmq.headers.x' expects a text with"),
        ({"rabbitmq.headers.x": "h" * 5000}, "'rabbitmq.headers.x' is too long"),
        (
            {"rabbitmq.queue": "q", "rabbitmq.routing.key": "a.{b}"},
            "'rabbitmq.queue' needs 'rabbitmq.queue.bind.routing.keys'",
        ),
    ],
)
def test_impossible_templates_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        SinkOptions.parse({**SINK, **values})


def test_explain_says_what_order_and_what_promise_are_kept() -> None:
    source, sink = RabbitSourceFactory(), RabbitSinkFactory()
    usual = SourceOptions.parse(SOURCE)
    assert (source.notes(usual), source.weaknesses(usual), source.order(usual)) == ((), (), "total")
    assert sink.weaknesses(SinkOptions.parse(SINK)) == []
    given = {"rabbitmq.consumers": "3", "rabbitmq.auto.ack": "true"}
    options = SourceOptions.parse({**SOURCE, **given})
    [several], [unsafe] = source.notes(options), source.weaknesses(options)
    assert "3 consumers share its queue: order is kept among the messages of each only" in several
    assert source.order(options) == "none"
    assert "a crash loses those under way" in unsafe.reason
    assert unsafe.option == "rabbitmq.auto.ack"
    given = {"rabbitmq.mandatory": "false", "rabbitmq.persistent": "false"}
    unrouted, passing = sink.weaknesses(SinkOptions.parse({**SINK, **given}))
    assert "lost unseen" in unrouted.reason
    assert passing.option == "rabbitmq.persistent"
