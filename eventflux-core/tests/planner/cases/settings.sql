-- === a setting that nobody knows
SET app.tme = 'event';
--| 1:1 error: unknown setting 'app.tme'
--|     hint: did you mean 'app.time'?

-- === a setting of nothing
SET application = 'x';
--| 1:1 error: unknown setting 'application'
--|     hint: did you mean 'app.timezone'?

-- === how long state is kept
SET state.ttl = '5 s';
--| setting state.ttl = 5 s

-- === a clock that nobody knows
SET app.time = 'virtual';
--| 1:16 error: app.time is one of 'system', 'event', not 'virtual'

-- === a condition that is none
SET app.flush.on.stop = 'yes';
--| 1:25 error: app.flush.on.stop is TRUE or FALSE, not 'yes'

-- === a duration that is none
SET app.start.timeout = 'soon';
--| 1:25 error: app.start.timeout is a duration such as '30s', not 'soon'
--|     hint: 'soon' is not a duration such as 250, '250ms', '2s' or '1 min 30 sec'

-- === a duration of nothing
SET app.stop.timeout = 0;
--| 1:24 error: app.stop.timeout must be more than 0

-- === an empty name
SET app.name = '  ';
--| 1:16 error: app.name can't be empty

-- === a setting twice
SET app.name = 'a';
SET app.name = 'b';
--| 2:1 error: app.name is set twice
