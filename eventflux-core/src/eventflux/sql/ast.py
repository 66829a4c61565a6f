"""What the grammar makes of a program: plain frozen data, expressions as sqlglot trees.

Offsets (``start``, ``end``) count characters from the start of the text.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec
from sqlglot import exp

from eventflux.base.errors import Diagnostic
from eventflux.base.types import DataType, Digits
from eventflux.sql.lexer import Comment, Token
from eventflux.sql.source import SourceText


class Name(msgspec.Struct, frozen=True):
    text: str
    start: int
    end: int
    quoted: bool

    def __str__(self) -> str:
        return self.text


class Expr(msgspec.Struct, frozen=True):
    """An expression: sqlglot's tree, and the tokens that it was read from."""

    tree: exp.Expr
    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end


class Metadata(msgspec.Struct, frozen=True):
    """``METADATA [FROM 'name']``; without FROM the name is that of the column."""

    name: str
    written: bool
    """Whether FROM names it."""
    start: int


class TypeName(msgspec.Struct, frozen=True):
    """A type as it is written: ``digits`` of a DECIMAL; DATE and TIME are LONG (``epoch``)."""

    type: DataType
    digits: Digits | None = None
    epoch: str | None = None

    def __str__(self) -> str:
        return self.epoch or f"{self.type}{self.digits or ''}"


class ColumnDef(msgspec.Struct, frozen=True):
    name: Name
    type: TypeName | None
    """``None`` where the type could not be read."""
    not_null: bool
    end: int
    metadata: Metadata | None = None

    @property
    def start(self) -> int:
        return self.name.start


class WatermarkDef(msgspec.Struct, frozen=True):
    """``WATERMARK FOR column AS expression``."""

    column: Name
    expression: Expr
    start: int

    @property
    def end(self) -> int:
        return self.expression.end


class Property(msgspec.Struct, frozen=True):
    """``key = value`` of a WITH clause. ``value`` is text; ``None`` is NULL, option unset."""

    key: str
    value: str | None
    quoted: bool
    """Whether the value was written as a string."""
    start: int
    value_start: int
    end: int

    def __repr__(self) -> str:
        """Without the value, which may be a secret."""
        return f"Property({self.key!r})"


class CreateStream(msgspec.Struct, frozen=True):
    """``CREATE STREAM``, or with a ``window`` ``CREATE WINDOW``."""

    name: Name
    if_not_exists: bool
    columns: tuple[ColumnDef, ...]
    properties: tuple[Property, ...]
    start: int
    end: int
    columns_lost: bool = False
    """Whether some column could not be read."""
    options_lost: bool = False
    """Whether some property could not be read."""
    watermark: WatermarkDef | None = None
    window: WindowSpec | None = None
    """What queries that read it see of its rows."""

    @property
    def kind(self) -> str:
        return "stream" if self.window is None else "window"


class When(msgspec.Struct, frozen=True):
    """When a trigger gives rows: at the ``start``, ``every`` so often, at times of ``cron``."""

    kind: Literal["start", "every", "cron"]
    start: int
    end: int
    every_ms: int | None = None
    cron: str | None = None


class CreateTrigger(msgspec.Struct, frozen=True):
    name: Name
    when: When
    properties: tuple[Property, ...]
    start: int
    end: int
    options_lost: bool = False
    """Whether some property could not be read."""


class Setting(msgspec.Struct, frozen=True):
    """``SET key = value``; ``value`` is ``None`` for NULL, the default."""

    key: str
    value: str | None
    quoted: bool
    start: int
    value_start: int
    end: int


class Parameter(msgspec.Struct, frozen=True):
    """``name type`` in the parentheses of CREATE FUNCTION."""

    name: Name
    type: TypeName
    end: int


class CreateFunction(msgspec.Struct, frozen=True):
    """``CREATE FUNCTION name (parameters) RETURNS [SETOF] type [LANGUAGE language] AS 'body'``.

    ``body`` is the token of the text; ``expression`` what it says where it is SQL.
    """

    name: Name
    parameters: tuple[Parameter, ...]
    returns: TypeName
    language: Literal["SQL", "PYTHON"] | None
    body: Token
    expression: Expr | None
    start: int
    end: int
    several: bool = False
    """Whether SETOF says that it gives several rows."""


class Star(msgspec.Struct, frozen=True):
    """``*`` or ``qualifier.*`` of a select list."""

    qualifier: Name | None
    start: int
    end: int


class SelectItem(msgspec.Struct, frozen=True):
    expression: Expr
    alias: Name | None

    @property
    def start(self) -> int:
        return self.expression.start

    @property
    def end(self) -> int:
        return self.alias.end if self.alias else self.expression.end


class WindowArgument(msgspec.Struct, frozen=True):
    """What stands for one parameter: milliseconds, a count, a share, a text, a column, or a key of
    DEDUPLICATE that is another expression."""

    parameter: str
    value: int | Decimal | str | Name | Expr
    start: int
    end: int
    descending: bool = False
    """Whether a column stands for falling order."""
    condition: Expr | None = None
    """What a text says, where it is a condition."""


class WindowSpec(msgspec.Struct, frozen=True):
    """A window with what stands in its parentheses, in order."""

    kind: str
    """Its name in lower case: one of ``eventflux.sql.window_kinds.WINDOW_KINDS``."""
    arguments: tuple[WindowArgument, ...]
    start: int
    end: int
    keep: Literal["first", "last"] | None = None
    """Which row ``DEDUPLICATE BY … KEEP`` says, where it is written so."""
    descriptor: Name | None = None
    """The column of event time that a table function names, where it is written as one."""
    shared: bool = False
    """Whether it is that of CREATE WINDOW."""

    def all(self, parameter: str) -> list[WindowArgument]:
        """The arguments of one parameter."""
        return [argument for argument in self.arguments if argument.parameter == parameter]


class Source(msgspec.Struct, frozen=True):
    stream: Name
    alias: Name | None

    @property
    def start(self) -> int:
        return self.stream.start

    @property
    def end(self) -> int:
        return self.alias.end if self.alias else self.stream.end


class Subquery(msgspec.Struct, frozen=True):
    """``(SELECT …) [[AS] alias]`` in FROM."""

    body: Body
    alias: Name | None
    start: int
    closed: int
    """Where its closing parenthesis ends."""

    @property
    def end(self) -> int:
        return self.alias.end if self.alias else self.closed


class Where(msgspec.Struct, frozen=True):
    condition: Expr
    start: int


class GroupBy(msgspec.Struct, frozen=True):
    keys: tuple[Expr, ...]
    start: int


class Distinct(msgspec.Struct, frozen=True):
    """``DISTINCT`` behind SELECT."""

    start: int


class Having(msgspec.Struct, frozen=True):
    condition: Expr
    start: int


class OrderKey(msgspec.Struct, frozen=True):
    """NULLs stand last, whichever way the rest goes, unless ``nulls_first``."""

    expression: Expr
    descending: bool
    nulls_first: bool


class OrderBy(msgspec.Struct, frozen=True):
    keys: tuple[OrderKey, ...]
    start: int
    end: int


class Count(msgspec.Struct, frozen=True):
    """The number of LIMIT or OFFSET."""

    value: int
    start: int
    end: int


class Emit(msgspec.Struct, frozen=True):
    """When rows come out, if not when they do by themselves."""

    mode: Literal["changes", "final", "every"]
    every_ms: int | None
    start: int
    end: int


OutputMode = Literal["all", "first", "last", "snapshot"]
"""Which rows OUTPUT lets out."""


class Output(msgspec.Struct, frozen=True):
    """How often rows come out: every so many ``rows``, or every so many milliseconds."""

    mode: OutputMode
    rows: int | None
    every_ms: int | None
    start: int
    end: int


class Clauses(msgspec.Struct, frozen=True):
    """What stands behind WHERE and the window, each where it is written."""

    group_by: GroupBy | None = None
    having: Having | None = None
    order_by: OrderBy | None = None
    limit: Count | None = None
    offset: Count | None = None
    emit: Emit | None = None
    output: Output | None = None


class Select(msgspec.Struct, frozen=True):
    items: tuple[SelectItem | Star, ...]
    source: Source | Subquery
    steps: tuple[Where | WindowSpec, ...]
    """WHERE and the window, in the order of the text, which is that of their work."""
    clauses: Clauses
    start: int
    end: int
    distinct: Distinct | None = None
    items_lost: bool = False
    """Whether some item could not be read, or where the items go."""
    clauses_lost: bool = False
    """Whether a clause could not be read, which may have been a window."""


class Body(msgspec.Struct, frozen=True):
    """``[WITH …] SELECT … {UNION ALL SELECT …}``."""

    views: tuple[View, ...]
    selects: tuple[Select, ...]
    start: int


class View(msgspec.Struct, frozen=True):
    """``name [(columns)] AS (SELECT …)`` of WITH, or the same of CREATE VIEW."""

    name: Name
    columns: tuple[Name, ...] | None
    body: Body
    start: int
    end: int


class Events(msgspec.Struct, frozen=True):
    """``INSERT EXPIRED | ALL EVENTS``: the rows that leave the window; with ALL all others, too."""

    which: Literal["expired", "all"]
    start: int


class Query(msgspec.Struct, frozen=True):
    """A query and where its rows go; without ``target`` to ``OutputStream``.

    ``columns`` are those of the target that it gives values for, if it lists them.
    """

    body: Body
    target: Name | None
    start: int
    end: int
    columns: tuple[Name, ...] | None = None
    columns_end: int = 0
    options: tuple[Property, ...] = ()
    """What WITH says of the query as a whole."""
    events: Events | None = None
    """The rows that it inserts, if not those that enter its window alone."""


DEFAULT_TARGET = "OutputStream"
"""Where the rows of a SELECT without INSERT go."""

Statement = CreateStream | CreateFunction | CreateTrigger | View | Setting | Query


class Script(msgspec.Struct, frozen=True):
    """A whole program. ``unread`` names what statements that could not be read may define."""

    source: SourceText
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    unread: frozenset[str] = frozenset()
    warnings: tuple[Diagnostic, ...] = ()
