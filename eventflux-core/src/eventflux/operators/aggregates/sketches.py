"""Sketches of Apache DataSketches: approximate answers in little memory, however many values.

Nothing can be taken back out of them. The package is an extra of this one, and is imported when
the first sketch is made.
"""

from __future__ import annotations

from functools import cache
from typing import Any

_LOG_REGISTERS = 12
"""4,096 registers: estimates are within 1.6 % two times out of three."""
_COMPRESSION = 200
_PENDING = 64
"""A digest takes so many values at once."""
_EMPTY = "\0empty"
"""Stands for the empty text, which a sketch would pass over."""


@cache
def _library() -> Any:
    import datasketches

    return datasketches


class DistinctSketch:
    """About how many different values there were: HyperLogLog."""

    __slots__ = ("_sketch",)

    def __init__(self, sketch: Any = None) -> None:
        self._sketch = _library().hll_sketch(_LOG_REGISTERS) if sketch is None else sketch

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + int(self._sketch.get_updatable_serialization_bytes())

    def add(self, value: Any) -> None:
        if type(value) is int and not -(2**63) <= value < 2**63:
            value = str(value)
        self._sketch.update(_EMPTY if value == "" else value)

    def merge(self, other: DistinctSketch) -> None:
        union = _library().hll_union(_LOG_REGISTERS)
        union.update(self._sketch)
        union.update(other._sketch)
        self._sketch = union.get_result(_library().tgt_hll_type.HLL_8)

    def estimate(self) -> int:
        return round(float(self._sketch.get_estimate()))

    def dump(self) -> bytes:
        return bytes(self._sketch.serialize_updatable())

    @staticmethod
    def load(dumped: bytes) -> DistinctSketch:
        return DistinctSketch(_library().hll_sketch.deserialize(dumped))


class PercentileSketch:
    """About which value stands where in the order of all: a t-digest. NaN is passed over.

    A digest changes a little when it is read or written; so values wait in a list of their own
    and go into it at fixed counts: what comes out never depends on who looked before.
    """

    __slots__ = ("_digest", "_pending")

    def __init__(self, digest: Any = None, pending: list[float] | None = None) -> None:
        self._digest = _library().tdigest_double(_COMPRESSION) if digest is None else digest
        self._pending: list[float] = [] if pending is None else pending

    def __sizeof__(self) -> int:
        size = int(self._digest.get_serialized_size_bytes())
        return object.__sizeof__(self) + size + self._pending.__sizeof__()

    def add(self, value: float) -> None:
        if value == value:
            self._pending.append(value)
            if len(self._pending) == _PENDING:
                _digest_all(self._digest, self._pending)
                self._pending.clear()

    def merge(self, other: PercentileSketch) -> None:
        self._digest.merge(other._digest)
        self._digest.compress()
        for value in other._pending:
            self.add(value)

    def quantile(self, fraction: float) -> float | None:
        """The value at ``fraction`` of all; ``None`` of no values."""
        digest = self._digest
        if self._pending:
            digest = _library().tdigest_double.deserialize(digest.serialize())
            _digest_all(digest, self._pending)
        return None if digest.is_empty() else float(digest.get_quantile(fraction))

    def dump(self) -> list[Any]:
        return [bytes(self._digest.serialize()), list(self._pending)]

    @staticmethod
    def load(dumped: list[Any]) -> PercentileSketch:
        digest, pending = dumped
        return PercentileSketch(_library().tdigest_double.deserialize(digest), list(pending))


def _digest_all(digest: Any, values: list[float]) -> None:
    for value in values:
        digest.update(value)
    digest.compress()
