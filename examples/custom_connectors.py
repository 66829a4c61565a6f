"""A source, a sink and a function of your own, registered from Python and used in SQL.

Run it:  python examples/custom_connectors.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from eventflux import EventFluxManager
from eventflux.spi import (
    ConnectorContext,
    EndOfStream,
    Options,
    Positions,
    ReceiveLimits,
    Refusal,
    Sink,
    SinkBatch,
    SinkFactory,
    Source,
    SourceBatch,
    SourceFactory,
    SourceKind,
    option,
)

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


class ThermometerOptions(Options, prefix="thermometer"):
    """Declared once: this gives validation, defaults and the help of `eventflux connectors`."""

    readings: int = option(doc="how many readings to give before the input ends", low=1)
    start: float = option(20.0, doc="the first reading, in °C; each next one is 0.5 higher")


class Thermometer(Source):
    """Gives rising temperatures and then ends. It gives rows, so it needs no format."""

    def __init__(self, options: ThermometerOptions, sensor: str) -> None:
        self._options = options
        self._sensor = sensor
        self._given = 0

    async def open(self, positions: Positions | None) -> None:
        self._given = 0

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        left = self._options.readings - self._given
        if left == 0:
            raise EndOfStream
        first = self._given
        self._given += min(left, limits.messages)
        start = self._options.start
        return SourceBatch([(self._sensor, start + n / 2) for n in range(first, self._given)])

    async def close(self) -> None:
        """Nothing is open."""


class ThermometerFactory(SourceFactory):
    name = "thermometer"
    doc = "temperatures that rise by half a degree"
    kind: ClassVar[SourceKind] = "live"
    options = ThermometerOptions

    def create(self, options: ThermometerOptions, context: ConnectorContext) -> Source:
        return Thermometer(options, sensor=context.stream.lower())


class NoOptions(Options):
    """A connector without options."""


class Notebook(Sink):
    """Keeps what is written to it, in a list."""

    def __init__(self, pages: list[Any]) -> None:
        self._pages = pages

    async def open(self) -> None:
        """Nothing to connect to."""

    async def send(self, batch: SinkBatch) -> Sequence[Refusal]:
        self._pages.extend(batch.payloads)
        return ()

    async def close(self) -> None:
        """Nothing is open."""


class NotebookFactory(SinkFactory):
    name = "notebook"
    doc = "a list in this process"
    options = NoOptions

    def __init__(self) -> None:
        self.pages: list[Any] = []

    def create(self, options: NoOptions, context: ConnectorContext) -> Sink:
        return Notebook(self.pages)


def fahrenheit(celsius: float) -> float:
    return celsius * 9 / 5 + 32


def main() -> list[Any]:
    """Run the program until its input ends, and return what the sink was given."""
    manager = EventFluxManager()
    notebook = NotebookFactory()
    manager.context.add_source_factory("thermometer", ThermometerFactory())
    manager.context.add_sink_factory("notebook", notebook)
    manager.context.add_function("fahrenheit", fahrenheit)
    with manager.create_app(SQL) as app:
        app.wait_finished()
    return notebook.pages


if __name__ == "__main__":
    for sensor, degrees in main():
        print(f"{sensor}: {degrees:.1f} °F")
