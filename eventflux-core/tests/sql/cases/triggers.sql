-- === at the start
CREATE TRIGGER T AT START;
--| internal T (triggered_time LONG NOT NULL)

-- === at the start, in quotes
DEFINE TRIGGER T AT 'start';
--| internal T (triggered_time LONG NOT NULL)

-- === every so often
CREATE TRIGGER T AT EVERY 90 sec;
--| internal T (triggered_time LONG NOT NULL)

-- === a bare number is milliseconds
CREATE TRIGGER T AT EVERY 5000;
--| internal T (triggered_time LONG NOT NULL)

-- === an option
CREATE TRIGGER "my trigger" AT EVERY INTERVAL '5' MINUTE WITH (catch_up = TRUE);
--| internal my trigger (triggered_time LONG NOT NULL)

-- === cron
CREATE TRIGGER T AT CRON '0 9 * * MON-FRI';
--| internal T (triggered_time LONG NOT NULL)

-- === cron without the word
CREATE TRIGGER T AT '*/5 * * * * ?';
--| internal T (triggered_time LONG NOT NULL)
