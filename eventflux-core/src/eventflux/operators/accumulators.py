"""Accumulators as plain data: what goes into a snapshot, and back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import msgspec


class Field(msgspec.Struct, frozen=True):
    """A field of an accumulator, and how its value becomes plain data where it is not. ``form``
    is to be raised with every change of what that data is, or what the value means."""

    name: str
    dump: Callable[[Any], Any] | None = None
    load: Callable[[Any], Any] | None = None
    form: object = 1


class Codec:
    """Turns the accumulators of one query into lists of plain values, and back.

    A list shares nothing with the accumulator that it is of: it stays as it is while rows are
    folded. Later results of what was loaded are those of the original, to the bit.
    """

    __slots__ = ("_fields", "_keyed", "_new")

    def __init__(self, accumulator: type, fields: Sequence[Field]) -> None:
        self._new = accumulator
        self._fields = tuple(fields)
        self._keyed = hasattr(accumulator, "key")

    @property
    def form(self) -> tuple[str, ...]:
        """What a list holds: the fields in the order of their values."""
        return tuple(f"{field.name}:{field.form}" for field in self._fields)

    def new(self) -> Any:
        """An accumulator of no rows."""
        return self._new()

    def dump(self, accumulator: Any) -> list[Any]:
        return [
            getattr(accumulator, field.name)
            if field.dump is None
            else field.dump(getattr(accumulator, field.name))
            for field in self._fields
        ]

    def load(self, values: Sequence[Any], key: Any) -> Any:
        """The accumulator of the group ``key``, which it knows where its rows can leave."""
        accumulator = self._new()
        if self._keyed:
            accumulator.key = key
        for field, value in zip(self._fields, values, strict=True):
            setattr(accumulator, field.name, value if field.load is None else field.load(value))
        return accumulator

    def weight(self, accumulator: Any) -> int:
        """About how many bytes it takes."""
        return sys.getsizeof(accumulator) + sum(
            sys.getsizeof(getattr(accumulator, field.name)) for field in self._fields
        )
