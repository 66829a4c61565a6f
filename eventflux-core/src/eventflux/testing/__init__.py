"""For tests of apps and of plugins.

``AppRunner`` runs an app on a virtual clock, without threads, connectors or waiting;
:mod:`eventflux.testing.scripted` has connectors that fail as a script says;
:mod:`eventflux.testing.conformance` has the tests that every connector, mapper and function
passes. The latter needs pytest: ``pip install 'eventflux-core[testing]'``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventflux.testing.app_runner import AppRunner, Revision
    from eventflux.testing.conformance import (
        FunctionConformance,
        SinkConformance,
        SinkMapperConformance,
        SourceConformance,
        SourceMapperConformance,
        StateStoreConformance,
    )

__all__ = [
    "AppRunner",
    "FunctionConformance",
    "Revision",
    "SinkConformance",
    "SinkMapperConformance",
    "SourceConformance",
    "SourceMapperConformance",
    "StateStoreConformance",
]


def __getattr__(name: str) -> Any:
    """Names are imported when they are first used: pytest imports this package everywhere."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "app_runner" if name in ("AppRunner", "Revision") else "conformance"
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
