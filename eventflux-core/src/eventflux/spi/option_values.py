"""The types that an option can have, and how its text is read and shown."""

from __future__ import annotations

import typing
from typing import Any, Literal, Self

from eventflux.base.durations import format_duration, parse_duration
from eventflux.spi.templates import Template


class Secret:
    """A text that does not show itself; :meth:`reveal` gives it.

    It shows as ``Secret('***')`` in ``print``, f-strings, logs and tracebacks, and neither
    pickle nor an encoder (msgspec, json) takes it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __getstate__(self) -> Any:
        raise TypeError("a Secret is not pickled")

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError("a Secret is not pickled")


class Duration(int):
    """Whole milliseconds; written as ``'250ms'``, ``'2s'``, ``'1 min'`` or a bare number of ms."""


class Bytes(int):
    """A number of bytes; written as ``'4194304'``, ``'512 KiB'`` or ``'4 MiB'``."""


TYPE_NAMES: dict[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    Secret: "secret",
    Duration: "duration",
    Bytes: "bytes",
    Template: "template",
}
"""Every type but the Literals, with its name."""


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold it; arguments and variables with other bytes hold half characters."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def type_name(kind: Any) -> str:
    """The type as ``eventflux connectors`` shows it."""
    if typing.get_origin(kind) is Literal:
        return " | ".join(map(str, typing.get_args(kind)))
    return TYPE_NAMES[kind]


def expected(type_name: str) -> str:
    """What a message says was expected of a text."""
    if " | " in type_name:
        return "one of " + type_name.replace(" | ", ", ")
    return {
        "integer": "an integer",
        "boolean": "true or false",
        "duration": "a duration such as 250ms or 2s",
        "bytes": "a size such as 4096 or 4 MiB",
        "template": "a text with {column} placeholders ({{ for a brace)",
    }.get(type_name, f"a {type_name}")


_TRUTH = {"true": True, "false": False}
_SIZE_UNITS = {"": 1, "b": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "kb": 10**3, "mb": 10**6}


def _parse_size(text: str) -> int:
    digits = text.strip().rstrip("KMGiBbkmg ")
    unit = text.strip()[len(digits) :].strip().lower()
    if unit not in _SIZE_UNITS:
        raise ValueError(text)
    return int(digits) * _SIZE_UNITS[unit]


def _size_text(size: int) -> str:
    """``4194304`` as ``4 MiB``; a size that is no whole number of units in bytes."""
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size and size % scale == 0:
            return f"{size // scale} {unit}"
    return str(size)


def parse_text(kind: Any, text: str) -> Any:
    """The value of type ``kind`` that ``text`` writes.

    Raises:
        ValueError: it writes none.
    """
    if typing.get_origin(kind) is Literal:
        for choice in typing.get_args(kind):
            if text.strip().lower() == str(choice).lower():
                return choice
        raise ValueError(text)
    if kind is bool:
        truth = _TRUTH.get(text.strip().lower())
        if truth is None:
            raise ValueError(text)
        return truth
    if kind is Duration:
        return Duration(parse_duration(text))
    if kind is Bytes:
        return Bytes(_parse_size(text))
    if kind in (int, float):
        if "_" in text:
            raise ValueError(text)
        return kind(text.strip())
    return kind(text)


def value_text(value: Any) -> str:
    """A value as it would be written in SQL."""
    if isinstance(value, Duration):
        return format_duration(int(value))
    if isinstance(value, Bytes):
        return _size_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
