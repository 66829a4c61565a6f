"""`eventflux new` in a new environment with only the core: what it makes is installed, passes its
tests and checks, is listed, and runs from SQL, unedited."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eventflux.cli.new.names import Kind, read_name
from eventflux.cli.new.repository import write_repository

if TYPE_CHECKING:
    from tests.packaging.conftest import Environment

pytestmark = pytest.mark.slow

NAMES: dict[Kind, str] = {
    "connector": "acme",
    "mapper": "acme-text",
    "functions": "acme-words",
    "app": "readings",
}
PLUGINS: tuple[Kind, ...] = ("connector", "mapper", "functions")
TOOLS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Made:
    """The repositories, a folder for each kind, and where the plugins are installed."""

    folder: Path
    environment: Environment


@pytest.fixture(scope="module")
def made(
    wheels: Path, new_environment: type[Environment], tmp_path_factory: pytest.TempPathFactory
) -> Made:
    folder = tmp_path_factory.mktemp("made")
    environment = new_environment(tmp_path_factory.mktemp("author"))
    environment.install(wheels, "eventflux-core")
    for kind, name in NAMES.items():
        done = environment.run("eventflux", "new", kind, name, "--directory", str(folder / kind))
        assert done.returncode == 0, done.stderr
    editable = [part for kind in PLUGINS for part in ("--editable", str(folder / kind))]
    environment.install(wheels, "eventflux-core[testing]", *editable)
    return Made(folder, environment)


def test_the_wheel_has_every_template(made: Made, tmp_path: Path) -> None:
    for kind, name in NAMES.items():
        files = write_repository(kind, read_name(name), tmp_path / kind)
        assert [file for file in files if not (made.folder / kind / file).is_file()] == []


def test_installed_they_are_listed(made: Made) -> None:
    done = made.environment.run("eventflux", "plugins")
    assert done.returncode == 0, done.stderr
    listed = " ".join(re.sub(r"[│┃]", " ", done.stdout).split())
    assert "acme eventflux-acme 0.1.0 source: acme sink: acme" in listed
    assert "acme_text eventflux-acme-text 0.1.0 source mapper: acme_text" in listed
    assert "acme_words eventflux-acme-words 0.1.0 function: acme_words_slug" in listed
    assert "eventflux-mappers" not in listed
    options = made.environment.run("eventflux", "connectors", "acme")
    assert "acme.token" in options.stdout


@pytest.mark.parametrize("kind", NAMES)
def test_what_its_ci_does_passes(kind: Kind, made: Made) -> None:
    """The app's with all that is installed here: it needs the mappers."""
    workflow = (made.folder / kind / ".github" / "workflows" / "ci.yml").read_text()
    install, *commands = re.findall(r"- run: (.*)", workflow)
    assert install == "pip install --editable '.[dev]'"
    assert [command.split()[0] for command in commands] == ["ruff", "ruff", "mypy", "pytest"]
    for command in commands:
        words = shlex.split(command)
        at_home = words[0] == "pytest" and kind in PLUGINS
        done = subprocess.run(
            [str((made.environment.bin if at_home else TOOLS) / words[0]), *words[1:]],
            cwd=made.folder / kind,
            env={**os.environ, "MYPY_CACHE_DIR": str(made.folder / "mypy")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


PROGRAM = """
CREATE STREAM Posts (title STRING, score DOUBLE)
  WITH (type = 'source', extension = 'acme', format = 'acme_text', "acme.port" = '{port}');
CREATE STREAM Pages (page STRING, score DOUBLE)
  WITH (type = 'sink', extension = 'acme', format = 'acme_text', "acme.port" = '{port}');
INSERT INTO Pages
SELECT acme_words_slug(title) AS page, acme_words_clamp(score, 0, 1) AS score FROM Posts;
"""


def test_all_three_run_from_sql(made: Made, tmp_path: Path) -> None:
    environment = made.environment
    with subprocess.Popen(
        [environment.bin / "python", "-m", "tests.server", "0"],
        cwd=made.folder / "connector",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            (port,) = re.findall(r"port (\d+)", server.stdout.readline())
            (tmp_path / "pages.sql").write_text(PROGRAM.format(port=port))
            with subprocess.Popen(
                [environment.bin / "eventflux", "run", tmp_path / "pages.sql"],
                env=environment.variables,
                stderr=subprocess.PIPE,
                text=True,
            ) as app:
                server.stdin.write("title=Cr%C3%A8me+br%C3%BBl%C3%A9e&score=7.5\n")
                answer = server.stdout.readline()
                app.send_signal(signal.SIGTERM)
                _, log = app.communicate(timeout=30)
            assert answer == "page=creme-brulee&score=1.0\n", log
            assert app.returncode == 0, log
        finally:
            server.kill()


def test_their_examples_are_right(made: Made) -> None:
    """But for the formats, which are another package's."""
    done = made.environment.run(
        "eventflux", "check", "examples/acme.sql", folder=made.folder / "connector"
    )
    assert (done.returncode, done.stdout) == (6, "")
    assert "pip install eventflux-mappers" in done.stderr
    mapped = subprocess.run(
        [made.environment.bin / "eventflux", "run", "examples/acme_text.sql"],
        cwd=made.folder / "mapper",
        env=made.environment.variables,
        input="level=a&ms=5\nlevel=b&ms=1200",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (mapped.returncode, mapped.stdout) == (0, "level=b&ms=1200\n"), mapped.stderr


def test_a_name_that_is_installed_by_now_is_taken(made: Made) -> None:
    for kind, name in NAMES.items():
        done = made.environment.run("eventflux", "new", kind, name, folder=made.folder)
        assert done.returncode == (0 if kind == "app" else 2)
        assert kind == "app" or "is taken" in done.stderr
