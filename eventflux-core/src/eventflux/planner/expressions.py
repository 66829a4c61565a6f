"""Typed expressions of a plan: immutable data, no callables, nothing of the parser.

Every node knows its ``type`` and whether it can be NULL. The nodes are tagged msgspec
structs, so that a plan can be written, read and hashed.
"""

from __future__ import annotations

from typing import Literal as OneOf
from typing import TypeAlias, TypeGuard, Union, get_args

import msgspec

from eventflux.base.types import DataType, Digits


class Node(msgspec.Struct, frozen=True, tag=True, tag_field="node"):
    """The base of all plan nodes."""


class Literal(Node, frozen=True):
    """A constant; ``value`` is ``None`` for NULL and a Python value of ``type`` otherwise, of
    a DECIMAL its text.

    ``exact`` is the text of a DOUBLE with more digits than a float keeps: it becomes a
    DECIMAL whole.
    """

    value: str | bool | int | float | None
    type: DataType
    exact: str | None = None

    @property
    def nullable(self) -> bool:
        return self.value is None


class Column(Node, frozen=True):
    """A column of the row that the operator reads."""

    name: str
    type: DataType
    nullable: bool


EVENT_TIME = Column("", DataType.LONG, False)
"""The event time of a row as one of its columns: none of a stream is called so."""


class KeyValue(Node, frozen=True):
    """The value of the ``index``-th GROUP BY key, above an Aggregate."""

    index: int
    type: DataType
    nullable: bool


class AggregateValue(Node, frozen=True):
    """The value of the ``index``-th aggregate, above an Aggregate."""

    index: int
    type: DataType
    nullable: bool


class Element(Node, frozen=True):
    """What the ``index``-th call of an Unnest below gives for a row; NULL behind its last.
    ``text`` is the call as SQL."""

    index: int
    text: str
    type: DataType
    nullable: bool


class WindowBound(Node, frozen=True):
    """``window_start()`` or ``window_end()``: epoch ms of the batch being flushed."""

    which: OneOf["start", "end"]

    type: DataType = DataType.LONG
    nullable: bool = False


class Arithmetic(Node, frozen=True):
    """``left operator right`` over numbers; ``/`` is DOUBLE or DECIMAL, by zero is NULL.

    A TIMESTAMP plus or minus milliseconds is a TIMESTAMP, the difference of two is LONG.
    """

    operator: OneOf["+", "-", "*", "/", "%"]
    left: Expression
    right: Expression
    type: DataType
    nullable: bool


class Negate(Node, frozen=True):
    """``-operand``, of the operand's type."""

    operand: Expression
    type: DataType
    nullable: bool


class Condition(Node, frozen=True):
    """The base of what is TRUE, FALSE or NULL."""

    @property
    def type(self) -> DataType:
        return DataType.BOOL


class Comparison(Condition, frozen=True):
    """``left operator right``, both operands already of comparable types."""

    operator: OneOf["=", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression
    nullable: bool


class Logical(Condition, frozen=True):
    """Three-valued ``AND`` or ``OR`` over two or more operands."""

    operator: OneOf["AND", "OR"]
    operands: tuple[Expression, ...]
    nullable: bool


class Not(Condition, frozen=True):
    operand: Expression
    nullable: bool


class IsNull(Condition, frozen=True):
    """``operand IS [NOT] NULL``."""

    operand: Expression
    negated: bool

    @property
    def nullable(self) -> bool:
        return False


class InList(Condition, frozen=True):
    """``operand IN (items)``; ``NOT IN`` is a :class:`Not` around it. An empty list is FALSE."""

    operand: Expression
    items: tuple[Expression, ...]
    nullable: bool


class Between(Condition, frozen=True):
    """``operand >= low AND operand <= high``."""

    operand: Expression
    low: Expression
    high: Expression
    nullable: bool


class Distinct(Condition, frozen=True):
    """``left IS [NOT] DISTINCT FROM right``: two NULLs are not distinct; never NULL itself."""

    left: Expression
    right: Expression
    negated: bool

    @property
    def nullable(self) -> bool:
        return False


class Like(Condition, frozen=True, omit_defaults=True):
    """``operand LIKE pattern``: ``%`` any run, ``_`` one character, ``escape`` (one character,
    or none) takes the next character as it is; ILIKE with ``ignore_case``."""

    operand: Expression
    pattern: Expression
    nullable: bool
    escape: str = "\\"
    ignore_case: bool = False


class Access(Node, frozen=True):
    """A value inside an OBJECT: of the field ``key``, or at the place ``key`` of a list, from 0.

    NULL where there is none.
    """

    operand: Expression
    key: Expression

    @property
    def type(self) -> DataType:
        return DataType.OBJECT

    @property
    def nullable(self) -> bool:
        return True


class Branch(Node, frozen=True):
    """``WHEN when THEN then`` of a CASE."""

    when: Expression
    then: Expression


class Case(Node, frozen=True):
    """Searched CASE; with ``operand``, simple CASE: the first branch whose ``when`` equals it.

    A missing ELSE is a NULL literal in ``otherwise``.
    """

    operand: Expression | None
    branches: tuple[Branch, ...]
    otherwise: Expression
    type: DataType
    nullable: bool


class Cast(Node, frozen=True):
    """``CAST(operand AS type)``: NULL where the value can't be converted (semantics 2.7).

    The planner also puts one where a value has to widen (INT to DOUBLE), with ``implicit``
    set; that never gives NULL, but for an OBJECT. ``digits`` are those of a ``DECIMAL(p,s)``.
    """

    operand: Expression
    type: DataType
    nullable: bool
    implicit: bool = False
    digits: Digits | None = None


class Concat(Node, frozen=True):
    """``operands`` joined by ``||``: two texts or more; NULL if one of them is."""

    operands: tuple[Expression, ...]
    nullable: bool

    @property
    def type(self) -> DataType:
        return DataType.STRING


class NullIf(Node, frozen=True):
    """NULL where ``operand`` equals ``other``, else ``operand``."""

    operand: Expression
    other: Expression
    type: DataType

    @property
    def nullable(self) -> bool:
        return True


class Coalesce(Node, frozen=True):
    """The first operand that is not NULL; all operands are of ``type``."""

    operands: tuple[Expression, ...]
    type: DataType
    nullable: bool


class Call(Node, frozen=True, omit_defaults=True):
    """A scalar function, of the language or registered, its arguments already of the types that
    it takes."""

    function: str
    """The name that the function was declared or registered under."""
    arguments: tuple[Expression, ...]
    type: DataType
    nullable: bool
    overload: int = 0
    """Which of the ways to call a function of the language it is."""


class Taken(Node, frozen=True):
    """What an aggregate of a program's own takes of a row: NULL where the row is passed over."""

    aggregate: str
    """The name that the aggregate was registered under."""
    operands: tuple[Expression, ...]
    nullable: bool
    type: DataType = DataType.OBJECT


class Local(Node, frozen=True):
    """The value that the :class:`Let` around it has under this number."""

    number: int
    type: DataType
    nullable: bool


class Let(Node, frozen=True):
    """``body``, in which ``values`` stand as :class:`Local`, each found once; they are numbered
    from ``first``."""

    values: tuple[Expression, ...]
    first: int
    body: Expression

    @property
    def type(self) -> DataType:
        return self.body.type

    @property
    def nullable(self) -> bool:
        return self.body.nullable


Expression: TypeAlias = Union[  # noqa: UP007  # a forward reference can't stand in X | Y
    Literal,
    Column,
    KeyValue,
    AggregateValue,
    Element,
    WindowBound,
    Arithmetic,
    Negate,
    Comparison,
    Logical,
    Not,
    IsNull,
    InList,
    Between,
    Distinct,
    Like,
    Access,
    Case,
    Cast,
    Concat,
    NullIf,
    Coalesce,
    Call,
    Taken,
    Local,
    Let,
]

_KINDS = get_args(Expression)


def is_expression(value: object) -> TypeGuard[Expression]:
    """Whether ``value`` is one of the kinds above."""
    return isinstance(value, _KINDS)
