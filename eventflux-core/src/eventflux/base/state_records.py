"""State as keyed records: what an engine tells a store of what changed, and gets back at a start.

The state of each query has a key of its own (:class:`StateInfo` tells whose it is); within it
records have keys that mean something to their operator only. A store keeps
``{state: {key: value}}``, all bytes, and applies changes in the order in which they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

Records = Mapping[str, Iterable[tuple[bytes, bytes]]]
"""By state: its records, in any order."""


# A cut may have millions of changes. The garbage collector would look at each again and again, and
# hold the loop for as long; what these hold makes no circles.


class Change(msgspec.Struct, frozen=True, gc=False):
    """One record has a new value, or with ``None`` is gone (it may not have been there)."""

    state: str
    key: bytes
    value: bytes | None


class Cleared(msgspec.Struct, frozen=True, gc=False):
    """All records of ``state`` whose keys start with ``prefix`` are gone: the empty one is that
    of all. Changes that come later in the same cut make new ones."""

    state: str
    prefix: bytes


StateChange = Change | Cleared


class StateInfo(NamedTuple):
    """What a state is, for people; ``query`` is empty for what belongs to the app as a whole."""

    query: str
    kind: str
    """``running aggregate``, ``Tumbling window``, …"""
    key: tuple[str, ...]
    """The SQL of each part of its key, nothing where it has none."""
    form: str = ""
    """What its records are made by: those that were stored under another form can't be read."""

    @property
    def whose(self) -> str:
        """Whose state it is, in words."""
        return f"query {self.query!r}" if self.query else f"the {self.kind}"


def of_another_form(
    stored: Mapping[str, StateInfo], known: Mapping[str, StateInfo]
) -> dict[str, StateInfo]:
    """Those of the ``stored`` states that are made otherwise now."""
    return {s: info for s, info in stored.items() if s in known and known[s].form != info.form}


def apply(changes: Iterable[StateChange], records: dict[str, dict[bytes, bytes]]) -> None:
    """Bring ``records``, by state and key, up to date with the changes of one cut."""
    for change in changes:
        of_state = records.setdefault(change.state, {})
        if isinstance(change, Cleared):
            for key in [key for key in of_state if key.startswith(change.prefix)]:
                del of_state[key]
        elif change.value is None:
            of_state.pop(change.key, None)
        else:
            of_state[change.key] = change.value
