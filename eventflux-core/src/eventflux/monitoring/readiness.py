"""Whether an app does its work: what ``/ready`` and systemd's status tell."""

from __future__ import annotations

from typing import TypedDict

from eventflux.app import AppRuntime

_WELL = ("running", "ended")
"""How the health of a connector that works, or has done its work, begins."""


class ConnectorReadiness(TypedDict):
    ready: bool
    health: str


class Readiness(TypedDict):
    """``ready`` is true while the app runs and each of its connectors is connected."""

    ready: bool
    app: str
    state: str
    connectors: dict[str, ConnectorReadiness]


def readiness(app: AppRuntime) -> Readiness:
    """The readiness of an app, with the health of each connector by its stream."""
    connectors: dict[str, ConnectorReadiness] = {
        stream: {"ready": health.startswith(_WELL), "health": health}
        for stream, health in app.health().items()
    }
    ready = app.state == "running" and all(one["ready"] for one in connectors.values())
    return {"ready": ready, "app": app.name, "state": app.state, "connectors": connectors}


def status_text(app: AppRuntime) -> str:
    """The state in a line, with the connectors that don't just run."""
    parts: list[str] = [app.state]
    parts += [f"{stream} {how}" for stream, how in app.health().items() if how != app.state]
    return " · ".join(parts)
