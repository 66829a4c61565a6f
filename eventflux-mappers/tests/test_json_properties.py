"""JSON with options: what holds for any payload and any row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from formats import by_payload, rows_from, rows_of, sink, source
from hypothesis import given
from hypothesis import strategies as st

COLUMNS = "a LONG, b STRING, c DOUBLE, d BOOL, e INT NOT NULL"
OPTIONS: list[dict[str, str]] = [
    {},
    {"json.coerce": "lenient"},
    {"json.ignore-case": "true"},
    {"json.fail-on-unknown-fields": "true"},
    {"json.date-format": "%Y-%m-%d"},
    {"json.lines": "true", "json.coerce": "lenient"},
    {
        "json.mapping.a": "$.x.a",
        "json.mapping.b": "$.x.y[1]",
        "json.mapping.c": "$.c",
        "json.mapping.e": "$.z[0].e",
    },
    {
        "json.mapping.a": "$.x.a",
        "json.mapping.b": "$.x",
        "json.mapping.e": "$.x.a",
        "json.fail-on-unknown-fields": "true",
        "json.coerce": "lenient",
    },
]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "1", " 2 ", "1.5", "true", "NaN", "1e3", "2024-05-01", "x", "1_0"])
)
names = st.sampled_from(["a", "b", "c", "d", "e", "x", "y", "z", "A", "E", "q"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4)
)
fitting = st.fixed_dictionaries(
    {"e": st.integers(-5, 5), "z": st.just([{"e": 1}])},
    optional={
        "a": st.integers(-3, 3),
        "b": st.text(max_size=3),
        "c": st.floats(allow_nan=False, allow_infinity=False),
        "d": st.booleans(),
        "x": st.fixed_dictionaries({"a": st.integers(-3, 3)}, optional={"y": st.lists(scalars)}),
        "q": values,
    },
)
documents = fitting | st.dictionaries(names, values, max_size=6)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    document = draw(documents | st.lists(documents, max_size=2) | values)
    text = json.dumps(document).encode()
    damage = draw(st.sampled_from(["none", "none", "none", "cut", "insert"]))
    at = draw(st.integers(0, len(text)))
    if damage == "cut":
        return text[:at]
    if damage == "insert":
        return text[:at] + draw(st.sampled_from([b"\n", b"}", b"\xff", b'"', b"1"])) + text[at:]
    return text


options = st.sampled_from(OPTIONS)
batches = st.lists(payloads(), max_size=6)


@given(payloads(), options)
def test_every_payload_gives_rows_or_errors_that_name_a_place(
    payload: bytes, given_options: dict[str, str]
) -> None:
    decoded = source("json", COLUMNS, given_options).decode([payload])
    starts = ("$", "the payload", "not valid JSON: ", "line ")
    assert all(error.message.startswith(starts) for error in decoded.errors)
    assert not (decoded.errors and decoded.rows) or "json.lines" in given_options
    for a, b, c, d, e in rows_of(decoded):
        assert a is None or type(a) is int
        assert b is None or type(b) is str
        assert c is None or type(c) is float
        assert d is None or type(d) is bool
        assert type(e) is int


@given(batches, options)
def test_the_fast_way_takes_only_what_the_rules_take(
    batch: Sequence[bytes], given_options: dict[str, str]
) -> None:
    fast: Any = source("json", COLUMNS, given_options)
    slow: Any = source("json", COLUMNS, given_options)
    inner = getattr(slow, "_mapper", slow)
    inner._decode = inner._decode_array = _refuse
    found = by_payload(fast.decode(batch), len(batch))
    assert found == by_payload(slow.decode(batch), len(batch))


def _refuse(payload: bytes) -> None:
    raise ValueError


@given(batches, options, st.data())
def test_batch_cuts_change_nothing(
    batch: Sequence[bytes], given_options: dict[str, str], data: st.DataObject
) -> None:
    decoder = source("json", COLUMNS, given_options)
    cut = data.draw(st.integers(0, len(batch)))
    whole = by_payload(decoder.decode(batch), len(batch))
    first = by_payload(decoder.decode(batch[:cut]), cut)
    second = by_payload(decoder.decode(batch[cut:]), len(batch) - cut)
    assert whole == first + second


rows = st.tuples(
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.text(),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
)
TEMPLATE = (
    '{"row": [{{a}}, {{b}}], "c": {{c}}, "%s": "x{{b}}%", "d": {{d}}, "e": {{e}}, "b": "{{b}}"}'
)
MAPPED = {
    "json.mapping.a": "$.row[0]",
    "json.mapping.b": "$.row[1]",
    "json.mapping.c": "$.c",
    "json.mapping.d": "$.d",
    "json.mapping.e": "$.e",
}


@given(
    st.lists(rows, max_size=5),
    st.sampled_from(
        [
            ({}, {}),
            ({"json.pretty-print": "true"}, {}),
            ({"json.omit-nulls": "true"}, {}),
            ({"json.template": TEMPLATE}, MAPPED),
        ]
    ),
)
def test_what_is_written_is_read_again(
    given_rows: list[tuple[Any, ...]], both: tuple[dict[str, str], dict[str, str]]
) -> None:
    encoded = sink("json", COLUMNS, both[0]).encode(rows_from(COLUMNS, given_rows))
    assert not encoded.errors
    decoded = source("json", COLUMNS, both[1]).decode(encoded.payloads)
    assert not decoded.errors
    assert list(map(repr, rows_of(decoded))) == list(map(repr, given_rows))
    for payload, row in zip(encoded.payloads, given_rows, strict=True):
        document = json.loads(payload)
        if "json.template" in both[0]:
            assert document["%s"] == f"x{row[1] or ''}%"
            assert document["b"] == (row[1] or "")
