"""``eventflux test``: what it runs and how it ends. What it tells of failures: test_told.py."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eventflux.cli import main

Run = Callable[..., tuple[int, str, str]]

TESTS = """APP $$ CREATE STREAM S (v INT); INSERT INTO T SELECT v FROM S; $$;
TEST 'one row';
INSERT INTO S VALUES (1);
ASSERT STREAM T VALUES (1);
TEST 'two rows';
INSERT INTO S VALUES (1), (2);
ASSERT STREAM T COUNT {count};
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["test", *arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def write(name: str, count: int) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TESTS.format(count=count), encoding="utf-8")


def test_functions_of_files_beside_the_program(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    files = {
        "app/beside_app.py": "def twice(number: int) -> int:\n    return number * 2\n",
        "app/app.sql": """
            CREATE FUNCTION twice(n LONG) RETURNS LONG LANGUAGE PYTHON AS 'beside_app:twice';
            CREATE STREAM S (n LONG);
            INSERT INTO T SELECT twice(n) AS n FROM S;""",
        "tests/beside_test.py": "async def later(number: int) -> int:\n    return number\n",
        "tests/a.eventflux-test": """
            APP '../app/app.sql';
            TEST 'beside the program';
            INSERT INTO S VALUES (1), (2); ASSERT STREAM T VALUES (2), (4);
            TEST 'beside the test';
            APP $$
              CREATE FUNCTION later(n LONG) RETURNS LONG LANGUAGE PYTHON AS 'beside_test:later';
              CREATE STREAM S (n LONG);
              INSERT INTO T SELECT later(n) AS n FROM S;
            $$;
            INSERT INTO S VALUES (1), (2); ASSERT STREAM T VALUES (1), (2);""",
    }
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    code, out, err = run("tests")
    assert (code, err) == (0, ""), out
    assert "2 passed" in out


def test_folders_and_files(run: Run) -> None:
    write("tests/a.eventflux-test", 2)
    write("tests/more/b.eventflux-test", 2)
    code, out, err = run()
    assert (code, err) == (0, "")
    assert out.startswith(
        "tests/a.eventflux-test\n  ok      one row\n  ok      two rows\n"
        "tests/more/b.eventflux-test\n  ok      one row\n  ok      two rows\n\n4 passed in "
    )
    assert "2 passed in" in run("tests/a.eventflux-test")[1]
    assert "4 passed in" in run("tests")[1]
    assert "4 passed in" in run("tests/more", "tests/a.eventflux-test")[1]


def test_names_choose(run: Run) -> None:
    write("a.eventflux-test", 1)
    assert run("-k", "one")[0] == 0
    assert run("--only", "two")[0] == 1
    code, out, err = run("-k", "three")
    assert (code, out) == (2, "")
    assert "no test with 'three' in its name" in err


def test_nothing_to_run_is_usage(run: Run) -> None:
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "there is no file *.eventflux-test in ." in err
    code, _, err = run("nowhere")
    assert code == 2
    assert "nowhere" in err


@pytest.mark.parametrize(
    ("broken", "code", "summary"),
    [("", 1, "3 passed, 1 failed"), ("ASSERT;", 3, "3 passed, 1 failed, 1 error")],
)
def test_errors_count_for_more_than_failures(
    run: Run, broken: str, code: int, summary: str
) -> None:
    write("a.eventflux-test", 1)
    write("b.eventflux-test", 2)
    if broken:
        Path("c.eventflux-test").write_text(broken, encoding="utf-8")
    assert run()[0] == code
    assert f"\n{summary} in " in run()[1]


def test_failing_rows_are_not_logged_beside(run: Run) -> None:
    Path("a.eventflux-test").write_text(
        "APP $$ CREATE STREAM S (v INT); CREATE STREAM T (v INT);"
        "INSERT INTO T SELECT v * 2 FROM S; $$;"
        "EXPECT ERROR 'out of the range'; INSERT INTO S VALUES (2000000000);",
        encoding="utf-8",
    )
    code, out, err = run()
    assert (code, err) == (0, "")
    assert "ok" in out
