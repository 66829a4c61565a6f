"""State as records of which a store gets only what changed: what every stateful operator is.

An operator is made of a few blocks: :class:`Header` for plain values, :class:`KeyedState` for
objects by key, :class:`LogState` for rows that are appended. Each writes records under a ``tag``
of its own, the first bytes of their keys. An operator's part is to hand on::

    class Sessions:
        def __init__(self) -> None:
            self.header = Header(1)
            self.runs = KeyedState(b"k", encode, decode, keys)

        def track(self) -> None:
            track_all(self.header, self.runs)

        def cut(self) -> Iterator[Record]:
            return chain(self.header.cut([self.latest]), self.runs.cut())

        def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
            load_all(records, self.header, self.runs)
            [self.latest] = self.header.values or [-NEVER]

What generated code changes in place it has to tell first (:meth:`KeyedState.touch`), where the app
is tracked; where it is not, blocks cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any, Protocol

from eventflux.base.errors import StateError
from eventflux.operators.packing import pack_any, unpack


class Gone(Enum):
    """Stands for the value of records that are gone."""

    ONE = "the record of the key"
    ALL = "all records whose keys start with the key"


Record = tuple[bytes, bytes | Gone]
"""A change of one key, or what is gone."""


class Block(Protocol):
    """A part of an operator's state, whose records have keys that start with its tag."""

    tag: bytes

    def track(self) -> None:
        """Note changes from now on; everything that is there counts as changed."""

    def reset(self) -> None:
        """Become empty before records are loaded; no change is noted of that."""

    def load(self, key: bytes, value: bytes) -> None:
        """Take back a record; ``key`` is without the tag. They come in any order."""

    def loaded(self) -> None:
        """All records have come: of these nothing counts as changed.

        Raises:
            StateError: some are missing.
        """


class Stateful(Protocol):
    """What every stateful operator can do, beside what generated code does with it."""

    @property
    def header(self) -> Header:
        """The block that knows the form of its records."""

    @property
    def next_due(self) -> int:
        """When its next timer is due, :data:`NEVER` if none is."""

    def track(self) -> None:
        """Note changes from now on; everything that is there counts as changed."""

    def cut(self) -> Iterator[Record]:
        """What has changed since the last cut. The moment is that of the call; records are
        encoded one by one when they are asked for, while rows may be processed in between."""

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        """Replace all state by what is stored, nothing where there are no records, and set its
        timers. Of this nothing counts as changed.

        Raises:
            StateError: the records are damaged.
        """

    def size(self) -> tuple[int, int]:
        """Rows or groups held, and about how many bytes they take."""

    def pending(self) -> int:
        """Rows of the input that wait for a row of their own."""

    def discard(self) -> int:
        """Drop what is unfinished; gives how many rows that was."""


def track_all(*blocks: Block) -> None:
    """Have all blocks note changes."""
    for block in blocks:
        block.track()


def load_all(records: Iterable[tuple[bytes, bytes]], header: Header, *blocks: Block) -> None:
    """Give each record to the block whose tag it has; tags are of one length.

    Raises:
        StateError: a record is of no block, or can't be read, or one is missing.
    """
    found = load_into(records, [header, *blocks])
    if found and header.values is None:
        raise StateError("its header is missing")


def load_into(records: Iterable[tuple[bytes, bytes]], blocks: Sequence[Block]) -> bool:
    """The same of blocks that need no header; gives whether there was a record.

    Raises:
        StateError: a record is of no block, or can't be read, or one is missing.
    """
    by_tag = {block.tag: block for block in blocks}
    size = len(blocks[0].tag) if blocks else 0
    found = False
    for block in blocks:
        block.reset()
    try:
        for key, value in records:
            found = True
            by_tag[key[:size]].load(key[size:], value)
        for block in blocks:
            block.loaded()
    except StateError:
        raise
    except Exception as error:  # whatever damaged bytes lead to
        raise StateError(f"a record is damaged ({type(error).__name__}: {error})") from error
    return found


BLOCKS_FORM = 1
"""The form of what all blocks write, to be raised with every change of that."""


def form_of(*parts: object) -> str:
    """The form of a state that has parts of these forms."""
    return "; ".join(map(str, [BLOCKS_FORM, *parts]))


class Header:
    """A few plain values, and the form of an operator's records."""

    __slots__ = ("_encoded", "form", "tag", "values")

    def __init__(self, *form: object, tag: bytes = b"h") -> None:
        """``form`` is what records are made by: a number, to be raised with every change of what
        they hold, and what else their layout goes by."""
        self.form = " ".join(map(str, form))
        self.tag = tag
        self._encoded: bytes | None = None
        self.values: list[Any] | None = None
        """Those that were loaded, ``None`` where nothing was stored."""

    def track(self) -> None:
        self._encoded = None

    def cut(self, values: list[Any]) -> Iterator[Record]:
        """The values as they are now, where they have changed."""
        encoded = pack_any(values)
        if encoded == self._encoded:
            return iter(())
        self._encoded = encoded
        return iter([(self.tag, encoded)])

    def reset(self) -> None:
        self._encoded = self.values = None

    def load(self, key: bytes, value: bytes) -> None:
        self.values = unpack(value)
        self._encoded = value

    def loaded(self) -> None:
        pass
