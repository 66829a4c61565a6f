"""Running aggregates whose groups have a time to live."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from eventflux.base.clock import BEGINNING_MS
from eventflux.operators.groups import Groups
from eventflux.operators.running import RunningAggregate


class ExpiringAggregate(RunningAggregate):
    """Forgets a group when ``ttl_ms`` have passed since its last row.

    Generated code calls :meth:`forget` before a row is folded, so that what is over is gone before
    anybody can see it, and :meth:`renew` with the row's group. Groups stand in the order of their
    attribute ``touched``, the place of their last row; a place that goes back counts as the
    newest. No timer is needed: nothing grows while no rows come.
    """

    __slots__ = ("_due", "_newest", "_ttl")

    def __init__(self, groups: Groups, ttl_ms: int) -> None:
        super().__init__(groups)
        # Of a plain dict finding the first takes ever longer as those before it are taken out.
        groups.by_key = OrderedDict()
        self._ttl = ttl_ms
        self._due = self._newest = BEGINNING_MS

    def forget(self, now: int) -> None:
        """Drop the groups whose time is over at ``now``."""
        if now < self._due:
            return
        by_key = self.groups.by_key
        while by_key:
            key, group = next(iter(by_key.items()))
            if group.touched + self._ttl > now:
                self._due = group.touched + self._ttl
                return
            self.groups.pop(key)
        self._due = self._newest = BEGINNING_MS

    def renew(self, group: Any, place: int) -> None:
        """A row of ``group``, which is there, has come with this place."""
        self._newest = group.touched = max(place, self._newest)
        by_key = self.groups.by_key
        assert isinstance(by_key, OrderedDict)
        by_key.move_to_end(group.key)

    def load(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        super().load(records)
        self._due = self._newest = BEGINNING_MS
        by_key = self.groups.by_key
        for key, group in sorted(by_key.items(), key=lambda item: item[1].touched):
            by_key[key] = by_key.pop(key)
            self._newest = group.touched
