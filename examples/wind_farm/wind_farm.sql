-- An hour of a wind farm through ten queries, by the time of its readings, not by that at which they arrive.
-- How to run it: README.md beside this file.

CREATE STREAM Readings (
  turbine STRING NOT NULL,
  wind DOUBLE NOT NULL,
  power DOUBLE,
  at LONG NOT NULL,
  -- Up to this time all readings are there, but for a few: "Rated.late" has those.
  WATERMARK FOR at AS at - 10000
) WITH (type = 'source', extension = 'console', format = 'json');

-- What is told of: turbines that make too little of the wind, and what the farm made.
CREATE STREAM Faults (turbine STRING, minutes LONG, worst DOUBLE, since TIMESTAMP, till TIMESTAMP)
WITH (type = 'sink', extension = 'console', format = 'json');

CREATE STREAM Hours (energy DOUBLE, low DOUBLE, high DOUBLE, till TIMESTAMP)
WITH (type = 'sink', extension = 'console', format = 'json');

-- 1. Readings that tell something.
INSERT INTO Good
SELECT turbine, wind, power FROM Readings WHERE power IS NOT NULL AND wind > 0;

-- 2. Which share of what the wind would give is made of it.
INSERT INTO Rated
SELECT turbine, power, power / (1.5 * wind * wind * wind) AS share FROM Good;

-- 3. One row for ten seconds of a turbine, however often it reported.
INSERT INTO Tens
SELECT turbine, avg(power) AS power, avg(share) AS share
FROM Rated WINDOW('tumbling', 10 SECONDS)
GROUP BY turbine;

-- 4. A minute of these: a window over a window.
INSERT INTO Minutes
SELECT turbine, avg(power) AS power, avg(share) AS share, count(*) AS tens
FROM Tens WINDOW('tumbling', 1 MINUTE)
GROUP BY turbine;

-- 5. Every minute the last five of each turbine.
INSERT INTO Smooth
SELECT turbine, avg(share) AS share, stddev(power) AS swing, count(*) AS minutes
FROM Minutes WINDOW('hop', 5 MINUTES, 1 MINUTE)
GROUP BY turbine;

-- 6. Those that make too little of it; what less than three minutes tell may be chance.
INSERT INTO Weak
SELECT turbine, share FROM Smooth WHERE share < 0.8 AND minutes >= 3;

-- 7. A fault lasts until a turbine was not weak for three minutes.
INSERT INTO Faults
SELECT turbine, count(*) AS minutes, min(share) AS worst, window_start() AS since, window_end() AS till
FROM Weak WINDOW('session', 3 MINUTES, turbine)
GROUP BY turbine;

-- 8. The whole farm, minute by minute.
INSERT INTO Farm
SELECT sum(power) AS power, count(*) AS turbines
FROM Minutes WINDOW('tumbling', 1 MINUTE);

-- 9. Each quarter of an hour of it: kWh, and between which kW they were made.
INSERT INTO Quarters
SELECT avg(power) / 4 AS energy, min(power) AS low, max(power) AS high, window_end() AS till
FROM Farm WINDOW('tumbling', 15 MINUTES);

-- 10. And the hour.
INSERT INTO Hours
SELECT sum(energy) AS energy, min(low) AS low, max(high) AS high, last(till) AS till
FROM Quarters WINDOW('lengthBatch', 4);
