-- === all clauses in their order
SELECT DISTINCT s, sum(a) AS total FROM S WHERE ok WINDOW('tumbling', 5 MINUTES) GROUP BY s HAVING total > 5 ORDER BY total DESC NULLS FIRST, s ASC, 1 NULLS LAST LIMIT 10 OFFSET 5 EMIT FINAL;
--| inferred OutputStream (s STRING, total LONG)
--| query_1: S -> OutputStream
--|     Project s STRING = s, total LONG = sum(a)
--|     Limit 10 Offset 5
--|     OrderBy sum(a) DESC NULLS FIRST, s, s
--|     Distinct
--|     Having sum(a) > 5
--|     Aggregate sum(a) by s
--|     Tumbling 5 min, from the epoch
--|     Filter ok
--|     checks total: range

-- === in a FROM query
FROM S WINDOW('tumbling', 5 MINUTES) SELECT s, count(*) AS n GROUP BY s HAVING n > 1 ORDER BY n LIMIT 3 INSERT INTO Top;
--| inferred Top (s STRING, n LONG NOT NULL)
--| query_1: S -> Top
--|     Project s STRING = s, n LONG = count(*)
--|     Limit 3
--|     OrderBy count(*)
--|     Having count(*) > 1
--|     Aggregate count(*) by s
--|     Tumbling 5 min, from the epoch

-- === in subqueries and views
CREATE VIEW Top AS SELECT s, a FROM S WINDOW('tumbling', 5 MINUTES) ORDER BY a DESC LIMIT 3;
SELECT s FROM (SELECT DISTINCT s FROM Top) AS d LIMIT 1;
--| inferred Top (s STRING, a INT)
--| inferred OutputStream (s STRING)
--| inferred query_1/d (s STRING)
--| Top: S -> Top
--|     Project s STRING = s, a INT = a
--|     Limit 3
--|     OrderBy a DESC
--|     Tumbling 5 min, from the epoch
--| query_1/d: Top -> query_1/d
--|     Project s STRING = s
--|     Distinct
--| query_1: query_1/d -> OutputStream
--|     Project s STRING = s
--|     Limit 1

-- === clauses of the SELECTs before the last of UNION ALL
SELECT a FROM S HAVING a > 1 LIMIT 5 UNION ALL SELECT a FROM S GROUP BY a HAVING count(*) > 1;
--| inferred OutputStream (a INT)
--| query_1/1: S -> OutputStream
--|     Project a INT = a
--|     Limit 5
--|     Having a > 1
--| query_1/2: S -> OutputStream
--|     Project a INT = a
--|     Having count(*) > 1
--|     Aggregate count(*) by a
--| 1:30 warning: query 'query_1/1': LIMIT 5 limits nothing: each row of S is a batch of its own
--|     hint: over a window it has rows to work on: FROM S WINDOW('tumbling', 5 SECONDS) … LIMIT …; otherwise leave it out

-- === HAVING takes an input column before an alias, ORDER BY an alias before a column
SELECT b AS a, a AS b FROM S WINDOW('tumbling', 5 MINUTES) HAVING a > 1 ORDER BY a;
--| inferred OutputStream (a LONG NOT NULL, b INT)
--| query_1: S -> OutputStream
--|     Project a LONG = b, b INT = a
--|     OrderBy b
--|     Having a > 1
--|     Tumbling 5 min, from the epoch

-- === keys and aggregates in HAVING and ORDER BY
SELECT a % 2 AS odd FROM S WINDOW('tumbling', 5 MINUTES) GROUP BY a % 2 HAVING a % 2 = 1 AND min(b) > 0 ORDER BY max(b) - (a % 2);
--| inferred OutputStream (odd INT)
--| query_1: S -> OutputStream
--|     Project odd INT = a % 2
--|     OrderBy max(b) - a % 2
--|     Having a % 2 = 1 AND min(b) > 0
--|     Aggregate min(b), max(b) by a % 2
--|     Tumbling 5 min, from the epoch

-- === a selected constant sorts nothing
SELECT 1 AS one, a FROM S WINDOW('tumbling', 5 MINUTES) ORDER BY one, a;
--| inferred OutputStream (one LONG NOT NULL, a INT)
--| query_1: S -> OutputStream
--|     Project one LONG = 1, a INT = a
--|     OrderBy a
--|     Tumbling 5 min, from the epoch

-- === DISTINCT sorted by what follows from what is selected
SELECT DISTINCT a, s FROM S WINDOW('tumbling', 5 MINUTES) ORDER BY shout(s), a + 1;
--| inferred OutputStream (a INT, s STRING)
--| query_1: S -> OutputStream
--|     Project a INT = a, s STRING = s
--|     OrderBy shout(s), a + 1
--|     Distinct
--|     Tumbling 5 min, from the epoch

-- === words of clauses as names
CREATE STREAM Words ("order" INT, "limit" INT, offset INT, emit INT, having_ INT, desc INT, nulls INT, distinct_ INT);
SELECT "order", "limit", offset, emit, desc, nulls FROM Words WINDOW('tumbling', 1 MINUTE) ORDER BY desc DESC, nulls NULLS FIRST LIMIT 1 OFFSET 2;
--| internal Words (order INT, limit INT, offset INT, emit INT, having_ INT, desc INT, nulls INT, distinct_ INT)
--| inferred OutputStream (order INT, limit INT, offset INT, emit INT, desc INT, nulls INT)
--| query_1: Words -> OutputStream
--|     Project "order" INT = "order", "limit" INT = "limit", "offset" INT = "offset", emit INT = emit, desc INT = desc, nulls INT = nulls
--|     Limit 1 Offset 2
--|     OrderBy desc DESC, nulls NULLS FIRST
--|     Tumbling 1 min, from the epoch

-- === clauses over rows that come one by one
SELECT a FROM S ORDER BY a DESC;
SELECT a FROM S LIMIT 5;
SELECT a FROM S LIMIT 0;
SELECT a FROM S OFFSET 5;
SELECT a FROM S OFFSET 0;
SELECT a, sum(b) AS x FROM S GROUP BY a ORDER BY x LIMIT 2;
SELECT sum(b) AS x FROM S WINDOW('length', 5) ORDER BY x INSERT INTO Sliding;
--| 6:1 error: this query gives 'OutputStream' other columns than the one at line 1, column 1, which gives (a)
--|     hint: select the same names in the same order, or give each a target: INSERT INTO …
--| 7:27 error: the window length is not supported yet
--|     hint: planned for a later version

-- === over batches that windows gave they are no matter
SELECT a, sum(b) AS x FROM S WINDOW('tumbling', 1 MINUTE) GROUP BY a INSERT INTO W;
SELECT a, x * 2 AS x FROM W INSERT INTO V;
SELECT DISTINCT x FROM V ORDER BY x LIMIT 5 INSERT INTO T;
SELECT DISTINCT a FROM V WINDOW('length', 2) INSERT INTO U;
--| 4:26 error: the window length is not supported yet
--|     hint: planned for a later version

-- === DISTINCT over rows that come one by one
SELECT DISTINCT a, s FROM S INSERT INTO T;
SELECT DISTINCT sum(b) AS x FROM S GROUP BY a INSERT INTO U;
SELECT DISTINCT a FROM T INSERT INTO V;
SELECT DISTINCT a FROM S WINDOW('length', 5) INSERT INTO W;
--| 4:26 error: the window length is not supported yet
--|     hint: planned for a later version

-- === EMIT where it says what happens anyway
SELECT a FROM S EMIT CHANGES INSERT INTO A;
SELECT sum(b) AS x FROM S EMIT CHANGES INSERT INTO B;
SELECT sum(b) AS x FROM S WINDOW('length', 5) EMIT CHANGES INSERT INTO C;
SELECT sum(b) AS x FROM S WINDOW('tumbling', 1 MINUTE) EMIT FINAL INSERT INTO D;
SELECT a FROM S WINDOW('tumbling', 1 MINUTE) EMIT FINAL INSERT INTO E;
--| 3:27 error: the window length is not supported yet
--|     hint: planned for a later version
