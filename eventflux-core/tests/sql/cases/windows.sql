-- === every form of a window
SELECT sum(b) AS x FROM S WINDOW('tumbling', 5 MINUTES) INSERT INTO T1;
SELECT sum(b) AS x FROM S WINDOW TUMBLING(5 min) INSERT INTO T2;
SELECT sum(b) AS x FROM S#window.tumbling(300 sec) INSERT INTO T3;
FROM S#window.tumbling(5 minutes) SELECT sum(b) AS x INSERT INTO T4;
SELECT sum(b) AS x FROM S AS y WINDOW tumble(300000) INSERT INTO T5;
--| inferred T1 (x LONG NOT NULL)
--| inferred T2 (x LONG NOT NULL)
--| inferred T3 (x LONG NOT NULL)
--| inferred T4 (x LONG NOT NULL)
--| inferred T5 (x LONG NOT NULL)
--| query_1: S -> T1
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 5 min, from the epoch
--|     checks x: range
--| query_2: S -> T2
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 5 min, from the epoch
--|     checks x: range
--| query_3: S -> T3
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 5 min, from the epoch
--|     checks x: range
--| query_4: S -> T4
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 5 min, from the epoch
--|     checks x: range
--| query_5: S -> T5
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 5 min, from the epoch
--|     checks x: range

-- === timeBatch
SELECT sum(b) AS x FROM S WINDOW('timeBatch', 1 sec) INSERT INTO T1;
SELECT sum(b) AS x FROM S WINDOW timebatch(1 sec, 0) INSERT INTO T2;
SELECT sum(b) AS x FROM S WINDOW TIMEBATCH(1 sec, 250) INSERT INTO T3;
--| inferred T1 (x LONG NOT NULL)
--| inferred T2 (x LONG NOT NULL)
--| inferred T3 (x LONG NOT NULL)
--| query_1: S -> T1
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 1 s, from the first row
--|     checks x: range
--| query_2: S -> T2
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 1 s, from the epoch
--|     checks x: range
--| query_3: S -> T3
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Tumbling 1 s, from the epoch + 250 ms
--|     checks x: range

-- === every form of a duration
SELECT a FROM S WINDOW('tumbling', 250) INSERT INTO T1;
SELECT a FROM S WINDOW('tumbling', 250ms) INSERT INTO T1;
SELECT a FROM S WINDOW('tumbling', 0.5 SECONDS) INSERT INTO T1;
SELECT a FROM S WINDOW('tumbling', 1 min 30 sec) INSERT INTO T1;
SELECT a FROM S WINDOW('tumbling', INTERVAL '10' SECOND) INSERT INTO T1;
SELECT a FROM S WINDOW('tumbling', '1 hour') INSERT INTO T1;
SELECT a FROM S WINDOW('tumbling', 1 WEEK) INSERT INTO T1;
SELECT a FROM S WINDOW('tumbling', 1500 MICROSECONDS) INSERT INTO T1;
--| inferred T1 (a INT)
--| query_1: S -> T1
--|     Project a INT = a
--|     Tumbling 250 ms, from the epoch
--| query_2: S -> T1
--|     Project a INT = a
--|     Tumbling 250 ms, from the epoch
--| query_3: S -> T1
--|     Project a INT = a
--|     Tumbling 500 ms, from the epoch
--| query_4: S -> T1
--|     Project a INT = a
--|     Tumbling 90 s, from the epoch
--| query_5: S -> T1
--|     Project a INT = a
--|     Tumbling 10 s, from the epoch
--| query_6: S -> T1
--|     Project a INT = a
--|     Tumbling 1 h, from the epoch
--| query_7: S -> T1
--|     Project a INT = a
--|     Tumbling 7 d, from the epoch
--| query_8: S -> T1
--|     Project a INT = a
--|     Tumbling 1 ms, from the epoch

-- === an offset
SELECT a FROM S WINDOW('tumbling', 1 hour, 15 minutes);
--| inferred OutputStream (a INT)
--| query_1: S -> OutputStream
--|     Project a INT = a
--|     Tumbling 1 h, from the epoch + 15 min

-- === the position of WHERE is the order of work
SELECT a FROM S WHERE a > 1 WINDOW('tumbling', 1 hour) INSERT INTO T1;
SELECT a FROM S WINDOW('tumbling', 1 hour) WHERE a > 1 INSERT INTO T1;
SELECT a FROM S WHERE a > 1 WINDOW('tumbling', 1 hour) WHERE a < 5 INSERT INTO T1;
--| inferred T1 (a INT)
--| query_1: S -> T1
--|     Project a INT = a
--|     Tumbling 1 h, from the epoch
--|     Filter a > 1
--| query_2: S -> T1
--|     Project a INT = a
--|     Filter a > 1
--|     Tumbling 1 h, from the epoch
--| query_3: S -> T1
--|     Project a INT = a
--|     Filter a < 5
--|     Tumbling 1 h, from the epoch
--|     Filter a > 1

-- === a sliding window
SELECT a FROM S WINDOW('length', 5);
--| inferred OutputStream (a INT)
--| query_1: S -> OutputStream
--|     Project a INT = a
--|     Length rows 5

-- === another window in its own form
SELECT a FROM S WINDOW sliding(5 sec, 1 sec);
--| inferred OutputStream (a INT)
--| query_1: S -> OutputStream
--|     Project a INT = a
--|     Hop size 5 s, slide 1 s, offset 0 ms

-- === a window that nobody knows
SELECT a FROM S WINDOW('tumblin', 5 sec);
--| 1:24 error: unknown window 'tumblin'
--|     hint: did you mean tumbling?

-- === a window that is nothing like one
SELECT a FROM S WINDOW('zzz', 5 sec);
--| 1:24 error: unknown window 'zzz'
--|     hint: windows are length, lengthBatch, time, timeBatch, timeLength, tumbling, hop, session, externalTime, externalTimeBatch, sort, unique, firstUnique, delay, expression, frequent, lossyFrequent, cron

-- === a window's name without quotes
SELECT a FROM S WINDOW(tumbling, 5 sec);
--| 1:24 error: expected the window's name in quotes, found 'tumbling'
--|     hint: write WINDOW('tumbling', 5 MINUTES)

-- === no size
SELECT a FROM S WINDOW('tumbling');
--| 1:34 error: tumbling needs its size
--|     hint: write tumbling(5 MINUTES)

-- === no size in the other form
SELECT a FROM S WINDOW TUMBLING();
--| 1:33 error: tumbling needs its size
--|     hint: write tumbling(5 MINUTES)

-- === a size of zero
SELECT a FROM S WINDOW('tumbling', 0);
--| 1:36 error: the window's size must be at least 1 ms

-- === a size that rounds to zero
SELECT a FROM S WINDOW('tumbling', 10 MICROSECONDS);
--| 1:36 error: the window's size must be at least 1 ms

-- === a negative size
SELECT a FROM S WINDOW('tumbling', -5);
--| 1:36 error: expected the window's size, found '-'
--|     hint: durations are 250 (ms), 5 SECONDS, 1 min 30 sec, INTERVAL '10' SECOND

-- === a column as a size
SELECT a FROM S WINDOW('tumbling', a);
--| 1:36 error: expected the window's size, found 'a'
--|     hint: durations are 250 (ms), 5 SECONDS, 1 min 30 sec, INTERVAL '10' SECOND

-- === a unit that nobody knows
SELECT a FROM S WINDOW('tumbling', 5 minuets);
--| 1:38 error: unknown unit 'minuets'
--|     hint: did you mean MINUTES?

-- === a month has no fixed length
SELECT a FROM S WINDOW('tumbling', 1 MONTH);
--| 1:38 error: MONTH has no fixed length
--|     hint: use DAYS or WEEKS

-- === a bad duration in quotes
SELECT a FROM S WINDOW('tumbling', '5 parsecs');
--| 1:36 error: '5 parsecs' is not a duration such as 250, '250ms', '2s' or '1 min 30 sec'

-- === a bad interval
SELECT a FROM S WINDOW('tumbling', INTERVAL 'five' MINUTES);
--| 1:45 error: 'five' is not a number
--|     hint: write INTERVAL '10' SECOND

-- === a duration beyond all clocks
SELECT a FROM S WINDOW('tumbling', 99999999999999999999 DAYS);
--| 1:36 error: 99999999999999999999 is too long for a duration

-- === an offset as large as the size
SELECT a FROM S WINDOW('tumbling', 1 hour, 1 hour);
--| 1:44 error: the window's offset must be less than its size
--|     hint: drop whole sizes from it

-- === too many parameters
SELECT a FROM S WINDOW('tumbling', 1 hour, 1 min, 5);
--| 1:51 error: tumbling takes a size and an optional offset, nothing more

-- === two windows
SELECT a FROM S WINDOW('tumbling', 1 hour) WINDOW('tumbling', 1 hour);
--| 1:44 error: a stream can have one window
--|     hint: put the second one into another query

-- === a window after GROUP BY
SELECT sum(b) AS x FROM S GROUP BY a WINDOW('tumbling', 1 hour);
--| 1:38 error: expected a clause or ;, found 'WINDOW'
--|     hint: WHERE and the window stand after FROM, before GROUP BY

-- === an unclosed window
SELECT a FROM S WINDOW('tumbling', 1 hour GROUP BY a;
--| 1:43 error: expected , or ), found 'GROUP'

-- === cron expressions that are none
SELECT a FROM S WINDOW('cron', '61 * * * *') INSERT INTO A;
SELECT a FROM S WINDOW('cron', 'hourly') INSERT INTO B;
SELECT a FROM S WINDOW('cron', '0 0 30 2 *') INSERT INTO C;
--| 1:32 error: '61 * * * *' is no cron expression: [61 * * * *] is not acceptable, out of range
--|     hint: minute hour day month weekday, with seconds before them and a year behind where they are needed: '0 9 * * MON-FRI'
--| 2:32 error: 'hourly' is no cron expression: it has 1 fields, not 5, 6 or 7
--|     hint: minute hour day month weekday, with seconds before them and a year behind where they are needed: '0 9 * * MON-FRI'
--| 3:32 error: '0 0 30 2 *' is no cron expression: no time is like that
--|     hint: minute hour day month weekday, with seconds before them and a year behind where they are needed: '0 9 * * MON-FRI'

-- === conditions of a window
SELECT a FROM S WINDOW('expression', 'count() <= ') INSERT INTO A;
SELECT a FROM S WINDOW('expression', 'a < 5') INSERT INTO B;
SELECT a FROM S WINDOW('expression', 'sum(b) < a') INSERT INTO C;
SELECT a FROM S WINDOW('expression', 'sum(b)') INSERT INTO D;
SELECT a FROM S WINDOW('expression', 'cuont() < 3') INSERT INTO E;
SELECT a FROM S WINDOW('expression', 'last.a - first.x < 3 )') INSERT INTO F;
SELECT a FROM S WINDOW('expression', count() < 3) INSERT INTO G;
--| 1:50 error: expected an expression, found the end of the statement
--| 2:38 error: the condition reads no aggregate of the window, so that it can't let rows leave
--|     hint: write 'count() <= 10', 'sum(x) <= 1000' or 'last.ts - first.ts < 5000'
--| 3:38 error: the condition is about the rows of the window: of which is a?
--|     hint: write first.a, last.a, or an aggregate of it
--| 4:39 error: the condition of a window needs a condition (BOOL), but sum(b) is LONG
--|     hint: compare it: … != 0
--| 5:39 error: unknown function 'cuont'
--|     hint: did you mean 'count'?
--| 6:60 error: expected the end of the condition, found ')'
--| 7:38 error: expected the window's condition in quotes, found 'count'
--|     hint: write 'count() <= 10'

-- === a condition of a window
SELECT sum(b) AS x FROM S WINDOW('expression', 'last.a - first.a < 5 and count(*) <= 10') INSERT INTO T;
--| inferred T (x LONG)
--| query_1: S -> T
--|     Project x LONG = sum(b)
--|     Aggregate sum(b)
--|     Expression last(a) - first(a) < 5 AND count(*) <= 10
--|     checks x: range

-- === table functions of standard SQL, and what is wrong in them
SELECT a FROM TUMBLE(S, DESCRIPTOR(b), 5 MINUTES);
SELECT a FROM TUMBLE(TABLE S, 5 MINUTES);
SELECT a FROM TUMBLE(TABLE S, DESCRIPTOR(b));
SELECT a FROM HOP(TABLE S, DESCRIPTOR(b), 1 MINUTE);
SELECT a FROM TUMBLE(TABLE S, DESCRIPTOR(b), 5 MINUTES, 1 MINUTE, 1 MINUTE);
SELECT a FROM HOP(TABLE S PARTITION BY a, DESCRIPTOR(b), 1 MINUTE, 5 MINUTES);
SELECT a FROM SESSION(TABLE S, DESCRIPTOR(b), 5 MINUTES, 1 MINUTE);
SELECT a FROM TABLE(TUMBLE(TABLE S, DESCRIPTOR(b), 5 MINUTES);
SELECT a FROM TUMBLE(TABLE S, DESCRIPTOR(b), 5 MINUTES) WINDOW('length', 5);
--| 1:22 error: expected TABLE and a stream in TUMBLE, found 'S'
--|     hint: write TUMBLE(TABLE S, DESCRIPTOR(ts), INTERVAL '5' MINUTE)
--| 2:31 error: expected DESCRIPTOR with the column of the event time, found '5'
--|     hint: write TUMBLE(TABLE S, DESCRIPTOR(ts), INTERVAL '5' MINUTE)
--| 3:44 error: expected , and the size of TUMBLE, found ')'
--|     hint: write TUMBLE(TABLE S, DESCRIPTOR(ts), INTERVAL '5' MINUTE)
--| 4:51 error: expected , and the size of HOP, found ')'
--|     hint: write HOP(TABLE S, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)
--| 5:65 error: expected ) after the offset of TUMBLE, found ','
--| 6:27 error: HOP takes no PARTITION BY: its windows are the same for all rows
--|     hint: GROUP BY the columns
--| 7:56 error: expected ) after the gap of SESSION, found ','
--| 8:62 error: expected ) after the size of TUMBLE, found the end of the statement
--| 9:42 error: 'b' is not the event time of 'S'
--|     hint: if a source fills S, declare WATERMARK FOR b AS … there; otherwise write FROM S WINDOW(…), which goes by the time of its rows
--| 9:57 error: a stream can have one window
--|     hint: put the second one into another query

-- === an aggregate in an error is named as it is called
SELECT sum(b) AS x FROM S WINDOW('expression', 'count(*) + 1') INSERT INTO A;
SELECT sum(b) AS x FROM S WINDOW('tumbling', 1 hour) HAVING max(a) + 1 INSERT INTO B;
--| 1:49 error: the condition of a window needs a condition (BOOL), but count(*) + 1 is LONG
--|     hint: compare it: … != 0
--| 2:61 error: HAVING needs a condition (BOOL), but max(a) + 1 is INT
--|     hint: compare it: … != 0
