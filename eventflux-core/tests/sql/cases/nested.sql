-- === steps into an OBJECT
CREATE STREAM E (data OBJECT, items JSON, s STRING, i INT);
SELECT data.price AS a, data['price'] AS b, items[0] AS c, data -> 'x' -> 0 AS d, data ->> 'x' AS e,
  E.data.a.b[1].c AS f, items[i] AS g, data[s] AS h, (data).x AS k, data."a b" AS l
FROM E;
--| internal E (data OBJECT, items OBJECT, s STRING, i INT)
--| inferred OutputStream (a OBJECT, b OBJECT, c OBJECT, d OBJECT, e STRING, f OBJECT, g OBJECT, h OBJECT, k OBJECT, l OBJECT)
--| query_1: E -> OutputStream
--|     Project a OBJECT = data['price'], b OBJECT = data['price'], c OBJECT = items[0], d OBJECT = data['x'][0], e STRING = CAST(data['x'] AS STRING), f OBJECT = data['a']['b'][1]['c'], g OBJECT = items[i], h OBJECT = data[s], k OBJECT = data['x'], l OBJECT = data['a b']

-- === the name of a column is that of the field
CREATE STREAM E (data OBJECT);
SELECT data.price, data['price'], data.a.b FROM E;
--| internal E (data OBJECT)
--| inferred OutputStream (price OBJECT, expr_1 OBJECT, expr_2 OBJECT)
--| query_1: E -> OutputStream
--|     Project price OBJECT = data['price'], expr_1 OBJECT = data['price'], expr_2 OBJECT = data['a']['b']

-- === nothing is inside a text
CREATE STREAM E (s STRING, data OBJECT, d DOUBLE);
SELECT s.x AS a, s[0] AS b, s ->> 'x' AS c, data[d] AS e, data[data.x] AS f, data[TRUE] AS g FROM E;
--| 2:10 error: s is STRING, which has nothing inside
--|     hint: declare the column as OBJECT to reach into it
--| 2:18 error: s is STRING, which has nothing inside
--|     hint: declare the column as OBJECT to reach into it
--| 2:29 error: s is STRING, which has nothing inside
--|     hint: declare the column as OBJECT to reach into it
--| 2:45 error: d is DOUBLE, which is no key of data
--|     hint: a key is the name of a field or the place in a list, from 0
--| 2:59 error: data['x'] is OBJECT, which is no key of data
--|     hint: a key is the name of a field or the place in a list, from 0
--| 2:78 error: TRUE is BOOL, which is no key of data
--|     hint: a key is the name of a field or the place in a list, from 0

-- === steps that end too early
CREATE STREAM E (data OBJECT);
SELECT data[0 AS a FROM E;
SELECT data. AS a FROM E;
SELECT data -> AS a FROM E;
SELECT data[] AS a FROM E;
SELECT data.f(1) AS a FROM E;
--| 2:15 error: expected ], found 'AS'
--|     hint: the [ at line 2, column 12 is not closed
--| 4:16 error: expected an expression, found 'AS'
--| 5:13 error: expected an expression, found ']'
--| 6:14 error: a function with a qualified name is not supported yet
--|     hint: write name(…)

-- === an alias of the stream is no column
CREATE STREAM E (data OBJECT, E OBJECT, e OBJECT);
SELECT E.data AS a, e.data AS b, x.data AS c FROM E;
--| 2:34 error: 'x' is not the stream of this query
--|     hint: known: E

-- === an OBJECT takes the type of what it meets
CREATE STREAM E (o OBJECT, l LONG, d DECIMAL(5, 2), s STRING, t TIMESTAMP, b BOOL);
SELECT o.x = 1 AS a, o.x > l AS b, o.x < d AS c, o.x = s AS d, o.x >= t AS e, o.x = b AS f,
  o.x = 9007199254740993 AS g, o.x BETWEEN 1 AND 2.5 AS h, o.x IN (1, 'a') AS i, o.x = o.y AS j,
  o.x + 1 AS k, o.x * l AS m, o.x LIKE 'a%' AS n, o.x = NULL AS p, CASE o.x WHEN 1 THEN 'a' END AS q
FROM E;
--| internal E (o OBJECT, l LONG, d DECIMAL(5,2), s STRING, t TIMESTAMP, b BOOL)
--| inferred OutputStream (a BOOL, b BOOL, c BOOL, d BOOL, e BOOL, f BOOL, g BOOL, h BOOL, i BOOL, j BOOL, k DOUBLE, m LONG, n BOOL, p BOOL, q STRING)
--| query_1: E -> OutputStream
--|     Project a BOOL = o['x'] = 1.0, b BOOL = o['x'] > l, c BOOL = o['x'] < d, d BOOL = o['x'] = s, e BOOL = o['x'] >= t, f BOOL = o['x'] = b, g BOOL = o['x'] = 9007199254740993, h BOOL = o['x'] BETWEEN 1.0 AND 2.5, i BOOL = o['x'] = 1.0 OR o['x'] = 'a', j BOOL = o['x'] = o['y'], k DOUBLE = o['x'] + 1.0, m LONG = o['x'] * l, n BOOL = o['x'] LIKE 'a%', p BOOL = o['x'] = NULL, q STRING = CASE o['x'] WHEN 1.0 THEN 'a' ELSE NULL END
--|     checks m: range
--| 4:53 warning: = NULL is NULL, never true
--|     hint: write IS NULL

-- === what two OBJECTs can't do, and no OBJECT can
CREATE STREAM E (o OBJECT, p OBJECT, s STRING);
SELECT o < p AS a, o + p AS b, o BETWEEN p AND o AS c, o + s AS d, -o AS e, o > TRUE AS f,
  CASE WHEN s = 'a' THEN o ELSE s END AS g FROM E WHERE o.flag;
--| 2:8 error: < has no meaning for two OBJECTs
--|     hint: they compare with = and != only; write CAST(o AS DOUBLE)
--| 2:20 error: + needs numbers, but o is OBJECT
--|     hint: write CAST(o AS DOUBLE)
--| 2:32 error: BETWEEN has no meaning for two OBJECTs
--|     hint: they compare with = and != only; write CAST(o AS DOUBLE)
--| 2:56 error: + needs numbers, but o is OBJECT
--|     hint: write CAST(o AS DOUBLE)
--| 2:69 error: - needs a number, but o is OBJECT
--| 2:77 error: > has no meaning for BOOL
--|     hint: BOOL compares with = and != only
--| 3:26 error: the results of CASE mix OBJECT and STRING
--|     hint: CAST them
--| 3:59 error: WHERE needs a condition (BOOL), but o['flag'] is OBJECT
--|     hint: compare it, or write CAST(o['flag'] AS BOOL)

-- === steps are limited like other operators
CREATE STREAM E (o OBJECT);
SELECT o.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a AS a FROM E;
--| 2:8 error: this expression chains more than 100 operators, one over the other
--|     hint: put parts of it in parentheses, or compute them in a query of their own

-- === brackets nest like parentheses
CREATE STREAM E (o OBJECT, s STRING);
SELECT o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[o[s]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] AS a FROM E;
--| 2:90 error: this expression nests deeper than 40 levels
--|     hint: compute parts of it in a query of their own
