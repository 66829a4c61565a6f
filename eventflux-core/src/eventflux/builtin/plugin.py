"""The factories of the built-in connectors, and of the state store."""

from __future__ import annotations

from collections.abc import Sequence

from eventflux.spi import SinkFactory, SourceFactory, StateStoreFactory, hookimpl

eventflux_spi = (1, 0)


@hookimpl
def register_source_factories() -> Sequence[SourceFactory]:
    from eventflux.builtin.factories import (
        ConsoleSourceFactory,
        MemorySourceFactory,
        TimerSourceFactory,
    )

    return [ConsoleSourceFactory(), MemorySourceFactory(), TimerSourceFactory()]


@hookimpl
def register_sink_factories() -> Sequence[SinkFactory]:
    from eventflux.builtin.factories import ConsoleSinkFactory, LogSinkFactory, MemorySinkFactory

    return [ConsoleSinkFactory(), LogSinkFactory(), MemorySinkFactory()]


@hookimpl
def register_state_store_factories() -> Sequence[StateStoreFactory]:
    from eventflux.builtin.sqlite.factory import SqliteStoreFactory

    return [SqliteStoreFactory()]
