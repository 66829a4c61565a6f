"""Walking and rewriting expressions of the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from eventflux.planner.expressions import Column, Node

N = TypeVar("N", bound=Node)


def children(node: Node) -> Iterator[Node]:
    """The nodes right below ``node``."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything below it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))


def columns_of(node: Node) -> Iterator[Column]:
    """The columns that an expression reads, each as often as it stands there."""
    if isinstance(node, Column):
        yield node
    for child in children(node):
        yield from columns_of(child)


def rewrite(node: N, replace: Callable[[Node], Node | None]) -> N:
    """``node`` with every part for which ``replace`` gives another, from the outside in."""
    return _rewrite(node, replace)  # type: ignore[return-value]  # an expression stays one


def _rewrite(node: Node, replace: Callable[[Node], Node | None]) -> Node:
    found = replace(node)
    if found is not None:
        return found
    changes: dict[str, Any] = {}
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, Node):
            new: Any = _rewrite(value, replace)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            new = tuple(_rewrite(item, replace) for item in value)
        else:
            continue
        if new != value:
            changes[name] = new
    return msgspec.structs.replace(node, **changes) if changes else node
