
== the first condition that is TRUE decides
CREATE STREAM S (price DOUBLE);
INSERT INTO Out SELECT CASE WHEN price > 150.0 THEN 'high' WHEN price > 100.0 THEN 'medium' ELSE 'low' END AS level FROM S;
--
S (200.0)   -> Out ('high')
S (120.0)   -> Out ('medium')
S (75.0)    -> Out ('low')
S (NULL)    -> Out ('low')

== without ELSE it is NULL
CREATE STREAM S (a INT);
INSERT INTO Out SELECT CASE WHEN a > 0 THEN 'positive' END AS sign FROM S;
--
S (1)    -> Out ('positive')
S (-1)   -> Out (NULL)

== CASE x compares by =, so NULL matches nothing
CREATE STREAM S (a INT);
INSERT INTO Out SELECT CASE a WHEN 1 THEN 'one' WHEN NULL THEN 'never' WHEN 2 THEN 'two' ELSE 'other' END AS n FROM S;
--
S (1)      -> Out ('one')
S (2)      -> Out ('two')
S (NULL)   -> Out ('other')

== results widen to a common type
CREATE STREAM S (a INT, d DOUBLE);
INSERT INTO Out SELECT CASE WHEN a > 1 THEN a ELSE d END AS x, CASE WHEN a > 1 THEN 1 ELSE 0.5 END AS y FROM S;
--
S (2, 0.25)   -> Out (2.0, 1.0)
S (1, 0.25)   -> Out (0.25, 0.5)

== one CASE inside another
CREATE STREAM S (a INT, b INT);
INSERT INTO Out SELECT CASE WHEN a = 1 THEN CASE b WHEN 1 THEN 'both' ELSE 'a' END ELSE CASE WHEN b = 1 THEN 'b' END END AS x FROM S;
--
S (1, 1)   -> Out ('both')
S (1, 2)   -> Out ('a')
S (2, 1)   -> Out ('b')
S (2, 2)   -> Out (NULL)

== a CASE in WHERE
CREATE STREAM S (kind STRING, a INT);
INSERT INTO Out SELECT a FROM S WHERE CASE kind WHEN 'all' THEN TRUE WHEN 'some' THEN a > 1 END;
--
S ('all', 0)    -> Out (0)
S ('some', 1)   -> -
S ('some', 2)   -> Out (2)
S ('none', 3)   -> -
