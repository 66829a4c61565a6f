"""Accumulators by key: the state of every GROUP BY."""

from __future__ import annotations

import sys
from itertools import islice
from typing import Any

from eventflux.operators.accumulators import Codec
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, pack, unpack


class Groups(KeyedState):
    """A dict from group key to accumulator.

    A key is the value of the only key expression, or a tuple of several (``()`` without
    GROUP BY). Accumulators are objects of a small class with ``__slots__`` made for the
    query, and can be marked (:func:`eventflux.operators.keyed.marked`).
    """

    __slots__ = ("_codec",)

    def __init__(
        self,
        codec: Codec,
        keys: int,
        pack: Pack = pack,
        *,
        tag: bytes = b"g",
        ordered: bool = False,
    ) -> None:
        def encode(accumulator: Any) -> bytes:
            return pack(codec.dump(accumulator))

        def decode(value: bytes, key: Any) -> Any:
            return codec.load(unpack(value), key)

        super().__init__(tag, Keys(keys, pack), encode, decode, ordered=ordered)
        self._codec = codec

    def of_row(self, parts: list[Any]) -> Any:
        """The accumulator of a row that was stored with the ``parts`` of its group's key. It gets
        the key as it was: that of its own record is one for all that are equal."""
        key = self.keys.key(parts)
        accumulator = self.by_key[key]
        accumulator.key = key
        return accumulator

    @property
    def form(self) -> tuple[str, ...]:
        """What a record holds: the fields of an accumulator."""
        return self._codec.form

    def size(self) -> tuple[int, int]:
        """The number of groups, and about how many bytes they take."""
        count = len(self.by_key)
        sample = list(islice(self.by_key.items(), 100))
        if not sample:
            return 0, sys.getsizeof(self.by_key)
        each = sum(sys.getsizeof(k) + self._codec.weight(a) for k, a in sample) / len(sample)
        return count, int(sys.getsizeof(self.by_key) + each * count)
