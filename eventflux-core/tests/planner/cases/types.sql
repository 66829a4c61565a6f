-- === arithmetic needs numbers
SELECT s + 1 AS x, a - ok AS y, -s AS z, 'a' + 'b' AS w FROM S;
--| 1:8 error: + needs numbers, but s is STRING
--|     hint: CAST it to a number
--| 1:24 error: - needs numbers, but ok is BOOL
--| 1:34 error: - needs a number, but s is STRING
--| 1:42 error: + needs numbers, but 'a' is STRING
--|     hint: texts are joined by ||: a || b

-- === comparison of texts and numbers
SELECT a FROM S WHERE a = s;
--| 1:23 error: = can't compare INT with STRING
--|     hint: CAST one side to the type of the other

-- === comparison of conditions and numbers
SELECT a FROM S WHERE ok = 1;
--| 1:23 error: = can't compare BOOL with LONG
--|     hint: BOOL compares with TRUE and FALSE; a condition also stands alone: WHERE ok

-- === order of conditions
SELECT a FROM S WHERE ok < TRUE;
--| 1:23 error: < has no meaning for BOOL
--|     hint: BOOL compares with = and != only

-- === WHERE needs a condition
SELECT a FROM S WHERE a;
--| 1:23 error: WHERE needs a condition (BOOL), but a is INT
--|     hint: compare it: … != 0

-- === WHERE with a text
SELECT a FROM S WHERE s;
--| 1:23 error: WHERE needs a condition (BOOL), but s is STRING
--|     hint: compare it: … = 'value'

-- === NOT, AND and OR need conditions
SELECT NOT a AS x, ok AND s AS y, a OR ok AS z FROM S;
--| 1:12 error: NOT needs a condition (BOOL), but a is INT
--|     hint: compare it: … != 0
--| 1:27 error: AND needs conditions (BOOL), but s is STRING
--|     hint: compare it: … = 'value'
--| 1:35 error: OR needs conditions (BOOL), but a is INT
--|     hint: compare it: … != 0

-- === WHEN needs a condition
SELECT CASE WHEN a THEN 1 END AS x FROM S;
--| 1:18 error: WHEN needs a condition (BOOL), but a is INT
--|     hint: compare it: … != 0

-- === results of CASE that don't mix
SELECT CASE WHEN ok THEN 1 ELSE 'x' END AS x FROM S;
--| 1:26 error: the results of CASE mix LONG and STRING
--|     hint: CAST them

-- === simple CASE compares
SELECT CASE a WHEN 'x' THEN 1 END AS x FROM S;
--| 1:13 error: CASE can't compare INT with STRING
--|     hint: CAST one side to the type of the other

-- === COALESCE does not mix
SELECT coalesce(a, s) AS x FROM S;
--| 1:8 error: the arguments of coalesce mix INT and STRING
--|     hint: CAST them

-- === COALESCE of nothing
SELECT coalesce() AS x FROM S;
--| 1:8 error: coalesce takes at least one argument, not 0
--|     hint: it is coalesce(x, …)

-- === IN compares
SELECT a FROM S WHERE a IN (1, 'x');
--| 1:23 error: IN can't compare INT with STRING
--|     hint: CAST one side to the type of the other

-- === BETWEEN compares
SELECT a FROM S WHERE s BETWEEN 1 AND 5;
--| 1:23 error: BETWEEN can't compare STRING with LONG
--|     hint: write '1' to compare texts, or CAST the text to LONG

-- === BETWEEN of conditions
SELECT a FROM S WHERE ok BETWEEN FALSE AND TRUE;
--| 1:23 error: BETWEEN has no meaning for BOOL
--|     hint: BOOL compares with = and != only

-- === LIKE needs texts
SELECT a FROM S WHERE a LIKE '5%' OR s LIKE 5;
--| 1:23 error: LIKE needs texts, but a is INT
--|     hint: write CAST(a AS STRING)
--| 1:45 error: LIKE needs texts, but 5 is LONG
--|     hint: write CAST(5 AS STRING)

-- === a number too large
SELECT 9223372036854775808 AS x, -9223372036854775808 AS y, 1e999 AS z FROM S;
--| 1:8 error: 9223372036854775808 is too large for LONG
--|     hint: write it with a point to make it a DOUBLE
--| 1:61 error: 1e999 is too large for DOUBLE

-- === the least number
SELECT -9223372036854775808 AS x FROM S;
--| inferred OutputStream (x LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project x LONG = -9223372036854775808

-- === several problems in one expression
SELECT (s + 1) * (ok - 2) + zz AS x FROM S;
--| 1:9 error: + needs numbers, but s is STRING
--|     hint: CAST it to a number
--| 1:19 error: - needs numbers, but ok is BOOL
--| 1:29 error: stream 'S' has no column 'zz'
--|     hint: known: a, b, d, f, ok, s, t

-- === widening
SELECT a + b AS ab, a + f AS af, f * d AS fd, b + d AS bd, a / b AS q, a % b AS r, -a AS neg, a + a AS aa FROM S;
--| inferred OutputStream (ab LONG, af FLOAT, fd DOUBLE, bd DOUBLE, q DOUBLE, r LONG, neg LONG, aa LONG)
--| query_1: S -> OutputStream
--|     Project ab LONG = a + b, af FLOAT = a + f, fd DOUBLE = f * d, bd DOUBLE = b + d, q DOUBLE = a / b, r LONG = a % b, neg LONG = -a, aa LONG = a + a
--|     checks ab: range
--|     checks neg: range
--|     checks aa: range

-- === literals adapt
SELECT a + 1 AS x1, f + 1.5 AS x2, d + 1 AS x3, a + 1.5 AS x4, a + 3000000000 AS x5, 1 + 2 AS x6, 1 + 2.5 AS x7,
  coalesce(a, 0) AS x8, coalesce(f, 0) AS x9, CASE WHEN ok THEN a ELSE 0 END AS x10, a IN (1, 2) AS x11,
  d > 50 AS x12, a > 1.5 AS x13, f = 1.5 AS x14
FROM S;
--| inferred OutputStream (x1 LONG, x2 FLOAT, x3 DOUBLE, x4 DOUBLE, x5 LONG, x6 LONG NOT NULL, x7 DOUBLE NOT NULL, x8 INT NOT NULL, x9 FLOAT NOT NULL, x10 INT, x11 BOOL, x12 BOOL, x13 BOOL, x14 BOOL)
--| query_1: S -> OutputStream
--|     Project x1 LONG = a + 1, x2 FLOAT = f + 1.5, x3 DOUBLE = d + 1.0, x4 DOUBLE = a + 1.5, x5 LONG = a + 3000000000, x6 LONG = 1 + 2, x7 DOUBLE = 1.0 + 2.5, x8 INT = coalesce(a, 0), x9 FLOAT = coalesce(f, 0.0), x10 INT = CASE WHEN ok THEN a ELSE 0 END, x11 BOOL = a IN (1, 2), x12 BOOL = d > 50.0, x13 BOOL = a > 1.5, x14 BOOL = f = 1.5
--|     checks x1: range
--|     checks x5: range
--|     checks x6: range

-- === comparison in the wider type
SELECT b > d AS x1, a = b AS x2, a < f AS x3, f <> d AS x4, b BETWEEN a AND d AS x5, a IN (b, 5) AS x6 FROM S;
--| inferred OutputStream (x1 BOOL, x2 BOOL, x3 BOOL, x4 BOOL, x5 BOOL, x6 BOOL)
--| query_1: S -> OutputStream
--|     Project x1 BOOL = b > d, x2 BOOL = a = b, x3 BOOL = a < f, x4 BOOL = f != d, x5 BOOL = b >= a AND b <= d, x6 BOOL = a IN (b, 5)

-- === NULL adapts
SELECT NULL AS x1, NULL + 1 AS x2, NULL = a AS x3, coalesce(NULL, a) AS x4, CASE WHEN ok THEN NULL ELSE a END AS x5,
  NULL AND ok AS x6, CAST(NULL AS INT) AS x7, NULL IS NULL AS x8, a IN (1, NULL) AS x9, coalesce(NULL, NULL) AS x10,
  CASE WHEN ok THEN NULL END + 1 AS x11, -NULL AS x12, s LIKE NULL AS x13
FROM S WHERE NULL;
--| inferred OutputStream (x1 STRING, x2 LONG, x3 BOOL, x4 INT, x5 INT, x6 BOOL, x7 INT, x8 BOOL NOT NULL, x9 BOOL, x10 STRING, x11 LONG, x12 LONG, x13 BOOL)
--| query_1: S -> OutputStream
--|     Project x1 STRING = NULL, x2 LONG = NULL + 1, x3 BOOL = NULL = a, x4 INT = coalesce(NULL, a), x5 INT = CASE WHEN ok THEN NULL ELSE a END, x6 BOOL = NULL AND ok, x7 INT = CAST(NULL AS INT), x8 BOOL = NULL IS NULL, x9 BOOL = a IN (1, NULL), x10 STRING = coalesce(NULL, NULL), x11 LONG = NULL + 1, x12 LONG = -NULL, x13 BOOL = s LIKE NULL
--|     Filter NULL
--|     checks x2: range
--|     checks x11: range
--|     checks x12: range
--| 1:43 warning: = NULL is NULL, never true
--|     hint: write IS NULL

-- === what is never NULL
SELECT b + 1 AS x1, b / 2 AS x2, b / b AS x3, t AS x4, coalesce(a, 0) AS x5, b IN (1, 2) AS x6, a IS NULL AS x7,
  CASE WHEN ok THEN b ELSE 0 END AS x8, CASE WHEN ok THEN b END AS x9, CAST(b AS STRING) AS x10,
  CAST(t AS LONG) AS x11, b IN (a) AS x12, b % 0 AS x13, CAST(b AS INT) AS x14, NOT b > 1 AS x15
FROM S;
--| inferred OutputStream (x1 LONG NOT NULL, x2 DOUBLE NOT NULL, x3 DOUBLE, x4 STRING NOT NULL, x5 INT NOT NULL, x6 BOOL NOT NULL, x7 BOOL NOT NULL, x8 LONG NOT NULL, x9 LONG, x10 STRING NOT NULL, x11 LONG, x12 BOOL, x13 LONG, x14 INT, x15 BOOL NOT NULL)
--| query_1: S -> OutputStream
--|     Project x1 LONG = b + 1, x2 DOUBLE = b / 2, x3 DOUBLE = b / b, x4 STRING = t, x5 INT = coalesce(a, 0), x6 BOOL = b IN (1, 2), x7 BOOL = a IS NULL, x8 LONG = CASE WHEN ok THEN b ELSE 0 END, x9 LONG = CASE WHEN ok THEN b ELSE NULL END, x10 STRING = CAST(b AS STRING), x11 LONG = CAST(t AS LONG), x12 BOOL = b IN (a), x13 LONG = b % 0, x14 INT = CAST(b AS INT), x15 BOOL = NOT b > 1
--|     checks x1: range

-- === every cast
SELECT CAST(a AS STRING) AS x1, CAST(s AS INT) AS x2, CAST(d AS LONG) AS x3, CAST(ok AS INT) AS x4,
  CAST(a AS BOOL) AS x5, TRY_CAST(s AS DOUBLE) AS x6, CAST(f AS DOUBLE PRECISION) AS x7, CAST(s AS VARCHAR(5)) AS x8,
  CAST(a AS INT8) AS x9, cast(b AS TINYINT) AS x10
FROM S;
--| inferred OutputStream (x1 STRING, x2 INT, x3 LONG, x4 INT, x5 BOOL, x6 DOUBLE, x7 DOUBLE, x8 STRING, x9 LONG, x10 INT)
--| query_1: S -> OutputStream
--|     Project x1 STRING = CAST(a AS STRING), x2 INT = CAST(s AS INT), x3 LONG = CAST(d AS LONG), x4 INT = CAST(ok AS INT), x5 BOOL = CAST(a AS BOOL), x6 DOUBLE = CAST(s AS DOUBLE), x7 DOUBLE = CAST(f AS DOUBLE), x8 STRING = CAST(s AS STRING), x9 LONG = CAST(a AS LONG), x10 INT = CAST(b AS INT)

-- === = and == and != and <>
SELECT a = 1 AS x1, a == 1 AS x2, a != 1 AS x3, a <> 1 AS x4, ok = TRUE AS x5, ok != FALSE AS x6, s = 'x' AS x7 FROM S;
--| inferred OutputStream (x1 BOOL, x2 BOOL, x3 BOOL, x4 BOOL, x5 BOOL, x6 BOOL, x7 BOOL)
--| query_1: S -> OutputStream
--|     Project x1 BOOL = a = 1, x2 BOOL = a = 1, x3 BOOL = a != 1, x4 BOOL = a != 1, x5 BOOL = ok = TRUE, x6 BOOL = ok != FALSE, x7 BOOL = s = 'x'

-- === each value of IN compares in its own wider type
SELECT a IN (1, 2.5) AS x1, b IN (a, d) AS x2, b NOT IN (a, 5, NULL) AS x3, s IN (t, 'x') AS x4 FROM S;
--| inferred OutputStream (x1 BOOL, x2 BOOL, x3 BOOL, x4 BOOL)
--| query_1: S -> OutputStream
--|     Project x1 BOOL = a = 1 OR a = 2.5, x2 BOOL = b = a OR b = d, x3 BOOL = b NOT IN (a, 5, NULL), x4 BOOL = s IN (t, 'x')

-- === IN of nothing is FALSE
SELECT a IN () AS x FROM S;
--| inferred OutputStream (x BOOL NOT NULL)
--| query_1: S -> OutputStream
--|     Project x BOOL = a IN ()
