"""Test help: a RabbitMQ node of one's own.

>>> from eventflux_rabbitmq.testing import PrivateBroker
>>> with PrivateBroker() as broker:  # doctest: +SKIP
...     broker.declare_queue("orders")
...     broker.publish("orders", [b"{}"])
"""

from eventflux_rabbitmq.testing.broker import BrokerError, PrivateBroker
from eventflux_rabbitmq.testing.certificates import Authority, Certificate

__all__ = ["Authority", "BrokerError", "Certificate", "PrivateBroker"]
