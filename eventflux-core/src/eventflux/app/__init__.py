"""The Python API: managers make apps, apps are started, fed, watched and stopped.

::

    manager = EventFluxManager()
    app = manager.create_app(sql)
    app.on("OrderOutput", print)
    with app:
        app.input("OrderInput").send({"order_id": "1", "amount": 250.0}, wait="confirmed")

Names are imported when they are first used: reading and checking a program
(:mod:`eventflux.app.program`) does without the runtime.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventflux.app.app_runtime import AppRuntime
    from eventflux.app.inputs import InputHandler
    from eventflux.app.manager import EventFluxManager

_HOMES = {
    "AppRuntime": "eventflux.app.app_runtime",
    "EventFluxManager": "eventflux.app.manager",
    "InputHandler": "eventflux.app.inputs",
}

__all__ = ["AppRuntime", "EventFluxManager", "InputHandler"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'eventflux.app' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
