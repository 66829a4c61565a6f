
== texts compare by code points
CREATE STREAM S (a STRING, b STRING);
INSERT INTO Out SELECT a < b AS l, a = b AS e FROM S;
--
S ('a', 'b')    -> Out (TRUE, FALSE)
S ('B', 'a')    -> Out (TRUE, FALSE)
S ('z', 'é')    -> Out (TRUE, FALSE)
S ('', 'a')     -> Out (TRUE, FALSE)
S ('10', '9')   -> Out (TRUE, FALSE)

== numbers compare across types
CREATE STREAM S (i INT, d DOUBLE);
INSERT INTO Out SELECT i = d AS e, i < d AS l, i <= 1.5 AS h FROM S;
--
S (1, 1.0)   -> Out (TRUE, FALSE, TRUE)
S (1, 1.5)   -> Out (FALSE, TRUE, TRUE)
S (2, 1.5)   -> Out (FALSE, FALSE, FALSE)

== equal and different in both spellings
CREATE STREAM S (a INT);
INSERT INTO Out SELECT a = 1 AS p, a == 1 AS q, a <> 1 AS r, a != 1 AS s FROM S;
--
S (1)   -> Out (TRUE, TRUE, FALSE, FALSE)

== IN
CREATE STREAM S (a INT);
INSERT INTO Out SELECT a IN (1, 2) AS x, a NOT IN (1, 2) AS y FROM S;
--
S (1)      -> Out (TRUE, FALSE)
S (3)      -> Out (FALSE, TRUE)
S (NULL)   -> Out (NULL, NULL)

== NULL in the list makes what doesn't match NULL
CREATE STREAM S (a INT);
INSERT INTO Out SELECT a IN (1, NULL) AS x, a NOT IN (1, NULL) AS y FROM S;
--
S (1)   -> Out (TRUE, FALSE)
S (3)   -> Out (NULL, NULL)

== IN over columns
CREATE STREAM S (a INT, b INT, c INT);
INSERT INTO Out SELECT a FROM S WHERE a IN (b, c + 1);
--
S (1, 1, NULL)      -> Out (1)
S (3, 1, 2)         -> Out (3)
S (3, NULL, 5)      -> -

== BETWEEN holds its bounds
CREATE STREAM S (a INT);
INSERT INTO Out SELECT a BETWEEN 1 AND 3 AS x, a NOT BETWEEN 1 AND 3 AS y, a BETWEEN 3 AND 1 AS z FROM S;
--
S (0)      -> Out (FALSE, TRUE, FALSE)
S (1)      -> Out (TRUE, FALSE, FALSE)
S (3)      -> Out (TRUE, FALSE, FALSE)
S (NULL)   -> Out (NULL, NULL, NULL)

== BETWEEN may be decided by one bound
CREATE STREAM S (a INT, low INT, high INT);
INSERT INTO Out SELECT a BETWEEN low AND high AS x FROM S;
--
S (5, NULL, 3)      -> Out (FALSE)
S (5, 9, NULL)      -> Out (FALSE)
S (5, NULL, 9)      -> Out (NULL)

== LIKE matches the whole text
CREATE STREAM S (s STRING);
INSERT INTO Out SELECT s LIKE 'a%' AS x, s LIKE '_b' AS y, s LIKE 'ab' AS z, s NOT LIKE '%b%' AS w FROM S;
--
S ('ab')     -> Out (TRUE, TRUE, TRUE, FALSE)
S ('abc')    -> Out (TRUE, FALSE, FALSE, FALSE)
S ('')       -> Out (FALSE, FALSE, FALSE, TRUE)
S ('AB')     -> Out (FALSE, FALSE, FALSE, TRUE)
S (NULL)     -> Out (NULL, NULL, NULL, NULL)

== in LIKE a backslash escapes, and wildcards match line ends
CREATE STREAM S (s STRING);
INSERT INTO Out SELECT s LIKE 'a\_c' AS x, s LIKE '100\%' AS y, s LIKE 'a%c' AS z FROM S;
--
S ('a_c')      -> Out (TRUE, FALSE, TRUE)
S ('abc')      -> Out (FALSE, FALSE, TRUE)
S ('100%')     -> Out (FALSE, TRUE, FALSE)
S ('a\nc')     -> Out (FALSE, FALSE, TRUE)

== the characters of regular expressions mean nothing in LIKE
CREATE STREAM S (s STRING);
INSERT INTO Out SELECT s FROM S WHERE s LIKE '.*[a]+?%';
--
S ('.*[a]+?')    -> Out ('.*[a]+?')
S ('aaa')        -> -

== a pattern from a column
CREATE STREAM S (s STRING, p STRING);
INSERT INTO Out SELECT s LIKE p AS x FROM S;
--
S ('abc', '%c')   -> Out (TRUE)
S ('abc', 'c%')   -> Out (FALSE)
S ('abc', NULL)   -> Out (NULL)

== conditions are values
CREATE STREAM S (a INT, b BOOL);
INSERT INTO Out SELECT a FROM S WHERE b = (a > 1);
--
S (2, TRUE)    -> Out (2)
S (1, FALSE)   -> Out (1)
S (1, TRUE)    -> -
