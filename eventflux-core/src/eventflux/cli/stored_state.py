"""What ``eventflux state`` tells, as plain data."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from eventflux.base.errors import StateError
from eventflux.builtin.sqlite.listing import StoredApp, StoredCheckpoint, stored_apps
from eventflux.runtime.manifest import Manifest, decoded, moment
from eventflux.spi.state_store import Damaged


class CheckpointState(msgspec.Struct):
    """One of the checkpoints; of a damaged one less is known."""

    revision: int
    written: int
    """Bytes that its changes took."""
    cut: str | None = None
    version: str | None = None
    """The EventFlux that wrote it."""
    age_ms: int | None = None
    damage: str | None = None


class QueryState(msgspec.Struct):
    """What the newest checkpoint that is whole has of one query, or of the app."""

    query: str
    kind: str
    keys: tuple[str, ...]
    """The SQL of its key."""
    rows: int | None
    """Rows or groups that it held."""
    form: str
    """What its records are made by: an EventFlux that makes them by another can't read them."""
    records: int
    bytes: int
    age_ms: int


class SourceState(msgspec.Struct):
    """Where a replayable source goes on."""

    stream: str
    connector: str
    positions: dict[str, Any]


class AppState(msgspec.Struct):
    """One app; ``damage`` tells why nothing of it can be read."""

    app: str
    file: str
    bytes: int
    damage: str | None = None
    checkpoints: list[CheckpointState] = msgspec.field(default_factory=list)
    queries: list[QueryState] = msgspec.field(default_factory=list)
    sources: list[SourceState] = msgspec.field(default_factory=list)

    @property
    def damaged(self) -> bool:
        """Whether anything is."""
        return self.damage is not None or any(one.damage for one in self.checkpoints)


def app_states(directory: Path) -> list[AppState]:
    """The state of every app in a directory."""
    return [_app_state(stored) for stored in stored_apps(directory)]


def states_json(states: Sequence[AppState]) -> str:
    return msgspec.json.format(msgspec.json.encode(states)).decode()


def _app_state(stored: StoredApp) -> AppState:
    told = AppState(stored.app, str(stored.path), stored.bytes, stored.damage)
    shown = False
    for kept in stored.checkpoints:
        checkpoint = CheckpointState(kept.revision, kept.written)
        told.checkpoints.append(checkpoint)
        try:
            manifest = _manifest(kept)
            checkpoint.cut, checkpoint.version = moment(manifest), manifest.version
            checkpoint.age_ms = max(0, time.time_ns() // 1_000_000 - manifest.created_ms)
        except Damaged as error:
            checkpoint.damage = error.reason
            continue
        if kept.damage is not None:
            checkpoint.damage = kept.damage
            continue
        if not shown:
            shown = True
            told.queries = _queries(manifest, kept.sizes, checkpoint.age_ms)
            told.sources = [
                SourceState(stream, one.connector, dict(one.positions))
                for stream, one in manifest.sources.items()
            ]
    return told


def _manifest(kept: StoredCheckpoint) -> Manifest:
    if not kept.manifest:
        raise Damaged(kept.damage or "it has no manifest")
    try:
        return decoded(kept.manifest)
    except StateError as error:
        raise Damaged(error.message) from error
    except ValueError as error:
        raise Damaged(f"its manifest is none: {error}") from error


def _queries(
    manifest: Manifest, sizes: Mapping[str, tuple[int, int]], age_ms: int
) -> list[QueryState]:
    return [
        QueryState(
            info.query,
            info.kind,
            info.key,
            manifest.rows.get(info.query),
            info.form,
            *sizes.get(state, (0, 0)),
            age_ms,
        )
        for state, info in manifest.states.items()
    ]


def bytes_text(size: int) -> str:
    """``532 B``, ``1.4 KiB``, ``23.0 MiB``."""
    if size < 1024:
        return f"{size} B"
    amount, units = size / 1024, iter(("KiB", "MiB", "GiB"))
    unit = next(units)
    while amount >= 1024 and (larger := next(units, None)) is not None:
        amount, unit = amount / 1024, larger
    return f"{amount:.1f} {unit}"


def age_text(ms: int) -> str:
    """``4 s``, ``12 min``, ``3 h 20 min``, ``5 d 2 h``."""
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"
