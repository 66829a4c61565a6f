"""Each type of each format: what is written is read again, and no text breaks a reader."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from formats import by_payload, rows_from, rows_of, sink, source
from hypothesis import given
from hypothesis import strategies as st

COLUMNS = "m DECIMAL, d DECIMAL(12,3), t TIMESTAMP, b BYTES, o OBJECT, s STRING"

whole_decimals = st.integers(-(10**30), 10**30).map(Decimal)
decimals = whole_decimals | st.builds(
    lambda digits, scale: Decimal(digits).scaleb(-scale), st.integers(-(10**20), 10**20),
    st.integers(0, 15),
)  # fmt: skip
moments = st.integers(-62_135_596_800_000, 253_402_300_799_999)
nested = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner | st.none(), max_size=3)
        | st.dictionaries(st.text(max_size=3), inner | st.none(), max_size=3)
    ),
    max_leaves=6,
)
rows = st.tuples(
    st.none() | decimals,
    st.none() | st.integers(-(10**11), 10**11).map(lambda n: Decimal(n).scaleb(-3)),
    st.none() | moments,
    st.none() | st.binary(max_size=8),
    st.none() | nested,
    st.none() | st.text(max_size=4),
)
FORMATS: list[tuple[str, dict[str, str]]] = [
    ("json", {}),
    ("json", {"json.timestamp-format": "epoch-ms"}),
    ("json", {"json.omit-nulls": "true", "json.pretty-print": "true"}),
    ("csv", {}),
    ("csv", {"csv.delimiter": ":"}),
]


@given(st.lists(rows, max_size=5), st.sampled_from(FORMATS))
def test_what_is_written_is_read_again(
    given_rows: list[tuple[Any, ...]], chosen: tuple[str, dict[str, str]]
) -> None:
    name, options = chosen
    encoded = sink(name, COLUMNS, options).encode(rows_from(COLUMNS, given_rows))
    assert not encoded.errors
    reading = {key: text for key, text in options.items() if name == "csv"}
    decoded = source(name, COLUMNS, reading).decode(encoded.payloads)
    assert not decoded.errors
    assert list(map(repr, rows_of(decoded))) == list(map(repr, given_rows))


@pytest.mark.parametrize(
    ("name", "columns", "values"),
    [
        ("bytes", "b BYTES", st.binary()),
        ("bytes", "o OBJECT", st.binary()),
        ("text", "s STRING", st.text()),
    ],
)
@given(data=st.data())
def test_one_column_is_exact(
    name: str, columns: str, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    given_rows = [(value,) for value in data.draw(st.lists(values, max_size=5))]
    encoded = sink(name, columns).encode(rows_from(columns, given_rows))
    assert not encoded.errors
    assert rows_of(source(name, columns).decode(encoded.payloads)) == given_rows


values = st.sampled_from(
    ["", "1", "1.5", "1e999999999999", "NaN", "null", "[]", "aGk=", "a=", "\u0663", "1970-01-01",
     "1970-01-01T25:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x"]
) | st.text(max_size=8)  # fmt: skip
OPTIONS: list[dict[str, str]] = [{}, {"json.coerce": "lenient"}, {"json.date-format": "%Y"}]


@given(st.lists(values, min_size=6, max_size=6))
def test_any_csv_field_gives_a_value_or_an_error(fields: list[str]) -> None:
    quoted = ",".join(f'"{field.replace(chr(34), chr(34) * 2)}"' for field in fields)
    for text in (",".join(fields), quoted):
        decoded = source("csv", COLUMNS).decode([text.encode()])
        assert all(error.message.startswith("line ") for error in decoded.errors)


def json_texts() -> st.SearchStrategy[str]:
    import json

    loose = st.sampled_from(["1.50", "-0", "1e400", "1E+5", "[1e400]", "null", "true"])
    return values.map(json.dumps) | loose | nested.map(json.dumps)


@given(st.lists(json_texts(), min_size=6, max_size=6), st.sampled_from(OPTIONS))
def test_the_fast_way_takes_only_what_the_rules_take(
    parts: list[str], options: dict[str, str]
) -> None:
    names = ("m", "d", "t", "b", "o", "s")
    payload = "{" + ",".join(f'"{n}":{p}' for n, p in zip(names, parts, strict=True)) + "}"
    slow: Any = source("json", COLUMNS, options)
    slow._decode = slow._decode_array = _refuse
    batch = [payload.encode(), f"[{payload}]".encode()]
    found = by_payload(source("json", COLUMNS, options).decode(batch), 2)
    assert found == by_payload(slow.decode(batch), 2)
    for message in found[0]:
        assert message.startswith(("(", "$.", "not valid JSON"))


def _refuse(payload: bytes) -> None:
    raise ValueError
