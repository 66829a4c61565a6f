-- === an unknown stream
SELECT a FROM Order;
--| 1:15 error: unknown stream 'Order'
--|     hint: did you mean 'Orders'?

-- === an unknown stream close to a known one
SELECT id FROM Ordres;
--| 1:16 error: unknown stream 'Ordres'
--|     hint: did you mean 'Orders'?

-- === an unknown column
SELECT amuont FROM Orders;
--| 1:8 error: stream 'Orders' has no column 'amuont'
--|     hint: did you mean 'amount'?

-- === unknown columns everywhere
SELECT x1, S.x2 FROM S WHERE x3 > 1 AND x4 < x5 GROUP BY x6;
--| 1:8 error: stream 'S' has no column 'x1'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:14 error: stream 'S' has no column 'x2'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:30 error: stream 'S' has no column 'x3'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:41 error: stream 'S' has no column 'x4'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:46 error: stream 'S' has no column 'x5'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:58 error: stream 'S' has no column 'x6'
--|     hint: known: a, b, d, f, ok, s, t

-- === another stream's name
SELECT Orders.amount FROM S;
--| 1:8 error: 'Orders' is not the stream of this query
--|     hint: known: S

-- === the alias and the stream's name
SELECT o.amount, Orders.id FROM Orders AS o WHERE o.amount > 1;
--| inferred OutputStream (amount DOUBLE, id STRING)
--| query_1: Orders -> OutputStream
--|     Project amount DOUBLE = amount, id STRING = id
--|     Filter amount > 1.0

-- === an alias that is not there
SELECT x.* FROM Orders o;
--| 1:8 error: 'x' is not the stream of this query
--|     hint: known: Orders, o

-- === all columns
SELECT * FROM Orders;
--| inferred OutputStream (id STRING, amount DOUBLE, group STRING, order by LONG)
--| query_1: Orders -> OutputStream
--|     Project id STRING = id, amount DOUBLE = amount, "group" STRING = "group", "order by" LONG = "order by"

-- === all columns of the alias and more
SELECT o.*, amount * 2 AS twice FROM Orders o;
--| inferred OutputStream (id STRING, amount DOUBLE, group STRING, order by LONG, twice DOUBLE)
--| query_1: Orders -> OutputStream
--|     Project id STRING = id, amount DOUBLE = amount, "group" STRING = "group", "order by" LONG = "order by", twice DOUBLE = amount * 2.0

-- === names of the columns
SELECT amount, Orders.id, amount + 1, "order by", 'x', amount AS total FROM Orders;
--| inferred OutputStream (amount DOUBLE, id STRING, expr_2 DOUBLE, order by LONG, expr_4 STRING NOT NULL, total DOUBLE)
--| query_1: Orders -> OutputStream
--|     Project amount DOUBLE = amount, id STRING = id, expr_2 DOUBLE = amount + 1.0, "order by" LONG = "order by", expr_4 STRING = 'x', total DOUBLE = amount

-- === the same name twice
SELECT a, b AS a FROM S;
--| 1:11 error: two columns of this query are called 'a'
--|     hint: name one with AS

-- === the same name twice by *
SELECT *, a FROM S;
--| 1:11 error: two columns of this query are called 'a'
--|     hint: name one with AS

-- === the same made-up name twice
SELECT a AS expr_1, b + 1 FROM S;
--| 1:21 error: two columns of this query are called 'expr_1'
--|     hint: name one with AS

-- === a stream twice
CREATE STREAM Orders (x INT);
--| 5:15 error: stream 'Orders' is already defined at line 1, column 15
--|     hint: rename or remove one

-- === a stream twice, if it does not exist
CREATE STREAM IF NOT EXISTS X (a INT);
CREATE STREAM IF NOT EXISTS X (a INT);
CREATE STREAM IF NOT EXISTS X (b LONG);
--| internal X (a INT)
--| 3:29 warning: stream 'X' is already defined at line 1, column 29, and otherwise: this definition is skipped

-- === a column twice
CREATE STREAM X (a INT, b INT, a STRING);
--| 1:32 error: X has two columns called 'a'
--|     hint: rename or remove one

-- === a stream called like the settings
CREATE STREAM app (a INT);
--| 1:15 error: no stream can be called 'app'
--|     hint: settings are: SET app.… = …

-- === a query before the definitions it uses
SELECT n FROM Mid;
INSERT INTO Mid SELECT a AS n FROM Later;
CREATE STREAM Later (a INT);
--| internal Later (a INT)
--| inferred OutputStream (n INT)
--| inferred Mid (n INT)
--| query_1: Mid -> OutputStream
--|     Project n INT = n
--| query_2: Later -> Mid
--|     Project n INT = a

-- === a cycle of two
INSERT INTO P SELECT a FROM Q;
INSERT INTO Q SELECT a FROM P;
--| 2:13 error: these queries feed each other in a cycle: Q -> P -> Q
--|     hint: insert into another stream

-- === a query that feeds itself
INSERT INTO S SELECT * FROM S;
--| 1:13 error: these queries feed each other in a cycle: S -> S
--|     hint: insert into another stream

-- === a cycle of declared streams, and what hangs on it
CREATE STREAM A (x INT);
CREATE STREAM B (x INT);
CREATE STREAM C (x INT);
INSERT INTO A SELECT a AS x FROM S;
INSERT INTO B SELECT x FROM A;
INSERT INTO C SELECT x FROM B;
INSERT INTO A SELECT x FROM C;
SELECT x FROM C;
--| 7:13 error: these queries feed each other in a cycle: A -> B -> C -> A
--|     hint: insert into another stream

-- === two cycles
INSERT INTO P SELECT a FROM Q;
INSERT INTO Q SELECT a FROM P;
INSERT INTO X SELECT a FROM Y;
INSERT INTO Y SELECT a FROM Z;
INSERT INTO Z SELECT a FROM X;
--| 2:13 error: these queries feed each other in a cycle: Q -> P -> Q
--|     hint: insert into another stream
--| 5:13 error: these queries feed each other in a cycle: Y -> X -> Z -> Y
--|     hint: insert into another stream

-- === an undeclared stream whose query is wrong says nothing more
INSERT INTO X SELECT zz FROM S;
SELECT anything FROM X;
--| 1:22 error: stream 'S' has no column 'zz'
--|     hint: known: a, b, d, f, ok, s, t

-- === fan-out, fan-in and rejoin
INSERT INTO Hi SELECT id, amount FROM Orders WHERE amount > 10;
INSERT INTO Lo SELECT id, amount FROM Orders WHERE amount <= 10;
INSERT INTO Both SELECT id, amount, 'hi' AS kind FROM Hi;
INSERT INTO Both SELECT id, amount, 'lo' AS kind FROM Lo;
SELECT kind, count(*) AS n FROM Both GROUP BY kind;
--| inferred Hi (id STRING, amount DOUBLE)
--| inferred Lo (id STRING, amount DOUBLE)
--| inferred Both (id STRING, amount DOUBLE, kind STRING NOT NULL)
--| inferred OutputStream (kind STRING NOT NULL, n LONG NOT NULL)
--| query_1: Orders -> Hi
--|     Project id STRING = id, amount DOUBLE = amount
--|     Filter amount > 10.0
--| query_2: Orders -> Lo
--|     Project id STRING = id, amount DOUBLE = amount
--|     Filter amount <= 10.0
--| query_3: Hi -> Both
--|     Project id STRING = id, amount DOUBLE = amount, kind STRING = 'hi'
--| query_4: Lo -> Both
--|     Project id STRING = id, amount DOUBLE = amount, kind STRING = 'lo'
--| query_5: Both -> OutputStream
--|     Project kind STRING = kind, n LONG = count(*)
--|     Aggregate count(*) by kind

-- === a query reads a sink
CREATE STREAM Sink (a INT) WITH (type = 'sink', extension = 'log');
INSERT INTO Sink SELECT a FROM S;
SELECT a FROM Sink;
--| sink Sink (a INT) log/None
--| inferred OutputStream (a INT)
--| query_1: S -> Sink
--|     Project a INT = a
--| query_2: Sink -> OutputStream
--|     Project a INT = a

-- === a query writes to a source
CREATE STREAM Source (a INT) WITH (type = 'source', extension = 'memory', format = 'json');
INSERT INTO Source SELECT a FROM S;
--| source Source (a INT) memory/json
--| query_1: S -> Source
--|     Project a INT = a
--| 2:13 warning: 'Source' is a source: what is inserted goes to those who read it, not outside
--|     hint: a stream with type = 'sink' writes to the outside

-- === an unknown stream of a query that others read
INSERT INTO X SELECT a FROM Nowhere;
SELECT b FROM X;
--| 1:29 error: unknown stream 'Nowhere'
--|     hint: known: Orders, Out, OutputStream, S, X
--| 2:8 error: stream 'X' has no column 'b'
--|     hint: known: a

-- === a long way round
INSERT INTO D SELECT a AS d FROM C;
INSERT INTO C SELECT a FROM B;
INSERT INTO B SELECT a FROM A;
INSERT INTO A SELECT a FROM S;
SELECT d FROM D;
--| inferred D (d INT)
--| inferred C (a INT)
--| inferred B (a INT)
--| inferred A (a INT)
--| inferred OutputStream (d INT)
--| query_1: C -> D
--|     Project d INT = a
--| query_2: B -> C
--|     Project a INT = a
--| query_3: A -> B
--|     Project a INT = a
--| query_4: S -> A
--|     Project a INT = a
--| query_5: D -> OutputStream
--|     Project d INT = d

-- === an undeclared stream called like the settings
INSERT INTO checkpoint SELECT a FROM S;
--| 1:13 error: no stream can be called 'checkpoint'
--|     hint: settings are: SET checkpoint.… = …

-- === an alias of what is wrong, as a key
SELECT zz AS x, count(*) AS n FROM S GROUP BY x;
--| 1:8 error: stream 'S' has no column 'zz'
--|     hint: known: a, b, d, f, ok, s, t

-- === an alias behind all columns, as a key
SELECT *, a + 1 AS next, count(*) AS n FROM S GROUP BY next;
--| inferred OutputStream (a INT, b LONG NOT NULL, f FLOAT, d DOUBLE, s STRING, t STRING NOT NULL, ok BOOL, next LONG, n LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project a INT = a, b LONG = b, f FLOAT = f, d DOUBLE = d, s STRING = s, t STRING = t, ok BOOL = ok, next LONG = a + 1, n LONG = count(*)
--|     Aggregate count(*) by a + 1
--|     checks next: range
