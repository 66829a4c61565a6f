"""A grid of the times that a cron expression names (semantics 5.14)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from eventflux.base.cron import NEVER_MS, CronExpression


class CronGrid:
    """Boundaries at the times of a cron expression."""

    __slots__ = ("_cron", "origin")

    def __init__(self, expression: str, zone: ZoneInfo | None) -> None:
        self._cron = CronExpression(expression, zone)
        self.origin: int | None = 0

    def start_of(self, place: int) -> int:
        before = self._cron.before(place)
        return place if before == -NEVER_MS else before

    def next(self, boundary: int) -> int:
        return self._cron.after(boundary)

    def back(self, boundary: int, ms: int) -> int:
        return boundary - ms
