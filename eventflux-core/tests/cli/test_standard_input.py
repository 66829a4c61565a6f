"""A program on the standard input: each command that reads one takes ``-``."""

from __future__ import annotations

import io
import sys

import pytest

from .conftest import Cli

GOOD = """
CREATE STREAM A (v STRING) WITH (type = 'source', extension = 'timer');
CREATE STREAM B (v STRING) WITH (type = 'sink', extension = 'log');
INSERT INTO B
SELECT v
FROM A;
"""


@pytest.fixture
def piped(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run `eventflux ARGUMENTS… < TEXT`, the text being the first argument."""

    def run(text: object, *arguments: object) -> tuple[int, str, str]:
        stdin = io.TextIOWrapper(io.BytesIO(str(text).encode()))
        monkeypatch.setattr(sys, "stdin", stdin)
        return cli(*arguments)

    return run


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["check", "-"], "<stdin>: ok, 2 streams, 1 query"),
        (["fmt", "-"], "INSERT INTO B\nSELECT v\nFROM A;\n"),
        (["explain", "-"], "query_1, line 4: insert into B"),
        (["run", "-", "--dry-run"], "B: 10"),
    ],
)
def test_it_is_read(command: list[str], told: str, piped: Cli) -> None:
    code, out, _ = piped(GOOD, *command)
    assert (code, told in out) == (0, True), out


@pytest.mark.parametrize("command", ["check", "explain", "run"])
def test_what_is_wrong_has_its_place_there(command: str, piped: Cli) -> None:
    code, _, err = piped(GOOD.replace("FROM A", "FROM C"), command, "-")
    assert code == 3
    assert "<stdin>:6:6: error:" in err


def test_a_program_there_leaves_no_rows_there(piped: Cli) -> None:
    sql = """
    CREATE STREAM A (v STRING) WITH (type = 'source', extension = 'console', format = 'json');
    INSERT INTO B SELECT v FROM A;
    """
    code, out, err = piped(sql, "run", "-")
    assert (code, out) == (3, "")
    assert "the standard input is the program" in err
    assert "hint: give the program as a file" in err
