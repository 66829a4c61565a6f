-- === MySQL: backslash escapes
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WHERE id = 'it\'s';
--| program.sql:2:40: error: this string is never closed
--|     2 | SELECT id FROM Orders WHERE id = 'it\'s';
--|       |                                        ^
--|   hint: add ' at its end, or look for one missing before it; inside, write it twice: 'it''s'

-- === MySQL: LIMIT with an offset
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders LIMIT 10, 20;
--| program.sql:2:31: error: LIMIT takes one number
--|     2 | SELECT id FROM Orders LIMIT 10, 20;
--|       |                               ^
--|   hint: write LIMIT 20 OFFSET 10

-- === MySQL: AUTO_INCREMENT
CREATE TABLE Orders (id INT AUTO_INCREMENT PRIMARY KEY, amount DOUBLE);
--| program.sql:1:8: error: CREATE TABLE is not supported yet
--|     1 | CREATE TABLE Orders (id INT AUTO_INCREMENT PRIMARY KEY, amount DOUBLE);
--|       |        ^
--|   hint: tables are planned for a later version; today all data is in streams: CREATE STREAM

-- === MySQL: IF()
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, IF(amount, 'big', 'small') AS size FROM Orders;
--| program.sql:2:15: error: the first argument of IF is a condition (BOOL), but amount is DOUBLE
--|     2 | SELECT id, IF(amount, 'big', 'small') AS size FROM Orders;
--|       |               ^
--|   hint: compare it: … != 0

-- === MySQL: && and ||
CREATE STREAM Orders (id STRING, amount DOUBLE, urgent BOOL);
SELECT id FROM Orders WHERE amount > 100 && urgent;
--| program.sql:2:42: error: the operator && is not SQL
--|     2 | SELECT id FROM Orders WHERE amount > 100 && urgent;
--|       |                                          ^
--|   hint: write AND

-- === MySQL: a comment with a hash
CREATE STREAM Orders (id STRING);
# all of them
SELECT id FROM Orders;
--| program.sql:2:1: error: '#' does not start a statement
--|     2 | # all of them
--|       | ^
--|   hint: a comment begins with --

-- === MySQL: INSERT … VALUES
CREATE STREAM Orders (id STRING, amount DOUBLE);
INSERT INTO Orders VALUES ('A-1', 5.0);
--| program.sql:2:20: error: INSERT … VALUES is not supported yet
--|     2 | INSERT INTO Orders VALUES ('A-1', 5.0);
--|       |                    ^
--|   hint: send rows with app.input(…).send(…)

-- === MySQL: UNSIGNED
CREATE STREAM Orders (id STRING, count INT UNSIGNED);
--| program.sql:1:44: error: UNSIGNED after a type means nothing here
--|     1 | CREATE STREAM Orders (id STRING, count INT UNSIGNED);
--|       |                                            ^
--|   hint: remove it

-- === PostgreSQL: a cast with colons
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, amount::int AS whole FROM Orders WHERE amount::text = '5';
--| program.sql:2:18: error: the cast :: is not supported yet
--|     2 | SELECT id, amount::int AS whole FROM Orders WHERE amount::text = '5';
--|       |                  ^
--|   hint: write CAST(x AS type)
--| program.sql:2:57: error: the cast :: is not supported yet
--|     2 | SELECT id, amount::int AS whole FROM Orders WHERE amount::text = '5';
--|       |                                                         ^
--|   hint: write CAST(x AS type)

-- === PostgreSQL: SERIAL
CREATE STREAM Orders (id SERIAL, amount DOUBLE);
--| program.sql:1:26: error: unknown type 'SERIAL'
--|     1 | CREATE STREAM Orders (id SERIAL, amount DOUBLE);
--|       |                          ^
--|   hint: did you mean DECIMAL?

-- === PostgreSQL: DISTINCT ON
CREATE STREAM Orders (id STRING, customer STRING);
SELECT DISTINCT ON (customer) customer, id FROM Orders;
--| program.sql:2:8: error: DISTINCT ON is not part of this language
--|     2 | SELECT DISTINCT ON (customer) customer, id FROM Orders;
--|       |        ^
--|   hint: over a window, GROUP BY the columns gives the last row of each group

-- === PostgreSQL: a regular expression
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WHERE id ~ '^A-[0-9]+$';
--| program.sql:2:32: error: the operator ~ is not SQL
--|     2 | SELECT id FROM Orders WHERE id ~ '^A-[0-9]+$';
--|       |                                ^
--|   hint: write LIKE

-- === PostgreSQL: RETURNING
CREATE STREAM Orders (id STRING);
CREATE STREAM Copies (id STRING);
INSERT INTO Copies SELECT id FROM Orders RETURNING id;
--| program.sql:3:52: error: expected a clause or ;, found 'id'
--|     3 | INSERT INTO Copies SELECT id FROM Orders RETURNING id;
--|       |                                                    ^
--|   hint: RETURNING was read as another name of Orders

-- === SQL Server: GETDATE()
CREATE STREAM Orders (id STRING, placed LONG);
SELECT id FROM Orders WHERE placed > GETDATE() - INTERVAL '5 minutes';
--| program.sql:2:38: error: unknown function 'GETDATE'
--|     2 | SELECT id FROM Orders WHERE placed > GETDATE() - INTERVAL '5 minutes';
--|       |                                      ^
--|   hint: write now()

-- === PostgreSQL: an array
CREATE STREAM Orders (id STRING, tags TEXT[]);
--| program.sql:1:43: error: expected , or ), found '['
--|     1 | CREATE STREAM Orders (id STRING, tags TEXT[]);
--|       |                                           ^

-- === PostgreSQL: CREATE OR REPLACE
CREATE OR REPLACE STREAM Orders (id STRING);
--| program.sql:1:8: error: CREATE OR REPLACE is not part of this language
--|     1 | CREATE OR REPLACE STREAM Orders (id STRING);
--|       |        ^
--|   hint: write CREATE alone

-- === PostgreSQL: a schema before the name
CREATE STREAM Orders (id STRING);
SELECT id FROM public.Orders;
--| program.sql:2:22: error: a stream's name has one part
--|     2 | SELECT id FROM public.Orders;
--|       |                      ^
--|   hint: quote it if it holds a dot: "public.Orders"

-- === PostgreSQL: EXISTS
CREATE STREAM Orders (id STRING);
CREATE STREAM Payments (id STRING);
SELECT id FROM Orders WHERE EXISTS (SELECT 1 FROM Payments WHERE Payments.id = Orders.id);
--| program.sql:3:29: error: a subquery in an expression would read the whole of an endless stream
--|     3 | SELECT id FROM Orders WHERE EXISTS (SELECT 1 FROM Payments WHERE Payments.id = Orders.id);
--|       |                             ^
--|   hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version

-- === PostgreSQL: IN with a query
CREATE STREAM Orders (id STRING);
CREATE STREAM Payments (id STRING);
SELECT id FROM Orders WHERE id IN (SELECT id FROM Payments);
--| program.sql:3:36: error: a subquery in an expression would read the whole of an endless stream
--|     3 | SELECT id FROM Orders WHERE id IN (SELECT id FROM Payments);
--|       |                                    ^
--|   hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version

-- === PostgreSQL: a transaction
BEGIN;
CREATE STREAM Orders (id STRING);
COMMIT;
--| program.sql:1:1: error: BEGIN is not part of this language
--|     1 | BEGIN;
--|       | ^
--|   hint: there are no transactions
--| program.sql:3:1: error: COMMIT is not part of this language
--|     3 | COMMIT;
--|       | ^
--|   hint: there are no transactions

-- === SQL Server: TOP
CREATE STREAM Orders (id STRING);
SELECT TOP 10 id FROM Orders;
--| program.sql:2:8: error: SELECT TOP is not part of this language
--|     2 | SELECT TOP 10 id FROM Orders;
--|       |        ^
--|   hint: write LIMIT 10 at the end of the query

-- === SQL Server: names in brackets
CREATE STREAM Orders (id STRING);
SELECT [id] FROM [Orders];
--| program.sql:2:8: error: a list in brackets needs ARRAY before it
--|     2 | SELECT [id] FROM [Orders];
--|       |        ^
--|   hint: write ARRAY[1, 2]; after IN: x IN (1, 2)
--| program.sql:2:18: error: expected the name of a stream, found '['
--|     2 | SELECT [id] FROM [Orders];
--|       |                  ^

-- === SQL Server: a variable
CREATE STREAM Orders (id STRING, amount DOUBLE);
DECLARE @limit INT = 5;
SELECT id FROM Orders WHERE amount > @limit;
--| program.sql:2:1: error: DECLARE is not part of this language
--|     2 | DECLARE @limit INT = 5;
--|       | ^
--|   hint: option values take variables of the environment: '${NAME}'
--| program.sql:3:38: error: @ means nothing here
--|     3 | SELECT id FROM Orders WHERE amount > @limit;
--|       |                                      ^
--|   hint: remove it

-- === SQL Server: ISNULL
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, ISNULL(amount, 0) AS amount FROM Orders;
--| program.sql:2:12: error: unknown function 'ISNULL'
--|     2 | SELECT id, ISNULL(amount, 0) AS amount FROM Orders;
--|       |            ^
--|   hint: write coalesce(a, b), or x IS NULL

-- === Oracle: NVL and VARCHAR2
CREATE STREAM Orders (id VARCHAR2(10), amount NUMBER);
SELECT NVL(id, '-') AS id FROM Orders;
--| program.sql:1:26: error: unknown type 'VARCHAR2'
--|     1 | CREATE STREAM Orders (id VARCHAR2(10), amount NUMBER);
--|       |                          ^
--|   hint: did you mean VARCHAR?
--| program.sql:1:47: error: unknown type 'NUMBER'
--|     1 | CREATE STREAM Orders (id VARCHAR2(10), amount NUMBER);
--|       |                                               ^
--|   hint: did you mean NUMERIC?

-- === Oracle: DUAL
SELECT 1 AS one FROM DUAL;
--| program.sql:1:22: error: unknown stream 'DUAL'
--|     1 | SELECT 1 AS one FROM DUAL;
--|       |                      ^
--|   hint: known: OutputStream

-- === DuckDB: EXCLUDE
CREATE STREAM Orders (id STRING, secret STRING);
SELECT * EXCLUDE (secret) FROM Orders;
--| program.sql:2:10: error: * EXCLUDE is not supported yet
--|     2 | SELECT * EXCLUDE (secret) FROM Orders;
--|       |          ^
--|   hint: name the columns

-- === DuckDB: reading a file
SELECT * FROM 'orders.csv';
--| program.sql:1:15: error: expected the name of a stream, found the string 'orders.csv'
--|     1 | SELECT * FROM 'orders.csv';
--|       |               ^
--|   hint: names stand bare or in double quotes; single quotes make a string

-- === ksqlDB: the options of a topic
CREATE STREAM Orders (id STRING KEY, amount DOUBLE) WITH (kafka_topic='orders', value_format='json');
--| program.sql:1:33: error: KEY after a type means nothing here
--|     1 | CREATE STREAM Orders (id STRING KEY, amount DOUBLE) WITH (kafka_topic='orders', value_format='json');
--|       |                                 ^
--|   hint: remove it
--| program.sql:1:59: error: stream 'Orders': unknown option 'kafka_topic'
--|     1 | CREATE STREAM Orders (id STRING KEY, amount DOUBLE) WITH (kafka_topic='orders', value_format='json');
--|       |                                                           ^
--|   hint: `eventflux connectors NAME` lists the options of a connector or format
--| program.sql:1:81: error: stream 'Orders': unknown option 'value_format'
--|     1 | CREATE STREAM Orders (id STRING KEY, amount DOUBLE) WITH (kafka_topic='orders', value_format='json');
--|       |                                                                                 ^
--|   hint: `eventflux connectors NAME` lists the options of a connector or format

-- === ksqlDB: CREATE STREAM … AS SELECT
CREATE STREAM Orders (id STRING, amount DOUBLE);
CREATE STREAM Large AS SELECT id FROM Orders WHERE amount > 5;
--| program.sql:2:21: error: CREATE STREAM … AS is not supported yet
--|     2 | CREATE STREAM Large AS SELECT id FROM Orders WHERE amount > 5;
--|       |                     ^
--|   hint: write INSERT INTO Large SELECT …

-- === ksqlDB: WINDOW TUMBLING
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, sum(amount) AS total FROM Orders WINDOW TUMBLING (SIZE 5 MINUTES) GROUP BY id;
--| program.sql:2:62: error: expected the window's size, found 'SIZE'
--|     2 | SELECT id, sum(amount) AS total FROM Orders WINDOW TUMBLING (SIZE 5 MINUTES) GROUP BY id;
--|       |                                                              ^
--|   hint: durations are 250 (ms), 5 SECONDS, 1 min 30 sec, INTERVAL '10' SECOND

-- === ksqlDB: PARTITION BY
CREATE STREAM Orders (id STRING, customer STRING);
SELECT id FROM Orders PARTITION BY customer;
--| program.sql:2:23: error: PARTITION BY is not supported yet
--|     2 | SELECT id FROM Orders PARTITION BY customer;
--|       |                       ^
--|   hint: group by the key

-- === ksqlDB: a struct
CREATE STREAM Orders (id STRING, address STRUCT<street STRING, city STRING>);
--| program.sql:1:42: error: the type STRUCT is not supported yet
--|     1 | CREATE STREAM Orders (id STRING, address STRUCT<street STRING, city STRING>);
--|       |                                          ^
--|   hint: use OBJECT, which holds any nested value
--| program.sql:1:75: error: expected , or ), found '>'
--|     1 | CREATE STREAM Orders (id STRING, address STRUCT<street STRING, city STRING>);
--|       |                                                                           ^

-- === ksqlDB: SHOW STREAMS
SHOW STREAMS;
--| program.sql:1:1: error: SHOW is not part of this language
--|     1 | SHOW STREAMS;
--|       | ^
--|   hint: `eventflux explain FILE` shows a program's streams and queries

-- === Flink: a table with connector options
CREATE TABLE Orders (id STRING, amount DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'orders');
--| program.sql:1:8: error: CREATE TABLE is not supported yet
--|     1 | CREATE TABLE Orders (id STRING, amount DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'orders');
--|       |        ^
--|   hint: tables are planned for a later version; today all data is in streams: CREATE STREAM

-- === Flink: a time-window function
CREATE STREAM Orders (id STRING, amount DOUBLE, placed LONG);
SELECT window_start, sum(amount) AS total
FROM TABLE(TUMBLE(TABLE Orders, DESCRIPTOR(placed), INTERVAL '5' MINUTES))
GROUP BY window_start;
--| program.sql:3:44: error: 'placed' is not the event time of 'Orders'
--|     3 | FROM TABLE(TUMBLE(TABLE Orders, DESCRIPTOR(placed), INTERVAL '5' MINUTES))
--|       |                                            ^
--|   hint: if a source fills Orders, declare WATERMARK FOR placed AS … there; otherwise write FROM Orders WINDOW(…), which goes by the time of its rows

-- === Flink: TUMBLE in GROUP BY
CREATE STREAM Orders (id STRING, amount DOUBLE, placed LONG);
SELECT sum(amount) AS total FROM Orders GROUP BY TUMBLE(placed, INTERVAL '5' MINUTE);
--| program.sql:2:50: error: unknown function 'TUMBLE'
--|     2 | SELECT sum(amount) AS total FROM Orders GROUP BY TUMBLE(placed, INTERVAL '5' MINUTE);
--|       |                                                  ^
--|   hint: write FROM S WINDOW('tumbling', 5 MINUTES)

-- === Flink: PROCTIME()
CREATE STREAM Orders (id STRING, ts AS PROCTIME());
--| program.sql:1:37: error: a column can't be computed here
--|     1 | CREATE STREAM Orders (id STRING, ts AS PROCTIME());
--|       |                                     ^
--|   hint: compute it in a query: SELECT …, x AS name

-- === Flink: a watermark over a text
CREATE STREAM Orders (id STRING, ts STRING, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);
--| program.sql:1:59: error: WATERMARK FOR needs a TIMESTAMP or LONG column, but 'ts' is STRING
--|     1 | CREATE STREAM Orders (id STRING, ts STRING, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);
--|       |                                                           ^
--|   hint: a LONG holds epoch milliseconds

-- === Flink: LATERAL TABLE
CREATE STREAM Orders (id STRING, tags STRING);
SELECT id, tag FROM Orders, LATERAL TABLE(split(tags)) AS T(tag);
--| program.sql:2:27: error: a join with LATERAL or UNNEST is not part of this language
--|     2 | SELECT id, tag FROM Orders, LATERAL TABLE(split(tags)) AS T(tag);
--|       |                           ^
--|   hint: what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S

-- === Flink: EXECUTE STATEMENT SET
EXECUTE STATEMENT SET BEGIN
INSERT INTO A SELECT id FROM Orders;
END;
--| program.sql:1:1: error: EXECUTE is not part of this language
--|     1 | EXECUTE STATEMENT SET BEGIN
--|       | ^
--|   hint: each statement of a program runs by itself
--| program.sql:3:1: error: 'END' does not start a statement
--|     3 | END;
--|       | ^
--|   hint: statements start with CREATE, DEFINE, INSERT, SELECT, FROM, SET

-- === Siddhi: a filter in brackets
define stream Orders (id string, amount double);
from Orders[amount > 100] select id insert into Large;
--| program.sql:2:12: error: a filter in brackets is not supported yet
--|     2 | from Orders[amount > 100] select id insert into Large;
--|       |            ^
--|   hint: write WHERE

-- === Siddhi: a window of events
define stream Orders (id string, amount double);
from Orders#window.length(10 sec) select id, avg(amount) as mean insert into Means;
--| program.sql:2:30: error: expected , or ), found 'sec'
--|     2 | from Orders#window.length(10 sec) select id, avg(amount) as mean insert into Means;
--|       |                              ^

-- === Siddhi: an unknown window
define stream Orders (id string, amount double);
from Orders#window.tumblingg(5 min) select count() as n insert into Counts;
--| program.sql:2:20: error: unknown window 'tumblingg'
--|     2 | from Orders#window.tumblingg(5 min) select count() as n insert into Counts;
--|       |                    ^
--|   hint: did you mean tumbling?

-- === Siddhi: a pattern
define stream Orders (id string, amount double);
from every a=Orders[amount > 5] -> b=Orders[amount < 5] select a.id as x insert into Pairs;
--| program.sql:2:13: error: a pattern is not supported yet
--|     2 | from every a=Orders[amount > 5] -> b=Orders[amount < 5] select a.id as x insert into Pairs;
--|       |             ^
--|   hint: patterns are planned for a later version

-- === Siddhi: a partition
define stream Orders (id string, amount double);
partition with (id of Orders) begin from Orders select id insert into X; end;
--| program.sql:2:1: error: PARTITION is not supported yet
--|     2 | partition with (id of Orders) begin from Orders select id insert into X; end;
--|       | ^
--|   hint: group by the key: GROUP BY …

-- === Siddhi: an annotation
@sink(type='log', @map(fields='all'))
define stream Orders (id string, amount double);
--| program.sql:1:19: error: @map names no type
--|     1 | @sink(type='log', @map(fields='all'))
--|       |                   ^
--|   hint: @map(type = 'json')

-- === Siddhi: str:concat
define stream Orders (id string, amount double);
from Orders select str:concat(id, '-') as x insert into X;
--| program.sql:2:20: error: unknown function 'str:concat'
--|     2 | from Orders select str:concat(id, '-') as x insert into X;
--|       |                    ^
--|   hint: did you mean 'concat'?

-- === Spark: a comment on a column
CREATE STREAM Orders (id STRING COMMENT 'the key', amount DOUBLE);
--| program.sql:1:33: error: COMMENT is not part of this language
--|     1 | CREATE STREAM Orders (id STRING COMMENT 'the key', amount DOUBLE);
--|       |                                 ^
--|   hint: write -- comment

-- === Spark: USING
CREATE TABLE Orders (id STRING) USING parquet;
--| program.sql:1:8: error: CREATE TABLE is not supported yet
--|     1 | CREATE TABLE Orders (id STRING) USING parquet;
--|       |        ^
--|   hint: tables are planned for a later version; today all data is in streams: CREATE STREAM

-- === BigQuery: INT64 and FLOAT64
CREATE STREAM Orders (id INT64, amount FLOAT64);
--| program.sql:1:26: error: unknown type 'INT64'
--|     1 | CREATE STREAM Orders (id INT64, amount FLOAT64);
--|       |                          ^
--|   hint: did you mean INT4?
--| program.sql:1:40: error: unknown type 'FLOAT64'
--|     1 | CREATE STREAM Orders (id INT64, amount FLOAT64);
--|       |                                        ^
--|   hint: did you mean FLOAT?

-- === BigQuery: QUALIFY
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders QUALIFY row_number() OVER (PARTITION BY id) = 1;
--| program.sql:2:23: error: QUALIFY has no meaning over an endless stream
--|     2 | SELECT id FROM Orders QUALIFY row_number() OVER (PARTITION BY id) = 1;
--|       |                       ^
--|   hint: filter in a second query that reads this one's stream

-- === a window function
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, sum(amount) OVER (PARTITION BY id ORDER BY amount) AS running FROM Orders;
--| program.sql:2:24: error: OVER (…) has no meaning over an endless stream
--|     2 | SELECT id, sum(amount) OVER (PARTITION BY id ORDER BY amount) AS running FROM Orders;
--|       |                        ^
--|   hint: use a window: FROM S WINDOW('tumbling', 5 MINUTES) … GROUP BY …

-- === a join
CREATE STREAM Orders (id STRING, amount DOUBLE);
CREATE STREAM Payments (id STRING, paid DOUBLE);
SELECT o.id, p.paid FROM Orders o JOIN Payments p ON o.id = p.id;
--| program.sql:3:35: error: JOIN is not supported yet
--|     3 | SELECT o.id, p.paid FROM Orders o JOIN Payments p ON o.id = p.id;
--|       |                                   ^
--|   hint: joins are planned for a later version; today each query reads one stream, and several may write into one

-- === two streams with a comma
CREATE STREAM Orders (id STRING, amount DOUBLE);
CREATE STREAM Payments (id STRING, paid DOUBLE);
SELECT Orders.id FROM Orders, Payments WHERE Orders.id = Payments.id;
--| program.sql:3:29: error: reading several streams at once (a join) is not supported yet
--|     3 | SELECT Orders.id FROM Orders, Payments WHERE Orders.id = Payments.id;
--|       |                             ^
--|   hint: joins are planned for a later version; today each query reads one stream, and several may write into one

-- === INTERSECT
CREATE STREAM A (id STRING);
CREATE STREAM B (id STRING);
SELECT id FROM A INTERSECT SELECT id FROM B;
--| program.sql:3:18: error: INTERSECT has no meaning over endless streams
--|     3 | SELECT id FROM A INTERSECT SELECT id FROM B;
--|       |                  ^
--|   hint: filter with WHERE … AND …

-- === UNION without ALL
CREATE STREAM A (id STRING);
CREATE STREAM B (id STRING);
SELECT id FROM A UNION SELECT id FROM B;
--| program.sql:3:18: error: UNION without ALL would have to remember every row of an endless stream
--|     3 | SELECT id FROM A UNION SELECT id FROM B;
--|       |                  ^
--|   hint: write UNION ALL

-- === UPDATE of a stream
CREATE STREAM Orders (id STRING, amount DOUBLE);
UPDATE Orders SET amount = 0 WHERE id = 'A';
--| program.sql:2:1: error: UPDATE (tables) is not supported yet
--|     2 | UPDATE Orders SET amount = 0 WHERE id = 'A';
--|       | ^
--|   hint: tables are planned for a later version; today all data is in streams

-- === DELETE from a stream
CREATE STREAM Orders (id STRING, amount DOUBLE);
DELETE FROM Orders WHERE amount < 0;
--| program.sql:2:1: error: DELETE (tables) is not supported yet
--|     2 | DELETE FROM Orders WHERE amount < 0;
--|       | ^
--|   hint: tables are planned for a later version; today all data is in streams

-- === DROP
CREATE STREAM Orders (id STRING);
DROP STREAM Orders;
--| program.sql:2:1: error: DROP is not part of this language
--|     2 | DROP STREAM Orders;
--|       | ^
--|   hint: an app's definitions last as long as it runs

-- === ALTER
CREATE STREAM Orders (id STRING);
ALTER STREAM Orders ADD COLUMN amount DOUBLE;
--| program.sql:2:1: error: ALTER is not part of this language
--|     2 | ALTER STREAM Orders ADD COLUMN amount DOUBLE;
--|       | ^
--|   hint: change the definition itself

-- === GRANT
GRANT SELECT ON Orders TO alice;
--| program.sql:1:1: error: GRANT is not part of this language
--|     1 | GRANT SELECT ON Orders TO alice;
--|       | ^
--|   hint: who may read and write is settled at the broker

-- === USE and a database
USE shop;
--| program.sql:1:1: error: USE is not part of this language
--|     1 | USE shop;
--|       | ^
--|   hint: a program has its own streams and no databases

-- === Python in place of SQL
import eventflux
app = eventflux.EventFluxManager()
--| program.sql:1:1: error: 'import' does not start a statement
--|     1 | import eventflux
--|       | ^
--|   hint: statements start with CREATE, DEFINE, INSERT, SELECT, FROM, SET

-- === a shell command in place of SQL
eventflux run orders.sql
--| program.sql:1:1: error: 'eventflux' does not start a statement
--|     1 | eventflux run orders.sql
--|       | ^
--|   hint: statements start with CREATE, DEFINE, INSERT, SELECT, FROM, SET

-- === JSON in place of SQL
{"streams": [{"name": "Orders", "type": "source"}]}
--| program.sql:1:1: error: '{' does not start a statement
--|     1 | {"streams": [{"name": "Orders", "type": "source"}]}
--|       | ^
--|   hint: statements start with CREATE, DEFINE, INSERT, SELECT, FROM, SET

-- === YAML in place of SQL
streams:
  - name: Orders
--| program.sql:1:1: error: 'streams' does not start a statement
--|     1 | streams:
--|       | ^
--|   hint: statements start with CREATE, DEFINE, INSERT, SELECT, FROM, SET

-- === a subquery that is LATERAL
CREATE STREAM Orders (id STRING);
SELECT id FROM LATERAL (SELECT id FROM Orders);
--| program.sql:2:16: error: LATERAL (…) is not supported yet
--|     2 | SELECT id FROM LATERAL (SELECT id FROM Orders);
--|       |                ^
--|   hint: write FROM (SELECT …) AS name

-- === Flink, Trino, BigQuery: CROSS JOIN UNNEST
CREATE STREAM Posts (id INT, tags OBJECT);
SELECT id, tag FROM Posts CROSS JOIN UNNEST(tags) AS t (tag);
--| program.sql:2:27: error: a join with LATERAL or UNNEST is not part of this language
--|     2 | SELECT id, tag FROM Posts CROSS JOIN UNNEST(tags) AS t (tag);
--|       |                           ^
--|   hint: what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S

-- === PostgreSQL: UNNEST behind a comma
CREATE STREAM Posts (id INT, tags OBJECT);
SELECT p.id, tag FROM Posts AS p, UNNEST(p.tags) AS tag;
--| program.sql:2:33: error: a join with LATERAL or UNNEST is not part of this language
--|     2 | SELECT p.id, tag FROM Posts AS p, UNNEST(p.tags) AS tag;
--|       |                                 ^
--|   hint: what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S

-- === Spark: explode
CREATE STREAM Posts (id INT, tags OBJECT);
SELECT id, explode(tags) AS tag FROM Posts;
--| program.sql:2:12: error: unknown function 'explode'
--|     2 | SELECT id, explode(tags) AS tag FROM Posts;
--|       |            ^
--|   hint: write UNNEST(list)

-- === Spark: LATERAL VIEW
CREATE STREAM Posts (id INT, tags OBJECT);
SELECT id, tag FROM Posts LATERAL VIEW explode(tags) t AS tag;
--| program.sql:2:27: error: a join with LATERAL or UNNEST is not part of this language
--|     2 | SELECT id, tag FROM Posts LATERAL VIEW explode(tags) t AS tag;
--|       |                           ^
--|   hint: what gives several rows stands in the select list: SELECT id, UNNEST(tags) AS tag FROM S

-- === PostgreSQL: UNNEST in GROUP BY
CREATE STREAM Posts (id INT, tags OBJECT);
SELECT UNNEST(tags) AS tag, count(*) AS n FROM Posts GROUP BY tag;
--| program.sql:2:8: error: UNNEST makes several rows of one, and its query has GROUP BY
--|     2 | SELECT UNNEST(tags) AS tag, count(*) AS n FROM Posts GROUP BY tag;
--|       |        ^
--|   hint: put it into a subquery: FROM (SELECT UNNEST(…) AS element FROM …), with the rest around it
--| program.sql:2:63: error: unnest(tags) is OBJECT, which can't be grouped by
--|     2 | SELECT UNNEST(tags) AS tag, count(*) AS n FROM Posts GROUP BY tag;
--|       |                                                               ^
--|   hint: write GROUP BY CAST(unnest(tags) AS STRING), or a value in it

-- === PostgreSQL: generate_series
CREATE STREAM Posts (id INT, n INT);
SELECT id, generate_series(1, n) AS i FROM Posts;
--| program.sql:2:12: error: unknown function 'generate_series'
--|     2 | SELECT id, generate_series(1, n) AS i FROM Posts;
--|       |            ^
--|   hint: a Python generator gives several rows: CREATE FUNCTION … RETURNS SETOF INT

-- === aggregates by other names
CREATE STREAM Orders (id STRING, amount DOUBLE, paid BOOL);
SELECT group_concat(id) AS ids, any_value(id) AS one, max_by(id, amount) AS top,
  countif(paid) AS n FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:8: error: unknown function 'group_concat'
--|     2 | SELECT group_concat(id) AS ids, any_value(id) AS one, max_by(id, amount) AS top,
--|       |        ^
--|   hint: write string_agg(x, ',')
--| program.sql:2:33: error: unknown function 'any_value'
--|     2 | SELECT group_concat(id) AS ids, any_value(id) AS one, max_by(id, amount) AS top,
--|       |                                 ^
--|   hint: write first(x)
--| program.sql:2:55: error: unknown function 'max_by'
--|     2 | SELECT group_concat(id) AS ids, any_value(id) AS one, max_by(id, amount) AS top,
--|       |                                                       ^
--|   hint: write first(x ORDER BY y DESC)
--| program.sql:3:3: error: unknown function 'countif'
--|     3 |   countif(paid) AS n FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |   ^
--|   hint: write count(*) FILTER (WHERE condition)

-- === MySQL: GROUP_CONCAT with SEPARATOR
CREATE STREAM Orders (x STRING, y STRING);
SELECT y, group_concat(x SEPARATOR ',') AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--| program.sql:2:26: error: SEPARATOR is not supported yet
--|     2 | SELECT y, group_concat(x SEPARATOR ',') AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--|       |                          ^
--|   hint: write string_agg(x, ',')

-- === MySQL: count(DISTINCT) of several columns
CREATE STREAM Orders (x STRING, y STRING);
SELECT y, count(DISTINCT x, y) AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--| program.sql:2:11: error: count takes one argument, not 2
--|     2 | SELECT y, count(DISTINCT x, y) AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--|       |           ^
--|   hint: make one value of them: count(DISTINCT concat_ws('|', a, b))

-- === Snowflake: IGNORE NULLS
CREATE STREAM Orders (x STRING, y STRING);
SELECT y, first(x) IGNORE NULLS AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--| program.sql:2:20: error: IGNORE NULLS is not supported yet
--|     2 | SELECT y, first(x) IGNORE NULLS AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--|       |                    ^
--|   hint: leave it out: aggregates skip NULL

-- === Flink: RESPECT NULLS
CREATE STREAM Orders (x STRING, y STRING);
SELECT y, last(x) RESPECT NULLS AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--| program.sql:2:19: error: RESPECT NULLS is not supported yet
--|     2 | SELECT y, last(x) RESPECT NULLS AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--|       |                   ^
--|   hint: aggregates skip NULL: write first(coalesce(x, 0))

-- === PostgreSQL: count(ALL …)
CREATE STREAM Orders (x STRING, y STRING);
SELECT y, count(ALL x) AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--| program.sql:2:17: error: ALL before a value is not supported yet
--|     2 | SELECT y, count(ALL x) AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--|       |                 ^
--|   hint: leave it out: count(x) counts all values

-- === PostgreSQL: OVER a named window
CREATE STREAM Orders (x STRING, y STRING);
SELECT y, first(x) OVER w AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--| program.sql:2:20: error: OVER (…) has no meaning over an endless stream
--|     2 | SELECT y, first(x) OVER w AS z FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY y;
--|       |                    ^
--|   hint: use a window: FROM S WINDOW('tumbling', 5 MINUTES) … GROUP BY …
