"""The state of a compiled app as keyed records: what a store gets of it, and gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from eventflux.base.clock import Clock, ManualClock
from eventflux.base.errors import StateError
from eventflux.base.state_records import Change, Cleared, Records, StateChange, StateInfo
from eventflux.compiler.graph import Graph
from eventflux.compiler.operators import state_info
from eventflux.operators.chance import Chance
from eventflux.operators.packing import pack, unpack
from eventflux.operators.records import Gone, Record, Stateful, form_of
from eventflux.operators.timers import Timers
from eventflux.operators.watermarks import Watermarks
from eventflux.planner.plan import Plan

Stored = Iterable[tuple[bytes, bytes]]
"""The records of one state."""
CLOCK = "clock"
"""The state of a clock that rows move."""
WATERMARKS = "watermarks"
"""The state of all watermarks."""
CHANCE = "random"
"""The state of what random() and uuid() draw from, under a clock that rows move."""
PLAIN_FORM = 1
"""The form of these; to be raised with every change of what they hold."""
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
        """What there is, by its key. All that a query keeps has one form: what is in another can't
        be read beside the rest."""
        plain = {CLOCK: "clock", WATERMARKS: "watermarks", CHANCE: "random values"}
        infos = {s: StateInfo("", plain[s], (), form_of(PLAIN_FORM)) for s in self._plain_values()}
        for key, trigger in self._triggers.items():
            infos[key] = StateInfo("", key, (), form_of(trigger.header.form))
        for key, index in self._keys().items():
            beside = {what: s[index] for what, s in self._beside.items() if index in s}
            parts = [self._operators[index], *beside.values()]
            form = form_of(*(part.header.form for part in parts))
            infos[key] = info = state_info(self._graph.pipelines[index], form)
            infos |= {f"{key} {what}": info._replace(kind=BESIDE[what]) for what in beside}
        return infos

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

    def _plain_values(self) -> dict[str, list[Any]]:
        """What the clock and the watermarks have come to."""
        values: dict[str, list[Any]] = {}
        if isinstance(self._clock, ManualClock):
            values[CLOCK] = [self._clock.time]
        if self._watermarks.roots:
            values[WATERMARKS] = self._watermarks.snapshot()
        if self._chance is not None:
            values[CHANCE] = self._chance.snapshot()
        return values

    def _plain(self) -> list[StateChange]:
        """The same, where it has changed."""
        found = {state: pack(value) for state, value in self._plain_values().items()}
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
        for state, whose, load in self._loads():
            try:
                load(records.get(state, ()))
            except Exception as error:  # whatever damaged bytes lead to
                self.load({})
                why = error.message if isinstance(error, StateError) else repr(error)
                raise StateError(f"the state of {whose} can't be read: {why}") from error

    def _loads(self) -> Iterator[tuple[str, str, Callable[[Stored], None]]]:
        """What takes back the records of each state: its key, whose it is, and that."""
        yield CLOCK, "the clock", self._load_clock
        yield WATERMARKS, "the watermarks", self._load_watermarks
        yield CHANCE, "the random values", self._load_chance
        for key, trigger in self._triggers.items():
            yield key, key, trigger.load
        for key, operator, index in self._stateful():
            yield key, f"query {self._graph.plan.queries[index].name!r}", operator.load

    def _load_clock(self, records: Stored) -> None:
        values = _plain_value(records)
        if isinstance(self._clock, ManualClock):
            self._clock.reset(values[0] if values else None)

    def _load_watermarks(self, records: Stored) -> None:
        self._watermarks.restore(_plain_value(records))

    def _load_chance(self, records: Stored) -> None:
        values = _plain_value(records)
        if self._chance is not None:
            self._chance.restore(values)

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


def _plain_value(records: Stored) -> list[Any]:
    """The only value of a state; nothing where nothing is stored."""
    found = dict(records)
    return unpack(found[b""]) if found else []


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
