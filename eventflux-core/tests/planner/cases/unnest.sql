-- === in the select list
CREATE STREAM N (id INT, tags OBJECT, more OBJECT);
SELECT id, UNNEST(tags) AS tag, CAST(unnest(more) AS INT) + 1 AS n FROM N WHERE id > 0;
--| internal N (id INT, tags OBJECT, more OBJECT)
--| inferred OutputStream (id INT, tag OBJECT, n LONG)
--| query_1: N -> OutputStream
--|     Project id INT = id, tag OBJECT = unnest(tags), n LONG = CAST(unnest(more) AS INT) + 1
--|     Unnest unnest(tags), unnest(more)
--|     Filter id > 0
--|     checks n: range

-- === DISTINCT, ORDER BY and LIMIT are of the rows that it makes
CREATE STREAM N (id INT, tags OBJECT);
SELECT DISTINCT CAST(UNNEST(tags) AS STRING) AS tag FROM N ORDER BY 1 LIMIT 3;
--| internal N (id INT, tags OBJECT)
--| inferred OutputStream (tag STRING)
--| query_1: N -> OutputStream
--|     Project tag STRING = CAST(unnest(tags) AS STRING)
--|     Limit 3
--|     OrderBy CAST(unnest(tags) AS STRING)
--|     Distinct
--|     Unnest unnest(tags)

-- === it has no name of its own
CREATE STREAM N (id INT, tags OBJECT);
SELECT id, UNNEST(tags) FROM N;
--| internal N (id INT, tags OBJECT)
--| inferred OutputStream (id INT, expr_1 OBJECT)
--| query_1: N -> OutputStream
--|     Project id INT = id, expr_1 OBJECT = unnest(tags)
--|     Unnest unnest(tags)

-- === into a column of another type
CREATE STREAM N (id INT, tags OBJECT);
CREATE STREAM Tags (tag STRING);
INSERT INTO Tags SELECT UNNEST(tags) FROM N;
--| 3:25 error: column 'tag' of 'Tags' is STRING, but 'expr_0' is OBJECT
--|     hint: write CAST(… AS STRING)

-- === of what is no list
SELECT UNNEST(s) AS x FROM S;
SELECT UNNEST(a) AS x FROM S;
SELECT UNNEST() AS x FROM S;
SELECT UNNEST(s, s) AS x FROM S;
SELECT UNNEST(nothing) AS x FROM S;
--| 1:8 error: UNNEST takes a list, but s is STRING
--|     hint: write UNNEST(parse_json(s)) where it is JSON
--| 2:8 error: UNNEST takes a list, but a is INT
--|     hint: declare the column as OBJECT; a list of constants is ARRAY[1, 2]
--| 3:8 error: UNNEST takes one argument, not 0
--|     hint: write UNNEST(a), UNNEST(b) for two lists
--| 4:8 error: UNNEST takes one argument, not 2
--|     hint: write UNNEST(a), UNNEST(b) for two lists
--| 5:15 error: stream 'S' has no column 'nothing'
--|     hint: known: a, b, d, f, ok, s, t

-- === in WHERE
CREATE STREAM N (id INT, tags OBJECT);
SELECT id FROM N WHERE UNNEST(tags) = 'a';
--| 2:24 error: UNNEST gives several rows, and can't stand in WHERE
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)

-- === in GROUP BY
CREATE STREAM N (id INT, tags OBJECT);
SELECT count(*) AS n FROM N GROUP BY UNNEST(tags);
--| 2:38 error: UNNEST gives several rows, and can't stand in GROUP BY
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)

-- === by its name in GROUP BY
CREATE STREAM N (id INT, tags OBJECT);
SELECT CAST(UNNEST(tags) AS STRING) AS tag, count(*) AS n FROM N GROUP BY tag;
--| 2:8 error: UNNEST makes several rows of one, and its query has GROUP BY
--|     hint: put it into a subquery: FROM (SELECT UNNEST(…) AS element FROM …), with the rest around it

-- === beside an aggregate
CREATE STREAM N (id INT, tags OBJECT);
SELECT UNNEST(tags) AS tag, count(*) AS n FROM N;
--| 2:8 error: UNNEST makes several rows of one, and its query has aggregates
--|     hint: put it into a subquery: FROM (SELECT UNNEST(…) AS element FROM …), with the rest around it

-- === in an aggregate
CREATE STREAM N (id INT, tags OBJECT);
SELECT count(UNNEST(tags)) AS n FROM N;
SELECT count(*) FILTER (WHERE UNNEST(tags) = 'a') AS n FROM N;
--| 2:14 error: UNNEST gives several rows, and can't stand in the argument of count
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)
--| 3:31 error: UNNEST gives several rows, and can't stand in FILTER
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)

-- === in HAVING
CREATE STREAM N (id INT, tags OBJECT);
SELECT UNNEST(tags) AS tag FROM N HAVING id > 1;
SELECT id FROM N HAVING UNNEST(tags) = 'a';
--| 2:8 error: UNNEST makes several rows of one, and its query has HAVING
--|     hint: put it into a subquery: FROM (SELECT UNNEST(…) AS element FROM …), with the rest around it
--| 3:25 error: UNNEST gives several rows, and can't stand in HAVING
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)

-- === in ORDER BY
CREATE STREAM N (id INT, tags OBJECT);
SELECT id FROM N ORDER BY UNNEST(tags);
--| 2:27 error: UNNEST gives several rows, and can't stand in ORDER BY
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)

-- === in UNNEST
CREATE STREAM N (id INT, tags OBJECT);
SELECT UNNEST(UNNEST(tags)) AS tag FROM N;
--| 2:15 error: UNNEST gives several rows, and can't stand in UNNEST
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)

-- === over a window
CREATE STREAM N (id INT, tags OBJECT);
SELECT UNNEST(tags) AS tag FROM N WINDOW('length', 5);
SELECT UNNEST(tags) AS tag FROM N DEDUPLICATE BY id WITHIN 1 HOUR;
--| 2:8 error: UNNEST makes several rows of one, and its query has a window
--|     hint: put it into a subquery: FROM (SELECT UNNEST(…) AS element FROM …), with the rest around it
--| 3:8 error: UNNEST makes several rows of one, and its query has a window
--|     hint: put it into a subquery: FROM (SELECT UNNEST(…) AS element FROM …), with the rest around it

-- === with EMIT
CREATE STREAM N (id INT, tags OBJECT);
SELECT UNNEST(tags) AS tag FROM N EMIT FINAL;
--| 2:35 error: EMIT FINAL waits for the last value, but without an aggregate each row is final
--|     hint: leave it out: each row comes at once

-- === in the body of a function
CREATE FUNCTION tag(tags OBJECT) RETURNS OBJECT AS 'UNNEST(tags)';
--| 1:53 error: UNNEST gives several rows, and can't stand in the body of tag
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)

-- === in a watermark
CREATE STREAM N (ts TIMESTAMP, tags OBJECT, WATERMARK FOR ts AS UNNEST(tags));
--| 1:65 error: UNNEST gives several rows, and can't stand in WATERMARK
--|     hint: give them a name in a subquery: FROM (SELECT UNNEST(…) AS element FROM …)

-- === a function of that name
CREATE FUNCTION unnest(x INT) RETURNS INT AS 'x';
--| 1:17 error: function 'unnest' is part of the language
--|     hint: rename it

-- === with DISTINCT or *
CREATE STREAM N (id INT, tags OBJECT);
SELECT UNNEST(*) AS tag FROM N;
SELECT UNNEST(DISTINCT tags) AS tag FROM N;
SELECT UNNEST(tags ORDER BY tags) AS tag FROM N;
--| 2:8 error: UNNEST(*) has no meaning
--|     hint: only count(*) takes *
--| 3:24 error: DISTINCT stands in an aggregate, and UNNEST is none
--|     hint: leave it out
--| 4:29 error: ORDER BY stands in an aggregate, and UNNEST is none
--|     hint: leave it out
