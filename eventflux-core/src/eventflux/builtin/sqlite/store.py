"""The state store ``sqlite``: a file in a directory for each app."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from eventflux.base.state_records import Change, StateChange
from eventflux.builtin.sqlite.layout import (
    APPLICATION_ID,
    LAYOUT,
    TABLES,
    check_application,
    check_layout,
    damage,
    database_of,
    file_at,
    files_of,
)
from eventflux.builtin.sqlite.lock import Lock
from eventflux.builtin.sqlite.reading import Link, kept_checkpoints, links_to, records, states_of
from eventflux.builtin.sqlite.writing import CheckpointWriter
from eventflux.spi import Misconfigured
from eventflux.spi.state_store import Damaged, KeptCheckpoint, PublishedCheckpoint, StateStore

_COPIED = 10_000
"""Records that are copied in one go."""


class SqliteStore(StateStore):
    """Checkpoints in one SQLite database, each published by one transaction. While a process has
    it open another may read it (``eventflux state``)."""

    def __init__(self, directory: Path, app: str) -> None:
        self._path = database_of(directory, app)
        self.place = str(self._path)
        self._lock = Lock(self._path.with_suffix(".lock"))
        self._renewed = self._path.with_suffix(".new")
        """Where what is whole of a damaged database is copied to."""
        self._connection: sqlite3.Connection | None = None
        self._writer: CheckpointWriter | None = None
        self._file: tuple[int, int] | None = None
        """The file that is open."""
        self._links: Sequence[Link] = ()
        """Those to the checkpoint that is read."""
        self._damaged = False

    def open(self, *, fresh: bool = False) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.take()
        except (OSError, sqlite3.DatabaseError) as error:
            raise Misconfigured(
                f"the directory {self._path.parent} can't be used: {error}",
                "the process has to be able to write there",
            ) from error
        if not self._path.exists():
            _move(self._renewed, self._path)  # a process died before it came to that
        if fresh:
            self._put_aside()
        self._connect()

    def _connect(self) -> None:
        self._connection, self._file = _opened(self._path), file_at(self._path)
        self._links = ()
        self._damaged = False

    def _put_aside(self) -> None:
        """Leave the history that there is, if anything, beside a new one."""
        if not self._path.exists():
            return
        with contextlib.suppress(Damaged), closing(_connected(self._path)) as connection:
            check_application(connection, self._path)
            with contextlib.suppress(Misconfigured):  # of another layout
                check_layout(connection, self._path)
                if not kept_checkpoints(connection):
                    return
        _move(self._path, self._path.with_name(f"{self._path.name}.old"))

    @property
    def _open(self) -> sqlite3.Connection:
        assert self._connection is not None, "the store is open"
        return self._connection

    def kept(self) -> Sequence[KeptCheckpoint]:
        found = kept_checkpoints(self._open)
        self._damaged |= any(checkpoint.damage for checkpoint in found)
        return found

    def records(self, revision: int, state: str) -> Iterator[tuple[bytes, bytes]]:
        try:
            if not self._links or self._links[-1].revision != revision:
                self._links = links_to(self._open, revision)
            yield from records(self._open, self._links, state)
        except Damaged:
            self._damaged = True
            raise

    def begin(self, after: int | None) -> None:
        self._links = ()
        if self._file != file_at(self._path):
            if after is not None:
                raise Damaged(f"{self._path} is gone, or is another file")
            self.close()
            self.open()
        self._lock.keep()
        with self._noting_damage():
            if self._damaged:
                self._renew(after)
            self._open.execute("BEGIN IMMEDIATE")
            self._writer = CheckpointWriter(self._open, after)

    def write(self, changes: Sequence[StateChange]) -> None:
        assert self._writer is not None, "a checkpoint was begun"
        with self._noting_damage():
            self._writer.write(changes)

    def publish(self, manifest: bytes) -> PublishedCheckpoint:
        assert self._writer is not None, "a checkpoint was begun"
        with self._noting_damage():
            published = self._writer.publish(manifest)
            self._open.execute("COMMIT")
        self._writer = None
        with contextlib.suppress(sqlite3.DatabaseError):  # it is published
            # What SQLite finds damaged in its log, or missing, it passes over.
            self._open.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return published

    def abandon(self) -> None:
        self._writer = None
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def clear(self) -> None:
        self.close()
        self._lock.take()
        for path in (*files_of(self._path), *files_of(self._renewed)):
            path.unlink(missing_ok=True)
        self._connect()

    def close(self) -> None:
        connection, self._connection, self._writer = self._connection, None, None
        if connection is not None:
            connection.close()
        self._lock.release()

    def _renew(self, after: int | None) -> None:
        """Leave a database in which something is damaged, with a copy of the checkpoint that is
        not; what is left stays beside it, to be looked at."""
        for path in files_of(self._renewed):
            path.unlink(missing_ok=True)
        copy = _opened(self._renewed)
        try:
            if after is not None:
                _copy(self._open, copy, after)
        finally:
            copy.close()
        self._open.close()
        self._connection = None
        moment = time.time_ns() // 1_000_000
        _move(self._path, self._path.with_name(f"{self._path.name}.damaged-{moment}"))
        _move(self._renewed, self._path)
        self._connect()

    @contextmanager
    def _noting_damage(self) -> Iterator[None]:
        """What can't be read on the way is damage."""
        try:
            yield
        except sqlite3.OperationalError:
            raise  # the disk is full, or the like
        except sqlite3.DatabaseError as error:
            self._damaged = True
            raise Damaged(f"SQLite: {error}") from error
        except Damaged:
            self._damaged = True
            raise


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, revision: int) -> None:
    [manifest] = [one.manifest for one in kept_checkpoints(old) if one.revision == revision]
    new.execute("BEGIN IMMEDIATE")
    writer = CheckpointWriter(new, None)
    writer.revision = revision
    links = links_to(old, revision)
    for state in states_of(links):
        part: list[StateChange] = []
        for key, value in records(old, links, state):
            part.append(Change(state, key, value))
            if len(part) == _COPIED:
                writer.write(part)
                part = []
        writer.write(part)
    writer.publish(manifest)
    new.execute("COMMIT")


def _connected(path: Path) -> sqlite3.Connection:
    with damage():
        return sqlite3.connect(path, timeout=1, isolation_level=None)


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to the database, made if it is not there."""
    is_new = not path.exists() or path.stat().st_size == 0
    connection = _connected(path)
    try:
        with damage():
            if is_new:
                connection.executescript(
                    f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; "
                    f"PRAGMA user_version = {LAYOUT}; {TABLES} COMMIT;"
                )
            check_layout(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _move(path: Path, target: Path) -> None:
    for old, new in zip(files_of(path), files_of(target), strict=True):
        new.unlink(missing_ok=True)
        if old.exists():
            old.replace(new)
