-- === every stream has a stream of its errors
INSERT INTO Bad SELECT errorType, e.line FROM S.errors AS e WHERE attemptCount > 1;
--| inferred Bad (errorType STRING NOT NULL, line INT)
--| inferred S.errors (originalEvent STRING NOT NULL, errorMessage STRING NOT NULL, errorType STRING NOT NULL, timestamp LONG NOT NULL, attemptCount INT NOT NULL, streamName STRING NOT NULL, query STRING, line INT, column INT)
--| query_1: S.errors -> Bad
--|     Project errorType STRING = errorType, line INT = line
--|     Filter attemptCount > 1

-- === in any case, and of a stream that nobody declared
INSERT INTO Mid SELECT a FROM S;
INSERT INTO Bad SELECT query, column, timestamp FROM Mid.ERRORS;
--| inferred Mid (a INT)
--| inferred Bad (query STRING, column INT, timestamp LONG NOT NULL)
--| inferred Mid.errors (originalEvent STRING NOT NULL, errorMessage STRING NOT NULL, errorType STRING NOT NULL, timestamp LONG NOT NULL, attemptCount INT NOT NULL, streamName STRING NOT NULL, query STRING, line INT, column INT)
--| query_1: S -> Mid
--|     Project a INT = a
--| query_2: Mid.errors -> Bad
--|     Project query STRING = query, column INT = column, timestamp LONG = timestamp

-- === a quoted name
CREATE STREAM "my stream" (v INT);
INSERT INTO Bad SELECT * FROM "my stream".errors;
INSERT INTO Also SELECT streamName FROM "my stream.errors";
--| internal my stream (v INT)
--| inferred Bad (originalEvent STRING NOT NULL, errorMessage STRING NOT NULL, errorType STRING NOT NULL, timestamp LONG NOT NULL, attemptCount INT NOT NULL, streamName STRING NOT NULL, query STRING, line INT, column INT)
--| inferred Also (streamName STRING NOT NULL)
--| inferred my stream.errors (originalEvent STRING NOT NULL, errorMessage STRING NOT NULL, errorType STRING NOT NULL, timestamp LONG NOT NULL, attemptCount INT NOT NULL, streamName STRING NOT NULL, query STRING, line INT, column INT)
--| query_1: my stream.errors -> Bad
--|     Project originalEvent STRING = originalEvent, errorMessage STRING = errorMessage, errorType STRING = errorType, timestamp LONG = timestamp, attemptCount INT = attemptCount, streamName STRING = streamName, query STRING = query, line INT = line, column INT = column
--| query_2: my stream.errors -> Also
--|     Project streamName STRING = streamName

-- === the errors of no stream
SELECT errorMessage FROM Oders.errors;
--| 1:26 error: unknown stream 'Oders'
--|     hint: did you mean 'Orders'?

-- === a column that errors don't have
SELECT errorMesage FROM S.errors;
--| 1:8 error: stream 'S.errors' has no column 'errorMesage'
--|     hint: did you mean 'errorMessage'?

-- === the errors of errors
SELECT errorMessage FROM "S.errors.errors";
--| 1:26 error: unknown stream 'S.errors'
--|     hint: known: Orders, Out, OutputStream, S

-- === nobody else may define such a stream
CREATE STREAM "S.errors" (v INT);
INSERT INTO "Orders.errors" SELECT a FROM S;
--| 1:15 error: no stream can be called 'S.errors'
--|     hint: it holds the errors of 'S'; choose another name
--| 2:13 error: no stream can be called 'Orders.errors'
--|     hint: it holds the errors of 'Orders'; choose another name

-- === errors that go back to where they come from
CREATE STREAM Raw (v STRING);
INSERT INTO Raw SELECT errorMessage FROM Raw.errors;
--| 2:13 error: these queries feed each other in a cycle: Raw.errors -> Raw -> Raw.errors
--|     hint: insert into another stream

-- === errors that go back on a long way
CREATE STREAM Raw (v STRING);
INSERT INTO Mid SELECT v FROM Raw;
INSERT INTO Back SELECT errorMessage AS v FROM Mid.errors;
INSERT INTO Raw SELECT v FROM Back;
--| 4:13 error: these queries feed each other in a cycle: Raw -> Mid -> Mid.errors -> Back -> Raw
--|     hint: insert into another stream

-- === a METADATA column that is called like a column of errors
CREATE STREAM Inbox (a INT, timestamp TIMESTAMP METADATA, key STRING METADATA)
WITH (type = 'source', extension = 'memory', format = 'json');
INSERT INTO Bad SELECT timestamp, key FROM Inbox.errors;
--| source Inbox (a INT, timestamp TIMESTAMP METADATA, key STRING METADATA) memory/json
--| inferred Bad (timestamp LONG NOT NULL, key STRING)
--| inferred Inbox.errors (originalEvent STRING NOT NULL, errorMessage STRING NOT NULL, errorType STRING NOT NULL, timestamp LONG NOT NULL, attemptCount INT NOT NULL, streamName STRING NOT NULL, query STRING, line INT, column INT, key STRING)
--| query_1: Inbox.errors -> Bad
--|     Project timestamp LONG = timestamp, key STRING = key
--| 3:44 warning: 'timestamp' is that of the error, not the METADATA column of Inbox
--|     hint: call the column otherwise: name TYPE METADATA FROM 'timestamp'

-- === nothing but METADATA columns
CREATE STREAM Inbox (key STRING METADATA) WITH (type = 'source', extension = 'memory', format = 'json');
INSERT INTO Keys SELECT * FROM Inbox;
--| 2:25 error: * leaves METADATA columns out, and there is no other
--|     hint: name them
