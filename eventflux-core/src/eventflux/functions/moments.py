"""Time: the clock, parts of a moment, adding, cutting, texts and time zones; and identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventflux.base.suggest import nearest
from eventflux.base.types import DataType as T
from eventflux.functions import calendar, date_texts
from eventflux.functions.declaration import Function, Inline, takes

FIELDS: dict[str, str | Callable[[int], int | None]] = {
    "year": calendar.year,
    "quarter": calendar.quarter,
    "month": calendar.month,
    "week": calendar.week,
    "day": calendar.day,
    "doy": calendar.day_of_year,
    "dow": "(({0} // 86400000 + 4) % 7)",
    "isodow": "(({0} // 86400000 + 3) % 7 + 1)",
    "hour": "({0} // 3600000 % 24)",
    "minute": "({0} // 60000 % 60)",
    "second": "({0} // 1000 % 60)",
    "millisecond": "({0} % 60000)",
}
"""How each field comes from a moment."""
_OTHER_NAMES = {
    "dayofmonth": "day", "dayofweek": "dow", "dayofyear": "doy", "weekofyear": "week",
    "ms": "millisecond", "milliseconds": "millisecond",
}  # fmt: skip


def _extracted(field: Any, moment: Any) -> Inline:
    name = str(field).lower()
    name = _OTHER_NAMES.get(name, name)
    known = FIELDS.get(name) or FIELDS.get(name.removesuffix("s"))
    if known is None:
        match = nearest(name, (*FIELDS, *_OTHER_NAMES))
        hint = f"did you mean {match.upper()}?" if match else f"known: {', '.join(FIELDS)}"
        raise ValueError(f"{field!r} is no field of a moment", hint)
    if isinstance(known, str):
        return Inline(known.replace("{0}", "{1}"))
    return Inline("{field}({1})", {"field": known})


def _truncated(unit: Any, moment: Any, where: Any = None) -> Inline:
    name = calendar.unit(str(unit))
    if where is not None:
        zone = calendar.zone(str(where))
        return Inline("{truncate}({1})", {"truncate": calendar.truncating_in(name, zone)})
    if name in calendar.MONTHS:
        return Inline("{truncate}({1})", {"truncate": calendar.truncating(name)})
    if name == "week":
        return Inline("({1:=} - ({1} - 345600000) % 604800000)")
    size = calendar.FIXED[name]
    return Inline("{1}" if size == 1 else f"({{1:=}} - {{1}} % {size})")


def _adding(sign: str) -> Callable[..., Inline]:
    def added(moment: Any, count: Any, unit: Any) -> Inline:
        name = calendar.unit(str(unit))
        if name in calendar.MONTHS:
            months = calendar.MONTHS[name] * (1 if sign == "+" else -1)
            return Inline("{add_months}({0}, {1})", {"add_months": calendar.adding_months(months)})
        size = calendar.FIXED[name]
        return Inline(f"({{0}} {sign} {{1}})" if size == 1 else f"({{0}} {sign} {{1}} * {size})")

    return added


def _difference(unit: Any, a: Any, b: Any) -> Inline:
    name = calendar.unit(str(unit))
    if name in calendar.MONTHS:
        between = calendar.months_between(calendar.MONTHS[name])
        return Inline("{between}({1}, {2})", {"between": between})
    size = calendar.FIXED[name]
    if size == 1:
        return Inline("({2} - {1})")
    return Inline(f"{{whole_units}}({{2}} - {{1}}, {size})", {"whole_units": calendar.whole_units})


def _written(moment: Any, pattern: Any, where: Any = "UTC") -> Inline:
    return Inline("{write}({0})", {"write": date_texts.writing(str(pattern), calendar.zone(where))})


def _read(text: Any, pattern: Any, where: Any = "UTC") -> Inline:
    return Inline("{read}({0})", {"read": date_texts.reading(str(pattern), calendar.zone(where))})


def _shown(moment: Any, where: Any) -> Inline:
    return Inline("{local_time}({0})", {"local_time": calendar.local_time(calendar.zone(where))})


def _part(name: str, doc: str, *examples: str) -> Function:
    """A field as a function of its own."""
    code = FIELDS[name]
    return Function(
        name=name,
        aliases=tuple(other for other, field in _OTHER_NAMES.items()
                      if field == name and other.endswith(("month", "week", "year"))),
        overloads=(takes("ts moment", T.INT, code),),
        doc=doc,
        examples=examples,
        may_be_null=callable(code),
    )  # fmt: skip


_DAY = "CAST('2024-05-17T13:45:30.250Z' AS TIMESTAMP)"

DECLARED = (
    Function(
        name="now",
        aliases=("current_timestamp", "currentTimeMillis"),
        overloads=(takes("", T.LONG, "{now}"),),
        doc="the app's clock, epoch ms: one value for all that a row gives; event time where rows "
        "move the clock",
        examples=("now() -> …", "now() = CURRENT_TIMESTAMP -> TRUE"),
        forms=("CURRENT_TIMESTAMP",),
        deterministic=False,
    ),
    Function(
        name="eventTimestamp",
        aliases=("event_timestamp",),
        overloads=(takes("stream any?", T.LONG),),
        doc="the event time of the row, epoch ms: the column or METADATA that the stream says, "
        "else the time at which it came",
        examples=("eventTimestamp() -> 1234567890", "eventTimestamp(S) -> 1234567890"),
    ),
    Function(
        name="extract",
        overloads=(takes("field field, ts moment", T.INT, None, _extracted),),
        doc="a part of a moment, in UTC: year, quarter, month, week (ISO), day, doy (day of the "
        "year), dow (of the week, Sunday is 0), isodow (Monday is 1), hour, minute, second, "
        "millisecond (with those of the seconds)",
        examples=(
            f"EXTRACT(YEAR FROM {_DAY}) -> 2024", f"extract('hour', {_DAY}) -> 13",
            f"EXTRACT(HOUR FROM {_DAY} AT TIME ZONE 'Europe/Berlin') -> 15",
        ),
        forms=("EXTRACT(field FROM ts)",),
        may_be_null=True,
    ),
    _part("year", "the year", f"year({_DAY}) -> 2024"),
    _part("quarter", "the quarter, from 1", f"quarter({_DAY}) -> 2"),
    _part("month", "the month, from 1", f"month({_DAY}) -> 5"),
    _part("week", "the ISO week of the year", f"week({_DAY}) -> 20"),
    _part("day", "the day of the month", f"day({_DAY}) -> 17"),
    _part("doy", "the day of the year, from 1", f"doy({_DAY}) -> 138"),
    _part("dow", "the day of the week: Sunday is 0", f"dow({_DAY}) -> 5"),
    _part("isodow", "the day of the week: Monday is 1, Sunday 7", f"isodow({_DAY}) -> 5"),
    _part("hour", "the hour", f"hour({_DAY}) -> 13", "hour(3600000) -> 1"),
    _part("minute", "the minute", f"minute({_DAY}) -> 45"),
    _part("second", "the second", f"second({_DAY}) -> 30"),
    _part("millisecond", "seconds and milliseconds in ms", f"millisecond({_DAY}) -> 30250"),
    Function(
        name="date_trunc",
        aliases=("dateTrunc",),
        overloads=(takes("unit unit, ts moment, zone zone?", "moment", None, _truncated),),
        doc="the moment at which its unit began, in UTC or as clocks show it in a time zone; weeks "
        "begin on Monday",
        examples=(
            f"DATE_TRUNC('hour', {_DAY}) = '2024-05-17T13:00:00Z' -> TRUE",
            f"date_trunc('month', {_DAY}) = '2024-05-01' -> TRUE",
            f"date_trunc('day', {_DAY}, 'Asia/Tokyo') = '2024-05-16T15:00:00Z' -> TRUE",
        ),
        may_be_null=True,
    ),
    Function(
        name="dateAdd",
        aliases=("date_add",),
        overloads=(takes("ts moment, n LONG, unit unit", "moment", None, _adding("+")),),
        doc="`n` units later; months, quarters and years by the calendar, from the 31st to the "
        "last day of a shorter month",
        examples=(
            "dateAdd(0, 90, 'seconds') -> 90000",
            "dateAdd(CAST('2024-01-31' AS TIMESTAMP), 1, 'month') = '2024-02-29' -> TRUE",
        ),
        may_be_null=True,
        fits="unknown",
    ),
    Function(
        name="dateSub",
        aliases=("date_sub",),
        overloads=(takes("ts moment, n LONG, unit unit", "moment", None, _adding("-")),),
        doc="`n` units earlier, as `dateAdd`",
        examples=(
            "dateSub(90000, 1, 'minute') -> 30000",
            "date_sub(CAST('2024-03-31' AS TIMESTAMP), 1, 'month') = '2024-02-29' -> TRUE",
        ),
        may_be_null=True,
        fits="unknown",
    ),
    Function(
        name="dateDiff",
        aliases=("date_diff",),
        overloads=(takes("unit unit, a moment, b moment", T.LONG, None, _difference),),
        doc="`b - a` in whole units that have passed",
        examples=(
            "dateDiff('minute', 0, 150000) -> 2", "dateDiff('hour', 150000, 0) -> 0",
            f"dateDiff('month', CAST('2024-01-31' AS TIMESTAMP), {_DAY}) -> 3",
        ),
        may_be_null=True,
        fits="unknown",
    ),
    Function(
        name="formatDate",
        aliases=("format_date", "strftime"),
        overloads=(takes("ts moment, pattern format, zone zone?", T.STRING, None, _written),),
        doc="its text by a strftime pattern, in UTC or in a time zone; names are English",
        examples=(
            f"formatDate({_DAY}, '%Y-%m-%d %H:%M') -> '2024-05-17 13:45'",
            f"FORMAT_DATE({_DAY}, '%H:%M %z', 'Europe/Berlin') -> '15:45 +0200'",
        ),
        may_be_null=True,
    ),
    Function(
        name="parseDate",
        aliases=("parse_date", "strptime"),
        overloads=(takes("s STRING, pattern format, zone zone?", T.LONG, None, _read),),
        doc="the epoch ms that a text means by a strptime pattern, in UTC or in a time zone where "
        "it does not say; NULL where it is another text",
        examples=(
            "parseDate('17.05.2024', '%d.%m.%Y') -> 1715904000000",
            "parseDate('2024-05-17 15:45', '%F %R', 'Europe/Berlin') -> 1715953500000",
            "parseDate('soon', '%Y') -> NULL",
        ),
        may_be_null=True,
    ),
    Function(
        name="at_time_zone",
        overloads=(takes("ts moment, zone zone", T.TIMESTAMP, None, _shown),),
        doc="what clocks show in a time zone at a moment, as a TIMESTAMP whose fields are those; "
        "winter and summer time are minded",
        examples=(
            f"{_DAY} AT TIME ZONE 'Europe/Berlin' = '2024-05-17T15:45:30.250' -> TRUE",
            f"hour({_DAY} AT TIME ZONE 'America/New_York') -> 9",
        ),
        forms=("ts AT TIME ZONE 'zone'",),
        may_be_null=True,
    ),
    Function(
        name="uuid",
        overloads=(takes("", T.STRING, "{chance}.uuid()"),),
        doc="a random UUID of version 4, new for each call; under a virtual clock the same in each "
        "run",
        examples=("uuid() -> …", "length(uuid()) -> 36"),
        deterministic=False,
    ),
)  # fmt: skip
