"""EventFlux: streaming SQL between message brokers, in one Python process.

::

    from eventflux import EventFluxManager

    app = EventFluxManager().create_app(open("orders.sql").read())
    with app:
        app.wait_finished()

Names are imported when they are first used, so that ``import eventflux`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventflux import memory
    from eventflux.app import AppRuntime, EventFluxManager, InputHandler
    from eventflux.base.errors import (
        BackpressureError,
        Diagnostic,
        EventFluxError,
        InputError,
        MissingPackageError,
        OptionError,
        PluginError,
        RefusedError,
        RowError,
        SqlError,
        StartError,
        StateError,
        StreamFailed,
        UnreachableError,
        UsageError,
    )
    from eventflux.spi.own_aggregates import aggregate
    from eventflux.spi.own_functions import function

_HOMES = {
    **dict.fromkeys(("AppRuntime", "EventFluxManager", "InputHandler"), "eventflux.app"),
    **dict.fromkeys(
        (
            "BackpressureError",
            "Diagnostic",
            "EventFluxError",
            "InputError",
            "MissingPackageError",
            "OptionError",
            "PluginError",
            "RefusedError",
            "RowError",
            "SqlError",
            "StartError",
            "StateError",
            "StreamFailed",
            "UnreachableError",
            "UsageError",
        ),
        "eventflux.base.errors",
    ),
    "aggregate": "eventflux.spi.own_aggregates",
    "function": "eventflux.spi.own_functions",
}

__all__ = [
    "AppRuntime",
    "BackpressureError",
    "Diagnostic",
    "EventFluxError",
    "EventFluxManager",
    "InputError",
    "InputHandler",
    "MissingPackageError",
    "OptionError",
    "PluginError",
    "RefusedError",
    "RowError",
    "SqlError",
    "StartError",
    "StateError",
    "StreamFailed",
    "UnreachableError",
    "UsageError",
    "aggregate",
    "function",
    "memory",
]


def __getattr__(name: str) -> Any:
    if name == "memory":
        return importlib.import_module("eventflux.memory")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'eventflux' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return __all__
