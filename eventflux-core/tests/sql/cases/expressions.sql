-- === an operator without its right side
SELECT a + FROM S;
--| 1:12 error: expected an expression, found 'FROM'

-- === an operator without its left side
SELECT * 5 AS x FROM S;
--| 1:10 error: expected a comma or FROM, found '5'

-- === two operators
SELECT a FROM S WHERE a > > 1;
--| 1:27 error: expected an expression, found '>'

-- === a call with an empty argument
SELECT half(, 1) AS x FROM S;
--| 1:13 error: expected an expression, found ','

-- === a call with a comma too many
SELECT half(a, ) AS x FROM S;
--| 1:16 error: expected an expression, found ')'

-- === an unclosed call
SELECT half(a AS x FROM S;
--| 1:15 error: expected an operator, a comma or ), found 'AS'

-- === an unclosed parenthesis
SELECT (a + 1 AS x FROM S;
--| 1:15 error: expected an operator or ), found 'AS'
--|     hint: the ( at line 1, column 8 is not closed

-- === a parenthesis too many
SELECT a + 1) AS x FROM S;
--| 1:13 error: expected a comma or FROM, found ')'

-- === a list outside of IN
SELECT (a, b) AS x FROM S;
--| 1:10 error: a list of values can only stand after IN

-- === CASE without WHEN
SELECT CASE a END AS x FROM S;
--| 1:15 error: expected WHEN, found 'END'

-- === CASE without THEN
SELECT CASE WHEN ok ELSE 1 END AS x FROM S;
--| 1:21 error: expected THEN, found 'ELSE'

-- === CASE without END
SELECT CASE WHEN ok THEN 1 AS x FROM S;
--| 1:28 error: expected END of the CASE at line 1, column 8, found 'AS'

-- === BETWEEN without AND
SELECT a FROM S WHERE a BETWEEN 1 OR 2;
--| 1:35 error: expected AND between the bounds of BETWEEN, found 'OR'
--|     hint: write x BETWEEN 1 AND 10

-- === IN without a list
SELECT a FROM S WHERE a IN 5;
--| 1:28 error: expected ( after IN, found '5'
--|     hint: write a list of values: x IN (1, 2, 3)

-- === IS with a value
SELECT a FROM S WHERE a IS 5;
--| 1:28 error: expected NULL or NOT NULL after IS, found '5'
--|     hint: values compare with = and !=

-- === CAST without AS
SELECT CAST(a STRING) AS x FROM S;
--| 1:15 error: expected AS and a type, found 'STRING'

-- === CAST without a type
SELECT CAST(a AS ) AS x FROM S;
--| 1:18 error: expected a type, found ')'
--|     hint: types are STRING, INT, LONG, FLOAT, DOUBLE, BOOL, DECIMAL, TIMESTAMP, BYTES, OBJECT

-- === CAST to a type in quotes
SELECT CAST(a, 'string') AS x FROM S;
--| inferred OutputStream (x STRING)
--| query_1: S -> OutputStream
--|     Project x STRING = CAST(a AS STRING)

-- === CAST to a type that nobody knows
SELECT CAST(a AS STRNG) AS x FROM S;
--| 1:18 error: unknown type 'STRNG'
--|     hint: did you mean STRING?

-- === operators of other languages
SELECT a && b AS x FROM S;
SELECT !ok AS x FROM S;
SELECT a ?? b AS x FROM S;
SELECT a & b AS x FROM S;
SELECT a ^ b AS x FROM S;
SELECT a := b AS x FROM S;
--| 1:10 error: the operator && is not SQL
--|     hint: write AND
--| 2:8 error: ! is not SQL
--|     hint: write NOT
--| 3:10 error: the operator ?? is not SQL
--|     hint: write coalesce(a, b)
--| 4:10 error: the operator & is not supported yet
--|     hint: write AND between conditions
--| 5:10 error: the operator ^ is not SQL
--|     hint: multiply: x * x
--| 6:10 error: the operator := is not SQL
--|     hint: write =

-- === a placeholder
SELECT a FROM S WHERE a = ?;
--| 1:27 error: placeholders are not supported
--|     hint: write the value

-- === * in an expression
SELECT sum(*) AS x, half(*) AS y FROM S;
--| 1:8 error: sum(*) has no meaning
--|     hint: only count(*) takes *
--| 1:21 error: half(*) has no meaning
--|     hint: only count(*) takes *

-- === an argument after *
SELECT count(*, a) AS x FROM S;
--| 1:14 error: * can only stand for all columns, or in count(*)
--|     hint: name a column

-- === a sign before a text
SELECT +s AS x FROM S;
--| 1:8 error: expected an expression, found '+'

-- === a function with a qualified name
SELECT S.half(d) AS x FROM S;
--| 1:14 error: a function with a qualified name is not supported yet
--|     hint: write name(…)

-- === forty levels are enough for everybody
SELECT ((((((((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))))))))) AS x FROM S;
--| inferred OutputStream (x INT)
--| query_1: S -> OutputStream
--|     Project x INT = a

-- === forty-one levels are not
SELECT (((((((((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))))))))) AS x FROM S;
--| 1:49 error: this expression nests deeper than 40 levels
--|     hint: compute parts of it in a query of their own

-- === signs nest too
SELECT - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - a AS x FROM S;
--| 1:90 error: this expression nests deeper than 40 levels
--|     hint: compute parts of it in a query of their own

-- === a chain of a hundred and one operators
SELECT a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a
 +a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a AS x FROM S;
--| 1:8 error: this expression chains more than 100 operators, one over the other
--|     hint: put parts of it in parentheses, or compute them in a query of their own

-- === precedence
SELECT a + b * 2 - -a AS x1, (a + b) * 2 AS x2, a - (b - 1) AS x3, -a * b AS x4, a % 3 * 2 AS x5,
  ok OR a > 1 AND NOT b = 2 AS x6, (ok OR a > 1) AND b != 2 AS x7, NOT ok = FALSE AS x8,
  a BETWEEN 1 AND 2 + 3 AND ok AS x9, a NOT BETWEEN 1 AND 2 OR ok AS x10, NOT a IN (1, 2) AS x11,
  a NOT IN (1, 2) AND s NOT LIKE 'x%' AS x12, a + 1 IS NULL AS x13, NOT a IS NULL AS x14,
  a = 1 == ok AS x15, a <> 1 AS x16, a < 1 = ok AS x17
FROM S;
--| inferred OutputStream (x1 LONG, x2 LONG, x3 LONG, x4 LONG, x5 LONG, x6 BOOL, x7 BOOL, x8 BOOL, x9 BOOL, x10 BOOL, x11 BOOL, x12 BOOL, x13 BOOL NOT NULL, x14 BOOL NOT NULL, x15 BOOL, x16 BOOL, x17 BOOL)
--| query_1: S -> OutputStream
--|     Project x1 LONG = a + b * 2 - -a, x2 LONG = (a + b) * 2, x3 LONG = a - (b - 1), x4 LONG = -a * b, x5 LONG = a % 3 * 2, x6 BOOL = ok OR a > 1 AND NOT b = 2, x7 BOOL = (ok OR a > 1) AND b != 2, x8 BOOL = NOT ok = FALSE, x9 BOOL = a BETWEEN 1 AND 2 + 3 AND ok, x10 BOOL = a NOT BETWEEN 1 AND 2 OR ok, x11 BOOL = a NOT IN (1, 2), x12 BOOL = a NOT IN (1, 2) AND s NOT LIKE 'x%', x13 BOOL = a + 1 IS NULL, x14 BOOL = a IS NOT NULL, x15 BOOL = a = 1 = ok, x16 BOOL = a != 1, x17 BOOL = a < 1 = ok
--|     checks x1: range
--|     checks x2: range
--|     checks x3: range
--|     checks x4: range
--|     checks x5: range

-- === case expressions
SELECT CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END AS x,
  CASE WHEN a > 1 THEN a WHEN b > 1 THEN b END AS y,
  CASE WHEN ok THEN CASE WHEN a > 1 THEN 1 ELSE 2 END ELSE 3 END AS z
FROM S;
--| inferred OutputStream (x STRING NOT NULL, y LONG, z LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project x STRING = CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END, y LONG = CASE WHEN a > 1 THEN a WHEN b > 1 THEN b ELSE NULL END, z LONG = CASE WHEN ok THEN CASE WHEN a > 1 THEN 1 ELSE 2 END ELSE 3 END

-- === a function's name never means an operator
SELECT left(s, 1) AS x, and(ok) AS y, log(d) AS z FROM S;
--| inferred OutputStream (x STRING, y BOOL, z DOUBLE)
--| query_1: S -> OutputStream
--|     Project x STRING = left(s, 1), y BOOL = bool_and(ok), z DOUBLE = log(d)
--|     Aggregate bool_and(ok)

-- === a function of a namespace
SELECT geo:area(a, b) AS x, `geo:area`(a, b) AS y, "GEO:AREA"(d, 2) AS z FROM S;
--| inferred OutputStream (x DOUBLE, y DOUBLE, z DOUBLE)
--| query_1: S -> OutputStream
--|     Project x DOUBLE = "geo:area"(a, b), y DOUBLE = "geo:area"(a, b), z DOUBLE = "geo:area"(d, 2.0)

-- === || binds less than arithmetic and more than comparison; parts of a chain are one
SELECT s || t || 'x' AS x1, s || (t || s) AS x2, s || t = t AS x3, s || t LIKE t || '%' AS x4,
  s || t IN ('a' || t) AS x5, NOT s || t IS NULL AS x6 FROM S;
--| inferred OutputStream (x1 STRING, x2 STRING, x3 BOOL, x4 BOOL, x5 BOOL, x6 BOOL NOT NULL)
--| query_1: S -> OutputStream
--|     Project x1 STRING = s || t || 'x', x2 STRING = s || (t || s), x3 BOOL = s || t = t, x4 BOOL = s || t LIKE t || '%', x5 BOOL = s || t IN ('a' || t), x6 BOOL = s || t IS NOT NULL

-- === LIKE and its kind
SELECT s ILIKE 'x%' AS x1, s NOT ILIKE t AS x2, s LIKE 'x!%' ESCAPE '!' AS x3,
  s NOT ILIKE t ESCAPE '' AND s LIKE 'a' AS x4 FROM S;
--| inferred OutputStream (x1 BOOL, x2 BOOL, x3 BOOL, x4 BOOL)
--| query_1: S -> OutputStream
--|     Project x1 BOOL = s ILIKE 'x%', x2 BOOL = s NOT ILIKE t, x3 BOOL = s LIKE 'x!%' ESCAPE '!', x4 BOOL = s NOT ILIKE t ESCAPE '' AND s LIKE 'a'

-- === IS DISTINCT FROM and nullif
SELECT s IS DISTINCT FROM t AS x1, a IS NOT DISTINCT FROM b + 1 AS x2, NOT a IS DISTINCT FROM NULL AS x3,
  nullif(a, 5) AS x4, NULLIF(s, t || 'x') AS x5, nullif(a, d) AS x6, nullif(NULL, a) AS x7 FROM S;
--| inferred OutputStream (x1 BOOL NOT NULL, x2 BOOL NOT NULL, x3 BOOL NOT NULL, x4 INT, x5 STRING, x6 INT, x7 INT)
--| query_1: S -> OutputStream
--|     Project x1 BOOL = s IS DISTINCT FROM t, x2 BOOL = a IS NOT DISTINCT FROM b + 1, x3 BOOL = NOT a IS DISTINCT FROM NULL, x4 INT = nullif(a, 5), x5 STRING = nullif(s, t || 'x'), x6 INT = nullif(a, d), x7 INT = nullif(NULL, a)

-- === mistakes with the operators of texts
SELECT a || s AS x FROM S;
SELECT s ILIKE 5 AS x FROM S;
SELECT s LIKE 'a' ESCAPE 'xy' AS x FROM S;
SELECT s LIKE 'a' ESCAPE t AS x FROM S;
SELECT s IS DISTINCT t AS x FROM S;
SELECT a IS DISTINCT FROM s AS x FROM S;
SELECT nullif(a) AS x, nullif(a, s) AS y FROM S;
SELECT s + t AS x FROM S;
--| 1:8 error: || joins texts, but a is INT
--|     hint: write CAST(a AS STRING)
--| 2:16 error: ILIKE needs texts, but 5 is LONG
--|     hint: write CAST(5 AS STRING)
--| 3:26 error: expected one character in single quotes after ESCAPE, found the string 'xy'
--|     hint: LIKE '100!%' ESCAPE '!'
--| 4:26 error: expected one character in single quotes after ESCAPE, found 't'
--|     hint: LIKE '100!%' ESCAPE '!'
--| 5:22 error: expected FROM after IS DISTINCT, found 't'
--| 6:8 error: IS DISTINCT FROM can't compare INT with STRING
--|     hint: CAST one side to the type of the other
--| 7:8 error: nullif takes two arguments, not 1
--|     hint: it is nullif(a, b)
--| 7:24 error: nullif can't compare INT with STRING
--|     hint: CAST one side to the type of the other
--| 8:8 error: + needs numbers, but s is STRING
--|     hint: texts are joined by ||: a || b
