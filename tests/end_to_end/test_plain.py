"""Orders through RabbitMQ while nothing goes wrong: all results, once, in order."""

from __future__ import annotations

import pytest
from testbed.orders import expected_results, make_orders
from testbed.pipeline import SINK, SOURCE, Pipeline
from testbed.process import READY, check_counters

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


def test_stops_in_good_order_lose_and_double_nothing(pipeline: Pipeline) -> None:
    orders = make_orders(5_000, seed=2)
    pipeline.options = {f"{SOURCE}.rabbitmq.prefetch": 200, f"{SOURCE}.batch.max.messages": 50}
    pipeline.publish(orders)
    processed = 0
    for _ in range(2):
        pipeline.start()
        stats = pipeline.run.stop()
        processed += stats["connectors"][SOURCE]["acknowledged"]
        ready, unacknowledged = pipeline.left()
        assert (ready, unacknowledged) == (5_000 - processed, 0)
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
