-- === a string that is never closed
SELECT 'abc FROM S;
--| 1:8 error: this string is never closed
--|     hint: add ' at its end, or look for one missing before it; inside, write it twice: 'it''s'

-- === a quoted name that is never closed
SELECT "abc FROM S;
--| 1:8 error: this quoted name is not closed on its line
--|     hint: add "

-- === a back-quoted name that is never closed
SELECT `abc FROM S;
--| 1:8 error: this quoted name is not closed on its line
--|     hint: add `

-- === a comment that is never closed
SELECT a FROM S; /* and so on
--| 1:18 error: this comment is never closed
--|     hint: add */

-- === an inner comment closes itself only
SELECT a FROM S; /* one /* two */ still one
--| 1:18 error: this comment is never closed
--|     hint: add */

-- === an empty quoted name
SELECT "" FROM S;
--| 1:8 error: a quoted name can't be empty

-- === a character that means nothing
SELECT a € b FROM S;
--| 1:10 error: the character € means nothing here
--|     hint: outside of 'strings' and "quoted names" only letters, digits, _ and operators stand

-- === a no-break space
SELECT a FROM S;
--| 1:7 error: the character U+00A0 means nothing here
--|     hint: outside of 'strings' and "quoted names" only letters, digits, _ and operators stand

-- === hexadecimal
SELECT 0xFF AS x FROM S;
--| 1:8 error: '0xFF' is not a number
--|     hint: write 12, 1.5 or 1.5e-3

-- === a number with a unit
SELECT 5min AS x FROM S;
--| 1:8 error: '5min' is not a number
--|     hint: write 12, 1.5 or 1.5e-3

-- === digits in groups
SELECT 1_000 AS x FROM S;
--| 1:8 error: '1_000' is not a number
--|     hint: write 12, 1.5 or 1.5e-3

-- === a dollar body
SELECT $$ a; b $$ AS x FROM S;
--| 1:8 error: $$ … $$ can't stand here
--|     hint: write a string in single quotes

-- === a variable outside of WITH
SELECT ${NAME} AS x FROM S;
--| 1:8 error: $ means nothing here
--|     hint: ${NAME} is replaced in WITH values only

-- === strings next to each other
SELECT 'a' 'b' FROM S;
--| 1:12 error: expected a comma or FROM, found the string 'b'

-- === a double-quoted text is a name
SELECT a FROM S WHERE s = "high";
--| 1:27 error: stream 'S' has no column 'high'
--|     hint: a text stands in single quotes: 'high'; columns are a, b, f, d, s, t, ok

-- === a backslash escapes nothing
SELECT 'it\'s' AS x FROM S;
--| 1:14 error: this string is never closed
--|     hint: add ' at its end, or look for one missing before it; inside, write it twice: 'it''s'

-- === lexical forms of strings and names
SELECT 'it''s' AS "a b", `s`, "x""y".t AS `x y`, '' AS empty, '-- no comment' AS c, '/*' AS d FROM S AS `x"y`;
--| inferred OutputStream (a b STRING NOT NULL, s STRING, x y STRING NOT NULL, empty STRING NOT NULL, c STRING NOT NULL, d STRING NOT NULL)
--| query_1: S -> OutputStream
--|     Project "a b" STRING = 'it''s', s STRING = s, "x y" STRING = t, empty STRING = '', c STRING = '-- no comment', d STRING = '/*'

-- === a column's name with a double quote
SELECT a AS "a ""b""" FROM S;
--| 1:13 error: a column's name can't hold a double quote
--|     hint: rename the column: letters, digits and _ do

-- === declared columns that no row can hold
CREATE STREAM X ("a""b" INT, `a\b` INT, "a	b" INT);
SELECT nope FROM X;
--| 1:18 error: a column's name can't hold a double quote
--|     hint: rename the column: letters, digits and _ do
--| 1:30 error: a column's name can't hold a backslash
--|     hint: rename the column: letters, digits and _ do
--| 1:41 error: a column's name can't hold the control character U+0009
--|     hint: rename the column: letters, digits and _ do
--| 2:8 error: stream 'X' has no column 'nope'
--|     hint: known: a	b, a"b, a\b

-- === lexical forms of numbers
SELECT 12 AS a, 1.5 AS b, 1e5 AS c, 1.5e-3 AS d, .5 AS e, 5. AS f, 007 AS g FROM S;
--| inferred OutputStream (a LONG NOT NULL, b DOUBLE NOT NULL, c DOUBLE NOT NULL, d DOUBLE NOT NULL, e DOUBLE NOT NULL, f DOUBLE NOT NULL, g LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project a LONG = 12, b DOUBLE = 1.5, c DOUBLE = 100000.0, d DOUBLE = 0.0015, e DOUBLE = 0.5, f DOUBLE = 5.0, g LONG = 7

-- === comments stand anywhere
SELECT /* one */ a -- two
  , b /* three /* nested */ */ FROM -- four
  S;
--| inferred OutputStream (a INT, b LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project a INT = a, b LONG = b

-- === keywords in any case
select a As X from S where Not ok Or a Is nOt NuLl;
--| inferred OutputStream (X INT)
--| query_1: S -> OutputStream
--|     Project X INT = a
--|     Filter NOT ok OR a IS NOT NULL

-- === words that are keywords elsewhere are plain names
CREATE STREAM Words (timestamp LONG, type STRING, value DOUBLE, key STRING, count LONG, group STRING,
  partition INT, first INT, last INT, user STRING, data STRING, offset LONG, status STRING,
  level INT, date STRING, time LONG, symbol STRING, id STRING, name STRING, window STRING, stream STRING,
  limit INT, interval INT, set INT, order STRING);
SELECT timestamp, type, value, key, count, group, partition, first, last, user, data, offset, status,
  level, date, time, symbol, id, name, window, stream, limit, interval, set, order
FROM Words WHERE group = key AND count > offset AND interval > 1
GROUP BY group, order, date;
--| internal Words (timestamp LONG, type STRING, value DOUBLE, key STRING, count LONG, group STRING, partition INT, first INT, last INT, user STRING, data STRING, offset LONG, status STRING, level INT, date STRING, time LONG, symbol STRING, id STRING, name STRING, window STRING, stream STRING, limit INT, interval INT, set INT, order STRING)
--| inferred OutputStream (timestamp LONG, type STRING, value DOUBLE, key STRING, count LONG, group STRING, partition INT, first INT, last INT, user STRING, data STRING, offset LONG, status STRING, level INT, date STRING, time LONG, symbol STRING, id STRING, name STRING, window STRING, stream STRING, limit INT, interval INT, set INT, order STRING)
--| query_1: Words -> OutputStream
--|     Project timestamp LONG = timestamp, type STRING = type, value DOUBLE = value, key STRING = key, count LONG = count, "group" STRING = "group", partition INT = partition, first INT = first, last INT = last, user STRING = user, data STRING = data, "offset" LONG = "offset", status STRING = status, level INT = level, date STRING = date, time LONG = time, symbol STRING = symbol, id STRING = id, name STRING = name, "window" STRING = "window", stream STRING = stream, "limit" INT = "limit", interval INT = interval, "set" INT = "set", "order" STRING = "order"
--|     Aggregate group by "group", "order", date
--|     Filter "group" = key AND count > "offset" AND interval > 1

-- === names keep their case
CREATE STREAM s (A INT, a INT);
SELECT A, a FROM s;
--| internal s (A INT, a INT)
--| inferred OutputStream (A INT, a INT)
--| query_1: s -> OutputStream
--|     Project A INT = A, a INT = a

-- === letters of any script
CREATE STREAM Größe (straße STRING, 数量 LONG);
SELECT straße, 数量 FROM Größe;
--| internal Größe (straße STRING, 数量 LONG)
--| inferred OutputStream (straße STRING, 数量 LONG)
--| query_1: Größe -> OutputStream
--|     Project "straße" STRING = "straße", "数量" LONG = "数量"

-- === characters that mean nothing
SELECT a €§€ b FROM S;
--| 1:10 error: the characters €, § mean nothing here
--|     hint: outside of 'strings' and "quoted names" only letters, digits, _ and operators stand
