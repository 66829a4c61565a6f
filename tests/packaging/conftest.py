"""Wheels of all distributions, and new environments that they are installed into."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_MADE = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
_OF_NO_WHEEL = {"tests", "benchmarks", "docs"}


def _not_copied(folder: str, names: list[str]) -> set[str]:
    """What no wheel is made of; below ``src`` all counts."""
    top = {name for name in names if name in _OF_NO_WHEEL or name.startswith(".")}
    return _MADE(folder, names) | (set() if "src" in Path(folder).parts else top)


class Environment:
    """A new virtual environment, outside the checkout."""

    def __init__(self, folder: Path, with_pip: bool = False) -> None:
        venv.create(folder, with_pip=with_pip)
        self.bin = folder / "bin"

    def install(self, wheels: Path, *requirements: str) -> None:
        """By the pip of the tests."""
        pip = (sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install")
        arguments = ("--quiet", "--find-links", str(wheels), *requirements)
        subprocess.run([*pip, *arguments], env=self.variables, check=True, timeout=300)

    @property
    def variables(self) -> dict[str, str]:
        """Those that its programs see: modules are compiled by the first that imports them."""
        return {"PATH": f"{self.bin}:/usr/bin:/bin", "PIP_NO_COMPILE": "1", **_pip_settings()}

    def run(
        self, program: str, *arguments: str, folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, by default in a folder that has nothing of ours."""
        return subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=folder or self.bin,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def _pip_settings() -> dict[str, str]:
    """How this machine's pip reaches the package index."""
    import os

    kept = ("PIP_", "SSL_", "HOME", "http_proxy", "https_proxy", "no_proxy", "LANG")
    return {name: value for name, value in os.environ.items() if name.startswith(kept)}


@pytest.fixture(scope="session")
def build_wheels() -> Callable[..., None]:
    """``build_wheels(folder, *sources)`` builds one of each by the setuptools of the tests."""

    def build(folder: Path, *sources: Path) -> None:
        pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
        command = [*pip, "--wheel-dir", str(folder), *map(str, sources)]
        subprocess.run(command, check=True, timeout=300)

    return build


@pytest.fixture(scope="session")
def wheels(build_wheels: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel of each distribution, built from a copy of the sources."""
    sources = tmp_path_factory.mktemp("sources")
    folder = tmp_path_factory.mktemp("wheels")
    parts: Sequence[str] = (
        "eventflux-core",
        "eventflux-mappers",
        "eventflux-rabbitmq",
        "eventflux-websocket",
    )
    for part in parts:
        shutil.copytree(ROOT / part, sources / part, ignore=_not_copied)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources / name)
    # stray folders that the meta-distribution must leave out
    for name in ("scripts", "examples", "tests"):
        (sources / name).mkdir()
        (sources / name / "__init__.py").touch()
    build_wheels(folder, *(sources / part for part in parts), sources)
    return folder


@pytest.fixture(scope="session")
def new_environment() -> type[Environment]:
    """``new_environment(folder)`` makes one with nothing in it."""
    return Environment


@pytest.fixture(scope="session")
def core_alone(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with eventflux-core and nothing more of ours."""
    environment = Environment(tmp_path_factory.mktemp("core-alone"))
    environment.install(wheels, "eventflux-core")
    return environment


@pytest.fixture(scope="session")
def with_rabbitmq(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment made by the README's `pip install 'eventflux[rabbitmq]'`."""
    environment = Environment(tmp_path_factory.mktemp("with-rabbitmq"))
    environment.install(wheels, "eventflux[rabbitmq]")
    return environment
