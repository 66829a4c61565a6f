"""Streams, triggers and views that a program defines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from eventflux.planner.known import Known
from eventflux.planner.own_functions import Functions
from eventflux.planner.scope import Shape
from eventflux.planner.streams import PutIn, StreamOption, declare
from eventflux.planner.triggers import trigger_stream
from eventflux.sql.ast import CreateStream, CreateTrigger, Statement, View
from eventflux.sql.sameness import said

_Definition: TypeAlias = CreateStream | CreateTrigger | View


class Declared(msgspec.Struct):
    """What the definitions of a program say beside the streams."""

    statements: list[Statement] = msgspec.field(default_factory=list)
    """All but those that define a name again."""
    options: dict[str, dict[str, StreamOption]] = msgspec.field(default_factory=dict)
    unclear_options: set[str] = msgspec.field(default_factory=set)
    """Streams not all of whose options are known, or what kind of stream they are."""


def declare_all(
    known: Known, statements: Sequence[Statement], functions: Functions, put_in: PutIn | None
) -> Declared:
    """Declare the streams and triggers; views are queries, of which the name is looked at."""
    found = Declared()
    first: dict[str, _Definition] = {}
    for statement in statements:
        if isinstance(statement, CreateStream | CreateTrigger | View):
            name = statement.name.text
            if name in first:
                _declared_again(known, statement, first[name])
                continue
            first[name] = statement
        found.statements.append(statement)
        if isinstance(statement, CreateTrigger):
            stream, problems = trigger_stream(known.source, statement, put_in)
            known.problems.extend(problems)
            known.streams[name], known.shapes[name] = stream, Shape(stream.schema)
        elif isinstance(statement, CreateStream):
            declared = declare(known.source, statement, put_in, functions)
            known.problems.extend(declared.problems)
            known.warnings.extend(declared.warnings)
            known.streams[name], known.shapes[name] = declared.stream, declared.shape
            if declared.options:
                found.options[name] = declared.options
            if not declared.options_known:
                found.unclear_options.add(name)
    return found


def _declared_again(known: Known, statement: _Definition, first: _Definition) -> None:
    name = statement.name
    place = known.source.position(first.name.start)
    others = {View: "view", CreateTrigger: "trigger"}
    kind = first.kind if isinstance(first, CreateStream) else others[type(first)]
    message = f"{kind} {name.text!r} is already defined at {place}"
    if not (
        isinstance(statement, CreateStream)
        and isinstance(first, CreateStream)
        and statement.if_not_exists
    ):
        known.refuse(name.start, message, "rename or remove one")
    elif _shape(statement) != _shape(first):
        known.warn(name.start, message + ", and otherwise: this definition is skipped")


def _shape(statement: CreateStream) -> tuple[object, ...]:
    """What a definition says, whatever its place in the text."""
    columns = [
        (column.name.text, column.type, column.not_null, column.metadata and column.metadata.name)
        for column in statement.columns
    ]
    mark = statement.watermark
    watermark = mark and (mark.column.text, mark.expression.tree)
    options = [(option.key, option.value) for option in statement.properties]
    return columns, watermark, options, said(statement.window)
