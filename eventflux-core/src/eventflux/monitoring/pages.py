"""The pages that tell of a running app. None shows an option's value, so no secret either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from eventflux.app import AppRuntime
from eventflux.monitoring.http_server import Page, Response
from eventflux.monitoring.metrics import AppMetrics, prometheus
from eventflux.monitoring.readiness import readiness


def pages(app: AppRuntime) -> dict[str, Page]:
    """The pages by their paths.

    - ``/live``: 200 as long as the event loop answers.
    - ``/ready``: 200 while the app runs and all connectors are connected, else 503; why is told.
    - ``/metrics``: for Prometheus, those of the process too.
    - ``/stats``: the counters of ``app.stats()``.

    Raises:
        MissingPackageError: prometheus-client is not installed.
    """
    exposition, process = prometheus("exposition"), prometheus("process_collector")
    registry = prometheus("registry").CollectorRegistry()
    registry.register(AppMetrics(app))
    process.ProcessCollector(registry=registry)

    def live(headers: Mapping[str, str]) -> Response:
        return _json(200, {"live": True, "app": app.name, "state": app.state})

    def ready(headers: Mapping[str, str]) -> Response:
        told = readiness(app)
        return _json(200 if told["ready"] else 503, told)

    def metrics(headers: Mapping[str, str]) -> Response:
        encode, content_type = exposition.choose_encoder(headers.get("accept", ""))
        return Response(200, content_type, encode(registry))

    def stats(headers: Mapping[str, str]) -> Response:
        return _json(200, {"app": app.name, "state": app.state, **app.stats()})

    return {"/live": live, "/ready": ready, "/metrics": metrics, "/stats": stats}


def _json(status: int, content: Any) -> Response:
    return Response(status, "application/json", msgspec.json.encode(content) + b"\n")
