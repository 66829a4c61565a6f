"""Reads checkpoints from a database: as the base with the changes up to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from eventflux.builtin.sqlite.layout import (
    Part,
    Parts,
    checkpoint_crc,
    damage,
    decoded_parts,
    parts_crc,
    prefix_crc,
    record_crc,
)
from eventflux.spi.state_store import Damaged, KeptCheckpoint

Row = tuple[bytes, bytes | None, int]
"""Key, value and checksum."""


class Link(NamedTuple):
    """One of the checkpoints that another one is made of."""

    revision: int
    parts: Parts


def kept_checkpoints(connection: sqlite3.Connection) -> list[KeptCheckpoint]:
    """All of them, the newest first; raises ``Damaged`` if that can't be read."""
    found: list[KeptCheckpoint] = []
    with damage():
        query = "SELECT revision, manifest, size, crc FROM checkpoints ORDER BY revision DESC"
        for revision, manifest, size, crc in connection.execute(query).fetchall():
            if isinstance(manifest, bytes) and crc == checkpoint_crc(revision, manifest, size):
                found.append(KeptCheckpoint(revision, manifest))
            else:
                found.append(KeptCheckpoint(revision, damage="its manifest has another checksum"))
        newest = newest_revision(connection)
    if newest > (found[0].revision if found else 0):
        found.insert(0, KeptCheckpoint(newest, damage="it is missing"))
    return found


def newest_revision(connection: sqlite3.Connection) -> int:
    """The revision that was published last, 0 if none was."""
    query = (
        "SELECT max(revision) FROM "
        "(SELECT revision FROM checkpoints UNION ALL SELECT revision FROM newest)"
    )
    [newest] = connection.execute(query).fetchone()
    return newest or 0


def links_to(connection: sqlite3.Connection, revision: int) -> list[Link]:
    """The checkpoints that one is made of, the oldest first; raises ``Damaged``."""
    links: list[Link] = []
    before = None
    with damage():
        query = (
            "SELECT revision, follows, parts, parts_crc FROM checkpoints "
            "WHERE revision <= ? ORDER BY revision"
        )
        for one, follows, parts, crc in connection.execute(query, (revision,)).fetchall():
            if crc != parts_crc(one, follows, parts):
                raise Damaged(f"revision {one} has another checksum")
            if follows != before:
                raise Damaged(f"the one before revision {one} is missing")
            links.append(Link(one, decoded_parts(parts)))
            before = one
    if before != revision:
        raise Damaged("it is missing")
    return links


def states_of(links: Sequence[Link]) -> list[str]:
    """The names of all states that have something in these checkpoints."""
    return sorted({state for link in links for state in link.parts})


def records(
    connection: sqlite3.Connection, links: Sequence[Link], state: str
) -> Iterator[tuple[bytes, bytes]]:
    """Those of a state as of the last of ``links``; raises ``Damaged``, perhaps at the end."""
    base, *later = links
    with damage():
        changed: dict[bytes, bytes | None] = {}
        cleared: tuple[bytes, ...] = ()
        for link in later:
            part = link.parts.get(state)
            if part is None:
                continue
            prefixes = _cleared(connection, link.revision, part.state)
            if prefixes:
                changed = {k: v for k, v in changed.items() if not k.startswith(prefixes)}
                cleared += prefixes
            changed.update(_changes(connection, link.revision, part, prefixes))
        part = base.parts.get(state)
        if part is not None:
            query = "SELECT key, value, crc FROM base WHERE state = ?"
            rows = connection.execute(query, (part.state,))
            for key, value in _checked(rows, part, (), f"the base of {state!r}"):
                if key not in changed and not key.startswith(cleared) and value is not None:
                    yield key, value
        for key, value in changed.items():
            if value is not None:
                yield key, value


def _cleared(connection: sqlite3.Connection, revision: int, state: int) -> tuple[bytes, ...]:
    query = "SELECT prefix FROM cleared WHERE revision = ? AND state = ?"
    return tuple(prefix for [prefix] in connection.execute(query, (revision, state)))


def _changes(
    connection: sqlite3.Connection, revision: int, part: Part, cleared: tuple[bytes, ...]
) -> Iterator[tuple[bytes, bytes | None]]:
    query = "SELECT key, value, crc FROM changes WHERE revision = ? AND state = ?"
    rows = connection.execute(query, (revision, part.state))
    return _checked(rows, part, cleared, f"the changes of revision {revision}")


def _checked(
    rows: Iterable[Row], part: Part, cleared: tuple[bytes, ...], what: str
) -> Iterator[tuple[bytes, bytes | None]]:
    count, digest = 0, sum(map(prefix_crc, cleared))
    for key, value, crc in rows:
        if not isinstance(key, bytes) or record_crc(key, value) != crc:
            raise Damaged(f"{what}: a record has another checksum")
        count += 1
        digest += crc
        yield key, value
    if (count, len(cleared), digest) != (part.records, part.cleared, part.digest):
        raise Damaged(f"{what}: {count} records where {part.records} were written")
