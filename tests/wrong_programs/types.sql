-- === a text compared with a number
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE id > 5;
--| program.sql:2:29: error: > can't compare STRING with LONG
--|     2 | SELECT id FROM Orders WHERE id > 5;
--|       |                             ^
--|   hint: write '5' to compare texts, or CAST the text to LONG

-- === a number compared with a text
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount > '50';
--| program.sql:2:29: error: > can't compare DOUBLE with STRING
--|     2 | SELECT id FROM Orders WHERE amount > '50';
--|       |                             ^
--|   hint: numbers have no quotes: write 50

-- === a condition compared with a number
CREATE STREAM Orders (id STRING, paid BOOL);
SELECT id FROM Orders WHERE paid = 1;
--| program.sql:2:29: error: = can't compare BOOL with LONG
--|     2 | SELECT id FROM Orders WHERE paid = 1;
--|       |                             ^
--|   hint: BOOL compares with TRUE and FALSE; a condition also stands alone: WHERE ok

-- === a condition compared with a text
CREATE STREAM Orders (id STRING, paid BOOL);
SELECT id FROM Orders WHERE paid = 'true';
--| program.sql:2:29: error: = can't compare BOOL with STRING
--|     2 | SELECT id FROM Orders WHERE paid = 'true';
--|       |                             ^
--|   hint: BOOL compares with TRUE and FALSE; a condition also stands alone: WHERE ok

-- === a number as a condition
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount;
--| program.sql:2:29: error: WHERE needs a condition (BOOL), but amount is DOUBLE
--|     2 | SELECT id FROM Orders WHERE amount;
--|       |                             ^
--|   hint: compare it: … != 0

-- === a text as a condition
CREATE STREAM Orders (id STRING, status STRING);
SELECT id FROM Orders WHERE status AND id = 'A';
--| program.sql:2:29: error: AND needs conditions (BOOL), but status is STRING
--|     2 | SELECT id FROM Orders WHERE status AND id = 'A';
--|       |                             ^
--|   hint: compare it: … = 'value'

-- === two texts added
CREATE STREAM Orders (first STRING, last STRING);
SELECT first + ' ' + last AS name FROM Orders;
--| program.sql:2:8: error: + needs numbers, but first is STRING
--|     2 | SELECT first + ' ' + last AS name FROM Orders;
--|       |        ^
--|   hint: texts are joined by ||: a || b
--| program.sql:2:22: error: + needs numbers, but last is STRING
--|     2 | SELECT first + ' ' + last AS name FROM Orders;
--|       |                      ^
--|   hint: texts are joined by ||: a || b

-- === a text and a number added
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id + amount AS x FROM Orders;
--| program.sql:2:8: error: + needs numbers, but id is STRING
--|     2 | SELECT id + amount AS x FROM Orders;
--|       |        ^
--|   hint: CAST it to a number

-- === the sum of texts
CREATE STREAM Orders (id STRING, amount STRING);
SELECT sum(amount) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:8: error: sum needs numbers, but amount is STRING
--|     2 | SELECT sum(amount) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |        ^
--|   hint: write CAST(amount AS DOUBLE)

-- === an average of conditions
CREATE STREAM Orders (id STRING, paid BOOL);
SELECT avg(paid) AS share FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:8: error: avg needs numbers, but paid is BOOL
--|     2 | SELECT avg(paid) AS share FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |        ^
--|   hint: count with sum(CASE WHEN paid THEN 1 ELSE 0 END)

-- === the negative of a text
CREATE STREAM Orders (id STRING);
SELECT -id AS x FROM Orders;
--| program.sql:2:9: error: - needs a number, but id is STRING
--|     2 | SELECT -id AS x FROM Orders;
--|       |         ^

-- === NOT of a number
CREATE STREAM Orders (id STRING, amount INT);
SELECT id FROM Orders WHERE NOT amount;
--| program.sql:2:33: error: NOT needs a condition (BOOL), but amount is INT
--|     2 | SELECT id FROM Orders WHERE NOT amount;
--|       |                                 ^
--|   hint: compare it: … != 0

-- === LIKE on a number
CREATE STREAM Orders (id LONG);
SELECT id FROM Orders WHERE id LIKE '4%';
--| program.sql:2:29: error: LIKE needs texts, but id is LONG
--|     2 | SELECT id FROM Orders WHERE id LIKE '4%';
--|       |                             ^
--|   hint: write CAST(id AS STRING)

-- === LIKE with an asterisk
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WHERE id LIKE *;
--| program.sql:2:37: error: * can only stand for all columns, or in count(*)
--|     2 | SELECT id FROM Orders WHERE id LIKE *;
--|       |                                     ^
--|   hint: name a column

-- === branches of several types
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT CASE WHEN amount > 5 THEN amount ELSE 'none' END AS x FROM Orders;
--| program.sql:2:34: error: the results of CASE mix DOUBLE and STRING
--|     2 | SELECT CASE WHEN amount > 5 THEN amount ELSE 'none' END AS x FROM Orders;
--|       |                                  ^
--|   hint: CAST them

-- === coalesce of several types
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT coalesce(amount, 'none') AS x FROM Orders;
--| program.sql:2:8: error: the arguments of coalesce mix DOUBLE and STRING
--|     2 | SELECT coalesce(amount, 'none') AS x FROM Orders;
--|       |        ^
--|   hint: CAST them

-- === IN with values of another type
CREATE STREAM Orders (id STRING, amount INT);
SELECT id FROM Orders WHERE amount IN ('1', '2');
--| program.sql:2:29: error: IN can't compare INT with STRING
--|     2 | SELECT id FROM Orders WHERE amount IN ('1', '2');
--|       |                             ^
--|   hint: numbers have no quotes: write 1

-- === BETWEEN with texts
CREATE STREAM Orders (id STRING, amount INT);
SELECT id FROM Orders WHERE amount BETWEEN 'a' AND 'z';
--| program.sql:2:29: error: BETWEEN can't compare INT with STRING
--|     2 | SELECT id FROM Orders WHERE amount BETWEEN 'a' AND 'z';
--|       |                             ^
--|   hint: CAST one side to the type of the other

-- === a misspelt type in CAST
CREATE STREAM Orders (id STRING);
SELECT CAST(id AS INTEGR) AS x FROM Orders;
--| program.sql:2:19: error: unknown type 'INTEGR'
--|     2 | SELECT CAST(id AS INTEGR) AS x FROM Orders;
--|       |                   ^
--|   hint: did you mean INTEGER?

-- === CAST with a comma
CREATE STREAM Orders (id STRING);
SELECT CAST(id, INT) AS x FROM Orders;
--| program.sql:2:17: error: the type in a call of cast is a text
--|     2 | SELECT CAST(id, INT) AS x FROM Orders;
--|       |                 ^
--|   hint: write CAST(x AS INT), or cast(x, 'INT')

-- === CONVERT
CREATE STREAM Orders (id STRING);
SELECT CONVERT(id, INT) AS x FROM Orders;
--| program.sql:2:20: error: the type in a call of CONVERT is a text
--|     2 | SELECT CONVERT(id, INT) AS x FROM Orders;
--|       |                    ^
--|   hint: write CAST(x AS INT), or CONVERT(x, 'INT')

-- === IS with a value
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WHERE id IS 'A';
--| program.sql:2:35: error: expected NULL or NOT NULL after IS, found the string 'A'
--|     2 | SELECT id FROM Orders WHERE id IS 'A';
--|       |                                   ^
--|   hint: values compare with = and !=

-- === ! in place of NOT
CREATE STREAM Orders (id STRING, paid BOOL);
SELECT id FROM Orders WHERE !paid;
--| program.sql:2:29: error: ! is not SQL
--|     2 | SELECT id FROM Orders WHERE !paid;
--|       |                             ^
--|   hint: write NOT

-- === three values in a row of comparisons
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE 5 < amount < 10;
--| program.sql:2:29: error: < can't compare BOOL with LONG
--|     2 | SELECT id FROM Orders WHERE 5 < amount < 10;
--|       |                             ^
--|   hint: write a < b AND b < c

-- === => in place of >=
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount => 10;
--| program.sql:2:36: error: the operator => is not SQL
--|     2 | SELECT id FROM Orders WHERE amount => 10;
--|       |                                    ^
--|   hint: write >=

-- === =< in place of <=
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount =< 10;
--| program.sql:2:37: error: expected an expression, found '<'
--|     2 | SELECT id FROM Orders WHERE amount =< 10;
--|       |                                     ^
--|   hint: write <=

-- === a power with a caret
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT amount ^ 2 AS x FROM Orders;
--| program.sql:2:15: error: the operator ^ is not SQL
--|     2 | SELECT amount ^ 2 AS x FROM Orders;
--|       |               ^
--|   hint: multiply: x * x

-- === a power with two asterisks
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT amount ** 2 AS x FROM Orders;
--| program.sql:2:16: error: expected an expression, found '*'
--|     2 | SELECT amount ** 2 AS x FROM Orders;
--|       |                ^
--|   hint: multiply: x * x

-- === a number that no LONG holds
CREATE STREAM Orders (id LONG);
SELECT id FROM Orders WHERE id = 99999999999999999999;
--| program.sql:2:34: error: 99999999999999999999 is too large for LONG
--|     2 | SELECT id FROM Orders WHERE id = 99999999999999999999;
--|       |                                  ^
--|   hint: write it with a point to make it a DOUBLE

-- === a literal that an INT column can't hold
CREATE STREAM Orders (id STRING);
CREATE STREAM Out (n INT);
INSERT INTO Out SELECT 3000000000 FROM Orders;
--| program.sql:3:24: error: 3000000000 does not fit column 'n' of 'Out', which is INT
--|     3 | INSERT INTO Out SELECT 3000000000 FROM Orders;
--|       |                        ^
--|   hint: INT holds -2147483648 to 2147483647

-- === a text into a number
CREATE STREAM Orders (id STRING);
CREATE STREAM Out (n INT);
INSERT INTO Out SELECT id FROM Orders;
--| program.sql:3:24: error: column 'n' of 'Out' is INT, but id is STRING
--|     3 | INSERT INTO Out SELECT id FROM Orders;
--|       |                        ^
--|   hint: write CAST(… AS INT) where NULL for what can't be converted will do

-- === a number into a text
CREATE STREAM Orders (n INT);
CREATE STREAM Out (id STRING);
INSERT INTO Out SELECT n FROM Orders;
--| program.sql:3:24: error: column 'id' of 'Out' is STRING, but n is INT
--|     3 | INSERT INTO Out SELECT n FROM Orders;
--|       |                        ^
--|   hint: write CAST(… AS STRING)

-- === columns in another order
CREATE STREAM Orders (id STRING, amount DOUBLE);
CREATE STREAM Out (id STRING, amount DOUBLE);
INSERT INTO Out SELECT amount, id FROM Orders;
--| program.sql:3:24: error: column 'id' of 'Out' is STRING, but amount is DOUBLE
--|     3 | INSERT INTO Out SELECT amount, id FROM Orders;
--|       |                        ^
--|   hint: write CAST(… AS STRING)
--| program.sql:3:32: error: column 'amount' of 'Out' is DOUBLE, but id is STRING
--|     3 | INSERT INTO Out SELECT amount, id FROM Orders;
--|       |                                ^
--|   hint: write CAST(… AS DOUBLE) where NULL for what can't be converted will do

-- === too few columns
CREATE STREAM Orders (id STRING, amount DOUBLE);
CREATE STREAM Out (id STRING, amount DOUBLE, status STRING);
INSERT INTO Out SELECT id, amount FROM Orders;
--| program.sql:3:17: error: this query selects 2 columns, but 'Out' has 3 columns
--|     3 | INSERT INTO Out SELECT id, amount FROM Orders;
--|       |                 ^
--|   hint: Out is (id STRING, amount DOUBLE, status STRING)

-- === too many columns
CREATE STREAM Orders (id STRING, amount DOUBLE);
CREATE STREAM Out (id STRING);
INSERT INTO Out SELECT * FROM Orders;
--| program.sql:3:17: error: this query selects 2 columns, but 'Out' has 1 column
--|     3 | INSERT INTO Out SELECT * FROM Orders;
--|       |                 ^
--|   hint: Out is (id STRING)

-- === an unknown function
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT tax(amount) AS x FROM Orders;
--| program.sql:2:8: error: unknown function 'tax'
--|     2 | SELECT tax(amount) AS x FROM Orders;
--|       |        ^
--|   hint: did you mean 'tan'?

-- === a misspelt aggregate
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT cuont(*) AS n, summ(amount) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:8: error: unknown function 'cuont'
--|     2 | SELECT cuont(*) AS n, summ(amount) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |        ^
--|   hint: did you mean 'count'?
--| program.sql:2:23: error: unknown function 'summ'
--|     2 | SELECT cuont(*) AS n, summ(amount) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |                       ^
--|   hint: did you mean 'sum'?

-- === an aggregate without its argument
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT sum() AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:8: error: sum takes one argument, not 0
--|     2 | SELECT sum() AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |        ^

-- === an aggregate with two arguments
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT sum(amount, id) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:8: error: sum takes one argument, not 2
--|     2 | SELECT sum(amount, id) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |        ^

-- === a star in an aggregate that has none
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT sum(*) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:8: error: sum(*) has no meaning
--|     2 | SELECT sum(*) AS total FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |        ^
--|   hint: only count(*) takes *

-- === coalesce of nothing
CREATE STREAM Orders (id STRING);
SELECT coalesce() AS x FROM Orders;
--| program.sql:2:8: error: coalesce takes at least one argument, not 0
--|     2 | SELECT coalesce() AS x FROM Orders;
--|       |        ^
--|   hint: it is coalesce(x, …)

-- === a column that would hold an interval
CREATE STREAM Orders (id STRING, waited INTERVAL);
--| program.sql:1:41: error: the type INTERVAL is not supported yet
--|     1 | CREATE STREAM Orders (id STRING, waited INTERVAL);
--|       |                                         ^
--|   hint: keep milliseconds in a LONG: a TIMESTAMP plus a LONG is one

-- === a column without a type, told of once, with OUTPUT behind it
CREATE STREAM S (k STRING, items ARRAY<INT>);
INSERT INTO T SELECT * FROM S GROUP BY k, k || 'x' OUTPUT LAST EVERY 2 EVENTS;
--| program.sql:1:34: error: the type ARRAY is not supported yet
--|     1 | CREATE STREAM S (k STRING, items ARRAY<INT>);
--|       |                                  ^
--|   hint: use OBJECT, which holds any nested value
