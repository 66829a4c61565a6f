"""JSON payloads to rows: examples of each rule, and properties over arbitrary payloads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventflux.base.rows import Row, row_type, values_of
from eventflux.base.types import Column, DataType, Schema
from eventflux.spi import Decoded, MapperContext, SourceMapper
from eventflux_mappers.json_rules import JsonRules, PayloadError
from eventflux_mappers.options import JsonSourceOptions
from eventflux_mappers.plugin import JsonSourceMapperFactory

ALL_TYPES = Schema(
    (
        Column("text", DataType.STRING),
        Column("small", DataType.INT),
        Column("big", DataType.LONG),
        Column("ratio", DataType.FLOAT),
        Column("amount", DataType.DOUBLE),
        Column("flag", DataType.BOOL),
    )
)
STRICT = Schema((Column("id", DataType.LONG, nullable=False), Column("note", DataType.STRING)))


def mapper(schema: Schema) -> SourceMapper:
    context = MapperContext("Input", schema, row_type("Input", schema))
    return JsonSourceMapperFactory().create(JsonSourceOptions.parse({}), context)


def one_column(data_type: DataType, *, nullable: bool = True) -> Schema:
    return Schema((Column("x", data_type, nullable),))


def rows_of(decoded: Decoded) -> list[tuple[Any, ...]]:
    return [values_of(row) for row in decoded.rows]


def typed(row: Row) -> str:
    """The values with their Python types: 1, 1.0 and True are different."""
    return repr(values_of(row))


def value_of(data_type: DataType, text: str) -> Any:
    decoded = mapper(one_column(data_type)).decode([b'{"x": ' + text.encode() + b"}"])
    assert not decoded.errors
    ((value,),) = rows_of(decoded)
    return value


def error_of(schema: Schema, payload: bytes) -> str:
    decoded = mapper(schema).decode([payload])
    assert decoded.rows == []
    (error,) = decoded.errors
    assert error.index == 0
    return error.message


@pytest.mark.parametrize(
    ("data_type", "text", "expected"),
    [
        (DataType.STRING, '"a\\u00e9\\n\\ud83d\\ude00"', "aé\n😀"),
        (DataType.STRING, "1.50", "1.50"),
        (DataType.STRING, "1e3", "1e3"),
        (DataType.STRING, "123456789012345678901234567890", "123456789012345678901234567890"),
        (DataType.STRING, "true", "true"),
        (DataType.STRING, '{ "a" : [1.0, "b c"] }', '{"a":[1.0,"b c"]}'),
        (DataType.STRING, "[ ]", "[]"),
        (DataType.STRING, "null", None),
        (DataType.INT, "2147483647", 2147483647),
        (DataType.INT, "-2147483648", -2147483648),
        (DataType.INT, "1.0", 1),
        (DataType.INT, "-0.0", 0),
        (DataType.INT, "1e2", 100),
        (DataType.INT, "12300e-2", 123),
        (DataType.INT, "0e999999999", 0),
        (DataType.LONG, "9223372036854775807", 9223372036854775807),
        (DataType.LONG, "9223372036854775807.0", 9223372036854775807),
        (DataType.LONG, "-9223372036854775808", -9223372036854775808),
        (DataType.DOUBLE, "1", 1.0),
        (DataType.DOUBLE, "0.1", 0.1),
        (DataType.DOUBLE, "1" + "0" * 30, 1e30),
        (DataType.FLOAT, "-2.5e-3", -0.0025),
        (DataType.BOOL, "true", True),
        (DataType.BOOL, "false", False),
    ],
)
def test_each_type_takes(data_type: DataType, text: str, expected: Any) -> None:
    value = value_of(data_type, text)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("data_type", "text", "got"),
    [
        (DataType.INT, "2147483648", "number 2147483648, which is not in the range"),
        (DataType.INT, "1.5", "number 1.5"),
        (DataType.INT, "0.999999999999999999999999", "number 0.999999999999999999999999"),
        (DataType.INT, '"5"', 'string "5"'),
        (DataType.INT, "true", "boolean true"),
        (DataType.INT, "[1]", "array [1]"),
        (DataType.LONG, "9223372036854775808", "which is not in the range"),
        (DataType.LONG, "9223372036854775807.5", "number 9223372036854775807.5"),
        (DataType.LONG, "1e999999999", "number 1e999999999, which is not in the range"),
        (DataType.LONG, "1e99999999999999999999", "out of range"),
        (DataType.LONG, "1e-999999999", "number 1e-999999999"),
        (DataType.LONG, "9" * 100, "number " + "9" * 40 + "…"),
        (DataType.DOUBLE, "1e400", "number 1e400, which is out of range"),
        (DataType.DOUBLE, "9" * 400, "out of range"),
        (DataType.DOUBLE, '"x"', 'string "x"'),
        (DataType.DOUBLE, "false", "boolean false"),
        (DataType.FLOAT, '{"a":1}', 'object {"a":1}'),
        (DataType.BOOL, "1", "number 1"),
        (DataType.BOOL, '"true"', 'string "true"'),
        (DataType.STRING, "[" * 33 + "]" * 33, "array of more than 32 levels"),
    ],
)
def test_each_type_refuses_by_path(data_type: DataType, text: str, got: str) -> None:
    message = error_of(one_column(data_type), b'{"x": ' + text.encode() + b"}")
    assert message.startswith(f"$.x: expected {data_type}, got ")
    assert got in message
    assert len(message) < 200


def test_nested_json_is_kept_up_to_32_levels_whatever_its_strings_hold() -> None:
    kept = "[" * 31 + '{"]":"[[[[\\"[["}' + "]" * 31
    assert value_of(DataType.STRING, kept) == kept


def test_fields_are_found_by_exact_name_in_any_order() -> None:
    payloads = [b'{"note": "n", "unknown": {"deep": [1, {}]}, "id": 7}', b'{"id": 8, "NOTE": "x"}']
    assert rows_of(mapper(STRICT).decode(payloads)) == [(7, "n"), (8, None)]


def test_the_last_of_repeated_fields_counts() -> None:
    decoded = mapper(STRICT).decode([b'{"id": 1, "id": 2}', b'{"id": "x", "id": 3}'])
    assert rows_of(decoded) == [(2, None), (3, None)]
    assert not decoded.errors


@pytest.mark.parametrize(("payload", "got"), [(b"{}", "nothing"), (b'{"id": null}', "null")])
def test_a_not_null_column_needs_a_value(payload: bytes, got: str) -> None:
    assert error_of(STRICT, payload) == f"$.id: expected LONG NOT NULL, got {got}"


def test_names_that_are_no_identifiers_are_quoted_in_paths() -> None:
    schema = Schema((Column("unit price", DataType.INT), Column("größe", DataType.INT)))
    assert error_of(schema, b'{"unit price": "x"}').startswith('$["unit price"]: expected INT')
    assert error_of(schema, '{"größe": 1.5}'.encode()).startswith("$.größe: expected INT")
    decoded = mapper(schema).decode(['{"größe": 4, "unit price": 3}'.encode()])
    assert rows_of(decoded) == [(3, 4)]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "the payload is empty, expected a JSON object"),
        (b" \n", "the payload is empty, expected a JSON object"),
        (b"5", "$: expected an object or an array of objects, got number 5"),
        (b'"text"', '$: expected an object or an array of objects, got string "text"'),
        (b"null", "$: expected an object or an array of objects, got null"),
        (b'{"id": 1', "not valid JSON: it ends too early"),
        (b'{"id": NaN}', "not valid JSON: "),
        (b'{"id": Infinity}', "not valid JSON: "),
        (b'{"id": 01}', "not valid JSON: "),
        (b"{'id': 1}", "not valid JSON: "),
        (b'{"id": 1}{"id": 2}', "not valid JSON: "),
        (b'{"id": 1,}', "not valid JSON: "),
        (b'{"id": 1, "note": "a\nb"}', "not valid JSON: "),
        (b'{"id": 1, "note": "\xff"}', "$.note: expected STRING, got string that is not valid"),
        (b'{"id": 1, "note": {"a": "\xff"}}', "$.note: expected STRING, got object that is not"),
        (b'{"id": 1, "note": "\\ud800 lone"}', "not valid JSON: "),
        (b'{"id":' + b"[" * 5000 + b"]" * 5000 + b"}", "the payload is nested too deeply"),
        (b'[{"id": 1}, 5]', "$[1]: expected an object, got number 5"),
        (b'[{"id": 1}, {"id": "x"}]', '$[1].id: expected LONG, got string "x"'),
        (b'[{"id": 1}, {}]', "$[1].id: expected LONG NOT NULL, got nothing"),
        (b'[{"id": 1},]', "not valid JSON: "),
    ],
)
def test_a_payload_without_rows_says_why(payload: bytes, message: str) -> None:
    assert error_of(STRICT, payload).startswith(message)


def test_a_bad_payload_leaves_its_neighbours_alone() -> None:
    decoded = mapper(STRICT).decode([b'{"id": 1}', b"{", b'{"id": 2.0}', b"", b'{"id": 3}'])
    assert rows_of(decoded) == [(1, None), (2, None), (3, None)]
    assert [error.index for error in decoded.errors] == [1, 3]
    assert decoded.origins is None


def test_an_array_gives_a_row_for_each_object() -> None:
    decoded = mapper(STRICT).decode(
        [b'{"id": 1}', b'[{"id": 2}, {"id": 3.0}]', b"[]", b"[5]", b' [{"id": 4}]', b'{"id": 5}']
    )
    assert rows_of(decoded) == [(1, None), (2, None), (3, None), (4, None), (5, None)]
    assert decoded.origins == [0, 1, 1, 4, 5]
    assert [error.index for error in decoded.errors] == [3]


def test_pieces_of_payloads_never_make_a_row_together() -> None:
    # Joined by line ends these three would read as three values.
    decoded = mapper(STRICT).decode([b'{"id":1}{"id":2}', b'{"id":', b"3}"])
    assert decoded.rows == []
    assert [error.index for error in decoded.errors] == [0, 1, 2]


# Properties

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
names = st.sampled_from([*ALL_TYPES.names, "other", "", "Text"])
fitting = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=5),
        "small": st.integers(-(2**31), 2**31 - 1),
        "big": st.integers(-(2**63), 2**63 - 1),
        "ratio": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
        "amount": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-10, 10),
        "flag": st.booleans(),
        "other": json_values,
    },
)
objects = fitting | st.dictionaries(names, json_values, max_size=6)
documents = objects | st.lists(objects, max_size=3) | json_values


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """Valid documents, valid ones that were damaged, and noise."""
    text = json.dumps(
        draw(documents),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, None, None, 1])),
        separators=draw(st.sampled_from([None, (",", ":")])),
    ).encode("utf-8", "surrogatepass")
    damage = draw(st.sampled_from(["none", "none", "none", "cut", "insert", "noise"]))
    if damage == "noise":
        return draw(st.binary(max_size=20))
    at = draw(st.integers(0, len(text)))
    if damage == "cut":
        return text[:at]
    if damage == "insert":
        noise = draw(st.sampled_from([b"}", b"{", b"\n", b",", b"\xff", b'"', b"1", b"[", b"\x00"]))
        return text[:at] + noise + text[at:]
    return text


@given(payloads())
@example(b'{"amount": 1e-400}')
@example(b'{"amount": 4.9406564584124654e-324}')
@example(b'{"amount": 2.2250738585072011e-308}')
@example(b'{"amount": 9007199254740993}')
@example(b'{"ratio": -0}')
@example(b'{"small": -0}')
@example(b'{"te\\u0078t": "a", "text": null}')
@example(b'{"\xff": 1, "other": "\xff"}')
def test_the_fast_way_takes_only_what_the_rules_take(payload: bytes) -> None:
    row_class = row_type("Input", ALL_TYPES)
    context = MapperContext("Input", ALL_TYPES, row_class)
    decoded = (
        JsonSourceMapperFactory().create(JsonSourceOptions.parse({}), context).decode([payload])
    )
    assert by_payload(decoded, 1) == [_by_rules_alone(row_class, payload)]


def _by_rules_alone(row_class: type[Row], payload: bytes) -> list[str]:
    try:
        return [
            typed(row)
            for row in JsonRules(ALL_TYPES, row_class, JsonSourceOptions.parse({})).rows(payload)
        ]
    except PayloadError as error:
        return [str(error)]


@given(payloads())
def test_every_payload_gives_rows_or_an_error_that_names_a_place(payload: bytes) -> None:
    decoded = mapper(ALL_TYPES).decode([payload])
    if decoded.errors:
        (error,) = decoded.errors
        assert decoded.rows == []
        assert error.message.startswith(("$", "the payload", "not valid JSON: "))
    else:
        assert len(decoded.rows) == 1 or payload.strip().startswith(b"[")


@given(documents)
def test_valid_documents_agree_with_the_standard_library(document: Any) -> None:
    payload = json.dumps(document).encode()
    decoded = mapper(ALL_TYPES).decode([payload])
    items = document if isinstance(document, list) else [document]
    if all(isinstance(item, dict) for item in items) and all(
        _fits(column, item.get(column.name)) for item in items for column in ALL_TYPES.columns
    ):
        assert not decoded.errors
        for item, row in zip(items, decoded.rows, strict=True):
            for column, value in zip(ALL_TYPES.columns, values_of(row), strict=True):
                given_value = item.get(column.name)
                if column.type is DataType.STRING and not isinstance(given_value, str | None):
                    assert json.loads(value) == given_value
                elif column.type.is_integer and isinstance(given_value, float):
                    assert value == int(Decimal(json.dumps(given_value)))  # the text counts
                elif isinstance(value, float):
                    assert value == float(given_value)  # the nearest there is
                else:
                    assert value == given_value
    else:
        assert decoded.errors


def _fits(column: Column, value: Any) -> bool:
    """Whether ``value`` goes into the nullable ``column``, said once more and simply."""
    if value is None or column.type is DataType.STRING:
        return True
    if column.type is DataType.BOOL or isinstance(value, bool):
        return column.type is DataType.BOOL and isinstance(value, bool)
    if not isinstance(value, int | float):
        return False
    if column.type.is_floating:
        return abs(value) < 2**1024 - 2**970
    bits = 31 if column.type is DataType.INT else 63
    return value == int(value) and -(2**bits) <= value < 2**bits


def by_payload(decoded: Decoded, count: int) -> list[list[str]]:
    """For each payload its rows, or its error."""
    found: list[list[str]] = [[] for _ in range(count)]
    failed = {error.index for error in decoded.errors}
    origins = decoded.origins
    if origins is None:
        origins = [index for index in range(count) if index not in failed]
    for origin, row in zip(origins, decoded.rows, strict=True):
        found[origin].append(typed(row))
    for error in decoded.errors:
        found[error.index].append(error.message)
    return found


@given(st.lists(payloads(), max_size=8), st.data())
def test_batch_cuts_change_nothing(batch: Sequence[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(batch)))
    decoder = mapper(ALL_TYPES)
    whole = by_payload(decoder.decode(batch), len(batch))
    first = by_payload(decoder.decode(batch[:cut]), cut)
    second = by_payload(decoder.decode(batch[cut:]), len(batch) - cut)
    assert whole == first + second
