"""What `eventflux run` says and how it exits when RabbitMQ can't be used at start."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from testbed.orders import make_orders
from testbed.pipeline import SINK, SOURCE, Pipeline
from testbed.process import Run

from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.broker

PASSWORD = "sEcret-4711"
WRONG_PASSWORD = "wrOng-0815"
UNREACHABLE, REFUSED = 4, 5


@pytest.fixture
def user(broker: PrivateBroker) -> Iterator[str]:
    """A user of the broker whose password is :data:`PASSWORD`."""
    broker.add_user("clerk", PASSWORD)
    yield "clerk"
    broker.delete_user("clerk")


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def refused(pipeline: Pipeline, code: int, *texts: str, **options: object) -> Run:
    """The process must end by itself with ``code``, and say ``texts``."""
    run = pipeline.start(ready=False, **options)
    assert run.wait(30) == code, run.story()
    for text in texts:
        assert text in "\n".join(run.messages("error")), run.story()
    assert "Traceback" not in run.stderr
    assert run.stdout == ""
    return run


def test_no_broker_there(pipeline: Pipeline) -> None:
    port = pipeline.port = unused_port()
    run = refused(
        pipeline,
        UNREACHABLE,
        f"RabbitMQ at 127.0.0.1:{port} refuses connections",
        'check "rabbitmq.host" and "rabbitmq.port"',
        app__start__timeout="1s",
    )
    assert any("trying again" in text for text in run.messages("info"))


def test_a_broker_that_does_not_answer(pipeline: Pipeline) -> None:
    pipeline.broker.freeze()
    refused(
        pipeline,
        UNREACHABLE,
        f"RabbitMQ at 127.0.0.1:{pipeline.broker.port} did not answer within",
        app__start__timeout="2s",
    )


def test_unknown_host(pipeline: Pipeline) -> None:
    refused(
        pipeline,
        UNREACHABLE,
        "host name 'broker.invalid' can't be resolved",
        'check "rabbitmq.host"',
        app__start__timeout="1s",
        OrderInput__rabbitmq__host="broker.invalid",
        OrderOutput__rabbitmq__host="broker.invalid",
    )


@pytest.mark.parametrize("stream", [SOURCE, SINK])
def test_wrong_password(pipeline: Pipeline, user: str, stream: str) -> None:
    pipeline.options = {
        f"{stream}.rabbitmq.username": user,
        f"{stream}.rabbitmq.password": WRONG_PASSWORD,
    }
    run = refused(
        pipeline,
        REFUSED,
        f"'{stream}'",
        f"user '{user}' was refused by RabbitMQ",
        'check "rabbitmq.username" and "rabbitmq.password"',
    )
    assert WRONG_PASSWORD not in run.stderr


def test_missing_queue(pipeline: Pipeline) -> None:
    run = refused(
        pipeline,
        REFUSED,
        "queue 'no-such-queue' does not exist on vhost '/'",
        "\"rabbitmq.declare.queue\" = 'true'",
        OrderInput__rabbitmq__queue="no-such-queue",
        OrderInput__rabbitmq__declare__queue="false",
    )
    assert SOURCE in run.stderr


def test_missing_exchange(pipeline: Pipeline) -> None:
    refused(
        pipeline,
        REFUSED,
        "exchange 'no-such-exchange' does not exist on vhost '/'",
        "\"rabbitmq.declare.exchange\" = 'true'",
        OrderOutput__rabbitmq__exchange="no-such-exchange",
    )


def test_missing_vhost(pipeline: Pipeline) -> None:
    refused(
        pipeline,
        REFUSED,
        "vhost 'nowhere' does not exist",
        "rabbitmqctl add_vhost nowhere",
        OrderInput__rabbitmq__vhost="nowhere",
    )


def test_the_hints_mend_it(pipeline: Pipeline) -> None:
    pipeline.broker.delete_queue(pipeline.queue)
    pipeline.broker.delete_exchange(pipeline.exchange)
    pipeline.start(OrderOutput__rabbitmq__declare__exchange="true")
    pipeline.bind()
    orders = make_orders(100, seed=31)
    pipeline.publish(orders)
    assert pipeline.finish(orders).duplicates == 0


def test_the_password_is_in_no_output(pipeline: Pipeline, user: str) -> None:
    orders = make_orders(200, seed=32)
    pipeline.options = {
        f"{stream}.rabbitmq.{key}": value
        for stream in (SOURCE, SINK)
        for key, value in (("username", user), ("password", PASSWORD))
    }
    run = pipeline.start("--log-level", "debug")
    pipeline.broker.close_connections()
    run.wait_until_logged("connected again")
    # while it runs the password becomes wrong: told as an error, and tried again
    pipeline.broker.change_password(user, WRONG_PASSWORD)
    pipeline.broker.close_connections()
    run.wait_until_logged(f"user '{user}' was refused")
    pipeline.broker.change_password(user, PASSWORD)
    pipeline.publish(orders)
    pipeline.finish(orders)
    assert any("was refused" in text for text in run.messages("error"))
    for text in (run.stderr, run.stdout):
        assert PASSWORD not in text
        assert WRONG_PASSWORD not in text
