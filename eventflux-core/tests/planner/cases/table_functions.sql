-- === DESCRIPTOR names the event time
CREATE STREAM Timed (ts LONG, k STRING, v INT, WATERMARK FOR ts AS ts - 5000);
CREATE STREAM Untimed (ts LONG, v INT);
SELECT sum(v) AS s FROM TUMBLE(TABLE Timed, DESCRIPTOR(v), 1 MINUTE) GROUP BY window_start;
SELECT sum(v) AS s FROM TUMBLE(TABLE Untimed, DESCRIPTOR(ts), 1 MINUTE) GROUP BY window_start;
SELECT sum(v) AS s FROM TUMBLE(TABLE Timed, DESCRIPTOR(tz), 1 MINUTE);
--| 3:56 error: 'v' is not the event time of 'Timed'
--|     hint: name ts
--| 4:58 error: 'ts' is not the event time of 'Untimed'
--|     hint: if a source fills Untimed, declare WATERMARK FOR ts AS … there; otherwise write FROM Untimed WINDOW(…), which goes by the time of its rows
--| 5:56 error: stream 'Timed' has no column 'tz'
--|     hint: known: k, ts, v

-- === it names no column of a query
CREATE STREAM Timed (ts LONG, v INT, WATERMARK FOR ts AS ts - 5000);
INSERT INTO T SELECT ts, v FROM Timed;
SELECT sum(v) AS s FROM HOP(TABLE T, DESCRIPTOR(ts), 1 MINUTE, 5 MINUTES);
--| 3:49 error: 'ts' is not the event time of 'T'
--|     hint: if a source fills T, declare WATERMARK FOR ts AS … there; otherwise write FROM T WINDOW(…), which goes by the time of its rows

-- === the bounds are columns where the window has closed
CREATE STREAM Timed (ts LONG, v INT, WATERMARK FOR ts AS ts - 5000);
SELECT v FROM TUMBLE(TABLE Timed, DESCRIPTOR(ts), 1 MINUTE) WHERE window_start > 0;
SELECT sum(window_end) AS s FROM TUMBLE(TABLE Timed, DESCRIPTOR(ts), 1 MINUTE);
SELECT window_start FROM Timed WINDOW('tumbling', 1 MINUTE);
--| 2:67 error: window_start can't stand in WHERE
--|     hint: it stands in the select list, for the rows of the window that closed
--| 3:12 error: window_end can't stand in the argument of sum
--|     hint: it stands in the select list, for the rows of the window that closed
--| 4:8 error: stream 'Timed' has no column 'window_start'
--|     hint: it is a function: window_start()

-- === a stream that has a column of that name
CREATE STREAM Bounded (ts LONG, window_end LONG, WATERMARK FOR ts AS ts - 5000);
SELECT * FROM TUMBLE(TABLE Bounded, DESCRIPTOR(ts), 1 MINUTE);
--| 2:48 error: 'Bounded' has a column 'window_end' already, which the function adds
--|     hint: write FROM Bounded WINDOW(…), and window_end() for the bound

-- === keys, sizes and offsets are checked as those of windows
CREATE STREAM Timed (ts LONG, k STRING, v INT, WATERMARK FOR ts AS ts - 5000);
SELECT v FROM SESSION(TABLE Timed PARTITION BY (k, x), DESCRIPTOR(ts), 1 MINUTE);
SELECT v FROM TUMBLE(TABLE Timed, DESCRIPTOR(ts), 1 MINUTE, 2 MINUTES);
--| 2:52 error: stream 'Timed' has no column 'x'
--|     hint: known: k, ts, v
--| 3:61 error: the window's offset must be less than its size
--|     hint: drop whole sizes from it

-- === a slide beyond the size is doubtful, the more so as the order of the two differs
CREATE STREAM Timed (ts LONG, v INT, WATERMARK FOR ts AS ts - 5000);
SELECT sum(v) AS s FROM HOP(TABLE Timed, DESCRIPTOR(ts), 5 MINUTES, 1 MINUTE);
SELECT sum(v) AS s FROM Timed WINDOW('hop', 1 MINUTE, 5 MINUTES);
--| internal Timed (ts LONG, v INT) event time ts
--| inferred OutputStream (s LONG)
--| query_1: Timed -> OutputStream
--|     Project s LONG = sum(v)
--|     Aggregate sum(v)
--|     Hop size 1 min, slide 5 min, offset 0 ms
--|     checks s: range
--| query_2: Timed -> OutputStream
--|     Project s LONG = sum(v)
--|     Aggregate sum(v)
--|     Hop size 1 min, slide 5 min, offset 0 ms
--|     checks s: range
--| 2:25 warning: the window's slide is more than its size: rows between two windows are in none
--|     hint: the slide stands before the size: swap them if that is not meant
--| 3:31 warning: the window's slide is more than its size: rows between two windows are in none
--|     hint: the size stands before the slide: swap them if that is not meant

-- === so is a slide that has each row in thousands of windows
CREATE STREAM Timed (ts LONG NOT NULL, v INT, WATERMARK FOR ts AS ts);
SELECT sum(v) AS s FROM Timed WINDOW('hop', 1 DAY, 1 SECOND);
SELECT sum(v) AS s FROM HOP(TABLE Timed, DESCRIPTOR(ts), 1 SECOND, 1000 SECONDS);
--| internal Timed (ts LONG NOT NULL, v INT) event time ts
--| inferred OutputStream (s LONG)
--| query_1: Timed -> OutputStream
--|     Project s LONG = sum(v)
--|     Aggregate sum(v)
--|     Hop size 1 d, slide 1 s, offset 0 ms
--|     checks s: range
--| query_2: Timed -> OutputStream
--|     Project s LONG = sum(v)
--|     Aggregate sum(v)
--|     Hop size 1000 s, slide 1 s, offset 0 ms
--|     checks s: range
--| 2:31 warning: each row is in 86400 windows, which are open at once: that costs time and memory
--|     hint: lengthen the slide, or write WINDOW('time', 1 d) … OUTPUT SNAPSHOT EVERY 1 s, which keeps each row once
