
== texts to integers
CREATE STREAM S (s STRING);
INSERT INTO Out SELECT CAST(s AS INT) AS i, CAST(s AS LONG) AS l FROM S;
--
S ('12')           -> Out (12, 12)
S (' -7 ')         -> Out (-7, -7)
S ('2147483648')   -> Out (NULL, 2147483648)
S ('1.5')          -> Out (NULL, NULL)
S ('1e3')          -> Out (NULL, NULL)
S ('1_000')        -> Out (NULL, NULL)
S ('')             -> Out (NULL, NULL)
S ('x')            -> Out (NULL, NULL)
S (NULL)           -> Out (NULL, NULL)

== texts to floating numbers
CREATE STREAM S (s STRING);
INSERT INTO Out SELECT CAST(s AS DOUBLE) AS d FROM S;
--
S ('1.5')      -> Out (1.5)
S (' 2 ')      -> Out (2.0)
S ('1e3')      -> Out (1000.0)
S ('.5')       -> Out (0.5)
S ('1_0.5')    -> Out (NULL)
S ('abc')      -> Out (NULL)

== texts to BOOL
CREATE STREAM S (s STRING);
INSERT INTO Out SELECT CAST(s AS BOOL) AS b FROM S;
--
S ('true')     -> Out (TRUE)
S (' YES ')    -> Out (TRUE)
S ('1')        -> Out (TRUE)
S ('No')       -> Out (FALSE)
S ('0')        -> Out (FALSE)
S ('t')        -> Out (NULL)

== numbers to texts
CREATE STREAM S (i INT, d DOUBLE, b BOOL);
INSERT INTO Out SELECT CAST(i AS STRING) AS i, CAST(d AS STRING) AS d, CAST(b AS STRING) AS b FROM S;
--
S (-5, 123.45, TRUE)   -> Out ('-5', '123.45', 'true')
S (0, 100.0, FALSE)    -> Out ('0', '100.0', 'false')
S (1, 1e300, NULL)     -> Out ('1', '1e+300', NULL)

== floating numbers to integers are cut, out of range NULL
CREATE STREAM S (d DOUBLE);
INSERT INTO Out SELECT CAST(d AS INT) AS i, CAST(d AS LONG) AS l FROM S;
--
S (9.99)             -> Out (9, 9)
S (-9.99)            -> Out (-9, -9)
S (2147483648.0)     -> Out (NULL, 2147483648)
S (1e19)             -> Out (NULL, NULL)
S (inf)              -> Out (NULL, NULL)

== BOOL to numbers and back
CREATE STREAM S (b BOOL, i INT, d DOUBLE);
INSERT INTO Out SELECT CAST(b AS INT) AS x, CAST(b AS DOUBLE) AS y, CAST(i AS BOOL) AS z, CAST(d AS BOOL) AS w FROM S;
--
S (TRUE, 5, 0.5)     -> Out (1, 1.0, TRUE, TRUE)
S (FALSE, 0, 0.0)    -> Out (0, 0.0, FALSE, FALSE)
S (NULL, NULL, NULL) -> Out (NULL, NULL, NULL, NULL)

== LONG to INT out of range is NULL, not a failed row
CREATE STREAM S (l LONG);
CREATE STREAM Out (i INT);
INSERT INTO Out SELECT CAST(l AS INT) FROM S;
--
S (2147483647)   -> Out (2147483647)
S (2147483648)   -> Out (NULL)
count query_1 in 2, passed 2, failed 0

== TRY_CAST is CAST
CREATE STREAM S (s STRING);
INSERT INTO Out SELECT TRY_CAST(s AS INT) AS i FROM S WHERE TRY_CAST(s AS INT) IS NOT NULL;
--
S ('5')    -> Out (5)
S ('x')    -> -
