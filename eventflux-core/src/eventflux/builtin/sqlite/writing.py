"""Writes one checkpoint into a database, as part of a transaction that somebody else commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import count
from typing import Any

from eventflux.base.state_records import Cleared, StateChange
from eventflux.builtin.sqlite.layout import (
    Part,
    Parts,
    checkpoint_crc,
    encoded_parts,
    end_of_prefix,
    parts_crc,
    prefix_crc,
    record_crc,
)
from eventflux.builtin.sqlite.reading import Link, links_to, newest_revision
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
        newest = newest_revision(connection)
        self.revision = newest + 1
        self._links = [] if after is None else links_to(connection, after)
        """The checkpoints that are kept, the oldest first."""
        self._states = {
            name: part.state for link in self._links for name, part in link.parts.items()
        }
        self._unused = count(max(self._states.values(), default=0) + 1)
        if after is None:
            for table in ("checkpoints", "base", "changes", "cleared"):
                self._execute(f"DELETE FROM {table}")
        elif after != newest:
            for table in ("checkpoints", "changes", "cleared"):
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
        crc = checkpoint_crc(self.revision, manifest, self.size)
        follows = self._links[-1].revision if self._links else None
        if follows is None:
            self._execute("DELETE FROM cleared")
            _move_into_base(self._connection, self.revision)
        parts = self._written(follows)
        self._links.append(Link(self.revision, parts))
        self._execute(
            "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.revision, manifest, self.size, crc, *_told(self.revision, follows, parts)),
        )
        self._execute("DELETE FROM newest")
        self._execute("INSERT INTO newest VALUES (?)", (self.revision,))
        while len(self._links) > KEPT:
            self._merge(*self._links[:2])
        return PublishedCheckpoint(self.revision, self.size)

    def _state(self, name: str) -> int:
        number = self._states.get(name)
        if number is None:
            number = self._states[name] = next(self._unused)
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

    def _written(self, follows: int | None) -> Parts:
        """What there is of this checkpoint; of one that follows nothing everything is the base."""
        source = "base" if follows is None else "changes WHERE revision = :revision"
        parts = {state: Part(state) for state in self._states.values()}
        query = f"SELECT state, count(*), sum(crc) FROM {source} GROUP BY state"
        for state, records, digest in self._execute(query, {"revision": self.revision}):
            parts[state] = Part(state, records, 0, digest)
        query = "SELECT state, prefix FROM cleared WHERE revision = ?"
        for state, prefix in self._execute(query, (self.revision,)):
            part = parts[state]
            digest = part.digest + prefix_crc(prefix)
            parts[state] = part._replace(cleared=part.cleared + 1, digest=digest)
        return self._named(parts)

    def _named(self, parts: dict[int, Part]) -> Parts:
        """Those that have something, by their names."""
        found = {name: parts[state] for name, state in self._states.items()}
        return {name: part for name, part in found.items() if part.records or part.cleared}

    def _merge(self, oldest: Link, second: Link) -> None:
        """Bring the base from the oldest checkpoint to the second, and forget the oldest."""
        parts = {state: Part(state) for state in self._states.values()}
        parts |= {part.state: part for part in oldest.parts.values()}

        def account(sign: int, counted: str, arguments: dict[str, Any]) -> None:
            grouped = f"SELECT b.state, count(*), sum(b.crc) FROM {counted} GROUP BY b.state"
            for state, records, digest in self._execute(grouped, arguments):
                old = parts[state]
                records, digest = old.records + sign * records, old.digest + sign * digest
                parts[state] = Part(state, records, 0, digest)

        query = "SELECT state, prefix FROM cleared WHERE revision = ?"
        for state, prefix in self._execute(query, (second.revision,)).fetchall():
            bounds = {"state": state, "prefix": prefix, "end": end_of_prefix(prefix)}
            account(-1, f"base b WHERE {_RANGE}", bounds)
            self._execute(f"DELETE FROM base WHERE {_RANGE}", bounds)
        of_second = {"revision": second.revision}
        account(
            -1,
            "changes c JOIN base b ON b.state = c.state AND b.key = c.key "
            "WHERE c.revision = :revision",
            of_second,
        )
        account(1, "changes b WHERE b.revision = :revision AND b.value IS NOT NULL", of_second)
        _move_into_base(self._connection, second.revision)
        self._execute("DELETE FROM cleared WHERE revision = ?", (second.revision,))
        self._execute("DELETE FROM checkpoints WHERE revision = ?", (oldest.revision,))
        base = Link(second.revision, self._named(parts))
        self._links[:2] = [base]
        self._execute(
            "UPDATE checkpoints SET follows = ?, parts = ?, parts_crc = ? WHERE revision = ?",
            (*_told(base.revision, None, base.parts), base.revision),
        )


def _told(revision: int, follows: int | None, parts: Parts) -> tuple[int | None, bytes, int]:
    """What stands in a checkpoint of its parts: the last columns of its row."""
    encoded = encoded_parts(parts)
    return follows, encoded, parts_crc(revision, follows, encoded)


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
