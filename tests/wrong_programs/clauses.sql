-- === DISTINCT on an endless stream
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT DISTINCT id FROM Orders;
--| program.sql:2:8: error: SELECT DISTINCT compares the rows of one batch, but each row of Orders is a batch of its own
--|     2 | SELECT DISTINCT id FROM Orders;
--|       |        ^
--|   hint: the first row of each comes from FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR; or give it a window that closes

-- === DISTINCT of nested data
CREATE STREAM Orders (id STRING, data OBJECT);
SELECT DISTINCT data FROM Orders WINDOW('tumbling', 5 MINUTES);
--| program.sql:2:8: error: data is OBJECT, of which DISTINCT can't tell what is equal
--|     2 | SELECT DISTINCT data FROM Orders WINDOW('tumbling', 5 MINUTES);
--|       |        ^
--|   hint: select CAST(data AS STRING), or a value in it

-- === DISTINCT sorted by what is not selected
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT DISTINCT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY amount;
--| program.sql:2:71: error: with SELECT DISTINCT, ORDER BY sorts by what is selected, but amount is not
--|     2 | SELECT DISTINCT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY amount;
--|       |                                                                       ^
--|   hint: select it, or GROUP BY the columns

-- === HAVING that is no condition
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders GROUP BY id HAVING sum(amount);
--| program.sql:2:42: error: HAVING needs a condition (BOOL), but sum(amount) is DOUBLE
--|     2 | SELECT id FROM Orders GROUP BY id HAVING sum(amount);
--|       |                                          ^
--|   hint: compare it: … != 0

-- === HAVING before GROUP BY
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders HAVING count(*) > 1 GROUP BY id;
--| program.sql:2:43: error: expected a clause or ;, found 'GROUP'
--|     2 | SELECT id FROM Orders HAVING count(*) > 1 GROUP BY id;
--|       |                                           ^
--|   hint: clauses stand once each, in this order: WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, EMIT, OUTPUT

-- === HAVING in place of WHERE before the window
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders HAVING amount > 5 WINDOW('tumbling', 5 MINUTES);
--| program.sql:2:41: error: expected a clause or ;, found 'WINDOW'
--|     2 | SELECT id FROM Orders HAVING amount > 5 WINDOW('tumbling', 5 MINUTES);
--|       |                                         ^
--|   hint: WHERE and the window stand after FROM, before GROUP BY

-- === an aggregate of an alias that is one
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, sum(amount) AS total FROM Orders GROUP BY id HAVING max(total) > 5;
--| program.sql:2:68: error: total can't stand in the argument of max
--|     2 | SELECT id, sum(amount) AS total FROM Orders GROUP BY id HAVING max(total) > 5;
--|       |                                                                    ^
--|   hint: aggregate in a query of its own, and read its stream in another

-- === HAVING with a misspelt alias
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id, sum(amount) AS total FROM Orders GROUP BY id HAVING totel > 5;
--| program.sql:2:64: error: stream 'Orders' has no column 'totel'
--|     2 | SELECT id, sum(amount) AS total FROM Orders GROUP BY id HAVING totel > 5;
--|       |                                                                ^
--|   hint: did you mean 'total'?

-- === ORDER BY a position that is not there
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY 2;
--| program.sql:2:62: error: ORDER BY 2 names no column
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY 2;
--|       |                                                              ^
--|   hint: the list has 1

-- === ORDER BY a text
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY 'amount';
--| program.sql:2:62: error: ORDER BY can't sort by a constant
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY 'amount';
--|       |                                                              ^
--|   hint: name a column, an alias or a position

-- === ORDER BY nested data
CREATE STREAM Orders (id STRING, data OBJECT);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY data;
--| program.sql:2:62: error: data is OBJECT, which has no order
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY data;
--|       |                                                              ^
--|   hint: write ORDER BY CAST(data AS STRING), or a value in it

-- === NULLS without FIRST or LAST
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY amount NULLS;
--| program.sql:2:74: error: expected FIRST or LAST after NULLS, found the end of the statement
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY amount NULLS;
--|       |                                                                          ^

-- === ORDER without BY
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER amount;
--| program.sql:2:53: error: expected a clause or ;, found 'ORDER'
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER amount;
--|       |                                                     ^
--|   hint: clauses stand once each, in this order: WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, EMIT, OUTPUT

-- === ORDER BY after LIMIT
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT 5 ORDER BY amount;
--| program.sql:2:61: error: expected a clause or ;, found 'ORDER'
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT 5 ORDER BY amount;
--|       |                                                             ^
--|   hint: clauses stand once each, in this order: WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, EMIT, OUTPUT

-- === a negative LIMIT
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT -1;
--| program.sql:2:59: error: expected a whole number, 0 or more, after LIMIT, found '-'
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT -1;
--|       |                                                           ^
--|   hint: write LIMIT 10

-- === a LIMIT that is computed
CREATE STREAM Orders (id STRING, amount INT);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT amount;
--| program.sql:2:59: error: expected a whole number, 0 or more, after LIMIT, found 'amount'
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT amount;
--|       |                                                           ^
--|   hint: write LIMIT 10

-- === LIMIT ALL
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT ALL;
--| program.sql:2:59: error: expected a whole number, 0 or more, after LIMIT, found 'ALL'
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT ALL;
--|       |                                                           ^
--|   hint: write LIMIT 10

-- === OFFSET with ROWS and FETCH
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY;
--| program.sql:2:62: error: ROWS means nothing here
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY;
--|       |                                                              ^
--|   hint: write OFFSET 5

-- === FETCH
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) FETCH FIRST 5 ROWS ONLY;
--| program.sql:2:53: error: FETCH is not part of this language
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) FETCH FIRST 5 ROWS ONLY;
--|       |                                                     ^
--|   hint: write LIMIT 10

-- === OFFSET before LIMIT
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) OFFSET 5 LIMIT 5;
--| program.sql:2:62: error: LIMIT stands before OFFSET
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) OFFSET 5 LIMIT 5;
--|       |                                                              ^
--|   hint: write LIMIT … OFFSET 5

-- === ORDER BY behind UNION ALL
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders UNION ALL SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY id LIMIT 5;
--| program.sql:2:85: error: ORDER BY behind UNION ALL could mean the last SELECT or all of them
--|     2 | SELECT id FROM Orders UNION ALL SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) ORDER BY id LIMIT 5;
--|       |                                                                                     ^
--|   hint: put what it is for in parentheses: SELECT … FROM (SELECT … UNION ALL SELECT …) ORDER BY …

-- === EMIT of what
CREATE STREAM Orders (id STRING);
SELECT count(*) AS n FROM Orders EMIT ALL;
--| program.sql:2:39: error: expected CHANGES, FINAL or EVERY after EMIT, found 'ALL'
--|     2 | SELECT count(*) AS n FROM Orders EMIT ALL;
--|       |                                       ^
--|   hint: write EMIT EVERY 5 SECONDS

-- === EMIT FINAL without an aggregate
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders EMIT FINAL;
--| program.sql:2:23: error: EMIT FINAL waits for the last value, but without an aggregate each row is final
--|     2 | SELECT id FROM Orders EMIT FINAL;
--|       |                       ^
--|   hint: leave it out: each row comes at once

-- === EMIT FINAL without a watermark
CREATE STREAM Orders (id LONG);
SELECT count(*) AS n FROM Orders EMIT FINAL;
--| program.sql:2:34: error: query 'query_1': EMIT FINAL gives a row when none can come before it any more: that is told by a watermark, of which there is none for 'Orders'
--|     2 | SELECT count(*) AS n FROM Orders EMIT FINAL;
--|       |                                  ^
--|   hint: add WATERMARK FOR … AS … to CREATE STREAM Orders, or leave EMIT FINAL out: each row comes at once

-- === EMIT FINAL of a window that slides, without a watermark
CREATE STREAM Orders (id LONG);
CREATE STREAM Returns (id LONG);
INSERT INTO Both SELECT id FROM Orders;
INSERT INTO Both SELECT id FROM Returns;
SELECT count(*) AS n FROM Both WINDOW('time', 5 SECONDS) EMIT FINAL;
--| program.sql:5:58: error: query 'query_3': EMIT FINAL gives a row when none can come before it any more: that is told by a watermark, of which there is none for 'Orders', 'Returns'
--|     5 | SELECT count(*) AS n FROM Both WINDOW('time', 5 SECONDS) EMIT FINAL;
--|       |                                                          ^
--|   hint: add WATERMARK FOR … AS … to CREATE STREAM Orders, or leave EMIT FINAL out: each row comes at once

-- === EMIT FINAL of a trigger
CREATE TRIGGER Tick AT EVERY 1 SECOND;
SELECT count(*) AS n FROM Tick EMIT FINAL;
--| program.sql:2:32: error: query 'query_1': EMIT FINAL gives a row when none can come before it any more: that is told by a watermark, of which there is none for 'Tick'
--|     2 | SELECT count(*) AS n FROM Tick EMIT FINAL;
--|       |                                ^
--|   hint: rows of Tick go by the app's clock alone, so leave EMIT FINAL out: each row comes at once

-- === EMIT FINAL of errors
CREATE STREAM Orders (id LONG);
SELECT count(*) AS n FROM Orders.errors EMIT FINAL;
--| program.sql:2:41: error: query 'query_1': EMIT FINAL gives a row when none can come before it any more: that is told by a watermark, of which there is none for 'Orders.errors'
--|     2 | SELECT count(*) AS n FROM Orders.errors EMIT FINAL;
--|       |                                         ^
--|   hint: rows of Orders.errors go by the app's clock alone, so leave EMIT FINAL out: each row comes at once

-- === EMIT FINAL by a column
CREATE STREAM Orders (id LONG, ts LONG, WATERMARK FOR ts AS ts);
SELECT count(*) AS n FROM Orders WINDOW('externalTime', ts, 5 SECONDS) EMIT FINAL;
--| program.sql:2:72: error: EMIT FINAL waits for a watermark, but rows of externalTime go by a column
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('externalTime', ts, 5 SECONDS) EMIT FINAL;
--|       |                                                                        ^
--|   hint: declare WATERMARK FOR that column, and write WINDOW('time', …)

-- === EMIT CHANGES of the last row of each run
CREATE STREAM Orders (id LONG, v INT);
SELECT id, v FROM Orders DEDUPLICATE BY id WITHIN 5 SECONDS KEEP LAST EMIT CHANGES;
--| program.sql:2:71: error: EMIT CHANGES gives values so far, but this query has no aggregate
--|     2 | SELECT id, v FROM Orders DEDUPLICATE BY id WITHIN 5 SECONDS KEEP LAST EMIT CHANGES;
--|       |                                                                       ^
--|   hint: leave it out: rows come when the window closes

-- === EMIT EVERY without an aggregate
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders EMIT EVERY 5 SECONDS;
--| program.sql:2:23: error: EMIT EVERY gives the groups that changed, but this query has no aggregate
--|     2 | SELECT id FROM Orders EMIT EVERY 5 SECONDS;
--|       |                       ^
--|   hint: OUTPUT limits how often rows come: OUTPUT LAST EVERY 5 SECONDS

-- === EMIT EVERY of a window without an aggregate
CREATE STREAM Orders (id LONG);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) EMIT EVERY 5 SECONDS;
--| program.sql:2:53: error: EMIT EVERY gives the groups that changed, but this query has no aggregate
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) EMIT EVERY 5 SECONDS;
--|       |                                                     ^
--|   hint: OUTPUT limits how often rows come: OUTPUT LAST EVERY 5 SECONDS

-- === EMIT EVERY with a bare column over a window that closes
CREATE STREAM Orders (id LONG);
SELECT id, count(*) AS n FROM Orders WINDOW('tumbling', 5 MINUTES) EMIT EVERY 5 SECONDS;
--| program.sql:2:68: error: EMIT EVERY gives values so far, but the bare column here has one an event
--|     2 | SELECT id, count(*) AS n FROM Orders WINDOW('tumbling', 5 MINUTES) EMIT EVERY 5 SECONDS;
--|       |                                                                    ^
--|   hint: aggregate it, as last(x), or group by it

-- === EMIT EVERY no time at all
CREATE STREAM Orders (id LONG);
SELECT count(*) AS n FROM Orders EMIT EVERY 0 SECONDS;
--| program.sql:2:45: error: the time between emissions must be at least 1 ms
--|     2 | SELECT count(*) AS n FROM Orders EMIT EVERY 0 SECONDS;
--|       |                                             ^

-- === EMIT EVERY of rows that have no clock in common
CREATE STREAM Orders (id LONG, ts LONG, WATERMARK FOR ts AS ts);
CREATE STREAM Returns (id LONG);
INSERT INTO Both SELECT id FROM Orders;
INSERT INTO Both SELECT id FROM Returns;
SELECT count(*) AS n FROM Both EMIT EVERY 5 SECONDS;
--| program.sql:5:32: error: query 'query_3': its EMIT EVERY gets rows of 'Orders' with a watermark and rows of 'Returns' without one
--|     5 | SELECT count(*) AS n FROM Both EMIT EVERY 5 SECONDS;
--|       |                                ^
--|   hint: add WATERMARK FOR … AS … to CREATE STREAM Returns, or leave it out everywhere

-- === EMIT CHANGES of a window without an aggregate
CREATE STREAM Orders (id STRING);
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) EMIT CHANGES;
--| program.sql:2:53: error: EMIT CHANGES gives values so far, but this query has no aggregate
--|     2 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) EMIT CHANGES;
--|       |                                                     ^
--|   hint: leave it out: rows come when the window closes

-- === EMIT EVERY over a window that counts rows
CREATE STREAM Orders (id STRING);
SELECT count(*) AS n FROM Orders WINDOW('lengthBatch', 5) EMIT EVERY 5 SECONDS;
--| program.sql:2:59: error: EMIT EVERY over a window that counts rows: it ends with its last row, at no time
--|     2 | SELECT count(*) AS n FROM Orders WINDOW('lengthBatch', 5) EMIT EVERY 5 SECONDS;
--|       |                                                           ^
--|   hint: write EMIT CHANGES, or use a window of time

-- === EMIT before LIMIT
CREATE STREAM Orders (id STRING);
SELECT count(*) AS n FROM Orders EMIT CHANGES LIMIT 5;
--| program.sql:2:47: error: expected a clause or ;, found 'LIMIT'
--|     2 | SELECT count(*) AS n FROM Orders EMIT CHANGES LIMIT 5;
--|       |                                               ^
--|   hint: clauses stand once each, in this order: WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, EMIT, OUTPUT

-- === DEDUPLICATE without a time
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders DEDUPLICATE BY id;
--| program.sql:2:40: error: expected WITHIN after what it goes by, found the end of the statement
--|     2 | SELECT id FROM Orders DEDUPLICATE BY id;
--|       |                                        ^
--|   hint: write DEDUPLICATE BY id WITHIN 1 HOUR

-- === DEDUPLICATE BY a function that is not there
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders DEDUPLICATE BY lowercase(id) WITHIN 1 HOUR;
--| program.sql:2:38: error: unknown function 'lowercase'
--|     2 | SELECT id FROM Orders DEDUPLICATE BY lowercase(id) WITHIN 1 HOUR;
--|       |                                      ^
--|   hint: did you mean 'lower'?

-- === DEDUPLICATE BY a constant
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders DEDUPLICATE BY 1 WITHIN 1 HOUR;
--| program.sql:2:38: error: DEDUPLICATE BY can't go by a constant: all rows would be the same
--|     2 | SELECT id FROM Orders DEDUPLICATE BY 1 WITHIN 1 HOUR;
--|       |                                      ^
--|   hint: name a column

-- === DEDUPLICATE BY an aggregate
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders DEDUPLICATE BY max(amount) WITHIN 1 HOUR;
--| program.sql:2:38: error: the aggregate max can't stand in DEDUPLICATE BY
--|     2 | SELECT id FROM Orders DEDUPLICATE BY max(amount) WITHIN 1 HOUR;
--|       |                                      ^
--|   hint: aggregate in a query of its own, and read its stream in another

-- === DEDUPLICATE BY something half
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders DEDUPLICATE BY amount + WITHIN 1 HOUR;
--| program.sql:2:54: error: expected WITHIN after what it goes by, found '1'
--|     2 | SELECT id FROM Orders DEDUPLICATE BY amount + WITHIN 1 HOUR;
--|       |                                                      ^
--|   hint: write DEDUPLICATE BY id WITHIN 1 HOUR

-- === DEDUPLICATE by no column of the stream
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders DEDUPLICATE BY ident WITHIN 1 HOUR;
--| program.sql:2:38: error: stream 'Orders' has no column 'ident'
--|     2 | SELECT id FROM Orders DEDUPLICATE BY ident WITHIN 1 HOUR;
--|       |                                      ^
--|   hint: known: amount, id

-- === DEDUPLICATE, keeping what
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR KEEP NEWEST;
--| program.sql:2:60: error: expected FIRST or LAST after KEEP, found 'NEWEST'
--|     2 | SELECT id FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR KEEP NEWEST;
--|       |                                                            ^

-- === DEDUPLICATE and a window
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) AS n FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR WINDOW('tumbling', 5 MINUTES);
--| program.sql:2:66: error: a stream can have one window
--|     2 | SELECT count(*) AS n FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR WINDOW('tumbling', 5 MINUTES);
--|       |                                                                  ^
--|   hint: put the second one into another query

-- === the bounds of a window that rows have left, in a clause
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT sum(amount) AS s FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR KEEP LAST HAVING window_end() IS NOT NULL;
--| program.sql:2:37: error: window_end() is of a window, and aggregates are over what DEDUPLICATE … KEEP LAST has passed on
--|     2 | SELECT sum(amount) AS s FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR KEEP LAST HAVING window_end() IS NOT NULL;
--|       |                                     ^
--|   hint: select it in a subquery, and aggregate over that

-- === the bounds of a window that rows have left
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT window_end() AS e, sum(amount) AS s FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR KEEP LAST;
--| program.sql:2:8: error: window_end() is of a window, and aggregates are over what DEDUPLICATE … KEEP LAST has passed on
--|     2 | SELECT window_end() AS e, sum(amount) AS s FROM Orders DEDUPLICATE BY id WITHIN 1 HOUR KEEP LAST;
--|       |        ^
--|   hint: select it in a subquery, and aggregate over that

-- === OUTPUT without EVERY
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT LAST 5 SECONDS;
--| program.sql:2:29: error: expected EVERY after OUTPUT LAST, found '5'
--|     2 | SELECT v FROM S OUTPUT LAST 5 SECONDS;
--|       |                             ^
--|   hint: write OUTPUT LAST EVERY 5 SECONDS, or OUTPUT ALL EVERY 10 EVENTS

-- === OUTPUT of a mode that there is not
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT LATEST EVERY 5 SECONDS;
--| program.sql:2:24: error: expected ALL, FIRST, LAST, SNAPSHOT or EVERY after OUTPUT, found 'LATEST'
--|     2 | SELECT v FROM S OUTPUT LATEST EVERY 5 SECONDS;
--|       |                        ^
--|   hint: did you mean LAST?

-- === OUTPUT of a mode that is misspelt
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT FRIST EVERY 5 SECONDS;
--| program.sql:2:24: error: expected ALL, FIRST, LAST, SNAPSHOT or EVERY after OUTPUT, found 'FRIST'
--|     2 | SELECT v FROM S OUTPUT FRIST EVERY 5 SECONDS;
--|       |                        ^
--|   hint: did you mean FIRST?

-- === OUTPUT EVERY a number of nothing
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT LAST EVERY 5;
--| program.sql:2:35: error: OUTPUT EVERY 5: of what?
--|     2 | SELECT v FROM S OUTPUT LAST EVERY 5;
--|       |                                   ^
--|   hint: write 5 EVENTS, or 5 SECONDS

-- === OUTPUT EVERY no events
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT ALL EVERY 0 EVENTS;
--| program.sql:2:34: error: OUTPUT EVERY 0 EVENTS: the number of rows is a whole number from 1 to 2147483647
--|     2 | SELECT v FROM S OUTPUT ALL EVERY 0 EVENTS;
--|       |                                  ^
--|   hint: write OUTPUT ALL EVERY 10 EVENTS

-- === OUTPUT EVERY half an event
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT ALL EVERY 2.5 EVENTS;
--| program.sql:2:34: error: OUTPUT EVERY 2.5 EVENTS: the number of rows is a whole number from 1 to 2147483647
--|     2 | SELECT v FROM S OUTPUT ALL EVERY 2.5 EVENTS;
--|       |                                  ^
--|   hint: write OUTPUT ALL EVERY 10 EVENTS

-- === OUTPUT EVERY no time
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT ALL EVERY 0 SECONDS;
--| program.sql:2:34: error: the time between outputs must be at least 1 ms
--|     2 | SELECT v FROM S OUTPUT ALL EVERY 0 SECONDS;
--|       |                                  ^

-- === OUTPUT EVERY a month
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT LAST EVERY 1 MONTH;
--| program.sql:2:37: error: MONTH has no fixed length
--|     2 | SELECT v FROM S OUTPUT LAST EVERY 1 MONTH;
--|       |                                     ^
--|   hint: use DAYS or WEEKS

-- === a snapshot of so many events
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT SNAPSHOT EVERY 5 EVENTS;
--| program.sql:2:17: error: OUTPUT SNAPSHOT gives what holds at a time, not after so many rows
--|     2 | SELECT v FROM S OUTPUT SNAPSHOT EVERY 5 EVENTS;
--|       |                 ^
--|   hint: write OUTPUT SNAPSHOT EVERY 5 SECONDS

-- === a snapshot beside EMIT
CREATE STREAM S (k STRING, v INT);
SELECT count(*) AS n FROM S WINDOW('tumbling', 1 MINUTE) EMIT CHANGES OUTPUT SNAPSHOT EVERY 5 SECONDS;
--| program.sql:2:71: error: EMIT CHANGES and OUTPUT SNAPSHOT both say when rows come
--|     2 | SELECT count(*) AS n FROM S WINDOW('tumbling', 1 MINUTE) EMIT CHANGES OUTPUT SNAPSHOT EVERY 5 SECONDS;
--|       |                                                                       ^
--|   hint: leave one of them out

-- === OUTPUT twice
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT LAST EVERY 5 SECONDS INSERT INTO T OUTPUT ALL EVERY 2 EVENTS;
--| program.sql:2:59: error: a second OUTPUT
--|     2 | SELECT v FROM S OUTPUT LAST EVERY 5 SECONDS INSERT INTO T OUTPUT ALL EVERY 2 EVENTS;
--|       |                                                           ^
--|   hint: keep one

-- === OUTPUT behind UNION ALL
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S UNION ALL SELECT v + 1 AS v FROM S OUTPUT LAST EVERY 5 SECONDS;
--| program.sql:2:52: error: OUTPUT behind UNION ALL could mean the last SELECT or all of them
--|     2 | SELECT v FROM S UNION ALL SELECT v + 1 AS v FROM S OUTPUT LAST EVERY 5 SECONDS;
--|       |                                                    ^
--|   hint: put what it is for in parentheses: SELECT … FROM (SELECT … UNION ALL SELECT …) OUTPUT …

-- === OUTPUT before ORDER BY
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT LAST EVERY 5 SECONDS ORDER BY v;
--| program.sql:2:45: error: expected a clause or ;, found 'ORDER'
--|     2 | SELECT v FROM S OUTPUT LAST EVERY 5 SECONDS ORDER BY v;
--|       |                                             ^
--|   hint: clauses stand once each, in this order: WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, EMIT, OUTPUT

-- === emit = 'end' without OUTPUT FIRST
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT LAST EVERY 5 SECONDS WITH (emit = 'end');
--| program.sql:2:51: error: emit = 'end' is for OUTPUT FIRST, which gives its row at once without it
--|     2 | SELECT v FROM S OUTPUT LAST EVERY 5 SECONDS WITH (emit = 'end');
--|       |                                                   ^
--|   hint: leave it out

-- === emit at another end
CREATE STREAM S (k STRING, v INT);
SELECT v FROM S OUTPUT FIRST EVERY 5 SECONDS WITH (emit = 'start');
--| program.sql:2:59: error: emit is 'end', for OUTPUT FIRST, not 'start'
--|     2 | SELECT v FROM S OUTPUT FIRST EVERY 5 SECONDS WITH (emit = 'start');
--|       |                                                           ^
--|   hint: leave it out: rows come at once

-- === OUTPUT EVERY a time over rows with and without a watermark
CREATE STREAM A (v INT, ts LONG NOT NULL, WATERMARK FOR ts AS ts);
CREATE STREAM B (v INT);
INSERT INTO M SELECT v FROM A;
INSERT INTO M SELECT v FROM B;
SELECT v FROM M OUTPUT LAST EVERY 5 SECONDS;
--| program.sql:5:17: error: query 'query_3/limited': its OUTPUT gets rows of 'A' with a watermark and rows of 'B' without one
--|     5 | SELECT v FROM M OUTPUT LAST EVERY 5 SECONDS;
--|       |                 ^
--|   hint: add WATERMARK FOR … AS … to CREATE STREAM B, or leave it out everywhere

-- === EXPIRED EVENTS without a window
CREATE STREAM S (v INT);
INSERT EXPIRED EVENTS INTO Left SELECT v FROM S;
--| program.sql:2:8: error: EXPIRED EVENTS without a window, which rows could leave
--|     2 | INSERT EXPIRED EVENTS INTO Left SELECT v FROM S;
--|       |        ^
--|   hint: rows leave a window: FROM … WINDOW('length', 10)

-- === ALL EVENTS of a delay
CREATE STREAM S (v INT);
INSERT ALL EVENTS INTO Late SELECT v FROM S WINDOW('delay', 5 SECONDS);
--| program.sql:2:8: error: ALL EVENTS of a delay, which passes its rows on and holds none
--|     2 | INSERT ALL EVENTS INTO Late SELECT v FROM S WINDOW('delay', 5 SECONDS);
--|       |        ^
--|   hint: write INSERT INTO: it gives the rows that enter

-- === ALL EVENTS of aggregates over a delay
CREATE STREAM S (v INT);
INSERT ALL EVENTS INTO Late SELECT sum(v) AS s FROM S WINDOW('delay', 5 SECONDS);
--| program.sql:2:8: error: ALL EVENTS, but delay and DEDUPLICATE hold no rows for aggregates
--|     2 | INSERT ALL EVENTS INTO Late SELECT sum(v) AS s FROM S WINDOW('delay', 5 SECONDS);
--|       |        ^
--|   hint: write INSERT INTO: it gives the rows that enter

-- === EXPIRED EVENTS of rows that never leave
CREATE STREAM S (v INT);
INSERT EXPIRED EVENTS INTO Left SELECT v FROM S WINDOW('firstUnique', v);
--| program.sql:2:8: error: EXPIRED EVENTS of firstUnique, whose rows never leave
--|     2 | INSERT EXPIRED EVENTS INTO Left SELECT v FROM S WINDOW('firstUnique', v);
--|       |        ^
--|   hint: give it a time to live: WINDOW('firstUnique', key, 1 HOUR)

-- === EXPIRED EVENTS of sessions, and of what passes rows on when they are over
CREATE STREAM S (v INT);
INSERT EXPIRED EVENTS INTO Left SELECT v FROM S WINDOW('session', 5 SECONDS);
INSERT EXPIRED EVENTS INTO Left SELECT v FROM S DEDUPLICATE BY v WITHIN 5 SECONDS KEEP LAST;
--| program.sql:2:8: error: EXPIRED EVENTS of sessions: rows come out when theirs is over, and leave with that
--|     2 | INSERT EXPIRED EVENTS INTO Left SELECT v FROM S WINDOW('session', 5 SECONDS);
--|       |        ^
--|   hint: write INSERT INTO: it gives them then
--| program.sql:3:8: error: EXPIRED EVENTS of DEDUPLICATE … KEEP LAST, which passes rows on and holds none then
--|     3 | INSERT EXPIRED EVENTS INTO Left SELECT v FROM S DEDUPLICATE BY v WITHIN 5 SECONDS KEEP LAST;
--|       |        ^
--|   hint: write INSERT INTO: it gives the rows that enter

-- === ALL EVENTS of aggregates over windows that close
CREATE STREAM S (k STRING, v INT);
SELECT sum(v) AS s FROM S WINDOW('tumbling', 1 MINUTE) INSERT ALL EVENTS INTO Sums;
SELECT v, sum(v) AS s FROM S WINDOW('lengthBatch', 5) INSERT EXPIRED EVENTS INTO Rows;
INSERT ALL EVENTS INTO Keys SELECT k FROM S WINDOW('hop', 1 MINUTE, 5 SECONDS) GROUP BY k;
--| program.sql:2:63: error: ALL EVENTS with aggregates over a window that closes: its rows leave all at once, and nothing is left to aggregate
--|     2 | SELECT sum(v) AS s FROM S WINDOW('tumbling', 1 MINUTE) INSERT ALL EVENTS INTO Sums;
--|       |                                                               ^
--|   hint: leave the aggregates out, or write INSERT INTO: a row for each window
--| program.sql:3:62: error: EXPIRED EVENTS with aggregates over a window that closes: its rows leave all at once, and nothing is left to aggregate
--|     3 | SELECT v, sum(v) AS s FROM S WINDOW('lengthBatch', 5) INSERT EXPIRED EVENTS INTO Rows;
--|       |                                                              ^
--|   hint: leave the aggregates out, or write INSERT INTO: a row for each window
--| program.sql:4:8: error: ALL EVENTS with aggregates over a window that closes: its rows leave all at once, and nothing is left to aggregate
--|     4 | INSERT ALL EVENTS INTO Keys SELECT k FROM S WINDOW('hop', 1 MINUTE, 5 SECONDS) GROUP BY k;
--|       |        ^
--|   hint: leave the aggregates out, or write INSERT INTO: a row for each window

-- === ALL EVENTS with EMIT
CREATE STREAM S (v INT);
INSERT ALL EVENTS INTO Sums SELECT sum(v) AS s FROM S WINDOW('length', 5) EMIT EVERY 1 SECOND;
--| program.sql:2:8: error: ALL EVENTS with EMIT EVERY, which says when rows that enter give theirs
--|     2 | INSERT ALL EVENTS INTO Sums SELECT sum(v) AS s FROM S WINDOW('length', 5) EMIT EVERY 1 SECOND;
--|       |        ^
--|   hint: leave EMIT out: a row that leaves comes when it does

-- === EXPIRED EVENTS with OUTPUT SNAPSHOT
CREATE STREAM S (v INT);
INSERT EXPIRED EVENTS INTO Some SELECT v FROM S WINDOW('length', 5) OUTPUT SNAPSHOT EVERY 1 SECOND;
--| program.sql:2:8: error: EXPIRED EVENTS with OUTPUT SNAPSHOT, which tells of what is held, not of what has left
--|     2 | INSERT EXPIRED EVENTS INTO Some SELECT v FROM S WINDOW('length', 5) OUTPUT SNAPSHOT EVERY 1 SECOND;
--|       |        ^
--|   hint: write OUTPUT ALL, FIRST or LAST, or INSERT INTO … OUTPUT SNAPSHOT

-- === ALL EVENTS with OUTPUT
CREATE STREAM S (v INT);
INSERT ALL EVENTS INTO Some SELECT v FROM S WINDOW('length', 5) OUTPUT FIRST EVERY 1 SECOND;
INSERT ALL EVENTS INTO Sums SELECT sum(v) AS s FROM S WINDOW('length', 5) OUTPUT SNAPSHOT EVERY 1 SECOND;
--| program.sql:2:8: error: ALL EVENTS with OUTPUT, which can't tell rows that leave from those that enter
--|     2 | INSERT ALL EVENTS INTO Some SELECT v FROM S WINDOW('length', 5) OUTPUT FIRST EVERY 1 SECOND;
--|       |        ^
--|   hint: write two queries, INSERT INTO and INSERT EXPIRED EVENTS INTO, or put OUTPUT into one that reads this one's stream: it counts both
--| program.sql:3:8: error: ALL EVENTS with OUTPUT SNAPSHOT, which tells of what is held, not of what has left
--|     3 | INSERT ALL EVENTS INTO Sums SELECT sum(v) AS s FROM S WINDOW('length', 5) OUTPUT SNAPSHOT EVERY 1 SECOND;
--|       |        ^
--|   hint: write OUTPUT ALL, FIRST or LAST, or INSERT INTO … OUTPUT SNAPSHOT

-- === DISTINCT and ORDER BY of a list
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT DISTINCT id, array_agg(amount) AS amounts
FROM Orders WINDOW('tumbling', 5 MINUTES) GROUP BY id ORDER BY 2;
--| program.sql:2:8: error: array_agg(amount) is OBJECT, of which DISTINCT can't tell what is equal
--|     2 | SELECT DISTINCT id, array_agg(amount) AS amounts
--|       |        ^
--|   hint: select CAST(array_agg(amount) AS STRING), or a value in it
--| program.sql:3:64: error: array_agg(amount) is OBJECT, which has no order
--|     3 | FROM Orders WINDOW('tumbling', 5 MINUTES) GROUP BY id ORDER BY 2;
--|       |                                                                ^
--|   hint: write ORDER BY CAST(array_agg(amount) AS STRING), or a value in it

-- === GROUP BY an alias that is an aggregate
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT sum(amount) AS total FROM Orders WINDOW('tumbling', 5 MINUTES) GROUP BY total;
--| program.sql:2:80: error: an aggregate can't stand in GROUP BY
--|     2 | SELECT sum(amount) AS total FROM Orders WINDOW('tumbling', 5 MINUTES) GROUP BY total;
--|       |                                                                                ^
--|   hint: aggregate in a query of its own, and read its stream in another

-- === more rows than can be counted
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WINDOW('length', 99999999999);
SELECT id FROM Orders OUTPUT EVERY 99999999999 EVENTS;
SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT 99999999999999999999999;
--| program.sql:2:40: error: the window's number of rows is a whole number from 1 to 2147483647, not 99999999999
--|     2 | SELECT id FROM Orders WINDOW('length', 99999999999);
--|       |                                        ^
--| program.sql:3:36: error: OUTPUT EVERY 99999999999 EVENTS: the number of rows is a whole number from 1 to 2147483647
--|     3 | SELECT id FROM Orders OUTPUT EVERY 99999999999 EVENTS;
--|       |                                    ^
--|   hint: write OUTPUT ALL EVERY 10 EVENTS
--| program.sql:4:59: error: expected a whole number, 0 or more, after LIMIT, found '99999999999999999999999'
--|     4 | SELECT id FROM Orders WINDOW('tumbling', 5 MINUTES) LIMIT 99999999999999999999999;
--|       |                                                           ^
--|   hint: write LIMIT 10

-- === numbers with exponents beyond all
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WINDOW('time', 1e9999999999999999999 SECONDS);
SELECT id FROM Orders WINDOW('time', 1e-9999999999999999999 SECONDS);
SELECT id FROM Orders WINDOW('lossyFrequent', 1e-9999999999999999999, id);
SELECT id FROM Orders WINDOW('lossyFrequent', 1e-400, id);
--| program.sql:2:38: error: 1e9999999999999999999 is too long for a duration
--|     2 | SELECT id FROM Orders WINDOW('time', 1e9999999999999999999 SECONDS);
--|       |                                      ^
--| program.sql:3:38: error: the window's size must be at least 1 ms
--|     3 | SELECT id FROM Orders WINDOW('time', 1e-9999999999999999999 SECONDS);
--|       |                                      ^
--| program.sql:4:47: error: the window's support is above 0 and up to 1, not 1e-9999999999999999999
--|     4 | SELECT id FROM Orders WINDOW('lossyFrequent', 1e-9999999999999999999, id);
--|       |                                               ^
--| program.sql:5:47: error: the window's support is at least 1E-9, not 1e-400
--|     5 | SELECT id FROM Orders WINDOW('lossyFrequent', 1e-400, id);
--|       |                                               ^

-- === a cron expression by chance
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id FROM Orders WINDOW('cron', '0 R(1-5) * * *');
--| program.sql:2:38: error: '0 R(1-5) * * *' is no cron expression: H and R stand for times by chance, which no restart finds again
--|     2 | SELECT id FROM Orders WINDOW('cron', '0 R(1-5) * * *');
--|       |                                      ^
--|   hint: minute hour day month weekday, with seconds before them and a year behind where they are needed: '0 9 * * MON-FRI'
