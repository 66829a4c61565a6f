"""Any payload gives rows of the declared types, or an error that names the place."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux import EventFluxManager
from eventflux.base.errors import OptionError
from eventflux.base.rows import row_type, values_of
from eventflux.base.types import Column, DataType, Schema, integer_range
from eventflux.spi import Decoded, MapperContext, SourceMapper

from .profile import examples
from .texts import ODD

MAPPERS = EventFluxManager().context.source_mapper_factories
NAMES = sorted(MAPPERS)
COLUMNS = tuple(
    Column(f"{data_type.value.lower()}_{'maybe' if nullable else 'must'}", data_type, nullable)
    for data_type in DataType
    for nullable in (True, False)
)


def schemas_for(name: str) -> list[Schema]:
    """The schemas that a mapper works with: one column of each type, and as many as it takes."""
    found = []
    for columns in (COLUMNS, *((column,) for column in COLUMNS)):
        schema = Schema(tuple(columns))
        try:
            mapper_for(name, schema)
        except OptionError:
            continue
        found.append(schema)
    assert found, f"{name} takes none of the schemas"
    return found


def mapper_for(name: str, schema: Schema) -> SourceMapper:
    factory = MAPPERS[name]
    context = MapperContext("S", schema, row_type("S", schema))
    return factory.create(factory.options.parse({}), context)


PREPARED = {
    name: [(schema, mapper_for(name, schema)) for schema in schemas_for(name)] for name in NAMES
}

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**31, 2**31 - 1, -(2**31) - 1, 2**63, 2**63 - 1, -(2**63) - 1, 10**40]),
    st.floats(),
    st.text(max_size=10),
    st.sampled_from([*ODD, "2024-02-30T25:00:00Z", "2024-02-29T12:00:00Z", "1.5", "NaN", "true"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.sampled_from([column.name for column in COLUMNS]) | st.text(max_size=5)
OBJECTS = st.dictionaries(FIELDS, VALUES, max_size=8)
DOCUMENTS = OBJECTS | st.lists(OBJECTS, max_size=3) | VALUES


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def as_csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["" if value is None else value for value in row] for row in rows])
    return text.getvalue().encode("utf-8", "surrogatepass")


CSV = st.lists(st.lists(SCALARS, min_size=1, max_size=len(COLUMNS)), max_size=3).map(as_csv)


@st.composite
def spoiled(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """A payload with some of its bytes changed, left out or put in."""
    payload = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(payload)))
        if draw(st.booleans()):
            del payload[at : at + draw(st.integers(1, 4))]
        else:
            payload[at:at] = draw(
                st.sampled_from([one.encode() for one in ODD]) | st.binary(max_size=3)
            )
    return bytes(payload)


GOOD = DOCUMENTS.map(as_json) | CSV
DEEP = st.sampled_from(
    [b"[" * 2000, b'{"a":' * 2000, b"[" * 2000 + b"]" * 2000, b'{"a":' * 500 + b"1" + b"}" * 500]
)
NUMBERS = st.sampled_from(["9" * 5000, "1e99999", "-" + "9" * 400, "0." + "9" * 5000])
NUMBER_FIELDS = st.tuples(FIELDS, NUMBERS).map(
    lambda pair: f'{{"{pair[0]}": {pair[1]}}}'.encode("utf-8", "replace")
)
ROOT_NUMBERS = NUMBERS.map(str.encode)
PAYLOADS = ROOT_NUMBERS | st.binary(max_size=60) | GOOD | spoiled(GOOD) | DEEP | NUMBER_FIELDS


def check_value(column: Column, value: Any) -> None:
    if value is None:
        assert column.nullable, column
        return
    if column.type is getattr(DataType, "OBJECT", None):
        return
    expected = column.type.python_type
    assert type(value) is expected, (column, value)
    if isinstance(value, int) and column.type.is_integer:
        low, high = integer_range(column.type)
        assert low <= value <= high, (column, value)


def check_decoded(schema: Schema, payloads: Sequence[bytes], decoded: Decoded) -> None:
    for row in decoded.rows:
        for column, value in zip(schema.columns, values_of(row), strict=True):
            check_value(column, value)
    bad = {error.index for error in decoded.errors}
    assert all(0 <= index < len(payloads) for index in bad)
    if decoded.origins is None:
        assert len(decoded.rows) + len(bad) == len(payloads)
    else:
        assert len(decoded.origins) == len(decoded.rows)
        assert list(decoded.origins) == sorted(decoded.origins)
        assert all(0 <= origin < len(payloads) for origin in decoded.origins)
    for error in decoded.errors:
        assert names_a_place(error.message, schema), error.message


PLACES = (
    "ends",
    "byte",
    "character",
    "line",
    "row",
    "position",
    "payload",
    "root",
    "depth",
    "UTF-8",
    "$",
)


def names_a_place(message: str, schema: Schema) -> bool:
    """Whether a stranger learns where to look: a column, a path or a place in the payload."""
    return any(word in message for word in (*schema.names, *PLACES))


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@examples(150)
def test_any_payload_gives_rows_or_an_error_with_a_place(name: str, data: st.DataObject) -> None:
    schema, mapper = data.draw(st.sampled_from(PREPARED[name]))
    payloads = data.draw(st.lists(PAYLOADS, min_size=1, max_size=4))
    decoded = mapper.decode(payloads)
    check_decoded(schema, payloads, decoded)


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@examples(50)
def test_a_payload_means_the_same_alone_and_among_others(name: str, data: st.DataObject) -> None:
    """A bad payload changes nothing for its neighbours."""
    _, mapper = data.draw(st.sampled_from(PREPARED[name]))
    payloads = data.draw(st.lists(PAYLOADS, min_size=2, max_size=4))
    together = mapper.decode(payloads)
    alone = [mapper.decode([payload]) for payload in payloads]
    assert [repr(row) for row in together.rows] == [repr(row) for one in alone for row in one.rows]
    assert [
        (error.index, error.message) for error in sorted(together.errors, key=lambda e: e.index)
    ] == [(index, error.message) for index, one in enumerate(alone) for error in one.errors]
