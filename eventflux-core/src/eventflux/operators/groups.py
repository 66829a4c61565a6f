"""Accumulators by key: the state of every GROUP BY."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from eventflux.operators.packing import Pack, pack, unpack

CHUNK_GROUPS = 1000
"""How many groups go into one chunk of a snapshot."""


class Groups:
    """A dict from group key to accumulator.

    A key is the value of the only key expression, or a tuple of several (``()`` without
    GROUP BY). Accumulators are objects of a small class with ``__slots__`` made for the
    query; generated code holds :attr:`by_key` itself, so it is changed in place only.
    """

    __slots__ = ("_fields", "_keyed", "_many_keys", "_new", "_pack", "by_key")

    def __init__(
        self, accumulator: type, fields: Sequence[str], keys: int, pack: Pack = pack
    ) -> None:
        self.by_key: dict[Any, Any] = {}
        self._new = accumulator
        self._fields = tuple(fields)
        self._many_keys = keys != 1
        self._keyed = hasattr(accumulator, "key")
        self._pack = pack

    def snapshot(self) -> Iterator[bytes]:
        """The groups as chunks of records ``[key parts, fields]``, in order of first appearance."""
        items = iter(self.by_key.items())
        while part := list(islice(items, CHUNK_GROUPS)):
            yield self._pack([self._record(key, accumulator) for key, accumulator in part])

    def restore(self, chunks: Iterable[bytes]) -> None:
        """Replace all groups by those of a snapshot."""
        self.by_key.clear()
        for chunk in chunks:
            for parts, values in unpack(chunk):
                key = self.key(parts)
                accumulator = self._new()
                if self._keyed:
                    accumulator.key = key
                for field, value in zip(self._fields, values, strict=True):
                    setattr(accumulator, field, value)
                self.by_key[key] = accumulator

    def key(self, parts: Sequence[Any]) -> Any:
        """The key that has these parts."""
        return tuple(map(_one_nan, parts)) if self._many_keys else _one_nan(parts[0])

    def parts(self, key: Any) -> list[Any]:
        """The parts of a key."""
        return list(key) if self._many_keys else [key]

    def size(self) -> tuple[int, int]:
        """The number of groups, and about how many bytes they take."""
        count = len(self.by_key)
        sample = list(islice(self.by_key.items(), 100))
        if not sample:
            return 0, sys.getsizeof(self.by_key)
        each = sum(sys.getsizeof(k) + self._weight(a) for k, a in sample) / len(sample)
        return count, int(sys.getsizeof(self.by_key) + each * count)

    def _weight(self, accumulator: Any) -> int:
        return sys.getsizeof(accumulator) + sum(
            sys.getsizeof(getattr(accumulator, field)) for field in self._fields
        )

    def _record(self, key: Any, accumulator: Any) -> list[Any]:
        values = [getattr(accumulator, field) for field in self._fields]
        return [self.parts(key), values]


NAN = float("nan")
"""The one NaN that stands in keys: a dict finds it by identity."""


def _one_nan(value: Any) -> Any:
    return NAN if value != value else value  # only NaN differs from itself
