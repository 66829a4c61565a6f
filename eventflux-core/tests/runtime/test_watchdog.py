"""What holds the event loop is named while it does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from eventflux import EventFluxManager
from eventflux.runtime.watchdog import Watchdog


class Noticed(logging.Handler):
    """Tells when the watchdog has spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.named = threading.Event()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "has held the event loop" in record.getMessage():
            self.texts.append(record.getMessage())
            self.named.set()

    def wait(self) -> None:
        """Hold the thread until the watchdog has spoken."""
        assert self.named.wait(10)

    @property
    def text(self) -> str:
        assert len(self.texts) == 1, self.texts
        return self.texts[0]


@pytest.fixture
def noticed() -> Iterator[Noticed]:
    handler = Noticed()
    runtime_log = logging.getLogger("eventflux.runtime")
    runtime_log.addHandler(handler)
    yield handler
    runtime_log.removeHandler(handler)


async def test_a_step_that_holds_the_loop_is_named_while_it_does(
    bench: Any, noticed: Noticed
) -> None:
    def slow(value: int) -> list[tuple[str, int]]:
        noticed.wait()
        return [("Out", value)]

    run = bench(query=slow, limits=replace(bench().limits, step=0.2))
    run.put(1)
    await run.run_to_end()
    assert run.arrived == [1]
    assert "app 'bench': stream 'In' has held the event loop" in noticed.text
    assert run.app.watchdog.stalls == 1


async def test_the_function_and_its_callers_are_named(noticed: Noticed) -> None:
    watchdog = Watchdog("orders", lambda: None, lambda *_: None, limit=0.2)

    def slow_function() -> None:
        noticed.wait()

    watchdog.start()
    slow_function()
    watchdog.stop()
    assert "app 'orders': something outside the queries has held the event loop" in noticed.text
    assert ", called by slow_function (" in noticed.text
    assert "test_watchdog.py:" in noticed.text


SQL = """
CREATE STREAM A (x LONG NOT NULL);
CREATE STREAM C (x LONG, n LONG);
INSERT INTO B SELECT x + 1 AS x FROM A;
INSERT INTO C
SELECT slowly(x) AS x, count(*) AS n FROM B GROUP BY x;
"""


def test_the_query_of_a_slow_user_function_is_named(noticed: Noticed) -> None:
    def slowly(value: int) -> int:
        noticed.wait()
        return value

    manager = EventFluxManager(plugins=False)
    manager.context.add_function("slowly", slowly, ["LONG"], "LONG")
    with manager.create_app(SQL) as app:
        app.input("A").send({"x": 1})
    assert "stream 'A', query 'query_2' (line 5) has held" in noticed.text
    assert "slowly (" in noticed.text
    assert "step (<eventflux " in noticed.text


def test_a_slow_callback_is_named(noticed: Noticed) -> None:
    def slow_callback(row: Any) -> None:
        noticed.wait()

    app = EventFluxManager(plugins=False).create_app("CREATE STREAM A (x LONG)")
    app.on("A", slow_callback)
    with app:
        app.input("A").send({"x": 1})
    assert "stream 'A' has held" in noticed.text
    assert "slow_callback (" in noticed.text
