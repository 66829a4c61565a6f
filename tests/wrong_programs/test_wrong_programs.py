"""Programs as strangers get them wrong, and the whole of what ``eventflux check`` tells them.

A case is a title, the program and the expected text in ``--|`` lines. ``--$`` lines hold more
arguments of the command, ``--~`` lines a configuration file. ``EVENTFLUX_UPDATE_CASES=1 pytest …``
writes what comes out into the files; read the difference as somebody who has never seen EventFlux.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import typer.main

from eventflux import EventFluxError, EventFluxManager
from eventflux.cli.commands import run_command
from eventflux.spi import plugins

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.sql"))
TITLE, EXPECTED, ARGUMENTS, CONFIG = "-- === ", "--|", "--$ ", "--~ "
UPDATE = bool(os.environ.get("EVENTFLUX_UPDATE_CASES"))


@dataclass(frozen=True)
class Case:
    title: str
    sql: str
    arguments: Sequence[str]
    config: str
    expected: str

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the SQL is given."""
        return not self.arguments and not self.config


def lines_of(lines: Sequence[str], mark: str) -> list[str]:
    return [line[len(mark) :] for line in lines if line.startswith(mark)]


def read_cases(path: Path) -> list[Case]:
    cases = []
    for block in path.read_text(encoding="utf-8").split(TITLE)[1:]:
        title, *lines = block.rstrip("\n").split("\n")
        marks = (EXPECTED, ARGUMENTS, CONFIG)
        sql = "\n".join(line for line in lines if not line.startswith(marks)).strip("\n")
        arguments = [word for line in lines_of(lines, ARGUMENTS) for word in line.split()]
        expected = [line.removeprefix(" ") for line in lines_of(lines, EXPECTED)]
        config = "\n".join(lines_of(lines, CONFIG))
        cases.append(Case(title, sql, arguments, config, "\n".join(expected)))
    return cases


def write_cases(path: Path, told: dict[str, str]) -> None:
    blocks = []
    for case in read_cases(path):
        lines = [TITLE + case.title]
        if case.arguments:
            lines.append(ARGUMENTS + " ".join(case.arguments))
        lines += [CONFIG + line for line in case.config.splitlines()]
        lines += [case.sql] if case.sql else []
        lines += [f"{EXPECTED} {line}".rstrip() for line in told[case.title].splitlines()]
        blocks.append("\n".join(lines))
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


@pytest.fixture(autouse=True, scope="module")
def made_once() -> Iterator[None]:
    """What a process makes before it looks at a program: the commands, and what is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        patch.setattr(plugins, "installed_registry", cache(plugins.installed_registry))
        yield


def checked(case: Case, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    """Exit code and text of ``eventflux check program.sql``."""
    Path("program.sql").write_text(case.sql, encoding="utf-8")
    arguments = ["check", "program.sql", *case.arguments]
    if case.config:
        (folder / "program.toml").write_text(case.config, encoding="utf-8")
        arguments += ["--config", "program.toml"]
    with pytest.raises(SystemExit) as ended:
        run_command(arguments)
    captured = capsys.readouterr()
    return ended.value.code, captured.out + captured.err


CASES = [(path, case) for path in FILES for case in read_cases(path)]


@pytest.mark.parametrize(
    ("path", "case"), CASES, ids=[f"{path.stem}: {case.title}" for path, case in CASES]
)
def test_what_a_wrong_program_is_told(
    path: Path,
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    code, told = checked(case, tmp_path, capsys)
    if UPDATE:
        write_cases(path, {c.title: c.expected for c in read_cases(path)} | {case.title: told})
        pytest.skip("written, not tested")
    assert [line.rstrip() for line in told.splitlines()] == case.expected.splitlines()
    assert code in (2, 3)


PLACE = re.compile(r"program\.sql:(\d+):(\d+): (?:error|warning): ")
OUTSIDE = re.compile(r"\((?:--set|the file)\)$|program\.toml|^Usage|^'\w+' is no table")


@pytest.mark.parametrize(
    "case", [case for _, case in CASES], ids=[f"{path.stem}: {case.title}" for path, case in CASES]
)
def test_each_problem_has_its_place_and_a_caret_below_it(case: Case) -> None:
    lines = case.expected.splitlines()
    program = case.sql.splitlines()
    told = 0
    for number, line in enumerate(lines):
        place = PLACE.match(line)
        if place is None:
            continue
        told += 1
        at, column = int(place[1]), int(place[2])
        # the line is shown as it stands, but for secrets, and the caret below the place in it
        shown, caret = lines[number + 1][8:], lines[number + 2][8:].index("^")
        written = program[at - 1].replace("\t", " ")
        assert re.fullmatch(re.escape(shown).replace(re.escape("***"), ".*"), written)
        assert shown[caret : caret + 5] == written[column - 1 : column + 4]
    assert told or not case.is_plain


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_api_tells_what_the_command_line_tells(path: Path) -> None:
    manager = EventFluxManager()
    for case in read_cases(path):
        if not case.is_plain:
            continue
        with pytest.raises(EventFluxError) as raised:
            manager.create_app(case.sql, name="program.sql")
        told = [line.rstrip() for line in str(raised.value).splitlines()]
        assert told == [line for line in case.expected.splitlines() if "warning:" not in line]


def test_titles_are_unique() -> None:
    for path in FILES:
        titles = [case.title for case in read_cases(path)]
        assert sorted(set(titles)) == sorted(titles)


def test_there_are_enough() -> None:
    assert len(CASES) >= 200
