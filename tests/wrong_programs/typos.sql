-- === CREAT in place of CREATE
CREAT STREAM Orders (id STRING, amount DOUBLE);
--| program.sql:1:1: error: 'CREAT' does not start a statement
--|     1 | CREAT STREAM Orders (id STRING, amount DOUBLE);
--|       | ^
--|   hint: did you mean CREATE?

-- === STREAMS in place of STREAM
CREATE STREAMS Orders (id STRING, amount DOUBLE);
--| program.sql:1:8: error: expected STREAM, found 'STREAMS'
--|     1 | CREATE STREAMS Orders (id STRING, amount DOUBLE);
--|       |        ^
--|   hint: did you mean STREAM?

-- === no kind of thing after CREATE
CREATE Orders (id STRING, amount DOUBLE);
--| program.sql:1:8: error: expected STREAM, found 'Orders'
--|     1 | CREATE Orders (id STRING, amount DOUBLE);
--|       |        ^
--|   hint: write CREATE STREAM name (columns)

-- === a column without a type
CREATE STREAM Orders (id, amount DOUBLE);
SELECT id FROM Orders;
--| program.sql:1:25: error: the column id has no type
--|     1 | CREATE STREAM Orders (id, amount DOUBLE);
--|       |                         ^
--|   hint: write id STRING

-- === a type before its column
CREATE STREAM Orders (STRING id, DOUBLE amount);
--| program.sql:1:30: error: unknown type 'id'
--|     1 | CREATE STREAM Orders (STRING id, DOUBLE amount);
--|       |                              ^
--|   hint: the name stands before the type: write id STRING
--| program.sql:1:41: error: unknown type 'amount'
--|     1 | CREATE STREAM Orders (STRING id, DOUBLE amount);
--|       |                                         ^
--|   hint: the name stands before the type: write amount DOUBLE

-- === a misspelt type
CREATE STREAM Orders (id SRTING, amount DOUBEL);
--| program.sql:1:26: error: unknown type 'SRTING'
--|     1 | CREATE STREAM Orders (id SRTING, amount DOUBEL);
--|       |                          ^
--|   hint: did you mean STRING?
--| program.sql:1:41: error: unknown type 'DOUBEL'
--|     1 | CREATE STREAM Orders (id SRTING, amount DOUBEL);
--|       |                                         ^
--|   hint: did you mean DOUBLE?

-- === a comma after the last column
CREATE STREAM Orders (
  id STRING,
  amount DOUBLE,
);
--| program.sql:4:1: error: expected another column, found ')'
--|     4 | );
--|       | ^
--|   hint: remove the comma before )

-- === no comma between two columns
CREATE STREAM Orders (id STRING amount DOUBLE);
--| program.sql:1:33: error: expected , or ), found 'amount'
--|     1 | CREATE STREAM Orders (id STRING amount DOUBLE);
--|       |                                 ^
--|   hint: put a comma before amount

-- === a colon between column and type
CREATE STREAM Orders (id: STRING, amount: DOUBLE);
--| program.sql:1:25: error: expected a type, found ':'
--|     1 | CREATE STREAM Orders (id: STRING, amount: DOUBLE);
--|       |                         ^
--|   hint: remove the colon
--| program.sql:1:41: error: expected a type, found ':'
--|     1 | CREATE STREAM Orders (id: STRING, amount: DOUBLE);
--|       |                                         ^
--|   hint: remove the colon

-- === columns in brackets
CREATE STREAM Orders [id STRING, amount DOUBLE];
--| program.sql:1:22: error: expected ( and the columns, found '['
--|     1 | CREATE STREAM Orders [id STRING, amount DOUBLE];
--|       |                      ^
--|   hint: write CREATE STREAM Orders (column type, …)

-- === the parenthesis of the columns is never closed
CREATE STREAM Orders (id STRING, amount DOUBLE
WITH (type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'orders');
--| program.sql:2:1: error: expected , or ), found 'WITH'
--|     2 | WITH (type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'orders');
--|       | ^
--|   hint: close the columns with )

-- === WTIH in place of WITH
CREATE STREAM Orders (id STRING) WTIH (type = 'internal');
--| program.sql:1:34: error: expected WITH (…) or ;, found 'WTIH'
--|     1 | CREATE STREAM Orders (id STRING) WTIH (type = 'internal');
--|       |                                  ^
--|   hint: did you mean WITH in place of WTIH?

-- === options between braces
CREATE STREAM Orders (id STRING) WITH {type = 'internal'};
--| program.sql:1:39: error: expected ( after WITH, found '{'
--|     1 | CREATE STREAM Orders (id STRING) WITH {type = 'internal'};
--|       |                                       ^
--|   hint: write WITH (key = 'value', …)

-- === a colon between option and value
CREATE STREAM Orders (id STRING) WITH (type: 'internal');
--| program.sql:1:44: error: expected = after type, found ':'
--|     1 | CREATE STREAM Orders (id STRING) WITH (type: 'internal');
--|       |                                            ^
--|   hint: write type = 'value'

-- === no comma between two options
CREATE STREAM Orders (id STRING) WITH (
  type = 'source'
  extension = 'memory', format = 'json', "memory.channel" = 'orders'
);
--| program.sql:3:3: error: expected , or ), found 'extension'
--|     3 |   extension = 'memory', format = 'json', "memory.channel" = 'orders'
--|       |   ^
--|   hint: put a comma before extension

-- === a comma after the last option
CREATE STREAM Orders (id STRING) WITH (type = 'internal',);
--| program.sql:1:58: error: expected another option, found ')'
--|     1 | CREATE STREAM Orders (id STRING) WITH (type = 'internal',);
--|       |                                                          ^
--|   hint: remove the comma before )

-- === a key without its value
CREATE STREAM Orders (id STRING) WITH (type = , extension = 'memory');
--| program.sql:1:47: error: expected a value: 'text', a number, TRUE, FALSE, NULL or a word, found ','
--|     1 | CREATE STREAM Orders (id STRING) WITH (type = , extension = 'memory');
--|       |                                               ^

-- === a misspelt option of every stream
CREATE STREAM Orders (id STRING) WITH (
  typ = 'source', extension = 'memory', format = 'json', "memory.channel" = 'orders'
);
--| program.sql:2:19: error: Orders has 'extension' but is neither source nor sink
--|     2 |   typ = 'source', extension = 'memory', format = 'json', "memory.channel" = 'orders'
--|       |                   ^
--|   hint: did you mean 'type' in place of 'typ'?

-- === a misspelt role
CREATE STREAM Orders (id STRING) WITH (
  type = 'soruce', extension = 'memory', format = 'json', "memory.channel" = 'orders'
);
--| program.sql:2:10: error: the type of Orders is 'source', 'sink' or 'internal', not 'soruce'
--|     2 |   type = 'soruce', extension = 'memory', format = 'json', "memory.channel" = 'orders'
--|       |          ^
--|   hint: did you mean 'source'?

-- === SELCT in place of SELECT
CREATE STREAM Orders (id STRING);
INSERT INTO Copies SELCT id FROM Orders;
--| program.sql:2:20: error: expected SELECT, found 'SELCT'
--|     2 | INSERT INTO Copies SELCT id FROM Orders;
--|       |                    ^
--|   hint: did you mean SELECT?

-- === FORM in place of FROM
CREATE STREAM Orders (id STRING);
SELECT id FORM Orders;
--| program.sql:2:16: error: expected a comma or FROM, found 'Orders'
--|     2 | SELECT id FORM Orders;
--|       |                ^
--|   hint: did you mean FROM in place of FORM?

-- === WHRE in place of WHERE
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHRE amount > 5;
--| program.sql:2:28: error: expected a clause or ;, found 'amount'
--|     2 | SELECT id FROM Orders WHRE amount > 5;
--|       |                            ^
--|   hint: did you mean WHERE in place of WHRE?

-- === INSERT INTO without a name
CREATE STREAM Orders (id STRING);
INSERT INTO SELECT id FROM Orders;
--| program.sql:2:13: error: expected the name of a stream, found 'SELECT'
--|     2 | INSERT INTO SELECT id FROM Orders;
--|       |             ^
--|   hint: write INSERT INTO name SELECT …

-- === INSRT in place of INSERT
CREATE STREAM Orders (id STRING);
INSRT INTO Copies SELECT id FROM Orders;
--| program.sql:2:1: error: 'INSRT' does not start a statement
--|     2 | INSRT INTO Copies SELECT id FROM Orders;
--|       | ^
--|   hint: did you mean INSERT?

-- === a misspelt stream
CREATE STREAM Orders (id STRING);
SELECT id FROM Order;
--| program.sql:2:16: error: unknown stream 'Order'
--|     2 | SELECT id FROM Order;
--|       |                ^
--|   hint: did you mean 'Orders'?

-- === a stream's name in another case
CREATE STREAM Orders (id STRING);
SELECT id FROM orders;
--| program.sql:2:16: error: unknown stream 'orders'
--|     2 | SELECT id FROM orders;
--|       |                ^
--|   hint: did you mean 'Orders'?

-- === a misspelt column
CREATE STREAM Orders (order_id STRING, amount DOUBLE);
SELECT oder_id, amuont * 2 AS twice FROM Orders WHERE amout > 5;
--| program.sql:2:8: error: stream 'Orders' has no column 'oder_id'
--|     2 | SELECT oder_id, amuont * 2 AS twice FROM Orders WHERE amout > 5;
--|       |        ^
--|   hint: did you mean 'order_id'?
--| program.sql:2:17: error: stream 'Orders' has no column 'amuont'
--|     2 | SELECT oder_id, amuont * 2 AS twice FROM Orders WHERE amout > 5;
--|       |                 ^
--|   hint: did you mean 'amount'?
--| program.sql:2:55: error: stream 'Orders' has no column 'amout'
--|     2 | SELECT oder_id, amuont * 2 AS twice FROM Orders WHERE amout > 5;
--|       |                                                       ^
--|   hint: did you mean 'amount'?

-- === a column's name in another case
CREATE STREAM Orders (orderId STRING, amount DOUBLE);
SELECT orderid FROM Orders;
--| program.sql:2:8: error: stream 'Orders' has no column 'orderid'
--|     2 | SELECT orderid FROM Orders;
--|       |        ^
--|   hint: did you mean 'orderId'?

-- === a column of another stream
CREATE STREAM Orders (id STRING);
CREATE STREAM Payments (iban STRING);
SELECT id, Payments.iban FROM Orders;
--| program.sql:3:12: error: 'Payments' is not the stream of this query
--|     3 | SELECT id, Payments.iban FROM Orders;
--|       |            ^
--|   hint: known: Orders

-- === an alias that is not there
CREATE STREAM Orders (id STRING);
SELECT o.id FROM Orders;
--| program.sql:2:8: error: 'o' is not the stream of this query
--|     2 | SELECT o.id FROM Orders;
--|       |        ^
--|   hint: known: Orders

-- === a quote that is never closed
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WHERE id = 'A-1;
--| program.sql:2:34: error: this string is never closed
--|     2 | SELECT id FROM Orders WHERE id = 'A-1;
--|       |                                  ^
--|   hint: add ' at its end, or look for one missing before it; inside, write it twice: 'it''s'

-- === an apostrophe inside a text
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WHERE id = 'it's mine';
--| program.sql:2:44: error: this string is never closed
--|     2 | SELECT id FROM Orders WHERE id = 'it's mine';
--|       |                                            ^
--|   hint: add ' at its end, or look for one missing before it; inside, write it twice: 'it''s'

-- === a typographer's quotes
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WHERE id = ‘A-1’;
--| program.sql:2:34: error: the character ‘ means nothing here
--|     2 | SELECT id FROM Orders WHERE id = ‘A-1’;
--|       |                                  ^
--|   hint: write straight quotes: 'text'
--| program.sql:2:38: error: the character ’ means nothing here
--|     2 | SELECT id FROM Orders WHERE id = ‘A-1’;
--|       |                                      ^
--|   hint: write straight quotes: 'text'

-- === a text in double quotes
CREATE STREAM Orders (id STRING, status STRING);
SELECT id FROM Orders WHERE status = "open";
--| program.sql:2:38: error: stream 'Orders' has no column 'open'
--|     2 | SELECT id FROM Orders WHERE status = "open";
--|       |                                      ^
--|   hint: a text stands in single quotes: 'open'; columns are id, status

-- === a comment that is never closed
CREATE STREAM Orders (id STRING);
/* the interesting ones
SELECT id FROM Orders;
--| program.sql:2:1: error: this comment is never closed
--|     2 | /* the interesting ones
--|       | ^
--|   hint: add */

-- === a parenthesis that is never closed
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE (amount > 5 AND (amount < 10);
--| program.sql:2:58: error: expected an operator or ), found the end of the statement
--|     2 | SELECT id FROM Orders WHERE (amount > 5 AND (amount < 10);
--|       |                                                          ^
--|   hint: the ( at line 2, column 29 is not closed

-- === a parenthesis too many
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE (amount > 5));
--| program.sql:2:41: error: expected a clause or ;, found ')'
--|     2 | SELECT id FROM Orders WHERE (amount > 5));
--|       |                                         ^
--|   hint: remove it, or add the ( that it closes

-- === no semicolon between two statements
CREATE STREAM Orders (id STRING)
SELECT id FROM Orders;
--| program.sql:2:1: error: expected ;, found 'SELECT'
--|     2 | SELECT id FROM Orders;
--|       | ^
--|   hint: end the statement before SELECT with ;

-- === a comma before FROM
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, amount, FROM Orders;
--| program.sql:2:20: error: expected an expression, found 'FROM'
--|     2 | SELECT id, amount, FROM Orders;
--|       |                    ^
--|   hint: remove the comma before FROM

-- === a select list without commas
CREATE STREAM Orders (id STRING, amount DOUBLE, status STRING);
SELECT id amount status FROM Orders;
--| program.sql:2:18: error: expected a comma or FROM, found 'status'
--|     2 | SELECT id amount status FROM Orders;
--|       |                  ^
--|   hint: put a comma before status, if it is a column

-- === nothing selected
CREATE STREAM Orders (id STRING);
SELECT FROM Orders;
--| program.sql:2:8: error: expected an expression, found 'FROM'
--|     2 | SELECT FROM Orders;
--|       |        ^
--|   hint: name columns, or write * for all of them

-- === WHERE twice
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount > 5 WHERE amount < 10;
--| program.sql:2:46: error: a second WHERE
--|     2 | SELECT id FROM Orders WHERE amount > 5 WHERE amount < 10;
--|       |                                              ^
--|   hint: join the conditions with AND

-- === WHERE before FROM
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id WHERE amount > 5 FROM Orders;
--| program.sql:2:11: error: expected a comma or FROM, found 'WHERE'
--|     2 | SELECT id WHERE amount > 5 FROM Orders;
--|       |           ^
--|   hint: every query reads a stream: SELECT … FROM S

-- === a condition that stops half way
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount >;
--| program.sql:2:37: error: expected an expression, found the end of the statement
--|     2 | SELECT id FROM Orders WHERE amount >;
--|       |                                     ^

-- === CASE without END
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, CASE WHEN amount > 100 THEN 'big' ELSE 'small' AS size FROM Orders;
--| program.sql:2:59: error: expected END of the CASE at line 2, column 12, found 'AS'
--|     2 | SELECT id, CASE WHEN amount > 100 THEN 'big' ELSE 'small' AS size FROM Orders;
--|       |                                                           ^

-- === CASE without THEN
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, CASE WHEN amount > 100 'big' END AS size FROM Orders;
--| program.sql:2:35: error: expected THEN, found the string 'big'
--|     2 | SELECT id, CASE WHEN amount > 100 'big' END AS size FROM Orders;
--|       |                                   ^

-- === ELSEIF
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, CASE WHEN amount > 100 THEN 'big' ELSEIF amount > 10 THEN 'mid' END AS size FROM Orders;
--| program.sql:2:46: error: expected END of the CASE at line 2, column 12, found 'ELSEIF'
--|     2 | SELECT id, CASE WHEN amount > 100 THEN 'big' ELSEIF amount > 10 THEN 'mid' END AS size FROM Orders;
--|       |                                              ^
--|   hint: write WHEN condition THEN value for each further case

-- === BETWEEN with a comma
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount BETWEEN 5, 10;
--| program.sql:2:45: error: expected AND between the bounds of BETWEEN, found ','
--|     2 | SELECT id FROM Orders WHERE amount BETWEEN 5, 10;
--|       |                                             ^
--|   hint: write x BETWEEN 1 AND 10

-- === IN without parentheses
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE id IN 'a', 'b';
--| program.sql:2:35: error: expected ( after IN, found the string 'a'
--|     2 | SELECT id FROM Orders WHERE id IN 'a', 'b';
--|       |                                   ^
--|   hint: write a list of values: x IN (1, 2, 3)

-- === a number with a decimal comma
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount > 1.000,50;
--| program.sql:2:43: error: expected a clause or ;, found ','
--|     2 | SELECT id FROM Orders WHERE amount > 1.000,50;
--|       |                                           ^
--|   hint: conditions are joined by AND; numbers have a point: 1.5

-- === a number with its unit
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE amount > 50EUR;
--| program.sql:2:38: error: '50EUR' is not a number
--|     2 | SELECT id FROM Orders WHERE amount > 50EUR;
--|       |                                      ^
--|   hint: write 12, 1.5 or 1.5e-3; a text stands in single quotes

-- === a name that begins with a digit
CREATE STREAM 2024Orders (id STRING);
--| program.sql:1:15: error: expected the name of a stream, found '2024'
--|     1 | CREATE STREAM 2024Orders (id STRING);
--|       |               ^
--|   hint: a name begins with a letter or _, or stands in double quotes

-- === a name with a dash
CREATE STREAM raw-orders (id STRING);
--| program.sql:1:18: error: expected ( and the columns, found '-'
--|     1 | CREATE STREAM raw-orders (id STRING);
--|       |                  ^
--|   hint: put the whole name in double quotes: "raw-orders"

-- === a reserved word as a name
CREATE STREAM Select (id STRING);
--| program.sql:1:15: error: expected the name of a stream, found the keyword SELECT
--|     1 | CREATE STREAM Select (id STRING);
--|       |               ^
--|   hint: put it in double quotes to use it as a name: "Select"
