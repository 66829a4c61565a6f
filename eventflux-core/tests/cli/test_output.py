"""Result rows as tables and as JSON."""

from __future__ import annotations

import io
import json
from decimal import Decimal

from eventflux.base.rows import row_type
from eventflux.base.types import Column, DataType, Schema
from eventflux.cli.output import JsonWriter, TableWriter

SCHEMA = Schema((Column("select", DataType.STRING), Column("amount", DataType.DOUBLE)))
ROW = row_type("S", SCHEMA)


def test_json_is_one_object_a_row_by_sql_names() -> None:
    out = io.StringIO()
    JsonWriter({"S": SCHEMA}, out).write("S", [ROW("ä", None), ROW(None, 1.5)])
    assert out.getvalue() == '{"select":"ä","amount":null}\n{"select":null,"amount":1.5}\n'


def test_json_rows_of_several_streams_tell_which() -> None:
    out = io.StringIO()
    writer = JsonWriter({"S": SCHEMA, "T": SCHEMA}, out)
    writer.write("T", [ROW("a", 1.0)])
    writer.write("S", [ROW("b", 2.0)])
    assert [json.loads(line)["_stream"] for line in out.getvalue().splitlines()] == ["T", "S"]


def test_a_table_shows_every_cell_whole_when_it_is_no_terminal() -> None:
    out = io.StringIO()
    writer = TableWriter({"S": SCHEMA}, out)
    long = "x" * 300
    writer.write("S", [ROW(long, 0.1), ROW("[bold]markup[/bold]", None)])
    writer.close()
    text = out.getvalue()
    assert "S: 2 rows" in text
    assert long in text
    assert "[bold]markup[/bold]" in text
    assert "NULL" in text


TYPED = Schema(
    tuple(
        Column(str(kind), kind)
        for kind in (DataType.DECIMAL, DataType.TIMESTAMP, DataType.BYTES, DataType.OBJECT)
    )
)
TYPED_ROW = (Decimal("1.50"), 1_714_521_600_000, b"x\xff", {"a": [1, None, Decimal("0.10")]})


def test_every_type_as_json_and_in_a_table() -> None:
    row = row_type("S", TYPED)
    out = io.StringIO()
    JsonWriter({"S": TYPED}, out).write("S", [row(*TYPED_ROW), row(*[None] * 4)])
    assert out.getvalue().splitlines() == [
        '{"DECIMAL":1.50,"TIMESTAMP":"2024-05-01T00:00:00Z","BYTES":"eP8=",'
        '"OBJECT":{"a":[1,null,0.10]}}',
        '{"DECIMAL":null,"TIMESTAMP":null,"BYTES":null,"OBJECT":null}',
    ]
    out = io.StringIO()
    writer = TableWriter({"S": TYPED}, out)
    writer.write("S", [row(*TYPED_ROW)])
    writer.close()
    for cell in ("1.50", "2024-05-01T00:00:00Z", r"x\xff", '{"a":[1,null,0.10]}'):
        assert cell in out.getvalue()


def test_a_stream_without_rows_says_so() -> None:
    out = io.StringIO()
    TableWriter({"S": SCHEMA}, out).close()
    assert out.getvalue() == "S: no rows\n"
