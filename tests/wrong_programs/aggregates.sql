-- === FILTER behind a function of one row
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT coalesce(amount, 0) FILTER (WHERE amount > 5) AS n FROM Orders;
--| program.sql:2:42: error: FILTER (WHERE …) follows an aggregate, and nothing else
--|     2 | SELECT coalesce(amount, 0) FILTER (WHERE amount > 5) AS n FROM Orders;
--|       |                                          ^
--|   hint: write CASE WHEN condition THEN value END

-- === FILTER without a condition
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) FILTER (WHERE amount) AS n FROM Orders;
--| program.sql:2:31: error: FILTER of count needs a condition (BOOL), but amount is DOUBLE
--|     2 | SELECT count(*) FILTER (WHERE amount) AS n FROM Orders;
--|       |                               ^
--|   hint: compare it: … != 0

-- === FILTER without WHERE
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) FILTER (amount > 5) AS n FROM Orders;
--| program.sql:2:25: error: expected WHERE in FILTER (…), found 'amount'
--|     2 | SELECT count(*) FILTER (amount > 5) AS n FROM Orders;
--|       |                         ^
--|   hint: write FILTER (WHERE condition)

-- === an aggregate in FILTER
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) FILTER (WHERE sum(amount) > 5) AS n FROM Orders;
--| program.sql:2:31: error: the aggregate sum can't stand in FILTER
--|     2 | SELECT count(*) FILTER (WHERE sum(amount) > 5) AS n FROM Orders;
--|       |                               ^
--|   hint: aggregate in a query of its own, and read its stream in another

-- === DISTINCT where each row counts
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT last(DISTINCT id) AS n FROM Orders;
--| program.sql:2:8: error: last(DISTINCT …) has no meaning
--|     2 | SELECT last(DISTINCT id) AS n FROM Orders;
--|       |        ^
--|   hint: leave DISTINCT out, or write another aggregate: last goes by each row

-- === DISTINCT of several values
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(DISTINCT id, amount) AS n FROM Orders;
--| program.sql:2:8: error: count takes one argument, not 2
--|     2 | SELECT count(DISTINCT id, amount) AS n FROM Orders;
--|       |        ^
--|   hint: make one value of them: count(DISTINCT concat_ws('|', a, b))

-- === DISTINCT of nested data
CREATE STREAM Orders (data OBJECT);
SELECT count(DISTINCT data) AS n FROM Orders;
--| program.sql:2:8: error: data is OBJECT, of which DISTINCT can't tell what is equal
--|     2 | SELECT count(DISTINCT data) AS n FROM Orders;
--|       |        ^
--|   hint: write CAST(data AS STRING)

-- === a percentile without its fraction
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT percentile_cont(amount) AS p FROM Orders;
--| program.sql:2:8: error: percentile_cont takes two arguments, not 1
--|     2 | SELECT percentile_cont(amount) AS p FROM Orders;
--|       |        ^
--|   hint: write percentile_cont(x, 0.95)

-- === a percentile in per cent
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT quantile(amount, 95) AS p FROM Orders;
--| program.sql:2:25: error: the fraction of quantile is a number from 0 to 1, the same for all rows
--|     2 | SELECT quantile(amount, 95) AS p FROM Orders;
--|       |                         ^
--|   hint: write quantile(x, 0.95)

-- === a fraction that differs from row to row
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT quantile(amount, amount) AS p FROM Orders;
--| program.sql:2:25: error: the fraction of quantile is a number from 0 to 1, the same for all rows
--|     2 | SELECT quantile(amount, amount) AS p FROM Orders;
--|       |                         ^
--|   hint: write quantile(x, 0.95)

-- === a percentile with its value in both places
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT percentile_cont(amount, 0.5) WITHIN GROUP (ORDER BY amount) AS p FROM Orders;
--| program.sql:2:8: error: the value of percentile_cont stands in WITHIN GROUP (ORDER BY …)
--|     2 | SELECT percentile_cont(amount, 0.5) WITHIN GROUP (ORDER BY amount) AS p FROM Orders;
--|       |        ^
--|   hint: write percentile_cont(0.95) WITHIN GROUP (ORDER BY x), or percentile_cont(x, 0.95)

-- === a percentile of two values
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount, id) AS p FROM Orders;
--| program.sql:2:60: error: percentile_cont goes by one value, not 2
--|     2 | SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount, id) AS p FROM Orders;
--|       |                                                            ^
--|   hint: write percentile_cont(0.95) WITHIN GROUP (ORDER BY x)

-- === a percentile that is told where NULLs stand
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT median() WITHIN GROUP (ORDER BY amount DESC NULLS FIRST) AS p FROM Orders;
--| program.sql:2:40: error: median passes NULLs over: there is no place for them
--|     2 | SELECT median() WITHIN GROUP (ORDER BY amount DESC NULLS FIRST) AS p FROM Orders;
--|       |                                        ^
--|   hint: leave NULLS FIRST out

-- === a percentile of values put in order
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT percentile_disc(amount, 0.5 ORDER BY amount) AS p FROM Orders;
--| program.sql:2:45: error: percentile_disc puts its values in order itself
--|     2 | SELECT percentile_disc(amount, 0.5 ORDER BY amount) AS p FROM Orders;
--|       |                                             ^
--|   hint: leave ORDER BY out, or write percentile_disc(0.95) WITHIN GROUP (ORDER BY x)

-- === mode, the greatest of several
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT mode() WITHIN GROUP (ORDER BY id DESC) AS p FROM Orders;
--| program.sql:2:38: error: mode can't go from the greatest down
--|     2 | SELECT mode() WITHIN GROUP (ORDER BY id DESC) AS p FROM Orders;
--|       |                                      ^
--|   hint: leave DESC out

-- === WITHIN GROUP without an order
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT percentile_cont(0.5) WITHIN GROUP (amount) AS p FROM Orders;
--| program.sql:2:42: error: expected (ORDER BY …) after WITHIN GROUP, found '('
--|     2 | SELECT percentile_cont(0.5) WITHIN GROUP (amount) AS p FROM Orders;
--|       |                                          ^
--|   hint: write WITHIN GROUP (ORDER BY x)

-- === WITHIN GROUP behind something else
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT amount + 1 WITHIN GROUP (ORDER BY amount) AS p FROM Orders;
--| program.sql:2:19: error: WITHIN GROUP (ORDER BY …) follows an aggregate, and nothing else
--|     2 | SELECT amount + 1 WITHIN GROUP (ORDER BY amount) AS p FROM Orders;
--|       |                   ^
--|   hint: write percentile_cont(0.95) WITHIN GROUP (ORDER BY x)

-- === texts joined that are none
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT string_agg(amount, ', ') AS t FROM Orders;
--| program.sql:2:8: error: string_agg needs texts, but amount is DOUBLE
--|     2 | SELECT string_agg(amount, ', ') AS t FROM Orders;
--|       |        ^
--|   hint: write CAST(amount AS STRING)

-- === a separator that is no text
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT string_agg(id, amount) AS t FROM Orders;
--| program.sql:2:23: error: the separator of string_agg is a text, the same for all rows
--|     2 | SELECT string_agg(id, amount) AS t FROM Orders;
--|       |                       ^
--|   hint: write string_agg(x, ', ')

-- === an order that does not show
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT sum(amount ORDER BY id) AS p FROM Orders;
--| program.sql:2:28: error: sum gives the same in any order of its values
--|     2 | SELECT sum(amount ORDER BY id) AS p FROM Orders;
--|       |                            ^
--|   hint: leave ORDER BY out

-- === an order of no rows
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT count(*) WITHIN GROUP (ORDER BY id) AS p FROM Orders;
--| program.sql:2:17: error: WITHIN GROUP (ORDER BY …) follows an aggregate, and nothing else
--|     2 | SELECT count(*) WITHIN GROUP (ORDER BY id) AS p FROM Orders;
--|       |                 ^
--|   hint: write percentile_cont(0.95) WITHIN GROUP (ORDER BY x)

-- === an order of a function
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT coalesce(id ORDER BY amount) AS p FROM Orders;
--| program.sql:2:29: error: ORDER BY stands in an aggregate, and coalesce is none
--|     2 | SELECT coalesce(id ORDER BY amount) AS p FROM Orders;
--|       |                             ^
--|   hint: leave it out

-- === an order behind the separator
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT string_agg(id ORDER BY amount, ', ') AS p FROM Orders;
--| program.sql:2:39: error: ORDER BY can't sort by a constant
--|     2 | SELECT string_agg(id ORDER BY amount, ', ') AS p FROM Orders;
--|       |                                       ^
--|   hint: the separator stands before ORDER BY: string_agg(x, ', ' ORDER BY y)

-- === an order by a constant
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT array_agg(id ORDER BY 1) AS p FROM Orders;
--| program.sql:2:30: error: ORDER BY can't sort by a constant
--|     2 | SELECT array_agg(id ORDER BY 1) AS p FROM Orders;
--|       |                              ^
--|   hint: name a column

-- === an order by another value than the distinct ones
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT array_agg(DISTINCT id ORDER BY amount) AS p FROM Orders;
--| program.sql:2:39: error: with DISTINCT a value stands for several rows: of which is amount?
--|     2 | SELECT array_agg(DISTINCT id ORDER BY amount) AS p FROM Orders;
--|       |                                       ^
--|   hint: sort by id itself

-- === an order by an aggregate
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT array_agg(id ORDER BY max(amount)) AS p FROM Orders;
--| program.sql:2:30: error: the aggregate max can't stand in the order of array_agg
--|     2 | SELECT array_agg(id ORDER BY max(amount)) AS p FROM Orders;
--|       |                              ^
--|   hint: aggregate in a query of its own, and read its stream in another

-- === an order by an unknown column
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT first(id ORDER BY amuont) AS p FROM Orders;
--| program.sql:2:26: error: stream 'Orders' has no column 'amuont'
--|     2 | SELECT first(id ORDER BY amuont) AS p FROM Orders;
--|       |                          ^
--|   hint: did you mean 'amount'?

-- === an order in a list of values
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT id IN ('a' ORDER BY id) AS p FROM Orders;
--| program.sql:2:19: error: ORDER BY stands at the end of a query, or in an aggregate
--|     2 | SELECT id IN ('a' ORDER BY id) AS p FROM Orders;
--|       |                   ^
--|   hint: write array_agg(x ORDER BY y)

-- === NULLS, but where
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT array_agg(id ORDER BY amount NULLS) AS p FROM Orders;
--| program.sql:2:42: error: expected FIRST or LAST after NULLS, found ')'
--|     2 | SELECT array_agg(id ORDER BY amount NULLS) AS p FROM Orders;
--|       |                                          ^

-- === conditions that are numbers
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT bool_and(amount) AS t FROM Orders;
--| program.sql:2:8: error: bool_and needs conditions (BOOL), but amount is DOUBLE
--|     2 | SELECT bool_and(amount) AS t FROM Orders;
--|       |        ^
--|   hint: compare it: … != 0

-- === the deviation of texts
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT stddev(id) AS d FROM Orders;
--| program.sql:2:8: error: stddev needs numbers, but id is STRING
--|     2 | SELECT stddev(id) AS d FROM Orders;
--|       |        ^
--|   hint: write CAST(id AS DOUBLE)

-- === a misspelt aggregate
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT medain(amount) AS d FROM Orders;
--| program.sql:2:8: error: unknown function 'medain'
--|     2 | SELECT medain(amount) AS d FROM Orders;
--|       |        ^
--|   hint: did you mean 'median'?

-- === DISTINCT and ORDER BY of lists
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT DISTINCT array_agg(id) AS ids FROM Orders WINDOW('tumbling', 1 MINUTE);
SELECT array_agg(id) AS ids FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY amount ORDER BY ids;
SELECT DISTINCT id FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY id ORDER BY max(amount) + 1;
--| program.sql:2:8: error: array_agg(id) is OBJECT, of which DISTINCT can't tell what is equal
--|     2 | SELECT DISTINCT array_agg(id) AS ids FROM Orders WINDOW('tumbling', 1 MINUTE);
--|       |        ^
--|   hint: select CAST(array_agg(id) AS STRING), or a value in it
--| program.sql:3:95: error: array_agg(id) is OBJECT, which has no order
--|     3 | SELECT array_agg(id) AS ids FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY amount ORDER BY ids;
--|       |                                                                                               ^
--|   hint: write ORDER BY CAST(array_agg(id) AS STRING), or a value in it
--| program.sql:4:82: error: with SELECT DISTINCT, ORDER BY sorts by what is selected, but max(amount) + 1.0 is not
--|     4 | SELECT DISTINCT id FROM Orders WINDOW('tumbling', 1 MINUTE) GROUP BY id ORDER BY max(amount) + 1;
--|       |                                                                                  ^
--|   hint: select it, or GROUP BY the columns

-- === a time to live of what is one state
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT array_agg(id) AS ids FROM Orders WITH ('state.ttl' = '1 hour');
--| program.sql:2:47: error: state.ttl bounds nothing here: it does not end every value for array_agg(id)
--|     2 | SELECT array_agg(id) AS ids FROM Orders WITH ('state.ttl' = '1 hour');
--|       |                                               ^
--|   hint: a window ends them: FROM stream WINDOW('tumbling', 1 MINUTE)

-- === a percentile of texts
CREATE STREAM Orders (id STRING, amount STRING);
SELECT percentile_cont(amount, 0.95) AS p FROM Orders;
--| program.sql:2:8: error: percentile_cont needs numbers, but amount is STRING
--|     2 | SELECT percentile_cont(amount, 0.95) AS p FROM Orders;
--|       |        ^
--|   hint: write CAST(amount AS DOUBLE)
