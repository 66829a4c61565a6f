"""Where in a document the value of each column is.

>>> parse_path("$.a.b[0]['c d']")
('a', 'b', 0, 'c d')
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eventflux.base.errors import OptionError
from eventflux.base.types import Schema
from eventflux_mappers.limits import MAX_LEVELS

Path = tuple[str | int, ...]
"""Names of fields and positions in arrays, from the root."""

_STEP = re.compile(
    r"""\.(?P<name>(?!\*(?:[.\[]|\Z))[^.\[\]'"]+)|\[(?P<position>\d{1,9})\]|\[(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]"""
)


def parse_path(text: str) -> Path:
    """The steps of a path such as ``$.a.b[0].c``.

    Raises:
        ValueError: it is no such path; the text says why.
    """
    if not text.startswith("$."):
        raise ValueError("it must start with '$.'")
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise ValueError(f"{text[at:]!r} is no step")
        name = step["name"] if step["name"] is not None else step["quoted"]
        steps.append(int(step["position"]) if name is None else name)
        at = step.end()
    if len(steps) > MAX_LEVELS:
        raise ValueError(f"it has more than {MAX_LEVELS} levels")
    return tuple(steps)


def path_text(steps: Sequence[str | int]) -> str:
    """A path as errors show it, the inverse of :func:`parse_path` for most."""
    shown = "$"
    for step in steps:
        if isinstance(step, int):
            shown += f"[{step}]"
        else:
            shown += f".{step}" if step.isidentifier() else f"[{json.dumps(step)}]"
    return shown


def paths_of(schema: Schema, mapping: Mapping[str, str]) -> list[Path | None]:
    """The path of each column: the field of its name, or with any ``mapping`` what that says.

    Raises:
        OptionError: a path is none, or a NOT NULL column has none.
    """
    if not mapping:
        return [(name,) for name in schema.names]
    parsed: dict[str, Path] = {}
    for name, text in mapping.items():
        try:
            parsed[name] = parse_path(text)
        except ValueError as error:
            raise OptionError(
                f"option 'json.mapping.{name}' expects a path, got {text!r}: {error}",
                "write it as '$.a.b[0].c', a name with dots as $.a['x.y']",
            ) from None
    for column in schema.columns:
        if not column.nullable and column.name not in parsed:
            raise OptionError(
                f"option 'json.mapping.{next(iter(mapping))}': '{column.name}' is NOT NULL, "
                "has no path",
                f"only mapped columns are filled then: add 'json.mapping.{column.name}'",
            )
    return [parsed.get(name) for name in schema.names]


@dataclass(slots=True)
class Node:
    """A value in a document, the columns that it fills, and what below it is read."""

    path: Path = ()
    columns: list[int] = field(default_factory=list)
    fields: dict[str, Node] = field(default_factory=dict)
    items: dict[int, Node] = field(default_factory=dict)


def tree_of(paths: Sequence[Path | None]) -> Node:
    """The paths as a tree; ``paths`` has one for each column that has any."""
    root = Node()
    for position, path in enumerate(paths):
        if path is None:
            continue
        node = root
        for at, step in enumerate(path, 1):
            if isinstance(step, int):
                node = node.items.setdefault(step, Node(path[:at]))
            else:
                node = node.fields.setdefault(step, Node(path[:at]))
        node.columns.append(position)
    return root
