-- === every form of its window
CREATE WINDOW V (a INT NOT NULL, s STRING) WINDOW('length', 5);
CREATE WINDOW W (a INT) WINDOW TUMBLING(1 min);
DEFINE WINDOW X (a INT) timeBatch(5 sec);
CREATE WINDOW Y (a INT) #window.sort(2, a, 'desc');
INSERT INTO A SELECT sum(a) AS x FROM V;
INSERT INTO B SELECT a FROM W AS y WHERE y.a > 1;
INSERT INTO C SELECT a FROM X;
FROM Y SELECT max(a) AS m INSERT INTO D;
--| internal V (a INT NOT NULL, s STRING)
--| internal W (a INT)
--| internal X (a INT)
--| internal Y (a INT)
--| inferred A (x LONG NOT NULL)
--| inferred B (a INT)
--| inferred C (a INT)
--| inferred D (m INT)
--| query_1: V -> A
--|     Project x LONG = sum(a)
--|     Aggregate sum(a)
--|     Length rows 5, that of V
--|     checks x: range
--| query_2: W -> B
--|     Project a INT = a
--|     Filter a > 1
--|     Tumbling 1 min, from the epoch, that of W
--| query_3: X -> C
--|     Project a INT = a
--|     Tumbling 5 s, from the first row, that of X
--| query_4: Y -> D
--|     Project m INT = max(a)
--|     Aggregate max(a)
--|     Sort rows 2, keys a desc, that of Y

-- === what it gives may be said, as Siddhi does
DEFINE WINDOW W (a INT) length(5) OUTPUT CURRENT EVENTS;
INSERT INTO T SELECT a FROM W;
--| internal W (a INT)
--| inferred T (a INT)
--| query_1: W -> T
--|     Project a INT = a
--|     Length rows 5, that of W

-- === and what leaves it not yet
DEFINE WINDOW W (a INT) length(5) OUTPUT ALL EVENTS;
CREATE WINDOW X (a INT) WINDOW('length', 5) OUTPUT expired EVENTS;
--| 1:35 error: OUTPUT ALL EVENTS of a window is not supported yet
--|     hint: leave it out: queries that read the window see the rows that enter it
--| 2:45 error: OUTPUT EXPIRED EVENTS of a window is not supported yet
--|     hint: leave it out: queries that read the window see the rows that enter it

-- === OUTPUT of something else
CREATE WINDOW W (a INT) length(5) OUTPUT EVERY 5 SECONDS;
--| 1:42 error: expected CURRENT EVENTS after OUTPUT, found 'EVERY'
--|     hint: leave OUTPUT out

-- === a query that writes it and others that read it, in any order
INSERT INTO T SELECT a FROM W WHERE s = 'x';
INSERT INTO W SELECT a, s FROM S;
CREATE WINDOW W (a INT, s STRING) WINDOW('time', 1 MINUTE);
INSERT INTO U SELECT count(*) AS n FROM W;
--| internal W (a INT, s STRING)
--| inferred T (a INT)
--| inferred U (n LONG NOT NULL)
--| query_1: W -> T
--|     Project a INT = a
--|     Filter s = 'x'
--|     Time size 1 min, that of W
--| query_2: S -> W
--|     Project a INT = a, s STRING = s
--| query_3: W -> U
--|     Project n LONG = count(*)
--|     Aggregate count(*)
--|     Time size 1 min, that of W

-- === it begins every query that reads it: of a view, a subquery, a UNION
CREATE WINDOW W (a INT) WINDOW('lengthBatch', 3);
CREATE VIEW V AS SELECT a FROM W;
INSERT INTO T SELECT a FROM (SELECT a + 1 AS a FROM W) AS x WINDOW('length', 2);
INSERT INTO T SELECT a FROM W UNION ALL SELECT a FROM V WINDOW('length', 2);
--| internal W (a INT)
--| inferred V (a INT)
--| inferred T (a LONG)
--| inferred query_1/x (a LONG)
--| V: W -> V
--|     Project a INT = a
--|     LengthBatch rows 3, that of W
--| query_1/x: W -> query_1/x
--|     Project a LONG = a + 1
--|     LengthBatch rows 3, that of W
--|     checks a: range
--| query_1: query_1/x -> T
--|     Project a LONG = a
--|     Length rows 2
--| query_2/1: W -> T
--|     Project a LONG = a
--|     LengthBatch rows 3, that of W
--| query_2/2: V -> T
--|     Project a LONG = a
--|     Length rows 2

-- === a name of WITH hides it
CREATE WINDOW W (a INT) WINDOW('lengthBatch', 3);
WITH W AS (SELECT a FROM S) SELECT a FROM W;
--
SELECT a FROM W;
--| internal W (a INT)
--| inferred OutputStream (a INT)
--| inferred query_1/W (a INT)
--| query_1/W: S -> query_1/W
--|     Project a INT = a
--| query_1: query_1/W -> OutputStream
--|     Project a INT = a
--| query_2: W -> OutputStream
--|     Project a INT = a
--|     LengthBatch rows 3, that of W

-- === sessions are those of all rows, whatever the groups
CREATE WINDOW W (a INT, s STRING) WINDOW('session', 1 MINUTE);
INSERT INTO T SELECT s, sum(a) AS x FROM W GROUP BY s;
--| internal W (a INT, s STRING)
--| inferred T (s STRING, x LONG)
--| query_1: W -> T
--|     Project s STRING = s, x LONG = sum(a)
--|     Aggregate sum(a) by s
--|     Session gap 1 min, latency 0 ms, that of W
--|     checks x: range

-- === sessions by a column
CREATE WINDOW W (a INT, s STRING) WINDOW('session', 1 MINUTE, s);
INSERT INTO T SELECT a, count(*) AS x FROM W GROUP BY a;
--| internal W (a INT, s STRING)
--| inferred T (a INT, x LONG NOT NULL)
--| query_1: W -> T
--|     Project a INT = a, x LONG = count(*)
--|     Aggregate count(*) by a
--|     Session gap 1 min, keys s, latency 0 ms, that of W

-- === aggregates over what a delay has passed on
CREATE WINDOW W (a INT) WINDOW('delay', 1 SECOND);
INSERT INTO T SELECT sum(a) AS x FROM W;
--| internal W (a INT)
--| inferred query_1/passed (a INT)
--| inferred T (x LONG)
--| query_1/passed: W -> query_1/passed
--|     Project a INT = a
--|     Delay size 1 s, that of W
--| query_1: query_1/passed -> T
--|     Project x LONG = sum(a)
--|     Aggregate sum(a)
--|     checks x: range

-- === no window
CREATE WINDOW W (a INT);
INSERT INTO T SELECT a FROM W;
--| 1:24 error: expected the window of W, found the end of the statement
--|     hint: write CREATE WINDOW W (…) WINDOW('length', 100)

-- === no columns
CREATE WINDOW W WINDOW('length', 5);
--| 1:17 error: expected ( and the columns, found 'WINDOW'
--|     hint: write CREATE WINDOW W (column type, …)

-- === a window that there is not
CREATE WINDOW W (a INT) lenght(5);
SELECT zz FROM W;
--| 1:25 error: unknown window 'lenght'
--|     hint: did you mean length?

-- === a column that it has not
CREATE WINDOW W (a INT) WINDOW('unique', aa);
INSERT INTO T SELECT a FROM W;
INSERT INTO U SELECT sum(a) AS x FROM W AS w;
--| 1:42 error: stream 'W' has no column 'aa'
--|     hint: did you mean 'a'?

-- === DEDUPLICATE
CREATE WINDOW W (a INT) DEDUPLICATE BY a WITHIN 1 HOUR;
--| 1:25 error: DEDUPLICATE is not the window of CREATE WINDOW
--|     hint: write WINDOW('firstUnique', id, 1 HOUR), or DEDUPLICATE where rows are inserted

-- === options
CREATE WINDOW W (a INT) WINDOW('length', 5) WITH (type = 'source');
SELECT a FROM W;
--| 1:45 error: expected ;, found 'WITH'
--|     hint: a window has no options; the queries that read it have: SELECT … WITH (…)

-- === two windows
CREATE WINDOW W (a INT) WINDOW('length', 5) WINDOW('length', 6);
SELECT a FROM W;
--| 1:45 error: expected ;, found 'WINDOW'
--|     hint: a window has one window

-- === a watermark
CREATE WINDOW W (a LONG, WATERMARK FOR a AS a - 5) WINDOW('length', 5);
SELECT a FROM W;
--| 1:26 error: a window has no WATERMARK: what is inserted into it brings its own
--|     hint: declare it on the stream that rows enter by

-- === metadata
CREATE WINDOW W (a LONG METADATA) WINDOW('length', 5);
SELECT a FROM W;
--| 1:25 error: W is neither source nor sink: its messages have no METADATA
--|     hint: write a LONG for a column like the others

-- === AS
CREATE WINDOW W AS SELECT a FROM S;
--| 1:17 error: CREATE WINDOW … AS is not supported yet
--|     hint: write INSERT INTO W SELECT …

-- === a name of two parts
CREATE WINDOW X.W (a INT) WINDOW('length', 5);
--| 1:16 error: a window's name has one part
--|     hint: put it in double quotes if it holds a dot

-- === a query that reads it has no other window
CREATE WINDOW W (a INT, at LONG) WINDOW('length', 5);
INSERT INTO T SELECT a FROM W WHERE a > 1 WINDOW('time', 1 MINUTE);
INSERT INTO T SELECT a FROM W DEDUPLICATE BY a WITHIN 1 HOUR;
INSERT INTO T SELECT a FROM TUMBLE(TABLE W, DESCRIPTOR(at), 5 MINUTES);
--| 2:43 error: 'W' has a window already, as CREATE WINDOW says
--|     hint: leave this one out; or let another query, with it, read what this one gives
--| 3:31 error: 'W' has a window already, as CREATE WINDOW says
--|     hint: leave this one out; or let another query, with it, read what this one gives
--| 4:29 error: 'W' has a window already, as CREATE WINDOW says
--|     hint: leave this one out; or let another query, with it, read what this one gives

-- === nothing reads it
CREATE WINDOW W (a INT) WINDOW('length', 5);
INSERT INTO W SELECT a FROM S;
--| internal W (a INT)
--| query_1: S -> W
--|     Project a INT = a
--| 1:15 warning: no query reads the window 'W': it holds nothing
--|     hint: a query does: SELECT … FROM W

-- === names are those of all streams
CREATE WINDOW W (a INT) WINDOW('length', 5);
CREATE STREAM W (a INT);
CREATE WINDOW S (a INT) WINDOW('length', 5);
CREATE VIEW W AS SELECT a FROM S;
--| 2:15 error: window 'W' is already defined at line 1, column 15
--|     hint: rename or remove one
--| 4:13 error: window 'W' is already defined at line 1, column 15
--|     hint: rename or remove one
--| 5:16 error: window 'S' is already defined at line 3, column 15
--|     hint: rename or remove one

-- === the same again
CREATE WINDOW W (a INT) WINDOW('length', 5);
CREATE WINDOW IF NOT EXISTS W (a INT) WINDOW LENGTH(5);
CREATE WINDOW IF NOT EXISTS W (a INT) WINDOW('length', 6);
CREATE STREAM IF NOT EXISTS W (a INT);
SELECT a FROM W;
--| internal W (a INT)
--| inferred OutputStream (a INT)
--| query_1: W -> OutputStream
--|     Project a INT = a
--|     Length rows 5, that of W
--| 3:29 warning: window 'W' is already defined at line 1, column 15, and otherwise: this definition is skipped
--| 4:29 warning: window 'W' is already defined at line 1, column 15, and otherwise: this definition is skipped

-- === a cycle
CREATE WINDOW W (a INT) WINDOW('length', 5);
INSERT INTO W SELECT a FROM W;
--| 2:13 error: these queries feed each other in a cycle: W -> W
--|     hint: insert into another stream

-- === a time to live is not that of a query
CREATE WINDOW W (a INT, s STRING) WINDOW('unique', s);
INSERT INTO T SELECT a FROM W WITH ('state.ttl' = '1 hour');
--| 2:37 error: state.ttl bounds nothing here: what 'W' holds, CREATE WINDOW says
--|     hint: a time to live of its keys stands there: WINDOW('unique', key, 1 HOUR)

-- === late rows and errors of it are streams beside it, without its window
CREATE STREAM R (a INT, at LONG NOT NULL, WATERMARK FOR at AS at - 5);
CREATE WINDOW W (a INT, at LONG) WINDOW('tumbling', 5 SECONDS);
INSERT INTO W SELECT a, at FROM R;
INSERT INTO T SELECT sum(a) AS x FROM W;
INSERT INTO L SELECT a FROM "W.late";
INSERT INTO E SELECT errorMessage FROM "W.errors";
--| internal R (a INT, at LONG NOT NULL) event time at
--| internal W (a INT, at LONG)
--| inferred T (x LONG)
--| inferred L (a INT)
--| inferred W.late (a INT, at LONG, late_query STRING NOT NULL, late_watermark TIMESTAMP NOT NULL)
--| inferred E (errorMessage STRING NOT NULL)
--| inferred W.errors (originalEvent STRING NOT NULL, errorMessage STRING NOT NULL, errorType STRING NOT NULL, timestamp LONG NOT NULL, attemptCount INT NOT NULL, streamName STRING NOT NULL, query STRING, line INT, column INT)
--| query_1: R -> W
--|     Project a INT = a, at LONG = at
--| query_2: W -> T
--|     Project x LONG = sum(a)
--|     Aggregate sum(a)
--|     Tumbling 5 s, from the epoch, that of W
--|     checks x: range
--| query_3: W.late -> L
--|     Project a INT = a
--| query_4: W.errors -> E
--|     Project errorMessage STRING = errorMessage

-- === annotations bind no window
@source(type = 'memory', channel = 'x')
DEFINE WINDOW W (a INT) length(5);
INSERT INTO T SELECT a FROM W;
--| internal W (a INT)
--| inferred T (a INT)
--| query_1: W -> T
--|     Project a INT = a
--|     Length rows 5, that of W
--| 1:1 warning: the annotation @source means nothing here
