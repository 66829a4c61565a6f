-- Put behind market.sql where a RabbitMQ answers: alerts wait in a queue for who reads them later.

CREATE STREAM AlertQueue (
  level STRING,
  text STRING,
  at TIMESTAMP
) WITH (
  type = 'sink',
  extension = 'rabbitmq',
  format = 'json',
  "rabbitmq.host" = '${MARKET_RABBITMQ_HOST:127.0.0.1}',
  "rabbitmq.port" = '${MARKET_RABBITMQ_PORT:5672}',
  "rabbitmq.username" = '${MARKET_RABBITMQ_USER:guest}',
  "rabbitmq.password" = '${MARKET_RABBITMQ_PASSWORD:guest}',
  "rabbitmq.exchange" = '',
  "rabbitmq.routing.key" = 'market-alerts',
  "rabbitmq.queue" = 'market-alerts'
);

INSERT INTO AlertQueue
SELECT *
FROM Alerts;
