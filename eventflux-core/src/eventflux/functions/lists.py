"""Lists: an OBJECT that holds one. Places are reached by ``list[0]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventflux.base.nested import same
from eventflux.base.types import DataType as T
from eventflux.functions.declaration import Function, Inline, takes


def cardinality(value: Any) -> int | None:
    return len(value) if value.__class__ is list or value.__class__ is dict else None


def holds(value: Any, element: Any) -> bool | None:
    if value.__class__ is not list:
        return None
    return any(same(each, element) for each in value)


def _listed(nullable: Sequence[bool], simple: bool, gives: T) -> Inline:
    return Inline(f"[{', '.join(f'{{{i}}}' for i in range(len(nullable)))}]")


DECLARED = (
    Function(
        name="array",
        overloads=(takes("x any?*", T.OBJECT, shape=_listed),),
        doc="a list of its arguments; `ARRAY[a, b][0]` is the first of them",
        examples=(
            """ARRAY[1, 'a', NULL] -> [1, "a", null]""",
            "ARRAY[5, 6][1] -> 6",
            "ARRAY[] -> []",
        ),
        forms=("ARRAY[a, b, …]",),
        nulls="never",
    ),
    Function(
        name="cardinality",
        aliases=("array_length",),
        overloads=(takes("list object", T.INT, cardinality),),
        doc="how many elements a list has, or fields an object; NULL of all else",
        examples=("CARDINALITY(ARRAY[1, 2]) -> 2", "cardinality(parse_json('5')) -> NULL"),
        may_be_null=True,
    ),
    Function(
        name="array_contains",
        aliases=("list_contains",),
        overloads=(takes("list object, x any", T.BOOL, holds),),
        doc="whether a list has an element that is `x`; NULL of what is no list",
        examples=(
            "array_contains(ARRAY[1, 2], 2) -> TRUE",
            "array_contains(ARRAY['a'], 'b') -> FALSE",
        ),
        may_be_null=True,
    ),
)  # fmt: skip
