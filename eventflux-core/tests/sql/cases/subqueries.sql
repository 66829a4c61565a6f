-- === UNION ALL into a declared stream is two queries
INSERT INTO Out SELECT a, s FROM S UNION ALL SELECT 5, id FROM Orders WHERE amount > 1;
--| query_1/1: S -> Out
--|     Project n INT = a, s STRING = s
--|     checks n: not null
--| query_1/2: Orders -> Out
--|     Project n INT = 5, s STRING = id
--|     Filter amount > 1.0

-- === UNION ALL takes names from the first, types from all
SELECT a AS x, s FROM S UNION ALL SELECT b, t FROM S UNION ALL SELECT NULL, 'text' FROM S;
--| inferred OutputStream (x LONG, s STRING)
--| query_1/1: S -> OutputStream
--|     Project x LONG = a, s STRING = s
--| query_1/2: S -> OutputStream
--|     Project x LONG = b, s STRING = t
--| query_1/3: S -> OutputStream
--|     Project x LONG = NULL, s STRING = 'text'

-- === UNION ALL of other types
SELECT a, s FROM S UNION ALL SELECT s, t FROM S;
--| 1:37 error: column 'a' of 'OutputStream' is STRING here and INT in another query
--|     hint: CAST one of them, or declare the stream

-- === UNION ALL of another number of columns
SELECT a, s FROM S UNION ALL SELECT a FROM S;
INSERT INTO Out SELECT a, s FROM S UNION ALL SELECT a FROM S;
--| 1:30 error: this query selects 1 column, but the first of UNION ALL 2 columns
--|     hint: select NULL for what it has not
--| 2:46 error: this query selects 1 column, but 'Out' has 2 columns
--|     hint: Out is (n INT NOT NULL, s STRING)

-- === UNION ALL with clauses, from-first forms and a column list
INSERT INTO Out (s, n) SELECT s, count(*) AS n FROM S WINDOW('tumbling', 1 MINUTE) GROUP BY s
UNION ALL FROM S WHERE a > 5 SELECT t, a
UNION ALL SELECT id, 1 FROM Orders;
SELECT a FROM S UNION ALL SELECT b FROM S INSERT INTO Both;
--| inferred Both (a LONG)
--| query_1/1: S -> Out
--|     Project n INT = count(*), s STRING = s
--|     Aggregate count(*) by s
--|     Tumbling 1 min, from the epoch
--|     checks n: range
--| query_1/2: S -> Out
--|     Project n INT = a, s STRING = t
--|     Filter a > 5
--|     checks n: not null
--| query_1/3: Orders -> Out
--|     Project n INT = 1, s STRING = id
--| query_2/1: S -> Both
--|     Project a LONG = a
--| query_2/2: S -> Both
--|     Project a LONG = b
--| 1:34 warning: 'n' is LONG and narrows to INT in column 'n' of 'Out'; a row out of range fails
--|     hint: declare it LONG, or write CAST(… AS INT) to get NULL instead of a failed row

-- === UNION without ALL, INTERSECT and EXCEPT
SELECT a FROM S UNION SELECT a FROM S;
SELECT a FROM S UNION DISTINCT SELECT a FROM S;
SELECT a FROM S INTERSECT SELECT a FROM S;
SELECT a FROM S WHERE a > 1 EXCEPT SELECT a FROM S;
--| 1:17 error: UNION without ALL would have to remember every row of an endless stream
--|     hint: write UNION ALL
--| 2:17 error: UNION without ALL would have to remember every row of an endless stream
--|     hint: write UNION ALL
--| 3:17 error: INTERSECT has no meaning over endless streams
--|     hint: filter with WHERE … AND …
--| 4:29 error: EXCEPT has no meaning over endless streams
--|     hint: filter with WHERE NOT …

-- === UNION ALL of nothing
SELECT a FROM S UNION ALL;
--| 1:26 error: expected SELECT, found the end of the statement

-- === each SELECT of UNION ALL has its own errors
SELECT nope FROM S UNION ALL SELECT zilch FROM Nowhere UNION ALL SELECT a FROM S WHERE s;
--| 1:8 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:48 error: unknown stream 'Nowhere'
--|     hint: known: Orders, Out, OutputStream, S
--| 1:88 error: WHERE needs a condition (BOOL), but s is STRING
--|     hint: compare it: … = 'value'

-- === a subquery in FROM
INSERT INTO Out SELECT d.n + 1, d.s FROM (SELECT a AS n, s FROM S WHERE a > 1) AS d WHERE n < 9;
--| inferred query_1/d (n INT, s STRING)
--| query_1/d: S -> query_1/d
--|     Project n INT = a, s STRING = s
--|     Filter a > 1
--| query_1: query_1/d -> Out
--|     Project n INT = n + 1, s STRING = s
--|     Filter n < 9
--|     checks n: not null, range

-- === a subquery needs no alias, and may be a window, a group or a union
SELECT total FROM (SELECT s, sum(a) AS total FROM S GROUP BY s) WHERE total > 10;
INSERT INTO T SELECT n, count(*) AS c FROM (
  SELECT a AS n FROM S UNION ALL SELECT b FROM S
) u WINDOW('tumbling', 1 MINUTE) GROUP BY n;
--| inferred OutputStream (total LONG)
--| inferred query_1/subquery (s STRING, total LONG)
--| inferred T (n LONG, c LONG NOT NULL)
--| inferred query_2/u (n LONG)
--| query_1/subquery: S -> query_1/subquery
--|     Project s STRING = s, total LONG = sum(a)
--|     Aggregate sum(a) by s
--|     checks total: range
--| query_1: query_1/subquery -> OutputStream
--|     Project total LONG = total
--|     Filter total > 10
--| query_2/u/1: S -> query_2/u
--|     Project n LONG = a
--| query_2/u/2: S -> query_2/u
--|     Project n LONG = b
--| query_2: query_2/u -> T
--|     Project n LONG = n, c LONG = count(*)
--|     Aggregate count(*) by n
--|     Tumbling 1 min, from the epoch

-- === subqueries in subqueries
SELECT c FROM (SELECT b AS c FROM (SELECT a AS b FROM (FROM S SELECT a) AS x) AS x) AS x;
--| inferred OutputStream (c INT)
--| inferred query_1/x (c INT)
--| inferred query_1/x_2 (b INT)
--| inferred query_1/x_3 (a INT)
--| query_1/x_3: S -> query_1/x_3
--|     Project a INT = a
--| query_1/x_2: query_1/x_3 -> query_1/x_2
--|     Project b INT = a
--| query_1/x: query_1/x_2 -> query_1/x
--|     Project c INT = b
--| query_1: query_1/x -> OutputStream
--|     Project c INT = c

-- === names of a subquery
SELECT d.nope, S.a, a FROM (SELECT a FROM S) AS d;
SELECT nope, q.a FROM (SELECT a FROM S);
--| 1:10 error: stream 'd' has no column 'nope'
--|     hint: known: a
--| 1:16 error: 'S' is not the stream of this query
--|     hint: known: d
--| 1:21 error: two columns of this query are called 'a'
--|     hint: name one with AS
--| 2:8 error: stream '(SELECT …)' has no column 'nope'
--|     hint: known: a
--| 2:14 error: 'q' is not the stream of this query
--|     hint: give the subquery a name: FROM (SELECT …) AS q

-- === errors inside and outside a subquery
SELECT x.zilch, x.a FROM (SELECT nope, a FROM S WHERE s) AS x WHERE y;
--| 1:34 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:55 error: WHERE needs a condition (BOOL), but s is STRING
--|     hint: compare it: … = 'value'

-- === clauses in a subquery, and an error behind it
SELECT a FROM (SELECT a FROM S ORDER BY a LIMIT 5) AS d;
SELECT a FROM (SELECT DISTINCT a FROM S) AS d WHERE zilch > 1;
--| 2:53 error: stream 'd' has no column 'zilch'
--|     hint: known: a

-- === a subquery that is not closed, is empty, or is no query
SELECT a FROM (SELECT a FROM S;
SELECT a FROM ();
SELECT a FROM (S);
SELECT a FROM (SELECT) AS d;
SELECT a FROM (INSERT INTO T SELECT a FROM S) AS d;
--| 1:31 error: expected a clause or ), found the end of the statement
--| 2:15 error: expected the name of a stream, or (SELECT …), found '('
--|     hint: remove the parentheses
--| 3:15 error: expected the name of a stream, or (SELECT …), found '('
--|     hint: remove the parentheses
--| 4:22 error: expected an expression, found ')'
--| 5:15 error: expected the name of a stream, or (SELECT …), found '('
--|     hint: a subquery selects, it inserts nothing

-- === behind a subquery
SELECT a FROM (SELECT a FROM S) AS d (b);
SELECT a FROM (SELECT a FROM S) AS d JOIN Orders ON TRUE;
SELECT a FROM (SELECT a FROM S), Orders;
--| 1:38 error: a column list after the alias is not part of this language
--|     hint: name the columns in the subquery, with AS
--| 2:38 error: JOIN is not supported yet
--|     hint: joins are planned for a later version; today each query reads one stream, and several may write into one
--| 3:32 error: reading several streams at once (a join) is not supported yet
--|     hint: joins are planned for a later version; today each query reads one stream, and several may write into one

-- === a subquery where an expression stands
SELECT a FROM S WHERE a IN (SELECT n FROM Out);
SELECT a FROM S WHERE EXISTS (SELECT n FROM Out);
SELECT (SELECT max(n) FROM Out) AS m FROM S;
SELECT a FROM S AS o WHERE a > (SELECT avg(a) FROM S WHERE s = o.s);
--| 1:29 error: a subquery in an expression would read the whole of an endless stream
--|     hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version
--| 2:23 error: a subquery in an expression would read the whole of an endless stream
--|     hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version
--| 3:9 error: a subquery in an expression would read the whole of an endless stream
--|     hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version
--| 4:33 error: a subquery in an expression would read the whole of an endless stream
--|     hint: a subquery stands in FROM: FROM (SELECT …) AS name; to look at the rows of another stream is a join, planned for a later version

-- === WITH
WITH big AS (SELECT a, s FROM S WHERE a > 100), named AS (SELECT a AS n, s FROM big)
INSERT INTO Out SELECT n, s FROM named;
--| inferred query_1/big (a INT, s STRING)
--| inferred query_1/named (n INT, s STRING)
--| query_1/big: S -> query_1/big
--|     Project a INT = a, s STRING = s
--|     Filter a > 100
--| query_1/named: query_1/big -> query_1/named
--|     Project n INT = a, s STRING = s
--| query_1: query_1/named -> Out
--|     Project n INT = n, s STRING = s
--|     checks n: not null

-- === INSERT INTO before WITH, and after it
INSERT INTO Out WITH big AS (SELECT a, s FROM S) SELECT a, s FROM big;
WITH big AS (SELECT a, s FROM S) SELECT b.a, big.s FROM big AS b INSERT INTO Out;
--| inferred query_1/big (a INT, s STRING)
--| inferred query_2/big (a INT, s STRING)
--| query_1/big: S -> query_1/big
--|     Project a INT = a, s STRING = s
--| query_1: query_1/big -> Out
--|     Project n INT = a, s STRING = s
--|     checks n: not null
--| query_2/big: S -> query_2/big
--|     Project a INT = a, s STRING = s
--| query_2: query_2/big -> Out
--|     Project n INT = a, s STRING = s
--|     checks n: not null

-- === WITH read twice is made once
WITH d (x) AS (SELECT a FROM S WHERE a > 1)
SELECT x FROM d WHERE x < 5 UNION ALL SELECT x FROM d WHERE x > 7;
--| inferred query_1/d (x INT)
--| inferred OutputStream (x INT)
--| query_1/d: S -> query_1/d
--|     Project x INT = a
--|     Filter a > 1
--| query_1/1: query_1/d -> OutputStream
--|     Project x INT = x
--|     Filter x < 5
--| query_1/2: query_1/d -> OutputStream
--|     Project x INT = x
--|     Filter x > 7

-- === WITH stands before streams of its name
WITH S AS (SELECT a FROM S WHERE a > 1) SELECT a FROM S;
--| inferred OutputStream (a INT)
--| inferred query_1/S (a INT)
--| query_1/S: S -> query_1/S
--|     Project a INT = a
--|     Filter a > 1
--| query_1: query_1/S -> OutputStream
--|     Project a INT = a

-- === WITH inside a subquery sees those around it
WITH d AS (SELECT a FROM S) SELECT x FROM (WITH e AS (SELECT a AS x FROM d) SELECT x FROM e);
--| inferred OutputStream (x INT)
--| inferred query_1/d (a INT)
--| inferred query_1/e (x INT)
--| inferred query_1/subquery (x INT)
--| query_1/d: S -> query_1/d
--|     Project a INT = a
--| query_1/e: query_1/d -> query_1/e
--|     Project x INT = a
--| query_1/subquery: query_1/e -> query_1/subquery
--|     Project x INT = x
--| query_1: query_1/subquery -> OutputStream
--|     Project x INT = x

-- === what nothing reads of WITH is checked and left out
WITH d AS (SELECT a FROM S), e AS (SELECT nope FROM d) SELECT a FROM S;
INSERT INTO T WITH d AS (SELECT a FROM S), e AS (SELECT a FROM d) SELECT b FROM S;
--| 1:43 error: stream 'd' has no column 'nope'
--|     hint: known: a

-- === what nothing reads of WITH is left out
WITH d AS (SELECT a FROM S), e AS (SELECT a FROM d) SELECT b FROM S;
--| inferred OutputStream (b LONG NOT NULL)
--| query_1: S -> OutputStream
--|     Project b LONG = b
--| 1:30 warning: nothing reads 'e' of WITH: it is left out

-- === what an unread name reads is kept where another reads it, else left out with it
INSERT INTO T WITH d AS (SELECT a FROM S)
SELECT x FROM (WITH e AS (SELECT a FROM d) SELECT a AS x FROM S) UNION ALL SELECT a FROM d;
INSERT INTO U WITH d AS (SELECT a FROM S), e AS (SELECT a FROM d), f AS (SELECT a FROM e) SELECT a FROM d;
INSERT INTO V WITH d AS (SELECT a FROM S), e AS (SELECT a FROM d) SELECT b FROM S;
--| inferred query_1/d (a INT)
--| inferred T (x INT)
--| inferred query_1/subquery (x INT)
--| inferred U (a INT)
--| inferred query_2/d (a INT)
--| inferred V (b LONG NOT NULL)
--| query_1/subquery: S -> query_1/subquery
--|     Project x INT = a
--| query_1/1: query_1/subquery -> T
--|     Project x INT = x
--| query_1/d: S -> query_1/d
--|     Project a INT = a
--| query_1/2: query_1/d -> T
--|     Project x INT = a
--| query_2/d: S -> query_2/d
--|     Project a INT = a
--| query_2: query_2/d -> U
--|     Project a INT = a
--| query_3: S -> V
--|     Project b LONG = b
--| 2:21 warning: nothing reads 'e' of WITH: it is left out
--| 3:68 warning: nothing reads 'f' of WITH: it is left out
--| 4:44 warning: nothing reads 'e' of WITH: it is left out

-- === a name of WITH ends with its query
WITH d AS (SELECT a FROM S) SELECT a FROM d;
SELECT a FROM d;
--| 2:15 error: unknown stream 'd'
--|     hint: known: Orders, Out, OutputStream, S

-- === a name of WITH can't be read before it
WITH e AS (SELECT a FROM d), d AS (SELECT a FROM S) SELECT a FROM e UNION ALL SELECT a FROM d;
--| 1:26 error: unknown stream 'd'
--|     hint: known: Orders, Out, OutputStream, S

-- === WITH names something twice
WITH d AS (SELECT a FROM S), d AS (SELECT b FROM S) SELECT b FROM d;
--| 1:30 error: WITH names 'd' twice
--|     hint: rename one

-- === WITH that is not one
WITH d AS SELECT a FROM S SELECT a FROM d;
WITH d SELECT a FROM d;
WITH RECURSIVE d AS (SELECT a FROM S) SELECT a FROM d;
WITH d AS (SELECT a FROM S);
WITH d (x, y) AS (SELECT a FROM S) SELECT x FROM d;
WITH d (5) AS (SELECT a FROM S) SELECT x FROM d;
--| 1:11 error: expected ( after AS, found 'SELECT'
--|     hint: write WITH d AS (SELECT …)
--| 2:8 error: expected AS after d, found 'SELECT'
--|     hint: write WITH d AS (SELECT …)
--| 3:6 error: WITH RECURSIVE has no meaning over endless streams
--|     hint: a query can't feed itself: write each step as a query of its own
--| 4:28 error: expected SELECT, found the end of the statement
--| 5:19 error: this query selects 1 column, but its list has 2 columns
--|     hint: list a column for each value
--| 6:9 error: expected the name of a column, found '5'
--|     hint: a name begins with a letter or _, or stands in double quotes

-- === a view is a stream that a query defines
SELECT n, t FROM V WHERE n > 1;
CREATE VIEW V AS SELECT a AS n, t FROM S WHERE a > 5;
INSERT INTO Out SELECT * FROM V;
--| inferred OutputStream (n INT, t STRING NOT NULL)
--| inferred V (n INT, t STRING NOT NULL)
--| query_1: V -> OutputStream
--|     Project n INT = n, t STRING = t
--|     Filter n > 1
--| V: S -> V
--|     Project n INT = a, t STRING = t
--|     Filter a > 5
--| query_2: V -> Out
--|     Project n INT = n, s STRING = t
--|     checks n: not null

-- === a view with a column list, a union, WITH and a window
CREATE VIEW V (x, y) AS WITH w AS (SELECT s, count(*) AS n FROM S WINDOW('tumbling', 1 MINUTE) GROUP BY s)
SELECT s, n FROM w UNION ALL SELECT 'none', 0 FROM S;
--| inferred V/w (s STRING, n LONG NOT NULL)
--| inferred V (x STRING, y LONG NOT NULL)
--| V/w: S -> V/w
--|     Project s STRING = s, n LONG = count(*)
--|     Aggregate count(*) by s
--|     Tumbling 1 min, from the epoch
--| V/1: V/w -> V
--|     Project x STRING = s, y LONG = n
--| V/2: S -> V
--|     Project x STRING = 'none', y LONG = 0

-- === views of views
CREATE VIEW B AS SELECT x + 1 AS y FROM A;
CREATE VIEW A AS SELECT a AS x FROM S;
SELECT y FROM B;
--| inferred B (y LONG)
--| inferred A (x INT)
--| inferred OutputStream (y LONG)
--| B: A -> B
--|     Project y LONG = x + 1
--|     checks y: range
--| A: S -> A
--|     Project x INT = a
--| query_1: B -> OutputStream
--|     Project y LONG = y

-- === a view defined twice, a view with the name of a stream
CREATE VIEW V AS SELECT a FROM S;
CREATE VIEW V AS SELECT nope FROM S;
CREATE VIEW Out AS SELECT a, s FROM S;
CREATE STREAM IF NOT EXISTS V (a INT);
--| 2:13 error: view 'V' is already defined at line 1, column 13
--|     hint: rename or remove one
--| 4:29 error: view 'V' is already defined at line 1, column 13
--|     hint: rename or remove one
--| 9:15 error: view 'Out' is already defined at line 3, column 13
--|     hint: rename or remove one

-- === nothing can be inserted into a view
CREATE VIEW V AS SELECT a FROM S;
INSERT INTO V SELECT a FROM S;
--| 2:13 error: 'V' is a view: nothing can be inserted into it
--|     hint: insert into another stream, or add to the view with UNION ALL

-- === a view that reads itself
CREATE VIEW V AS SELECT a FROM V;
CREATE VIEW A AS SELECT a FROM B;
CREATE VIEW B AS SELECT a FROM A UNION ALL SELECT a FROM S;
--| 1:13 error: these queries feed each other in a cycle: V -> V
--|     hint: insert into another stream
--| 3:13 error: these queries feed each other in a cycle: B -> A -> B
--|     hint: insert into another stream

-- === a view with errors
CREATE VIEW V AS SELECT a AS n, nope FROM S WHERE s;
SELECT n, nope, zilch FROM V;
--| 1:33 error: stream 'S' has no column 'nope'
--|     hint: known: a, b, d, f, ok, s, t
--| 1:51 error: WHERE needs a condition (BOOL), but s is STRING
--|     hint: compare it: … = 'value'

-- === views that can't be read
CREATE VIEW V SELECT a FROM S;
CREATE VIEW AS SELECT a FROM S;
CREATE VIEW IF NOT EXISTS V AS SELECT a FROM S;
CREATE MATERIALIZED VIEW V AS SELECT a FROM S;
CREATE OR REPLACE VIEW V AS SELECT a FROM S;
CREATE VIEW app AS SELECT a FROM S;
CREATE VIEW V AS SELECT a FROM S INSERT INTO T;
--| 1:15 error: expected AS after V, found 'SELECT'
--|     hint: write CREATE VIEW V AS SELECT …
--| 2:13 error: expected the name of a view, found the keyword AS
--|     hint: put it in double quotes to use it as a name: "AS"
--| 3:13 error: CREATE VIEW IF NOT EXISTS is not part of this language
--|     hint: write CREATE VIEW name AS …
--| 4:8 error: CREATE MATERIALIZED VIEW is not part of this language
--|     hint: write CREATE VIEW: its rows are made as they come
--| 5:8 error: CREATE OR REPLACE is not part of this language
--|     hint: write CREATE alone
--| 6:13 error: no stream can be called 'app'
--|     hint: settings are: SET app.… = …
--| 7:34 error: a view has no target
--|     hint: leave it out: others read it, FROM V, and insert

-- === view is an ordinary name elsewhere
CREATE STREAM view (view INT, "with" INT, recursive INT);
SELECT view.view AS view, "with", recursive FROM view;
--| internal view (view INT, with INT, recursive INT)
--| inferred OutputStream (view INT, with INT, recursive INT)
--| query_1: view -> OutputStream
--|     Project view INT = view, with INT = with, recursive INT = recursive

-- === a query in parentheses
(SELECT a FROM S) UNION ALL (SELECT b FROM S);
SELECT a FROM S UNION ALL (SELECT b FROM S);
--| 1:1 error: a query in parentheses is not supported yet
--|     hint: remove the parentheses
--| 2:27 error: expected SELECT, found '('
--|     hint: remove the parentheses
