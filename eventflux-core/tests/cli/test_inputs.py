"""Rows from files for `run --dry-run --input`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from eventflux.base.errors import InputError
from eventflux.base.types import Column, DataType, Digits, Schema
from eventflux.cli.inputs import read_rows

SCHEMA = Schema(
    (
        Column("id", DataType.STRING, nullable=False),
        Column("amount", DataType.DOUBLE),
        Column("pieces", DataType.INT),
        Column("paid", DataType.BOOL),
    )
)


def read(path: Path, text: str) -> tuple[list[dict[str, Any]], list[str]]:
    path.write_text(text, encoding="utf-8")
    warnings: list[str] = []
    return list(read_rows(path, SCHEMA, warnings.append)), warnings


def refusal(path: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(path, text)
    return caught.value.message


def test_json_lines_by_column_name(tmp_path: Path) -> None:
    rows, warnings = read(
        tmp_path / "rows.jsonl",
        '{"amount": 5, "id": "a"}\n\n{"id": "b", "pieces": 3, "paid": false, "amount": null}\n',
    )
    assert rows == [
        {"id": "a", "amount": 5.0},
        {"id": "b", "amount": None, "pieces": 3, "paid": False},
    ]
    assert type(rows[0]["amount"]) is float
    assert warnings == []


def test_csv_with_a_header_reads_the_declared_types_and_empty_as_null(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "rows.csv", 'id,paid,amount,pieces\n007,TRUE,1.5,\n"a,b",false,,12\n')
    assert rows == [
        {"id": "007", "amount": 1.5, "pieces": None, "paid": True},
        {"id": "a,b", "amount": None, "pieces": 12, "paid": False},
    ]


def test_an_unknown_column_is_warned_of_once(tmp_path: Path) -> None:
    text = '{"id": "a", "ammount": 1}\n{"id": "b", "ammount": 2}\n'
    path = tmp_path / "rows.jsonl"
    rows, warnings = read(path, text)
    assert rows == [{"id": "a"}, {"id": "b"}]
    assert warnings == [f"{path}:1: no column is called 'ammount', did you mean 'amount'?"]


def test_unknown_columns_of_a_csv_file_are_those_of_its_header(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows, warnings = read(path, "id,ammount,who\na,1,b\nb,2,c\n")
    assert rows == [{"id": "a"}, {"id": "b"}]
    assert warnings == [
        f"{path}:1: no column is called 'ammount', did you mean 'amount'?",
        f"{path}:1: no column is called 'who', known: amount, id, paid, pieces",
    ]


def test_a_csv_file_without_a_header_is_told_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with pytest.raises(InputError) as caught:
        read(path, "a,1,1,true\nb,2,2,false\n")
    assert caught.value.message == f"{path}:1: no column is called as a field of this header"
    assert str(caught.value.hint).endswith(": id,amount,pieces,paid")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ('{"id": "b", "amount": "5"}', "'amount' (DOUBLE): got \"5\""),
        ('{"id": 5}', "'id' (STRING): got 5"),
        ('{"id": {"a": [1, 2]}}', "'id' (STRING): got {\"a\": [1, 2]}"),
        ('{"id": "b", "pieces": 2147483648}', "'pieces' (INT): got 2147483648"),
        ('{"id": "b", "pieces": true}', "'pieces' (INT)"),
        ('{"id": "b", "paid": 1}', "'paid' (BOOL)"),
        ('{"amount": 1.0}', "'id' is NOT NULL"),
        ('{"id": null}', "'id' is NOT NULL"),
        ("[1]", "not a row"),
        ('{"id": ', "not a row"),
    ],
)
def test_a_wrong_json_line_is_named_with_file_line_and_column(
    tmp_path: Path, line: str, column: str
) -> None:
    path = tmp_path / "rows.jsonl"
    message = refusal(path, '{"id": "a"}\n' + line + "\n")
    assert message.startswith(f"{path}:2: ")
    assert column in message


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("b,x,1", "'amount' (DOUBLE): got 'x'"),
        ("b,1,1.5", "'pieces' (INT): got '1.5'"),
        ("b,1,3000000000", "'pieces' (INT)"),
        ("b,1", "2 fields where the header has 3"),
        (",1,1", "'id' is NOT NULL"),
    ],
)
def test_a_wrong_csv_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "rows.csv"
    message = refusal(path, f"id,amount,pieces\na,1,1\n{line}\n")
    assert message.startswith(f"{path}:3: ")
    assert says in message


TYPED = Schema(
    (
        Column("d", DataType.DECIMAL, digits=Digits(20, 2)),
        Column("t", DataType.TIMESTAMP),
        Column("b", DataType.BYTES),
        Column("o", DataType.OBJECT),
    )
)
MAY = 1_714_521_600_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "rows.jsonl",
            '{"d": 12345678901234567.891, "t": "2024-05-01", "b": "eP8=", "o": {"a": [1, null]}}\n'
            f'{{"d": 1, "t": {MAY}, "b": null}}\n',
        ),
        (
            "rows.csv",
            f'd,t,b,o\n12345678901234567.891,2024-05-01,eP8=,"{{""a"": [1, null]}}"\n1,{MAY},,\n',
        ),
    ],
)
def test_every_type(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    first, second = read_rows(tmp_path / name, TYPED, print)
    assert first == {
        "d": Decimal("12345678901234567.891"),
        "t": MAY,
        "b": b"x\xff",
        "o": {"a": [1, None]},
    }
    assert (second["d"], second["t"], second["b"], second.get("o")) == (1, MAY, None, None)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("rows.jsonl", '{"d": "x"}', "'d' (DECIMAL(20,2)): got \"x\""),
        ("rows.jsonl", '{"t": "soon"}', "'t' (TIMESTAMP): 'soon' is no ISO-8601 date-time"),
        ("rows.jsonl", '{"t": 9223372036854775808}', "'t' (TIMESTAMP)"),
        ("rows.jsonl", '{"b": "?"}', "'b' (BYTES)"),
        ("rows.csv", "d\nx", "'d' (DECIMAL(20,2)): got 'x'"),
        ("rows.csv", "t\nsoon", "'t' (TIMESTAMP): got 'soon'"),
        ("rows.csv", "t\n9223372036854775808", "'t' (TIMESTAMP): 9223372036854775808 is out"),
        ("rows.csv", "b\n?", "'b' (BYTES): got '?'"),
        ("rows.csv", "o\n{", "'o' (OBJECT): got '{'"),
    ],
)
def test_values_of_no_type(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        list(read_rows(tmp_path / name, TYPED, print))
    assert says in caught.value.message


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path / "rows.csv", "") == ([], [])
    assert read(tmp_path / "rows.jsonl", "") == ([], [])
