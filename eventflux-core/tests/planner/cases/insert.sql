-- === a column list gives values by name, in any order
INSERT INTO Out (s, n) SELECT t, a FROM S;
--| query_1: S -> Out
--|     Project n INT = a, s STRING = t
--|     checks n: not null

-- === a column that the list leaves out is NULL
INSERT INTO Out (n) SELECT a FROM S;
--| query_1: S -> Out
--|     Project n INT = a, s STRING = NULL
--|     checks n: not null

-- === a column that the list leaves out and must not be NULL
INSERT INTO Out (s) SELECT t FROM S;
--| 1:18 error: column 'n' of 'Out' is NOT NULL, and this query gives it no value
--|     hint: list it: INSERT INTO Out (…, n)

-- === the list names what the select list does not
INSERT INTO Out (n, s) SELECT a * 2, 'text' FROM S;
--| query_1: S -> Out
--|     Project n INT = a * 2, s STRING = 'text'
--|     checks n: not null, range

-- === a list with names that the target has not
INSERT INTO Out (nn, s, zz) SELECT a, s, t FROM S;
--| 1:18 error: stream 'Out' has no column 'nn'
--|     hint: did you mean 'n'?
--| 1:25 error: stream 'Out' has no column 'zz'
--|     hint: known: n, s

-- === a list with a name twice
INSERT INTO Out (n, n) SELECT a, a AS b FROM S;
--| 1:21 error: the list names 'n' twice
--|     hint: remove one

-- === a list of another length
INSERT INTO Out (n, s) SELECT a FROM S;
INSERT INTO Out (n) SELECT a, s FROM S;
--| 1:24 error: this query selects 1 column, but its list has 2 columns
--|     hint: list a column for each value
--| 2:21 error: this query selects 2 columns, but its list has 1 column
--|     hint: list a column for each value

-- === a list with types that don't fit
INSERT INTO Out (s, n) SELECT a, t FROM S;
--| 1:31 error: column 's' of 'Out' is STRING, but a is INT
--|     hint: write CAST(… AS STRING)
--| 1:34 error: column 'n' of 'Out' is INT, but t is STRING
--|     hint: write CAST(… AS INT) where NULL for what can't be converted will do

-- === a list names the columns of a stream that nobody declared
INSERT INTO New (x, y) SELECT a + 1, upper_case FROM Names;
INSERT INTO New (y, x) SELECT s, b FROM S;
INSERT INTO Names (upper_case, a) SELECT t, 5 FROM S;
SELECT x, y FROM New;
--| inferred New (x LONG NOT NULL, y STRING)
--| inferred Names (upper_case STRING NOT NULL, a LONG NOT NULL)
--| inferred OutputStream (x LONG NOT NULL, y STRING)
--| query_1: Names -> New
--|     Project x LONG = a + 1, y STRING = upper_case
--|     checks x: range
--| query_2: S -> New
--|     Project x LONG = b, y STRING = s
--| query_3: S -> Names
--|     Project upper_case STRING = t, a LONG = 5
--| query_4: New -> OutputStream
--|     Project x LONG = x, y STRING = y

-- === lists of other names for a stream that nobody declared
INSERT INTO New (x, y) SELECT a, s FROM S;
INSERT INTO New (x, z) SELECT a, s FROM S;
--| 2:1 error: this query gives 'New' other columns than the one at line 1, column 1, which gives (x, y)
--|     hint: select the same names in the same order

-- === a list behind the query
SELECT s, a FROM S INSERT INTO Out (s, n);
FROM S SELECT a INSERT INTO Out (n);
--| query_1: S -> Out
--|     Project n INT = a, s STRING = s
--|     checks n: not null
--| query_2: S -> Out
--|     Project n INT = a, s STRING = NULL
--|     checks n: not null

-- === a list after a star
INSERT INTO New (x, y) SELECT * FROM Few;
CREATE STREAM Few (a INT, b STRING);
--| internal Few (a INT, b STRING)
--| inferred New (x INT, y STRING)
--| query_1: Few -> New
--|     Project x INT = a, y STRING = b

-- === an empty list
INSERT INTO Out () SELECT a FROM S;
--| 1:18 error: expected the first column, found ')'
--|     hint: write at least one column

-- === a list that is not closed
INSERT INTO Out (n, s SELECT a, s FROM S;
--| 1:23 error: expected , or ), found 'SELECT'
--|     hint: close the columns with )

-- === a list of what is no name
INSERT INTO Out (n, 's', 5) SELECT a, s FROM S;
--| 1:21 error: expected the name of a column, found the string 's'
--|     hint: names stand bare or in double quotes; single quotes make a string
--| 1:26 error: expected the name of a column, found '5'
--|     hint: a name begins with a letter or _, or stands in double quotes

-- === INSERT CURRENT EVENTS
INSERT CURRENT EVENTS INTO T SELECT a FROM S;
SELECT a FROM S INSERT CURRENT EVENTS INTO T (a);
--| inferred T (a INT)
--| query_1: S -> T
--|     Project a INT = a
--| query_2: S -> T
--|     Project a INT = a

-- === INSERT EXPIRED and ALL EVENTS
INSERT EXPIRED EVENTS INTO T SELECT a FROM S WINDOW('length', 2);
FROM S WINDOW('time', 5 SECONDS) SELECT a INSERT ALL EVENTS INTO T (a);
--| inferred T (a INT)
--| query_1: S -> T
--|     Project a INT = a, EXPIRED EVENTS
--|     Length rows 2
--| query_2: S -> T
--|     Project a INT = a, ALL EVENTS
--|     Time size 5 s

-- === ALL EVENTS of each SELECT
INSERT ALL EVENTS INTO T SELECT a FROM S WINDOW('length', 2) UNION ALL SELECT a FROM (SELECT a FROM S WINDOW('length', 3)) AS L WINDOW('sort', 2, a);
--| inferred T (a INT)
--| inferred query_1/L (a INT)
--| query_1/1: S -> T
--|     Project a INT = a, ALL EVENTS
--|     Length rows 2
--| query_1/L: S -> query_1/L
--|     Project a INT = a
--|     Length rows 3
--| query_1/2: query_1/L -> T
--|     Project a INT = a, ALL EVENTS
--|     Sort rows 2, keys a asc

-- === a slip of the pen in the name of the target
CREATE STREAM Alarms (a INT) WITH (type = 'sink', extension = 'log');
INSERT INTO Alrms SELECT a FROM S;
--| sink Alarms (a INT) log/None
--| inferred Alrms (a INT)
--| query_1: S -> Alrms
--|     Project a INT = a
--| 2:13 warning: stream 'Alrms' is declared nowhere, and no query reads it
--|     hint: did you mean 'Alarms'?

-- === one like it that is written, or a target that is read
CREATE STREAM Alarms (a INT) WITH (type = 'sink', extension = 'log');
INSERT INTO Alarms2 SELECT a FROM S;
INSERT INTO Alarm SELECT a FROM S;
INSERT INTO Alarms SELECT a FROM Alarm;
--| sink Alarms (a INT) log/None
--| inferred Alarms2 (a INT)
--| inferred Alarm (a INT)
--| query_1: S -> Alarms2
--|     Project a INT = a
--| query_2: S -> Alarm
--|     Project a INT = a
--| query_3: Alarm -> Alarms
--|     Project a INT = a

-- === comparing with NULL
SELECT a = NULL AS x, NULL <> a AS y, a < (NULL) AS z FROM S WHERE a IS NULL;
--| inferred OutputStream (x BOOL, y BOOL, z BOOL)
--| query_1: S -> OutputStream
--|     Project x BOOL = a = NULL, y BOOL = NULL != a, z BOOL = a < NULL
--|     Filter a IS NULL
--| 1:8 warning: = NULL is NULL, never true
--|     hint: write IS NULL
--| 1:31 warning: != NULL is NULL, never true
--|     hint: write IS NOT NULL
--| 1:39 warning: < NULL is NULL, never true
--|     hint: write IS NULL or IS NOT NULL
