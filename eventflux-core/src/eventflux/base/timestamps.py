"""Moments: milliseconds since the epoch in UTC, and their ISO-8601 text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from eventflux.base.types import LONG_MAX, LONG_MIN

_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"\s?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?\Z",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 and 9999, which a text can name."""


def parse_timestamp(text: str) -> int | None:
    """The milliseconds of an ISO-8601 date or date-time, ``None`` if it is none.

    ``2024-05-01``, ``2024-05-01T12:30``, ``2024-05-01 12:30:15.250+02:00``; without an offset
    it is UTC. Digits beyond the millisecond are cut off.
    """
    match = _ISO.match(text.strip())
    if match is None:
        return None
    date, hour, minute, second, fraction, offset = match.groups()
    try:
        day = datetime.fromisoformat(date).replace(tzinfo=UTC)
    except ValueError:
        return None
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    ms = (day - _EPOCH) // _MS + ((hours * 60 + minutes) * 60 + seconds) * 1000
    ms += int(f"{fraction or '':0<3}"[:3])
    shift = _offset_minutes(offset)
    return None if shift is None else ms - shift * 60_000


def _offset_minutes(offset: str | None) -> int | None:
    if offset is None or offset in "Zz":
        return 0
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)


def timestamp_text(ms: int) -> str:
    """ISO-8601 with ``Z``: ``2024-05-01T12:30:15Z``, with milliseconds where there are any.

    A moment that no such text can name (before the year 1, after 9999) gives its number.
    """
    if not _FIRST <= ms <= _LAST:
        return str(ms)
    moment = _EPOCH + ms * _MS
    return moment.isoformat(timespec="milliseconds" if ms % 1000 else "seconds")[:-6] + "Z"


def timestamp_of(moment: datetime) -> int:
    """The milliseconds of a ``datetime``; one without a zone is in UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MS


def datetime_of(ms: int) -> datetime:
    """The moment as a ``datetime`` in UTC.

    Raises:
        OverflowError: it is before the year 1 or after 9999.
    """
    return _EPOCH + ms * _MS


def in_range(ms: int) -> bool:
    """Whether a number of milliseconds can be stored."""
    return LONG_MIN <= ms <= LONG_MAX
