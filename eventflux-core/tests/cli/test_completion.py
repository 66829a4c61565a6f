"""What the shell offers when Tab is pressed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

SQL = """CREATE STREAM Ticks (t STRING) WITH (type = 'source', extension = 'timer');
CREATE STREAM Log (t STRING) WITH (type = 'sink', extension = 'log');
CREATE STREAM Middle (t STRING);
"""


def offered(*words: str) -> list[str]:
    """What bash is offered for the last of these words."""
    environment = {
        **os.environ,
        "_EVENTFLUX_COMPLETE": "complete_bash",
        "COMP_WORDS": shlex.join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "import eventflux.cli; eventflux.cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "p.sql"
    path.write_text(SQL)
    return str(path)


def test_commands_and_connectors() -> None:
    assert "fmt" in offered("eventflux", "f")
    assert {"log", "timer"} <= set(offered("eventflux", "connectors", ""))
    assert offered("eventflux", "connectors", "tim") == ["timer"]


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("begun", "options"),
    [
        ("Ticks.timer.", ["Ticks.timer.interval="]),
        ("Log.log.", ["Log.log.level="]),
        ("Log.lin", ["Log.linger="]),
        ("Ticks.lin", []),
        ("Middle.error.log", ["Middle.error.log-level="]),
        ("app.st", ["app.start.timeout=", "app.stop.timeout="]),
    ],
)
def test_options_of_the_programs_streams(
    file: str, command: str, begun: str, options: list[str]
) -> None:
    found = offered("eventflux", command, file, "--set", begun)
    assert set(options) <= set(found) if options else found == []


def test_a_program_that_can_not_be_read_offers_settings(tmp_path: Path) -> None:
    (tmp_path / "p.sql").write_text("CREATE ' nonsense")
    found = offered("eventflux", "run", str(tmp_path / "p.sql"), "--set", "app.na")
    assert found == ["app.name="]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str) -> None:
    code = f"import eventflux.cli; eventflux.cli.main(['--show-completion', '{shell}'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "_EVENTFLUX_COMPLETE" in done.stdout
