"""Reads checkpoints from a database: as the base with the changes up to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from eventflux.builtin.sqlite.layout import Part, as_damage, checkpoint_crc, record_crc
from eventflux.spi.state_store import Damaged, KeptCheckpoint

Row = tuple[bytes, bytes | None, int]
"""Key, value and checksum."""


def kept_checkpoints(connection: sqlite3.Connection) -> list[KeptCheckpoint]:
    """All of them, the newest first; raises ``Damaged`` if that can't be read."""
    with _damage():
        rows = connection.execute(
            "SELECT revision, manifest, size, crc FROM checkpoints ORDER BY revision DESC"
        ).fetchall()
    found: list[KeptCheckpoint] = []
    for revision, manifest, size, crc in rows:
        if isinstance(manifest, bytes) and crc == checkpoint_crc(revision, manifest, size):
            found.append(KeptCheckpoint(revision, manifest))
        else:
            found.append(KeptCheckpoint(revision, damage="its manifest has another checksum"))
    return found


def records(
    connection: sqlite3.Connection, revision: int, state: str
) -> Iterator[tuple[bytes, bytes]]:
    """The records of a state as of a checkpoint; raises ``Damaged``, perhaps at the end."""
    with _damage():
        found = connection.execute("SELECT id FROM states WHERE name = ?", (state,)).fetchone()
        if found is None:
            return
        [state_id] = found
        query = "SELECT revision FROM checkpoints WHERE revision <= ? ORDER BY revision"
        oldest, *later = [row[0] for row in connection.execute(query, (revision,))]
        changed: dict[bytes, bytes | None] = {}
        cleared: tuple[bytes, ...] = ()
        for one in later:
            prefixes = _cleared(connection, one, state_id)
            if prefixes:
                changed = {k: v for k, v in changed.items() if not k.startswith(prefixes)}
                cleared += prefixes
            changed.update(_changes(connection, one, state_id, len(prefixes)))
        base = connection.execute("SELECT key, value, crc FROM base WHERE state = ?", (state_id,))
        expected = _part(connection, oldest, state_id)
        for key, value in _checked(base, expected, f"the base of {state!r}"):
            if key not in changed and not key.startswith(cleared) and value is not None:
                yield key, value
        for key, value in changed.items():
            if value is not None:
                yield key, value


def _cleared(connection: sqlite3.Connection, revision: int, state: int) -> tuple[bytes, ...]:
    query = "SELECT prefix FROM cleared WHERE revision = ? AND state = ?"
    return tuple(prefix for [prefix] in connection.execute(query, (revision, state)))


def _changes(
    connection: sqlite3.Connection, revision: int, state: int, cleared: int
) -> Iterator[tuple[bytes, bytes | None]]:
    query = "SELECT key, value, crc FROM changes WHERE revision = ? AND state = ?"
    expected = _part(connection, revision, state)
    if expected.cleared != cleared:
        raise Damaged(f"revision {revision} clears {cleared} prefixes, not {expected.cleared}")
    rows = connection.execute(query, (revision, state))
    return _checked(rows, expected, f"the changes of revision {revision}")


def _part(connection: sqlite3.Connection, revision: int, state: int) -> Part:
    query = "SELECT records, cleared, digest FROM parts WHERE revision = ? AND state = ?"
    found = connection.execute(query, (revision, state)).fetchone()
    return Part() if found is None else Part(*found)


def _checked(
    rows: Iterable[Row], expected: Part, what: str
) -> Iterator[tuple[bytes, bytes | None]]:
    count = digest = 0
    for key, value, crc in rows:
        if not isinstance(key, bytes) or record_crc(key, value) != crc:
            raise Damaged(f"{what}: a record has another checksum")
        count += 1
        digest += crc
        yield key, value
    if (count, digest) != (expected.records, expected.digest):
        raise Damaged(f"{what}: {count} records where {expected.records} were written")


@contextmanager
def _damage() -> Iterator[None]:
    """What SQLite and the types of values raise on reading is damage."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise as_damage(error) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise Damaged(f"a value is of another kind: {error}") from error
