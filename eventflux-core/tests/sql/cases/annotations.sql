-- === the name of the app and of a query
@app:name('orders') @app:description("what it does")
@info(name = "high")
FROM S WHERE a > 5 SELECT a INSERT INTO Out2;
@info(name='low') SELECT a FROM S INSERT INTO Out3; @app(version = 1)
--| setting app.name = orders
--| inferred Out2 (a INT)
--| inferred Out3 (a INT)
--| high: S -> Out2
--|     Project a INT = a
--|     Filter a > 5
--| low: S -> Out3
--|     Project a INT = a
--| 1:21 warning: the annotation @app:description means nothing here
--| 3:41 warning: stream 'Out2' is declared nowhere, and no query reads it
--|     hint: did you mean 'Out'?
--| 4:47 warning: stream 'Out3' is declared nowhere, and no query reads it
--|     hint: did you mean 'Out'?
--| 4:53 warning: the annotation @app(version = …) means nothing here

-- === the name of the app in parentheses
@app(name = 'orders') SELECT a FROM S;
--| setting app.name = orders
--| inferred OutputStream (a INT)
--| query_1: S -> OutputStream
--|     Project a INT = a

-- === a program in Siddhi's words
@app:name("Orders")
@source(type = 'rabbitmq', uri = 'amqp://localhost', queue = 'orders', rabbitmq.prefetch = '10', @map(type = 'json', fail-on-unknown-fields = 'true'))
define stream OrderInput (id string, amount double);
@sink(type='log', prefix = 'LOG', @map(type='json'))
define stream High (id string, amount double);
@async(buffer.size = '64', workers = '2')
define stream Inner (id string);
@info(name = 'high')
from OrderInput select id, amount insert into High;
--| setting app.name = Orders
--| source OrderInput (id STRING, amount DOUBLE) rabbitmq/json
--|     rabbitmq.uri = amqp://localhost
--|     rabbitmq.queue = orders
--|     rabbitmq.prefetch = 10
--|     json.fail-on-unknown-fields = true
--| sink High (id STRING, amount DOUBLE) log/json
--|     log.prefix = LOG
--| internal Inner (id STRING)
--| high: OrderInput -> High
--|     Project id STRING = id, amount DOUBLE = amount
--| 6:1 warning: the annotation @async means nothing here
--|     hint: leave it out: rows are batched by themselves, and each stream has its bounds

-- === annotations that mean nothing
@priority(5) @info(name = 'x') CREATE STREAM X (a INT);
@info(label = 'x') SELECT a FROM S;
@source(queue = 'x') CREATE STREAM Y (a INT);
@sink(type = 'log', @distribution(strategy = 'x')) CREATE STREAM Z (a INT);
@app:statistics(reporter = 'x') @app SET app.time = 'event';
--| setting app.time = event
--| internal X (a INT)
--| internal Y (a INT)
--| sink Z (a INT) log/None
--| inferred OutputStream (a INT)
--| query_1: S -> OutputStream
--|     Project a INT = a
--| 1:1 warning: the annotation @priority means nothing here
--| 1:14 warning: the annotation @info means nothing here
--| 2:1 warning: the annotation @info means nothing here
--| 3:1 warning: the annotation @source means nothing here
--| 4:21 warning: the annotation @distribution in @sink means nothing here
--| 5:1 warning: the annotation @app:statistics means nothing here
--| 5:33 warning: the annotation @app means nothing here

-- === annotations behind which nothing stands
@info(name = 'x');
SELECT a FROM S; @app:name('late')
--| 1:1 error: no statement stands behind @info
--|     hint: an annotation stands right before what it is about, without a ; between

-- === annotations that can't be read
@(name = 'x') SELECT a FROM S;
@info(name = ) SELECT a FROM S;
@info(name = 'x' SELECT a FROM S;
@source(type = 'x', @map(delimiter = ',')) CREATE STREAM X (a INT);
--| 1:2 error: expected the name of the annotation, found '('
--| 2:14 error: expected a value: 'text', a number, TRUE, FALSE, NULL or a word, found ')'
--| 3:18 error: expected , or ) in an annotation, found 'SELECT'
--| 4:21 error: @map names no type
--|     hint: @map(type = 'json')

-- === names given twice
@info(name = 'x') SELECT a FROM S WITH (name = 'y');
@app:name('a') SET app.name = 'b';
--| 1:7 error: this query sets 'name' twice
--| 2:16 error: app.name is set twice

-- === a mark of annotations elsewhere
SELECT a @ b FROM S;
--| 1:10 error: expected a comma or FROM, found '@'
