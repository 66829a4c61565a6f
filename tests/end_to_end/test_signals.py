"""SIGTERM and SIGINT to `eventflux run`: drained, given up, or ended at once; its readiness."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest
from testbed.orders import make_orders
from testbed.pipeline import SINK, SOURCE, Pipeline

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
    orders = make_orders(20_000, seed=42)  # so many that some are under way at any moment
    pipeline.publish(orders)
    run = pipeline.start(app__stop__timeout="2s")
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


def test_a_signal_while_reconnecting(pipeline: Pipeline) -> None:
    """Nothing was under way, so nothing is lost with the broker away, and all is well."""
    orders = make_orders(500, seed=43)
    run = pipeline.start(app__stop__timeout="5s")
    pipeline.publish(orders)
    pipeline.wait_until_drained()
    pipeline.broker.stop()
    run.wait_until_logged("connection lost")
    run.signal(signal.SIGTERM)
    assert run.wait(30) == 0, run.story()
    assert run.stats["connectors"][SINK]["confirmed"] > 0
    pipeline.broker.start()
    assert not pipeline.compare(orders).lost


def test_readiness_follows_the_broker(pipeline: Pipeline) -> None:
    pytest.importorskip("prometheus_client")
    run = pipeline.start("--http", "0")
    (address,) = re.findall(r"http://127\.0\.0\.1:\d+", run.stderr)
    assert get(f"{address}/ready")[0] == 200
    pipeline.broker.stop()
    run.wait_until_logged("connection lost")
    status, body = get(f"{address}/ready")
    assert status == 503
    assert "reconnecting: " in json.loads(body)["connectors"][SOURCE]["health"]
    assert get(f"{address}/live")[0] == 200
    metrics = get(f"{address}/metrics")[1]
    assert f'eventflux_connector_ready{{app="orders",stream="{SOURCE}"}} 0.0' in metrics
    pipeline.broker.start()
    run.wait_until_logged("connected again")
    deadline = time.monotonic() + 60
    while get(f"{address}/ready")[0] != 200:
        run.must_run()
        assert time.monotonic() < deadline, run.story()
        time.sleep(0.05)
    orders = make_orders(200, seed=44)
    pipeline.publish(orders)
    pipeline.finish(orders)


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
