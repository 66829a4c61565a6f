"""Programs printed: the canonical text, and where comments end up."""

from __future__ import annotations

import pytest

from eventflux.sql.ast import Script
from eventflux.sql.printer import print_script
from eventflux.sql.script import parse_script
from eventflux.sql.source import SourceText


def parsed(sql: str) -> Script:
    script, problems = parse_script(SourceText(sql))
    assert not problems
    return script


PROGRAM = """
-- Orders worth a look.
create stream OrderInput(order_id string, -- ours, not the shop's
  amount double not null /* in euros */, "group" VARCHAR(10))
with(type='source',extension=rabbitmq,'rabbitmq.host'='it''s', rabbitmq.port=5672,
  -- keep what we know
  json.omit-nulls = TRUE, linger = null); -- end of the input
set app.time='event'; insert into High select order_id,o.amount*2 as twice,
case when amount>1000 then 'HIGH' else 'LOW' end as priority,count ( * ) n from OrderInput o
where amount>50 and not "group" in('a','b')
window tumbling(90 sec,1 min) group by order_id,2;
from OrderInput#window.timeBatch(1 hour) -- by the hour
select count(*) insert into Counts;

select - -amount, -(-1), cast ( amount as long ) from OrderInput
-- the end
"""

PRINTED = """\
-- Orders worth a look.
CREATE STREAM OrderInput (
  order_id STRING, -- ours, not the shop's
  amount DOUBLE NOT NULL,
  /* in euros */
  "group" STRING
) WITH (
  type = 'source',
  extension = rabbitmq,
  "rabbitmq.host" = 'it''s',
  "rabbitmq.port" = 5672,
  -- keep what we know
  "json.omit-nulls" = true,
  linger = NULL
); -- end of the input

SET app.time = 'event';

INSERT INTO High
SELECT
  order_id,
  o.amount * 2 AS twice,
  CASE WHEN amount > 1000 THEN 'HIGH' ELSE 'LOW' END AS priority,
  count(*) AS n
FROM OrderInput AS o
WHERE amount > 50 AND NOT "group" IN ('a', 'b')
WINDOW('tumbling', 90 SECONDS, 1 MINUTE)
GROUP BY order_id, 2;

INSERT INTO Counts
SELECT count(*)
FROM OrderInput
WINDOW('timeBatch', 1 HOUR); -- by the hour

SELECT - -amount, -(-1), CAST(amount AS LONG)
FROM OrderInput;

-- the end
"""


def test_a_program() -> None:
    assert print_script(parsed(PROGRAM)) == PRINTED
    assert print_script(parsed(PRINTED)) == PRINTED


@pytest.mark.parametrize(
    ("sql", "printed"),
    [
        ("", ""),
        ("-- alone", "-- alone\n"),
        ("/* a\n b */ ;; -- c", "/* a\n b */\n-- c\n"),
        ("SELECT a FROM S; -- one\nSELECT b FROM S; -- two", None),
        ("SELECT a -- first\n, b FROM S", None),
        ("SELECT a, /* of b */ b FROM S", None),
        ("INSERT /* where to */ INTO T SELECT a FROM S", None),
    ],
)
def test_comments(sql: str, printed: str | None) -> None:
    once = print_script(parsed(sql))
    if printed is not None:
        assert once == printed
    assert print_script(parsed(once)) == once
    before = [comment.text for comment in parsed(sql).comments]
    assert [comment.text for comment in parsed(once).comments] == before


@pytest.mark.parametrize(
    ("sql", "clause"),
    [
        ("SELECT a FROM S; -- about a\nSELECT b FROM S;", "FROM S; -- about a"),
        ("SELECT a, -- the first\n  b\nFROM S", "  a, -- the first"),
        ("SELECT a,\n  -- the second\n  b\nFROM S", "  -- the second\n  b"),
        ("SELECT a FROM S\n-- why\nWHERE a > 1", "-- why\nWHERE a > 1"),
    ],
)
def test_a_comment_stays_with_what_it_is_about(sql: str, clause: str) -> None:
    assert clause in print_script(parsed(sql))
