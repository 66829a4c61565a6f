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


NESTED = """
create stream S(a int, k string metadata, at long not null metadata from 'time''stamp')
  with (type=source, extension=memory);
with few(x) as (select a from S -- not all
 where a>1), other as (from S select count(*) as n,
  'a text of such a length that these items do not fit one line' as t,
   a) insert into Out(n,s) select x,y from few union all
select n, t from (select * from (select n /* how many */, t from other) -- inner
  ) as o where n>0 group by 1;
@info(name = "counts") from S select count(*) insert into T;
create view V as select a from S union all select 1 from (select a from S) -- all
"""

NESTED_PRINTED = """\
CREATE STREAM S (
  a INT,
  k STRING METADATA,
  at LONG NOT NULL METADATA FROM 'time''stamp'
) WITH (
  type = source,
  extension = memory
);

INSERT INTO Out (n, s)
WITH few (x) AS (
  SELECT a
  FROM S -- not all
  WHERE a > 1
),
other AS (
  SELECT
    count(*) AS n,
    'a text of such a length that these items do not fit one line' AS t,
    a
  FROM S
)
SELECT x, y
FROM few
UNION ALL
SELECT n, t
FROM (
  SELECT *
  FROM (
    SELECT
      n,
      /* how many */
      t
    FROM other
  ) -- inner
) AS o
WHERE n > 0
GROUP BY 1;

INSERT INTO T
SELECT count(*)
FROM S
WITH (name = 'counts');

CREATE VIEW V AS
SELECT a
FROM S
UNION ALL
SELECT 1
FROM (
  SELECT a
  FROM S
); -- all
"""


def test_queries_in_queries() -> None:
    assert print_script(parsed(NESTED)) == NESTED_PRINTED
    assert print_script(parsed(NESTED_PRINTED)) == NESTED_PRINTED


ANNOTATED = """
@app:name("Shop") @app:description('all
 of it')
@source(type='memory', channel='a', @map(type='json', lines='true'), @retry(5)) -- the input
define stream S (a int);
@async(workers = '2') @info(name='q') from S select a insert into T;
"""

ANNOTATED_PRINTED = """\
SET app.name = 'Shop';

-- @app:description('all of it')
-- @retry(5)
-- the input
CREATE STREAM S (
  a INT
) WITH (
  type = 'source',
  extension = 'memory',
  "memory.channel" = 'a',
  format = 'json',
  "json.lines" = 'true'
);

-- @async(workers = '2')
INSERT INTO T
SELECT a
FROM S
WITH (name = 'q');
"""


def test_annotations_become_what_they_mean_and_others_comments() -> None:
    assert print_script(parsed(ANNOTATED)) == ANNOTATED_PRINTED
    assert print_script(parsed(ANNOTATED_PRINTED)) == ANNOTATED_PRINTED


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
        ("SELECT a FROM S; /* b */ -- c\nSELECT b FROM S", None),
        ("SELECT a FROM S; /* b */ SELECT b FROM S -- c\n", None),
        (
            "SELECT a FROM S; SELECT b FROM S -- c\n",
            "SELECT a\nFROM S;\n\nSELECT b\nFROM S; -- c\n",
        ),
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
        (
            "SELECT a FROM TABLE(HOP(TABLE S, DESCRIPTOR(t), INTERVAL '1' MINUTE, 5 min)) w -- why",
            "FROM HOP(TABLE S, DESCRIPTOR(t), 1 MINUTE, 5 MINUTES) AS w; -- why",
        ),
        (
            "SELECT a FROM SESSION(TABLE S PARTITION BY (a, b), DESCRIPTOR(t), 1 sec) -- why\n",
            "FROM SESSION(TABLE S PARTITION BY a, b, DESCRIPTOR(t), 1 SECOND); -- why",
        ),
    ],
)
def test_a_comment_stays_with_what_it_is_about(sql: str, clause: str) -> None:
    assert clause in print_script(parsed(sql))


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("interval '1 min 30 sec' + a", "INTERVAL '1 min 30 sec' + a"),
        ("t + interval '1 min' - a", "t + INTERVAL '1 min' - a"),
        ("interval '5' minute + a", "INTERVAL '5' MINUTE + a"),
        ("interval -'5' minute + a", "INTERVAL -'5' MINUTE + a"),
    ],
)
def test_the_unit_of_an_interval_is_a_keyword_and_the_name_behind_it_is_none(
    written: str, printed: str
) -> None:
    text = print_script(parsed(f"SELECT {written} AS c FROM S"))
    assert text == f"SELECT {printed} AS c\nFROM S;\n"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("array_agg(x order by y desc,z)", "array_agg(x ORDER BY y DESC, z)"),
        (
            "string_agg(distinct x,',' order by x asc nulls first)",
            "string_agg(DISTINCT x, ',' ORDER BY x ASC NULLS FIRST)",
        ),
        (
            "mode()within group(order by nulls nulls last)filter(where a>1)",
            "mode() WITHIN GROUP (ORDER BY nulls NULLS LAST) FILTER (WHERE a > 1)",
        ),
        (
            "median() within group (order by -x) + last(nulls order by first)",
            "median() WITHIN GROUP (ORDER BY -x) + last(nulls ORDER BY first)",
        ),
    ],
)
def test_an_order_in_an_aggregate(written: str, printed: str) -> None:
    text = print_script(parsed(f"select {written} as a from S"))
    assert text == f"SELECT {printed} AS a\nFROM S;\n"
    assert print_script(parsed(text)) == text


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("substring ( s from 2 for 3 )", "substring(s FROM 2 FOR 3)"),
        ("trim(leading 'x' from s)", "trim(LEADING 'x' FROM s)"),
        ("trim(both from s)", "trim(BOTH FROM s)"),
        ("trim(leading, both)", "trim(leading, both)"),
        ("position('a' in s) > 0", "position('a' IN s) > 0"),
        ("extract(year from t at time zone 'UTC')", "extract(year FROM t AT TIME ZONE 'UTC')"),
        ("array [ 1,2 ] [ 0 ]", "array[1, 2][0]"),
        ("like (s,'a%')", "like(s, 'a%')"),
        ("cast( i,'string' )", "CAST(i, 'string')"),
        ("t at time zone 'UTC' > current_timestamp", "t AT TIME ZONE 'UTC' > current_timestamp"),
    ],
)
def test_words_between_the_arguments_of_a_call(written: str, printed: str) -> None:
    text = print_script(parsed(f"SELECT {written} AS x FROM S"))
    assert text == f"SELECT {printed} AS x\nFROM S;\n"
    assert print_script(parsed(text)) == text


def test_triggers() -> None:
    """Each in its one form, whichever it was written in."""
    sql = (
        "define trigger a at 'start'; create trigger b at every 90 sec with (catch_up=true);"
        "create trigger c at '0 9 * * *' -- each morning\n;"
    )
    assert (
        print_script(parsed(sql))
        == """\
CREATE TRIGGER a AT START;

CREATE TRIGGER b AT EVERY 90 SECONDS
WITH (catch_up = true);

CREATE TRIGGER c AT CRON '0 9 * * *'; -- each morning
"""
    )


def test_named_windows() -> None:
    """Each window in its one form, whichever it was written in."""
    sql = (
        "define window A(k string, v int not null) -- what is recent\n length(5) output current "
        "events; create window if not exists B(at long)/* by the clock */window tumbling(1 min); "
        "create window C(x int)#window.sort(2,x) -- best\n;"
    )
    printed = """\
CREATE WINDOW A (
  k STRING,
  v INT NOT NULL -- what is recent
) WINDOW('length', 5);

CREATE WINDOW IF NOT EXISTS B (
  at LONG
/* by the clock */
) WINDOW('tumbling', 1 MINUTE);

CREATE WINDOW C (
  x INT
) WINDOW('sort', 2, x, 'asc'); -- best
"""
    assert print_script(parsed(sql)) == printed
    assert print_script(parsed(printed)) == printed
