"""What outlives a process, and a state store that keeps it there."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, ClassVar

from eventflux.base.state_records import StateChange, apply
from eventflux.spi import (
    KeptCheckpoint,
    Misconfigured,
    Options,
    PublishedCheckpoint,
    StateStore,
    StateStoreContext,
    StateStoreFactory,
)
from eventflux.spi.state_store import KEPT
from eventflux.testing.scripted.faults import Fault, Hang, Refuse, Script

Content = dict[str, dict[bytes, bytes]]


@dataclass
class ScriptedHistory:
    """What a :class:`ScriptedStore` keeps: by revision the manifest and the records."""

    checkpoints: dict[int, tuple[bytes, Content]] = field(default_factory=dict)
    held: threading.Event = field(default_factory=threading.Event)
    """Setting it lets go of the calls that hang."""


class ScriptedStore(StateStore):
    """Keeps checkpoints in a :class:`ScriptedHistory`. ``opens``, ``writes`` and ``publishes``
    script the calls: ``Refuse`` raises, ``Hang`` waits until the history is let go."""

    place = "a scripted history"

    def __init__(self, history: ScriptedHistory, scripts: Mapping[str, Script]) -> None:
        self.history = history
        self._scripts = scripts
        self._content: Content = {}
        self._after: int | None = None
        self._size = 0

    def _play(self, call: str) -> None:
        fault: Fault = self._scripts[call].next() if call in self._scripts else None
        if isinstance(fault, Refuse) and call == "opens":
            raise Misconfigured(fault.reason, fault.hint)
        if isinstance(fault, Refuse):
            raise OSError(fault.reason)
        if isinstance(fault, Hang):
            self.history.held.wait(10)

    def open(self, *, fresh: bool = False) -> None:
        self._play("opens")
        if fresh:
            self.history.checkpoints.clear()

    def kept(self) -> Sequence[KeptCheckpoint]:
        found = self.history.checkpoints
        return [KeptCheckpoint(revision, found[revision][0]) for revision in sorted(found)[::-1]]

    def records(self, revision: int, state: str) -> Iterator[tuple[bytes, bytes]]:
        return iter(self.history.checkpoints[revision][1].get(state, {}).items())

    def begin(self, after: int | None) -> None:
        kept = self.history.checkpoints
        self._after, self._size = after, 0
        self._content = {} if after is None else deepcopy(kept[after][1])

    def write(self, changes: Sequence[StateChange]) -> None:
        self._play("writes")
        self._size += len(changes)
        apply(changes, self._content)

    def publish(self, manifest: bytes) -> PublishedCheckpoint:
        self._play("publishes")
        kept = self.history.checkpoints
        revision = max(kept, default=0) + 1
        for old in list(kept):
            if self._after is None or old > self._after or old <= revision - KEPT:
                del kept[old]
        kept[revision] = manifest, self._content
        return PublishedCheckpoint(revision, self._size)

    def abandon(self) -> None:
        self._content = {}

    def clear(self) -> None:
        self.history.checkpoints.clear()

    def close(self) -> None:
        self.abandon()


class ScriptedStoreOptions(Options, prefix="checkpoint"):
    """None: what happens is given to the factory."""


class ScriptedStoreFactory(StateStoreFactory):
    """Registers a scripted store; each start makes a store of ``history``."""

    name: ClassVar[str] = "scripted"
    doc: ClassVar[str] = "a state store that follows a script, for tests"
    options: ClassVar[type[Options]] = ScriptedStoreOptions

    def __init__(self, history: ScriptedHistory, **scripts: Iterable[Fault]) -> None:
        self._history = history
        self._scripts = {call: Script(faults) for call, faults in scripts.items()}
        self.made: list[ScriptedStore] = []

    def create(self, options: Any, context: StateStoreContext) -> ScriptedStore:
        store = ScriptedStore(self._history, self._scripts)
        self.made.append(store)
        return store
