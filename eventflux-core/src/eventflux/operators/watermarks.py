"""Watermarks: up to where the rows of a stream are complete in event time (semantics 9.0).

There is a :class:`Root` for each stream with ``WATERMARK FOR``, and a :class:`Watermark` for each
set of roots that feeds a query with state: the least of them that are not idle. The partitions of
a stream's source are roots beside it. Timers of windows wait in the heap of their watermark. While
timers due at ``d`` fire, their watermark shows ``d - 1``, so that no row that they give is late for
a window that is due at the same moment.

Generated code moves watermarks after each row. A root that is alone in its one watermark moves
that itself: ``mark`` and ``next_due`` are plain attributes. All others call :meth:`Root.move`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from eventflux.base.clock import BEGINNING_MS
from eventflux.operators.timers import NEVER, TimerHeap, Timers

END_OF_TIME = NEVER - 1
"""The watermark of an input that has ended."""

_BEFORE_QUERIES = -1
"""The rank of timers that no query has: first of those due at the same time."""


class WatermarkOptions(msgspec.Struct, frozen=True):
    """The options ``watermark.…`` of a stream; all but ``future_fails`` in ms."""

    idle: int = 60_000
    lateness: int = 0
    max_future: int = 3_600_000
    future_fails: bool = False
    """Whether a row beyond ``max_future`` follows the error strategy."""


class Mark(TimerHeap):
    """Up to where rows are complete, and the timers that fire when it moves.

    ``mark`` is that time itself (epoch ms), ``lateness`` how much longer than it says windows
    keep their rows.
    """

    __slots__ = ("lateness", "mark")

    def __init__(self, lateness: int = 0) -> None:
        super().__init__()
        self.mark = BEGINNING_MS
        self.lateness = lateness

    @property
    def now(self) -> int:
        return self.mark

    def advance(self, mark: int) -> None:
        """Move to ``mark`` and fire what is due; it is not before where it is, and may be behind
        all times, as the end of a window in which these end is."""
        while self.next_due <= mark and self._heap:
            self.fire()
        self.mark = mark

    def fire(self, ranks: Container[int] | None = None) -> None:
        """Fire the next timer, of those of some ``ranks``; there must be one."""
        due, fire = self.take(ranks)
        if due > self.mark:
            self.mark = due - 1
        fire(due)


class Watermark(Mark):
    """The watermark of the queries that the same roots feed."""

    __slots__ = ("roots",)

    def __init__(self, roots: tuple[Root, ...]) -> None:
        super().__init__(max(root.options.lateness for root in roots))
        self.roots = roots

    @property
    def target(self) -> int:
        """Where its roots take it: to the least of those that are not idle. If all are, none
        holds another back."""
        marks = [root.reached for root in self.roots if not root.idle]
        return min(marks) if marks else max(root.reached for root in self.roots)


class Root:
    """A stream that rows enter by under a watermark, or a partition of its source: how far its
    rows have come."""

    __slots__ = (
        "_timers", "_watched", "ended", "idle", "mark", "moves", "name", "options", "partitions",
        "seen_at",
    )  # fmt: skip

    def __init__(self, name: str, options: WatermarkOptions, timers: Timers) -> None:
        self.name = name
        self.options = options
        self.mark = BEGINNING_MS
        self.ended = False
        """Whether no row comes any more."""
        self.idle = False
        self.seen_at = BEGINNING_MS
        """The clock's time at its last row."""
        self.moves: list[Watermark] = []
        self.partitions: dict[str, Root] = {}
        """Those of its source, by name: the root itself has the rows that come by none then."""
        self._timers = timers
        self._watched = False
        """Whether a timer looks at whether it is idle."""

    @property
    def reached(self) -> int:
        """Up to where its rows are complete."""
        return END_OF_TIME if self.ended else self.mark

    def move(self, mark: int) -> None:
        """A row has taken it on to ``mark``, at the time of :attr:`seen_at`."""
        before, self.mark = self.mark, mark
        if self._watched:
            settle([watermark for watermark in self.moves if before <= watermark.mark])
        else:
            self.wake()

    def wake(self) -> None:
        """A row has come: it is not idle. The other roots are looked at from now on too."""
        self.idle = False
        for watermark in self.moves:
            for root in watermark.roots:
                root._watch(self.seen_at)
        settle(self.moves)

    def assign(self, partitions: Iterable[str], now: int | None) -> None:
        """Have these partitions from now on. One without rows holds the others back until it is
        idle, one that is gone no longer does. ``now`` is the clock's time, if it has begun."""
        self._divide(partitions)
        if now is not None:
            for partition in self.partitions.values():
                partition._watch(now)
        settle(self.moves)

    def _divide(self, partitions: Iterable[str]) -> None:
        before = set(self.partitions.values())
        self.partitions = {
            name: self.partitions.get(name) or Root(self.name, self.options, self._timers)
            for name in partitions
        }
        for partition in self.partitions.values():
            partition.moves, partition.ended = self.moves, self.ended
        for watermark in self.moves:
            others = [root for root in watermark.roots if root not in before]
            watermark.roots = (*others, *self.partitions.values())
        if self.mark == BEGINNING_MS:
            self.idle = bool(self.partitions)

    def end(self) -> None:
        """No row comes any more."""
        for root in (self, *self.partitions.values()):
            root.ended = True
        settle(self.moves)

    def _watch(self, now: int) -> None:
        alone = all(len(watermark.roots) == 1 for watermark in self.moves)
        if alone or self._watched or self.idle or self.ended:
            return
        self._watched = True
        self.seen_at = max(self.seen_at, now)
        self._look_later()

    def _look_later(self) -> None:
        self._timers.schedule(self.seen_at + self.options.idle, _BEFORE_QUERIES, self._look)

    def _look(self, due: int) -> None:
        """Become idle if no row has come for so long."""
        if due < self.seen_at + self.options.idle:
            self._look_later()
            return
        self._watched = False
        if not self.ended:
            self.idle = True
            settle(self.moves)

    def snapshot(self) -> list[Any]:
        return [self.mark, self.idle, self.seen_at, self._watched]

    def restore(self, state: Sequence[Any]) -> None:
        """Take over a snapshot; all partitions are there."""
        self.mark, self.idle, self.seen_at, watched = state
        self._watched = False
        if watched:
            self._watch(self.seen_at)


_NEW_ROOT = (BEGINNING_MS, False, BEGINNING_MS, False)
"""The snapshot of a root that no row has entered by."""


def _next_of(watermark: Watermark) -> tuple[int, int]:
    return watermark.first() or (NEVER, 0)


def settle(watermarks: Sequence[Watermark]) -> None:
    """Bring these watermarks to where their roots are. Timers fire in one order: by due time,
    then by the rank of their queries."""
    moving = [(w, w.mark, target) for w in watermarks if (target := w.target) > w.mark]
    for watermark, _, target in moving:
        watermark.ending = target == END_OF_TIME
    while due := [w for w, _, target in moving if w.next_due <= target]:
        min(due, key=_next_of).fire()
    for watermark, before, target in moving:
        watermark.ending = False
        # What is sent later all the same, or after a restart, is not late for that.
        watermark.mark = before if target == END_OF_TIME else target


class Watermarks:
    """All watermarks of an app."""

    def __init__(
        self,
        options: Mapping[str, WatermarkOptions],
        followed: Iterable[frozenset[str]],
        timers: Timers,
    ) -> None:
        """``options`` are those of each root, ``followed`` the sets of roots that queries go by,
        ``timers`` those of the app's clock."""
        self.roots = {name: Root(name, known, timers) for name, known in options.items()}
        self._by_roots: dict[frozenset[str], Watermark] = {}
        for names in followed:
            if names and names not in self._by_roots:
                roots = tuple(self.roots[name] for name in sorted(names))
                self._by_roots[names] = watermark = Watermark(roots)
                for root in roots:
                    root.moves.append(watermark)

    @property
    def partitioned(self) -> bool:
        """Whether the source of some stream has partitions."""
        return any(root.partitions for root in self.roots.values())

    def of(self, roots: frozenset[str]) -> Watermark | None:
        """The watermark that these roots move; ``None`` for none."""
        return self._by_roots.get(roots)

    def end(self, name: str) -> None:
        """The input of a root has ended: it holds none back, and what waits for it alone closes."""
        self.roots[name].end()

    def run_out(self, ranks: Container[int] | None = None) -> None:
        """Fire all timers, or all of the queries of some ``ranks``, as if time went on."""
        all_marks = self._by_roots.values()
        before = [watermark.mark for watermark in all_marks]
        for watermark in all_marks:
            watermark.ending = True
        try:
            while due := [(first, w) for w in all_marks if (first := w.first(ranks)) is not None]:
                min(due, key=lambda found: found[0])[1].fire(ranks)
        finally:
            for watermark, mark in zip(all_marks, before, strict=True):
                watermark.ending = False
                watermark.mark = mark  # as at the end of an input

    def clear(self) -> None:
        """Forget all timers."""
        for watermark in self._by_roots.values():
            watermark.clear()

    def snapshot(self) -> list[Any]:
        """What each root, each watermark, and each partition has come to."""
        roots = [[name, *root.snapshot()] for name, root in self.roots.items()]
        marks = [[sorted(names), w.mark] for names, w in self._by_roots.items()]
        partitions = [
            [name, partition, *part.snapshot()]
            for name, root in self.roots.items()
            for partition, part in root.partitions.items()
        ]
        return [roots, marks, partitions]

    def restore(self, state: Sequence[Any]) -> None:
        """Take over a snapshot, or begin anew with an empty one; the timers of windows come with
        their windows."""
        self.clear()
        roots, marks, partitions = state or ((), (), ())
        saved = {name: rest for name, *rest in roots}
        parts = [(self.roots.get(name), part, rest) for name, part, *rest in partitions]
        for root in self.roots.values():
            root._divide(part for whose, part, _ in parts if whose is root)
        for name, root in self.roots.items():
            root.restore(saved.get(name, _NEW_ROOT))
        for whose, part, rest in parts:
            if whose is not None:
                whose.partitions[part].restore(rest)
        reached = {frozenset(names): mark for names, mark in marks}
        for names, watermark in self._by_roots.items():
            watermark.mark = reached.get(names, BEGINNING_MS)
