"""Places in a text: lines and columns as an editor counts them."""

from __future__ import annotations

import pytest

from eventflux.base.errors import Position, SqlError
from eventflux.planner import plan_sql
from eventflux.sql.source import SourceText


@pytest.mark.parametrize(
    ("sql", "offset", "line", "column"),
    [
        ("", 0, 1, 1),
        ("abc", 0, 1, 1),
        ("abc", 3, 1, 4),
        ("abc", 99, 1, 4),
        ("a\nb", 2, 2, 1),
        ("a\r\nb", 3, 2, 1),
        ("a\rb", 2, 2, 1),
        ("a\n\n\nb", 4, 4, 1),
        ("a\n", 2, 2, 1),
        ("äö\nü x", 5, 2, 3),
        ("\ta", 1, 1, 2),
    ],
)
def test_position(sql: str, offset: int, line: int, column: int) -> None:
    assert SourceText(sql).position(offset) == Position(line, column)


def test_an_error_shows_its_line_with_a_caret_and_a_hint() -> None:
    sql = "CREATE STREAM S (amount DOUBLE);\r\nSELECT  amuont\r\nFROM S;\r\n"
    with pytest.raises(SqlError) as caught:
        plan_sql(sql, name="orders.sql")
    assert str(caught.value) == (
        "orders.sql:2:9: error: stream 'S' has no column 'amuont'\n"
        "    2 | SELECT  amuont\n"
        "      |         ^\n"
        "  hint: did you mean 'amount'?"
    )


def test_errors_come_in_the_order_of_the_text() -> None:
    with pytest.raises(SqlError) as caught:
        plan_sql("SELECT zz FROM S; CREATE STREAM S (a INT);\nSELEC 1; SET app.x = 1; SELECT a b c")
    places = [problem.position for problem in caught.value.diagnostics]
    assert places == sorted(place for place in places if place is not None)
    assert len(places) == 4
