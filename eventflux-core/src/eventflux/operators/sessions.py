"""Sessions: runs of rows, each less than a gap behind the one before (semantics 5.7)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from eventflux.operators.accumulators import Codec
from eventflux.operators.contents import OpenWindow
from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import Pack, unpack
from eventflux.operators.panes import GivePane, nothing_before
from eventflux.operators.records import Header, Record, load_all, track_all
from eventflux.operators.ticks import Ticks
from eventflux.operators.timers import NEVER, Time

Merge = Callable[[Any, Any], None]
"""Generated code that adds an accumulator to another."""


class Session:
    """A run of rows of one ``key``: of the places ``start`` to ``last``."""

    __slots__ = ("given", "key", "last", "live", "mark", "number", "start")

    def __init__(self, number: int, key: Any, start: int, last: int, live: Any) -> None:
        self.number = number
        self.key = key
        self.start = start
        self.last = last
        self.live: Any = live
        """Its groups by key, or the list of its rows."""
        self.given = False
        """Whether its rows have been given: it is kept for the lateness only."""
        self.mark: object = None


class Sessions:
    """The open sessions by key.

    Generated code looks a key up in :attr:`alone`. Where it has one open session that takes the
    row, it moves that session's ``start`` and ``last`` itself; in all other cases
    :meth:`enter` does.
    """

    __slots__ = (
        "_by_key", "_codec", "_groups", "_keys_of", "_number", "_pack", "_rank", "_reach", "_time",
        "_watched", "alone", "before_closing", "closing", "flush", "gap", "header", "merge",
        "place", "state", "ticks",
    )  # fmt: skip

    def __init__(
        self,
        gap_ms: int,
        latency_ms: int,
        keys: Keys,
        codec: Codec | None,
        groups: Keys,
        pack: Pack,
        time: Time,
        rank: int,
    ) -> None:
        """With ``codec`` a session has groups, whose keys are of ``groups``; else rows. It is over
        when ``time`` is the gap and the latency behind its last row, and then kept for the
        lateness of that."""
        self.gap = gap_ms
        self._reach = gap_ms + latency_ms
        self._by_key: dict[Any, list[Session]] = {}
        self.alone: dict[Any, Session] = {}
        """The session of each key that has but one open."""
        self.state = KeyedState(b"s", Keys(1), self._encoded, self._decoded)
        self._keys_of = keys
        self._number = 0
        self._codec = codec
        self._groups = groups
        self._pack = pack
        self._time = time
        self._watched: dict[int, list[Session]] = {}
        """The sessions that are looked at, by when."""
        self._rank = rank
        self.header = Header(2, *(codec.form if codec is not None else ()))
        self.flush: GivePane = _no_code
        self.place = -NEVER
        """Where the rows stand that are given, of a window that gives some before it closes."""
        self.closing = True
        """Whether what is given is of a session that is over, not of one that goes on."""
        self.ticks: Ticks | None = None
        """What tells of groups before their sessions are over."""
        self.merge: Merge = _no_merge
        self.before_closing: Callable[[int], object] = nothing_before
        """Called with the time at which sessions are over, before they are."""

    def is_late(self, key: Any, place: int) -> bool:
        """Whether a row would begin a session that is over already."""
        over = place + self._reach + self._time.lateness <= self._time.mark
        return over and not self._near(key, place)

    def enter(self, key: Any, place: int) -> Session:
        """The session that takes a row, which is not late: opened, or made of those that the row
        joins."""
        near = self._near(key, place)
        if not near:
            return self._open(key, place)
        session = near[0]
        self._touch(session)
        for other in near[1:]:
            self._join(session, other)
            if self.ticks is not None:
                for group in other.live:
                    parts, number = self._groups.parts(group), session.number
                    self.ticks.note((number, *parts) if parts else number, place)
        session.start = min(session.start, place)
        session.last = max(session.last, place)
        return session

    def is_over(self, session: Session) -> bool:
        """Whether a session that a row has just entered is over, so that its row is given again.
        One that was, and has grown beyond that, is open again."""
        over = session.last + self._reach <= self._time.mark
        if session.given != over:
            self._touch(session)
            session.given = over
            self._watch(session)
        return over

    def give_again(self, session: Session, key: Any = None) -> None:
        """Give the row of a group of a session, or of one of rows its last."""
        self.closing = session.given
        end, live = session.last + self.gap, session.live
        if isinstance(live, list):
            self.flush(session.start, end, live, len(live) - 1)
        else:
            self.flush(session.start, end, {key: live[key]}, 0)

    def tell(self, due: int, changed: Mapping[int, Iterable[Any]]) -> None:
        """Give the rows of groups that have changed, by the numbers of their sessions, at a tick:
        those of sessions that are not over, a batch each. Sessions that are over then go first."""
        self._look(due)
        for number in sorted(changed):
            session = self.state.by_key.get(number)
            if session is not None and not session.given:
                end, live = session.last + self.gap, session.live
                self.place, self.closing = due, False
                self.flush(session.start, end, {key: live[key] for key in changed[number]}, 0)

    def open_windows(self) -> list[OpenWindow]:
        """The sessions that are not over and have rows, the first to begin first."""
        sessions = (s for _, s in sorted(self.state.by_key.items()) if s.live and not s.given)
        return [(session.start, session.last + self.gap, session.live) for session in sessions]

    def _near(self, key: Any, place: int) -> list[Session]:
        gap = self.gap
        return [s for s in self._by_key.get(key, ()) if s.start - gap < place < s.last + gap]

    def _open(self, key: Any, place: int) -> Session:
        self._number += 1
        session = Session(self._number, key, place, place, [] if self._codec is None else {})
        self.state.by_key[session.number] = session
        self._touch(session)
        self._add(session)
        self._watch(session)
        return session

    def _add(self, session: Session) -> None:
        mine = self._by_key.setdefault(session.key, [])
        mine.append(session)
        if len(mine) == 1:
            self.alone[session.key] = session
        else:
            self.alone.pop(session.key, None)

    def _remove(self, session: Session) -> None:
        self.state.pop(session.number)
        mine = self._by_key[session.key]
        mine.remove(session)
        if not mine:
            del self._by_key[session.key]
            del self.alone[session.key]
        elif len(mine) == 1:
            self.alone[session.key] = mine[0]

    def _join(self, session: Session, other: Session) -> None:
        """Add ``other``, whose rows count as later ones."""
        self._remove(other)
        session.start = min(session.start, other.start)
        session.last = max(session.last, other.last)
        session.given = session.given or other.given
        if self._codec is None:
            session.live.extend(other.live)
            return
        for key, accumulator in other.live.items():
            if key in session.live:
                self.merge(session.live[key], accumulator)
            else:
                session.live[key] = accumulator

    def _touch(self, session: Session) -> None:
        if session.mark is not self.state.mark:
            self.state.touch(session.number, session)

    def _watch(self, session: Session) -> None:
        """Look at a session again when it is over, or to be forgotten."""
        due = self._due(session)
        if due not in self._watched:
            self._watched[due] = []
            self._time.schedule(due, self._rank, self._look)
        self._watched[due].append(session)

    def _due(self, session: Session) -> int:
        return session.last + self._reach + (self._time.lateness if session.given else 0)

    def _look(self, due: int) -> None:
        """Give the sessions that are over, in the order in which they began, and forget those
        whose lateness is."""
        self.before_closing(due)
        for session in sorted(self._watched.pop(due, ()), key=lambda s: s.number):
            if self.state.by_key.get(session.number) is not session:
                continue  # it has become part of another, or is forgotten
            if due < self._due(session):
                self._watch(session)
            elif session.given:
                self._remove(session)
            else:
                self._give(session)

    def _give(self, session: Session) -> None:
        if self._time.lateness:
            self._touch(session)
            session.given = True
            self._watch(session)
        else:
            self._remove(session)
        if session.live:
            self.place = session.last + self.gap - 1
            self.closing = True
            self.flush(session.start, session.last + self.gap, session.live, 0)

    @property
    def next_due(self) -> int:
        """When the first session is over, or forgotten, :data:`NEVER` if there is none."""
        return min(map(self._due, self.state.by_key.values()), default=NEVER)

    def pending(self) -> int:
        """How many rows of the input are held and have not been given."""
        sessions = [session for session in self.state.by_key.values() if not session.given]
        if self._codec is None:
            return sum(len(session.live) for session in sessions)
        return sum(a.n for session in sessions for a in session.live.values())

    def discard(self) -> int:
        """Drop the open sessions; gives how many rows were in them."""
        lost = self.pending()
        self.state.clear()
        self._by_key.clear()
        self.alone.clear()
        self._watched.clear()
        return lost

    def track(self) -> None:
        track_all(self.header, self.state)

    def cut(self) -> Iterator[Record]:
        return chain(self.header.cut([self._number]), self.state.cut())

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        load_all(records, self.header, self.state)
        [self._number] = self.header.values or [0]
        self._by_key.clear()
        self.alone.clear()
        self._watched.clear()
        for _, session in sorted(self.state.by_key.items()):
            self._add(session)
            self._watch(session)

    def _encoded(self, session: Session) -> bytes:
        codec, parts = self._codec, self._groups.parts
        live = session.live
        if codec is not None:
            live = [[parts(key), codec.dump(a)] for key, a in live.items()]
        key = self._keys_of.parts(session.key)
        return self._pack([key, session.start, session.last, session.given, live])

    def _decoded(self, value: bytes, number: int) -> Session:
        key, start, last, given, stored = unpack(value)
        live: Any
        if self._codec is None:
            live = list(map(tuple, stored))
        else:
            keys = [self._groups.key(parts) for parts, _ in stored]
            live = {k: self._codec.load(a, k) for k, (_, a) in zip(keys, stored, strict=True)}
        session = Session(number, self._keys_of.key(key), start, last, live)
        session.given = given
        return session

    def size(self) -> tuple[int, int]:
        """Open sessions, and about how many bytes they take."""
        sessions = self.state.by_key
        sample = list(islice(sessions.values(), 100))
        each = sum(sys.getsizeof(s) + sys.getsizeof(s.live) + self._weight(s) for s in sample)
        return len(sessions), int(each / (len(sample) or 1) * len(sessions))

    def _weight(self, session: Session) -> int:
        if self._codec is None:
            return sum(sys.getsizeof(r) + sum(map(sys.getsizeof, r)) for r in session.live[:10])
        return sum(map(self._codec.weight, session.live.values()))


def _no_code(start: int, end: int, contents: Any, first: int) -> None:
    raise RuntimeError("the window's flush was not compiled")


def _no_merge(into: Any, other: Any) -> None:
    raise RuntimeError("the merging of sessions was not compiled")
