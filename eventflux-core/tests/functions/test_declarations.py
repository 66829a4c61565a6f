"""What functions declare of themselves is so: their examples, their names, their errors."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Any

import pytest

from eventflux import EventFluxManager
from eventflux.base.errors import EventFluxError
from eventflux.base.types import DataType
from eventflux.functions import FAMILIES, FUNCTIONS
from eventflux.functions.declaration import KINDS, Function
from eventflux.planner.aggregates import AGGREGATES
from eventflux.planner.binding.rewritten import REWRITES
from eventflux.spi.well_known import LANGUAGE_FUNCTIONS
from eventflux.testing import AppRunner

ALL = [function for family in FAMILIES.values() for function in family]
IDS = [function.name for function in ALL]


def evaluated(*expressions: str) -> tuple[Any, ...]:
    columns = ", ".join(f"{e} AS v{i}" for i, e in enumerate(expressions))
    sql = f"CREATE STREAM S (i INT); INSERT INTO T SELECT {columns} FROM S;"
    with AppRunner(sql, outputs=["T"]) as runner:
        runner.send("S", (1,), 1234567890)
        [row] = runner.rows("T")
    return tuple(row)


def value_of(text: str) -> Any:
    """What SQL's text of a value is in Python."""
    if match := re.fullmatch(r"DECIMAL '(.*)'", text):
        return Decimal(match[1])
    if text in ("TRUE", "FALSE", "NULL"):
        return {"TRUE": True, "FALSE": False, "NULL": None}[text]
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text.startswith(("[", "{")):
        return eval(text, {"__builtins__": {}}, {"true": True, "false": False, "null": None})
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


@pytest.mark.parametrize("function", ALL, ids=IDS)
def test_the_examples_are_right(function: Function) -> None:
    assert function.examples
    pairs = [example.rsplit(" -> ", 1) for example in function.examples]
    given = evaluated(*(expression for expression, _ in pairs))
    for (expression, told), value in zip(pairs, given, strict=True):
        assert told == "…" or repr(value) == repr(value_of(told)), expression


def test_each_name_means_one_thing() -> None:
    names = [name.lower() for function in ALL for name in function.names]
    assert len(names) == len(set(names))
    assert not FUNCTIONS.keys() & (AGGREGATES.keys() | LANGUAGE_FUNCTIONS)


@pytest.mark.parametrize("function", ALL, ids=IDS)
def test_each_way_to_call_it_has_code(function: Function) -> None:
    for overload in function.overloads:
        rewritten = function.name in REWRITES
        assert rewritten or overload.code or overload.specialise or overload.shape
    assert function.doc[0] not in "AT" or function.doc.startswith(("`", "A UUID"))


@pytest.mark.parametrize("function", ALL, ids=IDS)
def test_a_wrong_number_of_arguments_is_named(function: Function) -> None:
    mosts = [overload.counts[1] for overload in function.overloads]
    most = None if None in mosts else max(m for m in mosts if m is not None)
    wrong = [] if most is None else [most + 1]
    least = min(overload.counts[0] for overload in function.overloads)
    if least and function.name != "cast":
        wrong.append(least - 1)
    for count in wrong:
        arguments = ", ".join(["i"] * count)
        with pytest.raises(EventFluxError, match=rf"{function.name} takes .*not {count}"):
            evaluated(f"{function.name}({arguments})")


def test_every_kind_of_parameter_is_used() -> None:
    used = {p.takes for f in ALL for o in f.overloads for p in o.parameters}
    assert used - set(DataType) == set(KINDS)


def refused(expression: str) -> str:
    sql = (
        "CREATE STREAM S (i INT, s STRING, b BOOL, x DOUBLE, o OBJECT, t TIMESTAMP); "
        f"INSERT INTO T SELECT {expression} AS v FROM S;"
    )
    with pytest.raises(EventFluxError) as raised:
        EventFluxManager().create_app(sql)
    return str(raised.value)


REFUSED = {
    "uper(s)": ("unknown function 'uper'", "did you mean 'upper'?"),
    "StartWith(s, s)": ("unknown function 'StartWith'", "did you mean 'startswith'?"),
    "upper(i)": ("argument 1 of upper is STRING, but i is INT", "write CAST(i AS STRING)"),
    "abs(s)": ("argument 1 of abs is a number, but s is STRING", "write CAST(s AS DOUBLE)"),
    "abs(b)": ("argument 1 of abs is a number, but b is BOOL", "write if(b, 1, 0)"),
    "left(s, s)": ("argument 2 of left is LONG, but s is STRING", "write CAST(s AS LONG)"),
    "left(s, x)": ("argument 2 of left is LONG, but x is DOUBLE", "write CAST(x AS LONG)"),
    "sqrt(i, i)": ("sqrt takes one argument, not 2", "it is sqrt(x DOUBLE)"),
    "substring(s)": (
        "substring takes two or three arguments, not 1",
        "it is substring(s STRING, start LONG [, length LONG])",
    ),
    "pi(1)": ("pi takes no arguments, not 1", "it is pi()"),
    "greatest()": ("greatest takes at least one argument, not 0", "it is greatest(x, …)"),
    "greatest(i, s)": ("the arguments of greatest mix INT and STRING", "CAST them"),
    "greatest(b, b)": ("one type that all of these share, and that has an order", ""),
    "coalesce(i, s)": ("the arguments of coalesce mix INT and STRING", "CAST them"),
    "if(i, 1, 2)": ("the first argument of if is a condition (BOOL), but i is INT", ""),
    "cast(i, 'integr')": ("'integr' is no type that cast knows", "write cast(x, 'int')"),
    "cast(i, s)": ("the type is no constant that cast knows", ""),
    "CAST(i, LONG)": ("the type in a call of cast is a text", "write CAST(x AS LONG)"),
    "EXTRACT(YER FROM t)": ("'YER' is no field of a moment", "did you mean YEAR?"),
    "date_trunc('mont', t)": ("unknown unit 'mont'", "did you mean 'month'?"),
    "date_trunc(s, t)": ("the unit of date_trunc is a constant", "write ms, second, minute"),
    "dateAdd(s, 1, 'day')": ("argument 1 of dateAdd is TIMESTAMP", "CAST(s AS TIMESTAMP)"),
    "year('soon')": ("'soon' is no TIMESTAMP", "ISO-8601"),
    "t AT TIME ZONE 'Europe/Berlim'": ("is no time zone", "did you mean 'Europe/Berlin'?"),
    "formatDate(t, '%Q')": ("%Q means nothing in a pattern for writing", "known: %"),
    "parseDate(s, '%V')": ("%V means nothing in a pattern for reading", "known: %"),
    "formatDate(t, 'yyyy-MM-dd')": ("nothing of a moment stands in a pattern", "'%Y-%m-%d"),
    "parseDate(s, '%F %Y')": ("%Y stands twice in a pattern for reading", "each part"),
    "eventTimestamp(i)": ("'i' is not the stream of this query", ""),
    "eventTimestamp(1)": ("eventTimestamp takes the name of a stream", "eventTimestamp(S)"),
    "upper(*)": ("upper(*) has no meaning", ""),
    "upper(DISTINCT s)": ("DISTINCT stands in an aggregate, and upper is none", "leave it out"),
    "date_trunc(month, t)": ("the unit of date_trunc is a constant", "or year in quotes"),
    "json_value(o, s)": ("the path of json_value is a constant", "write a JSON path in quotes"),
    "dateAdd(t, 1, nothing + 1)": ("stream 'S' has no column 'nothing'", ""),
    "cardinality(s)": ("argument 1 of cardinality is an OBJECT", "write parse_json(s)"),
    "cardinality(i)": ("argument 1 of cardinality is an OBJECT", "it is cardinality(list)"),
    "to_date(s)": ("unknown function 'to_date'", "write CAST(s AS TIMESTAMP)"),
    "date_part('year', t)": ("unknown function 'date_part'", "write extract('year', ts)"),
}


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_wrong_is_told(expression: str) -> None:
    message, hint = REFUSED[expression]
    told = refused(expression)
    assert message in told
    assert hint in told
    assert told.count("error:") == 1


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = refused("upper(nothing) || lower(nowhere)")
    assert "'nothing'" in told
    assert "'nowhere'" in told


@pytest.mark.parametrize(
    "program",
    [
        "CREATE STREAM S (t TIMESTAMP, WATERMARK FOR t AS t - now());",
        "CREATE STREAM S (t TIMESTAMP, WATERMARK FOR t AS dateSub(t, eventTimestamp(), 'ms'));",
        "CREATE STREAM S (i INT); SELECT i FROM S DEDUPLICATE BY random() WITHIN 1 HOUR;",
    ],
)
def test_what_is_not_in_the_row_can_not_stand_where_rows_alone_decide(program: str) -> None:
    with pytest.raises(EventFluxError, match=r"\(\) can't stand in "):
        EventFluxManager().create_app(program)


def test_now_has_one_value_a_row_on_the_system_clock() -> None:
    sql = "CREATE STREAM S (i INT); INSERT INTO T SELECT now() AS a, now() AS b FROM S;"
    app = EventFluxManager().create_app(sql)
    rows: list[Any] = []
    app.on("T", rows.append)
    before = time.time_ns() // 1_000_000
    with app:
        for i in range(100):
            app.input("S").send((i,))
    after = time.time_ns() // 1_000_000
    assert len(rows) == 100
    assert all(before <= row.a == row.b <= after for row in rows)


def test_a_doubtful_name_is_warned_of() -> None:
    sql = "CREATE STREAM S (s STRING); INSERT INTO T SELECT instr('a', s) AS v FROM S;"
    [warning] = EventFluxManager().create_app(sql).warnings
    assert "takes what it looks for first" in str(warning)
    assert "write position(" in str(warning)


def test_a_registered_function_can_have_none_of_the_names() -> None:
    manager = EventFluxManager()
    with pytest.raises(EventFluxError, match="'Upper' is part of the language"):
        manager.context.add_function("Upper", str.upper, arguments=["STRING"], returns="STRING")


def test_what_would_be_too_long_fails_its_row() -> None:
    sql = "CREATE STREAM S (n INT); INSERT INTO T SELECT repeat('ab', n) AS v FROM S;"
    with AppRunner(sql, outputs=["T"]) as runner:
        for count in (1, 10**9, 2):
            runner.send("S", (count,))
        assert [row[0] for row in runner.rows("T")] == ["ab", "abab"]
        assert runner.stats()["queries"]["query_1"]["failed"] == 1


def test_random_values_are_the_same_in_each_run_and_go_on_after_a_restart() -> None:
    sql = "CREATE STREAM S (i INT); INSERT INTO T SELECT random() AS a, random() AS b FROM S;"

    def draws(restart: bool) -> list[tuple[Any, ...]]:
        runner = AppRunner(sql, outputs=["T"])
        runner.send("S", (1,))
        rows = [tuple(row) for row in runner.rows("T")]
        if restart:
            revision = runner.persist()
            runner.close()
            runner = AppRunner(sql, outputs=["T"])
            runner.restore(revision)
            runner.send("S", (2,))
            rows += [tuple(row) for row in runner.rows("T")]
        else:
            runner.send("S", (2,))
            rows = [tuple(row) for row in runner.rows("T")]
        runner.close()
        return rows

    plain = draws(restart=False)
    assert plain == draws(restart=False) == draws(restart=True)
    values = [value for row in plain for value in row]
    assert len(set(values)) == 4
    assert all(0 <= value < 1 for value in values)


def test_chance_and_the_clock_do_not_show_where_steps_and_runs_are_cut() -> None:
    sql = """
        CREATE STREAM S (i INT);
        INSERT INTO A SELECT i, random() AS r, uuid() AS u, now() AS n FROM S;
        INSERT INTO B SELECT i, random() AS r FROM S WHERE random() < 0.7;
        INSERT INTO C SELECT i, random() AS r FROM A;
    """
    streams = ["A", "B", "C"]

    def run(sizes: list[int], restart: bool = False) -> list[list[tuple[Any, ...]]]:
        found: list[list[tuple[Any, ...]]] = [[], [], []]
        runner, sent = AppRunner(sql, streams), 0
        for size in sizes:
            rows = range(sent, sent + size)
            runner.send_many("S", [(i,) for i in rows], [1000 + i for i in rows])
            sent += size
            if restart:
                for rows_before, stream in zip(found, streams, strict=True):
                    rows_before += map(tuple, runner.rows(stream))
                revision = runner.persist()
                runner.close()
                runner = AppRunner(sql, streams)
                runner.restore(revision)
        for rows_before, stream in zip(found, streams, strict=True):
            rows_before += map(tuple, runner.rows(stream))
        runner.close()
        return found

    whole = run([8])
    assert [len(rows) for rows in whole] == [8, len(whole[1]), 8]
    assert 0 < len(whole[1]) < 8
    for sizes in ([1] * 8, [3, 3, 2], [7, 1]):
        assert run(sizes) == run(sizes, restart=True) == whole


PATTERNS = "CREATE STREAM S (s STRING, p STRING)"
WITH_RE2 = {
    "regexp_replace(s, 'a', '\\1')": ("\\1 is no group", "\\0 is all that was matched"),
    "regexp_matches(s, '(')": ("'(' is no regular expression", "those of RE2"),
    "regexp_matches(s, '(a)\\1')": ("is no regular expression", "without backreferences"),
    "regexp_extract(s, 'a', 1)": ("'a' has no group 1", "it has 0"),
    "regexp_extract(s, 'a', i)": ("the group of regexp_extract is a constant", ""),
    "regexp_replace(s, 'a', 'b', 'x')": ("'x' are no options of regexp_replace", "'g' replaces"),
    "regexp_replace(s, 'a', 'b', s)": ("the options of regexp_replace", "write 'g' or ''"),
}


@pytest.mark.parametrize("expression", WITH_RE2)
def test_a_constant_pattern_is_checked_before_a_row_comes(expression: str) -> None:
    message, hint = WITH_RE2[expression]
    told = refused(expression)
    assert message in told
    assert hint in told


def test_without_its_package_a_function_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eventflux.planner.binding.functions.find_spec", lambda name: None)
    told = refused("regexp_matches(s, 'a')")
    assert "regexp_matches needs the package re2" in told
    assert "pip install 'eventflux-core[regexp]'" in told


def test_a_pattern_of_a_row_that_is_none_fails_that_row_alone() -> None:
    sql = f"{PATTERNS}; INSERT INTO T SELECT regexp_matches(s, p) AS v FROM S;"
    with AppRunner(sql, outputs=["T"]) as runner:
        for row in (("a", "a"), ("a", "("), ("b", "a")):
            runner.send("S", row)
        assert [row[0] for row in runner.rows("T")] == [True, False]
        assert runner.stats()["queries"]["query_1"]["failed"] == 1


@pytest.mark.parametrize(
    ("call", "row"),
    [
        ("regexp_replace(s, '.*', p)", ("a" * 4000, r"\0" * 300)),
        ("regexp_replace(s, '.', p, 'g')", ("a" * 20, "b" * 60_000)),
    ],
    ids=["the first", "all"],
)
def test_what_a_pattern_would_make_too_long_fails_its_row(call: str, row: tuple[str, str]) -> None:
    sql = f"{PATTERNS}; INSERT INTO T SELECT length({call}) AS v FROM S;"
    with AppRunner(sql, outputs=["T"]) as runner:
        for given in (("a", "b"), row, ("a", "bcd")):
            runner.send("S", given)
        assert [found[0] for found in runner.rows("T")] == [1, 3]
        assert runner.stats()["queries"]["query_1"]["failed"] == 1


def test_a_text_that_is_long_already_is_matched_as_any_other() -> None:
    sql = f"{PATTERNS}; INSERT INTO T SELECT regexp_replace(s, 'a', p, 'g') AS v FROM S;"
    long = "b" * (1 << 20) + "a"
    with AppRunner(sql, outputs=["T"]) as runner:
        for new in ("", "c", "cc"):
            runner.send("S", (long, new))
        assert [row[0] for row in runner.rows("T")] == [long[:-1], f"{long[:-1]}c"]
        assert runner.stats()["queries"]["query_1"]["failed"] == 1


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}$"])
def test_a_hostile_pattern_costs_time_in_proportion_to_the_text(pattern: str) -> None:
    """Python's own engine would not come back from any of these."""
    sql = f"{PATTERNS}; INSERT INTO T SELECT regexp_matches(s, p) AS v FROM S;"
    with AppRunner(sql, outputs=["T"]) as runner:
        runner.send("S", ("a" * 5000 + "!", pattern))
        assert [row[0] for row in runner.rows("T")] == [False]


@pytest.mark.parametrize("path", ["a", "$.", "$[*]", "$..a", "$[-1]", "$.a b"])
def test_a_path_that_means_nothing_is_told(path: str) -> None:
    told = refused(f"json_value(o, '{path}')")
    assert "is no JSON path that is known here" in told
    assert "as in $.items[0].name" in told
