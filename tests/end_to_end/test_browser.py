"""Web pages in a real browser, on both sides of an app: what they push, what they are shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.support.wait import WebDriverWait
from testbed.browser import console_of, served

from eventflux import EventFluxManager

pytestmark = pytest.mark.browser

WEBSOCKET = Path(__file__).parents[2] / "eventflux-websocket" / "README.md"
SQL = """
CREATE STREAM Readings (sensor STRING, celsius DOUBLE, site STRING METADATA FROM 'headers.origin')
WITH (type = 'source', extension = 'websocket', format = 'json', websocket.mode = 'server',
  websocket.port = '0', websocket.path = '/in');
CREATE STREAM Alarms (sensor STRING, celsius DOUBLE, site STRING)
WITH (type = 'sink', extension = 'websocket', format = 'json', websocket.mode = 'server',
  websocket.port = '0', websocket.path = '/out');
INSERT INTO Alarms SELECT sensor, celsius, site FROM Readings WHERE celsius > 60;
"""
PAGE = """<!doctype html><title>connecting</title><link rel="icon" href="data:,">
<ul id="rows"></ul>
<script>
  const hub = new URLSearchParams(location.search).get("hub");
  const opened = (url, ...more) => new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ...more);
    socket.onopen = () => resolve(socket);
    socket.onclose = () => reject(url);
  });
  let pushing = null;
  async function connect(query) {
    const shown = await opened(hub + "/out" + query);
    shown.onmessage = (message) => {
      const line = document.createElement("li");
      line.textContent = message.data;
      document.getElementById("rows").append(line);
    };
    shown.onclose = (event) => { document.title = `closed ${event.code} ${event.reason}`; };
    pushing = await opened(hub + "/in" + query);
    document.title = "connected";
  }
  connect(location.hash.slice(1)).catch(() => { document.title = "refused"; });
</script>"""


@contextmanager
def running(sql: str, caplog: pytest.LogCaptureFixture, **options: str) -> Iterator[Any]:
    """The app, and the address at which its streams listen."""
    names = [f"{s}.websocket.{o}" for o in options for s in ("Readings", "Alarms")]
    given = {name: options[name.rpartition(".")[2]] for name in names}
    app = EventFluxManager().create_app(sql, overrides=given)
    with caplog.at_level(logging.INFO, "eventflux.websocket"), app:
        [address, *_] = re.findall(r"ws://[\d.:]+", caplog.text)
        yield app, address


def wait_for_title(browser: Chrome, title: str) -> None:
    WebDriverWait(browser, 10, 0.02).until(lambda browser: browser.title.startswith(title))


def lines_of(browser: Chrome) -> list[str]:
    script = "return [...document.querySelectorAll('li')].map(line => line.textContent)"
    return list(browser.execute_script(script))


def wait_for_lines(browser: Chrome, count: int) -> list[str]:
    """The texts of the page's lines, once there are so many."""
    WebDriverWait(browser, 10, 0.02).until(lambda browser: len(lines_of(browser)) >= count)
    return lines_of(browser)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[str]:
    """The address of the page."""
    (tmp_path / "page.html").write_text(PAGE)
    with served(tmp_path) as address:
        yield f"{address}/page.html"


def test_a_page_pushes_events_and_watches_the_results(
    browser: Chrome, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    with running(SQL, caplog) as (app, hub):
        browser.get(f"{page}?hub={hub}")
        wait_for_title(browser, "connected")
        browser.execute_script(
            """for (let n = 0; n < 1000; n++)
                 pushing.send(JSON.stringify({sensor: `grün ${n}`, celsius: n % 100}));"""
        )
        lines = wait_for_lines(browser, 390)
        site = page.removesuffix("/page.html")
        expected = [n for n in range(1000) if n % 100 > 60]
        assert lines == [
            f'{{"sensor":"grün {n}","celsius":{n % 100}.0,"site":"{site}"}}' for n in expected
        ]
        assert app.stats()["own_counters"]["Alarms"]["clients_accepted"] == 1
    wait_for_title(browser, "closed 1001 going away")
    assert console_of(browser) == []


def test_a_page_needs_the_token_and_the_right_site(
    browser: Chrome, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = page.removesuffix("/page.html")
    with running(SQL, caplog, token="open sesame", origins=site) as (_, hub):
        browser.get(f"{page}?hub={hub}#?token=open%20sesame")
        wait_for_title(browser, "connected")
        browser.get(f"{page}?hub={hub}&again#?token=open%20sesam")
        wait_for_title(browser, "refused")
        browser.get(f"{page.replace('127.0.0.1', 'localhost')}?hub={hub}#?token=open%20sesame")
        wait_for_title(browser, "refused")
    assert [line for line in caplog.messages if " 401, the token is missing or wrong" in line]
    assert [line for line in caplog.messages if " 403, pages of 'http://localhost" in line]
    console_of(browser)


def test_the_page_of_the_readme_shows_its_own_alarm(
    browser: Chrome, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    readme = WEBSOCKET.read_text(encoding="utf-8").partition("\n## A server")[2]
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", readme, re.DOTALL)[:2])
    with running(blocks["sql"], caplog, port="0") as (_, hub):
        text = blocks["html"].replace("ws://localhost:8080", hub)
        assert text != blocks["html"]
        (tmp_path / "page.html").write_text(text)
        browser.get((tmp_path / "page.html").as_uri())
        assert wait_for_lines(browser, 1) == ["cellar"]
