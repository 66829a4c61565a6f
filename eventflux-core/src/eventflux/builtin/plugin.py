"""The factories of the built-in connectors."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.spi import SinkFactory, SourceFactory, hookimpl

eventflux_spi = (1, 0)


@hookimpl
def register_source_factories() -> Sequence[SourceFactory]:
    from eventflux.builtin.console import ConsoleSourceFactory
    from eventflux.builtin.memory import MemorySourceFactory
    from eventflux.builtin.timer import TimerSourceFactory

    return [ConsoleSourceFactory(), MemorySourceFactory(), TimerSourceFactory()]


@hookimpl
def register_sink_factories() -> Sequence[SinkFactory]:
    from eventflux.builtin.console import ConsoleSinkFactory
    from eventflux.builtin.log import LogSinkFactory
    from eventflux.builtin.memory import MemorySinkFactory

    return [ConsoleSinkFactory(), LogSinkFactory(), MemorySinkFactory()]
