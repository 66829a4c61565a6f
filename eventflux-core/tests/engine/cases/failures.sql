
== a failing row costs one query only that row
CREATE STREAM S (v INT);
CREATE STREAM Twice (v INT);
INSERT INTO Twice SELECT v * 2 FROM S;
INSERT INTO Copy SELECT v FROM S;
--
S (1)            -> Twice (2), Copy (1)
S (2000000000)   -> Copy (2000000000)
S (2)            -> Twice (4), Copy (2)
count query_1 in 3, passed 2, failed 1
count query_2 in 3, passed 3, failed 0

== what was emitted before it failed further down stands
CREATE STREAM S (v INT);
CREATE STREAM Narrow (v INT);
INSERT INTO A SELECT v FROM S;
INSERT INTO Narrow SELECT v * 2 FROM A;
INSERT INTO B SELECT v FROM A;
--
show A, Narrow, B
S (1)            -> A (1), Narrow (2), B (1)
S (2147483647)   -> A (2147483647), B (2147483647)

== a group that fails at the end of a window costs only that group
CREATE STREAM S (k STRING, v INT);
CREATE STREAM Out (k STRING, total INT);
INSERT INTO Out SELECT k, SUM(v) FROM S WINDOW('tumbling', 10) GROUP BY k;
--
S@0 ('a', 2147483647)
S@1 ('b', 1)
S@2 ('a', 1)
clock 10   -> Out ('b', 1)
count query_1 in 3, absorbed 3, fired 1, fired_failed 1

== a row of a window that fails at its end costs only that row
CREATE STREAM S (v INT);
CREATE STREAM Out (v INT NOT NULL);
INSERT INTO Out SELECT v FROM S WINDOW('tumbling', 10);
--
S@0 (1)
S@1 (NULL)
S@2 (3)
clock 10   -> Out (1), Out (3)
count query_1 in 3, absorbed 3, fired 2, fired_failed 1
