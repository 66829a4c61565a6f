"""CSV: what holds for any payload and any row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from formats import by_payload, rows_from, rows_of, sink, source
from hypothesis import example, given
from hypothesis import strategies as st

COLUMNS = "a STRING, b LONG, c DOUBLE, d BOOL, e INT NOT NULL"
OPTIONS: list[dict[str, str]] = [
    {},
    {"csv.has-header": "true"},
    {"csv.delimiter": ";", "csv.trim": "true"},
    {"csv.escape": "\\", "csv.null-text": "NULL"},
    {"csv.mapping.a": "1", "csv.mapping.e": "0"},
]

fields = st.one_of(
    st.sampled_from(["", '""', "1", "2.5", "true", "NULL", "a", "x y", " 1 ", '"1"', '"a,b"']),
    st.integers(-(2**70), 2**70).map(str),
    st.text(alphabet='a1",;\\\n\r \t_é٣\ufeff', max_size=6),
)
records = st.lists(fields, min_size=1, max_size=6).map(",".join)
good_records = st.tuples(
    st.sampled_from(["", "x", '"a""b"', '"x,y"', '""', "None"]),
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.floats(allow_nan=False).map(repr) | st.just(""),
    st.sampled_from(["true", "FALSE", "0", ""]),
    st.integers(-5, 5).map(str),
).map(",".join)
texts = st.lists(records | good_records, max_size=4).map("\n".join)
payloads = texts.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=12)
batches = st.lists(payloads | good_records.map(str.encode), max_size=20)
options = st.sampled_from(OPTIONS)


@given(payloads, options)
def test_every_payload_gives_rows_or_errors_that_name_a_line(
    payload: bytes, given_options: dict[str, str]
) -> None:
    decoded = source("csv", COLUMNS, given_options).decode([payload])
    assert all(error.message.startswith("line ") for error in decoded.errors)
    for _, b, c, d, e in rows_of(decoded):
        assert b is None or (type(b) is int and -(2**63) <= b < 2**63)
        assert c is None or type(c) is float
        assert d is None or type(d) is bool
        assert type(e) is int or (e is None and "csv.mapping.a" in given_options)


@given(batches, options, st.data())
@example([b"1,2,3,,4", b"x,1,,,1\nx,2,,,2", b'"a', b'"x",1,,,1'], {}, None)
def test_batch_cuts_change_nothing(
    batch: Sequence[bytes], given_options: dict[str, str], data: st.DataObject | None
) -> None:
    decoder = source("csv", COLUMNS, given_options)
    whole = by_payload(decoder.decode(batch), len(batch))
    cut = len(batch) // 2 if data is None else data.draw(st.integers(0, len(batch)))
    first = by_payload(decoder.decode(batch[:cut]), cut)
    second = by_payload(decoder.decode(batch[cut:]), len(batch) - cut)
    assert whole == first + second
    alone = [by_payload(decoder.decode([payload]), 1)[0] for payload in batch]
    assert whole == alone


@given(batches, st.sampled_from([o for o in OPTIONS if "csv.has-header" not in o]))
def test_the_fast_way_takes_only_what_the_rules_take(
    batch: Sequence[bytes], given_options: dict[str, str]
) -> None:
    decoder: Any = source("csv", COLUMNS, given_options)
    slow: Any = source("csv", COLUMNS, given_options)
    slow._rows_of_document = slow._rows_of_lines = _refuse
    found = by_payload(decoder.decode(batch), len(batch))
    assert found == by_payload(slow.decode(batch), len(batch))


def _refuse(*_: object) -> None:
    raise ValueError


values = st.tuples(
    st.none() | st.text() | st.sampled_from(["", "None", "NULL", ",", '"', "\\", "\n", " x "]),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(),
    st.none() | st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
)
written_options = st.sampled_from(
    [
        ({}, {}),
        ({"csv.include-header": "true"}, {"csv.has-header": "true"}),
        ({"csv.delimiter": "\\t"}, {"csv.delimiter": "\\t"}),
        ({"csv.delimiter": ".", "csv.quote": "'"}, {"csv.delimiter": ".", "csv.quote": "'"}),
        ({"csv.escape": "\\"}, {"csv.escape": "\\"}),
        ({"csv.null-text": "NULL"}, {"csv.null-text": "NULL"}),
    ]
)


@given(st.lists(values, max_size=6), written_options)
def test_what_is_written_is_read_again(
    rows: list[tuple[Any, ...]], both: tuple[dict[str, str], dict[str, str]]
) -> None:
    encoded = sink("csv", COLUMNS, both[0]).encode(rows_from(COLUMNS, rows))
    assert not encoded.errors
    assert not any(payload.endswith(b"\n") for payload in encoded.payloads)
    decoded = source("csv", COLUMNS, both[1]).decode(encoded.payloads)
    assert not decoded.errors
    assert list(map(repr, rows_of(decoded))) == list(map(repr, rows))
    one_by_one = [
        sink("csv", COLUMNS, both[0]).encode([row]).payloads[0] for row in rows_from(COLUMNS, rows)
    ]
    assert one_by_one == list(encoded.payloads)


@given(st.lists(st.tuples(st.text(), st.text(min_size=1)), max_size=6))
def test_others_read_what_is_written(rows: list[tuple[str, str]]) -> None:
    columns = "a STRING, b STRING"
    encoded = sink("csv", columns).encode(rows_from(columns, rows))
    for row, payload in zip(rows, encoded.payloads, strict=True):
        (found,) = csv.reader(io.StringIO(payload.decode(), newline=""), strict=True)
        assert tuple(found) == row


@given(st.lists(st.tuples(st.text(), st.text(min_size=1)), min_size=1, max_size=6))
def test_what_others_write_is_read(rows: list[tuple[str, str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    decoded = source("csv", "a STRING, b STRING").decode([file.getvalue().encode()])
    assert not decoded.errors
    assert rows_of(decoded) == rows
