"""The fast way to decode documents that rows are not the image of.

A struct with the document's shape is decoded in one step, typed, and one expression makes the
row of it. Like the typed decoder of rows it is stricter than the rules: what it takes they
take, with the same row. Where the shape can't say what the rules mean, there is no fast way.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from eventflux.base.rows import Row
from eventflux.base.types import Column, DataType, Schema, integer_range
from eventflux_mappers.json_paths import Node, paths_of, tree_of
from eventflux_mappers.json_values import Convert, converter, text_reader
from eventflux_mappers.options import JsonSourceOptions

Decode = Callable[[bytes], Any]

PLAIN = frozenset(
    {
        DataType.STRING, DataType.INT, DataType.LONG, DataType.FLOAT, DataType.DOUBLE,
        DataType.BOOL,
    }
)  # fmt: skip
"""Types whose typed decode does what the rules say."""


class Undecided(ValueError):
    """The rules must decide."""


def decoders(
    schema: Schema, row_type: type[Row], options: JsonSourceOptions
) -> tuple[Decode, Decode] | None:
    """What decodes an object to a row, and an array of them to rows; ``None``: the rules alone.

    Both raise what msgspec raises, or :class:`Undecided`.
    """
    if _rows_are_documents(schema, options):
        listed = list[row_type]  # type: ignore[valid-type]
        return msgspec.json.Decoder(row_type).decode, msgspec.json.Decoder(listed).decode
    if options.ignore_case:
        return None
    shape = _Shape(schema, row_type, options)
    tree = tree_of(paths_of(schema, options.mapping))
    if not shape.suits(tree):
        return None
    document = shape.struct_of(tree)
    make = shape.row_maker(tree)
    decode = msgspec.json.Decoder(document).decode
    decode_all = msgspec.json.Decoder(list[document]).decode  # type: ignore[valid-type]
    return (lambda payload: make(decode(payload))), (
        lambda payload: list(map(make, decode_all(payload)))
    )


def _rows_are_documents(schema: Schema, options: JsonSourceOptions) -> bool:
    """Whether the typed decode of a row does what the options say."""
    changed = options.mapping or options.ignore_case or options.fail_on_unknown_fields
    if changed or options.date_format is not None or options.coerce == "lenient":
        return False
    return all(column.type in PLAIN for column in schema.columns)


class _Shape:
    """Makes the struct of a tree of paths, and the expression that reads it."""

    def __init__(self, schema: Schema, row_type: type[Row], options: JsonSourceOptions) -> None:
        self._columns = schema.columns
        self._row_type = row_type
        self._options = options

    def suits(self, node: Node) -> bool:
        """Whether each value has one shape: it fills one column, or is an object, or an array
        of which one item is read."""
        shapes = len(node.columns) + bool(node.fields) + len(node.items)
        below = (*node.fields.values(), *node.items.values())
        return shapes <= 1 and all(map(self.suits, below))

    def struct_of(self, node: Node) -> Any:
        """The type that a value is decoded to."""
        if node.columns:
            return self._value_type(self._columns[node.columns[0]])
        for item in node.items.values():
            return list[self.struct_of(item)]  # type: ignore[misc]
        definitions: list[Any] = []
        for position, child in enumerate(node.fields.values()):
            kind = self.struct_of(child)
            default = self._default(child, kind)
            definitions.append((f"f{position}", kind, default))
        return msgspec.defstruct(
            "Document",
            definitions,
            rename={f"f{position}": name for position, name in enumerate(node.fields)},
            forbid_unknown_fields=self._options.fail_on_unknown_fields,
            gc=False,
        )

    def _value_type(self, column: Column) -> Any:
        kind: Any = column.type.python_type
        if column.type.python_type is Decimal:
            return msgspec.Raw  # a typed one would take strings, too
        if column.type.python_type is object:
            kind = Any
        elif kind is int:
            low, high = integer_range(column.type)
            kind = Annotated[int, msgspec.Meta(ge=low, le=high)]
        if self._text_reader(column) is not None:
            kind = kind | str
        return kind | None if column.nullable and kind is not Any else kind

    def _default(self, node: Node, kind: Any) -> Any:
        """What stands for a missing field."""
        if not node.columns:
            return msgspec.field(default_factory=list if node.items else kind)
        if kind is msgspec.Raw:
            return msgspec.Raw()
        if self._columns[node.columns[0]].nullable:
            return None
        return msgspec.field(default_factory=_refuse)

    def row_maker(self, tree: Node) -> Callable[[Any], Row]:
        """What makes a row of a decoded document."""
        texts = ["None"] * len(self._columns)
        bound: dict[str, Any] = {"make": self._row_type}
        waiting = [(tree, "document")]
        while waiting:
            node, text = waiting.pop()
            for position in node.columns:
                convert = self._conversion(self._columns[position])
                if convert is not None:
                    bound[f"convert_{position}"] = convert
                    text = f"convert_{position}({text})"
                texts[position] = text
            for position, child in enumerate(node.fields.values()):
                waiting.append((child, f"{text}.f{position}"))
            for position, child in node.items.items():
                waiting.append((child, f"{text}[{position}]"))
        # All names in the text are made here: no name or path of the user's is in it.
        make: Callable[[Any], Row] = eval(f"lambda document: make({', '.join(texts)})", bound)
        return make

    def _text_reader(self, column: Column) -> Callable[[str], Any] | None:
        if column.type.python_type is Decimal:
            return None
        return text_reader(column, self._options.coerce == "lenient", self._options.date_format)

    def _conversion(self, column: Column) -> Callable[[Any], Any] | None:
        """What makes the column's value of the decoded one; ``None``: it is the value."""
        if column.type.python_type is Decimal:
            lenient = self._options.coerce == "lenient"
            return _of_raw(converter(column, lenient, None), column.nullable)
        if column.type.python_type is object and not column.nullable:
            return _not_null
        read = self._text_reader(column)
        return None if read is None else _of_text(read)


def _of_raw(convert: Convert, nullable: bool) -> Callable[[msgspec.Raw], Any]:
    def read(raw: msgspec.Raw) -> Any:
        part = bytes(raw)
        if part and part != b"null":
            return convert(part)
        if not nullable:
            raise Undecided
        return None

    return read


def _of_text(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: read(value) if type(value) is str else value


def _not_null(value: Any) -> Any:
    if value is None:
        raise Undecided
    return value


def _refuse() -> Any:
    raise msgspec.ValidationError("missing")
