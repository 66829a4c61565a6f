"""A source, a sink and a function of your own, registered from Python and used in SQL.

Run it:  python examples/custom_connectors.py

Each is one function here. What needs more (a check at start, METADATA columns, positions) is a
factory, see examples/plugins/spool; `manager.context.add_source_factory` takes those.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from eventflux import EventFluxManager
from eventflux.spi import ConnectorContext, option

SQL = """
CREATE STREAM Readings (sensor STRING, celsius DOUBLE) WITH (
  type = 'source', extension = 'thermometer',
  "thermometer.readings" = '5', "thermometer.start" = '97.5'
);
CREATE STREAM Alarms (sensor STRING, fahrenheit DOUBLE) WITH (
  type = 'sink', extension = 'notebook'
);
INSERT INTO Alarms
SELECT sensor, fahrenheit(celsius) AS fahrenheit FROM Readings WHERE celsius > 98;
"""


async def thermometer(
    context: ConnectorContext,
    readings: int = option(doc="how many readings to give before the input ends", low=1),
    start: float = option(20.0, doc="the first reading, in °C; each next one is 0.5 higher"),
) -> AsyncGenerator[tuple[str, float], None]:
    """temperatures that rise by half a degree"""
    for number in range(readings):
        yield context.stream.lower(), start + number / 2


def fahrenheit(celsius: float) -> float:
    return celsius * 9 / 5 + 32


def main() -> list[Any]:
    """Run the program until its input ends, and return what the sink was given."""
    manager = EventFluxManager()
    manager.source("thermometer")(thermometer)
    manager.context.add_function("fahrenheit", fahrenheit)
    pages: list[Any] = []

    @manager.sink("notebook")
    async def notebook(row: Any) -> None:
        """a list in this process"""
        pages.append((row.sensor, row.fahrenheit))

    with manager.create_app(SQL) as app:
        app.wait_finished()
    return pages


if __name__ == "__main__":
    for sensor, degrees in main():
        print(f"{sensor}: {degrees:.1f} °F")
