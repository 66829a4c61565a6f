"""examples/market: the simulator, the app and its page, all started by one command."""

from __future__ import annotations

import os
import re
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from testbed.browser import console_of

from eventflux_rabbitmq.testing import PrivateBroker

MARKET = Path(__file__).parents[2] / "examples" / "market"
NOBODY = {"MARKET_RABBITMQ_PORT": "1"}
"""Where no RabbitMQ answers."""


@contextmanager
def running(**environment: str) -> Iterator[str]:
    """All of it, ended by SIGINT; gives the address of the page."""
    process = subprocess.Popen(
        [sys.executable, MARKET / "run.py", "--port", "0", "--rate", "200"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdout is not None
    told = ""
    try:
        for line in process.stdout:
            told += line
            if line.startswith("open "):
                break
        found = re.search(r"http://\S+", told)
        assert found is not None, told + process.communicate()[1]
        yield found.group()
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out.splitlines()[-1:]) == (0, ["stopped"]), err
    assert "Traceback" not in err


def until(browser: Chrome, holds: Callable[[Chrome], object]) -> None:
    WebDriverWait(browser, 30, 0.05).until(holds)


def text(browser: Chrome, selector: str) -> str:
    return browser.find_element(By.CSS_SELECTOR, selector).text


def trades_shown(browser: Chrome) -> int:
    found = re.search(r"(\d+) trades", text(browser, ".card[data-symbol=ALDR] small"))
    return int(found.group(1)) if found else 0


def alerts(browser: Chrome) -> int:
    return len(browser.find_elements(By.CSS_SELECTOR, "#alerts li"))


@pytest.mark.browser
def test_the_page_shows_the_results_as_they_come_and_connects_again(browser: Chrome) -> None:
    with running(**NOBODY) as address:
        browser.get(address)
        until(browser, lambda page: len(page.find_elements(By.CSS_SELECTOR, ".card canvas")) == 4)
        until(browser, lambda page: text(page, "#state") == "live" and alerts(page) > 0)
        before = trades_shown(browser)
        assert re.fullmatch(r"\d+\.\d\d", text(browser, ".card[data-symbol=BRCH] .price"))
        assert "Birch Foods" in text(browser, ".card[data-symbol=BRCH] b")
        until(browser, lambda page: trades_shown(page) > before)
        assert console_of(browser) == []
    until(browser, lambda page: text(page, "#state") == "connecting again")
    port = address.rpartition("=")[2]
    with running(**NOBODY, MARKET_PORT=port):
        until(browser, lambda page: text(page, "#state") == "live")
        until(browser, lambda page: trades_shown(page) > 0)


@pytest.mark.broker
def test_alerts_go_to_rabbitmq_where_one_answers(broker: PrivateBroker) -> None:
    with running(MARKET_RABBITMQ_PORT=str(broker.port)):
        first, *_ = broker.take("market-alerts", 3)
    assert re.search(rb'"level":"(large|huge)"', first)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, MARKET / "run.py", "--port", port],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, **NOBODY},
        )
    assert ended.returncode == 1
    assert f"error: the page can't be served at port {port}: Address already in use" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_same_seed_makes_the_same_trades() -> None:
    trades = runpy.run_path(str(MARKET / "simulator.py"))["trades"]
    first, again, other = (list(islice(trades(seed, 10, 0), 500)) for seed in (7, 7, 8))
    assert first == again != other
    assert [made["at"] for made in first[:3]] == [0, 100, 200]
    assert any(made["size"] == 0 for made in first)
    assert any(made["size"] == 4000 for made in first)
