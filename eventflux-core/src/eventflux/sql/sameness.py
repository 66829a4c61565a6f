"""Whether two texts are the same program: all that they say, whatever their layout."""

from __future__ import annotations

import dataclasses
from typing import Any

from eventflux.sql.ast import Expr, Name, Script

_LAYOUT = ("start", "end", "closed")
"""Fields that end so are places in the text."""


def same_program(one: Script, other: Script) -> bool:
    """Whether two programs have the same statements and the same comments. A comment may come
    to stand before another one, as the clause that it is about does."""
    return said(one.statements) == said(other.statements) and _comments(one) == _comments(other)


def _comments(script: Script) -> list[str]:
    return sorted(comment.text.rstrip() for comment in script.comments)


def said(value: Any) -> Any:
    """A part of a tree without its places, and without the tokens that it was read from: equal
    where two parts say the same."""
    if isinstance(value, Expr):
        return value.tree
    if isinstance(value, Name):
        return value.text
    if isinstance(value, tuple):
        return tuple(map(said, value))
    if not dataclasses.is_dataclass(value):
        return value
    fields = [field.name for field in dataclasses.fields(value)]
    parts = {name: said(getattr(value, name)) for name in fields if not name.endswith(_LAYOUT)}
    return type(value), parts
