"""Declared streams: their columns, and the properties that the engine itself reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from eventflux.base.error_columns import whose_errors
from eventflux.base.errors import Diagnostic, OptionError
from eventflux.base.late_columns import whose_late
from eventflux.base.side_streams import owner_of
from eventflux.base.suggest import did_you_mean, nearest
from eventflux.base.types import Column, DataType, Schema
from eventflux.planner.binding.binder import Binder
from eventflux.planner.binding.windows import bind_window
from eventflux.planner.conversion import UNKNOWN
from eventflux.planner.describe import expression_text
from eventflux.planner.own_functions import Functions
from eventflux.planner.places import place_of
from eventflux.planner.plan import Place, Stream, Watermark
from eventflux.planner.scope import Scope, Shape
from eventflux.planner.windows import AnyWindow
from eventflux.spi.option_values import Secret
from eventflux.sql.ast import CreateStream, Property, TypeName, WatermarkDef
from eventflux.sql.source import Problem, SourceText

_ROLES = ("source", "sink", "internal")
_OWN = ("type", "extension", "format", "event.time")
_READ = {"type", "event.time"}
SETTING_NAMES = ("app", "checkpoint")
"""What no stream can be called: ``--set`` takes ``Stream.option`` and ``app.…`` alike."""


class StreamOption(msgspec.Struct, frozen=True):
    """One ``key = value`` of a stream's WITH clause. It is kept beside the plan, and as a
    :class:`Secret`: only the connector says which of its options are passwords."""

    text: Secret
    place: Place


class Declared(msgspec.Struct, frozen=True):
    """A definition as far as it could be understood."""

    stream: Stream
    shape: Shape
    options: dict[str, StreamOption]
    """The WITH properties but for ``type``, ``extension``, ``format`` and ``event.time``,
    which the stream holds."""
    options_known: bool
    """Whether all its options could be read, and say what kind of stream it is."""
    problems: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]


PutIn: TypeAlias = Callable[[str], str]
"""Gives a value with what its references (``${NAME}``) stand for, or an ``OptionError``."""


def declare(
    source: SourceText,
    statement: CreateStream,
    put_in: PutIn | None,
    functions: Functions,
) -> Declared:
    """Read a definition, with everything that is wrong in it.

    Of its options only ``type`` and ``event.time`` are looked into, as the plan depends on them.
    ``functions`` are those that a watermark may call.
    """
    return _Declaration(source, statement, put_in, functions).declared()


def is_reserved(name: str) -> bool:
    """Whether no program can define a stream of this name."""
    return name in SETTING_NAMES or owner_of(name) is not None


def reserved_name(name: str) -> tuple[str, str]:
    """Message and hint for a stream that is not to be called so."""
    message = f"no stream can be called {name!r}"
    if name in SETTING_NAMES:
        return message, f"settings are: SET {name}.… = …"
    kept = "errors" if whose_errors(name) else "connection"
    if whose_late(name):
        kept = "late rows"
    return message, f"it holds the {kept} of {owner_of(name)!r}; choose another name"


class _Declaration:
    def __init__(
        self,
        source: SourceText,
        statement: CreateStream,
        put_in: PutIn | None,
        functions: Functions,
    ) -> None:
        self.source = source
        self.put_in = put_in
        self.functions = functions
        self.statement = statement
        self.name = statement.name.text
        self.problems: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.options_known = not statement.options_lost

    def declared(self) -> Declared:
        untyped = frozenset(
            column.name.text for column in self.statement.columns if column.type is None
        )
        properties = self.properties()
        stream = self.stream(untyped, properties)
        shape = Shape(stream.schema, untyped, self.statement.columns_lost, stream.event_time)
        options = {
            key: StreamOption(Secret(option.value), place_of(self.source, option.start))
            for key, option in properties.items()
            if key not in _OWN and option.value is not None
        }
        problems, warnings = tuple(self.problems), tuple(self.warnings)
        return Declared(stream, shape, options, self.options_known, problems, warnings)

    def stream(self, untyped: frozenset[str], properties: dict[str, Property]) -> Stream:
        if is_reserved(self.name):
            self.report(self.statement.name.start, *reserved_name(self.name))
        schema = self.schema()
        role = self.role(properties)
        self.check_connector(role, properties)
        self.check_metadata(role)
        event_time = self.event_time(role, schema, untyped, properties)
        shape = Shape(schema, untyped, self.statement.columns_lost)
        watermark = self.watermark(role, shape)
        if watermark is not None and event_time is not None:
            self.report(
                properties["event.time"].start,
                f"{self.name} has both 'event.time' and a WATERMARK",
                f"leave 'event.time' out: the event time is {watermark.column!r} of WATERMARK FOR",
            )
        return Stream(
            name=self.name,
            schema=schema,
            role=role,  # type: ignore[arg-type]  # one of _ROLES
            extension=_text(properties, "extension"),
            format=_text(properties, "format"),
            event_time=event_time if watermark is None else watermark.column,
            declared=True,
            place=place_of(self.source, self.statement.start),
            binding_places={
                key: place_of(self.source, properties[key].value_start)
                for key in ("extension", "format")
                if key in properties
            },
            metadata_places={
                column.name.text: place_of(self.source, column.metadata.start)
                for column in self.statement.columns
                if column.metadata is not None
            },
            watermark=watermark,
            window=self.window(shape),
        )

    def report(self, offset: int, message: str, hint: str | None = None) -> None:
        self.problems.extend(self.source.problem(offset, message, hint).diagnostics)

    def schema(self) -> Schema:
        columns: dict[str, Column] = {}
        for column in self.statement.columns:
            name = column.name.text
            if name in columns:
                self.report(
                    column.name.start,
                    f"{self.name} has two columns called {name!r}",
                    "rename or remove one",
                )
                continue
            written = column.type or TypeName(DataType.STRING)
            columns[name] = Column(
                name,
                written.type,
                not column.not_null,
                None if column.metadata is None else column.metadata.name,
                written.digits,
            )
            if written.epoch is not None:
                message = f"{written.epoch} is LONG here: column {name!r} holds epoch milliseconds"
                hint = "TIMESTAMP reads and writes ISO-8601, too"
                self.warnings.append(self.source.warning(column.start, message, hint))
        return Schema(tuple(columns.values()))

    def check_metadata(self, role: str) -> None:
        """METADATA is what a connector knows of a message; a sink sets each once."""
        seen: set[str] = set()
        for column in self.statement.columns:
            if column.metadata is None:
                continue
            name, start = column.metadata.name, column.metadata.start
            if role == "internal" and self.options_known:
                self.report(
                    start,
                    f"{self.name} is neither source nor sink: its messages have no METADATA",
                    f"write {column.name} {column.type or 'type'} for a column like the others",
                )
            elif role == "sink" and name in seen:
                self.report(start, f"two columns of {self.name} set the METADATA {name!r}")
            seen.add(name)

    def properties(self) -> dict[str, Property]:
        """The properties that are set, by key."""
        properties: dict[str, Property] = {}
        seen: set[str] = set()
        for option in self.statement.properties:
            key = option.key.lower() if option.key.lower() in _OWN else option.key
            if key in seen:
                self.report(option.start, f"{self.name} sets {key!r} twice")
            seen.add(key)
            if option.value is not None:
                properties[key] = option
        for key in _READ & properties.keys():
            self.fill(properties, key)
        return properties

    def fill(self, properties: dict[str, Property], key: str) -> None:
        """Put into an option what its references stand for; it is unset if they can't be told."""
        option = properties.pop(key)
        try:
            value = option.value if self.put_in is None else self.put_in(option.value or "")
        except OptionError as error:
            self.report(option.start, f"{self.name}: '{key}': {error.message}", error.hint)
            self.options_known = False
        else:
            properties[key] = replace(option, value=value)

    def role(self, properties: dict[str, Property]) -> str:
        option = properties.get("type")
        if option is None:
            return "internal"
        role = (option.value or "").lower()
        if role not in _ROLES:
            message = (
                f"the type of {self.name} is 'source', 'sink' or 'internal', not {option.value!r}"
            )
            self.report(option.value_start, message, did_you_mean(role, _ROLES))
            self.options_known = False
            return "internal" if "extension" not in properties else "source"
        return role

    def check_connector(self, role: str, properties: dict[str, Property]) -> None:
        known = self.options_known
        if role == "internal":
            key = next((key for key in ("extension", "format") if key in properties), None)
            if key is not None and known:
                self.options_known = False
                close = nearest("type", properties)
                self.report(
                    properties[key].start,
                    f"{self.name} has {key!r} but is neither source nor sink",
                    f"did you mean 'type' in place of {close!r}?"
                    if close and "type" not in properties
                    else "write type = 'source' or type = 'sink'",
                )
        elif "extension" not in properties and known:
            close = nearest("extension", properties) or next(
                (key for key in properties if key.lower() == "connector"), None
            )
            hint = (
                f"{close!r} is not a property of streams; did you mean 'extension'?"
                if close
                else None
            )
            self.report(
                properties["type"].start,
                f"{self.name} is a {role} but names no extension",
                hint or "add extension = 'rabbitmq', or another connector",
            )
            self.options_known = False
        for key in ("extension", "format"):
            if key in properties and not (properties[key].value or "").strip():
                self.report(properties[key].value_start, f"the {key} of {self.name} is empty")

    def event_time(
        self,
        role: str,
        schema: Schema,
        untyped: frozenset[str],
        properties: dict[str, Property],
    ) -> str | None:
        option = properties.get("event.time")
        if option is None:
            return None
        column = schema.find(option.value or "")
        if role == "sink":
            self.report(
                option.start,
                "'event.time' has no meaning on a sink",
                "set it on the stream that rows enter by",
            )
        elif column is None and self.statement.columns_lost:
            return None
        elif column is None:
            message = f"'event.time' names {option.value!r}, which is no column of {self.name}"
            self.report(option.value_start, message, did_you_mean(option.value or "", schema.names))
        elif not holds_moments(column.type) and column.name not in untyped:
            message = (
                f"'event.time' needs a TIMESTAMP, LONG or INT column, "
                f"but {column.name!r} is {column.type}"
            )
            self.report(option.value_start, message, "epoch milliseconds")
        return option.value

    def watermark(self, role: str, shape: Shape) -> Watermark | None:
        """What ``WATERMARK FOR column AS expression`` says, if it is there and right."""
        written = self.statement.watermark
        if written is None:
            return None
        if role == "sink":
            self.report(
                written.start,
                "WATERMARK has no meaning on a sink",
                "declare it on the stream that rows enter by",
            )
        try:
            return self.bound_watermark(written, self.scope(shape))
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
            self.options_known = False
            return None

    def scope(self, shape: Shape) -> Scope:
        return Scope(self.source, self.name, None, shape.schema, shape.untyped, shape.open)

    def window(self, shape: Shape) -> AnyWindow | None:
        """That of CREATE WINDOW, if it is right."""
        if self.statement.window is None:
            return None
        try:
            return bind_window(self.statement.window, self.scope(shape), self.functions)
        except Problem as problem:
            self.problems.extend(problem.diagnostics)
            return None

    def bound_watermark(self, written: WatermarkDef, scope: Scope) -> Watermark:
        of = written.column
        column = scope.column(of.text, of.start)
        if column is not UNKNOWN and not holds_moments(column.type):
            raise self.source.problem(
                of.start,
                f"WATERMARK FOR needs a TIMESTAMP or LONG column, but {of.text!r} is {column.type}",
                "a LONG holds epoch milliseconds",
            )
        bound = Binder(scope, self.functions, "WATERMARK").expression(written.expression)
        if bound is not UNKNOWN and not holds_moments(bound.type):
            raise self.source.problem(
                written.expression.start,
                f"a watermark is a TIMESTAMP or epoch milliseconds (LONG), but "
                f"{expression_text(bound)} is {bound.type}",
                f"write {of.text} - INTERVAL '5' SECOND",
            )
        return Watermark(of.text, bound, place_of(self.source, written.start))


def holds_moments(data_type: DataType) -> bool:
    """Whether its values can be epoch milliseconds."""
    return data_type.is_integer or data_type is DataType.TIMESTAMP


def _text(properties: dict[str, Property], key: str) -> str | None:
    option = properties.get(key)
    return None if option is None else option.value
