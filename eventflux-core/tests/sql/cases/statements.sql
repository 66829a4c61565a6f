-- === not a statement
SELEC a FROM S;
--| 1:1 error: 'SELEC' does not start a statement
--|     hint: did you mean SELECT?

-- === not a statement at all
( 1 + 2 );
--| 1:1 error: a query in parentheses is not supported yet
--|     hint: remove the parentheses

-- === a symbol
= 5;
--| 1:1 error: '=' does not start a statement
--|     hint: statements start with CREATE, DEFINE, INSERT, SELECT, FROM, SET

-- === empty statements
;;; SELECT a FROM S;;
--| inferred OutputStream (a INT)
--| query_1: S -> OutputStream
--|     Project a INT = a

-- === all problems of a file at once
SELECT nothing FROM S;
CREATE STREAM X (a INTEGRE);
SELECT a b c FROM S;
SET app.tme = 'event';
INSERT INTO Out SELECT s, s FROM S;
--| 1:8 error: stream 'S' has no column 'nothing'
--|     hint: known: a, b, d, f, ok, s, t
--| 2:20 error: unknown type 'INTEGRE'
--|     hint: did you mean INTEGER?
--| 3:12 error: expected a comma or FROM, found 'c'
--|     hint: put a comma before c, if it is a column
--| 4:1 error: unknown setting 'app.tme'
--|     hint: did you mean 'app.time'?
--| 5:24 error: column 'n' of 'Out' is INT, but s is STRING
--|     hint: write CAST(… AS INT) where NULL for what can't be converted will do
--| 5:27 error: two columns of this query are called 's'
--|     hint: name one with AS

-- === a broken statement hides no other
SELECT FROM S;
SELECT zz FROM S;
--| 1:8 error: expected an expression, found 'FROM'
--|     hint: name columns, or write * for all of them
--| 2:8 error: stream 'S' has no column 'zz'
--|     hint: known: a, b, d, f, ok, s, t

-- === what depends on a broken statement is not reported again
CREATE STREAM Broken (a INTT);
SELECT a FROM Broken;
--| 1:25 error: unknown type 'INTT'
--|     hint: did you mean INT?

-- === SELECT without FROM
SELECT 1;
--| 1:9 error: expected a comma or FROM, found the end of the statement
--|     hint: every query reads a stream: SELECT … FROM S

-- === SELECT without a list
SELECT FROM S;
--| 1:8 error: expected an expression, found 'FROM'
--|     hint: name columns, or write * for all of them

-- === a comma too many
SELECT a, FROM S;
--| 1:11 error: expected an expression, found 'FROM'
--|     hint: remove the comma before FROM

-- === FROM without a stream
SELECT a FROM WHERE a > 1;
--| 1:15 error: expected the name of a stream, found the keyword WHERE
--|     hint: put it in double quotes to use it as a name: "WHERE"

-- === INSERT without INTO
INSERT T SELECT a FROM S;
--| 1:8 error: expected INTO after INSERT, found 'T'
--|     hint: write INSERT INTO name SELECT …

-- === INSERT without SELECT
INSERT INTO T;
--| 1:14 error: expected SELECT, found the end of the statement

-- === two targets
INSERT INTO T SELECT a FROM S INSERT INTO U;
--| 1:31 error: this query already has a target
--|     hint: keep one INSERT INTO

-- === a target in single quotes
INSERT INTO 'T' SELECT a FROM S;
--| 1:13 error: expected the name of a stream, found the string 'T'
--|     hint: names stand bare or in double quotes; single quotes make a string

-- === a target with a dot
INSERT INTO T.x SELECT a FROM S;
--| 1:14 error: INSERT INTO takes the plain name of a stream
--|     hint: put it in double quotes if it holds a dot: "T.x"

-- === WHERE without a condition
SELECT a FROM S WHERE;
--| 1:22 error: expected an expression, found the end of the statement

-- === WHERE twice
SELECT a FROM S WHERE a > 1 WHERE a < 5;
--| 1:35 error: a second WHERE
--|     hint: join the conditions with AND

-- === WHERE after GROUP BY
SELECT a FROM S GROUP BY a WHERE a > 1;
--| 1:28 error: expected a clause or ;, found 'WHERE'
--|     hint: WHERE and the window stand after FROM, before GROUP BY

-- === WHERE after SELECT in the FROM form
FROM S SELECT a WHERE a > 1 INSERT INTO T;
--| 1:17 error: WHERE must stand before SELECT in this form
--|     hint: FROM S WHERE … WINDOW(…) SELECT … GROUP BY …

-- === text behind a statement
SELECT a FROM S GROUP BY a b;
--| 1:28 error: expected a clause or ;, found 'b'

-- === a reserved word as an alias
SELECT a AS from FROM S;
--| 1:13 error: expected the name of the column, found the keyword FROM
--|     hint: put it in double quotes to use it as a name: "from"

-- === a string as an alias
SELECT a AS 'x' FROM S;
--| 1:13 error: expected the name of the column, found the string 'x'
--|     hint: names stand bare or in double quotes; single quotes make a string

-- === two aliases
SELECT a x y FROM S;
--| 1:12 error: expected a comma or FROM, found 'y'
--|     hint: put a comma before y, if it is a column

-- === all forms of a query
INSERT INTO T1 SELECT a FROM S;
SELECT a FROM S INSERT INTO T2;
FROM S SELECT a INSERT INTO T3;
FROM S WHERE a > 1 SELECT a GROUP BY a INSERT INTO T4;
SELECT a FROM S;
--| inferred T1 (a INT)
--| inferred T2 (a INT)
--| inferred T3 (a INT)
--| inferred T4 (a INT)
--| inferred OutputStream (a INT)
--| query_1: S -> T1
--|     Project a INT = a
--| query_2: S -> T2
--|     Project a INT = a
--| query_3: S -> T3
--|     Project a INT = a
--| query_4: S -> T4
--|     Project a INT = a
--|     Aggregate group by a
--|     Filter a > 1
--| query_5: S -> OutputStream
--|     Project a INT = a

-- === settings
SET app.name = 'orders';
SET app.time = event;
SET app.flush.on.stop = TRUE;
SET app.start.timeout = 5000;
SET "app.stop.timeout" = '1 min 30 sec';
--| setting app.name = orders
--| setting app.time = event
--| setting app.flush.on.stop = true
--| setting app.start.timeout = 5000
--| setting app.stop.timeout = 1 min 30 sec

-- === a setting that is NULL is the default
SET app.time = NULL;

-- === SET without a value
SET app.time;
--| 1:13 error: expected = after app.time, found the end of the statement

-- === SET with an expression
SET app.start.timeout = 5 + 5;
--| 1:27 error: expected ; after the value, found '+'

-- === SET with several words
SET app.start.timeout = 30 SECONDS;
--| 1:25 error: a value of several words must be a string
--|     hint: write '30 SECONDS'

-- === INSERT EVENTS
INSERT CURRENT EVENTS INTO T SELECT a FROM S; insert expired events into T select a from S WINDOW('length', 2);
SELECT a FROM S WINDOW('length', 2) INSERT ALL EVENTS INTO T;
--| inferred T (a INT)
--| query_1: S -> T
--|     Project a INT = a
--| query_2: S -> T
--|     Project a INT = a, EXPIRED EVENTS
--|     Length rows 2
--| query_3: S -> T
--|     Project a INT = a, ALL EVENTS
--|     Length rows 2

-- === INSERT ALL EVENTS behind what is a statement of its own
INSERT INTO T SELECT a FROM S
INSERT ALL EVENTS INTO U SELECT a FROM S WINDOW('length', 2);
--| 2:1 error: expected ;, found 'INSERT'
--|     hint: end the statement before INSERT with ;

-- === INSERT SOME EVENTS
INSERT RESET EVENTS INTO T SELECT a FROM S;
--| 1:8 error: expected INTO after INSERT, found 'RESET'
--|     hint: write INSERT INTO name SELECT …
