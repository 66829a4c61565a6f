-- === every type by every name
CREATE STREAM X (
  a DECIMAL, b DECIMAL(5), c numeric(10, 2) NOT NULL, d TIMESTAMP, e DATETIME, f BYTES,
  g BINARY(16), h VARBINARY, i BLOB, j OBJECT, k ANY, l JSON
);
--| internal X (a DECIMAL, b DECIMAL(5,0), c DECIMAL(10,2) NOT NULL, d TIMESTAMP, e TIMESTAMP, f BYTES, g BYTES, h BYTES, i BYTES, j OBJECT, k OBJECT, l OBJECT)

-- === DATE and TIME are LONG
CREATE STREAM X (a DATE, b TIME NOT NULL);
--| internal X (a LONG, b LONG NOT NULL)
--| 1:18 warning: DATE is LONG here: column 'a' holds epoch milliseconds
--|     hint: TIMESTAMP reads and writes ISO-8601, too
--| 1:26 warning: TIME is LONG here: column 'b' holds epoch milliseconds
--|     hint: TIMESTAMP reads and writes ISO-8601, too

-- === a DECIMAL with too many digits
CREATE STREAM X (a DECIMAL(39, 2), b DECIMAL(0), c DECIMAL(2, 3), d DECIMAL(x), e DECIMAL(5, 2);
--| 1:28 error: a DECIMAL can't have 39 digits
--|     hint: write DECIMAL(p, s), p from 1 to 38
--| 1:46 error: a DECIMAL can't have 0 digits
--|     hint: write DECIMAL(p, s), p from 1 to 38
--| 1:60 error: DECIMAL(2, 3) has more digits behind the point than in all
--|     hint: the first number counts all digits, the second those behind the point
--| 1:77 error: expected how many digits the DECIMAL has, found 'x'
--| 1:96 error: expected , or ), found the end of the statement
--|     hint: close the columns with )

-- === TIMESTAMP takes no length
CREATE STREAM X (a TIMESTAMP(3));
--| 1:29 error: the type TIMESTAMP takes no length

-- === a column of the new types goes into one of the same type
CREATE STREAM A (a DECIMAL(10, 2), b TIMESTAMP, c BYTES, d OBJECT NOT NULL);
CREATE STREAM B (a DECIMAL(8, 1), b TIMESTAMP, c BYTES, d OBJECT NOT NULL);
INSERT INTO B SELECT * FROM A;
--| internal A (a DECIMAL(10,2), b TIMESTAMP, c BYTES, d OBJECT NOT NULL)
--| internal B (a DECIMAL(8,1), b TIMESTAMP, c BYTES, d OBJECT NOT NULL)
--| query_1: A -> B
--|     Project a DECIMAL(8,1) = a, b TIMESTAMP = b, c BYTES = c, d OBJECT = d
--|     checks a: range

-- === TIMESTAMP and LONG go into one another
CREATE STREAM A (a LONG, b TIMESTAMP, c INT);
CREATE STREAM B (a TIMESTAMP, b LONG, c TIMESTAMP);
INSERT INTO B SELECT a, b, 1700000000000 FROM A;
INSERT INTO B SELECT c, b, b AS d FROM A;
--| internal A (a LONG, b TIMESTAMP, c INT)
--| internal B (a TIMESTAMP, b LONG, c TIMESTAMP)
--| query_1: A -> B
--|     Project a TIMESTAMP = a, b LONG = b, c TIMESTAMP = 1700000000000
--| query_2: A -> B
--|     Project a TIMESTAMP = c, b LONG = b, c TIMESTAMP = b

-- === DECIMAL stands between LONG and FLOAT
CREATE STREAM A (i INT, l LONG, d DECIMAL(10, 2), f FLOAT, x DOUBLE);
CREATE STREAM B (i DECIMAL(4, 1), l DECIMAL, d DECIMAL, f FLOAT, x DOUBLE);
CREATE STREAM C (i INT, l LONG, d DECIMAL(20, 3), f DECIMAL(10, 2), x DECIMAL);
INSERT INTO B SELECT i, l, d, d AS e, d AS g FROM A;
INSERT INTO C SELECT d, d AS e, 1.5, f, x FROM A;
--| internal A (i INT, l LONG, d DECIMAL(10,2), f FLOAT, x DOUBLE)
--| internal B (i DECIMAL(4,1), l DECIMAL, d DECIMAL, f FLOAT, x DOUBLE)
--| internal C (i INT, l LONG, d DECIMAL(20,3), f DECIMAL(10,2), x DECIMAL)
--| query_1: A -> B
--|     Project i DECIMAL(4,1) = i, l DECIMAL = l, d DECIMAL = d, f FLOAT = d, x DOUBLE = d
--|     checks i: range
--|     checks l: range
--| query_2: A -> C
--|     Project i INT = d, l LONG = d, d DECIMAL(20,3) = 1.5, f DECIMAL(10,2) = f, x DECIMAL = x
--|     checks i: range, truncate
--|     checks l: range, truncate
--|     checks d: range
--|     checks f: range
--| 5:22 warning: d is DECIMAL and narrows to INT in column 'i' of 'C'; fractions are cut off; a row out of range fails
--|     hint: write CAST(… AS INT) to get NULL instead of a failed row
--| 5:25 warning: d is DECIMAL and narrows to LONG in column 'l' of 'C'; fractions are cut off; a row out of range fails
--|     hint: write CAST(… AS LONG) to get NULL instead of a failed row
--| 5:38 warning: f is FLOAT and narrows to DECIMAL in column 'f' of 'C'; a row out of range fails
--|     hint: write CAST(… AS DECIMAL) to get NULL instead of a failed row
--| 5:41 warning: x is DOUBLE and narrows to DECIMAL in column 'x' of 'C'; a row out of range fails
--|     hint: write CAST(… AS DECIMAL) to get NULL instead of a failed row

-- === OBJECT takes everything, and goes into nothing else
CREATE STREAM A (s STRING, o OBJECT);
CREATE STREAM B (a OBJECT, b OBJECT, c OBJECT);
CREATE STREAM C (s STRING, o OBJECT);
INSERT INTO B SELECT s, 1, o FROM A;
INSERT INTO C SELECT o, o AS p FROM A;
--| 5:22 error: column 's' of 'C' is STRING, but o is OBJECT
--|     hint: write CAST(… AS STRING)

-- === OBJECT is no key
CREATE STREAM A (o OBJECT, d DECIMAL(5, 2));
SELECT o, sum(d) AS s FROM A GROUP BY o;
--| 2:39 error: o is OBJECT, which can't be grouped by
--|     hint: write GROUP BY CAST(o AS STRING), or a value in it

-- === aggregates of DECIMAL are exact, of OBJECT there are few
CREATE STREAM A (d DECIMAL(10, 2), t TIMESTAMP, b BYTES, o OBJECT);
SELECT sum(d) AS s, avg(d) AS m, min(d) AS lo, max(t) AS hi, min(b) AS first, count(o) AS n FROM A;
SELECT sum(t) AS s, avg(b) AS m, min(o) AS lo, sum(o) AS t FROM A;
--| 3:8 error: sum needs numbers, but t is TIMESTAMP
--|     hint: write CAST(t AS LONG)
--| 3:21 error: avg needs numbers, but b is BYTES
--| 3:34 error: min needs an ordered type, but o is OBJECT
--|     hint: write CAST(o AS DOUBLE)
--| 3:48 error: sum needs numbers, but o is OBJECT
--|     hint: write CAST(o AS DOUBLE)

-- === arithmetic of DECIMAL
CREATE STREAM A (d DECIMAL(10, 2), i INT, l LONG, f FLOAT, x DOUBLE);
SELECT d + 1 AS a, d * 1.5 AS b, d / 3 AS c, d % i AS e, d - l AS f, d + f AS g, d / x AS h, -d AS k,
  d + 0.12345678901234567890123 AS m, d = 1.5 AS n, d > f AS p, coalesce(d, 0) AS q,
  CASE WHEN d > 1 THEN d ELSE 1.5 END AS r, d IN (1, 2.5, x) AS s
FROM A;
--| internal A (d DECIMAL(10,2), i INT, l LONG, f FLOAT, x DOUBLE)
--| inferred OutputStream (a DECIMAL, b DECIMAL, c DECIMAL, e DECIMAL, f DECIMAL, g DOUBLE, h DOUBLE, k DECIMAL, m DECIMAL, n BOOL, p BOOL, q DECIMAL NOT NULL, r DECIMAL, s BOOL)
--| query_1: A -> OutputStream
--|     Project a DECIMAL = d + 1, b DECIMAL = d * 1.5, c DECIMAL = d / 3, e DECIMAL = d % i, f DECIMAL = d - l, g DOUBLE = d + f, h DOUBLE = d / x, k DECIMAL = -d, m DECIMAL = d + 0.12345678901234567890123, n BOOL = d = 1.5, p BOOL = d > f, q DECIMAL = coalesce(d, 0), r DECIMAL = CASE WHEN d > 1 THEN d ELSE 1.5 END, s BOOL = d = 1 OR d = 2.5 OR d = x
--|     checks a: range
--|     checks b: range
--|     checks c: range
--|     checks e: range
--|     checks f: range
--|     checks k: range
--|     checks m: range
--|     checks q: range
--|     checks r: range

-- === TIMESTAMP and time
CREATE STREAM A (t TIMESTAMP, l LONG, i INT, s STRING, d DOUBLE);
SELECT t + INTERVAL '5' MINUTE AS a, t - l AS b, t - t AS c, l + t AS e, INTERVAL '1' MONTH + t AS f,
  t + INTERVAL '-1.5' hours AS g, t - INTERVAL - 2 days AS h, l + INTERVAL 1 year AS k, t + INTERVAL '-1 day 2 hours' AS a2,
  t > '2024-05-01' AS m, t BETWEEN '2024-05-01T10:00Z' AND '2024-05-01 10:00:00.5+02:00' AS n,
  t IN ('2024-05-01', t) AS p, t = l AS q, coalesce(t, 0) AS r, nullif(t, '2024-05-01') AS u,
  CASE t WHEN '1970-01-01' THEN 1 END AS v, t IS DISTINCT FROM '1970-01-01' AS w
FROM A;
--| internal A (t TIMESTAMP, l LONG, i INT, s STRING, d DOUBLE)
--| inferred OutputStream (a TIMESTAMP, b TIMESTAMP, c LONG, e TIMESTAMP, f TIMESTAMP, g TIMESTAMP, h TIMESTAMP, k LONG, a2 TIMESTAMP, m BOOL, n BOOL, p BOOL, q BOOL, r TIMESTAMP NOT NULL, u TIMESTAMP, v LONG, w BOOL NOT NULL)
--| query_1: A -> OutputStream
--|     Project a TIMESTAMP = t + 300000, b TIMESTAMP = t - l, c LONG = t - t, e TIMESTAMP = l + t, f TIMESTAMP = 2592000000 + t, g TIMESTAMP = t + -5400000, h TIMESTAMP = t - -172800000, k LONG = l + 31536000000, a2 TIMESTAMP = t + -93600000, m BOOL = t > 1714521600000, n BOOL = t BETWEEN 1714557600000 AND 1714550400500, p BOOL = t IN (1714521600000, t), q BOOL = t = l, r TIMESTAMP = coalesce(t, 0), u TIMESTAMP = nullif(t, 1714521600000), v LONG = CASE t WHEN 0 THEN 1 ELSE NULL END, w BOOL = t IS DISTINCT FROM 0
--|     checks a: range
--|     checks b: range
--|     checks c: range
--|     checks e: range
--|     checks f: range
--|     checks g: range
--|     checks h: range
--|     checks k: range
--|     checks a2: range

-- === what TIMESTAMP does not do
CREATE STREAM A (t TIMESTAMP, l LONG, s STRING, d DOUBLE);
SELECT t + t AS a, t * 2 AS b, l - t AS c, t + d AS e, t + '1' AS f, t > s AS g, t = 'yesterday' AS h,
  t > '2024-02-30' AS k, t > 1.5 AS m, coalesce(t, 'now') AS n
FROM A;
--| 2:8 error: + needs numbers, but t is TIMESTAMP
--|     hint: a TIMESTAMP takes + and - with milliseconds, an INTERVAL or, for -, a TIMESTAMP
--| 2:20 error: * needs numbers, but t is TIMESTAMP
--|     hint: a TIMESTAMP takes + and - with milliseconds, an INTERVAL or, for -, a TIMESTAMP
--| 2:36 error: - needs numbers, but t is TIMESTAMP
--|     hint: a TIMESTAMP takes + and - with milliseconds, an INTERVAL or, for -, a TIMESTAMP
--| 2:44 error: + needs numbers, but t is TIMESTAMP
--|     hint: a TIMESTAMP takes + and - with milliseconds, an INTERVAL or, for -, a TIMESTAMP
--| 2:56 error: + needs numbers, but t is TIMESTAMP
--|     hint: a TIMESTAMP takes + and - with milliseconds, an INTERVAL or, for -, a TIMESTAMP
--| 2:70 error: > can't compare TIMESTAMP with STRING
--|     hint: TIMESTAMP compares with a text literal, a LONG or CAST(… AS TIMESTAMP)
--| 2:86 error: 'yesterday' is no TIMESTAMP
--|     hint: write ISO-8601: '2024-05-01', '2024-05-01 12:30:15.250', '2024-05-01T12:30:15+02:00'
--| 3:7 error: '2024-02-30' is no TIMESTAMP
--|     hint: write ISO-8601: '2024-05-01', '2024-05-01 12:30:15.250', '2024-05-01T12:30:15+02:00'
--| 3:26 error: > can't compare TIMESTAMP with DOUBLE
--|     hint: TIMESTAMP compares with a text literal, a LONG or CAST(… AS TIMESTAMP)
--| 3:40 error: the arguments of coalesce mix TIMESTAMP and STRING
--|     hint: CAST them

-- === intervals that are none
CREATE STREAM A (t TIMESTAMP);
SELECT t + INTERVAL 'x' SECOND AS a FROM A;
SELECT t + INTERVAL '5 monkeys' AS a FROM A;
SELECT t + INTERVAL '5' AS a FROM A;
SELECT t + INTERVAL '5' FORTNIGHT AS a FROM A;
SELECT t + INTERVAL '99999999999999' YEARS AS a FROM A;
--| 2:21 error: 'x' is not a number
--|     hint: write INTERVAL '10' SECOND
--| 3:21 error: '5 monkeys' is not a duration such as 250, '250ms', '2s' or '1 min 30 sec'
--| 4:25 error: expected a unit such as SECONDS, found 'AS'
--| 5:25 error: unknown unit 'FORTNIGHT'
--|     hint: units are ms, SECONDS, MINUTES, HOURS, DAYS, WEEKS
--| 6:12 error: this interval is too long

-- === every CAST that there is
CREATE STREAM A (s STRING, i INT, l LONG, d DECIMAL(5, 2), x DOUBLE, b BOOL, t TIMESTAMP, y BYTES, o OBJECT);
SELECT CAST(s AS DECIMAL(5, 1)) AS a, CAST(i AS numeric) AS b, TRY_CAST(x AS DECIMAL) AS c,
  CAST(d AS INT) AS d, CAST(d AS STRING) AS e, CAST(b AS DECIMAL) AS f, CAST(s AS TIMESTAMP) AS g,
  CAST(l AS DATETIME) AS h, CAST(t AS LONG) AS k, CAST(t AS STRING) AS m, CAST(s AS BYTES) AS n,
  CAST(y AS STRING) AS p, CAST(y AS OBJECT) AS q, CAST(o AS STRING) AS r, CAST(o AS DECIMAL(9, 3)) AS u,
  CAST(o AS TIMESTAMP) AS v, CAST(o AS BYTES) AS w, CAST(NULL AS DECIMAL(3, 1)) AS z
FROM A;
--| internal A (s STRING, i INT, l LONG, d DECIMAL(5,2), x DOUBLE, b BOOL, t TIMESTAMP, y BYTES, o OBJECT)
--| inferred OutputStream (a DECIMAL, b DECIMAL, c DECIMAL, d INT, e STRING, f DECIMAL, g TIMESTAMP, h TIMESTAMP, k LONG, m STRING, n BYTES, p STRING, q OBJECT, r STRING, u DECIMAL, v TIMESTAMP, w BYTES, z DECIMAL)
--| query_1: A -> OutputStream
--|     Project a DECIMAL = CAST(s AS DECIMAL(5,1)), b DECIMAL = CAST(i AS DECIMAL), c DECIMAL = CAST(x AS DECIMAL), d INT = CAST(d AS INT), e STRING = CAST(d AS STRING), f DECIMAL = CAST(b AS DECIMAL), g TIMESTAMP = CAST(s AS TIMESTAMP), h TIMESTAMP = CAST(l AS TIMESTAMP), k LONG = CAST(t AS LONG), m STRING = CAST(t AS STRING), n BYTES = CAST(s AS BYTES), p STRING = CAST(y AS STRING), q OBJECT = CAST(y AS OBJECT), r STRING = CAST(o AS STRING), u DECIMAL = CAST(o AS DECIMAL(9,3)), v TIMESTAMP = CAST(o AS TIMESTAMP), w BYTES = CAST(o AS BYTES), z DECIMAL = CAST(NULL AS DECIMAL(3,1))
--|     checks a: range
--|     checks b: range
--|     checks c: range
--|     checks f: range
--|     checks u: range
--|     checks z: range

-- === and those that there are not
CREATE STREAM A (s STRING, d DECIMAL(5, 2), x DOUBLE, b BOOL, t TIMESTAMP, y BYTES);
SELECT CAST(x AS TIMESTAMP) AS a, CAST(t AS INT) AS b, CAST(b AS TIMESTAMP) AS c, CAST(y AS INT) AS d,
  CAST(d AS BYTES) AS e, CAST(s AS DATE) AS f FROM A;
--| 2:13 error: x is DOUBLE, which can't be cast to TIMESTAMP
--|     hint: go by way of LONG: CAST(CAST(x AS LONG) AS TIMESTAMP)
--| 2:40 error: t is TIMESTAMP, which can't be cast to INT
--|     hint: go by way of LONG: CAST(CAST(t AS LONG) AS INT)
--| 2:61 error: b is BOOL, which can't be cast to TIMESTAMP
--|     hint: go by way of LONG: CAST(CAST(b AS LONG) AS TIMESTAMP)
--| 2:88 error: y is BYTES, which can't be cast to INT
--|     hint: go by way of STRING: CAST(CAST(y AS STRING) AS INT)
--| 3:8 error: d is DECIMAL, which can't be cast to BYTES
--|     hint: go by way of STRING: CAST(CAST(d AS STRING) AS BYTES)
--| 3:36 error: DATE is no type to CAST to
--|     hint: write CAST(x AS TIMESTAMP), or AS LONG for epoch milliseconds

-- === BYTES compare with BYTES
CREATE STREAM A (y BYTES, z BYTES, s STRING);
SELECT y = z AS a, y < z AS b, y = CAST('x' AS BYTES) AS c, y = s AS d, y + z AS e FROM A;
--| 2:61 error: = can't compare BYTES with STRING
--|     hint: CAST one side to the type of the other
--| 2:73 error: + needs numbers, but y is BYTES
