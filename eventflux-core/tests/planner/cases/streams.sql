-- === a source and a sink
CREATE STREAM In1 (id LONG NOT NULL, at LONG) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json', event.time = 'at', "rabbitmq.host" = 'localhost'
);
CREATE STREAM Out1 (id LONG) WITH (type = 'SINK', extension = 'log', log.prefix = '>');
SET app.time = 'event';
INSERT INTO Out1 SELECT id FROM In1;
--| setting app.time = event
--| source In1 (id LONG NOT NULL, at LONG) rabbitmq/json event time at
--|     rabbitmq.host = localhost
--| sink Out1 (id LONG) log/None
--|     log.prefix = >
--| query_1: In1 -> Out1
--|     Project id LONG = id

-- === a type of stream that nobody knows
CREATE STREAM X (a INT) WITH (type = 'sorce', extension = 'log');
--| 1:38 error: the type of X is 'source', 'sink' or 'internal', not 'sorce'
--|     hint: did you mean 'source'?

-- === a source without an extension
CREATE STREAM X (a INT) WITH (type = 'source');
--| 1:31 error: X is a source but names no extension
--|     hint: add extension = 'rabbitmq', or another connector

-- === a misspelt extension
CREATE STREAM X (a INT) WITH (type = 'source', extention = 'rabbitmq');
--| 1:31 error: X is a source but names no extension
--|     hint: 'extention' is not a property of streams; did you mean 'extension'?

-- === an extension without a type
CREATE STREAM X (a INT) WITH (extension = 'rabbitmq', format = 'json');
--| 1:31 error: X has 'extension' but is neither source nor sink
--|     hint: write type = 'source' or type = 'sink'

-- === an internal stream with a format
CREATE STREAM X (a INT) WITH (type = 'internal', format = 'json');
--| 1:50 error: X has 'format' but is neither source nor sink
--|     hint: write type = 'source' or type = 'sink'

-- === an empty extension
CREATE STREAM X (a INT) WITH (type = 'sink', extension = '');
--| 1:58 error: the extension of X is empty

-- === event time of no column
CREATE STREAM X (ts LONG) WITH (type = 'source', extension = 'x', event.time = 'tss');
--| 1:80 error: 'event.time' names 'tss', which is no column of X
--|     hint: did you mean 'ts'?

-- === event time of a text
CREATE STREAM X (ts STRING) WITH (type = 'source', extension = 'x', event.time = 'ts');
--| 1:82 error: 'event.time' needs a TIMESTAMP, LONG or INT column, but 'ts' is STRING
--|     hint: epoch milliseconds

-- === event time of a sink
CREATE STREAM X (ts LONG) WITH (type = 'sink', extension = 'x', event.time = 'ts');
--| 1:65 error: 'event.time' has no meaning on a sink
--|     hint: set it on the stream that rows enter by

-- === event time of an internal stream
CREATE STREAM X (ts INT) WITH (event.time = ts);
--| internal X (ts INT) event time ts

-- === an option twice
CREATE STREAM X (a INT) WITH (type = 'source', extension = 'x', x.a = 1, "x.a" = 2);
--| 1:74 error: X sets 'x.a' twice

-- === an option that is NULL is unset
CREATE STREAM X (a INT) WITH (type = NULL, x.a = NULL, x.b = 'b');
--| internal X (a INT)
--|     x.b = b

-- === everything wrong with a definition at once
CREATE STREAM X (a INT, a LONG) WITH (type = 'source', event.time = 'b');
--| 1:25 error: X has two columns called 'a'
--|     hint: rename or remove one
--| 1:39 error: X is a source but names no extension
--|     hint: add extension = 'rabbitmq', or another connector
--| 1:69 error: 'event.time' names 'b', which is no column of X
--|     hint: known: a
