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
