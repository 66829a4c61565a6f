"""`eventflux new`: what it makes, and which names and folders it refuses. That what it makes can be
installed and works is tested with the wheels, in tests/packaging."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from eventflux.cli.new.names import LONGEST, Kind, read_name
from eventflux.cli.new.repository import write_repository
from eventflux.spi import SPI_VERSION

from .conftest import Cli

KINDS: tuple[Kind, ...] = get_args(Kind)
CORE = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> Iterator[tuple[str, str]]:
    """The path and the text of each file."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_it_tells_each_file_and_the_next_three_commands(kind: str, cli: Cli, here: Path) -> None:
    code, out, err = cli("new", kind, "my-thing")
    assert (code, err) == (0, "")
    folder = "my-thing" if kind == "app" else "eventflux-my-thing"
    told, _, after = out.partition("\nNext:\n")
    assert told.splitlines() == [
        f"Made {folder}:",
        *(f"  {path}" for path, _ in files(here / folder)),
    ]
    assert [line.strip() for line in after.splitlines()] == [
        f"cd {folder}",
        "pip install --editable '.[dev]'",
        "pytest",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_has_what_one_needs_and_nothing_of_the_templates_name(
    kind: Kind, tmp_path: Path
) -> None:
    write_repository(kind, read_name("my-thing"), tmp_path)
    made = dict(files(tmp_path))
    assert {"pyproject.toml", "README.md", ".gitignore", ".github/workflows/ci.yml"} <= made.keys()
    assert any(path.startswith("tests/test_") for path in made)
    for path, text in made.items():
        assert "acme" not in (path + text).lower(), path
        assert "tpl" not in path
    if kind != "app":
        assert "src/eventflux_my_thing/py.typed" in made
        assert "src/eventflux_my_thing/plugin.py" in made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["x", "a" * LONGEST, "a" * (LONGEST - 2) + "-0"])
def test_it_is_laid_out_as_ruff_does_whatever_the_name(
    kind: Kind, name: str, tmp_path: Path
) -> None:
    write_repository(kind, read_name(name), tmp_path)
    for command in (["check"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_forms_of_a_name() -> None:
    name = read_name("my-queue2")
    assert name.distribution == "eventflux-my-queue2"
    assert name.identifier == "my_queue2"
    assert name.class_prefix == "MyQueue2"


@pytest.mark.parametrize(
    "name",
    ["", "Acme", "my_queue", "2fast", "my--queue", "-x", "x-", "a.b", "a b", "../x", "é", "a" * 99],
)
def test_what_is_no_name_is_refused_with_what_is_one(name: str, cli: Cli, here: Path) -> None:
    code, out, err = cli("new", "connector", "--", name)
    assert (code, out) == (2, "")
    assert "lower-case letters" in err
    assert "my-queue" in err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("connector", "eventflux-acme", "leave 'eventflux' out"),
        ("connector", "kafka", "eventflux-kafka"),
        ("connector", "timer", "plugin 'builtin' (eventflux-core"),
        ("connector", "core", "eventflux-core"),
        ("mapper", "avro", "eventflux-avro"),
        ("mapper", "json", "eventflux-mappers"),
        ("functions", "mappers", "eventflux-mappers"),
        ("functions", "kafka", "eventflux-kafka"),
    ],
)
def test_a_name_that_is_taken_is_refused_with_who_has_it(
    kind: str, name: str, told: str, cli: Cli, here: Path
) -> None:
    code, out, err = cli("new", kind, name)
    assert (code, out) == (2, "")
    assert told in " ".join(err.replace("│", " ").split())
    assert list(here.iterdir()) == []


def test_an_app_may_have_the_name_of_a_connector(cli: Cli, here: Path) -> None:
    code, _, _ = cli("new", "app", "timer")
    assert code == 0
    assert (here / "timer" / "timer.sql").is_file()


def test_a_folder_that_has_something_in_it_is_left_alone(cli: Cli, here: Path) -> None:
    (here / "there").mkdir()
    (here / "there" / "mine.txt").write_text("mine")
    code, out, err = cli("new", "mapper", "acme", "--directory", "there")
    assert (code, out) == (2, "")
    assert "there has files already" in err
    assert list(files(here)) == [("there/mine.txt", "mine")]
    code, _, err = cli("new", "mapper", "acme", "--directory", "there/mine.txt")
    assert code == 2
    assert "there/mine.txt is a file" in err


def test_an_empty_folder_will_do_and_missing_ones_are_made(cli: Cli, here: Path) -> None:
    (here / "empty").mkdir()
    for folder in ("empty", "two/deep"):
        code, out, _ = cli("new", "mapper", "acme", "--directory", folder)
        assert code == 0
        assert f"cd {folder}\n" in out
        assert (here / folder / "pyproject.toml").is_file()


def test_a_folder_that_can_not_be_written_is_told(cli: Cli, here: Path) -> None:
    (here / "mine.txt").write_text("mine")
    code, out, err = cli("new", "mapper", "acme", "--directory", "mine.txt/below")
    assert (code, out) == (1, "")
    assert err.startswith("error: mine.txt/below can't be written: ")


@pytest.mark.parametrize("kind", ["connector", "mapper", "app"])
def test_its_programs_are_right_and_in_the_canonical_layout(
    kind: Kind, cli: Cli, tmp_path: Path
) -> None:
    write_repository(kind, read_name("acme"), tmp_path)
    programs = list(tmp_path.rglob("*.sql"))
    assert programs
    code, out, err = cli("fmt", "--check", "--diff", *programs)
    assert (code, out, err) == (0, "", "")


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_made_for_this_core(kind: Kind, tmp_path: Path) -> None:
    """What a plugin of ours asks of the core, and the version of the interface."""
    write_repository(kind, read_name("acme"), tmp_path)
    ours = tomllib.loads((CORE.parent / "eventflux-rabbitmq" / "pyproject.toml").read_text())
    made = tomllib.loads((tmp_path / "pyproject.toml").read_text())
    (core,) = [text for text in ours["project"]["dependencies"] if "eventflux-core" in text]
    assert core in made["project"]["dependencies"]
    if kind != "app":
        tree = ast.parse((tmp_path / "src" / "eventflux_acme" / "plugin.py").read_text())
        assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
        (stated,) = [
            ast.literal_eval(node.value)
            for node in assigned
            if ast.unparse(node.targets[0]) == "eventflux_spi"
        ]
        assert stated == SPI_VERSION
