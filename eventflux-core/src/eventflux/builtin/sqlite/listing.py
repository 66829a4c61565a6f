"""Looks at the databases of a directory, whoever has them in use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eventflux.builtin.sqlite.layout import ENDING, app_of, check_layout, damage, files_of
from eventflux.builtin.sqlite.reading import kept_checkpoints, records
from eventflux.spi import Misconfigured
from eventflux.spi.state_store import Damaged, KeptCheckpoint


@dataclass(frozen=True, slots=True)
class StoredApp:
    """What a directory has of one app. ``damage`` tells why nothing of it can be read."""

    app: str
    path: Path
    bytes: int
    """The size of its files."""
    checkpoints: Sequence[KeptCheckpoint] = ()
    """The newest first."""
    written: dict[int, int] = field(default_factory=dict)
    """By revision, how many bytes it took."""
    damage: str | None = None


def stored_apps(directory: Path) -> list[StoredApp]:
    """The apps that have state in a directory, by name."""
    return [_stored(path) for path in sorted(directory.glob(f"*{ENDING}"))]


def sizes(stored: StoredApp, revision: int, states: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many records each state has as of a checkpoint, and how many bytes they have.

    Raises:
        Damaged: some can't be read.
    """
    found = {}
    with _reading(stored.path) as connection:
        for state in states:
            lengths = [len(k) + len(v) for k, v in records(connection, revision, state)]
            found[state] = len(lengths), sum(lengths)
    return found


def _stored(path: Path) -> StoredApp:
    size = sum(map(_size_of, files_of(path)))
    try:
        with _reading(path) as connection:
            checkpoints = kept_checkpoints(connection)
            written = dict(connection.execute("SELECT revision, size FROM checkpoints"))
    except Damaged as error:
        return StoredApp(app_of(path), path, size, damage=error.reason)
    except Misconfigured as error:
        return StoredApp(app_of(path), path, size, damage=error.message)
    return StoredApp(app_of(path), path, size, checkpoints, written)


def _size_of(file: Path) -> int:
    """How many bytes it has; of one that is not there, or is gone by now, none."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A view of a database in which nothing changes."""
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
