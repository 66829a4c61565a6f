-- === a body that names a column
CREATE STREAM S (v INT, w INT);
CREATE FUNCTION twice(v INT) RETURNS INT AS 'v * w';
INSERT INTO T SELECT twice(v) AS a FROM S;
--| program.sql:2:50: error: function 'twice' has no parameter 'w'
--|     2 | CREATE FUNCTION twice(v INT) RETURNS INT AS 'v * w';
--|       |                                                  ^
--|   hint: known: v

-- === a body of another type
CREATE FUNCTION half(v INT) RETURNS INT AS 'v / 2';
--| program.sql:1:45: error: half RETURNS INT, but v / 2 is DOUBLE
--|     1 | CREATE FUNCTION half(v INT) RETURNS INT AS 'v / 2';
--|       |                                             ^
--|   hint: write CAST(v / 2 AS INT)

-- === a body that is no expression
CREATE FUNCTION twice(v INT) RETURNS INT AS 'SELECT v * 2';
--| program.sql:1:46: error: the body of a function is an expression, found SELECT
--|     1 | CREATE FUNCTION twice(v INT) RETURNS INT AS 'SELECT v * 2';
--|       |                                              ^
--|   hint: write CREATE FUNCTION double(x INT) RETURNS INT AS 'x * 2'

-- === a body that goes on
CREATE FUNCTION twice(v INT) RETURNS INT AS 'v * 2; v';
--| program.sql:1:51: error: expected the end of the function, found ';'
--|     1 | CREATE FUNCTION twice(v INT) RETURNS INT AS 'v * 2; v';
--|       |                                                   ^
--|   hint: the body of a function is one expression

-- === an unclosed parenthesis in a body of several lines
CREATE FUNCTION twice(v INT) RETURNS INT AS $$
  (v
   * 2
$$;
--| program.sql:4:2: error: expected an operator or ), found the end of the statement
--|     4 | $$;
--|       |  ^
--|   hint: the ( at line 2, column 3 is not closed

-- === functions that call each other
CREATE FUNCTION even(v INT) RETURNS BOOL AS 'v = 0 OR odd(v - 1)';
CREATE FUNCTION odd(v INT) RETURNS BOOL AS 'v != 0 AND even(v - 1)';
--| program.sql:1:46: error: functions written in SQL can't call themselves: even -> odd -> even
--|     1 | CREATE FUNCTION even(v INT) RETURNS BOOL AS 'v = 0 OR odd(v - 1)';
--|       |                                              ^
--|   hint: write it in Python: LANGUAGE PYTHON AS 'module:function'

-- === an aggregate in a function
CREATE FUNCTION total(v INT) RETURNS LONG AS 'sum(v)';
--| program.sql:1:47: error: the aggregate sum can't stand in the body of total
--|     1 | CREATE FUNCTION total(v INT) RETURNS LONG AS 'sum(v)';
--|       |                                               ^
--|   hint: aggregate in a query of its own, and read its stream in another

-- === too many arguments
CREATE STREAM S (v INT);
CREATE FUNCTION twice(v INT) RETURNS INT AS 'v * 2';
INSERT INTO T SELECT twice(v, 2) AS a FROM S;
--| program.sql:3:22: error: twice takes 1 argument, not 2
--|     3 | INSERT INTO T SELECT twice(v, 2) AS a FROM S;
--|       |                      ^
--|   hint: it is twice(INT) -> INT

-- === a function twice
CREATE FUNCTION twice(v INT) RETURNS INT AS 'v * 2';
CREATE FUNCTION TWICE(v LONG) RETURNS LONG AS 'v * 2';
--| program.sql:2:17: error: function 'TWICE' is already defined at line 1, column 17
--|     2 | CREATE FUNCTION TWICE(v LONG) RETURNS LONG AS 'v * 2';
--|       |                 ^
--|   hint: rename or remove one

-- === the name of an aggregate
CREATE FUNCTION sum(v INT) RETURNS INT AS 'v';
--| program.sql:1:17: error: function 'sum' is part of the language
--|     1 | CREATE FUNCTION sum(v INT) RETURNS INT AS 'v';
--|       |                 ^
--|   hint: rename it

-- === a parameter twice
CREATE FUNCTION add(v INT, v INT) RETURNS INT AS 'v + v';
--| program.sql:1:28: error: add has two parameters called 'v'
--|     1 | CREATE FUNCTION add(v INT, v INT) RETURNS INT AS 'v + v';
--|       |                            ^

-- === a parameter without a type
CREATE FUNCTION twice(v) RETURNS INT AS 'v * 2';
--| program.sql:1:24: error: the parameter v has no type
--|     1 | CREATE FUNCTION twice(v) RETURNS INT AS 'v * 2';
--|       |                        ^
--|   hint: write v STRING

-- === no RETURNS
CREATE FUNCTION twice(v INT) AS 'v * 2';
--| program.sql:1:30: error: expected RETURNS and the type of the result, found 'AS'
--|     1 | CREATE FUNCTION twice(v INT) AS 'v * 2';
--|       |                              ^
--|   hint: write CREATE FUNCTION double(x INT) RETURNS INT AS 'x * 2'

-- === another language
CREATE FUNCTION twice(v INT) RETURNS INT LANGUAGE JAVASCRIPT AS 'v * 2';
--| program.sql:1:51: error: functions can't be written in JAVASCRIPT
--|     1 | CREATE FUNCTION twice(v INT) RETURNS INT LANGUAGE JAVASCRIPT AS 'v * 2';
--|       |                                                   ^
--|   hint: LANGUAGE PYTHON AS 'module:function', or SQL

-- === Python in the SQL
CREATE FUNCTION twice(v INT) RETURNS INT LANGUAGE PYTHON AS $$ return v * 2 $$;
--| program.sql:1:61: error: a Python function stands in a module, not in the SQL
--|     1 | CREATE FUNCTION twice(v INT) RETURNS INT LANGUAGE PYTHON AS $$ return v * 2 $$;
--|       |                                                             ^
--|   hint: put it into a file beside this one: LANGUAGE PYTHON AS 'module:function'

-- === Python that names no module
CREATE FUNCTION twice(v INT) RETURNS INT LANGUAGE PYTHON AS 'lambda v: v * 2';
--| program.sql:1:61: error: 'lambda v: v * 2' names no function of a module
--|     1 | CREATE FUNCTION twice(v INT) RETURNS INT LANGUAGE PYTHON AS 'lambda v: v * 2';
--|       |                                                             ^
--|   hint: write 'module:function'

-- === a module that is not there
CREATE FUNCTION twice(v INT) RETURNS INT LANGUAGE PYTHON AS 'my_functions:twice';
--| program.sql:1:61: error: there is no module 'my_functions'
--|     1 | CREATE FUNCTION twice(v INT) RETURNS INT LANGUAGE PYTHON AS 'my_functions:twice';
--|       |                                                             ^
--|   hint: it stands in a file beside the program, or in an installed package

-- === a function that is not in its module
CREATE FUNCTION plain(t STRING) RETURNS STRING LANGUAGE PYTHON AS 'html:unescaped';
--| program.sql:1:67: error: html has no 'unescaped'
--|     1 | CREATE FUNCTION plain(t STRING) RETURNS STRING LANGUAGE PYTHON AS 'html:unescaped';
--|       |                                                                   ^
--|   hint: did you mean 'unescape'?

-- === types that are others in Python
CREATE FUNCTION quoted(t STRING) RETURNS STRING LANGUAGE PYTHON AS 'eventflux.base.durations:parse_duration';
--| program.sql:1:17: error: quoted RETURNS STRING, and eventflux.base.durations:parse_duration gives LONG
--|     1 | CREATE FUNCTION quoted(t STRING) RETURNS STRING LANGUAGE PYTHON AS 'eventflux.base.durations:parse_duration';
--|       |                 ^
--|   hint: write RETURNS LONG, or change the annotation

-- === an asynchronous function over a window
CREATE STREAM S (v DOUBLE);
CREATE FUNCTION pause(seconds DOUBLE) RETURNS BOOL LANGUAGE PYTHON AS 'asyncio:sleep';
INSERT INTO T SELECT pause(v) AS done FROM S WINDOW('length', 3);
--| program.sql:3:1: error: pause is asynchronous, and its query has a window
--|     3 | INSERT INTO T SELECT pause(v) AS done FROM S WINDOW('length', 3);
--|       | ^
--|   hint: call it in a query of its own, and read its stream in another

-- === an asynchronous function in an aggregate
CREATE STREAM S (v DOUBLE);
CREATE FUNCTION pause(seconds DOUBLE) RETURNS BOOL LANGUAGE PYTHON AS 'asyncio:sleep';
INSERT INTO T SELECT count(pause(v)) AS done FROM S;
--| program.sql:3:1: error: pause is asynchronous, and its query has aggregates
--|     3 | INSERT INTO T SELECT count(pause(v)) AS done FROM S;
--|       | ^
--|   hint: call it in a query of its own, and read its stream in another

-- === an asynchronous function that waits for another
CREATE STREAM S (v DOUBLE);
CREATE FUNCTION pause(seconds DOUBLE) RETURNS DOUBLE LANGUAGE PYTHON AS 'asyncio:sleep';
INSERT INTO T SELECT pause(pause(v)) AS done FROM S;
--| program.sql:3:1: error: pause waits for pause: both are asynchronous
--|     3 | INSERT INTO T SELECT pause(pause(v)) AS done FROM S;
--|       | ^
--|   hint: call pause in a query of its own

-- === an asynchronous function and a watermark
CREATE STREAM S (v DOUBLE, at TIMESTAMP, WATERMARK FOR at AS at);
CREATE FUNCTION pause(seconds DOUBLE) RETURNS BOOL LANGUAGE PYTHON AS 'asyncio:sleep';
INSERT INTO T SELECT v, pause(v) AS done FROM S;
--| program.sql:3:1: error: pause is asynchronous, and the watermark of S can't wait for its rows
--|     3 | INSERT INTO T SELECT v, pause(v) AS done FROM S;
--|       | ^
--|   hint: leave WATERMARK out of S: windows go by the clock then

-- === calls of a function that is wrong are not
CREATE STREAM S (v INT);
CREATE FUNCTION half(v INT) RETURNS DOUBLE LANGUAGE PYTHON AS 'mathematics:half';
CREATE FUNCTION twice(v INT) RETURNS INT AS 'v *';
CREATE FUNCTION thrice(v INT) RETURNS INT AS;
INSERT INTO T SELECT half(v) AS a, twice(v) + 1 AS b, half(DISTINCT v) FILTER (WHERE v > 1) AS c,
  thrice(v) AS d, fourth(v) AS e FROM S;
--| program.sql:2:63: error: there is no module 'mathematics'
--|     2 | CREATE FUNCTION half(v INT) RETURNS DOUBLE LANGUAGE PYTHON AS 'mathematics:half';
--|       |                                                               ^
--|   hint: it stands in a file beside the program, or in an installed package
--| program.sql:3:49: error: expected an expression, found the end of the statement
--|     3 | CREATE FUNCTION twice(v INT) RETURNS INT AS 'v *';
--|       |                                                 ^
--| program.sql:4:45: error: expected what the function does, in single quotes, found the end of the statement
--|     4 | CREATE FUNCTION thrice(v INT) RETURNS INT AS;
--|       |                                             ^
--|   hint: write CREATE FUNCTION double(x INT) RETURNS INT AS 'x * 2'
--| program.sql:6:19: error: unknown function 'fourth'
--|     6 |   thrice(v) AS d, fourth(v) AS e FROM S;
--|       |                   ^
--|   hint: did you mean 'hour'?

-- === a function of several rows in WHERE
CREATE STREAM S (line STRING);
CREATE FUNCTION words(line STRING) RETURNS SETOF STRING LANGUAGE PYTHON AS 'builtins:str.split';
INSERT INTO T SELECT line FROM S WHERE words(line) = 'error';
--| program.sql:3:40: error: words gives several rows, and can't stand in WHERE
--|     3 | INSERT INTO T SELECT line FROM S WHERE words(line) = 'error';
--|       |                                        ^
--|   hint: give them a name in a subquery: FROM (SELECT words(…) AS element FROM …)

-- === a function of several rows that is declared to give one
CREATE FUNCTION words(line STRING) RETURNS TABLE (word STRING) LANGUAGE PYTHON AS 'builtins:str.split';
--| program.sql:1:44: error: RETURNS TABLE (…) is not part of this language
--|     1 | CREATE FUNCTION words(line STRING) RETURNS TABLE (word STRING) LANGUAGE PYTHON AS 'builtins:str.split';
--|       |                                            ^
--|   hint: write RETURNS SETOF STRING; several values of a row are one OBJECT: RETURNS SETOF OBJECT
