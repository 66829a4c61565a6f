"""Formatting, as properties: what is printed is the same program, and printed once and for all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventflux.sql.ast import Script
from eventflux.sql.lexer import Token, lex
from eventflux.sql.printer import print_script
from eventflux.sql.sameness import same_program
from eventflux.sql.script import parse_script
from eventflux.sql.source import SourceText

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def texts() -> list[str]:
    """Every program of the tests and the examples that can be read."""
    found: list[str] = []
    for path in sorted([*HERE.parents[0].rglob("*.sql"), *ROOT.glob("examples/**/*.sql")]):
        for block in path.read_text(encoding="utf-8").split("-- === "):
            lines = [line for line in block.splitlines() if not line.startswith("--|")]
            found.append("\n".join(lines[1:] if "-- === " in path.read_text("utf-8") else lines))
    return [text for text in found if text.strip() and not parse_script(SourceText(text))[1]]


LONG = """-- A file with a heading.

-- Settings.
SET app.time = 'event'; SET app.name = 'long';

/* One that is long. */

-- What it is for.
SELECT id, case when amount > 1000 and country in ('nl', 'de') then 'HIGH'
when amount > 100 -- ok
then 'MEDIUM' else 'LOW' end as priority,
case country when 'nl' then 'the Netherlands' when 'de' then 'Germany'
when 'fr' then 'France' end c,
amount > 1000 and amount between 1 and 20000 and country is not distinct from 'a' || 'bcdefgh' b
FROM Orders
where (amount > 1000 or amount < 10) and country like 'n%' and amount between 1 and 1000000 -- last
and id is not null;
INSERT INTO Out SELECT and(a > 100000000, b < 1000000000, c > 1000000000, d > 10000000000)
or a_very_long_name = 5 AS "or" FROM S WHERE f(a) or b and c;

-- The end.

-- The very end."""

LAID_OUT = """\
-- A file with a heading.

-- Settings.
SET app.time = 'event';
SET app.name = 'long';

/* One that is long. */

-- What it is for.
SELECT
  id,
  -- ok
  CASE
    WHEN amount > 1000 AND country IN ('nl', 'de') THEN 'HIGH'
    WHEN amount > 100 THEN 'MEDIUM'
    ELSE 'LOW'
  END AS priority,
  CASE country
    WHEN 'nl' THEN 'the Netherlands'
    WHEN 'de' THEN 'Germany'
    WHEN 'fr' THEN 'France'
  END AS c,
  amount > 1000
    AND amount BETWEEN 1 AND 20000
    AND country IS NOT DISTINCT FROM 'a' || 'bcdefgh' AS b
FROM Orders
-- last
WHERE (amount > 1000 OR amount < 10)
  AND country LIKE 'n%'
  AND amount BETWEEN 1 AND 1000000
  AND id IS NOT NULL;

INSERT INTO Out
SELECT
  and(a > 100000000, b < 1000000000, c > 1000000000, d > 10000000000)
    OR a_very_long_name = 5 AS "or"
FROM S
WHERE f(a) OR b AND c;

-- The end.

-- The very end.
"""


TEXTS = [*texts(), LONG]


def parsed(sql: str) -> Script:
    script, problems = parse_script(SourceText(sql))
    assert not problems, "\n".join(problem.render(sql) for problem in problems)
    return script


def check(sql: str) -> str:
    """Format a program, and look at what comes out as a program."""
    script = parsed(sql)
    printed = print_script(script)
    again = parsed(printed)
    assert same_program(script, again)
    assert print_script(again) == printed
    return printed


def test_there_are_programs() -> None:
    assert len(TEXTS) > 150


@pytest.mark.parametrize("sql", TEXTS)
def test_formatting_changes_the_layout_alone(sql: str) -> None:
    printed = check(sql)
    assert all(line == line.rstrip() or "'" in printed for line in printed.splitlines())


BETWEEN = st.sampled_from(
    ["", " ", "\n", "\n\n", "\t", " -- a note\n", "\n-- above\n", "/* b */", "/*c\nd*/ "]
)


@given(st.sampled_from(TEXTS), st.data())
def test_any_layout_of_a_program_is_printed_as_one(sql: str, data: st.DataObject) -> None:
    """The same tokens with other blanks, and with comments anywhere between them."""
    laid_out = "".join(
        _text(sql, token) + (between if not _needs_blank(token, following) or between else " ")
        for token, following, between in (
            (token, following, data.draw(BETWEEN) if _may_part(sql, token, following) else "")
            for token, following in zip(*_neighbours(sql), strict=True)
        )
    )
    check(laid_out)


def _neighbours(sql: str) -> tuple[list[Token], list[Token]]:
    tokens = list(lex(SourceText(sql)).tokens)
    return tokens[:-1], tokens[1:]


def _text(sql: str, token: Token) -> str:
    return sql[token.start : token.end]


def _needs_blank(token: Token, following: Token) -> bool:
    return token.end != following.start and following.kind != "end"


def _may_part(sql: str, token: Token, following: Token) -> bool:
    """Whether something may stand between two tokens: not within names with dots and the like."""
    return token.end != following.start or following.upper in (",", ")", ";", "(")


def test_long_expressions_are_broken_where_a_reader_would() -> None:
    assert check(LONG) == LAID_OUT
