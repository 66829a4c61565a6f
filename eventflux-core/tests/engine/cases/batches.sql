
== rows sent one by one, or in one go, are rows of their own
CREATE STREAM S (a INT);
INSERT INTO Out SELECT COUNT(*) AS n, SUM(a) AS s FROM S;
--
S (1) (2) (3)   -> Out (1, 1), Out (2, 3), Out (3, 6)

== a logical batch gives an aggregate one row
CREATE STREAM S (a INT);
INSERT INTO Out SELECT COUNT(*) AS n, SUM(a) AS s FROM S;
--
batch S (1) (2) (3)   -> Out (3, 6)
batch S (4)           -> Out (4, 10)
count query_1 in 4, passed 2, absorbed 2

== one row a group, in order of first appearance, with the values of its end
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT b, SUM(a) AS s FROM S GROUP BY b;
--
batch S (1, 2) (2, 1) (3, 1) (2, 2)   -> Out (2, 3), Out (1, 5)
S (1, 1)                              -> Out (1, 6)

== bare columns are those of the group's last row
CREATE STREAM S (k STRING, v INT);
INSERT INTO Out SELECT k, v, COUNT(*) AS n FROM S GROUP BY k;
--
batch S ('a', 1) ('b', 2) ('a', 3)   -> Out ('a', 3, 2), Out ('b', 2, 1)

== without aggregates each row gives one
CREATE STREAM S (v INT);
INSERT INTO Out SELECT v FROM S WHERE v > 1;
--
batch S (1) (2) (3)   -> Out (2), Out (3)

== a batch stays one through a chain
CREATE STREAM S (v INT);
INSERT INTO A SELECT v * 2 AS v FROM S WHERE v > 1;
INSERT INTO Out SELECT SUM(v) AS s FROM A;
--
batch S (1) (2) (3)   -> Out (10)
S (1) (2) (3)         -> Out (14), Out (20)

== each reader takes the whole batch before the next
CREATE STREAM S (v INT);
INSERT INTO Out SELECT 'one' AS q, v FROM S;
INSERT INTO Out SELECT 'two' AS q, v FROM S;
--
batch S (1) (2)   -> Out ('one', 1), Out ('one', 2), Out ('two', 1), Out ('two', 2)
S (3) (4)         -> Out ('one', 3), Out ('two', 3), Out ('one', 4), Out ('two', 4)

== what a window gives is one batch
CREATE STREAM S (k STRING, v INT);
INSERT INTO Sums SELECT k, SUM(v) AS v FROM S WINDOW('tumbling', 10) GROUP BY k;
INSERT INTO Total SELECT SUM(v) AS total, COUNT(*) AS n FROM Sums;
--
S@0 ('a', 1)
S@1 ('b', 2)
S@2 ('c', 3)
clock 10   -> Total (6, 3)

== a batch with a time moves the clock
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS s FROM S WINDOW('tumbling', 10);
--
batch S@1 (1) (2)   -> -
batch S@12 (4)      -> Out (3)
clock 20            -> Out (4)

== a row of a batch that fails leaves the others as they are
CREATE STREAM S (k STRING, v INT);
CREATE STREAM Strict (k STRING, v INT NOT NULL);
INSERT INTO Strict SELECT k, v FROM S;
INSERT INTO Out SELECT k, SUM(v) AS s FROM Strict GROUP BY k;
--
batch S ('a', 1) ('b', NULL) ('a', 2) ('b', 5)   -> Out ('a', 3), Out ('b', 5)
count query_1 in 4, passed 3, failed 1
count query_2 in 3, passed 2, absorbed 1

== an empty result is no batch
CREATE STREAM S (v INT);
INSERT INTO A SELECT v FROM S WHERE v > 10;
INSERT INTO Out SELECT COUNT(*) AS n FROM A;
--
batch S (1) (2)   -> -
batch S (11)      -> Out (1)
