"""Durations as people write them, in milliseconds."""

from __future__ import annotations

import re
from decimal import Decimal

_MS: dict[str, Decimal] = {}
for _names, _ms in (
    ("nanosecond nanoseconds ns", Decimal("0.000001")),
    ("microsecond microseconds us", Decimal("0.001")),
    ("millisecond milliseconds ms", Decimal(1)),
    ("second seconds sec s", Decimal(1000)),
    ("minute minutes min m", Decimal(60_000)),
    ("hour hours h", Decimal(3_600_000)),
    ("day days d", Decimal(86_400_000)),
    ("week weeks w", Decimal(604_800_000)),
):
    _MS.update(dict.fromkeys(_names.split(), _ms))

LONGEST_MS = 2**62
"""Durations are shorter: the end of one that begins at a time of this age is a LONG, too."""
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)", re.ASCII)


def unit_ms(unit: str) -> Decimal | None:
    """The milliseconds in one ``unit`` (any case), or ``None`` if it is no unit."""
    return _MS.get(unit.lower())


def parse_duration(text: str) -> int:
    """Read ``'250'`` (ms), ``'250ms'``, ``'2 s'``, ``'1 min 30 sec'`` as whole milliseconds.

    Raises:
        ValueError: the text is no duration, or one of ``LONGEST_MS`` and more.
    """
    total, end = Decimal(0), 0
    text = text.strip()
    while end < len(text):
        match = _PART.match(text, end)
        unit = "" if match is None else match.group(2).lower()
        lone_number = match is not None and not unit and match.group(0).strip() == text
        if match is None or not (lone_number or unit in _MS):
            raise ValueError(
                f"{text!r} is not a duration such as 250, '250ms', '2s' or '1 min 30 sec'"
            )
        total += Decimal(match.group(1)) * _MS[unit or "ms"]
        end = match.end()
    if not text:
        raise ValueError("an empty text is not a duration")
    if total >= LONGEST_MS:
        raise ValueError(f"{text!r} is too long for a duration")
    return int(total)


def format_duration(ms: int) -> str:
    """The shortest exact text of a duration: ``60000`` is ``1 min``."""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if ms and ms % size == 0:
            return f"{ms // size} {unit}"
    return f"{ms} ms"
