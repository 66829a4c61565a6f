"""What a checkpoint holds beside its records: what they are, and where sources go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from eventflux.base.errors import StateError
from eventflux.base.state_records import StateInfo

FORMAT = 1
"""The version of the manifest; each state in it has a form of its own."""


class SourcePositions(msgspec.Struct, frozen=True):
    """Where a replayable source goes on."""

    connector: str
    positions: Mapping[str, Any]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint in words."""

    app: str
    created_ms: int
    """Epoch milliseconds of the cut."""
    version: str
    """That of EventFlux."""
    states: Mapping[str, StateInfo]
    """What the records are, by the keys of their states."""
    sources: Mapping[str, SourcePositions]
    """By stream."""
    rows: Mapping[str, int] = {}
    """How many rows or groups each query held, by its name."""
    format: int = FORMAT


class _Format(msgspec.Struct):
    format: int
    version: str


_encode = msgspec.json.Encoder().encode


def encoded(manifest: Manifest) -> bytes:
    return _encode(manifest)


def decoded(manifest: bytes) -> Manifest:
    """The inverse of :func:`encoded`.

    Raises:
        StateError: a version of EventFlux wrote it that this one can't read.
        ValueError: it is no manifest.
    """
    head = msgspec.json.decode(manifest, type=_Format)
    if head.format != FORMAT:
        raise StateError(
            f"the state was written by EventFlux {head.version} in format {head.format}; "
            f"this version reads format {FORMAT}",
            "run the version that wrote it, or begin a new history with --fresh",
        )
    return msgspec.json.decode(manifest, type=Manifest)


def moment(manifest: Manifest) -> str:
    """When a checkpoint was cut, in UTC."""
    cut = datetime.fromtimestamp(manifest.created_ms / 1000, UTC)
    return cut.strftime("%Y-%m-%d %H:%M:%S UTC")
