"""Keeps a second process away from an app's state."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
from pathlib import Path

from eventflux.builtin.sqlite.layout import file_at
from eventflux.spi import Misconfigured


class Lock:
    """A database beside that of the state, in which a transaction is open as long as the state is
    in use: the system ends it with the process, however that ends. Who has it stands in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def take(self) -> None:
        """
        Raises:
            Misconfigured: somebody has it.
        """
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS holder (who TEXT)")
            connection.execute("DELETE FROM holder")
            who = f"process {os.getpid()} on {socket.gethostname()}"
            connection.execute("INSERT INTO holder VALUES (?)", (who,))
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            holder = _holder(connection)
            connection.close()
            if "locked" not in str(error):
                raise
            raise Misconfigured(
                f"{holder} has the state in {self._path.with_suffix('.sqlite')} in use",
                "stop it first; an app that runs beside it needs a name of its own (--name)",
            ) from None
        self._connection, self._file = connection, file_at(self._path)

    def keep(self) -> None:
        """Take it again if somebody has deleted its file; raises the same."""
        if self._file != file_at(self._path):
            self.release()
            self.take()

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _holder(connection: sqlite3.Connection) -> str:
    with contextlib.suppress(sqlite3.DatabaseError):
        found = connection.execute("SELECT who FROM holder").fetchone()
        if found is not None:
            return str(found[0])
    return "another process"
