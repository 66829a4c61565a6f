-- === a second window
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('length', 100);
INSERT INTO Totals SELECT sum(amount) AS total FROM Recent WINDOW('tumbling', 1 MINUTE);
--| program.sql:2:60: error: 'Recent' has a window already, as CREATE WINDOW says
--|     2 | INSERT INTO Totals SELECT sum(amount) AS total FROM Recent WINDOW('tumbling', 1 MINUTE);
--|       |                                                            ^
--|   hint: leave this one out; or let another query, with it, read what this one gives

-- === DEDUPLICATE over a window
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('length', 100);
INSERT INTO Totals SELECT id FROM Recent DEDUPLICATE BY id WITHIN 1 HOUR;
--| program.sql:2:42: error: 'Recent' has a window already, as CREATE WINDOW says
--|     2 | INSERT INTO Totals SELECT id FROM Recent DEDUPLICATE BY id WITHIN 1 HOUR;
--|       |                                          ^
--|   hint: leave this one out; or let another query, with it, read what this one gives

-- === a table function over a window
CREATE WINDOW Recent (id STRING, at TIMESTAMP) WINDOW('length', 100);
INSERT INTO Totals SELECT count(*) AS n FROM TUMBLE(TABLE Recent, DESCRIPTOR(at), 5 MINUTES);
--| program.sql:2:46: error: 'Recent' has a window already, as CREATE WINDOW says
--|     2 | INSERT INTO Totals SELECT count(*) AS n FROM TUMBLE(TABLE Recent, DESCRIPTOR(at), 5 MINUTES);
--|       |                                              ^
--|   hint: leave this one out; or let another query, with it, read what this one gives

-- === a window without its window
CREATE WINDOW Recent (id STRING, amount DOUBLE);
INSERT INTO Totals SELECT sum(amount) AS total FROM Recent;
--| program.sql:1:48: error: expected the window of Recent, found the end of the statement
--|     1 | CREATE WINDOW Recent (id STRING, amount DOUBLE);
--|       |                                                ^
--|   hint: write CREATE WINDOW Recent (…) WINDOW('length', 100)

-- === WINDOW without what stands behind it
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW;
--| program.sql:1:49: error: expected the window of Recent, found 'WINDOW'
--|     1 | CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW;
--|       |                                                 ^
--|   hint: write CREATE WINDOW Recent (…) WINDOW('length', 100)

-- === the columns forgotten
CREATE WINDOW Recent WINDOW('length', 100);
--| program.sql:1:22: error: expected ( and the columns, found 'WINDOW'
--|     1 | CREATE WINDOW Recent WINDOW('length', 100);
--|       |                      ^
--|   hint: write CREATE WINDOW Recent (column type, …)

-- === a misspelt window
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('lenght', 100);
INSERT INTO Totals SELECT sum(amount) AS total FROM Recent;
--| program.sql:1:56: error: unknown window 'lenght'
--|     1 | CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('lenght', 100);
--|       |                                                        ^
--|   hint: did you mean length?

-- === a column that is not the window's
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('unique', ident, 1 HOUR);
INSERT INTO Totals SELECT sum(amount) AS total FROM Recent;
--| program.sql:1:66: error: stream 'Recent' has no column 'ident'
--|     1 | CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('unique', ident, 1 HOUR);
--|       |                                                                  ^
--|   hint: known: amount, id

-- === a window bound to the outside
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('length', 100)
WITH (type = 'source', extension = 'memory');
INSERT INTO Totals SELECT sum(amount) AS total FROM Recent;
--| program.sql:2:1: error: expected ;, found 'WITH'
--|     2 | WITH (type = 'source', extension = 'memory');
--|       | ^
--|   hint: a window has no options; the queries that read it have: SELECT … WITH (…)

-- === a watermark of a window
CREATE WINDOW Recent (id STRING, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '5' SECOND) WINDOW('time', 1 MINUTE);
INSERT INTO Totals SELECT count(*) AS n FROM Recent;
--| program.sql:1:48: error: a window has no WATERMARK: what is inserted into it brings its own
--|     1 | CREATE WINDOW Recent (id STRING, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '5' SECOND) WINDOW('time', 1 MINUTE);
--|       |                                                ^
--|   hint: declare it on the stream that rows enter by

-- === what leaves the window
DEFINE WINDOW Recent (id STRING, amount DOUBLE) length(100) output expired events;
INSERT INTO Totals SELECT sum(amount) AS total FROM Recent;
--| program.sql:1:61: error: OUTPUT EXPIRED EVENTS of a window is not supported yet
--|     1 | DEFINE WINDOW Recent (id STRING, amount DOUBLE) length(100) output expired events;
--|       |                                                             ^
--|   hint: leave it out: queries that read the window see the rows that enter it

-- === a window that feeds itself
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('length', 100);
INSERT INTO Recent SELECT id, amount / 2 AS amount FROM Recent;
--| program.sql:2:13: error: these queries feed each other in a cycle: Recent -> Recent
--|     2 | INSERT INTO Recent SELECT id, amount / 2 AS amount FROM Recent;
--|       |             ^
--|   hint: insert into another stream

-- === a stream of its name
CREATE STREAM Recent (id STRING, amount DOUBLE);
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('length', 100);
INSERT INTO Totals SELECT sum(amount) AS total FROM Recent;
--| program.sql:2:15: error: stream 'Recent' is already defined at line 1, column 15
--|     2 | CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('length', 100);
--|       |               ^
--|   hint: rename or remove one

-- === what is inserted does not fit
CREATE STREAM Orders (id STRING, amount DOUBLE);
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('length', 100);
INSERT INTO Recent SELECT id FROM Orders;
INSERT INTO Totals SELECT sum(amount) AS total FROM Recent;
--| program.sql:3:20: error: this query selects 1 column, but 'Recent' has 2 columns
--|     3 | INSERT INTO Recent SELECT id FROM Orders;
--|       |                    ^
--|   hint: Recent is (id STRING, amount DOUBLE)

-- === a join with a window
CREATE STREAM Orders (id STRING, amount DOUBLE);
CREATE WINDOW Recent (id STRING, amount DOUBLE) WINDOW('length', 100);
INSERT INTO Both SELECT Orders.id FROM Orders JOIN Recent ON Orders.id = Recent.id;
--| program.sql:3:47: error: JOIN is not supported yet
--|     3 | INSERT INTO Both SELECT Orders.id FROM Orders JOIN Recent ON Orders.id = Recent.id;
--|       |                                               ^
--|   hint: joins are planned for a later version; today each query reads one stream, and several may write into one

-- === a time to live in the query
CREATE WINDOW Latest (id STRING, amount DOUBLE) WINDOW('unique', id);
INSERT INTO Totals SELECT sum(amount) AS total FROM Latest WITH ('state.ttl' = '1 hour');
--| program.sql:2:66: error: state.ttl bounds nothing here: what 'Latest' holds, CREATE WINDOW says
--|     2 | INSERT INTO Totals SELECT sum(amount) AS total FROM Latest WITH ('state.ttl' = '1 hour');
--|       |                                                                  ^
--|   hint: a time to live of its keys stands there: WINDOW('unique', key, 1 HOUR)

-- === a window of no rows
CREATE WINDOW IF NOT EXISTS Recent (id STRING) WINDOW('length', 0);
SELECT id FROM Recent;
--| program.sql:1:65: error: the window's number of rows is a whole number from 1 to 2147483647, not 0
--|     1 | CREATE WINDOW IF NOT EXISTS Recent (id STRING) WINDOW('length', 0);
--|       |                                                                 ^
