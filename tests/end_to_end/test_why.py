"""Why nothing comes out, with RabbitMQ on both sides: a key that no queue is bound with, a queue
that nobody publishes to, a broker that is gone. No password shows."""

from __future__ import annotations

import uuid

import pytest
from testbed.waiting import eventually

import eventflux
from eventflux.app.why import Why
from eventflux_rabbitmq.testing import PrivateBroker

pytestmark = pytest.mark.broker

ORDERS = """
CREATE STREAM Orders (amount INT) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  rabbitmq.host = '127.0.0.1', rabbitmq.port = '{port}', rabbitmq.password = 'guest',
  rabbitmq.queue = 'orders-{name}');
CREATE STREAM Alerts (amount INT) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json', error.strategy = 'drop',
  rabbitmq.uri = 'amqp://guest:guest@127.0.0.1:{port}', rabbitmq.exchange = 'alerts-{name}',
  rabbitmq.declare.exchange = 'true', rabbitmq.routing.key = 'nobody');
INSERT INTO Alerts SELECT amount FROM Orders WHERE amount > 0;
"""


@pytest.fixture
def app(broker: PrivateBroker) -> eventflux.AppRuntime:
    sql = ORDERS.format(port=broker.port, name=uuid.uuid4().hex[:8])
    return eventflux.EventFluxManager().create_app(sql)


def told(app: eventflux.AppRuntime, cause: str) -> Why:
    """The report on Alerts, once it names this cause."""
    eventually(lambda: app.why("Alerts").cause == cause, f"Alerts are empty: {cause}")
    why = app.why("Alerts")
    assert "guest" not in str(why)
    return why


def test_a_queue_that_nobody_publishes_to(app: eventflux.AppRuntime) -> None:
    with app:
        why = told(app, "idle")
    assert why.summary.startswith("Nothing reaches Alerts yet: source 'Orders' (rabbitmq) is ")
    assert why.summary.endswith(" and has received nothing.")
    assert why.hint is not None
    assert "bound to the exchange of its publishers, with their routing keys" in why.hint


def test_a_routing_key_that_no_queue_is_bound_with(app: eventflux.AppRuntime) -> None:
    with app:
        app.input("Orders").send_many([(1,), (2,)])
        why = told(app, "refused")
    assert why.summary.startswith(
        "Rows reach Alerts, but none leaves it: sink 'Alerts' (rabbitmq) had "
    )
    assert "nobody" in why.summary, "the routing key is named"


def test_a_broker_that_is_gone(app: eventflux.AppRuntime, broker: PrivateBroker) -> None:
    with app:
        broker.kill()
        why = told(app, "disconnected")
        broker.start()
    assert why.summary.startswith(
        "Nothing reaches Alerts: source 'Orders' (rabbitmq) is not connected but reconnecting: "
    )
