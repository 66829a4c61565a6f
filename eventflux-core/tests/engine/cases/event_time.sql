
== the time of a row from a column
SET app.time = 'event';
CREATE STREAM S (at LONG, v INT) WITH (event.time = 'at');
INSERT INTO Out SELECT SUM(v) AS total, window_start() AS s FROM S WINDOW('tumbling', 100);
--
S (10, 1)     -> -
S (90, 2)     -> -
S (110, 4)    -> Out (3, 0)
S (500, 8)    -> Out (4, 100)
clock 600     -> Out (8, 500)

== a time given on sending wins over the column
CREATE STREAM S (at LONG, v INT) WITH (event.time = 'at');
INSERT INTO Out SELECT SUM(v) AS total FROM S WINDOW('tumbling', 100);
--
S@10 (999, 1)     -> -
S@150 (20, 2)     -> Out (1)

== a row without its time fails, and moves nothing
CREATE STREAM S (at LONG, v INT) WITH (event.time = 'at');
INSERT INTO Out SELECT v FROM S;
--
S (5, 1)      -> Out (1)
S (NULL, 2)   -> -
S (6, 3)      -> Out (3)
count query_1 in 2, passed 2, failed 0

== rows carry the time of what caused them
CREATE STREAM S (at LONG, v INT) WITH (event.time = 'at');
INSERT INTO A SELECT v FROM S WHERE v > 0;
INSERT INTO Out SELECT COUNT(*) AS n, window_start() AS s FROM A WINDOW('tumbling', 10);
--
S (5, 1)     -> -
S (12, 0)    -> Out (1, 0)
S (13, 1)    -> -
S (25, 1)    -> Out (1, 10)
