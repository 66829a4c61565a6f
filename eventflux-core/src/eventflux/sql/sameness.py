"""Whether two texts are the same program: all that they say, whatever their layout."""

from __future__ import annotations

from typing import Any

import msgspec

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
    if not isinstance(value, msgspec.Struct):
        return value
    fields = [name for name in value.__struct_fields__ if not name.endswith(_LAYOUT)]
    parts = {name: said(getattr(value, name)) for name in fields}
    return type(value), parts
