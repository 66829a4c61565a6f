"""Plugins of third parties: the wheel of a good one and of a broken one beside the core alone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.packaging.conftest import Environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "examples" / "plugins"
BROKEN = "(eventflux-broken 6.6.6)"


@pytest.fixture(scope="module")
def plugin_wheels(
    wheels: Path, build_wheels: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of our own wheels, with those of the two plugins added."""
    sources = tmp_path_factory.mktemp("plugins")
    for name in ("spool", "broken"):
        shutil.copytree(
            PLUGINS / name, sources / name, ignore=shutil.ignore_patterns("*.egg-info", "build")
        )
    build_wheels(wheels, sources / "spool", sources / "broken")
    return wheels


@pytest.fixture(scope="module")
def with_spool(
    plugin_wheels: Path,
    new_environment: type[Environment],
    tmp_path_factory: pytest.TempPathFactory,
) -> Environment:
    """The core and the good plugin."""
    environment = new_environment(tmp_path_factory.mktemp("with-spool"))
    environment.install(plugin_wheels, "eventflux-spool")
    return environment


@pytest.fixture(scope="module")
def with_both(with_spool: Environment, plugin_wheels: Path) -> Environment:
    """The broken one beside them."""
    with_spool.install(plugin_wheels, "eventflux-broken")
    return with_spool


def write(folder: Path, sql: str) -> str:
    """A program in a new folder with the folders ``in`` and ``out``; its path."""
    for name in ("in", "out"):
        (folder / name).mkdir()
    (folder / "program.sql").write_text(sql.replace("FOLDER", str(folder)))
    return str(folder / "program.sql")


PROGRAM = """
CREATE STREAM Lines (level STRING, card STRING, ms LONG) WITH (
  type = 'source', extension = 'spool', format = 'logfmt',
  "spool.folder" = 'FOLDER/in', "spool.follow" = 'false'
);
CREATE STREAM Slow (card STRING, ms LONG) WITH (
  type = 'sink', extension = 'spool', format = 'logfmt', "spool.folder" = 'FOLDER/out'
);
INSERT INTO Slow SELECT mask(card, 4) AS card, ms FROM Lines WHERE ms > 1000;
"""


def runs_the_program(environment: Environment, folder: Path) -> None:
    program = write(folder, PROGRAM)
    (folder / "in" / "1").write_text("level=info card=4111111111111111 ms=1500\nms=3")
    (folder / "in" / "2").write_text('level=warn card="x12 34" ms=1001')
    done = environment.run("eventflux", "run", program)
    assert done.returncode == 0, done.stderr
    lines = [file.read_text() for file in sorted((folder / "out").iterdir())]
    assert lines == ["card=************1111 ms=1500", 'card="**2 34" ms=1001']
    assert list((folder / "in").iterdir()) == []


def test_an_installed_plugin_runs_from_sql(with_spool: Environment, tmp_path: Path) -> None:
    listed = with_spool.run("eventflux", "plugins")
    assert listed.returncode == 0, listed.stderr
    for text in ("eventflux-spool", "0.1.0", "source: spool", "sink mapper: logfmt", "mask"):
        assert text in listed.stdout
    options = with_spool.run("eventflux", "connectors", "spool")
    assert "spool.poll.interval" in options.stdout
    runs_the_program(with_spool, tmp_path)


def test_its_options_are_checked_like_any_other(with_spool: Environment, tmp_path: Path) -> None:
    program = write(tmp_path, PROGRAM.replace("\"spool.follow\" = 'false'", "'spool.folow' = 'no'"))
    done = with_spool.run("eventflux", "check", program)
    assert done.returncode == 3
    assert "program.sql:4:" in done.stderr
    assert "did you mean 'spool.follow'?" in done.stderr


LOADING = {
    "import-error": "ModuleNotFoundError: No module named 'a_library_that_nobody_has'",
    "other-version": "it was written for version 2.0 of the plugin interface, this is 1.0",
    "raising-hook": "register_sink_factories raised RuntimeError: no sinks today",
    "bad-option": "TypeError: option 'hosts' has type list[str], expected str, int,",
    "duplicate": "source 'Timer' is already provided by plugin 'builtin' (eventflux-core 0.1.0)",
}


def test_broken_plugins_are_listed_and_take_nothing_down(
    with_both: Environment, tmp_path: Path
) -> None:
    done = with_both.run("eventflux", "plugins")
    assert done.returncode == 0, done.stderr
    listed = re.sub(r"\s+", " ", re.sub(r"[│|]", " ", done.stdout))
    for name, reason in LOADING.items():
        assert re.search(rf"{name} +eventflux-broken +6\.6\.6 +could not be loaded", listed), listed
        words = reason.split()
        assert all(word in listed for word in words), (reason, listed)
    for name in ("broken-answer", "broken-create", "broken-exit", "broken-open", "broken-send"):
        assert name in listed
    assert "source: spool" in listed
    runs_the_program(with_both, tmp_path)


def test_broken_plugins_are_warned_of_when_a_program_runs(
    with_both: Environment, tmp_path: Path
) -> None:
    done = with_both.run("eventflux", "run", write(tmp_path, PROGRAM))
    assert done.returncode == 0, done.stderr
    for name, reason in LOADING.items():
        assert f"plugin '{name}' {BROKEN} could not be loaded: {reason}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_name_that_nobody_brings_points_at_what_could_not_be_loaded(
    with_both: Environment, tmp_path: Path
) -> None:
    program = write(tmp_path, PROGRAM.replace("extension = 'spool'", "extension = 'bad'"))
    done = with_both.run("eventflux", "check", program)
    assert done.returncode == 3
    assert f"plugin 'import-error' {BROKEN}" in done.stderr
    assert "eventflux plugins" in done.stderr


BY = f"plugin 'at-work' {BROKEN} broke its contract: "
AT_WORK = {
    # what stands in the program: (the exit code, what is told)
    "broken-create": (5, BY + "create raised ValueError: a bug in create"),
    "broken-open": (5, BY + "open raised KeyError: 'a bug in open'"),
    "broken-send": (1, BY + "send raised ZeroDivisionError: a bug in send"),
    "broken-exit": (1, BY + "send raised SystemExit: a bug that would end the process"),
    "broken-answer": (1, BY + "send returned None, expected a sequence of Refusals"),
    "broken-decode": (1, BY + "decode raised IndexError: a bug in decode"),
    "broken-encode": (1, BY + "encode raised LookupError: a bug in encode"),
    "broken-mapper": (3, BY + "create returned NoneType, expected SourceMapper"),
}


@pytest.mark.parametrize("name", AT_WORK)
def test_what_breaks_at_work_is_named_with_its_version(
    name: str, with_both: Environment, tmp_path: Path
) -> None:
    program = PROGRAM
    if name in ("broken-decode", "broken-mapper"):
        program = program.replace("'spool', format = 'logfmt',\n", f"'spool', format = '{name}',\n")
    elif name == "broken-encode":
        program = program.replace("format = 'logfmt', \"spool", f"format = '{name}', \"spool")
    else:
        sink = f"type = 'sink', extension = '{name}'\n"
        program = re.sub(r"type = 'sink'.*\n", sink, program)
    file = write(tmp_path, program)
    (tmp_path / "in" / "1").write_text("level=info card=4111111111111111 ms=1500")
    done = with_both.run("eventflux", "run", file)
    code, told = AT_WORK[name]
    assert told in done.stderr
    assert done.returncode == code, done.stderr
    assert len(list((tmp_path / "in").iterdir())) == 1, "nothing is lost: the file is still there"


def test_a_function_that_fails_its_row_is_named_with_its_version(
    with_both: Environment, tmp_path: Path
) -> None:
    file = write(tmp_path, PROGRAM.replace("mask(card, 4)", "broken_call(card)"))
    (tmp_path / "in" / "1").write_text("level=info card=4111111111111111 ms=1500\nms=3")
    done = with_both.run("eventflux", "run", file)
    assert done.returncode == 0, done.stderr
    assert f"a bug in a function (plugin 'at-work' {BROKEN})" in done.stderr


def test_a_failure_at_work_is_one_json_line_too(with_both: Environment, tmp_path: Path) -> None:
    program = re.sub(r"type = 'sink'.*\n", "type = 'sink', extension = 'broken-send'\n", PROGRAM)
    file = write(tmp_path, program)
    (tmp_path / "in" / "1").write_text("level=info card=4111111111111111 ms=1500")
    done = with_both.run("eventflux", "run", file, "--log-format", "json")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert any(AT_WORK["broken-send"][1] in json.dumps(line) for line in lines)
