"""The tables of a database of checkpoints, and the checksums in them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote
from zlib import crc32

from eventflux.spi import Misconfigured
from eventflux.spi.state_store import Damaged

APPLICATION_ID = 0x45464C58
"""Marks a database as one of ours."""
LAYOUT = 1
"""The version of these tables."""
ENDING = ".sqlite"

TABLES = """
CREATE TABLE states (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE checkpoints (
  revision INTEGER PRIMARY KEY, manifest BLOB NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL
);
CREATE TABLE base (
  state INTEGER, key BLOB, value BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (state, key)
) WITHOUT ROWID;
CREATE TABLE changes (
  revision INTEGER, state INTEGER, key BLOB, value BLOB, crc INTEGER NOT NULL,
  PRIMARY KEY (revision, state, key)
) WITHOUT ROWID;
CREATE TABLE cleared (
  revision INTEGER, state INTEGER, prefix BLOB, PRIMARY KEY (revision, state, prefix)
) WITHOUT ROWID;
CREATE TABLE parts (
  revision INTEGER, state INTEGER, records INTEGER NOT NULL, cleared INTEGER NOT NULL,
  digest INTEGER NOT NULL, PRIMARY KEY (revision, state)
) WITHOUT ROWID;
"""
"""``value`` is NULL where a change removes its key; ``parts`` tells of each state how many records
a checkpoint changed (the oldest: has), and the sum of their checksums."""


class Part(NamedTuple):
    """What there has to be of one state in ``base``, or in the changes of one checkpoint."""

    records: int = 0
    cleared: int = 0
    digest: int = 0


def record_crc(key: bytes, value: bytes | None) -> int:
    """The checksum of a record, or of its removal."""
    return crc32(key) if value is None else crc32(value, crc32(key) ^ 0xFFFF)


def checkpoint_crc(revision: int, manifest: bytes, size: int) -> int:
    return crc32(manifest, crc32(b"%d %d" % (revision, size)))


def end_of_prefix(prefix: bytes) -> bytes | None:
    """The least key behind all that start with ``prefix``; ``None``: there is none."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


def database_of(directory: Path, app: str) -> Path:
    return directory / (quote(app, safe=" ") + ENDING)


def app_of(database: Path) -> str:
    return unquote(database.name.removesuffix(ENDING))


def check_layout(connection: sqlite3.Connection, path: Path) -> None:
    """See that a database is one of ours, and of this layout.

    Raises:
        Misconfigured: it is not.
        Damaged: it can't be read.
    """
    try:
        [application_id] = connection.execute("PRAGMA application_id").fetchone()
        [layout] = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise as_damage(error) from error
    if application_id != APPLICATION_ID:
        raise Misconfigured(
            f"{path} is a database of something else", "give a directory of its own for the state"
        )
    if layout != LAYOUT:
        raise Misconfigured(
            f"{path} has layout {layout}, this version of eventflux-core reads {LAYOUT}",
            "run the version that wrote it, or give another directory",
        )


def as_damage(error: sqlite3.DatabaseError) -> Damaged:
    """What SQLite raised on reading, as damage."""
    return Damaged(f"SQLite: {error}")
