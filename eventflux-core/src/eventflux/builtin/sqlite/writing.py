"""Writes one checkpoint into a database, as part of a transaction that somebody else commits."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from eventflux.base.state_records import Cleared, StateChange
from eventflux.builtin.sqlite.layout import Part, checkpoint_crc, end_of_prefix, record_crc
from eventflux.spi.state_store import KEPT, PublishedCheckpoint

_COLUMNS = 5
_ROWS = 512
"""Rows a statement: SQLite works on them all at once, without the interpreter's lock."""

_RANGE = "state = :state AND key >= :prefix AND (:end IS NULL OR key < :end)"


class CheckpointWriter:
    """Writes the checkpoint that follows revision ``after``, or with ``None`` one that follows
    nothing. Its transaction has begun."""

    def __init__(self, connection: sqlite3.Connection, after: int | None) -> None:
        self._connection = connection
        self._execute = connection.execute
        self.size = 0
        [newest] = self._execute("SELECT max(revision) FROM checkpoints").fetchone()
        self.revision = (newest or 0) + 1
        self._states = dict(self._execute("SELECT name, id FROM states"))
        self._whole = after is None
        if self._whole:
            for table in ("checkpoints", "base", "changes", "cleared", "parts", "states"):
                self._execute(f"DELETE FROM {table}")
            self._states.clear()
        elif after != newest:
            for table in ("checkpoints", "changes", "cleared", "parts"):
                self._execute(f"DELETE FROM {table} WHERE revision > ?", (after,))

    def write(self, changes: Sequence[StateChange]) -> None:
        rows: list[Any] = []
        for change in changes:
            state = self._state(change.state)
            if isinstance(change, Cleared):
                self._insert(rows)
                rows = []
                self._clear(state, change.prefix)
                continue
            key, value = change.key, change.value
            self.size += len(key) + (0 if value is None else len(value))
            rows += (self.revision, state, key, value, record_crc(key, value))
        self._insert(rows)

    def publish(self, manifest: bytes) -> PublishedCheckpoint:
        """Write what is left, and forget the oldest checkpoint."""
        self.size += len(manifest)
        self._note_parts()
        crc = checkpoint_crc(self.revision, manifest, self.size)
        self._execute(
            "INSERT INTO checkpoints VALUES (?, ?, ?, ?)", (self.revision, manifest, self.size, crc)
        )
        query = "SELECT revision FROM checkpoints ORDER BY revision DESC"
        while len(revisions := [row[0] for row in self._execute(query)]) > KEPT:
            self._merge(revisions[-1], revisions[-2])
        return PublishedCheckpoint(self.revision, self.size)

    def _state(self, name: str) -> int:
        number = self._states.get(name)
        if number is None:
            number = self._execute("INSERT INTO states (name) VALUES (?)", (name,)).lastrowid
            assert number is not None, "a row was inserted"
            self._states[name] = number
        return number

    def _insert(self, rows: list[Any]) -> None:
        """Insert rows of ``changes``, or into the base what they leave there."""
        for start in range(0, len(rows), _ROWS * _COLUMNS):
            part = rows[start : start + _ROWS * _COLUMNS]
            places = ", ".join(["(?, ?, ?, ?, ?)"] * (len(part) // _COLUMNS))
            self._execute(f"INSERT OR REPLACE INTO changes VALUES {places}", part)

    def _clear(self, state: int, prefix: bytes) -> None:
        bounds = {"state": state, "prefix": prefix, "end": end_of_prefix(prefix)}
        self._execute(
            f"DELETE FROM changes WHERE revision = :revision AND {_RANGE}",
            {"revision": self.revision, **bounds},
        )
        self._execute(
            "INSERT OR IGNORE INTO cleared VALUES (?, ?, ?)", (self.revision, state, prefix)
        )

    def _note_parts(self) -> None:
        """Write down how much there is; of the first checkpoint everything is the base."""
        if self._whole:
            _move_into_base(self._connection, self.revision)
            self._execute("DELETE FROM cleared")
        source = "base" if self._whole else "changes WHERE revision = :revision"
        parts: defaultdict[int, Part] = defaultdict(Part)
        query = f"SELECT state, count(*), sum(crc) FROM {source} GROUP BY state"
        for state, records, digest in self._execute(query, {"revision": self.revision}):
            parts[state] = Part(records, 0, digest)
        query = "SELECT state, count(*) FROM cleared WHERE revision = ? GROUP BY state"
        for state, cleared in self._execute(query, (self.revision,)):
            parts[state] = parts[state]._replace(cleared=cleared)
        self._write_parts(self.revision, parts)

    def _write_parts(self, revision: int, parts: dict[int, Part]) -> None:
        self._execute("DELETE FROM parts WHERE revision = ?", (revision,))
        self._connection.executemany(
            "INSERT INTO parts VALUES (?, ?, ?, ?, ?)",
            [(revision, state, *part) for state, part in parts.items()],
        )

    def _merge(self, oldest: int, second: int) -> None:
        """Bring the base from the oldest checkpoint to the second, and forget the oldest."""
        query = "SELECT state, records, cleared, digest FROM parts WHERE revision = ?"
        parts = defaultdict(
            Part, {row[0]: Part(*row[1:]) for row in self._execute(query, (oldest,))}
        )

        def account(sign: int, counted: str, arguments: dict[str, Any]) -> None:
            grouped = f"SELECT b.state, count(*), sum(b.crc) FROM {counted} GROUP BY b.state"
            for state, records, digest in self._execute(grouped, arguments):
                old = parts[state]
                parts[state] = Part(old.records + sign * records, 0, old.digest + sign * digest)

        query = "SELECT state, prefix FROM cleared WHERE revision = ?"
        for state, prefix in self._execute(query, (second,)).fetchall():
            bounds = {"state": state, "prefix": prefix, "end": end_of_prefix(prefix)}
            account(-1, f"base b WHERE {_RANGE}", bounds)
            self._execute(f"DELETE FROM base WHERE {_RANGE}", bounds)
        of_second = {"revision": second}
        account(
            -1,
            "changes c JOIN base b ON b.state = c.state AND b.key = c.key "
            "WHERE c.revision = :revision",
            of_second,
        )
        account(1, "changes b WHERE b.revision = :revision AND b.value IS NOT NULL", of_second)
        _move_into_base(self._connection, second)
        self._write_parts(second, parts)
        self._execute("DELETE FROM cleared WHERE revision = ?", (second,))
        self._execute("DELETE FROM parts WHERE revision = ?", (oldest,))
        self._execute("DELETE FROM checkpoints WHERE revision = ?", (oldest,))


def _move_into_base(connection: sqlite3.Connection, revision: int) -> None:
    """Let the changes of a checkpoint be those of the base."""
    connection.execute(
        "DELETE FROM base WHERE (state, key) IN "
        "(SELECT state, key FROM changes WHERE revision = ? AND value IS NULL)",
        (revision,),
    )
    connection.execute(
        "INSERT OR REPLACE INTO base "
        "SELECT state, key, value, crc FROM changes WHERE revision = ? AND value IS NOT NULL",
        (revision,),
    )
    connection.execute("DELETE FROM changes WHERE revision = ?", (revision,))
