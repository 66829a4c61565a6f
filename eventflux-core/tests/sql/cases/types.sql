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
--|     hint: write sum(CAST(t AS DOUBLE))
--| 3:21 error: avg needs numbers, but b is BYTES
--|     hint: write avg(CAST(b AS DOUBLE))
--| 3:34 error: min needs an ordered type, but o is OBJECT
--|     hint: write min(CAST(o AS DOUBLE))
--| 3:48 error: sum needs numbers, but o is OBJECT
--|     hint: write sum(CAST(o AS DOUBLE))
