"""The tables of a database of checkpoints, and the checksums in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote
from zlib import crc32

import msgspec

from eventflux.spi import Misconfigured
from eventflux.spi.state_store import Damaged

APPLICATION_ID = 0x45464C58
"""Marks a database as one of ours."""
LAYOUT = 2
"""The version of these tables."""
ENDING = ".sqlite"

_NO_ACCESS = (
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY,
)  # fmt: skip

TABLES = """
CREATE TABLE checkpoints (
  revision INTEGER PRIMARY KEY, manifest BLOB NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL,
  follows INTEGER, parts BLOB NOT NULL, parts_crc INTEGER NOT NULL
);
CREATE TABLE newest (revision INTEGER NOT NULL);
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
"""
"""``value`` is NULL where a change removes its key; ``parts`` tell of each state what a checkpoint
changed (the oldest: has), and ``follows`` which one it follows (the oldest: NULL). So it is known
of all that is read what there has to be, of ``newest`` too: what SQLite doesn't find is missing."""


class Part(NamedTuple):
    """What there has to be of one state in ``base``, or in the changes of one checkpoint."""

    state: int
    """Its number in the other tables."""
    records: int = 0
    cleared: int = 0
    digest: int = 0
    """The sum of the checksums of all."""


Parts = dict[str, Part]
"""By the names of states."""

encoded_parts = msgspec.json.encode
decoded_parts = msgspec.json.Decoder(Parts).decode


def record_crc(key: bytes, value: bytes | None) -> int:
    """The checksum of a record, or of its removal."""
    return crc32(key) if value is None else crc32(value, crc32(key) ^ 0xFFFF)


def prefix_crc(prefix: bytes) -> int:
    """The checksum of a prefix that was cleared."""
    return crc32(prefix, 1)


def checkpoint_crc(revision: int, manifest: bytes, size: int) -> int:
    return crc32(manifest, crc32(b"%d %d" % (revision, size)))


def parts_crc(revision: int, follows: int | None, parts: bytes) -> int:
    return crc32(parts, crc32(b"%d %d" % (revision, follows or 0)))


def end_of_prefix(prefix: bytes) -> bytes | None:
    """The least key behind all that start with ``prefix``; ``None``: there is none."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


def database_of(directory: Path, app: str) -> Path:
    return directory / (quote(app, safe=" ") + ENDING)


def files_of(database: Path) -> tuple[Path, Path, Path]:
    """The files that a database consists of: itself, its log, and what readers share."""
    return (
        database,
        database.with_name(f"{database.name}-wal"),
        database.with_name(f"{database.name}-shm"),
    )


def file_at(path: Path) -> tuple[int, int] | None:
    """What tells the file at a path from others that may come to stand there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def app_of(database: Path) -> str:
    return unquote(database.name.removesuffix(ENDING))


def check_application(connection: sqlite3.Connection, path: Path) -> None:
    """See that a database is one of ours.

    Raises:
        Misconfigured: it is not.
        Damaged: it can't be read.
    """
    with damage():
        [application_id] = connection.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID:
        raise Misconfigured(
            f"{path} is a database of something else", "give a directory of its own for the state"
        )


def check_layout(connection: sqlite3.Connection, path: Path) -> None:
    """See that it has the tables of this version, too; raises the same."""
    check_application(connection, path)
    with damage():
        [layout] = connection.execute("PRAGMA user_version").fetchone()
    if layout != LAYOUT:
        raise Misconfigured(
            f"{path} has layout {layout}, this version of eventflux-core reads {LAYOUT}",
            "run the version that wrote it, or begin a new history with --fresh",
        )


@contextmanager
def damage() -> Iterator[None]:
    """What SQLite, texts and the types of values raise on reading is damage, unless it is that
    nothing can be read or written there now.

    Raises:
        Misconfigured: that is why.
        Damaged: all else.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ACCESS:
            raise Misconfigured(
                f"its file can't be used: {error}", "the process has to be able to write there"
            ) from error
        raise Damaged(f"SQLite: {error}") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"SQLite: {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise Damaged(f"a value is of another kind: {error}") from error
