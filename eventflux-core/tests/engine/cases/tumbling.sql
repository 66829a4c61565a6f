
== windows are aligned to the epoch
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s, window_end() AS e FROM S WINDOW('tumbling', 100);
--
S@50 (1)     -> -
S@99 (2)     -> -
S@100 (4)    -> Out (3, 0, 100)
S@350 (8)    -> Out (4, 100, 200)
clock 399    -> -
clock 400    -> Out (8, 300, 400)
clock 900    -> -

== an empty window gives no row
CREATE STREAM S (v INT);
INSERT INTO Out SELECT COUNT(*) AS n FROM S WINDOW('tumbling', 10);
--
S@5 (1)     -> -
clock 1000  -> Out (1)
S@1005 (1)  -> -
clock 1010  -> Out (1)

== with an offset
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s FROM S WINDOW('tumbling', 100, 30);
--
S@29 (1)    -> -
S@30 (2)    -> Out (1, -70)
S@129 (4)   -> -
S@130 (8)   -> Out (6, 30)
clock 230   -> Out (8, 130)

== groups in order of first appearance, once a window
CREATE STREAM S (region STRING, revenue INT);
INSERT INTO Out SELECT region, SUM(revenue) AS total FROM S WINDOW('tumbling', 1 SECOND) GROUP BY region;
--
S@1 ('East', 100)
S@2 ('West', 200)
S@3 ('East', 150)
S@4 ('West', 50)
clock 1000   -> Out ('East', 250), Out ('West', 250)
S@1500 ('West', 1)
clock 2000   -> Out ('West', 1)

== groups by an expression
CREATE STREAM S (product STRING, amount INT);
INSERT INTO Out SELECT product, CASE WHEN amount > 100 THEN 'high' ELSE 'low' END AS c, SUM(amount) AS total
FROM S WINDOW('tumbling', 10) GROUP BY product, CASE WHEN amount > 100 THEN 'high' ELSE 'low' END;
--
S@0 ('laptop', 150)
S@1 ('laptop', 120)
S@2 ('laptop', 80)
clock 10   -> Out ('laptop', 'high', 270), Out ('laptop', 'low', 80)

== nothing of one window is left in the next
CREATE STREAM S (k STRING, v INT);
INSERT INTO Out SELECT k, MIN(v) AS lo, MAX(v) AS hi, COUNT(*) AS n FROM S WINDOW('tumbling', 10) GROUP BY k;
--
S@0 ('a', 1)
S@1 ('a', 9)
S@2 ('b', 5)
S@10 ('a', 4)   -> Out ('a', 1, 9, 2), Out ('b', 5, 5, 1)
clock 20        -> Out ('a', 4, 4, 1)

== without aggregates each row comes out at the end
CREATE STREAM S (v INT);
INSERT INTO Out SELECT v, window_end() AS e FROM S WINDOW('tumbling', 10);
--
S@1 (3)    -> -
S@2 (4)    -> -
S@10 (5)   -> Out (3, 10), Out (4, 10)
clock 20   -> Out (5, 20)
count query_1 in 3, passed 0, absorbed 3, fired 3

== aggregates beside a bare column run within the window
CREATE STREAM S (symbol STRING, price INT);
INSERT INTO Out SELECT symbol, SUM(price) AS total FROM S WINDOW('tumbling', 10);
--
S@0 ('A', 10)
S@1 ('B', 20)
S@2 ('A', 30)
S@3 ('C', 40)
clock 10   -> Out ('A', 10), Out ('B', 30), Out ('A', 60), Out ('C', 100)
S@11 ('A', 5)
clock 20   -> Out ('A', 5)

== a bare column beside GROUP BY is that of the group's last row
CREATE STREAM S (k STRING, v INT);
INSERT INTO Out SELECT k, v, COUNT(*) AS n FROM S WINDOW('tumbling', 10) GROUP BY k;
--
S@0 ('a', 1)
S@1 ('b', 2)
S@2 ('a', 3)
clock 10   -> Out ('a', 3, 2), Out ('b', 2, 1)

== WHERE before and behind a tumbling window give the same rows
CREATE STREAM S (v INT);
INSERT INTO Before SELECT COUNT(*) AS n FROM S WHERE v > 1 WINDOW('tumbling', 10);
INSERT INTO Behind SELECT COUNT(*) AS n FROM S WINDOW('tumbling', 10) WHERE v > 1;
--
S@0 (1)
S@1 (2)
S@5 (3)
clock 10   -> Before (2), Behind (2)
S@12 (1)
clock 20   -> -
count query_1 in 4, absorbed 2, filtered 2
count query_2 in 4, absorbed 2, filtered 2

== a time that goes backwards belongs to where the clock stands
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s FROM S WINDOW('tumbling', 10);
--
S@15 (1)   -> -
S@3 (2)    -> -
S@20 (4)   -> Out (3, 10)
clock 30   -> Out (4, 20)

== a window over windows puts the row where it belongs
CREATE STREAM S (v INT);
INSERT INTO Tens SELECT SUM(v) AS v FROM S WINDOW('tumbling', 10 SECONDS);
INSERT INTO Minutes SELECT SUM(v) AS v, COUNT(*) AS n, window_start() AS s FROM Tens WINDOW('tumbling', 1 MINUTE);
INSERT INTO Hours SELECT SUM(v) AS v, COUNT(*) AS n FROM Minutes WINDOW('tumbling', 1 HOUR);
--
show Tens, Minutes, Hours
S@1000 (1)
S@55000 (2)      -> Tens (1)
clock 59999      -> -
clock 60000      -> Tens (2), Minutes (3, 2, 0)
S@3599000 (4)    -> -
clock 3600000    -> Tens (4), Minutes (4, 1, 3540000), Hours (7, 2)

== timers of one time fire in the order of the queries
CREATE STREAM S (v INT);
INSERT INTO Out SELECT 'first' AS which, COUNT(*) AS n FROM S WINDOW('tumbling', 20);
INSERT INTO Out SELECT 'second' AS which, COUNT(*) AS n FROM S WINDOW('tumbling', 10);
--
S@11 (1)
clock 50   -> Out ('first', 1), Out ('second', 1)
S@51 (1)
clock 100  -> Out ('first', 1), Out ('second', 1)
S@105 (1)
clock 200  -> Out ('second', 1), Out ('first', 1)

== a timer fires before the row that moved the clock
CREATE STREAM S (v INT);
INSERT INTO Out SELECT 'row' AS what, v FROM S;
INSERT INTO Out SELECT 'window' AS what, SUM(v) AS v FROM S WINDOW('tumbling', 10);
--
S@5 (1)    -> Out ('row', 1)
S@25 (2)   -> Out ('window', 1), Out ('row', 2)

== rows without times come when the clock stands
CREATE STREAM S (v INT);
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s FROM S WINDOW('tumbling', 1000);
--
S (1)        -> -
sleep 999    -> -
S (2)        -> -
sleep 1      -> Out (3, 1767225600000)

== closing all windows at the end
CREATE STREAM S (v INT);
INSERT INTO A SELECT SUM(v) AS v FROM S WINDOW('tumbling', 10);
INSERT INTO B SELECT SUM(v) AS v FROM A WINDOW('tumbling', 100);
--
show A, B
S@1 (1)
S@12 (2)   -> A (1)
flush      -> A (2), B (3)
flush      -> -
