"""The command line without a program: help, versions, lists."""

from __future__ import annotations

import subprocess
import sys

import pytest

from eventflux.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for command in ("run", "check", "test", "explain", "plugins", "connectors", "new"):
        assert f" {command} " in out


@pytest.mark.parametrize("command", ["run", "check", "test", "explain", "connectors", "new"])
def test_the_help_of_a_command_has_an_example(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    assert f" eventflux {command} " in out.split("Usage:")[1].split("\n", 1)[1]


def test_the_help_of_run_has_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "run", "--help")
    for code in ("0", "1", "2", "3", "4", "5", "6", "130"):
        assert f" {code}  " in out


def test_the_help_of_check_has_the_exit_codes_of_check(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "check", "--help")
    assert {
        line.split()[0] for line in out.split("Exit codes:")[1].splitlines() if line.strip()
    } == {
        "0",
        "2",
        "3",
        "6",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run"],
        ["run", "there-is-no-such-file.sql"],
        ["check", "--nonsense", "x"],
        ["connectors", "a", "b"],
    ],
)
def test_a_wrong_command_line_is_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert "Usage" in err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, eventflux.cli\n"
        "try:\n"
        "    eventflux.cli.main(['run', '--help'])\n"
        "finally:\n"
        "    print('\\n'.join(sys.modules))\n"
    )
    modules = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    heavy = {"sqlglot", "msgspec", "pluggy", "importlib_metadata", "asyncio", "eventflux.runtime"}
    assert heavy.isdisjoint(modules)
    assert "eventflux.cli.run" in modules


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--version")
    assert code == 0
    assert out.startswith("eventflux 0.")
