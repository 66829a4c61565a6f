"""What happens to an app with one stream: rows at times, and a clock that moves on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import NamedTuple

from hypothesis import strategies as st

STREAM = "CREATE STREAM S (k STRING, v INT, ts LONG NOT NULL);"


class Event(NamedTuple):
    """A row of S. ``t`` is its place in time: for the reference models the only time there is."""

    t: int
    k: str | None
    v: int | None
    ts: int

    @property
    def values(self) -> tuple[str | None, int | None, int]:
        return (self.k, self.v, self.ts)


@dataclass(frozen=True)
class Story:
    """Events in the order of their arrival, and what the clock shows in the end.

    ``pieces`` tells how many events go in one call, one number a call; ``restarts`` the calls
    before which the app is replaced by one restored from a snapshot.
    """

    events: tuple[Event, ...]
    end: int
    pieces: tuple[int, ...]
    restarts: frozenset[int]

    def cut(self) -> Iterator[tuple[Event, ...]]:
        """The events of each call."""
        left = iter(self.events)
        return (tuple(islice(left, size)) for size in self.pieces)


_STEPS = [0, 0, 1, 3, 10, 25, 50, 99, 100, 101, 250]
"""Ties, small steps, steps of about the windows' size, gaps."""
_KEYS = ["a", "b", "c", None]
_VALUES = [*range(-5, 11), *[None] * 16]
_BEHIND = [0, 0, 0, 1, 10, 60, 100, 180]
"""How far a time stays behind the largest one: rows come out of order."""
_TIMES = st.sampled_from(list(product(_STEPS, _BEHIND)))
_CONTENTS = st.sampled_from(list(product(_KEYS, _VALUES)))
"""An event is two draws, for they are what takes time; one of all that is possible would favour
the first of so many."""
_STARTS = st.sampled_from([0, 7, 1000, 86_400_000])
_ENDS = st.sampled_from(_STEPS)


@st.composite
def stories(draw: st.DrawFn, most: int = 25) -> Story:
    now = draw(_STARTS)
    events = []
    for _ in range(draw(st.integers(1, most))):
        (step, behind), (key, value) = draw(_TIMES), draw(_CONTENTS)
        now += step
        events.append(Event(now, key, value, now - behind))
    pieces: list[int] = []
    sizes = st.sampled_from([1, 1, 2, 3, 7, len(events)])
    left = len(events)
    while left > 0:
        pieces.append(draw(sizes))
        left -= pieces[-1]
    restarts = draw(st.frozensets(st.integers(0, len(pieces)), max_size=3))
    return Story(tuple(events), now + draw(_ENDS), tuple(pieces), restarts)
