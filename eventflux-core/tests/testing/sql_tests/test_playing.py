"""What running a test does beyond a single pass: cuts, crashes, and what is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventflux import EventFluxManager
from eventflux.base.types import DataType
from eventflux.spi import ScalarFunction
from eventflux.spi.registry import Registry
from eventflux.testing.sql_tests.failures import TestFailed
from eventflux.testing.sql_tests.files import find_files, read_tests
from eventflux.testing.sql_tests.playing import run_test


class Calls:
    """A function of SQL that remembers, as none may."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, v: int) -> int:
        self.seen.append(v)
        if v == 13:
            raise ValueError("13 is unlucky")
        return len(self.seen)

    def registry(self) -> Registry:
        context = EventFluxManager().context
        context.add_function(ScalarFunction("calls", self, [DataType.LONG], DataType.LONG))
        return context


APP = "APP $$ CREATE STREAM S (v INT); INSERT INTO T SELECT calls(v) AS n FROM S; $$;\n"


def play(folder: Path, statements: str, calls: Calls) -> None:
    file = folder / "t.eventflux-test"
    file.write_text(APP + statements, encoding="utf-8")
    for test in read_tests(file, "t.eventflux-test"):
        run_test(test, calls.registry())


def test_rows_are_cut_in_every_other_way(tmp_path: Path) -> None:
    calls = Calls()
    play(tmp_path, "INSERT INTO S VALUES (1), (2), (3), (4); INSERT INTO S VALUES (5);", calls)
    assert calls.seen == [1, 2, 3, 4, 5] * 4


def test_a_cut_that_changes_nothing_is_not_run(tmp_path: Path) -> None:
    calls = Calls()
    play(tmp_path, "INSERT INTO S VALUES (1); ADVANCE TIME 5; INSERT INTO S VALUES (2);", calls)
    assert calls.seen == [1, 2]


def test_rows_of_an_expected_error_stay_together(tmp_path: Path) -> None:
    """Else those beside the one that fails would lack an error of their own."""
    calls = Calls()
    play(tmp_path, "EXPECT ERROR '13 is unlucky'; INSERT INTO S VALUES (1), (13), (3);", calls)
    assert calls.seen == [1, 13, 3]


def test_results_that_depend_on_the_run_are_told_of(tmp_path: Path) -> None:
    statements = "INSERT INTO S VALUES (7), (8);\nASSERT STREAM T VALUES (1), (2);"
    with pytest.raises(TestFailed) as failed:
        play(tmp_path, statements, Calls())
    assert failed.value.text() == (
        "t.eventflux-test:3:1: error: stream 'T' gave other rows than expected\n"
        "    3 | ASSERT STREAM T VALUES (1), (2);\n"
        "      | ^\n"
        "  clock: 2026-01-01T00:00:00Z\n"
        "  rows cut otherwise: rows one by one\n"
        "  rows (- expected, + came):\n"
        "    - (1)\n"
        "    - (2)\n"
        "    + (3)\n"
        "    + (4)\n"
        "  first difference: row 1, column 'n': expected 1, came 3\n"
        "  hint: as written the test passes, and how rows are batched must not show: a function of "
        "yours remembers something, or this is to be reported"
    )


def test_offsets_are_those_of_the_test_as_written(tmp_path: Path) -> None:
    """In other cuts the clock would show something else where an INSERT begins."""
    file = tmp_path / "t.eventflux-test"
    file.write_text(
        """APP $$
        CREATE STREAM S (v INT);
        INSERT INTO T SELECT sum(v) AS s FROM S WINDOW('tumbling', 10 SECONDS);
        $$;
        INSERT INTO S VALUES (1), (2) AT '+4s';
        INSERT INTO S VALUES (4), (8) AT '+4s';
        INSERT INTO S VALUES (16) AT '+4s';
        INSERT INTO S VALUES (32) AT '-4s';
        ASSERT STREAM T VALUES (15);
        ADVANCE TIME 10 SECONDS;
        ASSERT STREAM T VALUES (48);
        """,
        encoding="utf-8",
    )
    (test,) = read_tests(file)
    run_test(test)


def test_files_are_found_below_folders_in_order(tmp_path: Path) -> None:
    for name in ("b.eventflux-test", "a/c.eventflux-test", ".venv/d.eventflux-test", "e.sql"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [file.relative_to(tmp_path).as_posix() for file in find_files([tmp_path])]
    assert found == ["b.eventflux-test", "a/c.eventflux-test"]
    assert list(find_files([tmp_path / "e.sql"])) == [tmp_path / "e.sql"]
