"""Orders through RabbitMQ while nothing goes wrong: all results, once, in order."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from testbed.orders import expected_results, make_orders
from testbed.pipeline import SINK, SOURCE, Pipeline
from testbed.process import READY, check_counters
from testbed.proxy import Proxy

pytestmark = pytest.mark.broker

MEBIBYTE = 1024 * 1024


def test_every_result_arrives_once_and_in_order(pipeline: Pipeline) -> None:
    orders = make_orders(10_000, seed=1)
    pipeline.start()
    with pipeline.publisher(orders) as publisher:
        publisher.finish()
        outcome = pipeline.finish(orders)
    assert publisher.repeated == 0
    assert outcome.duplicates == 0
    assert outcome.in_order
    counters = pipeline.run.stats["connectors"]
    assert counters[SOURCE]["messages"] == counters[SOURCE]["acknowledged"] == 10_000
    assert counters[SINK]["confirmed"] == len(expected_results(orders))
    assert READY in pipeline.run.messages("info")
    assert pipeline.run.messages("warning") == pipeline.run.messages("error") == []
    assert pipeline.run.stdout == ""


def test_stops_in_good_order_lose_and_double_nothing(
    new_pipeline: Callable[..., Pipeline], slow_line: Proxy
) -> None:
    orders = make_orders(5_000, seed=2)
    pipeline = new_pipeline(port=slow_line.port)
    pipeline.options = {f"{SOURCE}.rabbitmq.prefetch": 200, f"{SOURCE}.batch.max.messages": 50}
    pipeline.publish(orders)
    left = len(orders)
    for pause in (0.0, 0.2, 0.4):
        pipeline.start()
        time.sleep(pause)
        stats = pipeline.run.stop()
        left -= stats["connectors"][SOURCE]["acknowledged"]
        assert pipeline.left() == (left, 0)
    assert left > 0
    pipeline.start()
    outcome = pipeline.finish(orders)
    assert outcome.duplicates == 0


def test_memory_stays_flat(pipeline: Pipeline) -> None:
    orders = make_orders(8_000, seed=4, text_size=4_000)
    warm = 2_000
    pipeline.start()
    with pipeline.publisher(orders) as publisher:
        publisher.wait_for(warm)
        before = pipeline.run.memory()
        publisher.finish()
        pipeline.wait_until_drained()
        growth = pipeline.run.memory() - before
        outcome = pipeline.finish(orders)
    assert outcome.duplicates == 0
    # a process that kept what it has done with would be larger by 24 MB or more
    assert growth < 12 * MEBIBYTE, f"{growth / MEBIBYTE:.1f} MiB more after {warm} messages"


def test_counters_that_do_not_add_up_are_noticed() -> None:
    stats = {
        "streams": {},
        "queries": {"query_1": {"in": 3, "passed": 1, "filtered": 1}},
        "connectors": {},
    }
    with pytest.raises(AssertionError, match="query_1: in = 3"):
        check_counters(stats)
