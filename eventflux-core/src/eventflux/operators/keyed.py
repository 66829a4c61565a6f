"""Objects by key, of which a cut gives those that have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from eventflux.base.decimals import EXACT
from eventflux.base.errors import StateError
from eventflux.operators.logs import LogState
from eventflux.operators.packing import Pack, pack, unpack
from eventflux.operators.records import Gone, Record

NAN = float("nan")
"""The one NaN that stands in keys: a dict finds it by identity."""

_ORDER = b"\0"
"""What no packed key begins with."""


class Keys:
    """Turns the keys of a dict into bytes and back: single values, or tuples of ``parts`` values.

    Equal keys have equal bytes, though their parts be ``0.0`` and ``-0.0``, ``1.0`` and ``1.00``.
    """

    __slots__ = ("_pack", "_single")

    def __init__(self, parts: int, pack: Pack = pack) -> None:
        self._single = parts == 1
        self._pack = pack

    def encode(self, key: Any) -> bytes:
        return self._pack([_canonical(key)] if self._single else list(map(_canonical, key)))

    def decode(self, encoded: bytes) -> Any:
        return self.key(unpack(encoded))

    def encode_all(self, keys: list[Any]) -> bytes:
        """Several keys, exactly as they are."""
        return self._pack(list(map(self.parts, keys)))

    def parts(self, key: Any) -> list[Any]:
        """The parts of a key, as they are."""
        return [key] if self._single else list(key)

    def key(self, parts: list[Any]) -> Any:
        """The key that has these parts."""
        return one_nan(parts[0]) if self._single else tuple(map(one_nan, parts))


def one_nan(value: Any) -> Any:
    """``value``, or :data:`NAN` for any NaN."""
    return NAN if value != value else value  # only NaN differs from itself


def distinct_values(values: Iterable[Any]) -> list[Any]:
    """The first of each kind of equal ``values``, in their order; there is but one NaN."""
    return list(dict.fromkeys(map(one_nan, values)))


def _canonical(value: Any) -> Any:
    if type(value) is float:
        return value + 0.0  # which takes the sign from a zero
    if type(value) is Decimal:
        return EXACT.normalize(value) if value else Decimal(0)
    return value


class KeyedState:
    """A dict from key to object, each a record of its own.

    Generated code holds :attr:`by_key` itself, so that is changed in place only. Where state is
    tracked it also tells what it does, in one of two ways:

    - Objects that change in place have an attribute ``mark``; :func:`marked` adds it to a class.
      Before one changes, and when it is new::

          if thing.mark is not state.mark:
              state.touch(key, thing)

    - Values that never change (``marks=False``) are put by ``state.changed[key] = value``, beside
      ``state.by_key[key] = value``.

    ``state.changed[key] = Gone.ONE`` goes with ``del state.by_key[key]``; :meth:`clear` drops all.
    :meth:`put` and :meth:`pop` do both.

    A cut takes what was touched over as it is, and encodes each object when its record is asked
    for, or before it changes again, whichever comes first.
    """

    __slots__ = (
        "_cleared", "_decode", "_early", "_encode", "_marks", "_order", "_pending",
        "_tracked", "_unordered", "by_key", "changed", "keys", "mark", "tag",
    )  # fmt: skip

    def __init__(
        self,
        tag: bytes,
        keys: Keys,
        encode: Callable[[Any], bytes],
        decode: Callable[[bytes, Any], Any],
        *,
        marks: bool = True,
        ordered: bool = False,
    ) -> None:
        """``decode`` gets the value of a record, and the key. ``ordered`` has the dict come back
        in its order, and its keys as they were; its objects are not dropped one by one then. New
        keys are stored in their order beside the objects."""
        self.tag = tag
        self.by_key: dict[Any, Any] = {}
        self.changed: dict[Any, Any] = {}
        """What was touched since the last cut."""
        self.mark: object = None
        """The mark of these."""
        self.keys = keys
        self._encode = encode
        self._decode = decode
        self._marks = marks
        self._order = LogState(tag + _ORDER, keys.encode_all) if ordered else None
        self._tracked = False
        self._cleared = False
        """Whether what was stored before is gone."""
        self._pending: dict[Any, Any] = {}
        """What the last cut has not given yet."""
        self._early: list[Record] = []
        """Records of it that had to be made before they were asked for."""
        self._unordered: dict[bytes, bytes] = {}
        """Records that were loaded and have no place yet."""

    def touch(self, key: Any, thing: Any) -> None:
        """``thing``, at ``key``, is new, or about to change for the first time since a cut."""
        self._give_early(key, thing)
        self.changed[key] = thing
        thing.mark = self.mark

    def put(self, key: Any, value: Any) -> None:
        """Put a value that never changes."""
        self.by_key[key] = value
        if self._tracked:
            self.changed[key] = value

    def pop(self, key: Any) -> Any:
        """Take out the object of a key that is there; it may be changed from then on."""
        thing = self.by_key.pop(key)
        if self._tracked:
            if self._marks:
                self._give_early(key, thing)
            self.changed[key] = Gone.ONE
        return thing

    def _give_early(self, key: Any, thing: Any) -> None:
        """Have the last cut, if it has not given ``thing`` yet, give it as it is now."""
        if self._pending.get(key) is thing:
            del self._pending[key]
            self._early.append((self.tag + self.keys.encode(key), self._encode(thing)))

    def clear(self) -> None:
        """Drop all objects."""
        self.by_key.clear()
        if self._tracked:
            self._start_anew()

    def track(self) -> None:
        self._tracked = True
        self.mark = object()
        if self._marks:
            for thing in self.by_key.values():
                thing.mark = self.mark
        if self._order is not None:
            self._order.track()
        self._start_anew()

    def _start_anew(self) -> None:
        """What is stored is gone, and all that is there has changed."""
        self.changed = self.by_key.copy()
        self._cleared = True
        if self._order is not None:
            self._order.clear()

    def cut(self) -> Iterator[Record]:
        pending, self.changed = self.changed, {}
        cleared, self._cleared = self._cleared, False
        self._pending, self._early = pending, []
        self.mark = object()
        records = self._records(cleared, pending, self._early)
        if self._order is None:
            return records
        count = len(self.by_key)
        return chain(records, self._order.cut(count, count, self._newest))

    def _records(
        self, cleared: bool, pending: dict[Any, Any], early: list[Record]
    ) -> Iterator[Record]:
        if cleared:
            yield self.tag, Gone.ALL
        tag, encode_key, encode = self.tag, self.keys.encode, self._encode
        while early or pending:
            if early:
                yield early.pop()
            else:
                key, thing = pending.popitem()
                value = thing if thing is Gone.ONE else encode(thing)
                yield tag + encode_key(key), value

    def _newest(self, count: int) -> list[Any]:
        keys = list(islice(reversed(self.by_key), count))
        keys.reverse()
        return keys

    def reset(self) -> None:
        self.by_key.clear()
        self.changed = {}
        self.mark = object()
        self._cleared = False
        self._pending = {}
        self._unordered = {}
        if self._order is not None:
            self._order.reset()

    def load(self, key: bytes, value: bytes) -> None:
        if self._order is not None and key.startswith(_ORDER):
            self._order.load(key[len(_ORDER) :], value)
        elif self._order is not None:
            self._unordered[key] = value
        else:
            self._put(self.keys.decode(key), value)

    def _put(self, key: Any, value: bytes) -> None:
        self.by_key[key] = thing = self._decode(value, key)
        if self._marks:
            thing.mark = None

    def loaded(self) -> None:
        if self._order is None:
            return
        self._order.loaded()
        values, self._unordered = self._unordered, {}
        for key in map(self.keys.key, self._order.take()):
            value = values.pop(self.keys.encode(key), None)
            if value is None:
                raise StateError(f"the record of the key {key!r} is missing")
            self._put(key, value)
        if values:
            raise StateError(f"{len(values)} of its keys have no place")


def marked(kind: type) -> type:
    """A class as ``kind`` whose objects can be told to have changed."""
    return type(kind.__name__, (kind,), {"__slots__": ("mark",)})
