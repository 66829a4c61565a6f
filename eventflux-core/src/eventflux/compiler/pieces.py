"""What expressions are while they are written: texts of values, their NULL tests apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from eventflux.base.types import DataType
from eventflux.compiler.source import Bindings, Names, is_simple
from eventflux.planner import expressions as e

_LONGEST_INLINE_TEXT = 40


class Variable(msgspec.Struct, frozen=True):
    """The Python text of a value, and whether it may be ``None``."""

    text: str
    nullable: bool


class Scope(msgspec.Struct, frozen=True):
    """What the names of an expression stand for where it is compiled."""

    columns: Mapping[str, Variable] = msgspec.field(default_factory=dict)
    keys: tuple[Variable, ...] = ()
    aggregates: tuple[Variable, ...] = ()
    elements: tuple[Variable, ...] = ()
    """What the calls of an Unnest give for the row."""
    window: tuple[str, str] = ("", "")
    not_null: frozenset[str] = frozenset()
    """Columns known not to be NULL here, by the conditions that hold."""
    locals: Mapping[int, Variable] = msgspec.field(default_factory=dict)
    """The values of the Lets around."""

    def knowing(self, not_null: frozenset[str]) -> Scope:
        return replace(self, not_null=self.not_null | not_null)

    def having(self, first: int, variables: Iterable[Variable]) -> Scope:
        """With the values of a Let, numbered from ``first``."""
        return replace(self, locals={**self.locals, **dict(enumerate(variables, first))})

    def column(self, name: str) -> Variable:
        variable = self.columns[name]
        return Variable(variable.text, False) if name in self.not_null else variable


class Piece(msgspec.Struct, frozen=True):
    """``core`` where none of ``nulls`` holds, else NULL; tests are evaluated in order.

    Each test is the name or assignment to compare and what it is compared with
    (``is None``, ``== 0``); its opposite is the negated comparison.
    """

    nulls: tuple[tuple[str, str], ...]
    core: str
    whole: str | None = None
    """The value, NULL included, where it has a text without tests."""

    @property
    def nullable(self) -> bool:
        return bool(self.nulls)

    @property
    def value(self) -> str:
        if not self.nulls:
            return self.core
        if self.whole is not None:
            return self.whole
        return f"(None if {' or '.join(f'{t} {c}' for t, c in self.nulls)} else {self.core})"

    @property
    def present(self) -> list[str]:
        """The tests that it is not NULL."""
        opposite = {"is None": "is not None", "== 0": "!= 0"}
        return [f"{tested} {opposite[condition]}" for tested, condition in self.nulls]


def strict(core: str, *operands: Piece) -> Piece:
    """A piece that is NULL where one of ``operands`` is."""
    nulls = dict.fromkeys(test for operand in operands for test in operand.nulls)
    return Piece(tuple(nulls), core)


def once(text: str, names: Names) -> tuple[str, str]:
    """The text to evaluate ``text`` first, and the one for its later uses."""
    if is_simple(text):
        return text, text
    name = names.fresh("t")
    return f"({name} := {text})", name


def all_of(*conditions: str) -> str:
    """The text that all of ``conditions`` hold."""
    return conditions[0] if len(conditions) == 1 else f"({' and '.join(conditions)})"


Constant = str | bool | int | float | Decimal | bytes | None


def constant_value(literal: e.Literal) -> Constant:
    """The Python value of a literal: of a DECIMAL, which the plan holds as text, the number."""
    if literal.type is DataType.DECIMAL and literal.value is not None:
        return Decimal(literal.value)
    return literal.value


def constant(value: Constant, bindings: Bindings) -> str:
    """The text of a constant: escaped where it is short and plain, else a bound name."""
    if isinstance(value, Decimal):
        return bindings.bind("decimal", value)
    if isinstance(value, str | bytes) and len(value) > _LONGEST_INLINE_TEXT:
        return bindings.bind("text", value)
    if isinstance(value, float) and not math.isfinite(value):
        return bindings.bind("number", value)
    text = ascii(value)
    return f"({text})" if text.startswith("-") else text
