-- === INTERSECT
SELECT a FROM S INTERSECT SELECT b FROM S;
--| 1:17 error: INTERSECT has no meaning over endless streams
--|     hint: filter with WHERE … AND …

-- === EXCEPT
SELECT a FROM S EXCEPT SELECT b FROM S;
--| 1:17 error: EXCEPT has no meaning over endless streams
--|     hint: filter with WHERE NOT …

-- === JOIN
SELECT a FROM S JOIN Orders ON a = id;
--| 1:17 error: JOIN is not supported yet
--|     hint: joins are planned for a later version; today each query reads one stream, and several may write into one

-- === LEFT JOIN
SELECT a FROM S LEFT OUTER JOIN Orders ON a = id;
--| 1:17 error: JOIN is not supported yet
--|     hint: joins are planned for a later version; today each query reads one stream, and several may write into one

-- === an aliased join
SELECT a FROM S AS x FULL JOIN Orders AS y ON a = id;
--| 1:22 error: JOIN is not supported yet
--|     hint: joins are planned for a later version; today each query reads one stream, and several may write into one

-- === a comma join
SELECT a FROM S, Orders;
--| 1:16 error: reading several streams at once (a join) is not supported yet
--|     hint: joins are planned for a later version; today each query reads one stream, and several may write into one

-- === a pattern
SELECT a FROM PATTERN (e1=S -> e2=S);
--| 1:15 error: PATTERN (…) is not supported yet
--|     hint: patterns are planned for a later version

-- === a sequence
SELECT a FROM SEQUENCE (e1=S, e2=S);
--| 1:15 error: SEQUENCE (…) is not supported yet
--|     hint: patterns are planned for a later version

-- === a bare pattern
FROM every e1=S -> e2=S SELECT a INSERT INTO T;
--| 1:14 error: a pattern is not supported yet
--|     hint: patterns are planned for a later version

-- === a subquery in an expression
SELECT (SELECT a FROM S) AS x FROM S;
--| 1:9 error: a subquery in an expression would read the whole of an endless stream
--|     hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version

-- === IN with a table
SELECT a FROM S WHERE a IN T;
--| 1:28 error: IN T (IN with a name) is not supported yet
--|     hint: it takes a list of values: x IN (1, 2, 3)

-- === OVER
SELECT sum(b) OVER (PARTITION BY a) AS x FROM S;
--| 1:15 error: OVER (…) has no meaning over an endless stream
--|     hint: use a window: FROM S WINDOW('tumbling', 5 MINUTES) … GROUP BY …

-- === FILTER
SELECT sum(b) FILTER (WHERE a > 1) AS x FROM S;
--| inferred OutputStream (x LONG)
--| query_1: S -> OutputStream
--|     Project x LONG = sum(b) FILTER (WHERE a > 1)
--|     Aggregate sum(b) FILTER (WHERE a > 1)
--|     checks x: range

-- === DISTINCT in an aggregate
SELECT count(DISTINCT a) AS x FROM S;
--| inferred OutputStream (x LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project x LONG = count(DISTINCT a)
--|     Aggregate count(DISTINCT a)

-- === ORDER BY in an aggregate
SELECT array_agg(a ORDER BY b DESC, s NULLS FIRST) AS l, percentile_cont(0.3) WITHIN GROUP (ORDER BY b DESC) AS p, median() WITHIN GROUP (ORDER BY b) AS m FROM S;
--| inferred OutputStream (l OBJECT NOT NULL, p DOUBLE NOT NULL, m DOUBLE NOT NULL)
--| query_1: S -> OutputStream
--|     Project l OBJECT = array_agg(a ORDER BY b DESC, s NULLS FIRST), p DOUBLE = percentile_cont(0.3) WITHIN GROUP (ORDER BY b DESC), m DOUBLE = percentile_cont(b, 0.5)
--|     Aggregate array_agg(a ORDER BY b DESC, s NULLS FIRST), percentile_cont(0.3) WITHIN GROUP (ORDER BY b DESC), percentile_cont(b, 0.5)

-- === CREATE TABLE
CREATE TABLE T (a INT PRIMARY KEY);
--| 1:8 error: CREATE TABLE is not supported yet
--|     hint: tables are planned for a later version; today all data is in streams: CREATE STREAM

-- === CREATE AGGREGATION
CREATE AGGREGATION A AS SELECT a FROM S AGGREGATE EVERY sec;
--| 1:8 error: CREATE AGGREGATION is not supported yet
--|     hint: write a query with a window and GROUP BY

-- === CREATE OR REPLACE
CREATE OR REPLACE STREAM X (a INT);
--| 1:8 error: CREATE OR REPLACE is not part of this language
--|     hint: write CREATE alone

-- === UPDATE
UPDATE T SET a = 1 FROM S WHERE T.a = S.a;
--| 1:1 error: UPDATE (tables) is not supported yet
--|     hint: tables are planned for a later version; today all data is in streams

-- === DELETE
DELETE FROM T USING S WHERE T.a = S.a;
--| 1:1 error: DELETE (tables) is not supported yet
--|     hint: tables are planned for a later version; today all data is in streams

-- === UPSERT
UPSERT INTO T SELECT a FROM S ON T.a = S.a;
--| 1:1 error: UPSERT (tables) is not supported yet
--|     hint: tables are planned for a later version; today all data is in streams

-- === PARTITION hides what it holds
PARTITION WITH (a OF S) BEGIN
  SELECT zz FROM S; SELECT a FRM S;
END;
SELECT a FROM S WHERE zz > 1;
--| 1:1 error: PARTITION is not supported yet
--|     hint: group by the key: GROUP BY …
--| 4:23 error: stream 'S' has no column 'zz'
--|     hint: known: a, b, d, f, ok, s, t

-- === INSERT VALUES
INSERT INTO T VALUES (1, 2);
--| 1:15 error: INSERT … VALUES is not supported yet
--|     hint: send rows with app.input(…).send(…)

-- === INSERT OVERWRITE
INSERT OVERWRITE T SELECT a FROM S;
--| 1:8 error: INSERT OVERWRITE is not part of this language
--|     hint: write INSERT INTO

-- === PRIMARY KEY of a stream
CREATE STREAM X (a INT PRIMARY KEY);
--| 1:24 error: PRIMARY KEY is not supported yet
--|     hint: leave it out: streams have no keys

-- === DEFAULT
CREATE STREAM X (a INT DEFAULT 5);
--| 1:24 error: DEFAULT is not supported yet
--|     hint: write coalesce(column, value) in the query

-- === an ARRAY column
CREATE STREAM X (a ARRAY);
--| 1:20 error: the type ARRAY is not supported yet
--|     hint: use OBJECT, which holds any nested value

-- === CAST to MAP
SELECT CAST(a AS MAP) AS x FROM S;
--| 1:18 error: the type MAP is not supported yet
--|     hint: use OBJECT, which holds any nested value

-- === IS TRUE
SELECT a FROM S WHERE ok IS TRUE;
--| 1:29 error: IS TRUE is not supported yet
--|     hint: write coalesce(x, FALSE), coalesce(NOT x, FALSE) or x IS NULL

-- === a cast with colons
SELECT a::STRING AS x FROM S;
--| 1:9 error: the cast :: is not supported yet
--|     hint: write CAST(x AS type)

-- === JSON access
SELECT s->'a' AS x FROM S;
--| 1:8 error: s is STRING, which has nothing inside
--|     hint: declare the column as OBJECT to reach into it

-- === an index
SELECT s[1] AS x FROM S;
--| 1:8 error: s is STRING, which has nothing inside
--|     hint: declare the column as OBJECT to reach into it

-- === a nested field
SELECT x.y.z FROM S;
--| 1:8 error: 'x' is not the stream of this query
--|     hint: known: S

-- === AT TIME ZONE
SELECT b AT TIME ZONE 'UTC' AS x FROM S;
--| inferred OutputStream (x TIMESTAMP)
--| query_1: S -> OutputStream
--|     Project x TIMESTAMP = at_time_zone(b, 'UTC')

-- === EXTRACT
SELECT extract(hour FROM b) AS x FROM S;
--| inferred OutputStream (x INT)
--| query_1: S -> OutputStream
--|     Project x INT = extract('hour', b)

-- === SUBSTRING with FROM
SELECT substring(s FROM 2 FOR 3) AS x FROM S;
--| inferred OutputStream (x STRING)
--| query_1: S -> OutputStream
--|     Project x STRING = substring(s, 2, 3)

-- === POSITION with IN
SELECT position('a' IN s) AS x FROM S;
--| inferred OutputStream (x INT)
--| query_1: S -> OutputStream
--|     Project x INT = position('a', s)

-- === GROUP BY ROLLUP
SELECT a FROM S GROUP BY ROLLUP (a, s);
--| 1:26 error: GROUP BY ROLLUP is not supported yet
--|     hint: name the columns

-- === * EXCEPT
SELECT * EXCEPT (a) FROM S;
--| 1:10 error: * EXCEPT is not supported yet
--|     hint: name the columns

-- === UNNEST in FROM
SELECT x FROM UNNEST(s) AS x;
--| 1:15 error: UNNEST (…) in FROM is not supported yet
--|     hint: what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S

-- === a join with UNNEST
SELECT a, x FROM S CROSS JOIN UNNEST(s) AS t(x);
--| 1:20 error: a join with LATERAL or UNNEST is not part of this language
--|     hint: what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S

-- === a comma before UNNEST
SELECT a, x FROM S AS s1, LATERAL UNNEST(s) AS t(x) WHERE a > 1;
--| 1:25 error: a join with LATERAL or UNNEST is not part of this language
--|     hint: what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S

-- === an outer join with UNNEST
SELECT a, x FROM S LEFT JOIN LATERAL UNNEST(s) AS t(x) ON TRUE;
--| 1:20 error: a join with LATERAL or UNNEST is not part of this language
--|     hint: what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S

-- === a filter in brackets
FROM S[a > 1] SELECT a INSERT INTO T;
--| 1:7 error: a filter in brackets is not supported yet
--|     hint: write WHERE

-- === a stream function
FROM S#log('x') SELECT a INSERT INTO T;
--| 1:8 error: a stream function (#…) is not supported yet
--|     hint: a window is written #window.tumbling(5 min)

-- === DROP
DROP STREAM S;
--| 1:1 error: DROP is not part of this language
--|     hint: an app's definitions last as long as it runs

-- === EXPLAIN
EXPLAIN SELECT a FROM S;
--| 1:1 error: EXPLAIN is not part of this language
--|     hint: `eventflux explain FILE` shows the plan of a program
