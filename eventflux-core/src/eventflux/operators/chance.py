"""Random numbers whose state is two values, so that a snapshot keeps it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

_SIZE = 16
_UNIT = 2.0**-53


class Chance:
    """Draws by hashing a count with a key: each draw is known by its number."""

    def __init__(self, seed: int | None = None) -> None:
        """With a ``seed`` all draws are the same in each run; else nobody can foretell them."""
        self._first = os.urandom(_SIZE) if seed is None else seed.to_bytes(_SIZE, "big")
        self._key, self._count = self._first, 0

    def _draw(self) -> bytes:
        self._count += 1
        count = self._count.to_bytes(8, "big")
        return blake2b(count, key=self._key, digest_size=_SIZE).digest()

    def random(self) -> float:
        """From 0 up to 1, all floats of 53 bits alike."""
        return (int.from_bytes(self._draw()[:7], "big") >> 3) * _UNIT

    def uuid(self) -> str:
        """A UUID of version 4."""
        drawn = self._draw().hex()
        variant = "89ab"[int(drawn[16], 16) & 3]
        return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-{variant}{drawn[17:20]}-{drawn[20:]}"

    def snapshot(self) -> list[Any]:
        return [self._key, self._count]

    def restore(self, state: Sequence[Any]) -> None:
        """Go on from a snapshot, or from the start with an empty one."""
        self._key, self._count = state or (self._first, 0)
