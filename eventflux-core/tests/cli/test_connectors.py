"""`eventflux plugins` and `eventflux connectors`."""

from __future__ import annotations

import pytest

from eventflux.cli import main


def test_connectors_lists_the_built_in_ones(capsys: pytest.CaptureFixture[str]) -> None:
    main_ok("connectors")
    out = capsys.readouterr().out
    for name in ("memory", "timer", "log", "console"):
        assert name in out


def test_a_connector_shows_type_default_and_meaning_of_each_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main_ok("connectors", "timer")
    out = capsys.readouterr().out
    assert "timer.interval" in out
    assert "duration" in out
    assert "error.strategy" in out


def test_a_connector_shows_what_metadata_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    main_ok("connectors", "memory")
    out = capsys.readouterr().out
    assert "METADATA columns read these of a message:" in out
    assert "METADATA columns set these of a message:" in out
    assert "headers.*" in out


def test_a_sink_has_no_watermark_to_set_options_of(capsys: pytest.CaptureFixture[str]) -> None:
    main_ok("connectors", "log")
    assert "watermark" not in capsys.readouterr().out
    main_ok("connectors", "timer")
    assert "watermark.idle" in capsys.readouterr().out


@pytest.mark.usefixtures("not_installed")
def test_a_connector_that_comes_with_a_package_says_which(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code("connectors", "kafka") == 6
    assert "pip install eventflux-kafka" in capsys.readouterr().err


def test_a_connector_that_is_planned_can_not_be_installed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code("connectors", "kafka") == 3
    error = capsys.readouterr().err
    assert "extension 'kafka' is not supported yet" in error
    assert "pip install" not in error


def test_an_unknown_connector_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code("connectors", "memry") == 3
    assert "did you mean 'memory'?" in capsys.readouterr().err


def test_plugins_lists_what_each_brings(capsys: pytest.CaptureFixture[str]) -> None:
    main_ok("plugins")
    out = capsys.readouterr().out
    assert "eventflux-core" in out
    assert "source: " in out
    assert "memory" in out


def exit_code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def main_ok(*arguments: str) -> None:
    assert exit_code(*arguments) == 0
