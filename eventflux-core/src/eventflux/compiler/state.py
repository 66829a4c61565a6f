"""The state of a compiled app as keyed records: what a store gets of it, and gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from eventflux.base.clock import Clock, ManualClock
from eventflux.base.errors import StateError
from eventflux.base.state_records import Change, Cleared, Records, StateChange, StateInfo
from eventflux.compiler.graph import Graph
from eventflux.compiler.operators import state_info
from eventflux.operators.chance import Chance
from eventflux.operators.packing import pack, unpack
from eventflux.operators.records import Gone, Record, Stateful
from eventflux.operators.timers import Timers
from eventflux.operators.watermarks import Watermarks
from eventflux.planner.plan import Plan

CLOCK = "clock"
"""The state of a clock that rows move."""
WATERMARKS = "watermarks"
"""The state of all watermarks."""
CHANCE = "random"
"""The state of what random() and uuid() draw from, under a clock that rows move."""
BESIDE = {
    "forever": "what outlives its windows",
    "ticks": "what has changed since the last tick",
    "waiting": "rows that wait for the watermark",
}
"""What a query may keep beside its operator: how the key of that state ends, and what it is."""


class AppState:
    """That of the operators of an app, of its watermarks, and of its clock where rows move it."""

    def __init__(
        self,
        graph: Graph,
        operators: Mapping[int, Stateful],
        beside: Mapping[str, Mapping[int, Stateful]],
        clock: Clock,
        timers: Timers,
        watermarks: Watermarks,
        triggers: Mapping[str, Stateful],
        chance: Chance | None,
    ) -> None:
        """``beside`` is what queries keep beside their operators, by the names of
        :data:`BESIDE`; ``triggers`` are those of the app, by the names of their streams;
        ``chance`` is there where it matters what was drawn before."""
        self._graph = graph
        self._operators = operators
        self._beside = beside
        self._clock = clock
        self._timers = timers
        self._watermarks = watermarks
        self._triggers = {_trigger_key(graph.plan, name): t for name, t in triggers.items()}
        self._chance = chance if isinstance(clock, ManualClock) else None
        self._cut: object = None
        """The cut that has not been read to its end."""
        self._stored: dict[str, bytes] = {}
        """The plain values of the last cut."""

    def infos(self) -> dict[str, StateInfo]:
        """What there is, by its key."""
        keys = {CLOCK: StateInfo("", "clock", ())} if isinstance(self._clock, ManualClock) else {}
        if self._watermarks.roots:
            keys[WATERMARKS] = StateInfo("", "watermarks", ())
        keys |= {key: StateInfo("", key, ()) for key in self._triggers}
        if self._chance is not None:
            keys[CHANCE] = StateInfo("", "random values", ())
        for key, index in self._keys().items():
            keys[key] = info = state_info(self._graph.pipelines[index])
            for what, states in self._beside.items():
                if index in states:
                    keys[f"{key} {what}"] = info._replace(kind=BESIDE[what])
        return keys

    def track(self) -> None:
        """Note changes from now on; all that is there counts as changed."""
        for _, operator, _ in self._stateful():
            operator.track()
        for trigger in self._triggers.values():
            trigger.track()
        self._stored = {}
        self._cut = None

    def cut(self) -> Iterator[StateChange]:
        """What has changed since the last cut, as of now. A cut that was not read to its end is
        no cut: all that is there is given then."""
        if self._cut is not None:
            self.track()
        self._cut = cut = object()
        changes: list[Iterable[StateChange]] = [self._plain()]
        changes += [_of_state(state, operator.cut()) for state, operator, _ in self._stateful()]
        changes += [_of_state(key, trigger.cut()) for key, trigger in self._triggers.items()]
        changes.append(self._end(cut))
        return chain.from_iterable(changes)

    def _plain(self) -> list[StateChange]:
        """What the clock and the watermarks have come to, where that has changed."""
        values: dict[str, list[Any]] = {}
        if isinstance(self._clock, ManualClock):
            values[CLOCK] = [self._clock.time]
        if self._watermarks.roots:
            values[WATERMARKS] = self._watermarks.snapshot()
        if self._chance is not None:
            values[CHANCE] = self._chance.snapshot()
        found = {state: pack(value) for state, value in values.items()}
        stored, self._stored = self._stored, found
        return [Change(s, b"", value) for s, value in found.items() if stored.get(s) != value]

    def _end(self, cut: object) -> Iterator[StateChange]:
        """Nothing; asked for when all changes have been given."""
        if self._cut is cut:
            self._cut = None
        yield from ()

    def load(self, records: Records) -> None:
        """Replace all state.

        Raises:
            StateError: some of it can't be read; all state is empty then.
        """
        self._timers.clear()
        self._cut = None
        clock = dict(records.get(CLOCK, ()))
        if isinstance(self._clock, ManualClock):
            self._clock.reset(unpack(clock[b""])[0] if clock else None)
        marks = dict(records.get(WATERMARKS, ()))
        self._watermarks.restore(unpack(marks[b""]) if marks else ())
        for key, trigger in self._triggers.items():
            trigger.load(records.get(key, ()))
        drawn = dict(records.get(CHANCE, ()))
        if self._chance is not None and drawn:
            self._chance.restore(unpack(drawn[b""]))
        for state, operator, index in self._stateful():
            try:
                operator.load(records.get(state, ()))
            except StateError as error:
                self.load({})
                name = self._graph.plan.queries[index].name
                raise StateError(
                    f"the state of query {name!r} can't be read: {error.message}", error.hint
                ) from error

    def sizes(self) -> dict[str, tuple[int, int]]:
        """For each query that keeps state: rows or groups held, and about how many bytes."""
        queries = self._graph.plan.queries
        found = {index: operator.size() for index, operator in self._operators.items()}
        for states in self._beside.values():
            for index, state in states.items():
                rows, size = found[index]
                found[index] = rows, size + state.size()[1]
        return {queries[index].name: size for index, size in found.items()}

    def kept(self) -> Iterator[tuple[int, Stateful]]:
        """All that keeps state, by the index of its query."""
        for _, operator, index in self._stateful():
            yield index, operator

    def _stateful(self) -> Iterator[tuple[str, Stateful, int]]:
        """What has state: its key, itself, and the index of its query."""
        for key, index in self._keys().items():
            yield key, self._operators[index], index
            for what, states in self._beside.items():
                if index in states:
                    yield f"{key} {what}", states[index], index

    def _keys(self) -> dict[str, int]:
        """The key of each operator's state: its query's fingerprint, told apart by the query's
        own name where it has one, else by order."""
        seen: Counter[str] = Counter()
        keys: dict[str, int] = {}
        for index in self._operators:
            query = self._graph.plan.queries[index]
            name = f"{query.fingerprint} {query.name}" if query.named else query.fingerprint
            seen[name] += 1
            keys[f"{name}#{seen[name]}"] = index
        return keys


def _trigger_key(plan: Plan, name: str) -> str:
    """The key of the state of a trigger: another definition has another one."""
    trigger = plan.streams[name].trigger
    assert trigger is not None
    when = trigger.cron or (trigger.every_ms and f"{trigger.every_ms} ms") or "start"
    return f"trigger {name} {when}"


def _of_state(state: str, records: Iterable[Record]) -> Iterator[StateChange]:
    for key, value in records:
        if value is Gone.ALL:
            yield Cleared(state, key)
        else:
            yield Change(state, key, None if value is Gone.ONE else value)
