"""Result rows as tables and as JSON."""

from __future__ import annotations

import io
import json

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


def test_a_stream_without_rows_says_so() -> None:
    out = io.StringIO()
    TableWriter({"S": SCHEMA}, out).close()
    assert out.getvalue() == "S: no rows\n"
