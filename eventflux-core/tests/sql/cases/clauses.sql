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

-- === over batches that windows gave they are no matter
SELECT a, sum(b) AS x FROM S WINDOW('tumbling', 1 MINUTE) GROUP BY a INSERT INTO W;
SELECT a, x * 2 AS x FROM W INSERT INTO V;
SELECT DISTINCT x FROM V ORDER BY x LIMIT 5 INSERT INTO T;
SELECT DISTINCT a FROM V WINDOW('length', 2) INSERT INTO U;
--| inferred W (a INT, x LONG NOT NULL)
--| inferred V (a INT, x LONG NOT NULL)
--| inferred T (x LONG NOT NULL)
--| inferred U (a INT)
--| query_1: S -> W
--|     Project a INT = a, x LONG = sum(b)
--|     Aggregate sum(b) by a
--|     Tumbling 1 min, from the epoch
--|     checks x: range
--| query_2: W -> V
--|     Project a INT = a, x LONG = x * 2
--|     checks x: range
--| query_3: V -> T
--|     Project x LONG = x
--|     Limit 5
--|     OrderBy x
--|     Distinct
--| query_4: V -> U
--|     Project a INT = a
--|     Distinct
--|     Length rows 2

-- === DISTINCT over rows that come one by one
SELECT DISTINCT a, s FROM S INSERT INTO T;
SELECT DISTINCT sum(b) AS x FROM S GROUP BY a INSERT INTO U;
SELECT DISTINCT a FROM T INSERT INTO V;
SELECT DISTINCT a FROM S WINDOW('length', 5) INSERT INTO W;
--| 1:8 error: SELECT DISTINCT compares the rows of one batch, but each row of S is a batch of its own
--|     hint: the first row of each comes from FROM S DEDUPLICATE BY a, s WITHIN 1 HOUR; or give it a window that closes
--| 2:8 error: SELECT DISTINCT compares the rows of one batch, but each row of S is a batch of its own
--|     hint: the first row of each comes from FROM S DEDUPLICATE BY column WITHIN 1 HOUR; or give it a window that closes
--| 3:8 error: SELECT DISTINCT compares the rows of one batch, but each row of its input is a batch of its own
--|     hint: the first row of each comes from FROM its input DEDUPLICATE BY a WITHIN 1 HOUR; or give it a window that closes
--| 4:8 error: SELECT DISTINCT compares the rows of one batch, but each row of S is a batch of its own
--|     hint: the first row of each comes from FROM S DEDUPLICATE BY a WITHIN 1 HOUR; or give it a window that closes

-- === EMIT CHANGES over a window that counts rows: each event is a batch of its own
SELECT s, sum(b) AS x FROM S WINDOW('lengthBatch', 5) GROUP BY s ORDER BY x LIMIT 3 EMIT CHANGES;
--| inferred OutputStream (s STRING, x LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, x LONG = sum(b), EMIT CHANGES
--|     Limit 3
--|     OrderBy sum(b)
--|     Aggregate sum(b) by s
--|     LengthBatch rows 5
--|     checks x: range
--| 1:66 warning: query 'query_1': ORDER BY sorts nothing: each row of S is a batch of its own
--|     hint: over a window it has rows to work on: FROM S WINDOW('tumbling', 5 SECONDS) … ORDER BY …; otherwise leave it out
--| 1:77 warning: query 'query_1': LIMIT 3 limits nothing: each row of S is a batch of its own
--|     hint: over a window it has rows to work on: FROM S WINDOW('tumbling', 5 SECONDS) … LIMIT …; otherwise leave it out

-- === a bare column beside EMIT CHANGES over a window that counts rows is no surprise
SELECT s, sum(b) AS x FROM S WINDOW('lengthBatch', 5) EMIT CHANGES;
--| inferred OutputStream (s STRING, x LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, x LONG = sum(b), EMIT CHANGES
--|     Aggregate sum(b)
--|     LengthBatch rows 5
--|     checks x: range

-- === EMIT EVERY: the rows of a tick are a batch
SELECT DISTINCT s, sum(b) AS x FROM S GROUP BY s ORDER BY x LIMIT 3 EMIT EVERY 5 SECONDS
WITH ('state.ttl' = '1 second');
SELECT sum(b) AS x FROM S WINDOW('length', 5) EMIT EVERY 500 INSERT INTO H WITH (name = 'half');
INSERT INTO U SELECT sum(b) AS x FROM S EMIT EVERY 250 UNION ALL SELECT b FROM S;
--| inferred OutputStream (s STRING, x LONG NOT NULL)
--| inferred H (x LONG NOT NULL)
--| inferred U (x LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, x LONG = sum(b), EMIT EVERY 5 s
--|     Limit 3
--|     OrderBy sum(b)
--|     Distinct
--|     Aggregate sum(b) by s kept for 5 s
--|     checks x: range
--| half: S -> H
--|     Project x LONG = sum(b), EMIT EVERY 500 ms
--|     Aggregate sum(b)
--|     Length rows 5
--|     checks x: range
--| query_3/1: S -> U
--|     Project x LONG = sum(b), EMIT EVERY 250 ms
--|     Aggregate sum(b)
--|     checks x: range
--| query_3/2: S -> U
--|     Project x LONG = b

-- === EMIT where it says what happens anyway
SELECT a FROM S EMIT CHANGES INSERT INTO A;
SELECT sum(b) AS x FROM S EMIT CHANGES INSERT INTO B;
SELECT sum(b) AS x FROM S WINDOW('length', 5) EMIT CHANGES INSERT INTO C;
SELECT sum(b) AS x FROM S WINDOW('tumbling', 1 MINUTE) EMIT FINAL INSERT INTO D;
SELECT a FROM S WINDOW('tumbling', 1 MINUTE) EMIT FINAL INSERT INTO E;
--| inferred A (a INT)
--| inferred B (x LONG NOT NULL)
--| inferred C (x LONG NOT NULL)
--| inferred D (x LONG NOT NULL)
--| inferred E (a INT)
--| query_1: S -> A
--|     Project a INT = a
--| query_2: S -> B
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     checks x: range
--| query_3: S -> C
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Length rows 5
--|     checks x: range
--| query_4: S -> D
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 1 min, from the epoch
--|     checks x: range
--| query_5: S -> E
--|     Project a INT = a
--|     Tumbling 1 min, from the epoch

-- === DEDUPLICATE
SELECT a, s FROM S DEDUPLICATE BY a % 10 + 1, S.s, b IS NULL WITHIN 1 MINUTE KEEP LAST INSERT INTO V;
SELECT a, s FROM S DEDUPLICATE BY a, s WITHIN 5 MINUTES KEEP FIRST WHERE ok;
FROM S AS x WHERE ok DEDUPLICATE BY a WITHIN INTERVAL '1' HOUR KEEP LAST SELECT a, s INSERT INTO U;
--| inferred V (a INT, s STRING)
--| inferred OutputStream (a INT, s STRING)
--| inferred U (a INT, s STRING)
--| query_1: S -> V
--|     Project a INT = a, s STRING = s
--|     Aggregate group by a % 10 + 1, s, b IS NULL
--|     Session gap 1 min, keys a % 10 + 1, s, b IS NULL, latency 0 ms
--| query_2: S -> OutputStream
--|     Project a INT = a, s STRING = s
--|     Filter ok
--|     FirstUnique columns a, s, ttl 5 min
--| query_3: S -> U
--|     Project a INT = a, s STRING = s
--|     Aggregate group by a
--|     Session gap 1 h, keys a, latency 0 ms
--|     Filter ok

-- === OUTPUT by time
SELECT a FROM S OUTPUT LAST EVERY 5 SECONDS;
--| inferred OutputStream (a INT)
--| inferred query_1/limited (a INT)
--| query_1: S -> query_1/limited
--|     Project a INT = a
--| query_1/limited: query_1/limited -> OutputStream
--|     Project a INT = a
--|     OUTPUT LAST EVERY 5 s

-- === OUTPUT by events, without a mode
SELECT a FROM S OUTPUT EVERY 3 EVENTS;
--| inferred OutputStream (a INT)
--| inferred query_1/limited (a INT)
--| query_1: S -> query_1/limited
--|     Project a INT = a
--| query_1/limited: query_1/limited -> OutputStream
--|     Project a INT = a
--|     OUTPUT ALL EVERY 3 EVENTS

-- === OUTPUT of groups
SELECT sum(a) AS s FROM S GROUP BY b OUTPUT FIRST EVERY 3 EVENTS WITH (emit = 'end');
--| inferred OutputStream (s LONG)
--| inferred query_1/limited (s LONG, key 1 LONG NOT NULL)
--| query_1: S -> query_1/limited
--|     Project s LONG = sum(a), "key 1" LONG = b
--|     Aggregate sum(a) by b
--|     checks s: range
--| query_1/limited: query_1/limited -> OutputStream
--|     Project s LONG = s
--|     OUTPUT FIRST EVERY 3 EVENTS, of each "key 1", at the end

-- === OUTPUT of groups that are selected
SELECT b, sum(a) AS s FROM S GROUP BY b OUTPUT LAST EVERY INTERVAL '1' MINUTE;
--| inferred OutputStream (b LONG NOT NULL, s LONG)
--| inferred query_1/limited (b LONG NOT NULL, s LONG)
--| query_1: S -> query_1/limited
--|     Project b LONG = b, s LONG = sum(a)
--|     Aggregate sum(a) by b
--|     checks s: range
--| query_1/limited: query_1/limited -> OutputStream
--|     Project b LONG = b, s LONG = s
--|     OUTPUT LAST EVERY 1 min, of each b

-- === OUTPUT SNAPSHOT of groups
SELECT b, sum(a) AS s FROM S GROUP BY b OUTPUT SNAPSHOT EVERY 1 min;
--| inferred OutputStream (b LONG NOT NULL, s LONG)
--| query_1: S -> OutputStream
--|     Project b LONG = b, s LONG = sum(a), OUTPUT SNAPSHOT EVERY 1 min
--|     Aggregate sum(a) by b
--|     checks s: range

-- === OUTPUT SNAPSHOT of the rows of a window
SELECT a FROM S WINDOW('length', 5) OUTPUT SNAPSHOT EVERY 1 min;
--| inferred OutputStream (a INT)
--| query_1: S -> OutputStream
--|     Project a INT = a, OUTPUT SNAPSHOT EVERY 1 min
--|     Length rows 5

-- === OUTPUT SNAPSHOT of a batch: a column beside an aggregate is that of the last row
SELECT a, count(*) AS n FROM S WINDOW('lengthBatch', 5) OUTPUT SNAPSHOT EVERY 1 min;
--| inferred OutputStream (a INT, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project a INT = a, n LONG = count(*), OUTPUT SNAPSHOT EVERY 1 min
--|     Aggregate count(*)
--|     LengthBatch rows 5

-- === OUTPUT SNAPSHOT behind what passes rows on
SELECT a FROM S WINDOW('delay', 5) OUTPUT SNAPSHOT EVERY 1 min;
--| inferred OutputStream (a INT)
--| inferred query_1/limited (a INT)
--| query_1: S -> query_1/limited
--|     Project a INT = a
--|     Delay size 5 ms
--| query_1/limited: query_1/limited -> OutputStream
--|     Project a INT = a
--|     OUTPUT SNAPSHOT EVERY 1 min

-- === OUTPUT in the manner of Siddhi
from S select a output last every 5 sec insert into X;
--| inferred X (a INT)
--| inferred query_1/limited (a INT)
--| query_1: S -> query_1/limited
--|     Project a INT = a
--| query_1/limited: query_1/limited -> X
--|     Project a INT = a
--|     OUTPUT LAST EVERY 5 s
