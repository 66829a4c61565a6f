-- === FORM in place of FROM
SELECT a FORM S;
--| 1:15 error: expected a comma or FROM, found 'S'
--|     hint: did you mean FROM in place of FORM?

-- === a comma missing in a select list
SELECT a s t FROM S;
--| 1:12 error: expected a comma or FROM, found 't'
--|     hint: put a comma before t, if it is a column

-- === WEHRE in place of WHERE
SELECT a FROM S WEHRE a > 5;
--| 1:23 error: expected a clause or ;, found 'a'
--|     hint: did you mean WHERE in place of WEHRE?

-- === GROUP without BY
SELECT count(*) AS n FROM S GROUP s;
--| 1:35 error: expected a clause or ;, found 's'
--|     hint: did you mean GROUP BY in place of GROUP?

-- === SELECT without FROM
SELECT a WHERE a > 5;
--| 1:10 error: expected a comma or FROM, found 'WHERE'
--|     hint: every query reads a stream: SELECT … FROM S

-- === INSERT without INTO
INSERT Out SELECT a, s FROM S;
--| 1:8 error: expected INTO after INSERT, found 'Out'
--|     hint: write INSERT INTO name SELECT …

-- === a definition without parentheses
CREATE STREAM X a INT, b STRING;
--| 1:17 error: expected ( and the columns, found 'a'
--|     hint: write CREATE STREAM X (column type, …)

-- === options without WITH
CREATE STREAM X (a INT) (type = 'internal');
--| 1:25 error: expected WITH (…) or ;, found '('
--|     hint: put WITH before (

-- === an option's value with dashes
CREATE STREAM X (a INT) WITH (type = internal, rabbitmq.queue = my-long.queue, b = 1);
--| 1:65 error: a value with dots or dashes must be a string
--|     hint: write 'my-long.queue'

-- === a text compared with a number
SELECT a FROM S WHERE s > 5;
--| 1:23 error: > can't compare STRING with LONG
--|     hint: write '5' to compare texts, or CAST the text to LONG

-- === a number compared with a text
SELECT a FROM S WHERE d = '5' OR d = 'five' OR d = s;
--| 1:23 error: = can't compare DOUBLE with STRING
--|     hint: numbers have no quotes: write 5
--| 1:34 error: = can't compare DOUBLE with STRING
--|     hint: CAST one side to the type of the other
--| 1:48 error: = can't compare DOUBLE with STRING
--|     hint: CAST one side to the type of the other

-- === a condition compared with a number
SELECT a FROM S WHERE ok = 1;
--| 1:23 error: = can't compare BOOL with LONG
--|     hint: BOOL compares with TRUE and FALSE; a condition also stands alone: WHERE ok

-- === a text in double quotes
SELECT a FROM S WHERE s = "high value";
--| 1:27 error: stream 'S' has no column 'high value'
--|     hint: a text stands in single quotes: 'high value'; columns are a, b, f, d, s, t, ok

-- === misspelt functions
SELECT cuont(*) AS x, uper(s) AS y FROM S;
--| 1:8 error: unknown function 'cuont'
--|     hint: did you mean 'count'?
--| 1:23 error: unknown function 'uper'
--|     hint: did you mean 'upper'?

-- === reserved words as columns
CREATE STREAM X (order INT, "from" STRING, group STRING);
SELECT order, from, group FROM X;
--| 2:15 error: expected an expression, found 'from'
--|     hint: put it in double quotes to use it as a name: "from"

-- === a window without parentheses
SELECT a FROM S WINDOW tumbling 5 minutes;
--| 1:33 error: expected ( after the window's name, found '5'
--|     hint: write WINDOW('tumbling', 5 MINUTES)

-- === a wrong unit
SELECT a FROM S WINDOW('tumbling', 5 minuts);
--| 1:38 error: unknown unit 'minuts'
--|     hint: did you mean MINUTES?

-- === operators of other languages
SELECT a FROM S WHERE a => 5;
SELECT a FROM S WHERE a =< 5;
SELECT a FROM S WHERE s == 'x' && ok;
SELECT a FROM S WHERE s IS 'x';
--| 1:25 error: the operator => is not SQL
--|     hint: write >=
--| 2:26 error: expected an expression, found '<'
--|     hint: write <=
--| 3:32 error: the operator && is not SQL
--|     hint: write AND
--| 4:28 error: expected NULL or NOT NULL after IS, found the string 'x'
--|     hint: values compare with = and !=

-- === a quote that is missing
CREATE STREAM X (a INT) WITH (type = 'source, extension = 'memory');
SELECT a FROM X;
--| 1:66 error: this string is never closed
--|     hint: add ' at its end, or look for one missing before it; inside, write it twice: 'it''s'

-- === a duration in an expression
SELECT a FROM S WHERE t > now() - 5 minutes;
--| 1:35 error: 5 minutes is a duration, which an expression has as an INTERVAL
--|     hint: write INTERVAL '5' MINUTES

-- === a duration that would be the name of its column
SELECT t + 5 SECONDS FROM S;
--| 1:12 error: 5 SECONDS is a duration, which an expression has as an INTERVAL
--|     hint: write INTERVAL '5' SECONDS

-- === a column that is called like a unit
SELECT 5 AS seconds, a AS s FROM S;
--| inferred OutputStream (seconds LONG NOT NULL, s INT)
--| query_1: S -> OutputStream
--|     Project seconds LONG = 5, s INT = a

-- === another name of a percentile
SELECT percentile(b, 95) AS p FROM S;
--| 1:8 error: unknown function 'percentile'
--|     hint: write percentile_cont(x, 0.95)

-- === the row before
SELECT a - lag(a) AS d FROM S;
--| 1:12 error: unknown function 'lag'
--|     hint: write first(x) over WINDOW('length', 2), which holds the row before
