-- === running aggregates
SELECT count(*) AS n1, count() AS n2, count(a) AS n3, sum(a) AS s1, sum(d) AS s2, avg(a) AS v, min(s) AS lo, max(f) AS hi
FROM S;
--| inferred OutputStream (n1 LONG NOT NULL, n2 LONG NOT NULL, n3 LONG NOT NULL, s1 LONG, s2 DOUBLE, v DOUBLE, lo STRING, hi FLOAT)
--| query_1: S -> OutputStream
--|     Project n1 LONG = count(*), n2 LONG = count(*), n3 LONG = count(a), s1 LONG = sum(a), s2 DOUBLE = sum(d), v DOUBLE = avg(a), lo STRING = min(s), hi FLOAT = max(f)
--|     Aggregate count(*), count(a), sum(a), sum(d), avg(a), min(s), max(f)
--|     checks s1: range

-- === by group
SELECT s, sum(b) AS total, sum(b) / count(*) AS mean, sum(b) AS again FROM S GROUP BY s;
--| inferred OutputStream (s STRING, total LONG NOT NULL, mean DOUBLE, again LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, total LONG = sum(b), mean DOUBLE = sum(b) / count(*), again LONG = sum(b)
--|     Aggregate sum(b), count(*) by s
--|     checks total: range
--|     checks again: range

-- === by alias, ordinal and expression
SELECT CASE WHEN b > 5 THEN 'hi' ELSE 'lo' END AS kind, s AS name, a % 2, count(*) AS n
FROM S GROUP BY kind, 2, a % 2;
--| inferred OutputStream (kind STRING NOT NULL, name STRING, expr_2 INT, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project kind STRING = CASE WHEN b > 5 THEN 'hi' ELSE 'lo' END, name STRING = s, expr_2 INT = a % 2, n LONG = count(*)
--|     Aggregate count(*) by CASE WHEN b > 5 THEN 'hi' ELSE 'lo' END, s, a % 2

-- === an input column goes before an alias
SELECT a AS s, count(*) AS n FROM S GROUP BY s;
--| inferred OutputStream (s INT, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s INT = a, n LONG = count(*)
--|     Aggregate count(*) by s

-- === a key inside an expression
SELECT shout(s) AS x, a + b + 1 AS y, count(*) AS n FROM S GROUP BY shout(s), a + b;
--| inferred OutputStream (x STRING, y LONG, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project x STRING = shout(s), y LONG = a + b + 1, n LONG = count(*)
--|     Aggregate count(*) by shout(s), a + b
--|     checks y: range

-- === the same key twice
SELECT s, count(*) AS n FROM S GROUP BY s, S.s, 1;
--| inferred OutputStream (s STRING, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, n LONG = count(*)
--|     Aggregate count(*) by s

-- === GROUP BY without aggregates
SELECT s, b FROM S GROUP BY s;
--| inferred OutputStream (s STRING, b LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, b LONG = b
--|     Aggregate group by s

-- === bare columns of the last row
SELECT s, t, b + 1 AS next, count(*) AS n FROM S GROUP BY s;
--| inferred OutputStream (s STRING, t STRING NOT NULL, next LONG NOT NULL, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, t STRING = t, next LONG = b + 1, n LONG = count(*)
--|     Aggregate count(*) by s
--|     checks next: range

-- === a window in groups
SELECT s, sum(b) AS total, window_start() AS since, window_end() AS until
FROM S WINDOW('tumbling', 1 min) GROUP BY s;
--| inferred OutputStream (s STRING, total LONG NOT NULL, since LONG NOT NULL, until LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, total LONG = sum(b), since LONG = window_start(), until LONG = window_end()
--|     Aggregate sum(b) by s
--|     Tumbling 1 min, from the epoch
--|     checks total: range

-- === a window as a whole
SELECT count(*) AS n, max(b) - min(b) AS spread, window_end() AS until FROM S WINDOW('tumbling', 1 min);
--| inferred OutputStream (n LONG NOT NULL, spread LONG NOT NULL, until LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project n LONG = count(*), spread LONG = max(b) - min(b), until LONG = window_end()
--|     Aggregate count(*), max(b), min(b)
--|     Tumbling 1 min, from the epoch
--|     checks spread: range

-- === a window with a bare column
SELECT s, sum(b) AS total FROM S WINDOW('tumbling', 1 min);
--| inferred OutputStream (s STRING, total LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, total LONG = sum(b)
--|     Aggregate sum(b) one row for each input row
--|     Tumbling 1 min, from the epoch
--|     checks total: range
--| 1:8 warning: 's' is neither grouped nor aggregated: the window gives one row for each input row, with the values so far
--|     hint: GROUP BY it for one row a group, or leave it out for one row a window

-- === a window without aggregates
SELECT s, b, window_start() AS since FROM S WINDOW('tumbling', 1 min);
--| inferred OutputStream (s STRING, b LONG NOT NULL, since LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project s STRING = s, b LONG = b, since LONG = window_start()
--|     Tumbling 1 min, from the epoch

-- === the window's bound as a key
SELECT window_start() AS since, s, count(*) AS n FROM S WINDOW('tumbling', 1 min) GROUP BY window_start(), s;
--| inferred OutputStream (since LONG NOT NULL, s STRING, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project since LONG = window_start(), s STRING = s, n LONG = count(*)
--|     Aggregate count(*) by s
--|     Tumbling 1 min, from the epoch

-- === the window's bound as the only key, by alias
SELECT window_start() AS since, count(*) AS n FROM S WINDOW('tumbling', 1 min) GROUP BY since;
--| inferred OutputStream (since LONG NOT NULL, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project since LONG = window_start(), n LONG = count(*)
--|     Aggregate count(*)
--|     Tumbling 1 min, from the epoch

-- === an expression over the window's bound as a key
SELECT count(*) AS n FROM S WINDOW('tumbling', 1 min) GROUP BY window_start() / 2;
--| 1:64 error: GROUP BY can't compute with the window's bounds
--|     hint: select them instead

-- === the window's bound without a window
SELECT window_start() AS x FROM S;
--| 1:8 error: window_start() needs a window in the query
--|     hint: FROM S WINDOW('tumbling', 5 MINUTES)

-- === the window's bound in WHERE
SELECT a FROM S WINDOW('tumbling', 1 min) WHERE window_start() > 5;
--| 1:49 error: window_start() can't stand in WHERE
--|     hint: it stands in the select list, for the rows of the window that closed

-- === the window's bound in an aggregate
SELECT max(window_start()) AS x FROM S WINDOW('tumbling', 1 min);
--| 1:12 error: window_start() can't stand in the argument of max
--|     hint: it stands in the select list, for the rows of the window that closed

-- === the window's bound with an argument
SELECT window_start(s) AS x FROM S WINDOW('tumbling', 1 min);
--| 1:8 error: window_start() takes no arguments

-- === an aggregate in WHERE
SELECT a FROM S WHERE sum(b) > 5;
--| 1:23 error: the aggregate sum can't stand in WHERE
--|     hint: HAVING filters the results, behind GROUP BY

-- === an aggregate in GROUP BY
SELECT a FROM S GROUP BY sum(b);
--| 1:26 error: the aggregate sum can't stand in GROUP BY
--|     hint: aggregate in a query of its own, and read its stream in another

-- === an aggregate in GROUP BY by ordinal and alias
SELECT sum(b) AS x, count(*) AS n FROM S GROUP BY 1, n;
--| 1:51 error: an aggregate can't stand in GROUP BY
--|     hint: aggregate in a query of its own, and read its stream in another
--| 1:54 error: an aggregate can't stand in GROUP BY
--|     hint: aggregate in a query of its own, and read its stream in another

-- === an aggregate in an aggregate
SELECT sum(avg(b)) AS x FROM S;
--| 1:12 error: the aggregate avg can't stand in the argument of sum
--|     hint: aggregate in a query of its own, and read its stream in another

-- === an ordinal of no column
SELECT a FROM S GROUP BY 2;
--| 1:26 error: GROUP BY 2 names no column
--|     hint: the list has 1

-- === ordinals count from 1
SELECT a FROM S GROUP BY 0;
--| 1:26 error: GROUP BY 0 names no column
--|     hint: the list has 1

-- === a constant as a key
SELECT a FROM S GROUP BY 'x', -1, 1.5, NULL;
--| 1:26 error: GROUP BY can't group by a constant
--|     hint: name a column, an alias or a position
--| 1:31 error: GROUP BY can't group by a constant
--|     hint: name a column, an alias or a position
--| 1:35 error: GROUP BY can't group by a constant
--|     hint: name a column, an alias or a position
--| 1:40 error: GROUP BY can't group by a constant
--|     hint: name a column, an alias or a position

-- === aggregates of the wrong type
SELECT sum(s) AS x1, avg(ok) AS x2, min(ok) AS x3, sum(NULL) AS x4 FROM S;
--| 1:8 error: sum needs numbers, but s is STRING
--|     hint: write CAST(s AS DOUBLE)
--| 1:22 error: avg needs numbers, but ok is BOOL
--|     hint: count with sum(CASE WHEN ok THEN 1 ELSE 0 END)
--| 1:37 error: min needs an ordered type, but ok is BOOL
--| 1:52 error: sum(NULL) has no type
--|     hint: CAST the NULL

-- === aggregates with the wrong number of arguments
SELECT sum() AS x1, max(a, b) AS x2, avg(*) AS x3 FROM S;
--| 1:8 error: sum takes one argument, not 0
--| 1:21 error: max takes one argument, not 2
--| 1:38 error: avg(*) has no meaning
--|     hint: only count(*) takes *

-- === count of NULL
SELECT count(NULL) AS x FROM S;
--| inferred OutputStream (x LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project x LONG = count(NULL)
--|     Aggregate count(NULL)

-- === the types of results
SELECT sum(f) AS x1, sum(a + b) AS x2, avg(f) AS x3, min(a + 1) AS x4, max(b) + 1 AS x5, count(*) * 2 AS x6, min(b) AS x7
FROM S;
--| inferred OutputStream (x1 DOUBLE, x2 LONG, x3 DOUBLE, x4 LONG, x5 LONG NOT NULL, x6 LONG NOT NULL, x7 LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project x1 DOUBLE = sum(f), x2 LONG = sum(a + b), x3 DOUBLE = avg(f), x4 LONG = min(a + 1), x5 LONG = max(b) + 1, x6 LONG = count(*) * 2, x7 LONG = min(b)
--|     Aggregate sum(f), sum(a + b), avg(f), min(a + 1), max(b), count(*), min(b)
--|     checks x2: range
--|     checks x4: range
--|     checks x5: range
--|     checks x6: range
