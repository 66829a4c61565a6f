-- === all errors at once
CREATE STREAM R (a INT, b DOBLE, c STRING);
INSERT INTO Out SELECT a + c AS x, foo(b), nope FROM R WHERE a;
SELECT a, FROM R;
--| 1:27 error: unknown type 'DOBLE'
--|     hint: did you mean DOUBLE?
--| 2:17 error: this query selects 3 columns, but 'Out' has 2 columns
--|     hint: Out is (n INT NOT NULL, s STRING)
--| 2:28 error: + needs numbers, but c is STRING
--|     hint: CAST it to a number
--| 2:36 error: unknown function 'foo'
--|     hint: did you mean 'floor'?
--| 2:44 error: stream 'R' has no column 'nope'
--|     hint: known: a, b, c
--| 2:62 error: WHERE needs a condition (BOOL), but a is INT
--|     hint: compare it: … != 0
--| 3:11 error: expected an expression, found 'FROM'
--|     hint: remove the comma before FROM

-- === a column of unknown type adapts
CREATE STREAM R (b DOBLE, c STRUCT NOT NULL, d);
INSERT INTO Out SELECT b + 1 AS n, c AS s FROM R WHERE b > 5 AND c = 'x' AND d AND NOT b LIKE 'x';
SELECT sum(b) AS x, min(c) AS y, CASE WHEN d THEN b ELSE 'a' END AS z, half(b) AS h FROM R GROUP BY c;
--| 1:20 error: unknown type 'DOBLE'
--|     hint: did you mean DOUBLE?
--| 1:29 error: the type STRUCT is not supported yet
--|     hint: use OBJECT, which holds any nested value
--| 1:47 error: the column d has no type
--|     hint: write d STRING

-- === what reads a column of unknown type
CREATE STREAM R (b DOBLE);
INSERT INTO Mid SELECT b, b + 1 AS c, upper(b) AS d FROM R;
SELECT b = 'x' AS x, b > 1 AS y, c = 'x' AS z, d + 1 AS w, e FROM Mid;
--| 1:20 error: unknown type 'DOBLE'
--|     hint: did you mean DOUBLE?
--| 3:48 error: + needs numbers, but d is STRING
--|     hint: CAST it to a number
--| 3:60 error: stream 'Mid' has no column 'e'
--|     hint: known: b, c, d

-- === a definition that loses a column
CREATE STREAM R (a INT, 'b' LONG, c STRING);
SELECT a, b, c + 1 AS d FROM R;
INSERT INTO Mid SELECT * FROM R;
INSERT INTO X SELECT zz, c AND TRUE AS d FROM Mid;
--| 1:25 error: expected the name of a column, found the string 'b'
--|     hint: names stand bare or in double quotes; single quotes make a string
--| 2:14 error: + needs numbers, but c is STRING
--|     hint: CAST it to a number
--| 4:26 error: AND needs conditions (BOOL), but c is STRING
--|     hint: compare it: … = 'value'

-- === a definition that can't be read at all
CREATE STREAM R a INT;
SELECT a, 1 + 'x' AS b FROM R;
SELECT a FROM Nowhere;
--| 1:17 error: expected ( and the columns, found 'a'
--|     hint: write CREATE STREAM R (column type, …)
--| 2:15 error: + needs numbers, but 'x' is STRING
--|     hint: CAST it to a number
--| 3:15 error: unknown stream 'Nowhere'
--|     hint: known: Orders, Out, OutputStream, S

-- === a misspelt CREATE
CRAETE STREAM R (a INT);
SELECT a FROM R;
--| 1:1 error: 'CRAETE' does not start a statement
--|     hint: did you mean CREATE?

-- === a misspelt STREAM
CREATE STRAEM R (a INT);
SELECT a, b FROM R;
--| 1:8 error: expected STREAM, found 'STRAEM'
--|     hint: did you mean STREAM?
--| 2:11 error: stream 'R' has no column 'b'
--|     hint: known: a

-- === commas that are missing
CREATE STREAM R (a INT b LONG) WITH (type = 'source' extension = 'x');
SELECT a, c FROM R;
--| 1:24 error: expected , or ), found 'b'
--|     hint: put a comma before b
--| 1:54 error: expected , or ), found 'extension'
--|     hint: put a comma before extension
--| 2:11 error: stream 'R' has no column 'c'
--|     hint: known: a, b

-- === parentheses that are not closed
CREATE STREAM R (a INT, b LONG WITH (type = 'internal';
SELECT a, c FROM R;
--| 1:32 error: expected , or ), found 'WITH'
--|     hint: close the columns with )
--| 1:55 error: expected , or ), found the end of the statement
--|     hint: close the options with )
--| 2:11 error: stream 'R' has no column 'c'
--|     hint: known: a, b

-- === a column of a refused kind is a column
CREATE STREAM R (a INT, k STRING UNIQUE, PRIMARY KEY (a));
SELECT k, nope FROM R;
--| 1:34 error: UNIQUE is not supported yet
--|     hint: leave it out: streams have no keys
--| 1:42 error: PRIMARY KEY is not supported yet
--|     hint: leave it out: streams have no keys
--| 2:11 error: stream 'R' has no column 'nope'
--|     hint: known: a, k

-- === a query that can't be read defines its target
INSERT INTO Mid SELECT a FROM S JOIN Orders ON a = id;
SELECT anything FROM Mid;
INSERT INTO X SELECT x FROM Nowhere;
--| 1:33 error: JOIN is not supported yet
--|     hint: joins are planned for a later version; today each query reads one stream, and several may write into one
--| 3:29 error: unknown stream 'Nowhere'
--|     hint: known: Orders, Out, OutputStream, S, X

-- === a refused clause hides no error before it
INSERT INTO Out SELECT nope, s FROM S WHERE a GROUP BY zz ORDER BY a LIMIT 5;
SELECT s FROM Out WHERE n;
--| 1:24 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:45 error: WHERE needs a condition (BOOL), but a is INT
--|     hint: compare it: … != 0
--| 1:56 error: stream 'S' has no column 'zz'
--|     hint: known: a, b, d, f, ok, s, t
--| 2:25 error: WHERE needs a condition (BOOL), but n is INT
--|     hint: compare it: … != 0

-- === an item that can't be read
INSERT INTO Mid SELECT a +, nope, b::INT, d AS e FROM S GROUP BY x, 4;
SELECT e, other FROM Mid WHERE e;
--| 1:27 error: expected an expression, found ','
--| 1:29 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:36 error: the cast :: is not supported yet
--|     hint: write CAST(x AS type)
--| 2:32 error: WHERE needs a condition (BOOL), but e is DOUBLE
--|     hint: compare it: … != 0

-- === the number of columns beside another error
INSERT INTO Out SELECT nope FROM S;
--| 1:17 error: this query selects 1 column, but 'Out' has 2 columns
--|     hint: Out is (n INT NOT NULL, s STRING)
--| 1:24 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t

-- === other columns beside an error
INSERT INTO Out SELECT nope, a FROM S;
--| 1:24 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:30 error: column 's' of 'Out' is STRING, but a is INT
--|     hint: write CAST(… AS STRING)

-- === a writer with an error has no say
INSERT INTO Mid SELECT nope FROM S;
INSERT INTO Mid SELECT a FROM S;
SELECT a, b, a AND TRUE AS c FROM Mid;
--| 1:24 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 3:14 error: AND needs conditions (BOOL), but a is INT
--|     hint: compare it: … != 0

-- === operands of a wrong operand
SELECT nope AND a AS x, coalesce(nope, a + s) AS y, foo(bar(nope2)) AS z FROM S;
--| 1:8 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:17 error: AND needs conditions (BOOL), but a is INT
--|     hint: compare it: … != 0
--| 1:34 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:44 error: + needs numbers, but s is STRING
--|     hint: CAST it to a number
--| 1:53 error: unknown function 'foo'
--|     hint: did you mean 'floor'?
--| 1:57 error: unknown function 'bar'
--|     hint: declare it in SQL or in Python: CREATE FUNCTION name(…) RETURNS type …
--| 1:61 error: stream 'S' has no column 'nope2'
--|     hint: known: a, b, d, f, ok, s, t

-- === an unknown stream hides no error that is its own
SELECT foo(x) AS y, 1 + 'a' AS z FROM Sx WHERE 5;
--| 1:8 error: unknown function 'foo'
--|     hint: did you mean 'floor'?
--| 1:25 error: + needs numbers, but 'a' is STRING
--|     hint: CAST it to a number
--| 1:39 error: unknown stream 'Sx'
--|     hint: did you mean 'S'?
--| 1:48 error: WHERE needs a condition (BOOL), but 5 is LONG
--|     hint: compare it: … != 0

-- === a semicolon that is missing
SELECT a FROM S WHERE a > 1
SELECT nope FROM S;
--| 2:1 error: expected ;, found 'SELECT'
--|     hint: end the statement before SELECT with ;
--| 2:8 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t

-- === a semicolon that is missing between definitions
CREATE STREAM R (a INT) CREATE STREAM Q (b INT)
INSERT INTO X SELECT b FROM R
INSERT INTO Y SELECT a FROM Q SET app.time = 'event'
--| 1:25 error: expected ;, found 'CREATE'
--|     hint: end the statement before CREATE with ;
--| 2:1 error: expected ;, found 'INSERT'
--|     hint: end the statement before INSERT with ;
--| 2:22 error: stream 'R' has no column 'b'
--|     hint: known: a
--| 3:1 error: expected ;, found 'INSERT'
--|     hint: end the statement before INSERT with ;
--| 3:22 error: stream 'Q' has no column 'a'
--|     hint: known: b
--| 3:31 error: expected ;, found 'SET'
--|     hint: end the statement before SET with ;

-- === a string that swallows definitions
CREATE STREAM R (a INT) WITH (x.y = 'oops);
CREATE STREAM Q (a INT);
SELECT a FROM Q;
--| 1:37 error: this string is never closed
--|     hint: add ' at its end, or look for one missing before it; inside, write it twice: 'it''s'

-- === a window that can't be read may be one
SELECT window_start() AS w, nope FROM S WINDOW('sliding', 5 MINUTES);
--| 1:29 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:68 error: hop needs its slide
--|     hint: write hop(5 MINUTES, 1 MINUTE); time(5 MINUTES) slides with each row

-- === a column list that can't be read hides no error
INSERT INTO Out (n,, 's') SELECT nope FROM S;
--| 1:20 error: expected the name of a column, found ','
--| 1:22 error: expected the name of a column, found the string 's'
--|     hint: names stand bare or in double quotes; single quotes make a string
--| 1:34 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t

-- === the errors of a FROM query
FROM S WHERE nope > SELECT zz, yy GROUP BY xx HAVING 5 INSERT INTO Out;
--| 1:21 error: a subquery in an expression would read the whole of an endless stream
--|     hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version
--| 1:28 error: stream 'S' has no column 'zz'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:32 error: stream 'S' has no column 'yy'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:44 error: stream 'S' has no column 'xx'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:54 error: HAVING needs a condition (BOOL), but 5 is LONG
--|     hint: compare it: … != 0
