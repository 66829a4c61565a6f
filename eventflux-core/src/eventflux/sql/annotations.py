"""Annotations: ``@app:name('x')``, ``@info(name = 'q')``, ``@source(type = 't', @map(…))``.

Siddhi's programs have them; here they stand for what WITH and SET say. An annotation that
means nothing here is a warning, and to the printer a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from msgspec.structs import replace

from eventflux.sql.ast import CreateStream, Property, Query, Setting, Statement
from eventflux.sql.create import dotted, value_text
from eventflux.sql.cursor import Cursor
from eventflux.sql.lexer import Comment

_NO_NEED = "leave it out: rows are batched by themselves, and each stream has its bounds"


class Annotation(msgspec.Struct, frozen=True):
    """``@name(…)``; ``name`` is in lower case, with its part behind ``:``.

    ``values`` are its ``key = value`` pairs, the key of a value alone being empty; ``inner``
    are annotations among them.
    """

    name: str
    values: tuple[Property, ...]
    inner: tuple[Annotation, ...]
    start: int
    end: int

    def value(self, key: str) -> Property | None:
        return next((value for value in self.values if value.key.lower() == key), None)


class Annotations(msgspec.Struct):
    """What stands before a statement: settings of the app, and what the statement gets."""

    settings: list[Setting] = msgspec.field(default_factory=list)
    waiting: list[Annotation] = msgspec.field(default_factory=list)


def read_annotations(cursor: Cursor) -> Annotations:
    """All annotations that come next."""
    found = Annotations()
    while cursor.at("@"):
        annotation = _annotation(cursor)
        if annotation.name.partition(":")[0] == "app":
            found.settings.extend(_app_settings(cursor, annotation))
        else:
            found.waiting.append(annotation)
    return found


def _annotation(cursor: Cursor) -> Annotation:
    start = cursor.advance().start
    name = cursor.name("the name of the annotation").text.lower()
    if cursor.accept(":"):
        name = f"{name}:{cursor.name('the second part of its name').text.lower()}"
    values: list[Property] = []
    inner: list[Annotation] = []
    if cursor.accept("("):
        while not cursor.at(")"):
            if cursor.at("@"):
                inner.append(_annotation(cursor))
            else:
                values.append(_value(cursor))
            if not cursor.accept(",") and not cursor.at(")"):
                cursor.unexpected(", or ) in an annotation")
        cursor.advance()
    return Annotation(name, tuple(values), tuple(inner), start, cursor.read_to)


def _value(cursor: Cursor) -> Property:
    start, key = cursor.token.start, ""
    value: str | None
    if cursor.token.kind == "string" and cursor.ahead().upper == "=":
        key = cursor.advance().text
    elif cursor.token.is_name and cursor.ahead().upper in ("=", ".", "-"):
        key = dotted(cursor, "a value")
    if key:
        cursor.expect("=", f"after {key}")
    value_start = cursor.token.start
    if cursor.token.kind == "quoted":  # a text to Siddhi
        value, quoted = cursor.advance().text, True
    else:
        value, quoted = value_text(cursor)
    return Property(key, value, quoted, start, value_start, cursor.read_to)


def _app_settings(cursor: Cursor, annotation: Annotation) -> Iterator[Setting]:
    """The settings that ``@app:name('x')`` or ``@app(name = 'x')`` stand for."""
    _, _, part = annotation.name.partition(":")
    for given in annotation.values:
        if (part or given.key.lower()) == "name" and given.value is not None:
            yield Setting(
                "app.name", given.value, True, annotation.start, given.value_start, annotation.end
            )
        else:
            _warn(cursor, annotation, f"@{annotation.name}" if part else f"@app({given.key} = …)")
    if not annotation.values:
        _warn(cursor, annotation, f"@{annotation.name}")


def annotated(cursor: Cursor, found: Annotations, statement: Statement) -> Statement:
    """``statement`` with what the annotations before it say."""
    for annotation in found.waiting:
        meaning = _MEANINGS.get(annotation.name)
        changed = None if meaning is None else meaning(cursor, annotation, statement)
        if changed is None:
            _warn(cursor, annotation, f"@{annotation.name}")
        else:
            statement = changed
    return statement


def _warn(cursor: Cursor, annotation: Annotation, name: str, hint: str | None = None) -> None:
    """Warn of an annotation, and keep it as a comment."""
    cursor.warn(annotation.start, f"the annotation {name} means nothing here", hint)
    text = " ".join(cursor.source.sql[annotation.start : annotation.end].split())
    cursor.comments.append(Comment(f"-- {text}", annotation.start))


def _info(cursor: Cursor, annotation: Annotation, statement: Statement) -> Statement | None:
    name = annotation.value("name")
    if not isinstance(statement, Query) or name is None or len(annotation.values) > 1:
        return None
    option = replace(name, key="name", quoted=True)
    return replace(statement, options=(*statement.options, option))


def _hint(cursor: Cursor, annotation: Annotation, statement: Statement) -> Statement | None:
    if not isinstance(statement, CreateStream):
        return None
    _warn(cursor, annotation, f"@{annotation.name}", _NO_NEED)
    return statement


def _connector(cursor: Cursor, annotation: Annotation, statement: Statement) -> Statement | None:
    """``@source(type = 'rabbitmq', queue = 'q', @map(type = 'json'))`` as options of WITH."""
    kind = annotation.value("type")
    if not isinstance(statement, CreateStream) or statement.window or kind is None:
        return None
    mappers = [inner for inner in annotation.inner if inner.name == "map"]
    for inner in annotation.inner:
        if inner.name != "map":
            _warn(cursor, inner, f"@{inner.name} in @{annotation.name}")
    role = replace(kind, key="type", value=annotation.name, quoted=True)
    options = [role, *_options(annotation, "extension")]
    for mapper in mappers:
        if mapper.value("type") is None:
            raise cursor.source.problem(mapper.start, "@map names no type", "@map(type = 'json')")
        options.extend(_options(mapper, "format"))
    return replace(statement, properties=(*statement.properties, *options))


def _options(annotation: Annotation, key: str) -> Iterator[Property]:
    """The values of an annotation as options; its type is that of ``key``, and what the
    others are called begins with it."""
    kind = annotation.value("type")
    prefix = f"{kind.value if kind is not None else ''}."
    for value in annotation.values:
        if value is kind:
            yield replace(value, key=key, quoted=True)
        else:
            name = value.key if value.key.startswith(prefix) else prefix + value.key
            yield replace(value, key=name)


_MEANINGS: dict[str, Callable[[Cursor, Annotation, Statement], Statement | None]] = {
    "info": _info,
    "async": _hint,
    "source": _connector,
    "sink": _connector,
}


def applies_to_nothing(cursor: Cursor, found: Annotations) -> None:
    """Refuse annotations behind which no statement stands."""
    for annotation in found.waiting:
        cursor.note(
            cursor.source.problem(
                annotation.start,
                f"no statement stands behind @{annotation.name}",
                "an annotation stands right before what it is about, without a ; between",
            )
        )
