"""The columns that generated expressions read, the values they hold, and constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from eventflux.base.types import DataType

STRING, INT, LONG = DataType.STRING, DataType.INT, DataType.LONG
FLOAT, DOUBLE, BOOL = DataType.FLOAT, DataType.DOUBLE, DataType.BOOL
TYPES = (STRING, INT, LONG, FLOAT, DOUBLE, BOOL)
ORDERED = (STRING, INT, LONG, FLOAT, DOUBLE)
NUMERIC = (INT, LONG, FLOAT, DOUBLE)
THEIR_TYPES = {
    STRING: "VARCHAR",
    INT: "INTEGER",
    LONG: "BIGINT",
    FLOAT: "DOUBLE",
    DOUBLE: "DOUBLE",
    BOOL: "BOOLEAN",
}


@dataclass(frozen=True)
class TableColumn:
    """``bits`` bounds its values: they are less than 2 to its power."""

    name: str
    type: DataType
    nullable: bool
    values: st.SearchStrategy[Any]
    bits: int = 0

    @property
    def ours(self) -> str:
        return f"{self.name} {self.type}{'' if self.nullable else ' NOT NULL'}"

    @property
    def theirs(self) -> str:
        return f"{self.name} {THEIR_TYPES[self.type]}"

    @property
    def cells(self) -> st.SearchStrategy[Any]:
        return st.none() | self.values if self.nullable else self.values


TEXTS = (
    "", "a", "A", "ab", "b", "a%b", "a_c", "it's", "é", "🎉", " 12 ", "12", "-7", "+5", "1.5",
    "1e3", "1_000", "true", "T", "t", "Yes", "no", "0", " FALSE\n", "0x10", "back\\slash",
    "line\nbreak", "2147483648", "99999999999999999999", "NULL", "abcab", '"', "-- x", "\t3",
    "100%", "{0}", "%s", "None",
)  # fmt: skip
PATTERNS = ("%", "_", "a%", "%b", "%a%", "_b", "a_", r"a\_c", r"a\%b", "%%", "", "a__", "é",
            r"%\\%", "%\n%", "_.5", "100\\%", "[a]", "a.*", "__%")  # fmt: skip
ESCAPED = {
    "!": ("a!%b", "A!_c", "%!!%", "100!%", "%", "a%"),
    "%": ("a%%b", "a%_c", "100%%", "_"),
    "a": ("aab", "a%", "aa%", "%b", "_aa"),
    "": ("a%b", "a\\_c", "%", "_", "%\\%", "100%"),
}
"""Patterns by the escape character that they are written for."""

_ints = st.integers(-4, 9) | st.sampled_from([2**31 - 1, -(2**31), 65536])
_longs = st.integers(-4, 9) | st.sampled_from([2**63 - 1, -(2**63), 2**53, 2**53 + 1, 2**31])
_quarters = st.integers(-20, 20).map(lambda n: n / 4)
_doubles = _quarters | st.sampled_from([0.1, -0.0, 1e-3, 1e9 + 0.5, 2147483647.5, 2.0**53])
_wide = st.sampled_from([1e16, 1e15, 9.3e18, -9.3e18, 4e38, 1.5e-7, 2.0**63, -(2.0**31), 3.0])

COLUMNS = (
    TableColumn("i", INT, True, _ints, 32),
    TableColumn("i0", INT, False, _ints, 32),
    TableColumn("l", LONG, True, _longs, 64),
    TableColumn("l0", LONG, False, _longs, 64),
    TableColumn("f", FLOAT, True, _quarters, 5),
    TableColumn("f0", FLOAT, False, _quarters, 5),
    TableColumn("d", DOUBLE, True, _doubles, 54),
    TableColumn("d0", DOUBLE, False, _doubles, 54),
    TableColumn("w", DOUBLE, True, _wide, 130),
    TableColumn("s", STRING, True, st.sampled_from(TEXTS)),
    TableColumn("s0", STRING, False, st.sampled_from(TEXTS)),
    TableColumn("b", BOOL, True, st.booleans()),
    TableColumn("b0", BOOL, False, st.booleans()),
)
OUR_TABLE = f"id INT NOT NULL, {', '.join(column.ours for column in COLUMNS)}"
THEIR_TABLE = f"id INTEGER, {', '.join(column.theirs for column in COLUMNS)}"

EMPTY: dict[DataType, Any] = {STRING: "", INT: 0, LONG: 0, FLOAT: 0.0, DOUBLE: 0.0, BOOL: False}

LITERALS: dict[DataType, tuple[str, ...]] = {
    STRING: tuple("'" + text.replace("'", "''") + "'" for text in TEXTS),
    BOOL: ("TRUE", "false"),
    INT: ("0", "1", "2", "3", "7", "12", "2147483647"),
    LONG: ("0", "1", "2147483648", "9223372036854775807", "9007199254740993"),
    FLOAT: ("0.5", "1.5", "0.0", "2e0", "2.25"),
    DOUBLE: ("0.1", "100.", "1.5e-3", "2.5E2", ".5", "0.0", "1e16"),
}


def rows() -> st.SearchStrategy[tuple[Any, ...]]:
    """A value for each of :data:`COLUMNS`."""
    return st.tuples(*(column.cells for column in COLUMNS))
