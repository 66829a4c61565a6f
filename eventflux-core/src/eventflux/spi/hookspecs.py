"""The hooks that a plugin may implement, and the version of this interface.

A plugin is a light module named by one entry point of the group ``eventflux``. It states
the version that it was written for and hands over its factories::

    from eventflux.spi import SourceFactory, hookimpl

    eventflux_spi = (1, 0)

    @hookimpl
    def register_source_factories():
        from my_package.source import MySourceFactory
        return [MySourceFactory()]

Each hook is called once, when a manager is made, and returns factories, which are small:
what is heavy (client libraries) is imported when a factory creates something.
"""

# mypy: disable-error-code="empty-body"
# A hook specification is a signature and its documentation; nothing calls it.

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pluggy

from eventflux.spi.mapper import SinkMapperFactory, SourceMapperFactory
from eventflux.spi.own_aggregates import SqlCallable
from eventflux.spi.sink import SinkFactory
from eventflux.spi.source import SourceFactory
from eventflux.spi.state_store import StateStoreFactory

PROJECT: Final = "eventflux"
"""The name of the pluggy project and of the entry-point group."""

SPI_VERSION: Final[tuple[int, int]] = (1, 0)
"""(major, minor) of this interface. Plugins write theirs as plain numbers: the major must be
the same, the minor not greater; a minor only adds."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the implementation of the hook of its name."""


@hookspec
def register_source_factories() -> Sequence[SourceFactory]:
    """The source connectors that the plugin brings, one factory each.

    ``factory.name`` is what SQL calls it in ``extension = '…'``, in any case; a source and
    a sink may share a name, two sources may not.
    """


@hookspec
def register_sink_factories() -> Sequence[SinkFactory]:
    """The sink connectors that the plugin brings, one factory each."""


@hookspec
def register_source_mapper_factories() -> Sequence[SourceMapperFactory]:
    """The mappers from payloads to rows: ``factory.name`` is the ``format`` of a source."""


@hookspec
def register_sink_mapper_factories() -> Sequence[SinkMapperFactory]:
    """The mappers from rows to payloads: ``factory.name`` is the ``format`` of a sink."""


@hookspec
def register_state_store_factories() -> Sequence[StateStoreFactory]:
    """The state stores that the plugin brings: ``factory.name`` is what ``checkpoint.store``
    names."""


@hookspec
def register_functions() -> Sequence[SqlCallable | Callable[..., Any]]:
    """The functions and aggregates that the plugin brings: decorated with ``@eventflux.function``
    or ``@eventflux.aggregate``, or described by a :class:`ScalarFunction`.

    Their names and aliases are called in any case; none may be taken already.
    """
