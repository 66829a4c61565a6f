
== any comparison with NULL is NULL
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT a = b AS e, a <> b AS n, a < b AS l, a >= b AS g FROM S;
--
S (NULL, 1)      -> Out (NULL, NULL, NULL, NULL)
S (NULL, NULL)   -> Out (NULL, NULL, NULL, NULL)
S (1, 1)         -> Out (TRUE, FALSE, FALSE, TRUE)

== WHERE keeps only TRUE
CREATE STREAM S (a INT);
INSERT INTO Other SELECT a FROM S WHERE a <> 5;
INSERT INTO Same SELECT a FROM S WHERE NOT (a <> 5);
--
S (5)      -> Same (5)
S (6)      -> Other (6)
S (NULL)   -> -

== AND and OR of three values
CREATE STREAM S (a BOOL, b BOOL);
INSERT INTO Out SELECT a AND b AS x, a OR b AS y, NOT a AS z FROM S;
--
S (TRUE, TRUE)     -> Out (TRUE, TRUE, FALSE)
S (TRUE, FALSE)    -> Out (FALSE, TRUE, FALSE)
S (TRUE, NULL)     -> Out (NULL, TRUE, FALSE)
S (FALSE, TRUE)    -> Out (FALSE, TRUE, TRUE)
S (FALSE, FALSE)   -> Out (FALSE, FALSE, TRUE)
S (FALSE, NULL)    -> Out (FALSE, NULL, TRUE)
S (NULL, TRUE)     -> Out (NULL, TRUE, NULL)
S (NULL, FALSE)    -> Out (FALSE, NULL, NULL)
S (NULL, NULL)     -> Out (NULL, NULL, NULL)

== IS NULL is never NULL itself
CREATE STREAM S (a INT, s STRING NOT NULL);
INSERT INTO Out SELECT a IS NULL AS x, a IS NOT NULL AS y, (a = 1) IS NULL AS z, s IS NULL AS w FROM S;
--
S (1, '')      -> Out (FALSE, TRUE, FALSE, FALSE)
S (NULL, '')   -> Out (TRUE, FALSE, TRUE, FALSE)

== IS NOT NULL can be compared like any condition
CREATE STREAM S (a INT, b BOOL);
INSERT INTO Out SELECT (a IS NOT NULL) = b AS x, b = (a IS NOT NULL) AS y, CASE b WHEN a IS NOT NULL THEN 'same' ELSE 'other' END AS z FROM S;
--
S (1, TRUE)       -> Out (TRUE, TRUE, 'same')
S (1, FALSE)      -> Out (FALSE, FALSE, 'other')
S (NULL, FALSE)   -> Out (TRUE, TRUE, 'same')
S (NULL, NULL)    -> Out (NULL, NULL, 'other')

== COALESCE gives the first that is not NULL
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT COALESCE(a, b) AS x, COALESCE(a, b, 0) AS y, COALESCE(NULL, a) AS z FROM S;
--
S (1, 2)         -> Out (1, 1, 1)
S (NULL, 2)      -> Out (2, 2, NULL)
S (NULL, NULL)   -> Out (NULL, 0, NULL)

== COALESCE widens to the common type
CREATE STREAM S (i INT, d DOUBLE);
INSERT INTO Out SELECT COALESCE(i, d) AS x, COALESCE(d, 0) AS y FROM S;
--
S (1, NULL)      -> Out (1.0, 0.0)
S (NULL, 2.5)    -> Out (2.5, 2.5)

== NULL put into a NOT NULL column fails its row alone
CREATE STREAM S (a INT);
CREATE STREAM Out (a INT NOT NULL);
INSERT INTO Out SELECT a FROM S;
--
S (1)      -> Out (1)
S (NULL)   -> -
S (2)      -> Out (2)
count query_1 in 3, passed 2, failed 1
