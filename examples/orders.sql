-- Orders arrive on a queue; those above 50 leave on an exchange, with a priority.

CREATE STREAM OrderInput (
  order_id STRING, customer_id STRING, amount DOUBLE, product STRING
) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.port" = '5672', "rabbitmq.queue" = 'orders',
  "rabbitmq.username" = 'guest', "rabbitmq.password" = 'guest'
);

CREATE STREAM OrderOutput (
  order_id STRING, customer_id STRING, amount DOUBLE, product STRING, priority STRING
) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.exchange" = 'processed-orders',
  "rabbitmq.routing.key" = 'high-value'
);

INSERT INTO OrderOutput
SELECT order_id, customer_id, amount, product,
  CASE WHEN amount > 1000 THEN 'HIGH' WHEN amount > 100 THEN 'MEDIUM' ELSE 'LOW' END AS priority
FROM OrderInput WHERE amount > 50;
