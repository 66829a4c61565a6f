"""What a JSON payload means for a schema; this alone decides what is an error.

- Without mappings fields are found by their exact name. Unknown ones are ignored, of repeated
  ones the last counts, and a missing one is NULL like a ``null``; both are errors for a NOT NULL
  column.
- INT and LONG take numbers that are integral and in range (``1.0`` and ``1e2`` too), FLOAT
  and DOUBLE numbers, DECIMAL numbers that fit its digits, BOOL ``true`` and ``false``, TIMESTAMP
  ISO-8601 texts and numbers, BYTES base64, OBJECT anything; STRING takes strings, and of numbers
  and booleans their text, of objects and arrays compact JSON of at most 32 levels.
- An array of objects gives one row for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from eventflux.base.rows import Row
from eventflux.base.types import Schema
from eventflux_mappers.json_paths import Node, Path, path_text, paths_of, tree_of
from eventflux_mappers.json_values import converter, shown
from eventflux_mappers.options import JsonSourceOptions
from eventflux_mappers.values import Unfit

_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


class PayloadError(Exception):
    """Why a payload gives no rows: the path of the field, what was expected, what was there."""


class JsonRules:
    """Decodes one payload at a time, slowly and with exact errors."""

    def __init__(self, schema: Schema, row_type: type[Row], options: JsonSourceOptions) -> None:
        self._row_type = row_type
        self._columns = schema.columns
        self._paths = paths_of(schema, options.mapping)
        lenient = options.coerce == "lenient"
        self._convert = [converter(c, lenient, options.date_format) for c in schema.columns]
        self._root = _Reader(tree_of(self._paths), options)
        self._split_array = msgspec.json.Decoder(list[msgspec.Raw]).decode

    def rows(self, payload: bytes) -> list[Row]:
        """The rows of a payload.

        Raises:
            PayloadError: the payload gives none.
        """
        first = payload.lstrip()[:1]
        try:
            if first == b"{":
                return [self._row(payload, ())]
            if first == b"[":
                elements = [bytes(element) for element in self._split_array(payload)]
                return [self._element(e, (i,)) for i, e in enumerate(elements)]
            if not first:
                raise PayloadError("the payload is empty, expected a JSON object")
            msgspec.json.decode(payload, type=msgspec.Raw)
        except RecursionError as error:
            raise PayloadError("the payload is nested too deeply") from error
        except UnicodeDecodeError as error:
            raise PayloadError(f"the payload is not valid UTF-8 ({error.reason})") from error
        except msgspec.DecodeError as error:
            raise PayloadError(_malformed(error)) from error
        raise PayloadError(f"$: expected an object or an array of objects, got {shown(payload)}")

    def _element(self, element: bytes, place: Path) -> Row:
        if not element.startswith(b"{"):
            raise PayloadError(f"{path_text(place)}: expected an object, got {shown(element)}")
        return self._row(element, place)

    def _row(self, text: bytes, place: Path) -> Row:
        parts: dict[int, bytes] = {}
        self._root.read(text, place, parts)
        return self._row_type(
            *[self._value(at, parts.get(at, b""), place) for at in range(len(self._columns))]
        )

    def _value(self, position: int, part: bytes, place: Path) -> Any:
        """The value of a column from its JSON text, empty when the field is missing."""
        column = self._columns[position]
        if part and part != b"null":
            try:
                return self._convert[position](part)
            except Unfit as unfit:
                raise PayloadError(
                    f"{self._where(position, place)}: expected {column.type_text}, got {unfit}"
                ) from None
        if column.nullable:
            return None
        found = "null" if part else "nothing"
        raise PayloadError(
            f"{self._where(position, place)}: expected {column.type_text} NOT NULL, got {found}"
        )

    def _where(self, position: int, place: Path) -> str:
        return path_text((*place, *(self._paths[position] or ())))


class _Reader:
    """Takes the parts that columns need out of one value of a document, and out of those below."""

    def __init__(self, node: Node, options: JsonSourceOptions) -> None:
        self._node = node
        self._ignore_case = options.ignore_case
        self._strict = options.fail_on_unknown_fields
        self._fields = {name: _Reader(child, options) for name, child in node.fields.items()}
        self._items = {at: _Reader(child, options) for at, child in node.items.items()}
        keys = [f"field_{position}" for position in range(len(node.fields))]
        parts = msgspec.defstruct(
            "Parts",
            [(key, msgspec.Raw, msgspec.Raw()) for key in keys],
            rename=dict(zip(keys, node.fields, strict=True)),
            forbid_unknown_fields=self._strict,
        )
        self._split = msgspec.json.Decoder(parts).decode
        self._split_any = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
        self._split_array = msgspec.json.Decoder(list[msgspec.Raw]).decode

    def read(self, part: bytes, place: Path, into: dict[int, bytes]) -> None:
        """Note the JSON text of each column at or below ``part``.

        Raises:
            PayloadError: a field has no column, or two that it could be.
        """
        for position in self._node.columns:
            into[position] = part
        if self._fields and part.lstrip()[:1] == b"{":
            for name, found in self._parts(part, place).items():
                self._fields[name].read(found, place, into)
        elif self._items and part.lstrip()[:1] == b"[":
            elements = self._split_array(part)
            for at, reader in self._items.items():
                if at < len(elements):
                    reader.read(bytes(elements[at]), place, into)

    def _parts(self, part: bytes, place: Path) -> Mapping[str, bytes]:
        """The fields that are read and there."""
        if self._ignore_case:
            return self._parts_in_any_case(part, place)
        try:
            values = map(bytes, msgspec.structs.astuple(self._split(part)))
        except msgspec.ValidationError as error:
            raise self._unknown(str(error), place) from None
        return {n: v for n, v in zip(self._fields, values, strict=True) if v}

    def _parts_in_any_case(self, part: bytes, place: Path) -> Mapping[str, bytes]:
        """Exact matches first, else the only one without case."""
        fields = self._split_any(part)
        found: dict[str, bytes] = {}
        used: set[str] = set()
        for name in self._fields:
            matches = [name] if name in fields else _folded_matches(name, fields)
            if len(matches) > 1:
                where = path_text((*place, *self._node.path, name))
                raise PayloadError(
                    f"{where}: expected one field, got several: " + ", ".join(map(repr, matches))
                )
            for match in matches:
                used.add(match)
                found[name] = bytes(fields[match])
        if self._strict:
            for name in fields:
                if name not in used:
                    raise self._unknown(f"Object contains unknown field `{name}`", place)
        return found

    def _unknown(self, message: str, place: Path) -> PayloadError:
        where = path_text((*place, *self._node.path))
        name = _UNKNOWN_FIELD.match(message)
        if name is None:
            return PayloadError(f"{where}: {message}")
        known = ", ".join(map(repr, self._fields))
        return PayloadError(f"{where}: expected only {known}, got an unknown field {name[1]!r}")


def _folded_matches(name: str, fields: Mapping[str, Any]) -> list[str]:
    folded = name.casefold()
    return [field for field in fields if field.casefold() == folded]


def _malformed(error: msgspec.DecodeError) -> str:
    reason = str(error).removeprefix("JSON is malformed: ")
    if reason == "Input data was truncated":
        reason = "it ends too early"
    return f"not valid JSON: {reason}"
