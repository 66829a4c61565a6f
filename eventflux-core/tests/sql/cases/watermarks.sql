-- === a watermark: the event time, and up to where it is complete
CREATE STREAM X (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);
--| internal X (ts TIMESTAMP, v INT) event time ts

-- === the column itself, a LONG of epoch milliseconds
CREATE STREAM X (at LONG NOT NULL, WATERMARK FOR at AS at);
--| internal X (at LONG NOT NULL) event time at

-- === any expression over the columns
CREATE STREAM X (ts LONG, slow BOOL, WATERMARK FOR ts AS CASE WHEN slow THEN ts - 60000 ELSE ts - 1000 END);
--| internal X (ts LONG, slow BOOL) event time ts

-- === two watermarks
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS ts, WATERMARK FOR ts AS ts - 5);
--| 1:51 error: a stream has one watermark
--|     hint: remove one

-- === before a column
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS ts, v INT);
--| 1:27 error: WATERMARK stands behind the columns
--|     hint: move it to the end of them

-- === without AS
CREATE STREAM X (ts LONG, WATERMARK FOR ts);
--| 1:43 error: expected AS and the watermark, found ')'
--|     hint: write WATERMARK FOR ts AS ts - INTERVAL '5' SECOND

-- === without an expression
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS);
--| 1:46 error: expected an expression, found ')'

-- === a column called watermark
CREATE STREAM X (watermark LONG, v INT);
--| internal X (watermark LONG, v INT)

-- === of a column that is not there
CREATE STREAM X (ts LONG, WATERMARK FOR st AS ts - 5);
--| 1:41 error: stream 'X' has no column 'st'
--|     hint: known: ts

-- === over a column that is not there
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS st - 5);
--| 1:47 error: stream 'X' has no column 'st'
--|     hint: known: ts

-- === over a text
CREATE STREAM X (ts STRING, WATERMARK FOR ts AS ts);
--| 1:43 error: WATERMARK FOR needs a TIMESTAMP or LONG column, but 'ts' is STRING
--|     hint: a LONG holds epoch milliseconds

-- === that is no time
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS ts / 2);
--| 1:47 error: a watermark is a TIMESTAMP or epoch milliseconds (LONG), but ts / 2 is DOUBLE
--|     hint: write ts - INTERVAL '5' SECOND

-- === with an aggregate
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS max(ts));
--| 1:47 error: the aggregate max can't stand in WATERMARK
--|     hint: aggregate in a query of its own, and read its stream in another

-- === beside event.time
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS ts) WITH ('event.time' = 'ts');
--| 1:57 error: X has both 'event.time' and a WATERMARK
--|     hint: leave 'event.time' out: the event time is 'ts' of WATERMARK FOR

-- === on a sink
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS ts) WITH (type = 'sink', extension = 'log');
--| 1:27 error: WATERMARK has no meaning on a sink
--|     hint: declare it on the stream that rows enter by

-- === on a stream that queries write
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS ts);
CREATE STREAM Y (ts LONG, WATERMARK FOR ts AS ts);
INSERT INTO Y SELECT ts FROM X;
--| 2:27 error: 'Y' has a WATERMARK, and query 'query_1' inserts into it: what a query inserts carries the watermark of what it reads
--|     hint: declare WATERMARK FOR on 'X', or insert into another stream

-- === one input with a watermark, another without
CREATE STREAM X (ts LONG, v INT, WATERMARK FOR ts AS ts);
CREATE STREAM Y (ts LONG, v INT);
INSERT INTO Both SELECT v FROM X;
INSERT INTO Both SELECT v FROM Y;
SELECT sum(v) AS s FROM Both WINDOW TUMBLING(1 min);
--| 5:30 error: query 'query_3': its window gets rows of 'X' with a watermark and rows of 'Y' without one
--|     hint: add WATERMARK FOR … AS … to CREATE STREAM Y, or leave it out everywhere

-- === and snapshots, or keys that time has leave
CREATE STREAM X (ts LONG, v INT, WATERMARK FOR ts AS ts);
CREATE STREAM Y (ts LONG, v INT);
INSERT INTO Both SELECT v FROM X;
INSERT INTO Both SELECT v FROM Y;
INSERT INTO Now SELECT v FROM Both WINDOW('length', 5) OUTPUT SNAPSHOT EVERY 1 min;
INSERT EXPIRED EVENTS INTO Gone SELECT v FROM Both WINDOW('unique', v, 1 min);
INSERT INTO Seen SELECT v FROM Both WINDOW('unique', v, 1 min);
--| 5:56 error: query 'query_3': its OUTPUT gets rows of 'X' with a watermark and rows of 'Y' without one
--|     hint: add WATERMARK FOR … AS … to CREATE STREAM Y, or leave it out everywhere
--| 6:52 error: query 'query_4': its window gets rows of 'X' with a watermark and rows of 'Y' without one
--|     hint: add WATERMARK FOR … AS … to CREATE STREAM Y, or leave it out everywhere

-- === one input with a watermark, and a trigger
CREATE STREAM X (ts LONG, WATERMARK FOR ts AS ts);
CREATE TRIGGER Tick AT EVERY 1 SECOND;
INSERT INTO Both SELECT ts FROM X;
INSERT INTO Both SELECT triggered_time AS ts FROM Tick;
SELECT count(*) AS n FROM Both WINDOW TUMBLING(1 min);
--| 5:32 error: query 'query_3': its window gets rows of 'X' with a watermark and rows of 'Tick' without one
--|     hint: rows of Tick go by the app's clock alone, so read them in a query of their own

-- === and no window of time over them
CREATE STREAM X (ts LONG, v INT, WATERMARK FOR ts AS ts);
CREATE STREAM Y (ts LONG, v INT);
INSERT INTO Both SELECT v FROM X;
INSERT INTO Both SELECT v FROM Y;
SELECT sum(v) AS s FROM Both;
--| internal X (ts LONG, v INT) event time ts
--| internal Y (ts LONG, v INT)
--| inferred Both (v INT)
--| inferred OutputStream (s LONG)
--| query_1: X -> Both
--|     Project v INT = v
--| query_2: Y -> Both
--|     Project v INT = v
--| query_3: Both -> OutputStream
--|     Project s LONG = sum(v)
--|     Aggregate sum(v)
--|     checks s: range

-- === the late rows of a stream
CREATE STREAM X (ts LONG, v INT, WATERMARK FOR ts AS ts);
SELECT * FROM X.late;
--| internal X (ts LONG, v INT) event time ts
--| inferred OutputStream (ts LONG, v INT, late_query STRING NOT NULL, late_watermark TIMESTAMP NOT NULL)
--| inferred X.late (ts LONG, v INT, late_query STRING NOT NULL, late_watermark TIMESTAMP NOT NULL)
--| query_1: X.late -> OutputStream
--|     Project ts LONG = ts, v INT = v, late_query STRING = late_query, late_watermark TIMESTAMP = late_watermark

-- === of one that a query fills
CREATE STREAM X (ts LONG, v INT, WATERMARK FOR ts AS ts);
INSERT INTO Mid SELECT v * 2 AS twice FROM X;
SELECT twice, late_query, late_watermark FROM Mid.late AS l;
--| internal X (ts LONG, v INT) event time ts
--| inferred Mid (twice LONG)
--| inferred OutputStream (twice LONG, late_query STRING NOT NULL, late_watermark TIMESTAMP NOT NULL)
--| inferred Mid.late (twice LONG, late_query STRING NOT NULL, late_watermark TIMESTAMP NOT NULL)
--| query_1: X -> Mid
--|     Project twice LONG = v * 2
--|     checks twice: range
--| query_2: Mid.late -> OutputStream
--|     Project twice LONG = twice, late_query STRING = late_query, late_watermark TIMESTAMP = late_watermark

-- === of one without a watermark
SELECT a FROM S.late;
--| 1:15 error: rows of 'S' are never late: it has no watermark
--|     hint: add WATERMARK FOR … AS … to the CREATE STREAM of each source that feeds it

-- === of one that is not there
SELECT a FROM Nope.late;
--| 1:15 error: unknown stream 'Nope'
--|     hint: known: Orders, Out, OutputStream, S

-- === a column of late rows that is not there
CREATE STREAM X (ts LONG, v INT, WATERMARK FOR ts AS ts);
SELECT late_quer FROM X.late;
--| 2:8 error: stream 'X.late' has no column 'late_quer'
--|     hint: did you mean 'late_query'?

-- === late rows that come back
CREATE STREAM X (ts LONG, v INT, WATERMARK FOR ts AS ts);
INSERT INTO Mid SELECT ts, v FROM X;
INSERT INTO Mid SELECT ts, v FROM Mid.late;
--| 3:13 error: these queries feed each other in a cycle: Mid -> Mid.late -> Mid
--|     hint: insert into another stream

-- === inserting into late rows
INSERT INTO "S.late" SELECT a FROM S;
--| 1:13 error: no stream can be called 'S.late'
--|     hint: it holds the late rows of 'S'; choose another name

-- === a stream called like late rows
CREATE STREAM "X.late" (v INT);
--| 1:15 error: no stream can be called 'X.late'
--|     hint: it holds the late rows of 'X'; choose another name

-- === a time zone
SET app.timezone = 'Europe/Berlin';
CREATE STREAM X (v INT);
--| setting app.timezone = Europe/Berlin
--| internal X (v INT)

-- === a time zone that is none
SET app.timezone = 'Europe/Berln';
CREATE STREAM X (v INT);
--| 1:20 error: app.timezone is the name of a time zone, not 'Europe/Berln'
--|     hint: did you mean 'Europe/Berlin'?

-- === options of a watermark are those of a stream
SET watermark.idle = '5s';
CREATE STREAM X (v INT);
--| 1:1 error: watermark.idle is no setting of the app
--|     hint: it is an option of a stream: CREATE STREAM … WITH ('watermark.idle' = …)

-- === a watermark behind a duration that is no INTERVAL
CREATE STREAM X (v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - 5 SECONDS);
--| 1:64 error: 5 SECONDS is a duration, which an expression has as an INTERVAL
--|     hint: write INTERVAL '5' SECONDS
