"""Test help: a RabbitMQ node of one's own.

>>> from eventflux_rabbitmq.testing import PrivateBroker
>>> with PrivateBroker() as broker:  # doctest: +SKIP
...     broker.declare_queue("orders")
...     broker.publish("orders", [b"{}"])
"""

from eventflux.testing.certificates import Authority, Certificate
from eventflux_rabbitmq.testing.broker import BrokerError, PrivateBroker

__all__ = ["Authority", "BrokerError", "Certificate", "PrivateBroker"]
