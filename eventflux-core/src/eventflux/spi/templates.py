"""Texts with ``{column}`` placeholders, filled in anew for each row.

>>> template = Template("orders.{product}")
>>> template.columns
('product',)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from eventflux.base.decimals import decimal_text
from eventflux.base.rows import Row

_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[{}]")


class Template:
    """The value of an option that may differ from row to row.

    ``{name}`` stands for the value of a column, ``{{`` and ``}}`` for braces. A text is itself,
    a number or boolean as CAST to STRING gives it, nested values are JSON, a TIMESTAMP is its
    epoch milliseconds, NULL the empty text.

    Raises:
        ValueError: a brace stands alone.
    """

    __slots__ = ("_pattern", "columns", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        names: list[str] = []
        pattern: list[str] = []
        end = 0
        for part in _PARTS.finditer(text):
            pattern.append(text[end : part.start()].replace("%", "%%"))
            end = part.end()
            if part[1] is not None:
                names.append(part[1])
                pattern.append("%s")
            elif part[0] in ("{{", "}}"):
                pattern.append(part[0][0])
            else:
                raise ValueError(f"{part[0]!r} stands alone; a brace is written {part[0] * 2!r}")
        pattern.append(text[end:].replace("%", "%%"))
        self._pattern = "".join(pattern)
        self.columns = tuple(names)
        """The names of the columns that it stands for, in order."""

    @property
    def constant(self) -> str | None:
        """Its text where it has no placeholders, else ``None``."""
        return None if self.columns else self._pattern % ()

    def renderer(self, row_type: type[Row]) -> Callable[[Row], str]:
        """A function that gives the text for a row of this class.

        Raises:
            KeyError: the rows have no column of a placeholder's name.
        """
        constant = self.constant
        if constant is not None:
            return lambda _: constant
        fields = {f.encode_name: f.name for f in msgspec.structs.fields(row_type)}
        values = attrgetter(*(fields[name] for name in self.columns))
        pattern, as_text = self._pattern, _text
        if len(self.columns) == 1:
            return lambda row: pattern % as_text(values(row))
        return lambda row: pattern % tuple(map(as_text, values(row)))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return str(value)
