"""What a service manager is told, and when nobody is."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventflux.cli.systemd import Notifier


class Manager:
    """A service manager's socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address[0] == "@" else address)
        self._socket.setblocking(False)

    def told(self) -> list[str]:
        """The datagrams that have come since the last call."""
        found: list[str] = []
        while True:
            try:
                found.append(self._socket.recv(65_536).decode())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    path = str(tmp_path / "notify")
    made = Manager(path if request.param == "path" else f"@{path}")
    yield made
    made.close()


def test_what_is_told(manager: Manager) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.address})
    assert notifier.wanted
    notifier.ready()
    notifier.status("running · B reconnecting:\nREADY=1")
    notifier.status("running · B reconnecting: READY=1")
    notifier.stopping()
    notifier.close()
    assert manager.told() == [
        "READY=1",
        "STATUS=running · B reconnecting: READY=1",
        "STOPPING=1",
    ]
    notifier.ready()
    assert manager.told() == []


async def test_signs_of_life(manager: Manager) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "2000"})
    assert notifier.alive_every == 0.001
    states = iter(["starting", "running"])
    telling = asyncio.ensure_future(notifier.keep_alive(lambda: next(states, "running")))
    told: list[str] = []
    async with asyncio.timeout(10):
        while told.count("WATCHDOG=1") < 3:
            await asyncio.sleep(0.0005)
            told += manager.told()
    telling.cancel()
    notifier.close()
    assert [line for line in told if line != "WATCHDOG=1"] == ["STATUS=starting", "STATUS=running"]


@pytest.mark.parametrize(
    ("environment", "interval"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_often(environment: dict[str, str], interval: float | None) -> None:
    assert Notifier(environment).alive_every == interval


async def test_nobody_asks() -> None:
    notifier = Notifier({"WATCHDOG_USEC": "1000"})
    assert not notifier.wanted
    notifier.ready()
    async with asyncio.timeout(5):
        await notifier.keep_alive(lambda: "running")


@pytest.mark.parametrize("address", ["vsock:2:1234", "relative", "@", "/"])
def test_an_address_of_another_kind(address: str, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.ready()
    assert not notifier.wanted
    assert f"NOTIFY_SOCKET={address!r} is no Unix socket" in caplog.text


def test_a_manager_that_is_gone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    notifier.ready()
    notifier.stopping()
    assert caplog.text.count("can't be told at") == 1


def test_a_manager_that_does_not_read(manager: Manager, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "eventflux.cli")
    notifier = Notifier({"NOTIFY_SOCKET": manager.address})
    for number in range(10_000):
        notifier.status(f"{number}")
        if caplog.records:
            break
    notifier.status("told to nobody")
    assert notifier.wanted
    assert "does not read its socket; not told: STATUS=told to nobody" in caplog.text
    notifier.close()
