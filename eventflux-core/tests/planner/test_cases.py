"""Programs and what becomes of them: files of cases that fill themselves in.

A case is a title, SQL, and the expected result in ``--|`` lines: every diagnostic with its
place and hint, or the plan. A program may read the streams of :data:`STREAMS`, which stand
behind it so that its own lines count from 1. ``EVENTFLUX_UPDATE_CASES=1 pytest …`` writes
what comes out into the files; read the difference before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from eventflux.base.errors import Diagnostic, SqlError
from eventflux.base.types import DataType
from eventflux.planner import Planned, plan_sql
from eventflux.planner.describe import relation_text
from eventflux.planner.plan import Item, Query, Relation, Scan, Stream
from eventflux.spi.functions import ScalarFunction

STREAMS = """
;CREATE STREAM S (
  a INT, b LONG NOT NULL, f FLOAT, d DOUBLE, s STRING, t STRING NOT NULL, ok BOOL
);
CREATE STREAM Orders (id STRING, amount DOUBLE, "group" STRING, "order by" LONG);
CREATE STREAM Out (n INT NOT NULL, s STRING);
"""
FUNCTIONS: Mapping[str, ScalarFunction] = {
    "half": ScalarFunction("half", lambda x: x / 2, [DataType.DOUBLE], DataType.DOUBLE),
    "shout": ScalarFunction("shout", str.upper, [DataType.STRING], DataType.STRING),
    "count_up": ScalarFunction("count_up", lambda: 1, [], DataType.LONG),
    "geo:area": ScalarFunction(
        "geo:area", lambda x, y: x * y, [DataType.DOUBLE, DataType.DOUBLE], DataType.DOUBLE
    ),
}
TITLE, EXPECTED = "-- === ", "--|"
HERE = Path(__file__).parent
FILES = sorted([*HERE.glob("cases/*.sql"), *HERE.parent.glob("sql/cases/*.sql")])
UPDATE = bool(os.environ.get("EVENTFLUX_UPDATE_CASES"))


@dataclass(frozen=True)
class Case:
    title: str
    sql: str
    expected: tuple[str, ...]


def read_cases(path: Path) -> list[Case]:
    cases: list[Case] = []
    for block in path.read_text(encoding="utf-8").split(TITLE)[1:]:
        title, *lines = block.rstrip("\n").split("\n")
        sql = [line for line in lines if not line.startswith(EXPECTED)]
        expected = [line[len(EXPECTED) :].strip() for line in lines if line.startswith(EXPECTED)]
        cases.append(Case(title.strip(), "\n".join(sql).strip("\n"), tuple(expected)))
    return cases


def outcome(sql: str) -> list[str]:
    """Every diagnostic of the program, or its plan and its warnings."""
    try:
        planned = plan_sql(sql + STREAMS, functions=FUNCTIONS)
    except SqlError as error:
        return [line for problem in error.diagnostics for line in described(problem)]
    warnings = [line for warning in planned.warnings for line in described(warning)]
    return [*described_plan(planned, sql), *warnings]


def described(problem: Diagnostic) -> Iterator[str]:
    place = problem.position
    assert place is not None, "every problem has a place"
    yield f"{place.line}:{place.column} {problem.severity}: {problem.message}"
    if problem.hint:
        yield f"    hint: {problem.hint}"


def described_plan(planned: Planned, sql: str) -> Iterator[str]:
    plan = planned.plan
    yield from (f"setting {name} = {value}" for name, value in plan.settings.items())
    own = sql.count("\n") + 1
    for stream in plan.streams.values():
        if stream.place.line <= own:
            yield from described_stream(stream)
            for key, option in planned.options.get(stream.name, {}).items():
                yield f"    {key} = {option.text.reveal()}"
    for query in plan.queries:
        yield from described_query(query)


def described_stream(stream: Stream) -> Iterator[str]:
    kind = stream.role if stream.declared else "inferred"
    connector = f" {stream.extension}/{stream.format}" if stream.extension else ""
    time = f" event time {stream.event_time}" if stream.event_time else ""
    yield f"{kind} {stream.name} {stream.schema}{connector}{time}"


def described_query(query: Query) -> Iterator[str]:
    yield f"{query.name}: {query.source} -> {query.target}"
    relation: Relation = query.root
    while not isinstance(relation, Scan):
        yield f"    {relation_text(relation)}"
        relation = relation.input
    yield from (f"    checks {text}" for item in query.root.items if (text := checks(item)))


def checks(item: Item) -> str:
    marks = {"not null": item.not_null, "range": item.check_range, "truncate": item.truncate}
    set_marks = [mark for mark, is_set in marks.items() if is_set]
    return f"{item.name}: {', '.join(set_marks)}" if set_marks else ""


def write_cases(path: Path) -> None:
    blocks = []
    for case in read_cases(path):
        lines = [
            TITLE + case.title,
            case.sql,
            *(f"{EXPECTED} {line}" for line in outcome(case.sql)),
        ]
        blocks.append("\n".join(lines))
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


CASES = [(path, case) for path in FILES for case in read_cases(path)]


@pytest.mark.parametrize(
    ("path", "case"), CASES, ids=[f"{path.stem}: {case.title}" for path, case in CASES]
)
def test_program(path: Path, case: Case) -> None:
    if UPDATE:
        write_cases(path)
        pytest.skip("written, not tested")
    assert [line.strip() for line in outcome(case.sql)] == list(case.expected)


def test_titles_are_unique() -> None:
    for path in FILES:
        titles = [case.title for case in read_cases(path)]
        assert sorted(set(titles)) == sorted(titles)


def test_there_are_cases() -> None:
    """More than a hundred programs are refused, each with a message and a place."""
    refused = [c for _, c in CASES if any(" error: " in line for line in c.expected)]
    assert len(refused) > 100
