"""Whole numbers as they are written."""

from __future__ import annotations

MOST = 2**31 - 1
"""As many as anything is counted to."""
COUNT = f"a whole number from 1 to {MOST}"
"""What a number of rows is, for messages."""


def whole_number(text: str, most: int = MOST) -> int | None:
    """The number from 0 to ``most`` that ``text`` is, ``None`` if it is none."""
    digits = text.lstrip("0")
    if not text.isdecimal() or len(digits) > len(str(most)):
        return None
    number = int(digits or "0")
    return number if number <= most else None
