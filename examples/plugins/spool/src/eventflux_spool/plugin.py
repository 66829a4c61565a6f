"""What the distribution brings. EventFlux imports this module to learn the names, so it is
light: what does the work is imported when a factory makes something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Duration,
    MapperContext,
    Options,
    ScalarFunction,
    Sink,
    SinkFactory,
    SinkMapper,
    SinkMapperFactory,
    Source,
    SourceFactory,
    SourceKind,
    SourceMapper,
    SourceMapperFactory,
    hookimpl,
    option,
)

eventflux_spi = (1, 0)
"""The version of the plugin interface that this was written for, as plain numbers."""


class SpoolSourceOptions(Options, prefix="spool"):
    """Declared once: validation, `eventflux connectors spool` and the docs come from it."""

    folder: str = option(doc="the folder whose files are the messages")
    rejected: str = option(
        "rejected", doc="where files go that can't be processed; below spool.folder if relative"
    )
    follow: bool = option(True, doc="wait for new files; false: end when the folder is empty")
    poll_interval: Duration = option("250ms", doc="how often to look for new files", low=1)


class SpoolSinkOptions(Options, prefix="spool"):
    folder: str = option(doc="the folder that gets a file for each message")
    suffix: str = option(".msg", doc="what the names of the files end with")


class LogfmtSourceOptions(Options, prefix="logfmt"):
    unknown_keys: Literal["ignore", "refuse"] = option(
        "ignore", doc="what becomes of a line with keys that no column has"
    )


class LogfmtSinkOptions(Options, prefix="logfmt"):
    """A line has the columns that aren't NULL, in their order; there is nothing to choose."""


class SpoolSourceFactory(SourceFactory):
    name: ClassVar[str] = "spool"
    doc: ClassVar[str] = "files of a folder, each one a message that is deleted when it is done"
    kind: ClassVar[SourceKind] = "acking"
    options: ClassVar[type[Options]] = SpoolSourceOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def create(self, options: SpoolSourceOptions, context: ConnectorContext) -> Source:
        from eventflux_spool.source import SpoolSource

        return SpoolSource(options)


class SpoolSinkFactory(SinkFactory):
    name: ClassVar[str] = "spool"
    doc: ClassVar[str] = "a folder that gets a file for each message"
    options: ClassVar[type[Options]] = SpoolSinkOptions
    formats: ClassVar[Sequence[str]] = ("*",)

    def create(self, options: SpoolSinkOptions, context: ConnectorContext) -> Sink:
        from eventflux_spool.sink import SpoolSink

        return SpoolSink(options)


class LogfmtSourceMapperFactory(SourceMapperFactory):
    name: ClassVar[str] = "logfmt"
    doc: ClassVar[str] = 'lines such as  level=info msg="it\'s up" ms=12  to rows, a row each'
    options: ClassVar[type[Options]] = LogfmtSourceOptions

    def create(self, options: LogfmtSourceOptions, context: MapperContext) -> SourceMapper:
        from eventflux_spool.logfmt import LogfmtSourceMapper

        return LogfmtSourceMapper(options.unknown_keys == "refuse", context)


class LogfmtSinkMapperFactory(SinkMapperFactory):
    name: ClassVar[str] = "logfmt"
    doc: ClassVar[str] = "each row to one line such as  level=info ms=12"
    options: ClassVar[type[Options]] = LogfmtSinkOptions

    def create(self, options: LogfmtSinkOptions, context: MapperContext) -> SinkMapper:
        from eventflux_spool.logfmt import LogfmtSinkMapper

        return LogfmtSinkMapper(context)


def mask(text: str, kept: int) -> str:
    """``text`` with a ``*`` for each character but the last ``kept``.

    >>> mask("4111111111111111", 4)
    '************1111'
    """
    hidden = max(len(text) - max(kept, 0), 0)
    return "*" * hidden + text[hidden:]


@hookimpl
def register_source_factories() -> Sequence[SourceFactory]:
    return [SpoolSourceFactory()]


@hookimpl
def register_sink_factories() -> Sequence[SinkFactory]:
    return [SpoolSinkFactory()]


@hookimpl
def register_source_mapper_factories() -> Sequence[SourceMapperFactory]:
    return [LogfmtSourceMapperFactory()]


@hookimpl
def register_sink_mapper_factories() -> Sequence[SinkMapperFactory]:
    return [LogfmtSinkMapperFactory()]


@hookimpl
def register_functions() -> Sequence[ScalarFunction]:
    return [
        ScalarFunction(
            "mask",
            mask,
            [DataType.STRING, DataType.LONG],
            DataType.STRING,
            doc="a text with * for each character but the last n",
        )
    ]
