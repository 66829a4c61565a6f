-- === METADATA columns of a source and of a sink
CREATE STREAM In1 (a INT, k STRING NOT NULL METADATA FROM 'routing_key', priority INT METADATA) WITH (
  type = 'source', extension = 'rabbitmq', format = 'json'
);
CREATE STREAM Out1 (a INT, k STRING METADATA FROM 'routing_key') WITH (
  type = 'sink', extension = 'rabbitmq', format = 'json'
);
INSERT INTO Out1 (k, a) SELECT k, priority FROM In1;
--| source In1 (a INT, k STRING NOT NULL METADATA FROM 'routing_key', priority INT METADATA) rabbitmq/json
--| sink Out1 (a INT, k STRING METADATA FROM 'routing_key') rabbitmq/json
--| query_1: In1 -> Out1
--|     Project a INT = priority, k STRING = k

-- === a star leaves METADATA out, a positional INSERT gives it no value
CREATE STREAM In1 (a INT, k STRING METADATA) WITH (type = 'source', extension = 'x');
CREATE STREAM Out1 (k STRING METADATA, a INT) WITH (type = 'sink', extension = 'x');
INSERT INTO Out1 SELECT * FROM In1;
INSERT INTO Copy SELECT *, k FROM In1;
--| source In1 (a INT, k STRING METADATA) x/None
--| sink Out1 (k STRING METADATA, a INT) x/None
--| inferred Copy (a INT, k STRING)
--| query_1: In1 -> Out1
--|     Project k STRING = NULL, a INT = a
--| query_2: In1 -> Copy
--|     Project a INT = a, k STRING = k

-- === metadata is an ordinary name elsewhere
CREATE STREAM metadata (metadata INT, "from" STRING);
SELECT metadata.metadata AS metadata FROM metadata;
--| internal metadata (metadata INT, from STRING)
--| inferred OutputStream (metadata INT)
--| query_1: metadata -> OutputStream
--|     Project metadata INT = metadata

-- === METADATA of a stream without messages
CREATE STREAM X (a INT, k STRING METADATA FROM 'routing_key');
INSERT INTO Y SELECT a, k, nope FROM X;
--| 1:48 error: X is neither source nor sink: its messages have no METADATA
--|     hint: write k STRING for a column like the others
--| 2:28 error: stream 'X' has no column 'nope'
--|     hint: known: a, k

-- === METADATA FROM nothing, a name without quotes, a number
CREATE STREAM X (a INT METADATA FROM, k STRING METADATA FROM routing_key, n INT METADATA FROM 5)
WITH (type = 'source', extension = 'x');
--| 1:37 error: expected the name of the metadata in single quotes, found ','
--| 1:62 error: expected the name of the metadata in single quotes, found 'routing_key'
--|     hint: write FROM 'routing_key'
--| 1:95 error: expected the name of the metadata in single quotes, found '5'

-- === METADATA before NOT NULL
CREATE STREAM X (a INT METADATA NOT NULL) WITH (type = 'source', extension = 'x');
--| 1:33 error: NOT NULL stands before METADATA
--|     hint: write name type NOT NULL METADATA

-- === the same METADATA set twice
CREATE STREAM X (a INT METADATA FROM 'k', b INT METADATA FROM 'k') WITH (type = 'sink', extension = 'x');
--| 1:63 error: two columns of X set the METADATA 'k'

-- === the same METADATA read twice
CREATE STREAM X (a INT METADATA FROM 'k', b LONG METADATA FROM 'k') WITH (type = 'source', extension = 'x');
--| source X (a INT METADATA FROM 'k', b LONG METADATA FROM 'k') x/None

-- === METADATA given by position
CREATE STREAM Out1 (a INT, k STRING METADATA) WITH (type = 'sink', extension = 'x');
INSERT INTO Out1 SELECT a, s FROM S;
--| 2:18 error: this query selects 2 columns, but 'Out1' has 1 column
--|     hint: Out1 is (a INT, k STRING METADATA); METADATA columns are listed: INSERT INTO Out1 (…)

-- === METADATA that must be set and is not
CREATE STREAM Out1 (a INT, k STRING NOT NULL METADATA) WITH (type = 'sink', extension = 'x');
INSERT INTO Out1 SELECT a FROM S;
INSERT INTO Out1 (a) SELECT a FROM S;
INSERT INTO Out1 (k) SELECT t FROM S;
--| 2:18 error: column 'k' of 'Out1' is NOT NULL, and this query gives it no value
--|     hint: list it: INSERT INTO Out1 (…, k)
--| 3:19 error: column 'k' of 'Out1' is NOT NULL, and this query gives it no value
--|     hint: list it: INSERT INTO Out1 (…, k)

-- === event time from METADATA
CREATE STREAM X (a INT, at LONG METADATA FROM 'timestamp')
WITH (type = 'source', extension = 'x', event.time = 'at');
--| source X (a INT, at LONG METADATA FROM 'timestamp') x/None event time at
