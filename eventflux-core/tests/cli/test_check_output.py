"""`eventflux check` over several files, for editors and CI, and with the options in force."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

GOOD = """CREATE STREAM A (id STRING) WITH (type = 'source', extension = 'timer',
  "timer.interval" = '1 s');
CREATE STREAM B (id STRING) WITH (type = 'sink', extension = 'log', "log.level" = 'error');
INSERT INTO B SELECT id FROM A;
"""
BAD = "CREATE STREAM A (id INT);\nINSERT INTO B SELECT nope, 'x y' > id FROM A;\n"
MISSING = "CREATE STREAM A (id INT) WITH (type = 'source', extension = 'kafka', format = 'avro');\n"


def write(folder: Path, **programs: str) -> list[Path]:
    paths = [folder / f"{name}.sql" for name in programs]
    for path, sql in zip(paths, programs.values(), strict=True):
        path.write_text(sql, encoding="utf-8")
    return paths


def test_several_files_are_checked_at_once(cli: Any, tmp_path: Path) -> None:
    good, bad, other = write(tmp_path, good=GOOD, bad=BAD, other=GOOD)
    code, out, err = cli("check", good, bad, other)
    assert code == 3
    told = "ok, 2 streams, 1 query\n  B: at-most-once, in order: source 'A' (timer) is live\n"
    assert out == f"{good}: {told}{other}: {told}"
    assert f"{bad}:2:22: error: " in err


@pytest.mark.parametrize(
    ("programs", "code"),
    [
        ({"a": GOOD}, 0),
        ({"a": GOOD, "b": MISSING}, 6),
        ({"a": MISSING, "b": BAD}, 3),
        ({"a": BAD + MISSING.replace("A", "C")}, 3),
    ],
)
@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.usefixtures("not_installed")
def test_the_exit_code_is_that_of_the_worst(
    cli: Any, tmp_path: Path, programs: dict[str, str], code: int, output: str
) -> None:
    assert cli("check", *write(tmp_path, **programs), "--output", output)[0] == code


def diagnostics(out: str) -> list[dict[str, Any]]:
    found = json.loads(out)
    assert isinstance(found, list)
    return found


def test_json_tells_each_problem_with_its_place(cli: Any, tmp_path: Path) -> None:
    good, bad = write(tmp_path, good=GOOD, bad=BAD)
    code, out, err = cli("check", good, bad, "--output", "json")
    first, *_ = diagnostics(out)
    assert (code, err) == (3, "")
    assert first == {
        "file": str(bad),
        "line": 2,
        "column": 22,
        "end_line": 2,
        "end_column": 26,
        "severity": "error",
        "message": "stream 'A' has no column 'nope'",
        "hint": first["hint"],
    }
    assert BAD.splitlines()[1][21:25] == "nope"


def test_json_of_a_good_program_is_an_empty_array(cli: Any, tmp_path: Path) -> None:
    assert cli("check", *write(tmp_path, a=GOOD), "--output", "json") == (0, "[]\n", "")


@pytest.mark.usefixtures("not_installed")
def test_json_names_missing_packages_at_their_places(cli: Any, tmp_path: Path) -> None:
    (path,) = write(tmp_path, a=MISSING)
    code, out, _ = cli("check", path, "--output", "json")
    assert code == 6
    found = diagnostics(out)
    assert [MISSING[d["column"] - 1 : d["end_column"] - 1] for d in found] == ["'kafka'", "'avro'"]
    assert found[0]["hint"] == "pip install eventflux-kafka"


def test_json_tells_warnings_too(cli: Any, tmp_path: Path) -> None:
    sql = GOOD + "CREATE STREAM IF NOT EXISTS A (other INT);"
    code, out, err = cli("check", *write(tmp_path, a=sql), "--output", "json")
    assert (code, err) == (0, "")
    (warning,) = diagnostics(out)
    assert (warning["severity"], warning["line"]) == ("warning", 5)


def test_json_tells_what_is_wrong_in_the_configuration_with_its_line(
    cli: Any, tmp_path: Path
) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[streams.B]\n\n"log.levle" = "info"\n')
    code, out, _ = cli("check", *write(tmp_path, a=GOOD), "-c", config, "--output", "json")
    (found,) = diagnostics(out)
    assert code == 3
    assert (found["file"], found["line"], found["end_column"]) == (str(config), 3, None)


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_configuration_that_is_no_toml_is_told_once(
    cli: Any, tmp_path: Path, output: str
) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[streams")
    code, out, err = cli("check", *write(tmp_path, a=GOOD, b=BAD), "-c", config, "--output", output)
    assert code == 3
    assert (out if output == "json" else err).count("is not TOML") == 1


def test_a_program_may_come_from_the_standard_input(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    code, out, _ = cli("check", "-", "--output", "json")
    assert code == 3
    assert diagnostics(out)[0]["file"] == "<stdin>"


def test_the_options_in_force_and_where_they_come_from(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENTFLUX_STREAMS__B__error_log_level", "debug")
    monkeypatch.setenv("SECONDS", "7")
    config = tmp_path / "c.toml"
    config.write_text('[app]\nstart.timeout = "${SECONDS}s"\n')
    (path,) = write(tmp_path, a=GOOD)
    code, out, _ = cli(
        "check", path, "--show-options", "-c", config, "--set", "A.max.in.flight=9"
    )  # fmt: skip
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()]
    assert code == 0
    assert ["app.start.timeout", "7s", f"{config}:2, ${{SECONDS}}"] in rows
    assert ["app.time", "system", "default"] in rows
    assert ["A", "timer.interval", "1 s", f"{path}:2"] in rows
    assert ["A", "max.in.flight", "9", "--set"] in rows
    assert ["A", "batch.max.messages", "1024", "default"] in rows
    assert ["B", "log.level", "error", f"{path}:3"] in rows
    assert ["B", "extension", "log", f"{path}:3"] in rows
    assert ["B", "error.log-level", "debug", "EVENTFLUX_STREAMS__B__error_log_level"] in rows


def test_the_options_in_force_as_json(cli: Any, tmp_path: Path) -> None:
    (path,) = write(tmp_path, a="SET app.time = 'event';\n" + GOOD)
    _, out, _ = cli("check", path, "--show-options", "--output", "json")
    shown = json.loads(out)
    assert shown["diagnostics"] == []
    (program,) = shown["options"]
    assert (program["file"], program["app"]) == (str(path), "a")
    assert program["settings"][0] == {
        "name": "app.time",
        "value": "event",
        "secret": False,
        "layer": "sql",
        "file": str(path),
        "line": 1,
        "column": 1,
        "variable": None,
        "references": [],
    }
    level = next(o for o in program["streams"][1]["options"] if o["name"] == "log.level")
    assert (level["layer"], level["line"]) == ("sql", 4)


def test_the_options_of_a_query_are_shown_too(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHAT_TO_DO", "fail")
    monkeypatch.setenv("NAME", "copy")
    options = "WITH (name = '${NAME}', error.strategy = '${WHAT_TO_DO}')"
    (path,) = write(tmp_path, a=GOOD.replace("FROM A;", f"FROM A {options};"))
    code, out, _ = cli("check", path, "--show-options")
    assert code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()]
    assert ["copy", "error.strategy", "fail", f"{path}:4, ${{WHAT_TO_DO}}"] in rows
    _, out, _ = cli("check", path, "--show-options", "--output", "json")
    (query,) = json.loads(out)["options"][0]["queries"]
    assert (query["query"], query["options"][0]["value"]) == ("copy", "fail")
    monkeypatch.delenv("NAME")
    code, _, err = cli("check", path)
    assert code == 3
    assert f"{path}:4:" in err
    assert "NAME is not set" in err
