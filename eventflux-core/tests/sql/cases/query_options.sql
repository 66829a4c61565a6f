-- === a query has a name
INSERT INTO Out SELECT a, s FROM S WITH (name = 'the first');
SELECT a FROM S WITH (name = second) INSERT INTO T;
FROM S SELECT a INSERT INTO T WITH ("name" = 'third');
SELECT a FROM S;
--| inferred T (a INT)
--| inferred OutputStream (a INT)
--| the first: S -> Out
--|     Project n INT = a, s STRING = s
--|     checks n: not null
--| second: S -> T
--|     Project a INT = a
--| third: S -> T
--|     Project a INT = a
--| query_4: S -> OutputStream
--|     Project a INT = a

-- === the SELECTs of a query have names below its own
WITH d AS (SELECT a FROM S) SELECT a FROM d UNION ALL SELECT a FROM (SELECT a FROM S) WITH (name = 'all');
--| inferred all/d (a INT)
--| inferred OutputStream (a INT)
--| inferred all/subquery (a INT)
--| all/d: S -> all/d
--|     Project a INT = a
--| all/1: all/d -> OutputStream
--|     Project a INT = a
--| all/subquery: S -> all/subquery
--|     Project a INT = a
--| all/2: all/subquery -> OutputStream
--|     Project a INT = a

-- === a name given twice, or of another's number
INSERT INTO A SELECT a FROM S WITH (name = 'x');
INSERT INTO B SELECT a FROM S WITH (name = 'x');
INSERT INTO C SELECT a FROM S WITH (name = 'y', name = 'z');
--| 2:44 error: the query at line 1, column 44 is called 'x' already
--| 3:49 error: this query sets 'name' twice

-- === a name that looks like another's number
INSERT INTO A SELECT a FROM S WITH (name = 'query_2');
INSERT INTO B SELECT a FROM S;
--| inferred A (a INT)
--| inferred B (a INT)
--| query_2: S -> A
--|     Project a INT = a
--| query_2_2: S -> B
--|     Project a INT = a

-- === names that are none, and no name
INSERT INTO A SELECT a FROM S WITH (name = ' ');
INSERT INTO B SELECT a FROM S WITH (name = 'a
b');
INSERT INTO C SELECT a FROM S WITH (name = NULL);
--| 1:44 error: the name of a query is a printable text
--| 2:44 error: the name of a query is a printable text

-- === options that a query has not
INSERT INTO A SELECT a FROM S WITH (nam = 'x');
INSERT INTO B SELECT a FROM S WITH ('state.ttl' = '1 h', 'error.strategy' = 'fail', name = 'b');
--| 1:37 error: unknown option 'nam' of a query
--|     hint: did you mean 'name'?

-- === WITH where it can't stand
SELECT a FROM (SELECT a FROM S WITH (name = 'inner')) AS d;
CREATE VIEW V AS SELECT a FROM S WITH (name = 'v');
SELECT a FROM S WITH (name = 'early') WHERE a > 1;
SELECT a FROM S WITH (name 'x', );
--| 1:32 error: expected a clause or ), found 'WITH'
--|     hint: WITH (…) stands at the end of a whole query; options of a stream at its definition
--| 2:34 error: expected a clause or ;, found 'WITH'
--|     hint: WITH (…) stands at the end of a whole query; options of a stream at its definition
--| 3:39 error: expected a clause or ;, found 'WHERE'
--|     hint: WHERE and the window stand after FROM, before GROUP BY
--| 4:28 error: expected = after name, found the string 'x'
--|     hint: write name = 'value'
--| 4:33 error: expected another option, found ')'
--|     hint: remove the comma before )
