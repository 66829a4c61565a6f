"""What ``eventflux test`` tells of tests that fail and of test files that are wrong, all of it.

A case is a title, the test file, and what is printed in ``--|`` lines. The program is orders.sql
beside this file, unless ``-- $ bare`` says that the file brings its own. The number of seconds at
the end is left out. ``EVENTFLUX_UPDATE_CASES=1 pytest …`` writes what comes out into the files;
read the difference as somebody who has never seen EventFlux.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from eventflux.cli import main

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.cases"))
TITLE, EXPECTED, BARE = "-- === ", "--|", "-- $ bare\n"
UPDATE = bool(os.environ.get("EVENTFLUX_UPDATE_CASES"))


@dataclass(frozen=True)
class Case:
    title: str
    text: str
    """The test file, after the line of its app."""
    bare: bool
    expected: str

    @property
    def file(self) -> str:
        return self.text if self.bare else f"APP 'orders.sql';\n{self.text}"


def read_cases(path: Path) -> Iterator[Case]:
    for block in path.read_text(encoding="utf-8").split(TITLE)[1:]:
        title, *lines = block.rstrip("\n").split("\n")
        text = "".join(f"{line}\n" for line in lines if not line.startswith(EXPECTED))
        told = [line[len(EXPECTED) :] for line in lines if line.startswith(EXPECTED)]
        expected = "\n".join(line.removeprefix(" ") for line in told)
        bare = text.startswith(BARE)
        yield Case(title, text.removeprefix(BARE).rstrip("\n") + "\n", bare, expected)


def written(case: Case, told: str) -> str:
    lines = [f"{EXPECTED} {line}".rstrip() for line in told.split("\n")]
    head = TITLE + case.title + "\n" + (BARE if case.bare else "")
    return head + case.text + "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(HERE / "orders.sql", tmp_path)
    wrong = "CREATE STREAM S (v INT);\nINSERT INTO T SELECT w FROM S;\n"
    (tmp_path / "wrong.sql").write_text(wrong, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_told(path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = {}
    for case in read_cases(path):
        (folder / "orders.eventflux-test").write_text(case.file, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            main(["test"])
        out, err = capsys.readouterr()
        assert err == ""
        text = re.sub(r" in \d+\.\d\d s$", "", out.rstrip("\n"), flags=re.MULTILINE)
        told[case.title] = f"{text}\nexit code {ended.value.code or 0}"
    if UPDATE:
        blocks = [written(case, told[case.title]) for case in read_cases(path)]
        path.write_text("\n".join(blocks), encoding="utf-8")
    for case in read_cases(path):
        assert told[case.title] == case.expected, case.title
        assert "hunter2" not in told[case.title]
