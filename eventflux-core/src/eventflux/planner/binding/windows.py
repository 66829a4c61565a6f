"""Binding a window: its arguments checked, and its columns found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from sqlglot import exp

from eventflux.base.types import DataType
from eventflux.planner import windows as w
from eventflux.planner.binding.binder import Binder
from eventflux.planner.calls import AggregateCall
from eventflux.planner.conversion import is_unknown
from eventflux.planner.cron_texts import wrong_cron
from eventflux.planner.describe import expression_text
from eventflux.planner.expressions import Column, Expression, Literal
from eventflux.planner.own_functions import Functions
from eventflux.planner.rewriting import walk
from eventflux.planner.scope import WINDOW_BOUNDS, Scope, Shape
from eventflux.sql.ast import Expr, Name, WindowArgument, WindowSpec
from eventflux.sql.source import Problem
from eventflux.sql.vocabulary import CALL_MARK


def bind_window(spec: WindowSpec, scope: Scope, functions: Functions) -> w.AnyWindow:
    """The window over the rows of a stream; ``functions`` are those that a condition may call.

    Raises:
        Problem: an argument is wrong; all that are, together.
    """
    return _BUILDERS[spec.kind](_Arguments(spec, scope, functions))


def check_descriptor(descriptor: Name, scope: Scope, shape: Shape) -> None:
    """The column that a table function names is that of the stream's event time: windows go by
    no other.

    Raises:
        Problem: it isn't, or the columns that the function adds are there already.
    """
    column, stream = scope.column(descriptor.text, descriptor.start), scope.stream
    if not isinstance(column, Column) or (shape.event_time is None and shape.open):
        raise Problem()  # what it is isn't known, because of an error told elsewhere
    if shape.event_time != descriptor.text:
        hint = (
            f"name {shape.event_time}"
            if shape.event_time is not None
            else f"if a source fills {stream}, declare WATERMARK FOR {descriptor} AS … there; "
            f"otherwise write FROM {stream} WINDOW(…), which goes by the time of its rows"
        )
        message = f"{descriptor.text!r} is not the event time of {stream!r}"
        raise scope.source.problem(descriptor.start, message, hint)
    for name in WINDOW_BOUNDS:
        if scope.schema.find(name) is not None:
            message = f"{stream!r} has a column {name!r} already, which the function adds"
            hint = f"write FROM {stream} WINDOW(…), and {name}() for the bound"
            raise scope.source.problem(descriptor.start, message, hint)


class _Arguments:
    """The arguments of one window by their parameters."""

    def __init__(self, spec: WindowSpec, scope: Scope, functions: Functions) -> None:
        self.spec = spec
        self.scope = scope
        self.functions = functions

    def number(self, parameter: str) -> int:
        """A duration in milliseconds, or a count."""
        value = self.optional(parameter)
        assert value is not None, "the grammar requires it"
        return value

    def optional(self, parameter: str) -> int | None:
        """The same, of a parameter that may be left out."""
        given = self.spec.all(parameter)
        if not given:
            return None
        assert isinstance(given[0].value, int)
        return given[0].value

    def share(self, parameter: str) -> float | None:
        given = self.spec.all(parameter)
        if not given:
            return None
        assert isinstance(given[0].value, Decimal)
        return float(given[0].value)

    def text(self, parameter: str) -> str:
        [argument] = self.spec.all(parameter)
        assert isinstance(argument.value, str)
        return argument.value

    def columns(self) -> tuple[Column, ...]:
        """The columns that make up a key."""
        found = tuple(column for column, _ in self._columns())
        for column, argument in self._columns():
            self._usable(column, argument)
        return found

    def keys(self) -> tuple[Expression, ...]:
        """What makes up a key: columns, or with DEDUPLICATE other expressions."""
        arguments = self.spec.all("column")
        if not any(isinstance(argument.value, Expr) for argument in arguments):
            return self.columns()
        return tuple(map(self._key, arguments))

    def _key(self, argument: WindowArgument) -> Expression:
        if isinstance(argument.value, Name):
            bound = self.scope.column(argument.value.text, argument.start)
        else:
            assert isinstance(argument.value, Expr)
            binder = Binder(self.scope, self.functions, "DEDUPLICATE BY")
            bound = binder.expression(argument.value)
        if is_unknown(bound):
            raise Problem()  # its type is not known, because of an error told elsewhere
        if isinstance(bound, Literal):
            message = "DEDUPLICATE BY can't go by a constant: all rows would be the same"
            raise self.problem(argument, message, "name a column")
        self._usable(bound, argument)
        return bound

    def _usable(self, key: Expression, argument: WindowArgument) -> None:
        if key.type is DataType.OBJECT:
            text = expression_text(key)
            plain = isinstance(key, Column)
            hint = "name another column" if plain else f"write CAST({text} AS STRING)"
            raise self.problem(argument, f"{text} is OBJECT, which is no key", hint)

    def columns_or_all(self) -> tuple[Column, ...]:
        """The columns that make up a key: without any the whole row does."""
        found = self.columns()
        if found or self.spec.all("column"):
            return found
        nested = [c.name for c in self.scope.schema.payload.columns if c.type is DataType.OBJECT]
        if nested:
            raise self.scope.source.problem(
                self.spec.start,
                f"the whole row is no key: {nested[0]} is OBJECT",
                "name the columns that are",
            )
        if not self.scope.is_whole:
            raise Problem()  # what all columns are is not known, because of an error told elsewhere
        return tuple(Column(c.name, c.type, c.nullable) for c in self.scope.schema.payload.columns)

    def sort_keys(self) -> tuple[w.SortKey, ...]:
        keys = []
        for column, argument in self._columns():
            if column.type in (DataType.OBJECT, DataType.BOOL):
                raise self.problem(
                    argument,
                    f"sort needs an ordered type, but {column.name} is {column.type}",
                    "name another column",
                )
            keys.append(w.SortKey(column, argument.descending))
        return tuple(keys)

    def time_column(self) -> Column:
        """The column that holds times of its own."""
        [(column, argument)] = self._columns()
        if not (column.type.is_integer or column.type is DataType.TIMESTAMP):
            raise self.problem(
                argument,
                f"{column.name} is {column.type}, and no time",
                "times are LONG (epoch milliseconds) or TIMESTAMP",
            )
        return column

    def _columns(self) -> Iterable[tuple[Column, WindowArgument]]:
        found: list[tuple[Column, WindowArgument]] = []
        problems: list[Problem] = []
        for argument in self.spec.all("column"):
            assert isinstance(argument.value, Name)
            try:
                column = self.scope.column(argument.value.text, argument.start)
            except Problem as problem:
                problems.append(problem)
                continue
            if not isinstance(column, Column):
                raise Problem()  # its type is not known, because of an error told elsewhere
            found.append((column, argument))
        if problems:
            raise Problem(*(d for problem in problems for d in problem.diagnostics))
        return found

    def within(self, parameter: str, of: str, *, equal: bool = False) -> None:
        """Refuse an argument that is not less than another one."""
        given, limit = self.spec.all(parameter), self.spec.all(of)
        if not given or not limit:
            return
        low, high = given[0].value, limit[0].value
        assert isinstance(low, int | Decimal)
        assert isinstance(high, int | Decimal)
        if low > high or (low == high and not equal):
            raise self.problem(
                given[0],
                f"the window's {parameter} must be {'at most' if equal else 'less than'} its {of}",
                f"drop whole {of}s from it" if parameter == "offset" else None,
            )

    def problem(self, argument: WindowArgument, message: str, hint: str | None = None) -> Problem:
        return self.scope.source.problem(argument.start, message, hint)


def _tumbling(a: _Arguments) -> w.AnyWindow:
    a.within("offset", "size")
    return w.Tumbling(a.number("size"), a.optional("offset") or 0)


def _time_batch(a: _Arguments) -> w.AnyWindow:
    start = a.optional("start")
    return w.Tumbling(a.number("size"), start, None if start is None else True)


def _hop(a: _Arguments) -> w.AnyWindow:
    a.within("offset", "slide")
    return w.Hop(a.number("size"), a.number("slide"), a.optional("offset") or 0)


def _session(a: _Arguments) -> w.AnyWindow:
    a.within("latency", "gap", equal=True)
    keys = a.keys()
    if a.spec.shared and not keys:
        keys = w.ONE_RUN
    return w.Session(a.number("gap"), keys, a.optional("latency") or 0)


def _external_batch(a: _Arguments) -> w.AnyWindow:
    return w.ExternalTimeBatch(
        a.time_column(), a.number("size"), a.optional("start"), a.optional("timeout")
    )


def _lossy_frequent(a: _Arguments) -> w.AnyWindow:
    a.within("error", "support")
    support = a.share("support")
    assert support is not None, "the grammar requires it"
    return w.LossyFrequent(support, a.share("error") or support / 10, a.columns_or_all())


def _expression(a: _Arguments) -> w.AnyWindow:
    [argument] = a.spec.all("condition")
    written = argument.condition
    assert written is not None, "the grammar reads it"
    calls: list[AggregateCall] = []
    held = w.Length(1)  # rows leave this window, as they do any that slides
    binder = Binder(a.scope, a.functions, "the condition of a window", calls, window=held)
    tree = written.tree.transform(_of_first_and_last, copy=True)
    condition = binder.condition(Expr(tree, written.tokens))
    if not calls:
        raise a.problem(
            argument,
            "the condition reads no aggregate of the window, so that it can't let rows leave",
            "write 'count() <= 10', 'sum(x) <= 1000' or 'last.ts - first.ts < 5000'",
        )
    bare = next((part for part in walk(condition) if isinstance(part, Column)), None)
    if bare is not None:
        raise a.problem(
            argument,
            f"the condition is about the rows of the window: of which is {bare.name}?",
            f"write first.{bare.name}, last.{bare.name}, or an aggregate of it",
        )
    return w.Expression(condition, tuple(calls))


def _of_first_and_last(node: exp.Expr) -> exp.Expr:
    """``first.x`` and ``last.x`` are the aggregates of those names."""
    if not isinstance(node, exp.Column) or node.table not in ("first", "last"):
        return node
    call = exp.Anonymous(this=CALL_MARK + node.table, expressions=[exp.column(node.this)])
    call.meta.update(node.this.meta)
    call.expressions[0].meta.update(node.this.meta)
    return call


def _cron(a: _Arguments) -> w.AnyWindow:
    text = a.text("cron expression")
    if (wrong := wrong_cron(text)) is not None:
        [argument] = a.spec.all("cron expression")
        raise a.problem(argument, *wrong)
    return w.Cron(text)


_BUILDERS: dict[str, Callable[[_Arguments], w.AnyWindow]] = {
    "length": lambda a: w.Length(a.number("number of rows")),
    "lengthbatch": lambda a: w.LengthBatch(a.number("number of rows")),
    "time": lambda a: w.Time(a.number("size")),
    "timebatch": _time_batch,
    "timelength": lambda a: w.TimeLength(a.number("size"), a.number("number of rows")),
    "tumbling": _tumbling,
    "hop": _hop,
    "session": _session,
    "externaltime": lambda a: w.ExternalTime(a.time_column(), a.number("size")),
    "externaltimebatch": _external_batch,
    "sort": lambda a: w.Sort(a.number("number of rows"), a.sort_keys()),
    "unique": lambda a: w.Unique(a.columns(), a.optional("time to live")),
    "firstunique": lambda a: w.FirstUnique(a.keys(), a.optional("time to live")),
    "delay": lambda a: w.Delay(a.number("size")),
    "frequent": lambda a: w.Frequent(a.number("number of counters"), a.columns_or_all()),
    "lossyfrequent": _lossy_frequent,
    "expression": _expression,
    "cron": _cron,
}
