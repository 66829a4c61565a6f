"""OBJECT values: copied on the way in, compared as JSON has it."""

from __future__ import annotations

import enum
from collections import OrderedDict
from decimal import Decimal
from typing import Any

import pytest

from eventflux.base.nested import MAX_LEVELS, copied, item, same


class Colour(str, enum.Enum):  # noqa: UP042  # a text that is an enum, as programs have them
    RED = "red"


def test_what_is_copied_is_nobody_elses() -> None:
    inner: list[Any] = [1, 2.5, None, True, "x", b"y", Decimal("1.50")]
    value = {"a": inner, "b": {"c": (1, 2)}, "d": OrderedDict(e=Colour.RED)}
    copy = copied(value)
    assert copy == {"a": inner, "b": {"c": [1, 2]}, "d": {"e": "red"}}
    assert type(copy["d"]) is dict
    assert type(copy["d"]["e"]) is str
    inner.append("more")
    assert len(copy["a"]) == 7


def _endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({1, 2}, "it holds a set"),
        ([object()], "it holds a object"),
        ({1: "x"}, "a key is a int, not a str"),
        (_endless(), f"deeper than {MAX_LEVELS} levels"),
    ],
)
def test_what_is_no_nested_data(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        copied(value)


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True), (1, Decimal(1), True), (1, True, False), (0, False, False), ("1", 1, False),
        ([1, True], [1.0, True], True), ([1, True], [1, 1], False), ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"b": 1}, False), ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1], [1, 2], False),
        (None, None, True), (None, 0, False), ({}, [], False), (b"x", "x", False),
    ],
)  # fmt: skip
def test_same(left: Any, right: Any, equal: bool) -> None:
    assert same(left, right) is equal
    assert same(right, left) is equal


@pytest.mark.parametrize(
    ("value", "key", "found"),
    [({"a": 1}, "a", 1), ({"a": 1}, "b", None), ({"0": 1}, 0, None), ([5], 0, 5), ([5], 1, None),
     ([5], -1, None), ([5], "0", None), ("text", 0, None), (7, "a", None)],
)  # fmt: skip
def test_item(value: Any, key: Any, found: Any) -> None:
    assert item(value, key) == found
