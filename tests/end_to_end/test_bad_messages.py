"""Messages that can't be processed or delivered: each alone, its neighbours pass."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from testbed.chaos import POISON
from testbed.orders import expected_results, make_orders
from testbed.pipeline import ROUTING_KEY, SINK, SOURCE, Pipeline
from testbed.process import check_counters

from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.broker

FAILED = 1


def with_poison(orders: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Orders with a bad message after every tenth, and the bad ones."""
    mixed, poison = [], []
    for number, order in enumerate(orders):
        mixed.append(order)
        if number % 10 == 9:
            poison.append(POISON[number // 10 % len(POISON)])
            mixed.append(poison[-1])
    return mixed, poison


def test_poison_is_dropped_alone(pipeline: Pipeline) -> None:
    orders = make_orders(2_000, seed=51)
    mixed, poison = with_poison(orders)
    pipeline.publish(mixed)
    pipeline.start()
    outcome = pipeline.finish(orders)
    assert outcome.duplicates == 0
    assert outcome.in_order
    stats = pipeline.run.stats
    assert stats["connectors"][SOURCE]["rejected"] == len(poison)
    assert stats["streams"][SOURCE]["failed"] == len(poison)
    assert stats["streams"][SOURCE]["decoded"] == len(orders)
    warnings = pipeline.run.messages("warning")
    assert 1 <= len(warnings) <= 20
    assert all(SOURCE in text and "can't be decoded" in text for text in warnings)
    assert "message 11 can't" in warnings[0]


def test_poison_is_dead_lettered(new_pipeline: Callable[..., Pipeline]) -> None:
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead-letters"}
    pipeline = new_pipeline(input_arguments=arguments)
    pipeline.broker.declare_queue("dead-letters")
    orders = make_orders(1_000, seed=52)
    mixed, poison = with_poison(orders)
    pipeline.publish(mixed)
    pipeline.start()
    outcome = pipeline.finish(orders)
    assert outcome.duplicates == 0
    dead = pipeline.broker.take("dead-letters", len(poison))
    pipeline.broker.delete_queue("dead-letters")
    # a batch all of whose results are filtered out is done with before those under way
    assert Counter(dead) == Counter(poison)


def test_poison_fails_the_app_where_that_is_asked_for(pipeline: Pipeline) -> None:
    orders = make_orders(100, seed=53)
    pipeline.publish([*orders[:60], b"{", *orders[60:]])
    run = pipeline.start(ready=False, OrderInput__error__strategy="fail")
    assert run.wait(30) == FAILED, run.story()
    errors = "\n".join(run.messages("error"))
    assert "message 61 can't be decoded" in errors
    assert "error.strategy" in errors
    assert pipeline.left() == (41, 0)
    pipeline.start()
    outcome = pipeline.finish(orders)
    assert outcome.duplicates == 0


def dead_letters(broker: PrivateBroker, queue: str) -> str:
    """SQL of a stream that puts dead letters into a queue."""
    return f"""
    CREATE STREAM DeadLetters (
      originalEvent STRING, errorMessage STRING, errorType STRING, "timestamp" LONG,
      attemptCount INT, streamName STRING
    ) WITH (
      type = 'sink', extension = 'rabbitmq', format = 'json', "rabbitmq.host" = '{broker.host}',
      "rabbitmq.port" = '{broker.port}', "rabbitmq.exchange" = '',
      "rabbitmq.routing.key" = '{queue}'
    );
    """


@pytest.fixture
def dead_queue(broker: PrivateBroker) -> Iterator[str]:
    """A queue for dead letters."""
    queue = f"dead-{uuid.uuid4().hex[:8]}"
    broker.declare_queue(queue)
    yield queue
    broker.delete_queue(queue)


def as_text(payload: bytes) -> str:
    """A payload as a dead letter shows it."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return base64.b64encode(payload).decode()


@pytest.mark.parametrize("strategy", ["dlq", "retry"])
def test_poison_becomes_dead_letters(
    new_pipeline: Callable[..., Pipeline], broker: PrivateBroker, dead_queue: str, strategy: str
) -> None:
    pipeline = new_pipeline(more_sql=dead_letters(broker, dead_queue))
    orders = make_orders(1_000, seed=57)
    mixed, poison = with_poison(orders)
    pipeline.publish(mixed)
    pipeline.start(
        OrderInput__error__strategy=strategy, OrderInput__error__dlq__stream="DeadLetters"
    )
    outcome = pipeline.finish(orders)
    assert outcome.duplicates == 0
    assert outcome.in_order
    letters = [json.loads(body) for body in broker.take(dead_queue, len(poison))]
    assert [letter["originalEvent"] for letter in letters] == [as_text(p) for p in poison]
    assert {(one["errorType"], one["streamName"]) for one in letters} == {("MappingError", SOURCE)}
    stats = pipeline.run.stats
    assert stats["streams"][SOURCE]["dead_lettered"] == len(poison)
    assert stats["connectors"][SOURCE]["acknowledged"] == len(mixed)
    assert stats["connectors"]["DeadLetters"]["confirmed"] == len(poison)


def test_poison_that_fails_the_app_again_and_again_ends_among_dead_letters(
    new_pipeline: Callable[..., Pipeline], broker: PrivateBroker, dead_queue: str
) -> None:
    pipeline = new_pipeline(
        more_sql=dead_letters(broker, dead_queue), input_arguments={"x-queue-type": "quorum"}
    )
    pipeline.options = {
        f"{SOURCE}.error.strategy": "fail",
        f"{SOURCE}.error.dlq.stream": "DeadLetters",
    }
    orders = make_orders(60, seed=58)
    pipeline.publish([*orders[:30], b"{", *orders[30:]])
    for _ in range(3):
        run = pipeline.start(ready=False)
        assert run.wait(60) == FAILED, run.story()
        assert "can't be decoded" in "\n".join(run.messages("error"))
        check_counters(run.stats)
    pipeline.start()
    outcome = pipeline.finish(orders)
    assert outcome.duplicates == 0
    [letter] = [json.loads(body) for body in broker.take(dead_queue, 1)]
    assert (letter["originalEvent"], letter["attemptCount"]) == ("{", 4)


def test_a_source_that_fails_alone_ends_the_run_with_its_code(pipeline: Pipeline) -> None:
    orders = make_orders(60, seed=61)
    pipeline.publish([*orders[:30], b"{", *orders[30:]])
    run = pipeline.start(
        ready=False, OrderInput__error__strategy="fail", OrderInput__on__fail="stream"
    )
    assert run.wait(60) == FAILED, run.story()
    assert "stream 'OrderInput' failed" in "\n".join(run.messages("error"))
    check_counters(run.stats)
    assert pipeline.left() == (31, 0)


def test_errors_of_rows_can_be_read_and_sent_on(
    new_pipeline: Callable[..., Pipeline], broker: PrivateBroker, dead_queue: str
) -> None:
    sql = f"""
    CREATE STREAM Products (product STRING NOT NULL);
    INSERT INTO Products SELECT product FROM OrderInput;
    CREATE STREAM Told (event STRING, query STRING, line INT) WITH (
      type = 'sink', extension = 'rabbitmq', format = 'json', "rabbitmq.host" = '{broker.host}',
      "rabbitmq.port" = '{broker.port}', "rabbitmq.exchange" = '',
      "rabbitmq.routing.key" = '{dead_queue}'
    );
    INSERT INTO Told SELECT originalEvent AS event, query, line FROM OrderInput.errors;
    """
    pipeline = new_pipeline(more_sql=sql)
    orders = make_orders(500, seed=59)
    pipeline.publish(orders)
    pipeline.start()
    assert pipeline.finish(orders).duplicates == 0
    without = [o["order_id"] for o in map(json.loads, orders) if o.get("product") is None]
    told = [json.loads(body) for body in broker.take(dead_queue, len(without))]
    assert [json.loads(one["event"])["order_id"] for one in told] == without
    assert {one["query"] for one in told} == {"query_2"}
    stats = pipeline.run.stats
    assert stats["queries"]["query_2"]["failed"] == len(without)
    assert stats["streams"][SOURCE]["dropped"] == len(without)


def test_unroutable_results_become_dead_letters(
    new_pipeline: Callable[..., Pipeline], broker: PrivateBroker, dead_queue: str
) -> None:
    pipeline = new_pipeline(more_sql=dead_letters(broker, dead_queue))
    orders = make_orders(600, seed=60)
    first, lost = orders[:300], orders[300:]
    pipeline.start(
        OrderOutput__error__strategy="dlq", OrderOutput__error__dlq__stream="DeadLetters"
    )
    pipeline.publish(first)
    pipeline.wait_until_drained()
    pipeline.unbind()
    pipeline.publish(lost)
    assert pipeline.finish(first).duplicates == 0
    owed = expected_results(lost)
    letters = [json.loads(body) for body in broker.take(dead_queue, len(owed))]
    rows = [json.loads(letter["originalEvent"]) for letter in letters]
    assert sorted(row["order_id"] for row in rows) == sorted(row["order_id"] for row in owed)
    assert {letter["errorType"] for letter in letters} == {"Refused"}
    assert all("NO_ROUTE" in letter["errorMessage"] for letter in letters)


def test_unroutable_results_are_dropped_where_that_is_asked_for(pipeline: Pipeline) -> None:
    orders = make_orders(2_000, seed=54)
    first, lost, last = orders[:800], orders[800:1_200], orders[1_200:]
    run = pipeline.start(OrderOutput__error__strategy="drop")
    for part, routable in ((first, True), (lost, False), (last, True)):
        if not routable:
            pipeline.unbind()
        pipeline.publish(part)
        pipeline.wait_until_drained()
        if not routable:
            pipeline.bind()
    outcome = pipeline.finish([*first, *last])
    assert outcome.duplicates == 0
    assert outcome.in_order
    counters = run.stats["connectors"][SINK]
    assert counters["refused"] == len(expected_results(lost))
    assert counters["confirmed"] == len(expected_results(first + last))
    warnings = run.messages("warning")
    assert 1 <= len(warnings) <= 20
    assert ROUTING_KEY in warnings[0]
    assert "NO_ROUTE" in warnings[0]
    assert f"bind a queue to exchange '{pipeline.exchange}'" in warnings[0]


@pytest.mark.parametrize("options", [{}, {f"{SINK}.error.strategy": "fail"}])
def test_an_unroutable_result_fails_the_app_and_is_not_lost(
    pipeline: Pipeline, options: dict[str, object]
) -> None:
    orders = make_orders(1_000, seed=55)
    pipeline.options = options
    run = pipeline.start()
    pipeline.publish(orders[:500])
    pipeline.wait_until_drained()
    pipeline.unbind()
    pipeline.publish(orders[500:])
    assert run.wait(40) == FAILED, run.story()
    errors = "\n".join(run.messages("error"))
    assert "NO_ROUTE" in errors
    assert f"bind a queue to exchange '{pipeline.exchange}'" in errors
    ready, unacknowledged = pipeline.left()
    assert ready > 0
    assert unacknowledged == 0
    pipeline.bind()
    pipeline.start()
    assert pipeline.finish(orders).duplicates <= 500


def test_a_full_queue_is_waited_for(new_pipeline: Callable[..., Pipeline]) -> None:
    limits = {"x-max-length": 300, "x-overflow": "reject-publish"}
    pipeline = new_pipeline(result_arguments=limits)
    orders = make_orders(1_000, seed=56)
    run = pipeline.start()
    pipeline.publish(orders)
    owed = len(expected_results(orders))
    bodies: list[bytes] = []
    deadline = time.monotonic() + 60
    while len(bodies) < owed:
        run.must_run()
        assert time.monotonic() < deadline, f"{len(bodies)} of {owed}\n{run.story()}"
        bodies += pipeline.broker.take(pipeline.results)
    outcome = pipeline.finish(orders, bodies=bodies)
    assert outcome.duplicates == 0
    assert run.stats["connectors"][SINK]["resent"] > 0
