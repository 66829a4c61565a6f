"""Wheels of all distributions, and new environments that they are installed into."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".*", "build", "*.egg-info", "__pycache__", "tests", "benchmarks", "docs"
)


class Environment:
    """A new virtual environment, outside the checkout."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=True)
        self.bin = folder / "bin"

    def install(self, wheels: Path, requirement: str) -> None:
        self.run(
            "pip", "install", "--quiet", "--find-links", str(wheels), requirement
        ).check_returncode()

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, in a folder that has nothing of ours."""
        return subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.bin,
            env={"PATH": f"{self.bin}:/usr/bin:/bin", **_pip_settings()},
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
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
        shutil.copytree(ROOT / part, sources / part, ignore=NOT_COPIED)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources / name)
    # stray folders that the meta-distribution must leave out
    for name in ("scripts", "examples", "tests"):
        (sources / name).mkdir()
        (sources / name / "__init__.py").touch()
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--wheel-dir", str(folder)),
            *(str(sources / part) for part in parts),
            str(sources),
        ],
        check=True,
        timeout=300,
    )
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
