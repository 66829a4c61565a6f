-- === what is created
CREATE STREM X (a INT);
--| 1:8 error: expected STREAM, found 'STREM'
--|     hint: did you mean STREAM?

-- === no columns
CREATE STREAM X;
--| 1:16 error: expected ( and the columns, found the end of the statement
--|     hint: write CREATE STREAM X (column type, …)

-- === an empty list of columns
CREATE STREAM X ();
--| 1:18 error: expected the first column, found ')'
--|     hint: write at least one column

-- === a comma too many
CREATE STREAM X (a INT, );
--| 1:25 error: expected another column, found ')'
--|     hint: remove the comma before )

-- === a column without a type
CREATE STREAM X (a, b INT);
--| 1:19 error: the column a has no type
--|     hint: write a STRING

-- === a type that nobody knows
CREATE STREAM X (a DUBLE);
--| 1:20 error: unknown type 'DUBLE'
--|     hint: did you mean DOUBLE?

-- === a number as a type
CREATE STREAM X (a 5);
--| 1:20 error: expected a type, found '5'
--|     hint: types are STRING, INT, LONG, FLOAT, DOUBLE, BOOL, DECIMAL, TIMESTAMP, BYTES, OBJECT

-- === a length where none belongs
CREATE STREAM X (a INT(5));
--| 1:23 error: the type INT takes no length

-- === a length that is no number
CREATE STREAM X (a VARCHAR(max));
--| 1:28 error: expected a whole number as the length, found 'max'

-- === a reserved name
CREATE STREAM X (select INT);
--| 1:18 error: expected the name of a column, found the keyword SELECT
--|     hint: put it in double quotes to use it as a name: "select"

-- === a stream's name with a dot
CREATE STREAM X.Y (a INT);
--| 1:16 error: a stream's name has one part
--|     hint: put it in double quotes if it holds a dot

-- === NOT without NULL
CREATE STREAM X (a INT NOT);
--| 1:27 error: expected NULL after NOT, found ')'

-- === an unclosed list
CREATE STREAM X (a INT;
--| 1:23 error: expected , or ), found the end of the statement
--|     hint: close the columns with )

-- === WITH without parentheses
CREATE STREAM X (a INT) WITH type = 'source';
--| 1:30 error: expected ( after WITH, found 'type'
--|     hint: write WITH (key = 'value', …)

-- === an empty WITH
CREATE STREAM X (a INT) WITH ();
--| 1:31 error: expected the first option, found ')'
--|     hint: write at least one option

-- === a property without a value
CREATE STREAM X (a INT) WITH (type = );
--| 1:38 error: expected a value: 'text', a number, TRUE, FALSE, NULL or a word, found ')'

-- === a property without =
CREATE STREAM X (a INT) WITH (type 'source');
--| 1:36 error: expected = after type, found the string 'source'
--|     hint: write type = 'value'

-- === a value in double quotes
CREATE STREAM X (a INT) WITH (type = "source");
--| 1:38 error: expected a value: 'text', a number, TRUE, FALSE, NULL or a word, found "source"
--|     hint: single quotes make a string

-- === a value of several words
CREATE STREAM X (a INT) WITH (linger = 5 ms);
--| 1:40 error: a value of several words must be a string
--|     hint: write '5 ms'

-- === a value with dots
CREATE STREAM X (a INT) WITH (type = 'source', extension = 'x', x.host = localhost.domain);
--| 1:74 error: a value with dots or dashes must be a string
--|     hint: write 'localhost.domain'

-- === an empty key
CREATE STREAM X (a INT) WITH ('' = 'x');
--| 1:31 error: an option's name can't be empty

-- === text behind the definition
CREATE STREAM X (a INT) PRIMARY;
--| 1:25 error: expected WITH (…) or ;, found 'PRIMARY'

-- === every name of every type
CREATE STREAM X (a STRING, b VARCHAR(20), c TEXT, d CHAR(1), e INT, f INTEGER, g INT2, h INT4, i SMALLINT,
  j TINYINT, k BIGINT, l LONG, m INT8, n FLOAT, o REAL, p DOUBLE, q DOUBLE PRECISION, r BOOL, s BOOLEAN NOT NULL);
--| internal X (a STRING, b STRING, c STRING, d STRING, e INT, f INT, g INT, h INT, i INT, j INT, k LONG, l LONG, m LONG, n FLOAT, o FLOAT, p DOUBLE, q DOUBLE, r BOOL, s BOOL NOT NULL)

-- === every form of a property
CREATE STREAM X (a INT) WITH (TYPE = Source, extension = custom, format = 'json', "x.a" = 'A', 'x.b' = 'it''s',
  x.c-d = 5, x.e = -1.5, x.f = TRUE, x.g = false, x.h = NULL, x.type.name = word);
--| source X (a INT) custom/json
--|     x.a = A
--|     x.b = it's
--|     x.c-d = 5
--|     x.e = -1.5
--|     x.f = true
--|     x.g = false
--|     x.type.name = word

-- === DEFINE is CREATE
DEFINE STREAM X (a INT);
--| internal X (a INT)

-- === quoted names
CREATE STREAM "my stream" ("a column" INT, `select` LONG);
SELECT "a column", `select`, "my stream"."a column" AS b FROM "my stream";
--| internal my stream (a column INT, select LONG)
--| inferred OutputStream (a column INT, select LONG, b INT)
--| query_1: my stream -> OutputStream
--|     Project "a column" INT = "a column", "select" LONG = "select", b INT = "a column"
