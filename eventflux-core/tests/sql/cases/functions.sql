-- === written in SQL
create function twice ( x int ) returns integer as 'x*2';

-- === in Python
DEFINE FUNCTION f (a VARCHAR, "b c" DECIMAL(10, 2)) RETURNS BOOLEAN LANGUAGE python AS 'a.b:c.d';
--| 1:88 error: there is no module 'a'
--|     hint: it stands in a file beside the program, or in an installed package

-- === without parameters, in dollars
CREATE FUNCTION answer() RETURNS INT LANGUAGE sql AS $$ 'it''s ' || 42 $$;
--| 1:69 error: || joins texts, but 42 is LONG
--|     hint: write CAST(42 AS STRING)

-- === a text of several lines
CREATE FUNCTION label(celsius DOUBLE) -- of a reading
RETURNS STRING AS '
  CASE WHEN celsius > 90 THEN ''hot''
       ELSE ''cold'' END
';

-- === a long one
CREATE FUNCTION label(celsius DOUBLE, sensor STRING) RETURNS STRING AS 'CASE WHEN celsius > 90 THEN sensor ELSE ''cold'' END';

-- === more after the body
CREATE FUNCTION twice(x INT) RETURNS INT AS 'x * 2' STABLE;
--| 1:53 error: expected ;, found 'STABLE'

-- === no name
CREATE FUNCTION (x INT) RETURNS INT AS 'x * 2';
--| 1:17 error: expected the name of a function, found '('

-- === a lexical problem in the body
CREATE FUNCTION f(x INT) RETURNS INT AS 'x + ''a';
--| 1:46 error: this string is never closed
--|     hint: add ' at its end, or look for one missing before it; inside, write it twice: 'it''s'

-- === several rows
create function words ( text varchar ) returns setof varchar language python as 'builtins:str.split';
SELECT words(s) AS word FROM S;
--| inferred OutputStream (word STRING)
--| query_1: S -> OutputStream
--|     Project word STRING = words(s)
--|     Unnest words(s)

-- === several rows of an expression
CREATE FUNCTION words(text STRING) RETURNS SETOF STRING AS 'text';
--| 1:44 error: a function written in SQL gives one value
--|     hint: LANGUAGE PYTHON AS 'module:generator' gives several; UNNEST makes rows of a list

-- === RETURNS TABLE
CREATE FUNCTION words(text STRING) RETURNS TABLE (word STRING, n INT) LANGUAGE PYTHON AS 'a:b';
--| 1:44 error: RETURNS TABLE (…) is not part of this language
--|     hint: write RETURNS SETOF STRING; several values of a row are one OBJECT: RETURNS SETOF OBJECT

-- === SETOF and no type
CREATE FUNCTION words(text STRING) RETURNS SETOF LANGUAGE PYTHON AS 'a:b';
--| 1:50 error: unknown type 'LANGUAGE'
--|     hint: types are STRING, INT, LONG, FLOAT, DOUBLE, BOOL, DECIMAL, TIMESTAMP, BYTES, OBJECT
