
== the first row starts the grid; a timer closes a batch
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total FROM S WINDOW('timeBatch', 100);
--
S@0 (1)      -> -
S@60 (2)     -> -
S@130 (3)    -> Out (3)
clock 300    -> Out (3)
clock 900    -> -

== the grid stays where the first row put it
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s FROM S WINDOW('timeBatch', 100);
--
S@30 (1)     -> -
S@129 (2)    -> -
S@130 (4)    -> Out (3, 30)
S@475 (8)    -> Out (4, 130)
clock 529    -> -
clock 530    -> Out (8, 430)

== with a start of its own
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s FROM S WINDOW('timeBatch', 100, 10);
--
S@5 (1)      -> -
S@10 (2)     -> Out (1, -90)
clock 110    -> Out (2, 10)

== a condition in front of the window keeps rows from starting the grid
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s FROM S WHERE v > 1 WINDOW('timeBatch', 100);
--
S@0 (1)      -> -
S@40 (2)     -> -
clock 139    -> -
clock 140    -> Out (2, 40)

== a condition behind it doesn't
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s FROM S WINDOW('timeBatch', 100) WHERE v > 1;
--
S@0 (1)      -> -
S@40 (2)     -> -
clock 100    -> Out (2, 0)

== written as WINDOW TIMEBATCH(…)
CREATE STREAM S (v INT);
INSERT INTO Out SELECT COUNT(*) AS n FROM S WINDOW TIMEBATCH(1 sec);
--
S@500 (1)
S@1499 (2)
clock 1500   -> Out (2)

== groups of a batch
CREATE STREAM S (k STRING, v INT);
INSERT INTO Out SELECT k, MAX(v) AS hi FROM S WINDOW('timeBatch', 10) GROUP BY k;
--
S@3 ('b', 1)
S@4 ('a', 5)
S@5 ('b', 3)
S@13 ('a', 2)   -> Out ('b', 3), Out ('a', 5)
clock 23        -> Out ('a', 2)
