"""Rows to JSON."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eventflux.base.rows import row_type, values_of
from eventflux.base.types import Column, DataType, Schema
from eventflux.spi import Encoded, MapperContext
from eventflux_mappers.options import JsonSinkOptions, JsonSourceOptions
from eventflux_mappers.plugin import JsonSinkMapperFactory, JsonSourceMapperFactory

SCHEMA = Schema(
    (
        Column("order id", DataType.STRING),
        Column("class", DataType.LONG),
        Column("amount", DataType.DOUBLE),
        Column("flag", DataType.BOOL),
    )
)
CONTEXT = MapperContext("Output", SCHEMA, row_type("Output", SCHEMA))


def encode(*rows: tuple[Any, ...]) -> Encoded:
    mapper = JsonSinkMapperFactory().create(JsonSinkOptions.parse({}), CONTEXT)
    return mapper.encode([CONTEXT.row_type(*values) for values in rows])


def test_columns_are_written_by_name_and_in_order() -> None:
    encoded = encode(("o-1", 2, 100.0, True), (None, None, None, None))
    assert encoded.payloads == [
        b'{"order id":"o-1","class":2,"amount":100.0,"flag":true}',
        b'{"order id":null,"class":null,"amount":null,"flag":null}',
    ]
    assert not encoded.errors


def test_a_number_that_json_has_not_is_null() -> None:
    encoded = encode(("a", 1, math.nan, None), ("b", 2, math.inf, None), ("c", 3, -math.inf, None))
    assert [b'"amount":null' in payload for payload in encoded.payloads] == [True] * 3


def test_line_ends_in_values_do_not_cut_a_message() -> None:
    encoded = encode(("a\nb", 1, 1.0, True), ("\r\u2028", 2, 2.0, False))
    assert len(encoded.payloads) == 2
    assert b'"order id":"a\\nb"' in encoded.payloads[0]


def test_no_rows_and_one_row() -> None:
    assert encode().payloads == []
    assert len(encode(("a", 1, 1.0, True)).payloads) == 1


def test_a_row_that_is_no_text_fails_alone_and_names_its_column() -> None:
    encoded = encode(("a", 1, 1.0, True), ("\ud800", 2, 2.0, True), ("c", 3, 3.0, True))
    assert [payload[:15] for payload in encoded.payloads] == [
        b'{"order id":"a"',
        b'{"order id":"c"',
    ]
    (error,) = encoded.errors
    assert error.index == 1
    assert error.message.startswith("column 'order id': ")
    (error,) = encode(("\ud800", 2, 2.0, True)).errors
    assert error.index == 0


values = st.tuples(
    st.none() | st.text(),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.booleans(),
)


@given(st.lists(values, max_size=5))
def test_what_is_written_is_read_again(rows: list[tuple[Any, ...]]) -> None:
    source = JsonSourceMapperFactory().create(JsonSourceOptions.parse({}), CONTEXT)
    decoded = source.decode(encode(*rows).payloads)
    assert not decoded.errors
    assert [repr(values_of(row)) for row in decoded.rows] == [repr(row) for row in rows]
