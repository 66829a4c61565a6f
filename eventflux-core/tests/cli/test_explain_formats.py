"""`eventflux explain --format mermaid|json`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux.cli.explain_mermaid import escaped, plan_mermaid
from eventflux.planner import plan_sql

PROGRAM = """SET app.time = 'event';
CREATE STREAM Orders (id STRING NOT NULL, amount DOUBLE, at LONG);
CREATE STREAM Totals (id STRING, total DOUBLE);
INSERT INTO Totals SELECT id, sum(amount) AS total FROM Orders
WHERE amount > 5 WINDOW('tumbling', 5 MINUTES) GROUP BY id;
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "totals.sql"
    path.write_text(PROGRAM)
    return path


def test_json_tells_of_views_and_of_what_is_inside_a_query(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "nested.sql"
    path.write_text(
        "CREATE STREAM S (v INT);\nCREATE VIEW V AS SELECT v FROM S;\n"
        "INSERT INTO T SELECT v FROM (SELECT v FROM V) AS d WITH (name = 'q');\n"
    )
    _, out, _ = cli("explain", path, "--format", "json")
    plan = json.loads(out)
    told = {s["name"]: (s["declared"], s["view"], s["inside"]) for s in plan["streams"]}
    assert told == {
        "S": (True, False, None),
        "V": (False, True, None),
        "q/d": (False, False, "q"),
        "T": (False, False, None),
    }
    assert [query["name"] for query in plan["queries"]] == ["V", "q/d", "q"]


def test_a_window_is_told_once_with_those_that_read_it(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "windows.sql"
    path.write_text(
        "CREATE STREAM S (v INT);\nCREATE WINDOW W (v INT) WINDOW('session', 1 MINUTE);\n"
        "INSERT INTO W SELECT v FROM S;\nINSERT INTO A SELECT sum(v) AS s FROM W;\n"
        "INSERT INTO B SELECT v FROM W;\nCREATE WINDOW X (v INT) length(5);\n"
        "INSERT INTO C SELECT v FROM X;"
    )
    _, text, _ = cli("explain", path)
    each = "each of which holds for itself what it needs of the rows"
    assert (
        f"    window: Session gap 1 min, latency 0 ms, read by query_2, query_3, {each}\n" in text
    )
    assert "    window: Length rows 5, read by query_4\n" in text
    assert "Session gap 1 min, latency 0 ms, that of W" in text
    _, out, _ = cli("explain", path, "--format", "json")
    plan = json.loads(out)
    windows = {s["name"]: (s["window"], s["read_by"]) for s in plan["streams"] if s["window"]}
    assert windows == {
        "W": ("Session gap 1 min, latency 0 ms", ["query_2", "query_3"]),
        "X": ("Length rows 5", ["query_4"]),
    }
    _, session, *_ = plan["queries"][1]["operators"]
    assert (session["operator"], session["keys"]) == ("session", [])
    flowchart = plan_mermaid(plan_sql(path.read_text()).plan)
    assert '["W<br/>Session gap 1 min, latency 0 ms"]' in flowchart


def test_json_has_this_shape(cli: Any, file: Path) -> None:
    code, out, _ = cli("explain", file, "--format", "json")
    assert code == 0
    plan = json.loads(out)
    assert list(plan) == [
        "version", "app", "settings", "state_store", "streams", "queries", "guarantees",
    ]  # fmt: skip
    assert plan["state_store"] is None
    assert (plan["version"], plan["app"]) == (1, "totals")
    assert plan["settings"] == {"app.time": "event"}
    orders, totals = plan["streams"]
    assert orders == {
        "name": "Orders",
        "role": "internal",
        "declared": True,
        "view": False,
        "window": None,
        "inside": None,
        "extension": None,
        "format": None,
        "event_time": None,
        "watermark": None,
        "trigger": None,
        "notes": [],
        "columns": [
            {"name": "id", "type": "STRING", "nullable": False, "metadata": None},
            {"name": "amount", "type": "DOUBLE", "nullable": True, "metadata": None},
            {"name": "at", "type": "LONG", "nullable": True, "metadata": None},
        ],
        "written_by": [],
        "read_by": ["query_1"],
        "place": {"line": 2, "column": 1},
    }
    assert totals["written_by"] == ["query_1"]
    (query,) = plan["queries"]
    assert list(query) == [
        "name", "source", "target", "sql", "fingerprint", "place", "state_bound", "clock",
        "late_rows", "unbounded_state", "operators"
    ]  # fmt: skip
    assert query["sql"].startswith("INSERT INTO Totals SELECT id")
    assert query["operators"] == [
        {
            "operator": "scan",
            "stream": "Orders",
            "text": "Scan Orders (id STRING NOT NULL, amount DOUBLE, at LONG)",
        },
        {"operator": "filter", "condition": "amount > 5.0", "text": "Filter amount > 5.0"},
        {
            "operator": "tumbling",
            "size_ms": 300_000,
            "origin_ms": 0,
            "fixed": None,
            "text": "Tumbling 5 min, from the epoch",
        },
        {"operator": "aggregate", "keys": ["id"], "text": "Aggregate sum(amount) by id"},
        {
            "operator": "project",
            "columns": [
                {"name": "id", "type": "STRING", "not_null": False},
                {"name": "total", "type": "DOUBLE", "not_null": False},
            ],
            "items": ["id STRING = id", "total DOUBLE = sum(amount)"],
            "text": "Project id STRING = id, total DOUBLE = sum(amount)",
        },
    ]


NODE = re.compile(r'  (\w+)(\(\[|\[|\{\{)"([^"#;<>&]|#\d+;|<br/>)*"(\]\)|\]|\}\})\Z')
EDGE = re.compile(r"  (\w+) (?:-->|-\. errors \.->) (\w+)\Z")
CLOSING = {"([": "])", "[": "]", "{{": "}}"}


def read_flowchart(text: str) -> tuple[set[str], list[tuple[str, str]]]:
    """The nodes and edges of a flowchart; each of its lines has to be one of them."""
    first, *lines = text.splitlines()
    assert first == "flowchart LR"
    nodes: set[str] = set()
    edges: list[tuple[str, str]] = []
    for line in lines:
        edge = EDGE.match(line)
        if edge is not None:
            edges.append((edge[1], edge[2]))
            continue
        node = NODE.match(line)
        assert node is not None, line
        assert CLOSING[node[2]] == node[4]
        assert node[1] not in nodes
        nodes.add(node[1])
    assert {end for edge in edges for end in edge} <= nodes
    return nodes, edges


def test_mermaid_is_a_flowchart_of_streams_and_queries(cli: Any, file: Path) -> None:
    code, out, _ = cli("explain", file, "--format", "mermaid")
    assert code == 0
    nodes, edges = read_flowchart(out.rstrip("\n"))
    assert nodes == {"s1", "s2", "q1"}
    assert edges == [("s1", "q1"), ("q1", "s2")]
    assert 's1["Orders"]' in out
    assert "Tumbling 5 min, from the epoch<br/>Aggregate sum(amount) by id" in out


def test_streams_at_the_outside_and_errors_look_different() -> None:
    sql = """CREATE STREAM A (id INT) WITH (type = 'source', extension = 'e', format = 'f');
    CREATE STREAM B (id INT) WITH (type = 'sink', extension = 'e');
    INSERT INTO B SELECT id FROM A;
    INSERT INTO C SELECT errorMessage FROM A.errors;"""
    text = plan_mermaid(plan_sql(sql).plan)
    read_flowchart(text)
    assert '(["A<br/>source e, f"])' in text
    assert '(["B<br/>sink e"])' in text
    assert re.search(r"s1 -\. errors \.-> s\d", text)


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1))
def test_any_name_is_escaped(name: str) -> None:
    label = escaped(name)
    assert re.fullmatch(r"(?:[\w .,:()*+/=!'-]|#\d+;)*", label)
    assert re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label) == name


def test_names_and_texts_with_odd_signs_are_in_the_flowchart() -> None:
    sql = """CREATE STREAM "end" ("a]b" STRING); CREATE STREAM "x""]) --> y" (n STRING);
    INSERT INTO "x""]) --> y" SELECT "a]b" AS n FROM "end" WHERE "a]b" = '%%{<b>&"#;`|}';"""
    nodes, edges = read_flowchart(plan_mermaid(plan_sql(sql).plan))
    assert (len(nodes), len(edges)) == (3, 2)


def test_no_form_of_a_plan_holds_the_text_of_an_option() -> None:
    planned = plan_sql(
        "CREATE STREAM A (id INT) WITH (type = 'sink', extension = 'e', \"e.any\" = 's3cret');"
        "CREATE STREAM B (id INT); INSERT INTO A SELECT id FROM B;"
    )
    assert "s3cret" not in f"{planned!r} {planned.plan!r}"
    assert b"s3cret" not in msgspec.json.encode(planned.plan)


def test_code_has_no_format(cli: Any, file: Path) -> None:
    assert cli("explain", file, "--code", "--format", "json")[0] == 2
