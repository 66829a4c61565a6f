"""What a state store implements: where the checkpoints of an app's state are kept.

A checkpoint is the state of an app at one moment: its records
(:mod:`eventflux.base.state_records`) and a manifest, bytes that the runtime writes and reads. The
runtime gives what changed since the checkpoint before; a store keeps the last :data:`KEPT` of them,
each to be read as a whole.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from eventflux.base.state_records import StateChange
from eventflux.spi.options import Options

KEPT = 3
"""How many checkpoints are kept: those before the newest are for when that is damaged."""


class Damaged(Exception):
    """What is stored can't be read as it was written; ``reason`` says how that shows."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """One of the checkpoints in a store. ``damage`` tells why ``manifest`` can't be read."""

    revision: int
    manifest: bytes = b""
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedCheckpoint:
    """What :meth:`StateStore.publish` made: ``size`` is how many bytes its changes took."""

    revision: int
    size: int


class StateStore(ABC):
    """Keeps the checkpoints of one app.

    The runtime calls it from a thread of its own, one call at a time: a call may block, and holds
    nothing up but the checkpoint. After :meth:`open` it reads what is kept, then writes one
    checkpoint after the other: :meth:`begin`, :meth:`write` any number of times, and
    :meth:`publish`, or :meth:`abandon` at any point in between. Until ``publish`` has returned
    nothing of it may be found by a process that opens the store anew; from then on all of it.

    What a call raises, other than is said here, fails the checkpoint under way: the runtime logs
    it, calls ``abandon`` and tries again.
    """

    place: str = ""
    """Where it is, in words for messages: ``/var/lib/eventflux/orders.sqlite``."""

    @abstractmethod
    def open(self, *, fresh: bool = False) -> None:
        """Take hold of the app's checkpoints, for this process alone.

        Args:
            fresh: begin a new history, whatever can be read of the old one; it need not be
                there any more.

        Raises:
            Misconfigured: another process has hold of them, or they are not this store's.
            Disconnected: the store can't be reached now.
            Damaged: nothing of what is there can be read (not with ``fresh``).
        """

    @abstractmethod
    def kept(self) -> Sequence[KeptCheckpoint]:
        """The checkpoints that there are, the newest first.

        Raises:
            Damaged: not even that can be read.
        """

    @abstractmethod
    def records(self, revision: int, state: str) -> Iterator[tuple[bytes, bytes]]:
        """The records of one state as of a checkpoint that is kept, in any order.

        Raises:
            Damaged: some are missing, or not as they were written; it may show at the end only.
        """

    @abstractmethod
    def begin(self, after: int | None) -> None:
        """Begin a checkpoint.

        Args:
            after: the checkpoint that its changes follow, which is kept: those after it, if any,
                are damaged and forgotten with the publication. ``None``: they follow nothing,
                and all that is kept is forgotten with the publication.

        Raises:
            Damaged: what they follow can't be used any more, nor will it be: the runtime gives
                everything then, following nothing. So may :meth:`write` and :meth:`publish`.
        """

    @abstractmethod
    def write(self, changes: Sequence[StateChange]) -> None:
        """Take changes, in the order in which they were made."""

    @abstractmethod
    def publish(self, manifest: bytes) -> PublishedCheckpoint:
        """Keep the checkpoint, safe on disk or wherever this store keeps it, and forget all but
        the last :data:`KEPT`. Revisions grow by 1."""

    @abstractmethod
    def abandon(self) -> None:
        """Forget what was written since :meth:`begin`; what is kept stays. It may be called when
        nothing was begun."""

    @abstractmethod
    def clear(self) -> None:
        """Forget everything."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the store; what was not published is forgotten. It may be called twice, or
        after a failed :meth:`open`."""


@dataclass(frozen=True, slots=True)
class StateStoreContext:
    """What a state store may know of the app whose state it keeps."""

    app: str


class StateStoreFactory(ABC):
    """Describes a state store and makes its stores, which ``SET checkpoint.store = 'name'``
    asks for."""

    name: ClassVar[str]
    doc: ClassVar[str]
    """One line for ``eventflux connectors``."""
    options: ClassVar[type[Options]]
    """Their prefix is ``checkpoint``, as that of all settings of checkpoints."""

    @abstractmethod
    def create(self, options: Any, context: StateStoreContext) -> StateStore:
        """Make a store from its typed options alone. It does no I/O."""
