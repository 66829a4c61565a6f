
== the columns in the order of the list, renamed
CREATE STREAM S (a INT, b STRING);
INSERT INTO Out SELECT b, a AS number FROM S;
--
S (1, 'x')       -> Out ('x', 1)
S (NULL, NULL)   -> Out (NULL, NULL)

== a star is all columns, with more around it
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT 0 AS first_one, *, a + b AS total FROM S;
--
S (2, 3)   -> Out (0, 2, 3, 5)

== SELECT … INSERT INTO is the same as INSERT INTO … SELECT
CREATE STREAM S (a INT);
SELECT a FROM S INSERT INTO Out;
--
S (7)   -> Out (7)

== without INSERT the rows go to OutputStream
CREATE STREAM S (a INT);
SELECT a * 2 AS twice FROM S;
--
S (4)   -> OutputStream (8)

== keywords and functions in any case, names as they are written
create stream S (Amount int, amount int);
insert into Out select Amount, COALESCE(amount, 0) as filled from S where Amount Is Not nUlL;
--
S (1, NULL)     -> Out (1, 0)
S (NULL, 2)     -> -

== an alias of the stream, and its own name
CREATE STREAM S (a INT);
INSERT INTO Out SELECT s.a, S.a + 1 AS b FROM S AS s WHERE s.a > 0;
--
S (1)   -> Out (1, 2)
S (0)   -> -

== unnamed columns are called by their place
CREATE STREAM S (a INT);
INSERT INTO Mid SELECT a + 1, 'x' FROM S;
INSERT INTO Out SELECT expr_1, expr_0 FROM Mid;
--
S (1)   -> Out ('x', 2)

== literals of every type
CREATE STREAM S (a INT);
INSERT INTO Out SELECT 12 AS i, 1.5 AS d, 1e3 AS e, 'it''s' AS s, TRUE AS t, false AS f, NULL AS n FROM S;
--
S (0)   -> Out (12, 1.5, 1000.0, 'it''s', TRUE, FALSE, NULL)

== comments and empty statements count for nothing
-- a comment; with a semicolon
CREATE STREAM S (a INT); /* more
-- of it */ ;;
INSERT INTO Out SELECT a /* here too */ FROM S;
--
S (1)   -> Out (1)

== a query may stand before what it reads
INSERT INTO Out SELECT b FROM Mid;
INSERT INTO Mid SELECT a AS b FROM S;
CREATE STREAM S (a INT);
--
S (3)   -> Out (3)

== columns with names of keywords and of Python
CREATE STREAM S (timestamp LONG, type STRING, count INT, value INT, lambda INT, "a b" INT);
INSERT INTO Out SELECT timestamp, type, count, value, lambda, "a b" FROM S WHERE value > 0;
--
S (1, 't', 2, 3, 4, 5)   -> Out (1, 't', 2, 3, 4, 5)

== a declared stream widens what is put into it
CREATE STREAM S (i INT, l LONG);
CREATE STREAM Out (a LONG, b FLOAT, c DOUBLE, d DOUBLE);
INSERT INTO Out SELECT i, i AS j, l, 1 FROM S;
--
S (1, 2)         -> Out (1, 1.0, 2.0, 1.0)
S (NULL, NULL)   -> Out (NULL, NULL, NULL, 1.0)

== a declared stream truncates towards zero
CREATE STREAM S (d DOUBLE);
CREATE STREAM Out (i INT);
INSERT INTO Out SELECT d FROM S;
--
S (2.9)    -> Out (2)
S (-2.9)   -> Out (-2)
S (3e9)    -> -
count query_1 in 3, passed 2, failed 1
