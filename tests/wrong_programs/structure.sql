-- === a stream twice
CREATE STREAM Orders (id STRING);
CREATE STREAM Orders (id STRING, amount DOUBLE);
--| program.sql:2:15: error: stream 'Orders' is already defined at line 1, column 15
--|     2 | CREATE STREAM Orders (id STRING, amount DOUBLE);
--|       |               ^
--|   hint: rename or remove one

-- === a column twice
CREATE STREAM Orders (id STRING, amount DOUBLE, id LONG);
--| program.sql:1:49: error: Orders has two columns called 'id'
--|     1 | CREATE STREAM Orders (id STRING, amount DOUBLE, id LONG);
--|       |                                                 ^
--|   hint: rename or remove one

-- === no columns
CREATE STREAM Orders ();
--| program.sql:1:23: error: expected the first column, found ')'
--|     1 | CREATE STREAM Orders ();
--|       |                       ^
--|   hint: write at least one column

-- === an output name twice
CREATE STREAM Orders (id STRING, amount DOUBLE);
INSERT INTO Out SELECT id, amount AS id FROM Orders;
--| program.sql:2:28: error: two columns of this query are called 'id'
--|     2 | INSERT INTO Out SELECT id, amount AS id FROM Orders;
--|       |                            ^
--|   hint: name one with AS

-- === a stream that nobody fills or declares
CREATE STREAM Orders (id STRING);
INSERT INTO Large SELECT id FROM Ordered;
--| program.sql:2:34: error: unknown stream 'Ordered'
--|     2 | INSERT INTO Large SELECT id FROM Ordered;
--|       |                                  ^
--|   hint: did you mean 'Orders'?

-- === a stream that reads itself
CREATE STREAM Orders (id STRING);
INSERT INTO Orders SELECT id FROM Orders;
--| program.sql:2:13: error: these queries feed each other in a cycle: Orders -> Orders
--|     2 | INSERT INTO Orders SELECT id FROM Orders;
--|       |             ^
--|   hint: insert into another stream

-- === a circle of three
CREATE STREAM A (id STRING);
INSERT INTO B SELECT id FROM A;
INSERT INTO C SELECT id FROM B;
INSERT INTO A SELECT id FROM C;
--| program.sql:4:13: error: these queries feed each other in a cycle: A -> B -> C -> A
--|     4 | INSERT INTO A SELECT id FROM C;
--|       |             ^
--|   hint: insert into another stream

-- === an undeclared stream with two shapes
CREATE STREAM Orders (id STRING, amount DOUBLE);
INSERT INTO Out SELECT id FROM Orders;
INSERT INTO Out SELECT amount FROM Orders;
--| program.sql:3:1: error: this query gives 'Out' other columns than the one at line 2, column 1, which gives (id)
--|     3 | INSERT INTO Out SELECT amount FROM Orders;
--|       | ^
--|   hint: select the same names in the same order

-- === an undeclared stream of which nothing is known
INSERT INTO B SELECT x FROM A;
INSERT INTO A SELECT x FROM B;
--| program.sql:2:13: error: these queries feed each other in a cycle: A -> B -> A
--|     2 | INSERT INTO A SELECT x FROM B;
--|       |             ^
--|   hint: insert into another stream

-- === an aggregate in WHERE
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WHERE sum(amount) > 5;
--| program.sql:2:29: error: the aggregate sum can't stand in WHERE
--|     2 | SELECT id FROM Orders WHERE sum(amount) > 5;
--|       |                             ^
--|   hint: HAVING filters the results, behind GROUP BY

-- === an aggregate in an aggregate
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT max(sum(amount)) AS x FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:12: error: the aggregate sum can't stand in the argument of max
--|     2 | SELECT max(sum(amount)) AS x FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |            ^
--|   hint: aggregate in a query of its own, and read its stream in another

-- === an aggregate in GROUP BY
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders GROUP BY sum(amount);
--| program.sql:2:43: error: the aggregate sum can't stand in GROUP BY
--|     2 | SELECT count(*) AS n FROM Orders GROUP BY sum(amount);
--|       |                                           ^
--|   hint: aggregate in a query of its own, and read its stream in another

-- === GROUP BY a column that is not there
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders GROUP BY costumer;
--| program.sql:2:43: error: stream 'Orders' has no column 'costumer'
--|     2 | SELECT count(*) AS n FROM Orders GROUP BY costumer;
--|       |                                           ^
--|   hint: known: amount, id

-- === GROUP without BY
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, count(*) AS n FROM Orders GROUP id;
--| program.sql:2:44: error: expected a clause or ;, found 'id'
--|     2 | SELECT id, count(*) AS n FROM Orders GROUP id;
--|       |                                            ^
--|   hint: did you mean GROUP BY in place of GROUP?

-- === GROUP BY an ordinal that is not there
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, count(*) AS n FROM Orders GROUP BY 3;
--| program.sql:2:47: error: GROUP BY 3 names no column
--|     2 | SELECT id, count(*) AS n FROM Orders GROUP BY 3;
--|       |                                               ^
--|   hint: the list has 2

-- === a window without its size
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders WINDOW('tumbling');
--| program.sql:2:51: error: tumbling needs its size
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('tumbling');
--|       |                                                   ^
--|   hint: write tumbling(5 MINUTES)

-- === a window of nothing
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders WINDOW('tumbling', 0 SECONDS);
--| program.sql:2:53: error: the window's size must be at least 1 ms
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('tumbling', 0 SECONDS);
--|       |                                                     ^

-- === a window with a negative size
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders WINDOW('tumbling', -5 SECONDS);
--| program.sql:2:53: error: expected the window's size, found '-'
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('tumbling', -5 SECONDS);
--|       |                                                     ^
--|   hint: durations are 250 (ms), 5 SECONDS, 1 min 30 sec, INTERVAL '10' SECOND

-- === a window with a misspelt unit
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders WINDOW('tumbling', 5 MINTUES);
--| program.sql:2:55: error: unknown unit 'MINTUES'
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('tumbling', 5 MINTUES);
--|       |                                                       ^
--|   hint: did you mean MINUTES?

-- === a window of months
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders WINDOW('tumbling', 1 MONTH);
--| program.sql:2:55: error: MONTH has no fixed length
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('tumbling', 1 MONTH);
--|       |                                                       ^
--|   hint: use DAYS or WEEKS

-- === a misspelt window
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders WINDOW('tumling', 5 MINUTES);
--| program.sql:2:41: error: unknown window 'tumling'
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('tumling', 5 MINUTES);
--|       |                                         ^
--|   hint: did you mean tumbling?

-- === a window's name without quotes and parentheses
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders WINDOW tumbling 5 MINUTES;
--| program.sql:2:50: error: expected ( after the window's name, found '5'
--|     2 | SELECT count(*) AS n FROM Orders WINDOW tumbling 5 MINUTES;
--|       |                                                  ^
--|   hint: write WINDOW('tumbling', 5 MINUTES)

-- === a window after GROUP BY
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, count(*) AS n FROM Orders GROUP BY id WINDOW('tumbling', 5 MINUTES);
--| program.sql:2:50: error: expected a clause or ;, found 'WINDOW'
--|     2 | SELECT id, count(*) AS n FROM Orders GROUP BY id WINDOW('tumbling', 5 MINUTES);
--|       |                                                  ^
--|   hint: WHERE and the window stand after FROM, before GROUP BY

-- === two windows
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders WINDOW('tumbling', 5 MINUTES) WINDOW('tumbling', 1 HOUR);
--| program.sql:2:64: error: a stream can have one window
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('tumbling', 5 MINUTES) WINDOW('tumbling', 1 HOUR);
--|       |                                                                ^
--|   hint: put the second one into another query

-- === window_start over a window that slides
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT window_start() AS began, count(*) AS n FROM Orders WINDOW('length', 3);
--| program.sql:2:8: error: window_start() needs a window that closes
--|     2 | SELECT window_start() AS began, count(*) AS n FROM Orders WINDOW('length', 3);
--|       |        ^
--|   hint: FROM S WINDOW('tumbling', 5 MINUTES)

-- === window_start without a window
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT window_start() AS began FROM Orders;
--| program.sql:2:8: error: window_start() needs a window in the query
--|     2 | SELECT window_start() AS began FROM Orders;
--|       |        ^
--|   hint: FROM S WINDOW('tumbling', 5 MINUTES)

-- === a setting that is not there
SET app.nmae = 'orders';
CREATE STREAM Orders (id STRING);
--| program.sql:1:1: error: unknown setting 'app.nmae'
--|     1 | SET app.nmae = 'orders';
--|       | ^
--|   hint: did you mean 'app.name'?

-- === a setting with a wrong value
SET app.time = 'evnt';
CREATE STREAM Orders (id STRING);
--| program.sql:1:16: error: app.time is one of 'system', 'event', not 'evnt'
--|     1 | SET app.time = 'evnt';
--|       |                ^

-- === a duration beyond all times
SET state.ttl = '400000000000 days';
CREATE STREAM Orders (id STRING);
--| program.sql:1:17: error: state.ttl is a duration such as '30s', not '400000000000 days'
--|     1 | SET state.ttl = '400000000000 days';
--|       |                 ^
--|   hint: '400000000000 days' is too long for a duration

-- === a duration that is none
SET app.start.timeout = 'soon';
CREATE STREAM Orders (id STRING);
--| program.sql:1:25: error: app.start.timeout is a duration such as '30s', not 'soon'
--|     1 | SET app.start.timeout = 'soon';
--|       |                         ^
--|   hint: 'soon' is not a duration such as 250, '250ms', '2s' or '1 min 30 sec'

-- === a setting twice
SET app.name = 'a';
SET app.name = 'b';
CREATE STREAM Orders (id STRING);
--| program.sql:2:1: error: app.name is set twice
--|     2 | SET app.name = 'b';
--|       | ^

-- === event time from a column that is not there
SET app.time = 'event';
CREATE STREAM Orders (id STRING, placed LONG) WITH ("event.time" = 'place');
--| program.sql:2:68: error: 'event.time' names 'place', which is no column of Orders
--|     2 | CREATE STREAM Orders (id STRING, placed LONG) WITH ("event.time" = 'place');
--|       |                                                                    ^
--|   hint: did you mean 'placed'?

-- === event time from a text
SET app.time = 'event';
CREATE STREAM Orders (id STRING, placed STRING) WITH ("event.time" = 'placed');
--| program.sql:2:70: error: 'event.time' needs a TIMESTAMP, LONG or INT column, but 'placed' is STRING
--|     2 | CREATE STREAM Orders (id STRING, placed STRING) WITH ("event.time" = 'placed');
--|       |                                                                      ^
--|   hint: epoch milliseconds

-- === nested too deeply
CREATE STREAM Orders (a INT);
SELECT ((((((((((((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))))))))))))) AS x FROM Orders;
--| program.sql:2:49: error: this expression nests deeper than 40 levels
--|     2 | SELECT ((((((((((((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))))))))))))) AS x FROM Orders;
--|       |                                                 ^
--|   hint: compute parts of it in a query of their own

-- === several mistakes at once
CREATE STREAM Orders (id STRING, amount DOUBEL) WITH (type = 'internal', colour = 'red');
INSERT INTO Large SELECT id, amout FROM Orders WHERE amount > 'x';
INSERT INTO Small SELECT idd FROM Oders;
SELECT count(* AS n FROM Orders;
--| program.sql:1:41: error: unknown type 'DOUBEL'
--|     1 | CREATE STREAM Orders (id STRING, amount DOUBEL) WITH (type = 'internal', colour = 'red');
--|       |                                         ^
--|   hint: did you mean DOUBLE?
--| program.sql:1:74: error: stream 'Orders': unknown option 'colour'
--|     1 | CREATE STREAM Orders (id STRING, amount DOUBEL) WITH (type = 'internal', colour = 'red');
--|       |                                                                          ^
--|   hint: `eventflux connectors NAME` lists the options of a connector or format
--| program.sql:2:30: error: stream 'Orders' has no column 'amout'
--|     2 | INSERT INTO Large SELECT id, amout FROM Orders WHERE amount > 'x';
--|       |                              ^
--|   hint: did you mean 'amount'?
--| program.sql:3:35: error: unknown stream 'Oders'
--|     3 | INSERT INTO Small SELECT idd FROM Oders;
--|       |                                   ^
--|   hint: did you mean 'Orders'?
--| program.sql:4:14: error: * can only stand for all columns, or in count(*)
--|     4 | SELECT count(* AS n FROM Orders;
--|       |              ^
--|   hint: name a column

-- === UNION ALL of different columns
CREATE STREAM A (id STRING, n INT);
CREATE STREAM B (id STRING);
INSERT INTO Both SELECT id, n FROM A UNION ALL SELECT id FROM B;
--| program.sql:3:48: error: this query selects 1 column, but the first of UNION ALL 2 columns
--|     3 | INSERT INTO Both SELECT id, n FROM A UNION ALL SELECT id FROM B;
--|       |                                                ^
--|   hint: select NULL for what it has not

-- === UNION ALL of different types
CREATE STREAM A (id STRING);
CREATE STREAM B (id INT);
INSERT INTO Both SELECT id FROM A UNION ALL SELECT id FROM B;
--| program.sql:3:52: error: column 'id' of 'Both' is INT here and STRING in another query
--|     3 | INSERT INTO Both SELECT id FROM A UNION ALL SELECT id FROM B;
--|       |                                                    ^
--|   hint: CAST one of them, or declare the stream

-- === a view that reads itself
CREATE STREAM A (id STRING);
CREATE VIEW V AS SELECT id FROM V;
--| program.sql:2:13: error: these queries feed each other in a cycle: V -> V
--|     2 | CREATE VIEW V AS SELECT id FROM V;
--|       |             ^
--|   hint: insert into another stream

-- === a view's misspelt column
CREATE STREAM A (id STRING, amount DOUBLE);
CREATE VIEW Large AS SELECT id, amount AS total FROM A WHERE amount > 5;
SELECT id, amount FROM Large;
--| program.sql:3:12: error: stream 'Large' has no column 'amount'
--|     3 | SELECT id, amount FROM Large;
--|       |            ^
--|   hint: known: id, total

-- === an insert into a view
CREATE STREAM A (id STRING);
CREATE VIEW V AS SELECT id FROM A;
INSERT INTO V SELECT id FROM A;
--| program.sql:3:13: error: 'V' is a view: nothing can be inserted into it
--|     3 | INSERT INTO V SELECT id FROM A;
--|       |             ^
--|   hint: insert into another stream, or add to the view with UNION ALL

-- === a subquery without parentheses
CREATE STREAM A (id STRING);
SELECT id FROM SELECT id FROM A;
--| program.sql:2:16: error: expected the name of a stream, found 'SELECT'
--|     2 | SELECT id FROM SELECT id FROM A;
--|       |                ^
--|   hint: put a subquery in parentheses: (SELECT …) AS name

-- === WITH and no query
CREATE STREAM A (id STRING);
WITH Large AS (SELECT id FROM A);
--| program.sql:2:33: error: expected SELECT, found the end of the statement
--|     2 | WITH Large AS (SELECT id FROM A);
--|       |                                 ^

-- === a correlated subquery
CREATE STREAM A (id STRING, amount DOUBLE);
SELECT id, (SELECT max(amount) FROM A) AS most FROM A;
--| program.sql:2:13: error: a subquery in an expression would read the whole of an endless stream
--|     2 | SELECT id, (SELECT max(amount) FROM A) AS most FROM A;
--|       |             ^
--|   hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version

-- === a column list with an unknown column
CREATE STREAM A (id STRING, n INT);
CREATE STREAM Out (id STRING, n INT);
INSERT INTO Out (idd, n) SELECT id, n FROM A;
--| program.sql:3:18: error: stream 'Out' has no column 'idd'
--|     3 | INSERT INTO Out (idd, n) SELECT id, n FROM A;
--|       |                  ^
--|   hint: did you mean 'id'?

-- === a column list that leaves out what must be there
CREATE STREAM A (id STRING);
CREATE STREAM Out (id STRING, n INT NOT NULL);
INSERT INTO Out (id) SELECT id FROM A;
--| program.sql:3:18: error: column 'n' of 'Out' is NOT NULL, and this query gives it no value
--|     3 | INSERT INTO Out (id) SELECT id FROM A;
--|       |                  ^
--|   hint: list it: INSERT INTO Out (…, n)

-- === unknown METADATA
CREATE STREAM Orders (id STRING, key STRING METADATA FROM 'routing_kee') WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders'
);
--| program.sql:1:59: error: stream 'Orders': 'rabbitmq' knows no METADATA 'routing_kee'
--|     1 | CREATE STREAM Orders (id STRING, key STRING METADATA FROM 'routing_kee') WITH (
--|       |                                                           ^
--|   hint: did you mean 'routing_key'? it is one of routing_key, message_id, correlation_id, reply_to, content_type, content_encoding, type, app_id, priority, timestamp, expiration, headers, headers.*, exchange, user_id, redelivered, delivery_count

-- === METADATA of a stream without a connector
CREATE STREAM Orders (id STRING, key STRING METADATA FROM 'routing_key');
--| program.sql:1:59: error: Orders is neither source nor sink: its messages have no METADATA
--|     1 | CREATE STREAM Orders (id STRING, key STRING METADATA FROM 'routing_key');
--|       |                                                           ^
--|   hint: write key STRING for a column like the others

-- === the errors of a stream that is not there
CREATE STREAM Orders (id STRING);
SELECT errorMessage FROM Order.errors;
--| program.sql:2:26: error: unknown stream 'Order'
--|     2 | SELECT errorMessage FROM Order.errors;
--|       |                          ^
--|   hint: did you mean 'Orders'?

-- === the errors of a stream, misspelt
CREATE STREAM Orders (id STRING);
SELECT errorMessage FROM Orders.error;
--| program.sql:2:32: error: a stream's name has one part
--|     2 | SELECT errorMessage FROM Orders.error;
--|       |                                ^
--|   hint: did you mean Orders.errors?

-- === the begin of a window as a column
CREATE STREAM Orders (id STRING);
SELECT window_start AS start, count(*) AS n FROM Orders WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:8: error: stream 'Orders' has no column 'window_start'
--|     2 | SELECT window_start AS start, count(*) AS n FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |        ^
--|   hint: it is a function: window_start()

-- === a column that errors don't have
CREATE STREAM Orders (id STRING);
SELECT message FROM Orders.errors;
--| program.sql:2:8: error: stream 'Orders.errors' has no column 'message'
--|     2 | SELECT message FROM Orders.errors;
--|       |        ^
--|   hint: did you mean 'errorMessage'?

-- === options of a query that reads no stream
INSERT INTO Out SELECT id FROM Orders WITH ("error.strategy" = 'fail');
--| program.sql:1:32: error: unknown stream 'Orders'
--|     1 | INSERT INTO Out SELECT id FROM Orders WITH ("error.strategy" = 'fail');
--|       |                                ^
--|   hint: known: Out

-- === a trigger without AT
CREATE TRIGGER Tick EVERY 5 SECONDS;
--| program.sql:1:21: error: expected AT after Tick, found 'EVERY'
--|     1 | CREATE TRIGGER Tick EVERY 5 SECONDS;
--|       |                     ^
--|   hint: write AT START, AT EVERY 5 SECONDS or AT CRON '0 9 * * MON-FRI'

-- === a trigger at no time that there is
CREATE TRIGGER Tick AT BEGINNING;
--| program.sql:1:24: error: expected START, EVERY or CRON after AT, found 'BEGINNING'
--|     1 | CREATE TRIGGER Tick AT BEGINNING;
--|       |                        ^
--|   hint: write AT START, AT EVERY 5 SECONDS or AT CRON '0 9 * * MON-FRI'

-- === a trigger whose kind is misspelt
CREATE TRIGGER Tick AT EVRY 5 SECONDS;
--| program.sql:1:24: error: expected START, EVERY or CRON after AT, found 'EVRY'
--|     1 | CREATE TRIGGER Tick AT EVRY 5 SECONDS;
--|       |                        ^
--|   hint: did you mean EVERY?

-- === a trigger at months
CREATE TRIGGER Tick AT EVERY 2 MONTHS;
--| program.sql:1:32: error: MONTHS has no fixed length
--|     1 | CREATE TRIGGER Tick AT EVERY 2 MONTHS;
--|       |                                ^
--|   hint: use DAYS or WEEKS

-- === a trigger at years
CREATE TRIGGER Tick AT EVERY 1 YEAR;
--| program.sql:1:32: error: YEAR has no fixed length
--|     1 | CREATE TRIGGER Tick AT EVERY 1 YEAR;
--|       |                                ^
--|   hint: use DAYS or WEEKS

-- === a trigger in microseconds
CREATE TRIGGER Tick AT EVERY 5000 MICROSECONDS;
--| program.sql:1:35: error: a trigger can't go by MICROSECONDS: times are whole milliseconds
--|     1 | CREATE TRIGGER Tick AT EVERY 5000 MICROSECONDS;
--|       |                                   ^
--|   hint: write MILLISECONDS, or a longer unit

-- === a trigger at less than a millisecond
CREATE TRIGGER Tick AT EVERY 0.4 MILLISECONDS;
--| program.sql:1:30: error: the time between two rows of a trigger must be at least 1 ms
--|     1 | CREATE TRIGGER Tick AT EVERY 0.4 MILLISECONDS;
--|       |                              ^

-- === a trigger that never waits
CREATE TRIGGER Tick AT EVERY 0;
--| program.sql:1:30: error: the time between two rows of a trigger must be at least 1 ms
--|     1 | CREATE TRIGGER Tick AT EVERY 0;
--|       |                              ^

-- === a trigger at a text that is no time
CREATE TRIGGER Tick AT 'tomorrow';
--| program.sql:1:24: error: 'tomorrow' is no cron expression: it has 1 fields, not 5, 6 or 7
--|     1 | CREATE TRIGGER Tick AT 'tomorrow';
--|       |                        ^
--|   hint: minute hour day month weekday, with seconds before them and a year behind where they are needed: '0 9 * * MON-FRI'

-- === a trigger at a cron expression of four fields
CREATE TRIGGER Tick AT CRON '* * * *';
--| program.sql:1:29: error: '* * * *' is no cron expression: it has 4 fields, not 5, 6 or 7
--|     1 | CREATE TRIGGER Tick AT CRON '* * * *';
--|       |                             ^
--|   hint: minute hour day month weekday, with seconds before them and a year behind where they are needed: '0 9 * * MON-FRI'

-- === a cron expression without quotes
CREATE TRIGGER Tick AT CRON 0 9;
--| program.sql:1:29: error: expected a cron expression in single quotes, found '0'
--|     1 | CREATE TRIGGER Tick AT CRON 0 9;
--|       |                             ^
--|   hint: write AT START, AT EVERY 5 SECONDS or AT CRON '0 9 * * MON-FRI'

-- === a trigger of the name of a stream
CREATE STREAM Tick (v INT);
CREATE TRIGGER Tick AT START;
--| program.sql:2:16: error: stream 'Tick' is already defined at line 1, column 15
--|     2 | CREATE TRIGGER Tick AT START;
--|       |                ^
--|   hint: rename or remove one

-- === a stream of the name of a trigger
CREATE TRIGGER Tick AT START;
CREATE STREAM IF NOT EXISTS Tick (v INT);
--| program.sql:2:29: error: trigger 'Tick' is already defined at line 1, column 16
--|     2 | CREATE STREAM IF NOT EXISTS Tick (v INT);
--|       |                             ^
--|   hint: rename or remove one

-- === rows inserted into a trigger
CREATE TRIGGER Tick AT START;
CREATE STREAM S (v LONG);
INSERT INTO Tick SELECT v FROM S;
--| program.sql:3:13: error: 'Tick' is a trigger: nothing can be inserted into it
--|     3 | INSERT INTO Tick SELECT v FROM S;
--|       |             ^
--|   hint: insert into another stream

-- === a column that a trigger has not
CREATE TRIGGER Tick AT START;
SELECT time FROM Tick;
--| program.sql:2:8: error: stream 'Tick' has no column 'time'
--|     2 | SELECT time FROM Tick;
--|       |        ^
--|   hint: known: triggered_time

-- === an option that a trigger has not
CREATE TRIGGER Tick AT EVERY 5 SECONDS WITH (catchup = true);
--| program.sql:1:46: error: a trigger has no option 'catchup'
--|     1 | CREATE TRIGGER Tick AT EVERY 5 SECONDS WITH (catchup = true);
--|       |                                              ^
--|   hint: did you mean 'catch_up'?

-- === an option of a trigger that is neither true nor false
CREATE TRIGGER Tick AT EVERY 5 SECONDS WITH (catch_up = 'yes');
--| program.sql:1:57: error: catch_up is TRUE or FALSE, not 'yes'
--|     1 | CREATE TRIGGER Tick AT EVERY 5 SECONDS WITH (catch_up = 'yes');
--|       |                                                         ^

-- === a trigger at the start that catches up
CREATE TRIGGER Tick AT START WITH (catch_up = true);
--| program.sql:1:36: error: AT START misses nothing: catch_up means nothing here
--|     1 | CREATE TRIGGER Tick AT START WITH (catch_up = true);
--|       |                                    ^
--|   hint: leave it out

-- === a trigger that exists perhaps
CREATE TRIGGER IF NOT EXISTS Tick AT START;
--| program.sql:1:16: error: CREATE TRIGGER IF NOT EXISTS is not part of this language
--|     1 | CREATE TRIGGER IF NOT EXISTS Tick AT START;
--|       |                ^
--|   hint: write CREATE TRIGGER name AT …

-- === columns of a trigger
CREATE TRIGGER Tick (at LONG) AT START;
--| program.sql:1:21: error: expected AT after Tick, found '('
--|     1 | CREATE TRIGGER Tick (at LONG) AT START;
--|       |                     ^
--|   hint: write AT START, AT EVERY 5 SECONDS or AT CRON '0 9 * * MON-FRI'

-- === a trigger with an end
CREATE TRIGGER Tick AT START UNTIL 5;
--| program.sql:1:30: error: expected ;, found 'UNTIL'
--|     1 | CREATE TRIGGER Tick AT START UNTIL 5;
--|       |                              ^

-- === UNNEST of what is wrong itself
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, UNNEST(array_agg(amount)) AS a FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY id;
--| program.sql:2:12: error: UNNEST makes several rows of one, and its query has a window
--|     2 | SELECT id, UNNEST(array_agg(amount)) AS a FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY id;
--|       |            ^
--|   hint: put it into a subquery: FROM (SELECT UNNEST(…) AS element FROM …), with the rest around it
--| program.sql:2:19: error: the aggregate array_agg can't stand in UNNEST
--|     2 | SELECT id, UNNEST(array_agg(amount)) AS a FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY id;
--|       |                   ^
--|   hint: aggregate in a query of its own, and read its stream in another
