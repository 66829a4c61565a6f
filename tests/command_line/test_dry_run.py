"""`eventflux run --dry-run`: the same program over rows, without anything outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eventflux.cli import main

ROOT = Path(__file__).resolve().parents[2]
ORDERS = ROOT / "examples" / "orders.sql"

EVENT_TIME = """
SET app.time = 'event';
CREATE STREAM Left_ (k STRING, at LONG) WITH (
  type = 'source', extension = 'console', format = 'json', "event.time" = 'at');
CREATE STREAM Right_ (k STRING, at LONG) WITH (
  type = 'source', extension = 'memory', "memory.channel" = 'r', format = 'json',
  "event.time" = 'at');
CREATE STREAM Counts (k STRING, n LONG) WITH (type = 'sink', extension = 'log');
INSERT INTO Both SELECT k FROM Left_;
INSERT INTO Both SELECT k FROM Right_;
INSERT INTO Counts SELECT k, count(*) AS n FROM Both WINDOW('tumbling', 10 sec) GROUP BY k;
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `eventflux run PROGRAM --dry-run ARGUMENTS…`: exit code, stdout, stderr."""

    def run_it(program: Path | str, *arguments: str) -> tuple[int, str, str]:
        if isinstance(program, str):
            file = tmp_path / "program.sql"
            file.write_text(program)
            program = file
        with pytest.raises(SystemExit) as ended:
            main(["run", str(program), "--dry-run", *arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run_it


def rows_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_orders_as_a_table(run: Run) -> None:
    code, out, err = run(ORDERS, "--input", f"OrderInput={ROOT / 'examples' / 'orders.jsonl'}")
    assert code == 0
    assert "OrderOutput: 6 rows" in out
    assert "café table" in out
    assert "warning" not in err
    summary = err.split("query", 1)[1]
    assert "filtered" in summary


def test_without_a_file_each_source_gets_ten_rows_always_the_same(run: Run) -> None:
    code, first, err = run(ORDERS, "--output", "json")
    assert code == 0
    assert "'OrderInput' gets 10 made-up rows" in err
    _, second, _ = run(ORDERS, "--output", "json")
    assert first == second
    rows = rows_of(first)
    assert rows
    assert all(
        set(row) == {"order_id", "customer_id", "amount", "product", "priority"} for row in rows
    )


def test_json_rows_can_be_the_input_of_another_run(run: Run, tmp_path: Path) -> None:
    _, out, _ = run(ORDERS, "--output", "json")
    again = tmp_path / "again.jsonl"
    again.write_text(out)
    code, out_again, err = run(ORDERS, "--output", "json", "--input", f"OrderInput={again}")
    assert code == 0
    assert rows_of(out_again) == rows_of(out)
    assert "no column is called 'priority'" in err


def test_csv_input(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,amount\n1,2000\n2,\n3,51\n")
    code, out, _ = run(ORDERS, "--output", "json", "--input", f"OrderInput={file}")
    assert code == 0
    assert [(row["order_id"], row["priority"]) for row in rows_of(out)] == [
        ("1", "HIGH"),
        ("3", "LOW"),
    ]


def test_the_end_of_the_input_closes_windows_and_inputs_merge_by_event_time(
    run: Run, tmp_path: Path
) -> None:
    def file(name: str, *rows: tuple[str, int]) -> str:
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps({"k": k, "at": at}) + "\n" for k, at in rows))
        return f"{name}={path}"

    left = file("Left_", ("a", 1_000), ("a", 12_000))
    right = file("Right_", ("a", 2_000), ("b", 3_000), ("a", 13_000))
    code, out, _ = run(EVENT_TIME, "--output", "json", "--input", left, "--input", right)
    assert code == 0
    assert rows_of(out) == [{"k": "a", "n": 2}, {"k": "b", "n": 1}, {"k": "a", "n": 2}]


def test_a_wrong_row_is_named_and_nothing_is_hidden(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text('{"order_id": "1", "amount": 60}\n{"order_id": "2", "amount": "much"}\n')
    code, _, err = run(ORDERS, "--input", f"OrderInput={file}")
    assert code == 1
    assert f"{file}:2: column 'amount' (DOUBLE)" in err
    assert "Traceback" not in err


def test_a_row_that_fails_the_app(run: Run, tmp_path: Path) -> None:
    program = (
        "CREATE STREAM A (n INT) WITH (type = 'source', extension = 'console', format = 'json',"
        " \"error.strategy\" = 'fail');\n"
        "CREATE STREAM B (n INT) WITH (type = 'sink', extension = 'log');\n"
        "INSERT INTO B SELECT n + 1 AS n FROM A;\n"
    )
    file = tmp_path / "rows.jsonl"
    file.write_text('{"n": 1}\n{"n": 2147483647}\n{"n": 3}\n')
    code, out, err = run(program, "--output", "json", "--input", f"A={file}")
    assert code == 1
    assert {"n": 2} in rows_of(out)
    assert {"n": 4} not in rows_of(out)
    assert "failed" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("OrderInputs=x.jsonl", "did you mean 'OrderInput'?"),
        ("OrderOutput=x.jsonl", "takes input"),
        ("OrderInput=no-such-file.jsonl", "no-such-file.jsonl"),
        ("OrderInput", "STREAM=FILE"),
    ],
)
def test_a_wrong_input_is_usage(run: Run, argument: str, says: str) -> None:
    code, out, err = run(ORDERS, "--input", argument)
    assert (code, out) == (2, "")
    assert says in " ".join(err.replace("│", " ").split())


def test_options_are_checked_although_they_are_not_used(run: Run) -> None:
    code, _, err = run(ORDERS, "--set", "OrderInput.rabbitmq.port=many")
    assert code == 3
    assert "rabbitmq.port" in err


def test_input_needs_a_dry_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", str(ORDERS), "--output", "json"])
    assert ended.value.code == 2


METADATA = """
CREATE STREAM Orders (id STRING, region STRING METADATA FROM 'key') WITH (
  type = 'source', extension = 'memory', "memory.channel" = 'o', format = 'json');
CREATE STREAM Sent (id STRING, "to" STRING METADATA FROM 'key') WITH (
  type = 'sink', extension = 'memory', "memory.channel" = 's', format = 'json');
INSERT INTO Sent (id, "to") SELECT id, region FROM Orders;
"""


def test_metadata_is_null_unless_the_input_gives_it(run: Run, tmp_path: Path) -> None:
    orders = tmp_path / "orders.jsonl"
    orders.write_text('{"id": "1"}\n{"id": "2", "region": "north"}\n')
    _, out, _ = run(METADATA, "--input", f"Orders={orders}", "--output", "json")
    rows = rows_of(out)
    assert [(row["id"], row["to"]) for row in rows] == [("1", None), ("2", "north")]
    _, out, _ = run(METADATA, "--output", "json")
    rows = rows_of(out)
    assert len(rows) == 10
    assert {row["to"] for row in rows} == {None}
