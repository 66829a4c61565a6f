
== queries chain
CREATE STREAM S (v INT);
INSERT INTO A SELECT v + 1 AS v FROM S;
INSERT INTO B SELECT v * 10 AS v FROM A WHERE v > 1;
INSERT INTO C SELECT v FROM B;
--
show A, B, C
S (0)   -> A (1)
S (1)   -> A (2), B (20), C (20)

== several readers of a stream
CREATE STREAM S (v INT);
INSERT INTO Small SELECT v FROM S WHERE v < 5;
INSERT INTO Large SELECT v FROM S WHERE v >= 3;
--
S (1) (4) (9)
  -> Small (1), Small (4)
  -> Large (4), Large (9)

== what rejoins comes in order of declaration, depth first
CREATE STREAM S (v INT);
INSERT INTO A SELECT v FROM S;
INSERT INTO B SELECT v FROM S;
INSERT INTO Out SELECT 'a' AS path, v FROM A;
INSERT INTO Out SELECT 'b' AS path, v FROM B;
--
S (1) (2)
  -> Out ('a', 1), Out ('b', 1), Out ('a', 2), Out ('b', 2)

== a diamond of diamonds
CREATE STREAM S (v INT);
INSERT INTO A SELECT v FROM S;
INSERT INTO A SELECT v + 1 AS v FROM S;
INSERT INTO B SELECT v FROM A;
INSERT INTO B SELECT v + 10 AS v FROM A;
--
S (0) (100)
  -> B (0), B (10), B (1), B (11), B (100), B (110), B (101), B (111)

== a stream that is fed from outside and by a query
CREATE STREAM S (v INT);
CREATE STREAM T (v INT);
INSERT INTO T SELECT v * 2 FROM S;
INSERT INTO Out SELECT v FROM T;
--
S (1)   -> Out (2)
T (5)   -> Out (5)

== a running sum sees both ways of a rejoin in order
CREATE STREAM S (v INT);
INSERT INTO A SELECT v FROM S;
INSERT INTO A SELECT v * 10 AS v FROM S WHERE v > 1;
INSERT INTO Out SELECT SUM(v) AS total FROM A;
--
S (1)   -> Out (1)
S (2)   -> Out (3), Out (23)
S (3)   -> Out (26), Out (56)

== writers of one stream may differ in type
CREATE STREAM S (i INT, d DOUBLE);
INSERT INTO Out SELECT i AS v FROM S;
INSERT INTO Out SELECT d AS v FROM S;
--
S (1, 0.5)   -> Out (1.0), Out (0.5)
