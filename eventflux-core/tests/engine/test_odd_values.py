"""Values that only the API can give: they break no snapshot, and are refused with a text."""

from __future__ import annotations

from typing import Any

import pytest

from eventflux import InputError, SqlError
from eventflux.testing import AppRunner

KEPT = """
CREATE STREAM S (name STRING, data OBJECT);
INSERT INTO Rows SELECT name, data FROM S WINDOW('tumbling', 1 SECOND);
INSERT INTO Groups SELECT name, count(*) AS n FROM S WINDOW('tumbling', 1 SECOND) GROUP BY name;
"""


@pytest.mark.parametrize("data", [None, "\ud800", {"a": ["\udfff", {"\ud800": 2**70}]}])
def test_half_characters_outlive_a_snapshot(data: Any) -> None:
    with AppRunner(KEPT) as first, AppRunner(KEPT, outputs=["Rows", "Groups"]) as second:
        first.send_many("S", [("\ud800", data), ("fine", None)])
        second.restore(first.persist())
        second.sleep(1000)
        assert second.rows("Rows") == [("\ud800", data), ("fine", None)]
        assert second.rows("Groups") == [("\ud800", 1), ("fine", 1)]


def test_half_a_character_in_a_program_is_a_problem_with_a_place() -> None:
    with pytest.raises(SqlError, match=r"1:9: error: the text holds half a character, U\+D800"):
        AppRunner("SELECT '\ud800' AS x FROM S;")


def test_what_nests_too_deeply_to_be_shown_is_refused() -> None:
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]
    with AppRunner(KEPT) as runner, pytest.raises(InputError, match="what is nested too deeply"):
        runner.send("S", ("a", nested))
