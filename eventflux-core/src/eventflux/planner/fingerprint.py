"""The fingerprint of a query: what its state depends on, and nothing else."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from eventflux.planner.plan import Project

_IGNORED = ("place", "metadata", "shared")
_ABSENT_WHEN_NONE = ("digits", "exact", "emit", "events", "fixed", "state_ttl_ms")
"""What few nodes have: without it they count as before there was such a thing."""
_VERSION = 1
"""Raised when the meaning of a plan changes, so that no old state fits a new meaning."""


def fingerprint(root: Project, *, unnamed: bool = False) -> str:
    """16 hexadecimal digits over the canonical plan and the schema of the stream it reads.

    Places in the text, the query's name, its target, the names of its output columns and
    where its input takes METADATA columns from do not count, nor does the name of the stream
    that it reads where that is ``unnamed``.
    """
    canonical = _canonical(msgspec.to_builtins(root))
    for item in canonical["items"]:
        del item["name"]
    if unnamed:
        _scan_of(canonical)["stream"] = ""
    encoded = msgspec.json.encode([_VERSION, canonical], order="sorted")
    return hashlib.sha256(encoded).hexdigest()[:16]


def fingerprint_behind(below: str, own: str) -> str:
    """That of a query whose state is made of what one ``below`` gives."""
    return hashlib.sha256(f"{below} {own}".encode()).hexdigest()[:16]


def _scan_of(relation: dict[str, Any]) -> dict[str, Any]:
    while "input" in relation:
        relation = relation["input"]
    return relation


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _canonical(inner)
            for key, inner in value.items()
            if key not in _IGNORED and not (inner is None and key in _ABSENT_WHEN_NONE)
        }
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    return value
