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

-- === a percentile as in other SQL
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) AS p FROM Orders;
--| program.sql:2:29: error: WITHIN GROUP (ORDER BY …) is not part of this language
--|     2 | SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) AS p FROM Orders;
--|       |                             ^
--|   hint: the value is an argument: percentile_cont(x, 0.95)

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

-- === a list with an order of its own
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT array_agg(id ORDER BY amount) AS ids FROM Orders;
--| program.sql:2:21: error: ORDER BY inside a call is not supported yet
--|     2 | SELECT array_agg(id ORDER BY amount) AS ids FROM Orders;
--|       |                     ^
--|   hint: values stand in the order in which their rows came

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
--|   hint: write stddev(CAST(id AS DOUBLE))

-- === a misspelt aggregate
CREATE STREAM Orders (id STRING, amount DOUBLE);
SELECT medain(amount) AS d FROM Orders;
--| program.sql:2:8: error: unknown function 'medain'
--|     2 | SELECT medain(amount) AS d FROM Orders;
--|       |        ^
--|   hint: did you mean 'median'?
