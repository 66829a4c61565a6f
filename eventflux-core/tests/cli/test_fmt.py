"""`eventflux fmt`: files rewritten, checked, compared."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

UGLY = "select a from S -- why\nwhere a>1;\n"
PRETTY = "SELECT a\nFROM S -- why\nWHERE a > 1;\n"
WRONG = "select a frm S where;\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "program.sql"
    path.write_text(UGLY)
    return path


def test_a_file_is_rewritten(cli: Any, file: Path) -> None:
    assert cli("fmt", file) == (0, "", "")
    assert file.read_text() == PRETTY
    assert cli("fmt", file, "--check") == (0, "", "")


def test_check_writes_nothing(cli: Any, file: Path) -> None:
    assert cli("fmt", file, "--check") == (1, "", f"{file} would change\n")
    assert file.read_text() == UGLY


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--check",), 1)])
def test_diff_shows_what_would_change(
    cli: Any, file: Path, arguments: tuple[str, ...], code: int
) -> None:
    ended, out, _ = cli("fmt", file, "--diff", *arguments)
    assert ended == code
    assert out.splitlines()[2:] == [
        "@@ -1,2 +1,3 @@",
        "-select a from S -- why",
        "-where a>1;",
        "+SELECT a",
        "+FROM S -- why",
        "+WHERE a > 1;",
    ]
    assert file.read_text() == UGLY


def test_a_file_without_a_last_newline_is_shown_so(cli: Any, file: Path) -> None:
    file.write_text(PRETTY.rstrip())
    _, out, _ = cli("fmt", file, "--diff")
    assert "-WHERE a > 1;\n\\ No newline at end of file\n+WHERE a > 1;\n" in out


def test_what_is_no_program_is_left_alone_and_the_others_are_not(
    cli: Any, file: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.sql"
    wrong.write_text(WRONG)
    code, _, err = cli("fmt", wrong, file)
    assert code == 3
    assert f"{wrong}:1:" in err
    assert wrong.read_text() == WRONG
    assert file.read_text() == PRETTY


def test_names_that_are_not_there_are_no_matter_of_layout(cli: Any, file: Path) -> None:
    file.write_text("select nope from Nowhere;")
    assert cli("fmt", file)[0] == 0


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_ends_of_lines_stay_as_they_are(cli: Any, file: Path, newline: str) -> None:
    file.write_bytes(UGLY.replace("\n", newline).encode())
    cli("fmt", file)
    assert file.read_bytes() == PRETTY.replace("\n", newline).encode()


def test_a_formatted_file_is_not_written_again(cli: Any, file: Path) -> None:
    file.write_text(PRETTY)
    file.chmod(0o444)
    before = file.stat().st_mtime_ns
    assert cli("fmt", file)[0] == 0
    assert file.stat().st_mtime_ns == before


def test_the_standard_input_goes_to_the_standard_output(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UGLY.encode())))
    assert cli("fmt", "-") == (0, PRETTY, "")
