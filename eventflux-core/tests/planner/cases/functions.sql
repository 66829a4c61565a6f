-- === an unknown function
SELECT halve(d) AS x FROM S;
--| 1:8 error: unknown function 'halve'
--|     hint: did you mean 'half'?

-- === an unknown function like no other
SELECT frobnicate(d) AS x FROM S;
--| 1:8 error: unknown function 'frobnicate'
--|     hint: did you mean 'truncate'?

-- === too few arguments
SELECT half() AS x FROM S;
--| 1:8 error: half takes 1 argument, not 0
--|     hint: it is half(DOUBLE) -> DOUBLE

-- === too many arguments
SELECT count_up(1) AS x, half(1, 2) AS y FROM S;
--| 1:8 error: count_up takes no arguments, not 1
--|     hint: it is count_up() -> LONG
--| 1:26 error: half takes 1 argument, not 2
--|     hint: it is half(DOUBLE) -> DOUBLE

-- === the wrong type of argument
SELECT half(s) AS x, shout(a) AS y FROM S;
--| 1:13 error: argument 1 of half is DOUBLE, but s is STRING
--|     hint: write CAST(s AS DOUBLE)
--| 1:28 error: argument 1 of shout is STRING, but a is INT
--|     hint: write CAST(a AS STRING)

-- === narrowing an argument
SELECT shout(d) AS x FROM S;
--| 1:14 error: argument 1 of shout is STRING, but d is DOUBLE
--|     hint: write CAST(d AS STRING)

-- === arguments widen
SELECT half(a) AS x1, half(1) AS x2, half(f) AS x3, HALF(NULL) AS x4, Shout(t) AS x5, count_up() AS x6 FROM S;
--| inferred OutputStream (x1 DOUBLE, x2 DOUBLE, x3 DOUBLE, x4 DOUBLE, x5 STRING, x6 LONG)
--| query_1: S -> OutputStream
--|     Project x1 DOUBLE = half(a), x2 DOUBLE = half(1.0), x3 DOUBLE = half(f), x4 DOUBLE = half(NULL), x5 STRING = shout(t), x6 LONG = count_up()
--|     checks x6: range

-- === a function of a later version
SELECT upper(s) AS x FROM S;
--| inferred OutputStream (x STRING)
--| query_1: S -> OutputStream
--|     Project x STRING = upper(s)

-- === an aggregate of a later version
SELECT stddev(d) AS x, kurtosis(d) AS y FROM S;
--| 1:24 error: unknown function 'kurtosis'
--|     hint: declare it in SQL or in Python: CREATE FUNCTION name(…) RETURNS type …

-- === a function in another one
SELECT half(half(d) + 1) AS x FROM S WHERE shout(s) = 'X' AND half(d) > count_up();
--| inferred OutputStream (x DOUBLE)
--| query_1: S -> OutputStream
--|     Project x DOUBLE = half(half(d) + 1.0)
--|     Filter shout(s) = 'X' AND half(d) > count_up()

-- === * in a function
SELECT half(*) AS x FROM S;
--| 1:8 error: half(*) has no meaning
--|     hint: only count(*) takes *

-- === functions to write otherwise
SELECT ifnull(a, 0) AS x, iif(ok, 1, 2) AS y FROM S;
--| inferred OutputStream (x INT NOT NULL, y LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project x INT = coalesce(a, 0), y LONG = CASE WHEN ok THEN 1 ELSE 2 END

-- === functions that operators do, or paths
CREATE STREAM E (s STRING, o OBJECT);
SELECT concat(s, 'x') AS a, json_extract(o, '$.a') AS b FROM E;
--| internal E (s STRING, o OBJECT)
--| inferred OutputStream (a STRING, b OBJECT)
--| query_1: E -> OutputStream
--|     Project a STRING = s || 'x', b OBJECT = json_extract(o, '$.a')
