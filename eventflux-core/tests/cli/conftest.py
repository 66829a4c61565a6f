"""Running the command line within the test's process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eventflux.cli import main

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the packages of `kafka` and `avro` were there to be installed."""
    monkeypatch.setattr("eventflux.spi.registry.PLANNED_PACKAGES", frozenset())


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run `eventflux ARGUMENTS…`: exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run
