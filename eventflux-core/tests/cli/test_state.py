"""`eventflux state`: what is in the state of apps, for people and programs."""

from __future__ import annotations

import json
import os
import sqlite3
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from eventflux import AppRuntime, EventFluxManager
from eventflux.cli import stored_state
from eventflux.cli.stored_state import age_text, bytes_text
from eventflux.runtime.manifest import Manifest, decoded

from .conftest import Cli

SQL = """
CREATE STREAM S (k STRING, v LONG);
INSERT INTO T SELECT k, SUM(v) AS total FROM S GROUP BY k WITH (name = 'sums');
INSERT INTO U SELECT k, v FROM S WHERE v > 2;
INSERT INTO V SELECT COUNT(*) AS n FROM S WINDOW('tumbling', 1 HOUR) WITH (name = 'hourly');
"""


def app_in(directory: Path, name: str = "orders.sql") -> AppRuntime:
    return EventFluxManager().create_app(SQL, name=name, state=directory, environment={})


def fill(directory: Path, name: str = "orders.sql") -> None:
    with app_in(directory, name) as app:
        for v in range(1, 5):
            app.input("S").send((f"k{v}", v))
            app.persist()


def test_it_lists_checkpoints_and_queries(tmp_path: Path, cli: Cli) -> None:
    fill(tmp_path)
    code, out, _ = cli("state", tmp_path)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("orders: ")
    assert lines[0].endswith(str(tmp_path / "orders.sqlite"))
    checkpoints = [line.split() for line in lines if "UTC" in line]
    assert [row[0] for row in checkpoints] == ["4", "3", "2"]
    assert all(row[-2:] == [version("eventflux-core"), "whole"] for row in checkpoints)
    [sums] = [line for line in lines if "sums" in line]
    cells = [cell.strip() for cell in sums.strip("│").split("│")]
    assert cells[:4] == ["sums", "running aggregate", "k", "4"]
    assert "hourly" in out
    assert "query_2" not in out, "what keeps no state has none"


def test_it_tells_programs_the_same(tmp_path: Path, cli: Cli) -> None:
    fill(tmp_path)
    code, out, _ = cli("state", tmp_path, "--output", "json")
    assert code == 0
    [app] = json.loads(out)
    assert (app["app"], app["damage"]) == ("orders", None)
    assert [one["revision"] for one in app["checkpoints"]] == [4, 3, 2]
    assert all(one["written"] > 0 and one["age_ms"] >= 0 for one in app["checkpoints"])
    by_query = {one["query"]: one for one in app["queries"]}
    assert by_query["sums"]["keys"] == ["k"]
    assert by_query["sums"]["rows"] == 4
    assert by_query["sums"]["form"].endswith("n:1 nulls0:1 total0:1")
    assert by_query["sums"]["records"] >= 4
    assert by_query["sums"]["bytes"] > 0
    assert by_query["hourly"]["kind"] == "Tumbling window"


def test_it_looks_while_the_app_runs(tmp_path: Path, cli: Cli) -> None:
    with app_in(tmp_path) as app:
        app.input("S").send(("a", 1))
        app.persist()
        code, out, _ = cli("state", tmp_path)
        assert code == 0
        assert "sums" in out
        app.input("S").send(("a", 2))
        assert app.persist() == 2


def test_checkpoints_that_are_made_while_it_looks_are_no_damage(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest is forgotten with each."""
    fill(tmp_path)
    with app_in(tmp_path) as app:

        def meanwhile(manifest: bytes) -> Manifest:
            app.input("S").send(("a", 1))
            app.persist()
            return decoded(manifest)

        monkeypatch.setattr(stored_state, "decoded", meanwhile)
        code, out, _ = cli("state", tmp_path)
    assert (code, out.count("whole")) == (0, 3)


def test_it_looks_where_it_may_not_write(tmp_path: Path, cli: Cli) -> None:
    """As an operator does who is not the user that runs the app."""
    fill(tmp_path)
    before = cli("state", tmp_path)
    with TemporaryDirectory() as made:
        directory = Path(made)
        fill(directory)
        directory.chmod(0o555)
        user = os.geteuid()
        try:
            if user == 0:
                os.seteuid(65534)
            after = cli("state", directory)
        finally:
            os.seteuid(user)
            directory.chmod(0o755)
    assert after[0] == before[0] == 0
    assert len(after[1].splitlines()) == len(before[1].splitlines())


def test_apps_are_listed_by_name(tmp_path: Path, cli: Cli) -> None:
    fill(tmp_path, "b.sql")
    fill(tmp_path, "a.sql")
    _, out, _ = cli("state", tmp_path)
    assert [line.partition(":")[0] for line in out.splitlines() if " in /" in line] == ["a", "b"]


def test_an_empty_directory_says_so(tmp_path: Path, cli: Cli) -> None:
    assert cli("state", tmp_path) == (0, f"no app has state in {tmp_path}\n", "")
    assert cli("state", tmp_path, "--output", "json")[1] == "[]\n"


def test_an_app_that_remembers_nothing_says_so(tmp_path: Path, cli: Cli) -> None:
    sql = "CREATE STREAM S (v LONG); INSERT INTO T SELECT v FROM S WHERE v > 2;"
    with EventFluxManager().create_app(sql, name="big", state=tmp_path, environment={}) as app:
        app.input("S").send((3,))
        _, out, _ = cli("state", tmp_path)
    assert out.splitlines()[1:] == ["  no checkpoint yet", ""]
    _, out, _ = cli("state", tmp_path)
    assert out.splitlines()[-2:] == ["  none of its queries keeps state", ""]
    assert "whole" in out


def test_damage_is_shown_and_is_a_failure(tmp_path: Path, cli: Cli) -> None:
    fill(tmp_path)
    database = sqlite3.connect(tmp_path / "orders.sqlite")
    database.execute(
        "UPDATE changes SET value = zeroblob(length(value)) "
        "WHERE revision = (SELECT max(revision) FROM checkpoints)"
    )
    database.commit()
    database.close()
    code, out, _ = cli("state", tmp_path)
    assert code == 1
    assert "damaged: the changes of revision 4" in out
    [sums] = [line for line in out.splitlines() if "sums" in line]
    assert "│    3 │" in sums, "the one before is told"


def test_what_is_no_state_is_named(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"no database at all, but a text of some length")
    code, out, _ = cli("state", tmp_path)
    assert code == 1
    assert "nothing of it can be read: SQLite: file is not a database" in out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path, cli: Cli) -> None:
    os.mkfifo(tmp_path / "pipe.sqlite")
    code, out, _ = cli("state", tmp_path)
    assert code == 1
    assert "nothing of it can be read: it is no regular file" in out


def test_a_directory_that_is_not_there_is_a_usage_error(tmp_path: Path, cli: Cli) -> None:
    code, _, err = cli("state", tmp_path / "none")
    assert code == 2
    assert "not" in err
    assert "exist" in err


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (5 * 2**30, "5.0 GiB"),
        (2**50, "1048576.0 GiB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3 * 3600 + 60, "3 h 1 min"), (90_000, "1 d 1 h")],
)
def test_ages(seconds: int, text: str) -> None:
    assert age_text(seconds * 1000 + 999) == text
