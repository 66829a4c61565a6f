-- === a client without a URL
CREATE STREAM Ticks (n INT) WITH (type = 'source', extension = 'websocket', format = 'json');
--| program.sql:1:1: error: stream 'Ticks': option 'websocket.url' is required
--|     1 | CREATE STREAM Ticks (n INT) WITH (type = 'source', extension = 'websocket', format = 'json');
--|       | ^
--|   hint: ws://host:port/path, or "websocket.mode" = 'server' to listen

-- === a web page's URL
CREATE STREAM Ticks (n INT) WITH (type = 'source', extension = 'websocket', format = 'json',
  "websocket.url" = 'https://feed.example/?token=hunter2');
--| program.sql:2:3: error: stream 'Ticks': option 'websocket.url' must begin with ws:// or wss://
--|     2 |   "websocket.url" = '***');
--|       |   ^
--|   hint: write ws://host:port/path, or wss:// with TLS

-- === an option by nearly its name
CREATE STREAM Ticks (n INT) WITH (type = 'source', extension = 'websocket', format = 'json',
  "websocket.url" = 'ws://feed.example/', "websocket.reconect.delay.ms" = '5');
--| program.sql:2:43: error: stream 'Ticks': unknown option 'websocket.reconect.delay.ms'
--|     2 |   "websocket.url" = '***', "websocket.reconect.delay.ms" = '5');
--|       |                            ^
--|   hint: did you mean 'websocket.reconnect.delay.ms'?

-- === a sink's option on a source
CREATE STREAM Ticks (n INT) WITH (type = 'source', extension = 'websocket', format = 'json',
  "websocket.url" = 'ws://feed.example/', "websocket.message.type" = 'binary');
--| program.sql:2:43: error: stream 'Ticks': option 'websocket.message.type' is for sinks, this is a source
--|     2 |   "websocket.url" = '***', "websocket.message.type" = 'binary');
--|       |                            ^
--|   hint: leave it out

-- === pauses the wrong way round, and tries that are never made
CREATE STREAM Ticks (n INT) WITH (type = 'source', extension = 'websocket', format = 'json',
  "websocket.url" = 'ws://feed.example/', "websocket.reconnect" = 'false',
  "websocket.reconnect.delay.ms" = '1 min', "websocket.reconnect.max.attempts" = '3');
--| program.sql:3:3: error: stream 'Ticks': option 'websocket.reconnect.max.delay.ms' must be at least 'websocket.reconnect.delay.ms'
--|     3 |   "websocket.reconnect.delay.ms" = '1 min', "websocket.reconnect.max.attempts" = '3');
--|       |   ^
--|   hint: now 30000 and 60000 ms
--| program.sql:3:45: error: stream 'Ticks': option 'websocket.reconnect.max.attempts' is for 'websocket.reconnect' = 'true'
--|     3 |   "websocket.reconnect.delay.ms" = '1 min', "websocket.reconnect.max.attempts" = '3');
--|       |                                             ^
--|   hint: leave one of them out

-- === a header that the handshake sets
CREATE STREAM Ticks (n INT) WITH (type = 'sink', extension = 'websocket', format = 'json',
  "websocket.url" = 'ws://feed.example/', "websocket.headers.Sec-WebSocket-Protocol" = 'v1');
--| program.sql:2:43: error: stream 'Ticks': option 'websocket.headers.Sec-WebSocket-Protocol': the handshake sets that header itself
--|     2 |   "websocket.url" = '***', "websocket.headers.Sec-WebSocket-Protocol" = '***');
--|       |                            ^
--|   hint: set "websocket.subprotocol"

-- === a proxy of another kind
CREATE STREAM Ticks (n INT) WITH (type = 'sink', extension = 'websocket', format = 'json',
  "websocket.url" = 'ws://feed.example/', "websocket.proxy" = 'socks5://user:hunter2@localhost:1080');
--| program.sql:2:43: error: stream 'Ticks': option 'websocket.proxy' must begin with http://
--|     2 |   "websocket.url" = '***', "websocket.proxy" = '***');
--|       |                            ^
--|   hint: write http://host:port, a login as user:password@ before the host

-- === a format that it does not have
CREATE STREAM Ticks (n INT) WITH (type = 'sink', extension = 'websocket', format = 'avro',
  "websocket.url" = 'ws://feed.example/');
--| program.sql:1:84: error: stream 'Ticks': 'websocket' does not support format 'avro'
--|     1 | CREATE STREAM Ticks (n INT) WITH (type = 'sink', extension = 'websocket', format = 'avro',
--|       |                                                                                    ^
--|   hint: it works with json, csv, text, bytes

-- === METADATA of a server's clients, read by a client
CREATE STREAM Ticks (n INT, place STRING METADATA FROM 'query.place') WITH (
  type = 'source', extension = 'websocket', format = 'json', "websocket.url" = 'ws://feed.example/');
--| program.sql:1:1: error: stream 'Ticks': METADATA 'query.place' is of the clients of a server, and this is a client
--|     1 | CREATE STREAM Ticks (n INT, place STRING METADATA FROM 'query.place') WITH (
--|       | ^
--|   hint: a client reads type and received
