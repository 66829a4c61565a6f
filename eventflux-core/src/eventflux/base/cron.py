"""Times that a cron expression names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from croniter import croniter
from croniter.croniter import CroniterBadDateError, CroniterError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_MS = 1000
_MOST_YEARS = 200
"""How far apart two times of an expression may be."""
_CHANCE = re.compile(r"[hr](?![a-z])", re.IGNORECASE)
NEVER_MS = 2**62
"""Before and behind all times that an expression names."""


class CronExpression:
    """``minute hour day month weekday``, with seconds before and a year behind where there are
    six or seven fields; ``?`` stands for any day. Sunday is 0 or 7."""

    __slots__ = ("_text", "_zone")

    def __init__(self, text: str, zone: tzinfo | None = None) -> None:
        """The times are those of ``zone``, UTC without it.

        Raises:
            ValueError: what is wrong with the text.
        """
        self._zone = zone if zone is not None else UTC
        fields = text.replace("?", "*").split()
        if not 5 <= len(fields) <= 7:
            raise ValueError(f"it has {len(fields)} fields, not 5, 6 or 7")
        if any(_CHANCE.match(field) for field in fields):
            raise ValueError("H and R stand for times by chance, which no restart finds again")
        self._text = " ".join(fields)
        try:
            croniter(self._text, _EPOCH, second_at_beginning=True)
        except CroniterError as error:
            raise ValueError(str(error)) from error
        if self.before(0) == -NEVER_MS and self.after(0) == NEVER_MS:
            raise ValueError("no time is like that")

    def after(self, time: int) -> int:
        """The first of its times behind ``time``, epoch ms; :data:`NEVER_MS` if there is none."""
        try:
            return _ms(self._from(time // _SECOND_MS).get_next(datetime))
        except (CroniterBadDateError, OverflowError):
            return NEVER_MS

    def before(self, time: int) -> int:
        """The last of its times at or before ``time``, epoch ms; ``-NEVER_MS`` for none."""
        try:
            return _ms(self._from(time // _SECOND_MS + 1).get_prev(datetime))
        except (CroniterBadDateError, OverflowError):
            return -NEVER_MS

    def _from(self, seconds: int) -> croniter:
        start = (_EPOCH + timedelta(seconds=seconds)).astimezone(self._zone)
        return croniter(
            self._text, start, second_at_beginning=True, max_years_between_matches=_MOST_YEARS
        )


def _ms(moment: datetime) -> int:
    return int((moment - _EPOCH) / timedelta(milliseconds=1))
