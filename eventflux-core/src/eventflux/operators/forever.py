"""What outlives the windows that close: the extremes ever seen, by group (semantics 4.1, 4.2)."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from eventflux.base.clock import BEGINNING_MS
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, unpack
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.timers import NEVER

Values = tuple[Any, ...]


class Forever:
    """The values of ``min_forever`` and ``max_forever`` by group key, beside windows that close.

    Generated code gives the values of a group within one window to :meth:`last`, or to
    :meth:`so_far` while the window is open, and goes on with what they make together with those of
    all windows before. With a time to live it tells where time is first (:meth:`forget`).
    """

    __slots__ = ("_highest", "_newest", "_state", "_ttl", "header")

    def __init__(self, highest: Sequence[bool], keys: Keys, pack: Pack, ttl_ms: int | None) -> None:
        """``highest`` says of each value whether it is the greatest, or the least."""
        self._highest = tuple(highest)
        self._ttl = ttl_ms
        self._newest = BEGINNING_MS

        def encode(kept: tuple[int, Values]) -> bytes:
            return pack([*kept])

        self._state = KeyedState(b"f", keys, encode, _decoded, marks=False)
        if ttl_ms is not None:
            # Of a plain dict finding the first takes ever longer as those before it are taken out.
            self._state.by_key = OrderedDict()
        self.header = Header(1, *self._highest)

    def so_far(self, key: Any, values: Values) -> Values:
        """``values`` of a window that is open, and those of the windows before it."""
        found = self._state.by_key.get(key)
        if found is None:
            return values
        _, known = found
        return tuple(map(_further, values, known, self._highest))

    def last(self, key: Any, values: Values) -> Values:
        """The same of a window that closes: they are kept."""
        values = self.so_far(key, values)
        found = self._state.by_key.get(key)
        if self._ttl is None:
            if found is None or found[1] != values:
                self._state.put(key, (BEGINNING_MS, values))
        else:
            self._state.put(key, (self._newest, values))
            by_key = self._state.by_key
            assert isinstance(by_key, OrderedDict)
            by_key.move_to_end(key)
        return values

    def forget(self, now: int) -> None:
        """Time has come to ``now``, at which windows close: drop the groups of which none has
        closed for the time to live. A time that goes back changes nothing."""
        assert self._ttl is not None
        self._newest = max(self._newest, now)
        by_key = self._state.by_key
        while by_key:
            key, (touched, _) = next(iter(by_key.items()))
            if touched + self._ttl > self._newest:
                return
            self._state.pop(key)

    @property
    def next_due(self) -> int:
        """Nothing grows while no window closes: nothing is due."""
        return NEVER

    def track(self) -> None:
        track_all(self.header, self._state)

    def cut(self) -> Iterator[Record]:
        return chain(self.header.cut([self._newest]), self._state.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self._state)
        [self._newest] = self.header.values or [BEGINNING_MS]
        if self._ttl is not None:
            by_key = self._state.by_key
            for key, _ in sorted(by_key.items(), key=lambda item: item[1][0]):
                by_key[key] = by_key.pop(key)

    def size(self) -> tuple[int, int]:
        """Groups, and about how many bytes they take."""
        by_key = self._state.by_key
        sample = list(islice(by_key.items(), 100))
        each = sum(sys.getsizeof(key) + sum(map(sys.getsizeof, v)) for key, (_, v) in sample)
        return len(by_key), sys.getsizeof(by_key) + int(each / (len(sample) or 1) * len(by_key))

    def pending(self) -> int:
        """Rows that wait for a row of their own: none."""
        return 0

    def discard(self) -> int:
        """What has been seen is nothing unfinished: none of it is discarded at a stop."""
        return 0


def _further(value: Any, known: Any, highest: bool) -> Any:
    """The greater of two values, or the lesser; NaN only beside NULL or NaN, NULL beside NULL."""
    if value is None or value != value:
        return value if known is None else known
    if known is None or known != known:
        return value
    return max(known, value) if highest else min(known, value)


def _decoded(value: bytes, key: Any) -> tuple[int, Values]:
    touched, values = unpack(value)
    return touched, tuple(values)
