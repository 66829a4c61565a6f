"""Looks at the databases of a directory, whoever has them in use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from eventflux.builtin.sqlite.layout import ENDING, app_of, check_layout, damage, files_of
from eventflux.builtin.sqlite.reading import kept_checkpoints, links_to, records, states_of
from eventflux.spi import Misconfigured
from eventflux.spi.state_store import Damaged, KeptCheckpoint


class StoredCheckpoint(msgspec.Struct, frozen=True):
    """One of the checkpoints. ``damage`` tells why its manifest or its records can't be read."""

    revision: int
    manifest: bytes
    written: int
    """How many bytes it took."""
    sizes: Mapping[str, tuple[int, int]]
    """How many records each state has, and how many bytes they have."""
    damage: str | None


class StoredApp(msgspec.Struct, frozen=True):
    """What a directory has of one app at one moment. ``damage`` tells why nothing of it can be
    read."""

    app: str
    path: Path
    bytes: int
    """The size of its files."""
    checkpoints: Sequence[StoredCheckpoint] = ()
    """The newest first."""
    damage: str | None = None


def stored_apps(directory: Path) -> list[StoredApp]:
    """The apps that have state in a directory, by name."""
    return [_stored(path) for path in sorted(directory.glob(f"*{ENDING}"))]


def _stored(path: Path) -> StoredApp:
    size = sum(map(_size_of, files_of(path)))
    try:
        with _reading(path) as connection:
            written = dict(connection.execute("SELECT revision, size FROM checkpoints"))
            checkpoints = [
                _checkpoint(connection, kept, written.get(kept.revision, 0))
                for kept in kept_checkpoints(connection)
            ]
    except Damaged as error:
        return StoredApp(app_of(path), path, size, damage=error.reason)
    except Misconfigured as error:
        return StoredApp(app_of(path), path, size, damage=error.message)
    return StoredApp(app_of(path), path, size, checkpoints)


def _checkpoint(
    connection: sqlite3.Connection, kept: KeptCheckpoint, written: int
) -> StoredCheckpoint:
    sizes: dict[str, tuple[int, int]] = {}
    damaged = kept.damage
    try:
        if damaged is None:
            links = links_to(connection, kept.revision)
            for state in states_of(links):
                lengths = [len(k) + len(v) for k, v in records(connection, links, state)]
                sizes[state] = len(lengths), sum(lengths)
    except Damaged as error:
        damaged = error.reason
    return StoredCheckpoint(kept.revision, kept.manifest, written, sizes, damaged)


def _size_of(file: Path) -> int:
    """How many bytes it has; of one that is not there, or is gone by now, none."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A view of a database in which nothing changes."""
    if not path.is_file():
        raise Misconfigured("it is no regular file", "move it out of the directory")
    with damage():
        _, log, _ = files_of(path)
        shared = log.exists() or os.access(path.parent, os.W_OK, effective_ids=True)
        how = "mode=ro" if shared else "immutable=1"  # readers would make what they share
        opened = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=10)
        with closing(opened) as connection:
            connection.isolation_level = None
            check_layout(connection, path)
            connection.execute("BEGIN")
            yield connection
