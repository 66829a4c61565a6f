"""Moments as people see them: fields, units, time zones. A moment is epoch milliseconds.

Days, weeks and what is shorter are counted; months, quarters and years follow the calendar, which
ends with the years 1 and 9999: beyond them there is NULL.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from eventflux.base.suggest import nearest

DAY = 86_400_000
WEEK = 7 * DAY
FIXED = {
    "ms": 1, "millisecond": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000, "day": DAY,
    "week": WEEK,
}  # fmt: skip
"""The milliseconds of units that are always as long."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SHORT = {"s": "second", "sec": "second", "min": "minute", "m": "minute", "h": "hour", "d": "day"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MS = timedelta(milliseconds=1)
_MONDAY = 4 * DAY
"""The first one since the epoch, a Thursday."""
_FIRST_DAY, _LAST_DAY = date.min.toordinal(), date.max.toordinal()

Moment = Callable[[int], int | None]


def unit(text: str) -> str:
    """The unit that ``text`` names, also in the plural, in any case.

    Raises:
        ValueError: it names none.
    """
    known = text.strip().lower()
    known = _SHORT.get(known, known)
    if known not in FIXED and known not in MONTHS:
        known = known.removesuffix("s")
    if known in FIXED or known in MONTHS:
        return known
    match = nearest(text, (*FIXED, *MONTHS))
    hint = f"did you mean {match!r}?" if match else f"units are {', '.join((*FIXED, *MONTHS))}"
    raise ValueError(f"unknown unit {text!r}", hint)


def zone(name: str) -> tzinfo:
    """The time zone of that IANA name.

    Raises:
        ValueError: there is none.
    """
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(name, sorted(available_timezones()))
        hint = f"did you mean {close!r}?" if close else "such as 'Europe/Berlin'"
        raise ValueError(f"{name!r} is no time zone", hint) from None


def day_of(ms: int) -> date | None:
    """The day in UTC."""
    ordinal = ms // DAY + _EPOCH_DAY
    return date.fromordinal(ordinal) if _FIRST_DAY <= ordinal <= _LAST_DAY else None


def year(ms: int) -> int | None:
    day = day_of(ms)
    return None if day is None else day.year


def quarter(ms: int) -> int | None:
    day = day_of(ms)
    return None if day is None else (day.month + 2) // 3


def month(ms: int) -> int | None:
    day = day_of(ms)
    return None if day is None else day.month


def week(ms: int) -> int | None:
    """The ISO week, from 1 to 53."""
    day = day_of(ms)
    return None if day is None else day.isocalendar().week


def day(ms: int) -> int | None:
    found = day_of(ms)
    return None if found is None else found.day


def day_of_year(ms: int) -> int | None:
    found = day_of(ms)
    return None if found is None else found.timetuple().tm_yday


def _first_of(year: int, month: int) -> int:
    return (date(year, month, 1).toordinal() - _EPOCH_DAY) * DAY


def truncating(unit: str) -> Moment:
    """Makes the function to the beginning of a month, quarter or year."""
    months = MONTHS[unit]

    def truncated(ms: int) -> int | None:
        found = day_of(ms)
        if found is None:
            return None
        return _first_of(found.year, (found.month - 1) // months * months + 1)

    return truncated


def truncating_in(unit: str, where: tzinfo) -> Moment:
    """Makes the function to the beginning of a unit as clocks show it in a time zone."""
    to_local, from_local = local_time(where), from_local_time(where)
    calendar = truncating(unit) if unit in MONTHS else None
    size, shift = FIXED.get(unit, 1), _MONDAY if unit == "week" else 0

    def truncated(ms: int) -> int | None:
        local = to_local(ms)
        if local is None:
            return None
        if calendar is None and size < DAY:
            return ms - local % size
        start = local - (local - shift) % size if calendar is None else calendar(local)
        return None if start is None else from_local(start)

    return truncated


def adding_months(months: int) -> Callable[[int, int], int | None]:
    """Makes the function that adds so many times a number of months; a day that the month has
    not becomes its last one."""

    def added(ms: int, count: int) -> int | None:
        found = day_of(ms)
        if found is None:
            return None
        year, month = divmod(found.year * 12 + found.month - 1 + count * months, 12)
        if not 1 <= year <= 9999:
            return None
        last = monthrange(year, month + 1)[1]
        return _first_of(year, month + 1) + (min(found.day, last) - 1) * DAY + ms % DAY

    return added


def months_between(months: int) -> Callable[[int, int], int | None]:
    """Makes the function to the whole units of so many months from one moment to another."""
    add = adding_months(1)

    def between(a: int, b: int) -> int | None:
        first, last = day_of(a), day_of(b)
        if first is None or last is None:
            return None
        count = (last.year - first.year) * 12 + last.month - first.month
        reached = add(a, count)
        if count > 0 and reached is not None and reached > b:
            count -= 1
        elif count < 0 and reached is not None and reached < b:
            count += 1
        return count // months if count >= 0 else -(-count // months)

    return between


def whole_units(difference: int, size: int) -> int:
    """How often ``size`` goes into a difference, toward zero."""
    return difference // size if difference >= 0 else -(-difference // size)


def local_time(where: tzinfo) -> Moment:
    """Makes the function to what clocks show in a time zone, as if it were UTC."""

    def shown(ms: int) -> int | None:
        try:
            moment = (_EPOCH + ms * _MS).astimezone(where)
        except OverflowError:
            return None
        return (moment.replace(tzinfo=UTC) - _EPOCH) // _MS

    return shown


def from_local_time(where: tzinfo) -> Moment:
    """Makes the function from what clocks show in a time zone to the moment; of two the first,
    and where there is none, as if the clocks had not been put forward."""

    def moment(ms: int) -> int | None:
        try:
            return ((_EPOCH + ms * _MS).replace(tzinfo=where) - _EPOCH) // _MS
        except OverflowError:
            return None

    return moment
