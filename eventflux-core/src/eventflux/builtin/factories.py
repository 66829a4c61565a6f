"""The built-in connectors as SQL names them, and what makes them.

A connector's own module is imported when one is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from eventflux.base.errors import OptionError
from eventflux.base.types import DataType, Schema
from eventflux.builtin.options import (
    ConsoleOptions,
    LogOptions,
    MemorySinkOptions,
    MemorySourceOptions,
    TimerOptions,
)
from eventflux.spi import (
    ConnectorContext,
    Sink,
    SinkFactory,
    Source,
    SourceFactory,
    SourceKind,
    Weakness,
)


class ConsoleSourceFactory(SourceFactory):
    """Live: a line that has been read is not read again."""

    name: ClassVar[str] = "console"
    doc: ClassVar[str] = "reads standard input, one payload a line, until it ends"
    kind: ClassVar[SourceKind] = "live"
    options: ClassVar[type[ConsoleOptions]] = ConsoleOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    lines: ClassVar[bool] = True

    def create(self, options: ConsoleOptions, context: ConnectorContext) -> Source:
        from eventflux.builtin.console import ConsoleSource

        return ConsoleSource(context.stream)


class ConsoleSinkFactory(SinkFactory):
    """A line counts as delivered when the system has taken it."""

    name: ClassVar[str] = "console"
    doc: ClassVar[str] = "writes to standard output, one payload a line"
    options: ClassVar[type[ConsoleOptions]] = ConsoleOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    lines: ClassVar[bool] = True

    def create(self, options: ConsoleOptions, context: ConnectorContext) -> Sink:
        from eventflux.builtin.console import ConsoleSink

        return ConsoleSink()


class LogSinkFactory(SinkFactory):
    """An event counts as delivered when it has been handed to logging."""

    name: ClassVar[str] = "log"
    doc: ClassVar[str] = "logs each event in a line, as its format writes it or by column"
    options: ClassVar[type[LogOptions]] = LogOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    format_optional: ClassVar[bool] = True

    def create(self, options: LogOptions, context: ConnectorContext) -> Sink:
        from eventflux.builtin.log import LogSink

        return LogSink(options, context)


MEMORY_METADATA = {
    "key": DataType.STRING,
    "timestamp": DataType.TIMESTAMP,
    "headers.*": DataType.OBJECT,
}
"""What :class:`eventflux.memory.Message` can have beside its payload."""

_CHANNELS_DIE = Weakness("its channel is gone when the process ends")


class MemorySourceFactory(SourceFactory):
    """At-least-once as long as the process lives; the channels die with it."""

    name: ClassVar[str] = "memory"
    doc: ClassVar[str] = "reads a channel of payloads inside this process"
    kind: ClassVar[SourceKind] = "acking"
    options: ClassVar[type[MemorySourceOptions]] = MemorySourceOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    metadata: ClassVar[Mapping[str, DataType]] = MEMORY_METADATA

    def weaknesses(self, options: MemorySourceOptions) -> Sequence[Weakness]:
        return (_CHANNELS_DIE,)

    def create(self, options: MemorySourceOptions, context: ConnectorContext) -> Source:
        from eventflux.builtin.memory import MemorySource

        return MemorySource(options, context.metadata)


class MemorySinkFactory(SinkFactory):
    """A sent payload is in its channel; the channels die with the process."""

    name: ClassVar[str] = "memory"
    doc: ClassVar[str] = "writes to a channel of payloads inside this process"
    options: ClassVar[type[MemorySinkOptions]] = MemorySinkOptions
    formats: ClassVar[Sequence[str]] = ("*",)
    metadata: ClassVar[Mapping[str, DataType]] = MEMORY_METADATA

    def weaknesses(self, options: MemorySinkOptions) -> Sequence[Weakness]:
        return (_CHANNELS_DIE,)

    def create(self, options: MemorySinkOptions, context: ConnectorContext) -> Sink:
        from eventflux.builtin.memory import MemorySink

        return MemorySink(options)


class TimerSourceFactory(SourceFactory):
    """Live: a row that no one took is gone."""

    name: ClassVar[str] = "timer"
    doc: ClassVar[str] = "gives the row ('tick') at once and after each interval"
    kind: ClassVar[SourceKind] = "live"
    options: ClassVar[type[TimerOptions]] = TimerOptions

    def check_schema(self, context: ConnectorContext, schema: Schema) -> None:
        if [column.type for column in schema.columns] != [DataType.STRING]:
            raise OptionError(
                f"a timer gives one STRING column, not {schema}",
                f"CREATE STREAM {context.stream} (tick STRING) WITH (…)",
            )

    def create(self, options: TimerOptions, context: ConnectorContext) -> Source:
        from eventflux.builtin.timer import TimerSource

        return TimerSource(options)
