"""The Python API: managers make apps, apps are started, fed, watched and stopped.

::

    manager = EventFluxManager()
    app = manager.create_app(sql)
    app.on("OrderOutput", print)
    with app:
        app.input("OrderInput").send({"order_id": "1", "amount": 250.0}, wait="confirmed")
"""

from eventflux.app.app_runtime import AppRuntime
from eventflux.app.inputs import InputHandler
from eventflux.app.manager import EventFluxManager

__all__ = ["AppRuntime", "EventFluxManager", "InputHandler"]
