"""A source whose name the core has, and a function that is gone with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from eventflux.base.types import DataType
from eventflux.spi import (
    ConnectorContext,
    Options,
    ScalarFunction,
    Source,
    SourceFactory,
    SourceKind,
    hookimpl,
)

eventflux_spi = (1, 0)


class NoOptions(Options):
    """Nothing can be set."""


class SecondTimerFactory(SourceFactory):
    name: ClassVar[str] = "Timer"
    doc: ClassVar[str] = "would stand in the way of the timer"
    kind: ClassVar[SourceKind] = "live"
    options: ClassVar[type[Options]] = NoOptions

    def create(self, options: NoOptions, context: ConnectorContext) -> Source:
        raise NotImplementedError


@hookimpl
def register_functions() -> Sequence[ScalarFunction]:
    return [ScalarFunction("taken_down", str.upper, [DataType.STRING], DataType.STRING)]


@hookimpl
def register_source_factories() -> Sequence[SourceFactory]:
    return [SecondTimerFactory()]
