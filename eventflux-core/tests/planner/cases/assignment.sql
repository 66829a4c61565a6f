-- === too few columns
INSERT INTO Out SELECT a FROM S;
--| 1:17 error: this query selects 1 column, but 'Out' has 2 columns
--|     hint: Out is (n INT NOT NULL, s STRING)

-- === too many columns
INSERT INTO Out SELECT a, s, t FROM S;
--| 1:17 error: this query selects 3 columns, but 'Out' has 2 columns
--|     hint: Out is (n INT NOT NULL, s STRING)

-- === a text into a number, a number into a text
INSERT INTO Out SELECT s, a FROM S;
--| 1:24 error: column 'n' of 'Out' is INT, but s is STRING
--|     hint: write CAST(… AS INT) where NULL for what can't be converted will do
--| 1:27 error: column 's' of 'Out' is STRING, but a is INT
--|     hint: write CAST(… AS STRING)

-- === a condition into a number
INSERT INTO Out SELECT ok, s FROM S;
--| 1:24 error: column 'n' of 'Out' is INT, but ok is BOOL
--|     hint: write CAST(… AS INT) where NULL for what can't be converted will do

-- === NULL into NOT NULL is checked for each row
INSERT INTO Out SELECT a, s FROM S;
--| query_1: S -> Out
--|     Project n INT = a, s STRING = s
--|     checks n: not null

-- === NULL into NOT NULL, always
INSERT INTO Out SELECT NULL, NULL FROM S;
--| query_1: S -> Out
--|     Project n INT = NULL, s STRING = NULL
--|     checks n: not null
--| 1:24 warning: column 'n' of 'Out' is NOT NULL: every row of this query fails

-- === narrowing
INSERT INTO Out SELECT b, s FROM S;
INSERT INTO Out SELECT d, s FROM S;
--| query_1: S -> Out
--|     Project n INT = b, s STRING = s
--|     checks n: range
--| query_2: S -> Out
--|     Project n INT = d, s STRING = s
--|     checks n: not null, range, truncate
--| 1:24 warning: b is LONG and narrows to INT in column 'n' of 'Out'; a row out of range fails
--|     hint: declare it LONG, or write CAST(… AS INT) to get NULL instead of a failed row
--| 2:24 warning: d is DOUBLE and narrows to INT in column 'n' of 'Out'; fractions are cut off; a row out of range fails
--|     hint: write CAST(… AS INT) to get NULL instead of a failed row

-- === narrowing of floating numbers
CREATE STREAM X (f FLOAT, l LONG);
INSERT INTO X SELECT d, f FROM S;
--| internal X (f FLOAT, l LONG)
--| query_1: S -> X
--|     Project f FLOAT = d, l LONG = f
--|     checks l: range, truncate
--| 2:22 warning: d is DOUBLE and narrows to FLOAT in column 'f' of 'X'
--| 2:25 warning: f is FLOAT and narrows to LONG in column 'l' of 'X'; fractions are cut off; a row out of range fails
--|     hint: write CAST(… AS LONG) to get NULL instead of a failed row

-- === literals that fit adapt
INSERT INTO Out SELECT 5, 'x' FROM S;
INSERT INTO Out SELECT CASE WHEN ok THEN 1 ELSE 0 END, NULL FROM S;
INSERT INTO Out SELECT coalesce(a, -1), t FROM S;
--| query_1: S -> Out
--|     Project n INT = 5, s STRING = 'x'
--| query_2: S -> Out
--|     Project n INT = CASE WHEN ok THEN 1 ELSE 0 END, s STRING = NULL
--| query_3: S -> Out
--|     Project n INT = coalesce(a, -1), s STRING = t

-- === a literal that does not fit
INSERT INTO Out SELECT 3000000000, s FROM S;
--| 1:24 error: 3000000000 does not fit column 'n' of 'Out', which is INT
--|     hint: INT holds -2147483648 to 2147483647

-- === a fraction into an integer
INSERT INTO Out SELECT 1.5, s FROM S;
--| query_1: S -> Out
--|     Project n INT = 1.5, s STRING = s
--|     checks n: range, truncate
--| 1:24 warning: 1.5 is DOUBLE and narrows to INT in column 'n' of 'Out'; fractions are cut off; a row out of range fails
--|     hint: write CAST(… AS INT) to get NULL instead of a failed row

-- === arithmetic is checked where it is stored
CREATE STREAM X (a INT, l LONG, d DOUBLE);
INSERT INTO X SELECT a + 1, b * 2, a + b FROM S;
INSERT INTO X SELECT a, b AS l, b AS d FROM S;
INSERT INTO X SELECT a % 7, sum(b), min(a) FROM S;
--| internal X (a INT, l LONG, d DOUBLE)
--| query_1: S -> X
--|     Project a INT = a + 1, l LONG = b * 2, d DOUBLE = a + b
--|     checks a: range
--|     checks l: range
--| query_2: S -> X
--|     Project a INT = a, l LONG = b, d DOUBLE = b
--| query_3: S -> X
--|     Project a INT = a % 7, l LONG = sum(b), d DOUBLE = min(a)
--|     Aggregate sum(b), min(a)
--|     checks l: range

-- === columns that nobody declared
INSERT INTO X SELECT a, a + 1 AS next, b * 2 AS twice, a / 2 AS half, 5 AS five, 1.5 AS x, 'x' AS text, NULL AS nothing,
  a > 1 AS big, count_up() AS c FROM S;
--| inferred X (a INT, next LONG, twice LONG NOT NULL, half DOUBLE, five LONG NOT NULL, x DOUBLE NOT NULL, text STRING NOT NULL, nothing STRING, big BOOL, c LONG)
--| query_1: S -> X
--|     Project a INT = a, next LONG = a + 1, twice LONG = b * 2, half DOUBLE = a / 2, five LONG = 5, x DOUBLE = 1.5, text STRING = 'x', nothing STRING = NULL, big BOOL = a > 1, c LONG = count_up()
--|     checks next: range
--|     checks twice: range
--|     checks c: range

-- === writers agree on a wider type
INSERT INTO X SELECT a AS n, 5 AS k, t AS s FROM S;
INSERT INTO X SELECT d AS n, a AS k, s FROM S;
--| inferred X (n DOUBLE, k LONG, s STRING)
--| query_1: S -> X
--|     Project n DOUBLE = a, k LONG = 5, s STRING = t
--| query_2: S -> X
--|     Project n DOUBLE = d, k LONG = a, s STRING = s

-- === writers disagree on names
INSERT INTO X SELECT a, b FROM S;
INSERT INTO X SELECT b, a FROM S;
--| 2:1 error: this query gives 'X' other columns than the one at line 1, column 1, which gives (a, b)
--|     hint: select the same names in the same order

-- === writers disagree on the number of columns
INSERT INTO X SELECT a FROM S;
INSERT INTO X SELECT a, b FROM S;
--| 2:1 error: this query gives 'X' other columns than the one at line 1, column 1, which gives (a)
--|     hint: select the same names in the same order

-- === writers disagree on types
INSERT INTO X SELECT a AS x FROM S;
INSERT INTO X SELECT s AS x FROM S;
--| 2:22 error: column 'x' of 'X' is STRING here and INT in another query
--|     hint: CAST one of them, or declare the stream

-- === writers agree on NULL
INSERT INTO X SELECT NULL AS x FROM S;
INSERT INTO X SELECT a AS x FROM S;
INSERT INTO X SELECT NULL AS x FROM S;
--| inferred X (x INT)
--| query_1: S -> X
--|     Project x INT = NULL
--| query_2: S -> X
--|     Project x INT = a
--| query_3: S -> X
--|     Project x INT = NULL

-- === integer arithmetic of one writer makes the column LONG
INSERT INTO X SELECT a AS x FROM S;
INSERT INTO X SELECT a + 1 AS x FROM S;
--| inferred X (x LONG)
--| query_1: S -> X
--|     Project x LONG = a
--| query_2: S -> X
--|     Project x LONG = a + 1
--|     checks x: range

-- === two queries without a target
SELECT a FROM S;
SELECT s FROM S;
--| 2:1 error: this query gives 'OutputStream' other columns than the one at line 1, column 1, which gives (a)
--|     hint: select the same names in the same order, or give each a target: INSERT INTO …
