"""One private RabbitMQ node and one browser for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from testbed.browser import console_of, running_browser
from testbed.pipeline import Pipeline
from testbed.proxy import Proxy

from eventflux_rabbitmq.testing import PrivateBroker

SLOW_LINE = 400_000
"""Bytes a second: the line, not the processor, keeps messages under way all the time."""


@pytest.fixture(scope="session")
def _session_broker() -> Iterator[PrivateBroker]:
    with PrivateBroker(tls=True) as node:
        yield node


@pytest.fixture
def broker(_session_broker: PrivateBroker) -> PrivateBroker:
    """The node, running, whatever the test before did to it."""
    _session_broker.thaw()
    _session_broker.start()
    return _session_broker


@pytest.fixture
def new_pipeline(broker: PrivateBroker, tmp_path: Path) -> Iterator[Callable[..., Pipeline]]:
    """Makes pipelines with queues of their own: ``new_pipeline(**arguments of Pipeline)``."""
    pipelines: list[Pipeline] = []

    def make(**arguments: Any) -> Pipeline:
        pipelines.append(Pipeline(broker, tmp_path, **arguments))
        return pipelines[-1]

    yield make
    broker.thaw()
    for pipeline in pipelines:
        with pipeline:
            pass


@pytest.fixture
def pipeline(new_pipeline: Callable[..., Pipeline]) -> Pipeline:
    """Queues of this test's own, and no process yet."""
    return new_pipeline()


@pytest.fixture
def slow_line(broker: PrivateBroker) -> Iterator[Proxy]:
    """A line to the broker for ``new_pipeline(port=slow_line.port)``."""
    with Proxy(broker.port, seed=5, bytes_per_second=SLOW_LINE) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def _session_browser() -> Iterator[Chrome]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def browser(_session_browser: Chrome) -> Chrome:
    """The browser on an empty page, with nothing in its console."""
    _session_browser.get("about:blank")
    console_of(_session_browser)
    return _session_browser
