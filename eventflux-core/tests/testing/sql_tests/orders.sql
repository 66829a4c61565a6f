CREATE STREAM Orders (id STRING NOT NULL, amount DOUBLE, quantity INT) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  rabbitmq.host = 'localhost', rabbitmq.queue = 'orders', rabbitmq.password = 'hunter2'
);
CREATE STREAM Large (id STRING, amount DOUBLE) WITH (type = 'sink', extension = 'log');
CREATE STREAM Huge (id STRING, amount DOUBLE) WITH (type = 'sink', extension = 'log');
CREATE STREAM Totals (orders LONG, total DOUBLE, till TIMESTAMP) WITH (
  type = 'sink', extension = 'log'
);
CREATE STREAM Pieces (id STRING, pieces INT) WITH (type = 'sink', extension = 'log');

INSERT INTO Large SELECT id, amount FROM Orders WHERE amount > 100;

INSERT INTO Huge SELECT id, amount FROM Orders WHERE amount > 1000;

INSERT INTO Totals
SELECT count(*) AS orders, sum(amount) AS total, window_end() AS till
FROM Orders WINDOW('tumbling', 1 MINUTE);

INSERT INTO Pieces SELECT id, quantity * 12 AS pieces FROM Orders WHERE quantity IS NOT NULL;
