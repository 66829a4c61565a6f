"""Objects by key, of which a cut is read while they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eventflux.operators.keyed import KeyedState, Keys
from eventflux.operators.packing import pack, unpack
from eventflux.operators.records import Gone


class Counter:
    """Changes in place."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.mark: object = None


def counters(**counts: int) -> KeyedState:
    def encode(counter: Counter) -> bytes:
        return pack([counter.count])

    def decode(value: bytes, key: Any) -> Counter:
        return Counter(unpack(value)[0])

    state = KeyedState(b"c", Keys(1), encode, decode)
    state.track()
    for key, count in counts.items():
        state.by_key[key] = counter = Counter(count)
        state.touch(key, counter)
    return state


def add(state: KeyedState, key: str) -> None:
    counter = state.by_key[key]
    if counter.mark is not state.mark:
        state.touch(key, counter)
    counter.count += 1


def take_over(state: KeyedState, key: str) -> None:
    """Take an object out, and go on changing it elsewhere."""
    state.pop(key).count += 100


def read(state: KeyedState, meanwhile: Callable[[], None] = lambda: None) -> dict[str, Any]:
    cut = state.cut()
    meanwhile()
    found: dict[str, Any] = {}
    for key, value in cut:
        if key != state.tag:
            name = state.keys.decode(key[len(state.tag) :])
            found[name] = value if isinstance(value, Gone) else unpack(value)[0]
    return found


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda state: add(state, "a"),
        lambda state: take_over(state, "a"),
        lambda state: state.clear(),
    ],
    ids=["add", "take over", "clear"],
)
def test_a_cut_is_of_its_moment(meanwhile: Callable[[KeyedState], None]) -> None:
    state = counters(a=1, b=2)
    assert read(state, lambda: meanwhile(state)) == {"a": 1, "b": 2}


def test_a_cut_gives_what_changed_since_the_last() -> None:
    state = counters(a=1, b=2, c=3)
    assert read(state) == {"a": 1, "b": 2, "c": 3}
    assert read(state) == {}
    add(state, "a")
    add(state, "a")
    take_over(state, "c")
    assert read(state) == {"a": 3, "c": Gone.ONE}
