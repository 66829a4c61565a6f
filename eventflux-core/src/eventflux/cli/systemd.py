"""Tells a service manager how it goes, by the protocol of ``sd_notify``: a datagram of
``NAME=value`` lines to the socket that ``NOTIFY_SOCKET`` names."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping

logger = logging.getLogger("eventflux.cli")


class Notifier:
    """Does nothing where no service manager asks to be told."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        self._last_status = ""
        self.alive_every = _watchdog_interval(environment)
        """Seconds between signs of life, ``None`` if nobody waits for any."""
        if not self._address:
            return
        if not self._address.startswith(("/", "@")) or len(self._address) == 1:
            logger.warning("NOTIFY_SOCKET=%r is no Unix socket; nobody is told", self._address)
            return
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)

    @property
    def wanted(self) -> bool:
        """Whether there is somebody to tell."""
        return self._socket is not None

    def ready(self) -> None:
        """Everything is open."""
        self._send("READY=1")

    def stopping(self) -> None:
        """A stop has begun."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """Show how it goes, in a line; the same one is told once."""
        line = " ".join(text.split())
        if line != self._last_status:
            self._last_status = line
            self._send(f"STATUS={line}")

    async def keep_alive(self, status: Callable[[], str]) -> None:
        """Give signs of life from the loop, which a held loop does not, and the status;
        without end."""
        while self.wanted:
            if self.alive_every is not None:
                self._send("WATCHDOG=1")
            self.status(status())
            await asyncio.sleep(min(self.alive_every or 1.0, 1.0))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, line: str) -> None:
        if self._socket is None:
            return
        name = self._address
        try:
            self._socket.sendto(line.encode(), "\0" + name[1:] if name[0] == "@" else name)
        except BlockingIOError:
            logger.debug("the service manager does not read its socket; not told: %s", line)
        except OSError as error:
            logger.warning("the service manager can't be told at %s: %s", name, error)
            self.close()


def _watchdog_interval(environment: Mapping[str, str]) -> float | None:
    """Half of the time after which the service manager takes this process for dead."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None  # it waits for another process, which has handed its environment down
    text = environment.get("WATCHDOG_USEC", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text)):
        logger.warning("WATCHDOG_USEC=%r is no number of microseconds", text)
        return None
    return int(text) / 2_000_000
