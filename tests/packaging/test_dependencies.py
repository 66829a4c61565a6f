"""Each distribution declares exactly what it imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def imported(source: Path) -> set[str]:
    """The distributions that the modules below ``source`` import, wherever they do."""
    modules = set()
    for file in source.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    own = {folder.name for folder in source.iterdir()}
    distributions = packages_distributions()
    return {
        distributions.get(module, [module])[0].lower().replace("_", "-")
        for module in modules - own - set(sys.stdlib_module_names)
    }


def names(requirements: Iterable[str]) -> set[str]:
    """The packages that are required."""
    return {re.split(r"[<>=!~;\[ ]", text)[0] for text in requirements}


@pytest.mark.parametrize(
    "part",
    [
        "eventflux-core",
        "eventflux-mappers",
        "eventflux-rabbitmq",
        "eventflux-websocket",
    ],
)
def test_dependencies_are_what_is_imported(part: str) -> None:
    """What only an extra asks for may be imported, where it is used."""
    project = tomllib.loads((ROOT / part / "pyproject.toml").read_text())["project"]
    declared = names(project["dependencies"])
    extras = names(chain(*project.get("optional-dependencies", {}).values()))
    assert declared <= imported(ROOT / part / "src") <= declared | extras


@pytest.mark.parametrize(
    "part",
    [
        "eventflux-core",
        "eventflux-mappers",
        "eventflux-rabbitmq",
        "eventflux-websocket",
    ],
)
def test_the_readme_tells_why_for_each_dependency(part: str) -> None:
    project = tomllib.loads((ROOT / part / "pyproject.toml").read_text())["project"]
    readme = (ROOT / part / "README.md").read_text(encoding="utf-8")
    table = readme.split("| package | for |")[1].split("\n\n")[0]
    for text in project["dependencies"]:
        name = re.split(r"[<>=!~;\[ ]", text)[0]
        assert re.search(rf"^\| [^|]*\b{name}\b", table, re.MULTILINE), name


def test_all_is_what_every_other_extra_brings() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].keys() - {"all", "dev"}
    [everything] = project["optional-dependencies"]["all"]
    assert set(re.findall(r"\w+", everything)) - {"eventflux"} == extras
