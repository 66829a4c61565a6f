"""Rows that were expected beside those that came, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from eventflux.base.literals import literal
from eventflux.base.types import Column
from eventflux.testing.sql_tests.values import counted, key, literals

Row = Sequence[Any]

_CONTEXT = 2
"""How many rows that are the same are shown around those that differ."""
_LINES = 40
"""How many lines are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """``-``: expected and did not come, ``+``: came and was not expected, blank: both."""

    mark: Literal["-", "+", " "]
    text: str


def shortened(lines: list[Line], limit: int) -> list[Line]:
    """The first lines, with how many more there are."""
    if len(lines) <= limit:
        return lines
    return [*lines[:limit], Line(" ", f"… {counted(len(lines) - limit, 'more line')}")]


class Comparison:
    """Compares the rows of one stream, all with the same columns."""

    def __init__(self, columns: Sequence[Column], expected: Sequence[Row], came: Sequence[Row]):
        self._columns = columns
        self.expected = expected
        self.came = came
        self._wanted = self.keys(expected)
        self._given = self.keys(came)

    def keys(self, rows: Sequence[Row]) -> list[str]:
        return [key(row, self._columns) for row in rows]

    @property
    def same(self) -> bool:
        return self._wanted == self._given

    @property
    def same_in_other_order(self) -> bool:
        return Counter(self._wanted) == Counter(self._given)

    @property
    def is_beginning(self) -> bool:
        """Whether what came is the beginning of what was expected."""
        return self._given == self._wanted[: len(self._given)]

    def is_end_of(self, rows: Sequence[Row]) -> bool:
        """Whether the last of these rows are the expected ones."""
        return len(rows) > 0 and self.keys(rows[-len(self.expected) :]) == self._wanted

    def lines(self) -> list[Line]:
        """The difference, of many rows a part."""
        return shortened(list(self._lines()), _LINES)

    def _lines(self) -> Iterator[Line]:
        operations = self._operations()
        for number, (kind, i, i_end, j, j_end) in enumerate(operations):
            if kind != "equal":
                yield from (Line("-", self._text(row)) for row in self.expected[i:i_end])
                yield from (Line("+", self._text(row)) for row in self.came[j:j_end])
                continue
            head = _CONTEXT if number else 0
            tail = _CONTEXT if number < len(operations) - 1 else 0
            hidden = i_end - i - head - tail
            shown = [Line(" ", self._text(row)) for row in self.came[j:j_end]]
            if hidden > 1:
                skipped = Line(" ", f"… {counted(hidden, 'row')} as expected")
                shown[head : head + hidden] = [skipped]
            yield from shown

    def unordered_lines(self) -> list[Line]:
        """What is missing and what came in addition, whatever the order."""
        missing = Counter(self._wanted) - Counter(self._given)
        added = Counter(self._given) - Counter(self._wanted)
        both = len(self.expected) - missing.total()
        lines = [Line(" ", f"… {counted(both, 'row')} as expected")] if both else []
        lines += (Line("-", row) for row in self._picked(self.expected, self._wanted, missing))
        lines += (Line("+", row) for row in self._picked(self.came, self._given, added))
        return shortened(lines, _LINES)

    def _picked(
        self, rows: Sequence[Row], keys: Sequence[str], left: Counter[str]
    ) -> Iterator[str]:
        """The texts of as many rows of each key as are left."""
        for row, its_key in zip(rows, keys, strict=True):
            if left[its_key]:
                left[its_key] -= 1
                yield self._text(row)

    def first(self) -> str:
        """The first difference, in words."""
        if self.same_in_other_order:
            pairs = zip(self._wanted, self._given, strict=True)
            i = next(n for n, (wanted, given) in enumerate(pairs) if wanted != given)
            wanted, given = self._text(self.expected[i]), self._text(self.came[i])
            return f"row {i + 1}: expected {wanted}, came {given}"
        kind, i, _, j, _ = next(found for found in self._operations() if found[0] != "equal")
        if kind == "delete":
            return f"row {i + 1} did not come"
        if kind == "insert":
            return f"row {j + 1} came and was not expected"
        triples = zip(self._columns, self.expected[i], self.came[j], strict=True)
        column, wanted, given = next(
            (column, wanted, given)
            for column, wanted, given in triples
            if key([wanted], [column]) != key([given], [column])
        )
        return (
            f"row {i + 1}, column {column.name!r}: expected {literal(wanted, column.type)}, "
            f"came {literal(given, column.type)}"
        )

    def _operations(self) -> Sequence[tuple[str, int, int, int, int]]:
        return SequenceMatcher(None, self._wanted, self._given, autojunk=False).get_opcodes()

    def _text(self, row: Row) -> str:
        return literals(row, self._columns)
