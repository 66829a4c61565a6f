-- Trades come in over WebSocket, are filtered and enriched, and go to a page in the browser and to the log.
-- What the simulator and the page are: README.md beside this file.

CREATE STREAM Trades (
  symbol STRING NOT NULL,
  price DOUBLE NOT NULL,
  size INT NOT NULL,
  at TIMESTAMP NOT NULL
) WITH (
  type = 'source',
  extension = 'websocket',
  format = 'json',
  "websocket.url" = '${MARKET_FEED:ws://127.0.0.1:8765/trades}',
  "websocket.reconnect.delay.ms" = '250ms',
  "websocket.reconnect.max.delay.ms" = '2s'
);

-- Results for pages: each path of the one port is a stream, and who comes late gets the last rows first.
CREATE STREAM Ticker (
  symbol STRING,
  name STRING,
  price DOUBLE,
  change DOUBLE,
  low DOUBLE,
  high DOUBLE,
  trades LONG,
  at TIMESTAMP
) WITH (
  type = 'sink',
  extension = 'websocket',
  format = 'json',
  "websocket.mode" = 'server',
  "websocket.port" = '${MARKET_PORT:8766}',
  "websocket.path" = '/ticker',
  "websocket.recent.messages" = '200',
  "websocket.slow.clients" = 'drop-oldest'
);

CREATE STREAM Bars (
  name STRING,
  trades LONG,
  volume LONG,
  mean DOUBLE,
  since TIMESTAMP
) WITH (
  type = 'sink',
  extension = 'websocket',
  format = 'json',
  "websocket.mode" = 'server',
  "websocket.port" = '${MARKET_PORT:8766}',
  "websocket.path" = '/bars',
  "websocket.recent.messages" = '60',
  "websocket.slow.clients" = 'drop-oldest'
);

CREATE STREAM AlertPage (
  level STRING,
  text STRING,
  at TIMESTAMP
) WITH (
  type = 'sink',
  extension = 'websocket',
  format = 'json',
  "websocket.mode" = 'server',
  "websocket.port" = '${MARKET_PORT:8766}',
  "websocket.path" = '/alerts',
  "websocket.recent.messages" = '20',
  "websocket.slow.clients" = 'drop-oldest'
);

CREATE STREAM AlertLog (
  level STRING,
  text STRING,
  at TIMESTAMP
) WITH (
  type = 'sink',
  extension = 'log',
  "log.prefix" = '[MARKET]'
);

-- The feed also has test trades, of size 0, and a symbol that is not followed here.
CREATE VIEW Followed AS
SELECT symbol, price, size, at, price * size AS value
FROM Trades
WHERE size > 0 AND symbol IN ('ALDR', 'BRCH', 'CEDR', 'ELMW');

INSERT INTO Ticker
SELECT
  symbol,
  CASE symbol
    WHEN 'ALDR' THEN 'Alder Energy'
    WHEN 'BRCH' THEN 'Birch Foods'
    WHEN 'CEDR' THEN 'Cedar Rail'
    ELSE 'Elmwood Bank'
  END AS name,
  price,
  100 * (price - avg(price)) / avg(price) AS change,
  min(price) AS low,
  max(price) AS high,
  count(*) AS trades,
  at
FROM Followed
GROUP BY name
WITH (name = 'ticker');

INSERT INTO Bars
SELECT
  symbol AS name,
  count(*) AS trades,
  sum(size) AS volume,
  avg(price) AS mean,
  window_start() AS since
FROM Followed
WINDOW('tumbling', 1 SECOND)
GROUP BY symbol
WITH (name = 'bars');

INSERT INTO Alerts
SELECT
  CASE WHEN value >= 200000 THEN 'huge' ELSE 'large' END AS level,
  symbol || ': ' || CAST(size AS STRING) || ' at ' || CAST(price AS STRING) AS text,
  at
FROM Followed
WHERE value >= 100000
WITH (name = 'large trades');

-- WebSocket can't replay: what was missed is told, in its place among the alerts.
INSERT INTO Alerts
SELECT
  'feed' AS level,
  'no trades for ' || CAST(duration_ms AS STRING) || ' ms: ' || reason AS text,
  at
FROM Trades.connection
WHERE event = 'gap'
WITH (name = 'gaps');

INSERT INTO AlertPage
SELECT *
FROM Alerts;

INSERT INTO AlertLog
SELECT *
FROM Alerts;
