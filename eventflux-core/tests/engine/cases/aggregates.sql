
== running values over everything since the start
CREATE STREAM S (v INT);
INSERT INTO Out SELECT COUNT(*) AS n, SUM(v) AS s, AVG(v) AS a, MIN(v) AS lo, MAX(v) AS hi FROM S;
--
S (4)    -> Out (1, 4, 4.0, 4, 4)
S (1)    -> Out (2, 5, 2.5, 1, 4)
S (10)   -> Out (3, 15, 5.0, 1, 10)

== NULL is skipped, but by COUNT(*)
CREATE STREAM S (price INT);
INSERT INTO Out SELECT COUNT(*) AS n, COUNT(price) AS c, SUM(price) AS s, AVG(price) AS a FROM S;
--
S (100)    -> Out (1, 1, 100, 100.0)
S (NULL)   -> Out (2, 1, 100, 100.0)
S (200)    -> Out (3, 2, 300, 150.0)

== over nothing but NULL they are NULL, and counts 0
CREATE STREAM S (v DOUBLE, t STRING);
INSERT INTO Out SELECT COUNT(v) AS c, SUM(v) AS s, AVG(v) AS a, MIN(v) AS lo, MAX(t) AS hi, COALESCE(SUM(v), 0) AS z FROM S;
--
S (NULL, NULL)   -> Out (0, NULL, NULL, NULL, NULL, 0.0)
S (1.5, 'x')     -> Out (1, 1.5, 1.5, 1.5, 'x', 1.5)

== one value for each group
CREATE STREAM S (region STRING, revenue INT);
INSERT INTO Out SELECT region, SUM(revenue) AS total FROM S GROUP BY region;
--
S ('East', 100)   -> Out ('East', 100)
S ('West', 200)   -> Out ('West', 200)
S ('East', 150)   -> Out ('East', 250)

== NULL is a group of its own, and not the empty text
CREATE STREAM S (k STRING);
INSERT INTO Out SELECT k, COUNT(*) AS n FROM S GROUP BY k;
--
S (NULL)   -> Out (NULL, 1)
S ('')     -> Out ('', 1)
S (NULL)   -> Out (NULL, 2)

== groups of several keys don't collide
CREATE STREAM S (a STRING, b STRING);
INSERT INTO Out SELECT a, b, COUNT(*) AS n FROM S GROUP BY a, b;
--
S ('x', 'yz')    -> Out ('x', 'yz', 1)
S ('xy', 'z')    -> Out ('xy', 'z', 1)
S ('x', 'yz')    -> Out ('x', 'yz', 2)
S (NULL, 'x')    -> Out (NULL, 'x', 1)

== keys may be expressions, aliases and positions
CREATE STREAM S (v INT);
INSERT INTO A SELECT v % 2 AS parity, COUNT(*) AS n FROM S GROUP BY parity;
INSERT INTO B SELECT CASE WHEN v > 9 THEN 'large' ELSE 'small' END AS size, COUNT(*) AS n FROM S GROUP BY 1;
INSERT INTO C SELECT COUNT(*) AS n FROM S GROUP BY v / 10;
--
S (1)    -> A (1, 1), B ('small', 1), C (1)
S (11)   -> A (1, 2), B ('large', 1), C (1)
S (1)    -> A (1, 3), B ('small', 2), C (2)

== a bare column is that of the newest row
CREATE STREAM S (k STRING, v INT);
INSERT INTO Out SELECT k, v, MAX(v) AS top FROM S GROUP BY k;
--
S ('a', 5)   -> Out ('a', 5, 5)
S ('a', 3)   -> Out ('a', 3, 5)

== WHERE comes before
CREATE STREAM S (v INT);
INSERT INTO Out SELECT COUNT(*) AS n FROM S WHERE v > 1;
--
S (1)   -> -
S (2)   -> Out (1)
S (3)   -> Out (2)
count query_1 in 3, passed 2, filtered 1

== they nest in expressions
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT SUM(a * b) / COUNT(*) AS mean, CASE WHEN SUM(a) > 3 THEN 'much' ELSE 'little' END AS c FROM S;
--
S (1, 10)   -> Out (10.0, 'little')
S (3, 20)   -> Out (35.0, 'much')

== sums of integers are exact, and fail where they don't fit
CREATE STREAM S (v LONG);
INSERT INTO Out SELECT SUM(v) AS total FROM S;
--
S (9223372036854775807)   -> Out (9223372036854775807)
S (1)                     -> -
S (-2)                    -> Out (9223372036854775806)
count query_1 in 3, passed 2, failed 1

== a row whose output fails stays in the state
CREATE STREAM S (v INT);
CREATE STREAM Out (total INT);
INSERT INTO Out SELECT SUM(v) FROM S;
--
S (2147483647)   -> Out (2147483647)
S (1)            -> -
S (-1)           -> Out (2147483647)

== MIN and MAX of texts and of floating numbers
CREATE STREAM S (t STRING, d DOUBLE);
INSERT INTO Out SELECT MIN(t) AS lo, MAX(t) AS hi, MIN(d) AS a, MAX(d) AS b FROM S;
--
S ('m', 1.5)     -> Out ('m', 'm', 1.5, 1.5)
S ('a', -2.0)    -> Out ('a', 'm', -2.0, 1.5)
S ('z', NULL)    -> Out ('a', 'z', -2.0, 1.5)

== GROUP BY without an aggregate gives a row for each row
CREATE STREAM S (k STRING, v INT);
INSERT INTO Out SELECT k, v FROM S GROUP BY k;
--
S ('a', 1)   -> Out ('a', 1)
S ('a', 2)   -> Out ('a', 2)

== an aggregate of an aggregate, by a stream between them
CREATE STREAM S (k STRING, v INT);
INSERT INTO Totals SELECT k, SUM(v) AS total FROM S GROUP BY k;
INSERT INTO Best SELECT MAX(total) AS best FROM Totals;
--
S ('a', 1)    -> Best (1)
S ('b', 5)    -> Best (5)
S ('a', 10)   -> Best (11)
