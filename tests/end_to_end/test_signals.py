"""SIGTERM and SIGINT to `eventflux run`: drained, given up, or ended at once."""

from __future__ import annotations

import signal
import socket

import pytest
from testbed.orders import make_orders
from testbed.pipeline import SINK, Pipeline

pytestmark = pytest.mark.broker

INTERRUPTED = 130


def test_a_second_signal_ends_it_at_once(pipeline: Pipeline) -> None:
    orders = make_orders(3_000, seed=41)
    run = pipeline.start()
    pipeline.publish(orders[:1_000])
    pipeline.wait_until_drained()
    pipeline.broker.freeze()
    run.signal(signal.SIGINT)
    run.wait_until_logged("stopping")
    run.signal(signal.SIGTERM)
    assert run.wait(5) == INTERRUPTED
    assert "second signal" in run.stderr
    pipeline.broker.thaw()
    pipeline.publish(orders[1_000:])
    pipeline.start()
    pipeline.finish(orders)


def test_a_signal_while_connecting(pipeline: Pipeline) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        pipeline.port = silent.getsockname()[1]
        run = pipeline.start("--log-level", "debug", ready=False)
        silent.settimeout(30)
        silent.accept()[0].close()
        run.wait_until_logged("trying again")
        run.signal(signal.SIGTERM)
        assert run.wait(15) == 0, run.story()


def test_a_stop_that_can_not_drain_loses_nothing(pipeline: Pipeline) -> None:
    orders = make_orders(3_000, seed=42)
    pipeline.publish(orders)
    run = pipeline.start(
        app__stop__timeout="2s",
        OrderInput__rabbitmq__prefetch=100,
        OrderInput__batch__max__messages=10,
    )
    pipeline.broker.freeze()
    run.signal(signal.SIGTERM)
    code = run.wait(30)
    pipeline.broker.thaw()
    assert code == 1, run.story()
    assert any("not everything was confirmed" in text for text in run.messages("error"))
    assert run.messages("warning") == []
    assert run.stats["connectors"][SINK]["abandoned"] > 0
    pipeline.start()
    pipeline.finish(orders)
