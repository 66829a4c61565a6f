"""What the README promises beside its examples, which tests/docs runs; the files of examples."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from eventflux.cli.commands import app

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def without_comments(sql: str) -> str:
    return re.sub(r"^--.*\n+", "", sql, flags=re.MULTILINE).strip()


def test_the_sql_is_that_of_the_example() -> None:
    (sql,) = blocks("sql")
    example = (ROOT / "examples" / "orders.sql").read_text(encoding="utf-8")
    assert without_comments(sql) == without_comments(example)


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("eventflux-*/README.md")):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_it_opens_with_the_two_scripts_and_the_installation() -> None:
    opening = README.split("\n## ")[0]
    assert opening.index("scripts/demo") < opening.index("scripts/test")
    assert opening.index("scripts/test") < opening.index("pip install 'eventflux[rabbitmq]'")


def test_custom_connectors_and_a_function_in_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    module = importlib.import_module("custom_connectors")
    assert module.main() == [("readings", 209.3), ("readings", 210.2), ("readings", 211.1)]


def commands() -> list[str]:
    """The command lines of the READMEs: those indented, without variables and remarks."""
    found = set()
    for page in ROOT.glob("**/README.md"):
        if ".venv" not in page.parts:
            text = page.read_text(encoding="utf-8")
            found |= set(re.findall(r"^    (?:\w+=\S+ )?eventflux +(\w.*?)(?: +#.*)?$", text, re.M))
    return sorted(found)


@pytest.mark.parametrize("line", commands())
def test_commands_and_their_options_are_there(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name, *arguments = shlex.split(line)
    kinds = (".sql", ".toml", ".eventflux-test")
    for file in (Path(argument) for argument in arguments if argument.endswith(kinds)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    if name == "state":
        arguments[0] = str(tmp_path)  # it has to be there
    program = get_command(app)
    assert isinstance(program, TyperGroup)
    program.commands[name].make_context(name, arguments)
