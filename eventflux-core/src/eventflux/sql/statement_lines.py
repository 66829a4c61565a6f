"""Each kind of statement as lines of canonical text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from eventflux.sql.ast import (
    Body,
    Clauses,
    ColumnDef,
    CreateFunction,
    CreateStream,
    CreateTrigger,
    Emit,
    Expr,
    Name,
    OrderKey,
    Output,
    Property,
    Query,
    Select,
    SelectItem,
    Setting,
    Source,
    Star,
    Statement,
    Subquery,
    View,
    WatermarkDef,
    When,
    Where,
    WindowSpec,
)
from eventflux.sql.layout import laid_out
from eventflux.sql.spacing import quoted_text, string_text, tokens_text
from eventflux.sql.table_functions import WINDOW_FUNCTIONS
from eventflux.sql.window_kinds import WINDOW_KINDS

WIDTH = 88
"""The most characters of a line, where it can be broken."""
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*(?:[.-][A-Za-z_]\w*)*\Z", re.ASCII)
_UNITS = ((86_400_000, "DAY"), (3_600_000, "HOUR"), (60_000, "MINUTE"), (1000, "SECOND"))


class Line(msgspec.Struct):
    """A line of the result, and the part of the text that it stands for, if any."""

    text: str
    start: int = -1
    end: int = -1
    level: int = 0
    """How far it is indented, in steps."""
    more: list[str] = msgspec.field(default_factory=list)
    """Further lines of the text."""
    above: list[str] = msgspec.field(default_factory=list)
    behind: list[str] = msgspec.field(default_factory=list)

    @property
    def indent(self) -> str:
        return "  " * self.level

    def end_with(self, mark: str) -> None:
        if self.more:
            self.more[-1] += mark
        else:
            self.text += mark


def _expression_text(expression: Expr) -> str:
    """An expression on one line."""
    return tokens_text(expression.tokens)


def _name(name: Name) -> str:
    return quoted_text(name.text) if name.quoted else name.text


def _duration(ms: int) -> str:
    for size, unit in _UNITS:
        if ms and ms % size == 0:
            return f"{ms // size} {unit}{'' if ms == size else 'S'}"
    return f"{ms} MILLISECOND{'' if ms == 1 else 'S'}"


def _key(key: str) -> str:
    return key if _PLAIN_KEY.match(key) and "." not in key else quoted_text(key)


def _value(value: str | None, quoted: bool) -> str:
    if value is None:
        return "NULL"
    return string_text(value) if quoted else value


def statement_lines(statement: Statement) -> list[Line]:
    """The lines of a statement, without its comments and the semicolon."""
    match statement:
        case CreateStream():
            return _create_lines(statement)
        case CreateFunction():
            return _function_lines(statement)
        case CreateTrigger():
            return _trigger_lines(statement)
        case View():
            return _view_lines(statement)
        case Setting(key=key, value=value, quoted=quoted, start=start, end=end):
            name = key if _PLAIN_KEY.match(key) else quoted_text(key)
            return [Line(f"SET {name} = {_value(value, quoted)}", start, end)]
        case Query():
            return _query_lines(statement)


def _create_lines(statement: CreateStream) -> list[Line]:
    exists = "IF NOT EXISTS " if statement.if_not_exists else ""
    name = statement.name
    kind = statement.kind.upper()
    lines = [Line(f"CREATE {kind} {exists}{_name(name)} (", statement.start, name.end)]
    inside = [(_column(column), column.start, column.end) for column in statement.columns]
    mark = statement.watermark
    if mark is not None:
        inside.append((_watermark(mark), mark.start, mark.end))
    lines += _listed(inside)
    closing = Line(")", statement.end - 1, statement.end)
    if (window := statement.window) is not None:
        return [*lines, Line(f") {_window(window)}", window.start, window.end)]
    if not statement.properties:
        return [*lines, closing]
    lines.append(Line(") WITH ("))
    lines += _listed(
        [(_property(option), option.start, option.end) for option in statement.properties]
    )
    return [*lines, closing]


def _function_lines(statement: CreateFunction) -> list[Line]:
    parameters = ", ".join(f"{_name(p.name)} {p.type}" for p in statement.parameters)
    language = "" if statement.language is None else f" LANGUAGE {statement.language}"
    returns = f"{'SETOF ' if statement.several else ''}{statement.returns}"
    head = f"CREATE FUNCTION {_name(statement.name)}({parameters}) RETURNS {returns}"
    body = statement.body
    text = body.text if body.upper == "$$" else string_text(body.text)
    first, *more = f"AS {text}".split("\n")
    if not more and len(f"{head}{language} {first}") <= WIDTH:
        return [Line(f"{head}{language} {first}", statement.start, statement.end)]
    # Lines of a text are not ours to indent.
    last = Line(first, body.start, body.end, 0 if more else 1, more)
    return [Line(head + language, statement.start, body.start), last]


def _trigger_lines(trigger: CreateTrigger) -> list[Line]:
    text = f"CREATE TRIGGER {_name(trigger.name)} AT {_when(trigger.when)}"
    lines = [Line(text, trigger.start, trigger.when.end)]
    if trigger.properties:
        options = ", ".join(map(_property, trigger.properties))
        first, last = trigger.properties[0], trigger.properties[-1]
        lines.append(Line(f"WITH ({options})", first.start, last.end))
    return lines


def _when(when: When) -> str:
    if when.every_ms is not None:
        return f"EVERY {_duration(when.every_ms)}"
    return "START" if when.cron is None else f"CRON {string_text(when.cron)}"


def _column(column: ColumnDef) -> str:
    text = f"{_name(column.name)} {column.type}{' NOT NULL' if column.not_null else ''}"
    if column.metadata is None:
        return text
    return f"{text} METADATA" + (
        f" FROM {string_text(column.metadata.name)}" if column.metadata.written else ""
    )


def _watermark(mark: WatermarkDef) -> str:
    return f"WATERMARK FOR {_name(mark.column)} AS {_expression_text(mark.expression)}"


def _property(option: Property) -> str:
    return f"{_key(option.key)} = {_value(option.value, option.quoted)}"


def _listed(pieces: Sequence[tuple[str, int, int]]) -> list[Line]:
    last = len(pieces) - 1
    return [
        Line(f"{text}{',' if index < last else ''}", start, end, 1)
        for index, (text, start, end) in enumerate(pieces)
    ]


def _query_lines(query: Query) -> list[Line]:
    lines: list[Line] = []
    if query.target is not None:
        target, end = query.target, query.target.end if query.columns is None else query.columns_end
        which = "" if query.events is None else f"{query.events.which.upper()} EVENTS "
        text = f"INSERT {which}INTO {_name(target)}{_names(query.columns)}"
        lines.append(Line(text, target.start, end))
    lines += _body_lines(query.body)
    if query.options:
        options = ", ".join(map(_property, query.options))
        lines.append(Line(f"WITH ({options})", query.options[0].start, query.options[-1].end))
    return lines


def _names(names: Sequence[Name] | None) -> str:
    """A column list behind a name, if there is one."""
    return "" if names is None else f" ({', '.join(map(_name, names))})"


def _view_lines(view: View) -> list[Line]:
    text = f"CREATE VIEW {_name(view.name)}{_names(view.columns)} AS"
    return [Line(text, view.start, view.name.end), *_body_lines(view.body)]


def _body_lines(body: Body) -> list[Line]:
    lines: list[Line] = []
    for index, view in enumerate(body.views):
        head = f"{'WITH ' if index == 0 else ''}{_name(view.name)}{_names(view.columns)} AS ("
        lines.append(Line(head, view.start, view.name.end))
        lines += _deeper(_body_lines(view.body))
        closing = ")," if index < len(body.views) - 1 else ")"
        lines.append(Line(closing, view.end - 1, view.end))
    for index, select in enumerate(body.selects):
        if index:
            lines.append(Line("UNION ALL"))
        lines += _select_lines(select)
    return lines


def _deeper(lines: list[Line]) -> list[Line]:
    for line in lines:
        line.level += 1
    return lines


def _alias(source: Source | Subquery) -> str:
    return f" AS {_name(source.alias)}" if source.alias else ""


def _source_lines(source: Source | Subquery) -> list[Line]:
    alias = _alias(source)
    if isinstance(source, Source):
        return [Line(f"FROM {_name(source.stream)}{alias}", source.start, source.end)]
    return [
        Line("FROM (", source.start, source.start + 1),
        *_deeper(_body_lines(source.body)),
        Line(f"){alias}", source.closed - 1, source.end),
    ]


def _select_lines(select: Select) -> list[Line]:
    lines = [Line("SELECT" if select.distinct is None else "SELECT DISTINCT")]
    lines += _items(select)
    steps = select.steps
    match select.source, steps:
        case Source() as source, (WindowSpec(descriptor=Name()) as called, *others):
            end = source.end if source.alias else called.end
            text = f"FROM {_window_function(source.stream, called)}{_alias(source)}"
            lines.append(Line(text, called.start, end))
            steps = tuple(others)
        case _:
            lines += _source_lines(select.source)
    for step in steps:
        if isinstance(step, Where):
            text, *more = laid_out("WHERE ", step.condition.tokens, "", WIDTH)
            lines.append(Line(text, step.start, step.condition.end, more=more))
        else:
            lines.append(Line(_window(step), step.start, step.end))
    return lines + _clause_lines(select.clauses)


def _clause_lines(clauses: Clauses) -> list[Line]:
    lines: list[Line] = []
    if (group := clauses.group_by) is not None:
        keys = ", ".join(map(_expression_text, group.keys))
        lines.append(Line(f"GROUP BY {keys}", group.start, group.keys[-1].end))
    if (having := clauses.having) is not None:
        text, *more = laid_out("HAVING ", having.condition.tokens, "", WIDTH)
        lines.append(Line(text, having.start, having.condition.end, more=more))
    if (order := clauses.order_by) is not None:
        keys = ", ".join(map(_order_key, order.keys))
        lines.append(Line(f"ORDER BY {keys}", order.start, order.end))
    if (limit := clauses.limit) is not None:
        lines.append(Line(f"LIMIT {limit.value}", limit.start, limit.end))
    if (offset := clauses.offset) is not None:
        lines.append(Line(f"OFFSET {offset.value}", offset.start, offset.end))
    if (emit := clauses.emit) is not None:
        lines.append(Line(_emit(emit), emit.start, emit.end))
    if (output := clauses.output) is not None:
        lines.append(Line(_output(output), output.start, output.end))
    return lines


def _order_key(key: OrderKey) -> str:
    direction = " DESC" if key.descending else ""
    return (
        f"{_expression_text(key.expression)}{direction}{' NULLS FIRST' if key.nulls_first else ''}"
    )


def _emit(emit: Emit) -> str:
    every = "" if emit.every_ms is None else f" {_duration(emit.every_ms)}"
    return f"EMIT {emit.mode.upper()}{every}"


def _output(output: Output) -> str:
    every = f"{output.rows} EVENTS" if output.every_ms is None else _duration(output.every_ms)
    return f"OUTPUT {output.mode.upper()} EVERY {every}"


def _items(select: Select) -> list[Line]:
    last = select.items[-1]
    lines: list[Line] = []
    for item in select.items:
        text, *more = _item(item, "" if item is last else ",")
        lines.append(Line(text, item.start, item.end, 1, more))
    return lines


def _item(item: SelectItem | Star, behind: str) -> list[str]:
    if isinstance(item, Star):
        return [f"{_name(item.qualifier)}.*{behind}" if item.qualifier else f"*{behind}"]
    alias = f" AS {_name(item.alias)}" if item.alias else ""
    return laid_out("", item.expression.tokens, alias + behind, WIDTH)


def _deduplicate(window: WindowSpec) -> str:
    keys = [
        _name(a.value) if isinstance(a.value, Name) else _expression_text(a.value)
        for a in window.arguments
        if isinstance(a.value, Name | Expr)
    ]
    (within,) = (a.value for a in window.arguments if isinstance(a.value, int))
    last = " KEEP LAST" if window.keep == "last" else ""
    return f"DEDUPLICATE BY {', '.join(keys)} WITHIN {_duration(within)}{last}"


def _window_function(stream: Name, window: WindowSpec) -> str:
    assert window.descriptor is not None, "it is one"
    called = next(name for name, f in WINDOW_FUNCTIONS.items() if f.window == window.kind)
    keys = [_name(a.value) for a in window.arguments if isinstance(a.value, Name)]
    of = f" PARTITION BY {', '.join(keys)}" if keys else ""
    durations = [_duration(a.value) for a in window.arguments if isinstance(a.value, int)]
    arguments = [f"TABLE {_name(stream)}{of}", f"DESCRIPTOR({_name(window.descriptor)})"]
    return f"{called}({', '.join(arguments + durations)})"


def _window(window: WindowSpec) -> str:
    if window.keep is not None:
        return _deduplicate(window)
    kind = WINDOW_KINDS[window.kind]
    kinds = {parameter.name: parameter.kind for parameter in kind.parameters}
    arguments = [string_text(kind.name)]
    for argument in window.arguments:
        match argument.value:
            case Name():
                arguments.append(_name(argument.value))
                if kinds[argument.parameter] == "ordered column":
                    arguments.append("'desc'" if argument.descending else "'asc'")
            case str():
                arguments.append(string_text(argument.value))
            case int() if kinds[argument.parameter] == "duration":
                arguments.append(_duration(argument.value))
            case _:
                arguments.append(str(argument.value))
    return f"WINDOW({', '.join(arguments)})"
