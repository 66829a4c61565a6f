"""Moments as texts by strftime patterns, the same on every platform and under every locale: names
are English, early years have four digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_SHORT_DAYS = tuple(name[:3] for name in _DAYS)
_SHORT_MONTHS = tuple(name[:3] for name in _MONTHS)

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_SPELLED = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}
_WRITTEN = frozenset("aAwdbBmyYHIMpSfzZjUWGuV%")
_YEARS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "G": lambda moment: f"{moment.isocalendar().year:04}",
}
_NAMES: dict[str, Callable[[datetime], str]] = {
    "A": lambda moment: _DAYS[moment.weekday()],
    "a": lambda moment: _SHORT_DAYS[moment.weekday()],
    "B": lambda moment: _MONTHS[moment.month - 1],
    "b": lambda moment: _SHORT_MONTHS[moment.month - 1],
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
}
_WRITTEN_HERE = {**_YEARS, **_NAMES}
"""What :meth:`datetime.strftime` writes by the platform or the locale."""
_READ = {
    "Y": r"\d{4}", "y": r"\d{2}", "m": r"1[0-2]|0?[1-9]", "d": r"3[01]|[12]\d|[0 ]?[1-9]",
    "j": r"36[0-6]|3[0-5]\d|[12]\d\d|0?[1-9]\d|0{0,2}[1-9]",
    "H": r"2[0-3]|[01]?\d", "I": r"1[0-2]|0?[1-9]", "M": r"[0-5]?\d", "S": r"[0-5]?\d",
    "f": r"\d{1,6}", "p": "AM|PM", "w": "[0-6]",
    "z": r"[+-]\d\d:?[0-5]\d(?::?[0-5]\d(?:\.\d{1,6})?)?|(?-i:Z)",
    "A": "|".join(_DAYS), "a": "|".join(_SHORT_DAYS),
    "B": "|".join(_MONTHS), "b": "|".join(_SHORT_MONTHS),
}  # fmt: skip
"""What each directive takes of a text."""


def _directives(pattern: str, known: frozenset[str], what: str) -> str:
    """The pattern without those that stand for several.

    Raises:
        ValueError: there is one that means nothing, or none.
    """
    if "%" not in pattern:
        raise ValueError(
            f"nothing of a moment stands in {what} ({pattern!r})",
            "write it as for strftime, such as '%Y-%m-%d %H:%M:%S'",
        )

    def spelled(match: re.Match[str]) -> str:
        letter = match[1]
        if letter not in known and letter not in _SPELLED:
            shown = " ".join(f"%{each}" for each in sorted(known | set(_SPELLED)))
            raise ValueError(f"%{letter} means nothing in {what} ({pattern!r})", f"known: {shown}")
        return _SPELLED.get(letter, match[0])

    return _DIRECTIVE.sub(spelled, pattern)


def writing(pattern: str, where: tzinfo = UTC) -> Callable[[int], str | None]:
    """Makes the function to the text of a moment.

    Raises:
        ValueError: the pattern has what nobody knows.
    """
    known = _directives(pattern, _WRITTEN, "a pattern for writing")
    named = not _NAMES.keys().isdisjoint(_DIRECTIVE.findall(known))

    def written(ms: int) -> str | None:
        try:
            moment = (_EPOCH + ms * _MS).astimezone(where)
        except OverflowError:
            return None
        return moment.strftime(_filled(known, moment) if named or moment.year <= 1000 else known)

    return written


def _filled(pattern: str, moment: datetime) -> str:
    """The pattern with what the platform and the locale have no say in."""

    def text(match: re.Match[str]) -> str:
        write = _WRITTEN_HERE.get(match[1])
        return match[0] if write is None else write(moment)

    return _DIRECTIVE.sub(text, pattern)


def reading(pattern: str, where: tzinfo = UTC) -> Callable[[str], int | None]:
    """Makes the function to the moment of a text, ``None`` where the text is another.

    Raises:
        ValueError: the pattern has what nobody knows, or the same twice.
    """
    known = _directives(pattern, frozenset({*_READ, "%"}), "a pattern for reading")
    letters = [letter for letter in _DIRECTIVE.findall(known) if letter != "%"]
    for letter in letters:
        if letters.count(letter) > 1:
            hint = "a text says each part of a moment once"
            raise ValueError(f"%{letter} stands twice in a pattern for reading ({pattern!r})", hint)
    match = re.compile(_expression(known), re.IGNORECASE).fullmatch

    def read(text: str) -> int | None:
        found = match(text)
        if found is None:
            return None
        try:
            return (_moment(found.groupdict(), where) - _EPOCH) // _MS
        except (ValueError, OverflowError):
            return None

    return read


def _expression(pattern: str) -> str:
    """The regular expression of the texts that a pattern takes."""
    pieces = []
    for place, piece in enumerate(_DIRECTIVE.split(pattern)):
        if place % 2 == 0:
            pieces += [r"\s+" if part.isspace() else re.escape(part)
                       for part in re.split(r"(\s+)", piece)]  # fmt: skip
        else:
            pieces.append("%" if piece == "%" else f"(?P<{piece}>{_READ[piece]})")
    return "".join(pieces)


def _moment(found: dict[str, str], where: tzinfo) -> datetime:
    """
    Raises:
        ValueError, OverflowError: the calendar has no such moment.
    """
    day = _day(found)
    hour = int(found.get("H", 0))
    if "I" in found:
        hour = int(found["I"]) % 12 + (12 if found.get("p", "").upper() == "PM" else 0)
    minute, second = int(found.get("M", 0)), int(found.get("S", 0))
    microsecond = int(found.get("f", "0").ljust(6, "0"))
    zone = _offset(found["z"]) if "z" in found else where
    return datetime(day.year, day.month, day.day, hour, minute, second, microsecond, zone)


def _day(found: dict[str, str]) -> date:
    year = int(found.get("Y", 1900))
    if "y" in found and "Y" not in found:
        year = int(found["y"])
        year += 1900 if year >= 69 else 2000
    if "j" in found:
        return date(year, 1, 1) + timedelta(days=int(found["j"]) - 1)
    month = int(found.get("m", 1))
    if name := found.get("B") or found.get("b"):
        month = 1 + _SHORT_MONTHS.index(name[:3].capitalize())
    return date(year, month, int(found.get("d", 1)))


def _offset(text: str) -> tzinfo:
    """
    Raises:
        ValueError: some of its parts have a colon between them, others none.
    """
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    if len(digits) > 4 and text.count(":") == 1:
        raise ValueError(text)
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), float(digits[4:] or 0)
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-size if text[0] == "-" else size)
