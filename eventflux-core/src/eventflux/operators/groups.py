"""Accumulators by key: the state of every GROUP BY."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from eventflux.operators.accumulators import Codec
from eventflux.operators.packing import Pack, pack, unpack

CHUNK_GROUPS = 1000
"""How many groups go into one chunk of a snapshot."""


class Groups:
    """A dict from group key to accumulator.

    A key is the value of the only key expression, or a tuple of several (``()`` without
    GROUP BY). Accumulators are objects of a small class with ``__slots__`` made for the
    query; generated code holds :attr:`by_key` itself, so it is changed in place only.
    """

    __slots__ = ("_codec", "_many_keys", "_pack", "by_key")

    def __init__(self, codec: Codec, keys: int, pack: Pack = pack) -> None:
        self.by_key: dict[Any, Any] = {}
        self._codec = codec
        self._many_keys = keys != 1
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
                self.by_key[key] = self._codec.load(values, key)

    def key(self, parts: Sequence[Any]) -> Any:
        """The key that has these parts."""
        return tuple(map(one_nan, parts)) if self._many_keys else one_nan(parts[0])

    def parts(self, key: Any) -> list[Any]:
        """The parts of a key."""
        return list(key) if self._many_keys else [key]

    def size(self) -> tuple[int, int]:
        """The number of groups, and about how many bytes they take."""
        count = len(self.by_key)
        sample = list(islice(self.by_key.items(), 100))
        if not sample:
            return 0, sys.getsizeof(self.by_key)
        each = sum(sys.getsizeof(k) + self._codec.weight(a) for k, a in sample) / len(sample)
        return count, int(sys.getsizeof(self.by_key) + each * count)

    def _record(self, key: Any, accumulator: Any) -> list[Any]:
        return [self.parts(key), self._codec.dump(accumulator)]


NAN = float("nan")
"""The one NaN that stands in keys: a dict finds it by identity."""


def one_nan(value: Any) -> Any:
    """``value``, or :data:`NAN` for any NaN."""
    return NAN if value != value else value  # only NaN differs from itself
