"""Names and texts with any characters in them work, and never reach the code unescaped."""

from __future__ import annotations

import keyword
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux import SqlError

from .harness import compiled, run
from .profile import examples

NAMES = [
    "row", "rows", "end", "now", "time", "times", "error", "step", "make", "len", "print", "int",
    "float", "zip", "None", "True", "False", "self", "group", "key", "value", "clock",
    "counts_query_1", "timers", "fail", "NAN", "INFINITY", "t", "t_2", "out", "out_S", "outlet_S",
    "Row_S", "n",
    "start", "window", "batch_S", "flush_query_1", "Group_query_1", "last0", "total0", "column_0",
    "column_1", "class", "lambda", "def", "async", "match", "_", "__class__", "__init__",
    "__struct_fields__", "__dict__", "__slots__", "mro", "a b", 'a"b', "a'b",
    "é", "ﬁ", "ℌ", "名前", "🎉", "1st", "$", "{}", "{0}", "%s", "-- x", "/* x */", "a;b", "x" * 300,
    "#", "\u202e", "e\u0301", "SELECT", "FROM", "from", "NULL", "true", "*", ".", "a.b", " ",
    *keyword.softkwlist,
]  # fmt: skip
SOME = ["row", "__class__", "a b", "🎉", "lambda", "len", "{}", "%s"]

SQL = """
CREATE STREAM {stream} ({column} LONG, {other} STRING NOT NULL);
INSERT INTO {middle} SELECT {column}, {other}, {column} + 1 AS {made} FROM {stream} AS {alias}
  WHERE {alias}.{column} > 0 AND {other} <> {text};
INSERT INTO {middle} SELECT {column}, {text} AS {other}, 0 AS {made} FROM {stream}
  WHERE {column} < 0;
INSERT INTO Sums SELECT {other}, SUM({column}) AS {column}, MAX({other}) AS {made}
  FROM {middle} GROUP BY {other};
INSERT INTO Windows SELECT {other}, COUNT(*) AS {column}, {made}
  FROM {middle} WINDOW('tumbling', 10) WHERE {made} IS NOT NULL GROUP BY {other}
"""


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def check(stream: str, column: str, text: str) -> None:
    """The program of :data:`SQL` with these names gives what it would with plain ones."""
    names = {
        "stream": quote(stream),
        "column": quote(column),
        "other": quote(column + "'"),
        "made": quote(column + "+"),
        "middle": quote(stream + "2"),
        "alias": quote(stream + " alias"),
        "text": text_literal(text),
    }
    app = compiled(SQL.format(**names))
    other = text + "!"
    app.send(stream, [(1, other), (-2, other), (0, text), (3, text)], [1, 2, 3, 4])
    app.send_batch(stream, [(5, other), (-1, other)], 5)
    app.advance(50)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, values in app.take()[0]:
        found.setdefault(name, []).append(values)
    assert found[stream + "2"] == [(1, other, 2), (-2, text, 0), (5, other, 6), (-1, text, 0)]
    assert found["Sums"] == [
        (other, 1, other),
        (text, -2, text),
        (other, 6, other),
        (text, -3, text),
    ]
    assert found["Windows"] == [(other, 2, 6), (text, 2, 0)]
    row = app.program.row_type(stream)(7, "v")
    assert msgspec.json.decode(msgspec.json.encode(row)) == {column: 7, column + "'": "v"}


COLUMN_NAMES = [name for name in NAMES if '"' not in name]


@pytest.mark.parametrize("name", COLUMN_NAMES, ids=ascii)
def test_columns_of_any_name(name: str) -> None:
    check("S", name, "text")


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_streams_of_any_name(name: str) -> None:
    check(name, "v", "text")


@pytest.mark.parametrize(
    "text", [*NAMES, "", "\0", "'", "''", "\\'", "\\", '"""', "\r\n", "\ud7ff"], ids=ascii
)
def test_literals_of_any_text(text: str) -> None:
    check("S", "v", text)


@pytest.mark.parametrize("name", ['a"b', "a\\b", "\t", "\x7f"], ids=ascii)
def test_columns_that_json_would_have_to_escape_are_refused_by_name(name: str) -> None:
    with pytest.raises(SqlError, match="a column's name can't hold"):
        compiled(f"CREATE STREAM S ({quote(name)} INT)")


def test_a_quoted_name_ends_on_its_line() -> None:
    with pytest.raises(SqlError, match="this quoted name is not closed on its line"):
        compiled('CREATE STREAM "a\nb" (v INT)')


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
STREAM = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20
)
COLUMN = STREAM.filter(lambda name: not set(name) & set('"\\'))


@given(stream=STREAM, column=COLUMN, text=TEXT)
@examples(60)
def test_generated_names_and_texts(stream: str, column: str, text: str) -> None:
    check(stream, column, text)


def test_all_names_at_once() -> None:
    names = list(dict.fromkeys(COLUMN_NAMES))
    columns = ", ".join(f"{quote(name)} INT" for name in names)
    sums = ", ".join(f"SUM({quote(name)}) + {quote(name)} AS {quote(name)}" for name in names)
    swapped = ", ".join(map(quote, reversed(names)))
    out = run(
        f"CREATE STREAM S ({columns}); INSERT INTO Sums SELECT {sums} FROM S;"
        f"INSERT INTO Swapped SELECT {swapped} FROM S WHERE {quote(names[0])} IS NOT NULL",
        [tuple(range(len(names)))] * 2,
    )
    assert out["Sums"][1] == tuple(3 * number for number in range(len(names)))
    assert out["Swapped"][0] == tuple(reversed(range(len(names))))


@pytest.mark.parametrize("name", SOME, ids=ascii)
def test_functions_and_failures_name_them_too(name: str) -> None:
    sql = f"""
        CREATE STREAM S ({quote(name)} INT);
        CREATE STREAM {quote(name)} ({quote(name)} INT NOT NULL);
        INSERT INTO {quote(name)} SELECT {quote(name)} * 2 FROM S
    """
    app = compiled(sql)
    app.send("S", [(2**30,), (None,), (4,)])
    assert [values for stream, values in app.take()[0] if stream == name] == [(8,)]
    too_large, missing = (str(failure.error) for failure in app.errors)
    assert too_large == f"{2**31} is out of the range of INT in column '{name}'"
    assert missing == f"NULL in column '{name}', which is NOT NULL"
