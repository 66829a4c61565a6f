"""What holds for all programs: generated ones, and any text at all."""

from __future__ import annotations

from functools import cache

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventflux.base.errors import SqlError
from eventflux.base.types import DataType
from eventflux.planner import Planned, plan_sql
from eventflux.planner.describe import expression_text
from eventflux.planner.plan import Plan
from eventflux.spi.functions import ScalarFunction
from eventflux.sql.ast import Script
from eventflux.sql.printer import print_script
from eventflux.sql.script import parse_script
from eventflux.sql.source import SourceText

STREAM = (
    "CREATE STREAM S (a INT, b LONG NOT NULL, f FLOAT, d DOUBLE, s STRING, t STRING NOT NULL, "
    'ok BOOL, "group" STRING, m DECIMAL(10, 2), at TIMESTAMP, y BYTES, o OBJECT, items JSON);\n'
)
FUNCTIONS = {
    "half": ScalarFunction("half", lambda x: x / 2, [DataType.DOUBLE], DataType.DOUBLE),
    "shout": ScalarFunction("shout", str.upper, [DataType.STRING], DataType.STRING),
}
Text = st.SearchStrategy[str]


def joined(pattern: str, *parts: Text) -> Text:
    """The pattern with a part in the place of each ``{}``."""
    return st.tuples(*parts).map(lambda texts: pattern.format(*texts))


def texts() -> Text:
    return st.sampled_from(["s", "t", 'S."group"', "group", "'it''s'", "shout(s)", "'-- no'", "''"])


def nested() -> Text:
    """Values inside OBJECTs."""
    steps = st.sampled_from([".x", "['a b']", "[0]", " -> 'x'", "[ a ]", ' . "group"', "->(1)"])
    start = st.sampled_from(["o", "items", "S.o", "(o)"])
    return st.tuples(start, st.lists(steps, min_size=1, max_size=3)).map(
        lambda parts: parts[0] + "".join(parts[1])
    )


def intervals() -> Text:
    return st.sampled_from(["'5' minute", "1 DAY", "'-1.5' hours", "- 2 month", "'1 min 30 sec'"])


def moments() -> Text:
    return st.sampled_from(["at", "at + INTERVAL '1' day", "S.at - b", "CAST(s AS datetime)"])


@cache
def numbers(depth: int) -> Text:
    """Numeric expressions that nest up to ``depth`` deep."""
    leaves = st.sampled_from(
        ["a", "b", "f", "S.d", "1", "2.5", ".5", "1e3", "NULL", "`a`", "m", "(at - at)"]
    )
    if depth == 0:
        return leaves
    part = numbers(depth - 1)
    types = ["INT", "BIGINT", "double", "FLOAT", "DECIMAL(8, 3)", "numeric"]
    return st.one_of(
        leaves,
        joined("{} {} {}", part, st.sampled_from("+-*/%"), part),
        joined("({} {} {})", part, st.sampled_from("+-*/%"), part),
        joined("- {}", part),
        joined("coalesce({}, {})", part, part),
        joined("CAST({} AS {})", part, st.sampled_from(types)),
        joined("CAST({} AS {})", nested(), st.sampled_from(types)),
        joined("({} {} {})", nested(), st.sampled_from("+-*/%"), st.sampled_from(["2", "a", "m"])),
        joined("{} {} INTERVAL {}", part, st.sampled_from("+-"), intervals()),
        joined("half({})", part),
        joined("CASE WHEN {} THEN {} ELSE {} END", conditions(depth - 1), part, part),
        joined("case {} when {} then {} end", part, part, part),
    )


@cache
def conditions(depth: int) -> Text:
    """Conditions that nest up to ``depth`` deep."""
    leaves = st.sampled_from(["ok", "TRUE", "false", "NULL", "a IS NULL", "S . ok"])
    if depth == 0:
        return leaves
    part, number = conditions(depth - 1), numbers(depth - 1)
    negation = st.sampled_from(["", "not "])
    return st.one_of(
        leaves,
        joined("{} {} {}", part, st.sampled_from(["AND", "or"]), part),
        joined("({}) {} ({})", part, st.sampled_from(["and", "OR", "!=", "="]), part),
        joined("NOT {}", part),
        joined("{} {} {}", number, st.sampled_from(["<", "<=", ">", ">=", "==", "<>"]), number),
        joined("{} IS {}NULL", number, negation),
        joined("{} {}IN ({}, {})", number, negation, number, number),
        joined("{} {}BETWEEN {} AND {}", number, negation, number, number),
        joined("{} {}{} 'x%'", texts(), negation, st.sampled_from(["LIKE", "ilike"])),
        joined("{} LIKE '!_' ESCAPE '!'", texts()),
        joined("{} is {}distinct from {}", number, negation, number),
        joined("{} > '2024-05-01'", moments()),
        joined("{} {}BETWEEN '2024-05-01T10:00Z' AND {}", moments(), negation, moments()),
        joined("{} {} {}", nested(), st.sampled_from(["=", "<>"]), nested()),
        joined("{} >= {}", nested(), st.sampled_from(["1", "m", "at", "'x'", "a", "2.5"])),
        joined("{} in (1, 'x', {})", nested(), nested()),
        joined("y = {}", st.sampled_from(["y", "CAST(s AS BLOB)"])),
    )


OTHERS = st.one_of(
    texts(),
    moments(),
    nested(),
    joined("{} ->> 'x'", nested()),
    joined("{} || {}", texts(), joined("{} ->> 0", nested())),
    joined("nullif({}, {})", nested(), st.sampled_from(["1", "'x'", "o"])),
    joined("CAST({} AS {})", nested(), st.sampled_from(["TIMESTAMP", "BYTES", "text", "ANY"])),
)
EXPRESSIONS = numbers(3) | conditions(3) | OTHERS


NAMED = "WITH (name = 'it''s the query')"


@st.composite
def queries(draw: st.DrawFn, comments: bool = False) -> str:
    """A query over S that binds, in one of its forms."""
    space = st.sampled_from([" ", "\n", "  ", "\t"])
    if comments:
        space |= st.sampled_from([" /* c */ ", " -- d\n", "\n/* e\n f */\n", "\n-- 'g\n"])
    grouped = draw(st.booleans())
    items = draw(st.lists(EXPRESSIONS, min_size=1, max_size=4))
    if grouped:  # by the first, among others
        items[0] = draw(numbers(2) | conditions(2))
    named = [f"{item}{draw(space)}AS{draw(space)}c{n}" for n, item in enumerate(items)]
    if grouped:
        aggregate = st.sampled_from(["count(*)", "sum(b)", "AVG(d)", "min(t)", "max(a + 1)"])
        named.append(f"{draw(aggregate)} n")
    where = [f"WHERE{draw(space)}{draw(conditions(2))}"] if draw(st.booleans()) else []
    sizes = st.sampled_from(["5 MINUTES", "1 min 30 sec", "250", "1 hour, 5 min"])
    window = [f"WINDOW('tumbling', {draw(sizes)})"] if draw(st.booleans()) else []
    steps = draw(st.permutations(where + window))
    group = [f"GROUP BY {', '.join(draw(st.permutations(['1', 't', 'a'])))}"] if grouped else []
    select, source = f"SELECT {f',{draw(space)}'.join(named)}", "FROM S"
    form = draw(st.integers(0, 7))
    if form == 0:
        clauses = ["INSERT INTO T", select, source, *steps, *group]
    elif form == 1:
        clauses = [select, source, *steps, *group, "INSERT INTO T"]
    elif form == 2:
        clauses = [source, *steps, select, *group, "INSERT INTO T"]
    elif form == 3:
        clauses = ["WITH d AS (", select, source, *steps, *group, ") INSERT INTO T SELECT * FROM d"]
    elif form == 4:
        clauses = ["INSERT INTO T SELECT * FROM (", select, source, *steps, *group, ") d"]
    elif form == 5:
        names = ", ".join(f"x{n}" for n in range(len(named)))
        clauses = [f"INSERT INTO T ({names})", select, source, *steps, *group]
        clauses += ["UNION ALL", select, source, *steps, *group]
    elif form == 6:
        clauses = ["CREATE VIEW T AS", select, source, *steps, *group]
    else:
        clauses = [select, source, *steps, *group, draw(st.sampled_from(["", NAMED]))]
    return "".join(clause + draw(space) for clause in clauses)


def planned(sql: str) -> Planned:
    return plan_sql(STREAM + sql, functions=FUNCTIONS)


def parsed(sql: str) -> Script:
    script, problems = parse_script(SourceText(sql))
    assert not problems, (sql, problems)
    return script


def only_error(sql: str) -> SqlError | None:
    try:
        plan_sql(sql, functions=FUNCTIONS)
    except SqlError as error:
        return error
    return None


@given(queries(comments=True))
@settings(max_examples=150, deadline=None)
def test_printing_is_a_fixed_point_and_keeps_the_meaning(sql: str) -> None:
    printed = print_script(parsed(sql))
    again = parsed(printed)
    assert print_script(again) == printed
    before, after = planned(sql).plan.queries, planned(printed).plan.queries
    assert [(q.name, q.fingerprint, q.target) for q in before] == [
        (q.name, q.fingerprint, q.target) for q in after
    ]


@given(queries(comments=True))
@settings(max_examples=100, deadline=None)
def test_printing_keeps_every_comment(sql: str) -> None:
    script = parsed(sql)
    printed = parsed(print_script(script))
    texts = sorted(comment.text.strip() for comment in script.comments)
    assert sorted(comment.text.strip() for comment in printed.comments) == texts


@given(EXPRESSIONS)
@settings(max_examples=300, deadline=None)
def test_the_text_of_an_expression_means_the_expression(text: str) -> None:
    expression = planned(f"SELECT {text} AS x FROM S").plan.queries[0].root.items[0].expression
    rendered = expression_text(expression)
    again = planned(f"SELECT {rendered} AS x FROM S").plan.queries[0].root.items[0].expression
    assert expression_text(again) == rendered
    assert again == expression or "NULL" in rendered, (text, rendered)


@given(queries())
@settings(max_examples=100, deadline=None)
def test_a_plan_is_plain_data(sql: str) -> None:
    plan = planned(sql).plan
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan


@given(queries())
@settings(max_examples=50, deadline=None)
def test_planning_is_deterministic(sql: str) -> None:
    assert planned(sql) == planned(sql)


VOCABULARY = """
    CREATE DEFINE STREAM S T ( ) , ; . SELECT FROM WHERE GROUP BY INSERT INTO SET a b c 'x' 1 2.5
    .5 = < > <= != + - * / % AND OR NOT IN IS NULL LIKE BETWEEN CASE WHEN THEN ELSE END CAST AS INT
    DECIMAL(5,2) TIMESTAMP OBJECT ILIKE ESCAPE -> ->>
    STRING LONG WITH type 'source' WINDOW 'tumbling' 5 MINUTES # window tumbling count sum coalesce
    TRUE "q" `b` || :: -> [ ] { } @ $ ? ! JOIN HAVING ORDER LIMIT UNION DISTINCT FILTER OVER EXISTS
    INTERVAL IF -- /* */ ' " ` $$ app.time group key timestamp é € timeBatch OUTPUT EMIT PARTITION
    PATTERN BEGIN \\ && VIEW ALL RECURSIVE METADATA d @info(name = @app : name ( 'y' ) @source(
"""
WORDS = st.sampled_from(VOCABULARY.split())
NEAR_SQL = st.lists(WORDS, max_size=25).map(" ".join)


@given(st.text() | NEAR_SQL)
@example("")
@example("\ufeffSELECT 1")
@example("\x00")
@example('SELECT ("\x00part 5" + 1) * 2 FROM S')
@example("'")
@example("SELECT a FROM S WHERE a IN (" + "1," * 500)
@example("SELECT " + "(" * 3000)
@example("SELECT " + "NOT " * 3000 + "a FROM S")
@example("SELECT a FROM (" * 3000)
@example("WITH d AS (" * 3000)
@example("WITH a AS (SELECT 1 FROM S)" + ", a AS (SELECT * FROM a)" * 1000 + "SELECT * FROM a")
@example("CREATE STREAM S (a INT); SELECT a FROM S" + " UNION ALL SELECT a FROM S" * 1000)
@example("SELECT " + "- " * 3000 + "a FROM S")
@example("SELECT " + "CASE WHEN a THEN " * 3000)
@example("SELECT " + "a+" * 3000 + "a FROM S")
@example("SELECT a FROM S WHERE " + "a AND " * 3000 + "a")
@example("{% x %} {{ y }} {# z #}")
@example("SHOW TABLES; EXPLAIN x; CALL f(); PREPARE y; COMMENT ON z")
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_plan_or_an_error_with_a_place(sql: str) -> None:
    lines = sql.splitlines() or [""]
    error = only_error(sql)
    for problem in error.diagnostics if error else ():
        assert problem.position is not None
        line, column = problem.position.line, problem.position.column
        assert 1 <= line <= len(lines) + 1
        assert 1 <= column <= (len(lines[line - 1]) if line <= len(lines) else 0) + 1
    if error:
        assert error.diagnostics
        assert str(error)


@given(queries(), st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_query_is_a_plan_or_an_error(sql: str, data: st.DataObject) -> None:
    words = sql.replace("(", " ( ").replace(")", " ) ").split()
    at = data.draw(st.integers(0, len(words) - 1))
    kept = data.draw(st.sampled_from([0, 1]))
    words[at : at + 1] = [*data.draw(st.lists(WORDS, max_size=2)), *words[at : at + kept]]
    damaged = " ".join(words)
    error = only_error(STREAM + damaged)
    if error is None:
        printed = print_script(parsed(damaged))
        assert print_script(parsed(printed)) == printed
