"""The plugin through the Python API: its factories registered by hand, its folders real."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from eventflux_spool import plugin

from eventflux import EventFluxError, EventFluxManager

SQL = """
CREATE STREAM Lines (level STRING NOT NULL, card STRING, ms INT) WITH (
  type = 'source', extension = 'spool', format = 'logfmt',
  "spool.folder" = '{folder}/in', "spool.follow" = 'false'{more}
);
CREATE STREAM Slow (level STRING, card STRING, ms INT) WITH (
  type = 'sink', extension = 'spool', format = 'logfmt', "spool.folder" = '{folder}/out'
);
INSERT INTO Slow SELECT level, mask(card, 4) AS card, ms FROM Lines;
"""


@pytest.fixture
def manager() -> EventFluxManager:
    manager = EventFluxManager(plugins=False)
    context = manager.context
    for source in plugin.register_source_factories():
        context.add_source_factory(source.name, source)
    for sink in plugin.register_sink_factories():
        context.add_sink_factory(sink.name, sink)
    for decoder in plugin.register_source_mapper_factories():
        context.add_source_mapper_factory(decoder.name, decoder)
    for encoder in plugin.register_sink_mapper_factories():
        context.add_sink_mapper_factory(encoder.name, encoder)
    for function in plugin.register_functions():
        context.add_function(function)
    return manager


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(folder: Path, *lines: str) -> None:
    for number, line in enumerate(lines):
        (folder / "in" / f"{number:04}").write_text(line)


def run(manager: EventFluxManager, folder: Path, more: str = "") -> Sequence[str]:
    """Run the program over what is in the folder; the lines of the messages that come out."""
    with manager.create_app(SQL.format(folder=folder, more=more)) as app:
        assert app.wait_finished(10)
    return [file.read_text() for file in sorted((folder / "out").iterdir())]


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_files_become_rows_and_rows_become_files(manager: EventFluxManager, folder: Path) -> None:
    put(folder, "level=info card=4111111111111111 ms=12 more=1\n\nlevel=warn", 'level="a \\"b\\""')
    assert run(manager, folder) == [
        "level=info card=************1111 ms=12",
        "level=warn",
        'level="a \\"b\\""',
    ]
    assert names(folder / "in") == []


def test_what_is_written_can_be_read(manager: EventFluxManager, folder: Path) -> None:
    values = [
        "plain",
        "two words",
        'a "quote"',
        "back\\slash\\n",
        "line\nbreak\tand tab",
        "a=b",
        "",
    ]
    for value in values:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        put(folder, f'level="{escaped}"')
        (first,) = run(manager, folder)
        (folder / "in" / "again").write_text(first)
        for file in (folder / "out").iterdir():
            file.unlink()
        assert run(manager, folder) == [first], value
        for file in (folder / "out").iterdir():
            file.unlink()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("level=info ms=many", "line 1: ms expects INT, got 'many'"),
        ("level=info\nlevel=info ms=9999999999", "line 2: ms expects INT, got '9999999999'"),
        ("ms=1", "line 1: level is missing and NOT NULL"),
        ('level="open', "line 1: expected key=value at character 1"),
    ],
)
def test_a_bad_line_is_named_and_its_file_set_aside(
    line: str,
    told: str,
    manager: EventFluxManager,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(folder, "level=first", line, "level=last")
    lines = run(manager, folder)
    assert lines[0] == "level=first"
    assert lines[-1] == "level=last"
    assert told in caplog.text
    kept = names(folder / "in" / "rejected") if (folder / "in" / "rejected").exists() else []
    assert kept == ([] if "\n" in line else ["0001"])  # one of its rows was good: it is done


def test_unknown_keys_can_be_refused(
    manager: EventFluxManager, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(folder, "level=info colour=red")
    assert run(manager, folder, ", 'logfmt.unknown.keys' = 'refuse'") == []
    assert "no column is called 'colour'" in caplog.text


def test_a_missing_folder_is_refused_at_start(manager: EventFluxManager, tmp_path: Path) -> None:
    with pytest.raises(EventFluxError, match=r"spool\.folder"):
        run(manager, tmp_path)


def test_a_file_that_is_not_confirmed_is_read_again(
    manager: EventFluxManager, folder: Path
) -> None:
    put(folder, "level=info")
    (folder / "out").rmdir()
    with pytest.raises(EventFluxError):
        run(manager, folder)
    assert names(folder / "in") == ["0000"]
    (folder / "out").mkdir()
    assert run(manager, folder) == ["level=info"]
    assert names(folder / "in") == []
