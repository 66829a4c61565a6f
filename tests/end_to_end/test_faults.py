"""Orders through RabbitMQ while everything breaks: nothing is lost, the input ends empty.

Results may come twice where something broke. Seeds are fixed; the moments are as exact as the
machine lets them be.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from testbed.chaos import IMPATIENT, SILENCE, Chaos
from testbed.orders import make_orders
from testbed.pipeline import SINK, SOURCE, Pipeline
from testbed.proxy import Proxy

pytestmark = [pytest.mark.broker, pytest.mark.slow]

MESSAGES = 10_000
SMALL_BATCHES: dict[str, object] = {
    f"{SOURCE}.rabbitmq.prefetch": 100,
    f"{SOURCE}.batch.max.messages": 20,
}
"""Many batches under way, and never more than 100 messages to process again."""


def moments(seed: int, count: int) -> list[int]:
    """Random numbers of messages, rising, at which something breaks."""
    return sorted(random.Random(seed).sample(range(MESSAGES // 20, MESSAGES * 19 // 20), count))


def reconnects(pipeline: Pipeline) -> int:
    connectors = pipeline.run.stats["connectors"]
    return sum(counters["reconnects"] for counters in connectors.values())


@pytest.mark.parametrize(("fast", "messages"), [("auto", MESSAGES), ("off", MESSAGES // 3)])
def test_connections_cut_at_any_byte(
    new_pipeline: Callable[..., Pipeline], slow_line: Proxy, fast: str, messages: int
) -> None:
    orders = make_orders(messages, seed=11)
    pipeline = new_pipeline(port=slow_line.port)
    both = {f"{stream}.rabbitmq.fast": fast for stream in (SOURCE, SINK)}
    pipeline.options = {**SMALL_BATCHES, **both}
    pipeline.publish(orders)
    pipeline.start()
    chaos = Chaos(pipeline, slow_line, seed=11)
    while pipeline.waiting():
        chaos.pause(0.1, 0.6)
        chaos.strike("connection cut" if chaos.faults.total() % 3 else "all connections cut")
    outcome = pipeline.finish(orders)
    assert chaos.faults.total() >= messages // 1000
    assert reconnects(pipeline) >= messages // 1000
    assert outcome.duplicates <= slow_line.cuts * 100


def test_connections_closed_by_the_broker(pipeline: Pipeline) -> None:
    orders = make_orders(MESSAGES, seed=12)
    pipeline.start()
    with pipeline.publisher(orders, rate=2500) as publisher:
        for moment in moments(12, 6):
            publisher.wait_for(moment)
            pipeline.broker.close_connections()
        publisher.finish()
        pipeline.finish(orders)
    assert reconnects(pipeline) >= 6
    assert any("CONNECTION_FORCED" in text for text in pipeline.run.messages("warning"))


def test_process_killed(new_pipeline: Callable[..., Pipeline], slow_line: Proxy) -> None:
    orders = make_orders(MESSAGES, seed=13)
    pipeline = new_pipeline(port=slow_line.port)
    pipeline.options = SMALL_BATCHES
    chaos = Chaos(pipeline, slow_line, seed=13)
    pipeline.publish(orders)
    pipeline.start()
    while pipeline.waiting() and chaos.faults.total() < 10:
        chaos.pause(0.1, 0.8)
        starting = chaos.faults.total() % 4 == 3
        chaos.strike("process killed while starting" if starting else "process killed")
    pipeline.finish(orders)
    assert chaos.faults.total() >= 6


def test_broker_restarted_and_killed(pipeline: Pipeline) -> None:
    orders = make_orders(MESSAGES, seed=14)
    pipeline.start()
    with pipeline.publisher(orders, rate=2000) as publisher:
        restart, first_kill, second_kill = moments(14, 3)
        publisher.wait_for(restart)
        pipeline.broker.restart()
        for moment in (first_kill, second_kill):
            publisher.wait_for(moment)
            pipeline.broker.kill()
            pipeline.broker.start()
        publisher.finish()
        pipeline.finish(orders)
    assert reconnects(pipeline) >= 6  # source and sink each time
    reconnecting = [text for text in pipeline.run.messages() if "connected again" in text]
    assert len(reconnecting) >= 6


def test_broker_frozen(pipeline: Pipeline) -> None:
    orders = make_orders(MESSAGES // 2, seed=15)
    pipeline.start()
    with pipeline.publisher(orders, rate=4000) as publisher:
        publisher.wait_for(MESSAGES // 4)
        pipeline.broker.freeze()
        with pytest.raises(TimeoutError):
            publisher.wait_for(MESSAGES, timeout=2.5)
        pipeline.broker.thaw()
        publisher.finish()
        outcome = pipeline.finish(orders)
    assert reconnects(pipeline) == 0
    assert outcome.duplicates == 0


def test_broker_silent_for_longer_than_the_heartbeats_allow(pipeline: Pipeline) -> None:
    orders = make_orders(MESSAGES // 2, seed=16)
    pipeline.options = {**IMPATIENT}
    pipeline.start()
    with pipeline.publisher(orders, rate=4000) as publisher:
        publisher.wait_for(MESSAGES // 4)
        pipeline.broker.freeze()
        with pytest.raises(TimeoutError):
            publisher.wait_for(MESSAGES, timeout=SILENCE)
        pipeline.broker.thaw()
        publisher.finish()
        pipeline.finish(orders)
    assert reconnects(pipeline) >= 2
    assert any("nothing came from RabbitMQ" in text for text in pipeline.run.messages("warning"))


def test_everything_together(new_pipeline: Callable[..., Pipeline], slow_line: Proxy) -> None:
    orders = make_orders(MESSAGES, seed=17)
    pipeline = new_pipeline(port=slow_line.port)
    pipeline.options = {**SMALL_BATCHES, **IMPATIENT}
    pipeline.start()
    chaos = Chaos(pipeline, slow_line, seed=17)
    kinds = [name for name in chaos.every if name not in ("broker silent", "broker killed")]
    random.Random(17).shuffle(kinds)
    with pipeline.publisher(orders, rate=MESSAGES / 10) as publisher:
        for moment, kind in zip(moments(17, len(kinds)), kinds, strict=True):
            publisher.wait_for(moment)
            chaos.strike(kind)
        publisher.finish()
        pipeline.finish(orders)
    assert chaos.faults.total() == len(kinds)
