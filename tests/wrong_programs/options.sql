-- === an unknown connector
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders'
);
--| program.sql:2:32: error: stream 'Orders': unknown extension 'rabitmq'
--|     2 |   type = 'source', extension = 'rabitmq', format = 'json',
--|       |                                ^
--|   hint: did you mean 'rabbitmq'? known sources: console, memory, rabbitmq, timer, websocket

-- === a connector that is not known at all
CREATE STREAM Orders (id STRING) WITH (type = 'source', extension = 'pigeon', format = 'json');
--| program.sql:1:69: error: stream 'Orders': unknown extension 'pigeon'
--|     1 | CREATE STREAM Orders (id STRING) WITH (type = 'source', extension = 'pigeon', format = 'json');
--|       |                                                                     ^
--|   hint: known sources: console, memory, rabbitmq, timer, websocket

-- === a source that can only be a sink
CREATE STREAM Orders (id STRING) WITH (type = 'source', extension = 'log');
--| program.sql:1:69: error: stream 'Orders': extension 'log' is a sink and no source
--|     1 | CREATE STREAM Orders (id STRING) WITH (type = 'source', extension = 'log');
--|       |                                                                     ^
--|   hint: known sources: console, memory, rabbitmq, timer, websocket

-- === a sink that can only be a source
CREATE STREAM Ticks (tick STRING) WITH (type = 'sink', extension = 'timer');
--| program.sql:1:68: error: stream 'Ticks': extension 'timer' is a source and no sink
--|     1 | CREATE STREAM Ticks (tick STRING) WITH (type = 'sink', extension = 'timer');
--|       |                                                                    ^
--|   hint: known sinks: console, log, memory, rabbitmq, websocket

-- === an unknown format
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'jsn', "memory.channel" = 'orders'
);
--| program.sql:2:51: error: stream 'Orders': unknown format 'jsn'
--|     2 |   type = 'source', extension = 'memory', format = 'jsn', "memory.channel" = 'orders'
--|       |                                                   ^
--|   hint: did you mean 'json'? known source mappers: bytes, csv, json, text

-- === no format
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', "memory.channel" = 'orders'
);
--| program.sql:1:1: error: stream 'Orders': 'memory' needs a format
--|     1 | CREATE STREAM Orders (id STRING) WITH (
--|       | ^
--|   hint: any format: format = '…'

-- === a format where none is taken
CREATE STREAM Ticks (tick STRING) WITH (type = 'source', extension = 'timer', format = 'json');
--| program.sql:1:88: error: stream 'Ticks': 'timer' takes no format, it exchanges rows
--|     1 | CREATE STREAM Ticks (tick STRING) WITH (type = 'source', extension = 'timer', format = 'json');
--|       |                                                                                        ^
--|   hint: leave the format out

-- === no extension
CREATE STREAM Orders (id STRING) WITH (type = 'source', format = 'json');
--| program.sql:1:40: error: Orders is a source but names no extension
--|     1 | CREATE STREAM Orders (id STRING) WITH (type = 'source', format = 'json');
--|       |                                        ^
--|   hint: add extension = 'rabbitmq', or another connector

-- === an extension without a type
CREATE STREAM Orders (id STRING) WITH (
  extension = 'rabbitmq', format = 'json', "rabbitmq.host" = 'h', "rabbitmq.queue" = 'q'
);
--| program.sql:2:3: error: Orders has 'extension' but is neither source nor sink
--|     2 |   extension = 'rabbitmq', format = 'json', "rabbitmq.host" = 'h', "rabbitmq.queue" = 'q'
--|       |   ^
--|   hint: write type = 'source' or type = 'sink'

-- === an internal stream with a connector
CREATE STREAM Orders (id STRING) WITH (type = 'internal', extension = 'memory', format = 'json');
--| program.sql:1:59: error: Orders has 'extension' but is neither source nor sink
--|     1 | CREATE STREAM Orders (id STRING) WITH (type = 'internal', extension = 'memory', format = 'json');
--|       |                                                           ^
--|   hint: write type = 'source' or type = 'sink'

-- === connector in place of extension
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', connector = 'rabbitmq', format = 'json', "rabbitmq.host" = 'h'
);
--| program.sql:2:3: error: Orders is a source but names no extension
--|     2 |   type = 'source', connector = 'rabbitmq', format = 'json', "rabbitmq.host" = 'h'
--|       |   ^
--|   hint: 'connector' is not a property of streams; did you mean 'extension'?

-- === required options are missing
CREATE STREAM Orders (id STRING) WITH (type = 'source', extension = 'rabbitmq', format = 'json');
--| program.sql:1:1: error: stream 'Orders': option 'rabbitmq.host' is required
--|     1 | CREATE STREAM Orders (id STRING) WITH (type = 'source', extension = 'rabbitmq', format = 'json');
--|       | ^
--|   hint: or "rabbitmq.uri", which says it all
--| program.sql:1:1: error: stream 'Orders': option 'rabbitmq.queue' is required
--|     1 | CREATE STREAM Orders (id STRING) WITH (type = 'source', extension = 'rabbitmq', format = 'json');
--|       | ^
--|   hint: the queue to consume

-- === everything that is wrong with options is told at once
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.queue" = 'a*b', "rabbitmq.port" = '0', "rabbitmq.ssl.key" = 'key.pem',
  "rabbitmq.queue.type" = 'stream', "rabbitmq.queue.exclusive" = 'true'
);
CREATE STREAM Alerts (id STRING) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json', "rabbitmq.password" = 'hunter2',
  "rabbitmq.uri" = 'amqp://guest:guest@localhost', "rabbitmq.ssl.verify" = 'false',
  "rabbitmq.queue.durable" = 'false', "error.retry.max-attempts" = '0'
);
--| program.sql:1:1: error: stream 'Orders': option 'rabbitmq.host' is required
--|     1 | CREATE STREAM Orders (id STRING) WITH (
--|       | ^
--|   hint: or "rabbitmq.uri", which says it all
--| program.sql:3:3: error: stream 'Orders': option 'rabbitmq.queue' may hold letters, digits, blanks and - _ . : @ # , / + only, got 'a*b'
--|     3 |   "rabbitmq.queue" = 'a*b', "rabbitmq.port" = '0', "rabbitmq.ssl.key" = 'key.pem',
--|       |   ^
--| program.sql:3:29: error: stream 'Orders': option 'rabbitmq.port' must be 1 to 65535, got '0'
--|     3 |   "rabbitmq.queue" = 'a*b', "rabbitmq.port" = '0', "rabbitmq.ssl.key" = 'key.pem',
--|       |                             ^
--|   hint: the broker's AMQP port: by default 5672, with TLS 5671
--| program.sql:3:52: error: stream 'Orders': option 'rabbitmq.ssl.key' needs 'rabbitmq.ssl.certificate'
--|     3 |   "rabbitmq.queue" = 'a*b', "rabbitmq.port" = '0', "rabbitmq.ssl.key" = 'key.pem',
--|       |                                                    ^
--|   hint: the certificate that the key is for
--| program.sql:4:3: error: stream 'Orders': 'rabbitmq.queue.type' = 'stream' is for sinks: a source would not know where to go on after a restart
--|     4 |   "rabbitmq.queue.type" = 'stream', "rabbitmq.queue.exclusive" = 'true'
--|       |   ^
--|   hint: consume a classic or quorum queue
--| program.sql:4:37: error: stream 'Orders': a stream queue can't have 'rabbitmq.queue.exclusive' = 'true'
--|     4 |   "rabbitmq.queue.type" = 'stream', "rabbitmq.queue.exclusive" = 'true'
--|       |                                     ^
--|   hint: leave it out: such queues are durable and for all connections
--| program.sql:6:1: error: stream 'Alerts': option 'rabbitmq.exchange' is required
--|     6 | CREATE STREAM Alerts (id STRING) WITH (
--|       | ^
--|   hint: the exchange to publish to; '' is the default one, where the routing key is a queue
--| program.sql:7:59: error: stream 'Alerts': option 'rabbitmq.password' and 'rabbitmq.uri' both say the password
--|     7 |   type = 'sink', extension = 'rabbitmq', format = 'json', "rabbitmq.password" = '***',
--|       |                                                           ^
--|   hint: leave one of them out
--| program.sql:8:52: error: stream 'Alerts': option 'rabbitmq.ssl.verify' is for TLS, but 'rabbitmq.uri' is amqp://
--|     8 |   "rabbitmq.uri" = '***', "rabbitmq.ssl.verify" = 'false',
--|       |                           ^
--|   hint: write amqps://
--| program.sql:9:3: error: stream 'Alerts': option 'rabbitmq.queue.durable' is about the queue in 'rabbitmq.queue', which is not set
--|     9 |   "rabbitmq.queue.durable" = 'false', "error.retry.max-attempts" = '0'
--|       |   ^
--| program.sql:9:39: error: stream 'Alerts': option 'error.retry.max-attempts' must be at least 1, or -1 without end, got '0'
--|     9 |   "rabbitmq.queue.durable" = 'false', "error.retry.max-attempts" = '0'
--|       |                                       ^
--|   hint: it counts the tries after the first

-- === a value that is wrong brings no further errors
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', "rabbitmq.host" = 'localhost',
  "rabbitmq.queue" = 'orders', "rabbitmq.queue.type" = 'qorum', "rabbitmq.queue.delivery.limit" = '3'
);
--| program.sql:3:32: error: stream 'Orders': option 'rabbitmq.queue.type' expects one of classic, quorum, stream, got 'qorum'
--|     3 |   "rabbitmq.queue" = 'orders', "rabbitmq.queue.type" = 'qorum', "rabbitmq.queue.delivery.limit" = '3'
--|       |                                ^
--|   hint: the type of a declared queue: by default the broker's, usually classic

-- === the queue of a sink
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders'
);
--| program.sql:1:1: error: stream 'Orders': option 'rabbitmq.exchange' is required
--|     1 | CREATE STREAM Orders (id STRING) WITH (
--|       | ^
--|   hint: the exchange to publish to; '' is the default one, where the routing key is a queue

-- === the exchange of a source
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "rabbitmq.exchange" = 'orders'
);
--| program.sql:3:63: error: stream 'Orders': option 'rabbitmq.exchange' is for sinks, this is a source
--|     3 |   "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "rabbitmq.exchange" = 'orders'
--|       |                                                               ^
--|   hint: leave it out

-- === a misspelt option of a connector
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders',
  "rabbitmq.prefecth" = '10'
);
--| program.sql:4:3: error: stream 'Orders': unknown option 'rabbitmq.prefecth'
--|     4 |   "rabbitmq.prefecth" = '10'
--|       |   ^
--|   hint: did you mean 'rabbitmq.prefetch'?

-- === an option without its prefix
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', host = 'localhost', queue = 'orders'
);
--| program.sql:1:1: error: stream 'Orders': option 'rabbitmq.host' is required
--|     1 | CREATE STREAM Orders (id STRING) WITH (
--|       | ^
--|   hint: or "rabbitmq.uri", which says it all
--| program.sql:1:1: error: stream 'Orders': option 'rabbitmq.queue' is required
--|     1 | CREATE STREAM Orders (id STRING) WITH (
--|       | ^
--|   hint: the queue to consume
--| program.sql:2:61: error: stream 'Orders': unknown option 'host'
--|     2 |   type = 'source', extension = 'rabbitmq', format = 'json', host = 'localhost', queue = 'orders'
--|       |                                                             ^
--|   hint: did you mean 'rabbitmq.host'?
--| program.sql:2:81: error: stream 'Orders': unknown option 'queue'
--|     2 |   type = 'source', extension = 'rabbitmq', format = 'json', host = 'localhost', queue = 'orders'
--|       |                                                                                 ^
--|   hint: did you mean 'rabbitmq.queue'?

-- === the option of another connector
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "kafka.group.id" = 'g'
);
--| program.sql:3:63: error: stream 'Orders': option 'kafka.group.id' is for streams with extension = 'kafka'
--|     3 |   "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "kafka.group.id" = 'g'
--|       |                                                               ^
--|   hint: leave it out, or write extension = 'kafka'

-- === a port that is no number
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "rabbitmq.port" = 'amqp'
);
--| program.sql:3:63: error: stream 'Orders': option 'rabbitmq.port' expects an integer, got 'amqp'
--|     3 |   "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "rabbitmq.port" = 'amqp'
--|       |                                                               ^
--|   hint: the broker's AMQP port: by default 5672, with TLS 5671

-- === a port that can't be
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "rabbitmq.port" = 567200
  , "rabbitmq.prefetch" = 0
);
--| program.sql:3:63: error: stream 'Orders': option 'rabbitmq.port' must be 1 to 65535, got '567200'
--|     3 |   "rabbitmq.host" = 'localhost', "rabbitmq.queue" = 'orders', "rabbitmq.port" = 567200
--|       |                                                               ^
--|   hint: the broker's AMQP port: by default 5672, with TLS 5671
--| program.sql:4:5: error: stream 'Orders': option 'rabbitmq.prefetch' must be 1 to 65535, got '0'
--|     4 |   , "rabbitmq.prefetch" = 0
--|       |     ^
--|   hint: how many messages the broker hands out before one must be acknowledged; by default 1,000, and 10,000 where they wait for checkpoints of state

-- === yes in place of true
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.exchange" = 'orders', "rabbitmq.persistent" = 'yes'
);
--| program.sql:3:66: error: stream 'Orders': option 'rabbitmq.persistent' expects true or false, got 'yes'
--|     3 |   "rabbitmq.host" = 'localhost', "rabbitmq.exchange" = 'orders', "rabbitmq.persistent" = 'yes'
--|       |                                                                  ^
--|   hint: messages survive a restart of the broker

-- === an exchange of an unknown type
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = 'localhost', "rabbitmq.exchange" = 'orders',
  "rabbitmq.declare.exchange" = 'true', "rabbitmq.exchange.type" = 'topics'
);
--| program.sql:4:41: error: stream 'Orders': option 'rabbitmq.exchange.type' expects one of direct, fanout, topic, headers, got 'topics'
--|     4 |   "rabbitmq.declare.exchange" = 'true', "rabbitmq.exchange.type" = 'topics'
--|       |                                         ^
--|   hint: the type of a declared exchange

-- === a duration with an unknown unit
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'memory', format = 'json', "memory.channel" = 'c', linger = '5 fortnights'
);
--| program.sql:2:81: error: stream 'Orders': option 'linger' expects a duration such as 250ms or 2s, got '5 fortnights'
--|     2 |   type = 'sink', extension = 'memory', format = 'json', "memory.channel" = 'c', linger = '5 fortnights'
--|       |                                                                                 ^
--|   hint: how long to wait for a batch to fill before it is sent

-- === a size that is none
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "batch.max.bytes" = 'large'
);
--| program.sql:3:3: error: stream 'Orders': option 'batch.max.bytes' expects a size such as 4096 or 4 MiB, got 'large'
--|     3 |   "batch.max.bytes" = 'large'
--|       |   ^
--|   hint: the most bytes that are sent in one go

-- === a batch of nothing
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "batch.max.messages" = '0', "max.in.flight" = '-5'
);
--| program.sql:3:3: error: stream 'Orders': option 'batch.max.messages' must be 1 to 65536, got '0'
--|     3 |   "batch.max.messages" = '0', "max.in.flight" = '-5'
--|       |   ^
--|   hint: the most messages that are sent in one go
--| program.sql:3:31: error: stream 'Orders': option 'max.in.flight' must be at least 1, got '-5'
--|     3 |   "batch.max.messages" = '0', "max.in.flight" = '-5'
--|       |                               ^
--|   hint: how many messages may be under way at once; by default the connector's

-- === an option of sinks on a source
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c', linger = '5ms'
);
--| program.sql:2:83: error: stream 'Orders': option 'linger' is for sinks, this is a source
--|     2 |   type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c', linger = '5ms'
--|       |                                                                                   ^
--|   hint: leave it out

-- === an unknown error strategy
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "error.strategy" = 'ignore'
);
--| program.sql:3:3: error: stream 'Orders': option 'error.strategy' expects one of drop, retry, dlq, fail, got 'ignore'
--|     3 |   "error.strategy" = 'ignore'
--|       |   ^
--|   hint: what happens to a row or message that can't be processed: drop (count, log, go on), retry (try again what may work later), dlq (put it into error.dlq.stream) or fail (stop)

-- === an unknown log level
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "error.log-level" = 'loud'
);
--| program.sql:3:3: error: stream 'Orders': option 'error.log-level' expects one of debug, info, warn, error, got 'loud'
--|     3 |   "error.log-level" = 'loud'
--|       |   ^
--|   hint: the level at which it is logged

-- === an option twice
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json',
  "memory.channel" = 'a', 'memory.channel' = 'b'
);
--| program.sql:3:27: error: Orders sets 'memory.channel' twice
--|     3 |   "memory.channel" = 'a', 'memory.channel' = 'b'
--|       |                           ^

-- === a variable that is not set
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = '${BROKER_THAT_NOBODY_SET}', "rabbitmq.queue" = 'orders'
);
--| program.sql:3:3: error: stream 'Orders': option 'rabbitmq.host': the environment variable BROKER_THAT_NOBODY_SET is not set
--|     3 |   "rabbitmq.host" = '${BROKER_THAT_NOBODY_SET}', "rabbitmq.queue" = 'orders'
--|       |   ^
--|   hint: set it, or write ${BROKER_THAT_NOBODY_SET:default}

-- === a variable with a bad name
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json',
  "rabbitmq.host" = '${broker host}', "rabbitmq.queue" = 'orders'
);
--| program.sql:3:3: error: stream 'Orders': option 'rabbitmq.host': '${broker host}' is no reference
--|     3 |   "rabbitmq.host" = '${broker host}', "rabbitmq.queue" = 'orders'
--|       |   ^
--|   hint: write ${NAME}, ${NAME:default}, ${file:/path}, or $${ for the text '${'

-- === a file that is not there
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', "rabbitmq.host" = 'h',
  "rabbitmq.queue" = 'orders', "rabbitmq.password" = '${file:/run/secrets/nobody-put-it-here}'
);
--| program.sql:3:32: error: stream 'Orders': option 'rabbitmq.password': ${file:/run/secrets/nobody-put-it-here}: the file can't be read: No such file or directory
--|     3 |   "rabbitmq.queue" = 'orders', "rabbitmq.password" = '${file:/run/secrets/nobody-put-it-here}'
--|       |                                ^

-- === the timer with two columns
CREATE STREAM Ticks (tick STRING, n INT) WITH (type = 'source', extension = 'timer');
--| program.sql:1:1: error: stream 'Ticks': a timer gives one STRING column, not (tick STRING, n INT)
--|     1 | CREATE STREAM Ticks (tick STRING, n INT) WITH (type = 'source', extension = 'timer');
--|       | ^
--|   hint: CREATE STREAM Ticks (tick STRING) WITH (…)

-- === the timer with a wrong interval
CREATE STREAM Ticks (tick STRING) WITH (
  type = 'source', extension = 'timer', "timer.interval" = 'often'
);
--| program.sql:2:41: error: stream 'Ticks': option 'timer.interval' expects a duration such as 250ms or 2s, got 'often'
--|     2 |   type = 'source', extension = 'timer', "timer.interval" = 'often'
--|       |                                         ^
--|   hint: the time from one row to the next

-- === an option of an internal stream
CREATE STREAM Orders (id STRING) WITH ("rabbitmq.host" = 'localhost');
--| program.sql:1:40: error: stream 'Orders': option 'rabbitmq.host' is for sources and sinks
--|     1 | CREATE STREAM Orders (id STRING) WITH ("rabbitmq.host" = 'localhost');
--|       |                                        ^
--|   hint: add type = 'source' or type = 'sink', and extension = 'rabbitmq'

-- === a level that the log does not have
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'log', "log.level" = 'verbose', "log.prefx" = '>'
);
--| program.sql:2:37: error: stream 'Orders': option 'log.level' expects one of debug, info, warn, error, got 'verbose'
--|     2 |   type = 'sink', extension = 'log', "log.level" = 'verbose', "log.prefx" = '>'
--|       |                                     ^
--|   hint: the level that the lines are logged at
--| program.sql:2:62: error: stream 'Orders': unknown option 'log.prefx'
--|     2 |   type = 'sink', extension = 'log', "log.level" = 'verbose', "log.prefx" = '>'
--|       |                                                              ^
--|   hint: did you mean 'log.prefix'?

-- === options in the wrong place
CREATE STREAM Orders (id STRING);
INSERT INTO Out SELECT id FROM Orders WITH ("rabbitmq.exchange" = 'x');
--| program.sql:2:45: error: option 'rabbitmq.exchange' is not one of a query
--|     2 | INSERT INTO Out SELECT id FROM Orders WITH ("rabbitmq.exchange" = 'x');
--|       |                                             ^
--|   hint: options of a stream stand at its definition: CREATE STREAM … WITH (…)

-- === an option of --set that is not there
--$ --set Orders.memory.chanel=x
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c'
);
--| program.sql: error: stream 'Orders': unknown option 'memory.chanel' (--set)
--|   hint: did you mean 'memory.channel'?

-- === a stream of --set that is not there
--$ --set Order.memory.channel=x
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c'
);
--| program.sql: error: no stream is called 'Order' (--set)
--|   hint: did you mean 'Orders'?

-- === a wrong value of --set
--$ --set Orders.batch.max.messages=lots
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c'
);
--| program.sql: error: stream 'Orders': option 'batch.max.messages' expects an integer, got 'lots' (--set)
--|   hint: the most messages that are processed in one go

-- === --set of what only the SQL can say
--$ --set Orders.type=sink
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c'
);
--| program.sql: error: 'type' can be set in the SQL only (--set)

-- === a setting of --set that is not there
--$ --set app.start.timout=5s
CREATE STREAM Orders (id STRING);
--| program.sql: error: unknown setting 'app.start.timout' (--set)
--|   hint: did you mean 'app.start.timeout'?

-- === --set without a stream
--$ --set rabbitmq.host=broker
CREATE STREAM Orders (id STRING);
--| program.sql: error: no stream is called 'rabbitmq' (--set)
--|   hint: known: Orders

-- === a file with a misspelt stream
--~ [streams.Oders]
--~ "memory.channel" = "c"
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c'
);
--| program.toml:1: error: no stream is called 'Oders'
--|   hint: did you mean 'Orders'?

-- === a file with a misspelt option
--~ [streams.Orders]
--~ "memory.chanel" = "c"
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c'
);
--| program.toml:2: error: stream 'Orders': unknown option 'memory.chanel'
--|   hint: did you mean 'memory.channel'?

-- === a file with a value of the wrong kind
--~ [streams.Orders]
--~ "batch.max.messages" = ["1", "2"]
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c'
);
--| program.toml:2: error: 'batch.max.messages' is a list, expected a text, a number or true or false

-- === a file with an unknown table
--~ [stream.Orders]
--~ "memory.channel" = "c"
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c'
);
--| program.toml:1: error: 'stream' is no table of a configuration file
--|   hint: did you mean 'streams'?

-- === a file that is no TOML
--~ streams:
--~   Orders: {}
CREATE STREAM Orders (id STRING);
--| program.toml: error: program.toml is not TOML: Expected '=' after a key in a key/value pair (at line 1, column 8)
--|   hint: write [streams.NAME], and below it "option.name" = "value"

-- === a CSV delimiter of two characters
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'source', extension = 'memory', format = 'csv', "memory.channel" = 'c',
  "csv.delimiter" = ';;'
);
--| program.sql:3:3: error: stream 'Orders': option 'csv.delimiter' expects one character, got ';;'
--|     3 |   "csv.delimiter" = ';;'
--|       |   ^
--|   hint: a tab is written '\t'

-- === an option of another format
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'source', extension = 'memory', format = 'csv', "memory.channel" = 'c',
  "json.lines" = 'true'
);
--| program.sql:3:3: error: stream 'Orders': option 'json.lines' is for streams with format = 'json'
--|     3 |   "json.lines" = 'true'
--|       |   ^
--|   hint: leave it out, or write format = 'json'

-- === an option of another format, in a format with mappings
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "csv.has-header" = 'true'
);
--| program.sql:3:3: error: stream 'Orders': option 'csv.has-header' is for streams with format = 'csv'
--|     3 |   "csv.has-header" = 'true'
--|       |   ^
--|   hint: leave it out, or write format = 'csv'

-- === an option of a format in a stream without one
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH ("csv.trim" = 'true');
--| program.sql:1:55: error: stream 'Orders': option 'csv.trim' is for sources and sinks
--|     1 | CREATE STREAM Orders (id STRING, amount DOUBLE) WITH ("csv.trim" = 'true');
--|       |                                                       ^
--|   hint: add type = 'source' or type = 'sink', and format = 'csv'

-- === a mapping to a column that is not there
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "json.mapping.amuont" = '$.total'
);
--| program.sql:3:3: error: stream 'Orders': option 'json.mapping.amuont': the stream has no column 'amuont'
--|     3 |   "json.mapping.amuont" = '$.total'
--|       |   ^
--|   hint: did you mean 'amount'?

-- === a path that is none
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "json.mapping.amount" = 'total.amount'
);
--| program.sql:3:3: error: stream 'Orders': option 'json.mapping.amount' expects a path, got 'total.amount': it must start with '$.'
--|     3 |   "json.mapping.amount" = 'total.amount'
--|       |   ^
--|   hint: write it as '$.a.b[0].c', a name with dots as $.a['x.y']

-- === a template with a column that is not there
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'sink', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "json.template" = '{"id": {{idd}}}'
);
--| program.sql:3:3: error: stream 'Orders': option 'json.template': nothing is called 'idd'
--|     3 |   "json.template" = '{"id": {{idd}}}'
--|       |   ^
--|   hint: did you mean 'id'?

-- === a template that is no JSON
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'sink', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "json.template" = '{"id": {{id}}'
);
--| program.sql:3:3: error: stream 'Orders': option 'json.template' gives no JSON: Input data was truncated
--|     3 |   "json.template" = '{"id": {{id}}'
--|       |   ^
--|   hint: with sample values it is {"id": "a \"text\""

-- === text of two columns
CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
  type = 'source', extension = 'memory', format = 'text', "memory.channel" = 'c'
);
--| program.sql:1:1: error: stream 'Orders': format 'text' fills one column, the stream has 2
--|     1 | CREATE STREAM Orders (id STRING, amount DOUBLE) WITH (
--|       | ^
--|   hint: declare a single STRING column

-- === neither host nor URI
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', "rabbitmq.queue" = 'orders'
);
--| program.sql:1:1: error: stream 'Orders': option 'rabbitmq.host' is required
--|     1 | CREATE STREAM Orders (id STRING) WITH (
--|       | ^
--|   hint: or "rabbitmq.uri", which says it all

-- === both host and URI
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', "rabbitmq.queue" = 'orders',
  "rabbitmq.host" = 'broker', "rabbitmq.uri" = 'amqp://broker/'
);
--| program.sql:3:3: error: stream 'Orders': option 'rabbitmq.host' and 'rabbitmq.uri' both say the host
--|     3 |   "rabbitmq.host" = 'broker', "rabbitmq.uri" = '***'
--|       |   ^
--|   hint: leave one of them out

-- === a URI of the web
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', "rabbitmq.queue" = 'orders',
  "rabbitmq.uri" = 'http://clerk:secret@broker/'
);
--| program.sql:3:3: error: stream 'Orders': option 'rabbitmq.uri' must begin with amqp:// or amqps://
--|     3 |   "rabbitmq.uri" = '***'
--|       |   ^
--|   hint: write amqp://***@host:port/vhost, amqps:// for TLS, %2F for / in a vhost

-- === a password beside an error
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', "rabbitmq.queue" = 'orders',
  "rabbitmq.host" = 'broker', "rabbitmq.password" = 'do not show me', "rabbitmq.prot" = '5672'
);
--| program.sql:3:71: error: stream 'Orders': unknown option 'rabbitmq.prot'
--|     3 |   "rabbitmq.host" = 'broker', "rabbitmq.password" = '***', "rabbitmq.prot" = '5672'
--|       |                                                            ^
--|   hint: did you mean 'rabbitmq.port'?

-- === a dead-letter queue without its stream
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "error.strategy" = 'dlq'
);
--| program.sql:3:3: error: stream 'Orders': error.strategy 'dlq' needs an error.dlq.stream
--|     3 |   "error.strategy" = 'dlq'
--|       |   ^
--|   hint: name a stream of this program that takes what can't be processed

-- === a dead-letter queue with other columns
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "error.strategy" = 'dlq', "error.dlq.stream" = 'Failed'
);
CREATE STREAM Failed (message STRING);
--| program.sql:3:29: error: stream 'Orders': 'Failed' can't take dead letters: it has no column originalEvent, errorMessage, errorType, timestamp, attemptCount, streamName
--|     3 |   "error.strategy" = 'dlq', "error.dlq.stream" = 'Failed'
--|       |                             ^
--|   hint: a stream of dead letters has originalEvent STRING, errorMessage STRING, errorType STRING, timestamp LONG, attemptCount INT, streamName STRING

-- === a dead-letter queue that is not there
CREATE STREAM Orders (id STRING) WITH (
  type = 'source', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "error.strategy" = 'dlq', "error.dlq.stream" = 'Faild'
);
--| program.sql:3:29: error: stream 'Orders': error.dlq.stream names 'Faild', which is no stream of this program
--|     3 |   "error.strategy" = 'dlq', "error.dlq.stream" = 'Faild'
--|       |                             ^
--|   hint: known: Orders

-- === a delay longer than the longest
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "error.retry.initial-delay" = '1m', "error.retry.max-delay" = '1s'
);
--| program.sql:3:3: error: stream 'Orders': option 'error.retry.initial-delay' is longer than error.retry.max-delay
--|     3 |   "error.retry.initial-delay" = '1m', "error.retry.max-delay" = '1s'
--|       |   ^
--|   hint: delays grow from the first to the longest

-- === no attempts
CREATE STREAM Orders (id STRING) WITH (
  type = 'sink', extension = 'memory', format = 'json', "memory.channel" = 'c',
  "error.retry.max-attempts" = '0', "error.retry.backoff" = 'random'
);
--| program.sql:3:37: error: stream 'Orders': option 'error.retry.backoff' expects one of exponential, linear, fixed, got 'random'
--|     3 |   "error.retry.max-attempts" = '0', "error.retry.backoff" = 'random'
--|       |                                     ^
--|   hint: how the delay grows from try to try: exponential (doubled), linear (by the first delay) or fixed
