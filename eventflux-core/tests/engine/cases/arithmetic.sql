
== division is always DOUBLE
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT a / b AS q FROM S;
--
S (10, 2)   -> Out (5.0)
S (10, 4)   -> Out (2.5)
S (-1, 4)   -> Out (-0.25)

== division by zero is NULL
CREATE STREAM S (a DOUBLE, b INT);
INSERT INTO Out SELECT a / b AS q, a / 0 AS z, a / 0.0 AS y, b / NULL AS n FROM S;
--
S (1.0, 0)   -> Out (NULL, NULL, NULL, NULL)
S (1.0, 2)   -> Out (0.5, NULL, NULL, NULL)

== the remainder has the sign of the dividend
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT a % b AS r FROM S;
--
S (17, 5)    -> Out (2)
S (-17, 5)   -> Out (-2)
S (17, -5)   -> Out (2)
S (-17, -5)  -> Out (-2)
S (4, 0)     -> Out (NULL)

== the remainder of floating numbers
CREATE STREAM S (a DOUBLE, b DOUBLE);
INSERT INTO Out SELECT a % b AS r FROM S;
--
S (5.5, 2.0)    -> Out (1.5)
S (-5.5, 2.0)   -> Out (-1.5)
S (5.5, 0.0)    -> Out (NULL)

== the result has the wider type
CREATE STREAM S (i INT, l LONG, f FLOAT, d DOUBLE);
INSERT INTO Out SELECT i + l AS a, i * f AS b, l - d AS c, i + 1 AS e FROM S;
--
S (1, 2, 0.5, 0.25)   -> Out (3, 0.5, 1.75, 2)

== NULL in, NULL out
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT a + b AS s, a * 0 AS z, -a AS m, a - a AS d FROM S;
--
S (NULL, 1)   -> Out (NULL, NULL, NULL, NULL)
S (1, NULL)   -> Out (NULL, 0, -1, 0)

== integers are exact however large on the way
CREATE STREAM S (a LONG);
INSERT INTO Out SELECT (a * a - a * a + a) % 1000 AS r, a * a > a AS larger FROM S;
--
S (9223372036854775807)    -> Out (807, TRUE)
S (-9223372036854775808)   -> Out (-808, TRUE)

== an integer out of the range of its column fails its row alone
CREATE STREAM S (a INT);
CREATE STREAM Out (b INT);
INSERT INTO Out SELECT a + 1 FROM S;
--
S (1)            -> Out (2)
S (2147483647)   -> -
S (2147483646)   -> Out (2147483647)
count query_1 in 3, passed 2, failed 1

== a column nobody declared that holds integer arithmetic is LONG
CREATE STREAM S (a INT);
INSERT INTO Out SELECT a + 1 AS b, -a AS c FROM S;
--
S (2147483647)    -> Out (2147483648, -2147483647)
S (-2147483648)   -> Out (-2147483647, 2147483648)

== precedence, parentheses, signs
CREATE STREAM S (a INT);
INSERT INTO Out SELECT 1 + 2 * a AS x, (1 + 2) * a AS y, -a * -2 AS z, 2 - 1 - a AS w FROM S;
--
S (5)   -> Out (11, 15, 10, -4)
